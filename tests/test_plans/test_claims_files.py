"""The documents that are shipped: every file loads, and whatever one names another has."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cases import PlannedCase, unfold
from harness.claims import Claims, load_claims
from harness.documents import package_file
from harness.inspections import load_inspections
from harness.library import load_library
from harness.methods import find_method, load_methods
from harness.plan import LimitSource, Plan, find_plans, load_plan, placeholders

FOLDER = package_file("test_plans")
LIBRARY = load_library(FOLDER)
PLANS = [load_plan(path) for path in find_plans(FOLDER)]
REFERENCE = load_claims(FOLDER / "claims" / "reference.yaml")
PUBLIC = load_claims(FOLDER / "claims" / "kawe-swisto3.yaml")


def cases_of(claims: Claims) -> list[PlannedCase]:
    """Return all cases of all plans for a device."""
    return [case for plan in PLANS for case in unfold(plan, claims, LIBRARY)]


def claims_named(plan: Plan) -> Iterator[str]:
    """Yield every claim that a plan names as a limit, with the names in braces put in as its cases have them."""
    measures = {case.id: case.measures for case in plan.content.cases}
    for case in unfold(plan, REFERENCE, LIBRARY):
        for measure in () if case.inapplicable else measures[case.base].values():
            for bound in (measure.max, measure.min, measure.within, measure.of, measure.expected):
                if isinstance(bound, LimitSource) and bound.claim is not None:
                    yield placeholders(bound.claim, case.conditions)


def test_the_plans_are_there() -> None:
    """What is measured, what a person looks at, and what other laboratories found."""
    measured = {
        "OUT",
        "TGL",
        "SES",
        "FLT",
        "STS",
        "SCH",
        "PRO",
        "LOD",
        "CMF",
        "SUP",
        "LKG",
        "CFT",
        "DOS",
        "ENV",
        "IND",
        "PRG",
    }

    assert measured | {"INS", "EXT"} <= {plan.content.plan for plan in PLANS}


def test_each_means_of_verification_is_the_one_that_is_used() -> None:
    """A test is verified by a method, what another laboratory found by its result, the rest by a person."""
    for plan in PLANS:
        for case in plan.content.cases:
            means = "test" if case.method else "external" if case.external else "inspection"
            for name in case.verifies:
                asked = LIBRARY.requirements[name].verification
                assert means == ("inspection" if asked == "analysis" else asked), f"{case.id} verifies {name}"


def test_the_reference_claims_leave_nothing_open_that_a_plan_asks_for() -> None:
    """No case of the reference device lacks a claim."""
    assert [(case.id, case.missing) for case in cases_of(REFERENCE) if case.missing] == []


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.content.plan)
def test_every_claim_that_a_plan_names_is_declared_by_the_reference(plan: Plan) -> None:
    """In every case that its sweeps unfold to."""
    assert [path for path in claims_named(plan) if not REFERENCE.declared(path)] == []


def test_every_method_is_there_and_takes_what_its_case_gives() -> None:
    """A misspelt method, or a condition that it does not know, would end a run before it begins."""
    for plan in PLANS:
        module = load_methods(plan)
        for case in unfold(plan, REFERENCE, LIBRARY):
            assert case.inspection or case.external or find_method(case, module).__doc__


def test_the_case_ids_are_unique() -> None:
    """Two cases of one name could not be told apart in a record."""
    ids = [case.id for case in cases_of(REFERENCE)]

    assert len(ids) == len(set(ids))


def test_the_default_run_is_small_enough() -> None:
    """A run must stay short, and nobody reads a thousand results."""
    assert len(cases_of(REFERENCE)) <= 1000


def test_ten_repeats_are_declared_wherever_a_method_repeats() -> None:
    """The worst of ten is judged, and one missing repeat is no pass."""
    faults = next(plan for plan in PLANS if plan.content.plan == "FLT")

    assert {measure.repeats for case in faults.content.cases for measure in case.measures.values()} == {10}


def test_a_device_with_public_figures_alone_lacks_claims_in_every_measured_case() -> None:
    """What nobody declared is not evaluated, and the claim that is missing is named."""
    measured = [case for case in cases_of(PUBLIC) if not case.inspection and not case.external]

    assert measured
    assert all(case.missing or case.inapplicable for case in measured)


def test_every_standards_entry_says_where_it_is_from() -> None:
    """Provenance, confidence and clause stand beside every number."""
    for document in LIBRARY.standards.documents:
        for name, entry in document.content.entries.items():
            assert entry.clause, name
            assert entry.condition, name
            assert entry.source, name


def test_the_reference_inspections_answer_every_question() -> None:
    """An unanswered one would leave the reference device incomplete."""
    answers = load_inspections(FOLDER / "inspections" / "reference.yaml").content.answers
    asked = {case.id for case in cases_of(REFERENCE) if case.inspection and not case.inapplicable}

    assert asked == set(answers)


def test_no_reference_inspection_claims_what_nobody_did() -> None:
    """The reference device is virtual, so that each of its answers must say that it is an example."""
    answers = load_inspections(FOLDER / "inspections" / "reference.yaml").content.answers

    assert all("example" in (answer.remark or "") and "nobody" in answer.inspector for answer in answers.values())


def test_every_limit_of_a_fault_says_who_declared_it() -> None:
    """A report must print who stands for the time in which a fault ends."""
    sources = {m.source for case in cases_of(REFERENCE) for m in case.measures.values() if "claim faults." in m.source}

    assert len(sources) > 20
    assert all("declared by manufacturer, " in source for source in sources)


@pytest.mark.parametrize("path", sorted(Path(FOLDER).glob("*.py")), ids=lambda path: path.name)
def test_methods_hold_no_verdict_and_touch_no_wall_clock(path: Path) -> None:
    """No assert, no try, no time, no limit module in what runs on the bench."""
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"^\s*(?:assert|try\b|import time|from time|from harness\.limits)", text, re.MULTILINE) == []
