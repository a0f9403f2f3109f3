"""What every multimeter's driver does: it reads what lies there, on the range it was told, or says why not."""

import pytest

from fixtures.virtual.instruments.meters.terminals import Still
from harness.errors import HarnessError, InstrumentError, LocalProtocolError
from tests.instruments.conformance import entries
from tests.instruments.conformance.stand import Stand, limit_of

MAINS_HZ = 50.0


def _facts(stand: Stand) -> entries.Multimeter:
    facts = entries.ENTRIES[stand.name]
    assert isinstance(facts, entries.Multimeter)
    return facts


def _lay(stand: Stand, **what: float) -> None:
    """Put something on the voltage input."""
    with stand.lock:
        stand.unit.connect(Still(**what))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("volts", "range_v"), [(0.05, 0.1), (-0.7, 1.0), (7.5, 10.0), (-95.0, 100.0), (600.0, 1000.0)])
def test_it_reads_the_voltage_that_lies_there(multimeter: Stand, volts: float, range_v: float) -> None:
    """Within the data sheet, with its sign; range, aperture and bench time are told with it."""
    _lay(multimeter, volts=volts)
    driver, plc = multimeter.driver, _facts(multimeter).aperture_plc
    driver.configure_dc_voltage(range_v=range_v, aperture_plc=plc)
    before_ns = multimeter.clock.now_ns()

    raw = driver.read()

    assert raw.value == pytest.approx(volts, abs=limit_of(multimeter.model, raw))
    assert (raw.unit, raw.function, raw.range, raw.aperture_s) == ("V", "dc voltage", range_v, plc / MAINS_HZ)
    assert (driver.range, driver.aperture_s) == (range_v, plc / MAINS_HZ)
    assert before_ns + round(plc / MAINS_HZ * 1e9) <= raw.at_ns <= multimeter.clock.now_ns()


@pytest.mark.parametrize(("ohm", "range_ohm"), [(47.0, 1e2), (470.0, 1e3), (8200.0, 1e4)])
def test_it_reads_the_resistance_that_lies_there(multimeter: Stand, ohm: float, range_ohm: float) -> None:
    """Within the data sheet, by four wires."""
    _lay(multimeter, resistance_ohm=ohm)
    multimeter.driver.configure_resistance(range_ohm=range_ohm, aperture_plc=_facts(multimeter).aperture_plc)

    raw = multimeter.driver.read()

    assert raw.value == pytest.approx(ohm, abs=limit_of(multimeter.model, raw))
    assert (raw.unit, raw.range) == ("Ω", range_ohm)


def test_an_overload_is_an_error_and_the_next_reading_is_none(multimeter: Stand) -> None:
    """9.9E37 never reaches a measurement."""
    plc = _facts(multimeter).aperture_plc
    multimeter.driver.configure_dc_voltage(range_v=1.0, aperture_plc=plc)
    for volts in (5.0, -5.0):
        _lay(multimeter, volts=volts)
        with pytest.raises(InstrumentError, match="overload"):
            multimeter.driver.read()

    _lay(multimeter, volts=0.5)
    assert multimeter.driver.read().value == pytest.approx(0.5, abs=1e-3)
    multimeter.driver.check_errors()


def test_a_range_or_aperture_that_it_has_not_is_refused_before_the_wire(multimeter: Stand) -> None:
    """It would take the next one, and the report would state another one than was asked for."""
    driver, facts = multimeter.driver, _facts(multimeter)

    for range_v, plc in ((2.0, facts.aperture_plc), (1.0, facts.no_aperture_plc), (1e6, facts.aperture_plc)):
        with pytest.raises(LocalProtocolError):
            driver.configure_dc_voltage(range_v=range_v, aperture_plc=plc)
    with pytest.raises(LocalProtocolError):
        driver.configure_resistance(range_ohm=50.0, aperture_plc=facts.aperture_plc)
    driver.check_errors()


def test_a_meter_that_was_not_configured_does_not_read(multimeter: Stand) -> None:
    """Not before the first configuration, and not after a reset."""
    with pytest.raises(LocalProtocolError, match="configured"):
        multimeter.driver.read()
    multimeter.driver.configure_dc_voltage(range_v=1.0, aperture_plc=_facts(multimeter).aperture_plc)
    multimeter.driver.reset()
    with pytest.raises(LocalProtocolError, match="configured"):
        multimeter.driver.read()


def test_a_log_has_its_readings_in_their_time(logger: Stand) -> None:
    """Twenty readings 50 ms apart, taken in two parts, none twice; each is what lay there in its aperture."""
    driver = logger.driver
    _lay(logger, volts=0.25)
    driver.configure_dc_voltage(range_v=1.0, aperture_plc=1.0)
    driver.start_log(count=20, interval_s=0.05)
    logger.clock.sleep(0.5)
    _lay(logger, volts=-0.25)

    first = driver.take_log()
    logger.clock.sleep(0.6)
    rest = driver.take_log()

    assert len(first) == pytest.approx(10, abs=1)
    assert len(first) + len(rest) == 20
    # A reading that was under way when the voltage changed lies between the two.
    assert first[:-1] == pytest.approx([0.25] * (len(first) - 1), abs=1e-3)
    assert rest[1:] == pytest.approx([-0.25] * (len(rest) - 1), abs=1e-3)
    assert len(driver.take_log()) == 0


def test_a_log_that_is_stopped_leaves_what_it_has(logger: Stand) -> None:
    """The readings so far can be taken; single readings work as before."""
    driver = logger.driver
    _lay(logger, volts=0.25)
    driver.configure_dc_voltage(range_v=1.0, aperture_plc=1.0)
    driver.start_log(count=1000, interval_s=0.05)
    logger.clock.sleep(1.01)

    driver.stop_log()

    assert len(driver.take_log()) == pytest.approx(20, abs=1)
    assert driver.read().value == pytest.approx(0.25, abs=1e-3)


def test_a_meter_without_a_sample_timer_says_so(single_reader: Stand) -> None:
    """It does not log with some other interval than the one that was asked for."""
    single_reader.driver.configure_dc_voltage(range_v=1.0, aperture_plc=1.0)

    with pytest.raises(InstrumentError, match="sample timer"):
        single_reader.driver.start_log(count=20, interval_s=0.05)


def test_a_log_faster_than_its_aperture_is_refused(multimeter: Stand) -> None:
    """The text says how fast it could be; a log of one reading is none."""
    driver = multimeter.driver
    driver.configure_dc_voltage(range_v=1.0, aperture_plc=10.0)

    with pytest.raises(HarnessError):
        driver.start_log(count=10, interval_s=0.01)
    with pytest.raises(HarnessError):
        driver.start_log(count=1, interval_s=1.0)


def test_a_clear_ends_a_reading_that_takes_too_long(multimeter: Stand) -> None:
    """Four seconds of aperture and autozero are given up by a device clear, and the next reading is its own."""
    driver = multimeter.driver
    driver.configure_dc_voltage(range_v=1.0, aperture_plc=100.0)
    multimeter.wire.write(b"READ?")

    driver.reset()
    _lay(multimeter, volts=0.5)
    driver.configure_dc_voltage(range_v=1.0, aperture_plc=1.0)

    assert driver.read().value == pytest.approx(0.5, abs=1e-3)
    driver.check_errors()
