"""What a run was opened with, as rows: plans, hazards, clauses of standards, requirements, and instruments' papers."""

from typing import Any

from harness.provenance import SEEN
from reports.fields import require
from reports.rows import Accuracy, Clause, Control, Hazard, Plan, Requirement
from reports.words import text

# A limit that was seen, one that the maker stands for, and one that whoever approves the plan stands for.
_ANSWERED = (*SEEN, "claim", "plan")


def check_opened(data: dict[str, Any]) -> None:
    """Find what a report cannot do without.

    Raises:
        KeyError: It is not there.
    """
    require(data, "harness", "standards", "operator", "customer", "seed", "device_model", "controller")
    require(data["bench"], "name", "revision", "sha256", "virtual")
    require(data["claims"], "id", "revision", "sha256", "device")
    require(data["claims"]["device"], "manufacturer", "model")
    require(data["item"], "model", "serial")
    for standard in data["standards"]:
        require(standard, "id")
    if selection := data.get("selection"):
        require(selection, "left_out")
        for said in selection["left_out"]:
            require(said, "plan", "case", "title", "verifies", "count")
    for profile in data.get("populations") or ():
        require(profile, "title", "statement", "disputes", "figures")
        for figure in profile["figures"]:
            require(figure, "who", "statistic", "value", "unit", "beside", "source", "provenance")


def plan(said: dict[str, Any]) -> Plan:
    """Return a plan of the record as a row."""
    return Plan(
        text(said["id"]),
        text(said["title"]),
        text(said["revision"]),
        text(said["purpose"]),
        _statement(said),
        text(said["sha256"]),
        text(said.get("worst_case")),
        tuple(map(text, said.get("does_not_cover") or ())),
    )


def hazard(said: dict[str, Any]) -> Hazard:
    """Return a hazard of the record as a row."""
    keys = ("sequence", "situation", "harm", "severity", "probability", "risk", "provenance")
    return Hazard(
        hazard=text(said["id"]),
        title=text(said["hazard"]),
        controls=tuple(
            Control(text(entry["id"]), text(entry["kind"]), text(entry["text"]), text(said["id"]))
            for entry in said["controls"]
        ),
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
        text(said["id"]),
        text(said.get("area")),
        text(said["text"]),
        text(said["rationale"]),
        "; ".join(map(_source, sources)),
        tuple((text(source["standard"]), text(source["clause"])) for source in sources if source.get("standard")),
        "; ".join(titles) or text(said.get("hazard")),
        "; ".join(f"{control.control} {control.text}" for _, control in controls) or text(said.get("control")),
        tuple(map(text, named)),
        text(said.get("risk")),
        text(said["verification"]),
        text(said.get("inapplicable")),
        text(said.get("untested")),
        text(said["fingerprint"]),
    )


def unverified_limit(measure: dict[str, Any]) -> str:
    """Return how the limit of a planned measure is known, if it is a standard's that nobody saw there; else "".

    A record of version 1 tells it in the words of the source.
    """
    if "provenance" not in measure:
        return "remembered" if "remembered" in text(measure.get("source")) else ""
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


def _statement(plan: dict[str, Any]) -> str:
    """Return what a plan asks the report to say; whoever speaks of tingling has to say that nobody felt any."""
    said = text(plan.get("statement"))
    if not said and "tingl" in f"{plan['title']} {plan.get('purpose')}".lower():
        said = "no person was stimulated"
    return said


def accuracy(said: dict[str, Any]) -> Accuracy:
    """Return where the figures of a function of an instrument are from."""
    return Accuracy(text(said["function"]), text(said["source"]), text(said["provenance"]))


def digital(certificate: dict[str, Any]) -> str:
    """Return file and fingerprint of a digital calibration certificate; "" for one on paper."""
    if not certificate.get("dcc"):
        return ""
    return f"{text(certificate['dcc'])}, SHA-256 {text(certificate.get('dcc_sha256'))[:16]}…"
