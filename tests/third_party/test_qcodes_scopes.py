"""qcodes' driver for the Rigol DS1074Z, unchanged, on a virtual one."""

import itertools

import numpy as np
import pytest
from qcodes.instrument_drivers.rigol import RigolDS1074Z

from fixtures.virtual.instruments.scopes.probes import Sine, Steady

_numbers = itertools.count(1)


@pytest.fixture
def scope(plug):
    """Give the driver, on an oscilloscope with 1.5 V at channel 1 and a sine of 1 kHz at channel 2."""
    plugged = plug("DS1074Z", probes={1: Steady(1.5), 2: Sine(2.0, 1e3)})
    scope = RigolDS1074Z(f"scope{next(_numbers)}", plugged.address, visalib=plugged.visalib)
    scope.plugged = plugged
    yield scope
    scope.close()


def test_it_is_identified(scope):
    """Maker, model, serial number and firmware."""
    identity = scope.get_idn()

    assert (identity["vendor"], identity["model"], identity["serial"]) == (
        "RIGOL TECHNOLOGIES",
        "DS1074Z",
        "VB00000001",
    )


def test_settings_come_back_as_they_were_made(scope):
    """Trigger, source and scale."""
    scope.trigger_mode("edge")
    scope.trigger_edge_source("ch2")
    scope.trigger_edge_slope("negative")
    scope.channels[1].vertical_scale(0.5)
    scope.trigger_level(0.25)

    assert scope.trigger_mode() == "EDGE"
    assert scope.trigger_edge_source() == "ch2"
    assert scope.trigger_edge_slope() == "NEG"
    assert scope.channels[1].vertical_scale() == 0.5
    assert float(scope.trigger_level()) == 0.25


def test_a_trace_of_the_screen_is_the_known_voltage(scope):
    """1.5 V through words of which the low byte counts; 1200 points, a hundredth of a division apart."""
    scope.write(":CHAN1:PROB 1;SCAL 0.5;:TIM:MAIN:SCAL 1e-3")

    volts = scope.channels[0].trace()
    times = scope.time_axis()

    assert len(volts) == len(times) == 1200
    assert abs(volts.mean() - 1.5) < 0.03 * 4 + 0.05 + 2e-3
    assert scope.waveform_xincrem() == pytest.approx(1e-5)
    assert times[0] == pytest.approx(-6e-3)


def test_a_sine_is_seen_with_its_frequency_and_amplitude(scope):
    """The spectrum of the trace has its peak at 1 kHz, and the trace spans 4 V."""
    scope.write(":CHAN2:DISP 1;:CHAN2:PROB 1;SCAL 0.8;:TIM:MAIN:SCAL 1e-3;:TRIG:EDG:SOUR CHAN2")

    volts = scope.channels[1].trace()

    spectrum = np.abs(np.fft.rfft(volts - volts.mean()))
    hertz = np.fft.rfftfreq(len(volts), scope.waveform_xincrem())[spectrum.argmax()]
    assert hertz == pytest.approx(1000.0, rel=0.01)
    assert np.ptp(volts) == pytest.approx(4.0, rel=0.1)
