"""The front door: `python -m harness COMMAND`, or `iontobench COMMAND` where it is installed.

Errors of ours are one line on stderr and exit 2; --debug shows where they came from.
"""

import sys
from pathlib import Path

import typer

from harness.errors import ConfigError, HarnessError

app = typer.Typer(
    name="iontobench",
    help="Test and certification harness for iontophoresis devices.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ROOMS = ("harness", "instruments", "fixtures", "test_plans", "reports")


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
    from harness.commands import register

    register(app)
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        check_rooms()
        code = app(arguments, standalone_mode=False)
    except HarnessError as error:
        if debug:
            raise
        sys.exit(_say(str(error)))
    except KeyboardInterrupt as stop:
        sys.exit(_say(f"stopped: {stop or 'by the operator'}"))
    except Exception as error:
        # typer brings its own copy of click, or the one that is installed: its usage errors are known by their method.
        if debug or not hasattr(error, "format_message"):
            raise
        sys.exit(_say(error.format_message()))
    sys.exit(code if isinstance(code, int) else 0)


def _say(text: str) -> int:
    print(f"iontobench: {' '.join(text.split())}", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    main()
