"""Tests of a run on the terminal: plain where no terminal is, and nothing that matters left out."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from reports import load, terminal
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, REQUIREMENTS
from tests.reports.small_records import passing_record, small_record
from tests.reports.tampering import reseal


def _shown(folder: Path) -> str:
    out = io.StringIO()
    terminal.show(load(folder), Console(file=out, width=100))
    return out.getvalue()


def test_show_tells_verdict_and_every_exception(tmp_path: Path) -> None:
    """The verdict, the failed value with its limit, each reason, trouble and untested requirements are printed."""
    text = _shown(small_record(tmp_path / "run").write())

    for expected in (
        "VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY",
        "✘ DOES NOT COMPLY with OUT revision 1: 3 passed (1 conditionally), 1 failed, 2 not evaluated, "
        "1 not applicable; 1 requirement was not tested by these plans",
        "OUT-010[hands-highest-10 kΩ-90 %]: delivered current: the value is outside the limit",
        "delivered current is 24.310 ± 0.060 mA, and must be 19 … 21 mA (guarded)",
        "TIN-020[underarms]: claim sites.underarms.comfort_ceiling is not declared",
        "LinkError: '*IDN?' was not answered within 2 s",
        "not tested REQ-LBL-001",
    ):
        assert expected in text


def test_low_ratios_and_unverified_figures_are_told(tmp_path: Path) -> None:
    """How many ratios are below 4:1 with the worst, and on which figures how many values rest."""

    def change(entries: list[dict[str, Any]]) -> None:
        said = {"function": "dc voltage", "source": "5991-1983EN", "provenance": "remembered"}
        dmm = next(e["data"] for e in entries if e["type"] == "instrument" and e["data"]["name"] == "dmm")
        dmm["accuracy"] = [said]
        measured = [entry["data"] for entry in entries if entry["type"] == "measured"]
        for number, data in enumerate(measured, start=1):
            data["tur"] = 3.0 + number
            data["unverified"] = ["34465A dc voltage"]
        measured[0]["tur"] = 2.57

    folder = small_record(tmp_path / "run").write()
    reseal(folder, change)
    count = len(load(folder).rows.measurements)

    text = _shown(folder)
    facts = json.loads(terminal.as_json(load(folder)))

    assert (
        f"test uncertainty ratios: 1 of {count} is below 4:1, the worst is 2.5:1, displayed current in OUT-010" in text
    )
    assert f"{count} values rest on figures that nobody verified: 34465A dc voltage (remembered)" in text
    assert [row["tur"] for row in facts["low_test_uncertainty_ratios"]] == [2.57]
    assert [row["figure"] for row in facts["unverified"]] == ["34465A dc voltage"]


def test_output_into_a_file_is_plain(tmp_path: Path) -> None:
    """No escape codes reach a file or a pipe."""
    assert "\x1b" not in _shown(small_record(tmp_path / "run").write())


def test_table_counts_cases_by_plan(tmp_path: Path) -> None:
    """The table has a line for each plan and the number of cases of each verdict."""
    out = io.StringIO()

    Console(file=out, width=100).print(terminal.results_table(load(small_record(tmp_path / "run").write())))

    line = next(line for line in out.getvalue().splitlines() if "Current limits" in line)
    assert [cell.strip() for cell in line.strip("│ ").split("│")] == [
        "OUT", "Current limits", "3", "2", "1", "0", "0", "25.3 %", "F",
    ]  # fmt: skip


def test_names_are_not_markup(tmp_path: Path) -> None:
    """Square brackets in a name are printed, because case names are full of them."""
    record = small_record(tmp_path / "run", close=False)

    text = _shown(record.write())

    assert "TIN-010[hands]" in text
    assert "the record was never closed" in text


def test_conclusion_names_time_report_and_next_command(tmp_path: Path) -> None:
    """The end of a run says how long it stood for, where the report is, and what to do next."""
    out = io.StringIO()
    folder = passing_record(tmp_path / "run").write()

    terminal.conclude(load(folder), wall_s=4.0, console=Console(file=out, width=300))

    assert "✔ COMPLIES with OUT revision 1: 1 passed" in out.getvalue()
    assert "bench time 3 h 25 min in 4 s, 3,086 times as fast" in out.getvalue()
    assert f"report {folder / 'report.html'}" in out.getvalue()
    assert f"next: python -m harness show {folder}" in out.getvalue()


def test_json_is_for_programs(tmp_path: Path) -> None:
    """A program gets verdict, counts, heads and every case with its reason."""
    facts = json.loads(terminal.as_json(load(small_record(tmp_path / "run").write())))

    assert facts["verdict"] == "DOES NOT COMPLY"
    assert facts["counts"] == {"P": 3, "F": 1, "N/A": 1, "N/E": 2, "conditional": 1}
    assert [case["verdict"] for case in facts["cases"]] == ["P", "F", "P", "N/E", "N/E", "P", "N/A"]
    assert facts["requirements"]["REQ-LBL-001"] == "not tested"


def test_verdict_names_its_plans_and_what_they_do_not_test(tmp_path: Path) -> None:
    """A verdict is said with the plans and revisions that it was come to with, and counts the requirements left out."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[:2], requirements=REQUIREMENTS)
    record.instruments()
    record.plan_case("OUT-010", "OUT", "Delivered current", ("REQ-OUT-003",), {})
    record.start("OUT-010", "Read")
    record.measure("OUT-010", "delivered current", 5.0, low=4.75, high=5.25)
    record.end("OUT-010", "P")
    record.close("COMPLIES", 0, {"P": 1})

    line = terminal.verdict_line(load(record.write())).plain

    assert line.startswith("✔ COMPLIES with OUT revision 1, TIN revision 2: 1 passed")
    assert line.endswith("; 4 requirements were not tested by these plans")


def test_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    """When nobody reads any more, the rest is not printed, and the program goes on to its own exit code."""
    folder = passing_record(tmp_path / "run").write()
    program = (
        "import sys; from reports import load, terminal; sys.stdin.readline(); "
        "terminal.conclude(load(sys.argv[1]), wall_s=1.0); print('x' * 100_000); sys.exit(5)"
    )

    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()  # the reader is gone before the first word
        process.stdin.write("\n")
        process.stdin.flush()
        said = process.stderr.read()

    assert (process.returncode, said) == (5, "")
