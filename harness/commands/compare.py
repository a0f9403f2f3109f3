"""`compare`: two runs side by side, as of two firmware versions."""

from pathlib import Path
from typing import Annotated

import typer


def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of the earlier run.")],
    second: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of the later run.")],
    json: Annotated[bool, typer.Option("--json", help="For a program to read, with every value.")] = False,
) -> int:
    """Tell what differs between two runs, and which differences are larger than their uncertainty.

    Exit code: 0 if no verdict and no value differs significantly, 1 otherwise.
    """
    from reports import compare_terminal
    from reports.compare import compare as compared
    from reports.run import load

    found = compared(load(first), load(second))
    if json:
        typer.echo(compare_terminal.as_json(found))
    else:
        compare_terminal.show(found)
    return 1 if found.differ else 0
