"""Frames that no device may take: made by chance from good ones and from nothing, the same ones for the same seed.

Each kind breaks a frame in its own way. What comes out that a device would have to take after all (a checksum that fits
by chance, a level that is lawful) is made again, by our own reading of the protocol: every frame is one to be refused.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

from fixtures.bench import Bench
from harness.errors import RemoteProtocolError
from instruments.controller.frames import LONGEST_LINE, LONGEST_TEXT, UNREADABLE, Frame, decode, encode
from instruments.controller.messages import CommandError
from instruments.controller.wording import parse_command
from test_plans.lines import send, with_checksum

# Commands that would change the output, or let it be changed, if a device took them.
TEXTS = (
    "START hands 20 600000 dc keep",
    "START feet 25 2400000 pulsed reverse",
    "TREAT hyperhidrosis hands 20 1200000",
    "LEVEL 20",
    "LEVEL 0",
    "PAUSE",
    "RESUME",
    "STOP",
    "ESTOP",
    "ACKNOWLEDGE",
    "SUPERVISE 1",
    "PROVOKE over-current",
    "CLOCK 20000 0",
    "CONFIRM",
)
REFUSALS = ("NAK 01", "NAK 02", "NAK 03")
"""How a line is refused for how it is written: it cannot be read, is no command, or has arguments that are wrong."""

NUMBERS = ("-1", "+1", "01", "1.5", "1e1", "0x14", "1000000000", "99999999999999999999", "", "NaN", "²", "20 ", "dc")
_LETTERS = [byte for byte in range(0x100) if byte != ord("\n")]


def _good(random: Random) -> bytes:
    return encode(Frame(random.randint(1, 0xFF), random.choice(TEXTS)))


def _noise(random: Random) -> bytes:
    """Return a line of any bytes, of any length up to some that are too long."""
    return bytes(random.choices(_LETTERS, k=random.randint(0, 2 * LONGEST_LINE))) + b"\n"


def _flipped(random: Random) -> bytes:
    """Return a good line with one to four bits turned, as a disturbed wire turns them."""
    line = bytearray(_good(random))
    for _ in range(random.randint(1, 4)):
        line[random.randrange(len(line) - 1)] ^= 1 << random.randrange(8)
    return bytes(line)


def _lost(random: Random) -> bytes:
    """Return a good line that lacks some bytes in a row."""
    line = _good(random)
    first = random.randrange(len(line) - 1)
    return line[:first] + line[random.randint(first + 1, len(line) - 1) :]


def _doubled(random: Random) -> bytes:
    """Return a good line of which a part comes twice."""
    line = _good(random)
    first = random.randrange(len(line) - 1)
    last = random.randint(first + 1, len(line) - 1)
    return line[:last] + line[first:]


def _inserted(random: Random) -> bytes:
    """Return a good line with other bytes in it."""
    line = _good(random)
    at = random.randrange(len(line))
    return line[:at] + bytes(random.choices(_LETTERS, k=random.randint(1, 4))) + line[at:]


def _joined(random: Random) -> bytes:
    """Return two good lines that have lost what is between them."""
    return _good(random)[:-1] + _good(random)


def _other_checksum(random: Random) -> bytes:
    """Return a good line with any checksum."""
    return b"%s%04X\n" % (_good(random)[:-5], random.randrange(0x10000))


def _wrong_argument(random: Random) -> bytes:
    """Return a line that is whole, with an argument that is not written as it must be, or one too many or too few."""
    words = random.choice(TEXTS).split(" ")
    ways: tuple[Callable[[], object], ...] = (
        lambda: words.insert(random.randint(1, len(words)), random.choice(NUMBERS)),
        lambda: words.pop(),
        lambda: words.__setitem__(-1, random.choice(NUMBERS)),
        lambda: words.__setitem__(0, words[0].lower()),
        lambda: words.__setitem__(0, words[0] + random.choice("SX_1")),
    )
    random.choice(ways)()
    text = " ".join(words).encode("utf-8")
    return with_checksum(b"%02X %s" % (random.randint(1, 0xFF), text))


def _long_text(random: Random) -> bytes:
    """Return a line with a checksum that fits, and more text than a line may have."""
    text = random.choice(TEXTS).encode() + b" " + b"0" * random.randint(LONGEST_TEXT, 3 * LONGEST_LINE)
    return with_checksum(b"%02X %s" % (random.randint(1, 0xFF), text))


def _reserved_number(random: Random) -> bytes:
    """Return a command that is good but for the sequence number that no host uses."""
    return with_checksum(b"%02X %s" % (UNREADABLE, random.choice(TEXTS).encode()))


KINDS: dict[str, Callable[[Random], bytes]] = {
    "noise": _noise,
    "flipped bits": _flipped,
    "lost bytes": _lost,
    "doubled bytes": _doubled,
    "inserted bytes": _inserted,
    "joined lines": _joined,
    "other checksum": _other_checksum,
    "wrong argument": _wrong_argument,
    "long text": _long_text,
    "reserved number": _reserved_number,
}
"""What can be wrong with a frame, by name, as what makes one by chance."""


def is_malformed(line: bytes) -> bool:
    """Return whether a device must refuse a line by how it is written, whatever it is doing, and answers it once."""
    if line.count(b"\n") != 1 or not line.endswith(b"\n"):
        return False
    with suppress(RemoteProtocolError, CommandError):
        frame = decode(line)
        parse_command(frame.text)
        return frame.sequence == UNREADABLE
    return True


def malformed(random: Random) -> bytes:
    """Return one line that no device may take, made by chance."""
    make = KINDS[random.choice(list(KINDS))]
    while True:
        line = make(random)
        if is_malformed(line):
            return line


def frames(seed: int, count: int) -> Iterator[bytes]:
    """Yield lines that no device may take, always the same ones for the same seed."""
    random = Random(f"malformed frames, {seed}")  # noqa: S311 - not for secrets
    for _ in range(count):
        yield malformed(random)


def not_refused(bench: Bench, seed: int, count: int) -> int:
    """Send malformed frames, and return how many had no answer, or one that does not refuse how they are written.

    Raises:
        LinkError: The same frame has an answer at one time and none at another, or a good question has none.
        RemoteProtocolError: The answer to a good question cannot be read.
    """
    return sum(send(bench, line).head not in REFUSALS for line in frames(seed, count))
