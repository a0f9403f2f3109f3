"""A train of pulses that was worked out by hand: 30 mA, 50 µs on, 50 µs off, into 500 Ω."""

import math

import numpy as np
import pytest

from test_plans.pulses import energy, pulses
from tests.test_plans.waves import wave

INTERVAL_S = 0.2e-6


def train(
    peak_a: float = 30e-3, on: int = 250, off: int = 250, count: int = 10
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return samples of pulses that begin with the pause."""
    return np.tile(np.concatenate([np.zeros(off), np.full(on, peak_a)]), count)


def test_worked_numbers_of_a_pulse_train() -> None:
    """10 kHz; mean 15 mA; r.m.s. 21.213 mA; 1.5 µC and 22.5 µJ a pulse."""
    found = pulses(wave(train(), INTERVAL_S))

    assert 1.0 / found.period.value == pytest.approx(10e3, rel=1e-6)
    assert found.duty.value == pytest.approx(0.5, abs=1e-3)
    assert found.mean.value == pytest.approx(15e-3, rel=1e-6)
    assert found.rms.value == pytest.approx(21.213e-3, rel=1e-4)
    assert found.peak.value == pytest.approx(30e-3)
    assert found.charge.value == pytest.approx(1.5e-6, rel=1e-6)
    assert found.width.value == pytest.approx(50e-6, abs=INTERVAL_S)
    assert energy(found, 500.0).value == pytest.approx(22.5e-6, rel=1e-4)
    assert energy(found, 500.0).unit == "J"


def test_energy_is_uncertain_by_twice_the_current_and_once_the_period() -> None:
    """A gain that is off by 100 ppm makes 200 ppm, a timebase that is off by 10 ppm makes 10 ppm."""
    found = energy(pulses(wave(train(), INTERVAL_S)), 500.0)
    relative = {c.source: abs(c.u) / found.value for c in found.components}

    assert relative["meter gain"] == pytest.approx(2e-4, rel=1e-3)
    assert relative["timebase"] == pytest.approx(1e-5, rel=1e-3)


def test_negative_pulses_have_a_negative_mean_and_the_same_peak() -> None:
    """The polarity is the sign of the mean."""
    found = pulses(wave(-train(), INTERVAL_S))

    assert found.mean.value == pytest.approx(-15e-3, rel=1e-6)
    assert found.peak.value == pytest.approx(30e-3)


def test_direct_current_has_no_pulses_and_that_is_no_number() -> None:
    """A device that gives d.c. where pulses are claimed cannot pass."""
    found = pulses(wave(np.full(1000, 15e-3), INTERVAL_S))

    assert math.isnan(found.period.value)
    assert found.period.trouble


def test_a_sample_more_or_less_at_an_end_is_in_the_budget_of_mean_rms_and_charge() -> None:
    """Over 4500 samples of 30 mA or nothing: 6.67 µA of the mean, and half of 30² / 4500 / 21.213 mA of the r.m.s."""
    found = pulses(wave(train(), INTERVAL_S))
    bounds = {c.source: c.u * math.sqrt(3.0) for r in (found.mean, found.rms) for c in r.components}
    relative = {c.source: abs(c.u) / found.charge.value for c in found.charge.components}

    assert bounds["ends, mean"] == pytest.approx(30e-3 / 4500, rel=1e-3)
    assert bounds["ends, rms"] == pytest.approx(30e-3**2 / 4500 / 2 / 21.213e-3, rel=1e-4)
    assert bounds["meter noise, mean"] == pytest.approx(1e-7 / math.sqrt(4500) * math.sqrt(3.0))
    assert relative["ends, mean"] == pytest.approx(1 / 2250 / math.sqrt(3.0), rel=1e-3)
    assert relative["timebase"] == pytest.approx(1e-5, rel=1e-3)


def test_pulses_without_a_direct_component_have_the_mean_of_none() -> None:
    """What swings to both sides alike is a train of pulses all the same, and its mean says what it lacks."""
    found = pulses(wave(train() - 15e-3, INTERVAL_S))

    assert found.mean.value == pytest.approx(0.0, abs=1e-9)
    assert found.peak.value == pytest.approx(15e-3, rel=1e-6)
    assert 1.0 / found.period.value == pytest.approx(10e3, rel=1e-6)
    assert not found.mean.trouble


def test_a_peak_that_shoots_over_is_told() -> None:
    """A tenth of the pulse that is a fifth too high is an overshoot of a fifth, and does not move the peak."""
    samples = train()
    samples[np.flatnonzero(np.diff(samples) > 0)[:, None] + np.arange(1, 26)] *= 1.2
    found = pulses(wave(samples, INTERVAL_S))

    assert found.overshoot.value == pytest.approx(0.2, abs=1e-3)
    assert found.peak.value == pytest.approx(30e-3)
    assert 0.0 <= found.rise.value <= INTERVAL_S
