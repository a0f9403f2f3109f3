"""Slope, ripple, and whether what was asked for happened: told from waveforms whose every number is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading import Reading
from test_plans.analysis import moved, ramp_slope, ripple_of
from tests.test_plans.waves import wave

MA = 1e-3
RNG = np.random.default_rng(1)


def ramp(slope_a_per_s: float, level_a: float, *, first_a: float = 0.0) -> np.ndarray:
    """Return 30 s of samples every millisecond: 1 s of first_a, a ramp, and a plateau."""
    at = np.arange(30_000) / 1000.0
    return np.clip(first_a + slope_a_per_s * (at - 1.0), first_a, level_a)


@given(slope=st.floats(0.5 * MA, 20 * MA), level=st.floats(5 * MA, 10 * MA), sign=st.sampled_from([1.0, -1.0]))
def test_the_slope_of_a_straight_ramp_is_told_within_its_uncertainty(slope: float, level: float, sign: float) -> None:
    """Whichever way the current flows, and however long the ramp takes."""
    reading = ramp_slope(wave(sign * ramp(slope, level), 1e-3), settled_s=29.0, label="slope")

    off = abs(reading.value - slope)
    assert off <= 3.0 * math.hypot(*(component.u for component in reading.components))
    assert not reading.trouble


def test_a_small_current_before_the_ramp_is_no_part_of_it() -> None:
    """A device that checks the skin with less than a tenth of the level does so before 10 % of the level."""
    reading = ramp_slope(wave(ramp(1 * MA, 10 * MA, first_a=0.4 * MA), 1e-3), settled_s=29.0, label="slope")

    assert reading.value == pytest.approx(1 * MA, rel=0.01)


def test_a_leap_is_at_least_as_steep_as_the_level_over_one_mean() -> None:
    """What is too fast for the record is not too fast to be judged."""
    values = np.concatenate([np.zeros(1000), np.full(9000, 10 * MA)])

    reading = ramp_slope(wave(values, 1e-3), settled_s=9.0, label="slope")

    assert reading.value >= 0.8 * 10 * MA / 10e-3


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.zeros(10_000), "no plateau"),
        (np.full(10_000, 10 * MA), "had begun before"),
    ],
    ids=["nothing", "no beginning"],
)
def test_a_ramp_that_is_not_in_the_record_has_no_slope(values: np.ndarray, says: str) -> None:
    """A number would be an invention."""
    reading = ramp_slope(wave(values, 1e-3), settled_s=9.0, label="slope")

    assert math.isnan(reading.value)
    assert says in reading.trouble


def test_the_ripple_of_a_chopped_current_is_that_of_its_duty() -> None:
    """On for d of a period, r.m.s. over mean of what is left is √(1/d - 1): a third for nine tenths."""
    on = np.tile(np.r_[np.full(45, 20 * MA / 0.9), np.zeros(5)], 40)

    reading = ripple_of(wave(on, 1e-6), label="ripple")

    assert reading.value == pytest.approx(1.0 / 3.0, rel=1e-9)


def test_the_ripple_of_noise_is_its_standard_deviation_over_the_mean() -> None:
    """What the instrument adds is in it, and not taken away."""
    values = -10 * MA + RNG.normal(0.0, 0.1 * MA, 100_000)

    reading = ripple_of(wave(values, 1e-6), label="ripple")

    assert reading.value == pytest.approx(0.01, rel=0.02)


def test_no_direct_current_has_no_ripple() -> None:
    """A share of nothing is no number."""
    reading = ripple_of(wave(np.zeros(1000), 1e-6), label="ripple")

    assert math.isnan(reading.value)
    assert "no direct current" in reading.trouble


def test_a_change_that_did_not_happen_is_trouble_and_one_that_did_is_not() -> None:
    """Half of what was asked for is enough, in the direction in which it was asked for."""
    up, flat = wave(ramp(1 * MA, 10 * MA), 1e-3), wave(np.full(30_000, 10 * MA), 1e-3)
    step = Reading(0.0, "A")

    assert moved(up, step, edge_s=0.5, least=5 * MA) is step
    for judged in (
        moved(flat, step, edge_s=0.5, least=0.5 * MA),
        moved(flat, step, edge_s=0.5, most=-0.5 * MA),
        moved(up, step, edge_s=0.5, most=-5 * MA),
    ):
        assert "did not happen" in judged.trouble


def test_trouble_that_was_there_is_kept() -> None:
    """The first reason is the one that somebody can do something about."""
    spoiled = Reading(0.0, "A", trouble="the supply is off")

    assert moved(wave(np.zeros(3000), 1e-3), spoiled, edge_s=0.5, least=1.0).trouble == "the supply is off"
