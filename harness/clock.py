"""Time, as a thing that is passed in.

Nobody here reads the wall clock or calls time.sleep() but this page: whoever waits is handed a Clock, so the same plan
runs for twenty minutes on the real bench and for twenty milliseconds on the virtual one.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

SECOND_NS = 1_000_000_000


def to_ns(seconds: float) -> int:
    """Return seconds as whole nanoseconds, rounded to the nearest."""
    return round(seconds * SECOND_NS)


class Clock(Protocol):
    """Bench time: whole nanoseconds since the bench was opened, never going back."""

    def now_ns(self) -> int:
        """Return the bench time in nanoseconds."""

    def utc(self) -> datetime:
        """Return the date and time that the bench works at, with its time zone (UTC)."""

    def sleep(self, seconds: float) -> None:
        """Let seconds pass; none or less passes at once."""

    def sleep_until(self, t_ns: int) -> None:
        """Let time pass until the bench time t_ns; an instant that is over passes at once."""


class WallClock:
    """The host's clock: bench time runs as fast as the world does."""

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        """Return the nanoseconds since this clock was made."""
        return time.monotonic_ns() - self._start_ns

    def utc(self) -> datetime:
        """Return the host's date and time in UTC."""
        return host_utc()

    def sleep(self, seconds: float) -> None:
        """Let seconds pass."""
        if seconds > 0:
            time.sleep(seconds)

    def sleep_until(self, t_ns: int) -> None:
        """Let time pass until the bench time t_ns."""
        self.sleep((t_ns - self.now_ns()) / SECOND_NS)


def host_utc() -> datetime:
    """Return the host's date and time in UTC: for the volatile stamps of a record, and to doubt the host's clock."""
    return datetime.now(UTC)


def host_seconds() -> float:
    """Return the host's monotonic seconds: for saying how long a run took, and for nothing that is judged."""
    return time.perf_counter()


def host_ns() -> int:
    """Return the host's monotonic nanoseconds, the same in all its processes: for one that watches over another."""
    return time.monotonic_ns()
