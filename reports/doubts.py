"""What speaks against believing a record: its closing words held against its cases, and its cases against its rows.

A chain proves that no line was altered after it was sealed, and not that the lines agree: whoever can write a record
can seal it. A pass is believed only if the values under it, the bench and the closing words all say the same.
"""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from harness.errors import EvidenceError
from harness.limits import REFINES, UNDECIDED
from reports.chain import Chain
from reports.fold import DEVICE, Tables
from reports.rows import Case, Instrument, Measurement, Observation
from reports.waveforms import read_kept

COMPLIES = "COMPLIES"
CONDITIONAL = "COMPLIES, CONDITIONALLY"
FAILS = "DOES NOT COMPLY"
INCOMPLETE = "NOT COMPLETE"
EXIT_CODES = {COMPLIES: (0,), CONDITIONAL: (0,), FAILS: (1,), INCOMPLETE: (2, 3)}
COUNTED = ("P", "F", "N/A", "N/E", "conditional")


def doubts(folder: Path, chain: Chain, tables: Tables) -> list[str]:
    """Return what speaks against a record as a whole, in words; empty if nothing does.

    Raises:
        EvidenceError: The record closes with a verdict that there is none of.
    """
    found = []
    if chain.torn_line:
        found.append(f"line {chain.torn_line} of the record was cut off while it was written and is not used")
    if tables.ended is None:
        found.append("the record was never closed: the run was interrupted, and what was not reached is not evaluated")
    else:
        found.extend(_closing(tables, tables.ended))
        if tables.ended["verdict"] in (COMPLIES, CONDITIONAL):
            found.extend([*_bench(tables), *_checks(tables), *_safety(tables)])
    found.extend(_replay(tables))
    found.extend(_cases(tables))
    found.extend(_waveforms(folder, tables))
    if tables.after_end:
        found.append(f"{tables.after_end} events follow the end of the run")
    if tables.unknown:
        kinds = ", ".join(sorted({event.type for event in tables.unknown}))
        found.append(f"{len(tables.unknown)} events are of a kind that this program does not know: {kinds}")
    return found


def _closing(tables: Tables, ended: dict[str, Any]) -> Iterator[str]:
    """Give where the closing words differ from the cases, or from each other."""
    said, code, told = ended["verdict"], ended["exit_code"], ended["counts"]
    if said not in EXIT_CODES:
        raise EvidenceError(f"record.jsonl: run_ended must say one of {tuple(EXIT_CODES)}, not {said!r}")
    cases = tables.cases.values()
    held = Counter(case.verdict for case in cases)
    held["conditional"] = sum(case.conditional for case in cases)
    for word in COUNTED:
        if word not in told:
            yield f"the record closes without saying how many cases are {word}"
        elif told[word] != held[word]:
            yield f"the record closes with {told[word]} cases {word}, and holds {held[word]}"
    if code not in EXIT_CODES[said]:
        codes = " or ".join(str(known) for known in EXIT_CODES[said])
        yield f"the record closes with {said} and exit code {code}, and must close with {codes}"


def _replay(tables: Tables) -> Iterator[str]:
    """Give what a replay must say and does not: that it came to what the logged run came to."""
    if "replay" in tables.opened_volatile and not tables.comparisons:
        yield "it is a replay, and does not say that it came to what the logged run came to"
    for row in tables.comparisons:
        if not row.ok:
            yield f"the replay did not come to what the logged run came to: {row.reason}"


def _bench(tables: Tables) -> Iterator[str]:
    """Give instruments that are not there, or whose certificates do not count on the day of the run."""
    instruments = [row for row in tables.instruments if row.name != DEVICE]
    if not instruments:
        yield "no instrument identified itself"
    today = _today(tables)
    if today is None and tables.opened["bench"]["virtual"] is False:
        yield "the record does not say on which day the run was"
    for row in instruments:
        problem = _certificate_problem(row, today)
        if problem:
            yield f"instrument {row.name}: {problem}"
    known = {row.name for row in instruments}
    used = {name for row in tables.measurements if row.verdict == "P" for name in row.instruments}
    for name in sorted(used - known):
        yield f"values that passed were measured with {name}, which never identified itself"


def _certificate_problem(row: Instrument, today: date | None) -> str:
    if not row.certificate:
        return "it carries no certificate"
    try:
        due, issued = date.fromisoformat(row.due), date.fromisoformat(row.issued)
    except ValueError:
        return f"its certificate must say from when and until when it counts, not {row.issued!r} and {row.due!r}"
    if today is not None and not issued <= today <= due:
        return f"its certificate counts from {issued} until {due}, and the run was on {today}"
    return ""


def tested_on(volatile: dict[str, Any]) -> Any:
    """Return when a run began by the host's clock; a replay is of the day on which its wires were logged."""
    replay = volatile.get("replay")
    return (replay.get("utc") if isinstance(replay, dict) else "") or volatile.get("utc")


def _today(tables: Tables) -> date | None:
    """Return the day on which the bench ended its work; None if the record does not say when it began."""
    bench = tables.opened["bench"]
    real = bench["virtual"] is False
    said = tested_on(tables.opened_volatile) if real else bench.get("epoch")
    try:
        began = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    began = began.replace(tzinfo=began.tzinfo or UTC)
    return (began + timedelta(seconds=tables.last_s)).astimezone(UTC).date()


def _checks(tables: Tables) -> Iterator[str]:
    """Give check standards that are missing or bad; the last may be missing only if the run was stopped."""
    quantities: dict[str, set[str]] = {"start": set(), "end": set()}
    for row in tables.check_standards:
        quantities.setdefault(row.when, set()).add(row.quantity)
        if not row.ok:
            how = "not good" if row.reason else "outside its action limit"
            why = f": {row.reason}" if row.reason else ""
            yield f"the check standard for {row.quantity} was {how} at the {row.when}{why}"
    for place in tables.environment:
        if not place.ok and place.when != "end":
            yield f"temperature and humidity were not good ({place.when}): {place.reason}"
    stopped = any(not problem.case for problem in tables.problems)
    if not quantities["start"]:
        yield "no check standard was measured at the start"
    if not quantities["end"] and not stopped:
        yield "no check standard was measured at the end, and the run was not stopped"
    if quantities["start"] and quantities["end"] and quantities["start"] != quantities["end"]:
        differ = ", ".join(sorted(quantities["start"] ^ quantities["end"]))
        yield f"check standards were not measured both at the start and at the end: {differ}"


def _safety(tables: Tables) -> Iterator[str]:
    """Give cases after which the bench was not made safe, and a bench that was not left safe."""
    safe = {row.case for row in tables.made_safe}
    for row in tables.made_safe:
        if not row.ok:
            yield f"the bench could not be made safe {'after ' + row.case if row.case else 'at the end'}"
    if "" not in safe:
        yield "the record does not say that the bench was made safe at the end"
    for case in tables.cases.values():
        if case.verdict == "P" and not case.inspection and case.case not in safe:
            yield f"the record does not say that the bench was made safe after {case.case}"


def _cases(tables: Tables) -> Iterator[str]:
    """Give where a pass, or a case that is said not to apply, is not what its rows come to."""
    rows: dict[tuple[str, int], list[Measurement | Observation]] = {}
    lines: list[Measurement | Observation] = [*tables.measurements, *tables.observations]
    for row in sorted(lines, key=lambda line: line.seq):
        rows.setdefault((row.case, row.attempt), []).append(row)
    for case in tables.cases.values():
        if case.verdict not in ("P", "N/A"):
            continue
        if case.never_started:
            yield f"{case.case} is {case.verdict} and was never started"
        for attempt in range(1, case.attempts + 1):
            whole = (case.case, attempt) not in tables.cut_short
            for problem in dict.fromkeys(_attempt(case, rows.get((case.case, attempt), []), whole=whole)):
                yield f"{case.case} is {case.verdict}, and {problem}"


def _attempt(case: Case, rows: list[Measurement | Observation], *, whole: bool) -> Iterator[str]:
    """Give what is wrong with an attempt; one that was cut short need not hold all that was declared."""
    values = counted(rows)
    judged = [row for row in values if not _reported(row)]
    verdicts = {row.verdict for row in judged}
    if case.verdict == "N/A":
        if verdicts - {"N/A"}:
            yield "it holds values that were judged"
        return
    for row in judged:
        if row.verdict != "P":
            yield f"line {row.seq}, {row.name}, is {row.verdict or 'not judged'}"
        elif isinstance(row, Measurement):
            problem = _value_problem(row, case)
            if problem:
                yield f"line {row.seq}, {row.name}, is P {problem}"
        elif row.value != row.expected:
            yield f"line {row.seq}, {row.name}, is P with {row.value!r}, which must be {row.expected!r}"
    if any(isinstance(row, Measurement) and row.conditional for row in judged) and not case.conditional:
        yield "it holds conditional values and is not called conditional"
    if not whole:
        return
    if not judged:
        yield "nothing in it was judged"
    times = Counter(row.name for row in values)
    for name, declared in case.measures.items():
        repeats = declared.get("repeats", 1)
        if times[name] != repeats:
            yield f"{name} is there {times[name]} times and must be there {repeats} times"


def counted(rows: list[Measurement | Observation]) -> list[Measurement | Observation]:
    """Return rows without an undecided value that was refined, and without the readings that refined it."""
    found: list[Measurement | Observation] = []
    refined: set[str] = set()
    for row in rows:
        if row.verdict == "N/E" and row.reason == REFINES:
            refined.add(row.name)
            continue
        if row.name in refined:
            refined.discard(row.name)
            last = next((old for old in reversed(found) if old.name == row.name), None)
            if last is not None and last.verdict == "N/E" and last.reason.startswith(UNDECIDED):
                found.remove(last)
        found.append(row)
    return found


def _reported(row: Measurement | Observation) -> bool:
    return isinstance(row, Measurement) and not row.rule and row.verdict in ("", "N/A")


def _value_problem(row: Measurement, case: Case) -> str:
    """Return what keeps a value from being a pass by its own limits; "" if nothing does."""
    if row.value is None or row.U is None or not math.isfinite(row.value + row.U):
        return "without a value and its uncertainty"
    if row.low is None and row.high is None:
        return "without a limit"
    if not row.instruments:
        return "and was measured with no instrument"
    # What was judged in SI units may differ in its last digits in the unit that is printed.
    slack = 1e-9 * max(abs(row.value), row.U, abs(row.low or 0.0), abs(row.high or 0.0))
    guard = 0.0 if row.rule == "simple" or row.conditional else row.U
    above = row.high is not None and row.value > row.high - guard + slack
    if above or (row.low is not None and row.value < row.low + guard - slack):
        return "beyond its acceptance limit"
    declared = case.measures.get(row.name)
    if declared is None:
        return "and is not declared in the plan"
    if declared.get("rule") != row.rule:
        return f"by the rule {row.rule!r}, and the plan says {declared.get('rule')!r}"
    if declared.get("relative") is None:
        for word, told in (("low", row.low), ("high", row.high)):
            planned = declared.get(word)
            if (planned is None) != (told is None) or (planned is not None and abs(planned - told) > slack):
                return f"with {word} {told}, and the plan says {planned}"
    return ""


def _waveforms(folder: Path, tables: Tables) -> Iterator[str]:
    for row in tables.waveforms:
        try:
            read_kept(folder, row)
        except EvidenceError as error:
            yield str(error)
