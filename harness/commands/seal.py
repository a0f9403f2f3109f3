"""`seal`: a run's files listed, and its result stated over them by a tester."""

import typer

from harness.commands.options import RunArgument
from harness.commands.passphrase import LAB, LabOption, PassphraseOption, WhoOption, passphrase


def seal(run: RunArgument, who: WhoOption, lab: LabOption = LAB, passphrase_file: PassphraseOption = None) -> None:
    """Seal a run: write manifest.json, and seal.dsse.json over it, the record and the result."""
    from harness.clock import host_utc
    from harness.identity import ANCHOR, read_anchors
    from harness.keys import unlock
    from harness.signing import Lab
    from harness.signing import seal as seal_run
    from reports.run import load
    from reports.statement import began, result

    trusted = Lab(lab, read_anchors(lab / ANCHOR))
    loaded = load(run)
    predicate = result(loaded)
    own = passphrase(passphrase_file, who)
    utc = host_utc()
    key = unlock(lab, who, own, utc)
    done = seal_run(run, trusted, key, predicate, began=began(loaded), utc=utc)
    typer.echo(f"{run / done.file}: sealed by {done.person.name}: {predicate['statement']}")
    typer.echo(f"head {loaded.head}, {loaded.count} events; manifest SHA-256 {done.subject['manifest.json']}")
    given = f" --lab {lab}" if lab != LAB else ""
    typer.echo(f'next: python -m harness sign {run}{given} --as tester --who {who} --meaning "I ran these tests"')
