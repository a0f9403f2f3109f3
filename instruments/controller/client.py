"""The device's controller, as the bench talks to it: one question, one answer, over a serial line.

Nothing is asked twice: a question that got no good answer is an error at once, since a retry would hide a device that
loses lines.
"""

import math
from typing import Protocol, TypeVar

from harness.clock import Clock
from harness.errors import InstrumentError, LinkError, LocalProtocolError, ProtocolError, RemoteProtocolError
from instruments.controller.frames import UNREADABLE, Frame, decode, encode, in_hex
from instruments.controller.messages import (
    Ack,
    Acknowledge,
    AlarmReply,
    AskAlarm,
    AskLamps,
    AskTreatment,
    Calendar,
    CalendarReply,
    Command,
    Confirm,
    Display,
    DisplayReply,
    Dose,
    DoseReply,
    EmergencyStop,
    Identify,
    IdentityReply,
    LampsReply,
    Log,
    LogReply,
    Nak,
    Pause,
    Provoke,
    Reply,
    Resume,
    SelfTest,
    SelfTestReply,
    SetClock,
    SetLevel,
    Start,
    Status,
    StatusReply,
    Stop,
    Supervise,
    Treat,
    TreatmentReply,
    Treatments,
    TreatmentsReply,
    Waveform,
)
from instruments.controller.wording import command_text, parse_reply
from instruments.device_records import Alarm, TreatmentRecord
from instruments.raw import Raw
from instruments.roles import DeviceStatus, Identity

ANSWER_WITHIN_S = 1.0
"""PROTOCOL.md: a device that does not answer within this time is not answering."""

_MICRO = 1e-6
_DAY_S = 86_400
R = TypeVar("R", bound=Reply)


class SerialLine(Protocol):
    """A serial line, as the client needs it."""

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            LinkError: They did not get through.
        """

    def read_line(self, timeout_s: float) -> bytes:
        """Return what arrives up to and including the next LF.

        Raises:
            LinkError: No LF came within timeout_s.
        """

    def discard_input(self) -> None:
        """Forget what has arrived and was not read."""

    def close(self) -> None:
        """Give the line back. Closing twice does nothing."""


class ReferenceController:
    """Plays the role of Controller for every device that speaks PROTOCOL.md.

    Every method raises LinkError if nothing answers, RemoteProtocolError (with the bytes in hex) if the answer breaks
    the protocol, InstrumentError if the device refuses (with its reason), and LocalProtocolError, before a byte is
    sent, if what is asked for cannot be said in the protocol.
    """

    def __init__(self, line: SerialLine, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._sequence = 0

    def identify(self) -> Identity:
        """Return who the device says that it is."""
        reply = self._ask(Identify(), IdentityReply)
        return Identity(maker=reply.maker, model=reply.model, serial=reply.serial, firmware=reply.firmware)

    def status(self) -> DeviceStatus:
        """Return what the device says of itself."""
        reply = self._ask(Status(), StatusReply)
        return DeviceStatus(
            state=reply.state,
            level=reply.level,
            polarity=reply.polarity,
            elapsed_s=reply.elapsed_ms / 1000,
            fault=reply.fault.value,
        )

    def displayed_current(self) -> Raw:
        """Return the current on the device's display in amperes (its magnitude); range is one step of the display."""
        reply = self._ask(Display(), DisplayReply)
        return Raw(
            reply.current_ua * _MICRO,
            "A",
            function="displayed current",
            range=reply.step_ua * _MICRO,
            at_ns=self._clock.now_ns(),
        )

    def confirm_contraindications(self) -> None:
        """Confirm that none of the listed contraindications is present; one confirmation is good for one start."""
        self._ask(Confirm(), Ack)

    def start(self, *, site: str, level: int, duration_s: float, waveform: str, reversal: bool = False) -> None:
        """Start a session from zero: level steps of the site's table, duration_s long, waveform "dc" or "pulsed".

        Raises:
            LocalProtocolError: The site is no word, the duration no whole number of milliseconds above zero, or the
                waveform is another one; nothing was sent.
        """
        if waveform not in (Waveform.DC, Waveform.PULSED):
            raise LocalProtocolError(f"the waveform is {waveform!r}, and must be 'dc' or 'pulsed'")
        duration_ms = _milliseconds(duration_s, "the duration")
        if duration_ms == 0:
            raise LocalProtocolError("the duration is 0 s, and must be above zero")
        self._ask(Start(site, level, duration_ms, Waveform(waveform), reversal), Ack)

    def treat(self, *, programme: str, site: str, level: int, minutes: float | None = None) -> None:
        """Start a session of a programme, as its user does; minutes of None is the programme's usual duration.

        Raises:
            LocalProtocolError: A name is no word, or the minutes are no whole number of milliseconds above zero;
                nothing was sent.
        """
        duration_ms = 0
        if minutes is not None:
            duration_ms = _milliseconds(minutes * 60.0, "the duration")
            if duration_ms == 0:
                raise LocalProtocolError("the duration is 0 min, and must be above zero")
        self._ask(Treat(programme, site, level, duration_ms), Ack)

    def set_level(self, level: int) -> None:
        """Change the level in a running session; 0 is no current, with the session going on."""
        self._ask(SetLevel(level), Ack)

    def pause(self) -> None:
        """Ramp to zero and hold the session."""
        self._ask(Pause(), Ack)

    def resume(self) -> None:
        """Go on with a held session, ramping from zero."""
        self._ask(Resume(), Ack)

    def stop(self) -> None:
        """End the session as its user would, ramped to zero; a device that gives no current has nothing to do."""
        self._ask(Stop(), Ack)

    def emergency_stop(self) -> None:
        """End the session at once; latched."""
        self._ask(EmergencyStop(), Ack)

    def acknowledge(self) -> None:
        """Clear a latched fault; the device is then ready, at zero."""
        self._ask(Acknowledge(), Ack)

    def supervise(self, timeout_s: float) -> None:
        """Ask the device to stop when it hears nothing for timeout_s; zero asks it not to."""
        self._ask(Supervise(_milliseconds(timeout_s, "the timeout")), Ack)

    def provoke(self, fault: str) -> None:
        """Ask the device in its service mode for a fault: one of the words that PROTOCOL.md lists, or "stuck key"."""
        self._ask(Provoke(fault.replace(" ", "-")), Ack)

    def self_test(self) -> str:
        """Return how the self-test ended: "running", "passed", or the name of what failed."""
        return self._ask(SelfTest(), SelfTestReply).result

    def dose_c(self) -> float:
        """Return the charge that this session set so far, in coulombs."""
        return self._ask(Dose(), DoseReply).charge_uc * _MICRO

    def log_entry(self, index: int) -> tuple[float, str]:
        """Return when, in seconds since the device booted, and what an entry of its event log was; 0 is the newest."""
        reply = self._ask(Log(index), LogReply)
        return reply.at_ms / 1000, reply.event

    def exchange(self, line: bytes) -> bytes:
        """Send bytes as they are, and return the line that comes back as it came, b"" if none comes in time.

        For a test of the protocol itself: whatever is sent or comes back, nothing is raised but for a broken wire.
        """
        self._line.discard_input()
        self._line.write(line)
        try:
            return self._line.read_line(ANSWER_WITHIN_S)
        except LinkError:
            return b""

    def set_clock(self, utc_s: int) -> None:
        """Set the device's calendar clock, in seconds since 1970-01-01 00:00 UTC; it goes on without power."""
        self._ask(SetClock(*divmod(utc_s, _DAY_S)), Ack)

    def calendar(self) -> int:
        """Return what the device's calendar clock shows, in seconds since 1970-01-01 00:00 UTC."""
        reply = self._ask(Calendar(), CalendarReply)
        return reply.day * _DAY_S + reply.second

    def treatments(self, most: int | None = None) -> list[TreatmentRecord]:
        """Return the device's treatment log, the newest first; so many entries at most, or all."""
        count = self._ask(Treatments(), TreatmentsReply).count
        return [self._treatment(index) for index in range(count if most is None else min(count, most))]

    def alarm(self) -> Alarm:
        """Return the alarm that the device gives now."""
        reply = self._ask(AskAlarm(), AlarmReply)
        return Alarm(reply.priority, reply.cause.value)

    def indicators(self) -> frozenset[str]:
        """Return which lamps of the device are lit, in the words of Lamp."""
        return frozenset(lamp.value for lamp in self._ask(AskLamps(), LampsReply).lit)

    def close(self) -> None:
        """Give the wire back."""
        self._line.close()

    def _treatment(self, index: int) -> TreatmentRecord:
        reply = self._ask(AskTreatment(index), TreatmentReply)
        return TreatmentRecord(
            utc_s=reply.day * _DAY_S + reply.second,
            programme=reply.programme,
            site=reply.site,
            level=reply.level,
            counted_s=reply.elapsed_ms / 1000,
            dose_c=reply.charge_uc * _MICRO,
            end=reply.end,
        )

    def _ask(self, command: Command, kind: type[R]) -> R:
        """Send a command and return its reply, which must be of that kind."""
        text = command_text(command)
        sequence = self._sequence % 0xFF + 1
        request = encode(Frame(sequence, text))
        # Nothing is awaited now: what lies there is noise from when the device got its power, or the answer to a
        # question that was given up, and neither must be taken for the answer to this one.
        self._line.discard_input()
        self._sequence = sequence
        self._line.write(request)
        try:
            line = self._line.read_line(ANSWER_WITHIN_S)
        except LinkError as error:
            raise LinkError(f"the controller did not answer {text!r}: {error}") from error
        reply = _read(line, sequence, text)
        if isinstance(reply, kind):
            return reply
        if isinstance(reply, Nak):
            raise InstrumentError(f"the controller refuses {text!r}: {reply.text} (code {reply.code:02})")
        raise RemoteProtocolError(f"the controller answers {text!r} with another command's reply: {in_hex(line)}")


def _read(line: bytes, sequence: int, text: str) -> Reply:
    """Return the reply in a line, which must carry that sequence number."""
    try:
        frame = decode(line)
        if frame.sequence == sequence:
            return parse_reply(frame.text)
    except ProtocolError as error:
        shown = in_hex(line)
        tail = "" if shown in str(error) else f": {shown}"
        raise RemoteProtocolError(f"the controller's answer to {text!r} cannot be read: {error}{tail}") from error
    if frame.sequence == UNREADABLE:
        raise RemoteProtocolError(f"the controller could not read {text!r} and says {frame.text!r}: {in_hex(line)}")
    raise RemoteProtocolError(
        f"the controller's answer to {text!r} has the sequence number {frame.sequence}, and must have {sequence}: "
        f"{in_hex(line)}"
    )


def _milliseconds(seconds: float, what: str) -> int:
    """Return seconds as whole milliseconds; what is finer cannot be said in the protocol."""
    if not math.isfinite(seconds) or seconds < 0:
        raise LocalProtocolError(f"{what} is {seconds} s, and must be finite and not negative")
    milliseconds = round(seconds * 1000)
    if abs(milliseconds - seconds * 1000) > 1e-6:
        raise LocalProtocolError(f"{what} is {seconds} s, and must be a whole number of milliseconds")
    return milliseconds
