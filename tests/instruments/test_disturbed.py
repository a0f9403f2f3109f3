"""A driver notices that its instrument lost its power, was preset at its front panel, or is another one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fixtures.virtual.clock import VirtualClock
from fixtures.virtual.instruments.message.core import MessageInstrument
from fixtures.virtual.instruments.message.error_queue import POWER_ON
from fixtures.virtual.instruments.place import Place
from fixtures.virtual.twins import twin
from fixtures.virtual.visa_library import VirtualVisaLibrary
from instruments.catalog import DRIVERS
from instruments.visa import VisaLibrary

ADDRESS = "USB0::0x2A8D::0x1002::VB00000001::INSTR"
# What a preset of the others changes is noticed by the bench: outputs that are off, relays that are open.
TOLD_OF_A_PRESET = ("multimeter", "oscilloscope")


def opened(name: str) -> tuple[Any, MessageInstrument]:
    """Return a driver with its twin, set to something and asked for the first time."""
    known = DRIVERS[name]
    clock = VirtualClock(datetime(2026, 6, 1, tzinfo=UTC))
    found = twin(Place(clock=clock, seed=1, name=known.role, model=known.model, serial="VB1"))
    wire = VisaLibrary(VirtualVisaLibrary.of_bench(clock, {ADDRESS: found})).open(ADDRESS, timeout_s=10.0)
    instrument: Any = known.open(wire, clock, mains_hz=50.0)
    instrument.reset()
    assert instrument.disturbed() == ""
    if known.role == "oscilloscope":
        instrument.configure_channel(1, range_v=2.4)
        instrument.configure_acquisition(duration_s=1e-3, before_s=0.0, averaging=True)
    if known.role == "multimeter":
        instrument.configure_dc_voltage(range_v=10.0, aperture_plc=1.0)
    return instrument, found


@pytest.mark.parametrize("name", DRIVERS)
def test_an_instrument_that_nobody_touched_is_not_disturbed(name: str) -> None:
    """Its own settings, made by its own driver, are no disturbance, however often it is asked."""
    instrument, _ = opened(name)
    assert [instrument.disturbed(), instrument.disturbed()] == ["", ""]


@pytest.mark.parametrize("name", DRIVERS)
def test_a_loss_of_power_is_told_once(name: str) -> None:
    """The power-on bit is read and gone; from then on it is as it was."""
    instrument, found = opened(name)
    found.status.standard.event |= POWER_ON
    assert [instrument.disturbed(), instrument.disturbed()] == ["it was switched off and on", ""]


@pytest.mark.parametrize("name", [name for name, known in DRIVERS.items() if known.role in TOLD_OF_A_PRESET])
def test_a_preset_is_told(name: str) -> None:
    """What *RST changes is not what the driver set."""
    instrument, found = opened(name)
    found.reset()
    assert "somebody set it anew" in instrument.disturbed()


@pytest.mark.parametrize("name", [name for name, known in DRIVERS.items() if known.role == "multimeter"])
def test_a_preset_is_told_even_if_the_meter_was_configured_since(name: str) -> None:
    """A setting that the driver never touches again remembers it."""
    instrument, found = opened(name)
    found.reset()
    instrument.configure_dc_voltage(range_v=1.0, aperture_plc=1.0)
    assert "FREQ:APER?" in instrument.disturbed()


@pytest.mark.parametrize("name", DRIVERS)
def test_another_instrument_stays_another_one(name: str) -> None:
    """Who it says that it is is compared with who it was first, each time."""
    instrument, found = opened(name)
    found.identity = b"A,B,C,D"
    assert ["'A,B,C,D'" in instrument.disturbed() for _ in range(2)] == [True, True]
