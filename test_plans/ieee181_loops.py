"""The loops over all samples of a record of pulses, compiled: histogram, search for transitions, and their measures."""

import numpy as np
from numpy.typing import NDArray

from harness.compiled import compiled
from test_plans.analysis import Samples


@compiled
def histogram(values: Samples, least: float, per_unit: float, bins: int) -> NDArray[np.int64]:
    """Return the samples in each bin: of a width of one over per_unit, the first from least on.

    Four histograms are filled in turn, since a bin that was just written must not be waited for.
    """
    counts = np.zeros((4, bins), np.uint32)
    whole = values.size - values.size % 4
    for i in range(0, whole, 4):
        counts[0, np.uint32((values[i] - least) * per_unit)] += 1
        counts[1, np.uint32((values[i + 1] - least) * per_unit)] += 1
        counts[2, np.uint32((values[i + 2] - least) * per_unit)] += 1
        counts[3, np.uint32((values[i + 3] - least) * per_unit)] += 1
    for i in range(whole, values.size):
        counts[0, np.uint32((values[i] - least) * per_unit)] += 1
    total: NDArray[np.int64] = counts.sum(axis=0)
    return total


@compiled
def transitions(values: Samples, lower: float, upper: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the first sample beyond the far reference level of each transition, and whether it rises."""
    n, i, count = values.size, 0, 0
    ends = np.empty(16, np.int64)
    while i < n and lower < values[i] < upper:
        i += 1
    high = i < n and values[i] >= upper
    begins_high = high
    while True:
        if high:
            while i < n and values[i] > lower:
                i += 1
        else:
            while i < n and values[i] < upper:
                i += 1
        if i >= n:
            break
        if count == ends.size:
            longer = np.empty(2 * count, np.int64)
            longer[:count] = ends
            ends = longer
        ends[count] = i
        count += 1
        high = not high
    rising = np.empty(count, np.bool_)
    for k in range(count):
        rising[k] = (k % 2 == 0) != begins_high
    return ends[:count], rising


@compiled
def _crossing(values: Samples, end: int, level: float, rising: bool) -> tuple[float, int]:
    """Return where the record last crosses a level before it is beyond it at end, and the sample after that."""
    i = end
    if rising:
        while values[i - 1] >= level:
            i -= 1
    else:
        while values[i - 1] <= level:
            i -= 1
    return i - 1 + (level - values[i - 1]) / (values[i] - values[i - 1]), i


@compiled
def measure(
    values: Samples,
    ends: NDArray[np.int64],
    rising: NDArray[np.bool_],
    low: float,
    high: float,
    lower: float,
    middle: float,
    upper: float,
    band: float,
) -> Samples:
    """Return for each transition where it crosses the middle, its duration, what goes beyond the state, its settling.

    What follows a transition is looked at over the first half of the time until the next one.
    """
    table = np.empty((ends.size, 4))
    for k in range(ends.size):
        end = ends[k]
        until = ends[k + 1] if k + 1 < ends.size else values.size
        state = high if rising[k] else low
        far, near = (upper, lower) if rising[k] else (lower, upper)
        last, at = _crossing(values, end, far, rising[k])
        centre, at = _crossing(values, at, middle, rising[k])
        begin, at = _crossing(values, at, near, rising[k])
        stop = end + max(1, (until - end) // 2)
        most = least = values[end]
        out = end - 1
        for i in range(end, stop):
            v = values[i]
            most = max(most, v)
            least = min(least, v)
            if v > state + band or v < state - band:
                out = i
        table[k, 0] = centre
        table[k, 1] = last - begin
        table[k, 2] = max(0.0, most - state if rising[k] else state - least)
        table[k, 3] = np.nan if out == stop - 1 else out + 1 - centre
    return table
