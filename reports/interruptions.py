"""What became of a run that was interrupted, in words: for every report, and on the terminal."""

from reports.numbers import duration
from reports.rows import Case, Interruption, Supervision
from reports.run import Run

LEFT_ON = (
    "no line says that the bench was made safe then: if nobody took it since, what was on may be on "
    "(python -m harness bench release --bench FILE)"
)


def told(run: Run) -> list[str]:
    """Return a sentence for each interruption of a run, and for each time that its supervisor acted, in order."""
    rows: list[Interruption | Supervision] = [*run.rows.interruptions, *run.rows.supervisions]
    said = [_sentence(row) for row in sorted(rows, key=lambda row: row.line)]
    if not run.complete and not run.rows.at_rest:
        said.append(f"The record is not closed, and {LEFT_ON}")
    took_over = str(run.rows.opened_volatile.get("took_over") or "")
    return [f"Before the run {took_over}", *said] if took_over else said


def attempts(run: Run, case: Case) -> str:
    """Return in words how often a case was attempted, and what counts of it."""
    cut = sum(name == case.case for name, _ in run.rows.cut_short)
    if not cut:
        return f"{case.attempts} attempts; all are kept, and the worst counts"
    kept = "all are kept, and the worst of the others counts"
    return f"{case.attempts} attempts, {cut} of them cut short with the run; {kept}"


def _sentence(row: Interruption | Supervision) -> str:
    return _supervised(row) if isinstance(row, Supervision) else _interrupted(row)


def _supervised(row: Supervision) -> str:
    did = "made the bench safe" if row.ok else "could not make the bench safe"
    after = f" within {duration(row.safe_after_s)}" if row.safe_after_s is not None else ""
    actions = f" ({'; '.join(row.actions)})" if row.actions else ""
    torn = "; the line that was being written is cut off" if row.torn else ""
    return f"At {duration(row.at_s)} of bench time: {row.cause}; the supervisor {did}{after}{actions}{torn}"


def _interrupted(row: Interruption) -> str:
    said = [f"At {duration(row.at_s)} of bench time the run was interrupted {_while(row.case)}"]
    if row.torn:
        said.append("the line that was being written is cut off")
    if row.left_on:
        said.append(LEFT_ON if not row.resumed else "no line says that the bench was made safe before it was resumed")
    if row.unrecorded:
        said.append(f"{len(row.unrecorded)} waveforms were saved that no line names, and count for nothing")
    if not row.resumed:
        said.append(f"that was found {_at(row.utc)}, and it was not resumed then")
        return "; ".join(said)
    cases = "1 case was" if row.left == 1 else f"{row.left} cases were"
    said.append(f"it was resumed {_at(row.utc)} on the same bench, with the same device and files: {cases} left")
    if row.took_over:
        said.append(row.took_over)
    if row.given_up:
        said.append(
            f"not gone on with, because the cases of their plan follow on each other: {', '.join(row.given_up)}"
        )
    return "; ".join(said)


def _while(case: str) -> str:
    return f"while {case} ran" if case else "between two cases"


def _at(utc: str) -> str:
    return f"on {utc}" if utc else "later"
