"""The record of a run: append-only lines of JSON, each chained to the one before it by SHA-256.

A line is {"seq", "prev", "type", "v", "at_ns", "data", "volatile"}; prev is the SHA-256 of the raw line before it,
without its line feed, and 64 zeros on the first. One event is one write(2), before anything else happens, so that a run
that dies leaves its evidence behind. The content head is the chain over what is not volatile: two runs of the same
inputs and seed have the same one, and so has a replay, whose comparison with the logged run is no part of it.
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from harness.clock import Clock, host_utc
from harness.errors import EvidenceError, LinkError
from harness.events import Event, ReplayCompared
from harness.stopping import SIGNALS

FIRST = "0" * 64
# Data and length are what a record needs; Windows and macOS know fsync alone.
_sync = getattr(os, "fdatasync", os.fsync)
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY
_BINARY = getattr(os, "O_BINARY", 0)


class Record:
    """A record that is being written.

    Attributes:
        path: Of the file.
        count: Lines written.
        head: SHA-256 of the last line, in hex.
        content_head: The chain over its content so far (see content_head() below).
        observers: Called with each event after it was written (a progress bar, Allure); none can change it.
        torn: The text of a last line that was cut off, of a record that was gone on with, which must go into the next
            line: that is written over it; else "".
    """

    def __init__(self, path: Path, clock: Clock, *, lasting: bool = True) -> None:
        """Begin a record; one that is not lasting is read at once and thrown away, and never waits for the disk."""
        self.path = path
        self.count = 0
        self.head = FIRST
        self.content_head = FIRST
        self.clock = clock
        self.observers: list[Callable[[Event], None]] = []
        self.torn, self._torn = "", b""
        self._size = self._at_ns = 0
        self._lasting = lasting
        self._disk = ThreadPoolExecutor(1, "record to disk")
        self._syncing: Future[None] | None = None
        self._file: int | None = self._begun()
        self._pid = os.getpid()

    @classmethod
    def append_to(cls, path: Path, clock: Clock | None = None) -> "Record":
        """Go on with a record that another process left: a last line that is cut off is told in `torn`.

        The next line is written over it, and has no room if the disk is full: then it stands there as before.

        Args:
            path: Of the record.
            clock: Bench time from now on; None is the time of its last line.

        Raises:
            EvidenceError: There is none, somebody writes it still, its chain is broken, or the disk refuses.
        """
        left = _left(path)
        record = cls.__new__(cls)
        record.path, record.observers = path, []
        record.count, record.head, record.content_head = left.count, left.head, left.content_head
        record.clock = clock if clock is not None else _Standing(left.at_ns)
        record.torn, record._torn = left.torn.decode("utf-8", "replace"), left.torn
        record._size, record._at_ns, record._lasting, record._syncing = left.size, left.at_ns, True, None
        record._disk = ThreadPoolExecutor(1, "record to disk")
        record._file, record._pid = left.file, os.getpid()
        return record

    def _begun(self) -> int:
        """Return the file of a new record."""
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, _BINARY | os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            raise EvidenceError(f"{path} exists: a record is never written over, so name a new folder") from None
        except OSError as error:
            raise EvidenceError(f"{path} cannot be written: {error.strerror}; name a folder that can be") from error
        _held_alone(file)
        return file

    def write(self, event: Event, volatile: dict[str, Any] | None = None) -> None:
        """Append an event, with the bench time; when the clock of a served bench is gone, time stands still.

        Raises:
            EvidenceError: The record is closed, or the disk refuses.
        """
        if self._file is None:
            raise EvidenceError(f"{self.path} is closed: nothing can be added to it")
        if os.getpid() != self._pid:
            raise EvidenceError(f"{self.path} is written by the process that opened it, and not by one that it forked")
        at_ns = self._now_ns()
        data = orjson.dumps(event, option=_OPTIONS)
        entry: dict[str, Any] = {
            "seq": self.count,
            "prev": self.head,
            "type": event.type,
            "v": event.version,
            "at_ns": at_ns,
            "data": orjson.Fragment(data),
        }
        if volatile is not None:
            entry["volatile"] = volatile
        line = orjson.dumps(entry, option=_OPTIONS)
        with SIGNALS.uncut:
            self._append(self._file, line, hashlib.sha256(line).hexdigest())
            if event.type != ReplayCompared.type:
                self.content_head = _next_head(self.content_head, event.type, event.version, at_ns, data)
        for observer in tuple(self.observers):
            try:
                observer(event)
            except (Exception, SystemExit):
                # Whoever only looks on must not be able to change a run: a terminal may be gone, and rich exits then.
                self.observers.remove(observer)

    def _now_ns(self) -> int:
        try:
            self._at_ns = self.clock.now_ns()
        except LinkError:  # whoever measures by it fails, and that must be recorded
            self.clock = _Standing(self._at_ns)
        return self._at_ns

    def _append(self, file: int, line: bytes, head: str) -> None:
        size, count = self._size + len(line) + 1, self.count + 1
        try:
            os.lseek(file, self._size, os.SEEK_SET)
            written = os.write(file, line + b"\n")
            if written != len(line) + 1:
                # Else the next line would go on where this one broke off, and nothing after it could be read.
                self._put_back(file)
                raise EvidenceError(f"{self.path} took only a part of a line: {self._what_next()}")
            self.head, self.count, self._size = head, count, size
            if self._torn:
                self._torn = b""
                os.ftruncate(file, size)
        except OSError as error:
            raise EvidenceError(f"{self.path} cannot be written: {error.strerror}; {self._what_next()}") from error
        except KeyboardInterrupt:
            # A signal may come when the line is on the disk and nobody knows yet: the next line must follow this one.
            if os.fstat(file).st_size == size:
                self.head, self.count, self._size, self._torn = head, count, size, b""
            raise

    def _put_back(self, file: int) -> None:
        """Leave the record as it was, with the line that another process left cut off, which has its room already."""
        os.lseek(file, self._size, os.SEEK_SET)
        os.write(file, self._torn)
        os.ftruncate(file, self._size + len(self._torn))

    def _what_next(self) -> str:
        return f"free or mend the disk, then close the record: python -m harness recover {self.path.parent}"

    def sync(self) -> None:
        """Wait until the disk keeps what was written: before an output is switched on, and at the end of a run.

        Raises:
            EvidenceError: The disk refuses.
        """
        if os.getpid() != self._pid:  # the thread that waits for the disk is another process's
            return
        self._await_disk()
        if self._file is not None and self._lasting:
            self._to_disk(self._file)

    def begin_sync(self) -> None:
        """Have the disk begin to keep what was written: at the end of a case; the next sync of any kind waits for it.

        Raises:
            EvidenceError: The disk refused what was begun before.
        """
        self._await_disk()
        if self._file is not None and self._lasting:
            self._syncing = self._disk.submit(self._to_disk, self._file)

    def close(self) -> None:
        """Sync and close; closing twice does nothing.

        Raises:
            EvidenceError: The disk refuses.
        """
        if self._file is not None:
            try:
                self.sync()
            finally:
                os.close(self._file)
                self._file = None
                self._disk.shutdown(wait=os.getpid() == self._pid)

    def _await_disk(self) -> None:
        if self._syncing is not None:
            syncing, self._syncing = self._syncing, None
            syncing.result()

    def _to_disk(self, file: int) -> None:
        try:
            _sync(file)
        except OSError as error:
            raise EvidenceError(f"{self.path} is not kept by the disk: {error.strerror}; use another one") from error


def read_record(path: Path) -> Iterator[dict[str, Any]]:
    """Return the lines of a record one after another, each proven to follow the one before it.

    Raises:
        EvidenceError: The file is missing, a line is not whole JSON, or the chain is broken; the text names the line.
    """
    try:
        with path.open("rb") as file:
            yield from _entries(path, file)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; name the folder of a run") from None


def _entries(path: Path, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    head = FIRST
    for number, raw in enumerate(lines, start=1):
        if not raw.endswith(b"\n"):
            raise EvidenceError(f"{path}, line {number}: the line is cut off; the run was killed while writing")
        line = raw[:-1]
        try:
            entry = orjson.loads(line)
            prev, seq = entry["prev"], entry["seq"]
        except (orjson.JSONDecodeError, TypeError, KeyError):
            raise EvidenceError(f"{path}, line {number}: this is not a line of a record") from None
        if prev != head or seq != number - 1:
            raise EvidenceError(f"{path}, line {number}: the chain is broken; nothing from here on can be trusted")
        head = hashlib.sha256(line).hexdigest()
        yield entry


def content_head(path: Path) -> str:
    """Return the chain over the content of a record: all but what is volatile, the links, and a replay's comparison.

    Raises:
        EvidenceError: The record is not whole.
    """
    head = FIRST
    for entry in read_record(path):
        if entry["type"] == ReplayCompared.type:
            continue
        data = orjson.dumps(entry["data"])
        head = _next_head(head, entry["type"], entry["v"], entry["at_ns"], data)
    return head


class _Standing:
    """Bench time that does not pass: of a record whose bench is gone (a Clock)."""

    def __init__(self, at_ns: int) -> None:
        self._at_ns = at_ns

    def now_ns(self) -> int:
        """Return the bench time in nanoseconds."""
        return self._at_ns

    def utc(self) -> datetime:
        """Return the host's date and time in UTC."""
        return host_utc()

    def sleep(self, seconds: float) -> None:
        """Let no time pass."""

    def sleep_until(self, t_ns: int) -> None:
        """Let no time pass."""


@dataclass(frozen=True, slots=True)
class _Left:
    """What another process left of a record: the open file, its whole lines, and the line that was cut off."""

    file: int
    size: int
    count: int
    head: str
    content_head: str
    at_ns: int
    torn: bytes


def _left(path: Path) -> _Left:
    """Open a record that nobody writes any more, and find the line that was cut off."""
    try:
        file = os.open(path, _BINARY | os.O_RDWR)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; name the folder of a run") from error
    try:
        if not _held_alone(file):
            raise EvidenceError(f"{path} is being written by a process that lives: wait for its end, or end it first")
        # By this descriptor alone: a process that closes another one of the same file gives up its lock on it.
        kept, _, torn = _read(file).rpartition(b"\n")
        size = len(kept) + bool(kept)
        content_head, at_ns, count = FIRST, 0, 0
        for entry in _entries(path, io.BytesIO(kept + b"\n" if kept else b"")):
            if entry["type"] != ReplayCompared.type:
                data = orjson.dumps(entry["data"])
                content_head = _next_head(content_head, entry["type"], entry["v"], entry["at_ns"], data)
            count, at_ns = count + 1, entry["at_ns"]
        head = hashlib.sha256(kept.rpartition(b"\n")[2]).hexdigest() if count else FIRST
        return _Left(file, size, count, head, content_head, at_ns, torn)
    except BaseException as error:
        os.close(file)
        if isinstance(error, OSError):
            raise EvidenceError(f"{path} cannot be gone on with: {error.strerror}; look at its disk") from error
        raise


def _read(file: int) -> bytes:
    """Return all that stands in a file."""
    os.lseek(file, 0, os.SEEK_SET)
    return b"".join(iter(lambda: os.read(file, 1 << 20), b""))


def being_written(path: Path) -> bool:
    """Return whether another process that lives writes a record; where the system has no such locks, False."""
    try:
        file = os.open(path, _BINARY | os.O_RDWR)
    except OSError:
        return False
    try:
        return not _held_alone(file)
    finally:
        os.close(file)


def _held_alone(file: int) -> bool:
    """Return False if another process writes a record; where the system has no such locks, nobody can tell."""
    try:
        import fcntl

        # A lock of the process, and not of the open file, which a child that it forked would hold on to.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except (ImportError, OSError):
        return True
    return True


def _next_head(head: str, kind: str, version: int, at_ns: int, data: bytes) -> str:
    """Return the chain over the content, one event further; data is the event as JSON."""
    return hashlib.sha256(orjson.dumps([head, kind, version, at_ns, orjson.Fragment(data)])).hexdigest()
