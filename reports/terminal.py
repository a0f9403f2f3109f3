"""A run on the terminal: the verdict, what needs attention, and one table; plain text where no terminal is."""

import json
import os
import sys
from typing import TYPE_CHECKING

from reports import development, interruptions, qualified, summary
from reports.numbers import duration, percent, value_and_limits
from reports.rows import Case, Measurement
from reports.run import Run

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_STYLES = {"P": "green", "F": "bold red", "N/E": "yellow", "N/A": "dim"}
_SIGNS = {"pass": ("✔", "green"), "conditional": ("✔", "yellow"), "fail": ("✘", "red"), "open": ("?", "yellow")}
_MOST_NAMES = 4


def plain_console() -> "Console":
    """Return a console on stdout that falls silent when nobody reads any more, as in `certify | head -1`.

    The console of rich itself would end the program with exit code 1 then, which says that a case failed.
    """
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            # What Python still holds for stdout at its end must go somewhere.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)

    return Quiet(highlight=False)


def results_table(run: Run) -> "Table":
    """Return one line for each plan: cases by verdict, and the largest p(nonconforming) of its passes."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Results by plan", title_justify="left", show_footer=len(run.rows.plans) > 1)
    results = summary.plan_results(run)
    counts = run.counts
    table.add_column("Plan", "all", no_wrap=True)
    table.add_column("Title")
    table.add_column("Cases", str(len(run.rows.cases)), justify="right")
    for verdict in ("P", "F", "N/A", "N/E"):
        table.add_column(verdict, str(counts[verdict]), justify="right")
    least_certain = summary.worst_pass(run)
    worst_p = percent(least_certain.p_nonconforming if least_certain else None)
    table.add_column("worst p", worst_p, justify="right", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    for result in results:
        cells = [
            Text(str(result.counts.get(verdict, 0)), style=_STYLES[verdict] if result.counts.get(verdict) else "dim")
            for verdict in ("P", "F", "N/A", "N/E")
        ]
        conditional = " conditional" if result.verdict == "P" and result.counts["conditional"] else ""
        table.add_row(
            Text(result.plan.plan),
            Text(result.plan.title),
            str(len(result.cases)),
            *cells,
            percent(result.worst_p),
            Text(result.verdict + conditional, style=_STYLES[result.verdict]),
        )
    return table


def show(run: Run, console: "Console | None" = None) -> None:
    """Print a run: what it is, its verdict, the table by plan, and everything that is not a plain pass."""
    from rich.text import Text

    out = console or plain_console()
    item = run.rows.opened["item"]
    said = next((row.serial for row in run.rows.instruments if row.name == "device"), "")
    out.print(Text(f"run {run.id}: {item['model']} {item['serial'] or said or 'without serial number'}"))
    if run.virtual:
        out.print(Text(summary.VIRTUAL_BANNER, style="bold yellow"))
    if development.banner(run):
        out.print(Text(development.BANNER, style="bold yellow"))
    if run.replay:
        out.print(Text(run.replay, style="yellow"), soft_wrap=True)
    out.print(Text(development.words(run), style="yellow" if development.lacking(run) else ""), soft_wrap=True)
    out.print(Text(qualified.words(run), style="" if qualified.sound(run) else "yellow"), soft_wrap=True)
    out.print(results_table(run))
    for line in _exceptions(run):
        out.print(line, soft_wrap=True)
    out.print(verdict_line(run), soft_wrap=True)


def conclude(run: Run, *, wall_s: float, console: "Console | None" = None) -> None:
    """Print the end of a run that took wall_s seconds: what `show` prints, the time it stood for, what to do next."""
    from rich.text import Text

    out = console or plain_console()
    show(run, out)
    bench_s = float(run.rows.ended["bench_s"]) if run.rows.ended else 0.0
    if any(row.resumed for row in run.rows.interruptions):  # bench time is that of the whole run, and of others' hours
        out.print(Text(f"bench time {duration(bench_s)} in all, resumed for {duration(wall_s)}"))
    else:
        ratio = f", {bench_s / wall_s:,.0f} times as fast" if wall_s > 0 and bench_s > wall_s else ""
        out.print(Text(f"bench time {duration(bench_s)} in {duration(wall_s)}{ratio}"))
    out.print(Text(f"record {run.folder / 'record.jsonl'}: {run.count} events, head {run.head}"), soft_wrap=True)
    out.print(Text(f"report {run.folder / 'report.html'}"), soft_wrap=True)
    out.print(Text(f"next: python -m harness show {run.folder}"), soft_wrap=True)


def as_json(run: Run) -> str:
    """Return what a program asks of a run: verdict, counts, doubts, heads, each case with its verdict and reason."""
    cases = [
        {"case": case.case, "plan": case.plan, "verdict": case.verdict, "conditional": case.conditional}
        | {"reason": case.reason, "verifies": list(case.verifies), "attempts": case.attempts}
        for case in run.rows.cases.values()
    ]
    requirements = {result.requirement.requirement: result.verdict for result in summary.requirement_results(run)}
    facts = {
        "run": run.id,
        "verdict": run.verdict,
        "plans": {plan.plan: plan.revision for plan in run.rows.plans},
        "complete": run.complete,
        "virtual": run.virtual,
        "replay": run.replay,
        "development": development.lacking(run),
        "selection": run.rows.opened.get("selection") or {},
        "exit_code": run.rows.ended["exit_code"] if run.rows.ended else None,
        "counts": run.counts,
        "doubts": run.doubts,
        "events": run.count,
        "head": run.head,
        "content_head": run.content_head,
        "requirements": requirements,
        "low_test_uncertainty_ratios": [
            {"case": row.case, "name": row.name, "tur": row.tur} for row in summary.ratios(run).low
        ],
        "unverified": [
            {"figure": figure.figure, "provenance": figure.provenance, "source": figure.source, "values": figure.values}
            for figure in summary.unverified(run)
        ],
        "cases": cases,
    }
    return json.dumps(facts, ensure_ascii=False, indent=2)


def verdict_line(run: Run) -> "Text":
    """Return the verdict with its sign, its plans and its counts, as a line that rich can print."""
    from rich.text import Text

    word, kind = summary.headline(run)
    sign, style = _SIGNS[kind]
    counts = run.counts
    conditional = f" ({counts['conditional']} conditionally)" if counts["conditional"] else ""
    untested, coverage = summary.not_tested_words(run), development.coverage_words(run)
    return Text.assemble(
        (f"{sign} {word} {summary.scope(run)}", f"bold {style}"),
        f": {counts['P']} passed{conditional}, {counts['F']} failed, {counts['N/E']} not evaluated, "
        f"{counts['N/A']} not applicable",
        ("; nothing was judged" if run.verdict and not any(counts[v] for v in ("P", "F", "N/E")) else "", "yellow"),
        (f"; {untested}" if untested else "", "yellow"),
        (f"; {coverage}" if coverage else "", "yellow"),
    )


def _exceptions(run: Run) -> "list[Text]":
    from rich.text import Text

    lines = [Text.assemble(("record  ", "yellow"), doubt) for doubt in run.doubts]
    lines += [Text.assemble(("break   ", "yellow"), sentence) for sentence in interruptions.told(run)]
    failed = [case for case in run.rows.cases.values() if case.verdict == "F"]
    open_cases = [case for case in run.rows.cases.values() if case.verdict == "N/E"]
    for case in failed:
        lines.append(Text.assemble(("F       ", "bold red"), case.case, ": ", case.reason))
        lines += [
            Text(f"        {_said(row)}")
            for row in run.rows.measurements
            if row.case == case.case and row.verdict == "F"
        ]
    for reason, cases in summary.reasons_of(open_cases):
        lines.append(Text.assemble(("N/E     ", "yellow"), _names(cases), ": ", reason))
    for case in run.rows.cases.values():
        if case.conditional:
            lines.append(Text.assemble((f"{case.verdict:<8}", "yellow"), f"{case.case}: conditional"))
    reasons: dict[tuple[str, str], list[str]] = {}
    for problem in run.rows.problems:
        reasons.setdefault((problem.kind, problem.message), []).append(problem.case)
    for (kind, message), (first, *others) in reasons.items():
        where = f"{first}: " if first else ""
        more = f" … and {len(others)} more for the same reason" if others else ""
        lines.append(Text.assemble(("trouble ", "yellow"), f"{where}{kind}: {message}{more}"))
    if words := summary.ratio_words(run):
        lines.append(Text.assemble(("TUR     ", "yellow"), f"test uncertainty ratios: {words}"))
    if figures := summary.unverified(run):
        values = sum(bool(row.unverified) for row in run.rows.measurements)
        named = ", ".join(f"{figure.figure} ({figure.provenance})" for figure in figures)
        lines.append(
            Text.assemble(("unverified ", "yellow"), f"{values} values rest on figures that nobody verified: {named}")
        )
    untested = [requirement.requirement for requirement in summary.not_tested(run)]
    if untested:
        lines.append(Text.assemble(("not tested ", "yellow"), _some(untested)))
    return lines


def _names(cases: list[Case]) -> str:
    return _some([case.case for case in cases])


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return shown + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")


def _said(row: Measurement) -> str:
    """Return a measured value with its limit, as one sentence."""
    value, spread, low, high = value_and_limits(row.value, row.U, row.low, row.high)
    allowed = f"{low} … {high}" if low and high else f"at least {low}" if low else f"at most {high}" if high else ""
    return f"{row.name} is {value} ± {spread} {row.unit}, and must be {allowed} {row.unit} ({row.rule})"
