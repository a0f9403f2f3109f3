"""What the records of these tests are about: plans, requirements, clauses, hazards, and what a plan declares."""

from typing import Any


def declared(
    *,
    unit: str = "mA",
    low: float | None = None,
    high: float | None = None,
    rule: str = "guarded",
    report: bool = False,
    repeats: int = 1,
) -> dict[str, Any]:
    """Return what a plan declares of a measure, as the record holds it."""
    return {
        "unit": unit,
        "low": low,
        "high": high,
        "relative": None,
        "absolute": None,
        "of": None,
        "rule": "" if report else rule,
        "source": "reported only" if report else "claim output.tolerance of displayed current",
        "report": report,
        "repeats": repeats,
        "refine": 0,
    }


PLANS = [
    {
        "id": "OUT",
        "title": "Current limits",
        "revision": 1,
        "purpose": "The current delivered is the current displayed, and never more than was claimed.",
        "sha256": "1" * 64,
    },
    {
        "id": "TIN",
        "title": "Tingling levels",
        "revision": 2,
        "purpose": "The current stays within the declared comfort window.",
        "sha256": "2" * 64,
    },
    {
        "id": "FLT",
        "title": "Fault cutoffs",
        "revision": 1,
        "purpose": "A fault ends the current in time.",
        "sha256": "3" * 64,
    },
]


def requirement(name: str, text: str, verification: str = "test", clause: str = "") -> dict[str, Any]:
    """Return a requirement as the record holds it; of a clause of IEC 60601-2-10, or of a claim."""
    source = {"kind": "claim", "ref": "output.tolerance"}
    if clause:
        source = {"kind": "standard", "standard": "IEC60601-2-10", "clause": clause, "ref": "its text"}
        source |= {"provenance": "remembered", "confidence": "medium"}
    return {
        "id": name,
        "area": "Output",
        "text": text,
        "rationale": "A patient must not be burnt.",
        "sources": [source],
        "controls": ["RC-01"],
        "verification": verification,
        "risk": "high",
        "inapplicable": "",
        "fingerprint": name.lower()[-8:] * 2,
    }


def clause(name: str, **also: str) -> dict[str, Any]:
    """Return a clause as the record holds it."""
    known = {"standard": "IEC60601-2-10:2012", "family": "IEC60601-2-10", "clause": name, "title": f"title of {name}"}
    known |= {"applied": "applied", "reason": "", "provenance": "remembered", "confidence": "low", "source": "memory"}
    return known | also


HAZARDS = [
    {
        "id": "HAZ-01",
        "hazard": "too much current",
        "sequence": "The regulator fails.",
        "situation": "Limbs are in the water.",
        "harm": "burn",
        "severity": "critical",
        "probability": "remote",
        "risk": "high",
        "provenance": "proposed",
        "controls": [{"id": "RC-01", "kind": "protection", "text": "current limit"}],
    }
]
CLAUSES = [
    clause("201.1", uncovered="what nobody can measure"),
    clause("201.2"),
    clause("201.3"),
    clause("201.4", applied="not applied", reason="it is for other devices"),
    clause("201.5", provenance="found"),
]

REQUIREMENTS = [
    requirement("REQ-OUT-001", "The current is zero before a session starts."),
    requirement("REQ-OUT-003", "The delivered current is within tolerance of the displayed current.", clause="201.2"),
    requirement("REQ-TIN-001", "The first level of each site is at or below the perception onset.", clause="201.3"),
    requirement("REQ-FLT-001", "An open electrode ends the current within the claimed time.", clause="201.5"),
    requirement("REQ-LBL-001", "The instructions name the contraindications.", "inspection"),
]
