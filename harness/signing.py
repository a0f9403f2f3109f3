"""The seal of a run and the signatures under it: who answers for it, in which order, and what nobody may sign.

The seal states result, record and manifest of a run. Tester, reviewer and approver sign one after another; each
signature is over the seal, the record, the manifest and the signature before it, so that none can be taken from one run
to another, changed, or left out of the middle. A last one that was taken away shows in the journal of the lab.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509

from harness.bundle import AMENDMENTS, MANIFEST, RECORD, SEAL, SIGNATURES, file_names, manifest_of, write_manifest
from harness.envelope import Signed, prepare, read_signed, write_once
from harness.errors import ConfigError, EvidenceError
from harness.identity import Person, Role, distrust, same_name
from harness.journal import JOURNAL, ended, identity_of, journal, moment, stamp
from harness.keys import Key
from harness.timestamp import keep

RESULT = "https://in-toto.io/attestation/test-result/v0.1"
SIGNATURE = "urn:iontobench:signature:v1"
# Made of the record alone, and again when somebody has signed, so that it shows who did (21 CFR 11.50).
MADE_LATER = ("report.html", "report.pdf")
# What a signature says, and nothing else: more words would be read by somebody, and held against nothing.
_SAID = {"number", "meaning", "run", "statement", "head", "events", "journal"}
ORDER = (Role.TESTER, Role.REVIEWER, Role.APPROVER)


@dataclass(frozen=True, slots=True)
class Lab:
    """Where keys are from: the folder of the lab, and the authorities that are trusted."""

    folder: Path
    anchors: tuple[x509.Certificate, ...]


def seal(
    folder: Path,
    lab: Lab,
    key: Key,
    predicate: Mapping[str, Any],
    *,
    began: str,
    utc: datetime,
    timestamp: Callable[[bytes], bytes] | None = None,
) -> Signed:
    """Seal a run's folder: list its files, and state its result over the list and the record.

    Args:
        folder: Of the run.
        lab: Whose key it is.
        key: Of a tester.
        predicate: The result (reports/statement.py).
        began: When the run was opened, in UTC; "" if its record does not say.
        utc: Now.
        timestamp: Asks an authority for a time stamp over the seal, before the seal is written (harness/timestamp.py).

    Raises:
        ConfigError: The key may not be used for that, or not today.
        EvidenceError: The run is sealed, its files are not what the record names, or the clock was moved back.
    """
    if (folder / SEAL).exists():
        raise EvidenceError(f"{folder / SEAL} exists: a run is sealed once; what has to change is a new run")
    check_key(lab, key, Role.TESTER, utc)
    start = moment(began)
    if began and start is None:
        raise EvidenceError(f"the record says that the run began on {began!r}, which is no time of day")
    if start is not None and utc < start.replace(microsecond=0):
        raise EvidenceError(f"the clock says {stamp(utc)}, and the run began on {began}: set the clock right")
    write_manifest(folder)
    said = {**predicate, "journal": ended(lab.folder / JOURNAL)}
    content = prepare(subject_of(folder, RECORD, MANIFEST), RESULT, said, key, Role.TESTER, utc)
    answer = timestamp(content) if timestamp else b""
    done = kept(folder, SEAL, content, lab, "sealed", key, utc)
    if answer:
        keep(folder, lab.folder, answer, utc)
    return done


@dataclass(frozen=True, slots=True)
class Signer:
    """Who wants to sign a run or an amendment of it, as what and when, and what may keep them from it.

    Attributes:
        key: Of who signs.
        role: As what.
        meaning: What the signature stands for, in the words of who signs.
        operator: Who ran the tests, as the record says; "" if it does not.
        obstacles: What keeps the result from being approved (reports/approval.py); they hold back approvers alone.
        utc: Now.
    """

    key: Key
    role: Role
    meaning: str
    _: KW_ONLY
    operator: str
    obstacles: Sequence[str]
    utc: datetime

    def check_meaning_and_key(self, lab: Lab, such_as: str) -> None:
        """Refuse who says no meaning, such as `such_as`, or whose key may not be used.

        Raises:
            ConfigError: There is no meaning, or the key may not be used for that, or not today.
        """
        if not self.meaning.strip():
            raise ConfigError(f'a signature needs a meaning, such as --meaning "{such_as}"')
        check_key(lab, self.key, self.role, self.utc)

    def check_order(self, sealed: Signed, before: Sequence[Signed], what: str) -> None:
        """Refuse who may not sign `what` ("this result") after the seal and what was signed of it before.

        Raises:
            EvidenceError: It is not the turn of this role, the person has had another part in it, the clock was moved
                back, or it cannot be approved.
        """
        check_turn(self.role, before)
        check_person(self.key, self.role, sealed, before, self.operator)
        check_clock(self.utc, before[-1] if before else sealed)
        if self.role is Role.APPROVER and self.obstacles:
            raise EvidenceError(f"{what} cannot be approved: {'; '.join(self.obstacles)}")

    @property
    def words(self) -> str:
        """The meaning as it is signed: one line, with single spaces."""
        return " ".join(self.meaning.split())


def sign(folder: Path, lab: Lab, signer: Signer) -> Signed:
    """Sign a sealed run, whose folder is given, with a key of the lab, after whoever has to sign before.

    Raises:
        ConfigError: There is no meaning, or the key may not be used for that, or not today.
        EvidenceError: Something in the folder is not as it was sealed or signed, it is not the turn of this role, the
            person has had another part in the run, or the result cannot be approved.
    """
    signer.check_meaning_and_key(lab, "reviewed data and method")
    sealed = read_seal(folder, lab.anchors)
    if any(name.startswith(f"{AMENDMENTS}/") for name in file_names(folder)):
        raise EvidenceError(f"{folder} was amended: what is signed from then on are its amendments")
    if found := changed_files(folder):
        raise EvidenceError(f"{folder} is not as it was sealed: {'; '.join(found)}")
    before = read_signatures(folder, lab.anchors, sealed)
    signer.check_order(sealed, before, "this result")
    said = {
        "number": len(before) + 1,
        "meaning": signer.words,
        "run": sealed.predicate["run"],
        "statement": sealed.predicate["statement"],
        "head": sealed.predicate["record"]["head"],
        "events": sealed.predicate["record"]["events"],
        "journal": ended(lab.folder / JOURNAL),
    }
    key, role, utc = signer.key, signer.role, signer.utc
    subject = subject_of(folder, RECORD, MANIFEST, SEAL, *([before[-1].file] if before else []))
    file = f"{SIGNATURES}/{len(before) + 1:04d}-{role.value}.dsse.json"
    return kept(folder, file, prepare(subject, SIGNATURE, said, key, role, utc), lab, "signed", key, utc)


def read_seal(folder: Path, anchors: Sequence[x509.Certificate]) -> Signed:
    """Return the seal of a run, proved, and over the record and the manifest that are there.

    Raises:
        EvidenceError: There is none, it is not proved, or it is over another record or manifest.
    """
    if not (folder / SEAL).is_file():
        raise EvidenceError(f"{folder} is not sealed: python -m harness seal {folder}")
    sealed = read_signed(folder, SEAL, anchors)
    if sealed.kind != RESULT:
        raise EvidenceError(f"{folder / SEAL} states {sealed.kind!r}, and must state {RESULT!r}")
    if sealed.role is not Role.TESTER:
        raise EvidenceError(f"{folder / SEAL} was made as {sealed.role}, and must be made as {Role.TESTER}")
    check_subject(folder, sealed, (RECORD, MANIFEST))
    return sealed


def read_signatures(folder: Path, anchors: Sequence[x509.Certificate], sealed: Signed) -> list[Signed]:
    """Return the signatures of a sealed run in the order in which they were made, proved.

    Raises:
        EvidenceError: One is not proved, is missing from the middle, is of another run, or is out of order.
    """
    names = [name for name in file_names(folder) if name.startswith(f"{SIGNATURES}/")]
    done: list[Signed] = []
    for number, name in enumerate(names, start=1):
        if not name.startswith(f"{SIGNATURES}/{number:04d}-"):
            raise EvidenceError(f"{folder / name} must be number {number}: one is missing before it, or it is none")
        one = read_signed(folder, name, anchors)
        last = done[-1] if done else sealed
        if name != f"{SIGNATURES}/{number:04d}-{one.role.value}.dsse.json" or one.kind != SIGNATURE:
            raise EvidenceError(f"{folder / name} must be a signature as {one.role} under the name of this role")
        if one.predicate.get("number") != number:
            raise EvidenceError(f"{folder / name} was signed as number {one.predicate.get('number')}, not {number}")
        if set(one.predicate) != _SAID:
            raise EvidenceError(f"{folder / name} must say {', '.join(sorted(_SAID))}, and nothing else")
        check_subject(folder, one, (RECORD, MANIFEST, SEAL, *([last.file] if done else [])))
        check_turn(one.role, done, folder / name)
        if one.utc < last.utc:
            raise EvidenceError(
                f"{folder / name} was signed on {stamp(one.utc)}, before {last.file} on {stamp(last.utc)}"
            )
        if twice := [other.file for other in done if same_person(other.person, one.person)]:
            raise EvidenceError(f"{folder / name} and {twice[0]} are of one person, {one.person.name}")
        done.append(one)
    return done


def changed_files(folder: Path) -> list[str]:
    """Return in words which files of a folder are not what its manifest lists; [] if all are.

    Raises:
        EvidenceError: The manifest is none, or a file cannot be read.
    """
    try:
        listed = _listed((folder / MANIFEST).read_bytes())
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise EvidenceError(f"{folder / MANIFEST} is no manifest ({error})") from None
    found = _listed(manifest_of(folder))
    told = [f"{name} is missing" for name in listed if name not in found]
    altered = [name for name in listed if name in found and found[name] != listed[name]]
    told += [f"{name} is altered" for name in altered if name not in MADE_LATER]
    return told + [f"{name} was added" for name in found if name not in listed and name not in MADE_LATER]


def _listed(manifest: bytes) -> dict[str, tuple[int, str]]:
    return {one["file"]: (one["size"], one["sha256"]) for one in orjson.loads(manifest)["files"]}


def check_key(lab: Lab, key: Key, role: Role, utc: datetime) -> None:
    """Refuse a key that cannot be believed now, or not in a role; the journal tells of it.

    Raises:
        ConfigError: It is refused; the text says why.
    """
    person = key.person
    certificate = x509.load_pem_x509_certificate(person.certificate.encode())
    reason = distrust(certificate, lab.anchors, utc)
    if not reason and role not in person.roles:
        reason = f"{person.name} may sign as {', '.join(person.roles)}, and not as {role}"
    if reason:
        journal(lab.folder, utc, "refused", {"code": person.code, "reason": reason})
        raise ConfigError(reason)


def check_turn(role: Role, before: Sequence[Signed], path: Path | None = None) -> None:
    """Refuse a role whose turn it is not: a reviewer has a tester's word before them, an approver a reviewer's.

    Raises:
        EvidenceError: It is the turn of another role, or of nobody.
    """
    due = ORDER[len(before)] if len(before) < len(ORDER) else None
    if role is not due:
        signed = ", ".join(f"{one.person.name} as {one.role}" for one in before) or "nobody"
        next_ = f"next is the {due}" if due else "nobody is left to sign"
        raise EvidenceError(f"{f'{path}: ' if path else ''}it is not for the {role} to sign: {signed} did, and {next_}")


def check_person(key: Key, role: Role, sealed: Signed, before: Sequence[Signed], operator: str) -> None:
    """Refuse a tester whom the record does not name, and a reviewer or approver of their own work.

    Raises:
        EvidenceError: It is not for this person to sign.
    """
    person = key.person
    ran = bool(operator) and same_name(operator, person.name)
    if role is Role.TESTER:
        if operator and not ran:
            raise EvidenceError(f"the record names {operator!r} as who ran the tests, and not {person.name!r}")
        return
    parts = [f"signed as {one.role}" for one in before if same_person(one.person, person)]
    parts += ["sealed the run"] if same_person(sealed.person, person) else []
    parts += ["ran the tests"] if ran else []
    if parts:
        raise EvidenceError(f"{person.name} {' and '.join(parts)}, and cannot be the {role} of their own work")


def check_clock(utc: datetime, last: Signed) -> None:
    """Refuse a clock that is behind what was signed last.

    Raises:
        EvidenceError: It is.
    """
    if utc < last.utc:
        words = f"the clock says {stamp(utc)}, and {last.file} was signed on {stamp(last.utc)}"
        raise EvidenceError(f"{words}: set it right")


def same_person(one: Person, other: Person) -> bool:
    """Return whether two certificates are of one person, by code or by name."""
    return one.code == other.code or same_name(one.name, other.name)


def subject_of(folder: Path, *names: str) -> dict[str, str]:
    """Return the SHA-256 of files of a folder, by name."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def check_subject(folder: Path, signed: Signed, names: Sequence[str]) -> None:
    """Refuse a statement that is not about these very files.

    Raises:
        EvidenceError: It is about others, or one of them is not as it was, or cannot be read.
    """
    if set(signed.subject) != set(names):
        raise EvidenceError(f"{folder / signed.file} must be about {', '.join(names)}")
    try:
        found = subject_of(folder, *names)
    except OSError as error:
        raise EvidenceError(
            f"{error.filename}, which {signed.file} is over, cannot be read: {error.strerror}"
        ) from None
    for name, sha256 in found.items():
        if signed.subject[name] != sha256:
            raise EvidenceError(
                f"{folder / name} is not what {signed.file} is over: one of them was changed or exchanged"
            )


def kept(folder: Path, file: str, content: bytes, lab: Lab, kind: str, key: Key, utc: datetime) -> Signed:
    """Write down in the journal what is going to be kept, and keep it: a gap shows as something that was taken out."""
    person, (run, record) = key.person, identity_of(folder)
    data = {
        "run": run,
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "record": record,
        "code": person.code,
        "name": person.name,
    }
    journal(lab.folder, utc, kind, data)
    write_once(folder / file, content)
    return read_signed(folder, file, lab.anchors)
