"""Time stamps of an outside authority (RFC 3161): proof that a seal was there at a time, by a clock that is not ours.

The authority sees a hash and nothing else. Its answer is kept as it came, seal.tsr beside seal.dsse.json, where
`openssl ts -verify` reads it too. Without a network nothing of this is needed, and nothing else changes.
"""

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from harness.bundle import SEAL, STAMP
from harness.envelope import write_once
from harness.errors import ConfigError, EvidenceError, LinkError
from harness.journal import identity_of, journal, stamp

# How far apart the clocks of a host and of an authority may be; a host that is set by the network is within a second.
APART = timedelta(seconds=60)
_WAIT_S = 30.0
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time stamp says.

    Attributes:
        utc: When the authority saw the hash.
        authority: Its name, as its certificate prints it.
        serial: Number of the time stamp.
        proved: Whether an authority that the reader trusts gave it; else it only says so.
    """

    utc: datetime
    authority: str
    serial: int
    proved: bool


def ask(url: str, content: bytes, utc: datetime) -> bytes:
    """Return the answer of an authority that was asked for a time stamp over some bytes; it is sent their SHA-256.

    Args:
        url: Of the authority.
        content: What to stamp.
        utc: Now, by the clock of this host.

    Raises:
        ConfigError: The address is none of http or https.
        LinkError: Nobody answers there, or not in time.
        EvidenceError: The answer is no time stamp over these bytes, or none for this question, or the clocks of the
            host and of the authority are too far apart.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ConfigError(f"--timestamp {url!r} must be the address of a time stamp authority: https://...")
    question = TimestampRequestBuilder(content, HashAlgorithm.SHA256).cert_request(cert_request=True).build()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(url, question.as_bytes(), headers)  # noqa: S310 - its scheme was looked at
    try:
        with urllib.request.urlopen(request, timeout=_WAIT_S) as reply:  # noqa: S310
            answer = bytes(reply.read(_LARGEST))
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise LinkError(f"{url} gives no time stamp: {error}; try again, or seal without --timestamp") from error
    response = _decoded(answer, url)
    if response.tst_info.nonce != question.nonce:
        raise EvidenceError(f"{url} gives a time stamp for another question than ours: it is not taken")
    told = prove(answer, content, (), url).utc
    if abs(told - utc) > APART:
        apart = f"the clock says {stamp(utc)}, and {url} {stamp(told)}"
        raise EvidenceError(f"{apart}: they may be {APART.seconds} s apart; set the clock right")
    return answer


def keep(folder: Path, lab: Path, answer: bytes, utc: datetime) -> Stamp:
    """Keep the time stamp of a seal beside it, and write it down in the journal of the lab.

    Raises:
        EvidenceError: There is one already, there is no seal, or it is of another one.
    """
    path, sealed = folder / STAMP, folder / SEAL
    if path.exists():
        raise EvidenceError(f"{path} exists: a seal has one time stamp, and what was signed is never written over")
    if not sealed.is_file():
        raise EvidenceError(f"{folder} is not sealed: python -m harness seal {folder}")
    said = prove(answer, sealed.read_bytes(), (), str(path))
    run, record = identity_of(folder)
    data = {
        "run": run,
        "file": STAMP,
        "sha256": hashlib.sha256(answer).hexdigest(),
        "record": record,
        "code": "",
        "name": said.authority,
    }
    journal(lab, utc, "stamped", data)
    write_once(path, answer)
    return said


def early(told: datetime, made: datetime) -> str:
    """Return in words that a seal says it was made after its time stamp was given; "" if it does not."""
    if made - told <= APART:
        return ""
    return f"was given on {stamp(told)}, and the seal says it was made on {stamp(made)}: a clock was wrong"


def prove(answer: bytes, content: bytes, authorities: Sequence[x509.Certificate], name: str) -> Stamp:
    """Return what a time stamp says, if it is over some bytes and an authority that is trusted gave it.

    Args:
        answer: Of the authority, as it came.
        content: What it is over.
        authorities: Whose time stamps count; () looks only at what it is over, and the stamp is not proved.
        name: Of the file, for the words of an error.

    Raises:
        EvidenceError: It is none, is over something else, or nobody that is trusted gave it.
    """
    response = _decoded(answer, name)
    imprint = response.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != "2.16.840.1.101.3.4.2.1":
        raise EvidenceError(f"{name} is over another hash than SHA-256")
    if imprint.message != hashlib.sha256(content).digest():
        raise EvidenceError(f"{name} is a time stamp of other bytes: one of them was changed or exchanged")
    if authorities:
        try:
            VerifierBuilder(roots=list(authorities)).build().verify_message(response, content)
        except (VerificationError, ValueError) as error:
            raise EvidenceError(f"{name} was not given by an authority that is trusted ({_short(error)})") from None
    info = response.tst_info
    return Stamp(info.gen_time.astimezone(UTC), _giver(response, name), info.serial_number, bool(authorities))


def read_authorities(path: Path) -> tuple[x509.Certificate, ...]:
    """Return whose time stamps a reader trusts: the roots of authorities, and what stands between, in PEM.

    Raises:
        ConfigError: The file cannot be read, or there is no certificate in it.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} must hold the certificate of a time stamp authority in PEM ({error})") from None


def _decoded(answer: bytes, name: str) -> TimeStampResponse:
    """Return an answer that holds a time stamp.

    Raises:
        EvidenceError: It is none, is not spelled as the standard has it (DER), or the authority refuses.
    """
    try:
        response = decode_timestamp_response(answer)
        if PKIStatus(response.status) is not PKIStatus.GRANTED:
            words = "; ".join(response.status_string) or PKIStatus(response.status).name.lower()
            raise EvidenceError(f"{name}: the authority refused: {words}")
        _ = response.tst_info.gen_time, response.signed_data.certificates
    except ValueError as error:
        raise EvidenceError(f"{name} is no time stamp as RFC 3161 spells it ({error})") from None
    return response


def _short(error: Exception) -> str:
    """Return what an error says last: OpenSSL hands on a whole stack of them."""
    words = re.findall(r'Verify error: ([^"]+)|reason: "([^"]+)"', str(error))
    return next((last or reason for last, reason in reversed(words)), str(error))


def _giver(response: TimeStampResponse, name: str) -> str:
    """Return the name of whoever signed a time stamp."""
    try:
        (signer,) = response.signed_data.signer_infos
        for raw in response.signed_data.certificates:
            certificate = x509.load_der_x509_certificate(raw)
            if (certificate.issuer, certificate.serial_number) == (signer.issuer, signer.serial_number):
                usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
                named = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
                if ExtendedKeyUsageOID.TIME_STAMPING in usage:
                    return str(named[0].value) if named else certificate.subject.rfc4514_string()
    except (ValueError, x509.ExtensionNotFound) as error:
        raise EvidenceError(f"{name} does not say who gave it ({error})") from None
    raise EvidenceError(f"{name} does not hold the certificate of the authority that gave it")
