"""What a seal says of a run: its result as an in-toto test-result, which programs read, with record, scope and doubts.

PASSED and WARNED are a verdict that complies, without and with conditions; all else is FAILED, also what could not be
evaluated, because whoever asks for a pass must not find one.
"""

from typing import Any

from reports import development, summary
from reports.approval import obstacles
from reports.doubts import COMPLIES, CONDITIONAL
from reports.run import Run

# What another version of this program may put in other words.
WORDS = ("marks", "obstacles")
_RESULTS = {COMPLIES: "PASSED", CONDITIONAL: "WARNED"}


def result(run: Run) -> dict[str, Any]:
    """Return the predicate of a test-result about a run; the same record gives the same one."""
    rows = run.rows
    cases = list(rows.cases.values())
    claims = rows.opened["claims"]
    return {
        "result": _RESULTS.get(run.verdict, "FAILED"),
        "configuration": [
            *({"name": f"plan {plan.plan}", "digest": {"sha256": plan.sha256}} for plan in rows.plans),
            {"name": f"claims {claims['id']}", "digest": {"sha256": claims["sha256"]}},
        ],
        "passedTests": [case.case for case in cases if case.verdict == "P" and not case.conditional],
        "warnedTests": [case.case for case in cases if case.verdict == "P" and case.conditional],
        "failedTests": [case.case for case in cases if case.verdict == "F"],
        "notEvaluatedTests": [case.case for case in cases if case.verdict == "N/E"],
        "notApplicableTests": [case.case for case in cases if case.verdict == "N/A"],
        "run": run.id,
        "verdict": run.verdict,
        "statement": statement(run),
        "item": rows.opened["item"],
        "operator": operator(run),
        "record": {"head": run.head, "events": run.count, "contentHead": run.content_head},
        "marks": marks(run),
        "obstacles": obstacles(run),
    }


def statement(run: Run) -> str:
    """Return the verdict with the plans that it was come to with: never a standard as a whole."""
    return f"{run.verdict} {summary.scope(run)}"


def operator(run: Run) -> str:
    """Return who ran the tests; "" if the record does not say."""
    said = str(run.rows.opened.get("operator") or "").strip()
    return "" if said == "not named" else said


def marks(run: Run) -> list[str]:
    """Return what stands on every page of a report of this run."""
    return [
        mark for mark in (development.banner(run), summary.VIRTUAL_BANNER if run.virtual else "", run.replay) if mark
    ]


def began(run: Run) -> str:
    """Return when a run was opened, by the host's clock in UTC; "" if the record does not say."""
    return str(run.rows.opened_volatile.get("utc") or "")
