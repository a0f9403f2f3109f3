"""A signature appended to a PDF (PAdES): nothing that is there changes, and no page shows it.

The fields are invisible, because a visible one would break PDF/A and PDF/UA; who signed the data is printed by the
report itself. The first signature opens a field for each who is to sign, so that one who has not is seen by any reader.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha512
from importlib.metadata import version

from harness.errors import EvidenceError
from harness.identity import Role
from harness.keys import Key
from reports.pdf.cms import DIGEST, message

FIELDS = {Role.TESTER: "Tested", Role.REVIEWER: "Reviewed", Role.APPROVER: "Approved"}
MEANINGS = {
    Role.TESTER: "I made this report of the run that I tested",
    Role.REVIEWER: "I reviewed this report",
    Role.APPROVER: "I approve this report",
}
# Of hexadecimal digits: a message has some 1,500 bytes.
_RESERVED = 8192


@dataclass(frozen=True, slots=True)
class Prepared:
    """A PDF with a place for a signature that is not made yet.

    Attributes:
        content: With zeros in the place.
        start: Where the place begins, with its bracket.
        end: Where it ends.
    """

    content: bytes
    start: int
    end: int

    @property
    def digest(self) -> bytes:
        """SHA-512 of all but the place."""
        return sha512(self.content[: self.start] + self.content[self.end :]).digest()

    def filled(self, message: bytes) -> bytes:
        """Return the PDF with a message in the place, in hexadecimal digits, filled up with zeros."""
        return self.content[: self.start] + spelled(message, self.end - self.start) + self.content[self.end :]


def signed(content: bytes, key: Key, role: Role, utc: datetime, roles: Sequence[Role]) -> bytes:
    """Return a PDF with a signature more.

    Args:
        content: The PDF, unsigned or signed by others.
        key: Of who signs.
        role: As what.
        utc: When.
        roles: Who is to sign it in all; the first signature opens a field for each.

    Raises:
        EvidenceError: It is no PDF that can be signed.
    """
    place = prepared(content, key.person.name, role, utc, roles)
    return place.filled(message(key, place.digest))


def maker() -> str:
    """Return the name and version of the library that writes signatures."""
    return f"pyHanko {version('pyhanko')}"


def spelled(message: bytes, length: int) -> bytes:
    """Return a message as it is written into a place of so many bytes."""
    return b"<" + message.hex().upper().encode().ljust(length - 2, b"0") + b">"


def prepared(content: bytes, name: str, role: Role, utc: datetime, roles: Sequence[Role]) -> Prepared:
    """Return a PDF with a place for a signature; the same each time, but for a number by chance (/ID).

    Raises:
        EvidenceError: It is no PDF that can be signed.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import (
        MDPPerm,
        SigFieldSpec,
        SigSeedSubFilter,
        append_signature_field,
        enumerate_sig_fields,
    )
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
    from pyhanko.sign.signers.constants import ESIC_EXTENSION_1, ISO32002
    from pyhanko.sign.signers.pdf_byterange import BuildProps, SignatureObject

    class Writer(IncrementalPdfFileWriter):
        """Appends to a PDF, and leaves its metadata as they are: they would have to name the day."""

        def _update_meta(self) -> None:
            pass

    try:
        writer = Writer(io.BytesIO(content))
        first = not list(enumerate_sig_fields(writer))
        if first:
            for known in (ESIC_EXTENSION_1, ISO32002):
                writer.register_extension(known)
            for one in roles:
                label = f"Signature of the {one}"
                append_signature_field(writer, SigFieldSpec(FIELDS[one], readable_field_name=label))
        place = SignatureObject(
            timestamp=utc.replace(microsecond=0),
            subfilter=SigSeedSubFilter.PADES,
            name=name,
            reason=MEANINGS[role],
            app_build_props=BuildProps("iontobench", maker()),
            bytes_reserved=_RESERVED,
        )
        steps = PdfCMSEmbedder().write_cms(FIELDS[role], writer, existing_fields_only=True)
        next(steps)
        rules = SigMDPSetup(DIGEST, certify=True, docmdp_perms=MDPPerm.FILL_FORMS) if first else None
        steps.send(SigObjSetup(place, rules))
        ready, output = steps.send(SigIOSetup(DIGEST))
    except (PdfError, ValueError) as error:
        raise EvidenceError(f"the PDF cannot be signed: {error}; make it again with `report`") from error
    return Prepared(output.getvalue(), ready.reserved_region_start, ready.reserved_region_end)
