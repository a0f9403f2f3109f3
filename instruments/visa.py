"""Instruments on VISA: USB, LAN and GPIB, by the names that VISA gives them.

Rule of the room: this is the only page of instruments that imports pyvisa. Closing one wire never closes another.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Never

import pyvisa
from pyvisa.constants import StatusCode
from pyvisa.errors import Error as VisaError
from pyvisa.errors import VisaIOError
from pyvisa.resources import MessageBasedResource, SerialInstrument, TCPIPInstrument, TCPIPSocket
from pyvisa.rname import InvalidResourceName, to_canonical_name

from harness.errors import ConfigError, HarnessError, LinkError

if TYPE_CHECKING:
    from pyvisa.highlevel import VisaLibraryBase

CHUNK = 1 << 16  # a scope's record of 125 kB in two reads
PLAIN = (VisaError, OSError, RuntimeError)  # the last is what pyvisa-py raises where a HiSLIP server breaks the rules
TERMINATED = (TCPIPSocket, SerialInstrument)  # wires that cannot tell where a message ends, but by its line feed

WHAT_NEXT = {
    StatusCode.error_resource_not_found: "check that it is switched on and plugged in, and its address",
    StatusCode.error_resource_busy: "another program holds it: close that first",
    StatusCode.error_resource_locked: "another program holds it: close that first",
    StatusCode.error_connection_lost: "check its cable, then open the bench again",
    StatusCode.error_io: "check its cable, then open the bench again",
}


_HEX = re.compile(r"0[Xx][0-9A-Fa-f]+")


class VisaLibrary:
    """The VISA library of one bench, and every wire opened through it.

    Args:
        library: A pyvisa library object (the virtual bench is one), a name like "@py", or None for the library that
            pyvisa finds by itself.
    """

    def __init__(self, library: "VisaLibraryBase | str | None" = None) -> None:
        # A resource manager is shared by all who name the same library; closing it would end their sessions too.
        self._owns_manager = (
            library is not None and not isinstance(library, str) and getattr(library, "resource_manager", None) is None
        )
        try:
            self._manager = pyvisa.ResourceManager(library or "")
        except (OSError, ValueError) as error:
            raise ConfigError(f"no VISA library {library!r}: {error}; install one, or name '@py'") from error
        self._wires: list[VisaTransport] = []

    def open(self, address: str, *, timeout_s: float, name: str = "") -> "VisaTransport":
        """Open the instrument at a VISA address; its answers are waited for at most timeout_s seconds.

        Errors tell its name, if it has one, and its address.

        Raises:
            LinkError: Nothing answers at that address.
            ConfigError: The address is not a VISA name, or names something that messages cannot be sent to.
        """
        shown = f"{name} at {address}" if name else address
        resource = self._opened(address, timeout_s, shown)
        wire = VisaTransport(shown, resource, timeout_s, lambda: self._opened(address, timeout_s, shown))
        self._wires.append(wire)
        return wire

    def close(self) -> None:
        """Close every wire that was opened here, and no other. Closing twice does nothing."""
        while self._wires:
            self._wires.pop().close()
        if self._owns_manager:
            self._owns_manager = False
            self._manager.close()

    def _opened(self, address: str, timeout_s: float, shown: str) -> MessageBasedResource:
        """Return a new session with the instrument at an address."""
        try:
            resource = self._manager.open_resource(address, open_timeout=round(timeout_s * 1000))
        except HarnessError:
            raise
        except VisaIOError as error:
            if error.error_code == StatusCode.error_invalid_resource_name:
                raise ConfigError(f"{address!r} is not a VISA address such as 'GPIB0::5::INSTR'") from error
            raise LinkError(f"{shown} cannot be opened ({error.abbreviation}): {_what_next(error)}") from error
        except Exception as error:  # pyvisa-py raises plain Exception for a host that it cannot reach
            raise LinkError(
                f"{shown} cannot be opened ({error}): check that it is switched on and plugged in, and its address"
            ) from error
        if not isinstance(resource, MessageBasedResource):
            resource.close()
            raise ConfigError(f"{shown} takes no messages; name an INSTR or SOCKET")
        resource.timeout = timeout_s * 1000
        if isinstance(resource, TERMINATED):
            resource.read_termination = "\n"
        return resource


class VisaTransport:
    """One instrument's wire over VISA (a Transport).

    Args:
        shown: Name and address of the instrument, as errors tell them.
        resource: The session with it.
        timeout_s: How long its answers are waited for, in seconds.
        again: Opens another session with it.
    """

    def __init__(
        self, shown: str, resource: MessageBasedResource, timeout_s: float, again: Callable[[], MessageBasedResource]
    ) -> None:
        self._shown = shown
        self._resource = resource
        self._timeout_s = timeout_s
        self._again = again
        self._terminated = resource.read_termination is not None
        self._last = b""
        self._owed = False

    def write(self, message: bytes) -> None:
        """Send one message, and a line feed.

        An answer that was asked for and never fetched, because a stop came between, is thrown away first: the
        instrument would take it for the answer to this message, or complain of it (SCPI error -410).

        Raises:
            LinkError: The bytes did not get through.
        """
        if self._owed:
            self.clear()
        self._last, self._owed = message, b"?" in message
        try:
            self._resource.write_raw(message + b"\n")
        except PLAIN as error:
            self._fail("cannot be written to", error)

    def read(self) -> bytes:
        """Return the next whole response message, without its line feed; a definite-length block may hold anything.

        Raises:
            LinkError: Nothing came before the timeout.
        """
        reply = self._next()
        reply = self._whole_block(reply) if reply[:1] == b"#" else reply.rstrip(b"\r\n")
        self._owed = False
        return reply

    def clear(self) -> None:
        """Throw away what is half sent and half read.

        Raises:
            LinkError: The instrument cannot be reached.
        """
        owed, self._owed = self._owed, False
        try:
            if isinstance(self._resource, TCPIPSocket):
                # There is no clear on a plain socket: an answer that is still on its way goes with the connection.
                self._reopen()
                return
            if owed and isinstance(self._resource, TCPIPInstrument):
                self._reopen()  # a stop may have cut a message of HiSLIP in two
            try:
                self._resource.clear()
            except RuntimeError:
                # pyvisa-py takes an answer that is on its way over HiSLIP for the acknowledgement of the clear, and is
                # out of step from then on; IVI-6.1 wants it thrown away.
                self._reopen()
                self._resource.clear()
        except PLAIN as error:
            self._fail("cannot be cleared", error)

    def close(self) -> None:
        """Give the wire back. Closing twice does nothing."""
        try:
            self._resource.close()
        except PLAIN as error:
            self._fail("cannot be closed", error)

    def _reopen(self) -> None:
        self._resource.close()
        self._resource = self._again()

    def _next(self) -> bytes:
        try:
            return self._resource.read_raw(CHUNK)
        except PLAIN as error:
            self._owed = False  # whoever hears of silence decides; where the other end is gone a clear may never end
            if isinstance(error, VisaIOError) and error.error_code == StatusCode.error_timeout:
                raise LinkError(
                    f"{self._shown} gave no answer to {_shown(self._last)} within {self._timeout_s:g} s: check that"
                    f" it is switched on and connected, and that it knows the command"
                ) from error
            self._fail("cannot be read from", error)

    def _whole_block(self, reply: bytes) -> bytes:
        """A line feed inside a block ends a read on a wire without end marks, so its header says how long it is."""
        end = _block_end(reply)
        if end and len(reply) >= end and not self._terminated:
            return reply[:end] + reply[end:].rstrip(b"\r\n")
        parts = bytearray(reply)
        while (end := _block_end(parts)) is None or len(parts) < end:
            parts += self._next()
        while self._terminated and end and parts[end:][-1:] != b"\n":
            parts += self._next()
        tail = parts[end:].rstrip(b"\r\n") if end else b""
        return bytes(parts[:end] + tail) if end else bytes(parts).rstrip(b"\r\n")

    def _fail(self, what: str, error: Exception) -> Never:
        raise LinkError(f"{self._shown} {what} ({error}): {_what_next(error)}") from error


def _block_end(reply: bytes | bytearray) -> int | None:
    """Return where a definite-length block ends; 0 if it is none, None if its header is not all there."""
    if len(reply) < 2:
        return None
    if not reply[1:2].isdigit() or reply[1:2] == b"0":
        return 0
    start = 2 + int(reply[1:2])
    if len(reply) < start:
        return None
    length = reply[2:start]
    return start + int(length) if length.isdigit() else 0


def _what_next(error: Exception) -> str:
    code = error.error_code if isinstance(error, VisaIOError) else None
    for known, advice in WHAT_NEXT.items():
        if code == known:
            return advice
    return "check that it is switched on and connected"


def _shown(message: bytes) -> str:
    text = message.decode("ascii", "backslashreplace")
    return repr(text if len(text) <= 80 else text[:77] + "...")


def canonical(address: str) -> str:
    """Return a VISA address in one spelling of all that mean the same; what is none comes back in capitals."""
    try:
        name = to_canonical_name(address.upper()).upper()  # what it fills in is in small letters
    except (InvalidResourceName, ValueError):
        return address.upper()
    return "::".join(str(int(part, 16)) if _HEX.fullmatch(part) else part for part in name.split("::"))
