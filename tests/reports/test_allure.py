"""Tests of the Allure results: every case is there with its steps, values and waveforms, and no verdict gets better."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from reports import load
from reports.allure import write_allure
from tests.reports.record_builder import small_record


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
    }


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
    assert (results["folder"] / table["source"]).read_text(encoding="utf-8").startswith("time / s,output voltage / V\n")


def test_labels_name_requirement_and_plan(results: dict[str, Any]) -> None:
    """A case can be found by its requirement and its plan, and says that its bench is virtual."""
    labels = {(label["name"], label["value"]) for label in results["OUT-020[feet]"]["labels"]}

    assert ("requirement", "REQ-OUT-001") in labels
    assert ("plan", "OUT") in labels
    assert ("tag", "virtual bench, not evidence of conformity") in labels
    assert ("tag", "conditional") in labels
