"""Numeric oracles: published examples of uncertainty and conformity, worked by the functions that judge devices.

Each has its printed value as data, beside what our functions make of the same inputs. They are run with every
qualification, and shown in its record: a tool whose arithmetic is off says so before anybody trusts it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.budget import Expanded, combine, probability_below, scaled, total
from harness.counting import upper_bound
from harness.limits import Limit, Rule, Verdict, judge
from harness.reading import INFINITE, Component, Distribution, Reading
from harness.student import coverage_factor, normal_cdf, t_quantile

JCGM106 = "JCGM 106:2012"
GUM = "JCGM 100:2008"


@dataclass(frozen=True, slots=True)
class Oracle:
    """One published number, and ours.

    Attributes:
        name: Short, unique.
        what: What is worked out.
        source: Where the number is from.
        reference: The number.
        tolerance: How far ours may be from it: half of its last printed digit, unless what says otherwise.
        value: Ours.
    """

    name: str
    what: str
    source: str
    reference: float
    tolerance: float
    value: float

    @property
    def ok(self) -> bool:
        """Whether ours is the same number; what is no number never is."""
        return math.isfinite(self.value) and abs(self.value - self.reference) <= self.tolerance


def run_oracles() -> list[Oracle]:
    """Return all oracles, worked now."""
    return [oracle for group in (_conformity, _risks, _gum, _quantiles, _domain) for oracle in group()]


def _normal(u: float, k: float = 2.0) -> Expanded:
    return Expanded(u, INFINITE, k, k * u, 0.0)


def _inside(value: float, u: float, low: float | None, high: float | None) -> float:
    """Return the probability of conformity of a measured value."""
    return 1.0 - judge(value, _normal(u), Limit(low, high, "oracle"), Rule.SIMPLE).p_nonconforming


def _conformity() -> list[Oracle]:
    c = "probability of conformity"
    speed = 106.5876
    return [
        Oracle("O1", f"{c}, upper limit: Zener diode", JCGM106, 0.919243, 5e-7, _inside(-5.47, 0.05, None, -5.40)),
        Oracle("O2", f"{c}, lower limit: metal container", JCGM106, 0.989010, 5e-7, _inside(509.7, 8.6, 490.0, None)),
        Oracle("O3", f"{c}, two limits: motor oil", JCGM106, 0.662630, 5e-7, _inside(13.6, 1.8, 12.5, 16.3)),
        Oracle(
            "O4",
            f"guarded rejection at 99.9 %: a speed of {speed} km/h is above 100 km/h",
            JCGM106,
            0.999,
            5e-7,
            1.0 - probability_below(100.0, speed, _normal(0.02 * speed)),
        ),
        Oracle(
            "O5", "conformity of a process: resistors", JCGM106, 0.904419, 5e-7, _inside(1500.0, 0.12, 1499.8, 1500.2)
        ),
    ]


def global_risks(process_u: float, measuring_u: float, tolerance: float, acceptance: float) -> tuple[float, float]:
    """Return the consumer's and the producer's risk of a centred normal process (JCGM 106, 9.5): by Simpson's rule.

    Args:
        process_u: Standard deviation of the true values.
        measuring_u: Standard uncertainty of a measured value.
        tolerance: Half of the tolerance interval.
        acceptance: Half of the acceptance interval.
    """

    def accepted(true: float) -> float:
        return normal_cdf((acceptance - true) / measuring_u) - normal_cdf((-acceptance - true) / measuring_u)

    def density(true: float) -> float:
        return math.exp(-0.5 * (true / process_u) ** 2) / (process_u * math.sqrt(2.0 * math.pi))

    far = tolerance + 10.0 * (process_u + measuring_u)
    consumer = 2.0 * _simpson(lambda true: density(true) * accepted(true), tolerance, far)
    producer = 2.0 * _simpson(lambda true: density(true) * (1.0 - accepted(true)), 0.0, tolerance)
    return consumer, producer


def _simpson(function: Callable[[float], float], low: float, high: float, steps: int = 4000) -> float:
    width = (high - low) / steps
    inner = math.fsum((4.0 if i % 2 else 2.0) * function(low + i * width) for i in range(1, steps))
    return (function(low) + inner + function(high)) * width / 3.0


def _risks() -> list[Oracle]:
    cases: Sequence[tuple[str, float, float, float]] = (
        ("O6", 0.02, 0.00987829, 0.0690265),
        ("O7", 0.0, 0.0189422, 0.0372078),
        ("O8a", 0.04, 0.00433407, 0.114657),
        ("O8b", 0.08, 0.000468634, 0.247670),
        ("O8c", -0.02, 0.0311446, 0.0175542),
    )
    found = []
    for name, guard, consumer, producer in cases:
        ours = global_risks(0.12, 0.04, 0.2, 0.2 - guard)
        what = f"resistors, guard band {guard:g} Ω"
        found.append(Oracle(f"{name} consumer", f"global consumer's risk, {what}", JCGM106, consumer, 5e-8, ours[0]))
        found.append(Oracle(f"{name} producer", f"global producer's risk, {what}", JCGM106, producer, 5e-7, ours[1]))
    return found


def _components(*pairs: tuple[float, float]) -> list[Component]:
    return [Component(f"part {i}", u, Distribution.NORMAL, dof) for i, (u, dof) in enumerate(pairs)]


def _gum() -> list[Oracle]:
    gauge = combine(
        _components((25.0, 18.0), (5.8, 24.0), (3.9, 5.0), (6.7, 8.0), (2.886751346, 50.0), (16.598824, 2.0))
    )
    four = combine(_components((0.25, 9.0), (0.57, 4.0), (0.82, 14.0)))
    rectangles = combine([Component(f"rectangle {i}", 1.0, Distribution.RECTANGULAR) for i in range(4)])
    return [
        Oracle("O9 u", "end gauge H.1: combined standard uncertainty in nm", GUM, 31.6637674, 5e-5, gauge.u),
        Oracle("O9 ν", "end gauge H.1: effective degrees of freedom", GUM, 16.7521475, 5e-5, gauge.dof),
        Oracle(
            "O9 t", "end gauge H.1: t at 99 % and 16 degrees of freedom", GUM, 2.920782, 5e-7, t_quantile(0.995, 16.0)
        ),
        *_impedance(),
        Oracle("O11 u", "G.4.1: combined relative uncertainty in %", GUM, 1.029466, 5e-7, four.u),
        Oracle("O11 ν", "G.4.1: effective degrees of freedom", GUM, 18.998742, 5e-7, four.dof),
        Oracle(
            "O11 U", "G.4.1: expanded uncertainty in %; t there at 19.0, ours at 18.9987", GUM, 2.154697, 2e-5, four.U
        ),
        Oracle(
            "O12",
            "four rectangles: half of the 95 % interval; ours takes the sum of three for normal, so to 1 %",
            "JCGM 101:2008, 9.2.3",
            3.879407,
            0.0388,
            rectangles.U,
        ),
        Oracle("k", "coverage factor of a rectangle alone", "EA-4/02, S9.14", 1.65, 0.0055, coverage_factor(1.0)),
        Oracle(
            "0 of n",
            "exact 95 % upper bound of 0 in 1,000: 1 - 0.05^(1/1000)",
            "Clopper and Pearson 1934",
            0.00299125,
            5e-9,
            upper_bound(0, 1000),
        ),
    ]


def _impedance() -> list[Oracle]:
    """Return the example H.2: three quantities from three correlated readings, by sources that are shared."""
    volt, ampere, phase = 4.9990, 19.6610e-3, 1.04446
    sizes = (0.0032, 9.5e-6, 0.00075)
    correlations = ((1.0, -0.36, 0.86), (-0.36, 1.0, -0.65), (0.86, -0.65, 1.0))
    rows = _triangle(correlations)
    readings = [
        Reading(1.0, "1", tuple(Component(f"source {j}", size * row[j]) for j in range(3)))
        for size, row in zip(sizes, rows, strict=True)
    ]
    z = volt / ampere
    r, x = z * math.cos(phase), z * math.sin(phase)
    slopes = {
        "R": ((r / volt, -r / ampere, -x), 0.0699787),
        "X": ((x / volt, -x / ampere, r), 0.2957168),
        "Z": ((z / volt, -z / ampere, 0.0), 0.2366030),
    }
    return [
        Oracle(
            f"O10 {name}",
            f"H.2: standard uncertainty of {name} in Ω, from the rounded inputs",
            f"{GUM}, worked by MSLNZ GTC",
            reference,
            5e-6,
            combine(total(*(scaled(reading, s) for reading, s in zip(readings, slope, strict=True))).components).u,
        )
        for name, (slope, reference) in slopes.items()
    ]


def _triangle(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the lower triangle whose product with its transpose is a correlation matrix (Cholesky)."""
    size = len(matrix)
    rows = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - math.fsum(rows[i][k] * rows[j][k] for k in range(j))
            rows[i][j] = math.sqrt(rest) if i == j else rest / rows[j][j]
    return rows


_T = {
    1.0: (13.9678, 12.7062, 63.6567),
    2.0: (4.52655, 4.30265, 9.92484),
    5.0: (2.64865, 2.57058, 4.03214),
    10.0: (2.28368, 2.22814, 3.16927),
    20.0: (2.13303, 2.08596, 2.84534),
    50.0: (2.05125, 2.00856, 2.67779),
}


def _quantiles() -> list[Oracle]:
    return [
        Oracle(
            f"O13 ν={dof:g} {100 * coverage:.4g} %",
            f"two-sided t quantile at {100 * coverage:.4g} % and {dof:g} degrees of freedom",
            f"{GUM}, table G.2",
            reference,
            6e-5 if reference > 10.0 else 6e-6,
            t_quantile(0.5 + 0.5 * coverage, dof),
        )
        for dof, references in _T.items()
        for coverage, reference in zip((0.9545, 0.95, 0.99), references, strict=True)
    ]


def _domain() -> list[Oracle]:
    source = "worked by hand from the normal distribution"
    found = []
    for y, reference in (
        (24.80, 0.999968),
        (24.90, 0.977250),
        (24.95, 0.841345),
        (25.00, 0.5),
        (25.05, 0.158655),
        (25.10, 0.022750),
        (25.15, 0.001350),
    ):
        what = f"probability that {y:.2f} mA conforms to at most 25.00 mA, u = 0.05 mA"
        found.append(Oracle(f"O14 {y:.2f}", what, source, reference, 6e-7, _inside(y, 0.05, None, 25.0)))
    for y, rule, verdict in (
        (24.90, Rule.GUARDED, Verdict.PASS),
        (24.95, Rule.GUARDED, Verdict.NOT_EVALUATED),
        (24.95, Rule.CONDITIONAL, Verdict.PASS),
        (25.05, Rule.GUARDED, Verdict.FAIL),
        (25.15, Rule.CONDITIONAL, Verdict.FAIL),
    ):
        ours = judge(y, Expanded(0.05, INFINITE, 2.0, 25.0 - 24.90, 0.0), Limit(None, 25.0, "oracle"), rule).verdict
        what = f"{y:.2f} mA by the rule {rule}: {verdict} (1 if it is)"
        found.append(Oracle(f"O14 {y:.2f} {rule}", what, "ILAC-G8:09/2019", 1.0, 0.0, float(ours is verdict)))
    for y, reference in ((12.0, 0.5), (12.1, 0.841345), (12.2, 0.977250), (17.9, 0.841345)):
        what = f"probability that {y:.1f} mA conforms to 15 mA ± 20 %, u = 0.1 mA"
        found.append(Oracle(f"O15 {y:.1f}", what, source, reference, 6e-7, _inside(y, 0.1, 12.0, 18.0)))
    for y, reference in ((1211.0, 0.999571), (1211.4, 0.977250), (1211.6, 0.908789), (1212.0, 0.5)):
        what = f"probability that {y:.1f} s conforms to 20 min ± 1 %, u = 0.3 s"
        found.append(Oracle(f"O16 {y:.1f}", what, source, reference, 6e-7, _inside(y, 0.3, 1188.0, 1212.0)))
    return found
