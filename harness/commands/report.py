"""`report`: one HTML file from the record of a run alone."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import RunArgument


def report(
    run: RunArgument,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Default: report.html in the run.")] = None,
) -> None:
    """Make the report of a run."""
    from reports.html import write_report
    from reports.run import load

    path = out or run / "report.html"
    write_report(load(run), path)
    typer.echo(f"report: {path}")
