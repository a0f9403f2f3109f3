"""`verify`: find out whether a bundle is what it was, offline and without trust in it."""

import gc
from pathlib import Path
from typing import Annotated

import typer


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="RUN|HTML|PDF", help="The folder of a run, or its report.")],
    trust: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="ca.crt.pem of the lab whose seal and signatures count; its journal is read if it is there.",
        ),
    ] = None,
    trust_tsa: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Certificates of the time stamp authorities that count, for seal.tsr."),
    ] = None,
    head: Annotated[str, typer.Option(metavar="SHA256", help="Head of the record, as you were told it.")] = "",
    manifest: Annotated[str, typer.Option(metavar="SHA256", help="Of manifest.json, as you were told it.")] = "",
    json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> int:
    """Verify the bundle of a run: the chain, every file, every verdict and limit worked out again, seal, signatures.

    Of a PDF, its signatures too, and the run that is attached to it, of which the report is made again and compared.

    Exit code: 0 it is what was sealed, 1 something is wrong and named, 2 it cannot be read, 3 nothing is wrong and
    something cannot be proven.
    """
    from fixtures.bench_told import tell_bench
    from reports import verify as verifying
    from reports import vouched

    anchors = verifying.Anchors(head, manifest, trust, trust_tsa)
    gc.disable()  # a record makes much that lasts to the end: looking through it again and again takes a fifth of all
    try:
        if bundle.suffix == ".pdf":
            from reports.verify_pdf import verify_pdf

            found, who, said = verify_pdf(bundle, anchors, tell_bench)
        else:
            found = verifying.verify(bundle, anchors, tell_bench)
            who, said = verifying.vouchers(bundle, anchors, found)
    finally:
        gc.enable()
    lines = vouched.as_lines(who, said)
    typer.echo(verifying.as_json(found, who) if json else verifying.as_text(bundle, found, lines))
    return verifying.exit_code(found)
