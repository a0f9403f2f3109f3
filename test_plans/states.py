"""Ways into the states of a device, each from a device that has no supply yet."""

from collections.abc import Callable
from dataclasses import dataclass

from fixtures.bench import Bench
from harness.claims import Claims
from harness.steps import Step
from instruments.roles import DeviceState
from test_plans.running import SETTLING_S, measure_session, reach, start, switch_on

# So long after a stop began the current is still on its way down, at the middle level of every site.
ON_THE_WAY_S = 0.5
POLL_S = 0.25
# How much later than by the claims half time may come before nobody waits for it any more, as a part of the session.
LATE = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """A session that is to be brought into a state: on which bench, by which claims, where, at which level, and how."""

    bench: Bench
    claims: Claims
    site: str
    level: int
    waveform: str = "dc"

    def start(self, *, seconds: float | None = None, reversal: bool = False) -> None:
        """Start a session from zero; without seconds, a long one."""
        bench = self.bench
        if seconds is None:
            start(bench, self.claims, site=self.site, level=self.level, waveform=self.waveform)
            return
        bench.controller.confirm_contraindications()
        bench.controller.start(
            site=self.site, level=self.level, duration_s=seconds, waveform=self.waveform, reversal=reversal
        )

    def reach(self, s: Step) -> None:
        """Bring a long session to its plateau, and show that a current flows."""
        reach(s, self.bench, self.claims, site=self.site, level=self.level, waveform=self.waveform)

    def settle(self) -> None:
        """Wait until a ramp has ended, and the current rests."""
        self.bench.clock.sleep(self.claims.ramp_s(self.site, 0, self.level) + SETTLING_S)


def _ready(place: Place, s: Step) -> None:
    """Nothing is to be done."""


def _ramping(place: Place, s: Step) -> None:
    place.start()
    # The current that a ramp of all sites has come to by now is above the least that is treated with.
    place.bench.clock.sleep(SETTLING_S)
    measure_session(s, place.bench)


def _reversing(place: Place, s: Step) -> None:
    bench = place.bench
    seconds: float = min(place.claims.get(f"programmes.{name}.shortest") for name in place.claims.content.programmes)
    place.start(seconds=seconds, reversal=True)
    place.settle()
    measure_session(s, bench)
    polls = int(seconds * (0.5 + LATE) / POLL_S)
    for _ in range(polls):
        if bench.controller.status().state is DeviceState.REVERSING:
            break
        bench.clock.sleep(POLL_S)


def _paused(place: Place, s: Step) -> None:
    place.reach(s)
    place.bench.controller.pause()
    place.settle()


def _stopping(place: Place, s: Step) -> None:
    place.reach(s)
    place.bench.controller.stop()
    place.bench.clock.sleep(ON_THE_WAY_S)


def _ended(place: Place, s: Step) -> None:
    place.reach(s)
    place.bench.controller.stop()
    place.settle()


def _fault(place: Place, s: Step) -> None:
    place.reach(s)
    place.bench.controller.emergency_stop()


_WAYS: dict[str, Callable[[Place, Step], None]] = {
    "ready": _ready,
    "ramping": _ramping,
    "running": Place.reach,
    "reversing": _reversing,
    "paused": _paused,
    "stopping": _stopping,
    "ended": _ended,
    "fault": _fault,
}


def is_in(bench: Bench, state: str) -> bool:
    """Return whether the device says that it is in a state."""
    return bench.controller.status().state.value == state


def has_level(bench: Bench, level: int) -> bool:
    """Return whether the device says that a level is set."""
    return bench.controller.status().level == level


def enter(s: Step, place: Place, state: str) -> None:
    """Switch the device on, bring it into a state, and tell whether it says that it is there.

    On the way the current of the session is measured, but in "ready", which has none.
    """
    switch_on(place.bench)
    bring_into(s, place, state)


def bring_into(s: Step, place: Place, state: str) -> None:
    """Bring a device that was just switched on into a state, and tell whether it says that it is there, as enter()."""
    _WAYS[state](place, s)
    s.observe("in the state", is_in(place.bench, state))
