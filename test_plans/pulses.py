"""What a pulsed output is made of: period, duty, mean, r.m.s., peak, and the charge and energy of one pulse."""

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from harness.budget import difference, ratio, scaled, total
from harness.reading import Reading
from harness.waveform import Waveform
from test_plans.analysis import Samples, derive, nothing, rectangular, usable
from test_plans.timing import Threshold, crossing


@dataclass(frozen=True, slots=True)
class Pulses:
    """A train of pulses over whole periods.

    Attributes:
        period: Seconds from rise to rise.
        width: Seconds for which the first pulse is above half of its peak.
        duty: Share of the period that the width is.
        mean: The d.c. component, in amperes.
        rms: In amperes.
        peak: The median of what is above half of the peak, in amperes.
        charge: Of one pulse, in A·s.
    """

    period: Reading
    width: Reading
    duty: Reading
    mean: Reading
    rms: Reading
    peak: Reading
    charge: Reading


def pulses(current: Waveform) -> Pulses:
    """Return what a train of pulses is made of, from point samples over several whole periods.

    The mean, the r.m.s. value and the charge are taken between the first and the last rise.
    """
    if not usable(current):
        return _none(current, "")
    size = np.abs(current.values)
    half = float(size.max()) / 2.0
    above = size >= half
    rises = np.flatnonzero(~above[:-1] & above[1:])
    falls = np.flatnonzero(above[:-1] & ~above[1:])
    falls = falls[falls > rises[0]] if rises.size else falls
    if rises.size < 2 or falls.size < 1 or half == 0.0:
        return _none(current, "no two pulses were seen in the record")
    count = rises.size - 1
    edge = Threshold(half, 0.5)
    first = crossing(current, int(rises[0]), edge, "first rise")
    last = crossing(current, int(rises[-1]), edge, "last rise")
    end = crossing(current, int(falls[0]), edge, "first fall")
    period = scaled(difference(last, first), 1.0 / count)
    width = difference(end, first)
    whole: Samples = current.values[int(rises[0]) + 1 : int(rises[-1]) + 1]
    on: Samples = size[int(rises[0]) + 1 : int(rises[-1]) + 1]
    top = float(np.median(on[on >= half]))
    mean = float(whole.mean())
    rms = float(np.sqrt(np.mean(whole**2)))
    noise = 1.0 / math.sqrt(whole.size)
    # Seen from one sample to the next, each of the two ends may be off by one sample in all.
    ends = 1.0 / whole.size
    mean_end = rectangular("ends, mean", top * ends)
    rms_end = rectangular("ends, rms", top * top * ends / (2.0 * rms))
    level = partial(derive, current, unit="A", rounding=1.0)
    average = level(mean, label="mean", gain=mean, offset=1.0, noise=noise, extra=(mean_end,))
    charge = total(scaled(average, period.value, "A·s"), scaled(period, mean, "A·s"))
    return Pulses(
        period=period,
        width=width,
        duty=ratio(width, period, "1"),
        mean=average,
        rms=level(rms, label="rms", gain=rms, offset=mean / rms, noise=noise, extra=(rms_end,)),
        peak=level(top, label="peak", gain=top, offset=1.0, noise=1.2533 * noise),
        charge=replace(charge, value=mean * period.value),
    )


def _none(current: Waveform, trouble: str) -> Pulses:
    empty, time = nothing(current, "A", trouble), nothing(current, "s", trouble)
    return Pulses(time, time, nothing(current, "1", trouble), empty, empty, empty, nothing(current, "A·s", trouble))


def energy(train: Pulses, load_ohm: float) -> Reading:
    """Return the energy in joules that one pulse carries into a resistance: r.m.s. current squared times period."""
    power_w = train.rms.value**2 * load_ohm
    by_current = scaled(train.rms, 2.0 * train.rms.value * load_ohm * train.period.value, "J")
    moved = total(by_current, scaled(train.period, power_w, "J"))
    return replace(moved, value=power_w * train.period.value)
