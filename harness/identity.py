"""Who a certificate speaks of, what that person may sign as, and whether the certificate can be believed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from harness.errors import ConfigError, EvidenceError

ANCHOR = "ca.crt.pem"


class Role(StrEnum):
    """What a person may sign as; it stands in the certificate."""

    TESTER = "tester"
    REVIEWER = "reviewer"
    APPROVER = "approver"


def roles_of(words: Iterable[str]) -> tuple[Role, ...]:
    """Return the roles that are named, each once.

    Raises:
        ConfigError: A word is no role.
    """
    asked = dict.fromkeys(words)
    unknown = [word for word in asked if word not in set(Role)]
    if unknown:
        raise ConfigError(f"{', '.join(unknown)!r} is no role: there are {', '.join(Role)}")
    return tuple(Role(word) for word in asked)


@dataclass(frozen=True, slots=True)
class Person:
    """Who a certificate speaks of.

    Attributes:
        code: Identification code, of this person alone.
        name: As it is printed.
        organisation: The lab.
        roles: What the person may sign as.
        certificate: Its text in PEM.
        fingerprint: SHA-256 of the certificate, in hex.
    """

    code: str
    name: str
    organisation: str
    roles: tuple[Role, ...]
    certificate: str
    fingerprint: str


def read_anchors(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the authorities that a reader trusts: the certificates of a file in PEM.

    Raises:
        ConfigError: The file cannot be read, or there is no authority in it.
    """
    try:
        found = tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except FileNotFoundError:
        words = f"name the {ANCHOR} of the lab, which `python -m harness keys new` makes for a lab that has none"
        raise ConfigError(f"{path} is no trust anchor, for it is not there: {words}") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no trust anchor ({error}): name the {ANCHOR} of the lab") from None
    for certificate in found:
        if not _is_authority(certificate):
            name = certificate.subject.rfc4514_string()
            raise ConfigError(f"{path}: {name} is no authority: name the {ANCHOR} of the lab")
    return found


def person_of(certificate: x509.Certificate) -> Person:
    """Return who a certificate speaks of.

    Raises:
        EvidenceError: It does not say who, or what the person may sign as.
    """
    subject = certificate.subject
    units = [str(unit.value) for unit in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    if not units or not set(units) <= set(Role):
        raise EvidenceError(f"the certificate of {subject.rfc4514_string()} must name the roles {', '.join(Role)}")
    return Person(
        only(subject, NameOID.USER_ID),
        only(subject, NameOID.COMMON_NAME),
        only(subject, NameOID.ORGANIZATION_NAME),
        tuple(Role(unit) for unit in units),
        certificate.public_bytes(Encoding.PEM).decode(),
        fingerprint(certificate),
    )


def distrust(certificate: x509.Certificate, anchors: Sequence[x509.Certificate], utc: datetime) -> str:
    """Return why a certificate cannot be believed at a time (UTC), in words; "" if it can."""
    name = certificate.subject.rfc4514_string()
    if not isinstance(certificate.public_key(), Ed25519PublicKey):
        return f"the key of {name} is not Ed25519"
    issuer = next((anchor for anchor in anchors if issued(certificate, anchor)), None)
    if issuer is None:
        return f"the certificate of {name} was not issued by a lab that is trusted"
    if not _has_usage(certificate):
        return f"the certificate of {name} is not for signatures"
    for said, one in ((f"the certificate of {name}", certificate), ("that of the lab", issuer)):
        start, end = one.not_valid_before_utc, one.not_valid_after_utc
        if utc < start:
            return f"{said} is valid from {start:%Y-%m-%d %H:%M} on, and not yet on {utc:%Y-%m-%d %H:%M}"
        if utc > end:
            return f"{said} expired on {end:%Y-%m-%d %H:%M}, before {utc:%Y-%m-%d %H:%M}"
    return ""


def same_name(one: str, other: str) -> bool:
    """Return whether two names are one person's: case and blanks make no difference."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _has_usage(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return usage.digital_signature and usage.content_commitment and not _is_authority(certificate)


def issued(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    """Return whether an authority issued a certificate itself."""
    try:
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, in hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def only(name: x509.Name, kind: x509.ObjectIdentifier) -> str:
    """Return the one part of a name that is of a kind.

    Raises:
        EvidenceError: There is none, or more than one.
    """
    found = name.get_attributes_for_oid(kind)
    if len(found) != 1 or not str(found[0].value):
        raise EvidenceError(
            f"the certificate of {name.rfc4514_string()} must say once who it is of, by {kind.dotted_string}"
        )
    return str(found[0].value)
