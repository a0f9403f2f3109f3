"""What IEEE Std 181 measures in a train of pulses: state levels, transitions, overshoot, settling, period and duty.

Everything here is arithmetic on samples, without uncertainty; test_plans/pulses.py makes readings of it. The loops are
compiled, because a record has a million samples; they are loaded when the first record is measured, or before.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.compiled import needed
from test_plans.analysis import Samples

BINS = 256
"""Bins of the histogram whose modes are the state levels."""

FINE = 16
"""Parts of a bin, by which the level in it is told."""

SETTLED = 0.02
"""Settled is what stays this near to its state level, as a share of the amplitude."""

LOWER, MIDDLE, UPPER = 0.1, 0.5, 0.9
"""The reference levels, as shares of the amplitude above the low state."""


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """The transitions of a record from one state to the other, oldest first.

    Attributes:
        middle: Where each crosses the middle reference level, in samples from the first one, between samples.
        duration: From the lower to the upper reference level, or back, in samples.
        rising: Whether it goes to the high state.
        overshoot: How far what follows goes beyond the state that was gone to, as a share of the amplitude.
        settling: From the middle until it stays within the band of settled, in samples; NaN if it does not.
    """

    middle: Samples
    duration: Samples
    rising: NDArray[np.bool_]
    overshoot: Samples
    settling: Samples


@dataclass(frozen=True, slots=True, eq=False)
class PulseTrain:
    """What a record of pulses is made of; levels in the unit of the samples, durations in units of their interval.

    Attributes:
        low: The lower state level.
        high: The upper state level.
        mean: Over the record.
        rms: Over the record.
        transitions: All of them.
    """

    low: float
    high: float
    mean: float
    rms: float
    transitions: Transitions

    @property
    def rise(self) -> float:
        """The median duration of the rising transitions, NaN if there is none."""
        return _median(self.transitions.duration, self.transitions.rising)

    @property
    def fall(self) -> float:
        """The median duration of the falling transitions, NaN if there is none."""
        return _median(self.transitions.duration, ~self.transitions.rising)

    @property
    def overshoot(self) -> float:
        """The median overshoot of the rising transitions, as a share of the amplitude; NaN if there is none."""
        return _median(self.transitions.overshoot, self.transitions.rising)

    @property
    def settling(self) -> float:
        """The median settling duration of the rising transitions, NaN if there is none or one does not settle."""
        return _median(self.transitions.settling, self.transitions.rising)

    @property
    def period(self) -> float:
        """The mean duration from rise to rise, NaN without two of them."""
        rises = self.transitions.middle[self.transitions.rising]
        return float((rises[-1] - rises[0]) / (rises.size - 1)) if rises.size > 1 else np.nan

    @property
    def frequency(self) -> float:
        """Periods in an interval of the samples."""
        return 1.0 / self.period

    @property
    def duty(self) -> float:
        """The mean share of a period that is spent in the high state, NaN without a whole period."""
        middle, rising = self.transitions.middle, self.transitions.rising
        rises = np.flatnonzero(rising)
        if rises.size < 2:
            return np.nan
        begin, end = middle[rises[:-1]], middle[rises[:-1] + 1]
        return float(((end - begin) / (middle[rises[1:]] - begin)).mean())


def pulse_train(samples: Samples) -> PulseTrain | None:
    """Return what a record is made of, or None if it has no two states.

    A state level is the mean of what lies in the mode of the histogram of its half of the range, and in the bins beside
    it: to one part in 8192 of the range. A transition counts when it has come from beyond one of the outer reference
    levels to beyond the other, so that noise around one of them counts none.

    Raises:
        ValueError: There are no samples, or some are not numbers.
    """
    from test_plans import ieee181_loops as loops

    values = np.ascontiguousarray(samples, np.float64)
    least, most = (float(values.min()), float(values.max())) if values.size else (np.nan, np.nan)
    if not np.isfinite(most - least):
        raise ValueError("a record of pulses must have samples, and all of them must be numbers")
    if most <= least:
        return None
    width = (most - least) / (BINS * FINE)
    # A hair wider, so that the largest sample lies in the last bin.
    counts = loops.histogram(values, least, (1.0 - 1e-12) / width, BINS * FINE)
    half = BINS // 2
    bins = counts.reshape(BINS, FINE).sum(axis=1)
    low = least + width * _level(counts, int(np.argmax(bins[:half])), 0, half)
    high = least + width * _level(counts, half + int(np.argmax(bins[half:])), half, BINS)
    amplitude = high - low
    lower, middle, upper = (low + share * amplitude for share in (LOWER, MIDDLE, UPPER))
    ends, rising = loops.transitions(values, lower, upper)
    table = loops.measure(values, ends, rising, low, high, lower, middle, upper, SETTLED * amplitude)
    at, duration, beyond, settling = table.T
    mean, rms = float(values.mean()), float(np.sqrt(np.dot(values, values) / values.size))
    found = Transitions(at, duration, rising, beyond / amplitude, settling)
    return PulseTrain(low, high, mean, rms, found)


def _level(counts: NDArray[np.int64], mode: int, begin: int, end: int) -> float:
    """Return the mean of the mode and of the bins beside it, in fine bins from the least sample on."""
    first, stop = FINE * max(mode - 1, begin), FINE * min(mode + 2, end)
    around = counts[first:stop]
    return float(np.dot(around, np.arange(first, stop) + 0.5) / around.sum())


def _median(values: Samples, chosen: NDArray[np.bool_]) -> float:
    return float(np.median(values[chosen])) if chosen.any() else np.nan


def _use() -> None:
    pulse_train(np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0]))


needed(_use)
