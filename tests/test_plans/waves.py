"""Waveforms whose every number is known beforehand."""

import numpy as np
from numpy.typing import NDArray

from harness.reading import Component, Distribution
from harness.waveform import Waveform

GAIN = Component("meter gain", 1e-4)
OFFSET = Component("meter offset", 1e-6)
NOISE = Component("meter noise", 1e-7)
TIME = Component("timebase", 1e-5, Distribution.RECTANGULAR)
LATENCY = Component("latency", 1e-3)


def wave(
    values: "NDArray[np.float64] | list[float]",
    interval_s: float,
    *,
    start_s: float = 0.0,
    aperture_s: float = 0.0,
    unit: str = "A",
    trouble: str = "",
    largest_gap_s: float = 0.0,
) -> Waveform:
    """Return a waveform with one component of each kind."""
    return Waveform(
        quantity="output current",
        unit=unit,
        values=np.asarray(values, dtype=np.float64),
        start_s=start_s,
        interval_s=interval_s,
        aperture_s=aperture_s,
        gain=(GAIN,),
        offset=(OFFSET,),
        noise=(NOISE,),
        time=(TIME,),
        latency=(LATENCY,),
        instruments=("dmm",),
        trouble=trouble,
        largest_gap_s=largest_gap_s,
    )


def through(points: list[tuple[float, float]], interval_s: float, stop_s: float) -> Waveform:
    """Return point samples of straight lines through points (s, A), from zero to stop_s."""
    at = np.arange(round(stop_s / interval_s) + 1, dtype=np.float64) * interval_s
    return wave(np.interp(at, [t for t, _ in points], [a for _, a in points]), interval_s)
