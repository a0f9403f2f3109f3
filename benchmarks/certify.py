"""What a certification costs: the whole run, a judged measurement, an empty case; and what peers take for the like.

Run from the checkout, in the environment of requirements.txt:

    python benchmarks/certify.py            # peers that are not installed are installed in a throw-away environment
    python benchmarks/certify.py --no-peers

A measurement of ours is judged by a decision rule, carries its uncertainty budget, and is chained into the record by
its own write(2); peers store a value and a limit, and none of them syncs. Compare ratios of one run, not times of two.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

MEASUREMENTS = 20_000
CASES = 1_000
PEER_MEASUREMENTS = 5_000
ROUNDS = 3


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--no-peers", action="store_true", help="leave the peers out")
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), peers=not options.parse_args().no_peers)


def measure(folder: Path, *, peers: bool) -> None:
    """Print what each thing costs; rounds are interleaved, so that a machine that drifts drifts for all."""
    from harness.record import read_record

    walls, bench_s = [], 0.0
    for number in range(ROUNDS):
        runs = folder / f"run{number}"
        walls.append(_process([sys.executable, "-m", "harness", "certify", "--runs", str(runs)], CHECKOUT))
        (record,) = runs.glob("*/record.jsonl")
        bench_s = list(read_record(record))[-1]["data"]["bench_s"]
    wall = statistics.median(walls)
    print(f"default run, Python start included   {wall:8.2f} s    ({min(walls):.2f} to {max(walls):.2f})")
    print(f"bench time                           {bench_s / 3600:8.2f} h")
    print(f"bench time over wall time            {bench_s / wall:8.0f}")

    rows: dict[str, Callable[[], float]] = {
        "judged measurement, ours": lambda: _ours_per_measurement(folder),
        "empty case, ours": lambda: _ours_per_case(folder),
        "empty test, bare pytest": lambda: _pytest_per_case(folder, sys.executable, ()),
    }
    if peers:
        rows |= _peers(folder)
    results: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(ROUNDS):
        for name, run in rows.items():
            results[name].append(run())
    ours = {"measurement": results["judged measurement, ours"], "case": results["empty case, ours"]}
    print(f"\n{'µs each':40}{'median':>9}{'min':>9}{'max':>9}  ratio to ours")
    for name, values in results.items():
        kind = "case" if "case" in name or "test" in name.split(",")[0] else "measurement"
        ratio = statistics.median(v / o for v, o in zip(values, ours[kind], strict=True))
        print(f"{name:40}{statistics.median(values):9.1f}{min(values):9.1f}{max(values):9.1f}  {ratio:9.2f}")


def _process(command: list[str], folder: Path, **environment: str) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    wall = time.perf_counter() - started
    # Fixate ends a run that passes with 5.
    if done.returncode not in (0, 5):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-400:]}")
    return wall


def _opened() -> Any:
    from fixtures.opening import open_bench
    from harness.commands.compose import controller_factory, device_model
    from harness.commands.options import REFERENCE_CONTROLLER, REFERENCE_DEVICE, VIRTUAL_BENCH

    model, _ = device_model(REFERENCE_DEVICE)
    return open_bench(
        VIRTUAL_BENCH, seed=1, device_model=model, controller_factory=controller_factory(REFERENCE_CONTROLLER)
    )


_PLAN = """plan: BM
title: Benchmark
revision: 1
purpose: To see what a case costs.
cases:
  - id: BM-001
    title: Nothing
    verifies: [{requirement}]
    method: nothing
    sweep: {{turn: [{turns}]}}
    measures: {{done: {{is: true}}}}
"""
_METHODS = """
def nothing(bench, step, claims, *, turn):
    with step("Nothing") as s:
        s.observe("done", True)
"""


def _certification(folder: Path, name: str, cases: int) -> Any:
    from harness.certification import Certification
    from harness.commands.compose import prepared
    from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
    from harness.library import load_library
    from harness.record import Record

    place = Path(tempfile.mkdtemp(dir=folder))
    requirement = next(iter(load_library(PLANS_FOLDER).requirements))
    (place / f"{name}.yaml").write_text(
        _PLAN.format(requirement=requirement, turns=", ".join(f"t{i}" for i in range(cases)))
    )
    (place / f"{name}.py").write_text(_METHODS)
    bench = _opened()
    ready = prepared(REFERENCE_CLAIMS, [place / f"{name}.yaml"], None)
    return Certification(ready, bench, Record(place / "run" / "record.jsonl", bench.clock))


def _ours_per_measurement(folder: Path) -> float:
    """Return µs a measurement, inside of a case on the virtual bench, of a reading with the budget of the shunt."""
    from dataclasses import replace

    from harness.declared import Declared
    from harness.executor import run_case

    certification = _certification(folder, "bm_measure", 1)
    bench = certification.bench
    bench.power_on()
    bench.connect(load_ohm=500.0)
    reading = replace(bench.output_current(), value=0.0199)
    limit = Declared("current", "mA", "A", low=0.018, high=0.0201, source="benchmark", repeats=MEASUREMENTS)
    case = replace(certification.prepared.cases[0], measures={"current": limit})
    spent = 0.0

    def method(bench: Any, step: Any, claims: Any, *, turn: str) -> None:
        nonlocal spent
        with step("Read") as s:
            take = s.measure
            started = time.perf_counter()
            for _ in range(MEASUREMENTS):
                take("current", reading)
            spent = time.perf_counter() - started

    result = run_case(case, method, certification.prepared.claims, bench, certification.record)
    bench.close()
    assert result.verdict == "P", result
    return spent / MEASUREMENTS * 1e6


def _ours_per_case(folder: Path) -> float:
    """Return µs a case, by pytest and the executor on the virtual bench: recorded, synced and made safe each time."""
    from harness.commands import running

    def run(cases: int) -> float:
        certification = _certification(folder, "bm_case", cases)
        started = time.perf_counter()
        with redirect_stdout(StringIO()):
            running.run_plans(certification)
        spent = time.perf_counter() - started
        assert len(certification.results) == cases
        assert {result.verdict for result in certification.results.values()} == {"P"}
        certification.bench.close()
        return spent

    return (run(CASES) - run(1)) / (CASES - 1) * 1e6


def _pytest_per_case(folder: Path, python: str, options: tuple[str, ...]) -> float:
    place = Path(tempfile.mkdtemp(dir=folder))
    (place / "test_bm.py").write_text(
        "import os, pytest\n"
        "@pytest.mark.parametrize('t', range(int(os.environ['N'])))\n"
        "def test_nothing(t):\n    pass\n"
    )

    def run(count: int) -> float:
        junit = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-q", "--junitxml", "j.xml"]
        command = [python, "-m", "pytest", "-c", os.devnull, "--rootdir", ".", *junit, *options, "test_bm.py"]
        return _process(command, place, N=str(count))

    return (run(CASES) - run(1)) / (CASES - 1) * 1e6


_OPENHTF = """
import sys, logging, openhtf as htf
from openhtf.output.callbacks import json_factory
from openhtf.util import units
n = int(sys.argv[1])
@htf.measures(*[htf.Measurement(f'm{i}').in_range(18, 20.1).with_units(units.MILLIAMPERE) for i in range(n)])
def phase(test):
    for i in range(n):
        test.measurements[f'm{i}'] = 19.9
t = htf.Test(phase, test_name='bm')
t.add_output_callbacks(json_factory.OutputToJSON('o.json', inline_attachments=False))
t.execute(lambda: 'DUT')
"""
_FIXATE = """
from fixate.core.common import TestClass
from fixate.core.checks import chk_in_range
class Step(TestClass):
    "Step"
    def test(self):
        for i in range({n}):
            chk_in_range(19.9, 18, 20.1, f'm{{i}} mA')
TEST_SEQUENCE = [Step()]
"""
_ALLURE = """
import os, allure, pytest
@pytest.mark.parametrize('t', range(-(-int(os.environ['N']) // 10)))
def test_ten_steps(t):
    for i in range(10):
        with allure.step(f'm{i} = 19.9 mA [18, 20.1]'):
            assert 18 <= 19.9 <= 20.1
"""


def _peers(folder: Path) -> dict[str, Callable[[], float]]:
    """Return the peers that can be installed here; one that cannot is said and left out."""
    place = folder / "peers"
    place.mkdir()
    (place / "openhtf_bm.py").write_text(_OPENHTF)
    (place / "test_allure_bm.py").write_text(_ALLURE)
    rows: dict[str, Callable[[], float]] = {"measurement, pytest with Allure steps": lambda: _allure(place)}
    for package in ("openhtf", "fixate"):
        home = folder / f"venv-{package}"
        venv.create(home, with_pip=True)
        python = str(home / ("Scripts" if os.name == "nt" else "bin") / "python")
        done = subprocess.run([python, "-m", "pip", "install", "-q", package], capture_output=True, check=False)
        if done.returncode != 0:
            print(f"{package} cannot be installed here, and is left out")
        elif package == "openhtf":
            rows["measurement, OpenHTF in one phase"] = lambda python=python: _openhtf(place, python)  # type: ignore[misc]
        else:
            rows["measurement, Fixate in one class"] = lambda python=python: _fixate(place, python)  # type: ignore[misc]
    return rows


def _slope(run: Callable[[int], float]) -> float:
    return (run(PEER_MEASUREMENTS) - run(1)) / (PEER_MEASUREMENTS - 1) * 1e6


def _openhtf(place: Path, python: str) -> float:
    return _slope(lambda n: _process([python, "openhtf_bm.py", str(n)], place))


def _fixate(place: Path, python: str) -> float:
    def run(count: int) -> float:
        (place / "fixate_bm.py").write_text(_FIXATE.format(n=count))
        options = ["--serial-number", "X", "--non-interactive", "--disable-logs", "--log-file", "o.csv"]
        return _process([python, "-m", "fixate", "-p", "fixate_bm.py", *options], place)

    return _slope(run)


def _allure(place: Path) -> float:
    def run(count: int) -> float:
        options = ["-q", "-p", "no:cacheprovider", "--alluredir", "allure", "test_allure_bm.py"]
        command = [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", ".", *options]
        return _process(command, place, N=str(count))

    return _slope(run)


if __name__ == "__main__":
    main()
