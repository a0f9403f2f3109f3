"""Our 34465A driver on the simulated 34465A that qcodes' own tests use (pyvisa-sim).

The file knows whole lines in long forms only, one command each, and no SYSTem:ERRor?. Our driver asks for errors in the
message that sets something, so it can identify this meter and read its READ?, and must refuse to go on from there.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import qcodes.instrument.sims

from harness.errors import LocalProtocolError, RemoteProtocolError
from instruments.keysight_34465a import Keysight34465A
from instruments.roles import Identity
from instruments.scpi.client import Scpi
from instruments.visa import VisaLibrary, VisaTransport
from tests.instruments.wire import StillClock

SIMULATED = Path(qcodes.instrument.sims.__file__).with_name("Keysight_34465A.yaml")


@pytest.fixture
def wire() -> Iterator[VisaTransport]:
    """Give a wire to the file of others."""
    library = VisaLibrary(f"{SIMULATED}@sim")
    yield library.open("GPIB::1::INSTR", timeout_s=1.0)
    library.close()


def test_it_is_identified(wire: VisaTransport) -> None:
    """Four fields, with blanks between."""
    identity = Keysight34465A(wire, StillClock()).identify()

    assert identity == Identity("Keysight", "34465A", "1000", "A.02.16-02.40-02.16-00.51-03-01")


def test_its_reading_and_its_shortest_interval_are_numbers(wire: VisaTransport) -> None:
    """What our driver asks by, spelled as the file spells it, is understood as volts and seconds."""
    scpi = Scpi(wire, "34465A")

    assert scpi.ask_number("READ?") == 10.0
    assert scpi.ask_number("SAMPle:TIMer? MIN") == 0.1
    assert scpi.ask_number("SYSTem:LFRequency?") == 50.0


def test_what_the_file_does_not_know_is_never_taken_for_an_answer(wire: VisaTransport) -> None:
    """It answers ERROR to a short form, and that is no frequency of the mains; the meter counts as not configured."""
    meter = Keysight34465A(wire, StillClock())
    with pytest.raises(RemoteProtocolError, match="'SYST:LFR\\?' must be answered by a number, not by b'ERROR'"):
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10.0)

    with pytest.raises(LocalProtocolError, match="must be configured"):
        meter.read()
