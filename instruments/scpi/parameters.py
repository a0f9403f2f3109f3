"""What the argument of a SCPI command says: a number with its unit, a switch, a word, a text, a list of channels."""

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from instruments.scpi.grammar import ScpiSyntaxError

INFINITY = 9.9e37
NOT_A_NUMBER = 9.91e37
LONGEST_LIST = 10_000

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[ \t]*[Ee][ \t]*[+-]?\d+)?)[ \t]*([A-Za-z%/.\-0-9]*)\Z", re.ASCII)
_BASED = re.compile(r"#(?:[Hh]([0-9A-Fa-f]{1,16})|[Qq]([0-7]{1,21})|[Bb]([01]{1,64}))\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_CHANNELS = re.compile(r"\(\s*@\s*([0-9:,\s]*)\)\Z")
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
            raise ScpiSyntaxError(*((-131, "Invalid suffix") if unit else (-138, "Suffix not allowed")))
        value = float(match.group(1).replace(" ", "").replace("\t", "")) * factor
        if math.isinf(value):
            raise ScpiSyntaxError(-123, "Exponent too large")
        return value
    based = _BASED.match(text)
    if based:
        for digits, base in zip(based.groups(), (16, 8, 2), strict=True):
            if digits:
                return float(int(digits, base))
    named = {"minimum": minimum, "maximum": maximum, "default": default}.get(_NAMED.get(text.upper(), ""))
    if named is not None:
        return named
    raise ScpiSyntaxError(*_not_a_number(text))


def _not_a_number(text: str) -> tuple[int, str]:
    if _WORD.match(text):
        return -148, "Character data not allowed"
    if text[:1].isdigit() or text[:1] in ("+", "-", "."):
        return -121, "Invalid character in number"
    return -104, "Data type error"


def boolean(text: str) -> bool:
    """Return a switch: ON, OFF, or a number of which 0 is off.

    Raises:
        ScpiSyntaxError: It is neither.
    """
    word = text.upper()
    if word in ("1", "ON"):
        return True
    if word in ("0", "OFF"):
        return False
    return round(number(text)) != 0


def mnemonic(text: str, *choices: str) -> str:
    """Return the short form of the choice ("IMMediate" is "IMM") that a word stands for.

    Raises:
        ScpiSyntaxError: It is none of the choices.
    """
    word = text.upper()
    for choice in choices:
        short = "".join(letter for letter in choice if not letter.islower())
        if word in (short, choice.upper()):
            return short
    raise ScpiSyntaxError(-224, "Illegal parameter value")


def string(text: str) -> str:
    """Return what stands between quote marks, doubled ones taken as one.

    Raises:
        ScpiSyntaxError: It is not in quote marks.
    """
    quote = text[:1]
    if quote not in ("'", '"') or len(text) < 2 or text[-1] != quote:
        raise ScpiSyntaxError(-104, "Data type error")
    inner = text[1:-1]
    if quote in inner.replace(quote * 2, ""):
        raise ScpiSyntaxError(-151, "Invalid string data")
    return inner.replace(quote * 2, quote)


def block(text: str) -> bytes:
    """Return the bytes of a block (#<n><length><bytes>, or #0 and all that follows).

    Raises:
        ScpiSyntaxError: It is not a block, or not as long as it says.
    """
    digit = text[1:2]
    if text[:1] != "#" or not (digit.isascii() and digit.isdigit()):
        raise ScpiSyntaxError(-104, "Data type error")
    if digit == "0":
        return _bytes(text[2:])
    head = 2 + int(digit)
    size = text[2:head]
    if not (size.isascii() and size.isdigit()) or len(text) != head + int(size):
        raise ScpiSyntaxError(-161, "Invalid block data")
    return _bytes(text[head:])


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise ScpiSyntaxError(-161, "Invalid block data") from None


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


@lru_cache(maxsize=1024)
def channel_list(text: str) -> tuple[int, ...]:
    """Return the channels of "(@101,103:105)" in the order of the list; "(@)" is no channel.

    Raises:
        ScpiSyntaxError: It is not a list of channels, a range runs backwards, or it names more than 10,000.
    """
    match = _CHANNELS.match(text)
    if match is None:
        raise ScpiSyntaxError(-171, "Invalid expression")
    inner = match.group(1).strip()
    channels: list[int] = []
    for part in inner.split(",") if inner else ():
        span = _SPAN.match(part)
        if span is None:
            raise ScpiSyntaxError(-171, "Invalid expression")
        first = int(span.group(1))
        last = int(span.group(2) or first)
        if last < first or len(channels) + last - first >= LONGEST_LIST:
            raise ScpiSyntaxError(-171, "Invalid expression")
        channels.extend(range(first, last + 1))
    return tuple(channels)
