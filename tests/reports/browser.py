"""A real browser for tests: what a page asks for and complains of is noted, and nothing reaches the network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


@dataclass
class Opened:
    """A page that is open.

    Attributes:
        page: Playwright's.
        asked: What it asked for, itself left out.
        said: What stands on its console, and every error that a script of it raised.
    """

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@contextmanager
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        try:
            yield found
        finally:
            found.close()


def opened(found: Browser, path: Path) -> Opened:
    """Open a file in a new page."""
    page = found.new_page(viewport={"width": 1280, "height": 900})
    told = Opened(page)
    page.on("request", lambda request: None if request.url == path.as_uri() else told.asked.append(request.url))
    page.on("console", lambda message: told.said.append(message.text))
    page.on("pageerror", lambda error: told.said.append(str(error)))
    page.goto(path.as_uri())
    return told
