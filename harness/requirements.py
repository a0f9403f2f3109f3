"""Requirements: what must be true of a device, why, what it controls, and how that is verified."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from harness.applies import Applies, conditions
from harness.claim_paths import check_path
from harness.claims import Claims
from harness.documents import Document, Strict, load
from harness.errors import ConfigError
from harness.provenance import Confidence, Provenance


class Source(Strict):
    """Where a requirement comes from.

    Attributes:
        kind: The maker's own claim, a clause of a standard, the text that this product was asked for from (the seed),
            or a publication such as an operating manual.
        ref: A claim's path, or words.
        standard: Family of the standard, without its edition.
        clause: A clause that stands in a table of it.
        provenance: Whether it was seen; a claim is the maker's own.
        confidence: How sure of it we are.
    """

    kind: Literal["claim", "standard", "seed", "publication"]
    ref: str
    standard: str | None = None
    clause: str | None = None
    provenance: Provenance | None = None
    confidence: Confidence | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Source":
        if (self.kind == "standard") != (self.standard is not None and self.clause is not None):
            raise ValueError("a source of kind 'standard' names 'standard' and 'clause', and no other does")
        if (self.kind == "claim") == (self.provenance is not None):
            raise ValueError("a source needs 'provenance', except for a claim, which is the maker's own")
        if (self.provenance is None) != (self.confidence is None):
            raise ValueError("'provenance' and 'confidence' stand together")
        return self

    def __str__(self) -> str:
        if self.kind == "claim":
            return f"claim {self.ref}"
        name = f"{self.standard} {self.clause}, {self.ref}" if self.kind == "standard" else f"{self.kind}: {self.ref}"
        return f"{name} ({self.provenance}, confidence {self.confidence})"


class Requirement(Strict):
    """What must be true of a device.

    Attributes:
        controls: Ids of the risk controls that it states.
        applies: When it applies; else it is N/A.
        untested: Why no case speaks for it, where none does.
    """

    id: str = Field(pattern=r"^REQ-[A-Z]+-\d{3}$")
    text: str
    rationale: str
    sources: list[Source] = Field(min_length=1)
    controls: list[str] = Field(min_length=1)
    verification: Literal["test", "inspection", "analysis", "external"]
    applies: Applies | list[Applies] | None = None
    untested: str | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that it says: a link to a requirement is suspect when this has changed."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()

    def inapplicable(self, claims: Claims) -> str:
        """Return why it does not apply to a device, "" if it does.

        Raises:
            Undeclared: The claims leave open what decides that.
        """
        for condition in conditions(self.applies):
            if reason := condition.inapplicable(claims, condition.claim):
                return reason
        return ""


class RequirementFile(Strict):
    """The requirements of one area."""

    area: str
    requirements: list[Requirement] = Field(min_length=1)


def load_requirements(folder: Path) -> tuple[Document[RequirementFile], ...]:
    """Read the requirements of a folder, one file an area.

    Raises:
        ConfigError: One is wrong, an id is used twice, or a claim is named that there cannot be.
    """
    documents = tuple(load(path, RequirementFile) for path in sorted(folder.glob("*.yaml")))
    seen: set[str] = set()
    for document in documents:
        for index, requirement in enumerate(document.content.requirements):
            where = document.where("requirements", index, "id")
            if requirement.id in seen:
                raise ConfigError(f"{where}: {requirement.id} is used twice: give one of them another number")
            seen.add(requirement.id)
            _check_claims(document, index, requirement)
    return documents


def _check_claims(document: Document[RequirementFile], index: int, requirement: Requirement) -> None:
    try:
        for condition in conditions(requirement.applies):
            if "{" in condition.claim:
                raise ConfigError(f"{condition.claim!r} takes a condition of a case, and a requirement has none")
            condition.check()
    except ConfigError as error:
        raise ConfigError(f"{document.where('requirements', index, 'applies')}: {error}") from None
    for at, source in enumerate(requirement.sources):
        if source.kind != "claim":
            continue
        try:
            check_path(source.ref.replace("*", "{any}"))
        except ConfigError as error:
            raise ConfigError(f"{document.where('requirements', index, 'sources', at)}: {error}") from None
