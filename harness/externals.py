"""External results: what a laboratory found elsewhere, with its report beside it, and never a pass of our own."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from harness.documents import Document, Strict, load
from harness.errors import ConfigError
from harness.limits import Verdict


class ExternalResult(Strict):
    """What a laboratory found of one case.

    Attributes:
        laboratory: Who tested.
        accreditation: Under which accreditation, in words; "none" is an answer.
        report: Number of the report.
        date: Of the report, as 2026-05-31.
        result: What the report says.
        file: The report, by its path from the file of results.
        sha256: Of the report, in hex.
        remark: What a reader should know.
    """

    laboratory: str = Field(min_length=1)
    accreditation: str = Field(min_length=1)
    report: str = Field(min_length=1)
    date: str
    result: Literal["pass", "fail", "not applicable"]
    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    remark: str = ""

    @field_validator("date")
    @classmethod
    def _is_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value

    def __str__(self) -> str:
        remark = f"; {self.remark}" if self.remark else ""
        return (
            f"external result: {self.laboratory} ({self.accreditation}), report {self.report}, {self.date}: "
            f"{self.result} (sha256 {self.sha256}){remark}"
        )


class ExternalFile(Strict):
    """The recorded external results of one item; item is its serial number, or "any" for the device type."""

    external_results: str
    revision: int = Field(ge=1)
    device: str
    item: str
    results: dict[str, ExternalResult] = {}


@dataclass(frozen=True)
class Outcome:
    """What an external result makes of a case: it is never a pass, because we evaluated nothing."""

    verdict: Verdict
    reason: str


def load_externals(path: Path) -> Document[ExternalFile]:
    """Read a file of external results, and see that every report is there and is the one that was recorded.

    Raises:
        ConfigError: The file is missing or wrong, or a report is missing or another one.
    """
    document = load(path, ExternalFile)
    for name, result in document.content.results.items():
        report = path.parent / result.file
        try:
            found = hashlib.sha256(report.read_bytes()).hexdigest()
        except OSError as error:
            where = document.where("results", name, "file")
            raise ConfigError(
                f"{where}: the report {report} cannot be read: {error.strerror}; put it there, or name where it is"
            ) from None
        if found != result.sha256:
            where = document.where("results", name, "sha256")
            raise ConfigError(
                f"{where}: the report {report} has the SHA-256 {found}, and must have {result.sha256}: it is not the "
                "report that was recorded; put that one there, or record this one"
            )
    return document


def outcome(result: ExternalResult | None) -> Outcome:
    """Return what a case comes to by what was recorded of it."""
    if result is None:
        return Outcome(Verdict.NOT_EVALUATED, "no external result is recorded")
    if result.result == "fail":
        return Outcome(Verdict.FAIL, str(result))
    return Outcome(Verdict.NOT_APPLICABLE, f"{result}; no evaluation of ours")


def check_externals(document: Document[ExternalFile], model: str, asked: set[str]) -> None:
    """Find results about another device, or of cases that no plan has.

    Args:
        document: The results.
        model: The device's model, as the claims have it.
        asked: Ids of the external cases of all plans; nothing is looked for in a run that has none of them.

    Raises:
        ConfigError: There are some.
    """
    if document.content.device != model:
        raise ConfigError(
            f"{document.where('device')}: the results are about {document.content.device!r}, and must be about "
            f"{model!r} as the claims are: give the results of this device"
        )
    for name in document.content.results:
        if asked and name not in asked:
            known = ", ".join(sorted(asked))
            raise ConfigError(f"{document.where('results', name)}: no plan asks for {name!r}; asked for are {known}")
