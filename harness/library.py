"""The library: all standards, requirements and hazards that plans may name, and that they fit together."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.documents import Document
from harness.errors import ConfigError
from harness.hazards import Hazards, load_hazards
from harness.populations import PopulationFile, load_populations
from harness.requirements import Requirement, RequirementFile, load_requirements
from harness.standards import Standards, load_standards

HAZARDS = "hazards.yaml"
"""The file of the hazard analysis, which stands beside the plans and is none."""


@dataclass(frozen=True)
class Library:
    """All standards, requirements and hazards.

    Attributes:
        standards: By edition.
        hazards: With their controls.
        areas: The requirements, one document an area.
        populations: What persons feel and what practice gives; it judges nothing.
    """

    standards: Standards
    hazards: Hazards
    areas: tuple[Document[RequirementFile], ...]
    populations: tuple[Document[PopulationFile], ...] = ()

    @cached_property
    def requirements(self) -> dict[str, Requirement]:
        """All requirements by id, in the order of their areas."""
        return {requirement.id: requirement for _, requirement in self._placed()}

    @cached_property
    def area_of(self) -> dict[str, str]:
        """The area of each requirement, by its id."""
        return {item.id: document.content.area for document in self.areas for item in document.content.requirements}

    def where(self, requirement: str) -> str:
        """Return "file:line:key" of a requirement."""
        return next(where for where, item in self._placed() if item.id == requirement)

    def _placed(self) -> Iterator[tuple[str, Requirement]]:
        for document in self.areas:
            for index, requirement in enumerate(document.content.requirements):
                yield document.where("requirements", index, "id"), requirement


def load_library(folder: Path) -> Library:
    """Read standards/, requirements/, populations/ and the hazards of a folder.

    Raises:
        ConfigError: One of them is wrong, or a requirement names a control or a clause that there is not.
    """
    library = Library(
        load_standards(folder / "standards"),
        load_hazards(folder / HAZARDS),
        load_requirements(folder / "requirements"),
        load_populations(folder / "populations"),
    )
    for document in library.areas:
        for index, requirement in enumerate(document.content.requirements):
            for control in requirement.controls:
                if control not in library.hazards.of_control:
                    where = document.where("requirements", index, "controls")
                    raise ConfigError(f"{where}: no hazard has a control {control!r}: name one of {HAZARDS}")
            for at, source in enumerate(requirement.sources):
                if source.standard is None:
                    continue
                where = document.where("requirements", index, "sources", at)
                editions = library.standards.editions(source.standard)
                if not editions:
                    raise ConfigError(f"{where}: no standard is called {source.standard!r}")
                if not any(source.clause in file.clauses for file in editions):
                    raise ConfigError(
                        f"{where}: no edition of {source.standard} lists the clause {source.clause!r}: "
                        "add it to a table of clauses, or name one that is there"
                    )
    return library
