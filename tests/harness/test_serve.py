"""`serve`: a run over real wires is the run in process; what is served comes up, says so, and goes away cleanly."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pyvisa
import yaml

from fixtures.bench_file import load_bench_file
from fixtures.serving.line_port import has_terminals
from harness.errors import ConfigError, LinkError
from tests.fixtures.raw_clients import RawClient
from tests.harness.certify_run import CHECKOUT, Run, certify, front_door

EXAMPLE = CHECKOUT / "fixtures" / "benches" / "example.yaml"
# All 229 cases take a minute: IONTOBENCH_SERVE=all python -m pytest tests/harness/test_serve.py
ALL = os.environ.get("IONTOBENCH_SERVE") == "all"
WITHIN_S = 60
# What a bench is reached by; everything else in a record must be the same.
OF_THE_WIRE = ("address", "sha256")


class Service:
    """`python -m harness serve` in a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.file = folder / "served.yaml"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "harness", "serve", "--write", str(self.file), *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.said: list[str] = []
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if line.startswith("Ctrl-C"):
                break

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal; return exit code, what else it printed, and its errors."""
        self.process.send_signal(number)
        said, errors = self.process.communicate(timeout=WITHIN_S)
        return self.process.returncode, said, errors


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Service]:
    """Serve while the block lasts."""
    service = Service(folder, *options)
    try:
        yield service
    finally:
        service.process.kill()
        service.process.communicate()


def _same(value: Any) -> Any:
    """Return a part of a record without what is the wire's."""
    if isinstance(value, dict):
        return {key: _same(part) for key, part in value.items() if key not in OF_THE_WIRE}
    return [_same(part) for part in value] if isinstance(value, list) else value


def _evidence(run: Run) -> list[tuple[str, Any]]:
    """Return all that a run found, with bench time, in order: readings, verdicts and reasons too."""
    return [(event["type"], _same(event["data"])) for event in run.events]


@pytest.mark.skipif(os.name == "nt", reason="signals and pseudo-terminals are other ones on Windows")
@pytest.mark.parametrize(
    ("plan", "options", "seed"),
    [
        ("fault_cutoffs", ("--over", "hislip", "--line", "terminal"), 1),
        ("tingling_levels", ("--over", "socket", "--line", "terminal"), 5),
        ("session_timing", ("--over", "hislip", "--line", "tcp"), 2),
    ],
    ids=["hislip, terminal", "socket, terminal", "hislip, tcp"],
)
def test_a_run_over_real_wires_is_the_run_in_process(
    tmp_path: Path, plan: str, options: tuple[str, ...], seed: int
) -> None:
    """Every case has the same verdict, and every event of the record the same content at the same bench time."""
    plans = () if ALL else (plan,)
    in_process = certify(tmp_path / "in process", *plans, seed=seed)

    with serving(tmp_path, "--pace", "stepped", "--seed", str(seed), *options) as service:
        served = certify(tmp_path / "served", *plans, bench=service.file)
        ended = service.stop()

    assert served.verdicts() == in_process.verdicts()
    assert served.code == in_process.code
    assert _evidence(served) == _evidence(in_process)
    assert ended == (0, "stopped: all ports are closed\n", "")


def test_a_defect_is_found_over_real_wires(tmp_path: Path) -> None:
    """The device is the server's: a slow session timer fails the same cases, and the record names it."""
    with serving(tmp_path, "--pace", "stepped", "--controller", "tests.harness.defects:SlowTimer") as service:
        served = certify(tmp_path / "served", "session_timing", bench=service.file)

    assert served.code == 1
    assert served.failed()
    (opened,) = served.of("run_opened")
    assert opened["controller"] == "tests.harness.defects:SlowTimer"
    assert opened["bench"]["virtual"] is True


def test_the_device_is_not_chosen_by_the_run(tmp_path: Path) -> None:
    """Another seed or controller than the server's is refused before anything is opened, not taken down wrongly."""
    with serving(tmp_path, "--pace", "stepped", "--seed", "3") as service:
        with pytest.raises(ConfigError, match="--seed is for the server"):
            certify(tmp_path / "runs", "session_timing", bench=service.file, seed=4)
        with pytest.raises(ConfigError, match="--controller is for the server"):
            certify(
                tmp_path / "runs",
                "session_timing",
                bench=service.file,
                controller="tests.harness.defects:SlowTimer",
            )


def test_any_visa_client_can_use_it(tmp_path: Path) -> None:
    """The example that it prints works, in the words of pyvisa alone."""
    with serving(tmp_path) as service:
        (example,) = (line for line in service.said if line.startswith("try:"))
        address = re.search(r"TCPIP0::[^']+", example)
        assert address is not None

        with pyvisa.ResourceManager("@py").open_resource(address[0]) as supply:
            assert supply.query("*IDN?").startswith("Keysight Technologies,E36312A,VB00000001,")  # type: ignore[attr-defined]


def test_the_file_that_it_writes_is_the_bench_with_other_addresses(tmp_path: Path) -> None:
    """Everything else is the file that is served; it is virtual, and says where its clock is."""
    original = load_bench_file(CHECKOUT / "fixtures" / "benches" / "virtual.yaml").content.model_dump()
    with serving(tmp_path) as service:
        written = load_bench_file(service.file).content.model_dump()

    served = written["virtual"].pop("served")
    original["virtual"].pop("served")
    assert served["clock"] in " ".join(service.said)
    assert _same(written) == _same(original)
    assert all("::hislip0," in entry["address"] for entry in written["instruments"].values())
    if has_terminals():
        assert written["controller"]["address"].startswith("/dev/")


@pytest.mark.skipif(os.name == "nt", reason="signals are other ones on Windows")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_in_the_middle_of_everything(tmp_path: Path, number: int) -> None:
    """Exit 0, no traceback, and clients see their connections closed, one with a question under way among them."""
    with serving(tmp_path, "--pace", "wall") as service:
        (meter,) = (line.split("\t")[1] for line in service.said if line.startswith("dmm"))
        with RawClient(int(meter.split("::")[2])) as client:
            client.say(b"CONF:VOLT:DC 10;:VOLT:DC:NPLC 100;:SAMP:COUN 1000;:READ?\n")

            assert service.stop(number) == (0, "stopped: all ports are closed\n", "")

            assert client.is_closed()


def test_a_bench_that_is_served_no_more_is_a_wire_that_is_cut(tmp_path: Path) -> None:
    """The file outlives the server; who uses it then is told what to start."""
    with serving(tmp_path) as service:
        pass

    with pytest.raises(LinkError, match="start it with 'python -m harness serve'"):
        certify(tmp_path / "runs", "session_timing", bench=service.file)


def test_what_cannot_be_served_is_refused_with_one_line(tmp_path: Path) -> None:
    """A real bench, a served one, another pace, a file of somebody else's: exit 2 and what to do."""
    (tmp_path / "mine.yaml").write_text("bench: mine\n")
    refusals = {
        ("--bench", str(EXAMPLE)): "is a real bench",
        ("--pace", "fast"): "must be wall, stepped",
        ("--over", "usb"): "must be one of hislip, socket",
        ("--write", "mine.yaml"): "is not written over",
        ("--port", "65534"): "there are no ports above 65535",
    }
    for options, text in refusals.items():
        result = front_door(tmp_path, "serve", *options)
        assert (result.returncode, text in result.stderr) == (2, True), result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    assert (tmp_path / "mine.yaml").read_text() == "bench: mine\n"


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """One line, exit 2; nothing is written."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = front_door(tmp_path, "serve", "--port", str(port))

    assert result.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be listened on" in result.stderr
    assert not (tmp_path / "served.yaml").exists()


def test_a_served_file_is_not_served_again(tmp_path: Path) -> None:
    """Its world is another program's already."""
    with serving(tmp_path) as service:
        result = front_door(tmp_path, "serve", "--bench", service.file, "--write", "again.yaml")

    assert result.returncode == 2
    assert "is an already served bench" in result.stderr


def test_beyond_this_host_it_warns(tmp_path: Path) -> None:
    """Whoever opens it to the network is told that there is no password; the addresses are that host's."""
    with serving(tmp_path, "--host", "127.0.0.2") as service:
        content = yaml.safe_load(service.file.read_text())
        _, _, errors = service.stop()

    assert "warning: whoever reaches 127.0.0.2 can use this bench" in errors
    assert content["virtual"]["served"]["clock"].startswith("127.0.0.2:")
