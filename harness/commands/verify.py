"""`verify`: find out whether a bundle is what it was, offline and without trust in it."""

from pathlib import Path
from typing import Annotated

import typer


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="RUN|HTML", help="The folder of a run, or its report.html.")],
    trust: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="ca.crt.pem of the lab whose seal and signatures count; its journal is read if it is there.",
        ),
    ] = None,
    head: Annotated[str, typer.Option(metavar="SHA256", help="Head of the record, as you were told it.")] = "",
    manifest: Annotated[str, typer.Option(metavar="SHA256", help="Of manifest.json, as you were told it.")] = "",
    json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> int:
    """Verify the bundle of a run: the chain, every file, every verdict and limit worked out again, seal, signatures.

    Exit code: 0 it is what was sealed, 1 something is wrong and named, 2 it cannot be read, 3 nothing is wrong and
    something cannot be proven.
    """
    from reports import verify as verifying

    found = verifying.verify(bundle, verifying.Anchors(head, manifest, trust))
    typer.echo(verifying.as_json(found) if json else verifying.as_text(bundle, found))
    return verifying.exit_code(found)
