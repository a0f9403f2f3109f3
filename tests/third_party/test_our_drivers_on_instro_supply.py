"""Our drivers on instro's simulated supply, over TCP through pyvisa-py."""

import re
from collections.abc import Iterator

import pytest
from instro.psu.scpi_sim_server import SimulatedLoad, SimulatedPSU, SimulatedPSUChannel, SimulatedPSUServer

from harness.errors import HarnessError, InstrumentError, LocalProtocolError
from instruments.plain_supply import PlainSupply
from instruments.rigol_dp832 import RigolDP832
from instruments.roles import OutputState
from instruments.transport import Transport
from instruments.visa import VisaLibrary
from tests.instruments.wire import StillClock

RATINGS = {1: (60.0, 10.0), 2: (60.0, 10.0), 3: (60.0, 10.0)}


@pytest.fixture
def wire() -> Iterator[Transport]:
    """Give a wire to a simulated supply: 100 Ω, 10 Ω, and 20 V behind 10 Ω at its outputs, on leads of 0.1 Ω."""
    loads = {1: SimulatedLoad(100.0, 0.0, 0.1), 2: SimulatedLoad(10.0, 0.0, 0.1), 3: SimulatedLoad(10.0, 20.0, 0.1)}
    psu = SimulatedPSU(channels=[SimulatedPSUChannel(number, load) for number, load in loads.items()])
    server = SimulatedPSUServer(psu, port=0)
    server.start()
    library = VisaLibrary("@py")
    try:
        yield library.open(f"TCPIP0::127.0.0.1::{server.port}::SOCKET", timeout_s=2.0)
    finally:
        library.close()
        server.shutdown()


@pytest.fixture
def supply(wire: Transport) -> PlainSupply:
    """Give our driver for plain SCPI, after a reset."""
    driver = PlainSupply(wire, StillClock(), RATINGS)
    driver.reset()
    return driver


def test_it_is_identified(supply: PlainSupply) -> None:
    """Maker, model, serial number and firmware."""
    identity = supply.identify()

    assert (identity.maker, identity.model) == ("NOMINAL", "SIMULATED_PSU")


def test_it_crosses_over_and_is_read(supply: PlainSupply) -> None:
    """5 V over 100.1 Ω are held; over 10.1 Ω with a limit of 0.2 A the current is. Its noise is half a per cent."""
    for channel in (1, 2):
        supply.configure_output(channel, voltage_v=5.0, current_limit_a=0.2)
        supply.enable_output(channel)

    states = (supply.output_state(1), supply.output_state(2))
    volts, amperes = supply.measure_voltage(1), supply.measure_current(2)

    assert states == (OutputState.CONSTANT_VOLTAGE, OutputState.CONSTANT_CURRENT)
    assert (volts.value, volts.unit, volts.range) == (pytest.approx(5.0, rel=0.02), "V", 60.0)
    assert amperes.value == pytest.approx(0.2, rel=0.02)
    assert supply.measure_voltage(2).value == pytest.approx(0.2 * 10.1, rel=0.02)


def test_protection_is_set_read_back_and_kept_above_the_voltage(supply: PlainSupply) -> None:
    """A level below the voltage that is set is refused with the supply's own words."""
    supply.configure_output(1, voltage_v=5.0, current_limit_a=1.0)
    supply.configure_ovp(1, voltage_v=6.0)

    assert supply.ovp_v(1) == 6.0
    with pytest.raises(InstrumentError, match="OVP Below PV"):
        supply.configure_ovp(1, voltage_v=4.0)


def test_a_trip_is_told(supply: PlainSupply, wire: Transport) -> None:
    """A battery of 20 V drives 2 A backwards into output 3, and its protection is at 1 A; off, it is told off."""
    supply.configure_output(3, voltage_v=0.0, current_limit_a=0.5)
    for command in (b"SOUR3:CURR:PROT 1", b"SOUR3:CURR:PROT:STAT ON"):
        wire.write(command)
    supply.check_errors()

    with pytest.raises(InstrumentError, match="Overcurrent protection tripped"):
        supply.enable_output(3)

    assert (supply.output_state(3), supply.output_enabled(3)) == (OutputState.OVER_CURRENT, False)
    supply.disable_output(1)
    assert supply.output_state(1) is OutputState.OFF


def test_what_it_cannot_do_is_an_error(supply: PlainSupply) -> None:
    """More volts than it has, and an output that it has not."""
    with pytest.raises(InstrumentError, match="Data out of range"):
        supply.configure_output(1, voltage_v=61.0, current_limit_a=1.0)
    with pytest.raises(LocalProtocolError, match="the supply has 1, 2, 3"):
        supply.enable_output(4)


def test_a_driver_of_another_dialect_never_takes_it_for_done(wire: Transport) -> None:
    """The simulator takes one command a message: our DP832 driver sends several, and says that they were refused."""
    supply = RigolDP832(wire, StillClock())

    with pytest.raises(HarnessError, match=re.escape("Invalid character data")):
        supply.configure_output(1, voltage_v=5.0, current_limit_a=1.0)
