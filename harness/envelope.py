"""A signed statement in a file: a DSSE envelope over an in-toto statement, with the certificate of who signed it.

Read back, it is either proved in every byte or refused: the signature, the certificate up to the trusted lab, that it
was valid when it was used, that it is the one the statement names, and that the file is spelled as it was written.
"""

import hashlib
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as SecureSystemsError
from securesystemslib.signer import CryptoSigner, SSlibKey

from harness.errors import EvidenceError
from harness.identity import Person, Role, distrust, person_of
from harness.journal import stamp
from harness.keys import Key

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
# What stands in every statement beside what is stated: who signed, as what, and when.
SIGNER = ("person", "role", "utc")
# All that a file of anybody's may raise: neither library has one base for it.
_UNREADABLE = (
    SecureSystemsError,
    UnsupportedAlgorithm,
    CryptographyDeprecationWarning,
    x509.InvalidVersion,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)
_READABLE = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement that is proved to be somebody's.

    Attributes:
        file: Name inside the run's folder.
        sha256: Of the file.
        kind: What is stated (the predicate type).
        subject: SHA-256 of each file that it is about, by name.
        predicate: What is stated.
        person: Who signed.
        role: As what.
        utc: When, by the host's clock.
    """

    file: str
    sha256: str
    kind: str
    subject: dict[str, str]
    predicate: dict[str, Any]
    person: Person
    role: Role
    utc: datetime


def prepare(
    subject: dict[str, str], kind: str, predicate: dict[str, Any], key: Key, role: Role, utc: datetime
) -> bytes:
    """Return the content of a file that states something in the name of a person: who, as what, and when stand in it.

    Raises:
        EvidenceError: The statement says itself who signs.
    """
    if any(name in predicate for name in SIGNER):
        raise EvidenceError(f"a statement must not say itself who signs it ({', '.join(SIGNER)})")
    person = key.person
    signer = {
        "person": {
            "name": person.name,
            "code": person.code,
            "organisation": person.organisation,
            "certificate": person.fingerprint,
        },
        "role": role.value,
        "utc": stamp(utc),
    }
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": sha256}} for name, sha256 in subject.items()],
        "predicateType": kind,
        "predicate": {**predicate, **signer},
    }
    envelope = Envelope(orjson.dumps(statement), PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(key.private)).unrecognized_fields["cert"] = person.certificate
    return orjson.dumps(envelope.to_dict(), option=_READABLE)


def write_once(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, and wait until the disk has it.

    Raises:
        EvidenceError: It is there, or the disk refuses.
    """
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise EvidenceError(f"{path} exists, and what was signed is never written over") from None
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; free the disk, and sign again") from error


def read_signed(folder: Path, file: str, anchors: Sequence[x509.Certificate]) -> Signed:
    """Return what a file of a run's folder states, proved.

    Raises:
        EvidenceError: It is not proved; the text says what is wrong with which file.
    """
    path = folder / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from None
    envelope, certificate = _opened(path, content)
    # Bytes that the signature does not cover could say something else to another reader.
    if orjson.dumps(envelope.to_dict(), option=_READABLE) != content:
        raise EvidenceError(f"{path} is not spelled as it was written: somebody changed it")
    try:
        key = SSlibKey.from_crypto(certificate.public_key())
        envelope.verify([key], 1)
    except (SecureSystemsError, ValueError):
        raise EvidenceError(f"{path}: the signature is not that of its certificate, or what it signs changed") from None
    try:
        return _said(file, content, envelope.payload, certificate, anchors)
    except EvidenceError as error:
        raise EvidenceError(f"{path}: {error}") from None
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise EvidenceError(f"{path} is signed, and is no statement of ours ({error!r})") from None


def _opened(path: Path, content: bytes) -> tuple[Envelope, x509.Certificate]:
    try:
        envelope = Envelope.from_dict(orjson.loads(content))
        (signature,) = envelope.signatures.values()
        text = signature.unrecognized_fields["cert"].encode()
        with warnings.catch_warnings():  # of what a next version of the library refuses
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            certificate = x509.load_pem_x509_certificate(text)
        if not isinstance(certificate.public_key(), Ed25519PublicKey):
            raise ValueError("the key must be Ed25519")
        spelled = certificate.public_bytes(Encoding.PEM) == text
        known = spelled and set(signature.unrecognized_fields) == {"cert"} and envelope.payload_type == PAYLOAD_TYPE
    except _UNREADABLE as error:
        raise EvidenceError(f"{path} is no envelope with one signature and its certificate ({error})") from None
    if not known:
        raise EvidenceError(f"{path} must hold a statement of type {PAYLOAD_TYPE} with one signature and nothing else")
    return envelope, certificate


def _said(
    file: str, content: bytes, payload: bytes, certificate: x509.Certificate, anchors: Sequence[x509.Certificate]
) -> Signed:
    statement = orjson.loads(payload)
    # Two keys of one name, or a number spelled in two ways, would be read otherwise by another program.
    if orjson.dumps(statement) != payload or set(statement) != {"_type", "subject", "predicateType", "predicate"}:
        raise EvidenceError("the statement is not spelled as this program spells it")
    predicate = dict(statement["predicate"])
    told, role, spoken = (predicate.pop(name) for name in SIGNER)
    utc = datetime.fromisoformat(spoken).astimezone(UTC)
    if stamp(utc) != spoken:
        raise EvidenceError(f"the time of a statement must be in UTC, such as {stamp(utc)}, and not {spoken!r}")
    if reason := distrust(certificate, anchors, utc):
        raise EvidenceError(reason)
    person, role = person_of(certificate), Role(role)
    if told["certificate"] != person.fingerprint:
        raise EvidenceError("the certificate is not the one that the statement names")
    if (told["name"], told["code"], told["organisation"]) != (person.name, person.code, person.organisation):
        raise EvidenceError(f"the statement names {told['name']!r}, and its certificate {person.name!r}")
    if role not in person.roles:
        raise EvidenceError(f"{person.name} signed as {role}, and may sign as {', '.join(person.roles)}")
    subject = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    plain = [{"name": name, "digest": {"sha256": sha256}} for name, sha256 in subject.items()]
    if statement["_type"] != STATEMENT_TYPE or statement["subject"] != plain:
        raise EvidenceError(f"a statement must be of type {STATEMENT_TYPE} and name each file once, by SHA-256")
    sha256 = hashlib.sha256(content).hexdigest()
    return Signed(file, sha256, str(statement["predicateType"]), subject, predicate, person, role, utc)
