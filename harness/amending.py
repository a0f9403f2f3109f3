"""Amendments of a report that was issued (ISO/IEC 17025, 7.8.8): statements beside the original, which stays as it is.

Each has a number, a reason, and what changes; a tester makes it, a reviewer and an approver sign it after that. It is
over the record, the manifest, the seal and whatever was signed last, and so is each signature of it: once a report is
amended, the original is signed no more, and an amendment is changed by the next one only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from harness.bundle import AMENDMENTS, MANIFEST, RECORD, SEAL, file_names
from harness.envelope import Signed, prepare, read_signed
from harness.errors import EvidenceError
from harness.identity import Role
from harness.journal import JOURNAL, ended, stamp
from harness.keys import Key
from harness.signing import (
    ORDER,
    SIGNATURE,
    Lab,
    Signer,
    changed_files,
    check_clock,
    check_key,
    check_subject,
    check_turn,
    kept,
    read_seal,
    read_signatures,
    same_person,
    subject_of,
)

AMENDMENT = "urn:iontobench:amendment:v1"
PAGES = ("html", "pdf")
# What an amendment says, and what a signature of it says, and nothing else.
SAID = {"number", "document", "amends", "reason", "changes", "verdict", "statement", "journal"}
_SIGNATURE_SAID = {"document", "meaning", "statement", "journal"}


@dataclass(frozen=True, slots=True)
class Amended:
    """One amendment, proved, with the signatures of it.

    Attributes:
        statement: What is amended and why, by a tester.
        signatures: The reviewer's and the approver's, as far as they have signed.
    """

    statement: Signed
    signatures: tuple[Signed, ...]

    @property
    def last(self) -> Signed:
        """What was signed last of it."""
        return self.signatures[-1] if self.signatures else self.statement


def file_of(number: int, role: Role = Role.TESTER) -> str:
    """Return the name of an amendment, or of a signature of it."""
    return f"{AMENDMENTS}/{number:04d}{'' if role is Role.TESTER else f'-{role.value}'}.dsse.json"


def page_of(number: int, kind: str) -> str:
    """Return the name of the amended report as html or pdf."""
    return f"{AMENDMENTS}/{number:04d}.{kind}"


def is_amended(folder: Path) -> bool:
    """Return whether somebody amended the report of a run."""
    return (folder / file_of(1)).exists()


def amend(folder: Path, lab: Lab, key: Key, predicate: Mapping[str, Any], *, utc: datetime) -> Signed:
    """Amend the report of a sealed run, in the name of a tester.

    Args:
        folder: Of the run.
        lab: Whose key it is.
        key: Of a tester.
        predicate: What changes and why (reports/amended.py), without `journal`.
        utc: Now.

    Raises:
        ConfigError: The key may not be used for that, or not today.
        EvidenceError: The run is not sealed, something in it is not as it was, or the clock was moved back.
    """
    check_key(lab, key, Role.TESTER, utc)
    sealed, signatures, before = _proved(folder, lab)
    number = len(before) + 1
    if predicate["number"] != number:
        raise EvidenceError(f"{folder}: the next amendment is number {number}, and not {predicate['number']}")
    last = _last(sealed, signatures, before)
    check_clock(utc, last)
    subject = subject_of(folder, *_about(last))
    said = {**predicate, "journal": ended(lab.folder / JOURNAL)}
    content = prepare(subject, AMENDMENT, said, key, Role.TESTER, utc)
    return kept(folder, file_of(number), content, lab, "signed", key, utc)


def sign_amendment(folder: Path, lab: Lab, signer: Signer) -> Signed:
    """Sign the last amendment of a run's report as reviewer or approver; the tester signed it by making it.

    Raises:
        ConfigError: There is no meaning, or the key may not be used for that, or not today.
        EvidenceError: Something is not as it was, it is not the turn of this role, the person has had another part in
            the run or in the amendment, or the amended result cannot be approved.
    """
    signer.check_meaning_and_key(lab, "reviewed the amendment")
    sealed, _, amendments = _proved(folder, lab)
    if not amendments:
        raise EvidenceError(f"{folder} has no amendment: python -m harness report {folder} --amend REASON")
    one = amendments[-1]
    signer.check_order(sealed, [one.statement, *one.signatures], "the amended result")
    said = {
        "document": one.statement.predicate["document"],
        "meaning": signer.words,
        "statement": one.statement.predicate["statement"],
        "journal": ended(lab.folder / JOURNAL),
    }
    key, role, utc = signer.key, signer.role, signer.utc
    content = prepare(subject_of(folder, *_about(one.last)), SIGNATURE, said, key, role, utc)
    return kept(folder, file_of(len(amendments), role), content, lab, "signed", key, utc)


def read_amendments(
    folder: Path, anchors: Sequence[x509.Certificate], sealed: Signed, signatures: Sequence[Signed]
) -> list[Amended]:
    """Return the amendments of a sealed run in the order in which they were made, proved.

    Raises:
        EvidenceError: One is not proved, is missing from the middle, is of another run, or a file is none of them.
    """
    names = {name for name in file_names(folder) if name.startswith(f"{AMENDMENTS}/")}
    last = signatures[-1] if signatures else sealed
    found: list[Amended] = []
    while file_of(number := len(found) + 1) in names:
        statement = _read(folder, file_of(number), anchors, last, AMENDMENT, Role.TESTER, SAID)
        if statement.predicate["number"] != number:
            raise EvidenceError(
                f"{folder / statement.file} was signed as number {statement.predicate['number']}, not {number}"
            )
        last = statement
        done: list[Signed] = []
        for role in ORDER[1:]:
            if file_of(number, role) in names:
                one = _read(folder, file_of(number, role), anchors, last, SIGNATURE, role, _SIGNATURE_SAID)
                _check_signature(folder, one, statement, done)
                done.append(one)
                last = one
        found.append(Amended(statement, tuple(done)))
    if strange := strangers(names, len(found)):
        raise EvidenceError(f"{folder / strange[0]} is no amendment: one is missing before it, or it was put there")
    return found


def strangers(names: Iterable[str], count: int) -> list[str]:
    """Return the files among the amendments that none of so many amendments has."""
    numbers = range(1, count + 1)
    known = {file_of(number, role) for number in numbers for role in ORDER}
    known |= {page_of(number, kind) for number in numbers for kind in PAGES}
    return sorted(name for name in names if name.startswith(f"{AMENDMENTS}/") and name not in known)


def _check_signature(folder: Path, one: Signed, statement: Signed, done: Sequence[Signed]) -> None:
    path = folder / one.file
    check_turn(one.role, [statement, *done], path)
    for key in ("document", "statement"):
        if one.predicate[key] != statement.predicate[key]:
            raise EvidenceError(f"{path} signs another {key} than {statement.file} makes")
    if twice := [other.file for other in (statement, *done) if same_person(other.person, one.person)]:
        raise EvidenceError(f"{path} and {twice[0]} are of one person, {one.person.name}")


def _read(
    folder: Path,
    file: str,
    anchors: Sequence[x509.Certificate],
    last: Signed,
    kind: str,
    role: Role,
    said: set[str],
) -> Signed:
    one = read_signed(folder, file, anchors)
    if one.kind != kind or one.role is not role:
        raise EvidenceError(f"{folder / file} must state {kind!r} as {role}, and not {one.kind!r} as {one.role}")
    if set(one.predicate) != said:
        raise EvidenceError(f"{folder / file} must say {', '.join(sorted(said))}, and nothing else")
    check_subject(folder, one, _about(last))
    if one.utc < last.utc:
        raise EvidenceError(f"{folder / file} was signed on {stamp(one.utc)}, before {last.file} on {stamp(last.utc)}")
    return one


def _proved(folder: Path, lab: Lab) -> tuple[Signed, list[Signed], list[Amended]]:
    """Return the seal, the signatures and the amendments of a run whose files are as they were sealed."""
    sealed = read_seal(folder, lab.anchors)
    if found := changed_files(folder):
        raise EvidenceError(f"{folder} is not as it was sealed: {'; '.join(found)}")
    signatures = read_signatures(folder, lab.anchors, sealed)
    return sealed, signatures, read_amendments(folder, lab.anchors, sealed, signatures)


def _last(sealed: Signed, signatures: Sequence[Signed], amendments: Sequence[Amended]) -> Signed:
    """Return what was signed last of a run."""
    if amendments:
        return amendments[-1].last
    return signatures[-1] if signatures else sealed


def _about(last: Signed) -> tuple[str, ...]:
    """Return the files that a statement after the last one is about."""
    return tuple(dict.fromkeys((RECORD, MANIFEST, SEAL, last.file)))
