"""A run that is killed at any instant leaves a record that can be closed: nothing is lost, and nothing passes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixtures.bench_told import tell_bench
from harness.errors import EvidenceError
from harness.events import Supervised
from harness.record import Record, read_record
from harness.recovery import recover
from reports.html import render
from reports.interruptions import told
from reports.rederive import rederive
from reports.run import load
from reports.summary import trust
from reports.verify import Anchors, verify
from tests.harness.certify_run import CHECKOUT, PLANS_FOLDER, Run, command, front_door
from tests.harness.interrupted import after, cut, whole_run
from tests.reports.tampering import drawn

# KILLS=1000 tries a thousand instants.
INSTANTS = int(os.environ.get("KILLS", "12"))


def test_a_supervisor_that_ends_its_work_after_the_record_was_closed_is_believed(run: Run, tmp_path: Path) -> None:
    """What made the bench safe may say so behind the end of a run, and nothing speaks against the record for it."""
    folder = cut(run, tmp_path / "run", after(run, "measured"))
    recover(folder)
    record = Record.append_to(folder / "record.jsonl")
    record.write(Supervised("the run died", True, ("supply off",)), {"utc": "2026-01-31T12:00:00+00:00"})
    record.close()

    found = load(folder)

    assert (found.doubts, rederive(found), wrong(folder)) == ([], [], [])
    assert "the supervisor made the bench safe (supply off)" in told(found)[1]


@pytest.mark.parametrize("supervised", [False, True])
def test_whether_anybody_made_the_bench_safe_is_told(run: Run, tmp_path: Path, supervised: bool) -> None:
    """A run that died in a case and that no supervisor answered for may have left everything on: the report says so."""
    folder = cut(run, tmp_path / "run", after(run, "measured"))
    if supervised:
        record = Record.append_to(folder / "record.jsonl")
        record.write(Supervised("the run died", True, ("supply off",)), {"utc": "2026-01-31T12:00:00+00:00"})
        record.close()
    recover(folder)

    found = load(folder)
    (safe,) = [line for line in trust(found) if line.text.startswith("Bench made safe")]

    assert any("no line says that the bench was made safe then" in sentence for sentence in told(found)) != supervised
    assert (safe.ok is False) != supervised


WRITER = """
import sys
from pathlib import Path
from harness.record import Record
record = Record.append_to(Path(sys.argv[1]))
print("writing", flush=True)
sys.stdin.read()
"""


@contextmanager
def writer(folder: Path) -> Iterator[None]:
    """Have a process of its own go on with a record for the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, folder / "record.jsonl"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run that nobody interrupted."""
    return whole_run(tmp_path_factory.mktemp("whole"))


def _instants(run: Run) -> list[int]:
    """Return sizes at which a record may have ended: anywhere, and just before, in and after the end of each line."""
    content = (run.folder / "record.jsonl").read_bytes()
    first = content.index(b"\n") + 1
    chance = drawn("instants")
    anywhere = [chance.randrange(first, len(content)) for _ in range(INSTANTS // 2)]
    ends = [at for at in range(first, len(content)) if content[at - 1 : at] == b"\n"]
    return anywhere + [chance.choice(ends) + chance.choice((-1, 0, 1)) for _ in range(INSTANTS - len(anywhere))]


def wrong(folder: Path) -> list[str]:
    """Return what verify finds that was altered or contradicts itself."""
    return [str(one) for one in verify(folder, Anchors(), tell_bench) if one.wrong]


def test_a_record_cut_off_anywhere_is_closed_and_no_case_of_it_passes(run: Run, tmp_path: Path) -> None:
    """Of a kill at any instant each whole line stays, the rest of one is kept as text, and nothing is wrong with it."""
    for number, size in enumerate(_instants(run)):
        folder = cut(run, tmp_path / str(number), size)
        left = (folder / "record.jsonl").read_bytes()
        whole, torn = left[: left.rindex(b"\n") + 1], left[left.rindex(b"\n") + 1 :]

        if b'"type":"run_ended"' in whole:
            with pytest.raises(EvidenceError, match="is closed"):
                recover(folder)
            continue
        ended = recover(folder)

        closed = (folder / "record.jsonl").read_bytes()
        events = list(read_record(folder / "record.jsonl"))
        found = load(folder)
        assert closed.startswith(whole), size
        assert [e["data"]["torn"] for e in events if e["type"] == "interrupted"] == [torn.decode()], size
        assert (ended.verdict, ended.exit_code, found.verdict) == ("NOT COMPLETE", 2, "NOT COMPLETE"), size
        assert found.counts["P"] == found.counts["F"] == 0, size
        assert (found.doubts, rederive(found)) == ([], []), size
        assert wrong(folder) == [], size


def test_the_case_that_ran_is_named_wherever_somebody_looks(run: Run, tmp_path: Path) -> None:
    """Report, terminal and closing words name the case that was interrupted, and it is not evaluated."""
    folder = cut(run, tmp_path / "run", after(run, "measured"))

    done = front_door(tmp_path, "recover", folder)

    case = Run(2, folder).of("interrupted")[0]["case"]
    words = f"the run was interrupted while {case} ran"
    assert done.returncode == 2
    assert words in " ".join(done.stdout.split())
    assert Run(2, folder).of("run_ended")[0]["reason"] == words
    assert Run(2, folder).verdicts()[case] == ("N/E", "interrupted: the run ended before the case did")
    assert words in render(load(folder))
    assert (folder / "report.html").is_file()
    assert words in told(load(folder))[0]


def test_a_waveform_that_no_line_names_is_told_and_counts_for_nothing(run: Run, tmp_path: Path) -> None:
    """What was saved just before the kill stays, and whoever swaps it is found."""
    folder = cut(run, tmp_path / "run", after(run, "waveform") - 20)
    (kept,) = (folder / "waveforms").iterdir()

    recover(folder)

    name = f"waveforms/{kept.name}"
    assert list(Run(2, folder).of("interrupted")[0]["unrecorded"]) == [name]
    assert not [one for one in verify(folder, Anchors(), tell_bench) if one.where == name]
    kept.write_bytes(b"another")
    assert [one.wrong for one in verify(folder, Anchors(), tell_bench) if one.where == name] == [True]


def test_a_record_that_is_closed_sealed_or_being_written_is_left_alone(run: Run, tmp_path: Path) -> None:
    """Recover changes no byte of a record that is no interrupted run's, and says why."""
    content = (run.folder / "record.jsonl").read_bytes()
    done = front_door(tmp_path, "recover", run.folder)
    assert (done.returncode, "there is nothing to recover" in done.stdout) == (0, True)
    assert (run.folder / "record.jsonl").read_bytes() == content

    sealed = cut(run, tmp_path / "sealed", after(run, "measured"))
    (sealed / "manifest.json").write_bytes(b"{}")
    for folder, words in ((sealed, "is sealed"), (tmp_path / "none", "cannot be read")):
        done = front_door(tmp_path, "recover", folder)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr

    living = cut(run, tmp_path / "living", after(run, "measured"))
    before = (living / "record.jsonl").read_bytes()
    with writer(living), pytest.raises(EvidenceError, match="a process that lives"):
        recover(living)
    assert (living / "record.jsonl").read_bytes() == before


def test_a_record_of_which_nothing_is_whole_says_that_nothing_is_lost(run: Run, tmp_path: Path) -> None:
    """A run that was killed before its first line was whole has nothing to recover."""
    folder = cut(run, tmp_path / "run", 100)

    done = front_door(tmp_path, "recover", folder)

    assert (done.returncode, "nothing was measured" in done.stderr) == (2, True)


FULL = """
import resource, signal, sys
from pathlib import Path
from harness.clock import WallClock
from harness.errors import EvidenceError
from harness.events import Note
from harness.record import Record
record = Record(Path(sys.argv[1]), WallClock())
record.write(Note("there is room"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (record.path.stat().st_size + 50, resource.RLIM_INFINITY))
try:
    record.write(Note("there is room for a half of this"))
except EvidenceError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
record.write(Note("there is room again"))
record.close()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system has no limit for a file's size")
def test_half_a_line_on_a_full_disk_does_not_spoil_the_lines_after_it(tmp_path: Path) -> None:
    """A line that a full disk took only a part of is taken back, so that the record stays whole."""
    path = tmp_path / "record.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}

    done = subprocess.run(
        [sys.executable, "-c", FULL, path], env=environment, capture_output=True, text=True, timeout=60, check=True
    )

    assert "took only a part of a line" in done.stdout
    assert [entry["data"]["text"] for entry in read_record(path)] == ["there is room", "there is room again"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_run_that_is_really_killed_is_closed_by_the_command_that_a_newcomer_types(tmp_path: Path) -> None:
    """SIGKILL in the middle of a run loses nothing that was measured, and recover closes it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "certify", "--plans", PLANS_FOLDER / "self_test.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # The first plan's line says that cases run.
    process.stdout.readline()
    process.kill()
    process.communicate(timeout=120)
    (folder,) = tmp_path.glob("runs/*")
    measured = (folder / "record.jsonl").read_bytes().count(b'"type":"measured"')

    done = command(tmp_path, "recover", folder)

    assert done.returncode == 2, done.stderr
    assert len(Run(2, folder).of("measured")) in (measured, measured - 1)
    assert load(folder).verdict == "NOT COMPLETE"
