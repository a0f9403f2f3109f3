"""What a laboratory found of an instrument before it adjusted it: errors by function and range, in a small YAML file.

An error is by how much what the instrument showed was too high: indication less reference. Uncertainties are expanded.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from harness import units
from harness.documents import Document, Ratio, Strict, load
from harness.errors import ConfigError

Positive = Annotated[Ratio, Field(ge=0.0)]


class Share(Strict):
    """An error in proportion to the reading, and its expanded uncertainty."""

    error: Ratio
    uncertainty: Positive


class Fixed(Strict):
    """An error that does not depend on the reading, and its expanded uncertainty, as written: "12 µV"."""

    error: str
    uncertainty: str

    def in_unit(self, unit: str) -> tuple[float, float]:
        """Return error and uncertainty in an SI unit.

        Raises:
            ValueError: They are in another unit, or the uncertainty is negative.
        """
        error, uncertainty = units.parse(self.error, unit), units.parse(self.uncertainty, unit)
        if uncertainty < 0.0:
            raise ValueError(f"{self.uncertainty!r} must not be negative")
        return error, uncertainty


class FoundRange(Strict):
    """What was found of one range of a function; one without ranges ("sample timer") has neither range nor fixed.

    Attributes:
        function: In the words of the data sheet.
        range: Full scale with its unit, as "1 V".
        of_reading: The error in proportion to the reading.
        fixed: The error that does not depend on it.
    """

    function: str
    range: str | None = None
    of_reading: Share
    fixed: Fixed | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "FoundRange":
        if (self.range is None) != (self.fixed is None):
            raise ValueError("range and fixed must be given both, or neither of them: say 0 where nothing was found")
        if self.range is not None and self.fixed is not None:
            _, unit = units.parse_any(self.range)
            self.fixed.in_unit(unit)
        return self

    @property
    def full_scale(self) -> float | None:
        """Full scale in the SI unit; None without ranges."""
        return None if self.range is None else units.parse_any(self.range)[0]

    @property
    def fixed_si(self) -> tuple[float, float]:
        """Fixed error and its expanded uncertainty in the SI unit of the range; zeros without ranges."""
        if self.range is None or self.fixed is None:
            return 0.0, 0.0
        return self.fixed.in_unit(units.parse_any(self.range)[1])


class FoundComponent(Strict):
    """What was found of a standard that has no data sheet here (a shunt, a probe), by its line in the budgets.

    Attributes:
        component: As the budgets name it: "shunt 10 Ω certificate".
        error: With its unit, or relative.
        uncertainty: Expanded, in the same unit.
        counted_as: The standard uncertainty with which the budgets counted it, in the same unit: that of the last
            certificate over its k.
    """

    component: str
    error: str
    uncertainty: str
    counted_as: str

    @model_validator(mode="after")
    def _same_unit(self) -> "FoundComponent":
        self.in_counts()
        return self

    def in_counts(self) -> tuple[float, float]:
        """Return error and expanded uncertainty as multiples of the standard uncertainty that was counted.

        Raises:
            ValueError: The units differ, or nothing was counted.
        """
        (error, unit), (uncertainty, other), (counted, third) = map(
            units.parse_any, (self.error, self.uncertainty, self.counted_as)
        )
        if not unit == other == third:
            raise ValueError("error, uncertainty and counted_as must be in one unit")
        if not counted > 0.0 or uncertainty < 0.0:
            raise ValueError("counted_as must be greater than zero, and uncertainty not negative")
        return error / counted, uncertainty / counted


class AsFound(Strict):
    """One as-found calibration.

    Attributes:
        as_found: Number of the certificate that tells it.
        laboratory: Whose it is.
        serial: Of the instrument; of a standard without one, the number of the last good certificate.
        last_good: Day of the last calibration at which it was good; runs from that day on are looked at.
        found: Day of this calibration; runs after it are not looked at.
        coverage: Coverage factor of the uncertainties in this file.
        ranges: What was found, by function and range.
        components: What was found of standards.
        within: Functions that were found good, or that this instrument is not used with.
    """

    as_found: str = Field(min_length=1)
    laboratory: str = Field(min_length=1)
    serial: str = Field(min_length=1)
    last_good: str
    found: str
    coverage: Annotated[Ratio, Field(gt=0.0)] = 2.0
    ranges: list[FoundRange] = []
    components: list[FoundComponent] = []
    within: list[str] = []

    @field_validator("last_good", "found")
    @classmethod
    def _is_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value

    @model_validator(mode="after")
    def _says_something(self) -> "AsFound":
        if self.found < self.last_good:
            raise ValueError("found must not be before last_good")
        if not self.ranges and not self.components:
            raise ValueError("it must say what was found, under ranges or components")
        named = [(entry.function, entry.full_scale) for entry in self.ranges]
        twice = next((function for function, scale in named if named.count((function, scale)) > 1), "")
        if twice:
            raise ValueError(f"{twice} must not be given twice for one range")
        both = {entry.function for entry in self.ranges} & set(self.within)
        if both:
            raise ValueError(f"{', '.join(sorted(both))} must be under ranges or under within, not under both")
        return self


def load_as_found(path: Path, serial: str) -> Document[AsFound]:
    """Read what was found of an instrument.

    Raises:
        ConfigError: The file is missing or wrong, or is about another instrument.
    """
    document = load(path, AsFound)
    if document.content.serial != serial:
        raise ConfigError(
            f"{document.where('serial')}: the file is about the instrument {document.content.serial!r}, and must be "
            f"about {serial!r}: name that one, or take its own file"
        )
    return document
