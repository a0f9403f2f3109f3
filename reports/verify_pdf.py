"""Verifying a PDF report offline: its signatures, what is attached to it, and whether it is what that comes to.

The last signature must be over the whole file, and no signature may have been taken away. The attachments are put
together to the folder of the run again, which is verified like any other; then the report is made of it again, and must
be, byte by byte, what was signed first.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.bundle import RECORD, REPORT, SEAL, SIGNATURES, WAVEFORMS
from harness.errors import EvidenceError, HarnessError
from harness.identity import distrust, read_anchors
from harness.journal import JOURNAL, KEPT, identity_of, read_journal, revoked, stamp
from harness.told import TellBench
from reports import verify_chain, verify_files, vouched
from reports.amended import latest
from reports.pdf import render
from reports.pdf.attached import attachments
from reports.pdf.issued import ISSUED, strangers
from reports.pdf.maker import made_by, maker
from reports.pdf.proved import Proof, Signature, prove
from reports.pdf.unpacked import embedded, keywords, unpack
from reports.run import load
from reports.verify import Anchors, Finding, verify
from reports.verify_files import Files
from reports.vouching import rows


def verify_pdf(
    path: Path, anchors: Anchors, tell: TellBench | None = None, *, home: Path | None = None
) -> tuple[list[Finding], list[vouched.Voucher], str]:
    """Return all that is wrong with a PDF report, who vouches for what, and in words who has signed and who has not.

    Args:
        path: Of the PDF; waveforms that are not attached are looked for in waveforms/ beside it.
        anchors: What is known from elsewhere.
        tell: Returns what a bench file comes to.
        home: The folder of the run that it must be the report of, and that lets one count which nobody signed.

    Raises:
        EvidenceError: The file cannot be read.
        ConfigError: The certificates cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; name a PDF that `report` made") from None
    proof, name = prove(content), path.name
    found = [Finding(name, words) for words in proof.problems]
    found += [Finding(name, words, wrong=False) for words in proof.unproven]
    if proof.signed or home is None:
        found += [Finding(name, *one) for one in _trusted(proof, content, anchors)]
    found += [Finding(name, *one) for one in _lacking(proof, content, anchors)]
    sound = anchors.trust is not None and not any(one.wrong for one in found)
    vouching = [_voucher(one, name) for one in proof.signatures if sound]
    if not proof.first:
        return found, vouching, ""
    try:
        attached, now = embedded(proof.first), embedded(content) if not proof.problems else None
    except EvidenceError as error:
        return [*found, Finding(name, str(error))], vouching, ""
    if home is not None and attached.get(RECORD) != (home / RECORD).read_bytes():
        found.append(Finding(name, f"is the report of another run: {RECORD} that is attached to it is another one"))
    if now is not None and now != attached:
        changed = sorted(key for key in {*now, *attached} if now.get(key) != attached.get(key))
        found.append(Finding(name, f"attachments were replaced, added or removed after it was made: {changed}"))
    with tempfile.TemporaryDirectory(prefix="iontobench-") as place:
        folder = Path(place)
        try:
            inside, who, said = (
                (_damaged(folder, attached, path), list[vouched.Voucher](), "")
                if proof.problems
                else _inside(folder, proof, attached, path, anchors, tell)
            )
        except HarnessError as error:
            inside, who, said = [Finding(name, str(error).replace(f"{folder}/", ""))], [], ""
    found += [one if one.where == name else replace(one, where=f"{name}, {one.where}") for one in inside]
    return list(dict.fromkeys(found)), [*vouching, *who], said


def _damaged(folder: Path, attached: dict[str, bytes], path: Path) -> list[Finding]:
    """Return which attachments of a PDF that is broken are not as they were: what follows from them is not asked."""
    missing = {*unpack(attached, folder, path.parent), REPORT}
    record, files = verify_chain.scan(folder / RECORD), Files(folder)
    found = [(RECORD, problem) for problem in record.problems]
    for look in (verify_files.waveforms, verify_files.inputs):
        found += look(files, record)
    found += verify_files.manifest(files)
    return [Finding(*one) for one in found if one[0] not in missing]


def _inside(
    folder: Path, proof: Proof, attached: dict[str, bytes], path: Path, anchors: Anchors, tell: TellBench | None
) -> tuple[list[Finding], list[vouched.Voucher], str]:
    """Return what is found of the run that is attached, and of the pages that must follow from it."""
    missing = unpack(attached, folder, path.parent)
    found = [one for one in verify(folder, anchors, tell, pdf=False) if one.where != REPORT]
    later = _signed_later(folder, proof, anchors)
    found = [_newer(one) if one.where in later and "is missing" in one.what else one for one in found]
    if missing:
        count = f"{len(missing)} waveforms are not attached"
        words = f"{count}, and not in {WAVEFORMS}/ beside the PDF: put it into the folder of the run, and verify again"
        found = [one for one in found if not _for_want_of_waveforms(one)] + [Finding(path.name, words, wrong=False)]
    if anchors.trust is not None and proof.signatures and not any(one.wrong for one in found):
        signed = rows(folder, anchors.trust)
        found += [Finding(path.name, words) for words in strangers(proof.signatures, signed)]
    if not missing and not any(one.wrong for one in found):
        found += [Finding(path.name, *one) for one in _made_again(folder, proof.first, attached)]
    if anchors.trust is None:
        return found, [], ""
    wrong = {one.where for one in found if one.wrong}
    who, said = vouched.vouchers(
        folder, vouched.Known(anchors.head, anchors.manifest, anchors.trust, anchors.tsa, wrong)
    )
    return found, who, said


def _made_again(folder: Path, first: bytes, attached: dict[str, bytes]) -> Iterator[tuple[str, bool]]:
    """Give whether the report is another one than this program makes of what is attached to it."""
    run = latest(load(folder))
    if render(run) == first:
        return
    theirs = made_by(keywords(first))
    if theirs != maker():
        yield f"was {theirs or 'made by another program'}, and this is another version: pages not compared", False
        return
    expected = {file.name: file.content for file in attachments(run)}
    other = sorted(key for key in {*expected, *attached} if expected.get(key) != attached.get(key))
    where = f"attached files that differ: {', '.join(other)}" if other else "its pages differ"
    yield f"is not what is made of the record that is attached to it: {where}", True


def _signed_later(folder: Path, proof: Proof, anchors: Anchors) -> set[str]:
    """Return what was signed of the data after this PDF was, as the journal of the lab tells it."""
    if anchors.trust is None or not proof.signatures or not (journal := anchors.trust.parent / JOURNAL).is_file():
        return set()
    (run, record), last = identity_of(folder), stamp(proof.signatures[-1].utc)
    try:
        known = [one for one in read_journal(journal) if one["type"] in KEPT and one["utc"] >= last]
    except EvidenceError:
        return set()
    return {str(one["data"]["file"]) for one in known if one["data"]["run"] == run or one["data"]["record"] == record}


def _newer(one: Finding) -> Finding:
    return replace(one, what=f"was made after this PDF: ask for a newer one ({one.what})", wrong=False)


def _for_want_of_waveforms(one: Finding) -> bool:
    """Return whether something is only found because waveforms are not there."""
    if one.where.startswith(f"{WAVEFORMS}/"):
        return "is missing" in one.what
    stated = ("it states another", "approved, and cannot be")
    return one.where.startswith((SEAL, f"{SIGNATURES}/")) and one.what.startswith(stated)


def _trusted(proof: Proof, content: bytes, anchors: Anchors) -> Iterator[tuple[str, bool]]:
    """Give signatures of people whom no lab that is trusted knows, or whose keys were revoked."""
    if not proof.signed:
        words = "is not signed: nothing shows who made it" if not proof.problems else "holds no signature that counts"
        yield words, anchors.trust is not None
        return
    if anchors.trust is None:
        who = ", ".join(f"{one.person.name} ({one.field})" for one in proof.signatures) or "nobody that can be told"
        yield f"is signed by {who}, whom nobody vouches for: give --trust", False
        return
    labs, journal = read_anchors(anchors.trust), anchors.trust.parent / JOURNAL
    try:
        ends = revoked(journal)
        known = {one["data"]["sha256"] for one in read_journal(journal) if one["type"] == ISSUED} if ends else set()
    except EvidenceError:  # what is wrong with the journal is told with the run
        ends, known = {}, set()
    for one in proof.signatures:
        if reason := distrust(one.certificate, labs, one.utc):
            yield f"signature {one.field!r}: {reason}", True
        end = ends.get(one.person.fingerprint)
        if end is not None and (one.utc >= end or hashlib.sha256(content[: one.end]).hexdigest() not in known):
            when = "" if one.utc >= end else ", and nobody journalled this signature before"
            yield f"signature {one.field!r}: the key of {one.person.name} was revoked on {stamp(end)}{when}", True


def _lacking(proof: Proof, content: bytes, anchors: Anchors) -> Iterator[tuple[str, bool]]:
    """Give signatures that are not there: fields that wait for one, and what the journal of the lab knows."""
    for role in proof.waiting:
        yield f"is to be signed by the {role}, and is not: not yet, or the signature was taken away", False
    journal = anchors.trust.parent / JOURNAL if anchors.trust is not None else None
    if journal is None or not journal.is_file() or proof.problems:
        return
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        known = [(line, one) for line, one in enumerate(read_journal(journal), start=1) if one["type"] == ISSUED]
    except EvidenceError:
        return
    for line, one in known:
        data = one["data"]
        if data.get("before") == sha256:
            who = f"{data.get('name')} signed it as {data.get('role')} on {one['utc']} ({JOURNAL}, line {line})"
            yield f"a signature was taken away, or it is an old copy: {who}", True


def _voucher(one: Signature, file: str) -> vouched.Voucher:
    who = f"{one.person.name} ({one.person.code}), {one.person.organisation}"
    return vouched.Voucher(
        file, who, stamp(one.utc)[:19].replace("T", " "), f"{one.field}: this PDF, to byte {one.end}"
    )
