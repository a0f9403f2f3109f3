"""A PDF report issued under the signatures of people: who may sign it, and that nothing signed is written over.

Whoever signs the report has sealed or signed the data of the run before, in the same role: the pages print who did.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from harness.bundle import AMENDMENTS, RECORD, SIGNATURES
from harness.envelope import write_once
from harness.errors import ConfigError, EvidenceError
from harness.identity import ANCHOR, Person, Role, same_name
from harness.journal import identity_of, journal, stamp
from harness.keys import Key
from harness.signing import ORDER, Lab, changed_files, check_key
from reports.approval import obstacles
from reports.pdf.attached import BESIDE, attachments
from reports.pdf.maker import made_by, maker
from reports.pdf.proved import Proof, Signature, prove
from reports.pdf.sealing import signed
from reports.pdf.typeset import render
from reports.pdf.unpacked import embedded, keywords
from reports.run import Run
from reports.vouching import Row, rows

ISSUED = "report_signed"


def issue(run: Run, path: Path, lab: Lab, key: Key, role: Role, also: Sequence[Role], utc: datetime) -> list[Role]:
    """Sign the PDF report of a run, which is made if it is not there; return the roles that are still to sign it.

    Args:
        run: Sealed, and as it was sealed.
        path: Of the PDF.
        lab: Whose key it is.
        key: Of who signs.
        role: As what.
        also: Who else is to sign it, if it is not there yet: a field is opened for each.
        utc: Now.

    Raises:
        ConfigError: The key may not be used for that, or not today.
        EvidenceError: The run is not sealed or not as it was sealed, it is not for this person or role to sign, or
            there is another file of that name.
    """
    check_key(lab, key, role, utc)
    data = rows(run.folder, lab.folder / ANCHOR)
    if not data:
        raise EvidenceError(
            f"{run.folder} is not sealed, and its report cannot be: python -m harness seal {run.folder}"
        )
    if found := changed_files(run.folder):
        raise EvidenceError(f"{run.folder} is not as it was sealed: {'; '.join(found)}")
    _check_person(key.person, role, data)
    if role is Role.APPROVER and (reasons := obstacles(run)):
        raise EvidenceError(f"this result cannot be approved: {'; '.join(reasons)}")
    made = render(run)
    before, proof = _there(run, path, made) if path.exists() else (made, Proof())
    waiting = proof.waiting if proof.signatures else [one for one in ORDER if one is role or one in also]
    _check_turn(path, role, waiting, proof.signatures)
    last = max([datetime.fromisoformat(row.utc) for row in data] + [one.utc for one in proof.signatures])
    if utc.replace(microsecond=0) < last.astimezone(UTC):
        raise EvidenceError(f"the clock says {stamp(utc)}, and the last signature is of {stamp(last)}: set it right")
    content = signed(before, key, role, utc, waiting)
    if problems := prove(content).problems:
        raise EvidenceError(f"{path} would not be sound: {problems[0]}; report it")
    _keep(path, before, content, run, lab, key, role, utc)
    return [one for one in waiting if one is not role]


def strangers(signatures: Sequence[Signature], data: Sequence[Row]) -> list[str]:
    """Return in words which signatures of a report are of somebody who did not sign the data in that role."""
    return [
        f"signature {one.field!r}: {one.person.name} did not sign the data as {one.role}"
        for one in signatures
        if not _answers(one.person, one.role, data)
    ]


def _answers(person: Person, role: Role, data: Sequence[Row]) -> bool:
    """Return whether a person sealed the data, or signed it in a role; a seal is a tester's."""
    asked = (role.value, "seal") if role is Role.TESTER else (role.value,)
    return any(row.role in asked and row.code == person.code and same_name(row.name, person.name) for row in data)


def _check_person(person: Person, role: Role, data: Sequence[Row]) -> None:
    if not _answers(person, role, data):
        raise EvidenceError(f"{person.name} did not sign the data as {role}, and cannot sign their report: sign first")


def _check_turn(path: Path, role: Role, waiting: Sequence[Role], done: Sequence[Signature]) -> None:
    if role not in waiting:
        by = ", ".join(f"{one.person.name} as {one.role}" for one in done)
        raise EvidenceError(f"{path} has no place for the {role}: {by} signed it; make a new one, with --also {role}")
    if waiting[0] is not role:
        raise EvidenceError(f"{path}: it is not for the {role} to sign: next is the {waiting[0]}")


def _there(run: Run, path: Path, made: bytes) -> tuple[bytes, Proof]:
    """Return a PDF that is there already, proved to be the report of this run."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; name another file") from None
    proof = prove(content)
    if proof.problems:
        raise EvidenceError(f"{path} {proof.problems[0]}: name another file")
    if proof.first != made and not _of_another_version(run, proof):
        raise EvidenceError(f"{path} is not the report of this run as it is signed today: name another file")
    return content, proof


def _of_another_version(run: Run, proof: Proof) -> bool:
    """Return whether a PDF that somebody signed is of this run, and of another version of the program."""
    if not proof.signatures or made_by(keywords(proof.first)) == maker():
        return False
    sealed, attached = attachments(run), embedded(proof.first)
    begin = (RECORD, *BESIDE, f"{SIGNATURES}-", f"{AMENDMENTS}-")
    return all(attached.get(file.name) == file.content for file in sealed if file.name.startswith(begin))


def _keep(path: Path, before: bytes, content: bytes, run: Run, lab: Lab, key: Key, role: Role, utc: datetime) -> None:
    """Write down in the journal of the lab what is going to be kept, and keep it."""
    number, record = identity_of(run.folder)
    said = {
        "run": number,
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "before": hashlib.sha256(before).hexdigest(),
        "record": record,
        "code": key.person.code,
        "name": key.person.name,
        "role": role.value,
    }
    part = path.with_name(f"{path.name}.part")
    if not path.parent.is_dir() or part.exists():
        raise ConfigError(f"{path} cannot be written: there must be its folder, and no {part.name} in it")
    journal(lab.folder, utc, ISSUED, said)
    write_once(part, content)
    part.replace(path)
