"""A serial port that can go: a pseudo-terminal that passes everything on to a served line, until it is told not to."""

import os
import select
import socket
import threading
import tty
from contextlib import suppress
from pathlib import Path

import yaml

CHUNK = 4096
LOOK_S = 0.02


class Terminal:
    """The serial port of a controller that is served over TCP.

    Args:
        line: Where it is served, as its bench file says: "socket://host:port".

    Attributes:
        path: What a program opens.
    """

    def __init__(self, line: str) -> None:
        host, _, port = line.removeprefix("socket://").rpartition(":")
        self._far = socket.create_connection((host, int(port)))
        self._far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.path = os.ttyname(self._theirs)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._passes, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *raised: object) -> None:
        self.go()
        self._far.close()

    def fall_silent(self) -> None:
        """Leave it open, and neither read from it nor answer any more."""
        self._ended.set()
        self._thread.join()

    def go(self) -> None:
        """Close its master side, as a converter does that is pulled out: it is there no more."""
        self.fall_silent()
        for end in (self._ours, self._theirs):
            with suppress(OSError):
                os.close(end)
        self._ours = self._theirs = -1

    def _passes(self) -> None:
        while not self._ended.is_set():
            ready, _, _ = select.select([self._ours, self._far], [], [], LOOK_S)
            if self._ours in ready:
                self._far.sendall(os.read(self._ours, CHUNK))
            if self._far in ready:
                piece = self._far.recv(CHUNK)
                if not piece:
                    return
                os.write(self._ours, piece)


def with_terminal(bench: Path, to: Path, path: str) -> Path:
    """Write a copy of a bench file whose controller is at another serial port, and return it."""
    content = yaml.safe_load(bench.read_text())
    content["controller"]["address"] = path
    to.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    return to


def line_of(bench: Path) -> str:
    """Return where a bench file says that its controller is."""
    return str(yaml.safe_load(bench.read_text())["controller"]["address"])
