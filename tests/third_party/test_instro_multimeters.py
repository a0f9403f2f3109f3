"""instro's drivers of multimeters, unchanged, on virtual instruments."""

import numpy as np
import pytest
from instro.dmm import InstroDMM
from instro.dmm.drivers import Agilent34401A, Keysight34461A
from instro.dmm.types import MeasurementFunction
from instro.lib.transports.visa import VisaConfig

from fixtures.virtual.instruments.meters.terminals import Still
from fixtures.virtual.instruments.meters.waves import Sine


@pytest.fixture
def meter(plug):
    """Give instro's Keysight34461A, opened on a virtual one."""
    yield from _opened(Keysight34461A, "34461A", plug)


@pytest.fixture
def old_meter(plug):
    """Give instro's Agilent34401A, opened on a virtual one."""
    yield from _opened(Agilent34401A, "34401A", plug)


def _opened(driver, model, plug):
    plugged = plug(model)
    device = driver(VisaConfig(plugged.address, visa_backend=plugged.visalib))
    device.open()
    device.plugged = plugged
    yield device
    device.close()


def _measure_everything(device):
    device.plugged.instrument.connect(Sine(amplitude_v=0.3, frequency=1000.0, offset_v=0.1))
    device.plugged.instrument.connect_in_series(Still.current(-0.05))
    assert device.measure_dc_voltage() == pytest.approx(0.1, abs=5e-5)
    assert device.measure_ac_voltage() == pytest.approx(0.3 / np.sqrt(2.0), rel=3e-3)
    assert device.measure_dc_current() == pytest.approx(-0.05, rel=1e-3)
    assert device.measure_ac_current() == pytest.approx(0.0, abs=1e-3)
    device.plugged.instrument.connect(Still(resistance_ohm=10e3))
    assert device.measure_resistance() == pytest.approx(10e3, rel=3e-4)
    assert device.measure_four_wire_resistance() == pytest.approx(10e3, rel=3e-4)


def test_a_34461a_measures_all_six_functions(meter):
    """Each reading is what lies on the terminals, within what its range permits; the driver asks for errors itself."""
    _measure_everything(meter)


def test_a_34401a_measures_all_six_functions(old_meter):
    """The same with the old meter's driver, which configures by MEAS?."""
    _measure_everything(old_meter)


def test_ranges_and_apertures_are_kept_between_functions(meter):
    """The driver never resets: what was set for a function holds when it is chosen again."""
    meter.set_dc_voltage_range(10.0)
    meter.set_dc_voltage_nplc(0.2)
    meter.set_two_wire_resistance_range(1e3)
    meter.set_dc_current_range(None)
    meter.set_ac_voltage_range(1.0)
    meter.plugged.instrument.connect(Still(volts=-7.0))
    meter.set_measurement_function(MeasurementFunction.AC_VOLTAGE)
    before_ns = meter.plugged.clock.now_ns()

    volts = meter.measure_dc_voltage()

    passed_s = (meter.plugged.clock.now_ns() - before_ns) * 1e-9
    assert volts == pytest.approx(-7.0, abs=2e-3)
    assert 0.008 < passed_s < 0.02  # 0.2 periods of 50 Hz are 4 ms, twice for autozero, and a delay


def test_what_the_meter_refuses_is_told(meter):
    """The error of the queue becomes the driver's."""
    with pytest.raises(RuntimeError, match="-222"):
        meter.set_dc_voltage_range(5000.0)


def test_an_instrument_of_instro_reads(plug):
    """InstroDMM, which people use, sets function, range and aperture, and reads with a channel name."""
    plugged = plug("34461A")
    plugged.instrument.connect(Still(volts=3.3))
    driver = Keysight34461A(VisaConfig(plugged.address, visa_backend=plugged.visalib))
    with InstroDMM("bench", driver=driver) as meter:
        meter.set_measurement_function(MeasurementFunction.DC_VOLTAGE)
        meter.set_range(10.0)
        meter.set_aperture_nplc(1)
        measurement = meter.read()

    values = [value for channel in measurement.channel_data.values() for value in channel]
    assert values == pytest.approx([3.3], abs=5e-4)
