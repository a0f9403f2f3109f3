"""When a fault began, when it was noticed, and when the output was off, on waveforms that were worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading import Component, Reading
from harness.waveform import Waveform
from test_plans.cutoff import (
    appearance,
    between,
    collapse,
    cutoff,
    fall,
    host_instant,
    record_s,
    rise,
    voltage_collapse,
)
from tests.test_plans.waves import wave

MA = 1e-3
DT = 0.5e-3


def record(current_a: float, fault_s: float, off_s: float, *, fault_a: float, stop_s: float = 4.0) -> Waveform:
    """Return a current that goes to fault_a at fault_s, and to zero at off_s; the record begins at -0.5 s."""
    at = np.arange(-0.5, stop_s, DT)
    return wave(np.where(at < fault_s, current_a, np.where(at < off_s, fault_a, 0.0)), DT, start_s=-0.5)


def at_zero() -> Reading:
    """Return the instant zero, as told by a waveform."""
    return Reading(0.0, "s", (Component("latency", 1e-3),), ("scope",))


@given(off_s=st.floats(0.01, 2.5))
def test_cutoff_is_found_wherever_it_is(off_s: float) -> None:
    """The finder is right within two means of 1 ms."""
    found = cutoff(record(20 * MA, 0.0, off_s, fault_a=20 * MA), at_zero(), 1 * MA)

    assert found.cutoff.value == pytest.approx(off_s, abs=2e-3)
    assert found.detection.value == pytest.approx(off_s, abs=2e-3)
    assert found.charge.value == pytest.approx(20 * MA * off_s, abs=20 * MA * 3e-3)
    assert found.before.value == pytest.approx(20 * MA)
    assert found.cutoff.trouble == ""


@given(off_s=st.floats(0.1, 1.0), again_s=st.floats(1.2, 2.0))
def test_an_output_that_comes_back_was_not_cut_off(off_s: float, again_s: float) -> None:
    """Off counts from the last time that the output was above the threshold."""
    waveform = record(20 * MA, 0.0, off_s, fault_a=20 * MA)
    at = waveform.start_s + DT * np.arange(waveform.values.size)
    waveform.values[(at >= again_s) & (at < again_s + 0.05)] = 5 * MA

    assert cutoff(waveform, at_zero(), 1 * MA).cutoff.value == pytest.approx(again_s + 0.05, abs=2e-3)


@given(lawful_s=st.floats(0.05, 5.0))
def test_an_output_that_is_never_cut_off_is_beyond_what_is_lawful(lawful_s: float) -> None:
    """The record is so long that an output that stays on is always too late, never in time."""
    at = np.arange(-0.5, record_s(lawful_s), 0.01)
    waveform = wave(np.full(at.size, 20 * MA), 0.01, start_s=-0.5)

    assert cutoff(waveform, at_zero(), 1 * MA).cutoff.value > lawful_s


@given(lawful_s=st.floats(0.05, 5.0), late=st.floats(0.01, 1.0))
def test_an_output_that_is_on_in_the_last_second_is_beyond_what_is_lawful(lawful_s: float, late: float) -> None:
    """Less than a second of quiet is no cutoff."""
    end_s = record_s(lawful_s)
    at = np.arange(-0.5, end_s, 0.01)
    waveform = wave(np.where(at < end_s - 0.9 * late, 20 * MA, 0.0), 0.01, start_s=-0.5)

    assert cutoff(waveform, at_zero(), 1 * MA).cutoff.value > lawful_s


def test_a_reaction_comes_before_the_cutoff_when_the_output_ramps_down() -> None:
    """From 20 mA at 20 mA/s: 95 % after 0.05 s, 1 mA after 0.95 s."""
    at = np.arange(-0.5, 4.0, DT)
    waveform = wave(np.clip(20 * MA - 20 * MA * np.maximum(at, 0.0), 0.0, None), DT, start_s=-0.5)

    found = cutoff(waveform, at_zero(), 1 * MA)

    assert found.detection.value == pytest.approx(0.05, abs=2e-3)
    assert found.cutoff.value == pytest.approx(0.95, abs=2e-3)
    assert found.charge.value == pytest.approx(20 * MA * (0.95 - 0.95**2 / 2), rel=0.01)


def test_an_output_that_was_off_before_proves_nothing() -> None:
    """A device that never started would pass every cutoff, so this is trouble."""
    found = cutoff(record(0.0, 0.0, 0.0, fault_a=0.0), at_zero(), 1 * MA)

    assert "must be above 0.001 A" in found.cutoff.trouble


def test_a_record_that_is_too_short_is_trouble() -> None:
    """A second of quiet must be seen."""
    found = cutoff(record(20 * MA, 0.0, 0.1, fault_a=20 * MA, stop_s=0.8), at_zero(), 1 * MA)

    assert "must go on for over 1 s" in found.cutoff.trouble


def test_a_fault_that_was_never_seen_is_trouble_and_no_number() -> None:
    """Without its instant there is no time since."""
    waveform = record(20 * MA, 5.0, 6.0, fault_a=20 * MA)
    began = collapse(waveform)

    found = cutoff(waveform, began, 1 * MA)

    assert math.isnan(found.cutoff.value)
    assert "never fell below" in found.cutoff.trouble


def test_instants_of_conditions_are_found_where_they_are() -> None:
    """Collapse by half, fall and rise through a fixed level, each within two means."""
    current = record(20 * MA, 0.25, 0.25, fault_a=0.0)
    supply = wave(np.interp(np.arange(0.0, 2.0, DT), [0.0, 1.0, 1.5, 2.0], [5.0, 5.0, 4.0, 4.0]), DT, unit="V")
    burst = record(20 * MA, 0.1, 0.1005, fault_a=60 * MA)

    assert collapse(current).value == pytest.approx(0.25, abs=2e-3)
    assert fall(supply, 4.5).value == pytest.approx(1.25, abs=2e-3)
    assert rise(burst, 35 * MA, mean_s=0.0).value == pytest.approx(0.1, abs=1e-3)
    assert "never reached" in rise(current, 35 * MA).trouble


def test_a_burst_of_half_a_millisecond_is_seen_sample_by_sample() -> None:
    """60 mA for 0.5 ms: 30 µC and a peak of 60 mA."""
    at = np.arange(-0.5, 2.6, 50e-6)
    values = np.where(at < 0.0, 20 * MA, np.where(at < 0.5e-3, 60 * MA, 0.0))
    waveform = wave(values, 50e-6, start_s=-0.5)

    found = cutoff(waveform, rise(waveform, 35 * MA, mean_s=0.0), 1 * MA, mean_s=0.0)

    assert found.peak.value == pytest.approx(60 * MA)
    assert found.cutoff.value == pytest.approx(0.5e-3, abs=0.11e-3)
    assert found.charge.value == pytest.approx(30e-6, rel=0.11)


def test_an_open_electrode_is_judged_by_the_collapse_of_its_voltage() -> None:
    """10 V rise to 60 V at the open circuit, and are gone after 0.3 s."""
    at = np.arange(-0.5, 4.0, DT)
    output = wave(np.where(at < 0.0, 10.0, np.where(at < 0.3, 60.0, 0.0)), DT, start_s=-0.5, unit="V")

    found = voltage_collapse(output, at_zero())

    assert found.cutoff.value == pytest.approx(0.3, abs=2e-3)
    assert found.peak.value == pytest.approx(60.0)
    assert found.peak.unit == "V"


def test_latency_of_one_waveform_cancels_between_condition_and_cutoff() -> None:
    """Both instants are from the same record."""
    current = record(20 * MA, 0.1, 0.4, fault_a=9 * MA)
    found = cutoff(current, collapse(current), 1 * MA)

    assert sum(c.u for c in found.cutoff.components if c.source == "latency") == pytest.approx(0.0, abs=1e-15)
    assert found.cutoff.value == pytest.approx(0.3, abs=3e-3)


def test_latency_counts_where_the_host_told_the_instant() -> None:
    """The host's clock knows nothing of the delay in the scope."""
    current = record(20 * MA, 0.0, 0.9, fault_a=20 * MA)
    zero = between(Reading(10.0, "s"), Reading(10.002, "s"), "arming")
    command = between(Reading(10.5, "s"), Reading(10.51, "s"), "command")

    found = cutoff(current, host_instant(current, command, zero), 1 * MA)

    assert any(c.source == "latency" and c.u for c in found.cutoff.components)
    assert {c.source for c in found.cutoff.components} >= {"arming", "command"}


def test_an_output_that_was_off_when_the_host_told_the_instant_took_no_time() -> None:
    """The host tells an instant to some milliseconds, and a device may be faster than that."""
    found = cutoff(record(20 * MA, 0.0, -5e-3, fault_a=0.0), at_zero(), 1 * MA)

    assert found.cutoff.value == pytest.approx(0.0, abs=2e-3)
    assert found.detection.value == pytest.approx(0.0, abs=2e-3)
    assert found.before.value == pytest.approx(20 * MA)


def test_an_instant_between_two_looks_is_their_middle_and_uncertain_by_half_of_their_distance() -> None:
    """Between 1.0 s and 1.2 s: 1.1 s, rectangular, 0.1 s to either side."""
    found = between(Reading(1.0, "s"), Reading(1.2, "s"), "way")

    assert found.value == pytest.approx(1.1)
    assert found.components[-1].u == pytest.approx(0.1 / math.sqrt(3.0))


def test_a_voltage_appears_when_it_first_reaches_a_tenth_of_its_highest() -> None:
    """A ramp of 10 V/s from 0 s to 20 V is at a tenth of that after 0.2 s."""
    at = np.arange(-0.5, 4.0, DT)
    found = appearance(wave(np.clip(10.0 * at, 0.0, 20.0), DT, start_s=-0.5, unit="V"))

    assert found.value == pytest.approx(0.2, abs=2e-3)
    assert found.trouble == ""


def test_a_voltage_that_never_stood_out_from_the_noise_did_not_appear() -> None:
    """What a device does about an open circuit cannot be told from an output that was never on."""
    found = appearance(wave(np.full(1000, 5e-7), DT, unit="V"))

    assert math.isnan(found.value)
    assert "appeared" in found.trouble
