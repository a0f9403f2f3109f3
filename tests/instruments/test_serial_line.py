"""The serial line, over a real pseudo-terminal."""

import os
import pty
import tty
from collections.abc import Iterator

import pytest

from harness.errors import ConfigError, LinkError
from instruments.serial_line import LONGEST_LINE, SerialLine


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """The far end of a serial line as a file descriptor, and the near end's name."""
    far, near = pty.openpty()
    tty.setraw(near)
    try:
        yield far, os.ttyname(near)
    finally:
        os.close(far)
        os.close(near)


@pytest.fixture
def line(terminal: tuple[int, str]) -> Iterator[SerialLine]:
    """The near end, open."""
    opened = SerialLine(terminal[1], baud=115_200)
    try:
        yield opened
    finally:
        opened.close()


def test_bytes_go_out_as_they_are(terminal: tuple[int, str], line: SerialLine) -> None:
    """Nothing is added, and nothing is encoded."""
    line.write(b"\x00\xffSTATUS\n")

    assert os.read(terminal[0], 100) == b"\x00\xffSTATUS\n"


def test_lines_come_in_one_at_a_time(terminal: tuple[int, str], line: SerialLine) -> None:
    """A line comes with its line feed; the next one waits."""
    os.write(terminal[0], b"ONE\nTWO\n")

    assert line.read_line(1.0) == b"ONE\n"
    assert line.read_line(1.0) == b"TWO\n"


def test_any_terminator_ends_a_read(terminal: tuple[int, str], line: SerialLine) -> None:
    """A terminator may be several bytes."""
    os.write(terminal[0], b"A\r\nB\r\n")

    assert line.read_until(b"\r\n", 1.0) == b"A\r\n"


def test_silence_is_a_link_error(line: SerialLine) -> None:
    """What is at the other end of the line is named, and what to check."""
    with pytest.raises(LinkError, match=r"gave no answer within 0\.02 s \(nothing came\)"):
        line.read_line(0.02)


def test_half_a_line_is_shown_in_hex(terminal: tuple[int, str], line: SerialLine) -> None:
    """What came before the silence helps to find the reason."""
    os.write(terminal[0], b"OK")

    with pytest.raises(LinkError, match="only 4f 4b came"):
        line.read_line(0.02)


def test_a_line_without_end_is_not_read_for_ever(terminal: tuple[int, str], line: SerialLine) -> None:
    """Noise at a wrong baud rate has no line feeds."""
    for _ in range(4):
        os.write(terminal[0], b"x" * (LONGEST_LINE // 4))

    with pytest.raises(LinkError, match="check the baud rate"):
        line.read_line(1.0)


def test_discarded_input_is_gone(terminal: tuple[int, str], line: SerialLine) -> None:
    """What came late does not answer the next question."""
    os.write(terminal[0], b"LATE\n")
    assert line.read_line(1.0) == b"LATE\n"
    os.write(terminal[0], b"LATE AGAIN\n")
    line.discard_input()
    os.write(terminal[0], b"NOW\n")

    assert line.read_line(1.0) == b"NOW\n"


def test_a_port_that_is_not_there_is_a_link_error() -> None:
    """The port is named."""
    with pytest.raises(LinkError, match="/dev/no-such-port cannot be opened"):
        SerialLine("/dev/no-such-port")


def test_a_url_of_no_known_kind_is_a_mistake_in_the_bench_file() -> None:
    """It is not taken for a missing cable."""
    with pytest.raises(ConfigError, match="nonsense"):
        SerialLine("nonsense://port")


def test_one_port_has_one_owner(terminal: tuple[int, str], line: SerialLine) -> None:
    """A second program that opens the port is turned away."""
    with pytest.raises(LinkError, match="no other program holds the port"):
        SerialLine(terminal[1])


def test_a_closed_line_is_a_link_error(line: SerialLine) -> None:
    """Closing twice does nothing; using it after that is told."""
    line.close()
    line.close()

    with pytest.raises(LinkError, match="cannot be written to"):
        line.write(b"STATUS\n")
    with pytest.raises(LinkError, match="cannot be read from"):
        line.read_line(0.02)
