"""`sign`: a person answers for a sealed run as tester, reviewer or approver."""

from typing import Annotated

import typer

from harness.commands.options import RunArgument
from harness.commands.passphrase import LAB, LabOption, PassphraseOption, WhoOption, passphrase


def sign(
    run: RunArgument,
    role: Annotated[str, typer.Option("--as", metavar="ROLE", help="tester, reviewer or approver, in this order.")],
    who: WhoOption,
    meaning: Annotated[str, typer.Option(help='What the signature stands for: "I reviewed data and method".')],
    lab: LabOption = LAB,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Sign a sealed run, or its last amendment, with identification code and passphrase.

    Nobody reviews or approves their own work, and what rests on a virtual bench, an unapproved plan or an unverified
    limit or accuracy cannot be approved.
    """
    from harness.amending import is_amended, sign_amendment
    from harness.clock import host_utc
    from harness.identity import ANCHOR, read_anchors, roles_of
    from harness.keys import unlock
    from harness.signing import Lab, Signer
    from harness.signing import sign as sign_run
    from reports.amended import latest
    from reports.approval import obstacles
    from reports.run import load
    from reports.statement import operator

    (asked,) = roles_of([role])
    trusted = Lab(lab, read_anchors(lab / ANCHOR))
    loaded = latest(load(run))
    own = passphrase(passphrase_file, who)
    utc = host_utc()
    key = unlock(lab, who, own, utc)
    to_sign = sign_amendment if is_amended(run) else sign_run
    signer = Signer(key, asked, meaning, operator=operator(loaded), obstacles=obstacles(loaded), utc=utc)
    done = to_sign(run, trusted, signer)
    typer.echo(f"{run / done.file}: signed by {done.person.name} as {done.role} on {done.utc:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(f"signed: {done.predicate['statement']}; meaning: {done.predicate['meaning']}")
    typer.echo(f"next: python -m harness verify {run} --trust {lab / ANCHOR}")
