"""Which letters the fonts of the report have: a letter that they lack is printed by its number, and is never lost."""

import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
_BODY = "DejaVuSansCondensed.ttf"
_BOLD = "DejaVuSansCondensed-Bold.ttf"


def printable(text: str) -> str:
    """Return text with each letter that the fonts lack, or that may not stand in an archived PDF, by its number."""
    known = _letters()
    if all(letter in known for letter in text):
        return text
    return "".join(letter if letter in known else _told(letter) for letter in text)


def printable_all(part: Any) -> Any:
    """Return lists and mappings of any depth with every text in them printable."""
    if isinstance(part, str):
        return printable(part)
    if isinstance(part, dict):
        return {key: printable_all(inner) for key, inner in part.items()}
    if isinstance(part, list | tuple):
        return [printable_all(inner) for inner in part]
    return part


def _told(letter: str) -> str:
    return " " if letter in "\n\r\t" else f"[U+{ord(letter):04X}]"


@cache
def _letters() -> frozenset[str]:
    codes = _codes(FONTS / _BODY) & _codes(FONTS / _BOLD)
    # Private letters have no meaning that an archive could keep, and marks of direction could turn a text around.
    return frozenset(
        chr(code) for code in codes if unicodedata.category(chr(code)) not in ("Cc", "Cf", "Cn", "Co", "Cs")
    )


def _codes(path: Path) -> set[int]:
    """Return the numbers of the letters of a TrueType font (its table cmap, format 12)."""
    data = path.read_bytes()
    tables = {
        data[at : at + 4]: struct.unpack(">I", data[at + 8 : at + 12])[0]
        for at in range(12, 12 + 16 * struct.unpack(">H", data[4:6])[0], 16)
    }
    start = tables[b"cmap"]
    (count,) = struct.unpack(">H", data[start + 2 : start + 4])
    for index in range(count):
        at = start + struct.unpack(">I", data[start + 8 + 8 * index : start + 12 + 8 * index])[0]
        if struct.unpack(">H", data[at : at + 2])[0] == 12:
            (groups,) = struct.unpack(">I", data[at + 12 : at + 16])
            spans = struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * groups])
            return {code for first, last, _ in spans for code in range(first, last + 1)}
    raise AssertionError(f"{path.name} has no table of letters that this program can read")
