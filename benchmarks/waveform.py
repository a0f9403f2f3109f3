"""What the measures of IEEE 181 cost on a record of a million samples, beside one pass over memory and scipy's parts.

Run from the checkout, in the environment of requirements-test.txt (it has scipy):

    python benchmarks/waveform.py

The record is a train of 10 kHz pulses with ringing edges and noise at 100 MSa/s. Rounds are interleaved, so that a
machine that drifts drifts for all. The exit code is 1 if the median is above what it must be.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.signal
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from test_plans.analysis import Samples
from test_plans.ieee181 import pulse_train

ROUNDS = 15
SAMPLES = 1_000_000
RATE = 100e6
MOST_MS = 3.0


def record() -> Samples:
    """Return 100 pulses of 12 V, whose edges ring with a damping ratio of 0.6 at 3 MHz, with 0.3 % of noise."""
    period = RATE / 10e3
    n = np.arange(SAMPLES) % period
    damping, radians = 0.6, 2.0 * np.pi * 3e6 / RATE
    damped = radians * np.sqrt(1.0 - damping**2)

    def step(k: Samples) -> Samples:
        ringing = np.cos(damped * k) + damping / np.sqrt(1.0 - damping**2) * np.sin(damped * k)
        return 1.0 - np.exp(-damping * radians * k) * ringing

    pulses = np.where(n < period / 2, step(n), 1.0 - step(n - period / 2))
    noisy: Samples = 12.0 * pulses + np.random.default_rng(1).normal(0.0, 0.036, SAMPLES)
    return noisy


def main() -> int:
    """Time all rows, print them, and say whether ours is fast enough."""
    volts = record()
    rows: dict[str, Callable[[], object]] = {
        "ours: levels, edges, overshoot, settling, period, duty, mean, r.m.s.": lambda: pulse_train(volts),
        "one pass over memory: numpy.sum": volts.sum,
        "numpy: histogram of 256 bins (levels alone)": lambda: np.histogram(volts, 256),
        "scipy: find_peaks of the steps (edges alone)": lambda: scipy.signal.find_peaks(
            np.abs(np.diff(volts)), height=0.5, distance=1000
        ),
        "scipy: periodogram (frequency alone)": lambda: scipy.signal.periodogram(volts, RATE),
    }
    for row in rows.values():
        row()
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(ROUNDS):
        for name, row in rows.items():
            began = time.perf_counter()
            row()
            times[name].append((time.perf_counter() - began) * 1e3)
    medians = {name: statistics.median(values) for name, values in times.items()}
    ours = medians[next(iter(rows))]
    table = Table(title=f"Measures of {SAMPLES:,} samples, {ROUNDS} rounds")
    for heading in ("what", "median ms", "least ms", "ours in its time"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name, median in medians.items():
        table.add_row(name, f"{median:.2f}", f"{min(times[name]):.2f}", f"{median / ours:.2f}")
    console = Console()
    console.print(table)
    good = ours <= MOST_MS
    console.print(f"ours {ours:.2f} ms, at most {MOST_MS:g} ms: {'reached' if good else 'NOT reached'}")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
