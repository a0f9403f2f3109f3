"""Seconds from a signal to the supply being off: a plain pytest script, OpenHTF, and ours, on the same served bench.

Run from the checkout, in the environment of requirements-test.txt, on Linux:

    python benchmarks/output_off.py [--openhtf PYTHON] [--rounds 3]

PYTHON is that of an environment with openhtf, pyvisa and pyvisa-py; without it OpenHTF is left out. Each is a script
as its own documentation has it: a fixture that yields, a plug with tearDown, open_bench with close; the supply goes off
there. None has a handler for signals of its own.
What is on is read from the made-up world (docs/clock-port.md), and what is left on is made safe before the next.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from fixtures.bench_file import BenchFile, load_bench_file
from fixtures.safing import make_bench_safe
from harness.documents import Document
from tests.chaos.truth import Truth

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")
WATCHED_S = 5.0
STARTS_S = 60.0
LOOK_S = 0.002

ON = 'supply.write("VOLT 5,(@1)"); supply.write("CURR 0.5,(@1)"); supply.write("OUTP ON,(@1)"); supply.query("*OPC?")'
OFF = 'supply.write("OUTP OFF,(@1)"); supply.query("*OPC?")'
OPEN = 'pyvisa.ResourceManager("@py").open_resource("ADDRESS")'

PYTEST = f"""
import time, pytest, pyvisa

@pytest.fixture
def supply():
    supply = {OPEN}
    {ON}
    yield supply
    {OFF}

def test_device(supply):
    for _ in range(600):
        supply.query("MEAS:CURR? (@1)")
        time.sleep(0.1)
"""

OPENHTF = f"""
import time, openhtf as htf, pyvisa
from openhtf.plugs import BasePlug

class SupplyPlug(BasePlug):
    def __init__(self):
        supply = self.supply = {OPEN}
        {ON}
    def tearDown(self):
        supply = self.supply
        {OFF}

@htf.plug(supply=SupplyPlug)
def device(test, supply):
    for _ in range(600):
        supply.supply.query("MEAS:CURR? (@1)")
        time.sleep(0.1)

htf.Test(device).execute(test_start=lambda: "1")
"""


OURS = """
import time
from pathlib import Path
from fixtures.opening import open_bench

bench = open_bench(Path("served.yaml"))
try:
    bench.power_on()
    for _ in range(600):
        bench.supply.measure_current(1)
        time.sleep(0.1)
finally:
    bench.close()
"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--openhtf", default="")
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        served = folder / "served.yaml"
        arguments = [sys.executable, "-m", "harness", "serve", "--pace", "wall", "--write", str(served)]
        with subprocess.Popen(
            arguments, cwd=folder, env=_environment(), stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
        ) as server:
            assert server.stdout is not None
            while not server.stdout.readline().startswith("Ctrl-C"):
                assert server.poll() is None
            try:
                _measure(folder, load_bench_file(served), told.openhtf, told.rounds)
            finally:
                server.terminate()


def _measure(folder: Path, bench: Document[BenchFile], openhtf: str, rounds: int) -> None:
    address = next(entry.address for entry in bench.content.instruments.values() if entry.role == "supply")
    for name, script in (("test_plain.py", PYTEST), ("station.py", OPENHTF), ("ours.py", OURS)):
        (folder / name).write_text(script.replace("ADDRESS", address))
    runners = {"plain pytest": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_plain.py"]}
    if openhtf:
        runners["OpenHTF"] = [openhtf, "station.py"]
    runners["ours"] = [sys.executable, "ours.py"]
    print(f"| seconds to supply off | {' | '.join(SIGNALS)} |")
    print(f"|---|{'---|' * len(SIGNALS)}", flush=True)
    for name, command in runners.items():
        cells = []
        for number in SIGNALS:
            took = [_off_after(folder, bench, command, getattr(signal, number)) for _ in range(rounds)]
            cells.append(_cell([seconds for seconds in took if seconds is not None], rounds))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _cell(off: list[float], rounds: int) -> str:
    if not off:
        return f"on after {WATCHED_S:g} s"
    left_on = f", left on {rounds - len(off)} of {rounds} times" if len(off) < rounds else ""
    longest = f" (longest {max(off):.2f})" if len(off) > 1 else ""
    return f"{statistics.median(off):.2f}{longest}{left_on}"


def _off_after(folder: Path, bench: Document[BenchFile], command: list[str], number: int) -> float | None:
    """Return how many seconds after a signal the supply was off, or None if it was left on."""
    quiet = subprocess.DEVNULL
    with Truth(bench.path) as truth:
        runner = subprocess.Popen(
            command, cwd=folder, env=_environment(), stdout=quiet, stderr=quiet, start_new_session=True
        )
        try:
            began = time.monotonic()
            while not truth.ask()["supply_on"]:
                assert runner.poll() is None, f"{command} ended and switched nothing on"
                assert time.monotonic() - began < STARTS_S, f"{command} switched nothing on"
                time.sleep(LOOK_S)
            time.sleep(0.5)
            sent = time.monotonic()
            runner.send_signal(number)
            off: float | None = None
            while time.monotonic() - sent < WATCHED_S:
                on = truth.ask()["supply_on"]
                if on:
                    off = None
                elif off is None:
                    off = time.monotonic() - sent
                if off is not None and runner.poll() is not None:
                    break
                time.sleep(LOOK_S)
        finally:
            if runner.poll() is None:
                os.killpg(runner.pid, signal.SIGKILL)
            runner.wait()
        if truth.live():
            make_bench_safe(bench)
        assert not truth.live()
        return off


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CHECKOUT)}


if __name__ == "__main__":
    main()
