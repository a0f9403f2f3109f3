"""Axes: where a value lies on the page, and at which round numbers to put the ticks."""

import math
from dataclasses import dataclass

_TIME_UNITS = ((1e-6, "µs"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"))


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight axis from the value `low` at `start` to the value `high` at `end`, in drawing units."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a value lies."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + share * (self.end - self.start)


def nice_ticks(low: float, high: float, about: int) -> list[tuple[float, str]]:
    """Return round numbers (1, 2 or 5 times a power of ten) from low to high, about so many, with their text."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [(low, f"{low:g}")]
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * 0.999)
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(index * step, f"{index * step:.{decimals}f}".replace("-", "−")) for index in range(first, last + 1)]


def time_unit(longest_s: float) -> tuple[float, str]:
    """Return the unit that suits a time axis, as seconds in one of it and as its name."""
    for size, name in reversed(_TIME_UNITS):
        if longest_s >= 2 * size:
            return size, name
    return _TIME_UNITS[0]
