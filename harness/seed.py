"""The facts that this product was asked for from, and what became of each: requirements, or a reason for none."""

from pathlib import Path

from pydantic import Field, model_validator

from harness.documents import Document, Strict, load
from harness.errors import ConfigError
from harness.finding import Findings
from harness.library import Library
from harness.proofs import CATALOGUE

SEED = "seed.yaml"
"""The file of the facts, which stands beside the plans and is none."""


class Fact(Strict):
    """One fact.

    Attributes:
        requirements: Ids of those that take it up.
        reason: Why none does.
    """

    id: str = Field(pattern=r"^SEED-\d{2}$")
    fact: str
    requirements: list[str] = []
    reason: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Fact":
        if bool(self.requirements) == bool(self.reason):
            raise ValueError("a fact has either requirements, or the reason why there are none")
        return self


class SeedFile(Strict):
    """All facts."""

    facts: list[Fact] = Field(min_length=1)


def load_seed(path: Path, library: Library) -> Document[SeedFile]:
    """Read the facts, and see that what they name is there.

    Raises:
        ConfigError: The file is missing or wrong, an id is used twice, or a requirement is named that there is not.
    """
    document = load(path, SeedFile)
    seen: set[str] = set()
    for index, fact in enumerate(document.content.facts):
        if fact.id in seen:
            where = document.where("facts", index, "id")
            raise ConfigError(f"{where}: {fact.id} is used twice: give one of them another number")
        seen.add(fact.id)
        for name in fact.requirements:
            if name not in library.requirements:
                where = document.where("facts", index, "requirements")
                raise ConfigError(
                    f"{where}: no requirement is called {name!r}: name one that is there, or give a reason"
                )
    return document


def prove_seed(path: Path, library: Library, findings: Findings) -> None:
    """Find what is wrong with the facts, or say how many of them are taken up."""
    try:
        facts = load_seed(path, library).content.facts
    except ConfigError as error:
        findings.problem(CATALOGUE, "seed facts", str(error))
        return
    taken = sum(bool(fact.requirements) for fact in facts)
    findings.ok(
        CATALOGUE, "seed facts", f"{len(facts)}: {taken} have requirements, {len(facts) - taken} a reason for none"
    )
