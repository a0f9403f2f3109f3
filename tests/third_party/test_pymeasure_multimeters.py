"""pymeasure's drivers of multimeters, unchanged: the HP 34401A, and what passes for one."""

import numpy as np
import pytest
from pymeasure.instruments.agilent import Agilent34410A
from pymeasure.instruments.hp import HP34401A

from fixtures.virtual.instruments.meters.terminals import Still
from fixtures.virtual.instruments.meters.waves import Sine

# What pymeasure tells its own maintainers.
pytestmark = pytest.mark.filterwarnings("ignore:It is not known whether this device:FutureWarning")

FUNCTIONS = ("DCV", "DCV_RATIO", "ACV", "DCI", "ACI", "R2W", "R4W", "FREQ", "PERIOD", "CONTINUITY", "DIODE")
RANGES = {
    "DCV": (0.1, 1, 10), "ACV": (0.1, 1, 10), "DCI": (0.1, 1, 3), "ACI": (1, 3), "R2W": (100, 1e3, 1e4),
    "R4W": (100, 1e3, 1e4), "FREQ": (0.1, 1, 10), "PERIOD": (0.1, 1, 10),
}  # fmt: skip


@pytest.fixture(params=["34401A", "34461A as 34401A"])
def meter(request, plug):
    """Return the driver of a 34401A, and what is plugged in."""
    plugged = plug(request.param[:6])
    driver = HP34401A(plugged.address, visa_library=plugged.visalib, timeout=30_000, read_termination="\n")
    if "as" in request.param:
        driver.write("SYST:IDEN HP34401A")
    driver.write("*RST")
    return driver, plugged.instrument


def test_it_is_a_34401a(meter):
    """Its identity has the four fields of the old meter, without a serial number."""
    driver, _ = meter

    assert driver.id.startswith("HEWLETT-PACKARD,34401A,0,")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_chosen_and_read(meter, function):
    """What was chosen is told again, a reading comes, and nobody complains."""
    driver, _ = meter
    driver.function_ = function

    assert driver.function_ == function
    assert driver.reading is not None
    assert driver.check_errors() == []


@pytest.mark.parametrize("function", sorted(RANGES))
def test_ranges_are_set_and_told(meter, function):
    """Autorange is on at first, and ends when a range is set."""
    driver, _ = meter
    driver.function_ = function

    assert driver.autorange is True
    for full_scale in RANGES[function]:
        driver.range_ = full_scale
        assert driver.range_ == full_scale
    assert driver.autorange is False
    driver.autorange = True
    assert driver.autorange is True
    assert driver.check_errors() == []


def test_settings_come_back_as_they_were_set(meter):
    """Resolution, aperture, gate time, bandwidth, autozero, impedance, trigger, display and beeper."""
    driver, _ = meter
    for function in ("DCV", "ACV", "DCI", "R2W"):
        driver.function_ = function
        driver.range_ = 1
        driver.resolution = 0.0001
        assert driver.resolution == 0.0001
    for function in ("DCV", "DCI", "R2W"):
        driver.function_ = function
        for nplc in (0.02, 1, 100):
            driver.nplc = nplc
            assert driver.nplc == nplc
    for function in ("FREQ", "PERIOD"):
        driver.function_ = function
        for gate_s in (0.01, 1):
            driver.gate_time = gate_s
            assert driver.gate_time == gate_s
    for hertz in (3, 20, 200):
        driver.detector_bandwidth = hertz
        assert driver.detector_bandwidth == hertz
    driver.autozero_enabled = True
    driver.trigger_single_autozero()
    assert driver.autozero_enabled is False
    for on in (True, False):
        driver.auto_input_impedance_enabled = on
        driver.display_enabled = on
        driver.beeper_enabled = on
        driver.trigger_auto_delay_enabled = on
        told = (driver.auto_input_impedance_enabled, driver.display_enabled, driver.beeper_enabled)
        assert (*told, driver.trigger_auto_delay_enabled) == (on,) * 4
    for source in ("IMM", "BUS", "EXT"):
        driver.trigger_source = source
        assert driver.trigger_source == source
    driver.trigger_delay = 10.5
    driver.sample_count = 10
    driver.trigger_count = 10
    driver.displayed_text = "Hello World"
    assert (driver.trigger_delay, driver.sample_count, driver.trigger_count) == (10.5, 10, 10)
    assert (driver.displayed_text, driver.terminals_used) == ("Hello World", "FRONT")
    driver.beep()
    assert driver.check_errors() == []


def test_readings_are_stored_and_fetched(meter):
    """Ten quick readings lie around the voltage on the terminals, and are counted."""
    driver, instrument = meter
    instrument.connect(Still(volts=2.5))
    driver.sample_count = 10
    driver.nplc = 0.02
    driver.init_trigger()
    assert driver.complete

    assert np.asarray(driver.stored_reading) == pytest.approx(2.5, abs=5e-3)
    assert len(driver.stored_reading) == driver.stored_readings_count == 10
    assert driver.self_test_result in (True, False)
    assert driver.check_errors() == []


def test_what_lies_on_the_terminals_is_measured(meter):
    """Direct and alternating voltage, current in series, resistance, frequency and period."""
    driver, instrument = meter
    instrument.connect(Sine(amplitude_v=np.sqrt(2.0), frequency=1000.0, offset_v=0.5))
    instrument.connect_in_series(Still.current(0.05))
    wanted = {"DCV": (0.5, 1e-4), "ACV": (1.0, 2e-3), "DCI": (0.05, 1e-4), "FREQ": (1e3, 0.3), "PERIOD": (1e-3, 3e-7)}
    for function, (value, within) in wanted.items():
        driver.function_ = function
        assert driver.reading == pytest.approx(value, abs=within), function

    instrument.connect(Still(resistance_ohm=4700.0))
    for function in ("R2W", "R4W"):
        driver.function_ = function
        assert driver.reading == pytest.approx(4700.0, abs=1.2)


def test_a_34410a_driver_measures_with_defaults(plug):
    """MEAS? with DEF,DEF answers for the six functions that Agilent34410A has."""
    plugged = plug("34465A")
    plugged.instrument.connect(Still(volts=1.5, resistance_ohm=100.0))
    driver = Agilent34410A(plugged.address, visa_library=plugged.visalib, timeout=30_000, read_termination="\n")

    assert driver.voltage_dc == pytest.approx(1.5, abs=2e-4)
    assert driver.resistance == pytest.approx(100.0, abs=0.4)
    assert driver.resistance_4w == pytest.approx(100.0, rel=5e-4)
    assert (abs(driver.voltage_ac) < 1e-3, abs(driver.current_dc) < 1e-6, abs(driver.current_ac) < 1e-6) == (True,) * 3
