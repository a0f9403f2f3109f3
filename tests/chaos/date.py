"""A host's date that can be set for single processes, in the middle of what they do (Linux, a C compiler)."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("wall_clock.c")


class Date:
    """The date of the processes that are begun with an environment; their monotonic clock is the host's.

    Args:
        folder: For what is compiled.

    Attributes:
        environment: What such a process must be begun with.
    """

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler")
        library, self._file = folder / "wall_clock.so", folder / "date"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(self._file)}
        self.set(0)

    def set(self, hours: int) -> None:
        """Set it so many hours ahead of what is right."""
        self._file.write_bytes(struct.pack("=q", hours * 3600))
