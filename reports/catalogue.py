"""What a run was opened with, as rows: hazards with their controls, clauses of standards, and requirements."""

from typing import Any

from harness.provenance import SEEN
from reports.rows import Clause, Control, Hazard, Requirement
from reports.words import text

# A limit that was seen, one that the maker stands for, and one that whoever approves the plan stands for.
_ANSWERED = (*SEEN, "claim", "plan")


def hazard(said: dict[str, Any]) -> Hazard:
    """Return a hazard of the record as a row."""
    keys = ("sequence", "situation", "harm", "severity", "probability", "risk", "provenance")
    return Hazard(
        hazard=said["id"],
        title=text(said["hazard"]),
        controls=tuple(Control(entry["id"], entry["kind"], entry["text"], said["id"]) for entry in said["controls"]),
        **{key: text(said[key]) for key in keys},
    )


def clause(said: dict[str, Any]) -> Clause:
    """Return a clause of the record as a row."""
    given = ("standard", "family", "clause", "title", "applied", "reason")
    known = ("uncovered", "provenance", "confidence")
    return Clause(*(text(said[key]) for key in given), *(text(said.get(key)) for key in known))


def requirement(said: dict[str, Any], hazards: list[Hazard]) -> Requirement:
    """Return a requirement of the record as a row; one of version 1 tells hazard and control in its own words."""
    named = said.get("controls") or ()
    controls = [(entry, control) for entry in hazards for control in entry.controls if control.control in named]
    sources = said["sources"] if "sources" in said else [said["source"]]
    titles = dict.fromkeys(f"{entry.hazard} {entry.title}" for entry, _ in controls)
    return Requirement(
        said["id"],
        text(said.get("area")),
        said["text"],
        text(said["rationale"]),
        "; ".join(map(_source, sources)),
        tuple((source["standard"], source["clause"]) for source in sources if source.get("standard")),
        "; ".join(titles) or text(said.get("hazard")),
        "; ".join(f"{control.control} {control.text}" for _, control in controls) or text(said.get("control")),
        tuple(named),
        text(said.get("risk")),
        text(said["verification"]),
        text(said.get("inapplicable")),
        text(said.get("untested")),
        text(said["fingerprint"]),
    )


def unverified_limit(measure: dict[str, Any]) -> str:
    """Return how the limit of a planned measure is known, if it is a standard's that nobody saw there; else ""."""
    return ", ".join(dict.fromkeys(word for word in measure.get("provenance") or () if word not in _ANSWERED))


def _source(source: object) -> str:
    """Return where a requirement comes from: "IEC60601-1 8.7.3, Table 3 (remembered, confidence high)"."""
    if not isinstance(source, dict):
        return text(source)
    place = [source["standard"], source["clause"]] if source.get("standard") else [source.get("kind")]
    words = " ".join(text(part) for part in (*place, source.get("ref")) if part)
    known = [text(source["provenance"])] if source.get("provenance") else []
    known += [f"confidence {source['confidence']}"] if source.get("confidence") else []
    return f"{words} ({', '.join(known)})" if known else words
