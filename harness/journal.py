"""The lab's journal: who was given a key, who sealed and signed what and when, and who was refused.

It stands outside of the runs, one line of JSON each, chained by SHA-256 like a record; each line carries a seal over
itself too, so that the last one cannot be altered unseen either. A signature that was taken out
of a run is missing there, and not here.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from harness.errors import EvidenceError
from harness.record import FIRST, read_record

JOURNAL = "journal.jsonl"
LOCK = "journal.lock"
# Lines that tell of a file which was put into the folder of a run and must still be there.
KEPT = ("sealed", "signed", "stamped")
_FILE = ("run", "file", "sha256", "record", "name")
# What a line of a type must say, as text: it is read again.
_MUST_SAY = {**dict.fromkeys(KEPT, _FILE), "report_signed": _FILE, "key_revoked": ("certificate",)}
# From this line on the clock is right again, after it was ahead: the one line that may be older than the one before.
CLOCK_SET = "clock_set"


def journal(folder: Path, utc: datetime, kind: str, data: Mapping[str, Any]) -> str:
    """Add a line to the journal of a lab and return its SHA-256.

    Args:
        folder: Of the lab.
        utc: When it happened.
        kind: What happened: lab_made, key_issued, key_revoked, sealed, signed, stamped, report_signed,
            clock_set or refused.
        data: The rest.

    Raises:
        EvidenceError: The journal was altered, or cannot be written, or somebody else is writing in it.
    """
    with _alone(folder / LOCK):
        return _added(folder / JOURNAL, utc, kind, data)


def _added(path: Path, utc: datetime, kind: str, data: Mapping[str, Any]) -> str:
    end = ended(path)
    if stamp(utc) < end["utc"] and kind != CLOCK_SET:
        words = f"the clock says {stamp(utc)}, and the last line of {path} is of {end['utc']}: set the clock right"
        raise EvidenceError(f"{words}; or, if it was ahead then, and is right now: keys clock --reason")
    said = {"seq": end["lines"], "prev": end["head"], "type": kind, "utc": stamp(utc), "data": dict(data)}
    line = orjson.dumps({**said, "seal": _seal(said)})
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        try:
            if os.write(file, line + b"\n") != len(line) + 1:
                raise EvidenceError(f"{path} took only a part of a line: free the disk, and mend its last line")
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}") from error
    return hashlib.sha256(line).hexdigest()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep others, also on another host, from adding a line meanwhile: two lines cannot follow the same one."""
    try:
        os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    except FileExistsError:
        words = f"{lock} is there: somebody is writing in the journal; try again"
        raise EvidenceError(f"{words}, and delete that file if nobody is") from None
    except OSError as error:
        raise EvidenceError(f"{lock} cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def ended(path: Path) -> dict[str, Any]:
    """Return where a journal ends now: the SHA-256 of its last line (head), how many there are (lines), and its time.

    Who signs names it in what they sign, so that lines which are cut off later are missed.

    Raises:
        EvidenceError: The journal was altered.
    """
    found = list(read_journal(path)) if path.exists() else []
    if not found:
        return {"head": FIRST, "lines": 0, "utc": ""}
    head = hashlib.sha256(path.read_bytes().splitlines()[-1]).hexdigest()
    return {"head": head, "lines": len(found), "utc": found[-1]["utc"]}


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """Return the lines of a journal one after another, each proved to follow the one before it and to be as it was.

    Raises:
        EvidenceError: The file is missing, or a line was altered; the text names the line.
    """
    for number, entry in enumerate(read_record(path), start=1):
        seal = entry.pop("seal", "")
        if not seal or seal != _seal(entry) or not _whole(entry):
            raise EvidenceError(f"{path}, line {number}: this is not as it was written; nothing here can be trusted")
        yield entry


def _whole(entry: Mapping[str, Any]) -> bool:
    """Return whether a line says what a line of its type must say."""
    data, kind = entry.get("data"), entry.get("type")
    at = moment(str(entry.get("utc")))
    if at is None or stamp(at) != entry["utc"] or not isinstance(kind, str) or not isinstance(data, dict):
        return False
    return all(isinstance(data.get(name), str) for name in _MUST_SAY.get(kind, ()))


def _seal(said: Mapping[str, Any]) -> str:
    """Return the seal of a line; "" of one that is nested deeper than any that is written."""
    try:
        return hashlib.sha256(orjson.dumps(said)).hexdigest()
    except orjson.JSONEncodeError:
        return ""


def stamp(utc: datetime) -> str:
    """Return a date and time in UTC as it is written down, to the second."""
    return utc.isoformat(timespec="seconds")


def moment(said: str) -> datetime | None:
    """Return a date and time, which must say its zone, in UTC; None if it is none."""
    try:
        found = datetime.fromisoformat(said)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def revoked(path: Path) -> dict[str, datetime]:
    """Return from when on certificates are revoked, by their SHA-256; none if there is no journal.

    Raises:
        EvidenceError: The journal was altered.
    """
    if not path.exists():
        return {}
    lines = [entry for entry in read_journal(path) if entry["type"] == "key_revoked"]
    return {entry["data"]["certificate"]: datetime.fromisoformat(entry["utc"]) for entry in lines}


def journalled(path: Path) -> set[str]:
    """Return the SHA-256 of every seal and signature that was made; none if there is no journal.

    Raises:
        EvidenceError: The journal was altered.
    """
    if not path.exists():
        return set()
    return {entry["data"]["sha256"] for entry in read_journal(path) if entry["type"] in KEPT}


def taken_out(path: Path, folder: Path) -> list[str]:
    """Return in words, with its file first, what was sealed or signed of a run and is not in its folder as it was.

    Args:
        path: Of the journal.
        folder: Of the run, which is known by its id and by what its record hashes to: either alone can be forged.

    Raises:
        EvidenceError: The journal was altered, or there is none, or there is no record.
    """
    run, record = identity_of(folder)
    found = []
    for line, entry in enumerate(read_journal(path), start=1):
        data = entry["data"]
        if entry["type"] not in KEPT or not (data["record"] == record or (run and data["run"] == run)):
            continue
        file, made = folder / data["file"], f"{data['name']} made it on {entry['utc']} ({path.name}, line {line})"
        if not file.is_file():
            found.append(f"{data['file']}: is missing, and {made}")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != data["sha256"]:
            found.append(f"{data['file']}: is another one: {made}")
    return found


def identity_of(folder: Path) -> tuple[str, str]:
    """Return the id of a run, "" if its record has none, and the SHA-256 of its record.

    Raises:
        EvidenceError: There is no record.
    """
    path = folder / "record.jsonl"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; name the folder of a run") from None
    try:
        run = str(orjson.loads(content.partition(b"\n")[0])["volatile"].get("run") or "")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        run = ""
    return run, hashlib.sha256(content).hexdigest()
