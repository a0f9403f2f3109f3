"""The arithmetic of uncertainty, against the GUM's own examples and GTC."""

import math

import GTC
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.budget import combine, difference, expanded, mean, probability_below, ratio, scaled, total
from harness.reading import INFINITE, Component, Distribution, Reading


def _reading(value: float, *components: Component, unit: str = "A") -> Reading:
    return Reading(value, unit, components, ("dmm",))


def test_gum_h1_end_gauge() -> None:
    """GUM H.1: the end gauge has u = 32 nm with 16 degrees of freedom, and t99(16) = 2.92."""
    components = [
        Component("ls", 25.0, dof=18),
        Component("d bar", 5.8, dof=24),
        Component("d1", 3.9, dof=5),
        Component("d2", 6.7, dof=8),
        Component("delta alpha", 2.88675, dof=50),
        Component("delta theta", 16.59882, dof=2),
    ]

    result = combine(components)

    assert result.u == pytest.approx(31.6637674111, rel=1e-6)
    assert result.dof == pytest.approx(16.7521475092, rel=1e-5)


def test_gum_g41_welch_satterthwaite() -> None:
    """GUM G.4.1: 0.25, 0.57 and 0.82 % with 9, 4 and 14 degrees of freedom give 1.03 %, 19.0, and U = 2.2 %."""
    result = combine([Component("a", 0.25, dof=9), Component("b", 0.57, dof=4), Component("c", 0.82, dof=14)])

    assert result.u == pytest.approx(1.029466, abs=1e-6)
    assert result.dof == pytest.approx(18.998742, abs=1e-5)
    assert result.k == pytest.approx(2.0930, abs=1e-4)
    assert pytest.approx(2.154697, abs=1e-5) == result.U


def test_one_rectangle_alone_is_covered_with_its_own_k() -> None:
    """A budget of one rectangular component has k = 1.645, not 2."""
    result = combine([Component("limit", 1.0, Distribution.RECTANGULAR)])

    assert result.k == pytest.approx(1.6454, abs=1e-4)


def test_a_difference_of_two_readings_of_one_instrument_is_correlated() -> None:
    """The gain error that two readings share cancels in their difference as far as they are alike."""
    gain = 1e-3
    a = _reading(10.0, Component("dmm gain", 10.0 * gain), Component("a noise", 0.001))
    b = _reading(9.0, Component("dmm gain", 9.0 * gain), Component("b noise", 0.001))

    result = expanded(difference(a, b))

    assert result.u == pytest.approx(math.sqrt((1.0 * gain) ** 2 + 2 * 0.001**2))


@given(
    st.lists(st.tuples(st.floats(1, 100), st.floats(0.01, 1), st.integers(2, 60)), min_size=2, max_size=4),
    st.floats(0.1, 10),
)
def test_sum_and_ratio_are_gtcs(inputs: list[tuple[float, float, int]], factor: float) -> None:
    """Sums, multiples and ratios have the value, u and degrees of freedom that GTC gives them."""
    ours = [_reading(v, Component(f"s{i}", u, dof=n)) for i, (v, u, n) in enumerate(inputs)]
    theirs = [GTC.ureal(v, u, n) for v, u, n in inputs]

    added, added_theirs = scaled(total(*ours), factor), sum(theirs) * factor
    quotient, quotient_theirs = ratio(ours[0], ours[1], "1"), theirs[0] / theirs[1]

    for our, their in ((added, added_theirs), (quotient, quotient_theirs)):
        assert our.value == pytest.approx(GTC.value(their))
        assert expanded(our).u == pytest.approx(GTC.uncertainty(their))
        assert expanded(our).dof == pytest.approx(GTC.dof(their), rel=1e-6)


def test_mean_keeps_what_is_shared_and_adds_the_scatter() -> None:
    """Repeats average their noise, but not the gain error that all of them have."""
    readings = [_reading(v, Component("dmm gain", 0.01)) for v in (1.0, 1.2, 1.1)]

    result = mean(readings, "repeatability")

    assert result.value == pytest.approx(1.1)
    assert result.components[0] == Component("dmm gain", pytest.approx(0.01))
    assert result.components[1].u == pytest.approx(0.1 / math.sqrt(3))
    assert result.components[1].dof == 2


@pytest.mark.parametrize(
    ("limit", "value", "u", "dof", "outside"),
    [
        (-5.40, -5.47, 0.05, INFINITE, 0.080756659),
        (15.3, 15.20, 0.04, INFINITE, 0.006209665),
        (15.3, 15.2344, 0.04, INFINITE, 0.050502583),
        (15.3, 15.2344, 0.04, 9.0, 0.067712897),
        (50.0, 48.0, 1.5, INFINITE, 0.091211220),
    ],
)
def test_specific_risk_is_jcgm_106(limit: float, value: float, u: float, dof: float, outside: float) -> None:
    """The probability of being outside is that of JCGM 106's examples, and heeds few degrees of freedom."""
    uncertainty = combine([Component("all", u, dof=dof)])

    assert 1.0 - probability_below(limit, value, uncertainty) == pytest.approx(outside, abs=1e-8)


def test_an_infinite_component_is_not_a_number_and_no_pass() -> None:
    """A component that is not finite makes U not a number, which no rule passes."""
    assert math.isnan(combine([Component("broken", math.inf)]).U)
