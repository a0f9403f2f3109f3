"""Issuing a report as a PDF under the signature of a person, beside those of others."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.commands.passphrase import LAB, passphrase

if TYPE_CHECKING:
    from reports.run import Run


def issue(
    run: "Run", pdf: Path, *, who: str, role: str, also: list[str], lab: Path, passphrase_file: Path | None
) -> None:
    """Sign the PDF report of a sealed run, and tell what comes next."""
    from harness.clock import host_utc
    from harness.errors import ConfigError
    from harness.identity import ANCHOR, read_anchors, roles_of
    from harness.keys import unlock
    from harness.signing import Lab
    from reports.pdf.issued import issue as issue_pdf

    if not who:
        raise ConfigError("the seal of a report needs the identification code of who seals it: --who CODE")
    (asked,) = roles_of([role])
    others = roles_of(also)
    trusted = Lab(lab, read_anchors(lab / ANCHOR))
    own = passphrase(passphrase_file, who)
    utc = host_utc()
    key = unlock(lab, who, own, utc)
    waiting = issue_pdf(run, pdf, trusted, key, asked, others, utc)
    typer.echo(f"report: {pdf}, signed by {key.person.name} as {asked} on {utc:%Y-%m-%d %H:%M:%S} UTC")
    given = f" --lab {lab}" if lab != LAB else ""
    if waiting:
        typer.echo(
            f"next: python -m harness report {run.folder} --pdf {pdf}{given} --seal --as {waiting[0]} --who CODE"
        )
    else:
        typer.echo(f"next: python -m harness verify {pdf} --trust {lab / ANCHOR}")
