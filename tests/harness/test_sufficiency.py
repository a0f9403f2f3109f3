"""What a rehearsal says of a bench, from records of a case: by how much U is too large, and if anything was judged."""

from pathlib import Path
from typing import Any

import pytest

from harness.clock import WallClock
from harness.events import CaseEnded, CasePlanned, Measured, Problem, VerdictWithdrawn
from harness.finding import State
from harness.limits import REFINES, UNDECIDED
from harness.record import Record
from harness.sufficiency import Sufficiency, sufficiency

CASE = "OUT-010[level=3]"
DOUBT = f"{UNDECIDED}: the value is within its uncertainty of the limit"


def planned(case: str = CASE, *, method: str = "m", inspection: str = "", external: str = "") -> CasePlanned:
    """Return a case that is planned."""
    return CasePlanned(case, "OUT", case.partition("[")[0], "t", (), method, inspection, "", {}, {}, external)


def measured(value: float | None, spread: float | None, **more: Any) -> Measured:
    """Return a judged value in mA; without more it passes, with no limit at all."""
    facts: dict[str, Any] = {"low": None, "high": None, "rule": "guarded", "verdict": "P", "reason": "", "tur": None}
    facts |= {"name": "current", "budget": [("shunt", 3.0, "normal", None, ""), ("dmm", 1.0, "normal", None, "")]}
    facts |= more
    return Measured(
        case=CASE,
        step="s",
        value=value,  # type: ignore[arg-type]
        unit="mA",
        U=spread,  # type: ignore[arg-type]
        u=0.0,
        k=2.0,
        dof=None,
        p_nonconforming=0.0,
        conditional=False,
        limit="",
        instruments=("dmm",),
        **facts,
    )


def judged(folder: Path, *events: Any) -> Sufficiency:
    """Return what a record of these events says."""
    record = Record(folder / "record.jsonl", WallClock())
    for event in events:
        record.write(event)
    record.close()
    return sufficiency(record.path)


@pytest.mark.parametrize(
    ("value", "spread", "limits", "verdict", "short_by", "hopeless"),
    [
        (5.0, 0.1, {"high": 10.0}, "P", 0.0, False),
        (9.8, 0.5, {"high": 10.0}, "N/E", 0.3, False),
        (10.2, 0.5, {"high": 10.0}, "N/E", 0.7, False),
        (5.0, 12.0, {"high": 10.0}, "N/E", 2.0, True),
        (10.3, 0.5, {"low": 10.0}, "N/E", 0.2, False),
        (12.0, 50.0, {"low": 10.0}, "N/E", 48.0, False),
        (9.8, 0.5, {"low": 8.0, "high": 10.0}, "N/E", 0.3, False),
        (8.1, 0.5, {"low": 8.0, "high": 10.0}, "N/E", 0.4, False),
        (9.0, 1.5, {"low": 8.0, "high": 10.0}, "N/E", 0.5, True),
        (9.0, 1.5, {"low": 8.0, "high": 10.0, "rule": "simple"}, "P", 0.0, False),
    ],
    ids=[
        "decided",
        "high only, inside",
        "high only, outside",
        "high only, hopeless",
        "low only",
        "low only, never hopeless",
        "both, at the top",
        "both, at the bottom",
        "both, hopeless",
        "the rule does not ask for U",
    ],
)
def test_by_how_much_u_is_too_large(
    value: float, spread: float, limits: dict[str, Any], verdict: str, short_by: float, hopeless: bool, tmp_path: Path
) -> None:
    """The distance to the limit that is nearest, or half the width where no value could pass."""
    row = measured(value, spread, verdict=verdict, reason=DOUBT if verdict == "N/E" else "", **limits)
    ended = CaseEnded(CASE, verdict, False, row.reason)

    found = judged(tmp_path, planned(), row, ended)

    assert found.enough is (short_by == 0.0)
    worst = [weak.worst for weak in found.short]
    assert [one.short_by for one in worst] == ([pytest.approx(short_by)] if short_by else [])
    assert [one.hopeless for one in worst] == ([hopeless] if short_by else [])
    if worst:
        assert (worst[0].blame.source, worst[0].blame.share) == ("shunt", pytest.approx(0.9))


def test_a_refined_value_counts_as_it_was_judged_in_the_end(tmp_path: Path) -> None:
    """The undecided one and the readings that refined it are no values of their own."""
    rows = [
        measured(9.8, 0.5, high=10.0, verdict="N/E", reason=DOUBT),
        *(measured(9.8, 0.5, rule="", verdict="N/E", reason=REFINES) for _ in range(4)),
        measured(9.8, 0.1, high=10.0, tur=3.0),
    ]

    found = judged(tmp_path, planned(), *rows, CaseEnded(CASE, "P", False, ""))

    assert found.enough
    assert found.short == []
    assert [weak.worst.U for weak in found.tight] == [0.1]
    assert "1 values were judged" in found.findings[0].text


def test_a_value_that_stays_undecided_after_it_was_refined_is_short(tmp_path: Path) -> None:
    """By the uncertainty that was left in the end."""
    rows = [
        measured(9.8, 0.5, high=10.0, verdict="N/E", reason=DOUBT),
        measured(9.8, 0.5, rule="", verdict="N/E", reason=REFINES),
        measured(9.8, 0.3, high=10.0, verdict="N/E", reason=DOUBT),
    ]

    found = judged(tmp_path, planned(), *rows, CaseEnded(CASE, "N/E", False, DOUBT))

    assert [weak.worst.short_by for weak in found.short] == [pytest.approx(0.1)]


@pytest.mark.parametrize(
    ("events", "undeclared"),
    [
        ([], 0),
        ([planned()], 0),
        ([planned(method="", inspection="look"), CaseEnded(CASE, "P", False, "")], 0),
        ([planned(method="", external="pH?"), CaseEnded(CASE, "F", False, "external result: fail")], 0),
        ([planned(), CaseEnded(CASE, "N/A", False, "not on this device")], 0),
        ([planned(), CaseEnded(CASE, "N/E", False, "the claim output.trip is not declared")], 1),
        ([planned(), CaseEnded(CASE, "N/E", False, "current was overloaded")], 0),
        ([planned(), measured(1.0, 0.1, high=2.0), CaseEnded(CASE, "P", False, ""), Problem(None, "E", "it broke")], 0),
        (
            [
                planned(),
                measured(1.0, 0.1, high=2.0),
                CaseEnded(CASE, "P", False, ""),
                VerdictWithdrawn(CASE, "P", "the end check failed"),
            ],
            0,
        ),
    ],
    ids=[
        "nothing",
        "not run",
        "a person's",
        "another laboratory's",
        "not applicable",
        "undeclared",
        "overloaded",
        "ended early",
        "withdrawn",
    ],
)
def test_a_bench_suffices_only_where_something_was_judged_and_nothing_went_wrong(
    events: list[Any], undeclared: int, tmp_path: Path
) -> None:
    """Missing is never enough."""
    found = judged(tmp_path, *events)

    assert not found.enough
    assert found.undeclared == undeclared


def test_what_nobody_declares_does_not_hide_that_the_rest_was_judged(tmp_path: Path) -> None:
    """One case passed, the other has no limit: the bench suffices for the one of two."""
    other = "OUT-020"
    found = judged(
        tmp_path,
        planned(),
        planned(other),
        measured(1.0, 0.1, high=2.0),
        CaseEnded(CASE, "P", False, ""),
        CaseEnded(other, "N/E", False, "the claim output.trip is not declared"),
    )

    assert found.enough
    assert (found.planned, found.passed_or_failed, found.undeclared) == (2, 1, 1)
    assert [f.state for f in found.findings] == [State.WARNING, State.WARNING]
