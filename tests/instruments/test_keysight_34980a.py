"""The 34980A's driver, byte by byte against its programmer's reference."""

import pytest

from harness.errors import InstrumentError, LocalProtocolError, RemoteProtocolError
from instruments.keysight_34980a import Keysight34980A
from instruments.roles import Switch
from tests.instruments.wire import CLEAR, Line, StillClock, scripted_wire

OK = b'+0,"No error"'
NO_MODULE = b"Agilent Technologies,0,0,0"
MODULES: tuple[Line, ...] = (
    (b"SYST:CTYP? 1", b"Agilent Technologies,34934A-8x64,AB10000000,1.00"),
    (b"SYST:CTYP? 2", NO_MODULE),
    (b"SYST:CTYP? 3", b'"Agilent Technologies,34921A,AB10000001,1.00"'),
    *((b"SYST:CTYP? %d" % slot, NO_MODULE) for slot in range(4, 9)),
)


def test_it_plays_the_role_of_switch() -> None:
    """The type checker takes it for a Switch."""
    with scripted_wire() as wire:
        role: Switch = Keysight34980A(wire, StillClock())
        role.close()

    assert wire.closed


def test_the_modules_of_eight_slots_are_told() -> None:
    """In quote marks or without, as firmware differs; the unit is asked once."""
    with scripted_wire(*MODULES) as wire:
        switch = Keysight34980A(wire, StillClock())

        assert switch.modules() == {1: "34934A-8x64", 3: "34921A"}
        assert switch.modules() == {1: "34934A-8x64", 3: "34921A"}


def test_relays_have_channels_of_four_digits() -> None:
    """Row 2, column 3 in slot 1; what they do is waited for."""
    clock = StillClock()
    with scripted_wire(
        (b"ROUT:CLOS (@1203,1801);:SYST:ERR?", OK),
        (b"ROUT:OPEN? (@1203,1204)", b"0,1"),
        (b"ROUT:OPEN (@1203);:SYST:ERR?", OK),
    ) as wire:
        switch = Keysight34980A(wire, clock)
        switch.close_relays(1203, 1801)
        assert switch.closed(1203, 1204) == (True, False)
        switch.open_relays(1203)

    assert clock.now_ns() == 40_000_000


def test_everything_is_opened_by_one_command() -> None:
    """Whatever modules there are, and whatever scan is under way."""
    with scripted_wire((b"ABOR;:ROUT:OPEN:ALL;:SYST:ERR?", OK)) as wire:
        Keysight34980A(wire, StillClock()).open_all()


def test_a_reset_clears_the_wire_first() -> None:
    """What a run that died has left unread is thrown away."""
    with scripted_wire((CLEAR, None), (b"*RST;*CLS;*OPC?", b"1")) as wire:
        Keysight34980A(wire, StillClock()).reset()


def test_sensors_are_read_in_one_scan() -> None:
    """In ascending order on the wire, and in the order asked for in the answer; no module is kept afterwards."""
    with scripted_wire(
        (b"MEAS:VOLT:DC? (@2001,2003);:SYST:ERR?", b'+2.30000000E-01,+1.50000000E+00;+0,"No error"'),
        (b"ROUT:CLOS (@2005);:SYST:ERR?", OK),
    ) as wire:
        switch = Keysight34980A(wire, StillClock())
        third, first = switch.scan_dc_voltage(2003, 2001)
        switch.close_relays(2005)

    assert (third.value, third.range) == (1.5, 10.0)
    assert (first.value, first.range) == (0.23, 1.0)


@pytest.mark.parametrize("channel", [1, 101, 1000, 9001, -1101])
def test_a_channel_that_cannot_be_is_refused(channel: int) -> None:
    """Nothing is sent; the text tells how channels are numbered."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="1001 … 1nnn, up to 8001 … 8nnn"):
        Keysight34980A(wire, StillClock()).close_relays(channel)


def test_a_slot_that_is_told_otherwise_is_refused() -> None:
    """A module that is not known is not taken for none."""
    with (
        scripted_wire((b"SYST:CTYP? 1", b"34934A")) as wire,
        pytest.raises(RemoteProtocolError, match="four fields"),
    ):
        Keysight34980A(wire, StillClock()).modules()


def test_a_refused_relay_is_an_error() -> None:
    """What the unit complains of is quoted."""
    with (
        scripted_wire((b"ROUT:CLOS (@1165);:SYST:ERR?", b'+112,"Channel out of range"'), (b"SYST:ERR?", OK)) as wire,
        pytest.raises(InstrumentError, match="34980A reports \\+112"),
    ):
        Keysight34980A(wire, StillClock()).close_relays(1165)
