"""However a run ends, the bench is made safe and the record is closed; a bench that drifts takes its word back."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fixtures.opening import open_bench
from harness.certification import Certification
from harness.commands import running
from harness.commands.compose import controller_factory, device_model, prepared
from harness.commands.options import (
    PLANS_FOLDER,
    REFERENCE_CLAIMS,
    REFERENCE_CONTROLLER,
    REFERENCE_DEVICE,
    VIRTUAL_BENCH,
)
from harness.events import Event
from harness.prepared import Subject
from harness.record import Record
from harness.stopping import SIGNALS
from reports.rederive import rederive
from reports.run import load
from tests.harness.certify_run import CHECKOUT, Run

STOPPING = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]


def _begun(folder: Path) -> "subprocess.Popen[str]":
    """Return a run of which a case has begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "certify", "--plans", PLANS_FOLDER / "session_timing.yaml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # The first plan's line says that cases run.
    process.stdout.readline()
    return process


@pytest.mark.parametrize("name", STOPPING)
def test_a_signal_ends_a_run_with_everything_off(tmp_path: Path, name: str) -> None:
    """Each stopping signal ends a run early: bench safe, record closed, never COMPLIES, exit 3; it says so."""
    process = _begun(tmp_path)
    process.send_signal(getattr(signal, name))
    _, said = process.communicate(timeout=120)

    (folder,) = tmp_path.glob("runs/*")
    run = Run(process.returncode, folder)
    ended = run.of("run_ended")[0]
    assert run.events[-1]["type"] == "run_ended"
    assert (run.code, ended["verdict"]) == (3, "NOT COMPLETE")
    assert run.of("made_safe")[-1]["ok"]
    assert any(name in problem["message"] for problem in run.of("problem"))
    assert (folder / "report.html").exists()
    assert f"iontobench: stopped by {name}: the bench is safe and the record is closed" in said


def test_a_second_signal_aborts_and_a_third_cuts_nothing_short(tmp_path: Path) -> None:
    """Aborted: bench safe, record closed, no report, which can be written from the record."""
    process = _begun(tmp_path)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process.send_signal(number)
    _, said = process.communicate(timeout=120)

    (folder,) = tmp_path.glob("runs/*")
    run = Run(process.returncode, folder)
    assert run.events[-1]["type"] == "run_ended"
    assert (run.code, run.of("run_ended")[0]["verdict"]) == (3, "NOT COMPLETE")
    assert run.of("made_safe")[-1]["ok"]
    assert not (folder / "report.html").exists(), said
    assert f"no report was written: python -m harness report {folder.relative_to(tmp_path)}" in said
    written = subprocess.run([sys.executable, "-m", "harness", "report", folder], check=False, cwd=CHECKOUT)
    assert written.returncode == 0
    assert re.search("stopped (again )?by SIG", (folder / "report.html").read_text())


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no PTY")
def test_the_progress_shows_that_a_run_terminates(tmp_path: Path) -> None:
    """Whoever pressed Ctrl-C on a terminal sees that it was heard, and what a second one would do."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "certify", "--plans", PLANS_FOLDER / "session_timing.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "TERM": "xterm", "COLUMNS": "120"},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"SES-" not in said:
        said += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    with suppress(OSError):  # a terminal whose last program ended is gone
        while more := os.read(ours, 4096):
            said += more
    os.close(ours)

    assert process.wait(120) == 3
    assert b"terminating; a second Ctrl-C aborts" in said


class Drifting:
    """The virtual bench, whose check current has drifted by the end of the run."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench
        self.before_energising = lambda: None

    def __getattr__(self, name: str) -> Any:
        """Return what the bench has."""
        return getattr(self._bench, name)

    def check(self, when: str) -> Any:
        """Measure the check standards; at the end against a certificate that is no longer true."""
        current = self._bench.file.check_standards.current
        if when == "end":
            object.__setattr__(current, "value", current.value * 1.01)
        return self._bench.check(when)


@pytest.fixture
def certification(tmp_path: Path) -> Iterator[Certification]:
    """A run of the timing plan on a bench that drifts."""
    model, _ = device_model(REFERENCE_DEVICE)
    bench = open_bench(
        VIRTUAL_BENCH, seed=1, device_model=model, controller_factory=controller_factory(REFERENCE_CONTROLLER)
    )
    ready = prepared(REFERENCE_CLAIMS, [PLANS_FOLDER / "session_timing.yaml"], None)
    yield Certification(ready, Drifting(bench), Record(tmp_path / "run" / "record.jsonl", bench.clock))  # type: ignore[arg-type]
    bench.close()


def test_an_end_check_that_fails_takes_every_verdict_back(certification: Certification) -> None:
    """A check standard that is off at the end turns each P of the run into N/E, with both verdicts in the record."""
    ended = running.run(certification, Subject("1", "", "o", "c", 1, {}, "reference"))

    run = Run(ended.exit_code, certification.record.path.parent)
    passed = {case for case, (verdict, _) in run.verdicts().items() if verdict == "P"}
    withdrawn = run.of("verdict_withdrawn")
    assert passed
    assert {event["case"] for event in withdrawn} == passed
    assert all("end check of the bench failed: current" in event["reason"] for event in withdrawn)
    assert (ended.exit_code, ended.verdict, ended.counts["P"]) == (3, "NOT COMPLETE", 0)


@pytest.mark.parametrize("line", [1, 3, 20])
def test_a_run_that_is_stopped_while_it_names_its_cases_has_named_all(certification: Certification, line: int) -> None:
    """Its record counts as many cases as it names, and nothing in it contradicts the rest."""
    record = certification.record

    def stop(_event: Event) -> None:
        if record.count == line:
            signal.raise_signal(signal.SIGINT)

    record.observers.append(stop)
    with SIGNALS.installed(), SIGNALS.held():
        ended = running.run(certification, Subject("1", "", "o", "c", 1, {}, "reference"))

    assert (ended.exit_code, ended.reason) == (3, "stopped by SIGINT")
    loaded = load(record.path.parent)
    assert len(loaded.cases) == ended.counts["N/E"] == len(certification.prepared.cases)
    assert rederive(loaded) == []
