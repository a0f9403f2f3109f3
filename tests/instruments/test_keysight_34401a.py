"""The 34401A's driver, byte by byte against its user's guide."""

from collections.abc import Callable

import pytest

from harness.errors import InstrumentError, LocalProtocolError
from instruments.catalog import driver
from instruments.keysight_34401a import Keysight34401A
from instruments.roles import Multimeter
from tests.instruments.wire import CLEAR, StillClock, scripted_wire

OK = b'+0,"No error"'
VOLTS = (b"CONF:VOLT:DC 1;:VOLT:DC:NPLC 10;:ZERO:AUTO ON;:INP:IMP:AUTO ON;:SYST:ERR?", OK)


def test_it_plays_the_role_of_multimeter() -> None:
    """The type checker takes it for a Multimeter."""
    with scripted_wire() as wire:
        role: Multimeter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
        role.close()

    assert wire.closed


def test_voltage_is_read_on_a_fixed_range() -> None:
    """No ABORt, which the meter does not know; autozero and impedance are common to all functions."""
    with scripted_wire(VOLTS, (b"READ?", b"+2.00012345E-01")) as wire:
        meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        raw = meter.read()

    assert (raw.value, raw.unit, raw.function, raw.range) == (0.200012345, "V", "dc voltage", 1.0)
    assert (meter.aperture_s, meter.range) == (pytest.approx(0.2), 1.0)


def test_an_aperture_is_as_long_as_the_mains_that_it_was_told() -> None:
    """10 periods of 60 Hz; the meter has no query for it, and none is sent."""
    with scripted_wire(VOLTS) as wire:
        meter = driver("keysight-34401a").open(wire, StillClock(), mains_hz=60.0)
        assert isinstance(meter, Keysight34401A)
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)

        assert meter.aperture_s == pytest.approx(10.0 / 60.0)


@pytest.mark.parametrize(
    ("configure", "sent", "function"),
    [
        (
            lambda meter: meter.configure_dc_current(range_a=0.01, aperture_plc=1),
            b"CONF:CURR:DC 0.01;:CURR:DC:NPLC 1;:ZERO:AUTO ON;:SYST:ERR?",
            "dc current",
        ),
        (
            lambda meter: meter.configure_ac_voltage(range_v=0.1, lowest_hz=20),
            b"CONF:VOLT:AC 0.1;:DET:BAND 20;:SYST:ERR?",
            "ac voltage",
        ),
        (
            lambda meter: meter.configure_ac_current(range_a=1.0, lowest_hz=200),
            b"CONF:CURR:AC 1;:DET:BAND 200;:SYST:ERR?",
            "ac current",
        ),
        (
            lambda meter: meter.configure_resistance(range_ohm=1e3, aperture_plc=10),
            b"CONF:FRES 1000;:FRES:NPLC 10;:ZERO:AUTO ON;:SYST:ERR?",
            "resistance",
        ),
        (
            lambda meter: meter.configure_two_wire_resistance(range_ohm=1e3, aperture_plc=10),
            b"CONF:RES 1000;:RES:NPLC 10;:ZERO:AUTO ON;:SYST:ERR?",
            "two-wire resistance",
        ),
    ],
    ids=["d.c. current", "a.c. voltage", "a.c. current", "resistance", "two-wire resistance"],
)
def test_every_function_has_its_commands(
    configure: Callable[[Keysight34401A], None], sent: bytes, function: str
) -> None:
    """Each is set in one message, and a reading tells which it was."""
    with scripted_wire((sent, OK), (b"READ?", b"+1.00000000E-02")) as wire:
        meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
        configure(meter)

        assert meter.read().function == function


def test_what_the_meter_does_not_have_is_refused() -> None:
    """It has no current range below 10 mA, and for a.c. none below 1 A; nothing is sent."""
    with scripted_wire() as wire:
        meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
        with pytest.raises(LocalProtocolError, match=r"no range of 0\.001 A: it has 0\.01, 0\.1, 1, 3"):
            meter.configure_dc_current(range_a=1e-3, aperture_plc=10)
        with pytest.raises(LocalProtocolError, match=r"no range of 0\.1 A: it has 1, 3"):
            meter.configure_ac_current(range_a=0.1, lowest_hz=20)
        with pytest.raises(LocalProtocolError, match=r"no aperture of 0\.06 periods"):
            meter.configure_dc_voltage(range_v=1.0, aperture_plc=0.06)


def test_logs_are_refused() -> None:
    """There is no sample timer; ending a log that never began does nothing."""
    with scripted_wire(VOLTS) as wire:
        meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        with pytest.raises(InstrumentError, match="34401A has no sample timer"):
            meter.start_log(count=3, interval_s=0.5)
        with pytest.raises(LocalProtocolError, match="start one first"):
            meter.take_log()
        meter.stop_log()


def test_overload_and_refusal_and_reset() -> None:
    """Overload is an error; a refused setting and a reset leave the meter not configured."""
    refused = (VOLTS[0], b'-221,"Settings conflict"')
    with scripted_wire(
        VOLTS, (b"READ?", b"+9.90000000E+37"), (CLEAR, None), (b"*RST;*CLS;*OPC?", b"1"), refused, (b"SYST:ERR?", OK)
    ) as wire:
        meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        with pytest.raises(InstrumentError, match="34401A is overloaded"):
            meter.read()
        meter.reset()
        with pytest.raises(InstrumentError, match="-221"):
            meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        with pytest.raises(LocalProtocolError, match="must be configured"):
            meter.read()
