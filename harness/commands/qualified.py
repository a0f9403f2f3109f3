"""A qualification from options to jobs, from jobs to outcomes, and from outcomes to its record and report."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from harness import __version__
from harness.clock import host_seconds
from harness.commands import compose, running
from harness.commands.options import DEFAULT_SEED, REFERENCE_CLAIMS, VIRTUAL_BENCH
from harness.commands.qualifying import Task, Trial, portable, trials
from harness.errors import ConfigError, EvidenceError, HarnessError
from harness.given import located
from harness.prepared import Prepared
from harness.qualification import ASKED, JOBS, Job, JobLog, Kind, Outcome, read_head, tool_digest
from harness.qualification_record import Scope, inputs
from harness.qualification_results import Results, in_scope, results, surprise

USUAL = Scope(healthy=10, defect=2, rare=12, only=(), sample=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is qualified, with what, and how much of it is tried.

    Attributes:
        plans: The plans, or their folders.
        claims: What the manufacturer declares.
        bench: The bench file.
        scope: How much is tried.
    """

    plans: list[Path]
    claims: Path
    bench: Path
    scope: Scope


@dataclass(frozen=True, slots=True)
class Means:
    """What it is done with, which changes nothing of what comes of it.

    Attributes:
        workers: Processes of a local cluster; 0 for one for each core.
        scheduler: The address of a cluster, or None for a local one.
        keep: Where runs that came to what nobody expected are kept, or None.
    """

    workers: int
    scheduler: str | None
    keep: Path | None


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
        ConfigError: Both are given, there is nothing to go on with, or the new folder holds something else.
    """
    if into is not None and resume is not None:
        raise ConfigError("--into and --resume both name the folder: give one of them")
    if resume is None:
        place = into or running.new_folder(home)
        if place.is_dir() and any(place.iterdir()) and not (place / JOBS).is_file():
            raise ConfigError(f"--into {place}: it holds something else, and no {JOBS}: name a new folder")
        return place
    for place in (Path(resume), home / resume):
        if (place / JOBS).is_file():
            return place
    raise ConfigError(f"--resume {resume}: there is no {JOBS} in it or in {home / resume}: name a qualification")


def asked(
    place: Path | None,
    suite: str | None,
    plans: list[Path] | None,
    claims: Path | None,
    bench: Path | None,
    scope: dict[str, Any],
) -> Asked:
    """Return what is asked for; what is not given is as it was in a folder that is gone on with, or as usual.

    Raises:
        ConfigError: Both a suite and plans are given, or there is no such suite.
        EvidenceError: The folder was begun by another version.
    """
    before = _begun(place) if place is not None else Asked([], REFERENCE_CLAIMS, VIRTUAL_BENCH, USUAL)
    chosen = compose.chosen_plans(suite, plans) if suite or plans or not before.plans else before.plans
    known = {key: value for key, value in scope.items() if value is not None}
    # The same file may be named in several ways, and its answers are found by its name.
    claims = located(portable(claims)) if claims is not None else before.claims
    return Asked(chosen, claims, bench or before.bench, replace(before.scope, **known))


def _begun(place: Path) -> Asked:
    """Return what was asked for when a qualification was begun.

    Raises:
        EvidenceError: Its first line cannot be read, or does not say so.
    """
    head = read_head(place / JOBS)
    try:
        was = head[ASKED]
        scope = Scope(**{**was["scope"], "only": tuple(was["scope"]["only"])})
        return Asked([located(path) for path in was["plans"]], located(was["claims"]), located(was["bench"]), scope)
    except (KeyError, TypeError):
        raise EvidenceError(
            f"{place / JOBS} does not say what was asked for: another version began it, so begin anew in another folder"
        ) from None


def _refuse_another(place: Path, plans: set[str], scope: Scope) -> None:
    """Refuse to go on in a folder with less than what was begun there, or with something else.

    Raises:
        ConfigError: Not all that was begun is asked for.
        EvidenceError: The folder was begun by another version.
    """
    if not (place / JOBS).is_file():
        return
    before, had = _begun(place).scope, set(read_head(place / JOBS)["plans"])
    if plans == had and scope.goes_on_with(before):
        return
    was, now = before.words, scope.words
    if plans != had:
        was, now = f"the plans {', '.join(sorted(had))} and {was}", f"{', '.join(sorted(plans))} and {now}"
    raise ConfigError(
        f"{place} was begun with {was}, and {now} is asked for: name another folder, ask for the same or for more "
        f"seeds, or give nothing but --resume {place}"
    )


def chosen_jobs(ready: Prepared, scope: Scope) -> tuple[list[Trial], list[Job]]:
    """Return the specimens that are tried, and the jobs that are done with them, in order.

    Raises:
        ConfigError: A name is of nothing, or a defect names a case that is in no plan.
    """
    known = trials()
    names = {name for _, name in known}
    if unknown := [name for name in scope.only if name not in names]:
        close = ", ".join(get_close_matches(unknown[0], sorted(names), 3))
        hint = f" (did you mean {close}?)" if close else ""
        raise ConfigError(f"--only: nothing is called {unknown[0]!r}{hint}: 'qualify --list' lists all names")
    chosen = [trial for (_, name), trial in known.items() if not scope.only or name in scope.only]
    jobs: list[Job] = []
    for trial in chosen:
        specimen = trial.specimen
        if specimen.kind is Kind.DEFECT and not in_scope(specimen, ready.cases):
            continue
        jobs += [Job(specimen.kind, specimen.name, seed) for seed in scope.seeds(specimen)]
    if scope.sample is not None and scope.sample < len(jobs):
        jobs = random.Random(DEFAULT_SEED).sample(jobs, scope.sample)  # noqa: S311 - not for secrets
    if not jobs:
        raise ConfigError("there is nothing to do: no defect is looked for by these plans, and no seed is asked for")
    return chosen, sorted(jobs, key=lambda job: (list(Kind).index(job.kind), job.seed))


def qualify(place: Path, asked: Asked, means: Means) -> Qualified:
    """Do every job that is not done yet, and return what came of all of them.

    Raises:
        ConfigError: A file or an option is wrong, or the folder was begun with other options.
        EvidenceError: The folder holds the jobs of something else.
        HarnessError: No worker could do them.
    """
    inspections = compose.answers(asked.claims, None)
    ready = compose.prepared(asked.claims, asked.plans, inspections)
    _refuse_another(place, {plan.content.plan for plan in ready.plans}, asked.scope)
    tool = tool_digest()
    task = Task(
        tool,
        portable(asked.claims),
        tuple(portable(plan.document.path) for plan in ready.plans),
        portable(inspections) if inspections is not None else None,
        portable(asked.bench),
        str(means.keep.resolve()) if means.keep is not None else None,
    )
    chosen, jobs = chosen_jobs(ready, asked.scope)
    known = {"scope": asdict(asked.scope), "plans": task.plans, "claims": task.claims, "bench": task.bench}
    log = JobLog(place / JOBS, {"harness": __version__, "tool": tool, **inputs(ready, asked.bench), ASKED: known})
    specimens = {(t.specimen.kind, t.specimen.name): t.specimen for t in chosen}
    with _progress(jobs, log, lambda o: surprise(specimens[o.job[:2]], o, ready.cases)) as done:
        if waiting := [job for job in jobs if not log.has(job)]:
            try:
                _run(task, waiting, means, done)
            except KeyboardInterrupt:
                count = sum(job in log.outcomes for job in jobs)
                raise HarnessError(
                    f"stopped with {count} of {len(jobs)} jobs done: go on with --resume {place}"
                ) from None
    outcomes = tuple(log.outcomes[job] for job in jobs)
    return Qualified(
        ready, asked.bench, tool, asked.scope, results(specimens.values(), outcomes, ready.cases), outcomes, log.path
    )


def _run(task: Task, jobs: list[Job], means: Means, done: Callable[[Outcome], None]) -> None:
    import os

    from harness.commands.cluster import cluster, run

    workers = min(means.workers or os.cpu_count() or 1, len(jobs))
    with cluster(workers, means.scheduler) as client:
        run(client, task, jobs, done)


def listed() -> int:
    """Print everything that there is to try, and return the exit code."""
    from reports.qualification_terminal import specimens

    specimens([trial.specimen for trial in trials().values()])
    return 0


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
