"""Verdicts that were edited and sealed again are found, and those of real runs are never called wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.commands.options import PLANS_FOLDER, REFERENCE_EXTERNALS, REFERENCE_INSPECTIONS
from harness.limits import REFINES
from reports.rederive import rederive
from reports.run import load
from tests.harness.certify_run import certify
from tests.reports.small_records import passing_record
from tests.reports.small_run import approvable, development
from tests.reports.tampering import reseal

Entries = list[dict[str, Any]]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run plans that measure, look at the device, and ask inspectors and other laboratories."""
    given = {"inspections": REFERENCE_INSPECTIONS, "external": REFERENCE_EXTERNALS}
    runs = tmp_path_factory.mktemp("runs")
    return certify(runs, "session_timing", "inspections", "external", **given).folder


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a plan on a device that delivers a quarter too much at the top."""
    controller = "tests.harness.defects:StrongAtTheTop"
    return certify(tmp_path_factory.mktemp("runs"), "output_current", controller=controller).folder


@pytest.fixture(scope="module")
def refined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a case whose limit lies half of U above what it measured, so that it is undecided at first, and refined."""
    folder = tmp_path_factory.mktemp("plans")
    plan = yaml.safe_load((PLANS_FOLDER / "output_current.yaml").read_text(encoding="utf-8"))
    for module in PLANS_FOLDER.glob("*.py"):
        shutil.copy(module, folder)
    plan["cases"] = [case for case in plan["cases"] if case["id"] == "OUT-020"]
    plan["cases"][0]["sweep"] = {"site": ["hands"], "level": ["lowest"], "load": ["500 Ω"], "supply": ["nominal"]}
    path = folder / "output_current.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    first = load(certify(folder / "before", path).folder)
    row = next(row for row in first.rows.measurements if row.name == "delivered current")
    assert row.value is not None
    assert row.U is not None
    limit = f"{row.value + 0.5 * row.U:.9f} mA"
    plan["cases"][0]["measures"]["delivered current"] = {"unit": "mA", "max": limit, "rule": "guarded", "refine": 4}
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return certify(folder / "runs", path).folder


def test_an_honest_run_contradicts_nothing(honest: Path) -> None:
    """Tests, inspections, external results and what does not apply come to what the record says."""
    assert {case.verdict for case in load(honest).rows.cases.values()} >= {"P", "N/A"}
    assert rederive(load(honest)) == []


def test_a_failing_run_contradicts_nothing(failing: Path) -> None:
    """A failure is worked out again as a failure."""
    assert "F" in {row.verdict for row in load(failing).rows.measurements}
    assert rederive(load(failing)) == []


def test_a_run_with_limits_near_the_values_contradicts_nothing(refined: Path) -> None:
    """A mean of more readings is worked out again from them, whether it decides or not."""
    assert sum(row.reason == REFINES for row in load(refined).rows.measurements) == 4
    assert rederive(load(refined)) == []


def test_a_mean_that_is_not_that_of_its_readings_is_found(refined: Path, tmp_path: Path) -> None:
    """Who changes a reading that an undecided value was refined by is found by the mean."""

    def change(entries: Entries) -> int:
        at = _first(entries, "measured", lambda data: data["reason"] == REFINES)
        entries[at]["data"]["value"] *= 0.9
        return at + 1

    _, found = forged(refined, tmp_path, change)

    assert any("the mean of its readings" in problem for problem in found)


def forged(run: Path, folder: Path, change: Callable[[Entries], int]) -> tuple[int, list[str]]:
    """Return the line that was changed, and what is found in the copy that was sealed again."""
    copy = folder / "forged"
    shutil.copytree(run, copy)
    lines: list[int] = []
    reseal(copy, lambda entries: lines.append(change(entries)))
    found = rederive(load(copy))
    shutil.rmtree(copy)
    return lines[0], found


def _first(entries: Entries, kind: str, which: Callable[[dict[str, Any]], bool] = lambda data: True) -> int:
    return next(i for i, entry in enumerate(entries) if entry["type"] == kind and which(entry["data"]))


def _judged(data: dict[str, Any]) -> bool:
    return bool(data["rule"]) and data["verdict"] == "P"


@pytest.mark.parametrize(
    ("kind", "which", "edit"),
    [
        ("measured", _judged, {"verdict": "F"}),
        ("measured", _judged, {"verdict": "N/E", "reason": "undecided: so it seems"}),
        ("measured", _judged, {"verdict": "N/E", "reason": "taken to refine", "p_nonconforming": None}),
        ("measured", _judged, {"conditional": True}),
        ("measured", _judged, {"reason": "well done"}),
        ("measured", _judged, {"p_nonconforming": 0.4}),
        ("measured", _judged, {"rule": "simple"}),
        ("measured", _judged, {"rule": "", "verdict": "N/A", "reason": "reported only", "p_nonconforming": None}),
        ("measured", _judged, {"limit": "claim of nobody"}),
        ("measured", _judged, {"U": 1e-12}),
        ("measured", _judged, {"U": 2e-12, "u": 1e-12, "k": 2.0}),
        ("measured", _judged, {"dof": 3.0}),
        ("measured", _judged, {"k": 1.5}),
        ("measured", _judged, {"low": None, "high": 1e9}),
        ("measured", _judged, {"tur": 1000.0}),
        ("measured", _judged, {"value": 1e6}),
        ("measured", _judged, {"value": None}),
        ("measured", _judged, {"instruments": []}),
        ("measured", _judged, {"budget": []}),
        ("measured", lambda data: not data["rule"], {"verdict": "P"}),
        ("observed", lambda data: data["limit"] == "plan", {"verdict": "F"}),
        ("observed", lambda data: data["limit"] == "plan", {"value": "smoke"}),
        ("observed", lambda data: data["limit"] == "plan", {"value": "smoke", "expected": "smoke"}),
        ("observed", lambda data: data["limit"] == "inspection", {"verdict": "F"}),
        ("observed", lambda data: data["limit"] == "external", {"verdict": "P"}),
        ("case_ended", lambda data: data["verdict"] == "P", {"verdict": "F"}),
        ("case_ended", lambda data: data["verdict"] == "P", {"verdict": "N/A", "reason": "it has no such thing"}),
        ("case_ended", lambda data: data["verdict"] == "P", {"verdict": "N/E", "reason": "we had no time"}),
        ("case_ended", lambda data: data["verdict"] == "P", {"conditional": True}),
        ("case_ended", lambda data: data["verdict"] == "P", {"reason": "well done"}),
        ("case_ended", lambda data: data["verdict"] == "N/A", {"verdict": "P", "reason": ""}),
        ("run_ended", lambda data: True, {"verdict": "COMPLIES, CONDITIONALLY"}),
        ("run_ended", lambda data: True, {"exit_code": 3}),
        ("run_ended", lambda data: True, {"reason": "it was late"}),
        ("check_standard", lambda data: True, {"En": 0.0}),
    ],
)
def test_an_edited_verdict_is_found_on_its_line(
    honest: Path, tmp_path: Path, kind: str, which: Callable[[dict[str, Any]], bool], edit: dict[str, Any]
) -> None:
    """One field of what a record concludes, changed and sealed again, is named with the line that it stands on."""

    def change(entries: Entries) -> int:
        at = _first(entries, kind, which)
        entries[at]["data"] |= edit
        return at + 1

    line, found = forged(honest, tmp_path, change)

    assert any(problem.startswith(f"line {line}, ") for problem in found), found


def test_a_failure_made_a_pass_throughout_is_found(failing: Path, tmp_path: Path) -> None:
    """A forger who turns each F of values, cases and closing words into a pass is found by the values."""

    def change(entries: Entries) -> int:
        for entry in entries:
            data = entry["data"]
            if data.get("verdict") == "F":
                data |= {"verdict": "P", "reason": "", "conditional": False}
            if "p_nonconforming" in data and data["p_nonconforming"] is not None:
                data["p_nonconforming"] = 0.0
        counts = entries[-1]["data"]["counts"]
        counts |= {"P": counts["P"] + counts["F"], "F": 0}
        entries[-1]["data"] |= {"verdict": "COMPLIES", "exit_code": 0}
        return _first(entries, "measured", lambda data: bool(data["rule"])) + 1

    _, found = forged(failing, tmp_path, change)

    assert any("it says verdict 'P'" in problem and "come to 'F'" in problem for problem in found)
    assert any("run_ended" in problem and "DOES NOT COMPLY" in problem for problem in found)


def test_a_limit_widened_in_the_row_alone_is_found(failing: Path, tmp_path: Path) -> None:
    """A value that fails does not pass by a limit that the plan does not declare."""

    def change(entries: Entries) -> int:
        at = _first(entries, "measured", lambda data: data["verdict"] == "F")
        data = entries[at]["data"]
        data |= {"low": -1e6, "high": 1e6, "verdict": "P", "reason": "", "p_nonconforming": 0.0}
        return at + 1

    line, found = forged(failing, tmp_path, change)

    assert any(problem.startswith(f"line {line}, ") and "limit" in problem for problem in found)


def test_a_withdrawal_without_a_cause_is_found(honest: Path, tmp_path: Path) -> None:
    """A verdict is taken back for a reason that the record holds, and for no other."""

    def change(entries: Entries) -> int:
        at = _first(entries, "run_ended")
        case = entries[_first(entries, "case_ended", lambda data: data["verdict"] == "P")]["data"]["case"]
        data = {"case": case, "was": "P", "reason": "the end check of the bench failed: current"}
        entries.insert(at, {**entries[at], "type": "verdict_withdrawn", "v": 1, "data": data})
        return at + 1

    line, found = forged(honest, tmp_path, change)

    assert any(problem.startswith(f"line {line}, ") and "withdrawn" in problem for problem in found)


def test_a_bad_end_check_takes_the_verdicts_back(honest: Path, tmp_path: Path) -> None:
    """Verdicts that stand although the bench failed its last check are found, each case by its name."""

    def change(entries: Entries) -> int:
        at = _first(entries, "check_standard", lambda data: data["when"] == "end")
        entries[at]["data"] |= {"ok": False, "reason": "it was loose"}
        return at + 1

    _, found = forged(honest, tmp_path, change)

    assert any("must be withdrawn" in problem for problem in found)


def test_the_plain_runs_of_the_tests_contradict_nothing(tmp_path: Path) -> None:
    """What other tests sign, amend and export is as sound as a run that was really made."""
    made = [approvable(tmp_path / "a"), development(tmp_path / "d"), passing_record(tmp_path / "p").write()]

    assert [rederive(load(folder)) for folder in made] == [[], [], []]
