"""Amending a report: a statement of what changes and why, by a tester, beside the original."""

from pathlib import Path

import typer

from harness.commands.passphrase import LAB, passphrase


def amend(
    run: Path,
    reason: str,
    corrected: list[str],
    remarks: list[str],
    withdrawn: list[str],
    *,
    who: str,
    lab: Path,
    passphrase_file: Path | None,
) -> None:
    """Sign an amendment of the report of a sealed run, and tell what comes next."""
    from harness.amending import amend as amend_run
    from harness.clock import host_utc
    from harness.errors import ConfigError
    from harness.identity import ANCHOR, read_anchors
    from harness.keys import unlock
    from harness.signing import Lab
    from reports.amended import changes, latest, predicate, seal_of
    from reports.run import load

    if not who:
        raise ConfigError("an amendment needs the identification code of who makes it: --who CODE")
    trusted = Lab(lab, read_anchors(lab / ANCHOR))
    loaded = latest(load(run))
    said = predicate(
        loaded, reason, changes(loaded, corrected=corrected, remarks=remarks, withdrawn=withdrawn), seal_of(loaded)
    )
    own = passphrase(passphrase_file, who)
    utc = host_utc()
    done = amend_run(run, trusted, unlock(lab, who, own, utc), said, utc=utc)
    typer.echo(f"{run / done.file}: {said['document']}, made by {done.person.name}: {said['statement']}")
    given = f" --lab {lab}" if lab != LAB else ""
    typer.echo(
        f'next: python -m harness sign {run}{given} --as reviewer --who CODE --meaning "I reviewed the amendment"'
    )
