"""A trace as one HTML page that stands alone, like the report: from hazards to verdicts, what is missing, and back."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from harness.errors import EvidenceError
from reports import development, html, summary
from reports.rows import Control, Hazard, Requirement
from reports.run import Run
from reports.trace import PLANS_BANNER, STATES, Base, Trace
from reports.trace_lines import said, tally

_TEMPLATES = Path(__file__).parent / "templates"
# A row without its control: requirement, its height, case, why their link is suspect.
_Line = tuple[Requirement | None, int, Base | None, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of a hazard; a cell of height zero is a part of the one above it.

    Attributes:
        control: Its control; None for a requirement without a hazard.
        control_height: How many lines its control spans.
        requirement: Its requirement; None where no requirement states the control.
        requirement_height: How many lines its requirement spans.
        base: Its case; None where no case speaks for the requirement.
        suspect: Why the link between requirement and case is suspect, or "".
    """

    control: Control | None
    control_height: int
    requirement: Requirement | None
    requirement_height: int
    base: Base | None
    suspect: str


def write_html(trace: Trace, path: Path, run: Run | None) -> Path:
    """Write a trace as HTML; run is the one that it is of, if it is of one. Return the path.

    Raises:
        EvidenceError: The file cannot be written.
    """
    try:
        path.write_text(render(trace, run), encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path


def render(trace: Trace, run: Run | None) -> str:
    """Return the page; the same record always gives the same text."""
    banners = [PLANS_BANNER]
    if run is not None:
        banners = [summary.VIRTUAL_BANNER] if run.virtual else []
        banners += [development.banner(run)] if development.banner(run) else []
    title = f"Traceability of run {trace.run}" if run is not None else "Traceability of the plans"
    style = html.page_style(f"Trace {trace.run}" if trace.run else title, " · ".join(reversed(banners))) + (
        _TEMPLATES / "trace.css"
    ).read_text("utf-8")
    return (
        html.environment()
        .get_template("trace.html.j2")
        .render(
            trace=trace,
            run=run,
            title=title,
            banners=banners,
            headline=summary.headline(run) if run is not None else None,
            scope=summary.scope(run) if run is not None else "",
            style=style,
            policy=html.policy(style, ""),
            hazards=[(hazard, trace.state_of_hazard(hazard), hazard_rows(trace, hazard)) for hazard in ordered(trace)],
            loose=loose_rows(trace),
            counts=counts(trace),
            states=STATES,
            unapproved=development.lacks_of(trace.plans, trace.approvals),
            said=said,
            tally=tally,
        )
    )


def ordered(trace: Trace) -> list[Hazard]:
    """Return the hazards, the largest risk first, else in their order."""
    ranks = {"high": 0, "medium": 1, "low": 2}
    return sorted(trace.hazards.values(), key=lambda hazard: ranks.get(hazard.risk, 0))


def counts(trace: Trace) -> list[tuple[str, int, dict[str, int]]]:
    """Return for hazards, controls, requirements and cases how many there are, and how many came to each state."""
    parts = {
        "Hazards": [trace.state_of_hazard(hazard) for hazard in trace.hazards.values()],
        "Risk controls": [trace.state_of_control(control) for control in trace.controls.values()],
        "Requirements": [trace.state(requirement) for requirement in trace.requirements.values()],
        "Cases": [base.state for base in trace.bases.values()],
    }
    return [(name, len(states), dict(Counter(states))) for name, states in parts.items()]


def hazard_rows(trace: Trace, hazard: Hazard) -> list[Row]:
    """Return the lines of the table of one hazard."""
    rows: list[Row] = []
    for control in hazard.controls:
        groups = [_requirement_rows(trace, item) for item in trace.requirements_of.get(control.control, ())]
        lines: list[_Line] = [line for group in groups for line in group] or [(None, 1, None, "")]
        rows += [Row(control, len(lines) if index == 0 else 0, *line) for index, line in enumerate(lines)]
    return rows


def loose_rows(trace: Trace) -> list[Row]:
    """Return the lines of requirements that state no control that is known."""
    loose = [item for item in trace.requirements.values() if not trace.hazards_of(item)]
    lines = [line for item in loose for line in _requirement_rows(trace, item)]
    return [Row(None, len(lines) if index == 0 else 0, *line) for index, line in enumerate(lines)]


def _requirement_rows(trace: Trace, requirement: Requirement) -> list[_Line]:
    bases = trace.bases_of.get(requirement.requirement, ())
    if not bases:
        return [(requirement, 1, None, "")]
    return [
        (requirement, len(bases) if index == 0 else 0, base, trace.suspect(requirement.requirement, base))
        for index, base in enumerate(bases)
    ]
