"""`affected`: which verdicts of past runs change when an instrument comes back from calibration out of tolerance."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reports.found_errors import Permitted


def affected(
    instrument: Annotated[str, typer.Option(metavar="SERIAL", help="The instrument; a standard's last certificate.")],
    as_found: Annotated[Path, typer.Option(metavar="FILE", help="What the laboratory found: docs/as-found.md.")],
    runs: Annotated[Path, typer.Option(metavar="FOLDER", help="Where past runs are.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> int:
    """Judge past runs once more by what was found of an instrument; no record is changed.

    Exit code: 0 if every verdict stands, 1 if one changes, 2 if no run used the instrument or an input is wrong, 3 if
    none changes and something cannot be answered.
    """
    from reports import affected_terminal
    from reports.affected import search
    from reports.as_found import load_as_found

    found = search(runs, load_as_found(as_found, instrument).content, permitted)
    if json:
        typer.echo(affected_terminal.as_json(found))
    else:
        affected_terminal.show(found)
    return found.exit_code


def permitted(model: str, function: str, range_: float | None, temperature: tuple[float, float] | None) -> "Permitted":
    """Return what the data sheet of a model permits, for a room that may not look it up itself."""
    from fixtures.permitted import permitted as looked_up
    from reports.found_errors import Permitted

    return Permitted(*looked_up(model, function, range_, temperature))
