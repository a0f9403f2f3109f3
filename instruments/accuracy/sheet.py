"""Reads a data sheet, and works the limit of error of a reading out of it.

The parts of a limit add linearly, as data sheets mean them: part of the reading, part of the range, a constant, what
few periods of the mains add, and what a temperature outside the window adds. A sheet that states a coverage factor k
gives a normal distribution with u = limit / k; one that states none gives a rectangular one with u = limit / √3.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import ConfigError
from harness.reading import Distribution, Figure

FOLDER = Path(__file__).parent
PERCENT = 0.01
ROOT_3 = math.sqrt(3.0)
PROVENANCES = ("found", "remembered", "computed")
APERTURE_SLACK = 1.0 - 1e-9  # 10 periods at 50 Hz are 0.2 s, give or take a bit

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class AccuracyLimit:
    """The largest error that the data sheet permits.

    Attributes:
        limit: In the unit of the reading, not negative.
        distribution: What the sheet's statement says of its shape.
        divisor: Standard uncertainty is limit / divisor.
        source: Which edition of which sheet.
        provenance: "found" in that source, "remembered" and still to be checked there, or "computed".
        reading_part: What of the limit grows with the value; two readings on one range share it in proportion.
        fixed_part: What of the limit does not.
        resolution: The step of the reading in its unit; 0 if the sheet tells none.
        figure: Which figure of which sheet it is, and its provenance.
    """

    limit: float
    distribution: Distribution
    divisor: float
    source: str
    provenance: str
    figure: Figure
    reading_part: float = 0.0
    fixed_part: float = 0.0
    resolution: float = 0.0

    @property
    def u(self) -> float:
        """The standard uncertainty, in the unit of the reading."""
        return self.limit / self.divisor


@dataclass(frozen=True, slots=True)
class Row:
    """One range of a function. Per cent as the sheet prints them.

    Attributes:
        range: Full scale; a scope, whose range is continuous, has to as well, and the row then covers range … to.
        to: See range.
        reading: Per cent of reading.
        of_range: Per cent of range.
        offset: In the unit of the function.
        tempco_reading: Per cent of reading for each °C outside the window.
        tempco_of_range: Per cent of range for each °C outside the window.
        resolution: Step of the reading, in the unit of the function.
        input_ohm: Resistance of the input; 0 if it does not matter.
    """

    range: float
    to: float = 0.0
    reading: float = 0.0
    of_range: float = 0.0
    offset: float = 0.0
    tempco_reading: float = 0.0
    tempco_of_range: float = 0.0
    resolution: float = 0.0
    input_ohm: float = 0.0


@dataclass(frozen=True, slots=True)
class Speed:
    """What an aperture of at least plc periods of the mains adds: per cent of range, and a constant in the unit."""

    plc: float
    of_range: float = 0.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Function:
    """A function of an instrument ("dc voltage"), with its ranges and speeds."""

    name: str
    unit: str
    source: str
    provenance: str
    coverage_factor: float
    rows: tuple[Row, ...]
    speeds: tuple[Speed, ...]


@dataclass(frozen=True, slots=True)
class DataSheet:
    """What the data sheet of a model says.

    Attributes:
        model: As in *IDN?.
        calibrated_degc: Temperature of calibration.
        window_degc: How far from it the figures hold as they are.
    """

    model: str
    calibrated_degc: float
    window_degc: float
    _functions: Mapping[str, Function]
    _rows: dict[tuple[str, float], Row] = field(default_factory=dict)

    def limit(
        self,
        function: str,
        range: float,  # noqa: A002 - the sheet's own word
        value: float,
        aperture_s: float = 0.0,
        *,
        line_hz: float = 50.0,
        temperature_degc: float | None = None,
    ) -> AccuracyLimit:
        """Return the limit of error of a reading of value, on a range, averaged over aperture_s seconds.

        An aperture of zero stands for a reading whose sheet makes no difference; temperature_degc of None for one
        inside the window.

        Raises:
            ConfigError: The sheet has no figures for that function, range or aperture.
        """
        found = self._function(function)
        row = self._row(found, range)
        fixed_percent, fixed = row.of_range, row.offset
        reading_percent = row.reading
        if found.speeds and aperture_s > 0.0:
            speed = self._speed(found, aperture_s * line_hz)
            fixed_percent += speed.of_range
            fixed += speed.offset
        if temperature_degc is not None:
            outside = self.distance_degc(temperature_degc)
            reading_percent += outside * row.tempco_reading
            fixed_percent += outside * row.tempco_of_range
        reading_part = PERCENT * reading_percent * abs(value)
        fixed_part = PERCENT * fixed_percent * range + fixed
        stated = found.coverage_factor > 0.0
        return AccuracyLimit(
            reading_part + fixed_part,
            Distribution.NORMAL if stated else Distribution.RECTANGULAR,
            found.coverage_factor if stated else ROOT_3,
            found.source,
            found.provenance,
            Figure(f"{self.model} {function}", found.provenance),
            reading_part,
            fixed_part,
            row.resolution,
        )

    def functions(self) -> tuple[str, ...]:
        """Return the functions that the sheet has figures for."""
        return tuple(self._functions)

    def told(self) -> list[dict[str, str]]:
        """Return of each function where its figures are from, for a record: function, source, provenance."""
        return [
            {"function": found.name, "source": found.source, "provenance": found.provenance}
            for found in self._functions.values()
        ]

    def distance_degc(self, temperature_degc: float) -> float:
        """Return by how many °C a temperature is outside the window in which the figures hold as they are."""
        return max(abs(temperature_degc - self.calibrated_degc) - self.window_degc, 0.0)

    def has_coefficient(self, function: str) -> bool:
        """Return whether a function has temperature coefficients on all its ranges, and so figures outside the window.

        Raises:
            ConfigError: The sheet has no such function.
        """
        return all(row.tempco_reading or row.tempco_of_range for row in self._function(function).rows)

    def ranges(self, function: str) -> tuple[float, ...]:
        """Return the full scales that the sheet has figures for, in the unit of the function.

        Raises:
            ConfigError: The sheet has no such function.
        """
        return tuple(row.range for row in self._function(function).rows)

    def input_ohm(self, function: str, range: float) -> float:  # noqa: A002 - the sheet's own word
        """Return the resistance of the input on a range in ohms, or 0 if the sheet tells none.

        Raises:
            ConfigError: The sheet has no such function or range.
        """
        return self._row(self._function(function), range).input_ohm

    def _function(self, name: str) -> Function:
        try:
            return self._functions[name]
        except KeyError:
            raise ConfigError(
                f"the data sheet of the {self.model} has no function {name!r}: it has {', '.join(self._functions)}"
            ) from None

    def _row(self, function: Function, range_: float) -> Row:
        known = self._rows.get((function.name, range_))
        if known is not None:
            return known
        for row in function.rows:
            if row.range <= range_ <= row.to or math.isclose(range_, row.range, rel_tol=1e-9):
                self._rows[function.name, range_] = row
                return row
        offered = ", ".join(f"{row.range:g} … {row.to:g}" if row.to else f"{row.range:g}" for row in function.rows)
        raise ConfigError(
            f"the data sheet of the {self.model} has no range {range_:g} {function.unit} of {function.name}: it has"
            f" {offered}"
        )

    def _speed(self, function: Function, plc: float) -> Speed:
        for speed in function.speeds:
            if plc >= speed.plc * APERTURE_SLACK:
                return speed
        raise ConfigError(
            f"the data sheet of the {self.model} has no figures for {function.name} below {function.speeds[-1].plc:g}"
            f" periods of the mains, so {plc:g} cannot be judged: choose a longer aperture"
        )


@cache
def accuracy(model: str) -> DataSheet:
    """Return the data sheet of a model, read once.

    Raises:
        ConfigError: There is no sheet for that model, or it has a mistake.
    """
    path = FOLDER / f"{model.lower()}.toml"
    if not path.is_file():
        offered = ", ".join(sorted(sheet.stem.upper() for sheet in FOLDER.glob("*.toml")))
        raise ConfigError(f"there is no data sheet for {model!r}: there are {offered}")
    return read_sheet(path.name, path.read_text(encoding="utf-8"))


def read_sheet(name: str, text: str) -> DataSheet:
    """Return the data sheet that a TOML text holds; name is the file's, for messages.

    Raises:
        ConfigError: The text has a mistake; file and key are named.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {error}") from error
    _only(
        name, data, {"model", "source", "provenance", "coverage_factor", "calibrated_degc", "window_degc", "function"}
    )
    functions: dict[str, Function] = {}
    for entry in data["function"]:
        where = f"{name}, function {entry.get('name', '?')}"
        _only(
            where,
            {"source": "", "provenance": "", "coverage_factor": 0, "speeds": [], **entry},
            {"name", "unit", "source", "provenance", "coverage_factor", "ranges", "speeds"},
        )
        function = Function(
            name=entry["name"],
            unit=entry["unit"],
            source=entry.get("source", data["source"]),
            provenance=entry.get("provenance", data["provenance"]),
            coverage_factor=float(entry.get("coverage_factor", data["coverage_factor"])),
            rows=tuple(_row(Row, where, row) for row in entry["ranges"]),
            speeds=tuple(_row(Speed, where, speed) for speed in entry.get("speeds", [])),
        )
        if function.provenance not in PROVENANCES:
            raise ConfigError(f"{where}: provenance {function.provenance!r} must be one of {', '.join(PROVENANCES)}")
        if list(function.speeds) != sorted(function.speeds, key=lambda speed: -speed.plc):
            raise ConfigError(f"{where}: speeds must go from the most periods of the mains to the fewest")
        functions[function.name] = function
    return DataSheet(data["model"], float(data["calibrated_degc"]), float(data["window_degc"]), functions)


def _only(where: str, data: Mapping[str, Any], keys: set[str]) -> None:
    wrong = sorted(keys ^ set(data))
    if wrong:
        raise ConfigError(f"{where}: {', '.join(wrong)} is missing or unknown; the keys are {', '.join(sorted(keys))}")


def _row(kind: type[_Row], where: str, data: Mapping[str, Any]) -> _Row:
    allowed = [item.name for item in fields(kind)]  # type: ignore[arg-type]
    for key, value in data.items():
        if key not in allowed:
            raise ConfigError(f"{where}: unknown key {key!r}; the keys are {', '.join(allowed)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < math.inf:
            raise ConfigError(f"{where}: {key} is {value!r}, and must be a number that is not negative")
    if allowed[0] not in data:
        raise ConfigError(f"{where}: a row has no {allowed[0]}")
    return kind(**{key: float(value) for key, value in data.items()})
