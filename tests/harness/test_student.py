"""Distributions, against SciPy."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import integrate, stats

from harness import student


@given(st.floats(min_value=-30, max_value=30), st.floats(min_value=1, max_value=1000))
def test_t_cdf_is_scipys(t: float, dof: float) -> None:
    """The distribution function of Student's t agrees with SciPy's for real degrees of freedom."""
    assert student.t_cdf(t, dof) == pytest.approx(stats.t.cdf(t, dof), rel=1e-9, abs=1e-14)


@given(st.floats(min_value=0.501, max_value=0.9999), st.floats(min_value=1, max_value=1000))
def test_t_quantile_is_scipys(probability: float, dof: float) -> None:
    """The quantile of Student's t agrees with SciPy's."""
    assert student.t_quantile(probability, dof) == pytest.approx(stats.t.ppf(probability, dof), rel=1e-9, abs=1e-10)


@pytest.mark.parametrize(("dof", "printed"), [(1, 12.7062), (2, 4.30265), (5, 2.57058), (10, 2.22814), (50, 2.00856)])
def test_t_quantile_is_the_printed_table(dof: float, printed: float) -> None:
    """The two-sided 95 % quantiles are those of the printed t table."""
    assert student.t_quantile(0.975, dof) == pytest.approx(printed, abs=5e-6 * printed + 5e-5)


@given(st.floats(-3, 3), st.floats(0.05, 3), st.floats(0.05, 3))
def test_rectangle_plus_normal_is_the_convolution(x: float, half_width: float, sigma: float) -> None:
    """The closed form of rectangle plus normal is the integral that it stands for."""
    expected, _ = integrate.quad(lambda r: stats.norm.cdf((x - r) / sigma) / (2 * half_width), -half_width, half_width)

    assert student.rectangle_and_normal_cdf(x, half_width, sigma) == pytest.approx(expected, abs=1e-8)


def test_a_dominant_rectangle_has_its_own_k() -> None:
    """K is 1.96 without a rectangle, and 0.95 times the square root of three when there is nothing else."""
    assert student.coverage_factor(0.0) == pytest.approx(1.95996, abs=1e-4)
    assert student.coverage_factor(1.0) == pytest.approx(0.95 * math.sqrt(3), abs=1e-4)


@given(st.floats(0, 1))
@example(0.998046875)
@example(0.99999)
def test_k_covers_95_percent(share: float) -> None:
    """K times u covers 95 % of rectangle plus normal, whatever their shares."""
    k = student.coverage_factor(share)
    sigma = math.sqrt(max(0.0, 1 - share * share))

    inside = 2 * student.rectangle_and_normal_cdf(k, share * math.sqrt(3), sigma) - 1

    assert inside == pytest.approx(0.95, abs=1e-4)
