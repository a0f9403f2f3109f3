"""Who vouches for a run: seal and signatures, proved up to a lab that a reader trusts, and held against the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.amending import read_amendments
from harness.bundle import SEAL
from harness.envelope import Signed
from harness.errors import EvidenceError
from harness.identity import Role, read_anchors, same_name
from harness.journal import JOURNAL, journalled, moment, revoked, stamp, taken_out
from harness.signing import read_seal, read_signatures, same_person
from reports import lab_journal
from reports.amended_again import unlawful
from reports.approval import obstacles
from reports.run import Run, load
from reports.statement import WORDS, began, operator, result

ROLES = {"seal": "sealed", Role.TESTER: "tested", Role.REVIEWER: "reviewed", Role.APPROVER: "approved"}


@dataclass(frozen=True, slots=True)
class Row:
    """One signature as every readable form of a run shows it (21 CFR 11.50).

    Attributes:
        role: As what somebody signed; "seal" for who sealed the run, "amendment 1" for who amended its report,
            "amendment 1 reviewed" for who signed that.
        name: Printed name.
        code: Identification code.
        organisation: The lab.
        meaning: What it stands for.
        utc: When, to the second.
        certificate: SHA-256 of the certificate.
        file: The envelope.
        sha256: Of the envelope.
    """

    role: str
    name: str
    code: str
    organisation: str
    meaning: str
    utc: str
    certificate: str
    file: str
    sha256: str


def rows(folder: Path, trust: Path) -> list[Row]:
    """Return the seal and the signatures of a run, proved, in the order in which they were made; [] if it has none.

    Args:
        folder: Of the run.
        trust: The certificates of the labs that are trusted.

    Raises:
        ConfigError: There is no such certificate.
        EvidenceError: Something is not proved; the text names it.
    """
    if not (folder / SEAL).exists():
        return []
    anchors = read_anchors(trust)
    sealed = read_seal(folder, anchors)
    meant = [(signed, str(signed.predicate["meaning"])) for signed in read_signatures(folder, anchors, sealed)]
    found = [_row("seal", sealed, "sealed the record"), *(_row(one.role, one, meaning) for one, meaning in meant)]
    for amendment in read_amendments(folder, anchors, sealed, [one for one, _ in meant]):
        said = amendment.statement.predicate
        title = f"amendment {said['number']}"
        found.append(_row(title, amendment.statement, f"{said['document']}: {said['statement']}: {said['reason']}"))
        found += (_row(f"{title} {ROLES[one.role]}", one, one.predicate["meaning"]) for one in amendment.signatures)
    return found


def vouch(folder: Path, trust: Path, run: Run | None = None) -> list[str]:
    """Return what is wrong with the seal and the signatures of a run, each with its file first; [] if they hold.

    A statement must be what follows from the record, and nobody can have approved what cannot be approved, whatever
    program they signed with. Where the journal of the lab lies beside its certificate, what was taken out is told.

    Raises:
        ConfigError: There is no certificate to trust.
    """
    anchors, journal = read_anchors(trust), trust.parent / JOURNAL
    found: list[str] = []
    signed: list[Signed] = []
    try:
        sealed = read_seal(folder, anchors)
        signed.append(sealed)
        run = run or load(folder)
        found += _contradictions(run, sealed)
        signed += read_signatures(folder, anchors, sealed)
        for one in signed[1:]:
            found += [f"{one.file}: {words}" for words in _unlawful(run, sealed, one)]
        amendments = read_amendments(folder, anchors, sealed, signed[1:])
        signed += (one for amendment in amendments for one in (amendment.statement, *amendment.signatures))
        found += unlawful(run, sealed, amendments)
        found += _revoked(signed, journal)
    except EvidenceError as error:
        found.append(_placed(folder, str(error)))
    if journal.is_file():
        try:
            found += taken_out(journal, folder)
            found += lab_journal.contradictions(lab_journal.read(journal), signed, anchors)
        except EvidenceError as error:
            found.append(f"{JOURNAL}: {str(error).removeprefix(f'{journal}, ')}")
    return found


def _contradictions(run: Run, sealed: Signed) -> list[str]:
    """Return where a seal states what its record does not come to."""
    follows = result(run)
    keys = [key for key in {**follows, **sealed.predicate} if key not in (*WORDS, "journal")]
    differing = [key for key in keys if follows.get(key) != sealed.predicate.get(key)]
    # Another version may put them in other words, and not leave them out.
    differing += [key for key in WORDS if not _as_many(follows[key], sealed.predicate.get(key))]
    found = [f"{sealed.file}: it states another {key} than follows from the record" for key in differing]
    start = moment(began(run))
    if start is not None and sealed.utc < start.replace(microsecond=0):
        found.append(f"{sealed.file}: it says it was made on {stamp(sealed.utc)}, and the run began on {stamp(start)}")
    return found


def _as_many(follows: Sequence[str], said: object) -> bool:
    """Return whether a list says something if it must, and nothing if it must not."""
    return isinstance(said, list) and bool(follows) == bool(said) and all(isinstance(word, str) for word in said)


def _revoked(signed: Sequence[Signed], journal: Path) -> list[str]:
    """Return what was signed with a key after it was revoked, or says that it was before and is not in the journal."""
    try:
        ends, known = revoked(journal), journalled(journal)
    except EvidenceError:  # that it was altered is told where what was taken out is looked for
        return []
    found = []
    for one in signed:
        end = ends.get(one.person.fingerprint)
        if end is not None and (one.utc >= end or one.sha256 not in known):
            when = "" if one.utc >= end else ", and nobody journalled it before"
            found.append(f"{one.file}: signed with a key of {one.person.name} that was revoked on {stamp(end)}{when}")
    return found


def _unlawful(run: Run, sealed: Signed, one: Signed) -> list[str]:
    """Return why a signature should not have been made, although it is whole."""
    found = []
    ran = operator(run)
    is_operator = bool(ran) and same_name(ran, one.person.name)
    if one.role is Role.TESTER and ran and not is_operator:
        found.append(f"signed by {one.person.name} as tester, and the record names {ran!r}")
    if one.role is not Role.TESTER:
        if is_operator:
            found.append(f"signed by {one.person.name}, who ran the tests")
        if same_person(one.person, sealed.person):
            found.append(f"signed by {one.person.name}, who sealed the run")
    if one.role is Role.APPROVER and (reasons := obstacles(run)):
        found.append(f"approved, and cannot be: {'; '.join(reasons)}")
    if one.predicate.get("statement") != sealed.predicate.get("statement"):
        found.append("it signs another statement than the seal makes")
    if one.predicate.get("head") != run.head or one.predicate.get("events") != run.count:
        found.append("it names another end of the record than there is")
    return found


def _row(role: str, signed: Signed, meaning: str) -> Row:
    person = signed.person
    utc = signed.utc.isoformat(timespec="seconds")
    return Row(
        role,
        person.name,
        person.code,
        person.organisation,
        meaning,
        utc,
        person.fingerprint,
        signed.file,
        signed.sha256,
    )


def _placed(folder: Path, words: str) -> str:
    """Return words with the file that they speak of first, as it is named inside the folder."""
    home = f"{folder}/"
    if not words.startswith(home):
        return f"{SEAL}: {words}"
    file, _, rest = words.removeprefix(home).partition(" ")
    return f"{file.rstrip(':,')}: {rest}"


def standing(signed: Sequence[Row]) -> str:
    """Return who has signed and who has not, in words: a run that lacks its last signature is whole, and says so."""
    by_role = {row.role: row for row in signed}
    if not by_role:
        return "not sealed, and signed by nobody"
    said = [f"{word} by {by_role[role].name}" for role, word in ROLES.items() if role in by_role]
    lacking = [word for role, word in ROLES.items() if role not in by_role]
    amended = [row for row in signed if row.role not in ROLES and row.role.split()[-1].isdecimal()]
    return (
        ", ".join(said)
        + (f"; not {' and not '.join(lacking)}" if lacking else "")
        + (f"; since then amended, {amended[-1].meaning}" if amended else "")
    )
