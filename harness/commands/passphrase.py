"""Passphrases: asked for on the terminal without showing them, or the first line of a file for a program."""

from pathlib import Path
from typing import Annotated

import typer

LAB = Path("lab")
LabOption = Annotated[Path, typer.Option("--lab", metavar="FOLDER", help="The folder of the lab's keys.")]
WhoOption = Annotated[str, typer.Option("--who", metavar="CODE", help="Your identification code.")]
PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="Your passphrase, instead of being asked for it."),
]


def passphrase(file: Path | None, whose: str, *, new: bool = False) -> str:
    """Return a passphrase; a new one is asked for twice.

    Raises:
        ConfigError: The file cannot be read, or nobody typed a passphrase.
    """
    from harness.errors import ConfigError

    if file is None:
        try:
            return str(typer.prompt(f"Passphrase of {whose}", hide_input=True, confirmation_prompt=new))
        except typer.Abort:
            words = "type it, or name a file that holds it (--help has the option)"
            raise ConfigError(f"no passphrase of {whose} was given: {words}") from None
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} holds no passphrase: {error}") from None
