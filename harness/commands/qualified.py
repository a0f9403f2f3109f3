"""A qualification from options to jobs, from jobs to outcomes, and from outcomes to its record and report."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.certification import Prepared
from harness.clock import host_seconds
from harness.commands import compose, running
from harness.commands.options import DEFAULT_SEED
from harness.commands.qualifying import Task, Trial, portable, trials
from harness.errors import ConfigError, HarnessError
from harness.qualification import JOBS, Job, JobLog, Kind, Outcome, Specimen, tool_digest
from harness.qualification_record import Scope, inputs
from harness.qualification_results import Results, in_scope, results, surprise


@dataclass(frozen=True, slots=True)
class Seeds:
    """How many seeds each specimen is tried with.

    Attributes:
        healthy: Each healthy device.
        defect: Each defect and each bench fault.
        rare: Each defect that is marginal or intermittent.
    """

    healthy: int
    defect: int
    rare: int

    def of(self, specimen: Specimen) -> range:
        """Return the seeds of a specimen."""
        tried = self.rare if specimen.rare else self.defect
        count = self.healthy if specimen.kind is Kind.HEALTHY else tried
        return range(1, count + 1)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried, and on what.

    Attributes:
        seeds: Of each specimen.
        only: Names of the specimens that are tried; none for all.
        sample: So many jobs of all of them; None for every one.
        workers: Processes of a local cluster; 0 for one for each core.
        scheduler: The address of a cluster, or None for a local one.
    """

    seeds: Seeds
    only: tuple[str, ...]
    sample: int | None
    workers: int
    scheduler: str | None

    @property
    def scope(self) -> Scope:
        """What was left out on purpose, for the record."""
        return Scope(self.seeds.healthy, self.seeds.defect, self.seeds.rare, self.only, self.sample)


@dataclass(frozen=True, slots=True)
class Qualified:
    """A qualification that is done.

    Attributes:
        ready: The plans that it was done with.
        bench: The bench file.
        tool: The digest of the five rooms.
        scope: What was left out on purpose.
        results: What came of it.
        outcomes: What came of each job.
        log: The file of the jobs.
    """

    ready: Prepared
    bench: Path
    tool: str
    scope: Scope
    results: Results
    outcomes: tuple[Outcome, ...]
    log: Path


def folder(into: Path | None, resume: str | None, home: Path) -> Path:
    """Return where a qualification is kept: a new folder, the one that is named, or the one that is gone on with.

    Raises:
        ConfigError: Both are given, or there is nothing to go on with.
    """
    if into is not None and resume is not None:
        raise ConfigError("--into and --resume both name the folder: give one of them")
    if resume is None:
        return into or running.new_folder(home)
    for place in (Path(resume), home / resume):
        if (place / JOBS).is_file():
            return place
    raise ConfigError(f"--resume {resume}: there is no {JOBS} in it or in {home / resume}: name a qualification")


def chosen_jobs(ready: Prepared, effort: Effort) -> tuple[list[Trial], list[Job]]:
    """Return the specimens that are tried, and the jobs that are done with them, in order.

    Raises:
        ConfigError: A name is of nothing, or a defect names a case that is in no plan.
    """
    known = trials()
    names = {name for _, name in known}
    if unknown := [name for name in effort.only if name not in names]:
        raise ConfigError(f"nothing is called {unknown[0]!r}; there are {', '.join(sorted(names))}")
    chosen = [trial for (_, name), trial in known.items() if not effort.only or name in effort.only]
    jobs: list[Job] = []
    for trial in chosen:
        specimen = trial.specimen
        if specimen.kind is Kind.DEFECT and not in_scope(specimen, ready.cases):
            continue
        jobs += [Job(specimen.kind, specimen.name, seed) for seed in effort.seeds.of(specimen)]
    if effort.sample is not None and effort.sample < len(jobs):
        jobs = random.Random(DEFAULT_SEED).sample(jobs, effort.sample)  # noqa: S311 - not for secrets
    if not jobs:
        raise ConfigError("there is nothing to do: no defect is looked for by these plans, and no seed is asked for")
    return chosen, sorted(jobs, key=lambda job: (list(Kind).index(job.kind), job.seed))


def qualify(place: Path, plans: list[Path], claims: Path, bench: Path, effort: Effort, keep: Path | None) -> Qualified:
    """Do every job that is not done yet, and return what came of all of them.

    Raises:
        ConfigError: A file or an option is wrong.
        EvidenceError: The folder holds the jobs of something else.
        HarnessError: No worker could do them.
    """
    inspections = compose.answers(claims, None)
    ready = compose.prepared(claims, plans, inspections)
    tool = tool_digest()
    task = Task(
        tool,
        portable(claims),
        tuple(portable(plan.document.path) for plan in ready.plans),
        portable(inspections) if inspections is not None else None,
        portable(bench),
        str(keep.resolve()) if keep is not None else None,
    )
    chosen, jobs = chosen_jobs(ready, effort)
    log = JobLog(place / JOBS, {"tool": tool, **inputs(ready, bench)})
    specimens = {(t.specimen.kind, t.specimen.name): t.specimen for t in chosen}
    with _progress(jobs, log, lambda o: surprise(specimens[o.job[:2]], o, ready.cases)) as done:
        if waiting := [job for job in jobs if not log.has(job)]:
            try:
                _run(task, waiting, effort, done)
            except KeyboardInterrupt:
                count = sum(job in log.outcomes for job in jobs)
                raise HarnessError(
                    f"stopped with {count} of {len(jobs)} jobs done: go on with the same options and --into {place}"
                ) from None
    outcomes = tuple(log.outcomes[job] for job in jobs)
    return Qualified(
        ready, bench, tool, effort.scope, results(specimens.values(), outcomes, ready.cases), outcomes, log.path
    )


def _run(task: Task, jobs: list[Job], effort: Effort, done: Callable[[Outcome], None]) -> None:
    import os

    from harness.commands.cluster import cluster, run

    workers = min(effort.workers or os.cpu_count() or 1, len(jobs))
    with cluster(workers, effort.scheduler) as client:
        run(client, task, jobs, done)


def conclude(done: Qualified, place: Path, operator: str, wall_s: float) -> int:
    """Write the record and the report, print what the qualification came to, and return the exit code."""
    from harness.oracles import run_oracles
    from harness.qualification_record import record, write_record
    from reports.qualification import write_report
    from reports.qualification_terminal import conclude as say

    content = record(
        name=place.name,
        ready=done.ready,
        bench=done.bench,
        tool=done.tool,
        scope=done.scope,
        results=done.results,
        outcomes=done.outcomes,
        log=done.log,
        oracles=run_oracles(),
        operator=operator,
        host=running.host_facts(),
        wall_s=wall_s,
    )
    path = write_record(content, place)
    write_report(path, place / "qualification.html")
    say(path, wall_s=wall_s)
    return int(content["exit_code"])


@contextmanager
def _progress(jobs: list[Job], log: JobLog, surprised: Callable[[Outcome], str]) -> Iterator[Callable[[Outcome], None]]:
    """Show a bar for each kind of job; on something that is no terminal, a line each time a tenth of all is done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console()
    good = {Kind.HEALTHY: "no alarm", Kind.DEFECT: "killed", Kind.BENCH_FAULT: "ended as ours"}
    bad = {Kind.HEALTHY: "alarms", Kind.DEFECT: "not killed", Kind.BENCH_FAULT: "not noticed"}
    counts = {kind: [0, 0] for kind in Kind}
    begun = host_seconds()
    with Progress(
        TextColumn("{task.description:11}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        totals = {kind: sum(job.kind is kind for job in jobs) for kind in Kind}
        bars = {kind: progress.add_task(kind, total=totals[kind], words="") for kind in Kind if totals[kind]}

        def words(kind: Kind) -> str:
            well, not_well = counts[kind]
            return f"{good[kind]} {well}, {bad[kind]} {not_well}"

        def show(outcome: Outcome) -> None:
            kind = outcome.job.kind
            counts[kind][bool(surprised(outcome))] += 1
            progress.update(bars[kind], advance=1, words=words(kind))

        def done(outcome: Outcome) -> None:
            log.add(outcome)
            show(outcome)
            finished = sum(map(sum, counts.values()))
            if not console.is_terminal and finished * 10 // len(jobs) > (finished - 1) * 10 // len(jobs):
                said = "; ".join(words(kind) for kind in bars)
                spent = host_seconds() - begun
                console.print(f"{finished} of {len(jobs)} jobs in {spent:.0f} s: {said}", markup=False, highlight=False)

        for job in jobs:
            if log.has(job):
                show(log.outcomes[job])
        yield done
