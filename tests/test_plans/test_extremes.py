"""Smallest, largest, rise and duration: what a record says of its extremes, against signals whose answer is plain."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_plans.analysis import largest_rise, largest_step, least_between, peak_between
from test_plans.cutoff import below_for
from tests.test_plans.waves import through, wave

MS = 1e-3


def test_smallest_and_largest_are_those_of_the_part_that_is_asked_for() -> None:
    """What lies before or after the part does not count, and of either polarity the magnitude does."""
    current = wave([9.0] * 10 + [-3.0] * 10 + [5.0] * 10 + [0.0] * 10, MS)

    assert least_between(current, 0.010, 0.030, label="least", mean_s=MS).value == 3.0
    assert peak_between(current, 0.010, 0.030, label="peak", mean_s=MS).value == 5.0


def test_there_is_no_smallest_of_nothing() -> None:
    """A part without samples has no value, and says so."""
    found = least_between(wave([1.0] * 10, MS), 5.0, 6.0, label="least", mean_s=MS)

    assert math.isnan(found.value)
    assert "no samples" in found.trouble


@given(height=st.floats(1e-4, 1e-2), fall=st.floats(1e-4, 1e-2))
def test_a_fall_is_no_rise(height: float, fall: float) -> None:
    """Of a fall and a step back only the step back counts; a step counts either."""
    fell = wave([20e-3] * 50 + [20e-3 - fall] * 50, MS)
    back = wave([20e-3] * 50 + [0.0] * 50 + [height] * 50, MS)

    assert largest_rise(fell, after_s=0.0, label="rise").value == 0.0
    assert largest_rise(back, after_s=0.0, label="rise").value == pytest.approx(height)
    assert largest_step(back, label="step").value == pytest.approx(20e-3)


def test_a_rise_on_a_ramp_is_what_ten_milliseconds_of_it_are() -> None:
    """1 A/s for a second: 10 mA within 10 ms, and nothing before it."""
    current = through([(0.0, 0.0), (1.0, 0.0), (2.0, 1.0), (3.0, 1.0)], MS, 3.0)

    assert largest_rise(current, after_s=0.0, label="rise").value == pytest.approx(10e-3, rel=1e-6)
    assert largest_rise(current, after_s=2.1, label="rise").value == pytest.approx(0.0, abs=1e-12)


def test_a_rise_in_a_record_that_is_too_coarse_is_not_told() -> None:
    """Samples 6 ms apart see no 10 ms."""
    found = largest_rise(wave([1.0] * 100, 6 * MS), after_s=0.0, label="rise")

    assert math.isnan(found.value)
    assert found.trouble


def test_how_long_a_supply_was_below_its_minimum() -> None:
    """A dip from 5 to 2 V of 20 ms lasts 20 ms below 4.5 V; one that never ends has no length."""
    dip = wave([5.0] * 100 + [2.0] * 20 + [5.0] * 100, MS, unit="V")
    end = wave([5.0] * 100 + [2.0] * 120, MS, unit="V")

    assert below_for(dip, 4.5).value == pytest.approx(20 * MS, abs=1.0 * MS)
    assert math.isnan(below_for(end, 4.5).value)
