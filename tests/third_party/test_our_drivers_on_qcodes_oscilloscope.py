"""Our DS1054Z driver on the simulated DS1074Z that qcodes' own tests use (pyvisa-sim).

The file knows the identity, the mode of the trigger and a few numbers of a record, each asked for in qcodes' own
spelling: nothing can be armed or fetched. So what is shown is that our driver is not misled by what it does not know.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import qcodes.instrument.sims

from harness.errors import HarnessError
from instruments.rigol_ds1054z import RigolDS1054Z
from instruments.roles import Identity
from instruments.visa import VisaLibrary
from tests.instruments.wire import StillClock

SIMULATED = Path(qcodes.instrument.sims.__file__).with_name("Rigol_DS1074Z.yaml")


@pytest.fixture
def scope() -> Iterator[RigolDS1054Z]:
    """Give our driver, with the file of others at the other end."""
    library = VisaLibrary(f"{SIMULATED}@sim")
    yield RigolDS1054Z(library.open("GPIB::1::INSTR", timeout_s=1.0), StillClock())
    library.close()


def test_it_is_identified(scope: RigolDS1054Z) -> None:
    """Four fields, with blanks after the commas, and a firmware with blanks inside."""
    assert scope.identify() == Identity("QCoDeS", "DS1074Z", "xxxxxxxx", "CF:91.1CT FV:10.8.3 Build 3")


def test_a_setting_that_the_file_does_not_know_is_refused(scope: RigolDS1054Z) -> None:
    """The simulator answers ERROR, and no channel counts as set."""
    with pytest.raises(HarnessError, match="ERROR"):
        scope.configure_channel(1, range_v=4.0)

    with pytest.raises(HarnessError, match="configured"):
        scope.initiate()


def test_a_state_that_the_file_does_not_know_is_never_a_complete_shot(scope: RigolDS1054Z) -> None:
    """ERROR is none of the states of a trigger."""
    with pytest.raises(HarnessError, match="TRIG:STAT"):
        scope.wait_complete(1.0)
