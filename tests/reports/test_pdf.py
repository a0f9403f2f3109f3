"""Tests of the PDF: an archive may keep it, a screen reader may read it, and nothing that a reader must see is lost."""

import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from reports import load
from reports.pdf import exceptions, render
from reports.pdf.attached import attachments
from reports.pdf.chosen import choose, is_open
from reports.pdf.closing import sections
from reports.pdf.letters import printable
from reports.summary import VIRTUAL_BANNER
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, REQUIREMENTS
from tests.reports.small_records import large_record, small_record
from tests.reports.small_run import approvable

PDFTOTEXT = shutil.which("pdftotext") or ""
needs_poppler = pytest.mark.skipif(not PDFTOTEXT, reason="pdftotext is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small record: passes, failures, and cases that were not evaluated."""
    return small_record(tmp_path_factory.mktemp("runs") / "run").write()


@pytest.fixture(scope="module")
def content(folder: Path) -> bytes:
    """Its report."""
    return render(load(folder))


@pytest.fixture(scope="module")
def pdf(content: bytes) -> pikepdf.Pdf:
    """Its report, as another library reads it."""
    return pikepdf.open(io.BytesIO(content))


def _pages(content: bytes, folder: Path) -> list[str]:
    """Return the text of each page, as Poppler reads it, with single blanks."""
    path = folder / "read.pdf"
    path.write_bytes(content)
    text = subprocess.run([PDFTOTEXT, str(path), "-"], capture_output=True, check=True, text=True).stdout
    return [" ".join(page.split()) for page in text.split("\f")[:-1]]


def test_it_says_that_it_is_pdf_a_3a_and_pdf_ua_1(pdf: pikepdf.Pdf) -> None:
    """The metadata names both standards, and their colours, tags, language and title are there."""
    with pdf.open_metadata() as told:
        assert (told["pdfaid:part"], told["pdfaid:conformance"], told["pdfuaid:part"]) == ("3", "A", "1")
        assert told["dc:title"] == "Test report run"
    root = pdf.Root
    assert root.OutputIntents[0].S == "/GTS_PDFA1"
    assert root.MarkInfo.Marked
    assert "/StructTreeRoot" in root
    assert str(root.Lang) == "en"
    assert root.ViewerPreferences.DisplayDocTitle


def test_every_font_is_inside(pdf: pikepdf.Pdf) -> None:
    """Each font that a page or a drawing uses carries its letters with it."""
    found = 0
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            found += 1
            assert any(key in item for key in ("/FontFile", "/FontFile2", "/FontFile3")), item.FontName
    assert found


def test_it_ends_with_an_end_of_line(content: bytes) -> None:
    """What is appended later (a signature) begins on a line of its own."""
    assert content.endswith(b"%%EOF\n")


def test_the_record_is_attached_as_it_is(pdf: pikepdf.Pdf, folder: Path) -> None:
    """Each attachment says what it is to the document, and the record that comes out is the record that went in."""
    record = (folder / "record.jsonl").read_bytes()
    assert pdf.attachments["record.jsonl"].get_file().read_bytes() == record
    assert {str(item.AFRelationship) for item in pdf.Root.AF} <= {"/Source", "/Data", "/Supplement"}
    assert len(pdf.Root.AF) == len(pdf.attachments)


def test_the_attached_table_holds_every_measured_value(pdf: pikepdf.Pdf, folder: Path) -> None:
    """The CSV has a line for each value of the record, whatever is printed."""
    lines = list(csv.DictReader(io.StringIO(pdf.attachments["measurements.csv"].get_file().read_bytes().decode())))
    held = load(folder).rows.measurements
    assert [int(line["seq"]) for line in lines] == [row.seq for row in held]
    assert [float(line["value"]) for line in lines if line["value"]] == [r.value for r in held if r.value is not None]


def test_the_same_record_gives_the_same_bytes_in_another_folder(content: bytes, folder: Path, tmp_path: Path) -> None:
    """Neither the day of making nor the place shows in the file."""
    shutil.copytree(folder, tmp_path / "elsewhere")
    again = render(load(tmp_path / "elsewhere"))
    assert hashlib.sha256(again).hexdigest() == hashlib.sha256(content).hexdigest()


@needs_poppler
def test_every_page_says_that_the_bench_was_virtual(content: bytes, tmp_path: Path) -> None:
    """No page of a virtual run can be taken for evidence, and each has its number and the number of the report."""
    pages = _pages(content, tmp_path)
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert VIRTUAL_BANNER in page
        assert f"Page {number} of {len(pages)}" in page
        assert "Report run" in page
    assert pages[-1].count("End of report run") == 1


@needs_poppler
def test_the_first_page_names_what_is_no_pass(content: bytes, folder: Path, tmp_path: Path) -> None:
    """Verdict, every failed case, everything not evaluated and every role that nobody signed in are on page 1."""
    first = _pages(content, tmp_path)[0]
    run = load(folder)
    assert run.verdict in first
    named = [case.case for case in run.rows.cases.values() if case.verdict in ("F", "N/E")]
    assert named
    assert all(name.replace(" ", "") in first.replace(" ", "") for name in named[:8])
    assert first.count("not signed") == 3


@needs_poppler
def test_who_signed_the_data_is_printed_with_meaning_and_time(folder: Path, tmp_path: Path) -> None:
    """The first page has name, meaning and time of a signature beside the record, and says which roles are missing."""
    shutil.copytree(folder, tmp_path / "run")
    said = {
        "person": {"name": "R. Viewer", "certificate": "ab" * 32},
        "meaning": "data read",
        "utc": "2026-02-01T10:00:00Z",
    }
    payload = base64.b64encode(json.dumps({"predicate": said}).encode()).decode()
    (tmp_path / "run" / "signatures").mkdir()
    (tmp_path / "run" / "signatures" / "0001-reviewer.dsse.json").write_text(json.dumps({"payload": payload}))
    content = render(load(tmp_path / "run"))
    first = _pages(content, tmp_path)[0]
    assert all(text in first for text in ("R. Viewer", "data read", "2026-02-01T10:00:00Z", "abababab"))
    assert first.count("not signed") == 2
    assert "signatures-0001-reviewer.dsse.json" in pikepdf.open(io.BytesIO(content)).attachments


@needs_poppler
def test_every_value_that_failed_is_printed(content: bytes, folder: Path, tmp_path: Path) -> None:
    """The line of the record of each result that is no plain pass stands in the table of measurements."""
    run = load(folder)
    text = " ".join(_pages(content, tmp_path))
    seqs = [row.seq for row in (*run.rows.measurements, *run.rows.observations) if is_open(row)]
    assert seqs
    assert all(f" {seq} " in text for seq in seqs)


def test_rows_are_chosen_so_that_no_case_is_silent(tmp_path: Path) -> None:
    """Of more rows than fit, each case keeps its worst, and nothing that is no plain pass is left out."""
    run = load(large_record(tmp_path / "run", cases=40, values=8, waveforms=2).write())
    chosen = choose(run, most=80)
    assert len(chosen.rows) <= 80 < chosen.total
    assert {row.case for row in chosen.rows} == {row.case for row in run.rows.measurements}
    worst = {}
    for row in run.rows.measurements:
        if row.p_nonconforming is not None:
            worst[row.case] = max(worst.get(row.case, 0.0), row.p_nonconforming)
    for case, p in worst.items():
        shown = [row.p_nonconforming for row in run.rows.measurements if row.case == case and row in chosen.rows]
        assert any(is_open(row) for row in chosen.rows if row.case == case) or p in shown
    assert chosen.open_left == chosen.open_total - sum(map(is_open, chosen.rows))


def test_a_letter_without_a_shape_is_told_by_its_number() -> None:
    """A name in letters that the font lacks is not lost, and turns no text around."""
    assert printable("5 Ω ± 2 µA ✓ −") == "5 Ω ± 2 µA ✓ −"
    assert printable("中a\u202eb") == "[U+4E2D]a[U+202E]b"


def test_words_of_a_record_are_never_markup(tmp_path: Path) -> None:
    """What a record says is printed as it stands, whatever it would mean to the typesetter."""
    evil = "#panic(1) *x* $y$ <a> @b 中 \\ [ `"
    builder = RecordBuilder(tmp_path / "run")
    builder.open(plans=[{**PLANS[0], "title": evil, "statement": evil}], requirements=REQUIREMENTS)
    content = render(load(builder.write()))
    assert content.startswith(b"%PDF-1.7")


@needs_poppler
def test_a_run_on_hardware_has_no_watermark_of_a_simulation(tmp_path: Path) -> None:
    """The report of a real bench that passed is made by the same template, and says nothing of a virtual one."""
    text = " ".join(_pages(render(load(approvable(tmp_path / "run"))), tmp_path))
    assert "COMPLIES" in text
    assert VIRTUAL_BANNER not in text
    assert "NOT EVIDENCE" not in text


def test_a_large_run_names_what_is_too_large_to_be_attached(tmp_path: Path) -> None:
    """ATML of more results than a page prints is not attached, and the list of attachments says how it is made."""
    small = load(small_record(tmp_path / "small").write())
    large = load(large_record(tmp_path / "large", cases=30, values=80, waveforms=0).write())
    assert "results.atml.xml" in {file.name for file in attachments(small)}
    attached = attachments(large)
    assert "results.atml.xml" not in {file.name for file in attached}
    assert "results.atml.xml is too large" in str(sections(large, attached))
    assert "results.atml.xml is too large" not in str(sections(small, attachments(small)))


def test_an_attached_table_holds_no_formula(tmp_path: Path) -> None:
    """A text of the record that a spreadsheet would work out begins with an apostrophe; a negative number does not."""
    builder = RecordBuilder(tmp_path / "run")
    builder.open(plans=PLANS[:1], requirements=REQUIREMENTS[1:2])
    builder.plan_case("OUT-010", "OUT", "Delivered current", ("REQ-OUT-003",), {})
    builder.start("OUT-010", "=1+1")
    builder.measure("OUT-010", "=cmd()", -5.0, low=-5.25, high=-4.75)
    (table,) = [file for file in attachments(load(builder.write())) if file.name == "measurements.csv"]
    (line,) = csv.DictReader(io.StringIO(table.content.decode()))
    assert (line["name"], line["value"]) == ("'=cmd()", "-5.0")


def test_a_long_hash_in_a_reason_is_told_by_its_begin(tmp_path: Path) -> None:
    """No page has room for a word of 64 letters, also where the exceptions give the reason of a case."""
    builder = RecordBuilder(tmp_path / "run")
    builder.open(plans=PLANS[:1], requirements=REQUIREMENTS[1:2])
    builder.plan_case("OUT-010", "OUT", "Delivered current", ("REQ-OUT-003",), {})
    builder.start("OUT-010", "Read")
    builder.end("OUT-010", "N/A", f"report (sha256 {'ab' * 32})")
    told = str(exceptions.sections(load(builder.write())))
    assert f"sha256 {'ab' * 8}…" in told
    assert "ab" * 32 not in told
