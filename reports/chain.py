"""The record file as events with line numbers; a last line that was cut off is told, what is before it is kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import EvidenceError
from harness.record import read_record


class Entry(NamedTuple):
    """One line of the record.

    Attributes:
        line: Its line number, from 1.
        type: What happened ("measured").
        version: Version of the fields of this type.
        at_ns: Bench time in nanoseconds.
        data: What was recorded.
        volatile: What may differ between two equal runs (host, wall clock).
    """

    line: int
    type: str
    version: int
    at_ns: int
    data: dict[str, Any]
    volatile: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """A record whose lines follow each other.

    Attributes:
        path: Of the file.
        count: How many there are.
        head: SHA-256 of the last whole line, in hex: it seals all lines before it.
        torn_line: Number of a last line that was cut off while it was written; zero if there is none.
    """

    path: Path
    count: int
    head: str
    torn_line: int


def read_chain(path: Path, take: Callable[[Entry], None]) -> Chain:
    """Hand the entries of the record file at path to `take`, one after another, and return what the chain comes to.

    None is kept here: a record of a whole suite is large.

    Raises:
        EvidenceError: There is no such file, a line is no event, or a line does not follow the one before it; else
            what `take` raised first.
    """
    if not path.is_file():
        raise EvidenceError(f"{path} is not there: name the folder of a run, which holds record.jsonl")
    content = path.read_bytes()
    whole_lines = content.count(b"\n")
    torn = bool(content) and not content.endswith(b"\n")
    count = 0
    refused: EvidenceError | None = None
    try:
        for number, fields in enumerate(read_record(path), start=1):
            entry, count = _entry(path, number, fields), number
            try:
                if refused is None:
                    take(entry)
            except EvidenceError as error:
                refused = error  # a chain that is broken further on is told before it
    except EvidenceError:
        # The only line that may be broken is a last one that was being written when the run was killed.
        if not torn or count != whole_lines:
            raise
    if refused is not None:
        raise refused
    if not count:
        raise EvidenceError(f"{path}, line 1: the record holds no whole line, so there is nothing to report")
    last = content[: content.rindex(b"\n")].rpartition(b"\n")[2]
    return Chain(path, count, hashlib.sha256(last).hexdigest(), whole_lines + 1 if torn else 0)


def _entry(path: Path, number: int, fields: dict[str, Any]) -> Entry:
    kind, version, at_ns = fields.get("type"), fields.get("v"), fields.get("at_ns")
    data, volatile = fields.get("data"), fields.get("volatile") or {}
    if not (
        isinstance(kind, str)
        and isinstance(version, int)
        and isinstance(at_ns, int)
        and isinstance(data, dict)
        and isinstance(volatile, dict)
    ):
        raise EvidenceError(f"{path}, line {number}: an event must have type, v, at_ns and data")
    return Entry(number, kind, version, at_ns, data, volatile)
