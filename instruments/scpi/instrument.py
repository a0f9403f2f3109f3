"""What every driver of a SCPI instrument can do, whatever role it plays."""

from instruments.roles import Identity
from instruments.scpi.client import Scpi


class ScpiInstrument:
    """The part of a driver that is the same for all (Instrument); a driver adds the words of its role.

    Args:
        scpi: The conversation with the instrument.
    """

    def __init__(self, scpi: Scpi) -> None:
        self._scpi = scpi

    def identify(self) -> Identity:
        """Return who the instrument says that it is.

        Raises:
            RemoteProtocolError: The answer is not four fields.
        """
        return self._scpi.identify()

    def reset(self) -> None:
        """Set the instrument to its power-on state, outputs off and relays open, and empty its error queue."""
        self._scpi.reset()

    def check_errors(self) -> None:
        """Read the error queue until it is empty.

        Raises:
            InstrumentError: The queue was not empty; the text quotes all of it.
        """
        self._scpi.check_errors()

    def close(self) -> None:
        """Give the wire back; outputs and relays stay as they are."""
        self._scpi.close()
