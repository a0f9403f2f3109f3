"""The multimeter drivers of qcodes, unchanged, on virtual instruments."""

import numpy as np
import pytest
from qcodes.instrument_drivers.Keysight import Keysight34461A, Keysight34465A

from fixtures.virtual.instruments.meters.terminals import Still
from fixtures.virtual.instruments.meters.waves import Pulses, Sine

DRIVERS = {"34461A": Keysight34461A, "34465A": Keysight34465A}


@pytest.fixture(params=sorted(DRIVERS))
def meter(request, plug):
    """Give one of qcodes' drivers, connected to its virtual meter."""
    yield from _opened(request.param, plug)


@pytest.fixture
def timed(plug):
    """Give qcodes' driver of the 34465A, which has a sample timer."""
    yield from _opened("34465A", plug)


def _opened(model, plug):
    plugged = plug(model)
    device = DRIVERS[model]("dmm", plugged.address, visalib=plugged.visalib, silent=True)
    device.timeout(30)
    device.plugged = plugged
    yield device
    device.close()


def test_it_is_identified(meter):
    """Maker, model, serial number and firmware stand where the driver looks for them."""
    identity = meter.get_idn()

    assert identity["vendor"] == "Keysight Technologies"
    assert (identity["model"], identity["serial"]) == (meter.model, "VB00000001")
    assert (meter.has_DIG, meter.has_MEM, meter.line_frequency()) == (meter.model == "34465A", False, 50)


def test_what_lies_on_the_terminals_is_measured(meter):
    """All six functions of the driver, each within what its range permits."""
    meter.plugged.instrument.connect(Sine(amplitude_v=2.0, frequency=400.0, offset_v=1.25))
    meter.plugged.instrument.connect_in_series(Still.current(0.02))

    assert meter.volt() == pytest.approx(1.25, abs=2e-4)
    assert meter.ac_volt() == pytest.approx(np.sqrt(2.0), rel=3e-3)
    assert meter.curr() == pytest.approx(0.02, rel=1e-3)
    assert meter.ac_curr() == pytest.approx(0.0, abs=1e-4)
    meter.plugged.instrument.connect(Still(resistance_ohm=220.0))
    assert meter.res() == pytest.approx(220.0, abs=0.4)
    assert meter.four_wire_res() == pytest.approx(220.0, rel=5e-4)
    assert meter.error() == (0, "No error")


def test_an_open_input_has_no_resistance(meter):
    """9.9E37 becomes infinity."""
    assert meter.res() == np.inf


def test_ranges_apertures_and_resolutions_hang_together(meter):
    """Every range and aperture is taken; the resolution follows, and choosing it chooses the aperture."""
    for range_v in meter.ranges:
        meter.range(range_v)
        assert meter.range() == range_v
    assert meter.autorange() == "OFF"
    meter.range(10)
    for periods, factor in zip(meter.NPLC_list, meter._resolution_factors, strict=True):
        meter.NPLC(periods)
        assert meter.NPLC() == periods
        assert meter.resolution() == pytest.approx(10 * factor)
        meter.NPLC(10)
        meter.resolution(10 * factor)
        assert meter.NPLC() == periods
    meter.increase_range()
    assert meter.range() == 100
    meter.decrease_range()
    assert meter.range() == 10
    meter.autozero("OFF")
    assert meter.autozero() == "OFF"
    assert meter.error() == (0, "No error")


def test_the_range_is_chosen_once(meter):
    """After one choice the range stays."""
    meter.plugged.instrument.connect(Still(volts=0.05))
    meter.curr()  # so that time passes

    meter.sense_function("DC Voltage")
    meter.autorange_once()

    assert (meter.range(), meter.autorange()) == (0.1, "OFF")


def test_triggers_and_display(meter):
    """Bus triggers give readings; the display tells what it was given."""
    meter.plugged.instrument.connect(Still(volts=0.7))
    meter.range(1)
    meter.trigger.source("BUS")
    meter.trigger.count(2)
    meter.sample.count(3)
    meter.trigger.delay(0.01)
    meter.display.text("hello")
    meter.init_measurement()
    meter.trigger.force()
    first = np.array(meter.ask("DATA:REM? 3,WAIT").split(","), dtype=float)
    meter.trigger.force()

    readings = np.concatenate([first, meter.fetch()])

    assert readings == pytest.approx(0.7, abs=1e-4)
    assert (len(readings), meter.display.text(), meter.trigger.auto_delay_enabled()) == (6, "hello", False)
    meter.display.clear()
    assert meter.display.text() == ""
    assert meter.error() == (0, "No error")


def test_an_aperture_in_seconds(timed):
    """It is taken in steps of 2 µs, and ends the one in periods of the mains."""
    timed.aperture_time(0.0123)

    assert timed.aperture_time() == pytest.approx(0.0123)
    assert timed.aperture_mode() == "ON"
    timed.NPLC(1)
    assert timed.aperture_mode() == "OFF"


def test_a_snapshot_after_a_reset_knows_every_parameter(timed):
    """reset() asks for everything that the driver has, and nothing is refused."""
    timed.reset()

    assert timed.error() == (0, "No error")
    assert timed.snapshot()["parameters"]["NPLC"]["value"] == 10.0


def test_a_time_trace_samples_a_pulse_train_where_the_timer_puts_it(timed):
    """Slow pulses, sampled every 10 ms from the trigger on: high and low where the train is."""
    period_ns, on_ns = 400_000_000, 100_000_000
    timed.plugged.instrument.connect(Pulses(high_v=1.0, period_ns=period_ns, on_ns=on_ns))
    timed.range(1)
    timed.NPLC(0.02)
    timed.autozero("OFF")
    timed.timetrace_dt(0.010)
    timed.timetrace_npts(200)

    trace = timed.timetrace()

    times = timed.time_axis()
    assert (len(trace), times[1], timed.timetrace.unit) == (200, pytest.approx(0.010), "V")
    high = trace > 0.5
    edges = np.flatnonzero(np.diff(high.astype(int)) == 1)
    assert np.diff(edges).tolist() == [40] * (len(edges) - 1)
    assert high.mean() == pytest.approx(0.25, abs=0.01)
    assert np.min(np.abs(trace[:, None] - np.array([0.0, 1.0])), axis=1).max() < 5e-4
    assert timed.error() == (0, "No error")


def test_a_time_trace_that_is_too_fast_is_refused(timed):
    """The meter tells its own shortest interval."""
    timed.range(1)
    timed.NPLC(10)
    timed.timetrace_dt(0.1)

    assert timed.sample.timer_minimum() == pytest.approx(0.4)
    with pytest.raises(RuntimeError, match="minimal allowed dt"):
        timed.timetrace()
