"""How fast a current moves: |dI/dt| over a stated window, from a log of the multimeter around what is done."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fixtures.bench import Bench
from harness.clock import SECOND_NS
from harness.reading import Reading
from harness.waveform import Waveform
from test_plans.analysis import Samples, derive, nothing, usable

# Between two samples of a log. The multimeter looks for less than half of it, the rest is its autozero.
INTERVAL_S = 10e-3
# What a log shows before what is done, so that the first change of all is seen as well.
LEAD_S = 0.5
# What a log goes on for after the last thing that was waited for, in seconds: the commands themselves take time too.
SLACK_S = 1.0


def logged(bench: Bench, needed_s: float, act: Callable[[], None], *, interval_s: float = INTERVAL_S) -> Waveform:
    """Log the current in amperes while something is done, and return the log; what is done begins at LEAD_S of it.

    Args:
        bench: The bench.
        needed_s: How long that takes by the claims, in seconds.
        act: What is done, with its own waiting. If it outlasts the log, that is trouble of the log.
        interval_s: Between two samples, in seconds.
    """
    duration_s = LEAD_S + needed_s + SLACK_S
    bench.start_log(duration_s=duration_s, interval_s=interval_s)
    began_ns = bench.clock.now_ns()
    bench.clock.sleep(LEAD_S)
    act()
    took_s = (bench.clock.now_ns() - began_ns) / SECOND_NS
    current = bench.finish_log()
    trouble = "" if took_s <= duration_s else f"what was done took {took_s:.3g} s, and was logged for {duration_s:g} s"
    return replace(current, trouble=current.trouble or trouble)


def fastest_change(waveform: Waveform, *, window_s: float, label: str) -> Reading:
    """Return the largest |dI/dt| of a waveform over a window, in its unit per second.

    It is the largest magnitude of the difference of two means over window_s, one right after the other, over window_s;
    both slide along the waveform sample by sample. What is seen is so limited to -3 dB at 0.32 / window_s: 3.2 Hz for
    0.1 s. A step of the height h, however fast, shows as h / window_s. Of pulses, the mean is what moves, if the window
    holds whole periods. Noise can only make the value larger.
    """
    unit = f"{waveform.unit}/s"
    if not usable(waveform):
        return nothing(waveform, unit)
    count = round(window_s / waveform.interval_s)
    if count < 2:
        few = f"samples are {waveform.interval_s:.3g} s apart, and a window of {window_s:g} s must hold two at least"
        return nothing(waveform, unit, few)
    changes = _changes(waveform.values, count)
    if changes.size == 0:
        return nothing(waveform, unit, f"the record must last two windows of {window_s:g} s at least")
    width_s = count * waveform.interval_s
    value = float(np.abs(changes).max()) / width_s
    both = math.sqrt(2.0) / width_s
    return derive(
        waveform,
        value,
        unit,
        label=label,
        gain=value,
        noise=both / math.sqrt(count),
        rounding=both,
        # The timebase is that of the window.
        time=value,
    )


def _changes(values: Samples, count: int) -> Samples:
    """Return by how much each mean over `count` samples differs from the one right after it."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    means = (sums[count:] - sums[:-count]) / count
    return means[count:] - means[:-count]
