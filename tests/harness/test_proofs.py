"""`plan check` as proof: what is left without a case, a source, a unit or a reason is named by file, line and key."""

from pathlib import Path

import pytest

from harness.commands.options import REFERENCE_CLAIMS
from harness.commands.proving import prove
from harness.errors import ConfigError
from harness.finding import Finding, Findings, State
from harness.plan import Plan, load_plan
from harness.proofs import CATALOGUE, prove_catalogue
from tests.harness.small_house import HAZARDS, REQUIREMENTS, small_library

PLAN = """\
plan: ZZZ
title: t
revision: 1
purpose: p
worst_case: the highest level, because nothing is larger
does_not_cover: [everything else]
cases:
  - id: ZZZ-001
    title: t
    verifies: [REQ-OUT-001]
    method: nothing
    sweep: {site: [hands]}
    measures:
      current: {unit: mA, max: {claim: output.trip}}
"""
METHODS = '''"""Methods of a test."""


def nothing(bench, step, claims, *, site):
    """Do nothing."""
'''


def _check(folder: Path, plan: str) -> list[Finding]:
    """Return what `plan check --static` finds wrong with a plan, apart from the catalogue of all plans."""
    (folder / "zzz.yaml").write_text(plan)
    (folder / "zzz.py").write_text(METHODS)
    found = prove([folder / "zzz.yaml"], REFERENCE_CLAIMS, dry_run=False)
    return [finding for finding in found if finding.state is State.PROBLEM and finding.part != CATALOGUE]


def test_a_plan_that_is_whole_is_proven(tmp_path: Path) -> None:
    """Nothing is wrong with the plan that the others of this file are broken from."""
    assert _check(tmp_path, PLAN) == []


@pytest.mark.parametrize(
    ("whole", "broken", "line", "error"),
    [
        ("[REQ-OUT-001]", "[]", 10, "cases.0.verifies: list should have at least 1 item"),
        ("[REQ-OUT-001]", "[REQ-OUT-999]", 10, "cases.0.verifies: no requirement is called 'REQ-OUT-999'"),
        ("[REQ-OUT-001]", "[REQ-OUT-001, REQ-OUT-001]", 10, "cases.0.verifies: REQ-OUT-001 is there 2 times"),
        ("{claim: output.trip}", "{claim: output.trip, standard: x.y}", 14, "a limit names exactly one source"),
        ("max: {claim: output.trip}", "max: 1 mA, report: only", 14, "a measure has exactly one of: a limit"),
        ("max: {claim: output.trip}", "rule: guarded", 14, "a measure has exactly one of: a limit"),
        ("unit: mA", "unit: mV", 14, "cases.0.measures.current: 'output.trip' is in A, but the measure is in mV"),
        ("{claim: output.trip}", "5 V", 14, "cases.0.measures.current: '5 V' is in V, but the measure is in mA"),
        ("does_not_cover: [everything else]\n", "", 1, "does_not_cover"),
        ("does_not_cover: [everything else]\n", "does_not_cover: []\n", 6, "does_not_cover"),
        ("worst_case: the highest level, because nothing is larger\n", "", 1, "worst_case: the plan sweeps conditions"),
        ("method: nothing", "method: something", 11, "no method is called 'something' in zzz.py; there are nothing"),
        ("site: [hands]", "foot: [left]", 11, "the method nothing takes site, but the case gives foot"),
    ],
)
def test_a_plan_that_is_broken_in_one_way_is_refused_with_its_place(
    tmp_path: Path, whole: str, broken: str, line: int, error: str
) -> None:
    """Each slip is a problem whose text has the file, the line, the key, and what must be there."""
    assert whole in PLAN

    wrong = _check(tmp_path, PLAN.replace(whole, broken))

    assert len(wrong) == 1
    assert f"zzz.yaml:{line}: " in wrong[0].text
    assert error in wrong[0].text


def test_one_broken_plan_hides_no_other(tmp_path: Path) -> None:
    """Two plans with a slip each are two problems."""
    (tmp_path / "one.yaml").write_text(PLAN.replace("[REQ-OUT-001]", "[]"))
    (tmp_path / "two.yaml").write_text("plan: nonsense\n")

    found = prove([tmp_path], REFERENCE_CLAIMS, dry_run=False)

    wrong = [finding.part for finding in found if finding.state is State.PROBLEM and finding.part != CATALOGUE]
    assert wrong == ["one", "two"]


def test_limits_are_listed_with_where_they_are_from(tmp_path: Path) -> None:
    """A limit of a standard stands there with its clause, its provenance, and a warning if nobody saw it."""
    standard = PLAN.replace("{claim: output.trip}", '{standard: "IEC60601-2-10:2012.dc_limit"}')
    (tmp_path / "zzz.yaml").write_text(standard)
    (tmp_path / "zzz.py").write_text(METHODS)

    found = prove([tmp_path / "zzz.yaml"], REFERENCE_CLAIMS, dry_run=False)

    (finding,) = [finding for finding in found if finding.check == "provenance"]
    assert finding.state is State.WARNING
    assert "line 14, IEC60601-2-10:2012.dc_limit: IEC60601-2-10:2012, 201.12.4" in finding.text
    assert "remembered, confidence high" in finding.text


def _plan(folder: Path, case: str = "method: nothing\n    measures: {i: {unit: A, report: only}}") -> Plan:
    path = folder / "p.yaml"
    head = "plan: OUT\ntitle: t\nrevision: 1\npurpose: p\ndoes_not_cover: [x]\ncases:\n  - id: OUT-001\n    title: t\n"
    path.write_text(f"{head}    verifies: [REQ-OUT-001]\n    {case}\n")
    return load_plan(path)


def _catalogue(folder: Path, plans: list[Plan], **parts: str) -> list[str]:
    findings = Findings()
    prove_catalogue(small_library(folder, **parts), plans, findings)
    return [finding.text for finding in findings if finding.state is State.PROBLEM]


def test_a_catalogue_that_is_whole_is_proven(tmp_path: Path) -> None:
    """One hazard, its control, the requirement that states it and the case that verifies it: nothing is missing."""
    assert _catalogue(tmp_path, [_plan(tmp_path)]) == []


def test_a_requirement_without_a_case_or_a_reason_is_found(tmp_path: Path) -> None:
    """It is named with its file and line, and so is the control that it leaves unverified."""
    untested, control = _catalogue(tmp_path, [])

    assert "requirements/x.yaml:3: requirements.0.id: REQ-OUT-001 has no case" in untested
    assert (
        "hazards.yaml:11: hazards.0.controls.0.id: RC-01 controls HAZ-01, and no case verifies REQ-OUT-001" in control
    )


def test_a_reason_in_words_stands_for_a_case(tmp_path: Path) -> None:
    """A requirement that says why no case speaks for it is in order; its control is not verified by that."""
    stated = REQUIREMENTS + "    untested: nobody has a bench for it\n"

    (only,) = _catalogue(tmp_path, [], requirements=stated)

    assert "RC-01 controls HAZ-01" in only


def test_a_requirement_is_not_both_tested_and_untested(tmp_path: Path) -> None:
    """A reason that is left behind when a case was written is found."""
    (only,) = _catalogue(tmp_path, [_plan(tmp_path)], requirements=REQUIREMENTS + "    untested: not yet\n")

    assert "REQ-OUT-001 is called untested, and OUT-001 verifies it" in only


def test_a_requirement_is_verified_by_the_means_that_it_names(tmp_path: Path) -> None:
    """An inspection alone does not verify what is to be tested."""
    (only,) = _catalogue(tmp_path, [_plan(tmp_path, "inspection: Is it so?")])

    assert "REQ-OUT-001 is to be verified by test, and none of OUT-001 is one" in only


def test_a_control_that_no_requirement_states_is_found(tmp_path: Path) -> None:
    """A control that was only thought of is not verified."""
    more = HAZARDS + "      - {id: RC-02, kind: protection, text: a fuse}\n"

    (only,) = _catalogue(tmp_path, [_plan(tmp_path)], hazards=more)

    assert "hazards.yaml:12: hazards.0.controls.1.id: RC-02 controls HAZ-01, and no requirement states it" in only


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"hazards": HAZARDS.partition("    controls:")[0] + "    controls: []\n"}, r"hazards\.yaml:10: .*controls"),
        ({"requirements": REQUIREMENTS.replace("RC-01", "RC-99")}, r"x\.yaml:7: .*no hazard has a control 'RC-99'"),
    ],
)
def test_what_hangs_in_the_air_cannot_be_read(tmp_path: Path, parts: dict[str, str], error: str) -> None:
    """A hazard without a control, and a requirement of a control that there is not, are errors with their place."""
    with pytest.raises(ConfigError, match=error):
        small_library(tmp_path, **parts)
