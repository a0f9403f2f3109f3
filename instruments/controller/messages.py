"""What host and device say to each other, each message a small fact with a name.

Both directions live here, so that the client, the virtual device and the tests use one vocabulary. How a message is
written on the wire is in wording.py.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from harness.errors import RemoteProtocolError
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
class Provoke:
    """Service mode: cause a fault ("over-current", "hang")."""

    fault: str


Command = (
    Identify
    | Status
    | Display
    | SelfTest
    | Dose
    | Log
    | Confirm
    | Start
    | SetLevel
    | Pause
    | Resume
    | Stop
    | EmergencyStop
    | Acknowledge
    | Supervise
    | Provoke
)

WORDS: dict[type[Command], str] = {
    Identify: "IDENTIFY",
    Status: "STATUS",
    Display: "DISPLAY",
    SelfTest: "SELFTEST",
    Dose: "DOSE",
    Log: "LOG",
    Confirm: "CONFIRM",
    Start: "START",
    SetLevel: "LEVEL",
    Pause: "PAUSE",
    Resume: "RESUME",
    Stop: "STOP",
    EmergencyStop: "ESTOP",
    Acknowledge: "ACKNOWLEDGE",
    Supervise: "SUPERVISE",
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


Reply = Ack | Nak | IdentityReply | StatusReply | DisplayReply | SelfTestReply | DoseReply | LogReply
