"""Certifying firmware that is no Python: the C example of the docs, and the reference device at the end of a wire."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.virtual.controller import Reference
from harness.commands.options import REFERENCE_DEVICE
from tests.fixtures.foreign_firmware import Wires, listening, python_controller
from tests.harness.certify_run import CHECKOUT, Run, certify, command

EXAMPLES = CHECKOUT / "docs" / "examples"
WARNINGS = ["-O2", "-Wall", "-Wextra", "-Werror"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example as docs/device-port.md says, with all warnings as errors; return the folder."""
    folder = tmp_path_factory.mktemp("firmware")
    page = (CHECKOUT / "docs" / "device-port.md").read_text(encoding="utf-8")
    lines = [line.split() for line in page.splitlines() if line.startswith("gcc ")]
    assert len(lines) == 2
    for compiler, *arguments in lines:
        made = subprocess.run(
            [compiler, *WARNINGS, *(str(CHECKOUT / part) if part.endswith(".c") else part for part in arguments)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
    return folder


@contextmanager
def running(program: Path) -> Iterator[str]:
    """Start the example as a program, on a port that is free; yield how it is named as a controller."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with subprocess.Popen([program, str(port)], start_new_session=True) as process:
        try:
            for _ in range(1000):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    assert process.poll() is None
            yield f"tcp://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def content(run: Run) -> list[tuple[Any, ...]]:
    """Return all that a record says, but for the controller's name in it."""
    told = [(event["type"], event["v"], event["at_ns"], event["data"]) for event in run.events]
    for *_, data in told:
        data.pop("controller", None)
    return told


def test_the_example_is_certified_over_tcp_and_in_process(built: Path, tmp_path: Path) -> None:
    """The C firmware delivers what it displays, protects nobody, and leaves the same record over both ways."""
    with running(built / "firmware") as name:
        delivering = certify(tmp_path / "delivering", "output_current", controller=name)
        over_tcp = certify(tmp_path / "tcp", "fault_cutoffs", controller=name)
    in_process = certify(tmp_path / "library", "fault_cutoffs", controller=str(built / "firmware.so"))

    delivered = [verdict for case, (verdict, _) in delivering.verdicts().items() if case.startswith("OUT-020[")]
    assert len(delivered) > 5
    assert set(delivered) == {"P"}
    assert {"FLT-010", "FLT-040"} <= over_tcp.failed()
    assert over_tcp.code == in_process.code == 1
    assert content(over_tcp) == content(in_process)


def test_the_reference_device_over_tcp_is_the_reference_device(tmp_path: Path) -> None:
    """Its record over the lines of the port is the record that it leaves in process, to the last bit."""
    model = yaml.safe_load(REFERENCE_DEVICE.read_text(encoding="utf-8"))
    in_process = certify(tmp_path / "here", "fault_cutoffs")
    with listening(python_controller(Reference, model)) as name:
        over_tcp = certify(tmp_path / "there", "fault_cutoffs", controller=name)

    assert over_tcp.code == in_process.code
    assert content(over_tcp) == content(in_process)


def test_a_firmware_that_dies_in_a_session_ends_the_run_as_our_error(tmp_path: Path) -> None:
    """What was judged before stands, its case and those after it are N/E, exit 2, and one line names it."""
    model = yaml.safe_load(REFERENCE_DEVICE.read_text(encoding="utf-8"))
    talk = python_controller(Reference, model)

    def dying(wires: Wires) -> None:
        class Wire:
            """A connection that is cut once the bench has passed its tenth minute."""

            def __iter__(self) -> Iterator[str]:
                for line in wires.incoming:
                    if int(line.split()[0]) > 600 * 10**9:
                        return
                    yield line

            def readline(self) -> str:
                return wires.incoming.readline()

        talk(Wires(Wire(), wires.outgoing))  # type: ignore[arg-type]

    with listening(dying) as name:
        result = command(
            tmp_path, "certify", "--plans", CHECKOUT / "test_plans" / "output_current.yaml", "--controller", name
        )

    assert result.returncode == 2, result.stdout + result.stderr
    assert f"the controller {name} raised LinkError: it has hung up" in " ".join(result.stdout.split())
    assert "Traceback" not in result.stdout + result.stderr
    (record,) = (tmp_path / "runs").glob("*/record.jsonl")
    verdicts = [verdict for verdict, _ in Run(2, record.parent).verdicts().values()]
    assert set(verdicts) == {"P", "N/E"}
    assert verdicts[verdicts.index("N/E") :].count("P") == 0


def test_a_firmware_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """Nothing is recorded and nothing switched on when nobody listens, or the library is missing."""
    with listening(lambda wires: None) as name:
        pass
    for controller, told in ((name, "nobody listens there"), ("none.so", "there is no such shared library")):
        result = command(tmp_path, "certify", "--controller", controller)

        assert result.returncode == 2
        (line,) = result.stderr.strip().splitlines()
        assert controller in line
        assert told in line
