"""`trace`: from each hazard to the verdicts that stand for its controls, and back; of a run, or of the plans alone."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import (
    REFERENCE_CLAIMS,
    ApprovalsOption,
    ClaimsOption,
    OnlyOption,
    RequirementOption,
    RiskOption,
    SuiteOption,
)


def trace(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="The folder of a run; without it, the plans as they stand.")
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="From the verdicts to the hazards.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a page, both directions.")] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as CSV, a line for each measurement.")
    ] = None,
    reqif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as ReqIF, for requirement tools.")
    ] = None,
    imported: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Say how the requirements of this ReqIF file differ from ours."),
    ] = None,
    plans: Annotated[
        list[Path] | None, typer.Option(metavar="FILE|FOLDER", help="Test plans, where there is no run.")
    ] = None,
    claims: ClaimsOption = REFERENCE_CLAIMS,
    suite: SuiteOption = None,
    only: OnlyOption = None,
    requirement: RequirementOption = None,
    risk: RiskOption = None,
    approvals: ApprovalsOption = None,
) -> int:
    """Show what each hazard, control and requirement came to; the trace of a run is made from its record alone.

    Exit code: 0, but with --import 1 if the requirements differ; our files are never changed.
    """
    from harness.approvals import approvals_of
    from harness.clock import host_utc
    from harness.commands import compose
    from harness.errors import ConfigError
    from reports import trace_terminal
    from reports.doubts import tested_on
    from reports.run import load
    from reports.trace import trace_of_run
    from reports.trace_html import write_html
    from reports.trace_lines import write_csv
    from reports.trace_planned import planned_trace
    from reports.trace_reqif import differences, write_reqif

    asked = compose.selection(only, requirement, risk)
    loaded = None
    if run is not None:
        if plans or suite or approvals or not asked.whole:
            raise ConfigError(
                "a trace of a run is made from its record: name plans and cases only where there is no run"
            )
        loaded = load(run)
        made, at = trace_of_run(loaded), str(tested_on(loaded.rows.opened_volatile) or "")
    else:
        ready = compose.prepared(claims, compose.chosen_plans(suite, plans), None, None, asked)
        made, at = planned_trace(ready, approvals_of(ready, approvals)), host_utc().isoformat(timespec="seconds")
    written = [write_html(made, html, loaded)] if html is not None else []
    written += [write_csv(made, csv)] if csv is not None else []
    written += [write_reqif(made, reqif, at)] if reqif is not None else []
    for path in written:
        typer.echo(f"trace: {path}")
    if imported is not None:
        found = differences(made, imported)
        trace_terminal.show_differences(found, imported.name)
        return 1 if found else 0
    if written:
        typer.echo(trace_terminal.summary_words(made))
    else:
        trace_terminal.show(made, back=back)
    return 0
