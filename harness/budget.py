"""What is known about how wrong a reading is: the arithmetic of the GUM on components with sources.

Components of one source are one error and add with their signs; different sources add in quadrature (GUM 5.1, 5.2).
Effective degrees of freedom are Welch-Satterthwaite's (GUM G.4); k is for 95 % coverage, from Student's t, or from the
sum of a dominant rectangular component and a normal rest.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.reading import INFINITE, Component, Distribution, Reading
from harness.student import coverage_factor, normal_cdf, rectangle_and_normal_cdf, t_cdf, t_quantile

_SQRT3 = math.sqrt(3.0)
# From here on Student's t is the normal for our purpose, and the shape of the largest component matters more.
_MANY_DOF = 100.0
# So many u away a normal tail is less than the last bit of 1.
_FAR = 8.5


class Expanded(NamedTuple):
    """The uncertainty of a reading, in the unit of the reading.

    Attributes:
        u: Combined standard uncertainty.
        dof: Effective degrees of freedom.
        k: Coverage factor for 95 %.
        U: Expanded uncertainty, k * u.
        rectangle: Standard deviation of the largest rectangular component.
    """

    u: float
    dof: float
    k: float
    U: float
    rectangle: float


EXACT = Expanded(0.0, INFINITE, 1.96, 0.0, 0.0)
UNKNOWN = Expanded(math.nan, 0.0, math.nan, math.nan, 0.0)


def expanded(reading: Reading) -> Expanded:
    """Return the expanded uncertainty of a reading at 95 %, from its budget; parts of one source are one error."""
    components = reading.components
    if len({component[0] for component in components}) != len(components):
        components = merged(components)
    return combine(components)


def combine(components: Sequence[Component]) -> Expanded:
    """Return the expanded uncertainty at 95 % of independent components; sources are taken to differ."""
    variance = dof_sum = rectangle = 0.0
    for _, u, distribution, dof, _ in components:
        square = u * u
        variance += square
        if dof != INFINITE:
            if not dof > 0.0:
                return UNKNOWN
            dof_sum += square * square / dof
        if distribution is Distribution.RECTANGULAR:
            rectangle = max(rectangle, abs(u))
    if variance == 0.0:
        return EXACT
    if not math.isfinite(variance):
        return UNKNOWN
    u = math.sqrt(variance)
    dof = variance * variance / dof_sum if dof_sum else INFINITE
    k = t_quantile(0.975, dof) if dof < _MANY_DOF else coverage_factor(rectangle / u)
    return Expanded(u, dof, k, k * u, rectangle)


def probability_below(limit: float, value: float, uncertainty: Expanded) -> float:
    """Return the probability that the true value is below a limit (JCGM 106, 6.2); t-aware where freedom is scarce."""
    distance = limit - value
    u, dof, _, _, rectangle = uncertainty
    if u == 0.0:
        return 1.0 if distance >= 0.0 else 0.0
    if dof < _MANY_DOF:
        return t_cdf(distance / u, dof)
    if abs(distance) > _FAR * u:
        return 1.0 if distance > 0.0 else 0.0
    if rectangle <= 0.01 * u:
        return normal_cdf(distance / u)
    rest = u * u - rectangle * rectangle
    return rectangle_and_normal_cdf(distance, rectangle * _SQRT3, math.sqrt(rest) if rest > 0.0 else 0.0)


def merged(components: Iterable[Component]) -> tuple[Component, ...]:
    """Return components with those of one source added with their signs, in order of first appearance."""
    by_source: dict[str, Component] = {}
    for component in components:
        known = by_source.get(component.source)
        if known is None:
            by_source[component.source] = component
        else:
            by_source[component.source] = known._replace(u=known.u + component.u, dof=min(known.dof, component.dof))
    return tuple(by_source.values())


def _joined(*readings: Reading) -> tuple[tuple[str, ...], str]:
    names = tuple(dict.fromkeys(name for reading in readings for name in reading.instruments))
    return names, "; ".join(dict.fromkeys(reading.trouble for reading in readings if reading.trouble))


def scaled(reading: Reading, factor: float, unit: str | None = None) -> Reading:
    """Return a reading times an exact factor, in another unit if one is given."""
    components = tuple(component._replace(u=component.u * factor) for component in reading.components)
    return Reading(
        reading.value * factor, reading.unit if unit is None else unit, components, reading.instruments, reading.trouble
    )


def magnitude(reading: Reading) -> Reading:
    """Return the magnitude of a reading."""
    return scaled(reading, -1.0) if reading.value < 0.0 else reading


def total(*readings: Reading) -> Reading:
    """Return the sum of readings of one unit; what they share adds with its sign.

    Raises:
        ValueError: There is none, or their units differ.
    """
    units = {reading.unit for reading in readings}
    if len(units) != 1:
        raise ValueError(f"readings that are added must have one unit, not {sorted(units)}")
    instruments, trouble = _joined(*readings)
    components = merged(component for reading in readings for component in reading.components)
    return Reading(math.fsum(r.value for r in readings), readings[0].unit, components, instruments, trouble)


def difference(a: Reading, b: Reading) -> Reading:
    """Return a - b; an error that both share cancels as far as it is shared."""
    return total(a, scaled(b, -1.0))


def ratio(a: Reading, b: Reading, unit: str) -> Reading:
    """Return a / b in a unit; an error in proportion that both share cancels.

    Raises:
        ValueError: b is zero.
    """
    if b.value == 0.0:
        raise ValueError("a reading cannot be divided by a reading of zero")
    quotient = a.value / b.value
    both = total(scaled(a, 1.0 / b.value, unit), scaled(b, -quotient / b.value, unit))
    return Reading(quotient, unit, both.components, both.instruments, both.trouble)


def mean(readings: Sequence[Reading], source: str) -> Reading:
    """Return the mean of repeated readings, with the scatter of the mean as a component named `source` (GUM 4.2).

    Raises:
        ValueError: There are fewer than two.
    """
    count = len(readings)
    if count < 2:
        raise ValueError("a mean of repeats needs at least two readings")
    average = scaled(total(*readings), 1.0 / count)
    scatter = sum((reading.value - average.value) ** 2 for reading in readings) / (count - 1)
    repeatability = Component(source, math.sqrt(scatter / count), Distribution.NORMAL, float(count - 1))
    return Reading(
        average.value, average.unit, (*average.components, repeatability), average.instruments, average.trouble
    )
