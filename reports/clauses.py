"""The standards of a run, clause by clause: what the applicant declares, what was done, and what was not."""

from dataclasses import dataclass

from reports.rows import Clause
from reports.run import Run
from reports.summary import NOT_TESTED, RequirementResult, requirement_results

IN_PART = "in part"
"""What was done came to P, and the clause asks for more than that."""
# The worst first; a clause is as good as the worst requirement that comes from it.
_ORDER = ("F", "N/E", NOT_TESTED, "P", "N/A")


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """One clause and its state.

    Attributes:
        clause: The row.
        requirements: Those that come from it, with what came of them.
        state: "F", "N/E", "P", "in part", or "N/A".
        reason: Why it is not a plain P, in words.
    """

    clause: Clause
    requirements: tuple[RequirementResult, ...]
    state: str
    reason: str


def clause_results(run: Run) -> list[ClauseResult]:
    """Return one result for each clause; N/E unless something was done."""
    by_clause: dict[tuple[str, str], list[RequirementResult]] = {}
    for result in requirement_results(run):
        for place in dict.fromkeys(result.requirement.clauses):
            by_clause.setdefault(place, []).append(result)
    return [_result(clause, tuple(by_clause.get((clause.family, clause.clause), ()))) for clause in run.rows.clauses]


def by_standard(run: Run) -> dict[str, list[ClauseResult]]:
    """Return the clauses of each standard, by its name with its edition."""
    found: dict[str, list[ClauseResult]] = {}
    for result in clause_results(run):
        found.setdefault(result.clause.standard, []).append(result)
    return found


def chosen(run: Run) -> list[str]:
    """Return the editions of standards that the claims choose."""
    return list(dict.fromkeys(clause.standard for clause in run.rows.clauses if clause.applied))


def _result(clause: Clause, requirements: tuple[RequirementResult, ...]) -> ClauseResult:
    if clause.applied == "not applied":
        return ClauseResult(
            clause, requirements, "N/A", f"not applied by the applicant: {clause.reason or 'no reason'}"
        )
    states = [result.verdict for result in requirements]
    state = min(states, key=_ORDER.index, default=NOT_TESTED)
    left = f"nothing here speaks for: {clause.uncovered}" if clause.uncovered else ""
    if state == NOT_TESTED:
        untested = [result.requirement.requirement for result in requirements if result.verdict == NOT_TESTED]
        reason = f"{', '.join(untested)} not tested" if untested else "nothing was done"
        return ClauseResult(clause, requirements, "N/E", "; ".join(filter(None, (reason, left))))
    elsewhere = [
        result.requirement.requirement for result in requirements if result.requirement.verification == "external"
    ]
    outside = f"{', '.join(elsewhere)} asked of another laboratory, which is no evaluation of ours" if elsewhere else ""
    if state == "P" and (left or outside):
        return ClauseResult(clause, requirements, IN_PART, "; ".join(filter(None, (left, outside))))
    remarks = [result.remark for result in requirements if result.verdict == state and result.remark]
    return ClauseResult(clause, requirements, state, "; ".join(filter(None, (*remarks[:2], left))))
