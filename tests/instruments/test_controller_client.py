"""The controller's client: each method says one documented line, and believes only an answer that is to the letter."""

from collections import deque
from collections.abc import Callable

import pytest

from harness.clock import WallClock
from harness.errors import HarnessError, InstrumentError, LinkError, LocalProtocolError, RemoteProtocolError
from instruments.controller.client import ReferenceController
from instruments.device_records import Alarm, Priority, TreatmentRecord
from instruments.roles import Controller, DeviceState, DeviceStatus, Identity


class ScriptedLine:
    """A serial line with a script: what must be written, and what is answered; None answers nothing."""

    def __init__(self, *script: tuple[bytes, bytes | None]) -> None:
        self._script = deque(script)
        self._answer: bytes | None = None
        self.written = 0
        self.discarded = 0
        self.closed = False

    def write(self, data: bytes) -> None:
        """Take the next line of the script."""
        expected, self._answer = self._script.popleft()
        assert data == expected
        self.written += 1

    def read_line(self, timeout_s: float) -> bytes:
        """Give its answer."""
        if self._answer is None:
            raise LinkError(f"no line came within {timeout_s:g} s")
        return self._answer

    def discard_input(self) -> None:
        """Count how often input was discarded."""
        self.discarded += 1

    def close(self) -> None:
        """Note that the line was given back."""
        self.closed = True


def controller(line: ScriptedLine) -> Controller:
    """Return the client on a line, as the role that plans see."""
    return ReferenceController(line, WallClock())


def test_a_session_is_the_documented_dialogue() -> None:
    """The first lines of PROTOCOL.md's example are what goes over the wire."""
    line = ScriptedLine(
        (b":01 IDENTIFY*5A08\n", b":01 IDENTIFY Iontobench,REF-30,V0001,1.0.0*008C\n"),
        (b":02 CONFIRM*4A9F\n", b":02 ACK*D512\n"),
        (b":03 START hands 5 1200000 dc keep*41D6\n", b":03 ACK*7F43\n"),
        (b":04 STATUS*E88D\n", b":04 STATUS RUNNING 5 + 61250 NONE*0865\n"),
        (b":05 DISPLAY*99EA\n", b":05 DISPLAY 5000 100*EAB9\n"),
    )
    device = controller(line)

    identity = device.identify()
    device.confirm_contraindications()
    device.start(site="hands", level=5, duration_s=1200.0, waveform="dc")
    status = device.status()
    shown = device.displayed_current()

    assert identity == Identity("Iontobench", "REF-30", "V0001", "1.0.0")
    assert status == DeviceStatus(DeviceState.RUNNING, level=5, polarity=1, elapsed_s=61.25, fault="")
    assert shown.unit == "A"
    assert shown.value == pytest.approx(5e-3)
    assert shown.range == pytest.approx(1e-4)
    assert line.written == 5


def test_a_refusal_quotes_the_reason() -> None:
    """The person at the bench reads why the device refused, and what."""
    line = ScriptedLine((b":01 IDENTIFY*5A08\n", nak(1, "05 PAUSE is not lawful")))

    with pytest.raises(InstrumentError, match=r"refuses 'IDENTIFY': PAUSE is not lawful \(code 05\)"):
        controller(line).identify()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(b":01 ACK*0000\n", "checksum is 0000.*3a 30 31 20 41 43 4b", id="wrong checksum"),
        pytest.param(b":02 ACK*D512\n", "sequence number 2, and must have 1: 3a 30 32", id="another's answer"),
        pytest.param(b"\x00\xff garbage\n", "00 ff 20", id="garbage"),
        pytest.param(
            b":00 NAK 01 the line cannot be read*AE6D\n", "could not read 'CONFIRM'", id="it could not read us"
        ),
        pytest.param(b"\n", "0a", id="an empty line"),
    ],
)
def test_a_broken_answer_is_their_error_in_hex(answer: bytes, reason: str) -> None:
    """Nothing is believed that is not to the letter, and nothing is asked twice."""
    line = ScriptedLine((frame(1, "CONFIRM"), answer))

    with pytest.raises(RemoteProtocolError, match=reason):
        controller(line).confirm_contraindications()

    assert line.written == 1


def test_another_commands_reply_is_their_error() -> None:
    """A readable reply to a question that was not asked is no answer."""
    line = ScriptedLine((frame(1, "STATUS"), frame(1, "DISPLAY 5000 100")))

    with pytest.raises(RemoteProtocolError, match="another command's reply: 3a 30 31 20 44"):
        controller(line).status()


def test_no_answer_is_a_link_error_that_names_the_question() -> None:
    """A silent device is told apart from one that talks rubbish."""
    line = ScriptedLine((frame(1, "STATUS"), None))

    with pytest.raises(LinkError, match="did not answer 'STATUS'"):
        controller(line).status()


def test_a_late_answer_is_not_taken_for_the_next_one() -> None:
    """What lies there before a question is thrown away, since no answer is due; the exchange after it is good."""
    line = ScriptedLine(
        (b":01 IDENTIFY*5A08\n", None),
        (b":02 CONFIRM*4A9F\n", b":02 ACK*D512\n"),
        (b":03 START hands 5 1200000 dc keep*41D6\n", b":03 ACK*7F43\n"),
    )
    device = controller(line)
    with pytest.raises(LinkError):
        device.identify()

    device.confirm_contraindications()
    device.start(site="hands", level=5, duration_s=1200.0, waveform="dc")

    assert line.discarded == line.written == 3


def test_sequence_numbers_go_round_without_zero() -> None:
    """01 follows FF: 00 is the device's word for a line that it could not read."""
    numbers = [*range(1, 256), 1]
    line = ScriptedLine(*[(frame(number, "STOP"), frame(number, "ACK")) for number in numbers])
    device = controller(line)

    for _ in numbers:
        device.stop()

    assert line.written == 256


@pytest.mark.parametrize(
    "misuse",
    [
        pytest.param(lambda d: d.start(site="hands", level=5, duration_s=60, waveform="ac"), id="unknown waveform"),
        pytest.param(lambda d: d.start(site="hands", level=5, duration_s=0, waveform="dc"), id="no duration"),
        pytest.param(lambda d: d.start(site="hands", level=5, duration_s=float("nan"), waveform="dc"), id="no number"),
        pytest.param(lambda d: d.start(site="hands", level=5, duration_s=1e9, waveform="dc"), id="too long"),
        pytest.param(lambda d: d.start(site="hands", level=5, duration_s=1.00005, waveform="dc"), id="too fine"),
        pytest.param(lambda d: d.start(site="a*b", level=5, duration_s=60, waveform="dc"), id="site is no word"),
        pytest.param(lambda d: d.treat(programme="injury", site="feet", level=4, minutes=0.0), id="no minutes"),
        pytest.param(lambda d: d.treat(programme="my own", site="feet", level=4), id="programme is no word"),
        pytest.param(lambda d: d.set_clock(-1), id="calendar before 1970"),
        pytest.param(lambda d: d.set_level(-1), id="level below zero"),
        pytest.param(lambda d: d.set_level(2.5), id="level is no whole number"),
        pytest.param(lambda d: d.supervise(-1.0), id="timeout below zero"),
        pytest.param(lambda d: d.provoke("Over current"), id="fault is no word"),
    ],
)
def test_misuse_is_our_error_before_a_byte_is_sent(misuse: Callable[[Controller], None]) -> None:
    """What cannot be said is refused here; the wire stays quiet, and the next exchange is good."""
    line = ScriptedLine((frame(1, "STOP"), frame(1, "ACK")))
    device = controller(line)

    with pytest.raises(LocalProtocolError):
        misuse(device)
    assert line.written == 0

    device.stop()
    assert line.written == 1


def test_questions_in_si_units() -> None:
    """Self-test, dose and log are read in SI units."""
    line = ScriptedLine(
        (frame(1, "SELFTEST"), frame(1, "SELFTEST passed")),
        (frame(2, "DOSE"), frame(2, "DOSE 6125")),
        (frame(3, "LOG 0"), frame(3, "LOG 3 61250 fault open electrode")),
    )
    device = controller(line)

    assert device.self_test() == "passed"
    assert device.dose_c() == pytest.approx(6.125e-3)
    assert device.log_entry(0) == (61.25, "fault open electrode")


def test_a_treatment_is_started_by_its_programme() -> None:
    """Minutes become milliseconds, and none become the 0 that stands for the programme's own."""
    line = ScriptedLine(
        (frame(1, "TREAT injury feet 4 0"), frame(1, "ACK")),
        (frame(2, "TREAT hyperhidrosis hands 10 1530000"), frame(2, "ACK")),
        (frame(3, "TREAT injury feet 4 0"), nak(3, "09 at most 4 treatments in seven days")),
    )
    device = controller(line)

    device.treat(programme="injury", site="feet", level=4)
    device.treat(programme="hyperhidrosis", site="hands", level=10, minutes=25.5)
    with pytest.raises(InstrumentError, match=r"at most 4 treatments in seven days \(code 09\)"):
        device.treat(programme="injury", site="feet", level=4)


def test_the_calendar_is_days_and_seconds_on_the_wire() -> None:
    """2026-01-05 08:00:00 UTC is day 20458 and second 28800, both ways."""
    line = ScriptedLine(
        (frame(1, "CLOCK 20458 28800"), frame(1, "ACK")),
        (frame(2, "CALENDAR"), frame(2, "CALENDAR 20458 28801")),
    )
    device = controller(line)

    device.set_clock(1_767_600_000)

    assert device.calendar() == 1_767_600_001


def test_the_treatment_log_is_read_to_its_end() -> None:
    """The newest first, in SI units; an empty log is an empty list."""
    line = ScriptedLine(
        (frame(1, "TREATMENTS"), frame(1, "TREATMENTS 0")),
        (frame(2, "TREATMENTS"), frame(2, "TREATMENTS 2")),
        (frame(3, "TREATMENT 0"), frame(3, "TREATMENT 20458 28800 injury feet 4 600000 2340000 dose")),
        (frame(4, "TREATMENT 1"), frame(4, "TREATMENT 20456 0 free armpits 1 61250 30500 emergency-stop")),
        (frame(5, "TREATMENTS"), frame(5, "TREATMENTS 2")),
        (frame(6, "TREATMENT 0"), frame(6, "TREATMENT 20458 28800 injury feet 4 600000 2340000 dose")),
    )
    device = controller(line)

    assert device.treatments() == []
    newest, oldest = device.treatments()
    assert newest == TreatmentRecord(1_767_600_000, "injury", "feet", 4, 600.0, pytest.approx(2.34), "dose")
    assert device.treatments(1) == [newest]
    assert (oldest.utc_s, oldest.counted_s, oldest.end) == (20_456 * 86_400, 61.25, "emergency-stop")


def test_an_alarm_has_a_priority_and_a_cause() -> None:
    """Its cause is in the words of the status."""
    line = ScriptedLine(
        (frame(1, "ALARM"), frame(1, "ALARM HIGH STUCK")),
        (frame(2, "ALARM"), frame(2, "ALARM NONE NONE")),
    )
    device = controller(line)

    assert device.alarm() == Alarm(Priority.HIGH, "stuck")
    assert device.alarm() == Alarm(Priority.NONE, "")


def test_indicators_are_words_and_a_fault_of_two_words_can_be_provoked() -> None:
    """No lamp is an empty set; a space in a word of ours is a hyphen on the line."""
    line = ScriptedLine(
        (frame(1, "INDICATORS"), frame(1, "INDICATORS OUTPUT ALARM_HIGH")),
        (frame(2, "INDICATORS"), frame(2, "INDICATORS NONE")),
        (frame(3, "PROVOKE stuck-key"), frame(3, "ACK")),
    )
    device = controller(line)

    assert device.indicators() == {"output", "alarm high"}
    assert device.indicators() == frozenset()
    device.provoke("stuck key")


def test_all_errors_are_ours_to_catch() -> None:
    """Every failure of an exchange is a HarnessError, so that the executor can tell trouble from evidence."""
    for answer in (None, b"", b"\n", b":01 NAK 99 no*0000\n", nak(1, "04 no"), frame(1, "DOSE 1")):
        with pytest.raises(HarnessError):
            controller(ScriptedLine((frame(1, "STOP"), answer))).stop()


def test_closing_gives_the_line_back() -> None:
    """Nobody else has to know the line."""
    line = ScriptedLine()

    controller(line).close()

    assert line.closed


def crc(data: bytes) -> int:
    """Return the checksum by long division, bit by bit: written from PROTOCOL.md, not from our code."""
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = ((register << 1) ^ 0x1021 if register & 0x8000 else register << 1) & 0xFFFF
    return register


def frame(sequence: int, text: str) -> bytes:
    """Return a line, by the independent checksum."""
    inner = f"{sequence:02X} {text}".encode()
    return b":" + inner + f"*{crc(inner):04X}\n".encode()


def nak(sequence: int, reason: str) -> bytes:
    """Return a refusal."""
    return frame(sequence, f"NAK {reason}")
