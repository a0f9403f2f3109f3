"""Traces: every link of a record is there in both directions, and what is missing is said."""

import csv
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.commands.compose import prepared
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from reports import Run, load
from reports.development import BANNER, lacks_of
from reports.summary import VIRTUAL_BANNER
from reports.trace import LEFT_OUT, NOT_TESTED, PLANNED, PLANS_BANNER, Trace, trace_of_run
from reports.trace_html import render
from reports.trace_lines import COLUMNS, csv_rows, said, tally, write_csv
from reports.trace_planned import planned_trace
from reports.trace_reqif import write_reqif
from reports.trace_terminal import show, summary_words
from tests.harness.certify_run import certify, command
from tests.reports.small_records import small_record
from tests.reports.tampering import reseal

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of two plans of ours."""
    return load(certify(tmp_path_factory.mktemp("runs"), "inspections", "self_test").folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small record: a pass, a failure, what is undecided, and requirements without a case."""
    return load(small_record(tmp_path_factory.mktemp("small") / "run").write())


def forged(folder: Path, change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Trace:
    """Return the trace of the small record with other opening words: their data and their volatile part."""
    small_record(folder / "run").write()
    reseal(folder / "run", lambda entries: change(entries[0]["data"], entries[0]["volatile"]))
    read = load(folder / "run")
    return trace_of_run(read)


def of(run: Run) -> Trace:
    """Return the trace of a run."""
    return trace_of_run(run)


def test_every_link_of_the_record_is_a_line_of_the_csv(tmp_path: Path, run: Run) -> None:
    """Hazard to control, control to requirement, requirement to case, case to value: each pair that the record has."""
    with write_csv(of(run), tmp_path / "t.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        lines = list(reader)
    opened = run.rows.opened

    assert tuple(reader.fieldnames or ()) == COLUMNS
    pairs = {(line["hazard"], line["control"]) for line in lines if line["hazard"]}
    assert pairs == {(hazard["id"], control["id"]) for hazard in opened["hazards"] for control in hazard["controls"]}
    stated = {(line["control"], line["requirement"]) for line in lines if line["requirement"]}
    assert stated == {(control, item["id"]) for item in opened["requirements"] for control in item["controls"]}
    verified = {(line["requirement"], line["case"]) for line in lines if line["case"]}
    assert verified == {(name, case.case) for case in run.rows.cases.values() for name in case.verifies}
    told = {int(line["record line"]) for line in lines if line["record line"]}
    assert told == {row.seq for row in [*run.rows.measurements, *run.rows.observations]}
    verdicts = {line["case"]: line["case verdict"] for line in lines if line["case"]}
    assert verdicts == {case.case: case.verdict for case in run.rows.cases.values()}


def test_values_of_the_csv_are_those_of_the_record_unrounded(run: Run) -> None:
    """What is exported can be calculated with: value, U and limits come back as they were."""
    rows = {int(row["record line"]): row for row in csv_rows(of(run)) if row.get("record line")}

    for measured in run.rows.measurements:
        row = rows[measured.seq]
        assert float(row["value"]) == measured.value
        assert float(row["U"]) == measured.U
        assert (float(row["high"]) if row["high"] else None) == measured.high
        assert row["measurement verdict"] == measured.verdict


def test_the_way_back_is_the_way_there(run: Run) -> None:
    """A hazard above a case is one whose controls have that case below them, and the other way round."""
    trace = of(run)

    down = {
        (hazard.hazard, control.control, base.base)
        for hazard in trace.hazards.values()
        for control in hazard.controls
        for requirement in trace.requirements_of.get(control.control, ())
        for base in trace.bases_of.get(requirement.requirement, ())
    }
    up = {
        (hazard, control, base.base)
        for base in trace.bases.values()
        for hazard, controls in trace.above(base).items()
        for control in controls
    }

    assert down
    assert down == up


def test_what_is_worst_goes_up_to_the_hazard(small: Run) -> None:
    """A failure of one case is the state of its requirement, its control and its hazard."""
    trace = of(small)
    (hazard,) = trace.hazards.values()
    failed = {case.base for case in small.rows.cases.values() if case.verdict == "F"}

    assert failed
    states = {trace.state(item) for item in trace.requirements.values() if item.requirement in trace.bases_of}
    assert "F" in states
    assert trace.state_of_control(hazard.controls[0]) == trace.state_of_hazard(hazard) == "F"
    (base,) = [base for base in trace.bases.values() if base.base in failed]
    assert base.told is not None
    assert base.told.verdict == "F"
    assert "F" in tally(base)


def test_a_requirement_without_a_case_is_not_tested_and_never_a_pass(small: Run) -> None:
    """It is named as missing, and its hazard is at most as good as it is."""
    trace = of(small)
    tested = {name for case in small.rows.cases.values() for name in case.verifies}
    untested = [name for name in trace.requirements if name not in tested]

    assert untested
    assert [gap.id for gap in trace.gaps["Untested requirements"]] == untested
    assert {trace.state(trace.requirements[name]) for name in untested} == {NOT_TESTED}


def test_a_stated_reason_stands_apart_from_a_requirement_that_was_forgotten(tmp_path: Path) -> None:
    """Both are not tested; only one of them says why."""

    def change(data: dict[str, Any], _: dict[str, Any]) -> None:
        for item in data["requirements"]:
            if item["id"] == "REQ-LBL-001":
                item["untested"] = "nobody can measure it"

    trace = forged(tmp_path, change)

    assert [(gap.id, gap.text) for gap in trace.gaps["Untested, with a stated reason"]] == [
        ("REQ-LBL-001", "nobody can measure it")
    ]
    assert "REQ-LBL-001" not in [gap.id for gap in trace.gaps.get("Untested requirements", [])]
    assert trace.state(trace.requirements["REQ-LBL-001"]) == NOT_TESTED


def test_a_case_of_no_requirement_is_an_orphan_and_is_kept(tmp_path: Path) -> None:
    """Its values are in the CSV all the same."""

    def change(data: dict[str, Any], _: dict[str, Any]) -> None:
        data["requirements"] = [item for item in data["requirements"] if item["id"] != "REQ-FLT-001"]

    trace = forged(tmp_path, change)
    (orphan,) = (gap for gap in trace.gaps["Orphan cases"] if "REQ-FLT-001" in gap.text)

    rows = [row for row in csv_rows(trace) if row.get("case", "").startswith(orphan.id)]
    assert rows
    assert not any(row.get("requirement") for row in rows)


def test_a_control_that_nobody_states_is_missing(tmp_path: Path) -> None:
    """A hazard is not controlled by a control that no requirement asks for."""

    def change(data: dict[str, Any], _: dict[str, Any]) -> None:
        data["hazards"][0]["controls"].append({"id": "RC-99", "kind": "design", "text": "a fuse"})

    trace = forged(tmp_path, change)

    assert [gap.id for gap in trace.gaps["Controls without a requirement"]] == ["RC-99"]
    assert trace.state_of_control(trace.controls["RC-99"]) == NOT_TESTED
    assert [row["control"] for row in csv_rows(trace) if not row.get("requirement") and not row.get("case")] == [
        "RC-99"
    ]


def test_a_link_to_a_requirement_that_changed_since_the_approval_is_suspect(tmp_path: Path) -> None:
    """It is suspect wherever it is shown, and only that link is."""

    def change(_: dict[str, Any], volatile: dict[str, Any]) -> None:
        suspect = {"REQ-OUT-003": "changed since the plan was approved"}
        lacks = ["REQ-OUT-003 changed since the plan was approved"]
        said = {"lacks": lacks, "signatures": [], "suspect": suspect}
        volatile["approvals"] = {"file": "a", "count": 1, "head": "", "plans": {"OUT": said}}

    trace = forged(tmp_path, change)
    marked = [row for row in csv_rows(trace) if row.get("suspect link")]

    assert {gap.id.split(" ")[0] for gap in trace.gaps["Suspect links"]} == {"REQ-OUT-003"}
    assert {row["requirement"] for row in marked} == {"REQ-OUT-003"}
    assert "suspect link: the requirement changed since the plan was approved" in render(trace, None)


def test_what_was_left_out_is_no_pass_and_is_named(tmp_path: Path) -> None:
    """A case of which nothing was selected is left out, and so is the requirement that only it speaks for."""

    def change(data: dict[str, Any], _: dict[str, Any]) -> None:
        left = {"plan": "LBL", "case": "LBL-010", "title": "labels", "verifies": ["REQ-LBL-001"], "count": 3}
        data["selection"] = {"only": ["OUT-*"], "requirements": [], "risk": "high", "left_out": [left]}

    trace = forged(tmp_path, change)

    assert trace.state(trace.requirements["REQ-LBL-001"]) == LEFT_OUT
    assert [gap.id for gap in trace.gaps["Left out by the selection"]] == ["LBL-010"]
    assert "only cases OUT-*, risk high" in summary_words(trace)
    assert "LBL-010" in render(trace, None)


def test_a_case_that_was_cut_is_no_pass(tmp_path: Path) -> None:
    """Of some variations passed and some left out, the case, its requirement and its hazard are left out."""

    def change(data: dict[str, Any], _: dict[str, Any]) -> None:
        left = {"plan": "OUT", "case": base.base, "title": base.title, "verifies": base.verifies, "count": 3}
        data["selection"] = {"only": ["x"], "requirements": [], "risk": "", "left_out": [left]}

    small_record(tmp_path / "whole").write()
    base = next(one for one in of(load(tmp_path / "whole")).bases.values() if one.state == "P")
    trace = forged(tmp_path, change)

    assert trace.bases[base.base].state == LEFT_OUT
    assert trace.state(trace.requirements[base.verifies[0]]) in ("F", "N/E", NOT_TESTED, LEFT_OUT)
    assert "3 left out" in tally(trace.bases[base.base])


def test_a_conditional_pass_is_told_as_one(small: Run) -> None:
    """The tally, which stands in terminal, page and ReqIF, counts it."""
    base = next(one for one in of(small).bases.values() if one.state == "P")

    cases = tuple(replace(case, conditional=True) for case in base.cases)

    assert tally(replace(base, cases=cases)) == f"{len(cases)} P ({len(cases)} conditional)"


def test_every_export_says_what_speaks_against_the_run(tmp_path: Path) -> None:
    """That the bench was virtual, the plans not approved and the record doubtful is in each of them."""
    small_record(tmp_path / "run").write()
    reseal(tmp_path / "run", lambda entries: entries[-1]["data"]["counts"].update(P=99))
    run = load(tmp_path / "run")
    trace, shown = of(run), StringIO()
    (doubt,) = (text for text in run.doubts if "99 cases P" in text)

    show(trace, console=Console(file=shown, width=80))
    exported = write_reqif(trace, tmp_path / "t.reqif", "2026-01-31T09:00:00Z").read_text()

    for remark in (VIRTUAL_BANNER, BANNER, doubt, run.verdict):
        assert remark in shown.getvalue()
        assert all(remark in row["remarks"] for row in csv_rows(trace))
        assert remark in exported
        assert remark in render(trace, run)


def test_a_plan_that_nobody_signed_is_not_approved(tmp_path: Path) -> None:
    """An approval without a name is none, in the trace as in the report."""

    def change(_: dict[str, Any], volatile: dict[str, Any]) -> None:
        said = {"lacks": [], "signatures": [], "suspect": {}}
        volatile["approvals"] = {"file": "a", "count": 1, "head": "", "plans": {"OUT": said}}

    trace = forged(tmp_path, change)

    assert "OUT" in lacks_of(trace.plans, trace.approvals)


def test_plans_alone_have_the_trace_of_a_run_of_them(run: Run) -> None:
    """Links are the same; nothing is measured, and every case is planned."""
    plans = [PLANS_FOLDER / f"{stem}.yaml" for stem in ("inspections", "self_test")]

    trace, ran = planned_trace(prepared(REFERENCE_CLAIMS, plans, None), {"plans": {}}), of(run)

    assert {name: base.verifies for name, base in trace.bases.items()} == {
        name: base.verifies for name, base in ran.bases.items()
    }
    assert {base.state for base in trace.bases.values()} == {PLANNED}
    assert trace.hazards == ran.hazards
    assert trace.requirements == ran.requirements
    assert PLANS_BANNER in render(trace, None)


class Page(HTMLParser):
    """Collects ids, links within the page, and whatever could make a browser load something."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes that matter."""
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "data", "action")]


def test_the_page_links_both_ways_and_loads_nothing(run: Run) -> None:
    """Every link ends within the page, every hazard, requirement and case is there, and every banner of the run."""
    trace, text = of(run), render(of(run), run)
    page = Page()
    page.feed(text)

    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert {f"case-{name}" for name in trace.bases} <= set(page.ids)
    assert {f"hazard-{name}" for name in trace.hazards} <= set(page.ids)
    assert all(name in text for name in trace.requirements)
    assert VIRTUAL_BANNER in text
    assert BANNER in text
    assert text == render(of(run), run)


def test_texts_of_a_record_are_escaped(tmp_path: Path) -> None:
    """A requirement cannot bring a script into the page."""

    def change(data: dict[str, Any], _: dict[str, Any]) -> None:
        data["requirements"][0]["text"] = "<script>alert(1)</script>"

    text = render(forged(tmp_path, change), None)

    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.skipif(not CHROMIUM, reason="needs chromium")
def test_a_browser_shows_the_page_under_its_policy(tmp_path: Path, run: Run) -> None:
    """The policy lets the page's own style in: chromium finds no error, and sees both directions."""
    path = tmp_path / "trace.html"
    path.write_text(render(of(run), run))

    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom", str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert "From verdicts to hazards" in done.stdout
    assert not re.findall(r"CONSOLE.*(?:error|Refused).*", done.stderr, re.IGNORECASE)


def test_the_terminal_has_a_line_for_each_requirement_and_for_each_case(run: Run) -> None:
    """Piped, lines are plain text with tabs; forward they name requirements, back they begin with a verdict."""
    there, back = StringIO(), StringIO()
    show(of(run), console=Console(file=there, width=80))
    show(of(run), back=True, console=Console(file=back, width=80))

    lines = [line.split("\t") for line in there.getvalue().splitlines() if "\t" in line]
    assert {line[2].split(" ")[0] for line in lines if line[2]} == set(of(run).requirements)
    cases = [line.split("\t") for line in back.getvalue().splitlines() if "\t" in line]
    assert [line[2].split(" ")[0] for line in cases] == list(of(run).bases)
    assert {line[0] for line in cases} <= {"P", "F", "N/A", "N/E"}
    assert there.getvalue().rstrip().endswith(summary_words(of(run)))


def test_a_value_is_told_with_its_limit(small: Run) -> None:
    """Value, uncertainty, unit and limit, with the digits that the report prints."""
    row = next(row for row in small.rows.measurements if row.name == "cutoff time")

    assert said(row).replace("\N{NO-BREAK SPACE}", " ") == "cutoff time 183.2 ± 1.4 ms, ≤ 250 ms"


def test_the_command_makes_all_exports_from_the_record_alone(tmp_path: Path, run: Run) -> None:
    """A copy of the record elsewhere gives the same files, and what belongs to plans alone is refused."""
    shutil.copytree(run.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("report.html"))
    for name in ("run", "copy"):
        folder = run.folder if name == "run" else tmp_path / "copy"
        files = [f"--{kind}={tmp_path / name}.{kind}" for kind in ("html", "csv", "reqif")]
        done = command(tmp_path, "trace", folder, *files)
        assert done.returncode == 0, done.stderr
    refused = command(tmp_path, "trace", run.folder, "--only", "INS-010")

    for kind in ("html", "csv", "reqif"):
        assert (tmp_path / f"run.{kind}").read_bytes() == (tmp_path / f"copy.{kind}").read_bytes()
    assert refused.returncode == 2
    assert "is made from its record" in refused.stderr
