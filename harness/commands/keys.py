"""`keys`: a lab's authority, and the keys of the people who sign."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.passphrase import LAB, LabOption, PassphraseOption, passphrase

app = typer.Typer(no_args_is_help=True)
LabPassphraseOption = Annotated[
    Path | None,
    typer.Option("--lab-passphrase-file", metavar="FILE", help="The passphrase of the lab, instead of being asked."),
]


@app.callback()
def _keys() -> None:
    """Keys: who may sign as tester, reviewer or approver, certified by an authority of the lab."""


@app.command("new")
def new(
    name: Annotated[str, typer.Option(help="Of the lab, as it is printed.")],
    lab: LabOption = LAB,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make the authority of a lab, in a folder outside of all runs."""
    from harness.clock import host_utc
    from harness.keys import make_lab

    anchor = make_lab(lab, name, passphrase(passphrase_file, "the lab", new=True), host_utc())
    typer.echo(f"trust anchor: {anchor}: give it to whoever is going to verify, by another way than the runs")
    typer.echo(f'next: python -m harness keys add CODE --lab {lab} --name "A. Tester" --as tester')


@app.command("add")
def add(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Identification code, of this person alone: a.tester")],
    name: Annotated[str, typer.Option(help="As it is printed.")],
    roles: Annotated[list[str], typer.Option("--as", metavar="ROLE", help="tester, reviewer or approver; or several.")],
    lab: LabOption = LAB,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long the certificate is valid.")] = 365,
    renew: Annotated[bool, typer.Option("--renew", help="In place of the key that the person has.")] = False,
    lab_passphrase_file: LabPassphraseOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make a key for a person, encrypted with a passphrase that nobody else knows."""
    from harness.clock import host_utc
    from harness.identity import roles_of
    from harness.keys import issue

    held = roles_of(roles)
    of_lab = passphrase(lab_passphrase_file, "the lab")
    own = passphrase(passphrase_file, code, new=True)
    person = issue(lab, code, name, held, lab_passphrase=of_lab, passphrase=own, utc=host_utc(), days=days, renew=renew)
    typer.echo(f"{person.code}: {person.name} may sign as {', '.join(person.roles)}")
    typer.echo(f"certificate SHA-256 {person.fingerprint}")


@app.command("revoke")
def revoke_key(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Whose key.")],
    reason: Annotated[str, typer.Option(help="Why: lost, or the person has left.")],
    lab: LabOption = LAB,
    lab_passphrase_file: LabPassphraseOption = None,
) -> None:
    """Write down in the lab's journal that a key is not to be believed from now on."""
    from harness.clock import host_utc
    from harness.keys import revoke

    of_lab = passphrase(lab_passphrase_file, "the lab")
    person = revoke(lab, code, reason, lab_passphrase=of_lab, utc=host_utc())
    typer.echo(f"{person.code}: the key of {person.name} is revoked; what it signed before stays signed")
    typer.echo(f'next: python -m harness keys add {code} --lab {lab} --name "{person.name}" --as ROLE --renew')


@app.command("list")
def list_people(lab: LabOption = LAB) -> None:
    """List who has a key, for what, and until when."""
    from harness.identity import ANCHOR, read_anchors
    from harness.journal import JOURNAL, revoked
    from harness.keys import people

    read_anchors(lab / ANCHOR)
    ended = revoked(lab / JOURNAL)
    for person, end in people(lab):
        until = "revoked" if person.fingerprint in ended else f"until {end:%Y-%m-%d}"
        typer.echo("\t".join((person.code, person.name, ", ".join(person.roles), until)))


@app.command("clock")
def clock(
    reason: Annotated[str, typer.Option(help="Why the clock was ahead, for the journal of the lab.")],
    lab: LabOption = LAB,
    lab_passphrase_file: LabPassphraseOption = None,
) -> None:
    """Say that the clock is right now and was ahead before, when the journal refuses to go back."""
    from harness.clock import host_utc
    from harness.keys import set_clock

    utc = host_utc()
    set_clock(lab, reason, lab_passphrase=passphrase(lab_passphrase_file, "the lab"), utc=utc)
    typer.echo(f"{lab / 'journal.jsonl'}: from here on the clock is right: {utc:%Y-%m-%d %H:%M:%S} UTC")
