"""instro's driver for Keysight's 1200 X, unchanged, on a virtual DSOX1204G."""

import math

import numpy as np
import pytest
from instro.lib.transports.visa import VisaConfig
from instro.scope import InstroScope
from instro.scope.drivers.keysight_1200x import Keysight1200X
from instro.scope.types import (
    AcquisitionMode,
    AcquisitionState,
    Coupling,
    ScopeMeasurementType,
    TriggerMode,
    TriggerSlope,
    TriggerType,
)

from fixtures.virtual.instruments.scopes.probes import Square, Steady

PERIOD_NS = 100_000


@pytest.fixture
def driver(plug):
    """Give the driver, with pulses of 10 kHz from -1 V to 1 V, a quarter on, at channel 1, and 0.5 V at channel 2."""
    plugged = plug("DSOX1204G", probes={1: Square(-1.0, 1.0, PERIOD_NS, 0.25), 2: Steady(0.5)})
    driver = Keysight1200X(VisaConfig(plugged.address, visa_backend=plugged.visalib))
    driver.open()
    driver.plugged = plugged
    for channel in (1, 2):
        driver._visa.write(f":CHANnel{channel}:DISPlay 1")
        driver.set_probe_attenuation(1.0, channel)
        driver.set_vertical_scale(0.5, channel)
    driver.check_errors()
    yield driver
    driver.close()


def test_settings_come_back_as_they_were_made(driver):
    """Scale, offset, coupling, probe, time, acquisition."""
    driver.set_vertical_offset(0.25, 1)
    driver.set_coupling(Coupling.AC, 2)
    driver.set_horizontal_scale(1e-4)
    driver.set_acquisition_mode(AcquisitionMode.AVERAGE)
    driver.set_average_count(16)

    assert driver.get_vertical_scale(1) == 0.5
    assert driver.get_vertical_offset(1) == 0.25
    assert driver.get_coupling(2) is Coupling.AC
    assert driver.get_probe_attenuation(1) == 1.0
    assert driver.get_horizontal_scale() == 1e-4
    assert driver.get_acquisition_mode() is AcquisitionMode.AVERAGE
    assert driver.get_average_count() == 16
    assert driver.get_sample_rate() > 1e6
    driver.check_errors()


def test_a_triggered_shot_is_fetched(driver):
    """The rising edge lies at time zero, and both voltages are those of the source."""
    driver.set_horizontal_scale(1e-5)
    driver.set_trigger_source(1)
    driver.set_trigger_type(TriggerType.EDGE)
    driver.set_trigger_slope(TriggerSlope.RISING)
    driver.set_trigger_mode(TriggerMode.NORMAL)
    driver.set_trigger_level(0.0)
    driver.digitize(2.0)

    waveform = driver.fetch_waveform(1)

    volts, times = np.array(waveform.voltages), np.array(waveform.times)
    limit = 0.03 * 4 + 0.05 + 2e-3
    rising = times[1:][(volts[1:] > 0) & (volts[:-1] <= 0)]
    assert len(volts) == 1000
    assert abs(rising).min() <= 100 * 1.01
    assert abs(volts[volts > 0].mean() - 1.0) < limit
    assert abs(volts[volts < 0].mean() + 1.0) < limit
    assert driver.get_acquisition_state() is AcquisitionState.STOPPED


def test_a_trigger_that_never_comes_ends_by_a_device_clear(driver):
    """The driver gives up, and the oscilloscope answers again."""
    if driver.plugged.address.endswith("SOCKET"):
        pytest.skip("a raw socket has no device clear, on a real oscilloscope either")
    driver.set_trigger_source(2)
    driver.set_trigger_mode(TriggerMode.NORMAL)
    driver.set_trigger_level(-1.0)

    with pytest.raises(TimeoutError):
        driver.digitize(0.2)

    assert driver.get_vertical_scale(1) == 0.5


def test_measurements_are_those_of_the_pulses(driver):
    """4 V full scale: voltages within the data sheet, times within 50 ppm and a sample."""
    driver.set_horizontal_scale(5e-5)
    driver.digitize(2.0)

    found = {kind: driver.measure(kind, 1) for kind in ScopeMeasurementType}

    assert found[ScopeMeasurementType.FREQUENCY] == pytest.approx(1e4, rel=1e-3)
    assert found[ScopeMeasurementType.PERIOD] == pytest.approx(1e-4, rel=1e-3)
    assert found[ScopeMeasurementType.DUTY_CYCLE] == pytest.approx(25.0, rel=0.01)
    assert found[ScopeMeasurementType.VPP] == pytest.approx(2.0, abs=0.25)
    assert found[ScopeMeasurementType.VAVG] == pytest.approx(-0.5, abs=0.18)
    assert found[ScopeMeasurementType.VRMS] == pytest.approx(1.0, abs=0.18)
    assert not any(math.isnan(value) for value in found.values())


def test_what_cannot_be_measured_is_no_number(driver):
    """A steady voltage has no frequency; Keysight's 9.9E37 stands for that."""
    driver.digitize(2.0)

    assert driver.measure(ScopeMeasurementType.FREQUENCY, 2) >= 9.9e37


def test_screen_and_settings_are_saved(driver, tmp_path):
    """A picture, and a setup that brings the settings back."""
    picture, setup = tmp_path / "screen.png", tmp_path / "setup.scp"
    driver.digitize(2.0)

    driver.save_screenshot(str(picture))
    driver.save_settings(str(setup))
    assert picture.read_bytes().startswith(b"\x89PNG")
    if driver.plugged.address.endswith("SOCKET"):
        pytest.skip("the driver sends the setup without a line feed, and on a raw socket nothing else ends a message")

    driver.set_vertical_scale(0.1, 1)
    driver.load_settings(str(setup))

    assert driver.get_vertical_scale(1) == 0.5


def test_the_whole_instrument_of_instro_works_on_it(plug):
    """InstroScope opens it, sets it, and fetches a steady voltage."""
    plugged = plug("DSOX1204G", probes={1: Steady(1.0)})
    scope = InstroScope(
        "scope", driver=Keysight1200X(VisaConfig(plugged.address, visa_backend=plugged.visalib)), num_channels=4
    )
    scope.open()
    try:
        scope.set_probe_attenuation(1.0, 1)
        scope.set_vertical_scale(0.5, 1)
        scope.single()
        plugged.clock.sleep(0.1)
        measured = scope.measure(ScopeMeasurementType.VAVG, 1)
    finally:
        scope.close()

    value = next(iter(measured.channel_data.values()))[0]
    assert abs(value - 1.0) < 0.03 * 4 + 0.05 + 2e-3
