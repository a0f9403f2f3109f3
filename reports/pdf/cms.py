"""The signature that stands in a PDF: CMS with one Ed25519 signer, spelled in one way only (RFC 5652, 8419; PAdES).

Only a part of a CMS message is under its signature. A message is therefore read by making it again from the parts that
count and comparing it whole, so that no byte of it can be changed unseen.
"""

from asn1crypto import cms as asn1
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import as_signing_certificate_v2

from harness.errors import EvidenceError
from harness.keys import Key

DIGEST = "sha512"


def message(key: Key, digest: bytes) -> bytes:
    """Return the message that signs what has a SHA-512 digest, in DER."""
    certificate = x509.load_pem_x509_certificate(key.person.certificate.encode())
    return _assembled(certificate, digest, key.private.sign(_signed_part(certificate, digest)))


def signer(content: bytes, digest: bytes) -> x509.Certificate:
    """Return the certificate of who signed what has this SHA-512 digest; whether to trust it is another question.

    Zeros after the message are the rest of the place that was kept for it.

    Raises:
        EvidenceError: It is no such message, is over something else, or was changed.
    """
    try:
        data = asn1.ContentInfo.load(content)["content"]
        (choice,) = data["certificates"]
        (info,) = data["signer_infos"]
        certificate = x509.load_der_x509_certificate(choice.chosen.dump())
        signature = info["signature"].native
        said = {attribute["type"].native: attribute["values"].native for attribute in info["signed_attrs"]}
        key = certificate.public_key()
        if not isinstance(key, Ed25519PublicKey):
            raise EvidenceError("its key is not Ed25519")
        if said.get("message_digest") != [digest]:
            raise EvidenceError("what it is over was changed")
        if content.rstrip(b"\0") != _assembled(certificate, digest, signature).rstrip(b"\0"):
            raise EvidenceError("it is not spelled as it was written: somebody changed it")
        key.verify(signature, _signed_part(certificate, digest))
    except InvalidSignature:
        raise EvidenceError("it was changed: it is not that of its certificate") from None
    except (ValueError, TypeError, KeyError, AttributeError, x509.InvalidVersion) as error:
        raise EvidenceError(f"it was changed: it cannot be read ({error})") from None
    return certificate


def _attributes(certificate: x509.Certificate, digest: bytes) -> asn1.CMSAttributes:
    return asn1.CMSAttributes(
        [
            asn1.CMSAttribute({"type": "content_type", "values": ["data"]}),
            asn1.CMSAttribute({"type": "message_digest", "values": [digest]}),
            asn1.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [as_signing_certificate_v2(_plain(certificate))]}
            ),
        ]
    )


def _signed_part(certificate: x509.Certificate, digest: bytes) -> bytes:
    dumped: bytes = _attributes(certificate, digest).dump()
    return dumped


def _assembled(certificate: x509.Certificate, digest: bytes, signature: bytes) -> bytes:
    plain = _plain(certificate)
    algorithm = {"algorithm": DIGEST}
    info = asn1.SignerInfo(
        {
            "version": "v1",
            "sid": asn1.SignerIdentifier(
                {"issuer_and_serial_number": {"issuer": plain.issuer, "serial_number": plain.serial_number}}
            ),
            "digest_algorithm": algorithm,
            "signed_attrs": _attributes(certificate, digest),
            "signature_algorithm": {"algorithm": "ed25519"},
            "signature": signature,
        }
    )
    data = asn1.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algorithm],
            "encap_content_info": {"content_type": "data"},
            "certificates": [plain],
            "signer_infos": [info],
        }
    )
    dumped: bytes = asn1.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return dumped


def _plain(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
