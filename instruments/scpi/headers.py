"""Which command a header means: patterns from a manual ("[SOURce]:VOLTage[:LEVel]") and the spellings that fit them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from instruments.scpi.grammar import ScpiSyntaxError, Unit

_PIECE = re.compile(r"(?P<open>\[)|(?P<close>\])|(?P<node>:?\*?[A-Za-z][A-Za-z0-9_]*)(?P<number><n>)?|(?P<colon>:)")
_SHORT = re.compile(r"[A-Z0-9_]+")

Handler = TypeVar("Handler")


@dataclass(frozen=True, slots=True)
class Match(Generic[Handler]):
    """What was found for a header.

    Attributes:
        handler: What the table holds for the pattern.
        suffixes: The numbers at the nodes that the pattern marks with <n>, in order; 1 where none was written.
    """

    handler: Handler
    suffixes: tuple[int, ...]


class HeaderTable(Generic[Handler]):
    """Patterns and what they stand for.

    In a pattern capitals are the short form and the whole word is the long form, brackets hold what may be left out,
    <n> marks a numeric suffix, and a question mark at the end makes it a query: "[SOURce]:VOLTage[:LEVel]",
    "MEASure[:SCALar]:CURRent[:DC]?", ":CHANnel<n>:SCALe". A header that was seen once is a dictionary look-up.
    """

    def __init__(self) -> None:
        self._patterns: dict[str, tuple[re.Pattern[str], bool, Handler]] = {}
        self._seen: dict[tuple[tuple[str, ...], bool], Match[Handler]] = {}

    def add(self, pattern: str, handler: Handler) -> None:
        """Let a pattern stand for a handler; the pattern that was added first wins where two fit.

        Raises:
            ValueError: The pattern is not one, or is in the table already.
        """
        if pattern in self._patterns:
            raise ValueError(f"the pattern {pattern!r} is in the table already: a header means one thing")
        self._patterns[pattern] = (header_regex(pattern), pattern.endswith("?"), handler)
        self._seen.clear()

    def find(self, unit: Unit) -> Match[Handler]:
        """Return what a command's header stands for.

        Raises:
            ScpiSyntaxError: No pattern fits (-113), or the pattern has no such numeric suffix.
        """
        key = (unit.header, unit.query)
        match = self._seen.get(key)
        if match is None:
            match = self._search(*key)
            if len(self._seen) < 10_000:  # so that a stream of nonsense does not fill the memory
                self._seen[key] = match
        return match

    def _search(self, header: tuple[str, ...], query: bool) -> Match[Handler]:
        spelling = ":" + ":".join(header)
        for regex, asks, handler in self._patterns.values():
            if asks == query:
                found = regex.fullmatch(spelling)
                if found:
                    suffixes = tuple(int(digits) if digits else 1 for digits in found.groups())
                    return Match(handler, suffixes)
        raise ScpiSyntaxError(-113)


@lru_cache(maxsize=4096)
def header_regex(pattern: str) -> re.Pattern[str]:
    """Return what fits every spelling of a pattern, each node in capitals and led by a colon.

    Raises:
        ValueError: The pattern is not one.
    """
    text = pattern.removesuffix("?")
    parts: list[str] = []
    depth = position = 0
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            raise ValueError(f"the pattern {pattern!r} must be nodes, brackets, colons and <n>, not {text[position]!r}")
        position = piece.end()
        if piece["open"]:
            depth += 1
            parts.append("(?:")
        elif piece["close"]:
            depth -= 1
            parts.append(")?")
        elif piece["node"]:
            parts.append(_node_regex(piece["node"].lstrip(":"), numbered=bool(piece["number"])))
    if depth or not parts:
        raise ValueError(f"the pattern {pattern!r} must have a node, and a closing bracket for every opening one")
    return re.compile("".join(parts))


def _node_regex(node: str, *, numbered: bool) -> str:
    star = "\\*" if node.startswith("*") else ""
    word = node.lstrip("*")
    short = _SHORT.match(word)
    if short is None:
        raise ValueError(f"the node {node!r} must begin with its short form in capitals")
    rest = word[short.end() :].upper()
    # Six digits are more than any instrument numbers, and int() of a longer row would cost what the sender likes.
    return f":{star}{short.group()}" + (f"(?:{rest})?" if rest else "") + (r"(\d{0,6})" if numbered else "")
