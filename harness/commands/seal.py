"""`seal`: a run's files listed, and its result stated over them by a tester; a time stamp, if somebody is asked."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import RunArgument
from harness.commands.passphrase import LAB, LabOption, PassphraseOption, WhoOption, passphrase


def seal(
    run: RunArgument,
    who: WhoOption = "",
    lab: LabOption = LAB,
    timestamp: Annotated[
        str, typer.Option(metavar="URL", help="Ask this authority (RFC 3161) for a time stamp; it is sent a hash.")
    ] = "",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Seal a run: write manifest.json, and seal.dsse.json over it, the record and the result.

    With --timestamp, an authority outside of the lab says in seal.tsr that the seal was there at a time. A run that is
    sealed and has no time stamp gets one, and --who is not asked.
    """
    if timestamp and not who:
        _stamp_late(run, lab, timestamp)
        return
    from harness.clock import host_utc
    from harness.errors import ConfigError, EvidenceError
    from harness.identity import ANCHOR, read_anchors
    from harness.keys import unlock
    from harness.signing import Lab
    from harness.signing import seal as seal_run
    from harness.timestamp import ask
    from reports.run import load
    from reports.statement import began, result
    from reports.verify_files import as_recorded

    if not who:
        raise ConfigError("a seal needs the identification code of who seals: --who CODE")
    trusted = Lab(lab, read_anchors(lab / ANCHOR))
    loaded = load(run)
    if problems := as_recorded(run):
        raise EvidenceError(f"{run} is not as it was recorded, and is not sealed: {'; '.join(problems)}")
    predicate = result(loaded)
    own = passphrase(passphrase_file, who)
    utc = host_utc()
    key = unlock(lab, who, own, utc)
    asked = (lambda content: ask(timestamp, content, utc)) if timestamp else None
    done = seal_run(run, trusted, key, predicate, began=began(loaded), utc=utc, timestamp=asked)
    typer.echo(f"{run / done.file}: sealed by {done.person.name}: {predicate['statement']}")
    typer.echo(f"head {loaded.head}, {loaded.count} events; manifest SHA-256 {done.subject['manifest.json']}")
    given = f" --lab {lab}" if lab != LAB else ""
    typer.echo(f'next: python -m harness sign {run}{given} --as tester --who {who} --meaning "I ran these tests"')


def _stamp_late(run: Path, lab: Path, timestamp: str) -> None:
    """Add a time stamp to a seal that was made without one."""
    from harness.bundle import SEAL, STAMP
    from harness.clock import host_utc
    from harness.identity import ANCHOR, read_anchors
    from harness.signing import read_seal
    from harness.timestamp import ask, keep

    sealed = read_seal(run, read_anchors(lab / ANCHOR))
    utc = host_utc()
    said = keep(run, lab, ask(timestamp, (run / SEAL).read_bytes(), utc), utc)
    typer.echo(f"{run / STAMP}: {said.authority} says that the seal of {sealed.person.name} was there on {said.utc}")
    typer.echo(f"next: python -m harness verify {run} --trust {lab / ANCHOR} --trust-tsa FILE")
