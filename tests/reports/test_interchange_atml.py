"""ATML: the document has the shape of IEEE 1636.1, and a reader that knows only that finds every value and verdict."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import xmlschema

from reports import Run, load
from reports.interchange.atml import atml
from reports.pdf.attached import attachments
from reports.rows import Measurement, Observation
from reports.summary import VIRTUAL_BANNER
from tests.harness.certify_run import certify, command
from tests.reports.small_records import passing_record, small_record
from tests.reports.tampering import reseal

SHAPE = Path(__file__).parent / "atml" / "results.xsd"
NAMES = {"tr": "urn:IEEE-1636.1:2013:TestResults", "c": "urn:IEEE-1671:2010:Common", "ib": "urn:iontobench:atml:1"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with every verdict."""
    return load(small_record(tmp_path / "run").write())


def parsed(run: Run) -> ET.Element:
    """Return the document of a run, valid by the schema."""
    content = atml(run)
    xmlschema.XMLSchema(str(SHAPE)).validate(content.decode())
    return ET.fromstring(content)  # noqa: S314 - we have just written it


def outcome(element: ET.Element) -> tuple[str, str]:
    """Return value and qualifier of the outcome of a test or group."""
    found = element.find("tr:Outcome", NAMES)
    assert found is not None
    return found.get("value", ""), found.get("qualifier", "")


def test_verdicts_are_outcomes_and_nothing_open_is_a_pass(run: Run) -> None:
    """N/E is aborted with an error, N/A aborted and skipped, and a conditional pass is called one."""
    groups = parsed(run).findall("tr:ResultSet/tr:TestGroup/tr:TestGroup", NAMES)

    assert {group.get("name"): outcome(group) for group in groups} == {
        "OUT-010[hands-lowest-500 Ω-nominal]": ("Passed", ""),
        "OUT-010[hands-highest-10 kΩ-90 %]": ("Failed", ""),
        "OUT-020[feet]": ("Passed", "Conditional"),
        "TIN-010[hands]": ("Aborted", "Error"),
        "TIN-020[underarms]": ("Aborted", "Error"),
        "FLT-010[phase 1]": ("Passed", ""),
        "FLT-020": ("Aborted", "Skipped"),
    }
    (top,) = parsed(run).findall("tr:ResultSet", NAMES)
    assert outcome(top) == ("Failed", "")


def test_a_run_that_was_cut_off_is_aborted_although_its_cases_passed(tmp_path: Path) -> None:
    """The outcome of the whole is that of the run, not of its cases."""
    folder = passing_record(tmp_path / "run").write()
    lines = (folder / "record.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "record.jsonl").write_bytes(b"".join(lines[:-1]))

    (top,) = parsed(load(folder)).findall("tr:ResultSet", NAMES)

    assert outcome(top) == ("Aborted", "Error")


def test_every_value_is_found_with_its_unit_limits_and_uncertainty(run: Run) -> None:
    """What a reader finds under the names of ATML is what the record says, unrounded."""
    tests = {test.get("ID"): test for test in parsed(run).iter(f"{{{NAMES['tr']}}}Test")}

    for row in (row for row in run.rows.measurements if row.rule):
        data = tests[f"line-{row.seq}"].find("tr:TestResult/tr:TestData/c:Datum", NAMES)
        assert data is not None
        assert (float(data.get("value", "")), data.get("nonStandardUnit")) == (row.value, row.unit)
        assert bounds(data.find("c:ErrorLimits", NAMES)) == {"GE": -(row.U or 0), "LE": row.U}
        assert data.findtext("c:Confidence", namespaces=NAMES) == "0.95"
        found = bounds(tests[f"line-{row.seq}"].find("tr:TestResult/tr:TestLimits/tr:Limits", NAMES))
        assert (found.get("GE"), found.get("LE")) == (row.low, row.high)


def bounds(limit: ET.Element | None) -> dict[str, float]:
    """Return the bounds of a limit by their comparison."""
    assert limit is not None
    found = [*limit.findall("c:SingleLimit", NAMES), *limit.findall("c:LimitPair/c:Limit", NAMES)]
    return {one.get("comparator", ""): float(one[0].get("value", "")) for one in found}


def test_rule_coverage_and_budget_stand_in_the_extension(run: Run) -> None:
    """What ATML has no words for is there, with each component of the budget."""
    judged = {said.get("recordLine"): said for said in parsed(run).iter(f"{{{NAMES['ib']}}}Judgement")}

    for row in run.rows.measurements:
        said = judged[str(row.seq)]
        assert (said.get("rule", ""), float(said.get("k", ""))) == (row.rule, row.k)
        assert [(part.get("source"), float(part.get("u", ""))) for part in said] == [(s, u) for s, u, *_ in row.budget]
    assert len(judged) == len(run.rows.measurements)


def test_what_was_told_and_not_judged_is_no_test(run: Run) -> None:
    """A value without a rule is an action that was done, and every other line is a test."""
    document = parsed(run)
    actions = [action.get("name") for action in document.iter(f"{{{NAMES['tr']}}}SessionAction")]
    tests = list(document.iter(f"{{{NAMES['tr']}}}Test"))
    lines: list[Measurement | Observation] = [*run.rows.measurements, *run.rows.observations]

    assert actions == ["displayed current"]
    assert len(tests) == len(lines) - 1


def test_the_document_says_its_edition_and_that_the_bench_was_virtual(run: Run) -> None:
    """Edition, record head and banners are in the extension of the whole, and each test is called simulated."""
    document = parsed(run)
    (said,) = document.findall("tr:Extension/ib:Run", NAMES)

    assert said.get("edition") == "IEEE Std 1636.1-2013"
    assert said.get("recordHead") == run.head
    assert VIRTUAL_BANNER in [remark.text for remark in said.findall("ib:Remark", NAMES)]
    assert "the bench is virtual" in [obstacle.text for obstacle in said.findall("ib:ObstacleToApproval", NAMES)]
    assert {test.get("simulated") for test in document.iter(f"{{{NAMES['tr']}}}Test")} == {"true"}


def test_a_record_without_a_date_and_with_garbled_words_is_still_valid(tmp_path: Path) -> None:
    """A missing value is not a number, a missing date is 1970, and what XML cannot hold is written by its number."""
    folder = small_record(tmp_path / "run").write()

    def spoil(entries: list[dict[str, Any]]) -> None:
        entries[0]["volatile"]["utc"] = "yesterday"
        entries[0]["data"]["item"]["serial"] = ""
        for entry in entries:
            if entry["type"] == "measured" and entry["data"]["verdict"] == "F":
                entry["data"] |= {"value": None, "U": None, "k": None, "reason": "\x00<&"}

    reseal(folder, spoil)
    document = parsed(load(folder))
    (test,) = [test for test in document.iter(f"{{{NAMES['tr']}}}Test") if outcome(test)[0] == "Failed"]
    data = test.find("tr:TestResult/tr:TestData/c:Datum", NAMES)

    assert data is not None
    assert data.get("value") == "NaN"
    assert test.findtext("tr:Description", namespaces=NAMES) == "\\x00<&"
    assert test.get("startDateTime", "").startswith("1970-01-01T")
    assert document.findtext("tr:UUT/c:SerialNumber", namespaces=NAMES) == "not given"


def test_words_with_quotes_and_lines_are_read_back_as_they_were(tmp_path: Path) -> None:
    """Another parser finds every letter again that XML treats in a way of its own."""
    said = "it said \"<a & b>\",\n\tand 'ended'"
    folder = small_record(tmp_path / "run").write()

    def plant(entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry["type"] == "measured" and entry["data"]["verdict"] == "F":
                entry["data"]["reason"] = said

    reseal(folder, plant)
    document = parsed(load(folder))

    assert said in [one.get("reason") for one in document.iter(f"{{{NAMES['ib']}}}Judgement")]
    assert said in [one.text for one in document.iter(f"{{{NAMES['tr']}}}Description")]


def test_the_document_is_attached_to_the_pdf(run: Run) -> None:
    """Who gets the PDF alone has the results in this format too."""
    (attached,) = [file for file in attachments(run) if file.name == "results.atml.xml"]

    assert attached.content == atml(run)
    assert attached.mime == "application/xml"


def test_the_same_record_gives_the_same_document_in_another_folder(run: Run, tmp_path: Path) -> None:
    """The document depends on the record alone."""
    made = atml(run)
    (tmp_path / "elsewhere").mkdir()
    copy = run.folder.rename(tmp_path / "elsewhere" / "copy")

    assert atml(load(copy)) == made


def test_a_real_run_is_valid(tmp_path: Path) -> None:
    """What `certify` records on the virtual bench comes out as a valid document by one command."""
    run = certify(tmp_path / "runs", "compound_faults", only=["CFT-050"])

    done = command(tmp_path, "export", run.folder, "--atml", "results.xml")

    assert done.returncode == 0, done.stderr
    xmlschema.XMLSchema(str(SHAPE)).validate((tmp_path / "results.xml").read_text(encoding="utf-8"))
