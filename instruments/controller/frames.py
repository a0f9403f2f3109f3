"""Lines on the device's serial port: bytes to frames and back, without touching a wire.

A frame is one line, `:` sequence, text, `*`, checksum, LF (PROTOCOL.md). Whatever bytes arrive, this page answers with
a frame or with a RemoteProtocolError that shows them in hex; it never keeps more than one line.
"""

import re
from binascii import crc_hqx
from dataclasses import dataclass

from harness.errors import LocalProtocolError, RemoteProtocolError

LONGEST_LINE = 120
"""Bytes in the longest lawful line, from the colon to the LF, both counted."""

LONGEST_TEXT = LONGEST_LINE - len(":00 *0000\n")
UNREADABLE = 0
"""The sequence number that a device answers with when it could not read ours; a host never sends it."""

_SHOWN = 48
_CRC_START = 0xFFFF
_LINE = re.compile(rb":([0-9A-F]{2}) ([!-)+-9;-~](?:[ -)+-9;-~]*[!-)+-9;-~])?)\*([0-9A-F]{4})\n")
_TEXT = re.compile(r"[!-)+-9;-~](?:[ -)+-9;-~]*[!-)+-9;-~])?")


@dataclass(frozen=True, slots=True)
class Frame:
    """One line that arrived whole, or that is to be sent.

    Attributes:
        sequence: 0 … 255; 0 only in an answer to a line that could not be read.
        text: Printable ASCII without `:` and `*`, that neither begins nor ends with a space.
    """

    sequence: int
    text: str


def checksum(data: bytes) -> int:
    """Return the CRC-16 of data: polynomial 0x1021, start value 0xFFFF, nothing reflected, nothing inverted."""
    return crc_hqx(data, _CRC_START)


def encode(frame: Frame) -> bytes:
    """Return the line for a frame.

    Raises:
        LocalProtocolError: The sequence number or the text cannot be put in a line; nothing was made.
    """
    if not 0 <= frame.sequence <= 0xFF:
        raise LocalProtocolError(f"the sequence number is {frame.sequence}, and must be 0 … 255")
    text = frame.text
    if len(text) > LONGEST_TEXT:
        raise LocalProtocolError(f"the text has {len(text)} characters, and a line has room for {LONGEST_TEXT}")
    if not _TEXT.fullmatch(text):
        raise LocalProtocolError(
            f"{text!r} cannot be sent: a text is printable ASCII without ':' and '*', and has no space at its ends"
        )
    inner = b"%02X %s" % (frame.sequence, text.encode("ascii"))
    return b":%s*%04X\n" % (inner, crc_hqx(inner, _CRC_START))


def decode(line: bytes) -> Frame:
    """Return the frame in a line, which includes its LF.

    Raises:
        RemoteProtocolError: The bytes are no frame, or their checksum is another one; the text shows them in hex.
    """
    found = _LINE.fullmatch(line) if len(line) <= LONGEST_LINE else None
    if found is None:
        raise RemoteProtocolError(f"{_fault_in(line)}: {in_hex(line)}")
    expected = crc_hqx(line[1:-6], _CRC_START)
    if int(found[3], 16) != expected:
        raise RemoteProtocolError(
            f"the checksum is {found[3].decode()}, and must be {expected:04X} for the bytes that came: {in_hex(line)}"
        )
    return Frame(int(found[1], 16), found[2].decode("ascii"))


def in_hex(data: bytes) -> str:
    """Return bytes for people, in hex; a long run is cut and its length told."""
    shown = data[:_SHOWN].hex(" ") or "no bytes"
    return shown if len(data) <= _SHOWN else f"{shown} … ({len(data)} bytes)"


def _fault_in(line: bytes) -> str:
    """Say what keeps a line from being a frame."""
    if len(line) > LONGEST_LINE:
        return f"a line has {len(line)} bytes, and must have at most {LONGEST_LINE}"
    if not line.endswith(b"\n"):
        return "a line must end with LF"
    if not line.startswith(b":"):
        return "a line must begin with ':'"
    return "a line must be ':', two hex digits, a space, a text, '*', four hex digits (A … F in capitals) and LF"


class ReceiveBuffer:
    """Bytes as they drip from a wire, put together to lines.

    It holds at most LONGEST_LINE bytes between two calls: what grows longer is thrown away up to the next LF, and told.
    """

    def __init__(self) -> None:
        self._held = b""
        self._lost = 0

    @property
    def held(self) -> int:
        """Number of bytes that wait for their LF."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Frame | RemoteProtocolError]:
        """Take bytes, and return in order what they complete: a frame, or the error that its line is.

        Errors are returned and not raised, since the frames behind them are good.
        """
        *lines, rest = (self._held + data).split(b"\n")
        results: list[Frame | RemoteProtocolError] = []
        for line in lines:
            results.append(self._complete(line + b"\n"))
        self._held = rest
        # A full-length line still lacks its LF, so it is one byte shorter here.
        if len(rest) >= LONGEST_LINE:
            self._lost += len(rest)
            self._held = b""
        return results

    def _complete(self, line: bytes) -> Frame | RemoteProtocolError:
        lost, self._lost = self._lost, 0
        if lost:
            return RemoteProtocolError(
                f"a line has {lost + len(line)} bytes, and must have at most {LONGEST_LINE}; "
                f"it ends with: {in_hex(line[-_SHOWN:])}"
            )
        try:
            return decode(line)
        except RemoteProtocolError as error:
            return error
