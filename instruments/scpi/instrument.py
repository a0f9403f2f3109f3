"""What every driver of a SCPI instrument can do, whatever role it plays."""

from collections.abc import Mapping
from typing import ClassVar

from harness.errors import GarbledError
from instruments.roles import Identity
from instruments.scpi.client import Scpi

POWER_ON_BIT = 1 << 7  # of *ESR? (IEEE 488.2, 11.5.1)


class ScpiInstrument:
    """The part of a driver that is the same for all (Instrument); a driver adds the words of its role.

    Args:
        scpi: The conversation with the instrument.

    Attributes:
        MARK: Settings that nobody uses and that *RST changes, by their queries: as long as they are there, it was not
            reset by anybody else.
    """

    MARK: ClassVar[Mapping[str, float]] = {}

    def __init__(self, scpi: Scpi) -> None:
        self._scpi = scpi
        self._known = ""

    def identify(self) -> Identity:
        """Return who the instrument says that it is.

        Raises:
            GarbledError: The answer is not four fields.
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

    def disturbed(self) -> str:
        """Return what happened to the instrument since this was last asked, or "" if nothing did.

        It is asked for all of it in one message; who it is comes last, because that answer has no end of its own.
        """
        expected = self._expected() | dict(self.MARK)
        settings = "".join(f";:{query}" for query in expected)
        *answers, identity = self._scpi.ask(f"*ESR?{settings};*IDN?").split(";", len(expected) + 1)
        first, self._known = not self._known, self._known or identity
        if len(answers) != 1 + len(expected):
            raise GarbledError(
                f"{self._scpi.name}: {len(expected) + 2} answers must come to one message, not {answers}"
            )
        how = self._difference(identity, answers, expected)
        if self.MARK and (how or first):
            self._scpi.configure(*(f"{query.removesuffix('?')} {value:g}" for query, value in self.MARK.items()))
        return "" if first else how

    def _difference(self, identity: str, answers: list[str], expected: Mapping[str, float]) -> str:
        if identity != self._known:
            return f"it says that it is {identity!r}, and was {self._known!r}"
        if self._scpi.integer(answers[0].encode(), "*ESR?") & POWER_ON_BIT:
            return "it was switched off and on"
        for (query, wanted), answer in zip(expected.items(), answers[1:], strict=True):
            if abs(self._scpi.number(answer.encode(), query) - wanted) > 1e-3 * abs(wanted):
                return f"{query!r} is answered by {answer}, and must be by {wanted:g}: somebody set it anew"
        return ""

    def _expected(self) -> dict[str, float]:
        """Return some questions about settings, and the numbers that answer them as long as nobody else sets them."""
        return {}

    def close(self) -> None:
        """Give the wire back; outputs and relays stay as they are."""
        self._scpi.close()
