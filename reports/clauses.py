"""The standards of a run, clause by clause: what the applicant declares, what was done, and what was not."""

from collections.abc import Iterator
from dataclasses import dataclass

from reports.rows import Clause
from reports.run import Run
from reports.summary import NOT_TESTED, RequirementResult, requirement_results

IN_PART = "in part"
"""What was done came to P, and the clause asks for more than that; of a declaration: the applicant applies a part."""
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
        conditional: Whether a pass under it is inside a guard band only.
    """

    clause: Clause
    requirements: tuple[RequirementResult, ...]
    state: str
    reason: str
    conditional: bool = False


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
    states = [result.verdict for result in requirements]
    state = min(states, key=_ORDER.index, default=NOT_TESTED)
    # Whatever the applicant declares, a failure stays one.
    if clause.applied == "not applied" and state != "F":
        return ClauseResult(
            clause, requirements, "N/A", f"not applied by the applicant: {clause.reason or 'no reason'}"
        )
    left = f"nothing here speaks for: {clause.uncovered}" if clause.uncovered else ""
    if state == NOT_TESTED:
        untested = [result.requirement.requirement for result in requirements if result.verdict == NOT_TESTED]
        reason = f"{', '.join(untested)} not tested" if untested else "nothing was done"
        return ClauseResult(clause, requirements, "N/E", "; ".join(filter(None, (reason, left))))
    conditional = any(result.conditional for result in requirements)
    if state == "P" and (lacks := [*filter(None, (left, *_lacking(clause, requirements)))]):
        return ClauseResult(clause, requirements, IN_PART, "; ".join(lacks), conditional)
    remarks = [result.remark for result in requirements if result.verdict == state and result.remark]
    return ClauseResult(clause, requirements, state, "; ".join(filter(None, (*remarks[:2], left))), conditional)


def _lacking(clause: Clause, requirements: tuple[RequirementResult, ...]) -> Iterator[str]:
    """Give in words what keeps passes from being one of the whole clause."""
    if clause.applied == IN_PART:
        yield "applied in part by the applicant"
    elsewhere = [
        result.requirement.requirement
        for result in requirements
        if result.requirement.verification == "external" or any(case.external for case in result.cases)
    ]
    if elsewhere:
        yield f"{', '.join(elsewhere)} asked of another laboratory, which is no evaluation of ours"
    if cut := [f"{result.requirement.requirement}: {result.left_out}" for result in requirements if result.left_out]:
        yield f"left out by the selection of {'; '.join(cut)}"
