"""What the first page of every report names: all that is not a plain pass, by name, or by count and place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reports import amended_words, clauses, development, summary
from reports.numbers import grouped
from reports.run import Run

_DOUBTS = 4


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a report the rest is told, in words: "section 1"."""

    exceptions: str
    requirements: str
    clauses: str
    left_out: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line: what it is about, how many, and their names, of which a page may print the first ones only.

    Attributes:
        lead: In bold: "Failed:".
        before: What stands before the names.
        names: Of cases or requirements.
        after: What stands behind them: the place of the rest.
    """

    lead: str
    before: str = ""
    names: tuple[str, ...] = ()
    after: str = ""


def exceptions(run: Run, places: Places) -> Iterator[Told]:
    """Give a line for whatever keeps a run from being a plain pass of everything, with its count and its place."""
    counts, cases = run.counts, list(run.rows.cases.values())
    yield from (Told(lead, text) for lead, text in amended_words.lines(run))
    yield Told(
        f"{grouped(len(cases))} cases:",
        f"{counts['P']} passed ({counts['conditional']} of them conditionally), {counts['F']} failed, "
        f"{counts['N/E']} not evaluated, {counts['N/A']} not applicable.",
    )
    for state, lead in (("F", "Failed:"), ("N/E", "Not evaluated:")):
        if names := tuple(case.case for case in cases if case.verdict == state):
            yield Told(lead, "", names, f"; {places.exceptions}.")
    if names := tuple(case.case for case in cases if case.conditional):
        yield Told("Conditional:", "", names, f"; {places.exceptions}.")
    if names := tuple(dict.fromkeys(case.base for case in cases if case.verdict == "N/A")):
        yield Told("Not applicable:", f"{counts['N/A']} cases of ", names, f"; {places.exceptions}.")
    if words := summary.not_tested_words(run):
        names = tuple(requirement.requirement for requirement in summary.not_tested(run))
        yield Told("Not tested:", f"{words}, of {len(run.rows.requirements)}: ", names, f"; {places.requirements}.")
    results = clauses.clause_results(run)
    if open_clauses := [result for result in results if result.state != "P"]:
        states = Counter(result.state for result in open_clauses)
        told = ", ".join(f"{count} {state}" for state, count in states.items())
        words = f"{len(open_clauses)} of {len(results)} ({told}); {places.clauses}."
        yield Told("Clauses that are no plain P:", words)
    if words := development.coverage_words(run):
        yield Told("Coverage:", f"{words}; {places.left_out}.")
    if count := len(run.rows.interruptions) + len(run.rows.supervisions):
        lines = "1 line of the record tells" if count == 1 else f"{count} lines of the record tell"
        yield Told("Interrupted:", f"{lines} of it; {places.exceptions}.")
    for doubt in run.doubts[:_DOUBTS]:
        yield Told("The record:", doubt)
    if len(run.doubts) > _DOUBTS:
        yield Told("The record:", f"{len(run.doubts) - _DOUBTS} more doubts; {places.exceptions}.")
