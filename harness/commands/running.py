"""A run in the terminal: pytest with nobody else's plugins, a progress bar, a table, and the next command."""

import os
import platform
import secrets
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import list2cmdline
from typing import TYPE_CHECKING, Any

from harness.certification import Certification
from harness.clock import HostDate, host_utc
from harness.environment import packages
from harness.errors import HarnessError
from harness.events import CaseEnded, CaseStarted, Event, RunEnded
from harness.given import Outcome
from harness.past import Past
from harness.prepared import Prepared, Subject
from harness.record import content_head
from harness.recovery import appending
from harness.resuming import GoneOn, prove_same_bench
from harness.stopping import SIGNALS, Stage

if TYPE_CHECKING:
    from fixtures.bench import Bench

# pytest's own plugins that a run has no use for; each costs every case some time.
_NOT_NEEDED = (
    "terminal cacheprovider junitxml logging warnings faulthandler unraisableexception threadexception doctest "
    "setuponly setupplan stepwise pastebin skipping subtests debugging capture tmpdir monkeypatch recwarn unittest"
)


def new_folder(runs: Path) -> Path:
    """Return the folder of a new run: the date and time, and a few letters so that two runs can begin at once."""
    return runs / f"{host_utc():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def run(certification: Certification, subject: Subject, **volatile: Any) -> RunEnded:
    """Run all cases of a certification; whatever happens, its record is closed and the bench is safe.

    It can be stopped while the bench is looked at and while a method runs, and nowhere between.
    """
    date = HostDate()
    with SIGNALS.held(), _progress(certification):
        try:
            begin(certification, subject, **volatile)
            run_plans(certification)
            date.check()
        except BaseException as error:
            certification.trouble(error)
            ended = finish(certification)
            if not isinstance(error, HarnessError | KeyboardInterrupt):
                raise
            return ended
        return finish(certification)


def begin(certification: Certification, subject: Subject, **volatile: Any) -> None:
    """Begin a run, with the facts of this host, and others that may differ between equal runs.

    Raises:
        HarnessError: The bench cannot be measured on; the record says why.
    """
    certification.begin(subject, _volatile(certification) | volatile)


def finish(certification: Certification) -> RunEnded:
    """End a run, and close its record."""
    return certification.end({"utc": _utc()})


@contextmanager
def given_back(bench: "Bench") -> Iterator[list[str]]:
    """Give a bench back after the block; what could not be made safe then, after a run with an end, is in the list.

    Raises:
        NotSafeError: It could not be made safe, and the run had no end.
    """
    not_safe: list[str] = []
    try:
        yield not_safe
    except BaseException:
        bench.close()
        raise
    try:
        bench.close()
    except HarnessError as error:
        not_safe.append(str(error))


def conclude(folder: Path, ended: RunEnded, wall_s: float, allure: Path | None, *, not_safe: Sequence[str] = ()) -> int:
    """Write the report, print what the run came to and what to do next, and return the exit code.

    A run that was aborted, or is stopped here, has no report; it can be written later, from the record. A bench that
    could not be made safe when it was given back is an error of our side, whatever the run came to.
    """
    ours = ended.reason if ended.exit_code == 2 else "".join(not_safe)
    try:
        if SIGNALS.stage is Stage.ABORTING:
            SIGNALS.deliver()
        return _concluded(folder, ended, wall_s, allure, ours)
    except KeyboardInterrupt as stop:
        print(  # noqa: T201
            f"iontobench: {ours or f'{stop}: the bench is safe'}; the record {folder / 'record.jsonl'} is closed, and "
            f"no report was written: python -m harness report {folder}",
            file=sys.stderr,
        )
        return 2 if ours else ended.exit_code or 2


def _concluded(folder: Path, ended: RunEnded, wall_s: float, allure: Path | None, ours: str) -> int:
    from reports import terminal
    from reports.allure import write_allure
    from reports.html import write_report
    from reports.run import load

    loaded = load(folder)
    write_report(loaded, folder / "report.html")
    if allure is not None:
        write_allure(loaded, allure)
    # The verdict stands whether or not somebody still reads what is printed.
    with suppress(OSError):
        terminal.conclude(loaded, wall_s=wall_s)
    if ours:
        since = loaded.rows.supervisions[-1:]  # it acts when the run has let go of the bench
        safe = "; its supervisor has made the bench safe since" if since and since[0].ok else ""
        print(f"iontobench: {ours}{safe}", file=sys.stderr)  # noqa: T201
        return 2
    if SIGNALS.stage is not Stage.RUNNING:
        done = "the bench is safe and the record is closed; it is not gone on with: run anew for a verdict"
        print(f"iontobench: {ended.reason}: {done}", file=sys.stderr)  # noqa: T201
    return ended.exit_code


def outcome(folder: Path, ended: RunEnded) -> Outcome:
    """Return what a run came to, for a log or to be compared with one."""
    head = content_head(folder / "record.jsonl")
    return Outcome(verdict=ended.verdict, exit_code=ended.exit_code, content_head=head)


def logged(path: Path, count: int, trouble: str, code: int) -> int:
    """Print where the wires were logged, and return the exit code: a log that is not whole is an error of our side."""
    if trouble:
        print(f"iontobench: the wire log is not whole: {trouble}", file=sys.stderr)  # noqa: T201
        return code or 2
    with suppress(OSError):
        size = path.stat().st_size / 1e6
        print(f"wire log {path}: {count:,} exchanges, {size:.1f} MB; python -m harness replay {path}")  # noqa: T201
    return code


def resumed(past: Past, ready: Prepared, bench: "Bench") -> Certification:
    """Return a run that was interrupted and is gone on with, on a bench with the same instruments and device.

    Raises:
        EvidenceError: They are others, or somebody writes the record.
    """
    bench.record_is_at(past.path)
    prove_same_bench(past, bench.facts(), [*bench.identified(), bench.identify_device()])
    return Certification(ready, bench, appending(past, GoneOn(bench.clock, past.at_ns)), past=past)


def took_over(words: str) -> dict[str, str]:
    """Print that the bench was left by a run that died, if it was, and return it for the record."""
    if not words:
        return {}
    print(f"iontobench: {words}", file=sys.stderr)  # noqa: T201
    return {"took_over": words}


def run_plans(certification: Certification) -> None:
    """Have pytest run all cases, with no plugin but ours, and none of the environment's wishes.

    Raises:
        HarnessError: pytest could not collect or run the plans.
    """
    import pytest

    from harness import plugin

    class Plans:
        """The only plugin of the run: it brings the plans."""

        def __init__(self) -> None:
            self.errors: list[str] = []

        def pytest_configure(self, config: pytest.Config) -> None:
            config.stash[plugin.PREPARED] = certification.prepared
            config.stash[plugin.CERTIFICATION] = lambda: certification

        pytest_collect_file = staticmethod(plugin.pytest_collect_file)

        def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
            """Pass over what stands beside the plans: pytest would look at all of it anew for each of them."""
            return None if collection_path in wanted else True

        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            place = {case.id: index for index, case in enumerate(certification.to_run())}
            items[:] = [item for item in items if item.name in place]
            items.sort(key=lambda item: place[item.name])

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                self.errors.append(str(report.longrepr))

        def pytest_internalerror(self, excrepr: Any) -> None:
            self.errors.append(str(excrepr))

    plans = Plans()
    files = [str(plan.document.path.resolve()) for plan in certification.prepared.plans]
    wanted = {path for file in files for path in (Path(file), *Path(file).parents)}
    home = os.path.commonpath([str(Path(file).parent) for file in files])
    arguments = ["-c", os.devnull, "--rootdir", home, "--noconftest", "--import-mode=importlib", "--assert=plain"]
    for name in _NOT_NEEDED.split():
        arguments += ["-p", f"no:{name}"]
    with _alone():
        pytest.main([*arguments, *files], plugins=[plans])
    if plans.errors:
        raise HarnessError(f"pytest could not run the plans: {plans.errors[0].strip().splitlines()[-1]}")


@contextmanager
def _alone() -> Iterator[None]:
    """Keep the environment's wishes, and plugins that happen to be installed, out of a certification run."""
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        os.environ |= kept | ({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": before} if before is not None else {})


@contextmanager
def _progress(certification: Certification) -> Iterator[None]:
    """Show a bar while cases run, or how the run was asked to stop; on what is no terminal, a line for each plan."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Doing(TextColumn):
        """What is done now; asked whenever the bar is drawn, so that no signal need draw anything."""

        def render(self, task: Task) -> Text:
            """Return the case, or how the run stops."""
            if SIGNALS.stage is Stage.RUNNING:
                return super().render(task)
            return Text(SIGNALS.stage.value, "bold yellow")

    console = Console()
    cases = certification.prepared.cases
    plans = {case.id: case.plan.content for case in cases}
    with Progress(
        Doing("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("certify", total=len(cases))
        seen: set[str] = set()

        def observe(event: Event) -> None:
            if isinstance(event, CaseStarted):
                progress.update(task, description=f"{event.case:40.40}")
                plan = plans[event.case]
                if not console.is_terminal and plan.plan not in seen:
                    console.print(f"{plan.plan}  {plan.title}", markup=False, highlight=False)
                    seen.add(plan.plan)
            elif isinstance(event, CaseEnded):
                progress.advance(task)

        certification.record.observers.append(observe)
        try:
            yield
        finally:
            certification.record.observers.remove(observe)


def _utc() -> str:
    return host_utc().isoformat(timespec="milliseconds")


def _volatile(certification: Certification) -> dict[str, Any]:
    return {"run": certification.record.path.parent.name} | host_facts()


def command_line() -> str:
    """Return how this program was called, to be typed again."""
    words = ["python", "-m", "harness", *sys.argv[1:]]
    return list2cmdline(words) if os.name == "nt" else shlex.join(words)


def host_facts() -> dict[str, Any]:
    """Return what is known of this host now: date and time, name, system, Python and its packages."""
    return {
        "utc": _utc(),
        "host": platform.node(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": packages(),
    }
