"""Frames of the controller's protocol: golden bytes are PROTOCOL.md's, and any bytes end in a frame or in one error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import LocalProtocolError, RemoteProtocolError
from instruments.controller.frames import LONGEST_LINE, LONGEST_TEXT, Frame, ReceiveBuffer, checksum, decode, encode

# Checksums by a bitwise division written from the definition, in another language.
GOLDEN = [
    (Frame(0x02, "ACK"), b":02 ACK*D512\n"),
    (Frame(0x0A, "STATUS"), b":0A STATUS*103F\n"),
    (Frame(0xFF, "START armpits 10 600000 pulsed reverse"), b":FF START armpits 10 600000 pulsed reverse*968B\n"),
    (Frame(0x00, "NAK 01 the line cannot be read"), b":00 NAK 01 the line cannot be read*AE6D\n"),
]

SENDABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in ":*")
texts = st.text(SENDABLE, min_size=1, max_size=LONGEST_TEXT).filter(lambda text: text.strip(" ") == text)
frames = st.builds(Frame, st.integers(0, 255), texts)


def test_checksum_is_the_catalogued_one() -> None:
    """CRC-16/IBM-3740 of 123456789 is 29B1 in every catalogue."""
    assert checksum(b"123456789") == 0x29B1


@pytest.mark.parametrize(("frame", "line"), GOLDEN)
def test_golden_lines_are_written_and_read(frame: Frame, line: bytes) -> None:
    """What PROTOCOL.md shows is what goes over the wire, both ways."""
    assert encode(frame) == line
    assert decode(line) == frame


@given(frames)
def test_what_was_written_is_read(frame: Frame) -> None:
    """Every lawful frame survives the wire, within the longest line."""
    line = encode(frame)

    assert len(line) <= LONGEST_LINE
    assert decode(line) == frame


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(Frame(256, "ACK"), id="sequence number above two hex digits"),
        pytest.param(Frame(-1, "ACK"), id="sequence number below zero"),
        pytest.param(Frame(1, ""), id="no text"),
        pytest.param(Frame(1, "a:b"), id="start character in the text"),
        pytest.param(Frame(1, "a*b"), id="end character in the text"),
        pytest.param(Frame(1, "a\n"), id="LF in the text"),
        pytest.param(Frame(1, "5 µA"), id="not ASCII"),
        pytest.param(Frame(1, " ACK"), id="space at the start"),
        pytest.param(Frame(1, "x" * (LONGEST_TEXT + 1)), id="too long"),
    ],
)
def test_what_cannot_be_sent_is_our_error(frame: Frame) -> None:
    """A frame that would break the protocol never becomes bytes."""
    with pytest.raises(LocalProtocolError):
        encode(frame)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b":02 ACK*D513\n", "the checksum is D513, and must be D512", id="checksum"),
        pytest.param(b":03 ACK*D512\n", "must be 7F43", id="sequence number is part of the checksum"),
        pytest.param(b":02 ACK*d512\n", "capitals", id="small hex digits"),
        pytest.param(b":02 ACK*D512", "must end with LF", id="no LF"),
        pytest.param(b"02 ACK*D512\n", "must begin with ':'", id="no start"),
        pytest.param(b":02 ACK*D512\r\n", "four hex digits", id="CR"),
        pytest.param(b"\xff\xfe\n", "ff fe 0a", id="garbage is shown in hex"),
        pytest.param(b"", "no bytes", id="nothing"),
        pytest.param(b":" + b"x" * 200 + b"\n", r"\(202 bytes\)", id="too long"),
    ],
)
def test_broken_lines_are_their_error_with_the_bytes_in_hex(line: bytes, reason: str) -> None:
    """The message tells what is wrong with a line, and shows it."""
    with pytest.raises(RemoteProtocolError, match=reason) as caught:
        decode(line)

    assert line[:4].hex(" ") in str(caught.value)


@given(st.binary(max_size=300))
def test_any_line_is_a_frame_or_the_one_error(line: bytes) -> None:
    """No bytes can raise anything but RemoteProtocolError."""
    try:
        frame = decode(line)
    except RemoteProtocolError:
        return
    assert encode(frame) == line


@given(st.lists(st.one_of(st.binary(max_size=400), frames.map(encode)), max_size=8))
def test_any_stream_is_frames_and_errors_in_bounded_memory(pieces: list[bytes]) -> None:
    """Whatever drips in, the buffer answers once for each LF and never keeps a whole line's length."""
    buffer = ReceiveBuffer()
    results: list[Frame | RemoteProtocolError] = []

    for piece in pieces:
        results.extend(buffer.feed(piece))
        assert buffer.held < LONGEST_LINE

    assert len(results) == b"".join(pieces).count(b"\n")


@given(st.lists(frames, max_size=6), st.lists(st.integers(1, 40), max_size=60))
def test_frames_survive_any_cutting(sent: list[Frame], cuts: list[int]) -> None:
    """It makes no difference in which pieces the bytes arrive."""
    stream = b"".join(encode(frame) for frame in sent)
    buffer = ReceiveBuffer()
    received: list[Frame | RemoteProtocolError] = []

    for size in [*cuts, len(stream)]:
        received.extend(buffer.feed(stream[:size]))
        stream = stream[size:]

    assert received == sent


def test_a_frame_behind_rubbish_is_read() -> None:
    """An endless line costs itself only: what follows its LF is good again."""
    buffer = ReceiveBuffer()

    assert buffer.feed(b"x" * 100_000) == []
    assert buffer.held == 0
    rubbish, frame = buffer.feed(b"x\n:02 ACK*D512\n")

    assert isinstance(rubbish, RemoteProtocolError)
    assert "100002 bytes" in str(rubbish)
    assert frame == Frame(2, "ACK")
