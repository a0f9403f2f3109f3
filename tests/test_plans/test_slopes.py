"""The largest |dI/dt| over a window, against what calculus and the transfer of two means say that it must be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.budget import expanded
from test_plans.slopes import fastest_change
from tests.test_plans.waves import through, wave

WINDOW_S = 0.1
INTERVAL_S = 0.01


def test_a_ramp_has_its_slope() -> None:
    """2 mA within 4 s are 0.5 mA/s, whichever way."""
    up = through([(0.0, 1e-3), (1.0, 1e-3), (5.0, 3e-3), (8.0, 3e-3)], INTERVAL_S, 8.0)
    down = through([(0.0, -1e-3), (1.0, -1e-3), (5.0, -3e-3), (8.0, -3e-3)], INTERVAL_S, 8.0)

    for current in (up, down):
        found = fastest_change(current, window_s=WINDOW_S, label="ramp")

        assert found.unit == "A/s"
        assert found.value == pytest.approx(0.5e-3, rel=1e-9)


def test_a_step_is_its_height_over_the_window() -> None:
    """However fast, 1 mA shows as 1 mA / 0.1 s; through zero, a reversal from 5 to -5 mA is a step of 10 mA."""
    step = wave([1e-3] * 100 + [2e-3] * 100, INTERVAL_S)
    turn = wave([5e-3] * 100 + [-5e-3] * 100, INTERVAL_S)

    assert fastest_change(step, window_s=WINDOW_S, label="step").value == pytest.approx(10e-3, rel=1e-9)
    assert fastest_change(turn, window_s=WINDOW_S, label="turn").value == pytest.approx(100e-3, rel=1e-9)


@given(hz=st.floats(0.2, 6.0))
def test_the_bandwidth_is_the_stated_one(hz: float) -> None:
    """A sine shows with 2πf·sinc²(f·window): the transfer of two means, one right after the other."""
    at = np.arange(40_000) * 1e-3
    found = fastest_change(wave(1e-3 * np.sin(2.0 * math.pi * hz * at), 1e-3), window_s=WINDOW_S, label="sine")

    assert found.value == pytest.approx(2.0 * math.pi * hz * 1e-3 * np.sinc(hz * WINDOW_S) ** 2, rel=3e-3)


def test_the_transfer_is_three_decibels_down_at_the_stated_frequency() -> None:
    """The docstring's 0.32 / window is where sinc² is 1/√2, to two digits."""
    assert float(np.sinc(0.3189) ** 2) == pytest.approx(math.sqrt(0.5), rel=1e-3)


def test_what_moves_back_within_the_window_is_seen_with_less() -> None:
    """A spike of one sample shows as a part of it: what is so short is for the oscilloscope."""
    values = np.zeros(200)
    values[100] = 1e-3

    assert fastest_change(wave(values, INTERVAL_S), window_s=WINDOW_S, label="spike").value == pytest.approx(1e-3)


def test_its_uncertainty_is_that_of_two_means_over_the_window() -> None:
    """Noise of 0.1 µA in ten samples each: √2 · 0.1 µA / √10 / 0.1 s is what is left where nothing else counts."""
    flat = wave([0.0] * 300, INTERVAL_S)
    found = fastest_change(flat, window_s=WINDOW_S, label="rest")

    assert expanded(found).u == pytest.approx(math.sqrt(2.0) * 1e-7 / math.sqrt(10.0) / WINDOW_S, rel=1e-9)


@pytest.mark.parametrize(
    ("values", "interval_s", "why"),
    [
        ([1e-3] * 100, 0.1, "must hold two"),
        ([1e-3] * 15, INTERVAL_S, "two windows"),
        ([1e-3, math.nan] * 50, INTERVAL_S, "not numbers"),
        ([], INTERVAL_S, "no samples"),
    ],
)
def test_what_cannot_be_told_is_no_number(values: list[float], interval_s: float, why: str) -> None:
    """Too coarse, too short or broken: no value, and the reason."""
    found = fastest_change(wave(values, interval_s), window_s=WINDOW_S, label="none")

    assert math.isnan(found.value)
    assert why in found.trouble
