"""Claims: what the manufacturer declares of a device, and what is left undeclared.

A case whose limit the claims leave out is not evaluated, and says which claim is missing: nobody's default is ever a
limit.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.claim_paths import check_path
from harness.claims_file import ClaimsFile
from harness.claims_output import LevelTable, Programme
from harness.documents import Document, load
from harness.errors import ConfigError

# How the reason of a case ends that needs a claim which nobody declares.
UNDECLARED = "is not declared"


class Undeclared(Exception):  # noqa: N818 - it is no error: the claims are free to say nothing
    """The claims say nothing of something that a case needs; the case is then not evaluated.

    Attributes:
        path: The claim that is missing, as a path in the file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"the claim {path} {UNDECLARED}")
        self.path = path


@dataclass(frozen=True)
class Claims:
    """The claims of one device, with the questions that plans ask of them."""

    document: Document[ClaimsFile]

    @property
    def content(self) -> ClaimsFile:
        """The file as a model."""
        return self.document.content

    def get(self, path: str) -> Any:
        """Return a claim in SI units by its path, such as "sites.hands.maximum".

        Raises:
            Undeclared: The claims leave it open.
            ConfigError: No claim can have this path.
        """
        check_path(path)
        value: Any = self.content
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else getattr(value, part)
            if value is None:
                raise Undeclared(path)
        return value

    def declared(self, path: str) -> bool:
        """Return whether a claim is declared."""
        try:
            self.get(path)
        except Undeclared:
            return False
        return True

    def has_none(self, path: str) -> bool:
        """Return whether the maker declares that the device has nothing that this claim could be about."""
        return any(path == none or path.startswith(f"{none}.") for none in self.content.has_none)

    def levels(self, site: str) -> list[float]:
        """Return the current of each level of a site in amperes; level 1 is the first.

        Raises:
            Undeclared: The site or its levels are.
        """
        table = self.get(f"sites.{site}.levels")
        if isinstance(table, LevelTable):
            return [float(f"{table.first + index * table.step:.12g}") for index in range(table.count)]
        return list(table)

    def level_current(self, site: str, level: int) -> float:
        """Return the current of a level in amperes, as the maker states it (mean or peak); level 0 is no current.

        Raises:
            Undeclared: The levels are, or there is no such level.
        """
        if level == 0:
            return 0.0
        levels = self.levels(site)
        if not 1 <= level <= len(levels):
            raise Undeclared(f"sites.{site}.levels (level {level} of {len(levels)})")
        return levels[level - 1]

    def ramp_s(self, site: str, from_level: int, to_level: int) -> float:
        """Return how long the ramp between two levels of a site takes, in seconds.

        Raises:
            Undeclared: The levels or the ramp are.
        """
        change = abs(self.level_current(site, to_level) - self.level_current(site, from_level))
        ramp: float = self.get(f"sites.{site}.ramp")
        return change / ramp

    def programme(self, name: str) -> Programme:
        """Return a kind of session.

        Raises:
            Undeclared: It is.
        """
        programme: Programme = self.get(f"programmes.{name}")
        return programme


def load_claims(path: Path) -> Claims:
    """Read a claims file.

    Raises:
        ConfigError: It is missing or wrong, names the source of a claim that it does not make, or declares what it says
            that the device has not.
    """
    claims = Claims(load(path, ClaimsFile))
    for index, named in enumerate(claims.content.has_none):
        where = claims.document.where("has_none", index)
        try:
            there = claims.declared(named)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
        if there:
            raise ConfigError(f"{where}: {named} is declared in this file, and cannot be what the device has not")
    for named in claims.content.sources:
        try:
            claims.get(named)
        except (ConfigError, Undeclared) as error:
            where = claims.document.where("sources", named)
            raise ConfigError(f"{where}: {error}: name what this file declares, or take the source out") from None
    return claims
