"""How a SCPI message is cut into commands and their arguments; twins, drivers and the interlock all read it this way.

No I/O here, and no knowledge of any instrument. Bytes above 127 survive only inside strings and blocks, as Latin-1.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import LocalProtocolError
from instruments.scpi.errors import STANDARD

COMMON = "*"
LONGEST_MNEMONIC = 12  # IEEE 488.2, 7.6.1.4.1
DEEPEST = 20  # nodes of a header with the path before it: twice as deep as any instrument's

_MNEMONIC = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_COMMON_MNEMONIC = re.compile(r"\*[A-Z][A-Z0-9_]*\Z")
_HEADER = re.compile(r"[ \t\r\n]*(:?[A-Za-z*][A-Za-z0-9_:*]*\??)(?=[ \t\r\n]|;|\Z)")
_DELICATE = re.compile(rb"[\"'#()]")
_RUN = re.compile(r"[\t\n\r !$-&)-+\--:<-~]*")  # what means nothing to the scanner of arguments
_SPACE = " \t\r\n"


class ScpiError(LocalProtocolError):
    """A command that an instrument refuses.

    Args:
        number: See below.
        text: See below; left out, the words are those of the standard.

    Attributes:
        number: The number that SCPI-99 (or the instrument's manual) gives to the fault, for instance -222.
        text: Its words, for instance "Data out of range".
    """

    def __init__(self, number: int, text: str = "") -> None:
        self.number = number
        self.text = text or STANDARD[number]
        super().__init__(f'{number},"{self.text}"')


class ScpiSyntaxError(ScpiError):
    """A message that is not SCPI.

    Attributes:
        parsed: The commands of the message that came before the fault: an instrument has carried them out by then.
    """

    def __init__(self, number: int, text: str = "", parsed: "Sequence[Unit]" = ()) -> None:
        super().__init__(number, text)
        self.parsed = tuple(parsed)


@dataclass(frozen=True, slots=True)
class Unit:
    """One command or query of a message.

    Attributes:
        header: Its mnemonics from the root, in capitals, as short or as long as they were written: ("SOUR", "VOLT");
            ("*IDN",) for a common command.
        query: Whether a question mark follows the header.
        arguments: Its arguments as they were written, without the white space around them.
    """

    header: tuple[str, ...]
    query: bool
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the command as it could be sent, from the root."""
        head = ("" if self.header[0].startswith(COMMON) else ":") + ":".join(self.header) + ("?" if self.query else "")
        return f"{head} {','.join(self.arguments)}" if self.arguments else head


def parse_message(message: bytes) -> list[Unit]:
    """Return the commands of one program message, each with its header from the root.

    A header without a leading colon continues on the level of the command before it ("VOLT:PROT 5;LEV 6" is
    ":VOLT:PROT" and ":VOLT:LEV"); a common command in between changes nothing.

    Raises:
        ScpiSyntaxError: The message breaks the grammar; what came before the fault is in `parsed`.
    """
    text = message.decode("latin-1")
    if not text.strip(_SPACE):
        return []
    units: list[Unit] = []
    path: tuple[str, ...] = ()
    plain = _DELICATE.search(message) is None
    last = len(text.rstrip(_SPACE))
    position = 0
    while True:
        try:
            header, query, after = _read_header(text, position)
            if plain:
                stop = text.find(";", after)
                stop = len(text) if stop < 0 else stop
                arguments = _plain_arguments(text[after:stop])
            else:
                arguments, stop = _scan_arguments(text, after)
        except ScpiSyntaxError as error:
            raise ScpiSyntaxError(error.number, error.text, units) from None
        if header[0].startswith(COMMON):
            nodes = header
        else:
            nodes = header[1:] if header[0] == "" else path + header
            if len(nodes) > DEEPEST:  # or a row of ever deeper headers would fill the memory
                raise ScpiSyntaxError(-113, parsed=units)
            path = nodes[:-1]
        units.append(Unit(nodes, query, arguments))
        position = stop + 1
        if position >= last:  # a semicolon may end a message
            return units


def _read_header(text: str, start: int) -> tuple[tuple[str, ...], bool, int]:
    """Return the mnemonics (the first one empty after a leading colon), whether it asks, and where the header ends."""
    match = _HEADER.match(text, start)
    if match is None:
        raise _header_fault(text, start)
    spelling = match.group(1).upper()
    query = spelling.endswith("?")
    if query:
        spelling = spelling[:-1]
    if COMMON in spelling:
        if not _COMMON_MNEMONIC.match(spelling):
            raise ScpiSyntaxError(-110)
        return (spelling,), query, match.end()
    if spelling.count(":") > DEEPEST:
        raise ScpiSyntaxError(-113)
    nodes = tuple(spelling.split(":"))
    for node in nodes[1:] if spelling.startswith(":") else nodes:
        if not _MNEMONIC.match(node):
            raise ScpiSyntaxError(-110)
        if len(node) > LONGEST_MNEMONIC:
            raise ScpiSyntaxError(-112)
    return nodes, query, match.end()


def _header_fault(text: str, start: int) -> ScpiSyntaxError:
    """Return what is wrong with text that no header begins at start."""
    rest = text[start:].lstrip(_SPACE)
    if not rest or rest[0] == ";":
        return ScpiSyntaxError(-102)
    if not (rest[0].isascii() and (rest[0].isalpha() or rest[0] in ":*")):
        return ScpiSyntaxError(-101)
    return ScpiSyntaxError(-111)


def _plain_arguments(text: str) -> tuple[str, ...]:
    """Return arguments among which there is no string, block or list."""
    text = text.strip(_SPACE)
    if not text:
        return ()
    if not text.isascii() or not text.replace("\t", " ").isprintable():
        raise ScpiSyntaxError(-101)
    arguments = tuple([part.strip(_SPACE) for part in text.split(",")])
    if "" in arguments:
        raise ScpiSyntaxError(-109)
    return arguments


def _scan_arguments(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """Return the arguments from start on, and where the semicolon or the end is that ends them."""
    arguments: list[str] = []
    position = begin = start
    whole = start  # up to here the argument is a block, whose white space is its own
    blank = True  # nothing but space since begin
    while True:
        run = _RUN.match(text, position)
        assert run is not None
        blank = blank and not run.group().strip(_SPACE)
        position = run.end()
        mark = text[position : position + 1]
        if mark == "" or mark in ";,":
            argument = text[begin:whole] + text[max(whole, begin) : position].rstrip(_SPACE)
            argument = argument.lstrip(_SPACE)
            if argument:
                arguments.append(argument)
            elif mark == "," or arguments:
                raise ScpiSyntaxError(-109)
            if mark != ",":
                return tuple(arguments), position
            position += 1
            begin = position
            blank = True
            continue
        if mark in "\"'":
            position = _after_string(text, position)
        elif mark == "#":
            if blank:
                begin = position
                position = whole = _after_block(text, position)
            else:
                position += 1
        elif mark == "(":
            position = _after_expression(text, position)
        else:
            raise ScpiSyntaxError(-101)
        blank = False


def _after_string(text: str, start: int) -> int:
    """Return where the string ends that begins at start; a doubled quote mark stays inside."""
    quote = text[start]
    position = start + 1
    while True:
        position = text.find(quote, position)
        if position < 0:
            raise ScpiSyntaxError(-151)
        if text[position + 1 : position + 2] != quote:
            return position + 1
        position += 2


def _after_block(text: str, start: int) -> int:
    """Return where the block (or the number in another base) ends that begins with the # at start."""
    digit = text[start + 1 : start + 2]
    if digit in ("H", "h", "Q", "q", "B", "b"):
        return start + 2
    if not (digit.isascii() and digit.isdigit()):
        raise ScpiSyntaxError(-161)
    if digit == "0":
        return len(text)  # an indefinite block ends with its message
    head = start + 2 + int(digit)
    size = text[start + 2 : head]
    if len(size) != int(digit) or not (size.isascii() and size.isdigit()) or head + int(size) > len(text):
        raise ScpiSyntaxError(-161)
    return head + int(size)


def _after_expression(text: str, start: int) -> int:
    """Return where the expression in brackets ends that begins at start."""
    depth = 0
    for position in range(start, len(text)):
        mark = text[position]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
            if depth == 0:
                return position + 1
        elif mark in "\"';#" or not (" " <= mark <= "~"):
            break
    raise ScpiSyntaxError(-171)
