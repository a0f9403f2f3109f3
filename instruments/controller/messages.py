"""What host and device say to each other, each message a small fact with a name.

Both directions live here, so that the client, the virtual device and the tests use one vocabulary. How a message is
written on the wire is in wording.py.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from harness.errors import RemoteProtocolError
from instruments.device_records import Lamp, Priority
from instruments.roles import DeviceState


class Fault(StrEnum):
    """Why a device stopped by itself, in the words of DeviceStatus.fault; NONE is the empty word."""

    NONE = ""
    OPEN_ELECTRODE = "open electrode"
    SHORT = "short"
    OVER_CURRENT = "over-current"
    OVER_VOLTAGE = "over-voltage"
    SUPPLY = "supply"
    SERIAL = "serial"
    WATCHDOG = "watchdog"
    EMERGENCY_STOP = "emergency stop"
    SELF_TEST = "self-test"
    SENSE = "sense"
    STUCK = "stuck"
    CLOCK = "clock"
    MEMORY = "memory"
    KEY = "key"


class Waveform(StrEnum):
    """What the current looks like; pulsed means on for a part of each period."""

    DC = "dc"
    PULSED = "pulsed"


class Code(IntEnum):
    """The numbered reasons of a NAK."""

    UNREADABLE = 1
    UNKNOWN_COMMAND = 2
    BAD_ARGUMENT = 3
    OUT_OF_RANGE = 4
    NOT_NOW = 5
    NOT_CONFIRMED = 6
    CAUSE_PERSISTS = 7
    SELF_TEST_FAILED = 8
    SCHEDULE = 9


class CommandError(RemoteProtocolError):
    """A readable line that is no command. Its code is the number for the NAK."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code


# Commands, host to device.


@dataclass(frozen=True, slots=True)
class Identify:
    """Who are you?"""


@dataclass(frozen=True, slots=True)
class Status:
    """What are you doing?"""


@dataclass(frozen=True, slots=True)
class Display:
    """Which current do you show?"""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How did your self-test end?"""


@dataclass(frozen=True, slots=True)
class Dose:
    """How much charge did this session set so far?"""


@dataclass(frozen=True, slots=True)
class Log:
    """What is in your event log? 0 is the newest entry."""

    index: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """What does your calendar clock show?"""


@dataclass(frozen=True, slots=True)
class Treatments:
    """How many sessions are in your treatment log?"""


@dataclass(frozen=True, slots=True)
class AskTreatment:
    """Which session is in your treatment log? 0 is the newest."""

    index: int


@dataclass(frozen=True, slots=True)
class AskAlarm:
    """Which alarm do you give?"""


@dataclass(frozen=True, slots=True)
class AskLamps:
    """Which of your lamps are lit?"""


@dataclass(frozen=True, slots=True)
class Confirm:
    """No contraindication is present."""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin a session of duration_ms milliseconds."""

    site: str
    level: int
    duration_ms: int
    waveform: Waveform
    reversal: bool


@dataclass(frozen=True, slots=True)
class Treat:
    """Begin a session of a programme, of duration_ms milliseconds; 0 is the programme's usual duration."""

    programme: str
    site: str
    level: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Go to another level."""

    level: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Ramp to zero and hold the session."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with the held session."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Ramp to zero and end the session."""


@dataclass(frozen=True, slots=True)
class EmergencyStop:
    """Off, at once."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The latched fault was seen."""


@dataclass(frozen=True, slots=True)
class Supervise:
    """Stop when you hear nothing for timeout_ms milliseconds; 0 ends that."""

    timeout_ms: int


@dataclass(frozen=True, slots=True)
class SetClock:
    """Set the calendar clock: days since 1970-01-01, and seconds since that day began, UTC."""

    day: int
    second: int


@dataclass(frozen=True, slots=True)
class Provoke:
    """Service mode: let a part fail, or disable what would notice; the words are in PROTOCOL.md."""

    fault: str


Command = (
    Identify
    | Status
    | Display
    | SelfTest
    | Dose
    | Log
    | Calendar
    | Treatments
    | AskTreatment
    | AskAlarm
    | AskLamps
    | Confirm
    | Start
    | Treat
    | SetLevel
    | Pause
    | Resume
    | Stop
    | EmergencyStop
    | Acknowledge
    | Supervise
    | SetClock
    | Provoke
)

WORDS: dict[type[Command], str] = {
    Identify: "IDENTIFY",
    Status: "STATUS",
    Display: "DISPLAY",
    SelfTest: "SELFTEST",
    Dose: "DOSE",
    Log: "LOG",
    Calendar: "CALENDAR",
    Treatments: "TREATMENTS",
    AskTreatment: "TREATMENT",
    AskAlarm: "ALARM",
    AskLamps: "INDICATORS",
    Confirm: "CONFIRM",
    Start: "START",
    Treat: "TREAT",
    SetLevel: "LEVEL",
    Pause: "PAUSE",
    Resume: "RESUME",
    Stop: "STOP",
    EmergencyStop: "ESTOP",
    Acknowledge: "ACKNOWLEDGE",
    Supervise: "SUPERVISE",
    SetClock: "CLOCK",
    Provoke: "PROVOKE",
}
"""The word on the wire for each command."""


# Replies, device to host.


@dataclass(frozen=True, slots=True)
class Ack:
    """Done."""


@dataclass(frozen=True, slots=True)
class Nak:
    """Refused, and nothing was changed; code is one of Code, text the reason for people."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class IdentityReply:
    """Who the device is."""

    maker: str
    model: str
    serial: str
    firmware: str


@dataclass(frozen=True, slots=True)
class StatusReply:
    """What the device is doing; elapsed_ms is counted session time in milliseconds."""

    state: DeviceState
    level: int
    polarity: int
    elapsed_ms: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class DisplayReply:
    """The displayed current and one step of the display, in microamperes."""

    current_ua: int
    step_ua: int


@dataclass(frozen=True, slots=True)
class SelfTestReply:
    """How the self-test ended: "running", "passed", or the name of what failed."""

    result: str


@dataclass(frozen=True, slots=True)
class DoseReply:
    """The charge that the session set so far, in microcoulombs."""

    charge_uc: int


@dataclass(frozen=True, slots=True)
class LogReply:
    """One entry of the event log, how many there are, and when it was, in milliseconds since the device booted."""

    count: int
    at_ms: int
    event: str


@dataclass(frozen=True, slots=True)
class CalendarReply:
    """The calendar clock: days since 1970-01-01, and seconds since that day began, UTC."""

    day: int
    second: int


@dataclass(frozen=True, slots=True)
class TreatmentsReply:
    """How many sessions are in the treatment log."""

    count: int


@dataclass(frozen=True, slots=True)
class TreatmentReply:
    """One session of the treatment log.

    Attributes:
        day: When it began, in days since 1970-01-01.
        second: When it began, in seconds since that day began, UTC.
        programme: Its programme; "free" for a session without one.
        site: Where.
        level: The level that was set last.
        elapsed_ms: Counted session time in milliseconds.
        charge_uc: Counted charge in microcoulombs.
        end: How it ended, in a word.
    """

    day: int
    second: int
    programme: str
    site: str
    level: int
    elapsed_ms: int
    charge_uc: int
    end: str


@dataclass(frozen=True, slots=True)
class AlarmReply:
    """The alarm that is given, and the fault that causes it."""

    priority: Priority
    cause: Fault


@dataclass(frozen=True, slots=True)
class LampsReply:
    """The lamps that are lit."""

    lit: frozenset[Lamp]


Reply = (
    Ack
    | Nak
    | IdentityReply
    | StatusReply
    | DisplayReply
    | SelfTestReply
    | DoseReply
    | LogReply
    | CalendarReply
    | TreatmentsReply
    | TreatmentReply
    | AlarmReply
    | LampsReply
)
