"""What the amendments of a report say of themselves; whether they are signed by whom they name is for `verify`."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.amending import file_of
from harness.errors import EvidenceError
from harness.identity import Role

IDENTIFICATION, REMARK, WITHDRAWN = "identification", "remark", "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an amendment changes.

    Attributes:
        change: "identification", "remark" or "withdrawn".
        of: The field, the case, or "report" for a remark.
        was: What the report said before; "" if nothing.
        now: What it says from then on.
    """

    change: str
    of: str
    was: str
    now: str

    def said(self) -> dict[str, str]:
        """Return it as it is signed."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class By:
    """Somebody who signed an amendment, as the signature says it.

    Attributes:
        role: "tester", "reviewer" or "approver".
        name: With the laboratory.
        meaning: What it stands for.
        utc: When.
        certificate: How its SHA-256 begins.
        file: The envelope, seen from the run.
    """

    role: str
    name: str
    meaning: str
    utc: str
    certificate: str
    file: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """One amendment, as it says itself.

    Attributes:
        number: From 1 on.
        document: Number of the amended report.
        amends: The report that it is an amendment of: document, run, head, events and SHA-256 of the seal.
        reason: Why.
        changes: What is other than before.
        verdict: Of the amended report.
        statement: The verdict with its plans.
        by: Who made it, and who signed it after that.
    """

    number: int
    document: str
    amends: dict[str, Any]
    reason: str
    changes: tuple[Change, ...]
    verdict: str
    statement: str
    by: tuple[By, ...]

    @property
    def title(self) -> str:
        """What stands on every page: of what report it is an amendment."""
        return f"Amendment {self.number} to report {self.amends['run']}"

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return the roles that nobody has signed as."""
        signed = {by.role for by in self.by}
        return tuple(role.value for role in Role if role.value not in signed)


def read(folder: Path) -> list[Amendment]:
    """Return the amendments of the run in a folder, in order; [] if its report was never amended.

    Raises:
        EvidenceError: One cannot be read; the text names it.
    """
    found: list[Amendment] = []
    while (path := folder / file_of(len(found) + 1)).is_file():
        number = len(found) + 1
        said = _predicate(path)
        signatures = [
            (role, file_of(number, role))
            for role in Role
            if role is Role.TESTER or (folder / file_of(number, role)).is_file()
        ]
        try:
            found.append(
                Amendment(
                    int(said["number"]),
                    str(said["document"]),
                    dict(said["amends"]),
                    str(said["reason"]),
                    tuple(Change(**{key: str(value) for key, value in one.items()}) for one in said["changes"]),
                    str(said["verdict"]),
                    str(said["statement"]),
                    tuple(_by(folder, role, file) for role, file in signatures),
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EvidenceError(f"{path} is no amendment that can be read ({error!r})") from None
    return found


def _by(folder: Path, role: Role, file: str) -> By:
    said = _predicate(folder / file)
    person = said["person"]
    return By(
        role.value,
        ", ".join(str(person[key]) for key in ("name", "organisation") if person.get(key)),
        str(said.get("meaning") or "made this amendment"),
        str(said["utc"]),
        str(person["certificate"])[:16],
        file,
    )


def _predicate(path: Path) -> dict[str, Any]:
    """Return what a file states, without asking who signed it."""
    try:
        predicate = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))["predicate"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise EvidenceError(f"{path} is no statement that can be read ({error!r})") from None
    if not isinstance(predicate, dict):
        raise EvidenceError(f"{path} states nothing")
    return predicate
