"""A wire, as drivers see it: messages out, messages in. What stands between driver and wire is a Transport too."""

from typing import Protocol


class Transport(Protocol):
    """One instrument's wire. A message has no terminator here; the wire adds and takes it off."""

    def write(self, message: bytes) -> None:
        """Send one message.

        Raises:
            LinkError: The bytes did not get through.
            InterlockError: A limit of the bench forbids the message; nothing was sent.
        """

    def read(self) -> bytes:
        """Return the next whole response message, without its terminator; a definite-length block may hold anything.

        Raises:
            LinkError: Nothing came before the timeout.
        """

    def clear(self) -> None:
        """Throw away what is half sent and half read (IEEE 488.2 device clear).

        Raises:
            LinkError: The instrument cannot be reached.
        """

    def close(self) -> None:
        """Give the wire back. Closing twice does nothing."""
