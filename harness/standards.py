"""Standards and requirements: limits that are data, with clause and provenance, and the texts that cases verify."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from harness import units
from harness.documents import Document, Ratio, Strict, load
from harness.errors import ConfigError

Provenance = Literal["found", "remembered", "computed", "proposed"]


class Entry(Strict):
    """One limit of a standard; provenance says whether the text was seen, and confidence how sure of it we are.

    Attributes:
        accuracy: The largest U, relative to the limit, with which the scheme lets a result be compared with the limit
            directly (OD-5014, IEC Guide 115); without it the rule `simple` cannot be used.
    """

    value: str
    accuracy: Ratio | None = None
    condition: str
    clause: str
    edition: str | None = None
    provenance: Provenance
    confidence: Literal["high", "medium", "low"]
    source: str

    @field_validator("value")
    @classmethod
    def _is_quantity(cls, value: str) -> str:
        units.parse_any(value)
        return value

    @property
    def si(self) -> tuple[float, str]:
        """The value in its SI unit, and that unit."""
        return units.parse_any(self.value)


class StandardFile(Strict):
    """The limits of one edition of one standard that plans may name."""

    standard: str
    title: str
    edition: str
    entries: dict[str, Entry]


class Source(Strict):
    """Where a requirement comes from."""

    kind: Literal["claim", "standard", "seed"]
    ref: str
    provenance: Provenance


class Requirement(Strict):
    """What must be true of a device, why, and how that is verified."""

    id: str = Field(pattern=r"^REQ-[A-Z]+-\d{3}$")
    text: str
    rationale: str
    source: Source
    hazard: str
    control: str
    verification: Literal["test", "inspection", "analysis"]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over id and text: a link to a requirement is suspect when this has changed."""
        return hashlib.sha256(f"{self.id}\n{self.text}".encode()).hexdigest()


class RequirementFile(Strict):
    """The requirements of one area."""

    area: str
    requirements: list[Requirement]


@dataclass(frozen=True)
class Library:
    """All standards and requirements that plans may name."""

    standards: tuple[Document[StandardFile], ...]
    requirements: dict[str, Requirement]

    def entry(self, path: str) -> Entry:
        """Return a limit by "standard.entry", such as "IEC60601-2-10:2012.dc_limit".

        Raises:
            ConfigError: There is none of that name; the text lists those there are.
        """
        known: list[str] = []
        for document in self.standards:
            for name, entry in document.content.entries.items():
                key = f"{document.content.standard}.{name}"
                if key == path:
                    return entry
                known.append(key)
        raise ConfigError(f"no standard has an entry {path!r}; known are {', '.join(known) or 'none'}")


def load_library(folder: Path) -> Library:
    """Read standards/*.yaml and requirements/*.yaml of a folder.

    Raises:
        ConfigError: One of them is wrong, or an id is used twice.
    """
    standards = tuple(load(path, StandardFile) for path in sorted(folder.glob("standards/*.yaml")))
    requirements: dict[str, Requirement] = {}
    for path in sorted(folder.glob("requirements/*.yaml")):
        document = load(path, RequirementFile)
        for index, requirement in enumerate(document.content.requirements):
            if requirement.id in requirements:
                where = document.where("requirements", index, "id")
                raise ConfigError(f"{where}: {requirement.id} is used twice: give one of them another number")
            requirements[requirement.id] = requirement
    return Library(standards, requirements)
