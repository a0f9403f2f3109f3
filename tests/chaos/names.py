"""A name server that never answers, and how a process is made to ask it and no other (Linux, root)."""

import shlex
import socket
import threading
from contextlib import suppress
from pathlib import Path

PORT = 53  # a resolver asks no other


class Silence:
    """A name server that hears questions and never answers one.

    Attributes:
        host: Its address, on this host.
        asked: How many questions it has heard.
    """

    host = "127.77.0.53"

    def __init__(self) -> None:
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.host, PORT))
        threading.Thread(target=self._hear, daemon=True).start()

    def __enter__(self) -> "Silence":
        return self

    def __exit__(self, *raised: object) -> None:
        with suppress(OSError):  # which wakes who hears
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _hear(self) -> None:
        with suppress(OSError):
            while self._socket.recv(4096):
                self.asked += 1


def with_servers(file: Path) -> list[str]:
    """Return the words before a command with which it asks the name servers of a file, in a mount namespace."""
    script = f'mount --bind {shlex.quote(str(file))} /etc/resolv.conf && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", script, "sh"]
