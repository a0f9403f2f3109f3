"""What a page is made of: headings, paragraphs, tables, lists and figures, as data that the template lays out."""

from collections.abc import Iterable, Sequence
from typing import Any

Part = dict[str, Any]
Cell = str | dict[str, Any]


def heading(text: str, level: int = 1, label: str = "") -> Part:
    """Return a heading; level 1 opens a section, and a label can be linked to."""
    return {"kind": "h", "level": level, "text": text, "label": label}


def paragraph(text: str, lead: str = "") -> Part:
    """Return a paragraph with an opening in bold."""
    return {"kind": "p", "text": text, "lead": lead}


def note(text: str) -> Part:
    """Return a paragraph that stands out."""
    return {"kind": "note", "text": text}


def mono(text: str) -> Part:
    """Return a command or a hash."""
    return {"kind": "mono", "text": text}


def bullets(items: Iterable[Cell]) -> Part:
    """Return a list."""
    return {"kind": "list", "items": list(items)}


def table(
    header: Sequence[str],
    widths: Sequence[str | float],
    rows: Iterable[Sequence[Cell]],
    *,
    align: str,
    small: bool = False,
) -> Part:
    """Return a table; a width is a share of the page or "auto", an alignment one letter of "lrc" for each column.

    Raises:
        AssertionError: A row does not fill the table.
    """
    lines = [list(row) for row in rows] or [[{"t": "nothing was recorded", "span": len(header)}]]
    for line in lines:
        assert sum(part.get("span", 1) if isinstance(part, dict) else 1 for part in line) == len(header), line
    assert len(widths) == len(align) == len(header), header
    return {
        "kind": "table",
        "header": list(header),
        "widths": [str(width) for width in widths],
        "align": align,
        "rows": lines,
        "small": small,
    }


def figures(items: Iterable[dict[str, str]], abreast: int = 2) -> Part:
    """Return drawings, so many in a row, each with file, title, words under it, and alt, which is read aloud."""
    return {"kind": "figures", "items": list(items), "abreast": abreast}


def chip(verdict: str, conditional: bool = False) -> dict[str, Any]:
    """Return a verdict as a word in its colour."""
    return {"chip": (verdict or "reported") + (" cond." if conditional else "")}


def bold(text: str, sub: str = "") -> Cell:
    """Return bold text with small print under it."""
    return {"t": text, "b": True, "sub": sub}


def small(text: str, sub: str) -> Cell:
    """Return text with small print under it."""
    return {"t": text, "sub": sub}


def code(text: str) -> Cell:
    """Return a hash or a path."""
    return {"t": text, "mono": True}


def linked(text: str, label: str, sub: str = "") -> Cell:
    """Return text that leads to a heading with that label."""
    return {"t": text, "link": label, "sub": sub}


def some(names: Sequence[str], most: int = 8) -> str:
    """Return names with commas, and how many more there are than could be told."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
