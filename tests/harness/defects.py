"""Devices that a harness must notice, one for each plan, and controllers that break down."""

from collections.abc import Callable, Mapping
from typing import Any

from fixtures.virtual.controller import Reference
from fixtures.virtual.port import Analog, Timer, World
from instruments.controller.messages import Start
from instruments.roles import DeviceState

TOPS = (("hands", 20), ("feet", 25), ("armpits", 10))


class StrongAtTheTop(Reference):
    """Delivers a quarter more than it should at the top level of a site."""

    def level_current(self, site: str, level: int) -> float:
        """Return the mean current of a level in A."""
        current = super().level_current(site, level)
        return current * 1.25 if (site, level) in TOPS else current


class StrongBackwards(Reference):
    """Delivers an eighth more than it should, and in the wrong direction."""

    def level_current(self, site: str, level: int) -> float:
        """Return the mean current of a level in A."""
        return super().level_current(site, level) * 1.125

    def begin(self, treatment: Any) -> None:
        """Start a session with negative polarity."""
        super().begin(treatment)
        # Nothing flows yet: the polarity can still be changed, and the rise begins anew.
        self.stage.select(treatment.waveform, -1)
        self._rise(treatment)


class Weak(Reference):
    """Delivers five eighths of what is set at the top level of a site, and displays what it delivers."""

    def level_current(self, site: str, level: int) -> float:
        """Return the mean current of a level in A."""
        current = super().level_current(site, level)
        return current * 0.625 if (site, level) in TOPS else current


class BrokenLead:
    """The world of a device whose output lead is broken inside of it: it notices nothing, and nothing comes out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.now, self.call_at, self.send = world.now, world.call_at, world.send
        self._set_a = 0.0
        self._closed = True

    def contact(self, closed: bool) -> None:
        """Take note of the relay."""
        self._closed = closed

    def drive(
        self, peak_a: float, *, period_s: float = 0.0, duty: float = 1.0, polarity: int = 1, slope_a_per_s: float = 0.0
    ) -> None:
        """Take note of what is set."""
        self._set_a = polarity * duty * peak_a

    def read(self, quantity: Analog) -> float:
        """Return what is set where there should be a current, and a harmless voltage."""
        set_a = self._set_a if self._closed else 0.0
        made_up = {
            Analog.CURRENT: set_a,
            Analog.SECOND_CURRENT: set_a,
            Analog.PEAK_CURRENT: abs(set_a),
            Analog.VOLTAGE: 1.0,
        }
        return made_up[quantity] if quantity in made_up else self._world.read(quantity)

    def watch(self, quantity: Analog, low: float, high: float, action: Callable[[], None]) -> Timer:
        """Watch the supply; of the output nothing is ever seen that is not outside already."""
        if quantity is Analog.SUPPLY:
            return self._world.watch(quantity, low, high, action)
        if not low <= self.read(quantity) <= high:
            return self._world.call_at(self.now(), action)
        return self._world.watch(Analog.SUPPLY, -1e9, 1e9, action)


class Dead(Reference):
    """Does all that it is asked for, as far as it can tell, and delivers nothing."""

    def __init__(self, model: Mapping[str, Any], world: World) -> None:
        self._lead = BrokenLead(world)
        super().__init__(model, self._lead)

    def power(self, on: bool) -> None:
        """Boot, or note that the power went, and with it what was set."""
        self._lead.drive(0.0)
        super().power(on)


class Forgiving(Reference):
    """Says that a fault is latched, and starts all the same when it is asked."""

    def carry_out(self, command: Any) -> Any:
        """Forget a fault before a start."""
        if isinstance(command, Start) and self.state is DeviceState.FAULT:
            self.acknowledge()
            self._confirmed = True
        return super().carry_out(command)


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
