"""Findings in the terminal: one line for each check, with a sign, and what to do next under it."""

from typing import TYPE_CHECKING

from harness.finding import Finding, State, in_order
from harness.sufficiency import Sufficiency, Value, Weak

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SIGNS = {State.OK: ("✔", "green"), State.WARNING: ("!", "yellow"), State.PROBLEM: ("✘", "bold red")}


def show(title: str, findings: list[Finding], console: "Console | None" = None) -> None:
    """Print findings as a table; the part is named where it begins."""
    from rich.text import Text

    table = _table(title)
    table.add_column("Part", no_wrap=True)
    table.add_column("Check", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("What was found, and what to do next", overflow="fold")
    before = ""
    for finding in findings:
        sign, style = _SIGNS[finding.state]
        text = Text(finding.text)
        if finding.advice:
            text.append(f"\n→ {finding.advice}", style="yellow" if finding.state is State.WARNING else "bold")
        part = finding.part if finding.part != before else ""
        table.add_row(Text(part), Text(finding.check), Text(sign, style=style), text)
        before = finding.part
    (console or _console()).print(table)


def show_rehearsal(rehearsed: Sufficiency, console: "Console | None" = None) -> None:
    """Print what a rehearsal says of a bench: what cannot be decided, and what can be decided only just."""
    out = console or _console()
    show("Rehearsal of the plans on the virtual twin of this bench", rehearsed.findings, out)
    if rehearsed.short:
        out.print(_measures("✘ Cannot be decided: the uncertainty is too large", "Short by", rehearsed.short))
    if rehearsed.tight:
        out.print(_measures("! Decided, with a test uncertainty ratio below 4:1", "Ratio", rehearsed.tight))


def conclude(live: list[Finding], rehearsed: Sufficiency, command: str, console: "Console | None" = None) -> int:
    """Print what the findings come to and the command that comes next, and return the exit code."""
    from rich.text import Text

    if not in_order(live):
        word, style, code = "✘ The bench is not in order", "bold red", 2
    elif rehearsed.enough:
        word, style, code = f"✔ The bench is in order, and suffices for {_cases(rehearsed)}", "bold green", 0
    elif in_order(rehearsed.findings) and not rehearsed.short:
        word, style, code = "✘ The bench is in order, and nothing could be judged with these plans", "bold red", 3
    else:
        word, style, code = "✘ The bench is in order, and does not suffice for these plans", "bold red", 3
    everything = [*live, *rehearsed.findings]
    counts = {state: sum(finding.state is state for finding in everything) for state in State}
    line = f": {counts[State.OK]} checks well, {counts[State.WARNING]} to look at, {counts[State.PROBLEM]} wrong"
    line += f"; {len(rehearsed.short)} measures cannot be decided, {len(rehearsed.tight)} only just"
    out = console or _console()
    out.print(Text.assemble((word, style), line), soft_wrap=True)
    if code == 0:
        out.print(Text(f"next: {command}"), soft_wrap=True)
    return code


def conclude_proofs(found: list[Finding], command: str, *, static: bool) -> None:
    """Print what the proofs of plans come to, and the command that comes next where nothing is wrong."""
    from rich.text import Text

    out = _console()
    counts = {state: sum(finding.state is state for finding in found) for state in State}
    proven = in_order(found)
    left = " The dry run was left out: what the methods measure is not proven." if static else ""
    word = Text("✔ Proven", style="bold green") if proven else Text("✘ Not proven", style="bold red")
    line = f": {counts[State.OK]} checks well, {counts[State.WARNING]} to look at, {counts[State.PROBLEM]} wrong.{left}"
    out.print(Text.assemble(word, line), soft_wrap=True)
    if proven:
        out.print(Text(f"next: {command}"), soft_wrap=True)


def _cases(rehearsed: Sufficiency) -> str:
    if not rehearsed.undeclared:
        return "these plans"
    return f"the {rehearsed.planned - rehearsed.undeclared} of {rehearsed.planned} cases that can be judged"


def _measures(title: str, last: str, measures: list[Weak]) -> "Table":
    from rich.text import Text

    table = _table(title)
    table.add_column("Case", no_wrap=True)
    table.add_column("Measure, and where it is worst", overflow="fold", ratio=5)
    table.add_column("Must be", ratio=3)
    table.add_column("U", no_wrap=True)
    table.add_column(last, no_wrap=True)
    table.add_column("Most of U is", ratio=4)
    for weak in measures:
        value = weak.worst
        where = value.case.partition("[")[2].removesuffix("]")
        more = f"{' and ' if where else ''}{len(weak.cases) - 1} more" if len(weak.cases) > 1 else ""
        measure = Text(value.name)
        if where or more:
            measure.append(f"\n{where}{more}", style="dim")
        bad = f"{value.short_by:.3g} {value.unit}" if value.short_by > 0.0 else f"{value.tur:.1f}:1"
        # After the comma stands of which reading: the one that is named already.
        blame = f"{value.blame.source.partition(', ')[0]}, {value.blame.share:.0%}"
        table.add_row(
            Text(value.base), measure, Text(_limits(value)), Text(f"{value.U:.3g} {value.unit}"), Text(bad), Text(blame)
        )
    return table


def _limits(value: Value) -> str:
    if value.low is None:
        limits = f"at most {value.high:.4g} {value.unit}"
    elif value.high is None:
        limits = f"at least {value.low:.4g} {value.unit}"
    else:
        limits = f"{value.low:.4g} … {value.high:.4g} {value.unit}"
    if value.short_by > 0.0:
        limits += ": no value could pass" if value.hopeless else f"; was {value.value:.4g} {value.unit}"
    return limits


def _table(title: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)


def _console() -> "Console":
    from reports.terminal import plain_console

    return plain_console()
