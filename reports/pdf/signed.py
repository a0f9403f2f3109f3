"""Who signed the data of a run, as the signatures beside its record say it."""

import base64
import binascii
import json
from typing import Any

from reports.pdf.parts import Part, bold, paragraph, small, table
from reports.run import Run

_MEANINGS = {"tester": "Tested", "reviewer": "Reviewed", "approver": "Approved"}


def rows(run: Run) -> list[Part]:
    """Return a table with one row for each signature, and one for each role that nobody has signed in."""
    found = _signatures(run)
    lines = [
        [
            bold(_MEANINGS.get(said["role"], said["role"])),
            small(said["name"], said["meaning"]),
            said["utc"],
            said["certificate"],
        ]
        for said in found
    ]
    missing = [name for role, name in _MEANINGS.items() if role not in {said["role"] for said in found}]
    lines += [[bold(name), "not signed", "–", "–"] for name in missing]
    header = ["", "Name and meaning", "Date and time (UTC)", "Certificate"]
    parts = [table(header, ["auto", 1, "auto", "auto"], lines, align="llll", small=True)]
    if found:
        text = "Printed as the attached signatures state it; whether they hold is for the command verify to say."
        parts.append(paragraph(text))
    return parts


def _signatures(run: Run) -> list[dict[str, str]]:
    """Return what the signed statements say, the seal first, then in the order of their numbers."""
    folder = run.folder / "signatures"
    seal = run.folder / "seal.dsse.json"
    paths = [seal] if seal.is_file() else []
    paths += sorted(folder.glob("*.dsse.json")) if folder.is_dir() else []
    found = []
    for path in paths:
        said = _statement(path.read_bytes())
        inner = said.get("person")
        person: dict[str, Any] = inner if isinstance(inner, dict) else {}
        by = ", ".join(str(person[key]) for key in ("name", "organisation") if person.get(key))
        found.append(
            {
                "role": "Sealed" if path == seal else path.name.removesuffix(".dsse.json").partition("-")[2],
                "name": by or f"{path.name} cannot be read",
                "meaning": str(said.get("meaning") or ""),
                "utc": str(said.get("utc") or "–"),
                "certificate": str(person.get("certificate") or "–")[:16],
            }
        )
    return found


def _statement(content: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(base64.b64decode(json.loads(content)["payload"]))
        predicate = payload.get("predicate", payload)
        return predicate if isinstance(predicate, dict) else {}
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return {}
