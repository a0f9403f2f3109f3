"""A run as one page of Allure, made by Allure's own program where that is installed, and cut off from the network.

Allure puts the tags of a counting service into each page, and its switch against them does nothing in version 3.18.
They are cut out, and a policy in the page forbids it to ask anybody for anything. The page is for engineers who look
around in a run, and no evidence: it says when it was made, so that two of one record are not the same.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.errors import ConfigError
from reports.allure import write_allure
from reports.interchange.shared import write
from reports.run import Run
from reports.statement import marks

PROGRAM = "allure"
INSTALL = "npm install --global allure@3"
# What Allure's page needs of a browser, all of it inside of the page itself; whatever is asked of a host is refused.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; media-src data: blob:; font-src data:; connect-src data: blob:; frame-src data: blob:; "
    "worker-src blob:; object-src 'none'; form-action 'none'"
)
_ENOUGH_S = 600.0
_TAG = re.compile(r"<(?:script|link|img|iframe|source|video|audio|embed|object|form)\b[^>]*>", re.IGNORECASE)
_OUTSIDE = re.compile(r"""\s(?:src|srcset|href|data|action)\s*=\s*["']?\s*((?:https?:)?//[^\s"'>]*)""", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b[^>]*>", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
# Words of the counting service, in a script that calls it.
_COUNTING = ("googletagmanager", "google-analytics", "gtag(")


def write_allure_page(run: Run, path: Path) -> Path:
    """Write a run as one page that a browser opens from the disk, and that asks nobody for anything; return its path.

    Raises:
        ConfigError: Allure is not installed or makes no page, its page cannot be cut off, or cannot be written.
    """
    return write(path, alone(as_made(run)).encode())


def as_made(run: Run) -> str:
    """Return the page as Allure makes it, which asks a counting service when it is opened.

    Raises:
        ConfigError: Allure is not installed, or makes no page.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise ConfigError(
            f"the program {PROGRAM!r} must be on the path, and is not: {INSTALL}; --allure writes the results alone"
        )
    with TemporaryDirectory(prefix="allure-") as place:
        results, made = Path(place) / "results", Path(place) / "page"
        _generate(program, write_allure(run, results), made, " · ".join((_title(run), *marks(run))))
        try:
            return (made / "index.html").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{program} left no page to be read: {error}; it must be Allure 3: {INSTALL}") from error


def _title(run: Run) -> str:
    return run.amendments[-1].title if run.amendments else run.id


def alone(page: str) -> str:
    """Return a page of Allure without whatever asks a host for something, and with a policy that forbids it to.

    Raises:
        ConfigError: Something is left that would ask, or the page has no head to put the policy in.
    """
    parts, at = [], 0
    for start, end in _asking_scripts(page):
        parts.append(page[at:start])
        at = end
    cut = "".join((*parts, page[at:]))
    left = [found[1] for tag in _TAG.finditer(cut) if (found := _OUTSIDE.search(tag[0]))]
    head = _HEAD.search(cut)
    if left or head is None:
        what = f"it asks for {left[0]}" if left else "it has no head"
        raise ConfigError(
            f"this page of Allure cannot be cut off from the network: {what}; {INSTALL}.18.0 makes one that can"
        )
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return f"{cut[: head.end()]}\n    {policy}{cut[head.end() :]}"


def _asking_scripts(page: str) -> Iterator[tuple[int, int]]:
    """Give begin and end of each script that comes from a host, or that calls the counting service."""
    at = 0
    while tag := _SCRIPT.search(page, at):
        closing = page.find("</script>", tag.end())
        at = len(page) if closing < 0 else closing + len("</script>")
        body = page[tag.end() : closing]
        if _OUTSIDE.search(tag[0]) or any(word in body for word in _COUNTING):
            yield tag.start(), at


def _generate(program: str, results: Path, made: Path, name: str) -> None:
    """Have Allure make the page; of this host it learns the path alone, so that no build server's name is in it.

    Raises:
        ConfigError: It cannot be started, or fails.
    """
    command = [program, "awesome", str(results), "--single-file", "--output", str(made), "--report-name", name]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(made.parent), "ALLURE_NO_ANALYTICS": "true"}
    try:
        done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
            command,
            cwd=made.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ENOUGH_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigError(f"{program} cannot make the page: {error}; it must be Allure 3: {INSTALL}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise ConfigError(
            f"{program} made no page, and said {(said or ['nothing'])[0]!r}; it must be Allure 3: {INSTALL}"
        )
