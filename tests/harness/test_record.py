"""The record: what is written stays, and what was changed shows."""

import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness.record
from harness.clock import WallClock
from harness.errors import EvidenceError, Stopped
from harness.events import CaseStarted, Note
from harness.record import Record, content_head, read_record


class _Still:
    """A clock that stands."""

    def now_ns(self) -> int:
        return 7


def _record(folder: Path, notes: int = 5) -> Path:
    record = Record(folder / "record.jsonl", _Still())  # type: ignore[arg-type]
    for number in range(notes):
        record.write(Note(f"note {number}"), {"utc": "now"})
    record.close()
    return record.path


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    """Events come back in order, each with its sequence number."""
    entries = list(read_record(_record(tmp_path)))

    assert [(e["seq"], e["type"], e["data"]) for e in entries] == [(i, "note", {"text": f"note {i}"}) for i in range(5)]


def test_a_record_is_never_written_over(tmp_path: Path) -> None:
    """A second record of the same name is refused, and the first one is untouched."""
    path = _record(tmp_path)
    before = path.read_bytes()

    with pytest.raises(EvidenceError, match="never written over"):
        Record(path, WallClock())

    assert path.read_bytes() == before


def test_a_closed_record_takes_nothing(tmp_path: Path) -> None:
    """After it was closed nothing can be added."""
    record = Record(tmp_path / "record.jsonl", WallClock())
    record.close()

    with pytest.raises(EvidenceError, match="is closed"):
        record.write(Note("late"))


@given(data=st.data())
def test_any_changed_byte_is_found(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A byte that is changed in any line but the last breaks the chain."""
    path = _record(tmp_path_factory.mktemp("r"))
    raw = bytearray(path.read_bytes())
    last = raw.rstrip(b"\n").rfind(b"\n")
    position = data.draw(st.integers(0, last - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)

    with pytest.raises(EvidenceError, match="line"):
        list(read_record(path))


@pytest.mark.parametrize("edit", ["drop", "swap", "double", "cut"])
def test_a_line_that_is_missing_moved_doubled_or_cut_is_found(tmp_path: Path, edit: str) -> None:
    """Lines cannot be taken out, moved, doubled or torn."""
    path = _record(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    edited = {
        "drop": [*lines[:2], *lines[3:]],
        "swap": [lines[0], lines[2], lines[1], *lines[3:]],
        "double": [*lines[:2], lines[1], *lines[2:]],
        "cut": [*lines[:-1], lines[-1][:-9]],
    }[edit]
    path.write_bytes(b"".join(edited))

    with pytest.raises(EvidenceError, match="line"):
        list(read_record(path))


def test_content_head_is_blind_to_what_is_volatile_and_to_nothing_else(tmp_path: Path) -> None:
    """Two records that differ in volatile facts alone have one content head; another word gives another."""

    def head(name: str, text: str, utc: str) -> str:
        record = Record(tmp_path / name / "record.jsonl", _Still())  # type: ignore[arg-type]
        record.write(Note(text), {"utc": utc})
        record.write(CaseStarted("OUT-010", 1))
        record.close()
        return content_head(record.path)

    assert head("a", "x", "1") == head("b", "x", "2")
    assert head("c", "y", "1") != head("a2", "x", "1")


def test_a_stop_that_comes_while_a_line_is_written_does_not_break_the_chain(tmp_path: Path) -> None:
    """A signal that arrives in the write leaves the line whole, and the next one follows it."""
    record = Record(tmp_path / "record.jsonl", _Still())  # type: ignore[arg-type]
    writing = False

    def stop(number: int, frame: object) -> None:
        if writing:
            raise Stopped("SIGALRM")

    old = signal.signal(signal.SIGALRM, stop)
    try:
        for number in range(3000):
            signal.setitimer(signal.ITIMER_REAL, 2e-5)
            try:
                writing = True
                record.write(Note(f"note {number}"))
                writing = False
            except Stopped:
                writing = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    record.write(Note("last"))
    record.close()

    assert list(read_record(record.path))[-1]["data"]["text"] == "last"


@pytest.mark.skipif(sys.platform == "win32", reason="nobody can tell there who writes a record")
@pytest.mark.parametrize("torn", [b"", b'{"seq":5,"prev":"ab'])
def test_of_two_that_go_on_with_a_record_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes) -> None:
    """While one still reads what was left, a supervisor or a recovery elsewhere is refused: no line is lost."""
    path = tmp_path / "record.jsonl"
    record = Record(path, _Still())  # type: ignore[arg-type]
    for number in range(5):
        record.write(Note(f"note {number}"))
    record.close()
    with path.open("ab") as file:
        file.write(torn)
    program = f"from pathlib import Path; from harness.record import Record; Record.append_to(Path({str(path)!r}))"
    others = []
    entries = harness.record._entries

    def slowly(path: Path, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        yield from entries(path, lines)
        others.append(subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True))

    monkeypatch.setattr(harness.record, "_entries", slowly)
    ours = Record.append_to(path)
    monkeypatch.undo()
    ours.write(Note("last"))
    ours.close()

    assert "is being written by a process that lives" in others[0].stderr
    assert [entry["data"]["text"] for entry in read_record(path)] == [*(f"note {n}" for n in range(5)), "last"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_line_that_was_cut_off_is_lost_only_to_a_line_that_tells_it(tmp_path: Path) -> None:
    """Whoever goes on dies before the first line, or finds no room for it: the record is byte for byte as it was."""
    import resource

    path = _record(tmp_path)
    whole = path.read_bytes()
    torn = b'{"seq":5,"prev":"ab","type":"measured","data":{"verdict":"F"'
    path.write_bytes(whole + torn)

    Record.append_to(path).close()
    assert path.read_bytes() == whole + torn

    record, limits = Record.append_to(path), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + len(torn) + 9, limits[1]))
    try:
        with pytest.raises(EvidenceError, match="only a part of a line"):
            record.write(Note(record.torn))
        record.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == whole + torn

    record = Record.append_to(path)
    record.write(Note(record.torn))
    record.close()
    assert list(read_record(path))[-1]["data"]["text"] == torn.decode()


def test_an_observer_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Whoever looks on is dropped when it fails; the record goes on."""
    record = Record(tmp_path / "record.jsonl", _Still())  # type: ignore[arg-type]
    record.observers.append(lambda event: 1 / 0)  # type: ignore[arg-type, return-value]
    record.write(Note("a"))
    record.write(Note("b"))
    record.close()

    assert [entry["data"]["text"] for entry in read_record(record.path)] == ["a", "b"]


def test_nan_is_null_in_the_record(tmp_path: Path) -> None:
    """A value that is no number is null, which no reader can take for one."""
    record = Record(tmp_path / "record.jsonl", WallClock())
    record.write(Note("x"), {"value": float("nan")})
    record.close()

    assert orjson.loads(record.path.read_bytes())["volatile"]["value"] is None
