"""On-time, plateau time, pauses and reversals of sessions that were worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.budget import expanded
from harness.reading import Distribution
from test_plans.timing import Threshold, crossing, session, stretches
from tests.test_plans.waves import through, wave

MA = 1e-3


def test_on_time_is_from_the_first_rise_to_the_last_fall_through_5_percent() -> None:
    """Ramps of 30 s in 20 min: 1200 s less twice 1.5 s; above 95 % it is 1140 s and twice 1.5 s."""
    points = [(10.0, 0.0), (40.0, 15 * MA), (1180.0, 15 * MA), (1210.0, 0.0)]
    found = session(through(points, 0.25, 1300.0))

    assert found.on_time.value == pytest.approx(1197.0, abs=0.25)
    assert found.plateau_time.value == pytest.approx(1143.0, abs=0.25)
    assert (found.reversals, found.pauses) == (0, 0)
    assert math.isnan(found.reversal.value)
    assert found.reversal.trouble == "the polarity of the output never changed"


def test_a_span_between_95_percent_points_holds_what_interrupts_the_plateau() -> None:
    """Ramps of 10 s around a plateau that is interrupted: from 9.5 s to 300.5 s, of which 182 s are plateau."""
    points = [(0.0, 0.0), (10.0, 10 * MA), (100.0, 10 * MA), (110.0, 0.0), (200.0, 0.0), (210.0, -10 * MA)]
    points += [(300.0, -10 * MA), (310.0, 0.0)]
    found = session(through(points, 0.05, 320.0))

    assert found.plateau_span.value == pytest.approx(291.0, abs=0.1)
    assert found.plateau_time.value == pytest.approx(182.0, abs=0.2)
    assert session(wave([0.0] * 100, 0.5)).plateau_span.value == 0.0


def test_a_reversal_is_dead_time_and_no_pause() -> None:
    """Ramps of 10 s, a dead time of 1 s: 2 s below 5 % in all, and its middle is half time."""
    points = [(0.0, 0.0), (10.0, 10 * MA), (139.5, 10 * MA), (149.5, 0.0), (150.5, 0.0), (160.5, -10 * MA)]
    points += [(290.0, -10 * MA), (300.0, 0.0)]
    found = session(through(points, 0.05, 310.0))

    assert found.reversals == 1
    assert found.pauses == 0
    assert found.dead_time.value == pytest.approx(2.0, abs=0.1)
    assert found.reversal.value == pytest.approx(150.0 - 0.5, abs=0.1)
    assert found.pause_time.value == 0.0


def test_a_pause_is_told_apart_from_the_on_time() -> None:
    """A minute at zero between two stretches of one polarity is one pause of 61 s at ramps of 10 s."""
    points = [(0.0, 0.0), (10.0, 10 * MA), (100.0, 10 * MA), (110.0, 0.0), (170.0, 0.0), (180.0, 10 * MA)]
    points += [(300.0, 10 * MA), (310.0, 0.0)]
    found = session(through(points, 0.1, 320.0))

    assert (found.reversals, found.pauses) == (0, 1)
    assert found.pause_time.value == pytest.approx(61.0, abs=0.2)


def test_an_output_that_is_never_on_was_on_for_no_time() -> None:
    """That is evidence against a device, so it is a number, and no trouble."""
    found = session(wave([0.0] * 1000, 0.5))

    assert found.on_time.value == 0.0
    assert found.on_time.trouble == ""
    assert found.on_time.instruments == ("dmm",)


def test_what_was_never_on_is_judged_and_not_left_out() -> None:
    """0 s is a number with an uncertainty: what is shorter than the distance of two samples may have been missed."""
    found = session(wave([0.0] * 100, 0.5))

    assert expanded(found.on_time).U > 0.0
    assert not found.on_time.trouble


def test_an_output_that_never_ends_was_on_until_the_record_ended() -> None:
    """A session that runs on beyond the record is at least as long as the record."""
    found = session(through([(10.0, 0.0), (20.0, 10 * MA)], 0.5, 500.0))

    assert found.on_time.value == pytest.approx(489.5, abs=0.5)
    assert found.on_time.trouble == ""


def test_an_output_that_was_on_before_the_record_began_is_trouble() -> None:
    """Its beginning was missed, so its time cannot be told."""
    found = session(through([(0.0, 10 * MA), (100.0, 10 * MA), (110.0, 0.0)], 0.5, 200.0))

    assert "was on when the record began" in found.on_time.trouble


def test_a_gap_over_a_second_is_trouble_for_every_time() -> None:
    """Nobody knows what the output did in the gap."""
    found = session(wave([0.0] * 10 + [10 * MA] * 80 + [0.0] * 10, 0.5, largest_gap_s=1.5))

    for reading in (found.on_time, found.plateau_time):
        assert "1.5 s apart" in reading.trouble


def test_latency_cancels_in_a_time_and_the_timebase_does_not() -> None:
    """A time is the difference of two instants that were late by the same."""
    components = {
        c.source: c
        for c in session(through([(10.0, 0.0), (20.0, MA), (100.0, MA), (110.0, 0.0)], 0.1, 120.0)).on_time.components
    }

    assert components["latency"].u == pytest.approx(0.0, abs=1e-15)
    assert components["timebase"].u == pytest.approx(1e-5 * 99.0, rel=2e-3)
    assert components["timebase"].distribution is Distribution.RECTANGULAR


def test_an_offset_of_the_meter_shifts_both_edges_apart_by_offset_over_slope() -> None:
    """At 1 mA/s and 1 µA (95 % of it, as the plateau shifts too) the edges move apart by 0.95 ms each."""
    points = [(10.0, 0.0), (30.0, 20 * MA), (100.0, 20 * MA), (120.0, 0.0)]
    components = {c.source: c.u for c in session(through(points, 0.1, 130.0)).on_time.components}

    assert abs(components["meter offset"]) == pytest.approx(2 * 0.95e-3, rel=1e-3)


def test_an_offset_hardly_moves_the_on_time_of_two_polarities() -> None:
    """With a falling edge of the other sign, both edges move the same way."""
    points = [(10.0, 0.0), (30.0, 20 * MA), (100.0, 20 * MA), (120.0, 0.0), (121.0, 0.0), (141.0, -20 * MA)]
    points += [(200.0, -20 * MA), (220.0, 0.0)]
    components = {c.source: c.u for c in session(through(points, 0.1, 230.0)).on_time.components}

    assert components["meter offset"] == pytest.approx(0.0, abs=1e-6)


@given(rise_s=st.floats(5.0, 6.0), fall_s=st.floats(20.0, 21.0), aperture_s=st.sampled_from([0.0, 0.1, 0.25]))
def test_the_true_time_is_within_the_bounds_of_the_sampling(rise_s: float, fall_s: float, aperture_s: float) -> None:
    """Wherever the edges are between samples, each is off by no more than half of interval and aperture together."""
    fine = np.arange(0.0, 30.0, 1e-3)
    signal = np.where((fine >= rise_s) & (fine < fall_s), 10 * MA, 0.0)
    width = max(1, round(aperture_s / 1e-3))
    integral = np.concatenate([[0.0], np.cumsum(signal)])
    starts = np.arange(0, fine.size - width, 250)
    waveform = wave((integral[starts + width] - integral[starts]) / width, 0.25, aperture_s=aperture_s)

    found = session(waveform).on_time

    assert abs(found.value - (fall_s - rise_s)) <= 0.25 + aperture_s + 3e-3
    assert 0.25 + aperture_s >= expanded(found).U


def test_a_crossing_of_a_fixed_threshold_knows_the_gain() -> None:
    """1 mA at 1 mA/s: a gain that is 100 ppm too high crosses 0.1 ms too early."""
    waveform = through([(0.0, 0.0), (10.0, 10 * MA)], 0.1, 10.0)
    index = int(np.flatnonzero(waveform.values < MA - 1e-12)[-1])
    components = {c.source: c.u for c in crossing(waveform, index, Threshold(MA), "here").components}

    assert components["meter gain"] == pytest.approx(-1e-4, rel=1e-3)


@given(st.lists(st.booleans(), min_size=2, max_size=60))
def test_stretches_are_exactly_the_samples_above_the_threshold(pattern: list[bool]) -> None:
    """Every sample above is in one stretch, in order, and none below is."""
    waveform = wave([MA if on else 0.0 for on in pattern], 0.1)

    found = stretches(waveform, Threshold(0.5 * MA), "on")

    covered = [i for stretch in found for i in range(stretch.first, stretch.last + 1)]
    assert covered == [i for i, on in enumerate(pattern) if on]
