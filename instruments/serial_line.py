"""A serial line: bytes out, lines in.

Rule of the room: this is the only page of instruments that imports pyserial. It knows bytes and time limits; what the
bytes mean is the business of who speaks over it.
"""

from typing import Never

import serial

from harness.errors import ConfigError, LinkError

LONGEST_LINE = 4096  # a line that never ends is noise, and is not read for ever


class SerialLine:
    """A serial port, 8 data bits, no parity, 1 stop bit; held by one program at a time.

    Args:
        url: What pyserial opens: "/dev/ttyUSB0", "COM3", "socket://host:port", "bench://device".
        baud: Bits a second.

    Raises:
        LinkError: The port cannot be opened.
        ConfigError: The URL is of no kind that pyserial knows.
    """

    def __init__(self, url: str, *, baud: int = 115_200) -> None:
        self.url = url
        try:
            self._port = serial.serial_for_url(url, baudrate=baud, timeout=1.0, write_timeout=1.0, exclusive=True)
        except serial.SerialException as error:
            raise LinkError(
                f"{url} cannot be opened ({error}): check the cable, and that no other program holds the port"
            ) from error
        except ValueError as error:
            raise ConfigError(f"{url!r} at {baud} baud is not a serial port ({error}): correct it") from error

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            LinkError: The port is gone, or takes no bytes for a second.
        """
        try:
            self._port.write(data)
        except (serial.SerialException, OSError) as error:
            self._fail("cannot be written to", error)

    def read_line(self, timeout_s: float) -> bytes:
        """Return the next line, up to and including its line feed, waiting at most timeout_s seconds for all of it.

        Raises:
            LinkError: No whole line came in that time; what came of it is shown, and is lost.
        """
        return self.read_until(b"\n", timeout_s)

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """Return the next bytes up to and including terminator, waiting at most timeout_s seconds for all of them.

        Raises:
            LinkError: The terminator did not come in that time, or not within 4096 bytes.
        """
        try:
            if self._port.timeout != timeout_s:
                self._port.timeout = timeout_s
            line: bytes = self._port.read_until(terminator, LONGEST_LINE)
        except (
            serial.SerialException,
            OSError,
            TypeError,
        ) as error:  # TypeError: pyserial reads a port closed meanwhile
            self._fail("cannot be read from", error)
        if line.endswith(terminator):
            return line
        if len(line) >= LONGEST_LINE:
            raise LinkError(f"{self.url} sent {len(line)} bytes without {terminator!r}: check the baud rate")
        came = f"only {line[:40].hex(' ')} came" if line else "nothing came"
        raise LinkError(f"{self.url} gave no answer within {timeout_s:g} s ({came}): check the power and the cable")

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """Return the next count bytes, waiting at most timeout_s seconds for all of them.

        Raises:
            LinkError: They did not come in that time.
        """
        try:
            self._port.timeout = timeout_s
            data: bytes = self._port.read(count)
        except (serial.SerialException, OSError, TypeError) as error:
            self._fail("cannot be read from", error)
        if len(data) < count:
            raise LinkError(
                f"{self.url} gave {len(data)} bytes within {timeout_s:g} s, and must give {count}: check the cable"
            )
        return data

    def discard_input(self) -> None:
        """Throw away what was received and not read.

        Raises:
            LinkError: The port is gone.
        """
        try:
            self._port.reset_input_buffer()
        except (serial.SerialException, OSError) as error:
            self._fail("cannot be emptied", error)

    def close(self) -> None:
        """Give the port back. Closing twice does nothing."""
        self._port.close()

    def _fail(self, what: str, error: Exception) -> Never:
        raise LinkError(f"{self.url} {what} ({error}): check the cable, then open the bench again") from error
