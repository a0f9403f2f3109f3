"""Pairs of means that end the output, as the service mode knows them: the first fails, or the second is gone."""

from collections.abc import Callable
from functools import partial

from fixtures.bench import Bench

# What lets the first means of a fault of the claims fail.
FIRST_FAILS: dict[str, str] = {
    "over_current": "over-current",
    "sense_failure": "sense",
    "output_stuck": "stuck",
    "firmware_hang": "hang",
    "clock_stop": "clock",
}
# What takes the second means away, by the part that it is.
SECOND_GONE: dict[str, str] = {
    "trip": "no-trip",
    "second sense": "no-second-sense",
    "output relay": "welded",
    "watchdog": "no-watchdog",
    "clock monitor": "no-clock-monitor",
}
# What the self-test calls the parts.
PARTS: dict[str, str] = {
    "trip": "trip",
    "second sense": "second-sense",
    "output relay": "relay",
    "watchdog": "watchdog",
    "clock monitor": "clock-monitor",
}


def is_named(bench: Bench, part: str) -> bool:
    """Return whether the self-test says that this part failed."""
    return bench.controller.self_test() == PARTS[part]


def fail_first(bench: Bench, fault: str) -> Callable[[], None]:
    """Return what to ask of the device so that a fault begins, with everything done that must come before it.

    An output stage that is stuck does nothing wrong before it is told something else than what it does.
    """
    provoke = partial(bench.controller.provoke, FIRST_FAILS[fault])
    if fault != "output_stuck":
        return provoke
    provoke()
    return bench.controller.stop
