"""What a device under test tells beyond its status: its alarm, its lamps, and the sessions in its treatment log."""

from dataclasses import dataclass
from enum import StrEnum


class Priority(StrEnum):
    """How urgent an alarm is (IEC 60601-1-8), with none for no alarm."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Lamp(StrEnum):
    """The lamps of a device: current can flow, a fault was found, and an alarm of a priority is given."""

    OUTPUT = "output"
    FAULT = "fault"
    ALARM_LOW = "alarm low"
    ALARM_MEDIUM = "alarm medium"
    ALARM_HIGH = "alarm high"


LAMP_OF = {
    Priority.LOW: Lamp.ALARM_LOW,
    Priority.MEDIUM: Lamp.ALARM_MEDIUM,
    Priority.HIGH: Lamp.ALARM_HIGH,
}
"""The lamp of each priority of alarm."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alarm that a device gives.

    Attributes:
        priority: How urgent it is.
        cause: The word for the fault that causes it, as in DeviceStatus, or "".
    """

    priority: Priority
    cause: str


@dataclass(frozen=True, slots=True)
class TreatmentRecord:
    """One session in a device's treatment log.

    Attributes:
        utc_s: When it began by the device's calendar, in seconds since 1970-01-01 00:00 UTC.
        programme: Its programme; "free" for a session without one.
        site: Where.
        level: The level that was set last.
        counted_s: The session time that the device counted, in seconds.
        dose_c: The charge that the device counted, in coulombs (A·s), of either polarity.
        end: How it ended, in a word: "running", "time", "dose", "stop", "power", or the fault's word with hyphens.
    """

    utc_s: int
    programme: str
    site: str
    level: int
    counted_s: float
    dose_c: float
    end: str
