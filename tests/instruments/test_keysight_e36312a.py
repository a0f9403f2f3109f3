"""The power supply's driver, byte by byte against the command list of the E36300 family."""

import pytest

from harness.errors import InstrumentError, LocalProtocolError
from instruments.keysight_e36312a import KeysightE36312A, KeysightE36313A
from instruments.roles import OutputState, Supply
from tests.instruments.wire import StillClock, scripted_wire

OK = b'+0,"No error"'
STATE = b"VOLT:PROT:TRIP? (@1);:CURR:PROT:TRIP? (@1);:OUTP? (@1);:STAT:QUES:INST:ISUM1:COND?"


def test_it_plays_the_role_of_supply() -> None:
    """The type checker takes it for a Supply."""
    with scripted_wire() as wire:
        role: Supply = KeysightE36312A(wire, StillClock())
        role.close()

    assert wire.closed


def test_voltage_and_limit_are_set_and_checked_in_one_message() -> None:
    """The current limit comes first, so that a new voltage never meets an old limit."""
    with scripted_wire((b"CURR 0.5,(@1);:VOLT 5,(@1);:SYST:ERR?", OK)) as wire:
        KeysightE36312A(wire, StillClock()).configure_output(1, voltage_v=5.0, current_limit_a=0.5)


def test_protection_is_set_and_switched_on_and_read_back() -> None:
    """Over-voltage protection is never set without being on."""
    with scripted_wire(
        (b"VOLT:PROT 6,(@1);:VOLT:PROT:STAT ON,(@1);:SYST:ERR?", OK),
        (b"VOLT:PROT? (@1)", b"+6.00000000E+00"),
    ) as wire:
        supply = KeysightE36312A(wire, StillClock())
        supply.configure_ovp(1, voltage_v=6.0)

        assert supply.ovp_v(1) == 6.0


def test_over_current_protection_takes_the_current_limit_for_its_level() -> None:
    """It is only switched on, and says so."""
    with scripted_wire(
        (b"CURR:PROT:STAT ON,(@2);:SYST:ERR?", OK), (b"CURR:PROT:STAT? (@2)", b"1"), (b"CURR:PROT:STAT? (@2)", b"0")
    ) as wire:
        supply = KeysightE36312A(wire, StillClock())
        supply.trip_at_limit(2)

        assert [supply.trips_at_limit(2) for _ in range(2)] == [True, False]


def test_what_is_set_is_read_back() -> None:
    """Voltage and current limit of any of the outputs that the supply says it has."""
    with scripted_wire((b"VOLT? (@3)", b"+5.00000000E+00"), (b"CURR? (@3)", b"+5.00000000E-01")) as wire:
        supply = KeysightE36312A(wire, StillClock())

        assert (supply.voltage_v(3), supply.current_limit_a(3)) == (5.0, 0.5)
        assert supply.channels == (1, 2, 3)


def test_outputs_are_switched_and_looked_at() -> None:
    """On, off, and whether."""
    with scripted_wire(
        (b"OUTP ON,(@2);:SYST:ERR?", OK),
        (b"OUTP? (@2)", b"1"),
        (b"OUTP OFF,(@2);:SYST:ERR?", OK),
        (b"OUTP? (@2)", b"0"),
    ) as wire:
        supply = KeysightE36312A(wire, StillClock())
        supply.enable_output(2)
        on = supply.output_enabled(2)
        supply.disable_output(2)

        assert (on, supply.output_enabled(2)) == (True, False)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"0;0;1;+2", OutputState.CONSTANT_VOLTAGE),
        (b"0;0;1;+1", OutputState.CONSTANT_CURRENT),
        (b"0;0;1;+0", OutputState.UNREGULATED),
        (b"0;0;1;+3", OutputState.UNREGULATED),
        (b"0;0;0;+0", OutputState.OFF),
        (b"1;0;1;+512", OutputState.OVER_VOLTAGE),
        (b"1;0;0;+0", OutputState.OVER_VOLTAGE),
        (b"0;1;0;+0", OutputState.OVER_CURRENT),
    ],
)
def test_the_state_of_an_output_is_told(answer: bytes, state: OutputState) -> None:
    """Constant current is a bit of the questionable instrument register; a trip is told before off."""
    with scripted_wire((STATE, answer)) as wire:
        assert KeysightE36312A(wire, StillClock()).output_state(1) is state


def test_voltage_is_read_with_its_range_and_time() -> None:
    """A reading knows its full scale and when it was complete."""
    clock = StillClock()
    clock.sleep(1.5)
    with scripted_wire((b"MEAS:VOLT? (@1)", b"+4.99900000E+00")) as wire:
        raw = KeysightE36312A(wire, clock).measure_voltage(1)

    assert (raw.value, raw.unit, raw.function, raw.range, raw.at_ns) == (4.999, "V", "dc voltage", 6.0, 1_500_000_000)


def test_current_is_read_with_its_range() -> None:
    """Channel 2 has a full scale of 1 A."""
    with scripted_wire((b"MEAS:CURR? (@2)", b"+1.20000000E-01")) as wire:
        raw = KeysightE36312A(wire, StillClock()).measure_current(2)

    assert (raw.value, raw.unit, raw.function, raw.range) == (0.12, "A", "dc current", 1.0)


def test_a_channel_that_is_not_there_is_refused_before_anything_is_sent() -> None:
    """The text lists the channels that there are."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="outputs 1, 2 and 3"):
        KeysightE36312A(wire, StillClock()).enable_output(4)


def test_a_refused_voltage_is_an_error() -> None:
    """What the supply does not take is never silently another value."""
    with (
        scripted_wire(
            (b"CURR 0.5,(@1);:VOLT 99,(@1);:SYST:ERR?", b'-222,"Data out of range"'), (b"SYST:ERR?", OK)
        ) as wire,
        pytest.raises(InstrumentError, match="E36312A reports -222"),
    ):
        KeysightE36312A(wire, StillClock()).configure_output(1, voltage_v=99.0, current_limit_a=0.5)


def test_an_e36313a_reads_current_on_the_range_that_is_set() -> None:
    """The range is asked for with each reading: the supply may have been reset since it was chosen."""
    with scripted_wire(
        (b"SENS:CURR:RANG 0.01,(@2);:SYST:ERR?", OK),
        (b"SENS:CURR:RANG? (@2)", b"+2.00000000E-02"),
        (b"MEAS:CURR? (@2)", b"+5.00000000E-03"),
    ) as wire:
        supply = KeysightE36313A(wire, StillClock())
        supply.configure_current_range(2, range_a=0.01)
        raw = supply.measure_current(2)

    assert (raw.value, raw.unit, raw.function, raw.range) == (0.005, "A", "dc current", 0.02)


@pytest.mark.parametrize("answer", [b"+1.00290000E+00", b"+2.00010000E-02", b"-2.00010000E-02", b"+9.91000000E+37"])
def test_more_than_the_small_range_holds_is_no_reading(answer: bytes) -> None:
    """Neither what the supply calls a number, nor what it does not."""
    with (
        scripted_wire((b"SENS:CURR:RANG? (@2)", b"+2.00000000E-02"), (b"MEAS:CURR? (@2)", answer)) as wire,
        pytest.raises(InstrumentError),
    ):
        KeysightE36313A(wire, StillClock()).measure_current(2)


def test_an_e36313a_reads_a_little_more_than_its_rating_on_the_large_range() -> None:
    """The limit can be set to 3 % more, and what flows then is read."""
    with scripted_wire((b"SENS:CURR:RANG? (@2)", b"+2.00000000E+00"), (b"MEAS:CURR? (@2)", b"+2.05E+00")) as wire:
        assert KeysightE36313A(wire, StillClock()).measure_current(2).value == 2.05


def test_an_e36313a_is_named_in_its_errors() -> None:
    """A channel that is not there is refused in its own name."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="the E36313A has outputs 1, 2 and 3"):
        KeysightE36313A(wire, StillClock()).configure_current_range(4, range_a=0.01)
