"""Where a figure, a clause or a text comes from, and whether somebody saw it there."""

from datetime import date
from typing import Literal

from pydantic import field_validator, model_validator

from harness.documents import Strict

Provenance = Literal["found", "verified", "remembered", "computed", "proposed"]
Confidence = Literal["high", "medium", "low"]

SEEN = ("found", "verified")
"""What was seen: found in a stored source, or verified in a bought copy. All else is unverified."""


class Verified(Strict):
    """Who compared a datum with a copy of the standard's text, and when."""

    by: str
    date: str
    copy_of: str

    @field_validator("date")
    @classmethod
    def _is_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value


class Sourced(Strict):
    """A datum with its provenance.

    Attributes:
        provenance: Whether it was seen, and how else it is known.
        confidence: How sure of it we are.
        source: Where it was seen, or from what it is known.
        verified: Who saw it in a bought copy; given if and only if provenance says so.
    """

    provenance: Provenance
    confidence: Confidence
    source: str
    verified: Verified | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Sourced":
        if (self.verified is not None) != (self.provenance == "verified"):
            raise ValueError("'provenance: verified' needs 'verified' with by, date and copy_of; nothing else has it")
        return self
