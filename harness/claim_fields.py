"""What every claim says of itself: its meaning in words, who can supply the number, and which way it gets stricter.

The template of `claims new`, the advice of `claims check`, the JSON Schema and the test that changes every claim read
it here.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator
from pydantic.fields import FieldInfo

from harness.documents import Strict


class Whence(StrEnum):
    """From whom a claim should come."""

    OUTPUT = "the manufacturer's output specification"
    ELECTRICAL = "the manufacturer's electrical specification, or the rating plate"
    FIRMWARE = "the manufacturer's firmware specification"
    RISK = "the manufacturer's risk management file"
    LABELLING = "the instructions for use, or the label"
    CHOICE = "the applicant's choice of standards"


class Stricter(StrEnum):
    """Which way a number becomes harder to meet."""

    SMALLER = "smaller"
    LARGER = "larger"
    BOTH = "both ways"


def stated(words: str, whence: Whence, stricter: Stricter | None = None, **more: Any) -> Any:
    """Return a field of a claim that may be left out: its words, who supplies it, which way its number is stricter.

    A default of ... makes it one that must be given.
    """
    extra: dict[str, Any] = {"whence": whence.value}
    if stricter is not None:
        extra["stricter"] = stricter.value
    return Field(**({"default": None} | more), description=words, json_schema_extra=extra)


def whence_of(field: FieldInfo) -> Whence | None:
    """Return from whom the claim of a field should come; None of a section that has claims in it."""
    extra = field.json_schema_extra
    found = extra.get("whence") if isinstance(extra, dict) else None
    return Whence(str(found)) if found is not None else None


def stricter_of(field: FieldInfo) -> Stricter | None:
    """Return which way the number of a field becomes stricter; None of what is no number."""
    extra = field.json_schema_extra
    found = extra.get("stricter") if isinstance(extra, dict) else None
    return Stricter(str(found)) if found is not None else None


class Magnitudes(Strict):
    """A section of claims; what it declares are magnitudes, and none of them is negative."""

    @field_validator("*")
    @classmethod
    def _not_negative(cls, value: Any) -> Any:
        for number in value if isinstance(value, list) else (value,):
            if isinstance(number, float) and number < 0.0:
                raise ValueError("must not be negative")
        return value
