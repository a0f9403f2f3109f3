"""The statistics of counts: what a number of trials says of a probability, and what a probability says of a number.

Exact, without a statistics library; checked against SciPy and published values in the tests.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from harness.student import incomplete_beta


class Bounds(NamedTuple):
    """The lowest and the highest that is still credible."""

    low: float
    high: float


def clopper_pearson(count: int, trials: int, confidence: float = 0.95) -> Bounds:
    """Return the exact two-sided confidence bounds of a probability (Clopper and Pearson, Biometrika 26, 1934).

    Raises:
        ValueError: There are no trials, or the count is not one of them.
    """
    tail = 0.5 * (1.0 - confidence)
    return Bounds(lower_bound(count, trials, 1.0 - tail), upper_bound(count, trials, 1.0 - tail))


def upper_bound(count: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided exact upper confidence bound of a probability; of 0 in n it is 1 - (1 - confidence)^(1/n).

    Raises:
        ValueError: There are no trials, or the count is not one of them.
    """
    _check(count, trials)
    return 1.0 if count == trials else beta_quantile(confidence, count + 1.0, float(trials - count))


def lower_bound(count: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided exact lower confidence bound of a probability.

    Raises:
        ValueError: There are no trials, or the count is not one of them.
    """
    _check(count, trials)
    return 0.0 if count == 0 else beta_quantile(1.0 - confidence, float(count), trials - count + 1.0)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the x below which the beta distribution of a and b lies with a probability."""
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if incomplete_beta(a, b, middle) < probability:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def count_distribution(chances: Sequence[float], most: int | None = None) -> list[float]:
    """Return the probabilities of 0, 1, 2, … hits of independent trials with chances of their own (Poisson binomial).

    Args:
        chances: Of each trial.
        most: The largest number of hits that is of interest; None is all of them.
    """
    size = min(len(chances), len(chances) if most is None else most)
    result = [1.0] + [0.0] * size
    for chance in chances:
        for hits in range(size, 0, -1):
            result[hits] += chance * (result[hits - 1] - result[hits])
        result[0] *= 1.0 - chance
    return result


def at_least(count: int, chances: Sequence[float]) -> float:
    """Return the probability of `count` hits or more of independent trials with chances of their own."""
    if count <= 0:
        return 1.0
    return max(0.0, 1.0 - math.fsum(count_distribution(chances, count - 1)))


def central_range(chances: Sequence[float], confidence: float = 0.99) -> tuple[int, int]:
    """Return the fewest and the most hits that are credible, with at most half of the rest beyond either end."""
    tail = 0.5 * (1.0 - confidence)
    distribution = count_distribution(chances)
    low, below = 0, distribution[0]
    while below <= tail and low < len(distribution) - 1:
        low += 1
        below += distribution[low]
    high, above = len(distribution) - 1, distribution[-1]
    while above <= tail and high > 0:
        high -= 1
        above += distribution[high]
    return low, high


def shows(odds: float, sessions: int) -> float:
    """Return the probability that what shows itself in a share of sessions does so in at least one of them."""
    return 1.0 - (1.0 - odds) ** sessions


def _check(count: int, trials: int) -> None:
    if not 0 <= count <= trials or trials < 1:
        raise ValueError(f"{count} of {trials} is no count of trials")
