"""Plateau, dose, steps and overshoot of waveforms that were worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.budget import expanded
from harness.reading import Reading
from harness.waveform import Waveform
from test_plans.analysis import (
    dose,
    largest_step,
    level_between,
    means,
    overshoot,
    peak_between,
    plateau,
    times,
    trouble_of,
)
from tests.test_plans.waves import through, wave

MA = 1e-3
MA_MIN = 0.06


def u_of(reading: Reading, source: str) -> float:
    """Return the standard uncertainty that a reading has from a source, signed."""
    return sum(c.u for c in reading.components if c.source == source)


def session_20_min(current_a: float = 15 * MA, interval_s: float = 0.5) -> Waveform:
    """Return twenty minutes with linear ramps of thirty seconds inside."""
    points = [(0.0, 0.0), (10.0, 0.0), (40.0, current_a), (1180.0, current_a), (1210.0, 0.0), (1220.0, 0.0)]
    return through(points, interval_s, 1220.0)


@pytest.mark.parametrize("interval_s", [0.1, 0.25, 0.5])
def test_dose_of_15_ma_for_20_min_with_ramps_of_30_s_inside_is_292_5_ma_min(interval_s: float) -> None:
    """15·19 + 2·½·0.5·15 mA·min, whatever the distance of the samples."""
    found = dose(session_20_min(interval_s=interval_s))

    assert found.total.value / MA_MIN == pytest.approx(292.5, rel=1e-9)
    assert found.positive.value == pytest.approx(found.total.value)
    assert found.negative.value == 0.0
    assert found.total.unit == "A·s"


def test_dose_of_a_reversed_session_is_told_per_polarity() -> None:
    """Ten seconds at +10 mA and five at -10 mA are 0.1 and 0.05 A·s, and 0.15 in all."""
    points = [(0.0, 0.0), (1.0, 10 * MA), (11.0, 10 * MA), (12.0, 0.0), (13.0, -10 * MA), (18.0, -10 * MA), (19.0, 0.0)]
    found = dose(through(points, 0.1, 20.0))

    assert found.positive.value == pytest.approx(0.11)
    assert found.negative.value == pytest.approx(0.06)
    assert found.total.value == pytest.approx(0.17)


def test_offset_of_the_meter_cancels_in_the_dose_of_two_equal_halves() -> None:
    """What an offset adds to the positive half it takes from the negative one."""
    values = [10 * MA] * 100 + [0.0] + [-10 * MA] * 100
    found = dose(wave(values, 0.1))

    assert u_of(found.total, "meter offset") == pytest.approx(0.0, abs=1e-18)
    assert u_of(found.positive, "meter offset") == pytest.approx(1e-6 * 10.0)
    assert u_of(found.total, "meter gain") == pytest.approx(found.total.value * 1e-4)


@given(at_s=st.floats(3.0, 7.0))
def test_dose_of_a_step_is_inside_its_uncertainty_wherever_the_step_is(at_s: float) -> None:
    """A step between two samples is uncertain by half of step times interval, and never by more."""
    at = np.arange(0.0, 10.0, 0.5)
    found = dose(wave(np.where(at < at_s, 10 * MA, 0.0), 0.5)).total
    sampling = next(c for c in found.components if c.source.startswith("sampling"))

    assert abs(found.value - 10 * MA * at_s) <= sampling.u * math.sqrt(3.0) * (1 + 1e-9)


def test_plateau_is_not_moved_by_ramps_pauses_reversals_or_an_outlier() -> None:
    """The plateau is where most of the time is spent."""
    points = [
        (0.0, 0.0),
        (20.0, 20 * MA),
        (100.0, 20 * MA),
        (120.0, 0.0),
        (150.0, 0.0),
        (170.0, -20 * MA),
        (250.0, -20 * MA),
    ]
    points += [(270.0, 0.0), (300.0, 0.0)]
    waveform = through(points, 0.5, 300.0)
    waveform.values[200] = 80 * MA

    found = plateau(waveform)

    assert found.value == pytest.approx(20 * MA, rel=1e-9)
    # The median lies among the samples of one polarity, and moves with their offset.
    assert abs(u_of(found, "meter offset")) == pytest.approx(1e-6)


def test_means_over_a_millisecond_see_through_pulses() -> None:
    """Ten periods of 50 % duty at 30 mA are 15 mA."""
    samples = np.where(np.arange(10000) % 20 < 10, 30 * MA, 0.0)

    smooth = means(wave(samples, 5e-6))

    assert smooth.interval_s == pytest.approx(1e-3)
    assert smooth.values == pytest.approx(np.full(50, 15 * MA))
    assert smooth.noise[0].u == pytest.approx(1e-7 / math.sqrt(200))


def test_times_are_the_middles_of_the_apertures() -> None:
    """A mean over 20 ms that begins at 0.5 s stands for 0.51 s."""
    assert times(wave([0.0, 0.0], 0.1, start_s=0.5, aperture_s=0.02)) == pytest.approx([0.51, 0.61])


def test_largest_step_of_a_ramp_is_what_it_climbs_in_10_ms() -> None:
    """1 mA/s is 10 µA in 10 ms."""
    found = largest_step(through([(0.0, 0.0), (5.0, 5 * MA)], 1e-3, 5.0), label="ramp")

    assert found.value == pytest.approx(10e-6, rel=1e-6)
    assert u_of(found, "meter offset") == 0.0


@given(step_a=st.floats(0.1 * MA, 5 * MA), down=st.booleans())
def test_a_step_anywhere_is_seen_in_full(step_a: float, down: bool) -> None:
    """A step up or down is found with its height, on a plateau of 10 mA."""
    values = np.full(5000, 10 * MA)
    values[2345:] += -step_a if down else step_a

    assert largest_step(wave(values, 0.1e-3), label="step").value == pytest.approx(step_a)


def test_a_step_through_zero_counts_with_both_sides() -> None:
    """A reversal under 10 mA is a step of 20 mA."""
    values = np.concatenate([np.full(100, 10 * MA), np.full(100, -10 * MA)])

    assert largest_step(wave(values, 1e-3), label="step").value == pytest.approx(20 * MA)


def test_steps_cannot_be_told_from_samples_that_are_too_far_apart() -> None:
    """Samples 20 ms apart say nothing about 10 ms, and the reading says so."""
    assert "must not be over 0.005 s" in largest_step(wave([0.0] * 100, 0.02), label="step").trouble


def test_overshoot_is_told_in_parts_of_the_plateau_and_free_of_gain() -> None:
    """11 mA on the way to 10 mA is 10 %; a wrong gain does not change that."""
    values = np.full(3000, 10 * MA)
    values[:1000] = np.linspace(0.0, 11 * MA, 1000)
    found = overshoot(wave(values, 1e-3), settled_s=2.0, label="overshoot")

    assert found.value == pytest.approx(0.1)
    assert u_of(found, "meter gain") == 0.0


def test_overshoot_without_a_plateau_is_no_number() -> None:
    """An output that is off at the end has no overshoot, and that is not a pass."""
    found = overshoot(wave([0.0] * 100, 1e-3), settled_s=0.05, label="overshoot")

    assert math.isnan(found.value)
    assert found.trouble


def test_level_and_peak_are_told_from_their_window_alone() -> None:
    """What is outside the window does not count."""
    values = np.concatenate([np.full(100, 50 * MA), np.full(100, -2 * MA)])

    assert level_between(wave(values, 0.01), 1.0, 2.0, label="late").value == pytest.approx(-2 * MA)
    assert peak_between(wave(values, 0.01), 1.0, 2.0, label="late").value == pytest.approx(2 * MA)
    assert math.isnan(level_between(wave(values, 0.01), 5.0, 6.0, label="nowhere").value)


@pytest.mark.parametrize(
    ("waveform", "says"),
    [
        (wave([0.0, 1.0], 1.5), "1.5 s apart"),
        (wave([0.0, 1.0], 0.1, largest_gap_s=1.2), "1.2 s apart"),
        (wave([0.0, math.nan], 0.1), "not numbers"),
        (wave([], 0.1), "no samples"),
        (wave([0.0], 0.1, trouble="the supply is in constant current"), "constant current"),
    ],
)
def test_what_spoils_a_waveform_spoils_every_reading_from_it(waveform: Waveform, says: str) -> None:
    """A gap over a second, a NaN, no samples, or trouble while sampling ends in a reading that is no evidence."""
    assert says in trouble_of(waveform)
    assert says in dose(waveform).total.trouble
    assert says in plateau(waveform).trouble
    assert says in largest_step(waveform, label="step").trouble


def test_readings_name_their_instruments_and_have_a_finite_uncertainty() -> None:
    """A reading without instruments or uncertainty could not be judged."""
    for reading in (plateau(session_20_min()), dose(session_20_min()).total):
        assert reading.instruments == ("dmm",)
        assert 0.0 < expanded(reading).U < math.inf
