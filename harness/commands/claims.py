"""`claims check`: does a claims file say what it means?"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _claims() -> None:
    """Claims: what a manufacturer declares of a device."""


@app.command("check")
def check(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Claims files.")]) -> None:
    """Check claims files, and say what they leave undeclared."""
    from harness.claims import load_claims, undeclared

    for path in files:
        claims = load_claims(path)
        content = claims.content
        open_claims = undeclared(claims)
        typer.echo(f"{path}: {content.claims} revision {content.revision}, {content.device.model}: in order")
        for missing in open_claims:
            typer.echo(f"  not declared: {missing}")
    typer.echo(f"next: python -m harness certify --claims {files[0]}")
