"""Our 34401A driver, and the conversation under it, on instro's simulated multimeter over TCP.

The simulator takes one command a line, and loses what follows a semicolon. So our driver, which asks for errors in the
message that sets something, gets no answer there: it must say so. What it identifies, reads and asks by works.
"""

from collections.abc import Iterator

import pytest
from instro.dmm.scpi_sim_server import SimulatedDMM, SimulatedDMMServer

from harness.errors import InstrumentError, LinkError, LocalProtocolError
from instruments.keysight_34401a import Keysight34401A
from instruments.roles import Identity
from instruments.scpi.client import Scpi
from instruments.visa import VisaLibrary, VisaTransport
from tests.instruments.wire import StillClock

VOLTS = 1.234


@pytest.fixture
def wire() -> Iterator[VisaTransport]:
    """Give a wire to a simulated meter with 1.234 V at its input."""
    server = SimulatedDMMServer(SimulatedDMM({"VOLT:DC": VOLTS}), port=0)
    server.start()
    library = VisaLibrary("@py")
    yield library.open(f"TCPIP0::127.0.0.1::{server.port}::SOCKET", timeout_s=0.3)
    library.close()
    server.shutdown()


def test_it_is_identified_and_has_no_errors(wire: VisaTransport) -> None:
    """Four fields; its way to say that there is no error, without a plus sign, is understood."""
    meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)

    assert meter.identify() == Identity("NOMINAL", "SIMULATED_DMM", "000001", "1.0")
    meter.check_errors()


def test_its_reading_is_the_voltage_at_its_input(wire: VisaTransport) -> None:
    """READ? after CONFigure gives it, with the noise that it says it has."""
    scpi = Scpi(wire, "34401A")
    scpi.write("CONF:VOLT:DC 10")

    readings = [scpi.ask_number("READ?") for _ in range(20)]

    assert readings == pytest.approx([VOLTS] * 20, rel=0.01)
    assert len(set(readings)) > 1


def test_a_command_that_it_does_not_know_is_told(wire: VisaTransport) -> None:
    """Its error queue is read out."""
    meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
    Scpi(wire, "34401A").write("DET:BAND 20")

    with pytest.raises(InstrumentError, match="-113"):
        meter.check_errors()


def test_a_setting_without_an_answer_is_not_taken_for_set(wire: VisaTransport) -> None:
    """The question for errors is lost on it, and no reading is taken on a range that nobody confirmed."""
    meter = Keysight34401A(wire, StillClock(), mains_hz=50.0)
    with pytest.raises(LinkError, match="no answer"):
        meter.configure_dc_voltage(range_v=10.0, aperture_plc=10.0)

    with pytest.raises(LocalProtocolError, match="must be configured"):
        meter.read()
