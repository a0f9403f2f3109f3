"""A record that another process left is gone on with: nothing of it is lost, and what was cut off is kept as text."""

import os
import sys
from pathlib import Path

import pytest

from harness.clock import WallClock
from harness.errors import EvidenceError
from harness.events import Note, Supervised
from harness.record import Record, content_head, read_record

CUT_OFF = b'{"seq":2,"prev":"00'


def _left(folder: Path, tail: bytes = b"") -> Record:
    record = Record(folder / "record.jsonl", WallClock())
    record.write(Note("first"))
    record.write(Note("second"))
    record.close()
    with record.path.open("ab") as file:
        file.write(tail)
    return record


@pytest.mark.parametrize("tail", [b"", CUT_OFF, b"\x00\x00\xff"], ids=["whole", "cut off", "not even text"])
def test_the_chain_goes_on_behind_the_last_whole_line(tmp_path: Path, tail: bytes) -> None:
    """The new line follows the old ones at their bench time; a cut-off one is taken away, and its text is told."""
    left = _left(tmp_path, tail)

    record = Record.append_to(left.path)
    record.write(Supervised("the run died", True, ("supply off",), record.torn), {"utc": "now"})
    record.close()

    entries = list(read_record(left.path))
    assert [entry["type"] for entry in entries] == ["note", "note", "supervised"]
    assert entries[2]["data"]["torn"] == tail.decode("utf-8", "replace")
    assert entries[2]["at_ns"] == entries[1]["at_ns"]
    assert content_head(left.path) == record.content_head


def test_a_broken_chain_is_not_gone_on_with(tmp_path: Path) -> None:
    """A record that somebody changed is refused, and stays as it is, torn line and all."""
    left = _left(tmp_path, CUT_OFF)
    changed = left.path.read_bytes().replace(b"first", b"First")
    left.path.write_bytes(changed)

    with pytest.raises(EvidenceError, match="line 2: the chain is broken"):
        Record.append_to(left.path)

    assert left.path.read_bytes() == changed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork, and no such locks")
def test_a_record_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    """While its writer lives it is refused, a process that the writer forked does not count, and its end frees it."""
    record = Record(tmp_path / "record.jsonl", WallClock())
    record.write(Note("first"))

    refused = os.fork()
    if not refused:
        try:
            Record.append_to(record.path)
        except EvidenceError as error:
            os._exit(7 if "is being written by a process that lives" in str(error) else 1)
        os._exit(0)

    assert os.waitstatus_to_exitcode(os.waitpid(refused, 0)[1]) == 7
    record.close()
    Record.append_to(record.path).close()


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    """Nothing is made where nothing was."""
    with pytest.raises(EvidenceError, match="name the folder of a run"):
        Record.append_to(tmp_path / "record.jsonl")

    assert not list(tmp_path.iterdir())
