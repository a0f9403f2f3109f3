"""The supply drivers of qcodes and of its contributors, unchanged, on virtual instruments."""

import pytest
from qcodes.instrument_drivers.rigol import RigolDP832
from qcodes_contrib_drivers.drivers.Keysight.Keysight_E36313A import E36313A

from fixtures.virtual.dc_node import DcNode, Resistor


def _opened(driver, model, plug, **more):
    plugged = plug(model, lambda clock: {"feeds": {1: DcNode(clock, Resistor(10.0))}})
    device = driver("supply", plugged.address, visalib=plugged.visalib, **more)
    device.timeout(10)
    yield device
    device.close()


@pytest.fixture
def rigol(plug):
    """Give qcodes' driver of the DP832, with 10 Ω at output 1."""
    yield from _opened(RigolDP832, "DP832", plug, terminator="\n")


@pytest.fixture
def keysight(plug):
    """Give the contributed driver of the E36313A, with 10 Ω at output 1."""
    yield from _opened(E36313A, "E36313A", plug)


def _settled(read):
    """Read until two readings agree: an output takes some milliseconds, which only pass while somebody waits."""
    before = read()
    for _ in range(100):
        now = read()
        if abs(now - before) < 5e-4:
            return now
        before = now
    raise AssertionError(f"never settled, last at {before}")


def test_a_dp832_is_identified(rigol):
    """Maker, model and serial number stand where the driver looks for them, and no option is installed."""
    identity = rigol.get_idn()

    assert (identity["vendor"], identity["model"]) == ("RIGOL TECHNOLOGIES", "DP832")
    assert rigol.installed_options() == []


def test_a_dp832_is_set_switched_and_read(rigol):
    """5 V over 10 Ω are held; voltage, current and power belong together."""
    rigol.ch1.set_voltage(5.0)
    rigol.ch1.set_current(1.0)
    rigol.ch1.state("on")

    assert (rigol.ch1.set_voltage(), rigol.ch1.set_current()) == (5.0, 1.0)
    assert (rigol.ch1.state(), rigol.ch2.state()) == ("ON", "OFF")
    assert _settled(rigol.ch1.voltage) == pytest.approx(5.0, abs=0.04)
    assert rigol.ch1.current() == pytest.approx(0.5, abs=0.01)
    assert rigol.ch1.power() == pytest.approx(2.5, abs=0.1)
    assert rigol.ch1.mode() == "ConstantVoltage"


def test_a_dp832_crosses_over_to_constant_current(rigol):
    """With a limit of 0.2 A, 2 V are left over 10 Ω."""
    rigol.ch1.set_voltage(5.0)
    rigol.ch1.set_current(0.2)
    rigol.ch1.state("on")

    assert _settled(rigol.ch1.voltage) == pytest.approx(2.0, abs=0.15)
    assert rigol.ch1.mode() == "ConstantCurrent"


def test_a_dp832_trips_at_its_levels_and_goes_on_again(rigol):
    """Over-current at 0.3 A and over-voltage at 4 V switch the output off; without them it is switched on again."""
    rigol.ch1.set_voltage(5.0)
    rigol.ch1.set_current(1.0)
    rigol.ch1.ocp_value(0.3)
    rigol.ch1.ocp_state("on")
    rigol.ch1.state("on")
    assert (rigol.ch1.ocp_value(), rigol.ch1.ocp_state()) == (0.3, "ON")
    assert _settled(rigol.ch1.voltage) == pytest.approx(0.0, abs=0.03)
    assert rigol.ch1.state() == "OFF"
    assert rigol.ask(":OUTP:OCP:QUES? CH1") == "YES"

    rigol.ch1.ocp_state("off")
    rigol.ch1.ovp_value(4.0)
    rigol.ch1.ovp_state("on")
    rigol.ch1.state("on")
    assert (rigol.ch1.ovp_value(), rigol.ch1.state()) == (4.0, "OFF")
    assert rigol.ask(":OUTP:OVP:QUES? CH1") == "YES"

    rigol.ch1.ovp_state("off")
    rigol.ch1.state("on")
    assert _settled(rigol.ch1.voltage) == pytest.approx(5.0, abs=0.04)
    assert rigol.ask(":SYST:ERR?") == '0,"No error"'


def test_the_snapshot_of_a_dp832_is_whole(rigol):
    """Every parameter of every channel can be read."""
    for channel in rigol.channels:
        values = {name: parameter() for name, parameter in channel.parameters.items() if name != "mode"}
        assert None not in values.values()
    assert rigol.ch3.ovp_value() == 5.5


def test_an_e36313a_is_set_switched_and_read(keysight):
    """5 V over 10 Ω are held, and off there is nothing left."""
    keysight.ch1.source_voltage(5.0)
    keysight.ch1.source_current(8.0)
    keysight.ch1.enable("on")

    assert keysight.get_idn()["model"] == "E36313A"
    assert (keysight.ch1.source_voltage(), keysight.ch1.source_current()) == (5.0, 8.0)
    assert keysight.ch1.enable() == "on"
    assert _settled(keysight.ch1.voltage) == pytest.approx(5.0, abs=0.01)
    assert keysight.ch1.current() == pytest.approx(0.5, abs=0.01)
    keysight.ch1.enable("off")
    assert _settled(keysight.ch1.voltage) == pytest.approx(0.0, abs=0.01)


def test_an_e36313a_crosses_over_trips_and_is_cleared(keysight):
    """With a limit of 0.2 A, 2 V are left; protected, the output goes off until that is cleared."""
    keysight.ch1.source_voltage(5.0)
    keysight.ch1.source_current(0.2)
    keysight.ch1.enable("on")
    assert _settled(keysight.ch1.voltage) == pytest.approx(2.0, abs=0.1)
    assert keysight.ask("STAT:QUES:INST:ISUM1:COND?") == "+1"

    keysight.write("CURR:PROT:DEL 0.01,(@1);:CURR:PROT:STAT ON,(@1)")
    assert _settled(keysight.ch1.voltage) == pytest.approx(0.0, abs=0.01)
    assert keysight.ask("CURR:PROT:TRIP? (@1)") == "1"

    keysight.ch1.source_current(1.0)
    keysight.write("OUTP:PROT:CLE (@1)")
    assert _settled(keysight.ch1.voltage) == pytest.approx(5.0, abs=0.01)
    assert keysight.ask("SYST:ERR?") == '+0,"No error"'
