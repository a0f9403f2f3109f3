"""Times in which nothing may flow: the current is logged on the 100 Ω shunt while something is done to the device."""

import math
from collections.abc import Callable

from fixtures.bench import Bench
from harness.reading import Reading
from harness.waveform import Waveform
from test_plans.analysis import peak_between
from test_plans.slopes import logged

RESIDUAL_OHM = 100.0
# Between two samples; the multimeter looks for less than half of that.
LOG_S = 20e-3


def logged_quietly(bench: Bench, needed_s: float, act: Callable[[], None], *, label: str) -> tuple[Reading, Waveform]:
    """Log the current on the 100 Ω shunt while something is done, and return the largest mean over 20 ms, and the log.

    Args:
        bench: The bench; no current flows in it now, or the change of the shunt would be a step.
        needed_s: How long what is done takes, in seconds.
        act: What is done, with its own waiting. If it outlasts the log, that is trouble of the log.
        label: Names the largest current.
    """
    bench.use_shunt(RESIDUAL_OHM)
    current = logged(bench, needed_s, act, interval_s=LOG_S)
    return peak_between(current, 0.0, math.inf, label=label, mean_s=LOG_S), current
