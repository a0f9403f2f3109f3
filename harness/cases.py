"""Cases: a plan's sweeps unfolded against the claims, with every limit looked up, before anything is switched on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from harness.applies import conditions
from harness.claims import Claims, Undeclared
from harness.claims_output import Programme
from harness.conditions import Inapplicable, combinations, literal
from harness.declared import Declared, check_sources, declare, path_of
from harness.documents import Document
from harness.errors import ConfigError
from harness.library import Library
from harness.plan import Case, Plan, PlanFile


@dataclass(frozen=True)
class PlannedCase:
    """One case as it will be run.

    Attributes:
        id: Base id with its conditions, unique in a run.
        base: Id of the case in its plan.
        plan: The plan that it is from.
        title: What it shows.
        verifies: Ids of requirements.
        method: Name of the method; "" for none.
        inspection: The question to the inspector; "" for none.
        external: The question to another laboratory; "" for none.
        needs: What its bench must have, beyond what each has.
        conditions: As printed, by name.
        arguments: Keyword arguments of the method.
        measures: What is declared.
        missing: The claim that is missing, or "".
        inapplicable: Why the case does not apply, or "".
    """

    id: str
    base: str
    plan: Plan
    title: str
    verifies: tuple[str, ...]
    method: str = ""
    inspection: str = ""
    external: str = ""
    needs: tuple[str, ...] = ()
    conditions: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, Declared] = field(default_factory=dict)
    missing: str = ""
    inapplicable: str = ""


def unfold(plan: Plan, claims: Claims, library: Library) -> list[PlannedCase]:
    """Return the cases of a plan, in its order.

    Raises:
        ConfigError: The plan names a requirement, a claim, an entry, a site or a level that cannot be.
    """
    result: list[PlannedCase] = []
    for index, case in enumerate(plan.content.cases):
        where = plan.document.where
        for requirement in case.verifies:
            if requirement not in library.requirements:
                known = sorted(library.requirements)
                near = ", ".join(get_close_matches(requirement, known, 4) or known[:4])
                raise ConfigError(
                    f"{where('cases', index, 'verifies')}: no requirement is called {requirement!r}; there are {near}"
                    f"{' and others' if len(known) > 4 else ''}"
                )
        result.extend(_unfold_case(plan, index, case, claims, library))
    return result


def _unfold_case(plan: Plan, index: int, case: Case, claims: Claims, library: Library) -> Iterator[PlannedCase]:
    whole: dict[str, Any] = {"base": case.id, "plan": plan, "title": case.title, "verifies": tuple(case.verifies)}
    whole["needs"] = tuple(case.needs)
    _check_applies(plan.document, index, case)
    for name in case.measures:
        check_sources(plan.document, index, name, case, library)
    asked: dict[str, Any] = {"inspection": case.inspection or "", "external": case.external or ""}
    method = case.method or ""
    unneeded = _unneeded(case, claims, library)
    if not method or unneeded:
        yield PlannedCase(case.id, method=method, inapplicable=unneeded, **asked, **whole)
        return
    try:
        swept = list(combinations(plan, index, case, claims))
    except Undeclared as undeclared:
        yield PlannedCase(case.id, method=method, missing=undeclared.path, **whole)
        return
    except Inapplicable as absent:
        yield PlannedCase(case.id, method=method, inapplicable=str(absent), **whole)
        return
    fixed = [literal(key, value) for key, value in case.conditions.items()]
    for combination in swept:
        keys = [*combination, *fixed]
        labels = {key: label for key, label, _, _ in keys}
        names = {key: label for key, label, _, _ in keys} | {parameter: value for _, _, parameter, value in keys}
        suffix = "-".join(label.replace(" ", "") for _, label, _, _ in combination)
        unfolded: dict[str, Any] = {"method": method, "conditions": labels, **whole}
        unfolded["arguments"] = {parameter: value for _, _, parameter, value in keys}
        case_id = f"{case.id}[{suffix}]" if suffix else case.id
        reason = ""
        try:
            reason = _inapplicable(plan.document, index, case, claims, names) or _wrong_site(claims, names)
            declared = (
                {}
                if reason
                else {
                    name: declare(plan.document, index, name, measure, claims, library, names)
                    for name, measure in case.measures.items()
                }
            )
            yield PlannedCase(case_id, measures=declared, inapplicable=reason, **unfolded)
        except Undeclared as undeclared:
            yield PlannedCase(case_id, missing=undeclared.path, **unfolded)


def _inapplicable(document: Document[PlanFile], index: int, case: Case, claims: Claims, names: dict[str, Any]) -> str:
    for condition in conditions(case.applies):
        path = path_of(condition.claim, names, document, index, "applies")
        if reason := condition.inapplicable(claims, path):
            return reason
    return ""


def _unneeded(case: Case, claims: Claims, library: Library) -> str:
    """Return why none of the requirements that a case verifies applies to this device, "" if one does or may."""
    reasons = []
    for name in case.verifies:
        try:
            reason = library.requirements[name].inapplicable(claims)
        except Undeclared:
            return ""
        if not reason:
            return ""
        reasons.append(f"{name}: {reason}")
    return "; ".join(dict.fromkeys(reasons))


def _wrong_site(claims: Claims, names: dict[str, Any]) -> str:
    if "programme" not in names or "site" not in names:
        return ""
    programme: Programme = claims.programme(names["programme"])
    if programme.sites is not None and names["site"] not in programme.sites:
        return f"the programme {names['programme']} is not for {names['site']}"
    return ""


def _check_applies(document: Document[PlanFile], index: int, case: Case) -> None:
    """Find a condition that can never hold: a typo there would make a case N/A and nobody miss it."""
    for condition in conditions(case.applies):
        try:
            condition.check()
        except ConfigError as error:
            raise ConfigError(f"{document.where('cases', index, 'applies')}: {error}") from None
