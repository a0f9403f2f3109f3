"""The supply drivers of pymeasure, unchanged, on virtual instruments."""

import pytest
from pymeasure.instruments.keysight import KeysightE36312A

from fixtures.virtual.dc_node import DcNode, Resistor


@pytest.fixture
def supply(plug):
    """Give pymeasure's driver with 10 Ω at output 1."""
    plugged = plug("E36312A", lambda clock: {"feeds": {1: DcNode(clock, Resistor(10.0))}})
    device = KeysightE36312A(plugged.address, visa_library=plugged.visalib, read_termination="\n")
    yield device
    device.adapter.close()


def _settled(read):
    """Read until two readings agree: an output takes some milliseconds, which only pass while somebody waits."""
    before = read()
    for _ in range(50):
        now = read()
        if abs(now - before) < 5e-4:
            return now
        before = now
    raise AssertionError(f"never settled, last at {before}")


def test_a_supply_is_identified(supply):
    """Its identity is that of an E36312A."""
    assert supply.id.split(",")[:2] == ["Keysight Technologies", "E36312A"]


def test_a_supply_is_set_switched_and_read(supply):
    """What was set reads back; 5 V are held over 10 Ω, and off there is nothing left."""
    supply.ch_1.voltage_setpoint = 5.0
    supply.ch_1.current_limit = 0.8
    supply.ch_1.output_enabled = True

    assert (supply.ch_1.voltage_setpoint, supply.ch_1.current_limit) == (5.0, 0.8)
    assert supply.ch_1.output_enabled is True
    assert _settled(lambda: supply.ch_1.voltage) == pytest.approx(5.0, abs=0.01)
    assert supply.ch_1.current == pytest.approx(0.5, abs=0.01)
    supply.ch_1.output_enabled = False
    assert _settled(lambda: supply.ch_1.voltage) == pytest.approx(0.0, abs=0.01)


def test_a_supply_crosses_over_to_constant_current(supply):
    """With a limit of 0.2 A, 2 V are left over 10 Ω."""
    supply.ch_1.voltage_setpoint = 5.0
    supply.ch_1.current_limit = 0.2
    supply.ch_1.output_enabled = True

    assert _settled(lambda: supply.ch_1.current) == pytest.approx(0.2, abs=0.01)
    assert supply.ch_1.voltage == pytest.approx(2.0, abs=0.1)


def test_three_channels_are_apart(supply):
    """Each keeps what it was set to, and the driver's own limits are those of the instrument."""
    supply.ch_2.voltage_setpoint = 12.0
    supply.ch_3.voltage_setpoint = 20.0

    assert [channel.voltage_setpoint for channel in (supply.ch_1, supply.ch_2, supply.ch_3)] == [0.0, 12.0, 20.0]
    with pytest.raises(ValueError, match="6"):
        supply.ch_1.voltage_setpoint = 6.5
    assert supply.check_errors() == []


def test_a_protection_trips_and_is_cleared(supply):
    """The driver has no words for protection, so that they are written through it."""
    supply.write("CURR:PROT:STAT ON,(@1);:CURR:PROT:DEL 0.01,(@1)")
    supply.ch_1.voltage_setpoint = 5.0
    supply.ch_1.current_limit = 0.1
    supply.ch_1.output_enabled = True

    assert _settled(lambda: supply.ch_1.current) == pytest.approx(0.0, abs=0.005)
    assert supply.ask("CURR:PROT:TRIP? (@1)").strip() == "1"
    supply.ch_1.current_limit = 0.8
    supply.write("OUTP:PROT:CLE (@1)")
    assert supply.ask("CURR:PROT:TRIP? (@1)").strip() == "0"
    assert _settled(lambda: supply.ch_1.current) == pytest.approx(0.5, abs=0.01)
