"""One job of a qualification: a whole certification in this process, of a specimen whose state is known.

A worker prepares once (plans, claims, standards) and then runs job after job; nothing of one is left for the next.
"""

import gc
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from harness.certification import Certification
from harness.clock import host_seconds
from harness.collecting import Collector, only_undecided
from harness.commands import compose
from harness.documents import package_file
from harness.errors import ConfigError, EvidenceError, HarnessError
from harness.given import located
from harness.prepared import Prepared, Subject
from harness.qualification import Job, Kind, Margin, Outcome, Specimen, as_line, failed_outcome, tool_digest
from harness.qualification_results import surprise
from harness.record import Record

if TYPE_CHECKING:
    from fixtures.bench import Bench
    from fixtures.virtual.bench import VirtualBench
    from fixtures.virtual.port import DeviceFactory

DEVICES = package_file("fixtures", "virtual", "devices")
DEFECTIVE = "reference"
"""The model of the device that defects are put into, and that bench faults are tried with."""


@dataclass(frozen=True)
class Task:
    """What a worker must know; paths inside of the checkout are from its home, so that a worker may have another one.

    Attributes:
        tool: The digest of the five rooms, which a worker must have too.
        claims: What the manufacturer declares.
        plans: The plans, in order.
        inspections: The recorded answers, or None.
        bench: The bench file.
        keep: Where runs that came out as nobody expected are kept, or None.
    """

    tool: str
    claims: str
    plans: tuple[str, ...]
    inspections: str | None
    bench: str
    keep: str | None = None


def portable(path: Path) -> str:
    """Return a path from the checkout's home if it is inside of it, else as it is from the root."""
    home, whole = package_file("harness").parent, path.resolve()
    return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)


@dataclass(frozen=True)
class Trial:
    """A specimen, and how it is put on the bench.

    Attributes:
        specimen: What it is, and what must come of it.
        model: The model file of the device.
        device: Makes the controller; None is the reference controller.
        bend: Puts a fault into the bench; None for none.
    """

    specimen: Specimen
    model: Path
    device: "DeviceFactory | None" = None
    bend: "Callable[[VirtualBench], None] | None" = None


@lru_cache(maxsize=1)
def trials() -> dict[tuple[Kind, str], Trial]:
    """Return everything that the harness can be tried on, by kind and name."""
    from fixtures.virtual.bench_faults.catalogue import BENCH_FAULTS
    from fixtures.virtual.defects.catalogue import CATALOGUE

    found: list[Trial] = []
    for path in sorted(DEVICES.glob("*.yaml"), key=lambda path: (path.stem != DEFECTIVE, path.stem)):
        found.append(Trial(Specimen(Kind.HEALTHY, path.stem, f"a healthy device, {path.stem}.yaml"), path))
    sample = DEVICES / f"{DEFECTIVE}.yaml"
    for defect in CATALOGUE.values():
        at = defect.marginal
        specimen = Specimen(
            Kind.DEFECT,
            defect.name,
            defect.title,
            hazard=defect.hazard,
            breaks=defect.breaks,
            cases=tuple(defect.cases),
            injection=defect.injection.value,
            odds=defect.odds,
            margin=Margin(at.case, at.measure, at.times_u) if at is not None else None,
        )
        found.append(Trial(specimen, sample, defect.device))
    for fault in BENCH_FAULTS.values():
        found.append(
            Trial(Specimen(Kind.BENCH_FAULT, fault.name, fault.title, limit=fault.limit), sample, None, fault.bend)
        )
    return {(trial.specimen.kind, trial.specimen.name): trial for trial in found}


@lru_cache(maxsize=1)
def prepared(task: Task) -> Prepared:
    """Return everything that a job needs before a bench is opened; made once by each worker.

    Raises:
        ConfigError: A file is wrong, or this worker runs another tool than the qualification is about.
    """
    if _own_tool() != task.tool:
        raise ConfigError(
            f"the tool in {package_file('harness').parent} is not the one that is qualified: give every worker the "
            "same checkout and environment, and start it anew when a file changes"
        )
    ready = compose.prepared(
        located(task.claims),
        [located(path) for path in task.plans],
        located(task.inspections) if task.inspections is not None else None,
    )
    # What is needed for good is not looked through again and again by the collector of garbage.
    gc.collect()
    gc.freeze()
    return ready


@lru_cache(maxsize=1)
def _own_tool() -> str:
    """Return the digest of what this process runs: it goes on running that when a file changes under it."""
    return tool_digest()


@lru_cache(maxsize=16)
def _model(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    return compose.device_model(path)


def run_jobs(task: Task, jobs: tuple[Job, ...]) -> list[dict[str, Any]]:
    """Return what came of jobs, as plain data, in their order."""
    return [as_line(run_job(task, job)) for job in jobs]


def run_job(task: Task, job: Job) -> Outcome:
    """Return what came of one job; whatever fails on our side is an outcome too.

    Raises:
        ConfigError: A file is wrong, there is no such specimen, or this worker runs another tool.
    """
    started = host_seconds()
    ready = prepared(task)
    trial = trials().get((job.kind, job.name))
    if trial is None:
        raise ConfigError(f"there is no {job.kind} called {job.name!r}")
    with TemporaryDirectory(prefix="iontobench-") as place:
        folder = Path(place) / "run"
        try:
            outcome = _certify(task, ready, trial, job, folder)
        except Exception as error:
            # Whatever it was, it came of this job, and the next one is not to suffer from it.
            outcome = failed_outcome(job, error)
        outcome = replace(outcome, wall_s=host_seconds() - started)
        if task.keep is not None and folder.exists() and surprise(trial.specimen, outcome, ready.cases):
            kept = Path(task.keep) / f"{job.kind}-{job.name}-{job.seed}"
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder, kept)
    return outcome


def _certify(task: Task, ready: Prepared, trial: Trial, job: Job, folder: Path) -> Outcome:
    """Return what came of one certification.

    Raises:
        HarnessError: The bench could not be opened, or be given back.
    """
    from fixtures.virtual.production import built, numbered

    raw, facts = _model(trial.model)
    margin = trial.specimen.margin
    # A marginal device is where it is by its own numbers, which chance must not move.
    model = built(raw, job.seed) if margin is None else numbered(raw, job.seed)
    opened = _open(task, trial, job, model)
    try:
        record = Record(folder / "record.jsonl", opened.clock, lasting=False)
        collector = Collector(margin)
        record.observers.append(collector)
        if trial.specimen.odds < 1.0:
            opened.controller = _Counted(opened.controller, collector.session)
        certification = Certification(ready, opened, record)
        name = f"{job.kind}:{job.name}"
        try:
            certification.begin(Subject("", "", "qualification", "", job.seed, facts, name), {"run": name})
            for case in certification.order(ready.cases):
                certification.run(case)
        except HarnessError as error:
            certification.trouble(error)
        ended = certification.end({})
    finally:
        opened.close()
    if collector not in record.observers:
        raise EvidenceError("what the run came to was not taken down: a mistake of ours")
    results = certification.results
    from harness.limits import Verdict

    ours = {case: result.reason for case, result in results.items() if result.our_error}
    # What nobody declared or answered is not evaluated on any device, and says nothing of this one.
    unasked = {case.id for case in ready.cases if case.missing or not case.method}
    left = {c: r for c, r in results.items() if r.verdict is Verdict.NOT_EVALUATED and c not in {*ours, *unasked}}
    undecided = tuple(case for case, result in left.items() if only_undecided(result.reason))
    return Outcome(
        job,
        ended.exit_code,
        ended.counts,
        record.content_head,
        collector.caught(results),
        tuple(case for case in left if case not in undecided),
        undecided,
        ours,
        ended.reason,
        stopped=collector.stopped,
        checks=len(collector.checks),
        judged=collector.judged,
        p_fail=collector.p_fail,
        p_undecided=collector.p_undecided,
        sessions=dict(collector.sessions),
        marginal=tuple(collector.marginal),
    )


def _open(task: Task, trial: Trial, job: Job, model: Mapping[str, Any]) -> "Bench":
    from fixtures.opening import open_bench

    known: dict[str, Any] = {"seed": job.seed, "device_model": model, "controller_factory": trial.device}
    if trial.bend is not None:
        known["bend"] = trial.bend
    return open_bench(located(task.bench), **known)


class _Counted:
    """A controller whose sessions are counted; everything else it does as the one behind it."""

    def __init__(self, controller: Any, count: Callable[[], None]) -> None:
        self._controller = controller
        self._count = count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._controller, name)

    def start(self, **how: Any) -> Any:
        """Count a session, and start it."""
        self._count()
        return self._controller.start(**how)

    def treat(self, **how: Any) -> Any:
        """Count a session, and start it as its user does."""
        self._count()
        return self._controller.treat(**how)
