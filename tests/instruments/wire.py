"""A wire that follows a script, and a clock that stands still until somebody sleeps: for tests of drivers.

The script is what a driver must send, each line with the answer that comes, or None. A byte that differs, an answer
that nobody reads and a line that was never sent fail the test.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from harness.clock import to_ns
from harness.errors import LinkError

CLEAR = b"<device clear>"
SILENCE = b"<no answer before the timeout>"

Line = tuple[bytes, bytes | None]


class ScriptedWire:
    """A Transport that plays a script."""

    def __init__(self, *script: Line) -> None:
        self._script = list(script)
        self._answers: list[bytes] = []
        self.closed = False

    def write(self, message: bytes) -> None:
        """Take the next line of the script."""
        assert not self._answers, f"{message!r} was sent while the answer {self._answers[0]!r} was unread"
        assert self._script, f"{message!r} was sent after the end of the script"
        expected, answer = self._script.pop(0)
        assert message == expected
        if answer is not None:
            self._answers.append(answer)

    def read(self) -> bytes:
        """Give the answer of the line that was sent last."""
        assert self._answers, "there is nothing to read"
        answer = self._answers.pop(0)
        if answer == SILENCE:
            raise LinkError("no answer")
        return answer

    def clear(self) -> None:
        """Take the next line of the script, which must be CLEAR."""
        assert self._script, "the wire was cleared after the end of the script"
        assert self._script.pop(0)[0] == CLEAR

    def close(self) -> None:
        """Take note."""
        self.closed = True

    def finish(self) -> None:
        """Fail if the script was not played to its end."""
        assert not self._answers, f"the answer {self._answers[0]!r} was never read"
        assert not self._script, f"{self._script[0][0]!r} was never sent"


@contextmanager
def scripted_wire(*script: Line) -> Iterator[ScriptedWire]:
    """Give a wire that plays the script, and check at the end that all of it was played."""
    wire = ScriptedWire(*script)
    yield wire
    wire.finish()


class StillClock:
    """A Clock that stands still until somebody sleeps."""

    def __init__(self) -> None:
        self._now_ns = 0

    def now_ns(self) -> int:
        """Return the nanoseconds that were slept."""
        return self._now_ns

    def utc(self) -> datetime:
        """Return the first day of 2026 and what was slept since."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=self._now_ns / 1000)

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self._now_ns += max(to_ns(seconds), 0)

    def sleep_until(self, t_ns: int) -> None:
        """Move on at once."""
        self._now_ns = max(self._now_ns, t_ns)
