"""The dry run of `plan check`: what a method does not measure, or measures undeclared, is found by running it."""

import pytest

from harness.commands.options import REFERENCE_CLAIMS
from harness.commands.proving import prove
from harness.finding import Finding, State
from harness.proofs import CATALOGUE

PLAN = """\
plan: ZZZ
title: t
revision: 1
purpose: p
does_not_cover: [everything else]
worst_case: none
cases:
  - {id: ZZZ-001, title: whole, verifies: [REQ-OUT-001], method: whole, measures: {
      supply: {unit: V, report: only}, ready: {is: true}}}
  - {id: ZZZ-002, title: unreached, verifies: [REQ-OUT-001], method: whole, measures: {
      supply: {unit: V, report: only}, ready: {is: true}, current: {unit: mA, report: only}}}
  - {id: ZZZ-003, title: undeclared, verifies: [REQ-OUT-001], method: whole, measures: {ready: {is: true}}}
  - {id: ZZZ-004, title: too seldom, verifies: [REQ-OUT-001], method: whole, measures: {
      supply: {unit: V, report: only, repeats: 2}, ready: {is: true}}}
  - {id: ZZZ-005, title: unit, verifies: [REQ-OUT-001], method: whole, measures: {
      supply: {unit: mA, report: only}, ready: {is: true}}}
  - {id: ZZZ-006, title: an error, verifies: [REQ-OUT-001], method: broken, measures: {ready: {is: true}}}
  - {id: ZZZ-007, title: never run, verifies: [REQ-OUT-001], method: swept, sweep: {site: [elbow], level: [lowest]},
     measures: {ready: {is: true}}}
  - {id: ZZZ-008, title: sometimes, verifies: [REQ-OUT-001], method: sometimes, sweep: {site: [hands, feet]},
     measures: {ready: {is: true}}}
  - {id: ZZZ-009, title: nothing, verifies: [REQ-OUT-001], method: nothing, measures: {ready: {is: true}}}
  - {id: ZZZ-010, title: refined, verifies: [REQ-OUT-001], method: refined, measures: {
      supply: {unit: V, max: 5 V, refine: 2}}}
  - {id: ZZZ-011, title: for others, verifies: [REQ-OUT-001], method: nothing, measures: {ready: {is: true}},
     applies: {claim: device.applied_part, is: CF}}
"""
METHODS = '''"""Methods that do what a plan must not let pass."""

from harness.reading import Component, Reading


def whole(bench, step, claims):
    """Hand over a voltage and an observation."""
    with step("Read") as s:
        s.measure("supply", Reading(5.0, "V", (Component("dmm", 1e-6),), ("dmm",)))
        s.observe("ready", True)


def broken(bench, step, claims):
    """Ask for a load that no bench has."""
    bench.connect(load_ohm=123456.0)


def swept(bench, step, claims, *, site, level):
    """Observe."""
    with step("Look") as s:
        s.observe("ready", True)


def sometimes(bench, step, claims, *, site):
    """Observe at one site and not at the other."""
    with step("Look") as s:
        if site == "hands":
            s.observe("ready", True)


def nothing(bench, step, claims):
    """Do nothing."""


def refined(bench, step, claims):
    """Hand over what only more readings can decide."""
    with step("Read") as s:
        s.measure("supply", lambda: Reading(4.9999999, "V", (Component("dmm", 1e-6),), ("dmm",)))
'''


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What one dry run of all of it finds."""
    folder = tmp_path_factory.mktemp("plans")
    (folder / "zzz.yaml").write_text(PLAN)
    (folder / "zzz.py").write_text(METHODS)
    return list(prove([folder / "zzz.yaml"], REFERENCE_CLAIMS, dry_run=True))


@pytest.fixture
def found(everything: list[Finding]) -> list[Finding]:
    """What of it is wrong, apart from the catalogue of all plans."""
    return [finding for finding in everything if finding.state is State.PROBLEM and finding.part != CATALOGUE]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("zzz.yaml:11: cases.1.measures.current: ", "'current' is declared and never measured"),
        ("zzz.yaml:12: cases.2.measures.supply: ", "in the method whole, 'supply' is measured and not declared"),
        ("zzz.yaml:14: cases.3.measures.supply: ", "'supply' is measured 1 times, and declared 2 times"),
        ("zzz.yaml:16: cases.4.measures.supply: ", "'supply' is handed over in V, and declared in mA"),
        ("zzz.yaml:17: cases.5.method: ", "broken cannot be run: ConfigError: the bench has no load of 123456 Ω"),
        (
            "zzz.yaml:18: cases.6.method: ",
            "swept was never run, so that nothing is proven of it: the claim sites.elbow",
        ),
        ("zzz.yaml:21: cases.7.measures.ready: ", "'ready' is declared and never measured: measure it, or take it out"),
        ("zzz.yaml:22: cases.8.measures.ready: ", "in the method nothing, 'ready' is declared and never measured"),
    ],
)
def test_what_a_method_does_not_do_as_declared_is_found(found: list[Finding], place: str, text: str) -> None:
    """Each slip is named with file, line, key, and the method."""
    (finding,) = [finding for finding in found if place in finding.text]

    assert text in finding.text


def test_nothing_else_is_found(found: list[Finding]) -> None:
    """Neither the case that is whole nor the one that is refined is doubted."""
    assert len(found) == 8
    assert not [finding for finding in found if "cases.0" in finding.text or "cases.9" in finding.text]


def test_a_condition_is_named_under_which_something_is_missing(found: list[Finding]) -> None:
    """A measure that is reached at the hands and not at the feet is missing at the feet alone."""
    (finding,) = [finding for finding in found if "cases.7" in finding.text]

    assert finding.text.endswith("(feet)")


def test_a_case_for_other_devices_is_not_proven_and_said_so(everything: list[Finding]) -> None:
    """What the reference device is not made for cannot be tried on it: that is told, and not wrong."""
    (finding,) = [finding for finding in everything if "cases.10" in finding.text]

    assert finding.state is State.WARNING
    assert "nothing was never run, so that nothing is proven of it: the claim device.applied_part" in finding.text


def test_what_is_proven_is_counted(everything: list[Finding]) -> None:
    """The measures of the two cases that are whole, and no others, count as proven."""
    (finding,) = [f for f in everything if (f.part, f.check, f.state) == ("ZZZ", "measures", State.OK)]

    assert finding.text == "3 were reached in a dry run as they are declared"
