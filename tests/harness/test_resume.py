"""An interrupted run is gone on with on the same bench, and comes to what it would have come to; or it is refused."""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fixtures.bench import Bench
from fixtures.bench_told import tell_bench
from fixtures.opening import open_bench
from harness.commands import running
from harness.commands.compose import device_model, prepared
from harness.commands.options import REFERENCE_CLAIMS, REFERENCE_DEVICE
from harness.errors import ConfigError, EvidenceError, HarnessError
from harness.past import Past, left_of, read_past
from harness.prepared import Subject
from harness.recovery import recover
from reports.html import render
from reports.rederive import rederive
from reports.run import load
from reports.verify import Anchors, verify
from tests.harness.certify_run import PLANS_FOLDER, VIRTUAL_BENCH, Run
from tests.harness.interrupted import PLAN, after, cut, gone_on_with, whole_run
from tests.reports.forging import Entries, forge, of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run that nobody interrupted."""
    return whole_run(tmp_path_factory.mktemp("whole"))


def values(run: Run) -> dict[str, list[tuple[Any, ...]]]:
    """Return name, verdict, value and U of all that was seen and measured in the last attempt at each case."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for event in run.events:
        data = event["data"]
        if event["type"] == "case_started":
            found[data["case"]] = []
        elif event["type"] in ("measured", "observed"):
            found[data["case"]].append((data["name"], data["verdict"], data["value"], data.get("U")))
    return found


def same(ours: dict[str, list[tuple[Any, ...]]], others: dict[str, list[tuple[Any, ...]]]) -> bool:
    """Return whether values agree within U: at another time of the bench a signal is met in another phase."""
    pairs = [(one, other) for case in ours for one, other in zip(ours[case], others[case], strict=True)]
    named = all(one[:2] == other[:2] for one, other in pairs)
    return named and all(
        one[2] == other[2] if one[3] is None else abs(one[2] - other[2]) <= one[3] for one, other in pairs
    )


def wrong(folder: Path) -> list[str]:
    """Return what verify finds that was altered or contradicts itself."""
    return [str(one) for one in verify(folder, Anchors(), tell_bench) if one.wrong]


@pytest.fixture(scope="module")
def once(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run that was killed in the midst of a line, and was resumed."""
    return gone_on_with(cut(run, tmp_path_factory.mktemp("once") / "run", after(run, "measured", 9) - 1))


def test_a_resumed_run_comes_to_what_it_would_have_come_to(run: Run, once: Run, tmp_path: Path) -> None:
    """Killed twice and resumed twice, each case has the values and the verdict of a run that nobody interrupted."""
    folder = cut(once, tmp_path / "second", after(once, "case_ended", 4))
    left = (folder / "record.jsonl").read_bytes()

    resumed = gone_on_with(folder)

    ended = [case["case"] for case in resumed.of("case_ended")]
    found = load(folder)
    assert (resumed.code, found.verdict, found.doubts) == (0, "COMPLIES", [])
    assert len(ended) == len(set(ended))
    assert (folder / "record.jsonl").read_bytes().startswith(left)
    assert [environment["when"] for environment in resumed.of("environment")] == ["start", "resumed", "resumed", "end"]
    assert resumed.of("resumed")[0]["same"]["device"] == "Iontobench REF-30 V0001 1.0.0"
    assert resumed.verdicts() == run.verdicts()
    assert same(values(resumed), values(run))
    assert (rederive(found), wrong(folder)) == ([], [])
    assert [row.resumed for row in found.rows.interruptions] == [True, True]
    page = render(found)
    assert page.count("it was resumed on ") == 2
    assert "2 attempts, 1 of them cut short with the run" in page


@pytest.mark.parametrize(("kind", "number"), [("interrupted", 1), ("resumed", 1), ("environment", 2)])
def test_a_run_that_is_killed_while_it_is_resumed_is_closed_as_any_other(
    once: Run, tmp_path: Path, kind: str, number: int
) -> None:
    """Whoever goes on with a record may be killed at it, before it did anything: that is no contradiction."""
    folder = cut(once, tmp_path / "run", after(once, kind, number))

    ended = recover(folder)

    found = load(folder)
    assert (ended.verdict, ended.exit_code, found.counts["P"]) == ("NOT COMPLETE", 2, 0)
    assert (found.doubts, rederive(found), wrong(folder)) == ([], [], [])


def test_a_run_that_is_killed_while_it_is_resumed_is_resumed(once: Run, tmp_path: Path) -> None:
    """A second try goes on where the first one only found that the run was interrupted, and complies."""
    folder = cut(once, tmp_path / "run", after(once, "interrupted"))

    resumed = gone_on_with(folder)

    found = load(folder)
    assert (resumed.code, found.verdict) == (0, "COMPLIES")
    assert [row.resumed for row in found.rows.interruptions] == [False, True]
    assert (found.doubts, rederive(found), wrong(folder)) == ([], [], [])


def _another_device(entries: Entries) -> str:
    number, data = of(entries, "resumed")
    data["same"]["device"] = "Another"
    return f"line {number}, resumed: it says that device is the same as 'Another'"


def _another_case(entries: Entries) -> str:
    number, data = of(entries, "interrupted")
    data["case"] = ""
    return f"line {number}, interrupted: it says that no case ran"


def _less_left(entries: Entries) -> str:
    number, data = of(entries, "resumed")
    del data["left"][-1]
    return f"line {number}, resumed: it leaves"


def _unchecked(entries: Entries) -> str:
    entries[:] = [entry for entry in entries if entry["data"].get("when") != "resumed"]
    return "it begins, and since the run was resumed there was no check_standard for body dr"


def _never_resumed(entries: Entries) -> str:
    entries[:] = [entry for entry in entries if entry["type"] != "resumed"]
    return "it begins after the run was interrupted, and nobody resumed it"


@pytest.mark.parametrize("forgery", [_another_device, _another_case, _less_left, _unchecked, _never_resumed])
def test_an_interruption_that_was_forged_is_found(once: Run, tmp_path: Path, forgery: Callable[[Entries], str]) -> None:
    """Whoever edits what is said of an interruption, and remakes the chain, contradicts the lines around it."""
    folder = tmp_path / "run"
    shutil.copytree(once.folder, folder)

    words = forge(folder, lambda _, entries: forgery(entries))

    assert any(words in problem for problem in wrong(folder)), wrong(folder)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": 2}, "seed was 1 and is 2"),
        ({"item": "ANOTHER"}, "item was 'VIRTUAL-0001'"),
        ({"operator": "B. Other"}, "operator was 'A. Tester' and is 'B. Other'"),
        ({"controller": "tests.harness.defects:Weak"}, "controller was"),
        ({"claims": PLANS_FOLDER / "claims" / "kawe-swisto3.yaml"}, "inputs/claims"),
        ({"plans": [PLANS_FOLDER / "dose.yaml"]}, "inputs/plans/dose.yaml was not there"),
    ],
    ids=["seed", "item", "operator", "controller", "claims", "plans"],
)
def test_a_run_that_began_with_something_else_is_not_resumed(
    run: Run, tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    """What differs is named, and the record keeps each of its bytes, the torn line too."""
    folder = cut(run, tmp_path / "run", after(run, "measured", 3) - 7)
    before = (folder / "record.jsonl").read_bytes()

    with pytest.raises(HarnessError, match=words):
        gone_on_with(folder, **options)

    assert (folder / "record.jsonl").read_bytes() == before


def test_another_device_or_another_bench_file_is_named(run: Run, tmp_path: Path) -> None:
    """A run is not resumed on a bench file that was edited, nor with a device of another serial number."""
    folder = cut(run, tmp_path / "run", after(run, "measured", 3))
    before = (folder / "record.jsonl").read_bytes()
    text = VIRTUAL_BENCH.read_text(encoding="utf-8")
    (tmp_path / "virtual.yaml").write_text(text + "\n# edited\n", encoding="utf-8")

    with pytest.raises(HarnessError, match=r"virtual\.yaml"):
        gone_on_with(folder, bench=tmp_path / "virtual.yaml")
    assert (folder / "record.jsonl").read_bytes() == before

    def another_device(_: Path, entries: list[dict[str, Any]]) -> str:
        for entry in entries:
            if entry["type"] == "instrument" and entry["data"]["name"] == "device":
                entry["data"]["serial"] = "VIRTUAL-0002"
        return ""

    forged = cut(run, tmp_path / "device", after(run, "measured", 3))
    forge(forged, another_device)
    with pytest.raises(EvidenceError, match="device: serial was 'VIRTUAL-0002' and is 'V0001'"):
        gone_on_with(forged)
    assert Run(2, forged).of("interrupted") == []


@pytest.mark.parametrize("kind", ["case_planned", "run_ended", "made_safe"])
def test_a_run_without_a_case_or_at_its_end_is_recovered_and_not_resumed(run: Run, tmp_path: Path, kind: str) -> None:
    """What cannot be resumed says what to do instead."""
    last = {"case": None} if kind == "made_safe" else {}
    folder = cut(run, tmp_path / "run", after(run, kind, **last))

    with pytest.raises(EvidenceError, match="run anew"):
        gone_on_with(folder)


def test_half_a_run_has_no_wire_log(run: Run, tmp_path: Path) -> None:
    """A log of the second half of a run could be replayed by nobody, and is refused."""
    folder = cut(run, tmp_path / "run", after(run, "measured"))

    with pytest.raises(ConfigError, match="--wire-log is for a whole run"):
        gone_on_with(folder, wire_log=tmp_path / "wires.log")


def test_what_failed_is_not_healed_by_pulling_the_plug(tmp_path: Path) -> None:
    """A case that was cut short after a value of it failed is not run again, and stays not evaluated."""
    strong = {"controller": "tests.harness.defects:StrongAtTheTop"}
    failed = whole_run(tmp_path / "runs", "output_current", only=["OUT-021*highest*"], **strong)
    size = after(failed, "measured", verdict="F")
    folder = cut(failed, tmp_path / "run", size)

    resumed = gone_on_with(folder, "output_current", **strong)

    case = next(event["case"] for event in failed.of("measured") if event["verdict"] == "F")
    assert resumed.verdicts()[case] == ("N/E", "interrupted: the run ended before the case did")
    assert case not in resumed.of("resumed")[0]["left"]
    assert (rederive(load(folder)), wrong(folder)) == ([], [])

    def forgotten(_: Path, entries: list[dict[str, Any]]) -> str:
        entries[:] = [one for one in entries if not (one["type"] == "case_ended" and one["data"]["case"] == case)]
        return ""

    forge(folder, forgotten)
    assert any(f"{case} is run again, and something" in problem for problem in rederive(load(folder)))


def test_what_is_left_of_a_plan_that_an_interrupted_device_remembers_is_given_up(tmp_path: Path) -> None:
    """Once one case of the schedule was begun, none of its others is resumed; those of another plan are."""
    plans = [PLANS_FOLDER / f"{plan}.yaml" for plan in ("schedule", PLAN)]
    cases = prepared(REFERENCE_CLAIMS, plans, None).cases
    first = next(case.id for case in cases if case.id.startswith("SCH-"))

    untouched = left_of(Past(tmp_path), cases)
    left, given_up = left_of(Past(tmp_path, attempts=Counter({first: 1})), cases)

    assert untouched == (cases, ())
    assert {case.plan.content.plan for case in left} == {"STS"}
    assert {case.plan.content.plan for case in given_up} == {"SCH"}
    assert len(left) + len(given_up) == len(cases)


@pytest.mark.skipif("KILLS" not in os.environ, reason="it takes a minute: set KILLS")
def test_a_plan_whose_cases_follow_on_each_other_is_not_resumed_in_its_midst(tmp_path: Path) -> None:
    """The device remembers a half of it: its other cases are not evaluated, and cases of other plans are run."""
    plans = ("schedule", "output_current")
    whole = whole_run(tmp_path / "runs", *plans, only=["SCH-011*", "OUT-023*"])
    folder = cut(whole, tmp_path / "run", after(whole, "case_ended"))

    resumed = gone_on_with(folder, *plans)

    found = load(folder)
    given_up = resumed.of("resumed")[0]["given_up"]
    assert given_up
    assert all(name.startswith("SCH-") for name in given_up)
    assert (resumed.code, found.verdict) == (3, "NOT COMPLETE")
    assert {found.rows.cases[name].verdict for name in given_up} == {"N/E"}
    assert {case.verdict for name, case in found.rows.cases.items() if name.startswith("OUT-")} == {"P"}
    assert (found.doubts, rederive(found), wrong(folder)) == ([], [], [])


class Drifted:
    """The virtual bench, whose check current has drifted while nobody was there."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.before_energising: Any = None
        self.record_is_at: Any = lambda path: None

    def __getattr__(self, name: str) -> Any:
        """Return what the bench has."""
        return getattr(self._bench, name)

    def check(self, when: str) -> Any:
        """Measure the check standards against a certificate that is no longer true."""
        current = self._bench.file.check_standards.current
        object.__setattr__(current, "value", current.value * 1.01)
        return self._bench.check(when)


def test_a_bench_that_is_out_of_order_when_a_run_is_resumed_takes_back_what_came_before(
    run: Run, tmp_path: Path
) -> None:
    """The check at the resumption stands for the cases before it: if it fails, no verdict of them stands."""
    folder = cut(run, tmp_path / "run", after(run, "case_ended", 2))
    past, model = read_past(folder), device_model(REFERENCE_DEVICE)[0]
    ready = prepared(REFERENCE_CLAIMS, [PLANS_FOLDER / f"{PLAN}.yaml"], None)
    with closing(open_bench(VIRTUAL_BENCH, seed=1, device_model=model)) as bench:
        certification = running.resumed(past, ready, Drifted(bench))  # type: ignore[arg-type]
        code = running.run(certification, Subject("", "", "", "", 1, {}, "")).exit_code

    resumed, found = Run(code, folder), load(folder)
    assert (resumed.code, found.verdict) == (2, "NOT COMPLETE")
    assert found.counts["P"] == 0
    assert len(resumed.of("verdict_withdrawn")) == 2
    assert rederive(found) == []
    # The certificate of its check standard was made untrue: that is all that verify objects to.
    assert all("the copy of the bench file comes to" in problem for problem in wrong(folder))
