"""Tests of the Allure results: every case is there with its steps, values and waveforms, and no verdict gets better."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from harness import events
from reports import load
from reports.allure import write_allure
from tests.reports.small_records import passing_record, small_record
from tests.reports.tampering import reseal


@pytest.fixture
def results(tmp_path: Path) -> dict[str, Any]:
    """The result files of the small record by case; the folder is under "folder"."""
    folder = tmp_path / "allure"
    write_allure(load(small_record(tmp_path / "run").write()), folder)
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*-result.json")]
    return {result["fullName"].partition(".")[2]: result for result in found} | {"folder": folder}


def test_statuses_follow_verdicts(results: dict[str, Any]) -> None:
    """P is passed, F failed, N/A skipped; N/E is unknown, and broken where something of ours went wrong."""
    statuses = {name: result["status"] for name, result in results.items() if name != "folder"}

    assert statuses == {
        "OUT-010[hands-lowest-500 Ω-nominal]": "passed",
        "OUT-010[hands-highest-10 kΩ-90 %]": "failed",
        "OUT-020[feet]": "passed",
        "TIN-010[hands]": "unknown",
        "TIN-020[underarms]": "broken",
        "FLT-010[phase 1]": "passed",
        "FLT-020": "skipped",
        "verdict": "failed",
        "record": "passed",
    }


def test_a_run_that_was_cut_off_is_not_green(tmp_path: Path) -> None:
    """Where each case passed and the record was never closed, two results say that the run is broken, and why."""
    record = passing_record(tmp_path / "run").write()
    lines = (record / "record.jsonl").read_bytes().splitlines(keepends=True)
    (record / "record.jsonl").write_bytes(b"".join(lines[:-1]))

    write_allure(load(record), tmp_path / "allure")

    found = [json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "allure").glob("*-result.json")]
    assert {result["fullName"]: result["status"] for result in found} == {
        "OUT.OUT-010": "passed",
        "run.verdict": "broken",
        "run.record": "broken",
    }
    (told,) = [result["statusDetails"]["message"] for result in found if result["fullName"] == "run.record"]
    assert "the record was never closed" in told


def test_reason_is_carried(results: dict[str, Any]) -> None:
    """What is not a pass says why."""
    message = results["TIN-020[underarms]"]["statusDetails"]["message"]

    assert message == "N/E: claim sites.underarms.comfort_ceiling is not declared"


def test_values_stand_in_their_steps(results: dict[str, Any]) -> None:
    """A value is a part of its step, with limit, U, rule and p(nonconforming) as parameters."""
    steps = results["OUT-010[hands-highest-10 kΩ-90 %]"]["steps"]

    assert [step["name"] for step in steps][-1] == "Read"
    (value,) = steps[-1]["steps"]
    parameters = {parameter["name"]: parameter["value"] for parameter in value["parameters"]}
    assert value["name"] == "delivered current: 24.310 ± 0.060 mA"
    assert parameters["high"] == "21 mA"
    assert parameters["rule"] == "guarded"
    assert parameters["p(nonconforming)"] == "> 99.99 %"


def test_waveform_is_a_drawing_and_a_table(results: dict[str, Any]) -> None:
    """Each waveform is attached as SVG and as CSV, and both files are there."""
    step = results["FLT-010[phase 1]"]["steps"][-1]

    drawing, table = step["attachments"]
    assert ET.parse(results["folder"] / drawing["source"]).getroot().tag.endswith("svg")  # noqa: S314 - our own drawing
    assert (
        (results["folder"] / table["source"])
        .read_text(encoding="utf-8")
        .startswith("time / s,output voltage / V,marks\n")
    )


def test_limits_are_drawn(results: dict[str, Any]) -> None:
    """The attached drawing has the recorded limit as a dashed line with its words."""
    drawing, _ = results["OUT-010[hands-lowest-500 Ω-nominal]"]["steps"][-1]["attachments"]

    text = (results["folder"] / drawing["source"]).read_text(encoding="utf-8")

    assert text.count('class="limit"') == 1
    assert ">maximum 5.25 mA</text>" in text


@pytest.mark.parametrize("virtual", [True, False], ids=["virtual", "real"])
def test_marks_are_in_every_file_that_may_travel(tmp_path: Path, virtual: bool) -> None:
    """Environment, results, drawings and tables say that plans were not approved, and that a bench was virtual."""
    folder = tmp_path / "allure"

    write_allure(load(small_record(tmp_path / "run", virtual=virtual).write()), folder)

    environment = (folder / "environment.properties").read_text(encoding="ascii")
    assert ("Bench = VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY\n" in environment) is virtual
    assert "Verdict = DOES NOT COMPLY with OUT revision 1\n" in environment
    assert "Not.tested = 1 requirement was not tested by these plans\n" in environment
    paths = [path for path in folder.iterdir() if path.suffix in (".json", ".svg", ".csv")]
    assert len(paths) == 9 + 2 + 2
    for path in (*paths, folder / "environment.properties"):
        text = path.read_text(encoding="utf-8")
        assert "DEVELOPMENT RUN, PLANS NOT APPROVED" in text, path
        assert ("VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY" in text) is virtual, path


def test_trouble_of_the_run_does_not_break_its_values(tmp_path: Path) -> None:
    """A value that could not be decided is unknown, whatever else went wrong in the run."""
    record = small_record(tmp_path / "run", close=False)
    record.record.write(events.Problem(case=None, kind="LinkError", message="the link was lost"))
    folder = tmp_path / "allure"

    write_allure(load(record.write()), folder)

    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*-result.json")]
    (result,) = [result for result in found if result["fullName"] == "TIN.TIN-010[hands]"]
    assert result["status"] == "unknown"
    assert [value["status"] for value in result["steps"][-1]["steps"]] == ["unknown"]


def test_labels_name_requirement_and_plan(results: dict[str, Any]) -> None:
    """A case can be found by its requirement and its plan, and says that its bench is virtual."""
    labels = {(label["name"], label["value"]) for label in results["OUT-020[feet]"]["labels"]}

    assert ("requirement", "REQ-OUT-001") in labels
    assert ("plan", "OUT") in labels
    assert ("tag", "VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY") in labels
    assert ("tag", "conditional") in labels


def test_unverified_figures_and_low_ratios_are_seen(tmp_path: Path) -> None:
    """The value says it in its name and its parameters, the case in its tags, the run beside the results."""

    def change(entries: list[dict[str, Any]]) -> None:
        data = next(entry["data"] for entry in entries if entry["type"] == "measured")
        data["tur"], data["unverified"] = 3.2, ["34465A dc voltage"]

    record = passing_record(tmp_path / "run").write()
    reseal(record, change)
    write_allure(load(record), tmp_path / "allure")

    results = [json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "allure").glob("*-result.json")]
    result = next(r for r in results if any(step["steps"] for step in r.get("steps", ())))
    value = next(value for step in result["steps"] for value in step["steps"] if "U unverified" in value["name"])
    parameters = {parameter["name"]: parameter["value"] for parameter in value["parameters"]}
    tags = {label["value"] for label in result["labels"] if label["name"] == "tag"}
    assert parameters["test uncertainty ratio"] == "3.2:1"
    assert parameters["unverified"] == "34465A dc voltage"
    assert {"unverified data-sheet figures", "test uncertainty ratio below 4:1"} <= tags
    properties = (tmp_path / "allure" / "environment.properties").read_text(encoding="utf-8")
    assert "Unverified = 34465A dc voltage (unknown)" in properties
    assert "Test.uncertainty.ratio = 1 of 1 is below 4:1" in properties
