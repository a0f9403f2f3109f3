"""An amended report's own words: of what it is an amendment, why, by whom, and what is other than before."""

from collections.abc import Iterator

from reports.amendments import IDENTIFICATION, WITHDRAWN, Amendment, Change
from reports.run import Run

_DONE = {"tester": "made", "reviewer": "reviewed", "approver": "approved"}
_WHAT = {IDENTIFICATION: "Identification", WITHDRAWN: "Result withdrawn"}
UNCHANGED = (
    "The original report stays as it was issued, and so do its record, its seal and its signatures, which speak for it "
    "and not for the amendment. Who signed the amendment is printed as its statement says it; whether that holds is "
    "for the command verify to say."
)


def title(run: Run) -> str:
    """Return what stands on every page of an amended report; "" of one that is none."""
    return run.amendments[-1].title if run.amendments else ""


def head(run: Run) -> str:
    """Return what a printed page names first: the run, or of what it is an amendment."""
    return title(run) or f"Run {run.id}"


def lines(run: Run) -> Iterator[tuple[str, str]]:
    """Give for each amendment, the last first, its title and why it was made, by whom, and who answers for it."""
    for one in reversed(run.amendments):
        count = len(one.changes)
        changed = f"{count} change{'s' if count > 1 else ''}, listed under “What was amended”"
        yield f"{one.title}:", f"{one.reason.rstrip('.')}. {changed}; {standing(one)}."


def standing(one: Amendment) -> str:
    """Return who made and signed an amendment and who did not, in words."""
    said = [f"{_DONE[by.role]} by {by.name} on {by.utc[:16].replace('T', ' ')} UTC" for by in one.by]
    lacking = [f"not {_DONE[role]}" for role in one.lacking]
    return ", ".join([*said, *lacking])


def rows(run: Run) -> Iterator[tuple[str, str, str, str, str]]:
    """Give every change: number of the amendment, what it is, of what, what was said before, what is said now."""
    for one in run.amendments:
        for change in one.changes:
            yield str(one.number), _WHAT.get(change.change, "Remark"), _of(change), change.was or "–", change.now


def _of(change: Change) -> str:
    return {"serial": "serial number", "report": "whole report"}.get(change.of, change.of)
