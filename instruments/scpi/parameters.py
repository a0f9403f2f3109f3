"""What the argument of a SCPI command says: a number with its unit, a switch, a word, a text, a list of channels."""

import math
import re
from collections.abc import Mapping
from functools import cache

from instruments.scpi.grammar import ScpiSyntaxError

INFINITY = 9.9e37
NOT_A_NUMBER = 9.91e37
LONGEST_LIST = 10_000
MOST_KNOWN = 256  # lists that are kept: drivers send the same ones over and over
LONGEST_KNOWN = 100  # characters of such a list, and channels
MOST_DIGITS = 300  # SCPI-99 asks for 255 at least

# Possessive throughout: what does not fit must not be tried again in every other way, or a long line takes for ever.
_NUMBER = re.compile(
    r"([+-]?+(?:\d++\.?+\d*+|\.\d++)(?:[ \t]*+[Ee][ \t]*+[+-]?+\d++)?+)[ \t]*+([A-Za-z%/.\-0-9]*+)\Z", re.ASCII
)
_BASED = re.compile(r"#(?:[Hh]([0-9A-Fa-f]{1,16})|[Qq]([0-7]{1,21})|[Bb]([01]{1,64}))\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_CHANNELS = re.compile(r"\(\s*+@\s*+([0-9:,\s]*+)\)\Z")
_SPAN = re.compile(r"\s*(\d{1,6})\s*(?::\s*(\d{1,6})\s*)?\Z", re.ASCII)

# SCPI-99 vol. 1, 7.2: case does not tell milli from mega; M is milli and MA is mega.
_MULTIPLIERS = {
    "EX": 1e18, "PE": 1e15, "T": 1e12, "G": 1e9, "MA": 1e6, "K": 1e3, "": 1.0,
    "M": 1e-3, "U": 1e-6, "N": 1e-9, "P": 1e-12, "F": 1e-15, "A": 1e-18,
}  # fmt: skip
_MEGA = ("OHM", "HZ")  # but MHZ and MOHM are mega (IEEE 488.2, table 7-2)

_NAMED: Mapping[str, str] = {
    "MIN": "minimum", "MINIMUM": "minimum", "MAX": "maximum", "MAXIMUM": "maximum", "DEF": "default",
    "DEFAULT": "default",
}  # fmt: skip


@cache
def suffixes(unit: str) -> Mapping[str, float]:
    """Return the suffixes (in capitals) that a number in a unit may have, and what each multiplies it by.

    "MV" for a volt is a millivolt, "MAV" a megavolt, "MA" for an ampere a milliampere, "MHZ" a megahertz.
    """
    if not unit:
        return {"": 1.0}
    table = {multiplier + unit: factor for multiplier, factor in _MULTIPLIERS.items()}
    if unit in _MEGA:
        table["M" + unit] = 1e6
    table[unit] = 1.0
    table[""] = 1.0
    return table


def number(
    text: str,
    unit: str = "",
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    default: float | None = None,
) -> float:
    """Return a number in its unit ("V", "A", "OHM", "S", "HZ", or "" for none); MIN, MAX and DEF where they are given.

    minimum and maximum name what MIN and MAX stand for; whether the number lies between them is not asked here.

    Raises:
        ScpiSyntaxError: It is not a number, or its suffix is not one of the unit's.
    """
    match = _NUMBER.match(text)
    if match:
        factor = suffixes(unit).get(match.group(2).upper())
        if factor is None:
            raise ScpiSyntaxError(-131 if unit else -138)
        if len(match.group(1)) > MOST_DIGITS:
            raise ScpiSyntaxError(-124)
        value = float(match.group(1).replace(" ", "").replace("\t", "")) * factor
        if math.isinf(value):
            raise ScpiSyntaxError(-123)
        return value
    based = _BASED.match(text)
    if based:
        for digits, base in zip(based.groups(), (16, 8, 2), strict=True):
            if digits:
                return float(int(digits, base))
    named = {"minimum": minimum, "maximum": maximum, "default": default}.get(_NAMED.get(text.upper(), ""))
    if named is not None:
        return named
    if _WORD.match(text):
        raise ScpiSyntaxError(-148)
    raise ScpiSyntaxError(-121 if text[:1] in tuple("0123456789+-.") else -104)


def boolean(text: str) -> bool:
    """Return a switch: ON, OFF, or a number, which is off if it is 0 when rounded to a whole one, a half upwards.

    Raises:
        ScpiSyntaxError: It is neither.
    """
    word = text.upper()
    if word in ("1", "ON"):
        return True
    if word in ("0", "OFF"):
        return False
    return whole_number(number(text)) != 0


def whole_number(value: float) -> int:
    """Return the whole number that a number stands for where only whole ones are meant: a half is rounded upwards."""
    below = math.floor(value)
    return below + (value - below >= 0.5)


def mnemonic(text: str, *choices: str) -> str:
    """Return the short form of the choice ("IMMediate" is "IMM") that a word stands for.

    Raises:
        ScpiSyntaxError: It is none of the choices.
    """
    word = text.upper()
    for choice in choices:
        short, long = _spellings(choice)
        if word in (short, long):
            return short
    raise ScpiSyntaxError(-224)


@cache
def _spellings(choice: str) -> tuple[str, str]:
    """Return the short and the long form of a choice as a manual prints it."""
    return "".join(letter for letter in choice if not letter.islower()), choice.upper()


def string(text: str) -> str:
    """Return what stands between quote marks, doubled ones taken as one.

    Raises:
        ScpiSyntaxError: It is not in quote marks.
    """
    quote = text[:1]
    if quote not in ("'", '"') or len(text) < 2 or text[-1] != quote:
        raise ScpiSyntaxError(-104)
    inner = text[1:-1]
    if quote in inner.replace(quote * 2, ""):
        raise ScpiSyntaxError(-151)
    return inner.replace(quote * 2, quote)


def block(text: str) -> bytes:
    """Return the bytes of a block (#<n><length><bytes>, or #0 and all that follows).

    Raises:
        ScpiSyntaxError: It is not a block, or not as long as it says.
    """
    digit = text[1:2]
    if text[:1] != "#" or not (digit.isascii() and digit.isdigit()):
        raise ScpiSyntaxError(-104)
    if digit == "0":
        return _bytes(text[2:])
    head = 2 + int(digit)
    size = text[2:head]
    if not (size.isascii() and size.isdigit()) or len(text) != head + int(size):
        raise ScpiSyntaxError(-161)
    return _bytes(text[head:])


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise ScpiSyntaxError(-161) from None


def definite_block(data: bytes, *, digits: int = 0) -> bytes:
    """Return data with the head of a definite-length block; digits fixes how many the length is written with.

    Raises:
        ValueError: The length does not fit into 9 digits, or into those asked for.
    """
    size = str(len(data)).zfill(digits)
    if len(size) > (digits or 9):
        raise ValueError(f"a block of {len(data)} bytes must be given in pieces: its length takes {len(size)} digits")
    return b"#%d%s%b" % (len(size), size.encode(), data)


def is_channel_list(text: str) -> bool:
    """Return whether an argument is written as a list of channels, right or wrong."""
    return text.startswith("(")


def channel_list(text: str) -> tuple[int, ...]:
    """Return the channels of "(@101,103:105)" in the order of the list; "(@)" is no channel.

    Raises:
        ScpiSyntaxError: It is not a list of channels, a range runs backwards, or it names more than 10,000.
    """
    known = _known_lists.get(text)
    if known is not None:
        return known
    channels = _channel_list(text)
    if max(len(text), len(channels)) <= LONGEST_KNOWN:
        if len(_known_lists) >= MOST_KNOWN:
            _known_lists.clear()
        _known_lists[text] = channels
    return channels


def _channel_list(text: str) -> tuple[int, ...]:
    match = _CHANNELS.match(text)
    if match is None:
        raise ScpiSyntaxError(-171)
    inner = match.group(1).strip()
    channels: list[int] = []
    for part in inner.split(",") if inner else ():
        span = _SPAN.match(part)
        if span is None:
            raise ScpiSyntaxError(-171)
        first = int(span.group(1))
        last = int(span.group(2) or first)
        if last < first or len(channels) + last - first >= LONGEST_LIST:
            raise ScpiSyntaxError(-171)
        channels.extend(range(first, last + 1))
    return tuple(channels)


_known_lists: dict[str, tuple[int, ...]] = {}
