"""Messages of the controller's protocol: texts are PROTOCOL.md's, and what does not parse to the letter is an error."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import LocalProtocolError, RemoteProtocolError
from instruments.controller import messages
from instruments.controller.frames import decode, encode
from instruments.controller.messages import (
    WORDS,
    Ack,
    AlarmReply,
    AskTreatment,
    CalendarReply,
    Code,
    Command,
    CommandError,
    DisplayReply,
    DoseReply,
    Fault,
    IdentityReply,
    LampsReply,
    Log,
    LogReply,
    Nak,
    Provoke,
    Reply,
    SelfTestReply,
    SetClock,
    SetLevel,
    Start,
    StatusReply,
    Supervise,
    Treat,
    TreatmentReply,
    TreatmentsReply,
    Waveform,
)
from instruments.controller.session import ALWAYS, LAWFUL, is_lawful
from instruments.controller.wording import command_text, parse_command, parse_reply, reply_text
from instruments.device_records import Lamp, Priority
from instruments.roles import DeviceState

PROTOCOL = Path(messages.__file__).with_name("PROTOCOL.md").read_text(encoding="utf-8")

GOLDEN_COMMANDS: list[tuple[Command, str]] = [
    (messages.Identify(), "IDENTIFY"),
    (messages.Status(), "STATUS"),
    (messages.Display(), "DISPLAY"),
    (messages.SelfTest(), "SELFTEST"),
    (messages.Dose(), "DOSE"),
    (Log(0), "LOG 0"),
    (messages.Confirm(), "CONFIRM"),
    (Start("hands", 5, 1_200_000, Waveform.DC, False), "START hands 5 1200000 dc keep"),
    (Start("armpits", 10, 600_000, Waveform.PULSED, True), "START armpits 10 600000 pulsed reverse"),
    (messages.Calendar(), "CALENDAR"),
    (messages.Treatments(), "TREATMENTS"),
    (AskTreatment(3), "TREATMENT 3"),
    (messages.AskAlarm(), "ALARM"),
    (messages.AskLamps(), "INDICATORS"),
    (Treat("injury", "feet", 4, 0), "TREAT injury feet 4 0"),
    (SetClock(20_458, 28_800), "CLOCK 20458 28800"),
    (SetLevel(21), "LEVEL 21"),
    (messages.Pause(), "PAUSE"),
    (messages.Resume(), "RESUME"),
    (messages.Stop(), "STOP"),
    (messages.EmergencyStop(), "ESTOP"),
    (messages.Acknowledge(), "ACKNOWLEDGE"),
    (Supervise(2000), "SUPERVISE 2000"),
    (Provoke("over-current"), "PROVOKE over-current"),
]
GOLDEN_REPLIES: list[tuple[Reply, str]] = [
    (Ack(), "ACK"),
    (Nak(4, "the level must be 0 to 20 at hands"), "NAK 04 the level must be 0 to 20 at hands"),
    (IdentityReply("Iontobench", "REF-30", "V0001", "1.0.0"), "IDENTIFY Iontobench,REF-30,V0001,1.0.0"),
    (StatusReply(DeviceState.RUNNING, 5, 1, 61_250, Fault.NONE), "STATUS RUNNING 5 + 61250 NONE"),
    (StatusReply(DeviceState.PAUSED, 5, -1, 600_000, Fault.OPEN_ELECTRODE), "STATUS PAUSED 5 - 600000 OPEN_ELECTRODE"),
    (StatusReply(DeviceState.SELF_TEST, 0, 1, 0, Fault.SELF_TEST), "STATUS SELF-TEST 0 + 0 SELF-TEST"),
    (DisplayReply(5000, 100), "DISPLAY 5000 100"),
    (SelfTestReply("passed"), "SELFTEST passed"),
    (DoseReply(6125), "DOSE 6125"),
    (LogReply(3, 61_250, "fault open electrode"), "LOG 3 61250 fault open electrode"),
    (CalendarReply(20_458, 28_800), "CALENDAR 20458 28800"),
    (TreatmentsReply(0), "TREATMENTS 0"),
    (
        TreatmentReply(20_458, 28_800, "injury", "feet", 4, 600_000, 2_340_000, "emergency-stop"),
        "TREATMENT 20458 28800 injury feet 4 600000 2340000 emergency-stop",
    ),
    (AlarmReply(Priority.HIGH, Fault.EMERGENCY_STOP), "ALARM HIGH EMERGENCY_STOP"),
    (AlarmReply(Priority.NONE, Fault.NONE), "ALARM NONE NONE"),
    (LampsReply(frozenset()), "INDICATORS NONE"),
    (LampsReply(frozenset({Lamp.ALARM_HIGH, Lamp.OUTPUT})), "INDICATORS OUTPUT ALARM_HIGH"),
]

numbers = st.integers(0, 999_999_999)
words = st.from_regex(r"[a-z][a-z0-9_-]{0,23}", fullmatch=True)
commands = st.one_of(
    st.sampled_from([command for command, text in GOLDEN_COMMANDS if " " not in text]),
    st.builds(Start, words, numbers, numbers, st.sampled_from(Waveform), st.booleans()),
    st.builds(SetLevel, numbers),
    st.builds(Log, numbers),
    st.builds(Supervise, numbers),
    st.builds(Provoke, words),
    st.builds(AskTreatment, numbers),
    st.builds(Treat, words, words, numbers, numbers),
    st.builds(SetClock, numbers, numbers),
)
replies = st.one_of(
    st.builds(
        StatusReply, st.sampled_from(DeviceState), numbers, st.sampled_from([1, -1]), numbers, st.sampled_from(Fault)
    ),
    st.builds(DisplayReply, numbers, numbers),
    st.builds(Nak, st.integers(0, 99), words),
    st.builds(IdentityReply, words, words, words, words),
    st.builds(LogReply, numbers, numbers, words),
    st.builds(DoseReply, numbers),
    st.builds(CalendarReply, numbers, numbers),
    st.builds(TreatmentsReply, numbers),
    st.builds(TreatmentReply, numbers, numbers, words, words, numbers, numbers, numbers, words),
    st.builds(AlarmReply, st.sampled_from(Priority), st.sampled_from(Fault)),
    st.builds(LampsReply, st.frozensets(st.sampled_from(Lamp))),
)


@pytest.mark.parametrize(("command", "text"), GOLDEN_COMMANDS)
def test_commands_are_written_as_documented(command: Command, text: str) -> None:
    """A command's text is PROTOCOL.md's, both ways."""
    assert command_text(command) == text
    assert parse_command(text) == command


@pytest.mark.parametrize(("reply", "text"), GOLDEN_REPLIES)
def test_replies_are_written_as_documented(reply: Reply, text: str) -> None:
    """A reply's text is PROTOCOL.md's, both ways."""
    assert reply_text(reply) == text
    assert parse_reply(text) == reply


@given(commands)
def test_every_command_survives(command: Command) -> None:
    """What the host means is what the device understands."""
    assert parse_command(command_text(command)) == command


@given(replies)
def test_every_reply_survives(reply: Reply) -> None:
    """What the device means is what the host understands."""
    assert parse_reply(reply_text(reply)) == reply


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("DANCE", Code.UNKNOWN_COMMAND, id="unknown word"),
        pytest.param("status", Code.UNKNOWN_COMMAND, id="small letters"),
        pytest.param("STATUS now", Code.BAD_ARGUMENT, id="too many arguments"),
        pytest.param("LEVEL", Code.BAD_ARGUMENT, id="too few arguments"),
        pytest.param("LEVEL  5", Code.BAD_ARGUMENT, id="two spaces"),
        pytest.param("LEVEL -1", Code.BAD_ARGUMENT, id="below zero"),
        pytest.param("LEVEL 05", Code.BAD_ARGUMENT, id="leading zero"),
        pytest.param("LEVEL 5.0", Code.BAD_ARGUMENT, id="fraction"),
        pytest.param("LEVEL 1000000000", Code.BAD_ARGUMENT, id="too large"),
        pytest.param("LEVEL ²", Code.BAD_ARGUMENT, id="a digit to Python only"),
        pytest.param("START hands 5 1000 ac keep", Code.BAD_ARGUMENT, id="unknown waveform"),
        pytest.param("START hands 5 1000 dc maybe", Code.BAD_ARGUMENT, id="unknown turn"),
        pytest.param("TREAT injury feet 4", Code.BAD_ARGUMENT, id="no duration"),
        pytest.param("CLOCK 20458", Code.BAD_ARGUMENT, id="half a clock"),
        pytest.param("START Hands 5 1000 dc keep", Code.BAD_ARGUMENT, id="capital in a word"),
    ],
)
def test_what_is_no_command_has_its_number(text: str, code: Code) -> None:
    """The device can tell what is wrong by a number."""
    with pytest.raises(CommandError) as caught:
        parse_command(text)

    assert caught.value.code is code


@pytest.mark.parametrize(
    "text",
    [
        "HELLO",
        "ACK 1",
        "NAK",
        "NAK 4 short code",
        "NAK 04",
        "IDENTIFY a,b,c",
        "IDENTIFY a,b,,d",
        "STATUS RUNNING 5 + 61250",
        "STATUS DANCING 5 + 61250 NONE",
        "STATUS RUNNING 5 0 61250 NONE",
        "STATUS RUNNING 5 + -1 NONE",
        "STATUS RUNNING 5 + 1 BROKEN",
        "DISPLAY 5.0 100",
        "DISPLAY 5000",
        "LOG 1 2",
        "DOSE",
        "CALENDAR 20458",
        "TREATMENTS",
        "TREATMENT 20458 28800 injury feet 4 600000 2340000",
        "TREATMENT 20458 28800 injury feet 4 600000 2340000 emergency stop",
        "ALARM HIGH",
        "ALARM LOUD NONE",
        "INDICATORS",
        "INDICATORS NONE OUTPUT",
        "INDICATORS FAULT OUTPUT",
        "INDICATORS OUTPUT OUTPUT",
        "INDICATORS output",
    ],
)
def test_what_is_no_reply_is_their_error(text: str) -> None:
    """A reply that is not to the letter is an error that quotes it, never a guess."""
    with pytest.raises(RemoteProtocolError, match=re.escape(repr(text))):
        parse_reply(text)


@given(st.text(max_size=60))
def test_any_text_is_a_message_or_the_one_error(text: str) -> None:
    """No text can raise anything but RemoteProtocolError, in either direction."""
    for parse in (parse_command, parse_reply):
        try:
            parse(text)
        except RemoteProtocolError:
            continue


@pytest.mark.parametrize(
    "command",
    [
        SetLevel(-1),
        SetLevel(True),
        SetLevel(10**9),
        Start("left hand", 1, 1000, Waveform.DC, False),
        Provoke(""),
    ],
)
def test_what_cannot_be_said_is_our_error(command: Command) -> None:
    """An argument that has no place in the protocol never becomes text."""
    with pytest.raises(LocalProtocolError):
        command_text(command)


def test_document_lists_every_command() -> None:
    """PROTOCOL.md has a row for each command, and for no other."""
    section = PROTOCOL.split("## Commands")[1].split("##")[0]
    rows = re.findall(r"^\| `([A-Z]+)", section, re.MULTILINE)

    assert sorted(rows) == sorted(WORDS.values())


def test_document_lists_every_code() -> None:
    """PROTOCOL.md has a row for each number of a refusal."""
    rows = re.findall(r"^\| (\d\d) \|", PROTOCOL, re.MULTILINE)

    assert [int(row) for row in rows] == list(Code)


def test_document_lists_what_is_lawful_when() -> None:
    """The table of states in PROTOCOL.md is the one that the device obeys."""
    section = PROTOCOL.split("## What is lawful when")[1].split("##")[0]
    always = set(re.findall(r"`([A-Z]+)`", section.split("|")[0]))
    rows = re.findall(r"^\| `([A-Z-]+)` \|(.*)\|$", section, re.MULTILINE)

    assert always == {WORDS[command] for command in ALWAYS}
    assert {state: set(re.findall(r"`([A-Z]+)`", cells)) for state, cells in rows} == {
        state.upper(): {WORDS[command] for command in lawful - ALWAYS} for state, lawful in LAWFUL.items()
    }


def test_document_examples_are_whole_frames() -> None:
    """Every example in PROTOCOL.md is a readable line, but the one that is there to be broken."""
    lines = re.findall(r"^[<>] (:.*)$", PROTOCOL, re.MULTILINE)
    broken = []
    for line in lines:
        raw = line.encode("ascii") + b"\n"
        try:
            assert encode(decode(raw)) == raw
        except RemoteProtocolError:
            broken.append(line)

    assert len(lines) == 14
    assert broken == [":07 STOP*0000"]


@pytest.mark.parametrize("state", DeviceState)
def test_the_current_can_always_be_switched_off(state: DeviceState) -> None:
    """No state refuses a stop, an emergency stop or a question."""
    assert is_lawful(messages.Stop, state)
    assert is_lawful(messages.EmergencyStop, state)
    assert is_lawful(messages.Status, state)
