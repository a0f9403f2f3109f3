"""What a qualification costs: a certification of the core suite, one worker against two, and memory over the count.

Run from the checkout, in the environment of requirements.txt:

    python benchmarks/qualify.py                # some dozens of certifications, and what 1,000 would take
    python benchmarks/qualify.py --really 1000  # that many, run to the end

A certification here is whole: every case of the core suite on a bench of its own, with a device and errors of its own,
recorded and judged. Two workers are two processes of a dask cluster on this machine.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

if TYPE_CHECKING:
    from harness.commands.qualifying import Task

TARGET_S = 600.0
TARGET_COUNT = 1_000


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--count", type=int, default=24, help="certifications by each number of workers")
    options.add_argument("--really", type=int, default=0, help="also run so many with all workers, to the end")
    options.add_argument(
        "--workers", type=int, default=min(2, os.cpu_count() or 1), help="the larger number of workers"
    )
    chosen = options.parse_args()
    in_this_process(chosen.count // 2)
    by_workers(chosen.count, chosen.workers)
    if chosen.really:
        spent = cluster_s(chosen.really, chosen.workers)
        print(f"\nreally run: {chosen.really:,} certifications with {chosen.workers} workers in {spent:.0f} s")


def in_this_process(count: int) -> None:
    """Print what one certification takes after another, and the memory of the process."""
    from harness.commands.qualifying import run_job
    from harness.qualification import Job, Kind

    task = core_task()
    walls, cpus = [], []
    print(f"{'certification':>14}{'wall / s':>10}{'CPU / s':>10}{'largest memory / MB':>22}")
    for seed in range(1, count + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        outcome = run_job(task, Job(Kind.HEALTHY, "reference", seed))
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        if outcome.exit_code != 0:
            sys.exit(f"a healthy device ended with {outcome.exit_code}: {outcome.trouble or outcome.caught}")
        if seed in (1, 2, 3) or seed % max(1, count // 5) == 0:
            print(f"{seed:14}{walls[-1]:10.2f}{cpus[-1]:10.2f}{_peak_mb():22.0f}")
    if count > 2:
        wall, cpu = statistics.median(walls[1:]), statistics.median(cpus[1:])
        print(f"median without the first: {wall:.2f} s wall, {cpu:.2f} s CPU")


def by_workers(count: int, workers: int) -> None:
    """Print the wall time of one count with one worker and with more, of twice the count, and the extrapolation."""
    print(f"\n{'workers':>8}{'count':>8}{'wall / s':>10}{'s each':>9}{'s each and worker':>19}")
    spent: dict[tuple[int, int], float] = {}
    for used, jobs in ((1, count), (workers, count), (workers, 2 * count)):
        spent[(used, jobs)] = cluster_s(jobs, used)
        each = spent[(used, jobs)] / jobs
        print(f"{used:8}{jobs:8}{spent[(used, jobs)]:10.1f}{each:9.2f}{each * used:19.2f}")
    print(f"{workers} workers are {spent[(1, count)] / spent[(workers, count)]:.2f} times as fast as one")
    # What starts once is in both counts: only the difference grows with the count.
    slope = (spent[(workers, 2 * count)] - spent[(workers, count)]) / count
    start = spent[(workers, count)] - slope * count
    whole = start + slope * TARGET_COUNT
    print(f"extrapolated: {TARGET_COUNT:,} with {workers} workers in {whole:.0f} s (target {TARGET_S:.0f} s)")


def cluster_s(count: int, workers: int) -> float:
    """Return the seconds that certifications take with a cluster that is up already."""
    from harness.commands.cluster import cluster, run
    from harness.qualification import Job, Kind, Outcome

    task, outcomes = core_task(), list[Outcome]()
    with cluster(workers, None) as client:
        # Each worker imports and prepares once, which a long qualification does not feel.
        run(client, task, [Job(Kind.HEALTHY, "reference", 10**6 + n) for n in range(workers)], outcomes.append)
        outcomes.clear()
        started = time.perf_counter()
        run(client, task, [Job(Kind.HEALTHY, "reference", seed) for seed in range(1, count + 1)], outcomes.append)
        spent = time.perf_counter() - started
    if len(outcomes) != count or any(outcome.exit_code for outcome in outcomes):
        bad = next((o for o in outcomes if o.exit_code), None)
        sys.exit(f"{len(outcomes)} of {count} came back, and one ended with {bad and (bad.exit_code, bad.trouble)}")
    return spent


def core_task() -> "Task":
    """Return what a worker must know to certify the core suite."""
    from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS, VIRTUAL_BENCH
    from harness.commands.qualifying import Task, portable
    from harness.qualification import tool_digest
    from harness.suites import suite_plans

    plans = tuple(portable(path) for path in suite_plans("core", PLANS_FOLDER))
    return Task(tool_digest(), portable(REFERENCE_CLAIMS), plans, None, portable(VIRTUAL_BENCH))


def _peak_mb() -> float:
    """Return the largest memory of this process in MB; Linux counts in kB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1024


if __name__ == "__main__":
    main()
