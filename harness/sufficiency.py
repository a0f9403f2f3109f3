"""Does a bench suffice? Read from the record of a rehearsal: what could not be decided, by how much, and why.

Whether the rehearsed device passed is of no interest here; only whether it could have been judged.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from harness.claims import UNDECLARED
from harness.finding import Finding, State
from harness.limits import LEAST_TUR, REFINES, UNDECIDED, Rule
from harness.record import read_record

_MOST_CASES = 3


class Blame(NamedTuple):
    """The source that most of an uncertainty is from, and its share of the variance."""

    source: str
    share: float


@dataclass(frozen=True, slots=True)
class Value:
    """One value that was judged in the rehearsal; numbers are in its unit.

    Attributes:
        case: The case, with its conditions.
        base: The case as the plan names it.
        name: Of the measure.
        unit: That is printed.
        value: What was measured.
        low: Lower limit, or None.
        high: Upper limit, or None.
        U: Expanded uncertainty.
        short_by: By how much U is too large to decide; 0 if it could be decided.
        hopeless: Whether no value at all could have passed.
        tur: Test uncertainty ratio, or None where there is none.
        blame: What U is mostly from.
    """

    case: str
    base: str
    name: str
    unit: str
    value: float
    low: float | None
    high: float | None
    U: float
    short_by: float
    hopeless: bool
    tur: float | None
    blame: Blame


@dataclass(frozen=True, slots=True)
class Weak:
    """Values of one measure of a case of the plan that could not be decided, or barely.

    Attributes:
        worst: The one that is worst off.
        cases: The cases, with their conditions, in which it is so.
    """

    worst: Value
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """What a rehearsal says of a bench.

    Attributes:
        findings: What is not about one measure: verdicts, overloads, what ended it early.
        short: Measures that could not be decided.
        tight: Measures whose test uncertainty ratio is below 4:1.
        planned: Cases that are measured, and not looked at by a person.
        passed_or_failed: Those of them that passed or failed: something in each was judged.
        undeclared: Those that nobody can judge, because a claim is missing.
    """

    findings: list[Finding]
    short: list[Weak]
    tight: list[Weak]
    planned: int = 0
    passed_or_failed: int = 0
    undeclared: int = 0

    @property
    def enough(self) -> bool:
        """Whether something was judged, and every case that can be decided at all was."""
        well = all(finding.state is not State.PROBLEM for finding in self.findings)
        return well and not self.short and self.passed_or_failed > 0


def sufficiency(record: Path) -> Sufficiency:
    """Return what the record of a rehearsal says of the bench.

    Raises:
        EvidenceError: The record is not whole.
    """
    entries = [(entry["type"], entry["data"]) for entry in read_record(record)]
    # What a person looks at, or another laboratory, is no matter of the bench.
    planned = [data for kind, data in entries if kind == "case_planned" and data["method"]]
    bases = {data["case"]: data["base"] for data in planned}
    ended = {data["case"]: data for kind, data in entries if kind == "case_ended" and data["case"] in bases}
    values = list(_values((data for kind, data in entries if kind == "measured"), bases))
    short = _grouped(value for value in values if value.short_by > 0.0)
    tight = _grouped(v for v in values if v.short_by <= 0.0 and v.tur is not None and v.tur < LEAST_TUR)
    findings = list(_unjudged(bases, ended, {value.case for value in values if value.short_by > 0.0}))
    for kind, data in entries:
        if kind == "problem" and data["case"] is None:
            findings.append(Finding("rehearsal", "trouble", State.PROBLEM, f"{data['kind']}: {data['message']}"))
        if kind == "verdict_withdrawn":
            findings.append(Finding(data["case"], "withdrawn", State.PROBLEM, data["reason"]))
    verdicts = Counter(data["verdict"] for data in ended.values())
    decided, judged = len(ended) - verdicts["N/E"], verdicts["P"] + verdicts["F"]
    text = f"{decided} of {len(bases)} cases came to a verdict, {len(values)} values were judged"
    state = State.OK if judged and decided == len(bases) else State.WARNING
    return Sufficiency(
        [Finding("rehearsal", "verdicts", state, text), *findings],
        short,
        tight,
        planned=len(bases),
        passed_or_failed=judged,
        undeclared=sum(map(_is_undeclared, ended.values())),
    )


def _values(rows: Iterable[dict[str, Any]], bases: dict[str, str]) -> Iterator[Value]:
    """Yield what was judged by a limit; a value that was refined counts as it was judged in the end."""
    held: dict[str, Any] | None = None
    for data in rows:
        if data["reason"] == REFINES:
            if held is not None and held["name"] == data["name"] and held["reason"].startswith(UNDECIDED):
                held = None
            continue
        if held is not None:
            yield _value(held, bases)
        judged = data["rule"] and (data["low"] is not None or data["high"] is not None)
        held = data if judged and data["U"] is not None and data["value"] is not None else None
    if held is not None:
        yield _value(held, bases)


def _value(data: dict[str, Any], bases: dict[str, str]) -> Value:
    low, high, U, value = data["low"], data["high"], data["U"], data["value"]
    short_by, hopeless = 0.0, False
    # On one side only, what is limited is a size, and cannot be less than nothing.
    room = (high - low) / 2.0 if low is not None and high is not None else high if low is None else None
    if data["rule"] != Rule.SIMPLE and room is not None and 0.0 < room < U:
        short_by, hopeless = U - room, True
    elif data["verdict"] == "N/E" and data["reason"].startswith(UNDECIDED):
        short_by = U - min(value - low if low is not None else U, high - value if high is not None else U)
    return Value(
        case=data["case"],
        base=bases[data["case"]],
        name=data["name"],
        unit=data["unit"],
        value=value,
        low=low,
        high=high,
        U=U,
        short_by=short_by,
        hopeless=hopeless,
        tur=data["tur"],
        blame=_blame(data["budget"]),
    )


def _blame(budget: list[list[Any]]) -> Blame:
    rows = [(str(row[0]), float(row[1] or 0.0)) for row in budget]
    total = sum(u * u for _, u in rows)
    source, u = max(rows, key=lambda row: abs(row[1]), default=("nothing", 0.0))
    return Blame(source, u * u / total if total else 0.0)


def _grouped(values: Iterable[Value]) -> list[Weak]:
    groups: dict[tuple[str, str], list[Value]] = defaultdict(list)
    for value in values:
        groups[value.base, value.name].append(value)
    return [
        Weak(min(group, key=_strength), tuple(dict.fromkeys(value.case for value in group)))
        for group in groups.values()
    ]


def _strength(value: Value) -> tuple[bool, float, float]:
    short = value.short_by / value.U if value.U else 0.0
    return not value.hopeless, -short, value.tur if value.tur is not None else 0.0


def _unjudged(bases: dict[str, str], ended: dict[str, dict[str, Any]], short: set[str]) -> Iterator[Finding]:
    """Yield cases that came to no verdict for another reason: overloads, missing loads, claims that nobody declares."""
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case, data in ended.items():
        if data["verdict"] == "N/E" and case not in short:
            reasons[bases[case], data["reason"]].append(case)
    for (base, reason), cases in reasons.items():
        text = f"{reason}{conditions(cases)}"
        if reason.endswith(UNDECLARED):
            advice = "no bench can decide that: have the maker declare it, and enter it in the claims"
            yield Finding(base, "not judged", State.WARNING, text, advice)
        else:
            yield Finding(base, "not judged", State.PROBLEM, text)
    if not_run := len(bases.keys() - ended.keys()):
        text = f"{not_run} of {len(bases)} cases were not run: the rehearsal ended early"
        yield Finding("rehearsal", "not run", State.PROBLEM, text)


def _is_undeclared(ended: dict[str, Any]) -> bool:
    return ended["verdict"] == "N/E" and str(ended["reason"]).endswith(UNDECLARED)


def conditions(cases: Iterable[str]) -> str:
    """Return the conditions that cases stand for, the first few of them, in brackets; "" if they have none."""
    names = [case.partition("[")[2].removesuffix("]") for case in cases if "[" in case]
    if not names:
        return ""
    more = f" and {len(names) - _MOST_CASES} more" if len(names) > _MOST_CASES else ""
    return f" ({', '.join(names[:_MOST_CASES])}{more})"
