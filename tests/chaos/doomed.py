"""A run that counts what it has written, where its death loses nothing, and may end itself at an instant it is told.

python -m tests.chaos.doomed COUNT CAUSE LINES AFTER_S certify …

COUNT is a file of two numbers of eight bytes: how many lines of the record were written (-1 before all), and when, in
the host's monotonic nanoseconds, the run did to itself what CAUSE says ("" if somebody else will do it): AFTER_S
seconds after it had written so many LINES, or after it began, if they are 0. It begins to think for ever between two
exchanges, when it has written the line: one that would do so in the middle of an exchange may still be waiting for its
answer.
"""

import ctypes
import mmap
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from harness.__main__ import main
from harness.record import Record


def exits() -> None:
    """End without a word, and say that all is well."""
    os._exit(0)


def breaks() -> None:
    """Read where nothing is."""
    ctypes.string_at(0)


def thinks() -> None:
    """Never come back."""
    while True:
        pass


LOOP = "endless loop"
INSIDE: dict[str, Callable[[], None]] = {"os._exit(0)": exits, "null pointer": breaks, LOOP: thinks}


def doomed(count: str, cause: str, lines: int, after_s: float, arguments: list[str]) -> None:
    """Run the command line."""
    with open(count, "r+b") as file:  # noqa: PTH123 - mapped below
        words = memoryview(mmap.mmap(file.fileno(), 16)).cast("q")
    for number in (signal.SIGHUP, signal.SIGQUIT):  # nohup, and a shell's background, would have them ignored at first
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    words[0] = 0  # before this Python itself was starting, which may lose a signal
    write = Record.write

    def counted(self: Record, *told: Any) -> None:
        write(self, *told)
        words[0] = self.count
        if cause and self.count == lines:
            if cause == LOOP:
                end(0, None)
            signal.setitimer(signal.ITIMER_REAL, after_s)

    Record.write = counted  # type: ignore[method-assign, assignment]

    def end(_number: int, _frame: FrameType | None) -> None:
        words[1] = time.monotonic_ns()
        INSIDE[cause]()

    if cause:
        signal.signal(signal.SIGALRM, end)
        if not lines:
            signal.setitimer(signal.ITIMER_REAL, after_s)
    sys.argv[1:] = arguments
    main()


if __name__ == "__main__":
    doomed(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
