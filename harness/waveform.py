"""A waveform: samples at even intervals with what is known about how wrong they may be."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.reading import Component

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Waveform:
    """Samples of one quantity at even intervals.

    Attributes:
        quantity: What was sampled ("output current").
        unit: SI unit without prefix.
        values: float64, in the unit.
        start_s: Time of the first sample, in seconds from the instant that the taker calls zero.
        interval_s: Time between samples, in seconds.
        aperture_s: Time over which each sample is a mean, in seconds; zero for points.
        gain: Errors in proportion to the value: u is relative (1 means 100 %).
        offset: Errors that all samples share: u in the unit.
        noise: Error of a single sample, independent of the others: u in the unit.
        rounding: Error of a level by the steps of the converter, which a quiet signal does not leave, so that no mean
            makes it smaller; another level has another one: u in the unit.
        time: Errors of the time axis in proportion to time: u is relative.
        latency: Errors of the time axis that all samples share: u in seconds.
        instruments: Bench names of every instrument that had a part in it.
        trouble: Why nothing that is derived from it may be used as evidence; empty if nothing is wrong.
        largest_gap_s: The longest time between neighbouring samples that was really met, in seconds.
    """

    quantity: str
    unit: str
    values: "NDArray[np.float64]" = field(repr=False)
    start_s: float
    interval_s: float
    aperture_s: float = 0.0
    gain: tuple[Component, ...] = ()
    offset: tuple[Component, ...] = ()
    noise: tuple[Component, ...] = ()
    rounding: tuple[Component, ...] = ()
    time: tuple[Component, ...] = ()
    latency: tuple[Component, ...] = ()
    instruments: tuple[str, ...] = ()
    trouble: str = ""
    largest_gap_s: float = 0.0
