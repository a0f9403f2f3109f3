"""JUnit, results JSON, CSV and the clause table: other people's readers find every verdict, and none that is better."""

import csv
import json
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from harness.errors import ConfigError
from reports import Run, load
from reports.interchange.clause_table import (
    NO_CLAUSE,
    NO_REQUIREMENT,
    as_csv,
    as_html,
    clause_table,
    write_clause_table,
)
from reports.interchange.junit import junit
from reports.interchange.results import results_json
from reports.interchange.results_format import schema
from reports.interchange.tables import tables, write_tables
from reports.summary import VIRTUAL_BANNER
from tests.harness.certify_run import CHECKOUT, command
from tests.reports.small_records import passing_record, small_record
from tests.reports.tampering import reseal

WORDS = {Failure: "failure", Error: "error", Skipped: "skipped"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with every verdict."""
    return load(small_record(tmp_path / "run").write())


def outcomes(content: bytes) -> dict[str, str]:
    """Return what another reader makes of each test; of a test with nothing in it, a pass."""
    found = {}
    for suite in JUnitXml.fromstring(content):
        for case in suite:
            found[case.name] = WORDS[type(case.result[0])] if case.result else "passed"
    return found


def test_another_reader_of_junit_finds_every_verdict_and_takes_nothing_open_for_a_pass(run: Run) -> None:
    """N/E is an error, N/A is skipped, F is a failure, and the verdict of the run is a test of its own."""
    assert outcomes(junit(run)) == {
        "OUT-010[hands-lowest-500 Ω-nominal]": "passed",
        "OUT-010[hands-highest-10 kΩ-90 %]": "failure",
        "OUT-020[feet]": "passed",
        "TIN-010[hands]": "error",
        "TIN-020[underarms]": "error",
        "FLT-010[phase 1]": "passed",
        "FLT-020": "skipped",
        "verdict": "failure",
        "record": "passed",
    }


def test_counts_of_junit_are_those_of_its_tests(run: Run) -> None:
    """What the header says is what another reader counts."""
    found = JUnitXml.fromstring(junit(run))
    said = (found.tests, found.failures, found.errors, found.skipped)

    found.update_statistics()

    assert said[:3] == (found.tests, found.failures, found.errors) == (9, 2, 2)


def test_a_record_that_was_cut_off_is_no_green_build(tmp_path: Path) -> None:
    """Where each case passed and the record was never closed, the run is an error."""
    folder = passing_record(tmp_path / "run").write()
    lines = (folder / "record.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "record.jsonl").write_bytes(b"".join(lines[:-1]))

    assert outcomes(junit(load(folder))) == {"OUT-010": "passed", "verdict": "error", "record": "error"}


def test_what_xml_cannot_hold_is_written_by_its_number(tmp_path: Path) -> None:
    """A garbled answer in a reason spoils no file."""
    folder = small_record(tmp_path / "run").write()

    def garble(entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry["type"] == "case_ended" and entry["data"]["verdict"] == "F":
                entry["data"]["reason"] = "it said '\x00\x1b[0m\ufffe<&'"

    reseal(folder, garble)

    (message,) = [
        case.result[0].message
        for suite in JUnitXml.fromstring(junit(load(folder)))
        for case in suite
        if case.name.startswith("OUT-010[hands-highest")
    ]
    assert message == "it said '\\x00\\x1b[0m\\xfffe<&'"


def test_results_keep_to_their_schema_and_the_schema_to_its_names(run: Run) -> None:
    """An independent validator takes results.json, and refuses it with a field that the format does not know."""
    content = json.loads(results_json(run))
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())

    assert [error.message for error in validator.iter_errors(content)] == []
    for place in (content, content["run"], content["measurements"][0], content["plans"][0], content["instruments"][0]):
        place["misspelt"] = 1
        assert list(validator.iter_errors(content))
        del place["misspelt"]


def test_the_schema_that_is_published_is_the_one_that_is_kept_to() -> None:
    """docs/schemas holds what `schema` writes."""
    published = json.loads((CHECKOUT / "docs" / "schemas" / "results.schema.json").read_text(encoding="utf-8"))

    assert published == schema()


def test_results_hold_every_value_unrounded_with_its_limit_rule_and_budget(run: Run) -> None:
    """Numbers are those of the record, and infinite degrees of freedom are null."""
    content = json.loads(results_json(run))
    recorded = [json.loads(line) for line in (run.folder / "record.jsonl").read_text(encoding="utf-8").splitlines()]
    measured = [entry["data"] for entry in recorded if entry["type"] == "measured"]

    for told, said in zip(content["measurements"], measured, strict=True):
        for key in ("value", "U", "u", "k", "dof", "low", "high", "rule", "verdict", "conditional", "p_nonconforming"):
            assert told[key] == said[key], key
        assert [(part["source"], part["u"], part["dof"]) for part in told["budget"]] == [
            (source, u, dof) for source, u, _, dof in said["budget"]
        ]
    assert {case["id"]: case["verdict"] for case in content["cases"]} == {
        entry["data"]["case"]: entry["data"]["verdict"] for entry in recorded if entry["type"] == "case_ended"
    }


def test_results_say_what_keeps_them_from_being_approved(run: Run) -> None:
    """A virtual bench, plans that nobody approved and a failure stand in results.json in words."""
    said = json.loads(results_json(run))["run"]

    assert VIRTUAL_BANNER in said["remarks"]
    assert any("DEVELOPMENT RUN" in remark for remark in said["remarks"])
    assert {"the verdict is DOES NOT COMPLY", "the bench is virtual"} <= set(said["obstacles"])


def test_another_reader_of_csv_finds_every_measurement(run: Run) -> None:
    """Another reader (pandas) reads what the record says, and each line says that the bench was virtual."""
    found = pd.read_csv(StringIO(tables(run)["measurements"].decode()), keep_default_na=False)

    assert len(found) == len(run.rows.measurements)
    assert [float(value) for value in found["value"]] == [row.value for row in run.rows.measurements]
    assert all(VIRTUAL_BANNER in remarks for remarks in found["remarks"])
    assert len(pd.read_csv(StringIO(tables(run)["budgets"].decode()))) == 3 * len(found)


def test_a_text_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    """A reason that begins like a formula begins with an apostrophe; a negative number stays one."""
    folder = small_record(tmp_path / "run").write()

    def plant(entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry["type"] == "measured":
                entry["data"]["reason"], entry["data"]["value"] = "=1+1", -5.0
        entries[0]["data"]["clauses"][0]["title"] = "@SUM(1)"

    reseal(folder, plant)
    found = pd.read_csv(StringIO(tables(load(folder))["measurements"].decode()), keep_default_na=False)

    assert set(found["reason"]) == {"'=1+1"}
    assert set(found["value"]) == {-5.0}
    assert ",'@SUM(1)," in as_csv(load(folder)).decode()


def test_csv_goes_into_a_folder_and_not_over_a_file(run: Run, tmp_path: Path) -> None:
    """A file in the way is named and stays what it was."""
    (tmp_path / "file").write_text("mine")

    with pytest.raises(ConfigError, match="is a file: name a folder"):
        write_tables(run, tmp_path / "file")

    assert (tmp_path / "file").read_text() == "mine"


def test_every_clause_requirement_and_case_is_in_the_clause_table(run: Run) -> None:
    """Nothing falls out of the table because it comes from no clause, or speaks for no requirement."""
    rows = clause_table(run)
    texts = [row.text.split(":")[0].split()[0] for row in rows if row.kind != "clause"]

    assert [row.clause for row in rows if row.kind == "clause"] == [f"201.{number}" for number in range(1, 6)]
    assert {row.requirement for row in run.rows.requirements} <= set(texts)
    assert {case.base for case in run.rows.cases.values()} <= set(texts)
    assert [row.text.split()[0] for row in rows if row.standard == NO_REQUIREMENT] == ["FLT-020"]
    assert [row.text.split(":")[0] for row in rows if row.standard == NO_CLAUSE and row.kind == "requirement"] == [
        "REQ-OUT-001",
        "REQ-LBL-001",
    ]


def test_the_clause_table_makes_no_verdict_better(run: Run) -> None:
    """Not tested is N/E, a conditional pass is called one, and a clause is as bad as what stands under it."""
    by_text = {row.text.split(":")[0].split()[0]: row for row in clause_table(run) if row.kind != "clause"}
    clauses = {row.clause: row for row in clause_table(run) if row.kind == "clause"}

    assert by_text["REQ-LBL-001"].verdict == "N/E"
    assert "not tested" in by_text["REQ-LBL-001"].result
    assert by_text["OUT-020"].verdict == "P (conditional)"
    assert by_text["OUT-010"].verdict == "F"
    assert "24.310 ± 0.060" in by_text["OUT-010"].result.replace("\N{NO-BREAK SPACE}", " ")
    assert {name: row.verdict for name, row in clauses.items()} == {
        "201.1": "N/E",
        "201.2": "F",
        "201.3": "N/E",
        "201.4": "N/A",
        "201.5": "P",
    }
    assert "remembered, not checked against the text" in clauses["201.2"].result
    assert "not checked" not in clauses["201.5"].result


def test_the_clause_table_is_the_same_as_csv_and_as_a_page(run: Run) -> None:
    """Both hold all rows; the page loads nothing and carries the banner."""
    page = as_html(run)
    lines = list(csv.reader(StringIO(as_csv(run).decode())))

    assert lines[0][:5] == ["Standard", "Clause", "Requirement + Test", "Result - Remark", "Verdict"]
    assert [line[4] for line in lines[1:]] == [row.verdict for row in clause_table(run)]
    assert page.count("<tr class=") == len(lines) - 1
    assert "default-src 'none'" in unescape(page)
    assert f'<div class="banner" role="note">{VIRTUAL_BANNER}</div>' in page
    assert all(found not in page for found in ("<script", "http://", "src="))


def test_a_clause_table_of_another_kind_is_refused(run: Run, tmp_path: Path) -> None:
    """A name that ends with neither .csv nor .html is named."""
    with pytest.raises(ConfigError, match=r"must end with \.csv or \.html"):
        write_clause_table(run, tmp_path / "clauses.docx")


@pytest.mark.parametrize("make", [junit, results_json, as_csv, as_html, tables], ids=lambda make: str(make.__name__))
def test_the_same_record_gives_the_same_bytes_in_another_folder(make: Any, run: Run, tmp_path: Path) -> None:
    """An export depends on the record alone."""
    made = make(run)
    (tmp_path / "elsewhere").mkdir()
    copy = run.folder.rename(tmp_path / "elsewhere" / "copy")

    assert make(run) == made
    assert make(load(copy)) == made


def test_the_command_writes_all_that_it_is_asked_for(tmp_path: Path) -> None:
    """One call writes every format, and says that the bench was virtual."""
    folder = small_record(tmp_path / "run").write()

    done = command(
        tmp_path,
        "export",
        folder,
        *("--junit", "j.xml", "--json", "r.json", "--csv", "csv", "--clauses", "new/c.html", "--in-toto", "i.json"),
    )

    assert done.returncode == 0, done.stderr
    assert f"remark: {VIRTUAL_BANNER}" in done.stdout
    assert outcomes((tmp_path / "j.xml").read_bytes())["verdict"] == "failure"
    assert json.loads((tmp_path / "r.json").read_bytes())["run"]["verdict"] == "DOES NOT COMPLY"
    assert (tmp_path / "csv" / "measurements.csv").is_file()
    assert (tmp_path / "new" / "c.html").is_file()
    assert json.loads((tmp_path / "i.json").read_bytes())["predicate"]["result"] == "FAILED"


def test_the_command_that_is_told_nothing_says_what_it_can_be_told(tmp_path: Path) -> None:
    """Without a format it names them, and exits with 2."""
    done = command(tmp_path, "export", small_record(tmp_path / "run").write())

    assert done.returncode == 2
    assert "--junit, --json, --csv, --atml, --clauses, --in-toto, --allure and --allure-page" in done.stderr
