"""Our 34980A driver on the simulated 34980A that qcodes' own tests use (pyvisa-sim)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import qcodes.instrument.sims

from harness.errors import HarnessError, InstrumentError
from instruments.keysight_34980a import Keysight34980A
from instruments.roles import Identity
from instruments.visa import VisaLibrary
from tests.instruments.wire import StillClock

SIMULATED = Path(qcodes.instrument.sims.__file__).with_name("keysight_34980A.yaml")


@pytest.fixture
def switch() -> Iterator[Keysight34980A]:
    """Give our driver, with the file of others at the other end."""
    library = VisaLibrary(f"{SIMULATED}@sim")
    yield Keysight34980A(library.open("GPIB::1::INSTR", timeout_s=1.0), StillClock())
    library.close()


def test_it_is_identified(switch: Keysight34980A) -> None:
    """Four fields, with blanks between."""
    assert switch.identify() == Identity("Keysight", "34980A", "1000", "0.1")


def test_its_modules_are_found(switch: Keysight34980A) -> None:
    """Slots 1 and 3 hold a matrix, the others nothing."""
    assert switch.modules() == {1: "34934A-8x64", 3: "34934A-4x32"}


def test_an_open_crosspoint_is_told_open(switch: Keysight34980A) -> None:
    """Row 2, column 3 of the matrix in slot 1."""
    assert switch.closed(1203) == (False,)


def test_what_the_file_does_not_know_is_never_taken_for_an_answer(switch: Keysight34980A) -> None:
    """The simulator answers ERROR to a command that it does not know, and that is no relay that closed."""
    with pytest.raises(HarnessError) as refused:
        switch.close_relays(1203)

    assert isinstance(refused.value, InstrumentError)
    assert "ERROR" in str(refused.value)
