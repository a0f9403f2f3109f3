"""The catalogue of drivers."""

import pytest

from harness.errors import ConfigError
from instruments.catalog import CONTROLLERS, DRIVERS, driver, driver_for, passes_self_test
from instruments.roles import Identity
from tests.instruments.wire import StillClock, scripted_wire


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_is_found_by_name_and_identifies_its_instrument(name: str) -> None:
    """Every driver is made out of a wire, a clock and the mains, and can tell who is there."""
    entry = driver(name)

    with scripted_wire((b"*IDN?", f"Keysight Technologies,{entry.model},MY1,1.0".encode())) as wire:
        identity = entry.open(wire, StillClock(), mains_hz=50.0).identify()

    assert identity.model == entry.model


def test_an_unknown_driver_lists_the_known_ones() -> None:
    """The text offers what there is."""
    with pytest.raises(ConfigError, match=r"keysight-e36312a, .*keysight-34465a, keysight-34461a"):
        driver("keysight-3458a")


def test_there_is_a_controller() -> None:
    """The reference controller's protocol has its client."""
    assert "reference" in CONTROLLERS


@pytest.mark.parametrize(
    ("maker", "model", "expected"),
    [
        ("Keysight Technologies", "34465A", "keysight-34465a"),
        ("Agilent Technologies", "34461A", "keysight-34461a"),
        ("KEYSIGHT TECHNOLOGIES", "DSOX1204G", "keysight-dsox1204g"),
        ("Agilent Technologies", "E36312A", "keysight-e36312a"),
        ("RIGOL TECHNOLOGIES", "DP832", "rigol-dp832"),
    ],
)
def test_an_instrument_finds_its_driver_by_what_it_says(maker: str, model: str, expected: str) -> None:
    """Makers spell themselves in capitals or not, and as the companies that they once were."""
    assert driver_for(Identity(maker, model, "MY1", "1.0")) == expected


@pytest.mark.parametrize(("maker", "model"), [("ACME", "34465A"), ("Keysight Technologies", "34465"), ("", "")])
def test_an_instrument_without_a_driver_lists_those_that_there_are(maker: str, model: str) -> None:
    """A model of another maker, or one that nobody knows, is no guess."""
    with pytest.raises(ConfigError, match=r"there are drivers for .*34465A \(keysight-34465a\)"):
        driver_for(Identity(maker, model, "MY1", "1.0"))


@pytest.mark.parametrize(
    ("name", "answer", "passed"),
    [
        ("keysight-34465a", "+0", True),
        ("keysight-dsox1204g", "0", True),
        ("keysight-34465a", "+1", False),
        ("keysight-34465a", "", False),
        ("keysight-34465a", "0,1", False),
        ("rigol-dp832", "TopBoard:PASS,BottomBoard:PASS,Fan:PASS", True),
        ("rigol-dp832", "TopBoard:PASS,BottomBoard:FAIL,Fan:PASS", False),
    ],
)
def test_a_self_test_passes_by_the_word_of_its_maker(name: str, answer: str, passed: bool) -> None:
    """Zero is a pass by IEEE 488.2; a DP832 answers in words, and each must be a pass."""
    assert passes_self_test(name, answer) is passed
