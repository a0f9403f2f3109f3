"""Runs of the whole product for its tests: in this process where that is enough, else as a newcomer's command."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from harness.commands.options import (
    PLANS_FOLDER,
    REFERENCE_CLAIMS,
    REFERENCE_CONTROLLER,
    REFERENCE_DEVICE,
    VIRTUAL_BENCH,
)
from harness.record import read_record

CHECKOUT = PLANS_FOLDER.parent


@dataclass(frozen=True)
class Run:
    """What a run left behind."""

    code: int
    folder: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines of its record."""
        return list(read_record(self.folder / "record.jsonl"))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of all events of a type."""
        return [event["data"] for event in self.events if event["type"] == kind]

    def verdicts(self) -> dict[str, tuple[str, str]]:
        """Return verdict and reason of each case."""
        return {event["case"]: (event["verdict"], event["reason"]) for event in self.of("case_ended")}

    def failed(self) -> set[str]:
        """Return the base ids of the cases that fail."""
        return {case.split("[")[0] for case, (verdict, _) in self.verdicts().items() if verdict == "F"}


def certify(runs: Path, *plans: str | Path, **options: Any) -> Run:
    """Run plans of ours by name, or others by path, in this process."""
    from harness.commands.certify import certify as command

    paths = [PLANS_FOLDER / f"{plan}.yaml" if isinstance(plan, str) else plan for plan in plans]
    arguments: dict[str, Any] = {
        "item": "VIRTUAL-0001",
        "firmware": "",
        "operator": "a test",
        "customer": "nobody",
        "bench": VIRTUAL_BENCH,
        "claims": REFERENCE_CLAIMS,
        "plans": paths or None,
        "inspections": None,
        "external": None,
        "device_model": REFERENCE_DEVICE,
        "controller": REFERENCE_CONTROLLER,
        "seed": 1,
        "runs": runs,
        "allure": None,
    }
    before = set(runs.glob("*")) if runs.exists() else set()
    code = command(**(arguments | options))
    (folder,) = set(runs.glob("*")) - before
    return Run(code, folder)


@contextmanager
def _environment(**changes: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def front_door(folder: Path, *arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Do what `command` does, in this process: for what the front door says, and the code that it exits with."""
    from harness.__main__ import run

    out, err, code, before = StringIO(), StringIO(), 0, sys.argv
    sys.argv = ["harness", *map(str, arguments)]
    try:
        with chdir(folder), _environment(**environment), redirect_stdout(out), redirect_stderr(err):
            code = run()
    finally:
        sys.argv = before
    return subprocess.CompletedProcess(list(arguments), code, out.getvalue(), err.getvalue())


def command(folder: Path, *arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m harness …` in a folder, as a newcomer would."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
