"""What the claims must know of each driver's instrument: one row for each driver of the catalogue, and no number twice.

A new driver gets a row here, and is held to all that its role promises.
"""

from dataclasses import dataclass

from tests.instruments.conformance.stand import SERIAL


@dataclass(frozen=True, slots=True)
class Entry:
    """A driver of any role.

    Attributes:
        serial: What it says of its serial number.
    """

    serial: str = SERIAL


@dataclass(frozen=True, slots=True)
class Supply(Entry):
    """A supply; each of its channels gives 3 V and 0.5 A.

    Attributes:
        channels: The outputs that there are.
        missing: An output that there is not.
    """

    channels: tuple[int, ...] = (1, 2, 3)
    missing: int = 4


@dataclass(frozen=True, slots=True)
class Load(Entry):
    """An electronic load that takes 10 V and 2 A.

    Attributes:
        too_many_a: A current that it has no range for.
        too_many_w: A power that it refuses.
    """

    too_many_a: float = 500.0
    too_many_w: float = 5000.0


@dataclass(frozen=True, slots=True)
class Multimeter(Entry):
    """A multimeter with the ranges of the 34401A's line.

    Attributes:
        logs: Whether it has a sample timer.
        aperture_plc: An aperture that it has.
        no_aperture_plc: One that it has not.
    """

    logs: bool = True
    aperture_plc: float = 10.0
    no_aperture_plc: float = 3.0


@dataclass(frozen=True, slots=True)
class Oscilloscope(Entry):
    """An oscilloscope.

    Attributes:
        channels: How many it has.
    """

    channels: int = 4


@dataclass(frozen=True, slots=True)
class Switch(Entry):
    """A switch unit.

    Attributes:
        relays: Three relays on one module.
        missing: A channel that no module has, though it could be one.
        impossible: What can be no channel.
        sensors: Channels that carry volts, and how many.
    """

    relays: tuple[int, int, int] = (101, 102, 115)
    missing: int = 121
    impossible: int = 1
    sensors: tuple[tuple[int, float], ...] = ((201, 0.23), (202, 4.5), (203, -12.0))


@dataclass(frozen=True, slots=True)
class Chamber(Entry):
    """A thermal chamber that can make its air as warm as 40 °C and as cold as 5 °C.

    Attributes:
        too_warm_c: A temperature that it refuses once its air may be 45 °C at most.
    """

    too_warm_c: float = 60.0


ENTRIES: dict[str, Entry] = {
    "keysight-e36312a": Supply(),
    "keysight-e36313a": Supply(),
    "rigol-dp832": Supply(),
    "bk-8514b": Load(),
    "bk-8542b": Load(),
    "keysight-34465a": Multimeter(),
    "keysight-34461a": Multimeter(logs=False),
    "keysight-34401a": Multimeter(logs=False, serial="0"),
    "keysight-dsox1204g": Oscilloscope(),
    "keysight-dsox1102g": Oscilloscope(channels=2),
    "rigol-ds1054z": Oscilloscope(),
    "keysight-daq970a": Switch(),
    "keysight-34980a": Switch(
        relays=(1203, 1204, 1801),
        missing=1165,
        impossible=101,
        sensors=((2001, 0.23), (2002, 4.5), (2003, -12.0)),
    ),
    "temptronic-tp04300a": Chamber(),
}
