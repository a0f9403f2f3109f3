"""Whatever fails around a run: it ends as an error of our side or goes on, its bench is safe, its record can be closed.

What takes longer than ten seconds is tried with FAULTS=all in the environment. Filling a disk, making it read-only and
cutting a network need root on Linux; elsewhere they are left out.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fixtures.bench_file import load_bench_file
from fixtures.supervisor.__main__ import WRITER_ENDS_S
from fixtures.supervisor.said import HEARTBEAT_S
from harness.past import read_past
from tests.chaos import network
from tests.chaos.date import Date
from tests.chaos.disk import Disk, FullDisk, HangingDisk, ReadOnlyDisk
from tests.chaos.faulted import Ended, Faulted, of, ours, running
from tests.chaos.names import Silence, with_servers
from tests.chaos.network import Network
from tests.chaos.proxy import Proxy, moved
from tests.chaos.terminal import Terminal, line_of, with_terminal
from tests.chaos.truth import Truth
from tests.fixtures.processes import alive, until
from tests.harness.certify_run import CHECKOUT, command
from tests.harness.test_serve import Service, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pidfd and /proc are Linux's")
slow = pytest.mark.skipif(os.environ.get("FAULTS") != "all", reason="FAULTS=all tries what takes longer than 10 s")
root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root may mount disks and make networks"
)

DEAD_S = 2.0  # docs/supervisor.md: after a death
TRIED_S = 10.0  # docs/supervisor.md: so long what cannot be reached is tried again
REACHED_S = 5.0  # two of the supervisor's tries; one that finds nobody takes at most 2 s
ON_THEIR_WAY_S = 5.0  # fixtures/remote_line.py
ANSWER_S = 10.0  # fixtures/opening.py: an instrument's answer
PLAN_S = 300.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A bench in a process of its own, which outlives all the runs on it; its controller is reached over TCP."""
    with serving(tmp_path_factory.mktemp("served"), "--pace", "stepped", "--line", "tcp") as found:
        yield found


@pytest.fixture(scope="module")
def truth(service: Service) -> Iterator[Truth]:
    """What tells the truth of that bench."""
    with Truth(service.file) as found:
        yield found


# 1, 2: the disk.


@root
@pytest.mark.parametrize("kind", [FullDisk, ReadOnlyDisk], ids=["full", "read-only"])
def test_a_disk_that_takes_no_more_ends_the_run_safe_and_the_record_is_closed_later(
    service: Service, truth: Truth, tmp_path: Path, kind: type[Disk]
) -> None:
    """Exit 2, one line with what to do next, all off, nothing kept is lost; `recover` does it once the disk is back."""
    with kind(tmp_path) as disk:
        with Faulted(tmp_path, service.file, runs=disk.path / "runs") as run:
            held = run.still_when_on(truth)
            disk.spoil()
            run.go()
            ended = run.ended()

            assert truth.live() == []
        assert run.record is not None
        folder = run.record.parent
        assert ended.code == 2
        assert re.search(disk.says, ours(ended.said)), ended
        assert f"python -m harness recover {folder}" in ours(ended.said)
        assert not read_past(folder).ended
        disk.mend()
        recovered = command(tmp_path, "recover", folder)
        lines = run.closed(disk.kept(held))

    assert recovered.returncode == 2, recovered.stderr
    assert lines[-1]["data"]["verdict"] == "NOT COMPLETE"
    assert _verdict(lines, running(held)) in ("N/E", "")


@root
def test_a_disk_that_hangs_leaves_nothing_on(service: Service, truth: Truth, tmp_path: Path) -> None:
    """A run that waits for it cannot be killed: all off within two heartbeats all the same, and recorded later."""
    with HangingDisk(tmp_path) as disk, Faulted(tmp_path, service.file, runs=disk.path / "runs") as run:
        held = run.still_when_on(truth)
        try:
            disk.spoil()
            run.go()
            until(lambda: truth.live() == [], 2 * HEARTBEAT_S)
            time.sleep(WRITER_ENDS_S + 0.5)
            waits = alive(run.process.pid)
        finally:
            disk.mend()
        ended = run.ended()
        lines = run.closed(held)

    assert waits
    assert ended.code == -signal.SIGKILL
    assert [said["ok"] for said in of(lines, "supervised")] == [True]
    assert _verdict(lines, running(held)) in ("N/E", "")


@root
def test_locks_on_a_disk_that_hangs_keep_nothing_on(service: Service, truth: Truth, tmp_path: Path) -> None:
    """The supervisor of a run that dies waits a second for them, and then makes safe without."""
    with HangingDisk(tmp_path) as disk:
        locks = {"IONTOBENCH_LOCKS": str(disk.path / "locks")}
        with Faulted(tmp_path, service.file, environment=locks) as run:
            held = run.still_when_on(truth)
            try:
                disk.spoil()
                run.process.kill()
                until(lambda: truth.live() == [], DEAD_S)
            finally:
                disk.mend()
            until(lambda: not any(map(alive, run.supervisors)))
            lines = run.closed(held)

    assert [said["ok"] for said in of(lines, "supervised")] == [True]


# 3: clocks.


@pytest.mark.parametrize("hours", [6, -6], ids=["ahead", "back"])
def test_a_date_that_is_set_during_a_run_ends_it_without_a_verdict(
    service: Service, truth: Truth, tmp_path: Path, hours: int
) -> None:
    """Every case runs to its end and nobody is taken for hung; the run then says by how much, and nothing passes."""
    date = Date(tmp_path)
    with Faulted(tmp_path, service.file, environment=date.environment) as run:
        held = run.still_when_on(truth)
        date.set(hours)
        run.go()
        ended = run.ended()
        live = truth.live()

    lines = run.closed(held)
    assert live == []
    assert ended.code == 2
    said = re.search(r"the host's date went (ahead|back) by (\d+) s", ours(ended.said))
    assert said is not None
    assert said[1] == ("ahead" if hours > 0 else "back")
    assert abs(int(said[2]) - abs(hours) * 3600) < ended.took_s + 2.0
    assert {ended["verdict"] for ended in of(lines, "case_ended")} == {"P"}
    assert of(lines, "supervised") == []
    assert _passed(lines) == 0


@pytest.mark.parametrize(
    ("first", "asleep_s"),
    [("run", 3.0), pytest.param("run", 10.0, marks=slow), pytest.param("supervisor", 10.0, marks=slow)],
)
def test_a_host_that_was_asleep_takes_nobody_for_hung(
    service: Service, truth: Truth, tmp_path: Path, first: str, asleep_s: float
) -> None:
    """Run and supervisor are held still, longer than either may be alone, and go on: the same verdicts, exit 0."""
    with Faulted(tmp_path, service.file) as run:
        held = run.still_when_on(truth)
        for supervisor in run.supervisors:
            os.kill(supervisor, signal.SIGSTOP)
        time.sleep(asleep_s)
        wake = [*run.supervisors, run.process.pid]
        for pid in reversed(wake) if first == "run" else wake:
            os.kill(pid, signal.SIGCONT)
        ended = run.ended()
        live = truth.live()

    lines = run.closed(held)
    assert live == []
    assert (ended.code, _passed(lines)) == (0, 2), ended
    assert of(lines, "supervised") == []


# 4: an instrument.


@contextmanager
def _cabled(service: Service, folder: Path, name: str) -> Iterator[tuple[Proxy, Path]]:
    """Put a cable that can be pulled between the runs and an instrument; yield it, and the bench file that names it."""
    address = load_bench_file(service.file).content.instruments[name].address
    found = re.search(r"hislip0,(\d+)::", address)
    assert found is not None
    port = int(found[1])
    with Proxy(port) as proxy:
        yield proxy, moved(service.file, folder / "bench.yaml", {port: proxy.port})


def test_a_multimeter_that_is_unplugged_costs_the_case_and_not_the_safety(
    service: Service, truth: Truth, tmp_path: Path
) -> None:
    """The case is N/E and names it; supply and relays are at rest at once; the run goes on, and nothing passes."""
    with _cabled(service, tmp_path, "dmm") as (cable, bench), Faulted(tmp_path, bench) as run:
        held = run.still_when_on(truth)
        cable.cut()
        run.go()
        ended = run.ended()
        live = truth.live()

    lines = run.closed(held)
    assert live == []
    assert ended.code == 2
    assert "dmm at TCPIP0::" in ours(ended.said)
    assert "LinkError: dmm at TCPIP0::" in _reason(lines, running(held))
    assert len(of(lines, "case_ended")) == 2
    assert all(said["ok"] for said in of(lines, "made_safe"))
    assert _passed(lines) == 0


@pytest.mark.parametrize("name", ["switch", "supply"])
def test_what_keeps_the_bench_from_being_safe_is_done_as_soon_as_it_is_back(
    service: Service, truth: Truth, tmp_path: Path, name: str
) -> None:
    """The run ends with exit 2 and says how to switch off; its supervisor makes safe when the cable is back."""
    with _cabled(service, tmp_path, name) as (cable, bench), Faulted(tmp_path, bench) as run:
        held = run.still_when_on(truth)
        cable.cut()
        run.go()
        _until_let_go(run, held)
        left_on = truth.live()
        cable.restore()
        safe_s = until(lambda: not truth.live())
        ended = run.ended()

    lines = run.closed(held)
    assert left_on
    assert safe_s < REACHED_S
    _says_not_safe(ended, name, and_since="; its supervisor has made the bench safe since")
    assert "the bench could not be made safe" in _reason(lines, running(held))
    (supervised,) = of(lines, "supervised")
    assert supervised["ok"] is True
    assert f"{name} at TCPIP0::" in str(of(lines, "problem"))
    assert _passed(lines) == 0


@slow
def test_a_supply_that_stays_away_while_it_is_on_is_told_loudly(service: Service, truth: Truth, tmp_path: Path) -> None:
    """Exit 2; run and supervisor both say that it is not safe; the bench is not taken again before it is."""
    locks = {"IONTOBENCH_LOCKS": str(tmp_path / "locks")}
    with _cabled(service, tmp_path, "supply") as (cable, bench), Faulted(tmp_path, bench) as run:
        held = run.still_when_on(truth)
        cable.cut()
        run.go()
        ended = run.ended()
        left_on = truth.live()
        status = command(tmp_path, "bench", "status", "--bench", bench, **locks)
        refused = command(tmp_path, "bench", "release", "--bench", bench, **locks)
        still = command(tmp_path, "bench", "status", "--bench", bench, **locks)
        cable.restore()
        released = command(tmp_path, "bench", "release", "--bench", bench, **locks)
        left_after = truth.live()

    lines = run.closed(held)
    assert left_on == ["supply"]
    _says_not_safe(ended, "supply")
    assert ended.took_s > TRIED_S
    (supervised,) = of(lines, "supervised")
    assert supervised["ok"] is False
    assert not all(said["ok"] for said in of(lines, "made_safe"))
    assert "(certify), who did not make it safe: what was on may be ON" in status.stdout
    assert still.stdout == status.stdout
    assert refused.returncode == 2
    assert "supply at TCPIP0::" in refused.stderr
    assert (released.returncode, left_after) == (0, [])


def test_a_served_clock_that_is_cut_ends_the_run_with_all_off_and_all_recorded(
    service: Service, truth: Truth, tmp_path: Path
) -> None:
    """No time can be told any more: exit 2, the record is closed by the run, and its supervisor adds that it failed."""
    virtual = load_bench_file(service.file).content.virtual
    assert virtual is not None
    assert virtual.served is not None
    port = int(virtual.served.clock.rpartition(":")[2])
    with Proxy(port) as cable:
        bench = moved(service.file, tmp_path / "bench.yaml", {port: cable.port})
        with Faulted(tmp_path, bench) as run:
            held = run.still_when_on(truth)
            cable.cut()
            run.go()
            until(lambda: truth.live() == [], REACHED_S)
            ended = run.ended()

    assert run.record is not None
    assert read_past(run.record.parent).ended
    lines = run.closed(held)
    assert ended.code == 2
    assert "is gone" in ours(ended.said)
    assert _verdict(lines, running(held)) == "N/E"
    assert [said["ok"] for said in of(lines, "supervised")] == [False]
    assert _passed(lines) == 0


# 5, 6: the serial port.


@pytest.mark.parametrize(
    ("how", "limit_s"),
    # A served bench waits for bytes on their way, first in the case, and then when the device is to be stopped.
    [("go", 2.0), pytest.param("fall_silent", 2 * ON_THEIR_WAY_S + 2.0, marks=slow)],
    ids=["gone", "nobody reads"],
)
def test_a_serial_port_that_is_lost_costs_the_case_and_not_the_safety(
    service: Service, truth: Truth, tmp_path: Path, how: str, limit_s: float
) -> None:
    """The case is N/E, the supply is off although the device cannot be told to stop; exit 2, and nobody was killed."""
    with Terminal(line_of(service.file)) as terminal:
        bench = with_terminal(service.file, tmp_path / "bench.yaml", terminal.path)
        with Faulted(tmp_path, bench) as run:
            held = run.still_when_on(truth)
            getattr(terminal, how)()
            run.go()
            until(lambda: truth.ask()["supply_on"] is False, limit_s)
            ended = run.ended()
            live = truth.live()

    lines = run.closed(held)
    assert live == []
    assert ended.code == 2
    assert _verdict(lines, running(held)) == "N/E"
    assert re.search("LinkError: /dev/pts/|bytes that were sent|the bench has sent", _reason(lines, running(held)))
    assert of(lines, "supervised") == []
    assert all(said["ok"] for said in of(lines, "made_safe"))
    assert _passed(lines) == 0


# 7: the network.


@slow
@root
@pytest.mark.parametrize("again", ["soon", "late"])
def test_a_network_that_is_cut_costs_the_case_at_most(tmp_path: Path, again: str) -> None:
    """What comes back before an answer is given up is a delay; else the case is N/E, and all is off once it is back."""
    if not network.possible():
        pytest.skip("this user may make no network namespaces here")
    with Network(tmp_path) as net, Truth(net.file) as truth, Faulted(tmp_path, net.file) as run:
        held = run.still_when_on(truth)
        assert run.record is not None
        record = run.record
        net.cut()
        run.go()
        if again == "soon":
            time.sleep(ANSWER_S / 5)
        else:
            until(lambda: b'"type":"problem"' in record.read_bytes()[len(held) :])
            assert truth.ask()["supply_on"]
        net.mend()
        until(lambda: not truth.ask()["supply_on"])
        ended = run.ended()
        live = truth.live()

    lines = run.closed(held)
    assert live == []
    if again == "soon":
        assert (ended.code, _passed(lines)) == (0, 2)
    else:
        assert ended.code == 2
        assert _verdict(lines, running(held)) == "N/E"
        assert "at TCPIP0::10.213.72.2::" in ours(ended.said)
        assert "no answer" in ours(ended.said)


# 8: names.


@root
def test_a_name_that_nobody_resolves_ends_the_opening_with_nothing_on(
    service: Service, truth: Truth, tmp_path: Path
) -> None:
    """A name server that never answers: one line that names the instrument, exit 2, no record, no supply."""
    with Silence() as server:
        servers = tmp_path / "resolv.conf"
        servers.write_text(f"nameserver {server.host}\noptions timeout:1 attempts:1\n")
        text = service.file.read_text()
        bench = tmp_path / "bench.yaml"
        bench.write_text(text.replace("TCPIP0::127.0.0.1::", "TCPIP0::bench.lab.example::"))
        with Faulted(tmp_path, bench, prefix=with_servers(servers)) as run:
            on = 0
            while run.process.poll() is None:
                on += truth.ask()["supply_on"]
                time.sleep(0.02)
            ended = run.ended()

        assert server.asked
    assert on == 0
    assert ended.code == 2
    assert "supply at TCPIP0::bench.lab.example::" in ours(ended.said)
    assert "cannot be opened" in ours(ended.said)
    assert run.record is None


# 9: no processor left.


@slow
def test_a_busy_host_changes_no_verdict(service: Service, tmp_path: Path) -> None:
    """Four processes that want all there is: a whole plan comes to the same as alone, and nothing is taken for hung."""
    with Faulted(tmp_path, service.file, only=()) as alone:
        first = alone.ended(PLAN_S)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    beside = tmp_path / "beside"
    beside.mkdir()
    try:
        with Faulted(beside, service.file, only=()) as run:
            second = run.ended(PLAN_S)
    finally:
        for process in busy:
            process.kill()
            process.wait()

    lines = run.closed(b"")
    assert (first.code, second.code) == (0, 0)
    assert of(lines, "case_ended") == of(alone.closed(b""), "case_ended")
    assert of(lines, "supervised") == []


def test_what_is_compiled_the_first_time_is_compiled_before_anything_is_on(service: Service, tmp_path: Path) -> None:
    """Right after an installation a run compiles for seconds: it is not taken for hung."""
    plan, empty = CHECKOUT / "test_plans" / "output_current.yaml", str(tmp_path / "numba")
    with Faulted(tmp_path, service.file, plan=plan, only=["OUT-031*"], environment={"NUMBA_CACHE_DIR": empty}) as run:
        ended = run.ended()

    assert ended.code == 0, ended.said
    assert list(Path(empty).rglob("ieee181_loops.measure*.nbc"))
    assert of(run.closed(b""), "supervised") == []


# Helpers.


def _until_let_go(run: Faulted, held: bytes) -> None:
    """Wait until the run could not make the bench safe, and has said so in its record."""
    path = run.record
    assert path is not None
    until(lambda: b'"type":"run_ended"' in path.read_bytes()[len(held) :])


def _says_not_safe(ended: Ended, name: str, *, and_since: str = "") -> None:
    assert ended.code == 2
    said = ours(ended.said)
    assert "the bench could not be made safe" in said
    assert f"{name} at TCPIP0::" in said
    assert said.endswith(f"switch the supply off by hand{and_since}")


def _verdict(lines: list[dict[str, Any]], case: str) -> str:
    """Return what a case came to; "" if it was not ended."""
    return next((str(said["verdict"]) for said in of(lines, "case_ended") if said["case"] == case), "")


def _reason(lines: list[dict[str, Any]], case: str) -> str:
    return next(str(said["reason"]) for said in of(lines, "case_ended") if said["case"] == case)


def _passed(lines: list[dict[str, Any]]) -> int:
    ended = next(line for line in lines if line["type"] == "run_ended")
    return int(ended["data"]["counts"]["P"])
