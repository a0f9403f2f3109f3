"""Claims: what the manufacturer declares of a device, and what is left undeclared.

Nearly everything may be left out. A case whose limit the claims leave out is not evaluated, and says which claim is
missing: nobody's default is ever a limit.
"""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from harness.documents import (
    Ampere,
    AmperePerSecond,
    AmperePerSquareMetre,
    Coulomb,
    Document,
    Quantity,
    Ratio,
    Second,
    SquareMetre,
    Strict,
    Volt,
    load,
)
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


class Magnitudes(Strict):
    """A section of claims; what it declares are magnitudes, and none of them is negative."""

    @field_validator("*")
    @classmethod
    def _not_negative(cls, value: Any) -> Any:
        for number in value if isinstance(value, list) else (value,):
            if isinstance(number, float) and number < 0.0:
                raise ValueError("must not be negative")
        return value


class Device(Strict):
    """Who made what."""

    manufacturer: str
    model: str
    firmware: str | None = None
    applied_part: Literal["B", "BF", "CF"] | None = None
    description: str | None = None


class SupplyClaim(Magnitudes):
    """The supply voltage that the device is made for."""

    nominal: Volt | None = None
    minimum: Volt | None = None
    maximum: Volt | None = None


class Display(Magnitudes):
    """What the device shows."""

    resolution: Ampere | None = None


class Pulse(Magnitudes):
    """Pulsed output; stated_as says which current the maker's figures name."""

    period: Second | None = None
    duty: Ratio | None = None
    stated_as: Literal["mean", "peak"] | None = None


class Tolerance(Magnitudes):
    """A band around a setting: relative times the setting plus absolute."""

    relative: Ratio = 0.0
    absolute: Ampere = 0.0


class Output(Magnitudes):
    """What comes out, wherever it goes."""

    waveforms: list[Literal["dc", "pulsed"]] | None = None
    pulse: Pulse | None = None
    tolerance: Tolerance | None = None
    trip: Ampere | None = None
    compliance: Volt | None = None
    residual: Ampere | None = None
    overshoot: Ratio | None = None
    step: Ampere | None = None
    ramp_tolerance: Ratio | None = None
    ripple: Ratio | None = None
    minimum: Ampere | None = None


class LevelTable(Magnitudes):
    """Levels at an even distance."""

    count: int = Field(ge=1)
    step: Ampere
    first: Ampere


class Area(Magnitudes):
    """Skin that the water wets: the whole site, and the least that is still treated."""

    whole: SquareMetre | None = None
    partial: SquareMetre | None = None


class Density(Magnitudes):
    """The highest current per wetted skin."""

    whole: AmperePerSquareMetre | None = None
    partial: AmperePerSquareMetre | None = None


class Site(Magnitudes):
    """A place on the body that is treated."""

    maximum: Ampere | None = None
    levels: LevelTable | list[Ampere] | None = None
    perception_onset: Ampere | None = None
    comfort_ceiling: Ampere | None = None
    ramp: AmperePerSecond | None = None
    level_step: Ampere | None = None
    wetted_area: Area | None = None
    density: Density | None = None

    @field_validator("ramp", "levels")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if value == 0.0 or value == []:
            raise ValueError("must be more than none")
        return value


class Reversal(Magnitudes):
    """A change of polarity within a session."""

    at: Literal["half"] = "half"
    dead_time: Second | None = None
    rest: Second | None = None


class Schedule(Magnitudes):
    """How often a programme may be given, to one person: in a day, in any seven days, and until its course is over.

    after_course is how often in any seven days from then on; 0 closes the programme.
    """

    per_day: int | None = Field(default=None, ge=1)
    per_week: int | None = Field(default=None, ge=1)
    course: int | None = Field(default=None, ge=1)
    after_course: int | None = Field(default=None, ge=0)


class Programme(Magnitudes):
    """A kind of session."""

    sites: list[str] | None = None
    shortest: Second | None = None
    longest: Second | None = None
    ramps: Literal["inside", "outside"] | None = None
    reversal: Reversal | None = None
    tolerance: Ratio | None = None
    dose_tolerance: Ratio | None = None
    restart: Literal["user action", "closing the circuit"] | None = None
    dose: Coulomb | None = None
    schedule: Schedule | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Programme":
        if self.shortest is not None and self.longest is not None and self.shortest > self.longest:
            raise ValueError("shortest must not be longer than longest")
        return self


class Reconnect(Magnitudes):
    """The highest current on closing the circuit again, before and after the fault was detected."""

    before: Ampere | None = None
    after: Ampere | None = None


class Fault(Magnitudes):
    """What the device does about a fault, how fast, and who says so."""

    reaction: Literal["pause", "stop", "latched", "limit", "continue", "lock"] | None = None
    detection: Second | None = None
    cutoff: Second | None = None
    threshold: Ampere | None = None
    residual: Ampere | None = None
    maximum: Ampere | None = None
    latched: bool | None = None
    step: Ampere | None = None
    reconnect: Reconnect | None = None
    timeout: Second | None = None
    alarm: Literal["low", "medium", "high"] | None = None
    declared_by: str | None = None


FAULTS = (
    "open_electrode",
    "re_immersion",
    "short",
    "over_current",
    "over_voltage",
    "supply_dip",
    "supply_interruption",
    "serial_loss",
    "emergency_stop",
    "user_stop",
    "firmware_hang",
    "sense_failure",
    "output_stuck",
    "clock_stop",
)
FaultName = Literal[
    "open_electrode",
    "re_immersion",
    "short",
    "over_current",
    "over_voltage",
    "supply_dip",
    "supply_interruption",
    "serial_loss",
    "emergency_stop",
    "user_stop",
    "firmware_hang",
    "sense_failure",
    "output_stuck",
    "clock_stop",
]


class Interface(Strict):
    """How a host talks to the device: the document that describes it, by its name."""

    protocol: str | None = None


class ClaimsFile(Strict):
    """What a manufacturer declares of one device."""

    claims: str
    revision: int = Field(ge=1)
    device: Device
    supply: SupplyClaim | None = None
    display: Display | None = None
    interface: Interface | None = None
    output: Output | None = None
    sites: dict[str, Site] = {}
    programmes: dict[str, Programme] = {}
    faults: dict[FaultName, Fault] = {}


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
        ConfigError: It is missing, or wrong.
    """
    return Claims(load(path, ClaimsFile))


def check_path(path: str) -> str | None:
    """Return the SI unit of the claim at a path, None if it is no quantity; names in braces stand for any name.

    Raises:
        ConfigError: No claim can be there; the text lists what can.
    """
    return _unit_of(claim_type(path))


def check_value(path: str, value: object, *, member: bool) -> None:
    """Find out that the claim at a path can have a value, or as `member` a list with it.

    Raises:
        ConfigError: It cannot; the text lists what it can have.
    """
    found = [m for m in _members(claim_type(path)) if m is not type(None)]
    if member:
        found = [args[0] for m in found if typing.get_origin(m) is list and (args := typing.get_args(m))]
    allowed = [x for m in found for x in (typing.get_args(m) if typing.get_origin(m) is Literal else ())]
    if bool in found:
        allowed += [True, False]
    if not allowed and str not in found:
        raise ConfigError(
            f"the claim {path} is no {'list' if member else 'word'}, so that it cannot be asked for {value!r}"
        )
    if allowed and value not in allowed:
        raise ConfigError(f"the claim {path} can be {', '.join(map(repr, allowed))}, and never {value!r}")


@lru_cache(maxsize=4096)
def claim_type(path: str) -> Any:
    """Return the type of the claim at a path; names in braces stand for any name.

    Raises:
        ConfigError: No claim can; the text lists what can stand there.
    """
    annotation: Any = ClaimsFile
    walked: list[str] = []
    for part in path.split("."):
        members = [m for m in _members(annotation) if m is not type(None)]
        following: Any = None
        known: set[str] = set()
        for member in members:
            if typing.get_origin(member) is dict:
                key, value = typing.get_args(member)
                names = set(typing.get_args(key))
                known |= names or {"any name"}
                if not names or part in names or part.startswith("{"):
                    following = value
            elif isinstance(member, type) and issubclass(member, BaseModel):
                known |= set(member.model_fields)
                if part in member.model_fields:
                    following = member.model_fields[part].annotation
                elif part.startswith("{") and member.model_fields:
                    following = next(iter(member.model_fields.values())).annotation
        if following is None:
            place = ".".join(walked) or "the claims"
            raise ConfigError(f"no claim can be called {path!r}: under {place} there can be {', '.join(sorted(known))}")
        walked.append(part)
        annotation = following
    return annotation


def _unit_of(annotation: Any) -> str | None:
    if typing.get_origin(annotation) is typing.Annotated:
        return next((m.si for m in annotation.__metadata__ if isinstance(m, Quantity)), None)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((unit for m in typing.get_args(annotation) if (unit := _unit_of(m))), None)
    return None


def _members(annotation: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _members(typing.get_args(annotation)[0])
    if origin is not None and origin not in (dict, list, Literal):
        return typing.get_args(annotation)
    return (annotation,)


def undeclared(claims: Claims) -> list[str]:
    """Return the paths that these claims leave undeclared, as far as the sections that they have tell."""
    content = claims.content
    sections = [name for name in ("sites", "programmes") if not getattr(content, name)]
    faults = [f"faults.{name}" for name in FAULTS if name not in content.faults]
    return [*_open(content, ""), *sections, *faults]


def _open(value: Any, prefix: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if inner is None:
                yield f"{prefix}{name}"
            else:
                yield from _open(inner, f"{prefix}{name}.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _open(inner, f"{prefix}{name}.")
