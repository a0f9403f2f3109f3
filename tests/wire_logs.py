"""Logs of wires for tests: changed, and sealed again as somebody would who wants it to go unnoticed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fixtures.wire_lines import sealed
from harness.record import FIRST

Line = dict[str, Any]


def lines_of(path: Path) -> list[Line]:
    """Return all lines of a log, head and end among them."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def resealed(path: Path, lines: list[Line]) -> Path:
    """Write lines as a log whose chain is right, and return its path."""
    prev, raw = FIRST, []
    for line in lines:
        raw.append(json.dumps({**line, "prev": prev}, separators=(",", ":")).encode())
        prev = sealed(raw[-1])
    path.write_bytes(b"".join(line + b"\n" for line in raw))
    return path


def changed(log: Path, path: Path, change: Callable[[list[Line]], object]) -> Path:
    """Write a log with changed lines, sealed again, and return its path."""
    lines = lines_of(log)
    change(lines)
    return resealed(path, lines)
