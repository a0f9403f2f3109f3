"""Population profiles: what persons feel and what practice gives, printed beside the claims, and judging nothing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from harness import units
from harness.claims import Claims
from harness.documents import Document, Strict, load
from harness.errors import ConfigError
from harness.provenance import Sourced

STATEMENT = (
    "no standard defines a threshold of tingling in water baths: these figures are printed beside the claims and judge "
    "nothing; perception itself is a study with persons, recorded as an external result, or it is not evaluated"
)
# What a profile is printed beside: claims of a site, and the unit of both.
_BESIDE: dict[str, tuple[tuple[str, ...], str]] = {
    "perception": (("perception_onset",), "mA"),
    "discomfort": (("comfort_ceiling",), "mA"),
    "maximum": (("maximum",), "mA"),
    "density": (("density.whole", "density.partial"), "mA/cm²"),
}


class Figure(Sourced):
    """One figure of a profile.

    Attributes:
        who: The population.
        statistic: What of it: a mean, a percentile, a maximum.
        waveform: What current it was found with.
        value: The figure with its unit.
        sites: The sites that it is for; none for any.
    """

    who: str
    statistic: str
    waveform: Literal["dc", "pulsed", "50 Hz"]
    value: str
    sites: list[str] = []

    @field_validator("value")
    @classmethod
    def _is_quantity(cls, value: str) -> str:
        if units.parse_any(value)[1] not in ("A", "A/m²"):
            raise ValueError("must be a current or a current density, such as '2 mA' or '0.5 mA/cm²'")
        return value


class PopulationFile(Strict):
    """The profile of one quantity, with what is disputed about it.

    Attributes:
        population: Its name.
        quantity: What it is printed beside.
        disputes: Where its sources contradict each other, or do not fit.
    """

    population: str = Field(pattern=r"^[A-Z-]+$")
    title: str
    quantity: Literal["perception", "discomfort", "maximum", "density"]
    disputes: list[str] = Field(min_length=1)
    figures: list[Figure] = Field(min_length=1)


def load_populations(folder: Path) -> tuple[Document[PopulationFile], ...]:
    """Read the profiles of a folder, one file a quantity.

    Raises:
        ConfigError: One is wrong, has a figure in another unit, or is there twice.
    """
    documents = tuple(load(path, PopulationFile) for path in sorted(folder.glob("*.yaml")))
    seen: set[str] = set()
    for document in documents:
        content = document.content
        if content.population in seen:
            where = document.where("population")
            raise ConfigError(f"{where}: {content.population} is there twice: give one of them another name")
        seen.add(content.population)
        si = units.si_of(_BESIDE[content.quantity][1])[0]
        for index, figure in enumerate(content.figures):
            if units.parse_any(figure.value)[1] != si:
                where = document.where("figures", index, "value")
                raise ConfigError(f"{where}: a {content.quantity} is in {si}, not as {figure.value!r}")
    return documents


def compared(documents: Iterable[Document[PopulationFile]], claims: Claims) -> list[dict[str, Any]]:
    """Return each profile with what the claims say of the same, as plain data for a record.

    Each figure has `value` in `unit` (mA or mA/cm²) and `beside`: the claims of its sites, by their paths, in that
    unit; None where one is not declared.
    """
    return [_profile(document, claims) for document in documents]


def _profile(document: Document[PopulationFile], claims: Claims) -> dict[str, Any]:
    content = document.content
    names, unit = _BESIDE[content.quantity]
    return {
        "id": content.population,
        "title": content.title,
        "quantity": content.quantity,
        "sha256": document.sha256,
        "statement": STATEMENT,
        "disputes": content.disputes,
        "figures": [
            {
                **figure.model_dump(mode="json", exclude={"value"}, exclude_none=True),
                "value": _decimal(units.parse_any(figure.value)[0], unit),
                "unit": unit,
                "beside": {
                    path: _decimal(claims.get(path), unit) if claims.declared(path) else None
                    for site in claims.content.sites
                    if not figure.sites or site in figure.sites
                    for path in (f"sites.{site}.{name}" for name in names)
                },
            }
            for figure in content.figures
        ],
    }


def _decimal(value_si: float, unit: str) -> float:
    """Return a value in a unit as the decimal that was written."""
    return float(f"{units.convert(value_si, unit):.12g}")
