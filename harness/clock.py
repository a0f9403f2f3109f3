"""Time, as a thing that is passed in.

Nobody here reads the wall clock or calls time.sleep() but this page: whoever waits is handed a Clock, so the same plan
runs for twenty minutes on the real bench and for twenty milliseconds on the virtual one.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

from harness.errors import HarnessError

SECOND_NS = 1_000_000_000
MOST_SET_S = 60.0  # a clock that is only led to the right time gains or loses 43 s in a day


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


class HostDate:
    """Finds out whether the host's date was set since this was made, by its clock that nobody sets."""

    def __init__(self) -> None:
        self._utc, self._ns = host_utc(), host_ns()

    def check(self) -> None:
        """Find out that it was not, or by less than a minute.

        Raises:
            HarnessError: It was, or the host was asleep: what was dated or timed meanwhile is wrong.
        """
        passed_s = (host_ns() - self._ns) / SECOND_NS
        ahead_s = (host_utc() - self._utc).total_seconds() - passed_s
        if abs(ahead_s) > MOST_SET_S:
            raise HarnessError(
                f"the host's date went {'ahead' if ahead_s > 0 else 'back'} by {abs(ahead_s):.0f} s beside its clock"
                f" while the run went on, and must not be set then: see that it is right, and run again"
            )


def host_seconds() -> float:
    """Return the host's monotonic seconds: for saying how long a run took, and for nothing that is judged."""
    return time.perf_counter()


def host_ns() -> int:
    """Return the host's monotonic nanoseconds, the same in all its processes: for one that watches over another."""
    return time.monotonic_ns()
