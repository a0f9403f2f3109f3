"""What a pulsed output is made of: period, duty, mean, r.m.s., peak, edges, and the charge and energy of one pulse."""

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from harness.budget import difference, ratio, scaled, total
from harness.reading import Reading
from harness.waveform import Waveform
from test_plans.analysis import Samples, derive, noise_of, nothing, rectangular, usable
from test_plans.ieee181 import PulseTrain, pulse_train
from test_plans.timing import Threshold, crossing


@dataclass(frozen=True, slots=True)
class Pulses:
    """A train of pulses over whole periods, in the terms of IEEE Std 181.

    Attributes:
        period: Seconds from rise to rise.
        width: Seconds for which the first pulse is above the middle reference level.
        duty: Share of the period that the width is.
        mean: The d.c. component, in amperes.
        rms: In amperes.
        peak: The magnitude of the high state: the median of what is above the middle, in amperes.
        charge: Of one pulse, in A·s.
        rise: Seconds from 10 % to 90 % of the amplitude, the median of the rises.
        overshoot: Beyond the high state, as a share of the amplitude, the median of the rises.
    """

    period: Reading
    width: Reading
    duty: Reading
    mean: Reading
    rms: Reading
    peak: Reading
    charge: Reading
    rise: Reading
    overshoot: Reading


def pulses(current: Waveform) -> Pulses:
    """Return what a train of pulses is made of, from point samples over several whole periods.

    The high state is the one that the current lies at on the side of its polarity. The mean, the r.m.s. value and the
    charge are taken between the first and the last rise.
    """
    if not usable(current):
        return _none(current, "")
    # A train without a d.c. component has no polarity of its own; either will do.
    sign = -1.0 if float(current.values.sum()) < 0.0 else 1.0
    train = pulse_train(sign * current.values)
    if train is None or not _is_train(train):
        return _none(current, "no two pulses were seen in the record")
    middles = np.floor(train.transitions.middle).astype(np.int64)
    rises, falls = middles[train.transitions.rising], middles[~train.transitions.rising]
    falls = falls[falls > rises[0]]
    amplitude = train.high - train.low
    edge = Threshold(amplitude / 2.0, 0.5)
    above_low = replace(current, values=np.maximum(sign * current.values - train.low, 0.0))
    first = crossing(above_low, int(rises[0]), edge, "first rise")
    last = crossing(above_low, int(rises[-1]), edge, "last rise")
    end = crossing(above_low, int(falls[0]), edge, "first fall")
    period = scaled(difference(last, first), 1.0 / (rises.size - 1))
    width = difference(end, first)
    whole: Samples = current.values[int(rises[0]) + 1 : int(rises[-1]) + 1]
    on: Samples = sign * whole
    top = float(np.median(on[on >= train.low + amplitude / 2.0]))
    mean = float(whole.mean())
    rms = float(np.sqrt(np.mean(whole**2)))
    noise = 1.0 / math.sqrt(whole.size)
    # Seen from one sample to the next, each of the two ends may be off by one sample in all.
    ends = 1.0 / whole.size
    mean_end = rectangular("ends, mean", amplitude * ends)
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
        peak=level(abs(top), label="peak", gain=abs(top), offset=1.0, noise=1.2533 * noise),
        charge=replace(charge, value=mean * period.value),
        rise=_rise(current, train),
        overshoot=derive(
            current,
            train.overshoot,
            "1",
            label="overshoot",
            noise=math.hypot(1.0, noise) / amplitude,
            rounding=math.sqrt(2.0) / amplitude,
        ),
    )


def _is_train(train: PulseTrain) -> bool:
    """Return whether there is a whole period in it."""
    return math.isfinite(train.period) and train.rms > 0.0


def _rise(current: Waveform, train: PulseTrain) -> Reading:
    """Return the duration of the rises in seconds; each of its two ends lies somewhere between two samples."""
    interval_s = current.interval_s
    rise_s = train.rise * interval_s
    # Noise moves each end of an edge by itself over its slope, which is four fifths of the amplitude over the duration.
    jitter_s = math.sqrt(2.0) * noise_of(current) * rise_s / (0.8 * (train.high - train.low))
    ends = (rectangular("sampling, rise", math.sqrt(2.0) * interval_s), rectangular("noise, rise", 2.0 * jitter_s))
    return derive(current, rise_s, "s", label="rise", time=rise_s, extra=ends)


def _none(current: Waveform, trouble: str) -> Pulses:
    empty, time = nothing(current, "A", trouble), nothing(current, "s", trouble)
    share, charge = nothing(current, "1", trouble), nothing(current, "A·s", trouble)
    return Pulses(time, time, share, empty, empty, empty, charge, time, share)


def energy(train: Pulses, load_ohm: float) -> Reading:
    """Return the energy in joules that one pulse carries into a resistance: r.m.s. current squared times period."""
    power_w = train.rms.value**2 * load_ohm
    by_current = scaled(train.rms, 2.0 * train.rms.value * load_ohm * train.period.value, "J")
    moved = total(by_current, scaled(train.period, power_w, "J"))
    return replace(moved, value=power_w * train.period.value)
