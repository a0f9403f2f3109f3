"""How a fault ended: when it began at the device's terminals, when the device reacted, and when the output was off.

Times are readings in seconds on the time axis of a waveform, and the difference of two of them knows what they share.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.budget import difference, scaled, total
from harness.reading import Reading
from harness.waveform import Waveform
from test_plans.analysis import (
    MEAN_S,
    Samples,
    derive,
    means,
    noise_of,
    nothing,
    rectangular,
    times,
    trouble_of,
    usable,
)
from test_plans.timing import Threshold, crossing

QUIET_S = 1.0
_REACTED = 0.95
_COLLAPSED = 0.5
_OFF = 0.1
# So many times the noise of one sample stands out from it.
_VISIBLE = 10.0


@dataclass(frozen=True, slots=True)
class Cutoff:
    """What a device did about a fault, from the electrical condition on.

    Attributes:
        before: Magnitude before the condition, in the unit of the waveform.
        detection: Until the first external reaction, in seconds: the magnitude leaves the highest that it had before
            and since the condition began.
        cutoff: Until the magnitude was last above the threshold, and then below it for a second, in seconds. If it
            never was, until the record ended: it took that long at least.
        peak: The largest magnitude of the 1 ms means until the cutoff, in the unit of the waveform.
        charge: ∫|I|dt until the cutoff, in the unit of the waveform times seconds.
        threshold: Below which the output counted as off, in the unit of the waveform; NaN if nothing could be told.
    """

    before: Reading
    detection: Reading
    cutoff: Reading
    peak: Reading
    charge: Reading
    threshold: float


def collapse(waveform: Waveform, *, label: str = "condition") -> Reading:
    """Return when the magnitude first fell below half of what it was in the first tenth of the record, in seconds.

    That is the instant of an open electrode (of the current) or of a short circuit (of the output voltage).
    """
    if not usable(waveform):
        return nothing(waveform, "s")
    smooth = means(waveform)
    size = np.abs(smooth.values)
    half = _COLLAPSED * float(np.median(size[: max(1, size.size // 10)]))
    return _first(smooth, size < half, Threshold(half, _COLLAPSED), label, f"fell below {half:.3g} {waveform.unit}")


def fall(waveform: Waveform, threshold: float, *, label: str = "condition") -> Reading:
    """Return when the magnitude first fell below a threshold, in seconds: the instant of a dip of the supply."""
    if not usable(waveform):
        return nothing(waveform, "s")
    smooth = means(waveform)
    below = np.abs(smooth.values) < threshold
    return _first(smooth, below, Threshold(threshold), label, f"fell below {threshold:.3g} {waveform.unit}")


def rise(waveform: Waveform, threshold: float, *, label: str = "condition", mean_s: float = MEAN_S) -> Reading:
    """Return when the magnitude first reached a threshold, in seconds: the instant of an over-current."""
    if not usable(waveform):
        return nothing(waveform, "s")
    smooth = means(waveform, mean_s)
    above = np.abs(smooth.values) >= threshold
    return _first(smooth, above, Threshold(threshold), label, f"reached {threshold:.3g} {waveform.unit}")


def below_for(waveform: Waveform, threshold: float) -> Reading:
    """Return for how long the magnitude was below a threshold, from its first fall to its next rise, in seconds."""
    began = fall(waveform, threshold, label="fell")
    later = np.where(times(waveform) > began.value, waveform.values, 0.0)
    return difference(rise(replace(waveform, values=later), threshold, label="rose"), began)


def appearance(waveform: Waveform, *, label: str = "appearance") -> Reading:
    """Return when the magnitude first reached a tenth of the highest that it came to, in seconds.

    What does not stand out from the noise never appeared, and that is trouble.
    """
    if not usable(waveform):
        return nothing(waveform, "s")
    smooth = means(waveform)
    highest = float(np.abs(smooth.values).max())
    if highest <= _VISIBLE * noise_of(waveform):
        return nothing(waveform, "s", f"no {waveform.quantity} appeared")
    there = np.abs(smooth.values) >= _OFF * highest
    return _first(
        smooth, there, Threshold(_OFF * highest, _OFF), label, f"reached {_OFF * highest:.3g} {waveform.unit}"
    )


def _first(smooth: Waveform, there: NDArray[np.bool_], threshold: Threshold, label: str, what: str) -> Reading:
    changes = np.flatnonzero(~there[:-1] & there[1:])
    if changes.size == 0:
        return nothing(smooth, "s", f"the {smooth.quantity} never {what} while it was recorded")
    return crossing(smooth, int(changes[0]), threshold, label)


def between(before: Reading, after: Reading, label: str) -> Reading:
    """Return an instant that lies between two looks at the host's clock, in seconds."""
    middle = scaled(total(before, after), 0.5)
    half_s = (after.value - before.value) / 2.0
    return replace(middle, components=(*middle.components, rectangular(label, half_s)))


def host_instant(waveform: Waveform, instant: Reading, zero: Reading) -> Reading:
    """Return an instant that the host's clock told, on the time axis of a waveform whose zero it told too, in seconds.

    What the waveform's latency is uncertain by does not cancel here, because the host's clock knows nothing of it.
    """
    apart = difference(instant, zero)
    return replace(apart, trouble=apart.trouble or trouble_of(waveform))


def cutoff(waveform: Waveform, began: Reading, threshold: float, *, mean_s: float = MEAN_S) -> Cutoff:
    """Return what a device did about a fault that began at an instant of the waveform's own time axis.

    The magnitude is that of means over mean_s; zero takes every sample as it is.

    An output that was not above the threshold before the fault proves nothing about a cutoff, so that is trouble.
    The record must go on for longer than a second after the longest cutoff that is lawful: see record_s().
    """
    return _cutoff(waveform, began, lambda later: threshold, was_on=True, mean_s=mean_s)


def voltage_collapse(output: Waveform, began: Reading) -> Cutoff:
    """Return how an output voltage collapsed after a circuit was opened, or a start into an open circuit.

    Without a circuit there is no current that could be cut off. The voltage is off below a tenth of the highest that it
    reached.
    """
    return _cutoff(output, began, lambda later: _OFF * float(later.max()), was_on=False, mean_s=MEAN_S)


def _cutoff(
    waveform: Waveform, began: Reading, level: Callable[[Samples], float], *, was_on: bool, mean_s: float
) -> Cutoff:
    unit = waveform.unit
    smooth = means(waveform, mean_s) if usable(waveform) else waveform
    size, at = np.abs(smooth.values), times(smooth)
    after = int(np.searchsorted(at, began.value)) if math.isfinite(began.value) else size.size
    if after >= size.size:
        trouble = trouble_of(waveform) or began.trouble or "the record ended before the fault began"
        empty, late = nothing(waveform, unit, trouble), nothing(waveform, "s", trouble)
        return Cutoff(empty, late, late, empty, nothing(waveform, f"{unit}·s", trouble), math.nan)
    later = size[after:]
    threshold = level(later)
    # The last mean before the condition straddles it, and belongs to neither side.
    earlier = size[: max(0, after - 1)]
    before = float(np.median(earlier)) if earlier.size else 0.0
    end_s = float(at[-1])
    trouble = began.trouble or (_was_off(waveform, before, threshold) if was_on else "") or _too_short(end_s, began)
    off = _last_above(smooth, after, threshold, end_s)
    inside = later[at[after:] <= off.value]
    peak = float(inside.max()) if inside.size else 0.0
    charge = float(inside.sum()) * smooth.interval_s
    sized = partial(derive, smooth, unit=unit, offset=1.0, rounding=1.0, trouble=trouble)
    return Cutoff(
        before=sized(before, label="before the fault", gain=before),
        detection=_since(_reaction(smooth, after, before, end_s), began, trouble),
        cutoff=_since(off, began, trouble),
        peak=sized(peak, label="peak", gain=peak, noise=1.0),
        charge=derive(
            smooth,
            charge,
            f"{unit}·s",
            label="charge",
            gain=charge,
            offset=inside.size * smooth.interval_s,
            noise=math.sqrt(max(1, inside.size)) * smooth.interval_s,
            rounding=inside.size * smooth.interval_s,
            extra=(rectangular("sampling, charge", peak * smooth.interval_s),),
            trouble=trouble,
        ),
        threshold=threshold,
    )


def _was_off(waveform: Waveform, before: float, threshold: float) -> str:
    if before >= threshold:
        return ""
    return (
        f"before the fault the {waveform.quantity} was {before:.3g} {waveform.unit}, "
        f"and must be above {threshold:.3g} {waveform.unit} to show a cutoff"
    )


def _too_short(end_s: float, began: Reading) -> str:
    if end_s - began.value > QUIET_S:
        return ""
    return f"the record ends {end_s - began.value:.3g} s after the fault, and must go on for over {QUIET_S:g} s"


def record_s(lawful_s: float) -> float:
    """Return how long to record after a fault, in seconds, to tell a cutoff of lawful_s at most from a later one.

    An output that is still on within the last second of the record counts as on until its end, which is then beyond
    lawful_s whatever happens.
    """
    return 2.0 * lawful_s + 2.0 * QUIET_S


def _since(instant: Reading, began: Reading, trouble: str) -> Reading:
    apart = difference(instant, began)
    # In this order NaN stays NaN: max() returns its first argument where nothing is larger.
    return replace(apart, value=max(apart.value, 0.0), trouble=apart.trouble or trouble)


def _last_above(smooth: Waveform, after: int, threshold: float, end_s: float) -> Reading:
    above = np.flatnonzero(np.abs(smooth.values[after:]) >= threshold)
    if above.size == 0:
        # Off with the condition itself: nothing of it was seen after the sample in which the condition began.
        return _within(smooth, max(0, after - 1))
    last = after + int(above[-1])
    at_s = float(times(smooth)[last])
    if last == smooth.values.size - 1 or end_s - at_s < QUIET_S:
        return derive(smooth, end_s, "s", label="end of the record", time=end_s, latency=1.0)
    return crossing(smooth, last, Threshold(threshold), "cutoff")


def _within(smooth: Waveform, index: int) -> Reading:
    at_s = float(times(smooth)[index]) + smooth.interval_s / 2.0
    half = rectangular("sampling, cutoff", smooth.interval_s)
    return derive(smooth, at_s, "s", label="cutoff", time=at_s, latency=1.0, extra=(half,))


def _reaction(smooth: Waveform, after: int, before: float, end_s: float) -> Reading:
    size = np.abs(smooth.values[after:])
    highest = np.maximum.accumulate(np.maximum(size, before))
    fell = np.flatnonzero(size < _REACTED * highest)
    if fell.size == 0:
        return derive(smooth, end_s, "s", label="end of the record", time=end_s, latency=1.0)
    index = after + int(fell[0]) - 1
    if fell[0] == 0:
        # It had reacted before the condition was told to have begun, as far as that could be told.
        return _within(smooth, max(0, index))
    level = float(highest[fell[0]])
    return crossing(smooth, index, Threshold(_REACTED * level, _REACTED), "reaction")
