"""What a waveform says: plateau, dose, steps and overshoot, each as a reading with its uncertainty.

Everything here is arithmetic on samples: no bench, no limit, no verdict. A sample is the mean of the signal over its
aperture, and stands for the middle of it. What all samples share (gain, offset, timebase, latency) keeps its source,
so that it cancels wherever two results are subtracted.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.reading import Component, Distribution, Reading
from harness.waveform import Waveform

Samples = NDArray[np.float64]

LONGEST_GAP_S = 1.0
MEAN_S = 1e-3
STEP_WITHIN_S = 10e-3

_SQRT3 = math.sqrt(3.0)
# The standard deviation of a median of normal samples, in units of that of their mean.
_MEDIAN = 1.2533


def trouble_of(waveform: Waveform) -> str:
    """Return why nothing that is derived from a waveform may be used as evidence, or "" if nothing is wrong."""
    if waveform.trouble:
        return waveform.trouble
    if waveform.values.size == 0:
        return f"the waveform of the {waveform.quantity} has no samples"
    if not bool(np.isfinite(waveform.values).all()):
        return f"the waveform of the {waveform.quantity} has samples that are not numbers"
    gap_s = max(waveform.largest_gap_s, waveform.interval_s)
    if gap_s > LONGEST_GAP_S:
        return f"samples of the {waveform.quantity} are {gap_s:.3g} s apart, and must not be over {LONGEST_GAP_S:g} s"
    return ""


def times(waveform: Waveform) -> Samples:
    """Return the time of each sample in seconds, as the middle of its aperture."""
    first_s = waveform.start_s + waveform.aperture_s / 2.0
    return first_s + waveform.interval_s * np.arange(waveform.values.size, dtype=np.float64)


def means(waveform: Waveform, mean_s: float = MEAN_S) -> Waveform:
    """Return a waveform of means over mean_s (to the nearest whole sample; never shorter than one sample).

    Over pulses these are the means over whole periods, if mean_s is a multiple of the period.
    """
    count = round(mean_s / waveform.interval_s)
    blocks = waveform.values.size // count if count > 1 else 0
    if blocks == 0:
        return waveform
    values = waveform.values[: blocks * count].reshape(blocks, count) @ np.full(count, 1.0 / count)
    noise = tuple(c._replace(u=c.u / math.sqrt(count)) for c in waveform.noise)
    aperture_s = (count - 1) * waveform.interval_s + waveform.aperture_s
    interval_s = count * waveform.interval_s
    return replace(waveform, values=values, interval_s=interval_s, aperture_s=aperture_s, noise=noise)


def derive(
    waveform: Waveform,
    value: float,
    unit: str,
    *,
    label: str,
    gain: float = 0.0,
    offset: float = 0.0,
    noise: float = 0.0,
    rounding: float = 0.0,
    time: float = 0.0,
    latency: float = 0.0,
    extra: Iterable[Component] = (),
    trouble: str = "",
) -> Reading:
    """Return a reading that was computed from a waveform.

    The sensitivities say by how many of `unit` the value moves: for a relative change of the gain, for a shift of all
    samples, for a shift of one sample alone, for a shift of one level alone, for a relative change of the timebase, for
    a shift in time. label names the result, because noise, rounding and sampling are its own and shared with no other.
    """
    components = [c._replace(u=c.u * gain) for c in waveform.gain if gain]
    components += [c._replace(u=c.u * offset) for c in waveform.offset if offset]
    components += [c._replace(source=f"{c.source}, {label}", u=c.u * noise) for c in waveform.noise if noise]
    components += [c._replace(source=f"{c.source}, {label}", u=c.u * rounding) for c in waveform.rounding if rounding]
    components += [c._replace(u=c.u * time) for c in waveform.time if time]
    components += [c._replace(u=c.u * latency) for c in waveform.latency if latency]
    components += extra
    return Reading(value, unit, tuple(components), waveform.instruments, trouble_of(waveform) or trouble)


def rectangular(source: str, half_width: float) -> Component:
    """Return a component of which only the bounds are known, in the unit of the half width."""
    return Component(source, half_width / _SQRT3, Distribution.RECTANGULAR)


def usable(waveform: Waveform) -> bool:
    """Return whether there is at least one sample and all of them are numbers, so that arithmetic means something."""
    return waveform.values.size > 0 and bool(np.isfinite(waveform.values).all())


def nothing(waveform: Waveform, unit: str, trouble: str = "") -> Reading:
    """Return a reading without a value (NaN), which no rule takes for a pass, with the reason."""
    return Reading(math.nan, unit, (), waveform.instruments, trouble_of(waveform) or trouble)


def noise_of(waveform: Waveform) -> float:
    """Return the standard uncertainty of a single sample by noise alone, in the unit of the waveform."""
    return math.hypot(*(component.u for component in waveform.noise)) if waveform.noise else 0.0


def plateau_of(waveform: Waveform) -> tuple[float, NDArray[np.bool_]]:
    """Return the magnitude of the plateau and which samples belong to it.

    The plateau is the median of the samples that come within 5 % of where most of the active time is spent. Ramps,
    pauses, a reversal and single outliers do not move it.
    """
    size = np.abs(waveform.values)
    active = size[size >= 0.1 * size.max()]
    top = float(np.quantile(active, 0.75))
    belongs = (size >= 0.95 * top) & (size <= 1.05 * top)
    return float(np.median(size[belongs])) if belongs.any() else top, belongs


def plateau(waveform: Waveform, *, label: str = "plateau") -> Reading:
    """Return the magnitude of the plateau of a session, in the unit of the waveform."""
    if not usable(waveform):
        return nothing(waveform, waveform.unit)
    level, belongs = plateau_of(waveform)
    count = max(1, int(belongs.sum()))
    # A median of two polarities lies among the samples of the one that lasted longer, and moves with those.
    sign = -1.0 if float(np.sign(waveform.values[belongs]).sum()) < 0.0 else 1.0
    noise = _MEDIAN / math.sqrt(count)
    return derive(waveform, level, waveform.unit, label=label, gain=level, offset=sign, noise=noise, rounding=1.0)


def level_between(waveform: Waveform, start_s: float, stop_s: float, *, label: str) -> Reading:
    """Return the signed mean of a waveform from start_s to stop_s on its own time axis, in its unit."""
    at = times(waveform)
    chosen = waveform.values[(at >= start_s) & (at < stop_s)]
    if chosen.size == 0 or not usable(waveform):
        return nothing(waveform, waveform.unit, f"there are no samples between {start_s:g} s and {stop_s:g} s")
    value = float(chosen.mean())
    noise = 1.0 / math.sqrt(chosen.size)
    return derive(waveform, value, waveform.unit, label=label, gain=value, offset=1.0, noise=noise, rounding=1.0)


def peak_between(waveform: Waveform, start_s: float, stop_s: float, *, label: str, mean_s: float = MEAN_S) -> Reading:
    """Return the largest magnitude of the means over mean_s from start_s to stop_s, in the unit of the waveform."""
    return _extreme(waveform, start_s, stop_s, label, means(waveform, mean_s), largest=True)


def least_between(waveform: Waveform, start_s: float, stop_s: float, *, label: str, mean_s: float = MEAN_S) -> Reading:
    """Return the smallest magnitude of the means over mean_s from start_s to stop_s, in the unit of the waveform."""
    return _extreme(waveform, start_s, stop_s, label, means(waveform, mean_s), largest=False)


def _extreme(
    waveform: Waveform, start_s: float, stop_s: float, label: str, smooth: Waveform, *, largest: bool
) -> Reading:
    at = times(smooth)
    chosen = np.abs(smooth.values[(at >= start_s) & (at < stop_s)])
    if chosen.size == 0 or not usable(waveform):
        return nothing(waveform, waveform.unit, f"there are no samples between {start_s:g} s and {stop_s:g} s")
    value = float(chosen.max() if largest else chosen.min())
    return derive(smooth, value, waveform.unit, label=label, gain=value, offset=1.0, noise=1.0, rounding=1.0)


@dataclass(frozen=True, slots=True)
class Dose:
    """Charge that flowed, in A·s: all of it as ∫|I|dt, and per polarity (both not negative)."""

    total: Reading
    positive: Reading
    negative: Reading


def dose(current: Waveform) -> Dose:
    """Return the dose of a session in A·s, by the trapezoidal rule.

    What the signal does between two samples is bounded by the bend that it shows there: a step inside an interval is
    uncertain by half of step times interval, a straight ramp by nothing.
    """
    if not usable(current):
        empty = nothing(current, "A·s")
        return Dose(empty, empty, empty)
    values = current.values
    return Dose(
        _charge(current, np.abs(values), np.sign(values), "dose"),
        _charge(current, np.maximum(values, 0.0), (values > 0.0).astype(np.float64), "dose, positive"),
        _charge(current, np.maximum(-values, 0.0), -(values < 0.0).astype(np.float64), "dose, negative"),
    )


def _charge(current: Waveform, part: Samples, sign: Samples, label: str) -> Reading:
    interval_s = current.interval_s
    value = float(np.trapezoid(part, dx=interval_s))
    bend = float(np.sqrt(np.sum(np.diff(part, 2) ** 2) / 2.0)) if part.size > 2 else 0.0
    return derive(
        current,
        value,
        "A·s",
        label=label,
        gain=value,
        offset=float(sign.sum()) * interval_s,
        noise=interval_s * math.sqrt(float(np.abs(sign).sum())),
        # Most of a dose flows at one level.
        rounding=interval_s * float(np.abs(sign).sum()),
        time=value,
        extra=(rectangular(f"sampling, {label}", bend * interval_s / 2.0),),
    )


def largest_step(waveform: Waveform, *, label: str, within_s: float = STEP_WITHIN_S) -> Reading:
    """Return the largest change within 10 ms of the 1 ms means of a waveform, as a magnitude in its unit."""
    if not usable(waveform):
        return nothing(waveform, waveform.unit)
    smooth = means(waveform)
    trouble = ""
    if smooth.interval_s > within_s / 2.0 * (1.0 + 1e-9):
        trouble = f"samples are {smooth.interval_s:.3g} s apart, and must not be over {within_s / 2.0:g} s to see steps"
    width = min(smooth.values.size, int(within_s / smooth.interval_s + 1e-9) + 1)
    high = low = smooth.values
    reach = 1  # samples that each of high and low is over
    while reach < width:
        step = min(reach, width - reach)
        high, low = np.maximum(high[:-step], high[step:]), np.minimum(low[:-step], low[step:])
        reach += step
    value = float((high - low).max())
    both = math.sqrt(2.0)
    unit = waveform.unit
    return derive(smooth, value, unit, label=label, gain=value, noise=both, rounding=both, trouble=trouble)


def largest_rise(waveform: Waveform, *, after_s: float, label: str, within_s: float = STEP_WITHIN_S) -> Reading:
    """Return the largest rise within 10 ms of the magnitude of 1 ms means, from after_s on; zero if it only falls."""
    if not usable(waveform):
        return nothing(waveform, waveform.unit)
    smooth = means(waveform)
    size = np.abs(smooth.values[times(smooth) >= after_s])
    reach = int(within_s / smooth.interval_s + 1e-9)
    if reach < 2 or size.size <= reach:
        few = f"samples must be below {within_s / 2.0:g} s apart and last for {within_s:g} s after {after_s:g} s"
        return nothing(waveform, waveform.unit, few)
    value = max(0.0, *(float((size[lag:] - size[:-lag]).max()) for lag in range(1, reach + 1)))
    both = math.sqrt(2.0)
    return derive(smooth, value, waveform.unit, label=label, gain=value, noise=both, rounding=both)


def overshoot(waveform: Waveform, *, settled_s: float, label: str) -> Reading:
    """Return by how much of the plateau the 1 ms means go beyond it; the plateau is what is there from settled_s on."""
    if not usable(waveform):
        return nothing(waveform, "1")
    smooth = means(waveform)
    size = np.abs(smooth.values)
    final = size[times(smooth) >= settled_s]
    level = float(np.median(final)) if final.size else 0.0
    if level <= 5.0 * noise_of(smooth):
        return nothing(waveform, "1", f"there is no plateau after {settled_s:g} s that an overshoot could be told from")
    top = float(size.max())
    share = top / level
    offset, both = (1.0 - share) / level, math.hypot(1.0, share) / level
    return derive(smooth, share - 1.0, "1", label=label, offset=offset, noise=1.0 / level, rounding=both)


def ripple_of(current: Waveform, *, label: str) -> Reading:
    """Return the r.m.s. value of what is not direct in a waveform, over the magnitude of its mean."""
    if not usable(current):
        return nothing(current, "1")
    mean = float(current.values.mean())
    if abs(mean) <= 5.0 * noise_of(current):
        return nothing(current, "1", "there is no direct current that a ripple could be told from")
    share = float(current.values.std()) / abs(mean)
    # Gain cancels; an offset moves the mean alone. The noise that the samples have is part of the value already.
    offset = -share / mean
    return derive(current, share, "1", label=label, offset=offset, noise=1.0 / abs(mean), rounding=1.0 / abs(mean))


def ramp_slope(waveform: Waveform, *, settled_s: float, label: str) -> Reading:
    """Return the slope of a rise from 10 % to 90 % of the plateau that is there from settled_s on, in units per second.

    Means over 10 ms count, and the first time that each of the two levels was reached.
    """
    unit = f"{waveform.unit}/s"
    if not usable(waveform):
        return nothing(waveform, unit)
    smooth = means(waveform, STEP_WITHIN_S)
    size, at = np.abs(smooth.values), times(smooth)
    final = size[at >= settled_s]
    level = float(np.median(final)) if final.size else 0.0
    if level <= 10.0 * noise_of(smooth):
        return nothing(waveform, unit, f"there is no plateau after {settled_s:g} s that a ramp could lead to")
    low, high = 0.1 * level, 0.9 * level
    if size[0] >= low:
        return nothing(waveform, unit, "the ramp had begun before the record did")
    rise_s = float(at[int(np.argmax(size >= high))] - at[int(np.argmax(size >= low))])
    if rise_s <= 0.0:
        rise_s = smooth.interval_s
    slope = (high - low) / rise_s
    # Each of the two instants lies between two means, and noise moves it by itself over the slope.
    ends = rectangular(f"sampling, {label}", math.sqrt(2.0) * slope * smooth.interval_s / rise_s)
    noise = math.sqrt(2.0) / rise_s
    return derive(smooth, slope, unit, label=label, gain=slope, noise=noise, rounding=noise, time=slope, extra=(ends,))


def moved(
    waveform: Waveform, reading: Reading, *, edge_s: float, least: float = -math.inf, most: float = math.inf
) -> Reading:
    """Return a reading about a change, with trouble if the change is not in the waveform.

    The change is from the mean magnitude of the first edge_s to that of the last, in the unit of the waveform; it must
    be in least … most. A step that was looked for where nothing happened proves nothing.
    """
    if not usable(waveform) or reading.trouble:
        return reading
    at, size = times(waveform), np.abs(waveform.values)
    before = float(size[at < at[0] + edge_s].mean())
    after = float(size[at > at[-1] - edge_s].mean())
    if least <= after - before <= most:
        return reading
    trouble = (
        f"the {waveform.quantity} went from {before:.3g} {waveform.unit} to {after:.3g} {waveform.unit}: "
        "what was asked for did not happen"
    )
    return replace(reading, trouble=trouble)
