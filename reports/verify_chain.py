"""The chain of a record read line by line, going on after the first break: which line was altered, put in, or is gone.

A line tells how many were before it and the SHA-256 of the last of them. An altered line is named by the one after it,
a missing one by the count that jumps. Who remakes all lines after his change leaves no break: that is for the seal.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from harness.errors import EvidenceError
from harness.record import FIRST

_KEYS = (
    ["seq", "prev", "type", "v", "at_ns", "data"],
    ["seq", "prev", "type", "v", "at_ns", "data", "volatile"],
)
_MOST = 20


class Line(NamedTuple):
    """One line of the file: its bytes without the end of line, their SHA-256, and what it says if it can be read."""

    raw: bytes
    sha256: str
    entry: dict[str, Any] | None

    @property
    def seq(self) -> Any:
        """How many lines it says were before it."""
        return self.entry.get("seq") if self.entry is not None else None

    @property
    def prev(self) -> Any:
        """The SHA-256 that it says the line before it has."""
        return self.entry.get("prev") if self.entry is not None else None


@dataclass(slots=True)
class Scan:
    """A record as it lies there, whole or not.

    Attributes:
        lines: In the order of the file.
        problems: What is wrong, in words that begin with the line ("line 12 was altered"); [] of a chain that is whole.
        torn: The last line has no end.
    """

    lines: list[Line]
    problems: list[str] = field(default_factory=list)
    torn: bool = False

    @property
    def head(self) -> str:
        """SHA-256 of the last line."""
        return self.lines[-1].sha256 if self.lines else FIRST

    def of(self, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Give line number and entry of each event of a type."""
        for number, line in enumerate(self.lines, start=1):
            if line.entry is not None and line.entry.get("type") == kind:
                yield number, line.entry


def was_planned(record: Scan) -> bool:
    """Return whether a run had come to look at its bench: one that died before may lack instruments and cases."""
    return any(True for _ in record.of("environment"))


def scan(path: Path) -> Scan:
    """Read a record to its end, whatever is wrong with it.

    Raises:
        EvidenceError: There is none, or it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; name the folder of a run") from error
    parts = content.split(b"\n")
    torn = parts.pop() != b""
    lines = [Line(raw, hashlib.sha256(raw).hexdigest(), _entry(raw)) for raw in parts]
    result = Scan(lines, torn=torn)
    found = [*_links(lines), *_forms(lines), *_clock(result)]
    result.problems = found[:_MOST] + ([f"and {len(found) - _MOST} more"] if len(found) > _MOST else [])
    if not lines:
        result.problems = ["line 1 is not whole: there is nothing to verify"]
    return result


def part(entry: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a mapping inside of a mapping; an empty one if there is something else, as there may be in a forgery."""
    said = entry.get(key)
    return said if isinstance(said, dict) else {}


def _entry(raw: bytes) -> dict[str, Any] | None:
    try:
        entry = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) else None


def _links(lines: list[Line]) -> Iterator[str]:
    """Give where lines do not follow each other, and what that means."""
    places = {line.seq: number for number, line in enumerate(lines, start=1) if isinstance(line.seq, int)}
    expected, prev = 0, FIRST
    for number, line in enumerate(lines, start=1):
        follower = lines[number].seq if number < len(lines) else None
        is_line = isinstance(line.seq, int) and isinstance(line.prev, str)
        if is_line and line.seq == expected:
            if prev and line.prev != prev:
                yield _altered(lines, number)
            expected, prev = expected + 1, line.sha256
        elif follower == expected:
            # The next line goes on as if this one were not there.
            yield f"line {number} was put in: {_copied(lines, number)}the line after it follows the line before it"
        elif not is_line:
            yield f"line {number} was altered: it is no line of a record"
            expected, prev = expected + 1, ""
        elif follower == expected + 1:
            yield (
                f"line {number} is not the one that belongs here: it says that {line.seq} lines were before it, and "
                f"there are {expected}{_elsewhere(places.get(expected), number)}"
            )
            expected, prev = expected + 1, ""
        elif line.seq > expected:
            gone = line.seq - expected
            what = "one line before it is" if gone == 1 else f"{gone} lines before it are"
            where = _elsewhere(places.get(expected), number)
            yield f"line {number} does not follow: {what} missing (of counts {expected} to {line.seq - 1}){where}"
            expected, prev = line.seq + 1, line.sha256
        else:
            yield f"line {number} was put in: {_copied(lines, number)}it says that {line.seq} lines were before it"


def _elsewhere(place: int | None, number: int) -> str:
    return f"; that one is line {place} now" if place is not None and place != number else ""


def _copied(lines: list[Line], number: int) -> str:
    """Return which other line this one is a copy of, in words; "" if it is none."""
    same = [place for place, other in enumerate(lines, start=1) if other.raw == lines[number - 1].raw]
    others = [place for place in same if place != number]
    return f"it is a copy of line {others[0]}, and " if others else ""


def _altered(lines: list[Line], number: int) -> str:
    """Return which line was altered if a line says another SHA-256 of the one before it."""
    line = lines[number - 1]
    follower = lines[number] if number < len(lines) else None
    if number == 1:
        return f"line 1 was altered: it must follow nothing, and says that it follows {line.prev}"
    if follower is not None and follower.prev != line.sha256 and follower.prev != line.prev:
        return f"line {number} was altered: neither does it follow line {number - 1}, nor line {number + 1} it"
    return (
        f"line {number - 1} was altered: line {number} was written after a line of SHA-256 {line.prev}, and it has "
        f"{lines[number - 2].sha256}"
    )


def _forms(lines: list[Line]) -> Iterator[str]:
    """Give lines that two programs could read differently: a key twice, an unknown key, numbers spelt otherwise."""
    for number, line in enumerate(lines, start=1):
        if line.entry is None:
            continue
        if list(line.entry) not in _KEYS:
            yield f"line {number} was not written by the harness: its keys are {', '.join(line.entry)}"
        elif not _plain(line):
            yield f"line {number} was not written by the harness: a key twice, blanks, or numbers spelt otherwise"


def _plain(line: Line) -> bool:
    try:
        return orjson.dumps(line.entry) == line.raw
    except orjson.JSONEncodeError:  # lists in lists in lists, deeper than anything that is written
        return False


def _clock(record: Scan) -> Iterator[str]:
    """Give where bench time, or the host's time of day, goes back."""
    last, at = 0, 0
    for number, line in enumerate(record.lines, start=1):
        now = line.entry.get("at_ns") if line.entry is not None else None
        if not isinstance(now, int):
            continue
        if now < last:
            yield f"line {number}: the clock was moved back: it says {now} ns, and line {at} before it {last} ns"
        last, at = now, number
    said = [
        (number, utc)
        for kind in ("run_opened", "run_ended")
        for number, entry in record.of(kind)
        if isinstance(utc := part(entry, "volatile").get("utc"), str)
    ]
    for (first, began), (second, ended) in pairwise(said):
        if ended < began:
            yield f"line {second}: the clock was moved back: it says {ended}, and line {first} before it {began}"
