"""The catalogue that is shipped: requirements, hazards, standards, facts, results and populations fit together."""

import re
from collections import Counter
from pathlib import Path

import pytest

from harness.cases import PlannedCase, unfold
from harness.claims import load_claims
from harness.documents import package_file
from harness.errors import ConfigError
from harness.externals import load_externals
from harness.finding import Findings, in_order
from harness.hazards import load_hazards
from harness.library import load_library
from harness.plan import find_plans, load_plan
from harness.populations import compared, load_populations
from harness.provenance import SEEN
from harness.seed import load_seed, prove_seed

FOLDER = package_file("test_plans")
LIBRARY = load_library(FOLDER)
PLANS = [load_plan(path) for path in find_plans(FOLDER)]
CASES = [case for plan in PLANS for case in plan.content.cases]
EDITIONS = [document.content for document in LIBRARY.standards.documents]
CITED = {(s.standard, s.clause) for r in LIBRARY.requirements.values() for s in r.sources if s.kind == "standard"}
REFERENCE = load_claims(FOLDER / "claims" / "reference.yaml")


def test_there_are_at_least_120_requirements() -> None:
    """The catalogue covers a device of this kind, area by area."""
    areas = Counter(LIBRARY.area_of[name] for name in LIBRARY.requirements)

    assert len(LIBRARY.requirements) >= 120
    assert len(areas) >= 12


def test_there_are_at_least_twelve_plans() -> None:
    """Each with what it does not cover, so that nobody reads that into a pass."""
    assert len(PLANS) >= 12
    assert [plan.content.plan for plan in PLANS if not plan.content.does_not_cover] == []


def test_every_requirement_has_a_case_or_a_reason() -> None:
    """A requirement that nothing verifies would be missing from every report."""
    verified = {name for case in CASES for name in case.verifies}

    assert [r.id for r in LIBRARY.requirements.values() if r.id not in verified and not r.untested] == []


def test_every_case_names_requirements_that_there_are() -> None:
    """An orphan would be tested for nothing."""
    assert [case.id for case in CASES if not set(case.verifies) <= set(LIBRARY.requirements)] == []


def test_every_requirement_is_a_sentence_with_a_reason() -> None:
    """Sources and controls are there, or the file would not load; the reason must be more than an empty text."""
    for requirement in LIBRARY.requirements.values():
        assert requirement.rationale, requirement.id
        assert requirement.text.endswith("."), requirement.id


def test_no_two_requirements_say_the_same() -> None:
    """A text that stands twice would be verified in one place and forgotten in the other."""
    texts = Counter(requirement.text for requirement in LIBRARY.requirements.values())

    assert [text for text, count in texts.items() if count > 1] == []


def test_every_control_is_stated_by_a_requirement() -> None:
    """A control that no requirement states is a wish."""
    stated = {control for requirement in LIBRARY.requirements.values() for control in requirement.controls}

    assert set(LIBRARY.hazards.of_control) == stated


def test_every_hazard_is_controlled_by_more_than_information_where_its_risk_is_high() -> None:
    """Information is the last of the three options of ISO 14971."""
    for hazard in LIBRARY.hazards.by_id.values():
        kinds = {control.kind for control in hazard.controls}
        assert hazard.risk != "high" or kinds & {"design", "protection"}, hazard.id


def test_every_clause_has_a_requirement_or_says_what_is_left() -> None:
    """No clause of a cited standard is passed over in silence."""
    silent = [
        f"{file.standard} {name}"
        for file in EDITIONS
        for name, clause in file.clauses.items()
        if (file.family, name) not in CITED and not clause.uncovered
    ]

    assert silent == []


def test_a_clause_belongs_to_a_requirement_or_is_left_out_as_a_whole() -> None:
    """What is said to be left out wholly has no requirement."""
    whole = [
        (f.family, name)
        for f in EDITIONS
        for name, c in f.clauses.items()
        if (c.uncovered or "").startswith("all of it")
    ]

    assert set(whole) & CITED == set()


def test_every_standard_that_is_cited_names_a_family() -> None:
    """The edition is the choice of the claims, never of a requirement."""
    families = {file.family for file in EDITIONS}

    assert {family for family, _ in CITED} <= families


def test_no_clause_or_entry_is_called_verified() -> None:
    """Nobody here compared anything with a bought copy."""
    everything = [item for f in EDITIONS for item in (*f.entries.values(), *f.clauses.values())]

    assert [item for item in everything if item.provenance == "verified"] == []


def test_what_was_seen_says_where() -> None:
    """A datum that is called found names its place, and none that was found names memory alone."""
    for file in EDITIONS:
        for name, item in (*file.entries.items(), *file.clauses.items()):
            if item.provenance in SEEN:
                assert "memory" not in re.split(r"[;,]", item.source)[0], f"{file.standard} {name}"


def test_the_clause_of_every_entry_stands_in_the_table() -> None:
    """A limit whose clause, or the one above it, is not in the table would be missing from the list of clauses."""
    for file in EDITIONS:
        for name, entry in file.entries.items():
            number = re.split(r"[ ,]", entry.clause)[0]
            above = any(number == clause or number.startswith(f"{clause}.") for clause in file.clauses)
            assert above or entry.clause in file.clauses, f"{file.standard}.{name}: {entry.clause}"


def test_leakage_differs_by_edition_where_the_standard_does() -> None:
    """Earth leakage rose tenfold with the third edition; direct current between patient connections did not."""
    old, new = (next(f for f in EDITIONS if f.standard == f"IEC60601-1:{year}").entries for year in (1988, 2005))

    assert new["earth_leakage_nc"].si(REFERENCE) == pytest.approx(10 * old["earth_leakage_nc"].si(REFERENCE))
    assert (
        new["patient_auxiliary_dc_nc"].si(REFERENCE)
        == old["patient_auxiliary_dc_nc"].si(REFERENCE)
        == pytest.approx(1e-5)
    )


def cases_of(case_id: str, claims: Path) -> list[PlannedCase]:
    """Return the cases of an id, unfolded for a device."""
    plan = next(plan for plan in PLANS if plan.content.plan == case_id.split("-")[0])
    return [case for case in unfold(plan, load_claims(claims), LIBRARY) if case.base == case_id]


def test_the_claims_choose_the_edition_of_a_limit(tmp_path: Path) -> None:
    """By the first edition of the stimulator standard pulses may be off by 30 %, by the second by 20 %."""
    text = (FOLDER / "claims" / "reference.yaml").read_text(encoding="utf-8")
    old = tmp_path / "old.yaml"
    old.write_text(text.replace("IEC60601-2-10:2012", "IEC60601-2-10:1987"), encoding="utf-8")

    by_second = {c.measures["period"].relative for c in cases_of("TGL-070", FOLDER / "claims" / "reference.yaml")}
    by_first = {c.measures["period"].relative for c in cases_of("TGL-070", old)}

    assert (by_first, by_second) == ({0.3}, {0.2})


def test_without_a_chosen_edition_a_limit_of_a_standard_is_not_evaluated(tmp_path: Path) -> None:
    """And the claim that is missing is named: nobody's default is ever a limit."""
    text = (FOLDER / "claims" / "reference.yaml").read_text(encoding="utf-8")
    none = tmp_path / "none.yaml"
    none.write_text(text.replace("    edition: IEC60601-2-10:2012\n", ""), encoding="utf-8")

    assert {case.missing for case in cases_of("OUT-031", none)} == {"standards.IEC60601-2-10.edition"}


def test_a_named_medicine_makes_it_a_device_of_another_class(tmp_path: Path) -> None:
    """Only then it is asked who regulates it with that medicine, and whether an allergy to it is a contraindication."""
    reference = FOLDER / "claims" / "reference.yaml"
    named = tmp_path / "named.yaml"
    text = reference.read_text(encoding="utf-8")
    text = text.replace("  applied_part: BF\n", "  applied_part: BF\n  medicine: a named one\n")
    named.write_text(text.replace("device.medicine, ", ""), encoding="utf-8")

    for case_id in ("INS-410", "INS-512"):
        assert [case.inapplicable for case in cases_of(case_id, named)] == [""]
        assert "device.medicine" in cases_of(case_id, reference)[0].inapplicable


def test_pulse_parameters_differ_by_edition() -> None:
    """The first edition allowed 30 %, the second allows 20 %."""
    old, new = (next(f for f in EDITIONS if f.standard == f"IEC60601-2-10:{year}").entries for year in (1987, 2012))

    assert (old["pulse_parameters"].si(REFERENCE), new["pulse_parameters"].si(REFERENCE)) == (0.3, 0.2)


def test_figures_that_are_wrongly_laid_to_the_stimulator_standard_are_not_in_it() -> None:
    """50 µC, 60 mA and 30 µC/cm² go round in repositories, and stand in no edition that is known here."""
    values = {entry.value for f in EDITIONS if f.family == "IEC60601-2-10" for entry in f.entries.values()}

    assert values & {"50 µC", "60 mA"} == set()


def test_every_seed_fact_has_requirements_or_a_reason() -> None:
    """Nothing of what was asked for was lost on the way."""
    facts = load_seed(FOLDER / "seed.yaml", LIBRARY).content.facts

    assert len(facts) >= 20
    assert all(fact.requirements or fact.reason for fact in facts)


def test_every_source_of_the_seed_is_backed_by_a_fact() -> None:
    """A requirement that cites the seed is named by a fact of it."""
    named = {name for fact in load_seed(FOLDER / "seed.yaml", LIBRARY).content.facts for name in fact.requirements}
    citing = {r.id for r in LIBRARY.requirements.values() if any(s.kind == "seed" for s in r.sources)}

    assert citing <= named


def test_a_fact_with_a_requirement_that_there_is_not_is_refused(tmp_path: Path) -> None:
    """And the place in the file is named."""
    path = tmp_path / "seed.yaml"
    path.write_text("facts:\n  - {id: SEED-01, fact: words, requirements: [REQ-NO-001]}\n", encoding="utf-8")

    with pytest.raises(
        ConfigError, match=r"seed\.yaml:2: facts\.0\.requirements: no requirement is called 'REQ-NO-001'"
    ):
        load_seed(path, LIBRARY)


def test_facts_that_are_wrong_are_a_finding(tmp_path: Path) -> None:
    """And those that are shipped are in order."""
    wrong, right = Findings(), Findings()
    prove_seed(tmp_path / "seed.yaml", LIBRARY, wrong)
    prove_seed(FOLDER / "seed.yaml", LIBRARY, right)

    assert not in_order(wrong)
    assert in_order(right)


def test_a_fact_with_neither_requirement_nor_reason_is_refused(tmp_path: Path) -> None:
    """Silence is no reason."""
    path = tmp_path / "seed.yaml"
    path.write_text("facts:\n  - {id: SEED-01, fact: words}\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="either requirements, or the reason"):
        load_seed(path, LIBRARY)


def test_each_external_result_of_the_reference_says_that_it_is_an_example() -> None:
    """There is no such laboratory, and the reports say so at their head."""
    path = FOLDER / "external_results" / "reference.yaml"
    results = load_externals(path).content.results
    applicable = {
        case.id
        for case in CASES
        if case.external and not any(LIBRARY.requirements[name].inapplicable(REFERENCE) for name in case.verifies)
    }

    assert set(results) == applicable
    for result in results.values():
        assert all("example" in words for words in (result.laboratory, result.accreditation, result.remark))
        assert "It is no evidence of anything" in (path.parent / result.file).read_text(encoding="utf-8")


def test_special_controls_are_a_checklist() -> None:
    """Each special control has a requirement, except for use in the ear."""
    controls = next(f for f in EDITIONS if f.family == "21CFR890-5525").clauses

    assert [name for name in controls if ("21CFR890-5525", name) not in CITED] == ["(b)(2)(i)(C)"]


def test_populations_have_sources_and_disputes() -> None:
    """Perception, discomfort, maxima and densities, each with where its sources contradict each other."""
    contents = [document.content for document in LIBRARY.populations]

    assert {content.quantity for content in contents} == {"perception", "discomfort", "maximum", "density"}
    assert all(content.disputes and all(figure.source for figure in content.figures) for content in contents)


def test_populations_stand_beside_the_claims_of_their_sites() -> None:
    """In the unit that is printed, and with None where nothing is declared."""
    profiles = {profile["quantity"]: profile for profile in compared(LIBRARY.populations, REFERENCE)}
    dalziel = next(f for f in profiles["perception"]["figures"] if "another copy" in f["statistic"])
    public = load_claims(FOLDER / "claims" / "kawe-swisto3.yaml")
    maxima = next(p for p in compared(LIBRARY.populations, public) if p["quantity"] == "maximum")
    armpits = next(f for f in maxima["figures"] if f["sites"] == ["armpits"])
    feet = next(f for f in maxima["figures"] if "feet" in f["sites"])

    assert dalziel["value"] == 6.2
    assert dalziel["beside"] == {"sites.hands.perception_onset": 2.0}
    assert armpits["beside"] == {"sites.armpits.maximum": 5.0}
    assert feet["beside"] == {"sites.hands.maximum": None, "sites.feet.maximum": None}


def test_no_plan_takes_a_limit_from_a_population() -> None:
    """No standard defines a threshold of tingling in water, so that none of these figures may judge."""
    for path in find_plans(FOLDER):
        assert "population" not in path.read_text(encoding="utf-8"), path.name


def test_a_population_in_another_unit_is_refused(tmp_path: Path) -> None:
    """A density is no current."""
    text = (FOLDER / "populations" / "density.yaml").read_text(encoding="utf-8")
    (tmp_path / "density.yaml").write_text(text.replace("2 mA/cm²\n", "2 mA\n"), encoding="utf-8")

    with pytest.raises(ConfigError, match="a density is in A/m²"):
        load_populations(tmp_path)


def test_the_hazard_analysis_reads_as_a_chain() -> None:
    """Hazard, sequence, situation and harm are each said, and severity and probability are called a proposal."""
    hazards = load_hazards(FOLDER / "hazards.yaml").by_id.values()

    assert len(hazards) >= 20
    assert all(h.hazard and h.sequence and h.situation and h.harm and h.provenance == "proposed" for h in hazards)
