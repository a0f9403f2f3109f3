"""Student's t and the normal distribution, without a statistics library: a run must not pay a second for an import.

Checked against SciPy in the tests. Degrees of freedom are real numbers, as Welch-Satterthwaite gives them.
"""

import math
from functools import lru_cache
from statistics import NormalDist

NORMAL = NormalDist()
# Beyond this many degrees of freedom the quantiles differ from the normal's by less than 0.01 %.
_NORMAL_FROM = 20_000.0


def normal_cdf(z: float) -> float:
    """Return the probability that a standard normal is below z."""
    return 0.5 * math.erfc(-z * math.sqrt(0.5))


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function (Lentz; DLMF 8.17.22)."""
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    result = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + term / c
            c = c if abs(c) > tiny else tiny
            change = c * d
            result *= change
        if abs(change - 1.0) < 1e-15:
            break
    return result


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(a, b, x) / a
    return 1.0 - front * _beta_fraction(b, a, 1.0 - x) / b


@lru_cache(maxsize=4096)
def t_cdf(t: float, dof: float) -> float:
    """Return the probability that Student's t with dof degrees of freedom is below t."""
    if dof >= _NORMAL_FROM:
        return normal_cdf(t)
    square = t * t
    if square < dof:
        # Near zero the tail is half of nearly one, and what is left of that loses its digits.
        return 0.5 + math.copysign(0.5 * incomplete_beta(0.5, dof / 2.0, square / (dof + square)), t)
    tail = 0.5 * incomplete_beta(dof / 2.0, 0.5, dof / (dof + square))
    return 1.0 - tail if t > 0 else tail


@lru_cache(maxsize=4096)
def t_quantile(probability: float, dof: float) -> float:
    """Return the t below which Student's t with dof degrees of freedom lies with a probability of 0.5 to 1.

    Raises:
        ValueError: The probability is outside 0.5 … 1, or there is no degree of freedom.
    """
    if not 0.5 <= probability < 1.0 or not dof > 0.0:
        raise ValueError(f"no quantile for probability {probability!r} and {dof!r} degrees of freedom")
    z = NORMAL.inv_cdf(probability)
    if dof >= _NORMAL_FROM:
        return z
    low, high = z, max(1.0, 2.0 * z)
    while t_cdf(high, dof) < probability:
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if t_cdf(middle, dof) < probability:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def rectangle_and_normal_cdf(x: float, half_width: float, sigma: float) -> float:
    """Return the probability that a rectangular error of half_width plus a normal one of sigma is below x.

    The integral of the normal distribution function over the rectangle: (S(x + a) - S(x - a)) / 2a with
    S(z) = z Φ(z/σ) + σ φ(z/σ).
    """
    if half_width <= 1e-3 * sigma and sigma > 0.0:
        # The difference below would lose its digits; what is neglected here is of the order of (a/σ)^4.
        return normal_cdf(x / math.sqrt(sigma * sigma + half_width * half_width / 3.0))
    if sigma <= half_width * 1e-6:
        if half_width <= 0.0:
            return 1.0 if x >= 0.0 else 0.0
        return min(1.0, max(0.0, 0.5 * (x / half_width + 1.0)))

    def primitive(z: float) -> float:
        s = z / sigma
        return z * normal_cdf(s) + sigma * math.exp(-0.5 * s * s) / math.sqrt(2.0 * math.pi)

    # By symmetry the tail is the accurate side: the difference of the primitives loses nothing there.
    if x > 0.0:
        return 1.0 - rectangle_and_normal_cdf(-x, half_width, sigma)
    return min(1.0, max(0.0, (primitive(x + half_width) - primitive(x - half_width)) / (2.0 * half_width)))


def _coverage_factor(share: float) -> float:
    """Return k at 95 % for a unit-variance sum of a rectangle that holds `share` of the deviation, and a normal."""
    half_width = share * math.sqrt(3.0)
    sigma = math.sqrt(max(0.0, 1.0 - share * share))
    low, high = 1.0, 2.5
    for _ in range(60):
        middle = 0.5 * (low + high)
        if rectangle_and_normal_cdf(middle, half_width, sigma) < 0.975:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


_STEPS = 256


@lru_cache(maxsize=1)
def _coverage_table() -> tuple[float, ...]:
    return tuple(_coverage_factor(math.sin(0.5 * math.pi * i / _STEPS)) for i in range(_STEPS + 1))


def coverage_factor(share: float) -> float:
    """Return the coverage factor at 95 % when one rectangular component holds `share` (0 … 1) of the combined u.

    1.960 for none, 1.645 for nothing else (EA-4/02, S9.14: a dominant rectangular component has its own k).
    Interpolated in a table of 256 steps of the angle whose sine the share is, where k bends nowhere sharply: so it is
    right to 1e-4 where the rest is small, too.
    """
    table = _coverage_table()
    position = math.asin(min(max(share, 0.0), 1.0)) / (0.5 * math.pi) * _STEPS
    index = min(int(position), _STEPS - 1)
    return table[index] + (table[index + 1] - table[index]) * (position - index)
