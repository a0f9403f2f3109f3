"""Runs that are started on one bench at once, each in a process that is forked when everything is imported.

Usage: python -m tests.harness.racing_runs certify|open BENCH FOLDER ROUNDS. A run is `certify` with one case, or the
bench opened, fed and closed as a run does it. For each round it prints how many microseconds were to lie between the
two starts, and exit code and errors of both runs, as one line of JSON.
"""

import importlib
import json
import os
import random
import sys
from functools import partial
from pathlib import Path

from harness.clock import WallClock
from harness.commands.options import PLANS_FOLDER

IMPORTED = (
    "pytest",
    "fixtures.bench_inputs",
    "fixtures.opening",
    "fixtures.remote_line",
    "harness.approvals",
    "harness.bundle",
    "harness.commands.running",
    "instruments.serial_line",
    "instruments.visa",
    "reports.html",
    "reports.terminal",
)
CASE = "OUT-020[hands-lowest-500Ω-nominal]"


def use(bench: Path) -> None:
    """Open the bench, feed the device, and close the bench."""
    from fixtures.opening import open_bench
    from harness.errors import HarnessError

    try:
        opened = open_bench(bench, reason="a race")
        opened.feed()
        opened.close()
    except HarnessError as error:
        print(f"iontobench: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


def run(what: str, bench: str, folder: Path, name: str) -> None:
    """Be one run; never return."""
    from harness.__main__ import main

    out = os.open(folder / f"{name}.out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    err = os.open(folder / f"{name}.err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(err, 2)
    if what == "open":
        main = partial(use, Path(bench))
    sys.argv = ["harness", "certify", "--bench", bench, "--runs", str(folder / "runs"), "--item", "VIRTUAL-0001"]
    sys.argv += ["--plans", str(PLANS_FOLDER / "output_current.yaml"), "--only", CASE, "--operator", name]
    code = 70
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def prepare() -> None:
    """Import all that a run does, so that runs differ by little in when they come to the bench."""
    for name in IMPORTED:
        importlib.import_module(name)


def main() -> None:
    """Start as many pairs as are asked for, one after another."""
    what, bench, folder, rounds = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    prepare()
    chance, clock = random.Random(1), WallClock()  # noqa: S311
    for _ in range(rounds):
        delay_s = chance.choice((0.0, chance.uniform(0.0, 0.05)))
        children = []
        for name in ("one", "two"):
            child = os.fork()
            if child == 0:
                run(what, bench, folder, name)
            children.append((name, child))
            clock.sleep(delay_s)
        codes = {name: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for name, child in children}
        said = {name: (folder / f"{name}.err").read_text() for name, _ in children}
        pids = dict(children)
        print(json.dumps({"delay_us": round(delay_s * 1e6), "pids": pids, "codes": codes, "said": said}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
