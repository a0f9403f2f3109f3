"""Plans unfolded against claims: what is undeclared is named, and what is misspelt never runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cases import PlannedCase, unfold
from harness.claims import Claims, load_claims
from harness.errors import ConfigError
from harness.library import Library, load_library
from harness.plan import load_plan

CLAIMS = """
claims: C
revision: 1
device: {manufacturer: m, model: d}
supply: {nominal: 5 V}
output: {waveforms: [dc], tolerance: {relative: 5 %, absolute: 0.1 mA}, residual: 10 µA}
sites:
  hands: {maximum: 20 mA, levels: {count: 20, step: 1 mA, first: 1 mA}}
  feet: {maximum: 25 mA}
faults:
  short: {cutoff: 0.2 s, residual: 10 µA, declared_by: "manufacturer, spec 12 rev B"}
  open_electrode: {cutoff: 0.6 s}
programmes:
  short: {sites: [hands], shortest: 5 min, longest: 10 min}
"""
REQUIREMENTS = """
area: output
requirements:
  - {id: REQ-OUT-001, text: t, rationale: r, sources: [{kind: seed, ref: x, provenance: found, confidence: high}],
     controls: [RC-01], verification: test}
  - {id: REQ-OUT-002, text: t, rationale: r, sources: [{kind: claim, ref: output.pulse}], controls: [RC-01],
     verification: test, applies: {claim: output.waveforms, has: pulsed}}
"""
HAZARDS = """
hazards:
  - {id: HAZ-01, hazard: h, sequence: s, situation: s, harm: h, severity: serious, probability: remote,
     provenance: proposed, controls: [{id: RC-01, kind: design, text: t}]}
"""
STANDARD = """
standard: STD:1
family: STD
title: t
edition: "1"
entries:
  dc: {value: 80 mA, condition: 500 Ω, clause: "1.2", provenance: remembered, confidence: high, source: memory}
"""


@pytest.fixture
def claims(tmp_path: Path) -> Claims:
    """Claims in which feet have no levels."""
    path = tmp_path / "claims.yaml"
    path.write_text(CLAIMS)
    return load_claims(path)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """One requirement and one standard."""
    for folder, text in (("requirements", REQUIREMENTS), ("standards", STANDARD)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.yaml").write_text(text)
    (tmp_path / "hazards.yaml").write_text(HAZARDS)
    return load_library(tmp_path)


def _unfold(folder: Path, claims: Claims, library: Library, case: str) -> list[PlannedCase]:
    path = folder / "p.yaml"
    head = "plan: OUT\ntitle: t\nrevision: 1\npurpose: p\ncases:\n"
    path.write_text(f"{head}  - id: OUT-001\n    title: t\n    verifies: [REQ-OUT-001]\n    method: m\n{case}")
    return unfold(load_plan(path), claims, library)


def test_a_file_that_is_no_plan_by_its_name_is_refused_in_words(tmp_path: Path) -> None:
    """Who names the methods instead of the plan is told what a plan file is, and which one is beside them."""
    methods = tmp_path / "p.py"
    methods.write_text('"""Methods."""\n')

    with pytest.raises(ConfigError, match=r"p\.py must be a test plan: a YAML file whose name ends in \.yaml"):
        load_plan(methods)

    (tmp_path / "p.yaml").touch()
    with pytest.raises(ConfigError, match=rf"name {tmp_path / 'p.yaml'}$"):
        load_plan(methods)


def test_a_sweep_is_unfolded_in_its_order(tmp_path: Path, claims: Claims, library: Library) -> None:
    """Named levels, percentages and quantities become arguments in SI units, in the order of the plan."""
    cases = _unfold(
        tmp_path,
        claims,
        library,
        "    sweep: {site: [hands], level: [lowest, middle, highest], load: [2 kΩ], supply: [nominal, 90 %]}\n"
        "    measures: {i: {unit: mA, max: {claim: 'sites.{site}.maximum'}}}\n",
    )

    assert [case.arguments["level"] for case in cases] == [1, 1, 10, 10, 20, 20]
    assert cases[1].id == "OUT-001[hands-lowest-2kΩ-90%]"
    assert cases[1].arguments == {"site": "hands", "level": 1, "load_ohm": 2000.0, "supply_v": 4.5}
    assert cases[1].measures["i"].high == 0.02
    assert cases[1].measures["i"].source == "claim sites.hands.maximum"


def test_what_is_undeclared_is_named(tmp_path: Path, claims: Claims, library: Library) -> None:
    """A case whose sweep or limit the claims leave open is there, unjudged, with the claim that is missing."""
    levels = _unfold(
        tmp_path,
        claims,
        library,
        "    sweep: {site: [feet], level: each}\n    measures: {i: {unit: mA, max: 1 mA}}\n",
    )
    limit = _unfold(tmp_path, claims, library, "    measures: {i: {unit: mA, max: {claim: output.trip}}}\n")

    assert [case.missing for case in levels] == ["sites.feet.levels"]
    assert [case.missing for case in limit] == ["output.trip"]


def test_a_limit_of_a_fault_says_who_declared_it(tmp_path: Path, claims: Claims, library: Library) -> None:
    """No standard says how fast a fault must end, so who does stands beside the limit."""
    (case,) = _unfold(tmp_path, claims, library, "    measures: {t: {unit: ms, max: {claim: faults.short.cutoff}}}\n")

    assert case.measures["t"].high == 0.2
    assert case.measures["t"].source == "claim faults.short.cutoff, declared by manufacturer, spec 12 rev B"


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("faults.open_electrode.cutoff", "faults.open_electrode.declared_by"),
        ("faults.open_electrode.detection", "faults.open_electrode.detection"),
        ("faults.user_stop.cutoff", "faults.user_stop.cutoff"),
    ],
)
def test_a_limit_of_a_fault_that_nobody_declared_is_none(
    tmp_path: Path, claims: Claims, library: Library, claim: str, missing: str
) -> None:
    """A time without a name beside it is not evaluated, and what is missing is the name."""
    (case,) = _unfold(tmp_path, claims, library, f"    measures: {{t: {{unit: ms, max: {{claim: {claim}}}}}}}\n")

    assert case.missing == missing
    assert case.measures == {}


def test_a_programme_for_other_sites_does_not_apply(tmp_path: Path, claims: Claims, library: Library) -> None:
    """A programme that is not for a site makes the case N/A, with the reason."""
    cases = _unfold(
        tmp_path,
        claims,
        library,
        "    sweep: {programme: each, site: each}\n    measures: {i: {unit: mA, max: 1 mA}}\n",
    )

    assert [case.inapplicable for case in cases] == ["", "the programme short is not for feet"]


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("    measures: {i: {unit: mA, max: {claim: output.tripp}}}\n", "no claim can be called 'output.tripp'"),
        (
            "    measures: {i: {unit: mA, max: {standard: STD.ac}}}\n",
            r"no standard has an entry 'STD.ac'; known are STD:1\.dc",
        ),
        ("    measures: {i: {unit: s, max: {claim: output.residual}}}\n", "is in A, but the measure is in s"),
        ("    measures: {i: {unit: V, max: {standard: STD.dc}}}\n", "is in A, but the measure is in V"),
        ("    measures: {i: {unit: mA, max: 20}}\n", "max"),
        ("    measures: {i: {unit: mA, max: 20 mV}}\n", "'20 mV' is in V, but the measure is in mA"),
        ("    measures: {i: {unit: mA, maxx: 20 mA}}\n", r"'maxx' is not a key here .did you mean 'max'"),
        ("    measures: {i: {unit: mA}}\n", "exactly one of"),
        ("    measures: {i: {unit: mA, max: 1 mA, rule: sharp}}\n", "'simple', 'guarded'"),
        ("    measures: {i: {unit: mA, max: {claim: 'sites.{sight}.maximum'}}}\n", "{sight} is no condition"),
        ("    sweep: {level: [lowest]}\n    measures: {i: {unit: mA, max: 1 mA}}\n", "needs the site before it"),
        ("    sweep: {site: hands}\n    measures: {i: {unit: mA, max: 1 mA}}\n", "a sweep is a list"),
        ("    measures: {}\n", "must declare what it measures"),
        ("    sweep: {supply: each}\n    measures: {i: {unit: mA, max: 1 mA}}\n", "'each' is known for"),
        ("    sweep: {load: []}\n    measures: {i: {unit: mA, max: 1 mA}}\n", "load"),
        ("    measures: {i: {unit: mA, min: 5 mA, max: 1 mA}}\n", "must be below the upper one"),
        ("    measures: {i: {unit: mA, max: {standard: STD.dc}, rule: simple}}\n", "no accuracy of the scheme"),
        (
            "    measures: {i: {unit: mA, within: {claim: output.tolerance}, of: v}, v: {unit: V, report: only}}\n",
            "is in V",
        ),
        ("    measures: {v: {unit: V, within: {claim: output.tolerance}, of: 5 V}}\n", "a tolerance on V"),
        ("    measures: {i: {unit: mA, within: 5 %, of: {claim: supply.nominal}}}\n", "is in V"),
        (
            "    applies: {claim: output.waveforms, has: pulsd}\n    measures: {i: {unit: mA, max: 1 mA}}\n",
            "can be 'dc', 'pulsed', and never 'pulsd'",
        ),
        ("    applies: {claim: output.trip, has: x}\n    measures: {i: {unit: mA, max: 1 mA}}\n", "is no list"),
        ("    applies: {claim: output.wavefroms, has: dc}\n    measures: {i: {unit: mA, max: 1 mA}}\n", "wavefroms"),
    ],
)
def test_a_slip_in_a_plan_is_an_error_with_its_place(
    tmp_path: Path, claims: Claims, library: Library, case: str, error: str
) -> None:
    """Misspelt claims, entries, keys, units, rules and conditions are each found before anything is switched on."""
    with pytest.raises(ConfigError, match=error) as raised:
        _unfold(tmp_path, claims, library, case)

    assert "p.yaml:" in str(raised.value)


def test_claims_that_list_nothing_do_not_make_a_case_vanish(tmp_path: Path, library: Library) -> None:
    """An empty list of waveforms leaves the case there, with what is missing."""
    path = tmp_path / "none.yaml"
    path.write_text(CLAIMS.replace("waveforms: [dc]", "waveforms: []"))

    cases = _unfold(
        tmp_path,
        load_claims(path),
        library,
        "    sweep: {waveform: each}\n    measures: {i: {unit: mA, max: 1 mA}}\n",
    )

    assert [case.missing for case in cases] == ["output.waveforms"]


@pytest.mark.parametrize("claim", ["residual: -10 µA", "tolerance: {relative: -5 %}", "overshoot: -1 %"])
def test_a_claim_is_a_magnitude(tmp_path: Path, claim: str) -> None:
    """A negative claim is refused."""
    path = tmp_path / "negative.yaml"
    path.write_text(f"claims: C\nrevision: 1\ndevice: {{manufacturer: m, model: d}}\noutput: {{{claim}}}\n")

    with pytest.raises(ConfigError, match="must not be negative"):
        load_claims(path)


def test_a_requirement_that_does_not_exist_is_an_error(tmp_path: Path, claims: Claims, library: Library) -> None:
    """A case cannot verify what is written nowhere."""
    nothing = replace(library, areas=())

    with pytest.raises(ConfigError, match=r"p\.yaml:8: .*no requirement is called 'REQ-OUT-001'"):
        _unfold(tmp_path, claims, nothing, "    measures: {i: {unit: mA, max: 1 mA}}\n")


@pytest.mark.parametrize(
    ("sites", "expected"),
    [("hands, feet", "hands"), ("feet, armpits", "feet"), ("armpits", "armpits")],
)
def test_any_site_is_one_that_the_device_is_for(tmp_path: Path, library: Library, sites: str, expected: str) -> None:
    """What does not depend on the site is measured at the hands, or where else the device is for."""
    path = tmp_path / "claims.yaml"
    named = ", ".join(f"{site}: {{levels: [1 mA]}}" for site in sites.split(", "))
    path.write_text(f"claims: C\nrevision: 1\ndevice: {{manufacturer: m, model: d}}\nsites: {{{named}}}\n")
    swept = "    sweep: {site: any, level: [lowest]}\n    measures: {i: {unit: mA, max: 1 mA}}\n"

    (case,) = _unfold(tmp_path, load_claims(path), library, swept)

    assert case.conditions["site"] == expected


def test_a_site_that_the_device_has_not_leaves_its_case_out(tmp_path: Path, library: Library) -> None:
    """By the maker's word alone; a site of which nothing is said is asked for."""
    path = tmp_path / "claims.yaml"
    head = "claims: C\nrevision: 1\ndevice: {manufacturer: m, model: d}\nsites: {hands: {levels: [1 mA]}}\n"
    swept = "    sweep: {site: [SITES], level: [lowest]}\n    measures: {i: {unit: mA, max: 1 mA}}\n"
    for none, sites, expected in (
        ("sites.feet", "hands, feet", ("OUT-001[hands-lowest]", "", "")),
        ("sites.feet", "feet", ("OUT-001", "", "the maker declares that there is no sites.feet")),
        ("supply.battery", "hands, feet", ("OUT-001", "sites.feet.levels", "")),
    ):
        path.write_text(f"{head}has_none: [{none}]\n")
        (case,) = _unfold(tmp_path, load_claims(path), library, swept.replace("SITES", sites))
        assert (case.id, case.missing, case.inapplicable) == expected
