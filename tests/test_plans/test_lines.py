"""Lines that are broken on purpose: each is one that no reader may take, and a device that gets them does nothing."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.claims import Claims, load_claims
from harness.documents import package_file
from harness.errors import LinkError, RemoteProtocolError
from instruments.controller.frames import Frame, ReceiveBuffer, decode, encode
from instruments.controller.messages import Code, CommandError, SetLevel, Start
from instruments.controller.wording import parse_command
from test_plans.lines import (
    BROKEN,
    SEQUENCES,
    Answer,
    broken,
    half,
    level_out_of_range,
    read,
    say,
    send,
    start_out_of_range,
    starting,
    with_checksum,
)

CLAIMS: Claims = load_claims(package_file("test_plans") / "claims" / "reference.yaml")
TEXTS = ("START hands 10 2400000 dc keep", "LEVEL 1", "STOP")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("how", BROKEN)
def test_no_broken_line_is_a_line_with_a_number_of_its_own(how: str, text: str) -> None:
    """PROTOCOL.md: it cannot be read, or it has sequence number 00, which no host uses."""
    (item,) = ReceiveBuffer().feed(broken(text, how))

    assert isinstance(item, RemoteProtocolError) or item.sequence == 0


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_line_ends_where_a_line_ends(how: str) -> None:
    """Else it would have no answer, and spoil the next line too."""
    line = broken("LEVEL 1", how)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


@given(text=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789", min_size=1, max_size=40).filter(lambda t: t == t.strip()))
def test_a_good_line_that_was_read_is_the_one_that_was_written(text: str) -> None:
    """So that an answer is shown as it came: its number in two digits, its first word, and its text."""
    assert read(encode(Frame(0x5A, text))) == Answer("5A", _head(text), text)


def _head(text: str) -> str:
    words = text.split(" ")
    return " ".join(words[:2]) if words[0] == "NAK" else words[0]


@given(came=st.binary(max_size=200))
def test_whatever_comes_back_is_told_and_nothing_is_raised(came: bytes) -> None:
    """What a device answers is what is tested, and no error of ours."""
    got = read(came)

    assert got in (Answer("", "nothing"), Answer("", "unreadable")) or decode(came.split(b"\n")[0] + b"\n")


def test_the_code_of_a_refusal_belongs_to_its_head() -> None:
    """A plan compares "NAK 04", and not the words for people behind it."""
    assert read(encode(Frame(7, "NAK 04 the level must be 0 to 20 at hands"))).head == "NAK 04"


def test_half_a_line_and_the_next_one_are_one_broken_line() -> None:
    """That is what the case of half a line rests on."""
    (item,) = ReceiveBuffer().feed(half("STOP") + encode(Frame(1, "STATUS")))

    assert isinstance(item, RemoteProtocolError)


@pytest.mark.parametrize(
    "how", ["level too high", "level far too high", "level zero", "site unknown", "duration zero", "duration too long"]
)
def test_a_start_out_of_range_is_wrong_in_one_argument_alone(how: str) -> None:
    """What is refused must be refused for the reason that the case names."""
    good = parse_command(starting(CLAIMS, "hands", 1))
    bad = parse_command(start_out_of_range(CLAIMS, "hands", how))

    assert isinstance(good, Start)
    assert isinstance(bad, Start)
    assert sum(getattr(good, name) != getattr(bad, name) for name in good.__dataclass_fields__) == 1


def test_a_level_out_of_range_is_one_that_the_claims_do_not_have() -> None:
    """One above the highest is the hardest to see."""
    command = parse_command(level_out_of_range(CLAIMS, "hands", "level too high"))

    assert command == SetLevel(len(CLAIMS.levels("hands")) + 1)


@pytest.mark.parametrize("text", ["MORE", "level 1", "LEVELS 1"])
def test_what_the_plan_sends_as_no_command_is_none(text: str) -> None:
    """The table of PROTOCOL.md says so, by our own reading of it."""
    with pytest.raises(CommandError) as told:
        parse_command(text)

    assert told.value.code is Code.UNKNOWN_COMMAND


def test_the_checksum_is_put_behind_anything() -> None:
    """CRC-16/IBM-3740 of 123456789 is 29B1."""
    assert with_checksum(b"123456789") == b":123456789*29B1\n"


def test_sequence_numbers_do_not_follow_on_each_other() -> None:
    """An answer to the line before would else carry the number that is awaited."""
    assert all(after != before % 0xFF + 1 for before, after in pairwise(SEQUENCES))


class Wire:
    """A bench with a controller of which every answer is known; its status can always be read."""

    def __init__(self, *answers: bytes) -> None:
        self.controller = self
        self._answers = list(answers)

    def exchange(self, line: bytes) -> bytes:
        """Give the next answer."""
        return self._answers.pop(0)

    def status(self) -> None:
        """Answer a good question."""


def wire(*answers: bytes) -> Any:
    """Return a bench that answers so."""
    return Wire(*answers)


ACK = encode(Frame(0x5A, "ACK"))


def test_an_answer_that_can_be_read_is_asked_for_once() -> None:
    """A refusal, or a wrong number, is the device's; the checksum says that nothing happened on the way."""
    assert send(wire(ACK), b"anything\n") == Answer("5A", "ACK", "ACK")


@pytest.mark.parametrize(("came", "head"), [(b"", "nothing"), (b"\xff\n", "unreadable")])
def test_silence_is_the_devices_only_if_it_is_kept(came: bytes, head: str) -> None:
    """Three times the same, with good answers in between, is no byte that was lost on the way."""
    assert send(wire(came, came, came), b"anything\n").head == head

    with pytest.raises(LinkError, match="look after the serial line"):
        send(wire(came, came, ACK), b"anything\n")


def test_a_good_line_that_could_not_be_read_is_no_evidence_of_the_device() -> None:
    """It was spoiled on its way, or the device cannot read at all: neither says how it takes the text."""
    with pytest.raises(LinkError, match="which was sent in a good line"):
        say(wire(encode(Frame(0, "NAK 01 the line cannot be read"))), "LEVEL 21")
