"""The catalogue of drivers."""

import pytest

from harness.errors import ConfigError
from instruments.catalog import CONTROLLERS, DRIVERS, driver
from tests.instruments.wire import StillClock, scripted_wire


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_is_found_by_name_and_identifies_its_instrument(name: str) -> None:
    """Every driver is made out of a wire and a clock, and can tell who is there."""
    entry = driver(name)

    with scripted_wire((b"*IDN?", f"Keysight Technologies,{entry.model},MY1,1.0".encode())) as wire:
        identity = entry.open(wire, StillClock()).identify()

    assert identity.model == entry.model


def test_an_unknown_driver_lists_the_known_ones() -> None:
    """The text offers what there is."""
    with pytest.raises(ConfigError, match="keysight-e36312a, keysight-34465a, keysight-34461a"):
        driver("keysight-34401a")


def test_there_is_a_controller() -> None:
    """The reference controller's protocol has its client."""
    assert "reference" in CONTROLLERS
