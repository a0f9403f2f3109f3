"""Tests of the HTML report: whole, honest, alone in the world, and safe to open."""

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from reports import load
from reports.html import render, write_report
from reports.summary import VIRTUAL_BANNER
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, REQUIREMENTS
from tests.reports.small_records import large_record, passing_record, small_record
from tests.reports.tampering import reseal

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of the small record."""
    return render(load(small_record(tmp_path_factory.mktemp("runs") / "run").write()))


class Links(HTMLParser):
    """Collects whatever could make a browser load something, and all ids."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.styled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes that matter."""
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster", "background"):
                self.targets.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name == "style" or name.startswith("on"):
                self.styled.append(tag)


def _links(page: str) -> Links:
    links = Links()
    links.feed(page)
    return links


def _words(page: str) -> str:
    """Return what a reader sees: no tags, no style, single spaces."""
    page = re.sub(r"<(style|script|dialog|template)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_page_refers_to_nothing_outside_itself(page: str) -> None:
    """Every link leads into the page, and no style sheet loads anything."""
    links = _links(page)

    assert links.targets
    assert [target for target in links.targets if not target.startswith("#")] == []
    assert not re.search(r"url\(|@import|<link|<iframe|<base", page)


def test_links_lead_somewhere_and_ids_are_unique(page: str) -> None:
    """A reader who follows a link arrives."""
    links = _links(page)

    assert {target.removeprefix("#") for target in links.targets} <= set(links.ids)
    assert len(links.ids) == len(set(links.ids))


def test_policy_forbids_everything_but_the_page_itself(page: str) -> None:
    """The Content-Security-Policy is default-src 'none', and names style and script by their true hashes."""
    policy = html.unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[0])

    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for name in ("style", "script"):
        (content,) = re.findall(f"<{name}>(.*?)</{name}>", page, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert _links(page).styled == []


def test_every_case_appears(tmp_path: Path) -> None:
    """No planned case is left out, however it ended."""
    run = load(small_record(tmp_path / "run").write())

    page = render(run)
    parts = dict(re.findall(r'<tbody id="(case-\d+)".*?>(.*?)</tbody>', page, flags=re.DOTALL))

    assert len(parts) == len(run.rows.cases) == 7
    for place, case in zip(parts.values(), run.rows.cases.values(), strict=True):
        assert f'title="{case.case}"' in html.unescape(place)
        assert case.verdict == "P" or case.reason
        for reason in filter(None, [case.reason.partition(": ")[2] or case.reason]):
            assert reason in _words(place)


def test_verdict_is_a_word_and_a_sign(page: str) -> None:
    """The box says the verdict in words and shows a sign, so that colour is never alone."""
    box = re.findall(r'<section class="verdict fail".*?</section>', page, flags=re.DOTALL)[0]

    assert "DOES NOT COMPLY" in box
    assert "<svg" in box


def test_virtual_bench_says_so_on_every_page(page: str) -> None:
    """The banner is on the screen, and in the margin and behind the text of every printed page."""
    assert f'<div class="banner" role="note">{VIRTUAL_BANNER}</div>' in page
    assert re.search(r"@top-right \{ content: \"[^\"]*VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY\"", page)
    assert re.search(r"\.watermark \{\s*display: block; position: fixed", page)


def test_real_bench_has_no_banner(tmp_path: Path) -> None:
    """A run on a real bench does not carry the virtual bench's words."""
    assert VIRTUAL_BANNER not in render(load(small_record(tmp_path / "run", virtual=False).write()))


def test_requirement_that_nothing_tested_is_listed(page: str) -> None:
    """A requirement without a case is named in the box, among the exceptions and in its table."""
    assert "1 requirement was not tested by these plans, of 5: REQ-LBL-001; section 3." in _words(page)
    assert "no case of this run speaks for it" in page


@pytest.mark.parametrize(
    "words",
    [
        "No person was stimulated",
        "claim sites.underarms.comfort_ceiling is not declared",
        "P inside the limit by at least U (AL = TL − U), F outside the limit",
        "The current is read as the voltage over the shunt.",
        "These results relate only to the item tested",
        "dmm dc voltage 1 V accuracy",
        "Keysight Technologies 34465A",
        "23.1 ± 0.4",
        "DOES NOT COMPLY with OUT revision 1",
        "The device says that it is Reference Devices REF-30, serial number D-0042, firmware 1.0.7",
        "Inside the action limit (|E n | ≤ 1.5)",
        "Data-sheet accuracies are as stated in instruments/accuracy, each with its provenance",
        "This record does not repeat them.",
        "the lid of the jig was closed by hand",
    ],
)
def test_report_tells(page: str, words: str) -> None:
    """What an auditor looks for is in the page."""
    assert words in _words(page)


def test_repeats_are_told_in_one_line_by_the_worst(tmp_path: Path) -> None:
    """Ten repeats are one line with the worst value in full, and all ten values beside it."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[2:], requirements=[])
    record.plan_case("FLT-010", "FLT", "Open electrode", (), {})
    record.start("FLT-010", "Read")
    for repeat in range(10):
        bad = repeat == 6
        value, verdict, reason = (260.0, "F", "the value is outside the limit") if bad else (180.0 + repeat, "P", "")
        record.measure("FLT-010", "cutoff time", value, U=1.4, high=250.0, unit="ms", verdict=verdict, reason=reason)
        record.observe("FLT-010", "state", "latched", "latched", "P")
    record.end("FLT-010", "F", "cutoff time: the value is outside the limit")

    words = _words(render(load(record.write())).partition("5 Measurements")[2])

    assert "cutoff time 260.0 1.4 ms ≤ 250" in words
    assert "the worst of 10: 180.0, 181.0, 182.0, 183.0, 184.0, 185.0, 260.0, 187.0, 188.0, 189.0" in words
    assert "the same 10 times" in words


def _reader_of(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> str:
    """Return the words of the report of a record that was written with a change."""
    reseal(folder, change)
    return _words(render(load(folder)))


@pytest.mark.parametrize("provenance", ["remembered", "computed", "proposed"])
def test_limits_that_nobody_saw_say_so(tmp_path: Path, provenance: str) -> None:
    """A limit that nobody has checked in its standard is marked, its P too, and is counted on page one."""

    def change(entries: list[dict[str, Any]]) -> None:
        data = next(entry["data"] for entry in entries if entry["type"] == "measured")
        data["limit"] = "IEC60601-2-10:2012 201.12.4"
        planned = next(entry["data"] for entry in entries if entry["type"] == "case_planned")
        planned["measures"][data["name"]] = {"provenance": [provenance]}

    folder = passing_record(tmp_path / "run").write()
    assert "not checked against the text" not in _words(render(load(folder)))

    words = _reader_of(folder, change)

    assert "IEC60601-2-10:2012 201.12.4. Limits marked † were not checked" in words
    assert "5.25†" in words.replace(" †", "†")
    assert "P†" in words.replace(" †", "†")
    assert "1 of 1 judged values rest on entries that nobody checked" in words
    assert "1 of 1 values that passed rest on limits that nobody has seen in their source" in words


@pytest.mark.parametrize(
    ("provenance", "shown"),
    [("found", "✓ found"), ("remembered", "† unverified (remembered)"), ("computed", "† unverified (computed)")],
)
def test_accuracy_of_an_instrument_names_its_source(tmp_path: Path, provenance: str, shown: str) -> None:
    """Where the record says where the accuracy of an instrument is from, the report does, and what was not found."""

    def change(entries: list[dict[str, Any]]) -> None:
        said = {"function": "dc voltage", "source": "5991-1983EN", "provenance": provenance}
        next(entry["data"] for entry in entries if entry["type"] == "instrument")["accuracy"] = [said]

    words = _reader_of(passing_record(tmp_path / "run").write(), change)

    assert f"dc voltage 5991-1983EN {shown}" in words
    assert "Section 8 names both for each function of an instrument." in words


def test_a_value_that_rests_on_an_unverified_figure_is_marked(tmp_path: Path) -> None:
    """U carries a dagger, the figure is in the list with its source, and the first page says how many values it is."""

    def change(entries: list[dict[str, Any]]) -> None:
        said = {"function": "dc voltage", "source": "5991-1983EN", "provenance": "remembered"}
        dmm = next(e["data"] for e in entries if e["type"] == "instrument" and e["data"]["name"] == "dmm")
        dmm["accuracy"] = [said]
        for entry in entries:
            if entry["type"] == "measured":
                entry["data"]["unverified"] = ["34465A dc voltage"]

    folder = passing_record(tmp_path / "run").write()
    words = _reader_of(folder, change)

    assert 'title="unverified: 34465A dc voltage">†</a>' in render(load(folder))
    assert re.search(r"34465A dc voltage \(remembered\), in 1 value ?: 5991-1983EN", words)
    assert "1 of 1 measured values rest on 1 unverified figures" in words


@pytest.mark.parametrize(("tur", "shown"), [(3.97, "3.9:1 low"), (4.0, "4:1"), (2500.0, "> 999:1")])
def test_each_value_has_its_test_uncertainty_ratio(tmp_path: Path, tur: float, shown: str) -> None:
    """The ratio is rounded down, and below 4:1 it is called low, in its line and on the first page."""

    def change(entries: list[dict[str, Any]]) -> None:
        next(entry["data"] for entry in entries if entry["type"] == "measured")["tur"] = tur

    words = _reader_of(passing_record(tmp_path / "run").write(), change)

    assert f" {shown} " in words
    assert ("Test uncertainty ratio: 1 of 1 is below 4:1" in words) is ("low" in shown)


def test_limits_and_marks_are_drawn(page: str) -> None:
    """A limit that was recorded with a waveform is a dashed line with its words in the drawing."""
    drawings = re.findall(r"<figure id=[^>]*>(<svg.*?</svg>)", page, flags=re.DOTALL)

    assert [drawing.count('class="limit"') for drawing in drawings] == [1, 1]
    assert ">maximum 5.25 mA</text>" in drawings[0]
    assert ">collapse below 1 V</text>" in drawings[1]
    assert ">plateau</text>" in drawings[0]


def test_claims_without_an_applied_part_are_reported(tmp_path: Path) -> None:
    """What the claims may leave out is reported as not declared."""

    def change(entries: list[dict[str, Any]]) -> None:
        del entries[0]["data"]["claims"]["device"]["applied_part"]

    assert "Applied part not declared" in _reader_of(passing_record(tmp_path / "run").write(), change)


def test_requirement_of_which_no_case_applies_says_so(tmp_path: Path) -> None:
    """A requirement that only cases which do not apply speak for is told with their reason."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[:1], requirements=REQUIREMENTS[:1])
    record.plan_case("OUT-010", "OUT", "Residual current", ("REQ-OUT-001",), {})
    record.start("OUT-010")
    record.end("OUT-010", "N/A", "the claims offer no such programme")

    words = _words(render(load(record.write())))

    assert "no case that speaks for it applies: the claims offer no such programme" in words


def test_report_ends(page: str) -> None:
    """The last words say that nothing follows."""
    assert _words(page).endswith("End of report run")


def test_same_record_gives_same_page(tmp_path: Path) -> None:
    """A report depends on its record and on nothing else."""
    folder = small_record(tmp_path / "run").write()

    assert render(load(folder)) == render(load(folder))


def test_altered_waveform_is_named_and_not_drawn(tmp_path: Path) -> None:
    """A waveform that was altered is not drawn, and the report says so instead of failing."""
    folder = small_record(tmp_path / "run").write()
    (folder / "waveforms" / "0001.npz").write_bytes(b"something else")

    words = _words(render(load(folder)))

    assert "Not drawn:" in words
    assert "0001.npz was altered after it was recorded" in words


def test_interrupted_run_says_so(tmp_path: Path) -> None:
    """A record that was never closed is reported as not complete, in the box."""
    folder = passing_record(tmp_path / "run").write()
    lines = (folder / "record.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "record.jsonl").write_bytes(b"".join(lines[:-1]))

    words = _words(render(load(folder)))

    assert "NOT COMPLETE" in words
    assert "the record was never closed" in words


EVIL = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


def test_words_of_the_record_cannot_become_markup(tmp_path: Path) -> None:
    """Whatever the record holds is shown as words: in names, reasons, marks, run id and conditions."""
    record = RecordBuilder(tmp_path / "</style><script>".replace("/", "∕"))
    plans = [{**PLANS[0], "title": EVIL, "purpose": EVIL, "id": EVIL}]
    record.open(plans=plans, requirements=[])
    record.plan_case(EVIL, EVIL, EVIL, (EVIL,), {EVIL: EVIL}, procedure=EVIL, method=EVIL)
    record.start(EVIL, EVIL)
    record.measure(EVIL, EVIL, 1.0, unit=EVIL, high=0.5, verdict="F", reason=EVIL)
    record.observe(EVIL, EVIL, EVIL, EVIL, "F", EVIL)
    record.end(EVIL, "F", EVIL)

    page = render(load(record.write()))

    assert page.count("<script>") == 1
    assert page.count("</style>") == 1
    assert "<img" not in page
    assert EVIL in html.unescape(page)


def test_large_run_stays_small(tmp_path: Path) -> None:
    """200 cases with 1,600 values and 120 waveforms fit into 6 MB, and nothing is left out."""
    page = render(load(large_record(tmp_path / "run").write()))

    assert len(page.encode()) < 6_000_000
    assert page.count('class="trace"') == 120
    assert page.count('<svg class="bar"') == 1600


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_browser_asks_the_network_for_nothing_and_has_no_complaint(tmp_path: Path) -> None:
    """Chromium loads the report without a request and without a word on its console."""
    write_report(load(small_record(tmp_path / "run").write()), tmp_path / "report.html")

    requests, console = _opened(tmp_path / "report.html", tmp_path)

    assert requests == []
    assert console == []


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_check_of_the_browser_would_see_a_request(tmp_path: Path) -> None:
    """The test above sees a request where there is one, and a complaint where there is one."""
    path = tmp_path / "asks.html"
    path.write_text('<img src="http://picture.invalid/x.png"><script>console.error("oh")</script>', encoding="utf-8")

    requests, console = _opened(path, tmp_path)

    assert requests == ["http://picture.invalid/x.png"]
    assert any("oh" in line for line in console)


def _opened(path: Path, folder: Path) -> tuple[list[str], list[str]]:
    """Open a page; return what it asked the network for and what the console said."""
    log = folder / "net.json"
    finished = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            # Nothing may reach the network from here, whatever the page or the browser would like.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'browser'}",
            f"--log-net-log={log}",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    entries = [entry.get("params", {}) for entry in json.loads(log.read_text(encoding="utf-8"))["events"]]
    # The browser's own errands have no page as their origin.
    asked = {entry["url"] for entry in entries if "initiator" in entry and entry["initiator"] != "not an origin"}
    return sorted(asked), [line for line in finished.stderr.splitlines() if "CONSOLE" in line]


def test_a_named_medicine_is_told_on_the_first_page(tmp_path: Path) -> None:
    """A device that is labelled for a medicine is regulated with it, and the report claims nothing of the treatment."""
    folder = passing_record(tmp_path / "run").write()
    assert "regulated with" not in _words(render(load(folder)))

    words = _reader_of(folder, lambda entries: entries[0]["data"]["claims"]["device"].update(medicine="dexamethasone"))

    assert "Labelled for the medicine dexamethasone: a device that names a medicine is regulated with that" in words
