"""The DP832's driver, byte by byte against Rigol's programming guide, and on the virtual supply."""

import pytest

from fixtures.virtual.dc_node import DcNode, Resistor
from fixtures.virtual.instruments.supplies.dp832 import DP832
from harness.errors import InstrumentError, LocalProtocolError, RemoteProtocolError
from instruments.rigol_dp832 import RigolDP832
from instruments.roles import OutputState, Supply
from tests.fixtures.twin_wire import TwinWire, clock, place
from tests.instruments.wire import StillClock, scripted_wire

OK = b'0,"No error"'
STATE = b"OUTP:OVP:QUES? CH1;:OUTP:OCP:QUES? CH1;:OUTP? CH1;:OUTP:MODE? CH1"


def test_it_plays_the_role_of_supply() -> None:
    """The type checker takes it for a Supply."""
    with scripted_wire() as wire:
        role: Supply = RigolDP832(wire, StillClock())
        role.close()

    assert wire.closed


def test_voltage_and_limit_are_set_and_checked_in_one_message() -> None:
    """The current limit comes first, so that a new voltage never meets an old limit."""
    with scripted_wire((b"SOUR1:CURR 0.5;:SOUR1:VOLT 5;:SYST:ERR?", OK)) as wire:
        RigolDP832(wire, StillClock()).configure_output(1, voltage_v=5.0, current_limit_a=0.5)


@pytest.mark.parametrize(
    ("volts", "amperes"), [(3.304, 0.5), (3.3, 0.0004), (3.3, 0.5006), (float("nan"), 0.5), (3.3, float("inf"))]
)
def test_what_lies_between_two_steps_is_refused_before_anything_is_sent(volts: float, amperes: float) -> None:
    """The supply would take 3.304 V for 3.300 V and 0.4 mA for nothing, and say nothing of it."""
    with scripted_wire() as wire:
        supply = RigolDP832(wire, StillClock())
        with pytest.raises(LocalProtocolError, match="so choose a whole one"):
            supply.configure_output(1, voltage_v=volts, current_limit_a=amperes)
        with pytest.raises(LocalProtocolError, match=r"in steps of 0\.01 V"):
            supply.configure_ovp(1, voltage_v=6.205)


def test_what_is_a_whole_number_of_steps_but_for_its_rounding_is_sent() -> None:
    """A sum of tenths is one: 0.1 + 0.2 V are 0.3 V."""
    with scripted_wire((b"SOUR1:CURR 0.007;:SOUR1:VOLT 0.3;:SYST:ERR?", OK)) as wire:
        RigolDP832(wire, StillClock()).configure_output(1, voltage_v=0.1 + 0.2, current_limit_a=0.007)


def test_what_is_set_is_read_back() -> None:
    """Voltage and current limit of any of the outputs that the supply says it has."""
    with scripted_wire((b"SOUR3:VOLT?", b"5.00"), (b"SOUR3:CURR?", b"0.500")) as wire:
        supply = RigolDP832(wire, StillClock())

        assert (supply.voltage_v(3), supply.current_limit_a(3)) == (5.0, 0.5)
        assert supply.channels == (1, 2, 3)


def test_protection_is_set_and_switched_on_and_read_back() -> None:
    """Over-voltage protection is never set without being on."""
    with scripted_wire(
        (b"OUTP:OVP:VAL CH1,6;:OUTP:OVP CH1,ON;:SYST:ERR?", OK), (b"OUTP:OVP:VAL? CH1", b"6.000")
    ) as wire:
        supply = RigolDP832(wire, StillClock())
        supply.configure_ovp(1, voltage_v=6.0)

        assert supply.ovp_v(1) == 6.0


def test_over_current_protection_is_set_a_step_below_the_limit() -> None:
    """At the limit itself the current is held, and never exceeds a level that is the same; nothing is no level."""
    with scripted_wire(
        (b"SOUR1:CURR?", b"0.500"), (b"OUTP:OCP:VAL CH1,0.499;:OUTP:OCP CH1,ON;:SYST:ERR?", OK),
        (b"SOUR1:CURR?", b"0.500"), (b"OUTP:OCP? CH1", b"ON"), (b"OUTP:OCP:VAL? CH1", b"0.499"),
        (b"SOUR1:CURR?", b"0.400"), (b"OUTP:OCP? CH1", b"ON"), (b"OUTP:OCP:VAL? CH1", b"0.499"),
        (b"SOUR1:CURR?", b"0.500"), (b"OUTP:OCP? CH1", b"OFF"),
        (b"SOUR2:CURR?", b"0.000"), (b"OUTP:OCP:VAL CH2,0.001;:OUTP:OCP CH2,ON;:SYST:ERR?", OK),
    ) as wire:  # fmt: skip
        supply = RigolDP832(wire, StillClock())
        supply.trip_at_limit(1)

        assert [supply.trips_at_limit(1) for _ in range(3)] == [True, False, False]
        supply.trip_at_limit(2)


def test_outputs_are_switched_and_looked_at() -> None:
    """On, off, and whether."""
    with scripted_wire(
        (b"OUTP CH2,ON;:SYST:ERR?", OK),
        (b"OUTP? CH2", b"ON"),
        (b"OUTP CH2,OFF;:SYST:ERR?", OK),
        (b"OUTP? CH2", b"OFF"),
    ) as wire:
        supply = RigolDP832(wire, StillClock())
        supply.enable_output(2)
        on = supply.output_enabled(2)
        supply.disable_output(2)

        assert (on, supply.output_enabled(2)) == (True, False)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"NO;NO;ON;CV", OutputState.CONSTANT_VOLTAGE),
        (b"NO;NO;ON;CC", OutputState.CONSTANT_CURRENT),
        (b"NO;NO;ON;UR", OutputState.UNREGULATED),
        (b"NO;NO;OFF;UR", OutputState.OFF),
        (b"NO;NO;OFF;CV", OutputState.OFF),
        (b"YES;NO;OFF;UR", OutputState.OVER_VOLTAGE),
        (b"NO;YES;OFF;UR", OutputState.OVER_CURRENT),
    ],
)
def test_the_state_of_an_output_is_told(answer: bytes, state: OutputState) -> None:
    """A trip is told before off."""
    with scripted_wire((STATE, answer)) as wire:
        assert RigolDP832(wire, StillClock()).output_state(1) is state


@pytest.mark.parametrize("answer", [b"NO;NO;ON", b"0;0;ON;CV", b"NO;NO;1;CV", b"NO;NO;ON;??", b"NO;NO;ON;CV;CV"])
def test_an_answer_that_the_guide_does_not_know_is_no_state(answer: bytes) -> None:
    """Nothing is guessed."""
    with scripted_wire((STATE, answer)) as wire, pytest.raises(RemoteProtocolError, match="DP832"):
        RigolDP832(wire, StillClock()).output_state(1)


def test_readings_have_their_range_and_time() -> None:
    """Output 3 has 5 V and 3 A."""
    time = StillClock()
    time.sleep(1.5)
    with scripted_wire((b"MEAS? CH3", b"4.9900"), (b"MEAS:CURR? CH3", b"0.1200")) as wire:
        supply = RigolDP832(wire, time)
        volts, amperes = supply.measure_voltage(3), supply.measure_current(3)

    assert (volts.value, volts.unit, volts.function, volts.range) == (4.99, "V", "dc voltage", 5.0)
    assert (amperes.value, amperes.unit, amperes.range, amperes.at_ns) == (0.12, "A", 3.0, 1_500_000_000)


def test_a_channel_that_is_not_there_is_refused_before_anything_is_sent() -> None:
    """The text lists the channels that there are."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="outputs 1, 2 and 3"):
        RigolDP832(wire, StillClock()).enable_output(4)


def test_a_refused_voltage_is_an_error() -> None:
    """What the supply does not take is never silently another value."""
    with (
        scripted_wire(
            (b"SOUR1:CURR 0.5;:SOUR1:VOLT 99;:SYST:ERR?", b'-222,"Data out of range"'), (b"SYST:ERR?", OK)
        ) as wire,
        pytest.raises(InstrumentError, match="DP832 reports -222"),
    ):
        RigolDP832(wire, StillClock()).configure_output(1, voltage_v=99.0, current_limit_a=0.5)


def test_it_works_on_the_virtual_supply() -> None:
    """Set, protected, switched on, limited, read, switched off."""
    time = clock()
    node = DcNode(time, Resistor(10.0))
    supply = RigolDP832(TwinWire(DP832(place("DP832", time, feeds={1: node}))), time)
    supply.reset()

    supply.configure_output(1, voltage_v=5.0, current_limit_a=1.0)
    supply.configure_ovp(1, voltage_v=6.1)
    supply.enable_output(1)
    time.sleep(1.0)
    held = (supply.output_state(1), supply.measure_voltage(1).value, supply.ovp_v(1))
    supply.configure_output(1, voltage_v=5.0, current_limit_a=0.2)
    limited = supply.output_state(1)
    supply.disable_output(1)

    assert held == (OutputState.CONSTANT_VOLTAGE, pytest.approx(5.0, abs=0.04), 6.1)
    assert limited is OutputState.CONSTANT_CURRENT
    assert (supply.output_state(1), supply.output_enabled(1)) == (OutputState.OFF, False)
