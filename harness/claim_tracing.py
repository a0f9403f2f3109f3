"""Which claims are asked for: claims that take notes of every question, and claims that answer with a stand-in."""

from dataclasses import dataclass, field
from typing import Any

from harness.claims import Claims, Undeclared


@dataclass(frozen=True)
class Recording(Claims):
    """Claims that note every path that is asked for.

    Attributes:
        asked: The paths, whether or not they are declared.
    """

    asked: set[str] = field(default_factory=set)

    def get(self, path: str) -> Any:
        """Note the path, and return the claim."""
        self.asked.add(path)
        return super().get(path)


@dataclass(frozen=True)
class Standing(Claims):
    """Claims that answer with another file's where they are silent, so that a case asks on for all that it needs.

    Nothing may be judged by them: they are for finding out what is missing.

    Attributes:
        stand_in: The other file's claims.
        missing: The paths that were asked for and are not declared.
    """

    stand_in: Claims = field(kw_only=True)
    missing: set[str] = field(default_factory=set)

    def get(self, path: str) -> Any:
        """Return the claim, or that of the stand-in.

        Raises:
            Undeclared: Neither declares it.
        """
        try:
            return super().get(path)
        except Undeclared:
            self.missing.add(path)
            return self.stand_in.get(self._known(path))

    def declared(self, path: str) -> bool:
        """Return whether the claim itself is declared: whoever asks that can do without it."""
        return Claims(self.document).declared(path)

    def _known(self, path: str) -> str:
        """Return the path with a site or programme that the stand-in has not replaced by its first one."""
        section, _, rest = path.partition(".")
        if section not in ("sites", "programmes") or not rest:
            return path
        names = getattr(self.stand_in.content, section)
        name, dot, inner = rest.partition(".")
        return path if name in names else f"{section}.{next(iter(names))}{dot}{inner}"
