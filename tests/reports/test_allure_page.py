"""Allure's page of a run: opened in a browser it shows values and waveforms, and asks nobody for anything."""

import re
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigError
from reports import Run, load
from reports.allure_page import PROGRAM, alone, as_made, write_allure_page
from tests.harness.certify_run import command
from tests.reports.small_records import small_record

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
needs_allure = pytest.mark.skipif(not shutil.which(PROGRAM), reason="Allure is not installed: npm install -g allure@3")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
COUNTER = "https://www.googletagmanager.com/gtag/js?id=G-1"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with every verdict and two waveforms."""
    return load(small_record(tmp_path_factory.mktemp("runs") / "run").write())


class Opened:
    """A page in a browser, and what it asked for and said there."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def outside(self) -> list[str]:
        """Return what was asked of anybody else than the page itself."""
        return [url for url in self.asked if not url.startswith(("file:", "data:", "blob:"))]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    """A window of the browser, which remembers nothing of other windows."""
    context = browser.new_context(viewport={"width": 1400, "height": 1300})
    yield Opened(context.new_page())
    context.close()


@needs_allure
@needs_chromium
def test_the_page_shows_the_run_and_asks_nobody_for_anything(run: Run, tmp_path: Path, opened: Opened) -> None:
    """Title, a case, its values and its waveform are shown without one request, and without an error in the console."""
    path, page = write_allure_page(run, tmp_path / "page.html"), opened.page

    page.goto(path.as_uri())
    page.get_by_text("OUT-010[hands-lowest").first.click()
    page.get_by_test_id("test-result-step-header").get_by_text("Read", exact=True).click()
    page.get_by_text("delivered current: 5.012 ± 0.012 mA").wait_for()
    for header in page.get_by_test_id("test-result-attachment-header").all():
        header.click()
    page.get_by_text("DEVELOPMENT RUN, PLANS NOT APPROVED; VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY").first.wait_for()

    assert "VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY" in page.title()
    assert opened.outside() == []
    assert opened.said == []


@needs_allure
@needs_chromium
def test_the_page_that_was_not_cut_does_ask(run: Run, tmp_path: Path, opened: Opened) -> None:
    """What is found above would be found: Allure's own page asks the counting service."""
    path = tmp_path / "uncut.html"
    path.write_text(as_made(run), encoding="utf-8")
    opened.page.route("http*://**", lambda route: route.abort())

    opened.page.goto(path.as_uri())
    opened.page.get_by_text("OUT-010[hands-lowest").first.wait_for()

    assert [url for url in opened.outside() if "googletagmanager.com" in url]


@needs_chromium
def test_the_policy_holds_back_what_was_not_cut(tmp_path: Path, opened: Opened) -> None:
    """A script that asks in words that nobody cuts does not reach its host; without the policy it does."""
    with socket.create_server(("127.0.0.1", 0)) as host:
        host.settimeout(0.5)
        url = f"http://127.0.0.1:{host.getsockname()[1]}/"
        script = f'fetch("{url}").catch(() => 0); new Image().src = "{url}"; document.title = "asked"'
        page = f"<html><head></head><body><script>{script}</script></body></html>"
        reached = []
        for name, content in (("cut", alone(page)), ("uncut", page)):
            (tmp_path / name).with_suffix(".html").write_text(content, encoding="utf-8")
            opened.page.goto((tmp_path / name).with_suffix(".html").as_uri(), wait_until="commit")
            opened.page.wait_for_function("document.title == 'asked'")
            try:
                host.accept()[0].close()
                reached.append(name)
            except TimeoutError:
                continue

    assert reached == ["uncut"]


def test_tags_of_the_counting_service_are_cut_and_nothing_else() -> None:
    """Its script and the one that calls it are gone; head, own scripts and data stay as they were."""
    rest = (
        '<head lang="en"><title>t</title></head><body><script src="data:text/javascript;base64,Ly8v"></script>{}</body>'
    )
    counting = f'<script async src="{COUNTER}"></script>\n<script>function gtag(){{}} gtag("js")</script>'

    cut = alone(rest.format(counting))

    policy = re.compile(r'\s*<meta http-equiv="Content-Security-Policy" content="[^"]+">')
    assert policy.sub("", cut) == rest.format("\n")
    assert policy.search(cut)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ('<head><link rel="stylesheet" href="//cdn.example/a.css"></head>', "it asks for //cdn.example/a.css"),
        ("<head></head><img src='https://example.org/i.png'>", "it asks for https://example.org/i.png"),
        ("<p>no page of Allure</p>", "it has no head"),
    ],
)
def test_a_page_that_cannot_be_cut_off_is_not_written(page: str, words: str) -> None:
    """What another version may bring is named, and refused."""
    with pytest.raises(ConfigError, match=re.escape(f"cannot be cut off from the network: {words}")):
        alone(page)


def test_a_computer_without_allure_says_how_to_get_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the program is not on the path, the message names it and the command that installs it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match="'allure' must be on the path, and is not: npm install --global allure@3"):
        write_allure_page(run, tmp_path / "page.html")

    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo Expected a command, got awesome; exit 1", "made no page, and said 'Expected a command, got awesome'"),
        ("exit 0", "left no page to be read"),
    ],
)
def test_another_allure_is_told_from_the_one_that_is_needed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    """A program of that name that makes no page, as the older one in Java, is named with what it said."""
    program = tmp_path / PROGRAM
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    with pytest.raises(ConfigError, match=re.escape(words)):
        write_allure_page(run, tmp_path / "page.html")


def test_the_command_writes_allure_results(tmp_path: Path) -> None:
    """`export --allure` leaves the results that a program of Allure reads, and says where."""
    folder = small_record(tmp_path / "run").write()

    done = command(tmp_path, "export", folder, "--allure", "results")

    assert done.returncode == 0, done.stderr
    assert "export: results" in done.stdout
    assert len(list((tmp_path / "results").glob("*-result.json"))) == 9
