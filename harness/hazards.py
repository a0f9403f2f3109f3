"""Hazards as data (ISO 14971): what can go wrong, who is harmed how, what controls it, and how large the risk is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from harness.documents import Document, Strict, load
from harness.errors import ConfigError
from harness.provenance import Provenance

Severity = Literal["negligible", "minor", "serious", "critical", "catastrophic"]
Probability = Literal["improbable", "remote", "occasional", "probable", "frequent"]
Risk = Literal["low", "medium", "high"]

SEVERITIES: tuple[Severity, ...] = ("negligible", "minor", "serious", "critical", "catastrophic")
PROBABILITIES: tuple[Probability, ...] = ("improbable", "remote", "occasional", "probable", "frequent")
RISKS: tuple[Risk, ...] = ("low", "medium", "high")

# ISO 14971 leaves the matrix to the manufacturer: this one is a proposal. Rows are severities, columns probabilities.
_MATRIX = (
    "low    low    low    low    medium",
    "low    low    low    medium medium",
    "low    medium medium high   high",
    "medium medium high   high   high",
    "medium high   high   high   high",
)
_RISKS: dict[str, Risk] = {risk: risk for risk in RISKS}


class Control(Strict):
    """A risk control: by design, by a protective measure, or by information for safety (ISO 14971:2019, 7.1)."""

    id: str = Field(pattern=r"^RC-\d{2,3}$")
    kind: Literal["design", "protection", "information"]
    text: str


class Hazard(Strict):
    """A hazard with its sequence of events, the situation and the harm, before it is controlled."""

    id: str = Field(pattern=r"^HAZ-\d{2,3}$")
    hazard: str
    sequence: str
    situation: str
    harm: str
    severity: Severity
    probability: Probability
    provenance: Provenance
    controls: list[Control] = Field(min_length=1)

    @property
    def risk(self) -> Risk:
        """How large the risk is before it is controlled, by the proposed matrix."""
        row = _MATRIX[SEVERITIES.index(self.severity)].split()
        return _RISKS[row[PROBABILITIES.index(self.probability)]]


class HazardFile(Strict):
    """The hazard analysis."""

    hazards: list[Hazard]


@dataclass(frozen=True)
class Hazards:
    """All hazards, and which of them a control is for.

    Attributes:
        by_id: In the order of the file.
        of_control: The hazard of each control, by the control's id.
        document: The file that they stand in.
    """

    by_id: dict[str, Hazard]
    of_control: dict[str, Hazard]
    document: Document[HazardFile]

    def where(self, control: str) -> str:
        """Return "file:line:key" of a control."""
        hazards = self.document.content.hazards
        index, at = next(
            (i, k) for i, hazard in enumerate(hazards) for k, c in enumerate(hazard.controls) if c.id == control
        )
        return self.document.where("hazards", index, "controls", at, "id")

    def risk(self, controls: list[str]) -> Risk:
        """Return the largest risk that any of these controls is for."""
        return max((self.of_control[control].risk for control in controls), key=RISKS.index, default="low")


def load_hazards(path: Path) -> Hazards:
    """Read the hazard analysis.

    Raises:
        ConfigError: It is missing or wrong, or an id is used twice.
    """
    document = load(path, HazardFile)
    by_id: dict[str, Hazard] = {}
    of_control: dict[str, Hazard] = {}
    for index, hazard in enumerate(document.content.hazards):
        if hazard.id in by_id:
            where = document.where("hazards", index, "id")
            raise ConfigError(f"{where}: {hazard.id} is used twice: give one of them another number")
        by_id[hazard.id] = hazard
        for at, control in enumerate(hazard.controls):
            if control.id in of_control:
                where = document.where("hazards", index, "controls", at, "id")
                raise ConfigError(f"{where}: {control.id} is used twice: give one of them another number")
            of_control[control.id] = hazard
    return Hazards(by_id, of_control, document)
