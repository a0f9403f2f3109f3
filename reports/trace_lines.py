"""A trace line by line: each path from a hazard to a verdict with all that stands on it, as CSV, and in words."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from harness.errors import ConfigError
from reports.numbers import value_and_limits
from reports.rows import Case, Measurement, Requirement
from reports.trace import LEFT_OUT, NOT_TESTED, PLANNED, STATES, Base, Line, Trace

COLUMNS = (
    "hazard",
    "hazard text",
    "harm",
    "risk",
    "control",
    "control kind",
    "control text",
    "requirement",
    "requirement text",
    "requirement sources",
    "requirement fingerprint",
    "requirement state",
    "suspect link",
    "plan",
    "case",
    "title",
    "means",
    "attempt",
    "record line",
    "measurement",
    "value",
    "U",
    "unit",
    "low",
    "high",
    "rule",
    "limit",
    "measurement verdict",
    "case verdict",
    "conditional",
    "reason",
    "remarks",
)
_Row = dict[str, str]
_KEPT = "\N{NO-BREAK SPACE}"


def write_csv(trace: Trace, path: Path) -> Path:
    """Write a trace as CSV, one line for each path from a hazard to a measurement. Return the path.

    Raises:
        ConfigError: The file cannot be written.
    """
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(csv_rows(trace))
    try:
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path


def csv_rows(trace: Trace) -> Iterator[_Row]:
    """Give the lines of the CSV: what is linked to nothing has a line of its own, with the rest left empty."""
    # A line that was cut out of its file must still say that its bench was virtual.
    remarks = {"remarks": "; ".join(trace.remarks)}
    yield from (row | remarks for row in _rows(trace))


def _rows(trace: Trace) -> Iterator[_Row]:
    for requirement in trace.requirements.values():
        below = list(_below(trace, requirement))
        for above in _above(trace, requirement):
            own = {
                "requirement": requirement.requirement,
                "requirement text": requirement.text,
                "requirement sources": requirement.source,
                "requirement fingerprint": requirement.fingerprint,
                "requirement state": trace.state(requirement),
            }
            yield from (above | own | row for row in below)
    for control in trace.controls.values():
        if control.control not in trace.requirements_of:
            yield _control(trace, control.control)
    for base in trace.bases.values():
        if not any(name in trace.requirements for name in base.verifies):
            yield from _of_base(base)


def _above(trace: Trace, requirement: Requirement) -> Iterator[_Row]:
    if not requirement.controls:
        yield {}
    for name in requirement.controls:
        yield _control(trace, name)


def _control(trace: Trace, name: str) -> _Row:
    control = trace.controls.get(name)
    if control is None:
        return {"control": name}
    hazard = trace.hazards[control.hazard]
    row = {"hazard": hazard.hazard, "hazard text": hazard.title, "harm": hazard.harm, "risk": hazard.risk}
    return row | {"control": control.control, "control kind": control.kind, "control text": control.text}


def _below(trace: Trace, requirement: Requirement) -> Iterator[_Row]:
    bases = trace.bases_of.get(requirement.requirement, ())
    if not bases:
        yield {"case verdict": NOT_TESTED, "reason": requirement.untested}
    for base in bases:
        link = {"suspect link": trace.suspect(requirement.requirement, base)}
        yield from (link | row for row in _of_base(base))


def _of_base(base: Base) -> Iterator[_Row]:
    own = {"plan": base.plan, "title": base.title, "means": base.means}
    lines: dict[str, list[Line]] = {}
    for line in base.lines:
        lines.setdefault(line.case, []).append(line)
    for case in base.cases:
        for measured in map(_measured, lines.get(case.case, ())) if case.case in lines else [{}]:
            yield own | _case(case) | measured
    if base.left_out:
        variations = f"{base.left_out} variation{'s' if base.left_out > 1 else ''}"
        yield own | {"case": base.base, "case verdict": LEFT_OUT, "reason": f"{variations} not selected"}


def _case(case: Case) -> _Row:
    conditional = "yes" if case.conditional else ""
    said = {"case verdict": case.verdict or PLANNED, "conditional": conditional, "reason": case.reason}
    return {"case": case.case, **said}


def _measured(line: Line) -> _Row:
    row = {"attempt": str(line.attempt), "record line": str(line.seq), "measurement": line.name, "limit": line.limit}
    row["measurement verdict"] = line.verdict
    if not isinstance(line, Measurement):
        return row | {"value": line.value, "low": line.expected, "high": line.expected}
    numbers = {"value": line.value, "U": line.U, "low": line.low, "high": line.high}
    texts = {key: "" if number is None else repr(number) for key, number in numbers.items()}
    return row | texts | {"unit": line.unit, "rule": line.rule}


def said(line: Line) -> str:
    """Return a measurement or an observation with its limit in words: "delivered current 15.02 ± 0.04 mA, ≤ 25 mA"."""
    if not isinstance(line, Measurement):
        must = f", must be {line.expected}" if line.value != line.expected else ""
        return f"{line.name.removesuffix('?')}{'?' if line.name.endswith('?') else ':'} {line.value}{must}"
    value, uncertainty, low, high = value_and_limits(line.value, line.U, line.low, line.high)
    limits = f"{low} … {high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
    # What belongs to one quantity stays on one line.
    quantities = [f"{text} {line.unit}".replace(" ", _KEPT) for text in (f"{value} ± {uncertainty}", limits) if text]
    return f"{line.name} {', '.join(quantities)}"


def tally(base: Base) -> str:
    """Return how many variations of a case came to what: "12 P, 1 F, 3 left out"."""
    verdicts = [case.verdict or PLANNED for case in base.cases]
    counts = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    words = [f"{counts[state]} {state}" for state in STATES if state in counts]
    words += [f"{base.left_out} left out"] if base.left_out else []
    conditional = sum(case.conditional for case in base.cases)
    return ", ".join(words) + (f" ({conditional} conditional)" if conditional else "")


def verdict_words(base: Base) -> str:
    """Return what a case came to, with the reason wherever it is not a plain pass."""
    return f"{tally(base)}: {base.reason}" if base.reason else tally(base)
