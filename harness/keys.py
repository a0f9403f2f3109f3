"""The lab's keys: an authority that says who somebody is and what they may sign, and one encrypted key for each person.

A lab is a folder of its own, outside of every run: ca.crt.pem, which is what a reader has to trust, ca.key.pem, people/
with certificate and key of each person, and journal.jsonl. A person signs with two components, an identification code
and a passphrase (21 CFR 11.200); the code is given to nobody else afterwards (11.100). All keys are Ed25519.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from harness.errors import ConfigError, EvidenceError
from harness.identity import ANCHOR, Person, Role, fingerprint, only, person_of, read_anchors, same_name
from harness.journal import CLOCK_SET, JOURNAL, ended, journal, revoked, stamp

# The containers of encrypted keys count few rounds, so that the passphrase has to carry the weight.
SHORTEST = 12
_CA_KEY = "ca.key.pem"
_CODE = re.compile(r"[a-z0-9][a-z0-9.-]{1,30}")
_CA_YEARS = 20
# A name in a certificate has no more signs (X.520, ub-common-name).
_LONGEST = 64
_AUTHORITY = " authority"
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key, unlocked."""

    person: Person
    private: Ed25519PrivateKey


def make_lab(folder: Path, name: str, passphrase: str, utc: datetime) -> Path:
    """Make the authority of a lab in a new folder, and return its certificate's file, the trust anchor.

    Raises:
        ConfigError: There is a lab already, the name is empty, or the passphrase is too short.
    """
    if not name.strip():
        raise ConfigError("a lab needs a name (--name)")
    _check_name(name.strip(), _LONGEST - len(_AUTHORITY))
    _check_passphrase(passphrase)
    private = Ed25519PrivateKey.generate()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name.strip()),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name.strip()}{_AUTHORITY}"),
        ]
    )
    builder = _builder(subject, subject, private.public_key(), utc, _CA_YEARS * _YEAR)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    certificate = builder.sign(private, None)
    try:
        (folder / "people").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder / 'people'} cannot be made: {error.strerror}; name another folder") from None
    _write_new(folder / _CA_KEY, _encrypted(private, passphrase), secret=True)
    _write_new(folder / ANCHOR, certificate.public_bytes(Encoding.PEM))
    journal(folder, utc, "lab_made", {"name": name.strip(), "certificate": fingerprint(certificate)})
    return folder / ANCHOR


def issue(
    folder: Path,
    code: str,
    name: str,
    roles: Iterable[Role],
    *,
    lab_passphrase: str,
    passphrase: str,
    utc: datetime,
    days: int = 365,
    renew: bool = False,
) -> Person:
    """Make a key for a person, and certify who it belongs to and what it may sign.

    Args:
        folder: Of the lab.
        code: Identification code: small letters, digits, dots and hyphens.
        name: As it is printed.
        roles: What the person may sign as.
        lab_passphrase: Of the authority.
        passphrase: Of the person.
        utc: Now, from when on the certificate is valid.
        days: How long.
        renew: Whether the person has a key of this code, which is then put aside.

    Raises:
        ConfigError: The code or the name is somebody's, a passphrase is wrong or too short, or no role is given.
    """
    held = tuple(role for role in Role if role in set(roles))
    if not _CODE.fullmatch(code):
        raise ConfigError(f"{code!r} is no identification code: 2 to 31 small letters, digits, dots and hyphens")
    if not name.strip() or not held:
        raise ConfigError(f"{code} needs a name and at least one role ({', '.join(Role)})")
    _check_name(name.strip(), _LONGEST)
    if days < 1:
        raise ConfigError(f"a certificate must be valid for a day at least, and not for {days} days")
    _check_passphrase(passphrase)
    if passphrase == lab_passphrase:
        raise ConfigError("the passphrase of a person must not be that of the lab: nobody else may know it")
    authority = _authority(folder)
    private_ca = _decrypted(folder, _CA_KEY, lab_passphrase, "the lab", utc)
    _check_free(folder, code, name.strip(), renew)
    private = Ed25519PrivateKey.generate()
    organisation = only(authority.subject, NameOID.ORGANIZATION_NAME)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            *(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role.value) for role in held),
            x509.NameAttribute(NameOID.USER_ID, code),
            x509.NameAttribute(NameOID.COMMON_NAME, name.strip()),
        ]
    )
    builder = _builder(subject, authority.subject, private.public_key(), utc, timedelta(days=days))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(authority=False), critical=True)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(private_ca.public_key())
    certificate = builder.add_extension(identifier, critical=False).sign(private_ca, None)
    if renew:
        _put_aside(folder, code)
    _write_new(folder / "people" / f"{code}.key.pem", _encrypted(private, passphrase), secret=True)
    _write_new(folder / "people" / f"{code}.crt.pem", certificate.public_bytes(Encoding.PEM))
    person = person_of(certificate)
    said = {"code": code, "name": person.name, "roles": list(held), "certificate": person.fingerprint}
    journal(folder, utc, "key_issued", said)
    return person


def revoke(folder: Path, code: str, reason: str, *, lab_passphrase: str, utc: datetime) -> Person:
    """Write down that the key of a person is not to be believed from now on: it was lost, or the person has left.

    Raises:
        ConfigError: There is no such person or no reason, the key is revoked, or the passphrase is not that of the lab.
    """
    if not reason.strip():
        raise ConfigError(f"that the key of {code} is revoked needs a reason (--reason)")
    person = person_of(_certificate(folder, code))
    _check_revoked(folder, person)
    _decrypted(folder, _CA_KEY, lab_passphrase, "the lab", utc)
    said = {"code": code, "name": person.name, "certificate": person.fingerprint, "reason": reason.strip()}
    journal(folder, utc, "key_revoked", said)
    return person


def set_clock(folder: Path, reason: str, *, lab_passphrase: str, utc: datetime) -> None:
    """Write down that the clock is right now, and was ahead before, so that people can sign again.

    Raises:
        ConfigError: There is no reason, or the passphrase is not that of the lab.
        EvidenceError: The journal cannot be written, or the clock was not ahead.
    """
    if not reason.strip():
        raise ConfigError("that the clock was ahead needs a reason (--reason)")
    if stamp(utc) >= ended(folder / JOURNAL)["utc"]:
        raise EvidenceError(f"the clock is not behind {folder / JOURNAL}: nothing has to be set right")
    _decrypted(folder, _CA_KEY, lab_passphrase, "the lab", utc)
    journal(folder, utc, CLOCK_SET, {"reason": reason.strip()})


def unlock(folder: Path, code: str, passphrase: str, utc: datetime) -> Key:
    """Return the key of a person, who has given code and passphrase; an attempt that fails is journalled.

    Raises:
        ConfigError: There is no such person, the passphrase is wrong, or the key is revoked or not the certificate's.
    """
    certificate = _certificate(folder, code)
    _check_revoked(folder, person_of(certificate))
    private = _decrypted(folder, f"people/{code}.key.pem", passphrase, code, utc)
    if certificate.public_key() != private.public_key():
        raise ConfigError(f"{folder}/people/{code}.crt.pem is not the certificate of {code}.key.pem: issue a new key")
    return Key(person_of(certificate), private)


def people(folder: Path) -> list[tuple[Person, datetime]]:
    """Return everybody who has a key, with the time until which it is valid (UTC).

    Raises:
        ConfigError: A certificate cannot be read.
    """
    codes = sorted(path.name.removesuffix(".key.pem") for path in (folder / "people").glob("*.key.pem"))
    found = [_certificate(folder, code) for code in codes]
    return [(person_of(certificate), certificate.not_valid_after_utc) for certificate in found]


def _builder(
    subject: x509.Name, issuer: x509.Name, public: Ed25519PublicKey, utc: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    start = utc.replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _authority(folder: Path) -> x509.Certificate:
    anchors = read_anchors(folder / ANCHOR)
    return anchors[0]


def _certificate(folder: Path, code: str) -> x509.Certificate:
    path = folder / "people" / f"{code}.crt.pem"
    if not _CODE.fullmatch(code) or not path.is_file():
        raise ConfigError(f"{code!r} has no key in {folder}: python -m harness keys add {code}")
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{path} is no certificate: {error}") from None


def _check_revoked(folder: Path, person: Person) -> None:
    since = revoked(folder / JOURNAL).get(person.fingerprint)
    if since is not None:
        raise ConfigError(f"the key of {person.name} was revoked on {stamp(since)}: keys add {person.code} --renew")


def _check_name(name: str, longest: int) -> None:
    if len(name) > longest or not name.isprintable():
        raise ConfigError(f"{name!r} must be one line of {longest} signs or fewer: it stands in a certificate")


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) < SHORTEST or len(set(passphrase)) < SHORTEST // 2:
        raise ConfigError(
            f"a passphrase must have {SHORTEST} characters or more, {SHORTEST // 2} of them different: take some words"
        )


def _encrypted(private: Ed25519PrivateKey, passphrase: str) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))


def _decrypted(folder: Path, file: str, passphrase: str, whose: str, utc: datetime) -> Ed25519PrivateKey:
    try:
        content = (folder / file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{folder / file} cannot be read: {error.strerror}") from None
    try:
        private = load_pem_private_key(content, passphrase.encode())
    except (ValueError, TypeError):
        journal(folder, utc, "refused", {"code": whose, "reason": "wrong passphrase"})
        raise ConfigError(f"the passphrase is not that of {whose}; the attempt is in the journal of the lab") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigError(f"{folder / file} must hold an Ed25519 key")
    return private


def _check_free(folder: Path, code: str, name: str, renew: bool) -> None:
    """Refuse a code that was ever another's, and a second key for one name, who could then review their own work."""
    names = {person.code: person.name for person, _ in people(folder)}
    if renew:
        if names.get(code) != name:
            raise ConfigError(f"{code} has no key of {name!r} that could be renewed")
    elif code in names:
        raise ConfigError(f"{code} is {names[code]!r}, and a code is given once: choose another, or --renew the key")
    others = [other for other, held in names.items() if other != code and same_name(held, name)]
    if others:
        raise ConfigError(f"{name!r} has the code {others[0]}: a person has one, and namesakes need a distinct name")


def _put_aside(folder: Path, code: str) -> None:
    serial = f"{_certificate(folder, code).serial_number:x}"
    home = folder / "people"
    (home / "old").mkdir(exist_ok=True)
    for kind in ("key", "crt"):
        (home / f"{code}.{kind}.pem").rename(home / "old" / f"{code}.{serial}.{kind}.pem")


def _write_new(path: Path, content: bytes, *, secret: bool = False) -> None:
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.open(path, flags, 0o600 if secret else 0o644)
        with os.fdopen(file, "wb") as out:
            out.write(content)
    except FileExistsError:
        raise ConfigError(f"{path} exists, and a key is never written over: name another folder") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
