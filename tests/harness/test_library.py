"""Requirements, hazards and standards: what is named must be there, and an edition is chosen, never guessed."""

from pathlib import Path

import pytest

from harness.cases import PlannedCase, unfold
from harness.claims import Claims, Undeclared, load_claims
from harness.errors import ConfigError
from harness.hazards import load_hazards
from harness.library import Library, load_library
from harness.plan import load_plan

HAZARDS = """
hazards:
  - {id: HAZ-01, hazard: h, sequence: s, situation: s, harm: h, severity: SEVERITY, probability: PROBABILITY,
     provenance: proposed, controls: [{id: RC-01, kind: design, text: t}]}
"""
SEEN = "provenance: found, confidence: high, source: a page"
STANDARD = """
standard: STD:YEAR
family: STD
title: t
edition: "YEAR"
entries:
  touch: {value: TOUCH, condition: c, clause: "8.7", SEEN}
  patient: {value: {BF: 10 µA, CF: 5 µA}, condition: c, clause: "8.7", SEEN}
clauses:
  "8.7": {title: Leakage, SEEN}
""".replace("SEEN", SEEN)
REQUIREMENT = """
area: a
requirements:
  - id: REQ-A-001
    text: t
    rationale: r
    sources: [SOURCE]
    controls: [CONTROL]
    verification: test
MORE"""
CLAUSE = '{kind: standard, standard: STD, clause: "8.7", ref: x, provenance: remembered, confidence: low}'
PLAN = """
plan: OUT
title: t
revision: 1
purpose: p
does_not_cover: [n]
cases:
  - {id: OUT-001, title: t, verifies: [REQ-A-001], method: m, measures: {i: {unit: µA, max: {standard: PATH}}}}
"""


def _library(
    folder: Path,
    *,
    source: str = CLAUSE,
    control: str = "RC-01",
    more: str = "",
    severity: str = "serious",
    probability: str = "remote",
    later: str = "500 µA",
) -> Library:
    for name in ("standards", "requirements"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "hazards.yaml").write_text(
        HAZARDS.replace("SEVERITY", severity).replace("PROBABILITY", probability), encoding="utf-8"
    )
    for year, touch in (("1988", "100 µA"), ("2005", later)):
        text = STANDARD.replace("YEAR", year).replace("TOUCH", touch)
        (folder / "standards" / f"{year}.yaml").write_text(text, encoding="utf-8")
    text = REQUIREMENT.replace("SOURCE", source).replace("CONTROL", control).replace("MORE", more)
    (folder / "requirements" / "a.yaml").write_text(text, encoding="utf-8")
    return load_library(folder)


def _claims(folder: Path, more: str = "") -> Claims:
    path = folder / "claims.yaml"
    path.write_text(f"claims: C\nrevision: 1\n{more or 'device: {manufacturer: m, model: d}'}\n", encoding="utf-8")
    return load_claims(path)


def _cases(folder: Path, library: Library, claims: Claims, path: str) -> list[PlannedCase]:
    plan = folder / "p.yaml"
    plan.write_text(PLAN.replace("PATH", path), encoding="utf-8")
    return unfold(load_plan(plan), claims, library)


DEVICE = "device: {manufacturer: m, model: d, applied_part: PART}\nstandards: {STD: {edition: 'STD:YEAR'}}"


@pytest.mark.parametrize(("year", "limit"), [("1988", 100e-6), ("2005", 500e-6)])
def test_the_claims_choose_the_edition(tmp_path: Path, year: str, limit: float) -> None:
    """A limit that differs between editions is the one of the edition that is chosen, and says which."""
    claims = _claims(tmp_path, DEVICE.replace("PART", "BF").replace("YEAR", year))
    (case,) = _cases(tmp_path, _library(tmp_path), claims, "STD.touch")
    assert case.measures["i"].high == pytest.approx(limit)
    assert case.measures["i"].source.startswith(f"STD:{year} 8.7 (found")


def test_without_a_choice_nothing_is_judged(tmp_path: Path) -> None:
    """The case names the choice that is missing, and is not evaluated."""
    (case,) = _cases(tmp_path, _library(tmp_path), _claims(tmp_path), "STD.touch")
    assert (case.missing, case.measures) == ("standards.STD.edition", {})


def test_a_plan_may_name_an_edition(tmp_path: Path) -> None:
    """Then it is that one, whatever is chosen."""
    claims = _claims(tmp_path, DEVICE.replace("PART", "BF").replace("YEAR", "1988"))
    (case,) = _cases(tmp_path, _library(tmp_path), claims, "'STD:2005.touch'")
    assert case.measures["i"].high == pytest.approx(500e-6)


@pytest.mark.parametrize(("part", "limit"), [("BF", 10e-6), ("CF", 5e-6)])
def test_a_limit_may_differ_by_applied_part(tmp_path: Path, part: str, limit: float) -> None:
    """It is the one of the type that the claims declare."""
    claims = _claims(tmp_path, DEVICE.replace("PART", part).replace("YEAR", "2005"))
    (case,) = _cases(tmp_path, _library(tmp_path), claims, "STD.patient")
    assert case.measures["i"].high == pytest.approx(limit)


def test_a_type_of_applied_part_without_a_limit_is_not_evaluated(tmp_path: Path) -> None:
    """Type B has no value here; no other type's is taken for it."""
    claims = _claims(tmp_path, DEVICE.replace("PART", "B").replace("YEAR", "2005"))
    (case,) = _cases(tmp_path, _library(tmp_path), claims, "STD.patient")
    assert "device.applied_part" in case.missing


def test_what_a_tolerance_is_around_has_a_provenance_too(tmp_path: Path) -> None:
    """A target that nobody saw in its standard is as unverified as a limit."""
    claims = _claims(tmp_path, DEVICE.replace("PART", "BF").replace("YEAR", "1988"))
    plan = tmp_path / "p.yaml"
    plan.write_text(PLAN.replace("max: {standard: PATH}", "within: 10 %, of: {standard: STD.touch}"), encoding="utf-8")
    (case,) = unfold(load_plan(plan), claims, _library(tmp_path))
    assert case.measures["i"].provenance == ("plan", "found")


def test_an_observation_is_no_entry_of_a_standard(tmp_path: Path) -> None:
    """An entry is a quantity with a provenance: it limits what is measured, and is nothing to be seen."""
    library, claims = _library(tmp_path), _claims(tmp_path)
    plan = tmp_path / "p.yaml"
    plan.write_text(PLAN.replace("{unit: µA, max: {standard: PATH}}", "{is: {standard: STD.touch}}"), encoding="utf-8")
    with pytest.raises(ConfigError, match="is no observation"):
        unfold(load_plan(plan), claims, library)


def test_editions_must_not_differ_in_the_unit(tmp_path: Path) -> None:
    """A limit in volts in one edition and in amperes in the other is a slip."""
    library = _library(tmp_path, later="5 V")
    with pytest.raises(ConfigError, match="several units"):
        library.standards.entries("STD.touch")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"control": "RC-99"}, r"a\.yaml:8: .*no hazard has a control 'RC-99'"),
        (
            {"more": "    applies: {claim: 'sites.{site}.ramp', declared: true}\n"},
            r"a\.yaml:10: .*takes a condition of a case, and a requirement has none",
        ),
        ({"source": CLAUSE.replace("8.7", "9.9")}, r"a\.yaml:7: .*no edition of STD lists the clause '9.9'"),
        ({"source": CLAUSE.replace("STD", "ISO")}, "no standard is called 'ISO'"),
        ({"source": "{kind: claim, ref: output.tripp}"}, "no claim can be called 'output.tripp'"),
        ({"source": "{kind: claim, ref: output.trip, provenance: found}"}, "except for a claim"),
        ({"source": "{kind: seed, ref: x}"}, "needs 'provenance'"),
        ({"source": "{kind: standard, ref: x, provenance: found, confidence: low}"}, "names 'standard' and 'clause'"),
        ({"more": "    applies: {claim: output.waveforms, has: pulsd}\n"}, "never 'pulsd'"),
        ({"severity": "awful"}, r"hazards\.yaml:3: .*'negligible'"),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_place(tmp_path: Path, wrong: dict[str, str], said: str) -> None:
    """Nothing is run with a requirement that names what there is not."""
    with pytest.raises(ConfigError, match=said):
        _library(tmp_path, **wrong)


def test_a_case_is_inapplicable_if_none_of_its_requirements_applies(tmp_path: Path) -> None:
    """A device with direct current only has no pulsed requirements: N/A, and the reason says which claim decides."""
    library = _library(tmp_path, more="    applies: {claim: output.waveforms, has: pulsed}\n")
    device = "device: {manufacturer: m, model: d}\noutput: {waveforms: [WAVES]}"
    for waves, reason in (("dc", "REQ-A-001: the claim output.waveforms is not 'pulsed'"), ("dc, pulsed", "")):
        (case,) = _cases(tmp_path, library, _claims(tmp_path, device.replace("WAVES", waves)), "'STD:2005.touch'")
        assert case.inapplicable == reason


def test_what_decides_and_is_undeclared_makes_nothing_inapplicable(tmp_path: Path) -> None:
    """Claims that say nothing of waveforms do not free a device of the requirement."""
    library = _library(tmp_path, more="    applies: {claim: output.waveforms, has: pulsed}\n")
    (case,) = _cases(tmp_path, library, _claims(tmp_path), "'STD:2005.touch'")
    assert not case.inapplicable
    with pytest.raises(Undeclared, match=r"output\.waveforms"):
        library.requirements["REQ-A-001"].inapplicable(_claims(tmp_path))


def test_a_fingerprint_is_over_all_that_a_requirement_says(tmp_path: Path) -> None:
    """Whatever is changed in it, links to it become suspect."""
    before = _library(tmp_path).requirements["REQ-A-001"].fingerprint
    assert _library(tmp_path).requirements["REQ-A-001"].fingerprint == before
    changed = [{"more": "    untested: because\n"}, {"source": CLAUSE.replace("low", "high")}]
    prints = {_library(tmp_path, **change).requirements["REQ-A-001"].fingerprint for change in changed}
    assert len(prints | {before}) == 3


@pytest.mark.parametrize(
    ("severity", "probability", "risk"),
    [
        ("negligible", "frequent", "medium"),
        ("minor", "remote", "low"),
        ("serious", "occasional", "medium"),
        ("serious", "probable", "high"),
        ("catastrophic", "improbable", "medium"),
        ("catastrophic", "remote", "high"),
    ],
)
def test_a_risk_follows_from_severity_and_probability(
    tmp_path: Path, severity: str, probability: str, risk: str
) -> None:
    """By the matrix, which grows with both."""
    library = _library(tmp_path, severity=severity, probability=probability)
    assert library.hazards.risk(["RC-01"]) == risk


def test_a_control_belongs_to_one_hazard(tmp_path: Path) -> None:
    """An id that is used twice would make two hazards look controlled."""
    path = tmp_path / "hazards.yaml"
    second = HAZARDS.strip().partition("\n")[2].replace("HAZ-01", "HAZ-02")
    text = f"{HAZARDS.rstrip()}\n{second}\n".replace("SEVERITY", "minor").replace("PROBABILITY", "remote")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="RC-01 is used twice"):
        load_hazards(path)
