"""Tests of what the PDF draws and of what it leaves out: nothing that is left out goes uncounted."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from reports import Run, load
from reports.pdf import kills, render, waves
from reports.pdf.chosen import choose
from tests.reports.small_records import small_record
from tests.reports.small_run import approvable
from tests.reports.tampering import reseal

SVG = "{http://www.w3.org/2000/svg}"
STAMP = {
    "id": "q",
    "utc": "2026-01-01T00:00:00+00:00",
    "sha256": "ab" * 32,
    "conclusion": "NOT FIT",
    "partial": "",
    "stale": [],
    "defects": 3,
    "killed": 2,
    "survivors": ["unseen"],
    "alarms": {"runs": 0, "failed": 0, "upper": 1.0},
    "caught": {"OUT-010": ["too-strong", "too-weak"], "OUT-020": ["too-strong"], "SES-010": []},
}


def _qualified(folder: Path, stamp: dict[str, Any]) -> Run:
    path = approvable(folder)
    reseal(path, lambda entries: entries[0]["volatile"].update(qualification=stamp))
    return load(path)


def _boxes(run: Run, kind: str) -> int:
    return len(ET.fromstring(kills.drawing(run)).findall(f"{SVG}rect[@class='{kind}']"))  # noqa: S314 - our own text


def test_the_kill_matrix_has_a_box_for_each_defect_and_plan_that_caught_it(tmp_path: Path) -> None:
    """What two cases of a plan caught is told from what one did, and what nobody caught has a column of its own."""
    run = _qualified(tmp_path / "run", STAMP)

    assert (_boxes(run, "one"), _boxes(run, "more"), _boxes(run, "missed")) == (1, 1, 1)
    assert kills.words(run)[1] == "defects caught by each plan: OUT 2; SES 0; not caught: unseen"


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_the_kill_matrix_is_in_the_pdf(tmp_path: Path) -> None:
    """A drawing with words for who cannot see it, and the names of the defects as text that can be searched."""
    run = _qualified(tmp_path / "run", STAMP)
    path = tmp_path / "report.pdf"
    path.write_bytes(render(run))

    with pikepdf.open(path) as pdf:
        told = [str(item["/Alt"]) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True, text=True).stdout

    assert kills.words(run)[1] in told
    assert "Kill matrix" in text
    assert "too-strong" in text


def test_without_a_qualification_there_is_no_kill_matrix(tmp_path: Path) -> None:
    """A run of a harness that was never qualified draws none."""
    assert kills.drawing(load(approvable(tmp_path / "run"))) == ""


def test_the_value_with_the_least_room_stands_for_a_case(tmp_path: Path) -> None:
    """Where no value is likely to be beyond its limit, the one is printed that is nearest to it, counted in U."""
    path = approvable(tmp_path / "run")

    def change(entries: list[dict[str, Any]]) -> None:
        (read,) = (entry for entry in entries if entry["type"] == "measured")
        read["data"].update(p_nonconforming=0.0, low=None, high=1000.0)
        near = {**read, "data": {**read["data"], "name": "near", "high": 5.0 + 3 * read["data"]["U"]}}
        entries.insert(entries.index(read) + 1, near)

    reseal(path, change)
    run = load(path)

    assert [row.name for row in choose(run).rows] == ["delivered current", "near"]
    assert [row.name for row in choose(run, most=1).rows] == ["near"]


def test_each_waveform_is_drawn_or_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no room is counted by case and quantity, with the lines of the record that name its file and hash."""
    run = load(small_record(tmp_path / "run").write())
    total = len(run.rows.waveforms)
    assert total > 1
    monkeypatch.setattr(waves, "MOST_FIGURES", 1)

    found = waves.section(run)

    (left,) = [part["rows"] for part in found.parts if part["kind"] == "table"]
    assert len(found.drawings) + sum(int(row[2]) for row in left) == total
    drawn = {int(name.removesuffix(".svg")) for name in found.drawings}
    told = {int(line) for row in left for line in re.findall(r"\d+", row[4])}
    assert drawn | told == {row.seq for row in run.rows.waveforms}
