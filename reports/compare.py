"""Two runs side by side: what was another, which verdicts differ, and which values differ by more than is uncertain.

A difference is significant if it is larger than its expanded uncertainty with nothing shared between the runs. Where
the same instrument, under the same certificate, measured both, its errors are the same ones as far as they did not
drift: what is larger only than the uncertainty without them is told apart, as significant if the instruments stood
still.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.budget import combine, merged
from harness.reading import Component
from reports.fold import DEVICE
from reports.found_errors import as_components
from reports.rows import Instrument, Measurement
from reports.run import Run

SIGNIFICANT = "significant"
IF_STILL = "significant if the instruments stood still"
WITHIN = "within the uncertainty"
UNKNOWN = "not known: a value or its uncertainty is missing"
_OF_ONE_RUN = re.compile(r" (noise|rounding|jitter)\b|, compared with |^sampling\b")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that both runs tell, and tell differently."""

    what: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class CaseDifference:
    """A case that came to another verdict; "not in the run" where only one run has it."""

    case: str
    first: str
    second: str
    reason: str


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """One value of both runs, in the unit of the first.

    Attributes:
        difference: Second less first; NaN where one is missing.
        U: Expanded uncertainty of the difference, nothing shared.
        U_still: The same if the errors of shared instruments are the same.
        says: One of the four words above.
        limits: Whether both were judged by the same limits and rule.
    """

    first: Measurement
    second: Measurement
    difference: float
    U: float
    U_still: float
    says: str
    limits: bool

    @property
    def ratio(self) -> float:
        """How many times U the difference is; infinite where U is zero, and zero where nothing is known."""
        if math.isnan(self.difference):
            return 0.0
        size = abs(self.difference)
        return size / self.U if self.U > 0.0 else (math.inf if size else 0.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, compared.

    Attributes:
        values: All values of both runs, the largest difference against its U first.
        unpaired: Case, name, and how often it was measured in each run, where that differs.
    """

    first: Run
    second: Run
    facts: tuple[Fact, ...]
    cases: tuple[CaseDifference, ...]
    values: tuple[ValueDifference, ...]
    unpaired: tuple[tuple[str, str, int, int], ...]

    def of(self, says: str) -> list[ValueDifference]:
        """Return the values of which that is said."""
        return [value for value in self.values if value.says == says]

    @property
    def differ(self) -> bool:
        """Whether a verdict, or a value significantly, differs, or whether something could not be compared."""
        return bool(self.cases or self.unpaired or self.of(SIGNIFICANT) or self.of(UNKNOWN))


def compare(first: Run, second: Run) -> Comparison:
    """Return what differs between two runs; nothing is left out, whether significant or not."""
    same = _same_instruments(first, second)
    one, other = _by_name(first), _by_name(second)
    values: list[ValueDifference] = []
    unpaired = []
    for key in dict.fromkeys([*one, *other]):
        rows, others = one.get(key, []), other.get(key, [])
        if key[0] in first.rows.cases and key[0] in second.rows.cases and len(rows) != len(others):
            unpaired.append((*key, len(rows), len(others)))
        values += [_value(row, also, same) for row, also in zip(rows, others, strict=False)]
    values.sort(key=lambda value: -value.ratio)
    facts = tuple(fact for fact in _facts(first, second) if fact.first != fact.second)
    return Comparison(first, second, facts, tuple(_cases(first, second)), tuple(values), tuple(unpaired))


def _by_name(run: Run) -> dict[tuple[str, str], list[Measurement]]:
    """Return the values of each case by name, of its last attempt."""
    found: dict[tuple[str, str], list[Measurement]] = {}
    for row in run.rows.measurements:
        if row.attempt == run.rows.cases[row.case].attempts:
            found.setdefault((row.case, row.name), []).append(row)
    return found


def _value(first: Measurement, second: Measurement, same: Sequence[str]) -> ValueDifference:
    limits = (first.low, first.high, first.rule) == (second.low, second.high, second.rule)
    numbers = (first.value, second.value, first.U, second.U)
    if first.unit != second.unit or any(number is None or not math.isfinite(number) for number in numbers):
        return ValueDifference(first, second, math.nan, math.nan, math.nan, UNKNOWN, limits)
    difference = (second.value or 0.0) - (first.value or 0.0)
    apart = combine((*_named(first, "first", ()), *_named(second, "second", ()))).U
    negative = [part._replace(u=-part.u) for part in _named(second, "second", same)]
    still = combine(merged((*_named(first, "first", same), *negative))).U
    if math.isnan(apart) or math.isnan(still):
        return ValueDifference(first, second, difference, apart, still, UNKNOWN, limits)
    size = abs(difference)
    says = SIGNIFICANT if size > max(apart, still) else IF_STILL if size > still else WITHIN
    return ValueDifference(first, second, difference, apart, still, says, limits)


def _named(row: Measurement, run: str, same: Sequence[str]) -> list[Component]:
    """Return a budget whose sources are of one run, except for errors of instruments that both runs share."""
    return [
        part if _is_shared(part.source, same) else part._replace(source=f"{part.source} ({run})")
        for part in merged(as_components(row.budget))
    ]


def _is_shared(source: str, same: Sequence[str]) -> bool:
    ours = any(source == name or source.startswith(f"{name} ") for name in same)
    return ours and not _OF_ONE_RUN.search(source)


def _same_instruments(first: Run, second: Run) -> list[str]:
    """Return the names of instruments that are the same ones, under the same certificate, in both runs."""

    def known(run: Run) -> dict[str, tuple[str, str, str]]:
        rows = [row for row in run.rows.instruments if row.name != DEVICE and (row.serial or row.certificate)]
        return {row.name: (row.model, row.serial, row.certificate) for row in rows}

    one, other = known(first), known(second)
    return [name for name in one if other.get(name) == one[name]]


def _cases(first: Run, second: Run) -> Iterator[CaseDifference]:
    missing = "not in the run"
    for name in dict.fromkeys([*first.rows.cases, *second.rows.cases]):
        one, other = first.rows.cases.get(name), second.rows.cases.get(name)
        words = [
            missing if case is None else f"{case.verdict} conditional" if case.conditional else case.verdict
            for case in (one, other)
        ]
        if words[0] != words[1]:
            yield CaseDifference(name, words[0], words[1], other.reason if other is not None else "")


def _facts(first: Run, second: Run) -> Iterator[Fact]:
    """Give what both runs tell of themselves, whether or not it differs."""
    one, other = first.rows.opened, second.rows.opened
    yield Fact("verdict", first.verdict, second.verdict)
    for field in ("model", "serial", "firmware"):
        yield Fact(f"item {field}", str(one["item"].get(field, "")), str(other["item"].get(field, "")))
    for field in ("serial", "firmware"):
        yield Fact(f"{field} that the device says", _device(first, field), _device(second, field))
    for what in ("harness", "seed", "operator", "controller"):
        yield Fact(what, str(one.get(what, "")), str(other.get(what, "")))
    for what in ("bench", "claims", "device_model"):
        yield Fact(what, _document(one.get(what) or {}), _document(other.get(what) or {}))
    for what in ("plans", "standards"):
        mine, theirs = ({said["id"]: _document(said) for said in opened[what]} for opened in (one, other))
        for name in dict.fromkeys([*mine, *theirs]):
            yield Fact(f"{what[:-1]} {name}", mine.get(name, "not in the run"), theirs.get(name, "not in the run"))
    told, also = ({row.name: row for row in run.rows.instruments if row.name != DEVICE} for run in (first, second))
    for name in dict.fromkeys([*told, *also]):
        yield Fact(f"instrument {name}", _instrument(told.get(name)), _instrument(also.get(name)))


def _device(run: Run, field: str) -> str:
    return next((str(getattr(row, field)) for row in run.rows.instruments if row.name == DEVICE), "")


def _document(said: dict[str, Any]) -> str:
    name = said.get("id") or said.get("name") or said.get("device") or ""
    parts = (str(name), f"revision {said['revision']}" if "revision" in said else "", str(said.get("sha256", ""))[:16])
    return ", ".join(part for part in parts if part)


def _instrument(row: Instrument | None) -> str:
    if row is None:
        return "not in the run"
    parts = (row.model, row.serial, row.firmware, f"certificate {row.certificate}" if row.certificate else "")
    return ", ".join(part for part in parts if part)
