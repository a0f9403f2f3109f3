"""`report`: one HTML or PDF file from the record of a run alone."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import RunArgument


def report(
    run: RunArgument,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Default: report.html in the run.")] = None,
    pdf: Annotated[
        Path | None,
        typer.Option("--pdf", metavar="FILE", help="A PDF to keep (PDF/A-3a); HTML only if --out is given too."),
    ] = None,
) -> None:
    """Make the report of a run."""
    from reports.html import write_report
    from reports.run import load

    if pdf is not None:
        from reports.pdf import write_pdf

        write_pdf(load(run), pdf)
        typer.echo(f"report: {pdf}")
    if pdf is not None and out is None:
        return
    path = out or run / "report.html"
    write_report(load(run), path)
    typer.echo(f"report: {path}")
