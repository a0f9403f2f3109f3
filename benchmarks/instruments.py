"""What a question to a virtual instrument costs, beside pyvisa-sim in the same run; and a block, beside a plain copy.

Run from the checkout, in the environment of tests/third_party/requirements.txt (it has pyvisa-sim):

    python benchmarks/instruments.py

All rows go through pyvisa, as a test would. Rounds are interleaved, so that a machine that drifts drifts for all.
Ratios and times are judged by the median of their rounds; the least is printed beside it. The exit code is 1 if one of
them is not what it must be.
"""

import argparse
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyvisa
from rich.console import Console
from rich.table import Table

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from fixtures.bench_file import load_bench_file
from fixtures.virtual.bench import VirtualBench
from fixtures.virtual.clock import VirtualClock
from fixtures.virtual.instruments.message.core import Block, MessageInstrument
from fixtures.virtual.instruments.place import Place
from fixtures.virtual.port import World
from fixtures.virtual.twins import twin
from fixtures.virtual.visa_library import VirtualVisaLibrary
from harness.documents import package_file

ROUNDS = 11
QUERIES = 2_000
BLOCK_POINTS = 10_000_000
SCOPE_POINTS = 1_000_000
LEAST_RATE = 2.5  # times the rate of pyvisa-sim
MOST_COPIES = 4.0  # times a plain copy of the same size
MOST_MS = 5.0

ADDRESS = "USB0::0x2A8D::0x1002::VB00000001::INSTR"
# The same two questions, with the answers that the virtual supply gives.
SIMULATED = """
spec: "1.0"
devices:
  supply:
    eom:
      USB INSTR: {q: "\\r\\n", r: "\\n"}
    dialogues:
      - {q: "*IDN?", r: "IDENTITY"}
    properties:
      voltage:
        default: 5.0
        getter: {q: "VOLT?", r: "+{:.8E}"}
        setter: {q: "VOLT {:.6f}"}
        specs: {type: float}
resources:
  ADDRESS: {device: supply}
"""


@dataclass
class Row:
    """One line of the table.

    Attributes:
        name: What is measured.
        run: Does it once, and returns seconds.
        judge: Says of the ratio of the two (or of the seconds) what came out, what must, and whether that is enough.
        beside: Does what it is compared with; None if it is compared with a fixed time.
        peer: What that is.
    """

    name: str
    run: Callable[[], float]
    judge: Callable[[float], tuple[str, str, bool]]
    beside: Callable[[], float] | None = None
    peer: str = ""


def main() -> None:
    """Measure, print a table, and exit with 1 if something is too slow."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each row is measured ({ROUNDS})")
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [*_queries(Path(folder)), _block(), *_scope()]
        sys.exit(0 if _measure(rows, rounds) else 1)


def _measure(rows: list[Row], rounds: int) -> bool:
    own: dict[str, list[float]] = {row.name: [] for row in rows}
    other: dict[str, list[float]] = {row.name: [] for row in rows}
    for number in range(rounds + 1):
        for row in rows:
            spent = row.run()
            beside = row.beside() if row.beside is not None else 1.0
            if number:  # the first round fills caches
                own[row.name].append(spent)
                other[row.name].append(beside)
    table = Table("through pyvisa", "ours", "beside it", "result", "must be")
    good = True
    for row in rows:
        ratios = [a / b for a, b in zip(own[row.name], other[row.name], strict=True)]
        result, must, enough = row.judge(statistics.median(ratios))
        good = good and enough
        beside = f"{_time(statistics.median(other[row.name]))} {row.peer}" if row.peer else "–"
        ours = f"{_time(statistics.median(own[row.name]))} (least {_time(min(own[row.name]))})"
        table.add_row(row.name, ours, beside, f"{'✔' if enough else '✘'} {result}", must)
    Console(width=120).print(table)
    return good


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-4 else f"{seconds * 1e3:.2f} ms"


# Questions.


def _rate(ratio: float) -> tuple[str, str, bool]:
    return f"{1 / ratio:.2f} × its rate", f"≥ {LEAST_RATE:g} ×", 1 / ratio >= LEAST_RATE


def _queries(folder: Path) -> list[Row]:
    """Return the rows of questions to the supply, in process, beside pyvisa-sim."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    supply = twin(Place(clock=clock, seed=1, name="supply", model="E36312A", serial="VB00000001"))
    ours = _resource(VirtualVisaLibrary.of_bench(clock, {ADDRESS: supply}))
    ours.write("VOLT 5")
    file = folder / "supply.yaml"
    file.write_text(SIMULATED.replace("IDENTITY", supply.identity.decode()).replace("ADDRESS", ADDRESS))
    theirs = _resource(f"{file}@sim")
    theirs.read_termination = "\n"
    rows = []
    for question in ("*IDN?", "VOLT?"):
        answers = ours.query(question).strip(), theirs.query(question).strip()
        if answers[0] != answers[1]:
            sys.exit(f"the two must answer {question} alike, not {answers[0]!r} and {answers[1]!r}")
        rows.append(Row(f"query {question}", _asking(ours, question), _rate, _asking(theirs, question), "pyvisa-sim"))
    return rows


def _resource(library: Any) -> Any:
    return pyvisa.ResourceManager(library).open_resource(ADDRESS)


def _asking(resource: Any, question: str) -> Callable[[], float]:
    def ask() -> float:
        query = resource.query
        started = time.perf_counter()
        for _ in range(QUERIES):
            query(question)
        return (time.perf_counter() - started) / QUERIES

    return ask


# A block.


class _Memory(MessageInstrument):
    """An instrument whose samples are there: it makes the block around them, and the response."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock, b"iontobench,memory,0,0")
        self._samples = np.random.default_rng(1).integers(0, 256, BLOCK_POINTS, np.uint8)
        self.command("DATA?", lambda _arguments, _suffixes: Block(self._samples.data))


def _copies(ratio: float) -> tuple[str, str, bool]:
    return f"1/{ratio:.2f} of its speed", f"≥ 1/{MOST_COPIES:g}", ratio <= MOST_COPIES


def _block() -> Row:
    """Return the row of a large block, made and read in one chunk, beside a copy of as many bytes."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    resource = _resource(VirtualVisaLibrary.of_bench(clock, {ADDRESS: _Memory(clock)}))
    source = np.random.default_rng(2).integers(0, 256, BLOCK_POINTS, np.uint8)
    target = np.zeros_like(source)

    def read() -> float:
        started = time.perf_counter()
        values = resource.query_binary_values("DATA?", "B", container=np.ndarray, chunk_size=BLOCK_POINTS + 100)
        spent = time.perf_counter() - started
        assert len(values) == BLOCK_POINTS
        return spent

    def copy() -> float:
        started = time.perf_counter()
        np.copyto(target, source)
        return time.perf_counter() - started

    return Row(
        f"block of {BLOCK_POINTS:,} bytes: header and samples joined, and read", read, _copies, copy, "np.copyto"
    )


# The oscilloscope.


class _Stage:
    """A device that does what it is told from outside."""

    def __init__(self, model: Mapping[str, Any], world: World) -> None:
        self.world = world

    def power(self, on: bool) -> None:
        """Do nothing."""

    def receive(self, data: bytes) -> None:
        """Do nothing."""


def _within(seconds: float) -> tuple[str, str, bool]:
    return f"{seconds * 1e3:.2f} ms", f"≤ {MOST_MS:g} ms", seconds * 1e3 <= MOST_MS


def _scope() -> list[Row]:
    """Return the rows of a record of the virtual oscilloscope, samples made anew each time, on a running circuit."""
    path = package_file("fixtures", "benches", "virtual.yaml")
    content = load_bench_file(path).content
    devices: list[_Stage] = []

    def factory(model: Mapping[str, Any], world: World) -> _Stage:
        devices.append(_Stage(model, world))
        return devices[-1]

    bench = VirtualBench(content.model_dump(), seed=1, factory=factory)
    manager = pyvisa.ResourceManager(bench.visa)
    supply, switch, scope = (
        manager.open_resource(content.instruments[name].address) for name in ("supply", "switch", "scope")
    )
    supply.write("CURR 1.5,(@1);VOLT 5,(@1);:OUTP ON,(@1)")
    switch.query(f"ROUT:CLOS (@{content.wiring['device']},{content.wiring['load_500']});*OPC?")
    scope.write("CHAN1:RANG 1.6;:TIM:RANG 0.02;:TRIG:SWE AUTO;:WAV:FORM BYTE;POIN 1000000;POIN:MODE RAW")

    def record(peak_a: float, period_s: float, duty: float) -> Callable[[], float]:
        def shoot() -> float:
            devices[0].world.drive(peak_a, period_s=period_s, duty=duty)
            bench.clock.sleep(1.0)
            started = time.perf_counter()
            scope.query(":DIG CHAN1;*OPC?")
            codes = scope.query_binary_values("WAV:DATA?", "B", container=np.ndarray, chunk_size=SCOPE_POINTS + 100)
            spent = time.perf_counter() - started
            assert len(codes) == SCOPE_POINTS, len(codes)
            return spent

        return shoot

    return [
        Row(f"shot of {SCOPE_POINTS:,} points, d.c.", record(0.02, 0.0, 1.0), _within),
        Row(f"shot of {SCOPE_POINTS:,} points, pulses", record(0.02, 100e-6, 0.5), _within),
    ]


if __name__ == "__main__":
    main()
