"""The mains that the maker's adapter is fed with: what they must be, and that they were."""

from dataclasses import replace

from harness.reading import Reading

# How far the mains may be from what was asked for before a result is one of something else; part of what was asked for.
OFF_BY = 0.03
PERCENT = 100.0


def part_of(percent: int, rated_v: float) -> float:
    """Return so many per cent of a rated voltage, in volts."""
    return rated_v * percent / PERCENT


def percent_of(volts: float, rated_v: float) -> int:
    """Return how many per cent of a rated voltage some volts are, to the next whole one."""
    return round(PERCENT * volts / rated_v)


def if_mains(reading: Reading, mains: Reading, wanted_v: float) -> Reading:
    """Return a reading with trouble if the mains were not what was asked for, in volts, to 3 %."""
    right = abs(mains.value - wanted_v) <= OFF_BY * wanted_v
    trouble = "" if right else f"the mains were {mains.value:.4g} V, and must be {wanted_v:g} V ± {OFF_BY:.0%}"
    return replace(reading, trouble=reading.trouble or mains.trouble or trouble)
