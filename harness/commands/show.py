"""`show`: a run on the terminal."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import RunArgument


def show(
    run: RunArgument, json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False
) -> None:
    """Show what a run came to."""
    from harness.bundle import RECORD, REPORT
    from harness.record import being_written
    from reports import terminal
    from reports.amended import latest
    from reports.run import load

    loaded = latest(load(run))
    if json:
        typer.echo(terminal.as_json(loaded))
        return
    terminal.show(loaded)
    typer.echo(f"content head {loaded.content_head or 'none: the record is cut off'}")
    if not loaded.complete:
        if being_written(run / RECORD):
            typer.echo("the run goes on: a process still writes its record")
        else:
            _what_next(run)
        return
    written = (run / REPORT).exists()
    typer.echo(f"report {run / REPORT}" if written else f"next: python -m harness report {run}")


def _what_next(run: Path) -> None:
    from harness.errors import HarnessError
    from harness.resuming import to_resume

    recover = f"python -m harness recover {run}"
    try:
        past = to_resume(run, None)
    except HarnessError as error:
        typer.echo(f"it cannot be resumed: {error}")
        typer.echo(f"next: {recover}")
        return
    typer.echo(f"next: {past.command or 'the command that began it, with'} --resume {run}")
    typer.echo(f"or:   {recover}")
