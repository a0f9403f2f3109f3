"""A trace on the terminal: one line for each requirement under its control and hazard, or for each case the way back.

Where no terminal is, the lines are plain and their cells are separated by tabs.
"""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.development import lacks_of
from reports.rows import Requirement
from reports.terminal import plain_console
from reports.trace import LEFT_OUT, NOT_TESTED, PLANNED, STATES, Base, Trace
from reports.trace_lines import said, tally
from reports.trace_reqif import Difference

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    "P": "green",
    "F": "bold red",
    "N/E": "yellow",
    "N/A": "dim",
    NOT_TESTED: "yellow",
    LEFT_OUT: "cyan",
    PLANNED: "",
}
_FORWARD = ("Hazard", "Control", "Requirement", "Case", "Measured", "State")
_BACK = ("State", "Measured", "Case", "Requirement", "Control", "Hazard")
_Cells = tuple[str, ...]


def show(trace: Trace, *, back: bool = False, console: "Console | None" = None) -> None:
    """Print a trace from hazards to verdicts, or back, then what is missing in it, and how much there is of what."""
    from rich.box import SIMPLE_HEAD
    from rich.segment import Segment, Segments
    from rich.table import Table
    from rich.text import Text

    out = console or plain_console()
    columns, rows = (_BACK, _back(trace)) if back else (_FORWARD, _forward(trace))
    if out.is_terminal:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            table.add_column(column, no_wrap=column == "State", overflow="fold")
        at = columns.index("State")
        before: _Cells = ("",) * len(columns)
        for cells in rows:
            # What is the same as above it is not said again.
            same = 0
            while not back and same < 2 and cells[same] == before[same]:
                same += 1
            texts = [Text("" if index < same else cell) for index, cell in enumerate(cells)]
            texts[at] = Text(cells[at], style=_STYLES[cells[at]])
            table.add_row(*texts)
            before = cells
        out.print(table)
    else:
        for cells in rows:
            line = "\t".join(" ".join(cell.split()) for cell in cells)
            # A text of rich would turn tabs into blanks.
            out.print(Segments([Segment(line), Segment.line()]), end="", soft_wrap=True)
    for kind, gaps in trace.gaps.items():
        out.print(Text(f"{kind}: {len(gaps)}", style="bold yellow"))
        for gap in gaps:
            out.print(Text(f"  {gap.id}: {gap.text}"), soft_wrap=True)
    reasons: dict[str, list[str]] = {}
    for plan, lacks in lacks_of(trace.plans, trace.approvals).items():
        reasons.setdefault("; ".join(lacks), []).append(plan)
    for reason, plans in reasons.items():
        out.print(Text(f"not approved: {', '.join(plans)}: {reason}", style="yellow"), soft_wrap=True)
    for remark in trace.remarks:
        out.print(Text(remark, style="yellow"), soft_wrap=True)
    out.print(Text(summary_words(trace), style="bold"), soft_wrap=True)


def show_differences(found: list[Difference], name: str, console: "Console | None" = None) -> None:
    """Print how the requirements of an imported file differ from ours."""
    from rich.text import Text

    out = console or plain_console()
    for difference in found:
        out.print(Text(f"{difference.kind:<8}{difference.requirement}", style="bold"), soft_wrap=True)
        for field, (ours, theirs) in difference.fields.items():
            if difference.kind == "changed":
                out.print(
                    Text(f"        {field}: ours    {ours}\n        {' ' * len(field)}  theirs  {theirs}"),
                    soft_wrap=True,
                )
            elif ours or theirs:
                out.print(Text(f"        {field}: {ours or theirs}"), soft_wrap=True)
    counts = Counter(difference.kind for difference in found)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in ("new", "changed", "gone"))
    out.print(
        Text(f"{name}: {told}; none of our files was changed" if found else f"{name}: the same requirements as ours")
    )


def summary_words(trace: Trace) -> str:
    """Return how many hazards, controls, requirements and cases there are, and what the requirements came to."""
    states = Counter(trace.state(requirement) for requirement in trace.requirements.values())
    told = ", ".join(f"{states[state]} {state}" for state in STATES if states[state])
    counts = f"{len(trace.hazards)} hazards, {len(trace.controls)} controls, {len(trace.requirements)} requirements"
    selected = f"; only {trace.selection}" if trace.selection else ""
    return f"{counts} ({told}), {len(trace.bases)} cases{selected}"


def _forward(trace: Trace) -> Iterator[_Cells]:
    seen: set[str] = set()
    for hazard in trace.hazards.values():
        top = f"{hazard.hazard} {hazard.title} [risk {hazard.risk}]"
        for control in hazard.controls:
            middle = f"{control.control} {control.text}"
            requirements = trace.requirements_of.get(control.control, ())
            seen |= {requirement.requirement for requirement in requirements}
            for requirement in requirements:
                yield (top, middle, *_requirement(trace, requirement))
            if not requirements:
                yield top, middle, "", "", "", NOT_TESTED
    for requirement in trace.requirements.values():
        if requirement.requirement not in seen:
            yield ("", requirement.control, *_requirement(trace, requirement))


def _requirement(trace: Trace, requirement: Requirement) -> _Cells:
    bases = trace.bases_of.get(requirement.requirement, ())
    cases = "\n".join(f"{base.base} {tally(base)}{_mark(trace, requirement, base)}" for base in bases)
    several = len(bases) > 1
    told = [f"{base.base}: " * several + said(base.told) for base in bases if base.told is not None]
    text = f"{requirement.requirement} {requirement.text}"
    return text, cases or requirement.untested, "\n".join(told), trace.state(requirement)


def _mark(trace: Trace, requirement: Requirement, base: Base) -> str:
    return " (suspect link)" if trace.suspect(requirement.requirement, base) else ""


def _back(trace: Trace) -> Iterator[_Cells]:
    for base in trace.bases.values():
        known = [trace.requirements[name] for name in base.verifies if name in trace.requirements]
        names = [f"{requirement.requirement} {requirement.text}" for requirement in known]
        above = trace.above(base)
        controls = dict.fromkeys(name for requirement in known for name in requirement.controls)
        hazards = [trace.hazards[name] for name in above]
        yield (
            base.state,
            said(base.told) if base.told is not None else "",
            f"{base.base} {base.title} ({tally(base)})",
            "\n".join(names) or "none: an orphan",
            "\n".join(f"{name} {trace.controls[name].text}" if name in trace.controls else name for name in controls),
            "\n".join(f"{hazard.hazard} {hazard.title} [risk {hazard.risk}]" for hazard in hazards),
        )
