"""Inspections: what a person looks at, answered from a recorded file; unanswered is not evaluated."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from harness.documents import Document, Strict, load


class Answer(Strict):
    """What an inspector found."""

    result: Literal["pass", "fail", "not applicable"]
    inspector: str
    date: str
    remark: str = ""

    @field_validator("date")
    @classmethod
    def _is_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value


class InspectionFile(Strict):
    """The recorded answers of one item; item is its serial number, or "any" for the device type."""

    inspections: str
    revision: int
    device: str
    item: str
    answers: dict[str, Answer] = {}


def load_inspections(path: Path) -> Document[InspectionFile]:
    """Read a file of recorded answers.

    Raises:
        ConfigError: It is missing, or wrong.
    """
    return load(path, InspectionFile)
