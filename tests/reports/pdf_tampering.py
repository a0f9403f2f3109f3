"""Ways to tamper with a signed PDF, drawn by seed: each returns other bytes, and what must be said of them."""

import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from harness.clock import host_utc
from harness.identity import Role
from harness.keys import Key
from reports.pdf.sealing import FIELDS, prepared, signed

BROKEN = r"signature '(Tested|Reviewed)': |was altered|is no PDF|is not signed|two attachments"


@dataclass(frozen=True)
class Paper:
    """A report signed by tester and reviewer, how it was before, another run's, and keys.

    Attributes:
        whole: Signed by both.
        once: Signed by the tester alone.
        plain: Signed by nobody.
        other: Signed by the tester at another time, for others too.
        tester: The tester's key, for what an insider may do.
        reviewer: The reviewer's.
        stranger: The key of somebody of the tester's name, of another lab.
    """

    whole: bytes
    once: bytes
    plain: bytes
    other: bytes
    tester: Key
    reviewer: Key
    stranger: Key


class Forged(NamedTuple):
    """A PDF that was tampered with, and a pattern that a finding must match."""

    content: bytes
    said: str


Tamper = Callable[[Paper, random.Random], Forged]


def flipped(paper: Paper, chance: random.Random) -> Forged:
    """Flip a bit of a byte anywhere."""
    content = bytearray(paper.whole)
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return Forged(bytes(content), BROKEN)


def flipped_late(paper: Paper, chance: random.Random) -> Forged:
    """Flip a bit of what was appended with the signatures."""
    content = bytearray(paper.whole)
    content[chance.randrange(len(paper.plain), len(content))] ^= 1 << chance.randrange(8)
    return Forged(bytes(content), BROKEN)


def junk(paper: Paper, chance: random.Random) -> Forged:
    """Append bytes that a reader of PDF does not mind."""
    more = chance.choice([b"\n", b" ", b"\0", b"%%EOF\n", b"% a remark\n", chance.randbytes(chance.randrange(1, 900))])
    return Forged(
        paper.whole + more, f"{len(more)} bytes? (were|was) appended after its end at byte {len(paper.whole)}"
    )


def before_it(paper: Paper, chance: random.Random) -> Forged:
    """Put bytes before the beginning."""
    return Forged(chance.choice([b"\n", b"MZ", b"#!/bin/sh\n"]) + paper.whole, "is no PDF: it does not begin as one")


def cut(paper: Paper, chance: random.Random) -> Forged:
    """Cut off the end."""
    return Forged(paper.whole[: -chance.randrange(1, 3000)], r"was altered|was cut off")


def rolled_back(paper: Paper, chance: random.Random) -> Forged:
    """Take away the last signature: what is left is the valid PDF that there was before."""
    return Forged(paper.once, r"a signature was taken away.*B\. Reviewer signed it as reviewer")


def unsigned(paper: Paper, chance: random.Random) -> Forged:
    """Take away all signatures."""
    return Forged(paper.plain, "is not signed")


def attachment_replaced(paper: Paper, chance: random.Random) -> Forged:
    """Append another content of an attachment, as a program that edits PDFs would."""
    writer = IncrementalPdfFileWriter(io.BytesIO(paper.whole))
    leaves = _leaves(writer.root["/Names"]["/EmbeddedFiles"])
    stream = chance.choice(leaves)["/EF"].raw_get("/F")
    writer.objects[(stream.generation, stream.idnum)] = generic.StreamObject(
        dict_data=generic.DictionaryObject({generic.pdf_name("/Type"): generic.pdf_name("/EmbeddedFile")}),
        stream_data=chance.randbytes(90),
    )
    return Forged(_written(writer), r"attachments were replaced|holds no signature|something else was added")


def attachment_added(paper: Paper, chance: random.Random) -> Forged:
    """Append one attachment more."""
    writer = IncrementalPdfFileWriter(io.BytesIO(paper.whole))
    held = EmbeddedFileObject.from_file_data(writer, b"all is well\n", mime_type="text/plain")
    embed_file(writer, FileSpec(f"note-{chance.randrange(99)}.txt", embedded_data=held))
    return Forged(_written(writer), "was appended to 3 times, and 2 signatures were made")


def page_rotated(paper: Paper, chance: random.Random) -> Forged:
    """Append a page that stands on its head."""
    writer = IncrementalPdfFileWriter(io.BytesIO(paper.whole))
    _rotate(writer, chance.randrange(3), chance.choice([90, 180, 270]))
    return Forged(_written(writer), "was appended to 3 times, and 2 signatures were made")


def rewritten(paper: Paper, chance: random.Random) -> Forged:
    """Write the same document anew with another program, which keeps the signatures as they are."""
    modes = [pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable]
    return Forged(_saved(paper.whole, linearize=chance.random() < 0.5, object_stream_mode=chance.choice(modes)), BROKEN)


def edited(paper: Paper, chance: random.Random) -> Forged:
    """Take a page out, or an attachment, or all signatures, and write the document anew."""
    pdf = pikepdf.open(io.BytesIO(paper.whole))
    what = chance.randrange(3)
    if what == 0:
        del pdf.pages[chance.randrange(1, len(pdf.pages))]
    elif what == 1:
        del pdf.attachments[chance.choice(sorted(pdf.attachments))]
    else:
        for field in pdf.Root.AcroForm.Fields:
            del field.V
    out = io.BytesIO()
    pdf.save(out)
    return Forged(out.getvalue(), BROKEN)


def another_lab(paper: Paper, chance: random.Random) -> Forged:
    """Sign the same report with the key of somebody of the same name, whom another lab certified."""
    content = signed(paper.plain, paper.stranger, Role.TESTER, host_utc(), [Role.TESTER])
    return Forged(content, r"signature 'Tested': the certificate of .* was not issued by a lab that is trusted")


def not_their_role(paper: Paper, chance: random.Random) -> Forged:
    """Sign as somebody whom the lab did not make that."""
    role = chance.choice([Role.REVIEWER, Role.APPROVER])
    content = signed(paper.plain, paper.tester, role, host_utc(), [role])
    return Forged(content, rf"A\. Tester may sign as tester, and not as '{FIELDS[role]}'")


def other_message(paper: Paper, chance: random.Random) -> Forged:
    """Put the signature of another report, or the other one of this, into the place of one."""
    start, end = chance.choice(_places(paper.whole))
    others = [content[slice(*place)] for content in (paper.whole, paper.other) for place in _places(content)]
    one = chance.choice([other for other in others if other != paper.whole[start:end]])
    return Forged(paper.whole[:start] + one + paper.whole[end:], "signature '(Tested|Reviewed)': ")


def spelled_otherwise(paper: Paper, chance: random.Random) -> Forged:
    """Change the place of a signature so that it still means the same: small digits, something behind it."""
    start, end = chance.choice(_places(paper.whole))
    inside = paper.whole[start + 1 : end - 1]
    if chance.random() < 0.5:
        new = inside.lower()
    else:
        at = chance.randrange(len(inside.rstrip(b"0")) + 2, len(inside))
        new = inside[:at] + b"7" + inside[at + 1 :]
    return Forged(paper.whole[: start + 1] + new + paper.whole[end - 1 :], "signature '(Tested|Reviewed)': ")


def words_changed(paper: Paper, chance: random.Random) -> Forged:
    """Change the time, name or meaning that stands beside a signature."""
    end = len(paper.plain)
    found = list(re.finditer(rb"D\\072(\d{14})|Tester|Reviewer|reviewed|tested", paper.whole[end:]))
    at = end + chance.choice(found).start() + 5
    content = bytearray(paper.whole)
    content[at] = content[at] ^ 1
    return Forged(bytes(content), BROKEN)


def page_changed_by_insider(paper: Paper, chance: random.Random) -> Forged:
    """Change a page, and sign that with the tester's own key as if it were the report."""
    if chance.random() < 0.5:
        pdf = pikepdf.open(io.BytesIO(paper.plain))
        pdf.pages[chance.randrange(3)].Rotate = 90
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
        plain, said = out.getvalue(), r"is not what is made of the record.*: its pages differ"
    else:
        writer = IncrementalPdfFileWriter(io.BytesIO(paper.plain))
        _rotate(writer, 0, 180)
        plain, said = _written(writer), r"signature 'Tested': it must be over|something else was added"
    return Forged(signed(plain, paper.tester, Role.TESTER, host_utc(), [Role.TESTER]), said)


def hidden_in_signature(paper: Paper, chance: random.Random) -> Forged:
    """Change a page in the very piece that is appended with the reviewer's own signature."""
    place = prepared(paper.once, paper.reviewer.person.name, Role.REVIEWER, host_utc(), [])
    appended = place.content[len(paper.once) : place.start]
    changed = appended.replace(b"/T (Reviewed)", b"/T (Reviewex)", 1)
    assert changed != appended
    from reports.pdf.cms import message
    from reports.pdf.sealing import Prepared

    forged = Prepared(paper.once + changed + place.content[place.start :], place.start, place.end)
    return Forged(
        forged.filled(message(paper.reviewer, forged.digest)), r"signature|holds a signature field 'Reviewex'"
    )


def _rotate(writer: IncrementalPdfFileWriter, number: int, degrees: int) -> None:
    page = writer.find_page_for_modification(number)[0]
    page.get_object()[generic.pdf_name("/Rotate")] = generic.NumberObject(degrees)
    writer.mark_update(page)


def _leaves(tree: generic.DictionaryObject) -> list[generic.DictionaryObject]:
    kids = [leaf for kid in tree.get("/Kids", ()) for leaf in _leaves(kid.get_object())]
    return kids + [pair.get_object() for pair in list(tree.get("/Names", ()))[1::2]]


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _saved(content: bytes, **options: object) -> bytes:
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(content)).save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def _places(content: bytes) -> list[tuple[int, int]]:
    """Return where the signatures stand."""
    found = []
    for match in re.finditer(rb"/ByteRange \[0 (\d+) (\d+) \d+", content):
        found.append((int(match[1]), int(match[2])))
    assert found
    return found


ALL: dict[str, tuple[Tamper, int]] = {
    "byte flipped": (flipped, 40),
    "byte of what was appended flipped": (flipped_late, 30),
    "junk appended": (junk, 10),
    "junk before it": (before_it, 3),
    "cut off": (cut, 6),
    "rolled back": (rolled_back, 1),
    "unsigned": (unsigned, 1),
    "attachment replaced": (attachment_replaced, 6),
    "attachment added": (attachment_added, 4),
    "page rotated": (page_rotated, 6),
    "rewritten": (rewritten, 4),
    "edited and rewritten": (edited, 6),
    "signed by another lab": (another_lab, 1),
    "not their role": (not_their_role, 3),
    "signature of another report": (other_message, 6),
    "signature spelled otherwise": (spelled_otherwise, 8),
    "words of a signature changed": (words_changed, 6),
    "page changed by an insider": (page_changed_by_insider, 4),
    "changed with a signature": (hidden_in_signature, 1),
}
"""Each kind, and how many of it there are."""
