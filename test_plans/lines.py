"""Lines of the device's serial protocol as a test needs them: broken on purpose, and answers taken as they come."""

from collections.abc import Callable
from dataclasses import dataclass

from fixtures.bench import Bench
from harness.claims import Claims
from harness.errors import LinkError
from instruments.controller.frames import LONGEST_LINE, Frame, ReceiveBuffer, checksum, encode

# Sequence numbers that do not follow on each other, so that the answer to an earlier line is found out.
SEQUENCES = (0x5A, 0x01, 0xFF, 0xA5, 0x10, 0x7E, 0x33, 0xC8, 0x42)
QUESTIONS = ("IDENTIFY", "STATUS", "DISPLAY", "SELFTEST", "DOSE", "LOG", "CALENDAR", "TREATMENTS", "ALARM")
# How often a line is sent again that was not answered, before that is the device's doing.
AGAIN = 2
# Beyond what any device counts, and within what a number on the wire may be.
FAR = 999_999_999


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a line.

    Attributes:
        sequence: Its sequence number in two hex digits; "" if nothing came, or nothing that can be read.
        head: Its first word, of a refusal with the code ("ACK", "NAK 04"); "nothing" or "unreadable" instead.
        text: All that it says.
    """

    sequence: str
    head: str
    text: str = ""


def read(line: bytes) -> Answer:
    """Return what a line says that came back, or that it says nothing."""
    if not line:
        return Answer("", "nothing")
    item, *_ = (*ReceiveBuffer().feed(line), None)
    if not isinstance(item, Frame):
        return Answer("", "unreadable")
    words = item.text.split(" ")
    return Answer(f"{item.sequence:02X}", " ".join(words[:2]) if words[0] == "NAK" else words[0], item.text)


def send_once(bench: Bench, line: bytes) -> Answer:
    """Send bytes as they are, once, and return what came back."""
    return read(bench.controller.exchange(line))


def send(bench: Bench, line: bytes) -> Answer:
    """Send bytes as they are, and return what came back.

    Silence, and an answer that cannot be read, may be the wire's as well as the device's. So that they count as the
    device's, a good question must be answered after them, and the same bytes have the same answer three times.

    Raises:
        LinkError: They have not, or nothing answers the question.
        RemoteProtocolError: Its answer cannot be read.
    """
    got = send_once(bench, line)
    for _ in range(0 if got.sequence else AGAIN):
        bench.controller.status()
        again = send_once(bench, line)
        if again.head != got.head:
            raise LinkError(
                f"the same line was answered by {got.head!r} and by {again.head!r}: look after the serial line"
            )
    return got


def say(bench: Bench, text: str, *, sequence: int = SEQUENCES[0]) -> Answer:
    """Send a text in a good line, and return what came back.

    Raises:
        LinkError: The device could not read it, as it says: nothing can be told of how it takes the text.
        RemoteProtocolError: As send() does.
    """
    got = send(bench, encode(Frame(sequence, text)))
    if got.head == "NAK 01":
        raise LinkError(
            f"the device could not read {text!r}, which was sent in a good line: look after the serial line"
        )
    return got


def with_checksum(inner: bytes) -> bytes:
    """Return the line with anything between colon and asterisk, and a checksum that fits it."""
    return b":%s*%04X\n" % (inner, checksum(inner))


def _small_checksum(line: bytes) -> bytes:
    """Return a line with its checksum in small letters, and with a sequence number for which it has some."""
    inner = line[1:-6]
    for sequence in range(1, 0x100):
        inner = b"%02X%s" % (sequence, inner[2:])
        small = b":%s*%04x\n" % (inner, checksum(inner))
        if small != with_checksum(inner):
            break
    return small


def _other_text(line: bytes) -> bytes:
    """Return a line in which the last character of the text was turned into its neighbour, behind an old checksum."""
    return line[:-7] + bytes([line[-7] ^ 1]) + line[-6:]


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "wrong checksum": lambda line: line[:-2] + (b"1" if line[-2:-1] == b"0" else b"0") + line[-1:],
    "other text": _other_text,
    "small checksum": _small_checksum,
    "no checksum": lambda line: line[:-6] + b"\n",
    "no colon": lambda line: line[1:],
    "garbage before it": lambda line: b"\x00\xff~#" + line,
    "carriage return": lambda line: line[:-1] + b"\r\n",
    "sequence 00": lambda line: with_checksum(b"00" + line[3:-6]),
    "small sequence": lambda line: with_checksum(b"5a" + line[3:-6]),
    "space at the end": lambda line: with_checksum(line[1:-6] + b" "),
    "over-long": lambda line: with_checksum(line[1:-6] + b" " + b"0" * LONGEST_LINE),
    "two lines in one": lambda line: line[:-1] + line,
}
"""What can be wrong with a line, by name, as what makes it so of a good one."""


def broken(text: str, how: str) -> bytes:
    """Return a text in a line that is broken in the way that is named."""
    return BROKEN[how](encode(Frame(SEQUENCES[0], text)))


def good(text: str) -> bytes:
    """Return a good line with a text."""
    return encode(Frame(SEQUENCES[0], text))


def half(text: str) -> bytes:
    """Return the first half of a good line with a text, without its end."""
    line = encode(Frame(SEQUENCES[0], text))
    return line[: len(line) // 2]


def starting(claims: Claims, site: str, level: int) -> str:
    """Return the text of a lawful start of a session."""
    longest_ms = round(claims.get("programmes.hyperhidrosis.longest") * 1000)
    return f"START {site} {level} {longest_ms} dc keep"


_STARTS: dict[str, Callable[[str, int, int], str]] = {
    "level too high": lambda site, levels, longest_ms: f"START {site} {levels + 1} {longest_ms} dc keep",
    "level far too high": lambda site, levels, longest_ms: f"START {site} {FAR} {longest_ms} dc keep",
    "level zero": lambda site, levels, longest_ms: f"START {site} 0 {longest_ms} dc keep",
    "site unknown": lambda site, levels, longest_ms: f"START elbows 1 {longest_ms} dc keep",
    "duration zero": lambda site, levels, longest_ms: f"START {site} 1 0 dc keep",
    "duration too long": lambda site, levels, longest_ms: f"START {site} 1 {longest_ms + 1} dc keep",
}
_LEVELS: dict[str, Callable[[int], str]] = {
    "level too high": lambda levels: f"LEVEL {levels + 1}",
    "level far too high": lambda levels: f"LEVEL {FAR}",
}


def start_out_of_range(claims: Claims, site: str, how: str) -> str:
    """Return the text of a start with an argument that is out of its range by the claims, as it is named."""
    longest_ms = round(claims.get("programmes.hyperhidrosis.longest") * 1000)
    return _STARTS[how](site, len(claims.levels(site)), longest_ms)


def level_out_of_range(claims: Claims, site: str, how: str) -> str:
    """Return the text of a change to a level that the site does not have, as it is named."""
    return _LEVELS[how](len(claims.levels(site)))


@dataclass(frozen=True, slots=True)
class Mismatches:
    """How many answers did not belong to their question: by the sequence number, and by what they say."""

    sequences: int
    words: int


def ask_all(bench: Bench) -> Mismatches:
    """Ask each question that has an answer on every device, and after each one that is no command, and compare."""
    sequences = words = 0
    for sequence, question in zip(SEQUENCES, QUESTIONS, strict=True):
        got = say(bench, question if question != "LOG" else "LOG 0", sequence=sequence)
        sequences += got.sequence != f"{sequence:02X}"
        words += got.head != question
        refused = say(bench, f"NO-{question}", sequence=sequence ^ 0xFF or 1)
        sequences += refused.sequence != f"{sequence ^ 0xFF or 1:02X}"
        words += refused.head != "NAK 02"
    return Mismatches(sequences, words)
