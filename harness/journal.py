"""The lab's journal: who was given a key, who sealed and signed what and when, and who was refused.

It stands outside of the runs, one line of JSON each, chained by SHA-256 like a record; each line carries a seal over
itself too, so that the last one cannot be altered unseen either. A signature that was taken out
of a run is missing there, and not here.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from harness.errors import EvidenceError
from harness.record import FIRST, read_record

JOURNAL = "journal.jsonl"


def journal(folder: Path, utc: datetime, kind: str, data: Mapping[str, Any]) -> str:
    """Add a line to the journal of a lab and return its SHA-256.

    Args:
        folder: Of the lab.
        utc: When it happened.
        kind: What happened: lab_made, key_issued, key_revoked, sealed, signed or refused.
        data: The rest.

    Raises:
        EvidenceError: The journal was altered, or cannot be written.
    """
    path = folder / JOURNAL
    head, count = FIRST, 0
    if path.exists():
        for _ in read_journal(path):
            count += 1
        head = hashlib.sha256(path.read_bytes().splitlines()[-1]).hexdigest() if count else FIRST
    said = {"seq": count, "prev": head, "type": kind, "utc": stamp(utc), "data": dict(data)}
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


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """Return the lines of a journal one after another, each proved to follow the one before it and to be as it was.

    Raises:
        EvidenceError: The file is missing, or a line was altered; the text names the line.
    """
    for number, entry in enumerate(read_record(path), start=1):
        seal = entry.pop("seal", "")
        if seal != _seal(entry) or not {"type", "utc", "data"} <= set(entry):
            raise EvidenceError(f"{path}, line {number}: this is not as it was written; nothing here can be trusted")
        yield entry


def _seal(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def stamp(utc: datetime) -> str:
    """Return a date and time in UTC as it is written down, to the second."""
    return utc.isoformat(timespec="seconds")


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
    return {entry["data"]["sha256"] for entry in read_journal(path) if entry["type"] in ("sealed", "signed")}


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
        if entry["type"] not in ("sealed", "signed") or not (data["record"] == record or (run and data["run"] == run)):
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
