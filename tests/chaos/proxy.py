"""A cable that can be pulled: a TCP port that passes everything on to another one, until it is told not to."""

import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path

HOST = "127.0.0.1"
CHUNK = 1 << 16


class Proxy:
    """One instrument's cable.

    Args:
        port: Where the instrument is, on this host.

    Attributes:
        port: Where a client finds it instead.
    """

    def __init__(self, port: int) -> None:
        self._there = port
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._listens()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *raised: object) -> None:
        self.cut()

    def cut(self) -> None:
        """Pull the cable: every connection breaks, and new ones are refused until it is plugged in again."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # which wakes who accepts on it
        self._listener.close()
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):  # so that it breaks at once, and does not end in order
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def restore(self) -> None:
        """Plug it in again: what was broken stays broken, and new connections are made."""
        self._listener = socket.create_server((HOST, self.port))
        self._listens()

    def _listens(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((HOST, self._there))
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._pairs.append((near, far))
            threading.Thread(target=_passes, args=(near, far), daemon=True).start()
            threading.Thread(target=_passes, args=(far, near), daemon=True).start()


def _passes(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(CHUNK):
            to.sendall(piece)
    for end in (source, to):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def moved(bench: Path, to: Path, ports: dict[int, int]) -> Path:
    """Write a copy of a bench file in which ports are other ones, and return it."""
    text = bench.read_text()
    for old, new in ports.items():
        assert str(old) in text
        for before, after in (("hislip0,", "::"), ("::", "::SOCKET"), ("clock: 127.0.0.1:", "\n")):
            text = text.replace(f"{before}{old}{after}", f"{before}{new}{after}")
    to.write_text(text)
    return to
