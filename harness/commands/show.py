"""`show`: a run on the terminal."""

from typing import Annotated

import typer

from harness.commands.options import RunArgument


def show(
    run: RunArgument, json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False
) -> None:
    """Show what a run came to."""
    from harness.bundle import RECORD
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
            typer.echo(f"next: the command that began it, with --resume {run}; or python -m harness recover {run}")
        return
    typer.echo(f"next: python -m harness report {run}")
