"""The switch unit's driver, byte by byte against the command list of the 34970A family."""

import pytest

from harness.errors import InstrumentError, LocalProtocolError, RemoteProtocolError
from instruments.keysight_daq970a import KeysightDAQ970A
from instruments.roles import Switch
from tests.instruments.wire import Line, StillClock, scripted_wire

OK = b'+0,"No error"'
MODULES: tuple[Line, ...] = (
    (b"SYST:CTYP? 100", b"Keysight Technologies,DAQM903A,MY1,1.0"),
    (b"SYST:CTYP? 200", b"Keysight Technologies,DAQM901A,MY2,1.0"),
    (b"SYST:CTYP? 300", b"Keysight Technologies,0,0,0"),
)


def test_it_plays_the_role_of_switch() -> None:
    """The type checker takes it for a Switch."""
    with scripted_wire() as wire:
        role: Switch = KeysightDAQ970A(wire, StillClock())
        role.close()

    assert wire.closed


def test_relays_are_switched_together_and_waited_for() -> None:
    """Several relays are one command; 20 ms later they rest."""
    clock = StillClock()
    with scripted_wire((b"ROUT:CLOS (@101,103);:SYST:ERR?", OK), (b"ROUT:OPEN (@101);:SYST:ERR?", OK)) as wire:
        switch = KeysightDAQ970A(wire, clock)
        switch.close_relays(101, 103)
        switch.open_relays(101)

    assert clock.now_ns() == 40_000_000


def test_no_relays_are_no_command() -> None:
    """Nothing is sent, and nothing waited for."""
    clock = StillClock()
    with scripted_wire() as wire:
        switch = KeysightDAQ970A(wire, clock)
        switch.close_relays()
        switch.open_relays()

        assert switch.closed() == ()
    assert clock.now_ns() == 0


def test_each_relay_is_told() -> None:
    """1 is closed."""
    with scripted_wire((b"ROUT:CLOS? (@101,102,103)", b"1,0,1")) as wire:
        assert KeysightDAQ970A(wire, StillClock()).closed(101, 102, 103) == (True, False, True)


@pytest.mark.parametrize("answer", [b"1", b"1,0,1", b"1,2", b"1,"])
def test_another_number_of_states_is_refused(answer: bytes) -> None:
    """A relay whose state is not told does not count as open."""
    with (
        scripted_wire((b"ROUT:CLOS? (@101,102)", answer)) as wire,
        pytest.raises(RemoteProtocolError, match="2 times 0 or 1"),
    ):
        KeysightDAQ970A(wire, StillClock()).closed(101, 102)


def test_all_relays_of_all_modules_are_opened() -> None:
    """The unit is asked once which modules it holds."""
    opened = (b"ABOR;:ROUT:SCAN (@);:ROUT:OPEN (@101:120,201:222);:SYST:ERR?", OK)
    with scripted_wire(*MODULES, opened, opened) as wire:
        switch = KeysightDAQ970A(wire, StillClock())
        switch.open_all()
        switch.open_all()

        assert switch.modules() == {1: "DAQM903A", 2: "DAQM901A"}


def test_a_scan_reads_each_channel_once_and_gives_them_in_the_order_asked() -> None:
    """The unit scans in ascending order, whatever the list says."""
    with scripted_wire(
        (b"MEAS:VOLT:DC? (@201,202);:SYST:ERR?", b'+2.30000000E-01,+4.50000000E-01;+0,"No error"')
    ) as wire:
        humidity, temperature = KeysightDAQ970A(wire, StillClock()).scan_dc_voltage(202, 201)

    assert (humidity.value, temperature.value) == (0.45, 0.23)


def test_another_number_of_readings_is_refused() -> None:
    """A reading that is missing is not taken for another channel's."""
    with (
        scripted_wire((b"MEAS:VOLT:DC? (@201,202);:SYST:ERR?", b'+2.30000000E-01;+0,"No error"')) as wire,
        pytest.raises(RemoteProtocolError, match="2 numbers, not by 1"),
    ):
        KeysightDAQ970A(wire, StillClock()).scan_dc_voltage(201, 202)


def test_a_measurement_that_is_refused_is_an_error_at_once() -> None:
    """The unit has no reading and says why; nobody waits for an answer that will not come."""
    refused = b'+303,"Module not able to perform requested operation"'
    with (
        scripted_wire((b"MEAS:VOLT:DC? (@101);:SYST:ERR?", refused)) as wire,
        pytest.raises(InstrumentError, match=r"\+303,\"Module not able"),
    ):
        KeysightDAQ970A(wire, StillClock()).measure_dc_voltage(101)


def test_relays_beside_a_measured_channel_are_taken_back_from_the_scan_list() -> None:
    """The unit keeps a module for its scan list; other modules are free."""
    with scripted_wire(
        (b"MEAS:VOLT:DC? (@201);:SYST:ERR?", b'+2.30000000E-01;+0,"No error"'),
        (b"ROUT:CLOS (@101);:SYST:ERR?", OK),
        (b"ROUT:SCAN (@);:ROUT:CLOS (@205);:SYST:ERR?", OK),
        (b"ROUT:OPEN (@205);:SYST:ERR?", OK),
    ) as wire:
        switch = KeysightDAQ970A(wire, StillClock())
        switch.measure_dc_voltage(201)
        switch.close_relays(101)
        switch.close_relays(205)
        switch.open_relays(205)


def test_a_module_that_the_driver_does_not_know_is_told() -> None:
    """Relays that might stay closed are an error."""
    with (
        scripted_wire((b"SYST:CTYP? 100", b"Keysight Technologies,DAQM999A,MY1,1.0"), *MODULES[1:]) as wire,
        pytest.raises(InstrumentError, match="slot 1 of the DAQ970A holds a DAQM999A"),
    ):
        KeysightDAQ970A(wire, StillClock()).open_all()


@pytest.mark.parametrize(
    ("answer", "value", "full_scale"),
    [
        (b"+5.50000000E-02", 0.055, 0.1),
        (b"+2.30000000E-01", 0.23, 1.0),
        (b"-2.30000000E+00", -2.3, 10.0),
        (b"+3.01000000E+02", 301.0, 300.0),
    ],
)
def test_voltage_is_read_on_the_range_above_it(answer: bytes, value: float, full_scale: float) -> None:
    """The unit ranges by itself; the accuracy is that of the range that holds the value."""
    with scripted_wire((b"MEAS:VOLT:DC? (@201);:SYST:ERR?", answer + b";" + OK)) as wire:
        raw = KeysightDAQ970A(wire, StillClock()).measure_dc_voltage(201)

    assert (raw.value, raw.unit, raw.function, raw.range, raw.aperture_s) == (
        value,
        "V",
        "dc voltage",
        full_scale,
        0.02,
    )


@pytest.mark.parametrize("channel", [1, 100, 401, -101])
def test_a_channel_that_cannot_be_is_refused(channel: int) -> None:
    """Nothing is sent."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="there is no channel"):
        KeysightDAQ970A(wire, StillClock()).close_relays(channel)


def test_a_refused_relay_is_an_error() -> None:
    """What the unit complains of is quoted."""
    with (
        scripted_wire((b"ROUT:CLOS (@121);:SYST:ERR?", b'+112,"Channel out of range"'), (b"SYST:ERR?", OK)) as wire,
        pytest.raises(InstrumentError, match="DAQ970A reports \\+112"),
    ):
        KeysightDAQ970A(wire, StillClock()).close_relays(121)
