"""When the output was on: edges, on-time, plateau time, pauses and reversals, told from the output current alone."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harness.budget import difference, scaled, total
from harness.reading import Reading
from harness.waveform import Waveform
from test_plans.analysis import Samples, derive, noise_of, nothing, plateau_of, rectangular, times, usable

ON = 0.05
PLATEAU = 0.95
# How many samples beyond the crossing itself are looked at for the slope.
_REACHES = (1, 3, 10, 30, 100)
_NO_REVERSAL = "the polarity of the output never changed"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its output shows it. Times in seconds.

    Attributes:
        on_time: From the first rise to the last fall through 5 % of the plateau, pauses included.
        plateau_time: All the time above 95 % of the plateau.
        plateau_span: From the first rise to the last fall through 95 % of the plateau, pauses and reversals included.
        dead_time: All the time below 5 % of the plateau between two polarities.
        pause_time: All the time below 5 % of the plateau between two stretches of one polarity.
        reversal: From the first rise to the middle of the first dead time; NaN if there was none.
        reversals: How often the polarity changed.
        pauses: How often the output paused.
    """

    on_time: Reading
    plateau_time: Reading
    plateau_span: Reading
    dead_time: Reading
    pause_time: Reading
    reversal: Reading
    reversals: int
    pauses: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold for the magnitude of a waveform.

    Attributes:
        value: In the unit of the waveform.
        share: Its share of a plateau of the same waveform, whose gain and offset it has; 0 if it is a fixed value.
    """

    value: float
    share: float = 0.0


def crossing(waveform: Waveform, index: int, threshold: Threshold, label: str) -> Reading:
    """Return when the magnitude went through a threshold between the samples index and index + 1, in seconds.

    All that the samples say is that it happened between the beginning of the first and the end of the second, so it is
    the middle, with a rectangular component. An error of the current shifts it by that error over the slope: of two
    edges in opposite directions the shifts are opposite, which their difference knows because the source is the same.
    """
    size = np.abs(waveform.values)
    slope = _slope(size, index, waveform)
    polarity = float(np.sign(waveform.values[index + 1] if slope > 0.0 else waveform.values[index]))
    at_s = waveform.start_s + (index + 0.5) * waveform.interval_s + waveform.aperture_s / 2.0
    half_s = (waveform.interval_s + waveform.aperture_s) / 2.0
    return derive(
        waveform,
        at_s,
        "s",
        label=label,
        gain=0.0 if threshold.share else -threshold.value / slope,
        offset=-(1.0 - threshold.share) * polarity / slope,
        noise=1.0 / abs(slope),
        rounding=1.0 / abs(slope),
        time=at_s,
        latency=1.0,
        extra=(rectangular(f"sampling, {label}", half_s),),
    )


def _slope(size: Samples, index: int, waveform: Waveform) -> float:
    """Return the slope at a crossing in units per second, over so many samples that noise does not make it."""
    across = float(size[index + 1] - size[index])
    least = 10.0 * noise_of(waveform)
    for reach in _REACHES:
        before, after = max(index - reach, 0), min(index + 1 + reach, size.size - 1)
        change = float(size[after] - size[before])
        if abs(change) >= least and change * across > 0.0:
            return change / ((after - before) * waveform.interval_s)
    return across / waveform.interval_s


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time above a threshold: indices of its first and last sample, and when it began and ended."""

    first: int
    last: int
    rise: Reading
    fall: Reading


def stretches(waveform: Waveform, threshold: Threshold, label: str) -> list[Stretch]:
    """Return the stretches during which the magnitude is at or above a threshold, oldest first.

    A stretch that is there when the record begins is trouble, because its beginning was missed. One that is there when
    the record ends, ends with it: it lasted that long at least.
    """
    above = np.abs(waveform.values) >= threshold.value
    changes = np.flatnonzero(above[1:] != above[:-1])
    last = above.size - 1
    firsts = [int(i) + 1 for i in changes if above[i + 1]]
    lasts = [int(i) for i in changes if above[i]]
    firsts = [0, *firsts] if above[0] else firsts
    lasts = [*lasts, last] if above[last] else lasts
    found = []
    for number, (i, j) in enumerate(zip(firsts, lasts, strict=True), start=1):
        rise = crossing(waveform, i - 1, threshold, f"{label} rise {number}") if i else _edge_of_record(waveform, 0)
        fall = crossing(waveform, j, threshold, f"{label} fall {number}") if j < last else _edge_of_record(waveform, j)
        found.append(Stretch(i, j, rise, fall))
    return found


def _edge_of_record(waveform: Waveform, index: int) -> Reading:
    at_s = float(times(waveform)[index])
    trouble = "" if index else f"the {waveform.quantity} was on when the record began: its beginning was missed"
    return derive(waveform, at_s, "s", label="end of the record", time=at_s, latency=1.0, trouble=trouble)


def session(current: Waveform) -> Session:
    """Return the times of a session from its output current; an output that was never on was on for 0 s."""
    if not usable(current):
        empty = nothing(current, "s")
        return Session(empty, empty, empty, empty, empty, empty, 0, 0)
    level, _ = plateau_of(current)
    # What cannot be told from noise is no output; a real plateau is far above this.
    least = 10.0 * noise_of(current)
    on = stretches(current, Threshold(max(ON * level, least), ON), "on") if level > least else []
    if not on:
        # What is shorter than the distance of two samples may have been missed.
        missed = rectangular("sampling, never on", current.interval_s + current.aperture_s)
        zero = derive(current, 0.0, "s", label="never on", extra=(missed,))
        return Session(zero, zero, zero, zero, zero, nothing(current, "s", _NO_REVERSAL), 0, 0)
    flat = stretches(current, Threshold(PLATEAU * level, PLATEAU), "plateau")
    pauses: list[tuple[Stretch, Stretch]] = []
    dead: list[tuple[Stretch, Stretch]] = []
    for a, b in pairwise(on):
        same = current.values[a.last] * current.values[b.first] > 0.0
        (pauses if same else dead).append((a, b))
    zero = derive(current, 0.0, "s", label="none")
    reversal = nothing(current, "s", _NO_REVERSAL)
    if dead:
        reversal = difference(_middle(dead[0][0].fall, dead[0][1].rise), on[0].rise)
    return Session(
        on_time=difference(on[-1].fall, on[0].rise),
        plateau_time=total(zero, *(difference(stretch.fall, stretch.rise) for stretch in flat)),
        plateau_span=difference(flat[-1].fall, flat[0].rise) if flat else zero,
        dead_time=total(zero, *(difference(b.rise, a.fall) for a, b in dead)),
        pause_time=total(zero, *(difference(b.rise, a.fall) for a, b in pauses)),
        reversal=reversal,
        reversals=len(dead),
        pauses=len(pauses),
    )


def _middle(a: Reading, b: Reading) -> Reading:
    return scaled(total(a, b), 0.5)
