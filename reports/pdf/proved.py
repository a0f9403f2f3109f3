"""The signatures of a PDF, proved: each over all that was there when it was made, and the last over the whole file."""

import hashlib
import io
import logging
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from harness.errors import EvidenceError
from harness.identity import Person, Role, person_of
from harness.journal import stamp
from reports.pdf.cms import DIGEST, signer
from reports.pdf.sealing import FIELDS, MEANINGS, Prepared, maker, prepared, spelled

# All that a reader of PDF raises at a file that somebody broke.
BROKEN = (
    PdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    EOFError,
    OSError,
    zlib.error,
)
_END = b"%%EOF"
_BY_CHANCE = re.compile(rb"/ID \[ ?<[0-9a-f]+> <[0-9a-f]+> ?\]")
_LAST = re.compile(rb"startxref\r?\n\d+\r?\n%%EOF\r?\n?")
_ROLES = {name: role for role, name in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature that holds, by whomever.

    Attributes:
        field: Its name in the PDF ("Tested").
        role: As what.
        person: Who signed, as the certificate says.
        certificate: Of the person; whether to trust it is for the reader.
        utc: When, as the signature says.
        end: It is over the first so many bytes of the file.
    """

    field: str
    role: Role
    person: Person
    certificate: x509.Certificate
    utc: datetime
    end: int


@dataclass(slots=True)
class Proof:
    """A PDF as it lies there.

    Attributes:
        first: It before anybody signed; all of it if nobody did, and empty if that cannot be told.
        signatures: Those that hold, in the order in which they were made.
        roles: Who is to sign it, by its fields.
        waiting: Roles for which there is a field that nobody signed.
        problems: What is wrong with it, in words.
        unproven: What cannot be told, in words.
        signed: Whether there is any signature, good or bad.
    """

    first: bytes = b""
    signatures: list[Signature] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    waiting: list[Role] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    signed: bool = False


def prove(content: bytes) -> Proof:
    """Return what can be shown of a PDF without trusting anybody."""
    proof = Proof()
    if not content.startswith(b"%PDF-"):
        proof.problems.append("is no PDF: it does not begin as one")
        return proof
    proof.problems += _ending(content)
    try:
        reader = PdfFileReader(io.BytesIO(content))
        fields = {name: value for name, value, _ in enumerate_sig_fields(reader)}
        embedded = list(reader.embedded_signatures)
        ends = [_end_of(reader, content, number) for number in range(reader.total_revisions)]
    except BROKEN as error:
        proof.problems.append(f"was altered: it cannot be read as a PDF ({_words(error)})")
        return proof
    proof.signed = bool(embedded) or b"/ByteRange" in content
    proof.first = content[: ends[0]]
    for name, value in fields.items():
        if name not in _ROLES:
            proof.problems.append(f"holds a signature field {name!r}, which no report has")
            continue
        proof.roles.append(_ROLES[name])
        if value is None:
            proof.waiting.append(_ROLES[name])
    if len(embedded) != len([value for value in fields.values() if value is not None]):
        proof.problems.append("holds a signature that is in no field, or that cannot be read")
    for number, one in enumerate(embedded, start=1):
        try:
            _take(proof, one, content, ends, number)
        except EvidenceError as error:
            proof.problems.append(f"signature {one.field_name!r}: {error}")
        except BROKEN as error:
            proof.problems.append(f"signature {one.field_name!r}: it was altered: it cannot be read ({_words(error)})")
    proof.problems += _surplus(proof, len(ends), len(embedded))
    return proof


def _take(proof: Proof, one: Any, content: bytes, ends: list[int], number: int) -> None:
    """Take in a signature that holds.

    Raises:
        EvidenceError: It does not.
    """
    name, said = str(one.field_name), one.sig_object
    start, end = _covered(one, content)
    digest = hashlib.new(DIGEST, content[: start[0]] + content[start[1] : end]).digest()
    certificate = signer(one.pkcs7_content, digest)
    if content[start[0] : start[1]] != spelled(one.pkcs7_content, start[1] - start[0]):
        raise EvidenceError("the bytes between its two parts were changed: they must be the signature and zeros")
    person, role = person_of(certificate), _ROLES.get(name)
    if role is None or role not in person.roles:
        raise EvidenceError(f"{person.name} may sign as {', '.join(person.roles)}, and not as {name!r}")
    if number >= len(ends) or end != ends[number]:
        raise EvidenceError(f"it must be over the first {ends[min(number, len(ends) - 1)]} bytes, and is over {end}")
    utc = datetime.fromisoformat(one.self_reported_timestamp.isoformat()).astimezone(UTC)
    if str(said.get("/Name")) != person.name or str(said.get("/Reason")) != MEANINGS[role]:
        raise EvidenceError(f"it gives another name or meaning than those of {person.name} as {role}")
    if proof.signatures and utc < proof.signatures[-1].utc:
        raise EvidenceError(f"it was made on {stamp(utc)}, before {proof.signatures[-1].field} which it is over")
    signature = Signature(name, role, person, certificate, utc, end)
    _unchanged(proof, one, content, ends[number - 1], signature)
    proof.signatures.append(signature)


def _covered(one: Any, content: bytes) -> tuple[tuple[int, int], int]:
    """Return where the signature itself stands, and how far it reaches."""
    ranges = [int(number) for number in one.byte_range]
    if len(ranges) != 4 or ranges[0] != 0 or ranges[1] > ranges[2] or min(ranges) < 0:
        raise EvidenceError(f"it must be over all of the file but itself, and is over {ranges}")
    end = ranges[2] + ranges[3]
    if end > len(content):
        raise EvidenceError(f"it is over {end} bytes, and {len(content)} are left: the file was cut off")
    return (ranges[1], ranges[2]), end


def _unchanged(proof: Proof, one: EmbeddedPdfSignature, content: bytes, begin: int, signature: Signature) -> None:
    """Refuse whatever was appended together with a signature: it must be what is appended for such a signature.

    Another version of the library may write it otherwise. Then what was changed after an earlier signature is looked at
    object by object, which takes long, and of the first signature it is not known.
    """
    again = prepared(content[:begin], signature.person.name, signature.role, signature.utc, proof.roles)
    if _comparable(again.content[begin:], again, begin) == _comparable(content[begin : signature.end], again, begin):
        return
    made_by = str(one.sig_object["/Prop_Build"]["/App"]["/REx"])
    if made_by == maker():
        raise EvidenceError("something else was appended together with it")
    proof.unproven.append(f"signature {signature.field!r} was written by {made_by}, and this is {maker()}")
    logging.getLogger("pyhanko").addHandler(logging.NullHandler())
    for earlier in PdfFileReader(io.BytesIO(content[: signature.end])).embedded_signatures[:-1]:
        result = earlier.evaluate_modifications(DEFAULT_DIFF_POLICY)
        if not isinstance(result, DiffResult) or result.modification_level.value > ModificationLevel.FORM_FILLING.value:
            raise EvidenceError(f"what was appended with it changes more than a signature may: {_words(result)}")


def _comparable(appended: bytes, place: Prepared, begin: int) -> bytes:
    """Return what was appended with a signature without the signature itself and the number by chance."""
    start, end = place.start - begin, place.end - begin
    return appended[:start] + _BY_CHANCE.sub(b"", appended[end:])


def _ending(content: bytes) -> Iterator[str]:
    """Give what was appended after the end, or that there is no end."""
    end = max((found.end() for found in _LAST.finditer(content)), default=0)
    if not end:
        yield "was altered or cut off: it has no end of a PDF"
    elif more := len(content) - end:
        yield f"was altered: {more} byte{'s were' if more > 1 else ' was'} appended after its end at byte {end}"


def _surplus(proof: Proof, revisions: int, embedded: int) -> Iterator[str]:
    if embedded and revisions != embedded + 1:
        yield f"was appended to {revisions - 1} times, and {embedded} signatures were made: something else was added"
    if not embedded and (proof.signed or revisions > 1):
        yield "was altered: it was appended to or rewritten, and holds no signature that can be read"


def _end_of(reader: PdfFileReader, content: bytes, revision: int) -> int:
    """Return how many bytes the file had when a revision was whole."""
    at = content.index(_END, reader.xrefs.get_startxref_for_revision(revision)) + len(_END)
    return at + 1 if content[at : at + 1] == b"\n" else at


def _words(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__
