"""One run on a bench at a time, with whole runs: who has it, who left it, and what the next one does first."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from fixtures.bench_file import load_bench_file
from fixtures.bench_lock import BenchLock
from fixtures.lock_files import CHOSEN
from fixtures.opening import open_bench
from fixtures.safety import NotSafeError
from fixtures.safing import live
from fixtures.wires import BenchWires
from harness.errors import ConfigError, LockError
from instruments.catalog import driver
from tests.harness.certify_run import CHECKOUT, certify, front_door
from tests.harness.racing_runs import CASE
from tests.harness.test_serve import serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are killed, and inherit locks, on Linux")

PLAN = CHECKOUT / "test_plans" / "output_current.yaml"
# Pairs of runs at once; the whole: RUN_RACES=1000 python -m pytest tests/harness/test_bench_command.py -k at_once
RUN_RACES = int(os.environ.get("RUN_RACES", "1"))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the file of a bench that another process serves, with locks that nobody else looks at."""
    folder = tmp_path_factory.mktemp("served")
    before = os.environ.get(CHOSEN)
    os.environ[CHOSEN] = str(folder / "locks")
    try:
        with serving(folder, "--pace", "stepped") as service:
            yield service.file
    finally:
        os.environ.pop(CHOSEN)
        if before is not None:
            os.environ[CHOSEN] = before


@pytest.fixture(autouse=True)
def _at_rest(bench: Path) -> Iterator[None]:
    """Leave the bench at rest."""
    yield
    front_door(bench.parent, "bench", "release", "--bench", bench)


def on(bench: Path) -> list[str]:
    """Return what is on or closed on the bench, asked by a client that has no lock."""
    file = load_bench_file(bench).content
    found: list[str] = []
    with closing(BenchWires(file)) as wires:
        for name, entry in file.instruments.items():
            if entry.role in ("supply", "switch"):
                wire = wires.open_instrument(name, timeout_s=5.0)
                instrument = driver(entry.driver).open(wire, wires.clock, mains_hz=50)
                found += live(entry.role, instrument, file.wiring)
    return found


def killed(bench: Path) -> int:
    """Have a run killed, and nobody to make the bench safe; return its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.unsupervised_runner", str(bench)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"on\n"
    process.kill()
    process.communicate()
    return process.pid


def test_of_two_runs_at_once_exactly_one_is_run(bench: Path, tmp_path: Path) -> None:
    """The other exits with 2 before it has sent anything, and says who has the bench, since when and for what."""
    races = subprocess.run(
        [sys.executable, "-m", "tests.harness.racing_runs", "certify", str(bench), str(tmp_path), str(RUN_RACES)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )

    rounds = [json.loads(line) for line in races.stdout.splitlines()]
    assert len(rounds) == RUN_RACES
    for race in rounds:
        assert sorted(race["codes"].values()) == [0, 2], race
        winner, loser = sorted(race["codes"], key=race["codes"].__getitem__)
        assert race["said"][winner] == ""
        said = race["said"][loser]
        assert f"is held by process {race['pids'][winner]} of " in said
        assert " since 20" in said
        assert "(certify VIRTUAL-0001)" in said
        assert len(said.strip().splitlines()) == 1
    assert len(list((tmp_path / "runs").iterdir())) == RUN_RACES


def test_what_a_killed_run_left_on_is_off_before_the_next_one_goes_on(bench: Path, tmp_path: Path) -> None:
    """The lock is free at once; the next run switches off first, says so, and has it in its record."""
    pid = killed(bench)
    assert "output 1" in on(bench)

    said = front_door(tmp_path, "certify", "--bench", bench, "--only", CASE, "--plans", PLAN, "--runs", "runs")

    assert said.returncode == 0, said.stderr
    assert f"iontobench: the bench was left by process {pid} of " in said.stderr
    assert "supply off (output 1 was on)" in said.stderr
    (run,) = (tmp_path / "runs").iterdir()
    first = json.loads((run / "record.jsonl").read_text().partition("\n")[0])
    assert "supply off (output 1 was on)" in first["volatile"]["took_over"]
    assert on(bench) == []


def test_even_a_run_that_cannot_begin_switches_off_what_was_left_on(bench: Path, tmp_path: Path) -> None:
    """A bench file with another oscilloscope than there is opens no bench, and yet leaves nothing on."""
    killed(bench)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(bench.read_text().replace("serial: VB00000003\n    certificate", "serial: OTHER\n    certificate"))
    assert wrong.read_text() != bench.read_text()

    with pytest.raises(ConfigError, match="OTHER"):
        open_bench(wrong)

    assert on(bench) == []


def test_status_and_release_of_a_bench_in_each_state(bench: Path, tmp_path: Path) -> None:
    """Free, held, left: status says which, and only what nobody holds is released."""
    assert front_door(tmp_path, "bench", "status", "--bench", bench).stdout == "bench virtual is free\n"

    opened = open_bench(bench, reason="a run")
    held = front_door(tmp_path, "bench", "status", "--bench", bench)
    refused = front_door(tmp_path, "bench", "release", "--bench", bench)
    second = front_door(tmp_path, "certify", "--bench", bench, "--only", CASE, "--plans", PLAN)
    examined = front_door(tmp_path, "doctor", "--bench", bench)
    opened.close()

    holder = f"process {os.getpid()} of "
    assert held.returncode == 1
    assert held.stdout.startswith(f"bench virtual is held by {holder}")
    for result in (refused, second, examined):
        assert result.returncode == 2
        assert holder in result.stderr
    assert json.loads(front_door(tmp_path, "bench", "status", "--json", "--bench", bench).stdout)["holder"] is None

    pid = killed(bench)
    left = front_door(tmp_path, "bench", "status", "--bench", bench)
    released = front_door(tmp_path, "bench", "release", "--bench", bench)

    assert left.returncode == 0
    assert f"is free, and was left by process {pid} of " in left.stdout
    assert released.returncode == 0
    assert "is safe and free: " in released.stdout
    assert "supply off (output 1 was on)" in released.stdout
    assert on(bench) == []
    assert front_door(tmp_path, "bench", "status", "--bench", bench).stdout == "bench virtual is free\n"


def test_a_lock_that_is_deleted_ends_the_run_and_the_bench_is_made_safe(bench: Path) -> None:
    """Nothing more is sent to measure, but what was switched on is switched off, if nobody else has the bench."""
    opened = open_bench(bench, reason="a run")
    opened.power_on()
    for path in (bench.parent / "locks").glob("*.lock"):
        path.unlink()

    with pytest.raises(LockError, match="nothing was sent"):
        opened.output_voltage()
    with pytest.raises(LockError, match="nothing was sent"):
        opened.controller.status()
    opened.close()

    assert on(bench) == []


def test_a_bench_that_somebody_else_took_meanwhile_is_not_touched(bench: Path) -> None:
    """Whoever has it now made it safe first, so that nothing of ours is on, and nothing of theirs is switched off."""
    opened = open_bench(bench, reason="a run")
    for path in (bench.parent / "locks").glob("*.lock"):
        path.unlink()
    other = BenchLock(load_bench_file(bench), "another run")
    other.acquire()

    with pytest.raises(NotSafeError, match="the lock of this bench was deleted"):
        opened.close()

    assert other.held()
    other.release()


def test_a_bench_in_this_process_needs_no_lock(tmp_path: Path) -> None:
    """As many runs as one likes make up a virtual bench for themselves; asking who has it is a mistake."""
    virtual = CHECKOUT / "fixtures" / "benches" / "virtual.yaml"
    with closing(open_bench(virtual)), closing(open_bench(virtual)):
        for word in ("status", "release"):
            asked = front_door(tmp_path, "bench", word, "--bench", virtual)
            assert asked.returncode == 2
            assert "is made up by each run for itself" in asked.stderr


def free_ports(count: int) -> int:
    """Return the first of so many TCP ports in a row that nobody uses now."""
    for first in range(21000, 32000, count):
        with ExitStack() as end:
            try:
                for port in range(first, first + count):
                    end.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
        return first
    raise AssertionError("all ports are in use")


def test_who_serves_a_new_bench_inherits_nothing(bench: Path, tmp_path: Path) -> None:
    """Ports are used again: what a run left at one of them is no business of a bench that was not there then."""
    port = free_ports(20)
    wrong = tmp_path / "before.yaml"
    clock = load_bench_file(bench).content.virtual.served.clock  # type: ignore[union-attr]
    wrong.write_text(bench.read_text().replace(clock, f"127.0.0.1:{port}"))
    before = BenchLock(load_bench_file(wrong), "a run on what was served there before")
    before.acquire()
    before.release(safe=False)

    with serving(tmp_path, "--pace", "stepped", "--port", str(port)) as service:
        document = load_bench_file(service.file)
        assert document.content.virtual.served.clock == f"127.0.0.1:{port}"  # type: ignore[union-attr]
        new = BenchLock(document, "a run")
        new.acquire()
        assert new.left is None
        new.release()


def test_certify_gives_the_bench_back(bench: Path, tmp_path: Path) -> None:
    """After a run the bench is free, and nothing says that anybody left it."""
    certify(tmp_path / "runs", "output_current", bench=bench, only=[CASE])

    lock = BenchLock(load_bench_file(bench), "the next")
    lock.acquire()
    assert lock.left is None
    lock.release()
