"""Clauses of standards and approval: what was not done is N/E, and what rests on anything unseen is said to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports import Run
from reports.approval import obstacles
from reports.catalogue import unverified_limit
from reports.clauses import by_standard, clause_results
from reports.html import render
from reports.run import load
from reports.summary import requirement_results
from reports.trace import trace_of_run
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import HAZARDS, clause, requirement
from tests.reports.tampering import reseal

PLANS = [{"id": "OUT", "title": "Output", "revision": 1, "purpose": "p", "sha256": "1" * 64}]


def _record(folder: Path, verdicts: dict[str, str], *, virtual: bool = True, **also: str) -> Path:
    """Write a run in which each requirement of one clause has one case with a verdict; "" is no case."""
    record = RecordBuilder(folder)
    names = [f"REQ-OUT-00{index}" for index in range(len(verdicts))]
    record.open(
        plans=PLANS,
        requirements=[requirement(name, "text", clause=place) for name, place in zip(names, verdicts, strict=True)],
        clauses=[clause(place, **also) for place in dict.fromkeys([*verdicts, "201.9"])],
        virtual=virtual,
    )
    for index, (name, verdict) in enumerate(zip(names, verdicts.values(), strict=True)):
        if verdict:
            case = f"OUT-0{index}0"
            record.plan_case(case, "OUT", "title", (name,), {})
            record.start(case, "step")
            record.measure(case, "current", 5.0, low=4.0, high=6.0, verdict=verdict)
            record.end(case, verdict, "" if verdict == "P" else "because")
    return record.write()


@pytest.mark.parametrize(
    ("verdict", "also", "state"),
    [
        ("P", {}, "P"),
        ("P", {"uncovered": "the rest"}, "in part"),
        ("F", {"uncovered": "the rest"}, "F"),
        ("N/E", {}, "N/E"),
        ("N/A", {}, "N/A"),
        ("", {}, "N/E"),
        ("P", {"applied": "not applied", "reason": "another device"}, "N/A"),
        ("F", {"applied": "not applied", "reason": "another device"}, "F"),
        ("P", {"applied": "in part", "reason": "a backstop"}, "in part"),
        ("N/E", {"applied": "in part", "reason": "a backstop"}, "N/E"),
    ],
)
def test_a_clause_is_as_good_as_what_was_done_for_it(
    tmp_path: Path, verdict: str, also: dict[str, str], state: str
) -> None:
    """A clause takes the verdict of its requirement, is in part what it does not cover, and N/E without a case."""
    done, nothing = clause_results(load(_record(tmp_path / "run", {"201.2": verdict}, **also)))
    assert done.state == state
    assert nothing.state == ("N/A" if also.get("applied") == "not applied" else "N/E")


def test_the_worst_requirement_of_a_clause_counts(tmp_path: Path) -> None:
    """One requirement that nothing tested keeps a clause from P, however many others passed."""
    folder = _record(tmp_path / "run", {"201.2": "P"})
    assert [result.state for result in by_standard(load(folder))["IEC60601-2-10:2012"]] == ["P", "N/E"]
    record = RecordBuilder(tmp_path / "second")
    requirements = [requirement(f"REQ-OUT-00{i}", "text", clause="201.2") for i in range(2)]
    record.open(plans=PLANS, requirements=requirements, clauses=[clause("201.2")])
    record.plan_case("OUT-010", "OUT", "title", ("REQ-OUT-000",), {})
    record.start("OUT-010", "step")
    record.measure("OUT-010", "current", 5.0, low=4.0, high=6.0)
    record.end("OUT-010", "P")
    (result,) = clause_results(load(record.write()))
    assert (result.state, result.reason) == ("N/E", "REQ-OUT-001 not tested")


def test_a_clause_of_which_a_part_was_done_elsewhere_is_in_part(tmp_path: Path) -> None:
    """What passed here is no pass of what another laboratory found."""
    record = RecordBuilder(tmp_path / "run")
    kinds = ("test", "external")
    requirements = [requirement(f"REQ-OUT-00{i}", "text", kind, clause="201.2") for i, kind in enumerate(kinds)]
    record.open(plans=PLANS, requirements=requirements, clauses=[clause("201.2")])
    for index, verdict in enumerate(("P", "N/A")):
        case = f"OUT-0{index}0"
        record.plan_case(case, "OUT", "title", (f"REQ-OUT-00{index}",), {})
        record.start(case, "step")
        record.measure(case, "current", 5.0, low=4.0, high=6.0)
        record.end(case, verdict, "" if verdict == "P" else "external result: pass")
    (result,) = clause_results(load(record.write()))
    assert result.state == "in part"
    assert result.reason == "REQ-OUT-001 asked of another laboratory, which is no evaluation of ours"


def _one_pass(folder: Path, change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Run:
    """Return a run with one case that passed for one clause, after a change of its opening and of its plan."""
    _record(folder, {"201.2": "P"})
    reseal(
        folder,
        lambda entries: change(entries[0]["data"], next(e["data"] for e in entries if e["type"] == "case_planned")),
    )
    return load(folder)


def _left_out(opened: dict[str, Any], _: dict[str, Any]) -> None:
    said = {"plan": "OUT", "case": "OUT-000", "title": "t", "verifies": ["REQ-OUT-000"], "count": 3}
    opened["selection"] = {"only": ["OUT-000[a]"], "requirements": [], "risk": "", "left_out": [said]}


def test_a_clause_of_which_cases_were_left_out_is_in_part(tmp_path: Path) -> None:
    """A selection makes no pass of a whole clause, and the requirement says what was left out."""
    run = _one_pass(tmp_path / "run", _left_out)

    (done, _), (result,) = clause_results(run), requirement_results(run)

    assert (done.state, result.remark) == ("in part", "left out by the selection: OUT-000 (3)")
    assert done.reason == "left out by the selection of REQ-OUT-000: OUT-000 (3)"


def test_a_case_of_another_laboratory_keeps_its_requirement_from_a_pass_of_the_clause(tmp_path: Path) -> None:
    """Whatever the requirement says of its verification: what was asked elsewhere was not evaluated here."""
    run = _one_pass(tmp_path / "run", lambda _, case: case.update(external="Is it so?", method=""))

    assert clause_results(run)[0].state == "in part"


def test_a_requirement_that_does_not_apply_is_no_pass(tmp_path: Path) -> None:
    """A case that passed for another requirement too says nothing of one that is not for this device."""
    run = _one_pass(tmp_path / "run", lambda opened, _: opened["requirements"][0].update(inapplicable="no pulses"))

    (result,) = requirement_results(run)

    assert (result.verdict, result.remark) == ("N/A", "no pulses")
    assert clause_results(run)[0].state == "N/A"
    assert trace_of_run(run).state(result.requirement) == "N/A"


def test_a_conditional_pass_is_no_plain_pass_of_a_clause(tmp_path: Path) -> None:
    """Where a value is inside its guard band, the clause says so."""
    record = RecordBuilder(tmp_path / "run")
    record.open(
        plans=PLANS, requirements=[requirement("REQ-OUT-000", "text", clause="201.2")], clauses=[clause("201.2")]
    )
    record.plan_case("OUT-010", "OUT", "title", ("REQ-OUT-000",), {})
    record.start("OUT-010", "step")
    record.end("OUT-010", "P", conditional=True)

    (result,) = clause_results(load(record.write()))

    assert (result.state, result.conditional) == ("P", True)


def test_a_limit_of_an_old_record_is_as_unverified_as_its_words_say(tmp_path: Path) -> None:
    """A record without provenances tells a remembered limit in the words of its source."""
    assert unverified_limit({"source": "IEC60601-1:2005 8.7 (remembered)"}) == "remembered"
    assert not unverified_limit({"source": "claim output.tolerance"})
    assert unverified_limit({"source": "x of y", "provenance": ["claim", "proposed"]}) == "proposed"


def test_a_clause_that_nobody_compared_with_its_text_is_marked(tmp_path: Path) -> None:
    """On the page a remembered number has a dagger, one that was verified has none."""
    page = render(load(_record(tmp_path / "a", {"201.2": "P"})))
    assert page.count('title="remembered, confidence low">†') == 2
    assert "confidence low" not in render(load(_record(tmp_path / "b", {"201.2": "P"}, provenance="verified")))


def test_a_virtual_run_cannot_be_approved(tmp_path: Path) -> None:
    """However well it went: what is in the way is told in words."""
    assert "the bench is virtual" in obstacles(load(_record(tmp_path / "run", {"201.2": "P"})))
    real = obstacles(load(_record(tmp_path / "real", {"201.2": "P"}, virtual=False)))
    assert "the bench is virtual" not in real


def test_hazards_stand_beside_their_requirements(tmp_path: Path) -> None:
    """A requirement says which hazard it helps to control, by which control, and how large the risk is."""
    page = render(load(_record(tmp_path / "run", {"201.2": "P"})))
    assert f"HAZ-01 {HAZARDS[0]['hazard']} (risk before control: high)" in page
    assert "RC-01 current limit" in page
