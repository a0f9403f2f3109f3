"""Which driver a bench file means by a name: two tables, read by people and programs alike."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.clock import Clock
from harness.errors import ConfigError
from instruments.controller.client import ReferenceController
from instruments.keysight_34465a import Keysight34461A, Keysight34465A
from instruments.keysight_daq970a import KeysightDAQ970A
from instruments.keysight_dsox1204g import KeysightDSOX1204G
from instruments.keysight_e36312a import KeysightE36312A
from instruments.roles import Instrument
from instruments.transport import Transport


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver of the catalogue.

    Attributes:
        open: Makes the driver out of a wire and a clock.
        role: What it plays: "supply", "multimeter", "oscilloscope" or "switch".
        model: The model that *IDN? must name, and whose data sheet counts.
    """

    open: Callable[[Transport, Clock], Instrument]
    role: str
    model: str


DRIVERS = {
    "keysight-e36312a": Driver(KeysightE36312A, "supply", "E36312A"),
    "keysight-34465a": Driver(Keysight34465A, "multimeter", "34465A"),
    "keysight-34461a": Driver(Keysight34461A, "multimeter", "34461A"),
    "keysight-dsox1204g": Driver(KeysightDSOX1204G, "oscilloscope", "DSOX1204G"),
    "keysight-daq970a": Driver(KeysightDAQ970A, "switch", "DAQ970A"),
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
