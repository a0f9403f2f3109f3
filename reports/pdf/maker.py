"""Which program makes a report: the same one makes the same bytes of the same record."""

from importlib.metadata import version

from harness import __version__
from harness.qualification import tool_digest

_BEGIN = "made by iontobench "


def maker() -> str:
    """Return this program as the keywords of a report name it."""
    return f"{_BEGIN}{__version__} {tool_digest()[:16]} with typst {version('typst')}"


def made_by(keywords: str) -> str:
    """Return the program that the keywords of a report name; "" if they name none."""
    return next((word for word in keywords.split(", ") if word.startswith(_BEGIN)), "")
