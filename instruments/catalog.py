"""Which driver a bench file means by a name, or an instrument by what it says of itself: tables, read by people too."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.clock import Clock
from harness.errors import ConfigError
from instruments.bk_8500b import BK8514B, BK8542B
from instruments.controller.client import ReferenceController
from instruments.keysight_34401a import Keysight34401A
from instruments.keysight_34465a import Keysight34461A, Keysight34465A
from instruments.keysight_34980a import Keysight34980A
from instruments.keysight_daq970a import KeysightDAQ970A
from instruments.keysight_dsox1204g import KeysightDSOX1102G, KeysightDSOX1204G
from instruments.keysight_e36312a import KeysightE36312A, KeysightE36313A
from instruments.rigol_dp832 import RigolDP832
from instruments.rigol_ds1054z import RigolDS1054Z
from instruments.roles import Identity, Instrument
from instruments.temptronic_tp04300a import TemptronicTP04300A
from instruments.transport import Transport


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver of the catalogue.

    Attributes:
        make: The driver's class.
        role: What it plays: "supply", "load", "multimeter", "oscilloscope", "switch" or "chamber".
        model: The model that *IDN? must name, and whose data sheet counts.
        passed: What *TST? answers if the self-test passed, as a regular expression (IEEE 488.2, 10.38: zero).
        channels: How many inputs an oscilloscope has, or outputs a supply; 0 for what is neither.
        told_mains: Whether the driver must be told the frequency of the mains, since its instrument cannot be asked.
    """

    make: Callable[..., Instrument]
    role: str
    model: str
    passed: str = r"\+?0"
    channels: int = 0
    told_mains: bool = False

    def open(self, transport: Transport, clock: Clock, *, mains_hz: float) -> Instrument:
        """Return the driver on a wire; mains_hz is the frequency of the mains in hertz."""
        return self.make(transport, clock, **({"mains_hz": mains_hz} if self.told_mains else {}))


# How makers spell themselves in *IDN?, by the word that the names of their drivers begin with.
MAKERS = {
    "keysight": ("Keysight Technologies", "Agilent Technologies", "Hewlett-Packard"),
    "rigol": ("Rigol Technologies",),
    "temptronic": ("Temptronic", "inTEST Thermal Solutions"),
    "bk": ("B&K Precision", "BK Precision", "B&K Precision Corp"),
}


DRIVERS = {
    "keysight-e36312a": Driver(KeysightE36312A, "supply", "E36312A", channels=3),
    "keysight-e36313a": Driver(KeysightE36313A, "supply", "E36313A", channels=3),
    "rigol-dp832": Driver(RigolDP832, "supply", "DP832", passed=r"\w+:PASS(,\w+:PASS)*|\+?0", channels=3),
    "bk-8514b": Driver(BK8514B, "load", "8514B"),
    "bk-8542b": Driver(BK8542B, "load", "8542B"),
    "keysight-34465a": Driver(Keysight34465A, "multimeter", "34465A"),
    "keysight-34461a": Driver(Keysight34461A, "multimeter", "34461A"),
    "keysight-34401a": Driver(Keysight34401A, "multimeter", "34401A", told_mains=True),
    "keysight-dsox1204g": Driver(KeysightDSOX1204G, "oscilloscope", "DSOX1204G", channels=4),
    "keysight-dsox1102g": Driver(KeysightDSOX1102G, "oscilloscope", "DSOX1102G", channels=2),
    "rigol-ds1054z": Driver(RigolDS1054Z, "oscilloscope", "DS1054Z", channels=4),
    "keysight-daq970a": Driver(KeysightDAQ970A, "switch", "DAQ970A"),
    "keysight-34980a": Driver(Keysight34980A, "switch", "34980A"),
    "temptronic-tp04300a": Driver(TemptronicTP04300A, "chamber", "TP04300A"),
}

# Controllers of devices under test, made out of a serial line and a clock.
CONTROLLERS = {
    "reference": ReferenceController,
}


def driver(name: str) -> Driver:
    """Return the driver that a bench file calls name.

    Raises:
        ConfigError: There is no such driver; the text lists those that there are.
    """
    try:
        return DRIVERS[name]
    except KeyError:
        raise ConfigError(f"there is no driver {name!r}: choose one of {', '.join(DRIVERS)}") from None


def passes_self_test(name: str, answer: str) -> bool:
    """Return whether what an instrument with a driver answers to *TST? means that it passed its self-test."""
    return re.fullmatch(driver(name).passed, answer.strip()) is not None


def driver_for(identity: Identity) -> str:
    """Return the name of the driver for an instrument that says who it is.

    Raises:
        ConfigError: There is none for its maker and model; the text lists those that there are.
    """
    maker = next((word for word, spelt in MAKERS.items() if identity.maker.casefold() in map(str.casefold, spelt)), "")
    for name, entry in DRIVERS.items():
        if maker and name.startswith(f"{maker}-") and entry.model == identity.model:
            return name
    known = ", ".join(f"{entry.model} ({name})" for name, entry in DRIVERS.items())
    raise ConfigError(
        f"there is no driver for a {identity.model!r} of {identity.maker!r}: there are drivers for {known}; name one "
        "of them if it speaks as this instrument does"
    )
