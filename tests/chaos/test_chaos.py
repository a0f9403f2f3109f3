"""Whatever ends a run at whatever instant: its bench is off in time, nothing measured is lost, the record is closed.

Each cause once; the whole, over two benches at once, and its table:

    CHAOS=500 CHAOS_TO=chaos.jsonl python -m pytest -n 2 tests/chaos && python -m tests.chaos.table chaos.jsonl
"""

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from fixtures.bench_file import load_bench_file
from fixtures.safing import make_bench_safe
from tests.chaos.doomed import LOOP
from tests.chaos.trial import CAUSES, ORPHANED, held
from tests.chaos.truth import Truth
from tests.fixtures.test_supervisor import Doomed
from tests.harness.test_serve import Service, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pidfd and /proc are Linux's")

COUNT = int(os.environ.get("CHAOS", str(len(CAUSES))))
SEED = int(os.environ.get("CHAOS_SEED", "7"))
FIRST_LINE, LAST_LINE = 1, 180  # the first case begins at line 80, the sixth at 189; the run would write 535
WITHIN_S = 0.1  # after a line; after the start of the process ten times as long, so that its bench may be being opened


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A bench in a process of its own, which outlives all the runs on it."""
    with serving(tmp_path_factory.mktemp("served"), "--pace", "stepped") as found:
        yield found


@pytest.fixture(scope="module")
def truth(service: Service) -> Iterator[Truth]:
    """What tells the truth of that bench."""
    with Truth(service.file) as found:
        yield found


@pytest.mark.parametrize("number", range(COUNT), ids=lambda number: f"{number} {CAUSES[number % len(CAUSES)].name}")
def test_off_in_time_and_nothing_lost(service: Service, truth: Truth, tmp_path: Path, number: int) -> None:
    """Off 2 s after a death, 4 s after a stop or a hang; no line lost; closed, and never complete."""
    cause = CAUSES[number % len(CAUSES)]
    chance = random.Random(f"{SEED} {number}")  # noqa: S311 - seeded on purpose
    from_line = chance.randrange(FIRST_LINE, LAST_LINE) if chance.random() < 0.9 else 0
    if cause.name in (LOOP, ORPHANED):  # there is a record, and a supervisor, then
        from_line = max(from_line, 1)
    after_s = chance.uniform(0.0, WITHIN_S if from_line else 10 * WITHIN_S)

    trial = held(service.file, truth, tmp_path, cause, from_line, after_s)
    if file := os.environ.get("CHAOS_TO"):
        with Path(file).open("a") as results:
            results.write(json.dumps(asdict(trial)) + "\n")

    assert trial.off_s < trial.limit_s, trial
    assert trial.safe_s < trial.limit_s, trial
    assert trial.verdict in ("", "NOT COMPLETE"), trial


def test_if_both_are_killed_the_bench_stays_on_and_the_truth_says_so(
    service: Service, truth: Truth, tmp_path: Path
) -> None:
    """What no software can do, and what shows that these trials would see it; then a third process makes it safe."""
    bench = load_bench_file(service.file)
    with Doomed(bench, tmp_path, "asks") as run:
        os.kill(run.supervisor, signal.SIGKILL)
        run.process.kill()
        run.process.wait()

        left_on = truth.live()

    assert {"supply", "relay device"} <= set(left_on)
    assert make_bench_safe(bench).ok
    assert truth.live() == []
