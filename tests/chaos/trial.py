"""One trial: a run on a served bench is ended at some instant, and everything that must then be so is looked at."""

import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.past import read_past
from harness.record import read_record
from harness.recovery import recover
from reports.rederive import rederive
from reports.run import load
from tests.chaos.doomed import INSIDE
from tests.chaos.truth import Truth
from tests.fixtures.processes import WITHIN_S, alive, children, is_supervisor, until
from tests.harness.certify_run import CHECKOUT

PLAN = CHECKOUT / "test_plans" / "session_timing.yaml"
HEARTBEAT_S = 2.0
DEAD_S = 2.0  # docs/supervisor.md: after a death
LOOK_S = 0.003


@dataclass(frozen=True, slots=True)
class Cause:
    """How a run is ended.

    Attributes:
        name: In words.
        act: Does it to the run and to its supervisors; None if the run does it to itself.
        limit_s: Within how many seconds everything must be off.
        answered: Whether the run must close its record itself.
    """

    name: str
    act: Callable[[int, list[int]], None] | None
    limit_s: float = DEAD_S
    answered: bool = False


def _sends(number: int) -> Callable[[int, list[int]], None]:
    return lambda run, _: os.kill(run, number)


def _twice(run: int, _: list[int]) -> None:
    """Press Ctrl-C, and again within the time that a finger needs at most."""
    os.kill(run, signal.SIGINT)
    time.sleep(random.Random(run).choice((0.0, 0.003, 0.03, 0.1)))  # noqa: S311
    with suppress(ProcessLookupError):
        os.kill(run, signal.SIGINT)


def _supervisor_gone(_: int, supervisors: list[int]) -> None:
    for supervisor in supervisors:
        os.kill(supervisor, signal.SIGKILL)


HUNG_S = 2 * HEARTBEAT_S
ORPHANED = "SIGKILL to its supervisor"
CAUSES = (
    *(Cause(name, _sends(getattr(signal, name)), answered=True) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")),
    Cause("Ctrl-C twice", _twice, answered=True),
    Cause("SIGKILL", _sends(signal.SIGKILL)),
    Cause("SIGKILL to its group", lambda run, _: os.killpg(run, signal.SIGKILL)),
    Cause("SIGSEGV", _sends(signal.SIGSEGV)),
    Cause("null pointer", None),
    Cause("os._exit(0)", None),
    Cause("SIGSTOP", _sends(signal.SIGSTOP), HUNG_S),
    Cause("endless loop", None, HUNG_S),
    Cause(ORPHANED, _supervisor_gone),
)
assert {cause.name for cause in CAUSES if cause.act is None} == set(INSIDE)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial.

    Attributes:
        cause: What was done.
        from_line: When: from how many lines of the record on; 0 is when Python has come to the program.
        after_s: And how many seconds after that.
        was_on: Whether the supply was on at that instant.
        off_s: Seconds from then until supply and output were seen off for good.
        safe_s: The same for relays and all the rest.
        limit_s: Within how many seconds they had to be.
        lines: How many lines the record had when it happened.
        torn: Whether its last line was cut off.
        record: Who closed it: "run", "recover"; "" if there was none yet.
        verdict: Of the closed record.
    """

    cause: str
    from_line: int
    after_s: float
    was_on: bool
    off_s: float
    safe_s: float
    limit_s: float
    lines: int
    torn: bool
    record: str
    verdict: str


def held(file: Path, truth: Truth, folder: Path, cause: Cause, from_line: int, after_s: float) -> Trial:
    """Return what came of a run that is ended so many seconds after it wrote a line, or began (0).

    Raises:
        AssertionError: Something was not as it must be.
    """
    count = folder / "count"
    count.write_bytes(struct.pack("=qq", -1, 0))
    inside = cause.name if cause.act is None else ""
    arguments = ["certify", "--bench", file, "--plans", PLAN, "--runs", folder / "runs"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.doomed", count, inside, str(from_line), str(after_s), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        was_on, before, supervisors, began_ns = _ended(process, truth, folder, count, cause, from_line, after_s)
        off_ns, safe_ns = _watched(process, truth, supervisors, began_ns)
        process.kill()
        until(lambda: not any(map(alive, supervisors)))
        assert truth.live() == []
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(WITHIN_S)
    off_s, safe_s = ((end - began_ns) * 1e-9 if end else 0.0 for end in (off_ns, safe_ns))
    lines, torn, closed_by, verdict = _recorded(folder, count, before)
    assert closed_by == "run" or not closed_by or not cause.answered, f"it ended by {process.returncode}"
    return Trial(cause.name, from_line, after_s, was_on, off_s, safe_s, cause.limit_s, lines, torn, closed_by, verdict)


def _record(folder: Path) -> Path | None:
    return next(folder.glob("runs/*/record.jsonl"), None)


def _ended(
    process: "subprocess.Popen[bytes]",
    truth: Truth,
    folder: Path,
    count: Path,
    cause: Cause,
    from_line: int,
    after_s: float,
) -> tuple[bool, bytes, list[int], int]:
    """End the run; return whether the supply was on, what its record held, its supervisors, and when that was."""
    if cause.act is None:
        supervisors: list[int] = []
        was_on, before = False, b""
        while not _numbers(count)[1]:
            assert process.poll() is None, "the run ended by itself"
            supervisors = _supervisors(process.pid) or supervisors
            path, was_on = _record(folder), truth.ask()["supply_on"]
            before = path.read_bytes() if path is not None else b""
            time.sleep(LOOK_S)
        return was_on, before, supervisors, _numbers(count)[1]
    while _numbers(count)[0] < from_line:
        assert process.poll() is None, "the run ended by itself"
        time.sleep(LOOK_S)
    time.sleep(after_s)
    assert process.poll() is None, "the run ended by itself"
    supervisors = _supervisors(process.pid)
    path, was_on = _record(folder), truth.ask()["supply_on"]
    before = path.read_bytes() if path is not None else b""
    began_ns = time.monotonic_ns()
    cause.act(process.pid, supervisors)
    return was_on, before, supervisors, began_ns


def _watched(
    process: "subprocess.Popen[bytes]", truth: Truth, supervisors: list[int], began_ns: int
) -> tuple[int, int]:
    """Look at the bench until run and supervisors are gone; return when supply and everything were last seen on."""
    off_ns = safe_ns = 0
    while process.poll() is None or any(map(alive, supervisors)):
        now, now_ns = truth.ask(), time.monotonic_ns()
        if now["supply_on"] or now["output_a"] or now["mains_v"]:
            off_ns = now_ns
        if now["relays_closed"] or off_ns == now_ns:
            safe_ns = now_ns
        passed_s = (now_ns - began_ns) * 1e-9
        if passed_s > HUNG_S + DEAD_S and not safe_ns:
            return 0, 0  # it stands still at rest, where nobody need do anything; what was on a look before it was off
        assert passed_s < WITHIN_S, f"it has not ended: {now}"
        time.sleep(LOOK_S)
    return off_ns, safe_ns


def _recorded(folder: Path, count: Path, before: bytes) -> tuple[int, bool, str, str]:
    """See that nothing is lost and the record can be closed; return its lines, if one was torn, who closed it, as what.

    Raises:
        AssertionError: It is not so.
    """
    path, written = _record(folder), max(_numbers(count)[0], 0)
    if path is None or not path.stat().st_size:
        assert not written
        return 0, False, "", ""
    left = path.read_bytes()
    whole, _, tail = left.rpartition(b"\n")
    assert left.startswith(before[: before.rfind(b"\n") + 1]), "a line that was there is gone"
    lines = left.count(b"\n")
    assert lines >= written, f"{written} lines were written, and {lines} are left"
    closed_by = "run"
    if not read_past(path.parent).ended:
        recover(path.parent)
        closed_by = "recover"
    assert path.read_bytes().startswith(whole + b"\n"), "recovering changed what was there"
    last = list(read_record(path))[-1]
    assert last["type"] == "run_ended"
    assert (wrong := rederive(load(path.parent))) == [], wrong
    return written, bool(tail), closed_by, str(last["data"]["verdict"])


def _numbers(count: Path) -> tuple[int, int]:
    lines, at_ns = struct.unpack("=qq", count.read_bytes())
    return lines, at_ns


def _supervisors(pid: int) -> list[int]:
    try:
        return [child for child in children(pid) if is_supervisor(child)]
    except OSError:
        return []
