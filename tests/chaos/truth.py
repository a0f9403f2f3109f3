"""The truth of a served bench, from its clock port: what is on and closed, whatever any instrument or record says."""

import json
import socket
from pathlib import Path
from typing import Any

from fixtures.bench_file import load_bench_file

WITHIN_S = 10.0


class Truth:
    """A client of the clock port that asks for nothing but the truth.

    Args:
        file: The bench file that `serve` wrote.
    """

    def __init__(self, file: Path) -> None:
        virtual = load_bench_file(file).content.virtual
        assert virtual is not None
        assert virtual.served is not None
        host, _, port = virtual.served.clock.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), WITHIN_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")

    def __enter__(self) -> "Truth":
        return self

    def __exit__(self, *raised: object) -> None:
        self._answers.close()
        self._socket.close()

    def ask(self) -> dict[str, Any]:
        """Return what is so now (docs/clock-port.md)."""
        self._socket.sendall(b"truth\n")
        answer: dict[str, Any] = json.loads(self._answers.readline())
        return answer

    def live(self) -> list[str]:
        """Return in words what is on or closed."""
        now = self.ask()
        on = [f"relay {name}" for name in now["relays_closed"]]
        on += ["supply"] if now["supply_on"] or now["supply_v"] else []
        on += ["mains"] if now["mains_v"] else []
        return on + (["output"] if now["output_a"] else [])
