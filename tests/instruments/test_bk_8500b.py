"""The electronic load's driver, byte by byte, and on the virtual load."""

import pytest

from fixtures.virtual.dc_node import DcNode
from fixtures.virtual.instruments.supplies.feed import Source
from fixtures.virtual.twins import twin
from harness.errors import InstrumentError, LocalProtocolError
from instruments.accuracy import accuracy
from instruments.bk_8500b import BK8500B, BK8514B, BK8542B
from instruments.roles import Load
from tests.fixtures.twin_wire import TwinWire, clock, place
from tests.instruments.wire import CLEAR, StillClock, scripted_wire

OK = b'0,"No error"'


def test_it_plays_the_role_of_load() -> None:
    """The type checker takes it for a Load."""
    with scripted_wire() as wire:
        role: Load = BK8542B(wire, StillClock())
        role.close()

    assert wire.closed


def test_a_reset_leaves_it_under_remote_control() -> None:
    """Its front panel could otherwise change what a plan has set."""
    with scripted_wire((CLEAR, None), (b"*RST;*CLS;*OPC?", b"1"), (b"SYST:REM;:SYST:ERR?", OK)) as wire:
        BK8514B(wire, StillClock()).reset()


def test_each_mode_is_chosen_with_its_range_and_level() -> None:
    """The smallest range that holds the level; resistance and power have none."""
    with scripted_wire(
        (b"CURR:RANG 3;:CURR 1.5;:FUNC CURR;:SYST:ERR?", OK),
        (b"CURR:RANG 30;:CURR 3.1;:FUNC CURR;:SYST:ERR?", OK),
        (b"VOLT:RANG 18;:VOLT 18;:FUNC VOLT;:SYST:ERR?", OK),
        (b"RES 100;:FUNC RES;:SYST:ERR?", OK),
        (b"POW 12.5;:FUNC POW;:SYST:ERR?", OK),
    ) as wire:
        load = BK8542B(wire, StillClock())
        load.configure_current(current_a=1.5)
        load.configure_current(current_a=3.1)
        load.configure_voltage(voltage_v=18.0)
        load.configure_resistance(resistance_ohm=100.0)
        load.configure_power(power_w=12.5)


@pytest.mark.parametrize("first", ["current", "voltage", "resistance", "power"])
@pytest.mark.parametrize("second", ["current", "voltage", "resistance", "power"])
def test_another_mode_never_draws_the_level_that_it_had_before(first: str, second: str) -> None:
    """With the input on at 12 V, going from 1 A in one mode to 1 A in another never draws more on the way."""
    time = clock()
    node = DcNode(time)
    node.set(Source(12.0, 25.0, on=True))
    load = BK8542B(TwinWire(twin(place("8542B", time, draws_from=node))), time)
    heavy = {
        "current": lambda: load.configure_current(current_a=12.0),
        "voltage": lambda: load.configure_voltage(voltage_v=1.0),
        "resistance": lambda: load.configure_resistance(resistance_ohm=1.0),
        "power": lambda: load.configure_power(power_w=140.0),
    }
    light = {
        "current": lambda: load.configure_current(current_a=1.0),
        "voltage": lambda: load.configure_voltage(voltage_v=15.0),
        "resistance": lambda: load.configure_resistance(resistance_ohm=12.0),
        "power": lambda: load.configure_power(power_w=12.0),
    }
    heavy[second]()
    light[first]()
    load.enable_input()
    time.sleep(0.1)
    drawn: list[float] = []
    if first != second:
        node.on_change(lambda: drawn.append(node.amperes()))

    light[second]()
    time.sleep(0.1)

    # A conductance is set to within 80 mS, so that 12 Ω may draw twice as much.
    assert max(drawn, default=0.0) <= 2.1


def test_the_input_is_switched_and_looked_at() -> None:
    """On, off, and whether."""
    with scripted_wire(
        (b"INP ON;:SYST:ERR?", OK), (b"INP?", b"1"), (b"INP OFF;:SYST:ERR?", OK), (b"INP?", b"0")
    ) as wire:
        load = BK8542B(wire, StillClock())
        load.enable_input()
        on = load.input_enabled()
        load.disable_input()

        assert (on, load.input_enabled()) == (True, False)


@pytest.mark.parametrize(("answer", "full_scale"), [(b"0.5000", 3.0), (b"2.9999", 3.0), (b"3.0010", 30.0)])
def test_a_reading_knows_the_range_that_it_came_from(answer: bytes, full_scale: float) -> None:
    """The load measures on the smallest range that holds the reading."""
    with scripted_wire((b"MEAS:CURR?", answer)) as wire:
        raw = BK8542B(wire, StillClock()).measure_current()

    assert (raw.value, raw.unit, raw.function, raw.range) == (float(answer), "A", "dc current", full_scale)


def test_voltage_and_power_are_read() -> None:
    """In their units, with full scales of their own."""
    with scripted_wire((b"MEAS:VOLT?", b"12.0010"), (b"MEAS:POW?", b"6.0000")) as wire:
        load = BK8514B(wire, StillClock())
        volts, watts = load.measure_voltage(), load.measure_power()

    assert (volts.value, volts.unit, volts.range) == (12.001, "V", 18.0)
    assert (watts.value, watts.unit, watts.function, watts.range) == (6.0, "W", "dc power", 1500.0)


def test_a_level_that_no_range_holds_is_refused_before_anything_is_sent() -> None:
    """Too much, or less than nothing."""
    with scripted_wire() as wire:
        load = BK8542B(wire, StillClock())
        with pytest.raises(LocalProtocolError, match="takes 0 to 30 A"):
            load.configure_current(current_a=31.0)
        with pytest.raises(LocalProtocolError, match="takes 0 to 150 V"):
            load.configure_voltage(voltage_v=-1.0)


def test_a_refused_level_is_an_error() -> None:
    """What the load does not take is never silently another value."""
    with (
        scripted_wire((b"RES 0.001;:FUNC RES;:SYST:ERR?", b'-222,"Data out of range"'), (b"SYST:ERR?", OK)) as wire,
        pytest.raises(InstrumentError, match="8542B reports -222"),
    ):
        BK8542B(wire, StillClock()).configure_resistance(resistance_ohm=0.001)


@pytest.mark.parametrize("kind", [BK8514B, BK8542B])
def test_it_works_on_the_virtual_load(kind: type[BK8500B]) -> None:
    """In constant current from 12 V; every reading is on a range that its data sheet has, and inside its figures."""
    time = clock()
    node = DcNode(time)
    node.set(Source(12.0, 10.0, on=True))
    load = kind(TwinWire(twin(place(kind.model, time, draws_from=node))), time)
    load.reset()

    load.configure_current(current_a=2.0)
    load.enable_input()
    time.sleep(0.1)

    assert load.identify().model == kind.model
    point = node.now()
    sheet = accuracy(kind.model)
    for raw, true in (
        (load.measure_current(), point.amperes),
        (load.measure_voltage(), point.load_v),
        (load.measure_power(), point.amperes * point.load_v),
    ):
        limit = sheet.limit(raw.function, raw.range, true)
        assert abs(raw.value - true) <= limit.limit + limit.resolution
    load.disable_input()
    assert load.input_enabled() is False
