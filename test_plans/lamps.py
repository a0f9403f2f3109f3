"""The lamps of a device, by what it says that it lights."""

import math
from collections.abc import Iterable

from fixtures.bench import Bench
from harness.claims import Claims, Undeclared
from harness.reading import Reading
from instruments.device_records import Lamp, Priority

_ALARMS = {
    Lamp.ALARM_LOW.value: Priority.LOW.value,
    Lamp.ALARM_MEDIUM.value: Priority.MEDIUM.value,
    Lamp.ALARM_HIGH.value: Priority.HIGH.value,
}


def is_lit(bench: Bench, lamp: str) -> bool:
    """Return whether a lamp is lit."""
    return lamp in bench.controller.indicators()


def alarm_lamps(bench: Bench) -> str:
    """Return the priority whose alarm lamp is lit, several with commas in between, or "none"."""
    lit = bench.controller.indicators()
    return ", ".join(priority for lamp, priority in _ALARMS.items() if lamp in lit) or Priority.NONE.value


def largest_unlit(seen: Iterable[tuple[bool, Reading]]) -> Reading:
    """Return the largest current of those at which a lamp was out; each comes with whether the lamp was lit then.

    A current that is not a number is the largest; if the lamp was lit at each of them, none flowed unseen.
    """
    unlit = [current for lit, current in seen if not lit]
    return max(unlit, key=lambda one: (math.isnan(one.value), one.value), default=Reading(0.0, "A"))


def first_level_above(claims: Claims, site: str, current_a: float) -> int:
    """Return the first level of a site whose current is above a current in amperes, by the claims.

    Raises:
        Undeclared: No level of the site is.
    """
    for level, level_a in enumerate(claims.levels(site), start=1):
        if level_a > current_a:
            return level
    raise Undeclared(f"sites.{site}.levels (one above {current_a:g} A)")
