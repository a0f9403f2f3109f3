"""What can go wrong on our side, as a tree; a device that misses its limit is a verdict and not in it.

HarnessError
├─ ConfigError        a file of ours is wrong: named file, line, key; nothing was switched on
├─ LinkError          bytes did not get through (timeout, disconnected)
├─ ProtocolError      bytes got through and broke the rules
│  ├─ LocalProtocolError    we were about to break them; nothing was sent
│  └─ RemoteProtocolError   the other side broke them
│     └─ GarbledError           an instrument did: others of its answers may be wrong, and look right
├─ InstrumentError    the instrument reports a fault or refuses a command
│  └─ OverloadError         what it was to measure is beyond its range
├─ InterlockError     a limit of the bench forbids it; nothing was sent
├─ SupervisorLost     nobody watches over the run any more
├─ LockError          the bench is in somebody else's hands; nothing was sent
├─ CalibrationError   an instrument may not be used for evidence today
└─ EvidenceError      the record is incomplete or was altered
"""


class HarnessError(Exception):
    """Anything that is our side's fault. Its text says what is, what must be, where, and what to do next."""


class ConfigError(HarnessError):
    """A file or an option of ours is wrong; nothing was switched on."""


class LinkError(HarnessError):
    """Bytes did not get through."""


class ProtocolError(HarnessError):
    """Bytes got through and broke the rules."""


class LocalProtocolError(ProtocolError):
    """We were about to break the rules; nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The other side broke the rules."""


class GarbledError(RemoteProtocolError):
    """An answer of an instrument cannot be read. An instrument's answers carry no checksum, so that a wire that garbled
    this one may have garbled others that still look like numbers: nothing since the last good check is evidence.
    """


class InstrumentError(HarnessError):
    """An instrument reports a fault, or refuses a command."""


class OverloadError(InstrumentError):
    """What an instrument was to measure is beyond its range."""


class InterlockError(HarnessError):
    """A limit of the bench forbids it; nothing was sent."""


class LockError(HarnessError):
    """The bench is in somebody else's hands; nothing was sent."""


class Unequipped(HarnessError):  # noqa: N818 - nothing went wrong: the bench is what it is
    """The bench has not what a case needs; the case is then not evaluated, and nobody made a mistake."""


class SupervisorLost(HarnessError):  # noqa: N818 - nobody did anything wrong
    """The process that would make the bench safe if this one died is gone itself: the run makes safe, and ends."""


class CalibrationError(HarnessError):
    """An instrument may not be used for evidence today."""


class EvidenceError(HarnessError):
    """The record is incomplete or was altered."""


class Stopped(KeyboardInterrupt):
    """The operator or the operating system asked the run to stop; the bench is made safe and the record closed.

    Attributes:
        how: In a word, before the reason of the case that it ended.
    """

    how = "terminated"


class Aborted(Stopped):
    """It was asked again: what was still going on is given up, but for making the bench safe and closing the record."""

    how = "aborted"
