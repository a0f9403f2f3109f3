"""The driver for supplies of plain SCPI, byte by byte: one command a message, outputs numbered at the header."""

import pytest

from harness.errors import InstrumentError, LocalProtocolError, RemoteProtocolError
from instruments.plain_supply import PlainSupply
from instruments.roles import OutputState, Supply
from tests.instruments.wire import CLEAR, Line, ScriptedWire, StillClock, scripted_wire

CHECK: Line = (b"SYST:ERR?", b'0,"No error"')


def driver(wire: ScriptedWire) -> PlainSupply:
    """Return the driver for a supply with one output."""
    return PlainSupply(wire, StillClock(), {1: (60.0, 10.0)})


def test_it_plays_the_role_of_supply() -> None:
    """The type checker takes it for a Supply."""
    with scripted_wire() as wire:
        role: Supply = driver(wire)
        role.close()

    assert wire.closed


def test_each_command_is_checked_by_itself() -> None:
    """The limit comes first, and the protection is never set without being on."""
    with scripted_wire(
        (CLEAR, None), (b"*RST", None), (b"*CLS", None), CHECK,
        (b"SOUR1:CURR 0.5", None), CHECK, (b"SOUR1:VOLT 5", None), CHECK,
        (b"SOUR1:VOLT?", b"5.0"), (b"SOUR1:CURR?", b"0.5"),
        (b"SOUR1:VOLT:PROT 6", None), CHECK, (b"SOUR1:VOLT:PROT:STAT ON", None), CHECK,
        (b"SOUR1:VOLT:PROT?", b"6.0"),
        (b"SOUR1:CURR?", b"0.5"),
        (b"SOUR1:CURR:PROT 0.5", None), CHECK, (b"SOUR1:CURR:PROT:STAT ON", None), CHECK,
        (b"SOUR1:CURR?", b"0.5"), (b"SOUR1:CURR:PROT:STAT?", b"1"), (b"SOUR1:CURR:PROT?", b"0.5"),
        (b"OUTP1 ON", None), CHECK, (b"OUTP1?", b"1"), (b"OUTP1 OFF", None), CHECK,
    ) as wire:  # fmt: skip
        supply = driver(wire)
        supply.reset()
        supply.configure_output(1, voltage_v=5.0, current_limit_a=0.5)
        settings = (supply.channels, supply.voltage_v(1), supply.current_limit_a(1))
        supply.configure_ovp(1, voltage_v=6.0)
        level_v = supply.ovp_v(1)
        supply.trip_at_limit(1)
        trips = supply.trips_at_limit(1)
        supply.enable_output(1)
        on = supply.output_enabled(1)
        supply.disable_output(1)

    assert (level_v, trips, on) == (6.0, True, True)
    assert settings == ((1,), 5.0, 0.5)


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({b"OUTP1:PROT:TRIP?": b"0", b"OUTP1:MODE?": b"CV"}, OutputState.CONSTANT_VOLTAGE),
        ({b"OUTP1:PROT:TRIP?": b"0", b"OUTP1:MODE?": b"CC"}, OutputState.CONSTANT_CURRENT),
        ({b"OUTP1:PROT:TRIP?": b"0", b"OUTP1:MODE?": b"OFF"}, OutputState.OFF),
        ({b"OUTP1:PROT:TRIP?": b"1", b"SOUR1:VOLT:PROT:STAT?": b"1", b"SOUR1:CURR:PROT:STAT?": b"0"}, "over voltage"),
        ({b"OUTP1:PROT:TRIP?": b"1", b"SOUR1:VOLT:PROT:STAT?": b"0", b"SOUR1:CURR:PROT:STAT?": b"1"}, "over current"),
        ({b"OUTP1:PROT:TRIP?": b"1", b"SOUR1:VOLT:PROT:STAT?": b"1", b"SOUR1:CURR:PROT:STAT?": b"1"}, "unregulated"),
    ],
)
def test_the_state_of_an_output_is_told(answers: dict[bytes, bytes], state: str) -> None:
    """Which protection has tripped is told only where it can be known."""
    with scripted_wire(*answers.items()) as wire:
        assert driver(wire).output_state(1) == state


def test_an_unknown_mode_is_no_state() -> None:
    """Nothing is guessed."""
    with (
        scripted_wire((b"OUTP1:PROT:TRIP?", b"0"), (b"OUTP1:MODE?", b"PARALLEL")) as wire,
        pytest.raises(RemoteProtocolError, match="CV, CC, OFF, UR"),
    ):
        driver(wire).output_state(1)


def test_readings_have_their_range() -> None:
    """Full scale as the driver was told."""
    with scripted_wire((b"MEAS1:VOLT?", b"5.01"), (b"MEAS1:CURR?", b"0.2")) as wire:
        supply = driver(wire)
        volts, amperes = supply.measure_voltage(1), supply.measure_current(1)

    assert (volts.value, volts.unit, volts.function, volts.range) == (5.01, "V", "dc voltage", 60.0)
    assert (amperes.value, amperes.unit, amperes.function, amperes.range) == (0.2, "A", "dc current", 10.0)


def test_a_refusal_and_a_missing_output_are_errors() -> None:
    """After a refused limit no voltage is sent."""
    refused = (b"SYST:ERR?", b'-222,"Data out of range"')
    with scripted_wire((b"SOUR1:CURR 99", None), refused, CHECK) as wire:
        supply = driver(wire)
        with pytest.raises(InstrumentError, match="-222"):
            supply.configure_output(1, voltage_v=5.0, current_limit_a=99.0)
        with pytest.raises(LocalProtocolError, match="the supply has 1"):
            supply.enable_output(2)
