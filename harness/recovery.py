"""Going on with the record of a run that was interrupted: closing it as it is, or finding that it may be resumed.

Nothing that was measured is lost, and nothing is added to it: what was not checked to its end counts for nothing.
"""

from pathlib import Path

from harness.casebook import CaseResult
from harness.certification import closing
from harness.clock import Clock, host_utc
from harness.errors import EvidenceError
from harness.events import RunEnded, VerdictWithdrawn
from harness.limits import Verdict
from harness.past import Past, interruption, to_go_on
from harness.record import Record


def recover(folder: Path) -> RunEnded:
    """Close the record of an interrupted run: NOT COMPLETE, with no case passed of those that were measured.

    The bench was not checked after the last case, so that no verdict before it stands; every line stays.

    Raises:
        EvidenceError: There is no record, it is closed or sealed, somebody writes it still, or the disk refuses.
    """
    past = to_go_on(folder)
    record = appending(past)
    try:
        case = past.running
        past.interrupt(record)
        if case:
            past.cut_short(record)
        cause = interruption(case)
        for name, result in past.results.items():
            if result.verdict in (Verdict.PASS, Verdict.FAIL) and past.cases[name]:
                record.write(VerdictWithdrawn(name, result.verdict.value, cause))
                past.results[name] = CaseResult(name, Verdict.NOT_EVALUATED, False, cause, False)
        ended = closing(past.planned, past.results, past.errors + 1, past.trouble or cause, past.at_ns)
        record.write(ended, {"utc": _utc()})
    finally:
        record.close()
    return ended


def appending(past: Past, clock: Clock | None = None) -> Record:
    """Return the record of an interrupted run, to be gone on with.

    Raises:
        EvidenceError: Somebody writes it, or wrote it since it was read, or the disk refuses.
    """
    record = Record.append_to(past.path, clock)
    if record.count != past.count:
        record.close()
        raise EvidenceError(f"{past.path} grew while it was read: its supervisor has ended its work now; try again")
    return record


def _utc() -> str:
    return host_utc().isoformat(timespec="milliseconds")
