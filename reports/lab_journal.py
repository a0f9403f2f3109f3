"""The journal of a lab against what was signed: lines cut off its end, signatures that it does not know, clocks.

Each seal and each signature says where the journal ended when it was made. So a journal that lost lines is shorter than
some signature says, and one that was made anew has other lines there; and what nobody wrote down was made by another
program, or its line was cut off.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from harness.envelope import Signed
from harness.identity import fingerprint, issued
from harness.journal import CLOCK_SET, JOURNAL, read_journal, stamp
from harness.record import FIRST


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as it lies there, each line proved to follow the one before it.

    Attributes:
        entries: Its lines.
        heads: SHA-256 of each line, with that of no line first, so that heads[n] stands for n lines.
    """

    entries: list[dict[str, Any]]
    heads: list[str]


def read(path: Path) -> Journal:
    """Return a journal.

    Raises:
        EvidenceError: The file is missing, or a line was altered; the text names the line.
    """
    entries = list(read_journal(path))
    heads = [hashlib.sha256(line).hexdigest() for line in path.read_bytes().splitlines()]
    return Journal(entries, [FIRST, *heads])


def contradictions(journal: Journal, signed: Iterable[Signed], anchors: Sequence[x509.Certificate]) -> Iterator[str]:
    """Give where a journal and what was signed contradict each other, each with the file that is wrong first.

    Args:
        journal: Of a lab.
        signed: Seals and signatures; those of another lab that is trusted too are not in this journal.
        anchors: The authorities that are trusted.
    """
    yield from _went_back(journal)
    made = journal.entries[0]["data"].get("certificate") if journal.entries else None
    lab = next((anchor for anchor in anchors if fingerprint(anchor) == made), None)
    if lab is None:
        yield f"{JOURNAL}: line 1 must be that of a lab that is trusted: this is no journal of it"
        return
    for one in signed:
        if not issued(x509.load_pem_x509_certificate(one.person.certificate.encode()), lab):
            continue
        said = one.predicate.get("journal")
        lines = said.get("lines") if isinstance(said, dict) else None
        if not isinstance(said, dict) or type(lines) is not int or lines < 0:
            yield f"{one.file}: it does not say where the journal of the lab ended when it was made"
            continue
        there = len(journal.entries)
        if lines > there:
            words = f"has {there} lines, and had {lines} when {one.file} was made"
            yield f"{JOURNAL}: {words}: lines were cut off its end, or this is an older copy"
            continue
        if said.get("head") != journal.heads[lines] or (lines and said.get("utc") != journal.entries[lines - 1]["utc"]):
            yield f"{JOURNAL}: line {lines} is another one than when {one.file} was made: the journal was made anew"
            continue
        yield from _own_line(journal, one, lines)


def _own_line(journal: Journal, one: Signed, lines: int) -> Iterator[str]:
    """Give what is wrong with the line that a signature must have in a journal, after those that it names."""
    if lines and stamp(one.utc) < journal.entries[lines - 1]["utc"]:
        before = journal.entries[lines - 1]["utc"]
        yield f"{one.file}: says {stamp(one.utc)}, and line {lines} of {JOURNAL}, which was there, says {before}"
    own = [number for number, entry in enumerate(journal.entries) if entry["data"].get("sha256") == one.sha256]
    if not own:
        words = "its line was cut off, or somebody signed with another program"
        yield f"{one.file}: {JOURNAL} does not know of it: {words}"
    elif own[0] < lines or journal.entries[own[0]]["utc"] != stamp(one.utc):
        said = journal.entries[own[0]]["utc"]
        yield f"{one.file}: says {stamp(one.utc)} after {lines} lines of {JOURNAL}; line {own[0] + 1} says {said}"


def _went_back(journal: Journal) -> Iterator[str]:
    """Give the lines of a journal that are older than the line before them."""
    for number, (before, entry) in enumerate(zip(journal.entries, journal.entries[1:], strict=False), start=2):
        if entry["utc"] < before["utc"] and entry["type"] != CLOCK_SET:
            yield f"{JOURNAL}: line {number} is of {entry['utc']}, and the line before it of {before['utc']}"
