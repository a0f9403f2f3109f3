"""What is selected is run as it would be in the whole, and what is left out is said."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.commands.compose import prepared
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from harness.errors import ConfigError
from harness.hazards import RISKS
from harness.prepared import Prepared
from harness.record import content_head
from harness.selection import ALL, Selection, choose, selection_facts
from tests.harness.certify_run import Run, certify, command

PLANS = [PLANS_FOLDER / f"{stem}.yaml" for stem in ("output_current", "inspections", "session_timing")]


@cache
def whole() -> Prepared:
    """Three plans of ours with the reference device's claims."""
    return prepared(REFERENCE_CLAIMS, PLANS, None)


def selections() -> st.SearchStrategy[Selection]:
    """Any selection that names what there is."""
    ready = whole()
    ids = st.sampled_from([case.id for case in ready.cases] + [case.base for case in ready.cases])
    verified = st.sampled_from(sorted({name for case in ready.cases for name in case.verifies}))
    return st.builds(
        Selection,
        st.lists(ids, max_size=3).map(tuple),
        st.lists(verified, max_size=3).map(tuple),
        st.sampled_from([None, *RISKS]),
    )


@given(selections())
def test_what_is_chosen_and_what_is_left_out_are_the_whole(selection: Selection) -> None:
    """No case is lost, none is there twice, each chosen one is in its order, and the record counts the others."""
    ready = whole()
    try:
        chosen, left = choose(ready.cases, ready.library, selection)
    except ConfigError:
        return

    assert sorted([*chosen, *left], key=ready.cases.index) == list(ready.cases)
    assert list(chosen) == sorted(chosen, key=ready.cases.index)
    facts = selection_facts(selection, left)
    assert sum(said["count"] for said in facts.get("left_out", ())) == len(left)
    assert (facts == {}) == selection.whole


@given(selections())
def test_a_chosen_case_meets_all_that_was_asked_for(selection: Selection) -> None:
    """Each chosen case is of a named id, verifies a named requirement, and is against a risk that is large enough."""
    ready = whole()
    try:
        chosen, _ = choose(ready.cases, ready.library, selection)
    except ConfigError:
        return

    for case in chosen:
        assert not selection.only or {case.id, case.base} & set(selection.only)
        assert not selection.requirements or set(case.verifies) & set(selection.requirements)
        if selection.risk is not None:
            hazards = [
                ready.library.hazards.of_control[control]
                for name in case.verifies
                for control in ready.library.requirements[name].controls
            ]
            assert any(RISKS.index(hazard.risk) >= RISKS.index(selection.risk) for hazard in hazards)


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("OUT-010[hands-*", 2), ("OUT-010", 6), ("OUT-010[hands-highest-dc]", 1), ("OUT-01?[hands*-dc]", 1)],
    ids=["begins", "base", "whole id", "marks"],
)
def test_brackets_in_a_pattern_are_letters(pattern: str, count: int) -> None:
    """A case's conditions stand in brackets, which choose no letters as they do in a shell."""
    ready = whole()

    chosen, _ = choose(ready.cases, ready.library, Selection(only=(pattern,)))

    assert len(chosen) == count


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (Selection(only=("OTU-010",)), "--only 'OTU-010': no case of these plans is called so; there are OUT-010"),
        (Selection(requirements=("REQ-OUT-999",)), "there is none of that id; there are REQ-OUT-0"),
        (Selection(requirements=("REQ-FLT-001",)), "no case of these plans verifies it"),
        (Selection(only=("OUT-010",), requirements=("REQ-OUT-003",)), "no case meets all"),
    ],
    ids=["no such case", "no such requirement", "a requirement of other plans", "nothing is left"],
)
def test_a_selection_that_finds_nothing_is_an_error(selection: Selection, words: str) -> None:
    """A typo selects nothing, and must not make a run of nothing that complies."""
    ready = whole()

    with pytest.raises(ConfigError, match=words.replace("(", r"\(")):
        choose(ready.cases, ready.library, selection)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Two cases of the output plan alone, and one of them with nothing else."""
    plan = PLANS_FOLDER / "output_current.yaml"
    both = certify(tmp_path_factory.mktemp("both"), plan, only=["OUT-011", "OUT-070"])
    return both, certify(tmp_path_factory.mktemp("one"), plan, only=["OUT-070*"])


def test_a_selected_case_measures_what_it_measures_in_the_whole(runs: tuple[Run, Run]) -> None:
    """Leaving cases out changes no value of those that are run."""
    both, one = runs

    values = [
        [(row["case"], row["name"], row["value"]) for row in run.of("measured") if row["case"].startswith("OUT-070")]
        for run in runs
    ]

    assert values[0]
    assert values[0] == values[1]
    assert content_head(both.folder / "record.jsonl") != content_head(one.folder / "record.jsonl")


def test_the_record_and_the_report_say_what_was_left_out(runs: tuple[Run, Run]) -> None:
    """What was asked for and what was left out is in the record, on the page, and behind the name of the plan."""
    _, one = runs
    (opened,) = one.of("run_opened")
    page = (one.folder / "report.html").read_text()

    assert opened["selection"]["only"] == ["OUT-070*"]
    left = {said["case"]: said["count"] for said in opened["selection"]["left_out"]}
    assert "OUT-070" not in left
    assert sum(left.values()) + len(one.of("case_planned")) == sum(
        case.plan.content.plan == "OUT" for case in whole().cases
    )
    assert "OUT revision 1 in part" in page
    assert "Left out by the selection" in page


def test_cases_that_a_chosen_one_follows_on_are_run_before_it() -> None:
    """Of a plan whose cases count on each other none is run without those before it; other plans stay cut."""
    ready = prepared(REFERENCE_CLAIMS, [PLANS_FOLDER / "schedule.yaml", PLANS[0]], None)

    chosen, left = choose(ready.cases, ready.library, Selection(only=("SCH-020*", "OUT-011")))

    own = [case.base for case in ready.cases if case.plan.content.plan == "SCH"]
    last = max(at for at, base in enumerate(own) if base == "SCH-020")
    assert last > 0
    assert [case.base for case in chosen if case.plan.content.plan == "SCH"] == own[: last + 1]
    assert {case.base for case in chosen if case.plan.content.plan == "OUT"} == {"OUT-011"}
    assert left


def test_a_selected_run_is_replayed_with_its_selection(tmp_path: Path) -> None:
    """The log of the wires holds what was asked for: the replay runs the same part to the same content."""
    from harness.commands.replay import replay

    run = certify(tmp_path / "runs", "output_current", only=["OUT-011"], wire_log=tmp_path / "wires.jsonl")
    code = replay(tmp_path / "wires.jsonl", runs=tmp_path / "again")
    (again,) = (tmp_path / "again").iterdir()

    assert run.code == code == 0
    assert content_head(run.folder / "record.jsonl") == content_head(again / "record.jsonl")


def test_a_run_of_whole_plans_says_nothing_of_a_selection(tmp_path: Path) -> None:
    """Without a selection the record has none, and no plan is in part."""
    run = certify(tmp_path, "inspections")

    assert run.of("run_opened")[0]["selection"] == selection_facts(ALL, ()) == {}
    assert "in part:" not in (run.folder / "report.html").read_text()


def test_plan_list_shows_what_is_selected(tmp_path: Path) -> None:
    """`plan list` takes the same options as `certify`."""
    done = command(tmp_path, "plan", "list", PLANS[0], "--only", "OUT-010[hands-*")

    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [
        "OUT-010[hands-highest-dc]",
        "OUT-010[hands-highest-pulsed]",
    ]
