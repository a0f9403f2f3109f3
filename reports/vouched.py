"""Who vouches for what of a bundle, as a table: what is proved of seal, signatures, time stamp and journal."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.bundle import MANIFEST, RECORD, SEAL, SIGNATURES, STAMP
from harness.errors import EvidenceError
from harness.identity import read_anchors
from harness.journal import JOURNAL
from harness.timestamp import APART
from reports import lab_journal, stamped
from reports.vouching import ROLES, Row, rows, standing

_HEADER = ("file", "who", "when (UTC)", "for what")


@dataclass(frozen=True, slots=True)
class Voucher:
    """Somebody outside of the bundle who answers for something in it.

    Attributes:
        file: Where it stands; what was told on the command line stands in no file.
        who: The name.
        utc: When, to the second; "" if nobody says.
        what: What they answer for, or that it is not proved.
    """

    file: str
    who: str
    utc: str
    what: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a reader knows from outside of the bundle, and what was found wrong.

    Attributes:
        head: SHA-256 of the last line of the record; "" if not known.
        manifest: SHA-256 of the manifest; "" if not known.
        trust: The certificates of the labs; None if there are none.
        tsa: The certificates of time stamp authorities; None if there are none.
        wrong: The files of which something wrong was found.
    """

    head: str
    manifest: str
    trust: Path | None
    tsa: Path | None
    wrong: Collection[str]


def vouchers(folder: Path, known: Known) -> tuple[list[Voucher], str]:
    """Return who vouches for what of a run, and in words who has signed and who has not.

    Raises:
        ConfigError: The certificates cannot be read.
    """
    found = list(_numbers(folder, known))
    signed: list[Row] = []
    said = ""
    if known.trust is not None:
        try:
            signed = rows(folder, known.trust)
            said = standing(signed)
        except EvidenceError:
            said = "who sealed and signed it is not proved: see what is wrong"
            found.append(Voucher(SEAL, "nobody", "", "seal and signatures are not proved: see what is wrong"))
    elif (folder / SEAL).exists():
        found.append(Voucher(SEAL, "nobody looked", "", f"seal and {SIGNATURES}/ are proved with --trust"))
    found += (_signature(row, known) for row in signed)
    found += _time(folder, known)
    if known.trust is not None:
        found += _journal(known.trust, known, signed)
    if any(row.file in known.wrong for row in signed):
        said += "; of that, see what is wrong"
    return found, said


def as_lines(found: Sequence[Voucher], said: str) -> list[str]:
    """Return the table in lines of text; [] if nobody vouches for anything."""
    if not found:
        return []
    cells = [_HEADER, *((one.file, one.who, one.utc or "–", one.what) for one in found)]
    widths = [max(len(line[column]) for line in cells) for column in range(3)]
    table = ["  ".join(f"{text:{width}}" for text, width in zip(line[:3], widths, strict=True)) for line in cells]
    lines = [f"  {begin}  {line[3]}" for begin, line in zip(table, cells, strict=True)]
    return ["who vouches for what", *lines, *([said] if said else [])]


def _numbers(folder: Path, known: Known) -> Iterator[Voucher]:
    """Give what the reader was told, where it is that."""
    if known.head:
        last = (folder / RECORD).read_bytes().splitlines()[-1:]
        if last and hashlib.sha256(last[0]).hexdigest() == known.head.lower():
            yield Voucher("--head", "who told you", "", f"every line of {RECORD}, and that it ends there")
    if known.manifest and (folder / MANIFEST).is_file():
        sha256 = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
        if sha256 == known.manifest.lower():
            yield Voucher("--manifest", "who told you", "", f"every file that {MANIFEST} lists")


def _signature(row: Row, known: Known) -> Voucher:
    who = f"{row.name} ({row.code}), {row.organisation}"
    word = ROLES.get(row.role, row.role)
    what = f"{word}: {RECORD} and {MANIFEST}" if row.role == "seal" else f'{word}: "{row.meaning}"'
    return Voucher(row.file, who, _short(row.utc), "not proved: see what is wrong" if row.file in known.wrong else what)


def _time(folder: Path, known: Known) -> Iterator[Voucher]:
    """Give who says when the seal was there."""
    said = stamped.look(folder, known.tsa)
    if said.stamp is None:
        if said.wrong:
            yield Voucher(STAMP, "nobody", "", "not proved: see what is wrong")
        return
    what = f"that {SEAL} was there then" if said.stamp.proved and not said.wrong else "not proved"
    if said.after is not None and said.after > APART:
        what += f", {said.after} after it says it was made"
    yield Voucher(STAMP, said.stamp.authority, _short(said.stamp.utc.isoformat(timespec="seconds")), what)


def _journal(trust: Path, known: Known, signed: Sequence[Row]) -> Iterator[Voucher]:
    """Give what the journal of the lab tells."""
    path = trust.parent / JOURNAL
    who = read_anchors(trust)[0].subject.rfc4514_string()
    who = signed[0].organisation if signed else who
    if not path.is_file():
        yield Voucher(JOURNAL, "nobody", "", f"it does not lie beside {trust.name}: nothing tells what was taken away")
        return
    try:
        entries = lab_journal.read(path).entries
    except EvidenceError:
        entries = []
    if not entries or any(file in (JOURNAL, SEAL, STAMP) or file.endswith(".dsse.json") for file in known.wrong):
        yield Voucher(JOURNAL, who, "", "not proved: see what is wrong")
        return
    what = f"that no seal or signature was taken away ({len(entries)} lines)"
    yield Voucher(JOURNAL, who, _short(entries[-1]["utc"]), what)


def _short(utc: str) -> str:
    return utc[:19].replace("T", " ")
