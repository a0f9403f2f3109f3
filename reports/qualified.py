"""What a run says of the qualification of the harness that made it: whether it would have noticed."""

from typing import Any

from harness.qualification import FIT, INCOMPLETE
from reports.numbers import percent
from reports.run import Run

MISSING = "the record does not say that the harness was qualified"


def stamp_of(run: Run) -> dict[str, Any]:
    """Return the stamp of the qualification in a record; {"missing": why} if there is none."""
    said = run.rows.opened_volatile.get("qualification")
    return said if isinstance(said, dict) else {"missing": MISSING}


def words(run: Run) -> str:
    """Return what the harness has been shown to notice, and whether that still holds, in words."""
    stamp = stamp_of(run)
    if "missing" in stamp:
        return str(stamp["missing"])
    text = f"the harness is {stamp['conclusion'].lower()}"
    if stamp["conclusion"] == INCOMPLETE:
        text = f"the last qualification was not complete ({stamp['partial'] or 'our side failed in it'})"
    alarms = stamp["alarms"]
    healthy = "no healthy device counted"
    if alarms["runs"]:
        healthy = f"{alarms['failed']} false alarms in {alarms['runs']:,} (at most {percent(alarms['upper'])})"
    text += f": {stamp['killed']} of {stamp['defects']} defects caught, {healthy}, "
    text += f"qualified on {stamp['utc'][:10]} as {stamp['id']}, {stamp['sha256'][:16]}…"
    if stamp["survivors"]:
        text += f"; not caught: {', '.join(stamp['survivors'])}"
    if stamp["partial"] and stamp["conclusion"] != INCOMPLETE:
        text += f"; no whole qualification: {stamp['partial']}"
    return text + (f"; stale: {'; '.join(stamp['stale'])}" if stamp["stale"] else "")


def sound(run: Run) -> bool:
    """Whether the harness was qualified whole, found fit, and has not changed since."""
    stamp = stamp_of(run)
    return stamp.get("conclusion") == FIT and not stamp["stale"]


def shown_to_catch(run: Run) -> dict[str, list[str]] | None:
    """Return for each case the defects that it has been shown to catch; None without a qualification.

    Of a partial one only cases that caught something: what the others catch was not tried.
    """
    caught = stamp_of(run).get("caught")
    if not isinstance(caught, dict):
        return None
    return {case: names for case, names in caught.items() if names or not partial(run)}


def partial(run: Run) -> bool:
    """Whether the last qualification tried only a part."""
    return bool(stamp_of(run).get("partial"))
