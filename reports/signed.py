"""Who signed the data of a run, as the statements beside its record say it; whether they hold is for `verify`."""

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bundle import SEAL, SIGNATURES

MEANINGS = {"tester": "Tested", "reviewer": "Reviewed", "approver": "Approved"}
CAUTION = "Printed as the attached signatures state it; whether they hold is for the command verify to say."


@dataclass(frozen=True, slots=True)
class Statement:
    """What one signed statement says of itself: "–" or "" where it says nothing.

    Attributes:
        role: "Sealed", or the role in the name of the file.
        name: Of the person, with the laboratory; or that it cannot be read.
        certificate: How its SHA-256 begins.
    """

    role: str
    name: str
    meaning: str
    utc: str
    certificate: str


def statements(folder: Path) -> list[Statement]:
    """Return what the signed statements of a run say, the seal first, then in the order of their numbers."""
    seal, signatures = folder / SEAL, folder / SIGNATURES
    paths = [seal] if seal.is_file() else []
    paths += sorted(signatures.glob("*.dsse.json")) if signatures.is_dir() else []
    return [_statement(path) for path in paths]


def missing_roles(found: list[Statement]) -> list[str]:
    """Return what nobody has signed as: "Reviewed", "Approved"."""
    return [meaning for role, meaning in MEANINGS.items() if role not in {said.role for said in found}]


def _statement(path: Path) -> Statement:
    said = _predicate(path)
    inner = said.get("person")
    person: dict[str, Any] = inner if isinstance(inner, dict) else {}
    by = ", ".join(str(person[key]) for key in ("name", "organisation") if person.get(key))
    role = path.name.removesuffix(".dsse.json").partition("-")[2]
    return Statement(
        role="Sealed" if path.name == SEAL else role,
        name=by or f"{path.name} cannot be read",
        meaning=str(said.get("meaning") or ""),
        utc=str(said.get("utc") or "–"),
        certificate=str(person.get("certificate") or "–")[:16],
    )


def _predicate(path: Path) -> dict[str, Any]:
    try:
        payload = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
        predicate = payload.get("predicate", payload)
        return predicate if isinstance(predicate, dict) else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        return {}
