"""instro's drivers of supplies and electronic loads, unchanged, on virtual instruments."""

from datetime import UTC, datetime

import pytest
import pyvisa_bench
from instro.eload.drivers.bk_85xxb import BK85XXB
from instro.eload.types import LoadMode, SlewRateDirection
from instro.lib.transports.visa import VisaConfig
from instro.psu.drivers.keysight_e36100 import KeysightE36100
from instro.psu.drivers.rigol_dp800 import RigolDP800
from instro.psu.types import OperatingMode

from fixtures.virtual.clock import VirtualClock
from fixtures.virtual.dc_node import DcNode, Resistor
from fixtures.virtual.instruments.place import Place
from fixtures.virtual.instruments.supplies.feed import Source
from fixtures.virtual.twins import twin
from fixtures.virtual.visa_library import VirtualVisaLibrary


def _opened(driver, model, plug, connected):
    plugged = plug(model, connected)
    device = driver(VisaConfig(plugged.address, visa_backend=plugged.visalib))
    device.open()
    yield device
    device.close()


def _ten_ohm(clock):
    return {"feeds": {1: DcNode(clock, Resistor(10.0))}}


def _twelve_volt(clock):
    node = DcNode(clock)
    node.set(Source(12.0, 2.0, on=True))
    return {"draws_from": node}


@pytest.fixture
def keysight(plug):
    """Give instro's driver of Keysight's supplies with one output, on an E36312A with 10 Ω at output 1."""
    yield from _opened(KeysightE36100, "E36312A", plug, _ten_ohm)


@pytest.fixture
def rigol(plug):
    """Give instro's driver of Rigol's DP800, on a DP832 with 10 Ω at output 1."""
    yield from _opened(RigolDP800, "DP832", plug, _ten_ohm)


@pytest.fixture(params=["8514B", "8542B"])
def load(request, plug):
    """Give instro's driver of the 8500B loads, on 12 V that are limited to 2 A."""
    yield from _opened(BK85XXB, request.param, plug, _twelve_volt)


def _settled(read):
    """Read until two readings agree: an output takes some milliseconds, which only pass while somebody waits."""
    before = read()
    for _ in range(100):
        now = read()
        if abs(now - before) < 5e-4:
            return now
        before = now
    raise AssertionError(f"never settled, last at {before}")


def test_a_keysight_supply_is_set_switched_and_read(keysight):
    """5 V over 10 Ω are held; protection level, its state and remote sense read back."""
    keysight.set_current_limit(1.0, 1)
    keysight.set_voltage(5.0, 1)
    keysight.set_overvoltage_protection_level(5.5, 1)
    keysight.set_overvoltage_protection_enabled(True, 1)
    keysight.output_enable(True, 1)

    assert keysight.get_output_status(1) is True
    assert keysight.get_overvoltage_protection_level(1) == 5.5
    assert keysight.get_overvoltage_protection_enabled(1) is True
    assert _settled(lambda: keysight.get_voltage(1)) == pytest.approx(5.0, abs=0.01)
    assert keysight.get_current(1) == pytest.approx(0.5, abs=0.01)
    keysight.set_remote_sense_enabled(True, 1)
    assert keysight.get_remote_sense_enabled(1) is True


def test_a_keysight_supply_crosses_over_and_trips(keysight):
    """With a limit of 0.2 A, 2 V are left; with over-current protection nothing is."""
    keysight.set_voltage(5.0, 1)
    keysight.set_current_limit(0.2, 1)
    keysight.output_enable(True, 1)
    limited_v = _settled(lambda: keysight.get_voltage(1))

    keysight.set_overcurrent_protection_enabled(True, 1)
    # The protection waits for 50 ms, in which two readings could agree.
    for _ in range(5):
        keysight.get_voltage(1)

    assert limited_v == pytest.approx(2.0, abs=0.1)
    assert _settled(lambda: keysight.get_voltage(1)) == pytest.approx(0.0, abs=0.01)
    assert keysight.get_overcurrent_protection_enabled(1) is True


def test_a_refused_setting_is_the_drivers_error(keysight):
    """7 V are more than the first output has."""
    with pytest.raises(RuntimeError, match="-222"):
        keysight.set_voltage(7.0, 1)


def test_a_dp832_is_set_switched_and_read(rigol):
    """It asks for all limits when it is opened; then 5 V over 10 Ω are held, and with 0.2 A limited."""
    rigol.set_voltage(5.0, 1)
    rigol.set_current_limit(1.0, 1)
    rigol.output_enable(True, 1)
    held = (_settled(lambda: rigol.get_voltage(1)), rigol.get_operating_mode(1))
    rigol.set_current_limit(0.2, 1)
    limited = (_settled(lambda: rigol.get_voltage(1)), rigol.get_operating_mode(1))

    assert held == (pytest.approx(5.0, abs=0.04), OperatingMode.CONSTANT_VOLTAGE)
    assert limited == (pytest.approx(2.0, abs=0.15), OperatingMode.CONSTANT_CURRENT)
    assert (rigol.get_voltage_setpoint(1), rigol.get_current_setpoint(1)) == (5.0, 0.2)
    with pytest.raises(ValueError, match="out of range"):
        rigol.set_voltage(32.5, 1)


def test_a_dp832_trips_and_is_cleared(rigol):
    """Both protections trip, are told apart, and are cleared with the output off."""
    rigol.set_voltage(5.0, 1)
    rigol.set_overcurrent_protection_level(0.3, 1)
    rigol.set_overcurrent_protection_enabled(True, 1)
    rigol.output_enable(True, 1)
    _settled(lambda: rigol.get_voltage(1))
    tripped = (rigol.get_overcurrent_protection_tripped(1), rigol.get_overvoltage_protection_tripped(1))
    mode = rigol.get_operating_mode(1)

    rigol.clear_protection(1)

    assert (tripped, mode) == ((True, False), OperatingMode.OFF)
    assert rigol.get_overcurrent_protection_tripped(1) is False
    assert rigol.get_output_status(1) is False
    rigol.set_overvoltage_protection_level(4.0, 1)
    rigol.set_overvoltage_protection_enabled(True, 1)
    rigol.output_enable(True, 1)
    assert rigol.get_overvoltage_protection_tripped(1) is True


@pytest.mark.parametrize(
    ("mode", "level", "volts", "amperes"),
    [
        (LoadMode.CC, 1.0, 12.0, 1.0),
        (LoadMode.CV, 8.0, 8.0, 2.0),
        (LoadMode.CR, 100.0, 12.0, 0.12),
        (LoadMode.CP, 12.0, 12.0, 1.0),
    ],
)
def test_a_load_draws_in_every_mode(load, mode, level, volts, amperes):
    """What it draws from 12 V and 2 A in each mode is what it reads; off, it draws nothing."""
    # What the manual permits of a load of 240 A is coarse.
    load.set_mode(mode, 1)
    load.set_level(mode, level, 1, None)
    load.output_enable(True, 1)
    drawn = (_settled(lambda: load.get_voltage(1)), load.get_current(1))
    load.output_enable(False, 1)

    assert drawn == (pytest.approx(volts, abs=0.2), pytest.approx(amperes, abs=0.4))
    assert load.get_current(1) == pytest.approx(0.0, abs=0.05)


def test_a_load_shorts_and_has_ranges_and_slew_rates(load):
    """A short takes all that the source gives; ranges and slew rates are taken; what is beyond is refused."""
    load.set_range(LoadMode.CC, 3.0, 1)
    for direction in SlewRateDirection:
        load.set_slewrate(direction, 0.1, 1)
    load.short_output(True, 1)
    shorted = (_settled(lambda: load.get_current(1)), load.get_voltage(1))
    load.short_output(False, 1)

    assert shorted == (pytest.approx(2.0, abs=0.05), pytest.approx(0.1, abs=0.1))
    with pytest.raises(RuntimeError, match="-222"):
        load.set_level(LoadMode.CC, 1000.0, 1, None)


def test_a_supply_and_a_load_meet_in_one_circuit():
    """Two drivers of others on two virtual instruments: asked for more than it gives, the supply gives way."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    node = DcNode(clock, lead_ohm=0.02)
    supply = twin(Place(clock=clock, seed=1, name="supply", model="DP832", serial="1", feeds={1: node}))
    sink = twin(Place(clock=clock, seed=1, name="load", model="8542B", serial="2", draws_from=node))
    addresses = {"USB0::0x1AB1::0x0E11::1::INSTR": supply, "USB0::0x3121::0x0002::2::INSTR": sink}
    pyvisa_bench.BENCHES["pair"] = VirtualVisaLibrary.of_bench(clock, addresses)
    psu, eload = (
        driver(VisaConfig(address, visa_backend="pair@bench"))
        for driver, address in zip((RigolDP800, BK85XXB), addresses, strict=True)
    )
    psu.open()
    eload.open()

    psu.set_voltage(12.0, 1)
    psu.set_current_limit(1.0, 1)
    psu.output_enable(True, 1)
    eload.set_range(LoadMode.CC, 3.0, 1)
    eload.set_mode(LoadMode.CC, 1)
    eload.set_level(LoadMode.CC, 0.5, 1, None)
    eload.output_enable(True, 1)
    held = (_settled(lambda: psu.get_voltage(1)), eload.get_current(1), psu.get_operating_mode(1))
    eload.set_level(LoadMode.CC, 2.0, 1, None)
    given = (_settled(lambda: psu.get_voltage(1)), eload.get_current(1), psu.get_operating_mode(1))

    assert held == (pytest.approx(12.0, abs=0.05), pytest.approx(0.5, abs=0.01), OperatingMode.CONSTANT_VOLTAGE)
    assert given[0] < 0.3
    assert given[1:] == (pytest.approx(1.0, abs=0.02), OperatingMode.CONSTANT_CURRENT)
    assert eload.get_voltage(1) == pytest.approx(given[0] - 0.02, abs=0.05)
    eload.close()
    psu.close()
    del pyvisa_bench.BENCHES["pair"]
