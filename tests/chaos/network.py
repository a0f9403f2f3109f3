"""A served bench on a host of its own: a network namespace with two cables, one of which can be cut (Linux, root)."""

import os
import subprocess
import sys
from pathlib import Path

from tests.harness.certify_run import CHECKOUT

CLOCK, INSTRUMENTS = "10.213.71", "10.213.72"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - in a namespace of its own


class Network:
    """A bench in a namespace: its instruments are on one cable, its clock, and with it the truth, on the other.

    Args:
        folder: For its bench file.

    Attributes:
        file: The bench file, as seen from this host.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bench.yaml"
        self._name = f"faults-{os.getpid()}"
        self._near = {subnet: f"flt{place}-{os.getpid()}"[:15] for place, subnet in enumerate((CLOCK, INSTRUMENTS))}
        _ip("netns", "add", self._name)
        self._process: subprocess.Popen[str] | None = None
        try:
            self._served(folder)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *raised: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        for near in self._near.values():
            _ip("link", "del", near)  # at once: with its namespace it would go later, and its name be taken until then
        _ip("netns", "del", self._name)

    def cut(self) -> None:
        """Cut the cable of the instruments."""
        _ip("link", "set", "dev", self._near[INSTRUMENTS], "down")

    def mend(self) -> None:
        """Mend it."""
        _ip("link", "set", "dev", self._near[INSTRUMENTS], "up")

    def _served(self, folder: Path) -> None:
        for subnet, near in self._near.items():
            far = near.replace("flt", "far")
            _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self._name)
            _ip("addr", "add", f"{subnet}.1/24", "dev", near)
            _ip("link", "set", "dev", near, "up")
            _ip("-n", self._name, "addr", "add", f"{subnet}.2/24", "dev", far)
            _ip("-n", self._name, "link", "set", "dev", far, "up")
        written = folder / "served.yaml"
        words = ["serve", "--write", str(written), "--pace", "stepped", "--host", EVERYWHERE]
        self._process = subprocess.Popen(
            ["ip", "netns", "exec", self._name, sys.executable, "-m", "harness", *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("Ctrl-C"):
                break
        text = written.read_text().replace(f"TCPIP0::{EVERYWHERE}::", f"TCPIP0::{INSTRUMENTS}.2::")
        self.file.write_text(text.replace(EVERYWHERE, f"{CLOCK}.2"))


def possible() -> bool:
    """Return whether this user may make network namespaces here."""
    try:
        name = f"faults-try-{os.getpid()}"
        _ip("netns", "add", name)
        _ip("netns", "del", name)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
