"""Standards: limits that are data, by edition, and the tables of their clauses."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from harness import units
from harness.claims import Claims, Undeclared
from harness.documents import Document, Ratio, Strict, load
from harness.errors import ConfigError
from harness.provenance import Sourced

AppliedPart = Literal["B", "BF", "CF"]


class Entry(Sourced):
    """One limit of a standard.

    Attributes:
        value: A quantity with its unit, or one for each type of applied part.
        accuracy: The largest U, relative to the limit, with which the scheme lets a result be compared with the limit
            directly (OD-5014, IEC Guide 115); without it the rule `simple` cannot be used.
        condition: What it holds for.
        clause: Where it stands.
        edition: Of the text that it was taken from, where that is another than the file's.
    """

    value: str | dict[AppliedPart, str]
    accuracy: Ratio | None = None
    condition: str
    clause: str
    edition: str | None = None

    @field_validator("value")
    @classmethod
    def _is_quantity(cls, value: str | dict[AppliedPart, str]) -> str | dict[AppliedPart, str]:
        quantities = [value] if isinstance(value, str) else list(value.values())
        if len({units.parse_any(quantity)[1] for quantity in quantities}) != 1:
            raise ValueError("the values for the types of applied part must all be given, and be of one unit")
        return value

    @property
    def si_unit(self) -> str:
        """The SI unit of its value."""
        return units.parse_any(self.value if isinstance(self.value, str) else next(iter(self.value.values())))[1]

    def si(self, claims: Claims) -> float:
        """Return its value in its SI unit, for the type of applied part that the claims declare.

        Raises:
            Undeclared: The type is not declared, or there is no value for it.
        """
        if isinstance(self.value, str):
            return units.parse_any(self.value)[0]
        kind = claims.get("device.applied_part")
        if kind not in self.value:
            raise Undeclared(f"device.applied_part (this limit is for {', '.join(self.value)}, not for {kind})")
        return units.parse_any(self.value[kind])[0]


class Clause(Sourced):
    """One clause of a standard.

    Attributes:
        title: What it is about.
        uncovered: What of it no requirement of ours speaks for; without it, all that matters is covered.
        applies: In words, what devices it is for, where it is not for all.
    """

    title: str
    uncovered: str | None = None
    applies: str | None = None


class StandardFile(Strict):
    """One edition of one standard: the limits that plans may name, and its clauses.

    Attributes:
        standard: Its name with its edition, such as IEC60601-1:2005.
        family: Its name in all editions.
        edition: In words.
    """

    standard: str = Field(pattern=r"^[^.\s]+$")
    family: str = Field(pattern=r"^[^.:\s]+$")
    title: str
    edition: str
    entries: dict[str, Entry] = {}
    clauses: dict[str, Clause] = {}

    @model_validator(mode="after")
    def _named(self) -> "StandardFile":
        if not self.standard.startswith(f"{self.family}:"):
            raise ValueError(f"'standard' must be the family with its edition, such as {self.family}:2012")
        return self


class Standards:
    """All editions of all standards that plans may name.

    Args:
        documents: One an edition.

    Attributes:
        documents: The same.
    """

    def __init__(self, documents: tuple[Document[StandardFile], ...]) -> None:
        self.documents = documents
        self._by_id = {document.content.standard: document.content for document in documents}

    def editions(self, name: str) -> list[StandardFile]:
        """Return the edition of a name, or all editions of a family; none if nothing is called so."""
        if name in self._by_id:
            return [self._by_id[name]]
        return [file for file in self._by_id.values() if file.family == name]

    def entries(self, path: str) -> list[Entry]:
        """Return what a limit "standard.entry" may be: one of an edition, one for each edition of a family.

        Raises:
            ConfigError: There is none of that name, the editions differ in its unit, or only some state its accuracy.
        """
        name, _, key = path.partition(".")
        found = [file.entries[key] for file in self.editions(name) if key in file.entries]
        if not found:
            known = [f"{file.standard}.{entry}" for file in self._by_id.values() for entry in file.entries]
            raise ConfigError(f"no standard has an entry {path!r}; known are {', '.join(known) or 'none'}")
        if len({entry.si_unit for entry in found}) > 1 or len({entry.accuracy is None for entry in found}) > 1:
            raise ConfigError(f"the editions of {name} state {key} in several units, or not all with an accuracy")
        return found

    def chosen(self, family: str, claims: Claims) -> StandardFile | None:
        """Return the edition of a family that the claims choose; None if there is none of it.

        Raises:
            Undeclared: The claims choose none.
        """
        edition = claims.get(f"standards.{family}.edition")
        return next((file for file in self.editions(family) if file.standard == edition), None)

    def entry(self, path: str, claims: Claims) -> tuple[str, Entry]:
        """Return a limit by "standard.entry" with the edition that it is from.

        Of "IEC60601-1.earth_leakage" the claims choose the edition; "IEC60601-1:2005.earth_leakage" names it.

        Raises:
            ConfigError: There is none of that name.
            Undeclared: The claims choose no edition, or one that has no such limit.
        """
        self.entries(path)
        name, _, key = path.partition(".")
        if name in self._by_id:
            return name, self._by_id[name].entries[key]
        file = self.chosen(name, claims)
        if file is None or key not in file.entries:
            raise Undeclared(f"standards.{name}.edition with {key} (the one that is chosen has none)")
        return file.standard, file.entries[key]


def load_standards(folder: Path) -> Standards:
    """Read the standards of a folder, one file an edition.

    Raises:
        ConfigError: One is wrong, or an edition stands there twice.
    """
    documents = tuple(load(path, StandardFile) for path in sorted(folder.glob("*.yaml")))
    seen: set[str] = set()
    for document in documents:
        if document.content.standard in seen:
            raise ConfigError(f"{document.where('standard')}: {document.content.standard} is there twice: remove one")
        seen.add(document.content.standard)
    return Standards(documents)
