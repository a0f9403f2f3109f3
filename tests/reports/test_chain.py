"""Tests of reading a record line by line: none is kept, and a chain that is broken is told before anything else."""

from pathlib import Path

import pytest

from harness.errors import EvidenceError
from reports.chain import Entry, read_chain
from tests.reports.small_run import approvable


def test_each_line_is_handed_over_once_and_in_order(tmp_path: Path) -> None:
    """Whoever reads gets every line, by its number, and is told how many there were."""
    record = approvable(tmp_path / "run") / "record.jsonl"
    seen: list[int] = []

    chain = read_chain(record, lambda entry: seen.append(entry.line))

    assert seen == list(range(1, len(record.read_bytes().splitlines()) + 1))
    assert chain.count == len(seen)


def test_a_broken_chain_is_told_before_what_could_not_be_understood(tmp_path: Path) -> None:
    """A line that nobody can read is no news in a record that was altered: the place of that is named."""
    record = approvable(tmp_path / "run") / "record.jsonl"

    def refuse(entry: Entry) -> None:
        raise EvidenceError(f"line {entry.line} is not understood")

    with pytest.raises(EvidenceError, match="line 1 is not understood"):
        read_chain(record, refuse)
    lines = record.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b'"at_ns":', b'"at_ns":1')
    record.write_bytes(b"".join(lines))
    with pytest.raises(EvidenceError, match="line 6: the chain is broken"):
        read_chain(record, refuse)
