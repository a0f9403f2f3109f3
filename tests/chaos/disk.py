"""Disks that fail: one that is full, one that becomes read-only as after an error, one that hangs (Linux, root)."""

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

SIZE = "6m"
PAGE = 4096


class Disk:
    """A disk of its own.

    Args:
        folder: Below which it is mounted.

    Attributes:
        path: Where it is.
    """

    says = ""
    """What a run says of it, as a pattern."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "disk"
        self.path.mkdir()
        self._image = folder / "image"
        self._made()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        _run("umount", "--lazy", str(self.path))

    def spoil(self) -> None:
        """Let it take nothing more."""

    def mend(self) -> None:
        """Let it take something again."""

    def kept(self, held: bytes) -> bytes:
        """Return what must be left of a record that held this."""
        return held

    def _made(self) -> None:
        """Make and mount it."""


class FullDisk(Disk):
    """A disk in memory, that something else fills."""

    says = "No space left on device|took only a part of a line"

    def spoil(self) -> None:
        """Fill it."""
        with suppress(OSError), (self.path / "other").open("wb", buffering=0) as other:
            while True:
                other.write(bytes(PAGE))

    def mend(self) -> None:
        """Make room."""
        (self.path / "other").unlink()

    def _made(self) -> None:
        _run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(self.path))


class ImageDisk(Disk):
    """A disk of a file system as hosts have it, in a file."""

    def _made(self) -> None:
        _run("truncate", "--size", SIZE, str(self._image))
        _run("mkfs.ext4", "-q", str(self._image))
        _run("mount", "-o", "loop", str(self._image), str(self.path))


class HangingDisk(ImageDisk):
    """A disk that does not answer: whoever writes to it waits, and cannot even be killed, until it is back."""

    def __exit__(self, *raised: object) -> None:
        with suppress(subprocess.CalledProcessError):  # it may be back already
            self.mend()
        super().__exit__(*raised)

    def spoil(self) -> None:
        """Let it hang."""
        _run("fsfreeze", "--freeze", str(self.path))

    def mend(self) -> None:
        """Let it answer again."""
        _run("fsfreeze", "--unfreeze", str(self.path))


class ReadOnlyDisk(ImageDisk):
    """A disk that its file system gives up, as after an error; what it had not written down yet is lost with it."""

    says = "Read-only file system|is not kept by the disk"

    def spoil(self) -> None:
        """Give it up."""
        _run("mount", "-o", "remount,abort", str(self.path))

    def mend(self) -> None:
        """Mount it again."""
        _run("umount", str(self.path))
        _run("mount", "-o", "loop", str(self._image), str(self.path))

    def kept(self, held: bytes) -> bytes:
        """Return what was on the disk when the supply was switched on, which is all up to the beginning of the case."""
        begun = held.rindex(b'"type":"case_started"')
        return held[: held.index(b"\n", begun) + 1]


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
