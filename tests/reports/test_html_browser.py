"""Tests of the HTML report in a real browser: alone, for every reader, by keyboard, and whole on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from reports import load
from reports.html import write_report
from reports.run import Run
from reports.summary import VIRTUAL_BANNER
from reports.why import walks
from tests.reports.browser import CHROMIUM, Opened, browser, opened
from tests.reports.small_records import large_record, small_record
from tests.reports.tampering import reseal

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with every kind of result, replayed, with plans that nobody approved, and its report."""
    folder = small_record(tmp_path_factory.mktemp("runs") / "run").write()
    said = {"log": "wire.jsonl", "utc": "2026-01-01T00:00:00+00:00"}
    reseal(folder, lambda entries: entries[0]["volatile"].update(replay=said))
    loaded = load(folder)
    write_report(loaded, folder / "report.html")
    return loaded


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all."""
    with browser() as found:
        yield found


@pytest.fixture
def report(chromium: Browser, run: Run) -> Iterator[Opened]:
    """The report, open; whatever was done with it, it asked for nothing and complained of nothing."""
    told = opened(chromium, run.folder / "report.html")
    yield told
    told.page.close()
    assert told.asked == []
    assert told.said == []


def _printed(page: Page) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))


def _texts(printed: pypdfium2.PdfDocument) -> list[str]:
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in printed]


def _pictures(printed: pypdfium2.PdfDocument) -> list[bytes]:
    return [page.render(scale=0.5).to_numpy().tobytes() for page in printed]


def _focused(page: Page, selector: str) -> bool:
    return bool(page.evaluate("selector => document.activeElement.matches(selector)", selector))


def _tab_to(page: Page, selector: str) -> None:
    """Walk with the keyboard alone until something is reached."""
    for _ in range(400):
        if _focused(page, selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by the Tab key")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(report: Opened, scheme: str) -> None:
    """No rule of axe-core is broken, in the page and in both dialogs, by day and by night."""
    page = report.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    found = [Axe().run(page)]
    for button, dialog in (("button[data-why]", "#why"), ("button[data-zoom]", "#closer")):
        page.locator(button).first.click()
        found.append(Axe().run(page, context=dialog))
        page.keyboard.press("Escape")

    assert [one.generate_report() for one in found if one.violations_count] == []


def test_axe_would_find_something(chromium: Browser, tmp_path: Path) -> None:
    """The check above sees grey words on grey."""
    path = tmp_path / "grey.html"
    path.write_text('<html lang="en"><title>t</title><main><h1 style="color:#aaa">grey</h1></main>', encoding="utf-8")
    told = opened(chromium, path)

    assert {one["id"] for one in Axe().run(told.page).response["violations"]} == {"color-contrast"}
    told.page.close()


def test_why_tells_all_that_a_value_rests_on(report: Opened, run: Run) -> None:
    """Each "?" opens every line of the walk that `why` tells of that value, down to the hash of the plan."""
    known = {str(value.seq): (case, value) for case in walks(run, run.rows.cases.values()) for value in case.values}
    buttons = report.page.locator("button[data-why]").all()
    assert {seq for button in buttons for seq in (button.get_attribute("data-why") or "").split()} == set(known)

    for button in buttons:
        button.click()
        words = report.page.locator("#why").inner_text()
        case, value = known[(button.get_attribute("data-why") or "").split()[0]]
        for link in (*value.links, *case.links):
            assert link.title in words
            for line in link.lines:
                assert line in words
        report.page.keyboard.press("Escape")


def test_a_line_that_stands_for_many_values_lets_one_choose(chromium: Browser, tmp_path: Path) -> None:
    """Of values that are told in one line each has its own walk."""
    run = load(large_record(tmp_path / "run", cases=2, values=16, waveforms=0).write())
    told = opened(chromium, write_report(run, tmp_path / "report.html"))
    button = told.page.locator("button[data-why]").first
    lines = (button.get_attribute("data-why") or "").split()
    assert len(lines) == 4

    button.click()
    told.page.locator("#why select").select_option(index=2)

    words = told.page.locator("#why").inner_text()
    assert f"line {lines[2]}: " in words
    assert f"line {lines[0]}: " not in words
    assert told.said == []
    told.page.close()


def test_it_can_be_worked_with_by_keyboard_alone(report: Opened) -> None:
    """Tab reaches "?" and "closer", Enter opens, arrows zoom, Escape closes and gives the focus back."""
    page = report.page
    page.keyboard.press("Tab")
    assert _focused(page, "a.skip")

    _tab_to(page, "button[data-why]")
    page.keyboard.press("Enter")
    assert page.locator("#why").is_visible()
    assert _focused(page, "#why-head")
    page.keyboard.press("Escape")
    assert not page.locator("#why").is_visible()
    assert _focused(page, "button[data-why]")

    _tab_to(page, "button[data-zoom]")
    page.keyboard.press("Enter")
    whole = page.locator("#closer output").inner_text()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#closer output")).not_to_have_text(whole)
    page.keyboard.press("Home")
    expect(page.locator("#closer output")).to_have_text(whole)
    page.keyboard.press("Escape")
    assert _focused(page, "button[data-zoom]")


def test_the_mouse_looks_closer_too(report: Opened, run: Run) -> None:
    """Seen whole, the zoom tells the extremes of the samples; dragging over a part shows that part."""
    page = report.page
    row = run.rows.waveforms[0]
    samples = run.waveform(row).values
    page.locator("button[data-zoom]").first.click()
    ends = r"from (\S+) (\S+) to (\S+) (\S+): smallest (\S+) \S+, largest (\S+) \S+"

    whole = re.search(ends, page.locator("#closer output").inner_text())
    box = page.locator("#closer .u-over").bounding_box()
    assert whole is not None
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(page.locator("#closer output")).not_to_have_text(whole[0].strip())

    part = re.search(ends, page.locator("#closer output").inner_text())
    assert part is not None
    span = (samples.max() - samples.min()) / 65_000
    assert float(whole[5]) == pytest.approx(samples.min(), rel=1e-4, abs=span)
    assert float(whole[6]) == pytest.approx(samples.max(), rel=1e-4, abs=span)
    length = row.interval_s * (len(samples) - 1)
    scale = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}
    assert float(part[1]) * scale[part[2]] == pytest.approx(row.start_s + 0.25 * length, abs=0.02 * length)
    assert float(part[3]) * scale[part[4]] == pytest.approx(row.start_s + 0.5 * length, abs=0.02 * length)


def test_filter_hides_on_the_screen_and_not_on_paper(report: Opened, run: Run) -> None:
    """With a filter that leaves one case, with a dialog open, at night: the print is the same to the last pixel."""
    page = report.page
    before = _printed(page)
    case = next(iter(run.rows.cases.values()))

    page.locator("#find").fill(case.case)
    expect(page.locator("#found")).not_to_be_empty()
    seen = "all => all.filter(one => one.offsetHeight > 0).length"
    found = page.locator(".results > tbody").evaluate_all(seen)
    page.locator("#only").check()
    left = page.locator(".results > tbody").evaluate_all(seen)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.locator("button[data-zoom]").first.click()
    after = _printed(page)

    assert 0 < found < len(run.rows.cases)
    assert left == 0
    assert case.verdict == "P"
    assert _texts(after) == _texts(before)
    assert _pictures(after) == _pictures(before)
    text = " ".join(_texts(after))
    for row in run.rows.measurements:
        assert row.name in text
    assert f"End of report {run.id}" in text


def test_print_has_every_row(chromium: Browser, tmp_path: Path) -> None:
    """Of 40 cases with four values each all 160 rows are on paper, although a filter leaves none on the screen."""
    run = load(large_record(tmp_path / "run", cases=40, values=4, waveforms=2).write())
    told = opened(chromium, write_report(run, tmp_path / "report.html"))
    told.page.locator("#find").fill("nothing is called like this")
    expect(told.page.locator("#found")).to_have_text(re.compile("^0 of 40"))
    assert not told.page.locator(".results").first.is_visible()

    text = "".join(page.get_textpage().get_text_bounded() for page in _printed(told.page))

    # What stands in one cell may be broken over two lines of it.
    measurements = re.sub(r"\s+", "", text).partition("5Measurements")[2].partition("6Uncertaintybudgets")[0]
    assert measurements.count("guarded") == len(run.rows.measurements) == 160
    for case in run.rows.cases.values():
        assert f"hands·{case.conditions['level']}·500Ω" in measurements
    told.page.close()


def test_every_printed_page_carries_the_marks(report: Opened, run: Run) -> None:
    """That it is virtual, a development run and a replay is in the margin of each page, with the run and its number."""
    texts = _texts(_printed(report.page))

    assert len(texts) > 3
    for number, text in enumerate(texts, start=1):
        for mark in (VIRTUAL_BANNER, "DEVELOPMENT RUN, PLANS NOT APPROVED", "REPLAY, NO BENCH TOOK PART"):
            assert mark in text
        assert f"Run {run.id}" in text
        assert f"Page {number} of {len(texts)}" in text


def test_nothing_moves(report: Opened) -> None:
    """No part of the page is animated, so that nobody has to ask for less motion."""
    report.page.locator("button[data-zoom]").first.click()

    assert report.page.evaluate("document.getAnimations().length") == 0
    assert (
        report.page.evaluate("""() => Array.from(document.querySelectorAll('*')).filter(node => {
        const style = getComputedStyle(node);
        return style.animationName !== 'none' || style.scrollBehavior !== 'auto'
            || style.transitionDuration.split(', ').some(one => parseFloat(one) > 0);
    }).map(node => node.outerHTML.slice(0, 80))""")
        == []
    )


def test_without_its_script_the_page_offers_no_buttons(chromium: Browser, run: Run) -> None:
    """Where scripts are switched off nothing is offered that does nothing, and the results are all there."""
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto((run.folder / "report.html").as_uri())

    assert not any(button.is_visible() for button in page.get_by_role("button").all())
    assert page.locator(".results > tbody").count() == len(run.rows.cases)
    page.context.close()
