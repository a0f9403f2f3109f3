"""Claims of the output: what comes out, at which site, in which programme."""

from typing import Any, Literal

from pydantic import field_validator, model_validator

from harness.claim_fields import Magnitudes, Stricter, Whence, stated
from harness.documents import (
    Ampere,
    AmperePerSecond,
    AmperePerSquareMetre,
    Coulomb,
    Ratio,
    Second,
    SquareMetre,
    Volt,
)


class Pulse(Magnitudes):
    """Pulsed output; stated_as says which current the maker's figures name."""

    period: Second | None = stated("from one pulse to the next", Whence.OUTPUT, Stricter.BOTH)
    duty: Ratio | None = stated("pulse width over period", Whence.OUTPUT, Stricter.BOTH)
    stated_as: Literal["mean", "peak"] | None = stated("which current the maker's figures name", Whence.OUTPUT)


class Tolerance(Magnitudes):
    """A band around a setting: relative times the setting plus absolute."""

    relative: Ratio = stated("part in proportion to the setting", Whence.OUTPUT, Stricter.SMALLER, default=0.0)
    absolute: Ampere = stated("fixed part", Whence.OUTPUT, Stricter.SMALLER, default=0.0)


class Output(Magnitudes):
    """What comes out, wherever it goes."""

    waveforms: list[Literal["dc", "pulsed"]] | None = stated("the waveforms that a user can choose", Whence.OUTPUT)
    pulse: Pulse | None = None
    tolerance: Tolerance | None = None
    trip: Ampere | None = stated(
        "the independent over-current circuit has switched off by this current", Whence.RISK, Stricter.SMALLER
    )
    compliance: Volt | None = stated("the output voltage never exceeds this", Whence.OUTPUT, Stricter.SMALLER)
    assured_voltage: Volt | None = stated(
        "the current that is set is delivered wherever it needs no more voltage than this",
        Whence.OUTPUT,
        Stricter.LARGER,
    )
    residual: Ampere | None = stated(
        "no more than this flows with the output off, paused or in fault", Whence.RISK, Stricter.SMALLER
    )
    overshoot: Ratio | None = stated("beyond a plateau at most, in proportion to it", Whence.OUTPUT, Stricter.SMALLER)
    step: Ampere | None = stated("largest unintended change within 10 ms", Whence.RISK, Stricter.SMALLER)
    rate_window: Second | None = stated(
        "the window over which |dI/dt| is taken; a shorter one sees more", Whence.RISK, Stricter.SMALLER
    )
    ramp_tolerance: Ratio | None = stated(
        "a ramp's slope is within this of its site's", Whence.OUTPUT, Stricter.SMALLER
    )
    ripple: Ratio | None = stated(
        "r.m.s. of what is not direct over the mean of a direct current", Whence.OUTPUT, Stricter.SMALLER
    )
    minimum: Ampere | None = stated(
        "flows at least in a session, at every level and into every load", Whence.OUTPUT, Stricter.LARGER
    )
    sensing: Ampere | None = stated(
        "largest current with which immersion or skin is sensed before a session", Whence.RISK, Stricter.SMALLER
    )


class LevelTable(Magnitudes):
    """Levels at an even distance."""

    count: int = stated("how many levels there are", Whence.OUTPUT, Stricter.BOTH, default=..., ge=1)
    step: Ampere = stated("from one level to the next", Whence.OUTPUT, Stricter.BOTH, default=...)
    first: Ampere = stated("current of level 1", Whence.OUTPUT, Stricter.BOTH, default=...)


class Area(Magnitudes):
    """Skin that the water wets: the whole site, and the least that is still treated."""

    whole: SquareMetre | None = stated("with the whole site in the water", Whence.RISK, Stricter.SMALLER)
    partial: SquareMetre | None = stated("the least that is still treated", Whence.RISK, Stricter.SMALLER)


class Density(Magnitudes):
    """The highest current per wetted skin."""

    whole: AmperePerSquareMetre | None = stated("at most, over the whole site", Whence.RISK, Stricter.SMALLER)
    partial: AmperePerSquareMetre | None = stated(
        "at most, over the least that is still treated", Whence.RISK, Stricter.SMALLER
    )


class Site(Magnitudes):
    """A place on the body that is treated."""

    maximum: Ampere | None = stated("never more than this", Whence.OUTPUT, Stricter.SMALLER)
    levels: LevelTable | list[Ampere] | None = stated(
        "the current of each level: at an even distance, or a list of currents", Whence.OUTPUT, Stricter.BOTH
    )
    perception_onset: Ampere | None = stated(
        "tingling begins at this; level 1 must not be above it", Whence.RISK, Stricter.SMALLER
    )
    comfort_ceiling: Ampere | None = stated(
        "beyond this tingling becomes pain; no level may be above it", Whence.RISK, Stricter.SMALLER
    )
    ramp: AmperePerSecond | None = stated("slope of every ramp", Whence.OUTPUT, Stricter.BOTH)
    rate: AmperePerSecond | None = stated(
        "largest |dI/dt| in use: start, stop, reversal, pause, change of level", Whence.RISK, Stricter.SMALLER
    )
    level_step: Ampere | None = stated(
        "one level up or down changes the current by at most this", Whence.OUTPUT, Stricter.SMALLER
    )
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

    at: Literal["half"] = stated("when it is", Whence.OUTPUT, default="half")
    dead_time: Second | None = stated("without current at most", Whence.OUTPUT, Stricter.SMALLER)
    rest: Second | None = stated("without current at least", Whence.OUTPUT, Stricter.LARGER)


class Schedule(Magnitudes):
    """How often a programme may be given, to one person: in a day, in any seven days, and until its course is over.

    after_course is how often in any seven days from then on; 0 closes the programme.
    """

    per_day: int | None = stated("in one day", Whence.LABELLING, Stricter.BOTH, ge=1)
    per_week: int | None = stated("in any seven days", Whence.LABELLING, Stricter.BOTH, ge=1)
    course: int | None = stated("until the course is over", Whence.LABELLING, Stricter.BOTH, ge=1)
    after_course: int | None = stated(
        "in any seven days from then on; 0 closes the programme", Whence.LABELLING, Stricter.BOTH, ge=0
    )


class Programme(Magnitudes):
    """A kind of session."""

    sites: list[str] | None = stated("the sites that it is for, as named under sites", Whence.LABELLING)
    shortest: Second | None = stated("shortest session", Whence.OUTPUT, Stricter.BOTH)
    longest: Second | None = stated("longest session", Whence.OUTPUT, Stricter.BOTH)
    ramps: Literal["inside", "outside"] | None = stated(
        "whether the time of a session includes its ramps", Whence.FIRMWARE
    )
    reversal: Reversal | None = None
    tolerance: Ratio | None = stated("a session's time is within this", Whence.OUTPUT, Stricter.SMALLER)
    dose_tolerance: Ratio | None = stated("the dose shown is within this", Whence.OUTPUT, Stricter.SMALLER)
    restart: Literal["user action", "closing the circuit"] | None = stated("what begins the next session", Whence.RISK)
    dose: Coulomb | None = stated(
        "a session that reaches this charge ends before its time is up", Whence.OUTPUT, Stricter.BOTH
    )
    schedule: Schedule | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Programme":
        if self.shortest is not None and self.longest is not None and self.shortest > self.longest:
            raise ValueError("shortest must not be longer than longest")
        return self
