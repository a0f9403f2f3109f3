"""A run on a served bench in a process of its own that is held still at an instant when its supply is on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.past import read_past
from harness.record import read_record
from harness.recovery import recover
from tests.chaos.truth import Truth
from tests.fixtures.processes import WITHIN_S, alive, children, is_supervisor, until
from tests.harness.certify_run import CHECKOUT

PLAN = CHECKOUT / "test_plans" / "session_timing.yaml"
TWO_CASES = ("SES-010[hyperhidrosis-hands-*]",)
BETWEEN_S = 0.03  # so that it is seldom found standing still


@dataclass(frozen=True)
class Ended:
    """What came of a run.

    Attributes:
        code: Its exit code.
        said: What it printed on stderr.
        took_s: How long after the fault it ended, in seconds.
    """

    code: int
    said: str
    took_s: float


class Faulted:
    """A run of `certify`; leaving the block kills what is left of it.

    Args:
        folder: For what it prints.
        bench: The bench file.
        runs: Where it keeps its record; a folder in `folder` if not given.
        plan: What it runs.
        only: Which cases of that; none are all.
        prefix: Words before the command, such as those that put it into a namespace.
        environment: More of it.
    """

    def __init__(
        self,
        folder: Path,
        bench: Path,
        *,
        runs: Path | None = None,
        plan: Path = PLAN,
        only: Sequence[str] = TWO_CASES,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.runs = runs or folder / "runs"
        self._said = folder / "stderr.txt"
        arguments = ["certify", "--bench", str(bench), "--plans", str(plan), "--runs", str(self.runs)]
        chosen = [word for case in only for word in ("--only", case)]
        locks = {"IONTOBENCH_LOCKS": str(folder / "locks")}  # a terminal's name is soon given to another one
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "harness", *arguments, *chosen],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT), **locks, **(environment or {})},
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        self.began_s = time.monotonic()
        self.supervisors: list[int] = []

    def __enter__(self) -> "Faulted":
        return self

    def __exit__(self, *raised: object) -> None:
        for pid in (self.process.pid, *self.supervisors):
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self.process.wait(WITHIN_S)

    @property
    def record(self) -> Path | None:
        """Where its record is, once it has begun one."""
        return next(self.runs.glob("*/record.jsonl"), None)

    def still_when_on(self, truth: Truth) -> bytes:
        """Hold the run still in the middle of a case with the supply on; return what its record holds by then.

        What is done to it must be done within half a second, and then `go` called: a supervisor kills a run that is
        held still for longer than a second.
        """
        while True:
            assert self.process.poll() is None, f"the run ended by itself: {self._said.read_text()}"
            path = self.record
            if path is None or b'"type":"case_started"' not in path.read_bytes():
                time.sleep(BETWEEN_S)
                continue
            if truth.ask()["supply_on"]:
                self.supervisors = [child for child in children(self.process.pid) if is_supervisor(child)]
                self.process.send_signal(signal.SIGSTOP)
                until(lambda: _stands_still(self.process.pid))
                held = path.read_bytes()
                if truth.ask()["supply_on"] and _in_a_case(held):
                    return held
                self.go()
            time.sleep(BETWEEN_S)

    def go(self) -> None:
        """Let the run go on."""
        self.began_s = time.monotonic()
        self.process.send_signal(signal.SIGCONT)

    def ended(self, within_s: float = WITHIN_S) -> Ended:
        """Wait for the end of the run and of its supervisor, and return what came of it."""
        code = self.process.wait(within_s)
        took_s = time.monotonic() - self.began_s
        until(lambda: not any(map(alive, self.supervisors)))
        return Ended(code, self._said.read_text(), took_s)

    def closed(self, held: bytes) -> list[dict[str, Any]]:
        """Return the lines of its record, which still has all that it held; it is closed by `recover` if need be."""
        path = self.record
        assert path is not None
        assert path.read_bytes().startswith(held[: held.rfind(b"\n") + 1]), "a line that was there is gone"
        if not read_past(path.parent).ended:
            recover(path.parent)
        lines = list(read_record(path))
        assert any(line["type"] == "run_ended" for line in lines)
        return lines


def running(held: bytes) -> str:
    """Return the case that ran when a record held this."""
    case = ""
    for raw in held.splitlines():
        with suppress(ValueError):
            line = json.loads(raw)
            case = line["data"]["case"] if line["type"] == "case_started" else case
    return case


def ours(said: str) -> str:
    """Return the one line that a run says on stderr of what went wrong."""
    assert "Traceback" not in said, said
    lines = [line for line in said.splitlines() if line.startswith("iontobench: ")]
    assert len(lines) == 1, said
    return lines[0]


def of(lines: Sequence[Mapping[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the data of all lines of a type."""
    return [line["data"] for line in lines if line["type"] == kind]


def _in_a_case(held: bytes) -> bool:
    return held.count(b'"type":"case_started"') > held.count(b'"type":"case_ended"')


def _stands_still(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1] == b"T"
