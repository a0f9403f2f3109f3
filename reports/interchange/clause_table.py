"""The clause table in the form of a test report: Clause, Requirement + Test, Result - Remark, Verdict.

Every requirement and every case of the run is in it: what comes from no clause stands at its end. What was not tested
is N/E and says so, a pass of a part is "in part", and a conditional pass is called one.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from harness.errors import ConfigError
from harness.provenance import SEEN
from reports import development, html, summary
from reports.clauses import ClauseResult, clause_results
from reports.interchange.shared import no_formula, remarks, write
from reports.rows import Measurement
from reports.run import Run
from reports.summary import NOT_TESTED, RequirementResult, requirement_results
from reports.trace import LEFT_OUT, PLANNED, Base, trace_of_run
from reports.trace_lines import said, tally

COLUMNS = ("Standard", "Clause", "Requirement + Test", "Result - Remark", "Verdict")
NO_CLAUSE = "Requirements that come from no clause of these standards"
NO_REQUIREMENT = "Cases that speak for no requirement of this run"
_VERDICTS = {NOT_TESTED: "N/E", LEFT_OUT: "N/E", PLANNED: "N/E"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row; its kind is "clause", "requirement" or "test", and tells how far it is indented."""

    standard: str
    clause: str
    kind: str
    text: str
    result: str
    verdict: str

    @property
    def plain(self) -> str:
        """The verdict without what is said of it in brackets: P, F, N/A, N/E or "in part"."""
        return self.verdict.partition(" (")[0]


def write_clause_table(run: Run, path: Path) -> Path:
    """Write the clause table as CSV or as HTML, as the name of the file says; return the path.

    Raises:
        ConfigError: The name ends with neither, or the file cannot be written.
    """
    if path.suffix.lower() == ".csv":
        return write(path, as_csv(run))
    if path.suffix.lower() in (".html", ".htm"):
        return write(path, as_html(run).encode())
    raise ConfigError(f"{path} must end with .csv or .html: the clause table is written as one of them")


def as_csv(run: Run) -> bytes:
    """Return the clause table as CSV; its last column says what the run is no evidence of."""
    text, told = StringIO(), "; ".join(remarks(run))
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, "Remarks on the run"])
    for row in clause_table(run):
        writer.writerow(map(no_formula, (row.standard, row.clause, row.text, row.result, row.verdict, told)))
    return text.getvalue().encode()


def as_html(run: Run) -> str:
    """Return the clause table as a page that stands alone and loads nothing; the same record gives the same text."""
    style = html.page_style(f"Clauses, run {run.id}", development.margin(run)) + _STYLE
    banners = [*filter(None, (summary.VIRTUAL_BANNER if run.virtual else "", development.banner(run)))]
    sections: dict[str, list[Row]] = {}
    for row in clause_table(run):
        sections.setdefault(row.standard, []).append(row)
    return (
        html.environment()
        .get_template("clause_table.html.j2")
        .render(
            run=run,
            style=style,
            policy=html.policy(style, ""),
            banners=banners,
            remarks=[
                remark for remark in (*remarks(run), summary.not_tested_words(run)) if remark not in ("", *banners)
            ],
            headline=summary.headline(run),
            scope=summary.scope(run),
            item=run.rows.opened["item"],
            sections=sections,
        )
    )


_STYLE = """
.clauses td { vertical-align: top; } .clauses .requirement td:nth-child(2) { padding-left: 1.4rem; }
.clauses .test td:nth-child(2) { padding-left: 2.8rem; } .clauses .clause td { font-weight: 600; background: #f3f5f8; }
.clauses .clause td:nth-child(3) { font-weight: 400; } .clauses tr { break-inside: avoid; }
.clauses col.c1 { width: 9%; } .clauses col.c2 { width: 45%; } .clauses col.c3 { width: 36%; }
"""


def clause_table(run: Run) -> list[Row]:
    """Return the rows of the table, standard by standard in the order of the record."""
    bases = trace_of_run(run).bases
    by_requirement: dict[str, list[Base]] = {}
    for base in bases.values():
        for name in base.verifies:
            by_requirement.setdefault(name, []).append(base)
    rows: list[Row] = []
    told: set[str] = set()
    for result in clause_results(run):
        place = (result.clause.standard, result.clause.clause)
        rows.append(_clause(result))
        for requirement in result.requirements:
            rows += _requirement(*place, requirement, by_requirement)
            told.add(requirement.requirement.requirement)
    for requirement in requirement_results(run):
        if requirement.requirement.requirement not in told:
            rows += _requirement(NO_CLAUSE, "–", requirement, by_requirement)
    known = {row.requirement for row in run.rows.requirements}
    loose = [base for base in bases.values() if not known.intersection(base.verifies)]
    return [*rows, *(_test(NO_REQUIREMENT, "–", base) for base in loose)]


def _clause(result: ClauseResult) -> Row:
    clause = result.clause
    applied = clause.applied if clause.applied not in ("", "applied", "in full") else ""
    parts = [result.reason] + ([f"declared as {applied}"] if applied and applied not in result.reason else [])
    if clause.provenance not in SEEN:
        parts.append(f"number and title {clause.provenance}, not checked against the text of the standard")
    words = "; ".join(filter(None, parts))
    return Row(
        clause.standard, clause.clause, "clause", clause.title, words, _verdict(result.state, result.conditional)
    )


def _requirement(
    standard: str, clause: str, result: RequirementResult, by_requirement: dict[str, list[Base]]
) -> Iterator[Row]:
    requirement = result.requirement
    words = [NOT_TESTED if result.verdict == NOT_TESTED else "", result.remark]
    words += [requirement.untested] if result.verdict == NOT_TESTED else []
    words += [f"verified by {requirement.verification}"] if requirement.verification not in ("", "test") else []
    text = f"{requirement.requirement}: {requirement.text}"
    verdict = _verdict(result.verdict, result.conditional)
    yield Row(standard, clause, "requirement", text, "; ".join(filter(None, words)), verdict)
    for base in by_requirement.get(requirement.requirement, ()):
        yield _test(standard, clause, base)


def _test(standard: str, clause: str, base: Base) -> Row:
    means = f" ({base.means})" if base.means not in ("", "test") else ""
    parts = [tally(base)]
    if base.told is not None:
        parts.append(said(base.told) + _unverified(base))
    parts += [base.reason] if base.reason else []
    return Row(
        standard,
        clause,
        "test",
        f"{base.base} {base.title}{means}",
        "; ".join(parts),
        _verdict(base.state, base.conditional),
    )


def _unverified(base: Base) -> str:
    """Return what nobody saw in its source of the line that is told, in brackets; "" if there is no such thing."""
    line = base.told
    if not isinstance(line, Measurement):
        return ""
    words = [f"limit {line.unverified_limit}"] if line.unverified_limit else []
    words += ["U rests on unverified figures"] if line.unverified else []
    return f" ({', '.join(words)})" if words else ""


def _verdict(state: str, conditional: bool) -> str:
    verdict = _VERDICTS.get(state, state)
    return f"{verdict} (conditional)" if conditional and verdict in ("P", "F", "in part") else verdict
