"""A conversation in SCPI: say something, ask something, and hear every complaint.

Rule of the room: what is set is checked in the same message ("VOLT 5;:SYST:ERR?"), so a refused setting is an error at
the line that made it, and costs one round trip. What is not a number never becomes one.
"""

from collections.abc import Sequence
from typing import Never

from harness.errors import GarbledError, InstrumentError, LinkError, OverloadError
from instruments.roles import Identity
from instruments.transport import Transport

OVERLOAD = 9.9e37  # SCPI-99 7.2.1.4: 9.9E37 stands for infinity, 9.91E37 for not-a-number
MOST_ERRORS = 32  # an error queue is 20 deep; an instrument that never says "no error" is not asked for ever
NO_ERROR = (b"+0,", b"0,")


class Scpi:
    """One instrument's conversation.

    Attributes:
        name: What messages call the instrument ("34465A").
    """

    def __init__(self, transport: Transport, name: str) -> None:
        self._transport = transport
        self.name = name

    def write(self, command: str) -> None:
        """Send a command and do not ask what became of it.

        Raises:
            LinkError: The bytes did not get through.
        """
        self._transport.write(command.encode("ascii"))

    def configure(self, *commands: str) -> None:
        """Send commands, none with a leading colon, and the question for errors, all in one message.

        Raises:
            InstrumentError: The instrument refused a command; the text quotes its error queue.
            LinkError: The bytes did not get through.
        """
        message = (";:".join(commands) + ";:SYST:ERR?").encode("ascii")
        self._transport.write(message)
        try:
            first = self._transport.read()
        except LinkError as silence:
            self._explain_silence(message, silence)
        if not first.startswith(NO_ERROR):
            self._refuse([self._text(first, "SYST:ERR?"), *self._drain()], message)

    def ask(self, query: str) -> str:
        """Return the answer to a query as text.

        Raises:
            GarbledError: The answer is not ASCII.
            LinkError: There was no answer.
        """
        return self._text(self.ask_bytes(query), query)

    def ask_bytes(self, query: str) -> bytes:
        """Return the answer to a query as it came.

        Raises:
            LinkError: There was no answer.
        """
        self._transport.write(query.encode("ascii"))
        return self._transport.read()

    def ask_number(self, query: str) -> float:
        """Return the answer to a query as a finite number.

        Raises:
            OverloadError: The instrument says that it is overloaded (9.9E37), or has no number (9.91E37).
            GarbledError: The answer is not a number.
        """
        return self.number(self.ask_bytes(query), query)

    def ask_numbers(self, query: str) -> list[float]:
        """Return the answer to a query as finite numbers that commas separate.

        Raises:
            OverloadError: One of them stands for an overload or for no number.
            GarbledError: One of them is not a number.
        """
        return self.numbers(self.ask_bytes(query), query)

    def ask_block(self, query: str) -> bytes:
        """Return the contents of the IEEE 488.2 block that answers a query.

        Raises:
            GarbledError: The answer is not a block, or is not as long as its header says.
        """
        return self.block(self.ask_bytes(query), query)

    def ask_integer(self, query: str) -> int:
        """Return the answer to a query as a whole number; registers answer so.

        Raises:
            GarbledError: The answer is not a whole number.
        """
        return self.integer(self.ask_bytes(query), query)

    def ask_integers(self, query: str, count: int) -> list[int]:
        """Return the answers to count queries in one message as whole numbers.

        Raises:
            GarbledError: There are more or fewer answers, or one is not a whole number.
        """
        reply = self.ask_bytes(query)
        parts = reply.split(b";")
        if len(parts) != count:
            raise GarbledError(
                f"{self.name}: {query!r} must be answered by {count} numbers with ; between, not by {reply[:60]!r}"
            )
        return [self.integer(part, query) for part in parts]

    def number(self, reply: bytes, query: str) -> float:
        """Return a reply as a finite number; query is named if it is none.

        Raises:
            OverloadError: It stands for an overload or for no number.
            GarbledError: It is not a number.
        """
        try:
            value = float(reply)
        except ValueError:
            value = None
        if value is None or b"_" in reply:  # Python reads 1_0 as ten
            raise GarbledError(f"{self.name}: {query!r} must be answered by a number, not by {reply[:60]!r}")
        if -OVERLOAD < value < OVERLOAD:
            return value
        raise OverloadError(
            f"the {self.name} is overloaded: {query!r} was answered by {reply.decode('ascii')}, which stands for no"
            f" number; check what is connected, and the range"
        )

    def numbers(self, reply: bytes, query: str) -> list[float]:
        """Return a reply as finite numbers that commas separate; query is named if one of them is none.

        Raises:
            InstrumentError: One of them stands for an overload or for no number.
            RemoteProtocolError: One of them is not a number.
        """
        parts = reply.split(b",")
        if b"_" not in reply:
            try:
                values = list(map(float, parts))
            except ValueError:
                values = []
            if values and sum(map(abs, values)) < OVERLOAD:  # so that each of them is; a NaN would make the sum NaN
                return values
        return [self.number(part, query) for part in parts]

    def integer(self, reply: bytes, query: str) -> int:
        """Return a reply as a whole number; query is named if it is none.

        Raises:
            GarbledError: It is not a whole number.
        """
        try:
            return int(reply)
        except ValueError:
            raise GarbledError(
                f"{self.name}: {query!r} must be answered by a whole number, not by {reply[:60]!r}"
            ) from None

    def block(self, reply: bytes, query: str) -> bytes:
        """Return the contents of a definite-length block; query is named if it is none.

        Raises:
            GarbledError: It is not a block, or not as long as its header says.
        """
        digits = reply[1:2]
        if reply[:1] != b"#" or not digits.isdigit() or digits == b"0" or not reply[2 : 2 + int(digits)].isdigit():
            raise GarbledError(
                f"{self.name}: {query!r} must be answered by a block like #15hello, not by {reply[:20]!r}"
            )
        start = 2 + int(digits)
        length = int(reply[2:start])
        if len(reply) != start + length:
            raise GarbledError(
                f"{self.name}: the block that answers {query!r} says {length} bytes and holds {len(reply) - start}"
            )
        return reply[start:]

    def check_errors(self) -> None:
        """Read the error queue until it is empty.

        Raises:
            InstrumentError: The queue was not empty; the text quotes all of it.
        """
        errors = self._drain()
        if errors:
            self._refuse(errors, b"")

    def identify(self) -> Identity:
        """Return who the instrument says that it is.

        Raises:
            GarbledError: The answer is not four fields.
        """
        answer = self.ask("*IDN?")
        fields = [field.strip() for field in answer.split(",")]
        if len(fields) != 4:
            raise GarbledError(
                f"{self.name}: '*IDN?' must be answered by maker,model,serial,firmware, not by {answer!r}"
            )
        return Identity(*fields)

    def reset(self) -> None:
        """Set the instrument to its power-on state, empty its error queue, and wait until it is done.

        Raises:
            LinkError: The instrument does not answer.
        """
        self._transport.clear()  # a run that died may have left an answer unread
        self.ask("*RST;*CLS;*OPC?")

    def close(self) -> None:
        """Give the wire back."""
        self._transport.close()

    def _text(self, reply: bytes, query: str) -> str:
        try:
            return reply.decode("ascii").strip()
        except UnicodeDecodeError:
            raise GarbledError(
                f"{self.name}: {query!r} must be answered by plain text, not by bytes {reply[:20].hex(' ')}"
            ) from None

    def _drain(self) -> list[str]:
        errors: list[str] = []
        while len(errors) < MOST_ERRORS:
            reply = self.ask_bytes("SYST:ERR?")
            if reply.startswith(NO_ERROR):
                break
            errors.append(self._text(reply, "SYST:ERR?"))
        return errors

    def _explain_silence(self, message: bytes, silence: LinkError) -> Never:
        """A command that cannot be parsed makes an instrument drop the rest of the message, question included."""
        try:
            self._transport.clear()
            errors = self._drain()
        except LinkError:
            raise silence from None
        if not errors:
            raise silence
        self._refuse(errors, message)

    def _refuse(self, errors: Sequence[str], message: bytes) -> Never:
        after = f" after {message.decode('ascii')!r}" if message else ""
        raise InstrumentError(f"the {self.name} reports {'; '.join(errors)}{after}")


def decimal(value: float) -> str:
    """Return a number as SCPI takes it, to ten digits: more than any instrument of the bench resolves."""
    return format(float(value), ".10g")
