"""Qualification of the harness: what it is tried on, and what came of each trial.

A job is one certification of a specimen whose state is known: a healthy device, a device with a defect, or a healthy
device on a bench with a fault. What must come of it is known beforehand, and stands beside the specimen.
"""

import hashlib
import math
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from harness import __version__
from harness.documents import package_file
from harness.errors import EvidenceError, HarnessError
from harness.plan import base_of

ROOMS = ("harness", "instruments", "fixtures", "test_plans", "reports")
# What else numbers and words of a record come from.
LIBRARIES = ("numpy", "numba", "llvmlite", "orjson", "pydantic", "pyyaml", "pyvisa", "pyvisa-py", "pyserial")
JOBS = "jobs.jsonl"
ASKED = "asked"

FIT = "FIT FOR ITS INTENDED USE"
NOT_FIT = "NOT FIT FOR ITS INTENDED USE"
INCOMPLETE = "NOT COMPLETE"


class Kind(StrEnum):
    """What is known of a specimen."""

    HEALTHY = "healthy"
    DEFECT = "defect"
    BENCH_FAULT = "bench-fault"


class Job(NamedTuple):
    """One certification: what it is tried on, and the seed of the specimen and of the bench."""

    kind: Kind
    name: str
    seed: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Margin:
    """Where a marginal defect is just outside of a tolerance.

    Attributes:
        case: The unfolded case that judges it.
        measure: The measure in it.
        times_u: By how many expanded uncertainties the true value is beyond the tolerance limit.
    """

    case: str
    measure: str
    times_u: float


@dataclass(frozen=True, slots=True)
class Specimen:
    """What the harness is tried on, with what must come of it.

    Attributes:
        kind: What is known of it.
        name: What it is called.
        title: What is wrong with it, in a sentence; of a healthy one, what it is.
        hazard: What that does to the person who is treated.
        breaks: The requirement that it breaks.
        cases: The cases, as they stand in the plans, each of which must fail because of it.
        injection: How the fault comes into the sample.
        odds: The share of sessions in which it shows itself.
        margin: Where it is just outside of a tolerance; None for one that is plainly outside.
        limit: Of a bench fault: the smallest that the bench detects, in words.
    """

    kind: Kind
    name: str
    title: str
    hazard: str = ""
    breaks: str = ""
    cases: tuple[str, ...] = ()
    injection: str = ""
    odds: float = 1.0
    margin: Margin | None = None
    limit: str = ""

    @property
    def rare(self) -> bool:
        """Whether theory lets it go by now and then."""
        return self.margin is not None or self.odds < 1.0


class Caught(NamedTuple):
    """A case that came to F: by which measure, and by how many U beyond its limit (None if that is no number)."""

    case: str
    measure: str
    margin: float | None

    @property
    def base(self) -> str:
        """The case as it stands in the plan."""
        return base_of(self.case)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job; everything but wall_s is the same whenever it is done again.

    Attributes:
        job: What was done.
        exit_code: Of the certification: 0 complies, 1 a case fails, 2 our error, 3 not evaluated.
        counts: Cases by verdict.
        content_head: The chain over the content of its record; "" if there is none.
        caught: Cases that came to F, in the order in which they were run.
        open: Cases that came to N/E although our side did not fail and the claims have what they need: withdrawn, or
            not measured as declared.
        undecided: Cases that came to N/E only because values are too near to a limit.
        ours: Cases in which our side failed, with the reason.
        trouble: What ended the certification early; "" if nothing did.
        crashed: Whether nothing came of it by a mistake of ours, or because its worker was lost; it is done again.
        stopped: The check standards that were beyond their action limit, so that nothing counts; "" if none was.
        checks: How many check standards the bench has.
        judged: Values that were judged.
        p_fail: Expected number of values that come to F, if each that did not is truly where it was measured.
        p_undecided: Expected number of values that come to undecided, if each is truly where it was measured.
        sessions: Of an intermittent defect: sessions that were asked for, by case.
        marginal: Of the measure in which a marginal defect is just outside: each verdict, with its chance to be F and
            to be no P, by theory.
        wall_s: How long it took.
    """

    job: Job
    exit_code: int
    counts: dict[str, int]
    content_head: str
    caught: tuple[Caught, ...] = ()
    open: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    ours: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    crashed: bool = False
    stopped: str = ""
    checks: int = 0
    judged: int = 0
    p_fail: float = 0.0
    p_undecided: float = 0.0
    sessions: dict[str, int] = field(default_factory=dict)
    marginal: tuple[tuple[str, float, float], ...] = ()
    wall_s: float = 0.0

    @property
    def bases(self) -> frozenset[str]:
        """The cases of the plans that came to F."""
        return frozenset(caught.base for caught in self.caught)


def failed_outcome(job: Job, error: BaseException) -> Outcome:
    """Return what came of a job that came to nothing, because our side failed."""
    words = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return Outcome(job, 2, {}, "", trouble=words, crashed=not isinstance(error, HarnessError))


def tool_digest(home: Path | None = None) -> str:
    """Return the SHA-256 of every file of the five rooms, by name and content, and of what they calculate with.

    Another tool has another one; so has the same tool with another Python or another version of a library.
    """
    root = home or package_file("harness").parent
    versions = (f"{name} {_version(name)}" for name in LIBRARIES)
    digest = hashlib.sha256("\n".join((f"python {platform.python_version()}", *versions, "")).encode())
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            # A cache, or what an editor leaves behind, is no part of the tool.
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                name = path.relative_to(root).as_posix().encode()
                digest.update(b"%d %b %d\n" % (len(name), name, path.stat().st_size) + path.read_bytes())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


class JobLog:
    """The file of a qualification: one line of JSON that says what is done with what, then one for each job done.

    Args:
        path: The file; what is there already is taken over.
        given: What the jobs are done with; a log of something else is refused. What it has under "asked" says how much
            is asked for: that may be another than it was, and takes its place.

    Attributes:
        outcomes: What is done, by job; of a job that was done again, what came of it last.

    Raises:
        EvidenceError: The file was made with something else, cannot be read, or cannot be written.
    """

    def __init__(self, path: Path, given: dict[str, Any]) -> None:
        self.path = path
        self.outcomes: dict[Job, Outcome] = {}
        if path.exists():
            self._take_over(given)
        else:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise EvidenceError(f"{path.parent} cannot be made: {error.strerror}; name another folder") from error
            self._append(given)

    def has(self, job: Job) -> bool:
        """Whether a job is done; one that crashed, or whose worker was lost, is not."""
        return job in self.outcomes and not self.outcomes[job].crashed

    def add(self, outcome: Outcome) -> None:
        """Append what came of a job."""
        self._append(as_line(outcome))
        self.outcomes[outcome.job] = outcome

    def _append(self, line: dict[str, Any]) -> None:
        try:
            with self.path.open("ab") as file:
                file.write(orjson.dumps(line) + b"\n")
        except OSError as error:
            raise EvidenceError(
                f"{self.path} cannot be written: {error.strerror}; free the disk, and resume"
            ) from error

    def _take_over(self, given: dict[str, Any]) -> None:
        head, given = read_head(self.path), orjson.loads(orjson.dumps(given))
        changed = sorted(key for key in {**head, **given} if head.get(key) != given.get(key) and key != ASKED)
        if changed:
            raise EvidenceError(
                f"{self.path} was begun with something else ({', '.join(changed)} changed since): it cannot be "
                "resumed, so begin anew in another folder"
            )
        _, outcomes, whole = read_jobs(self.path)
        self.outcomes = {outcome.job: outcome for outcome in outcomes}
        raw = self.path.read_bytes()
        if head != given or len(raw) != whole:
            # The last line may have been cut off when its writer was killed: that job is done again.
            beside = self.path.with_suffix(".new")
            beside.write_bytes(orjson.dumps(given) + raw[raw.index(b"\n") : whole])
            beside.replace(self.path)


def read_head(path: Path) -> dict[str, Any]:
    """Return what jobs were done with, which is the first line of their file.

    Raises:
        EvidenceError: The file cannot be read, is none of ours, or was begun by another version.
    """
    return _head(path, _lines(path)[0])


def read_jobs(path: Path) -> tuple[dict[str, Any], list[Outcome], int]:
    """Return what jobs were done with, what came of them, and how many bytes of the file are whole lines.

    Raises:
        EvidenceError: The file cannot be read, is none of ours, or was begun by another version.
    """
    lines, whole = _lines(path)
    head = _head(path, lines)
    try:
        outcomes = [from_line(orjson.loads(line)) for line in lines[1:]]
    except (ValueError, KeyError, TypeError):
        raise EvidenceError(
            f"{path} has jobs that are not as iontobench {__version__} writes them: it was altered, or written by "
            "another version, so begin anew in another folder"
        ) from None
    return head, outcomes, whole


def _lines(path: Path) -> tuple[list[bytes], int]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; name the folder of a qualification") from error
    whole = raw.rfind(b"\n") + 1
    return raw[:whole].splitlines(), whole


def _head(path: Path, lines: list[bytes]) -> dict[str, Any]:
    try:
        head = orjson.loads(lines[0])
    except (IndexError, ValueError):
        head = None
    if not isinstance(head, dict) or "tool" not in head:
        raise EvidenceError(f"{path} holds no jobs of a qualification: name another folder")
    if (begun := head.get("harness", __version__)) != __version__:
        raise EvidenceError(
            f"{path} was begun by iontobench {begun}, and this is {__version__}: it cannot be resumed, so begin anew "
            "in another folder"
        )
    return head


def as_line(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain data."""
    line = asdict(outcome)
    line["job"] = list(outcome.job)
    line["caught"] = [list(caught) for caught in outcome.caught]
    return line


def from_line(line: dict[str, Any]) -> Outcome:
    """Return the outcome that plain data tell of."""
    kind, name, seed = line["job"]
    whole: dict[str, Any] = {**line, "job": Job(Kind(kind), name, seed)}
    whole["caught"] = tuple(Caught(*caught) for caught in line["caught"])
    whole["open"], whole["undecided"] = tuple(line["open"]), tuple(line["undecided"])
    whole["marginal"] = tuple(tuple(row) for row in line["marginal"])
    return Outcome(**whole)


def batches(jobs: Iterable[Job], workers: int) -> list[tuple[Job, ...]]:
    """Return jobs in batches: of one while there are few, so that each is told and kept at once; never of many."""
    waiting = list(jobs)
    size = max(1, min(4, math.ceil(len(waiting) / (workers * 100))))
    return [tuple(waiting[start : start + size]) for start in range(0, len(waiting), size)]
