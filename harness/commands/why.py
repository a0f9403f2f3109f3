"""`why`: from a verdict over rule, uncertainty, readings and instruments to the hash of its plan, on the terminal."""

from typing import Annotated

import typer

from harness.commands.options import RunArgument


def why(
    run: RunArgument,
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case of the run, as its report names it.")],
    measure: Annotated[str, typer.Option("--measure", metavar="NAME", help="Only the values of this name.")] = "",
) -> int:
    """Show what the verdict of a case rests on, and where the record contradicts itself (exit code 1)."""
    from reports.rederive import rederive
    from reports.run import load
    from reports.terminal import plain_console
    from reports.why import as_text, case_named, walk

    loaded = load(run)
    lines = as_text(walk(loaded, case_named(loaded, case)), measure)
    found = rederive(loaded)
    lines += [f"CONTRADICTION: {contradiction}" for contradiction in found]
    lines += [] if found else ["every verdict of this record was worked out again, and is what the record says"]
    out = plain_console()
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
    return 1 if found else 0
