"""`recover`: close the record of a run that was interrupted, so that it can be reported, sealed and kept."""

import typer

from harness.commands.options import RunArgument


def recover(run: RunArgument) -> int:
    """Close the record of an interrupted run: NOT COMPLETE; all that was measured stays, and no case of it passes.

    Exit code: that of the record: 2, or 1 if a recorded answer or the result of another laboratory fails.
    """
    from harness.bundle import REPORT
    from harness.past import read_past
    from harness.recovery import recover as close
    from reports import terminal
    from reports.html import write_report
    from reports.run import load

    past = read_past(run)
    if past.ended:
        typer.echo(f"{past.path} is closed: there is nothing to recover")
        return past.exit_code
    ended = close(run)
    loaded = load(run)
    write_report(loaded, run / REPORT)
    terminal.show(loaded)
    typer.echo(f"next: open {run / REPORT}; run anew{f' by {past.command}' if past.command else ''}")
    return ended.exit_code
