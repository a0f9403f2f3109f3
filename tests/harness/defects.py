"""Devices that a harness must notice, one for each plan, and controllers that break down."""

from typing import Any

from fixtures.virtual.controller import Reference


class StrongAtTheTop(Reference):
    """Delivers a quarter more than it should at the top level of a site."""

    def level_current(self, site: str, level: int) -> float:
        """Return the mean current of a level in A."""
        current = super().level_current(site, level)
        return current * 1.25 if (site, level) in (("hands", 20), ("feet", 25), ("armpits", 10)) else current


class BigStep(Reference):
    """Makes one step of the table three times too big."""

    def level_current(self, site: str, level: int) -> float:
        """Return the mean current of a level in A."""
        extra = 2e-3 if site == "hands" and level == 11 else 0.0
        return super().level_current(site, level) + extra


class SlowTimer(Reference):
    """Counts every session three per cent too long."""

    def session_seconds(self, duration_s: float) -> float:
        """Return the seconds that are counted for a session."""
        return super().session_seconds(duration_s) * 1.03


class SlowCutoff(Reference):
    """Takes ten times as long to notice an open electrode."""

    def debounce_count(self, fault: Any) -> int:
        """Return the samples in a row that make a fault."""
        count = super().debounce_count(fault)
        return count * 10 if str(fault) in ("open electrode", "open_electrode") else count


class Garbage:
    """Answers everything with noise."""

    def __init__(self, model: Any, world: Any) -> None:
        self._world = world

    def power(self, on: bool) -> None:
        """Take note of nothing."""

    def receive(self, data: bytes) -> None:
        """Answer with noise."""
        self._world.send(b"\xff\x00garbage\xfe\n")


def broken(model: Any, world: Any) -> Any:
    """Raise instead of making a controller."""
    raise ValueError("no such model")


class BreaksDown(Reference):
    """Raises in the middle of a session."""

    def session_seconds(self, duration_s: float) -> float:
        """Raise."""
        raise ZeroDivisionError("a bug in the controller")
