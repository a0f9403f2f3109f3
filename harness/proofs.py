"""Proofs about plans that need no bench: nothing is left without a case, a source, a unit or a reason.

That a limit has exactly one source, that it is in a unit of its measure, and that requirements, claims, entries and
conditions exist is found while a plan is read and unfolded (harness/plan.py, harness/declared.py). What is proved here
is what only shows when all plans, requirements and hazards are looked at together. A finding names file, line and key.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from harness.claims import Claims, Undeclared
from harness.finding import Findings
from harness.library import Library
from harness.plan import Case, LimitSource, Measure, Plan
from harness.prepared import Prepared
from harness.provenance import SEEN
from harness.requirements import Requirement

CATALOGUE = "catalogue"
"""The part that all findings about requirements and hazards belong to."""


def prove_plan(ready: Prepared, plan: Plan, findings: Findings) -> None:
    """Find what is wrong with a plan by itself, and say what was found to be well."""
    content, where = plan.content, plan.document.where
    unfolded = sum(case.plan is plan for case in ready.cases)
    for index, case in enumerate(content.cases):
        for name, count in Counter(case.verifies).items():
            if count > 1:
                text = f"{where('cases', index, 'verifies')}: {name} is there {count} times: name it once"
                findings.problem(content.plan, "cases", text)
    findings.ok(content.plan, "cases", f"revision {content.revision}: {unfolded} cases, each of a requirement")
    _prove_words(plan, findings)
    _tell_limits(ready, plan, findings)
    for claim in sorted({case.missing for case in ready.cases if case.plan is plan and case.missing}):
        cases = sum(case.plan is plan and case.missing == claim for case in ready.cases)
        text = f"{claim} is not declared in {ready.claims.document.path.name}: {cases} case(s) will not be evaluated"
        findings.warning(content.plan, "claims", text, "have the maker declare it, and enter it in the claims")


def prove_catalogue(library: Library, plans: Iterable[Plan], findings: Findings) -> None:
    """Find requirements and controls that nothing verifies, in all plans that there are."""
    verifying: dict[str, list[Case]] = defaultdict(list)
    for plan in plans:
        for case in plan.content.cases:
            for name in case.verifies:
                verifying[name].append(case)
    wrong = 0
    for requirement in library.requirements.values():
        for text in _requirement(requirement, verifying[requirement.id]):
            findings.problem(CATALOGUE, "requirements", f"{library.where(requirement.id)}: {text}")
            wrong += 1
    untested = sum(not verifying[name] for name in library.requirements)
    if not wrong:
        text = f"{len(library.requirements)}: {len(library.requirements) - untested} have cases, "
        findings.ok(CATALOGUE, "requirements", f"{text}{untested} a stated reason why there is none")
    _prove_hazards(library, verifying, findings)


def _prove_words(plan: Plan, findings: Findings) -> None:
    content, where = plan.content, plan.document.where
    if content.does_not_cover:
        findings.ok(content.plan, "does not cover", f"{len(content.does_not_cover)} things are named")
    else:
        text = f"{where('does_not_cover')}: the plan must name what it does not cover: nobody may read that into a pass"
        findings.problem(content.plan, "does not cover", text)
    if content.worst_case is None and any(case.sweep for case in content.cases):
        text = f"{where('worst_case')}: the plan sweeps conditions, and must tell how they were chosen"
        findings.problem(content.plan, "worst case", text)


def _tell_limits(ready: Prepared, plan: Plan, findings: Findings) -> None:
    """Tell where limits come from, and warn of those that nobody saw in their source."""
    kinds: Counter[str] = Counter()
    entries: dict[str, int] = {}
    for index, case in enumerate(plan.content.cases):
        for name, measure in case.measures.items():
            for bound in bounds(measure):
                kinds[_kind(bound)] += 1
            for path in entries_of(measure):
                entries.setdefault(path, plan.document.lines[("cases", index, "measures", name)])
    words = ", ".join(f"{count} from {kind}" for kind, count in sorted(kinds.items())) or "none"
    findings.ok(plan.content.plan, "limits", f"{sum(kinds.values())}, each with one source, in its unit: {words}")
    if not entries:
        return
    told = {f"line {line}, {path}": _provenance(path, ready.claims, ready.library) for path, line in entries.items()}
    text = f"{plan.document.path}: {'; '.join(f'{place}: {words}' for place, (words, _) in told.items())}"
    if all(seen for _, seen in told.values()):
        findings.ok(plan.content.plan, "provenance", text)
    else:
        advice = "compare what nobody saw with a bought copy: until then the plan cannot be approved"
        findings.warning(plan.content.plan, "provenance", text, advice)


def bounds(measure: Measure) -> Iterator[str | bool | int | LimitSource]:
    """Give every bound of a measure that has a source of its own; what it is around is none."""
    for bound in (measure.min, measure.max, measure.within, measure.expected):
        if bound is not None:
            yield bound


def entries_of(measure: Measure) -> Iterator[str]:
    """Give the path of every entry of a standard that a measure is judged by; what it is around is one too."""
    for bound in (*bounds(measure), measure.of):
        if isinstance(bound, LimitSource) and bound.standard is not None:
            yield bound.standard


def _kind(bound: str | bool | int | LimitSource) -> str:
    if not isinstance(bound, LimitSource):
        return "the plan"
    return "claims" if bound.claim is not None else "standards"


def _provenance(path: str, claims: Claims, library: Library) -> tuple[str, bool]:
    """Return what is known of an entry of a standard, and whether it was seen there."""
    try:
        edition, entry = library.standards.entry(path, claims)
    except Undeclared as undeclared:
        return str(undeclared), False
    return f"{edition}, {entry.clause}, {entry.provenance}, confidence {entry.confidence}", entry.provenance in SEEN


_MEANS = {"test": "method", "inspection": "inspection", "external": "external"}


def _requirement(requirement: Requirement, cases: list[Case]) -> Iterator[str]:
    """Give in words what is wrong with how a requirement is verified."""
    name = requirement.id
    if not cases and not requirement.untested:
        yield f"{name} has no case, and must have one, or 'untested' with the reason why there is none"
    if cases and requirement.untested:
        listed = ", ".join(dict.fromkeys(case.id for case in cases))
        yield f"{name} is called untested, and {listed} verifies it: take one of them away"
    means = _MEANS.get(requirement.verification)
    if cases and means is not None and all(getattr(case, means) is None for case in cases):
        listed = ", ".join(dict.fromkeys(case.id for case in cases))
        yield f"{name} is to be verified by {requirement.verification}, and none of {listed} is one"


def _prove_hazards(library: Library, verifying: dict[str, list[Case]], findings: Findings) -> None:
    """Find risk controls that no requirement states, or that no case verifies."""
    hazards = library.hazards
    stating: dict[str, list[Requirement]] = defaultdict(list)
    for requirement in library.requirements.values():
        for control in requirement.controls:
            stating[control].append(requirement)
    wrong = 0
    for control, hazard in hazards.of_control.items():
        requirements = stating[control]
        if any(verifying[requirement.id] for requirement in requirements):
            continue
        listed = ", ".join(requirement.id for requirement in requirements)
        what = f"no case verifies {listed}" if requirements else "no requirement states it"
        advice = "state it in a requirement that a case verifies" if not requirements else "give one of them a case"
        text = f"{hazards.where(control)}: {control} controls {hazard.id}, and {what}: {advice}"
        findings.problem(CATALOGUE, "hazards", text)
        wrong += 1
    if not wrong:
        text = f"{len(hazards.by_id)} hazards with {len(hazards.of_control)} controls, each verified by a case"
        findings.ok(CATALOGUE, "hazards", text)
