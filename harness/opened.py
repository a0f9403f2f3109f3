"""What a record says before the first case: what the run was given, and what it is going to do."""

from typing import Any

from harness import __version__, units
from harness.cases import PlannedCase
from harness.claims import Claims, Undeclared
from harness.declared import Declared
from harness.events import CasePlanned, RunOpened
from harness.library import Library
from harness.methods import Method, procedure
from harness.populations import compared
from harness.prepared import Prepared, Subject
from harness.requirements import Requirement
from harness.selection import selection_facts
from harness.standards import StandardFile

_NO_CHOICE = "the claims choose no edition"


def opened(prepared: Prepared, subject: Subject, bench: dict[str, Any]) -> RunOpened:
    """Return what a run was given, by content and by hash."""
    claims, library = prepared.claims, prepared.library
    content = claims.content
    run = {case.plan.content.plan for case in prepared.cases}
    return RunOpened(
        harness=__version__,
        bench=bench,
        claims={
            "id": content.claims,
            "revision": content.revision,
            "sha256": claims.document.sha256,
            "device": content.device.model_dump(),
        },
        plans=[
            {
                "id": plan.content.plan,
                "title": plan.content.title,
                "revision": plan.content.revision,
                "purpose": plan.content.purpose,
                "statement": plan.content.statement,
                "worst_case": plan.content.worst_case,
                "does_not_cover": plan.content.does_not_cover,
                "sha256": plan.document.sha256,
            }
            for plan in prepared.plans
            if plan.content.plan in run
        ],
        standards=[
            {
                "id": document.content.standard,
                "family": document.content.family,
                "title": document.content.title,
                "edition": document.content.edition,
                "sha256": document.sha256,
                **_applied(document.content.family, claims),
            }
            for document in library.standards.documents
        ],
        clauses=_clauses(claims, library),
        hazards=[{**hazard.model_dump(), "risk": hazard.risk} for hazard in library.hazards.by_id.values()],
        requirements=[_requirement(item, claims, library) for item in library.requirements.values()],
        populations=compared(library.populations, claims),
        item={
            "serial": subject.serial,
            "firmware": subject.firmware,
            "model": content.device.model,
            "manufacturer": content.device.manufacturer,
        },
        operator=subject.operator,
        customer=subject.customer,
        seed=subject.seed,
        device_model=subject.device_model,
        controller=subject.controller,
        selection=selection_facts(prepared.selection, prepared.left_out),
    )


def planned(case: PlannedCase, method: Method | None) -> CasePlanned:
    """Return what a run is going to do in one case, with the limits that it will be judged by."""
    return CasePlanned(
        case.id,
        case.plan.content.plan,
        case.base,
        case.title,
        case.verifies,
        case.method,
        case.inspection,
        procedure(method),
        case.conditions,
        {name: _declared(declared) for name, declared in case.measures.items()},
        case.external,
        case.needs,
    )


def _requirement(requirement: Requirement, claims: Claims, library: Library) -> dict[str, Any]:
    try:
        inapplicable = requirement.inapplicable(claims)
    except Undeclared:
        inapplicable = ""
    return {
        **requirement.model_dump(mode="json", by_alias=True, exclude_none=True),
        "area": library.area_of[requirement.id],
        "risk": library.hazards.risk(requirement.controls),
        "inapplicable": inapplicable,
        "fingerprint": requirement.fingerprint,
    }


def _clauses(claims: Claims, library: Library) -> list[dict[str, Any]]:
    """Return every clause of the edition that the claims choose of each standard, or of each edition if they do not."""
    families = dict.fromkeys(document.content.family for document in library.standards.documents)
    result = []
    for family in families:
        try:
            file = library.standards.chosen(family, claims)
            chosen, note = ([file] if file is not None else []), ""
        except Undeclared:
            chosen, note = library.standards.editions(family), _NO_CHOICE
        for edition in chosen:
            result += [_clause(edition, name, claims, note) for name in edition.clauses]
    return result


def _applied(family: str, claims: Claims) -> dict[str, str]:
    """Return how far the applicant declares a standard to be applied, and why not in full."""
    declared = claims.content.standards.get(family)
    return {"applied": (declared and declared.applied) or "", "reason": (declared and declared.reason) or ""}


def _clause(edition: StandardFile, name: str, claims: Claims, note: str) -> dict[str, Any]:
    clause = edition.clauses[name]
    declared = claims.content.standards.get(edition.family)
    own = declared.clauses.get(name) if declared is not None else None
    applied = (own.applied if own is not None else None) or (declared.applied if declared is not None else None)
    reason = own.reason if own is not None else None
    if reason is None and applied == "not applied" and declared is not None:
        reason = declared.reason
    return {
        "standard": edition.standard,
        "family": edition.family,
        "clause": name,
        **clause.model_dump(mode="json", exclude_none=True),
        "applied": applied or "",
        "reason": note or reason or "",
    }


def _declared(declared: Declared) -> dict[str, Any]:
    """Return a declared measure as the record says it, in the unit that is printed."""

    def printed(value: float | None) -> float | None:
        return None if value is None else units.convert(value, declared.unit)

    if declared.observed:
        return {
            "is": declared.expected,
            "source": declared.source,
            "repeats": declared.repeats,
            "provenance": declared.provenance,
        }
    return {
        "unit": declared.unit,
        "low": printed(declared.low),
        "high": printed(declared.high),
        "relative": declared.relative,
        "absolute": printed(declared.absolute) if declared.relative is not None else None,
        "of": declared.target,
        "rule": "" if declared.report_only else declared.rule.value,
        "source": declared.source,
        "report": declared.report_only,
        "repeats": declared.repeats,
        "refine": declared.refine,
        "provenance": declared.provenance,
    }
