"""What a record says of the approval of its plans, and of what was left out of them by a selection."""

from collections.abc import Iterable
from typing import Any

from reports import summary
from reports.fold import Tables
from reports.run import Run

BANNER = "DEVELOPMENT RUN, PLANS NOT APPROVED"
_UNKNOWN = "the record says nothing of an approval"


def lacking(run: Run) -> dict[str, list[str]]:
    """Return for each plan that was not approved as it was run why not, by the plan's id."""
    return lacks_of((plan.plan for plan in run.rows.plans), approvals_of(run.rows))


def lacks_of(plans: Iterable[str], approvals: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return for each plan that was not approved why not; one that nothing is said of, or nobody signed, is not."""
    found = {}
    for plan in plans:
        told = approvals.get(plan, {})
        lacks = [str(reason) for reason in told.get("lacks") or ()]
        if lacks or "lacks" not in told or not told.get("signatures"):
            found[plan] = lacks or [_UNKNOWN]
    return found


def approvals_of(tables: Tables) -> dict[str, dict[str, Any]]:
    """Return what a record says of the approval of each plan, by its id."""
    said = tables.opened_volatile.get("approvals")
    return said.get("plans") or {} if isinstance(said, dict) else {}


def banner(run: Run) -> str:
    """Return what every page of a development run says; "" of a run whose plans are all approved."""
    return BANNER if lacking(run) else ""


def margin(run: Run) -> str:
    """Return what stands in the margin of every printed page: that it is a development run, and that it is virtual."""
    return " · ".join(filter(None, (banner(run), summary.VIRTUAL_BANNER if run.virtual else "")))


def words(run: Run) -> str:
    """Return which plans are not approved and why, or who approved them, in words."""
    reasons: dict[str, list[str]] = {}
    for plan, lacks in lacking(run).items():
        reasons.setdefault(
            "; ".join(lacks[:3]) + (f"; and {len(lacks) - 3} more" if len(lacks) > 3 else ""), []
        ).append(plan)
    if reasons:
        return "development run: " + ". ".join(f"{', '.join(plans)}: {reason}" for reason, plans in reasons.items())
    signed = [approval["signatures"][-1] for approval in approvals_of(run.rows).values()]
    names = dict.fromkeys(f"{one['approver']} on {one['utc'][:10]} ({one['meaning']})" for one in signed)
    return f"the plans are approved by {', '.join(names)}"


def coverage(run: Run) -> list[tuple[str, str]]:
    """Return what a selection left out: base case, and how many of its variations with its title; [] of whole plans."""
    selection = run.rows.opened.get("selection") or {}
    return [
        (said["case"], f"{said['count']} variation{'s' if said['count'] > 1 else ''}, {said['title']}")
        for said in selection.get("left_out", ())
    ]


def selection_words(selection: dict[str, Any]) -> str:
    """Return what was asked for of the plans, in words; "" for all of them."""
    asked = [f"cases {' or '.join(selection['only'])}"] if selection.get("only") else []
    asked += [f"requirement {' or '.join(selection['requirements'])}"] if selection.get("requirements") else []
    asked += (
        [f"risk {selection['risk']}" + " or higher" * (selection["risk"] != "high")] if selection.get("risk") else []
    )
    return ", ".join(asked)


def coverage_words(run: Run) -> str:
    """Return how much of the plans was run, in words; "" if all was."""
    selection = run.rows.opened.get("selection") or {}
    if not selection:
        return ""
    left = sum(said["count"] for said in selection["left_out"])
    done = len(run.rows.cases)
    bases = len(selection["left_out"])
    asked = selection_words(selection)
    return f"{done} of {done + left} cases were selected ({asked}); {left} variations of {bases} cases were left out"
