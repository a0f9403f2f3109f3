"""Measures of pulses in the terms of IEEE Std 181, against waveforms whose measures are known in closed form."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from test_plans.analysis import Samples
from test_plans.ieee181 import pulse_train

PERIOD = 10_000
"""Samples in a period."""


def first_order(tau: float, *, duty: float = 0.4, periods: int = 20) -> Samples:
    """Return pulses from 0 to 1 whose edges are exponentials with a time constant in samples."""
    n = np.arange(periods * PERIOD) % PERIOD
    on = duty * PERIOD
    up = -np.expm1(-n / tau)
    down = np.exp(-(n - on) / tau)
    return np.where(n < on, up, down)


def second_order(damping: float, radians: float, *, periods: int = 20) -> Samples:
    """Return pulses from 0 to 1 of half of the period, whose edges ring: damping ratio, natural radians a sample."""
    n = np.arange(periods * PERIOD) % PERIOD
    damped = radians * math.sqrt(1.0 - damping**2)

    def step(k: Samples) -> Samples:
        wave = np.cos(damped * k) + damping / math.sqrt(1.0 - damping**2) * np.sin(damped * k)
        return 1.0 - np.exp(-damping * radians * k) * wave

    return np.where(n < PERIOD / 2, step(n), 1.0 - step(n - PERIOD / 2))


def test_an_exponential_edge_rises_in_its_time_constant_times_the_logarithm_of_nine() -> None:
    """10 % to 90 % of an exponential take τ·ln 9, both ways, and from half it takes τ·ln 25 to be within 2 %."""
    tau = 100.0
    found = pulse_train(first_order(tau))

    assert found is not None
    assert found.low == pytest.approx(0.0, abs=1e-3)
    assert found.high == pytest.approx(1.0, abs=1e-3)
    assert found.rise == pytest.approx(tau * math.log(9.0), rel=5e-3)
    assert found.fall == pytest.approx(tau * math.log(9.0), rel=5e-3)
    assert found.settling == pytest.approx(tau * math.log(25.0), rel=3e-2)
    assert found.overshoot == pytest.approx(0.0, abs=1e-3)


def test_a_ringing_edge_overshoots_by_its_damping() -> None:
    """A second order with a damping of 0.6 goes beyond its end by exp(-πζ/√(1-ζ²)) = 9.478 %."""
    found = pulse_train(second_order(0.6, 0.05))

    assert found is not None
    assert found.overshoot == pytest.approx(math.exp(-math.pi * 0.6 / 0.8), rel=5e-3)


def test_period_and_duty_are_those_of_the_train() -> None:
    """They are told from the middle of the edges: an exponential moves both by the same, and so neither of them."""
    found = pulse_train(first_order(50.0, duty=0.3))

    assert found is not None
    assert found.period == pytest.approx(PERIOD, rel=1e-9)
    assert found.frequency == pytest.approx(1.0 / PERIOD, rel=1e-9)
    assert found.duty == pytest.approx(0.3, abs=1e-4)


def test_mean_and_rms_are_those_of_the_samples() -> None:
    """They are over the whole record, and equal to what the samples give."""
    samples = np.random.default_rng(1).normal(3.0, 2.0, 100_001)
    found = pulse_train(samples)

    assert found is not None
    assert found.mean == pytest.approx(float(samples.mean()), rel=1e-12)
    assert found.rms == pytest.approx(float(np.sqrt(np.mean(samples**2))), rel=1e-12)


def test_noise_around_a_reference_level_makes_no_transition() -> None:
    """Noise of 3 % of the amplitude leaves the transitions as they are, one for each edge."""
    samples = first_order(300.0, periods=10) + np.random.default_rng(2).normal(0.0, 0.03, 10 * PERIOD)
    found = pulse_train(samples)

    assert found is not None
    assert found.transitions.middle.size == 20
    assert found.transitions.rising.sum() == 10


@given(
    low=st.floats(-1e3, 1e3),
    amplitude=st.floats(1e-6, 1e3),
    on=st.integers(2, 50),
    off=st.integers(2, 50),
    periods=st.integers(2, 12),
)
def test_ideal_pulses_are_told_as_finely_as_the_histogram_is(
    low: float, amplitude: float, on: int, off: int, periods: int
) -> None:
    """Levels (to a part in 8192), period and duty of two flat states come back, at any level, amplitude and duty."""
    assume(abs(low) < 1e6 * amplitude)
    samples = np.tile(np.concatenate([np.full(off, low), np.full(on, low + amplitude)]), periods)
    found = pulse_train(samples)

    assert found is not None
    assert found.low == pytest.approx(low, abs=amplitude / 8192 * 1.001)
    assert found.high == pytest.approx(low + amplitude, abs=amplitude / 8192 * 1.001)
    assert found.transitions.rising.sum() == periods
    assert found.period == pytest.approx(on + off)
    assert found.duty == pytest.approx(on / (on + off))
    assert (found.transitions.duration < 1.0).all()


def test_what_has_no_two_states_is_no_train() -> None:
    """A level that stays has no amplitude, and so no measures."""
    assert pulse_train(np.full(100, 2.0)) is None


@pytest.mark.parametrize("samples", [np.zeros(0), np.array([0.0, 1.0, math.nan]), np.array([0.0, math.inf])])
def test_samples_that_are_no_numbers_are_refused(samples: Samples) -> None:
    """No measure is made of a record that has none, or that is not all numbers."""
    with pytest.raises(ValueError, match="must be numbers"):
        pulse_train(samples)


def test_one_edge_has_no_period() -> None:
    """A single step has levels and a rise, and neither period nor duty."""
    found = pulse_train(np.concatenate([np.zeros(50), np.ones(50)]))

    assert found is not None
    assert found.transitions.middle.size == 1
    assert math.isnan(found.period)
    assert math.isnan(found.duty)
    assert math.isnan(found.fall)
