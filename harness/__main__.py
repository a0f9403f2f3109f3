"""The front door: `python -m harness COMMAND`, or `iontobench COMMAND` where it is installed.

Errors of ours are one line on stderr and exit 2; --debug shows where they came from.
"""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from harness.errors import ConfigError, HarnessError
from harness.stopping import SIGNALS


class Commands(typer.core.TyperGroup):
    """The commands; who stops one is told so in a line, where typer would end without a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Raises:
            HarnessError: It was stopped.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise HarnessError(str(stop) or "stopped by the operator") from stop


app = typer.Typer(
    name="iontobench",
    cls=Commands,
    help="Test and certification harness for iontophoresis devices.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ROOMS = ("harness", "instruments", "fixtures", "test_plans", "reports")


def _version(given: bool) -> None:
    if given:
        from harness import __version__

        print(f"iontobench {__version__}")  # noqa: T201
        raise typer.Exit


@app.callback(invoke_without_command=False)
def options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Say which this is."),
    ] = False,
) -> None:
    """Test and certification harness for iontophoresis devices."""


def check_rooms() -> None:
    """Find out that the five rooms come from one place, and not from somebody else's package of the same name.

    Raises:
        ConfigError: One of them comes from elsewhere, or is missing.
    """
    from importlib.util import find_spec

    home = Path(__file__).resolve().parent.parent
    for room in ROOMS:
        spec = find_spec(room)
        places = list(spec.submodule_search_locations or ()) if spec else []
        if not places or Path(places[0]).resolve().parent != home:
            found = places[0] if places else "nowhere"
            raise ConfigError(
                f"the room {room!r} must come from {home}, and comes from {found}: "
                "run from the checkout, or install the wheel in an environment of its own"
            )


def main() -> None:
    """Run a command, and exit with its code."""
    code = run()
    SIGNALS.done()
    sys.exit(code)


def run() -> int:
    """Run the command of the command line, say in a line what went wrong, and return the exit code."""
    from harness.commands import register

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a sign must not end a measurement.
            stream.reconfigure(errors="replace")
    register(app)
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        check_rooms()
        code = app(arguments, standalone_mode=False)
    except HarnessError as error:
        if debug:
            raise
        return _say(str(error))
    except Exception as error:
        if debug:
            raise
        # typer brings its own copy of click, or the one that is installed: its usage errors are known by their method.
        if hasattr(error, "format_message"):
            message = error.format_message()
            return _help(message) if message.startswith("Usage:") else _say(message)
        return _say(f"a mistake of ours, {type(error).__name__}: {error}; run it again with --debug, and report it")
    return code if isinstance(code, int) else 0


def _help(text: str) -> int:
    print(text)  # noqa: T201
    return 2


def _say(text: str) -> int:
    print(f"iontobench: {' '.join(text.split())}", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    main()
