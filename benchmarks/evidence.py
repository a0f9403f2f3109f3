"""What evidence costs: PDF, HTML and verify of a whole suite, beside what Allure takes for a report of the same run.

Run from the checkout, in the environment of requirements.txt:

    python benchmarks/evidence.py                  # Allure from the path, or by npm into a throw-away folder
    python benchmarks/evidence.py --no-peers
    python benchmarks/evidence.py --run runs/<id>  # of a run that this very checkout has made

Wall time and peak memory are those of whole processes, start of Python or node included. Allure tells of steps and
verdicts and keeps no record; ours lists values with their uncertainty, budgets, clauses and waveforms, and attaches the
record. Compare ratios of one machine, not times of two.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

ROUNDS = 3
PEER = "allure@3"
# Some five hundred results and fifty waveforms, as in a report on one question.
SMALL = ("session_timing.yaml", "tingling_levels.yaml")
_MB = 1024 if sys.platform.startswith("linux") else 1024 * 1024


class Cost(NamedTuple):
    """What a process took: wall time, time of all cores, and the most memory that it held at once."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--no-peers", action="store_true", help="leave Allure out")
    options.add_argument("--run", type=Path, metavar="RUN", help="folder of a run of a whole suite; made if not given")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run = given.run.resolve() if given.run else _certified(folder / "whole", [])
        measure(folder, run, peers=not given.no_peers)


def measure(folder: Path, run: Path, *, peers: bool) -> None:
    """Print what each thing costs; rounds are interleaved, so that a machine that drifts drifts for all."""
    rows = ours(folder, run)
    if peers and (program := _allure(folder)):
        results = folder / "allure-results"
        _ours("export", str(run), "--allure", str(results))
        pages = folder / "allure-report"
        rows["allure generate"] = [*program, "generate", str(results), "--output", str(pages)]
        rows["allure awesome, one file"] = [*program, "awesome", "--single-file", str(results), "--output", str(pages)]
    print(_told(run))
    _print(rows, folder / "allure-report")
    small = _certified(folder / "small", [f"--plans={CHECKOUT / 'test_plans' / name}" for name in SMALL])
    print(f"\n{_told(small)}")
    _print(ours(folder, small), folder)
    print(f"PDF without the start of Python      {_rendered(small):9.2f} s    (median of {ROUNDS})")


def ours(folder: Path, run: Path) -> dict[str, list[str]]:
    """Return our commands on a run, by what they do."""
    python = [sys.executable, "-m", "harness"]
    head = hashlib.sha256((run / "record.jsonl").read_bytes().splitlines()[-1]).hexdigest()
    return {
        "PDF": [*python, "report", str(run), "--pdf", str(folder / "report.pdf")],
        "HTML": [*python, "report", str(run), "--out", str(folder / "report.html")],
        "verify, HTML made again": [*python, "verify", str(run), "--head", head],
    }


def _print(rows: dict[str, list[str]], pages: Path) -> None:
    costs: dict[str, list[Cost]] = {name: [] for name in rows}
    for _ in range(ROUNDS):
        for name, command in rows.items():
            shutil.rmtree(pages, ignore_errors=True) if "allure" in name else None
            costs[name].append(cost(command, CHECKOUT))
    base = [found.wall_s for found in costs["PDF"]]
    print(f"{'':28}{'wall / s':>9}{'(min':>8}{'max)':>8}{'cpu / s':>9}{'peak / MB':>11}  wall over that of the PDF")
    for name, found in costs.items():
        walls = [one.wall_s for one in found]
        ratio = statistics.median(wall / other for wall, other in zip(walls, base, strict=True))
        print(
            f"{name:28}{statistics.median(walls):9.2f}{min(walls):8.2f}{max(walls):8.2f}"
            f"{statistics.median(one.cpu_s for one in found):9.2f}{max(one.peak_mb for one in found):11.0f}{ratio:9.2f}"
        )


def cost(command: list[str], folder: Path) -> Cost:
    """Return what a command takes; one that fails ends the benchmark."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        # wait4 tells of this one process and of those that it waited for; getrusage would tell the most of all so far.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {said.read().decode()[-600:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _MB)


def _certified(place: Path, options: list[str]) -> Path:
    """Return the folder of a new run of the reference device on the virtual bench."""
    _ours("certify", "--runs", str(place), *options)
    (record,) = place.glob("*/record.jsonl")
    return record.parent


def _ours(*words: str) -> None:
    command = [sys.executable, "-m", "harness", *words]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-600:]}")


def _told(run: Path) -> str:
    from reports.run import load

    found = load(run)
    values = len(found.rows.measurements) + len(found.rows.observations)
    return (
        f"{len(found.rows.cases)} cases, {values} results, {len(found.rows.waveforms)} waveforms, "
        f"{found.count} events in {(run / 'record.jsonl').stat().st_size / 1e6:.1f} MB"
    )


def _rendered(run: Path) -> float:
    """Return the seconds that a PDF takes in a process that is already there."""
    from reports.pdf import render
    from reports.run import load

    walls = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        render(load(run))
        walls.append(time.perf_counter() - started)
    return statistics.median(walls)


def _allure(folder: Path) -> list[str]:
    """Return the command that starts Allure; nothing if it is not there and cannot be installed."""
    if found := shutil.which("allure"):
        return [found]
    if npm := shutil.which("npm"):
        command = [npm, "install", "--no-fund", "--no-audit", "--prefix", str(folder / "npm"), PEER]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return [str(folder / "npm" / "node_modules" / ".bin" / "allure")]
    print("allure is not on the path and cannot be installed here, and is left out")
    return []


if __name__ == "__main__":
    main()
