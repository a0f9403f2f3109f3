"""The record of a qualification: a tool-validation record that can be read without the tool, sealed by its own hash.

It holds what ISO/TR 80002-2 and computer software assurance ask of a tool that measures: intended use, risk by feature,
what was tried with which result, what is left open, conclusion, who and when, and the versions that it is about.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from harness import __version__
from harness.documents import package_file, read_bytes
from harness.errors import EvidenceError
from harness.oracles import Oracle
from harness.prepared import Prepared
from harness.qualification import FIT, INCOMPLETE, NOT_FIT, Kind, Outcome, Specimen
from harness.qualification_results import Alarms, Finding, Results, State

RECORD = "qualification.json"
FORMAT = 1

INTENDED_USE = (
    "To certify iontophoresis devices: to drive instruments and the device's controller by test plans, to measure "
    "current limits, perception thresholds, session timing and fault cut-offs, to judge each measured value by a "
    "declared decision rule, and to leave evidence that cannot be altered unnoticed. It is used by trained staff of a "
    "laboratory or a manufacturer. It does not treat anybody, and is no part of a device."
)


@dataclass(frozen=True, slots=True)
class Risk:
    """What may go wrong with a feature of the tool, how bad that is, and what this qualification shows of it."""

    feature: str
    failure: str
    consequence: str
    rating: str
    shown: str


RISKS = (
    Risk(
        "Verdict on a safety limit",
        "false pass: a device beyond a safety limit is certified",
        "a person is burnt, shocked or over-dosed by a device that was declared safe",
        "highest",
        "defects seeded into devices, each of which must be failed by the cases that look for it; guarded decision "
        "rule; marginal devices caught at the rate of theory",
    ),
    Risk(
        "Bench faults",
        "a fault of an instrument or a relay makes a bad device look good, or a good one bad",
        "as a false pass, or as a false alarm",
        "high",
        "bench faults, each of which must end as our side's error or not evaluated, and never as a verdict",
    ),
    Risk(
        "Arithmetic of uncertainty and decision",
        "U or a probability is wrong",
        "verdicts near a limit are wrong without a sign",
        "high",
        "numeric oracles from published examples, run here",
    ),
    Risk(
        "Intermittent faults",
        "a fault that shows itself seldom is not met in one certification",
        "as a false pass",
        "high",
        "detection against theory; the number of sessions that a certification makes is stated",
    ),
    Risk(
        "Verdict on a healthy device",
        "false alarm: a device that conforms is failed",
        "no harm to persons; cost, and trust in alarms is lost",
        "medium",
        "healthy devices of several revisions in many seeds of device and bench, beside the rate that is predicted",
    ),
    Risk(
        "Record and report",
        "evidence is lost or altered",
        "a verdict cannot be shown to be right",
        "medium",
        "records chained by hashes; content heads of equal jobs are equal; the report is made from the record alone",
    ),
    Risk(
        "Inspections",
        "a question to a person is answered wrongly",
        "as a false pass of that question",
        "not covered",
        "nothing: what a person looks at is not shown by this qualification",
    ),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """How much was tried.

    Attributes:
        healthy: Seeds of each healthy device.
        defect: Seeds of each defect and bench fault.
        rare: Seeds of each marginal or intermittent defect.
        only: Names of what alone was tried; none for all.
        sample: So many jobs of all; None for every one.
    """

    healthy: int
    defect: int
    rare: int
    only: tuple[str, ...]
    sample: int | None

    @property
    def partial(self) -> str:
        """Why this is not a whole qualification, or ""."""
        if self.only:
            return f"only {', '.join(self.only)} was tried"
        if self.sample is not None:
            return f"only a sample of {self.sample} jobs was tried"
        if not self.healthy:
            return "no healthy device was tried"
        if not self.defect:
            return "no defect was tried"
        return "" if self.rare else "no marginal or intermittent defect was tried"

    @property
    def words(self) -> str:
        """The options that ask for it."""
        chosen = [f"--only {name}" for name in self.only]
        chosen += [f"--sample {self.sample}"] if self.sample is not None else []
        seeds = f"--seeds-healthy {self.healthy} --seeds-defect {self.defect} --seeds-rare {self.rare}"
        return " ".join((*chosen, seeds))

    def seeds(self, specimen: Specimen) -> range:
        """Return the seeds of a specimen."""
        tried = self.rare if specimen.rare else self.defect
        return range(1, (self.healthy if specimen.kind is Kind.HEALTHY else tried) + 1)

    def goes_on_with(self, begun: "Scope") -> bool:
        """Whether each job that was begun is asked for here too: the same, or more seeds of the same."""
        if (set(self.only), self.sample) != (set(begun.only), begun.sample):
            return False
        mine, theirs = ((s.healthy, s.defect, s.rare) for s in (self, begun))
        # Of more seeds another sample is drawn.
        return mine == theirs if self.sample is not None else all(a >= b for a, b in zip(mine, theirs, strict=True))


def inputs(ready: Prepared, bench: Path) -> dict[str, Any]:
    """Return what jobs are done with, by hash: claims, plans, standards, requirements, answers and bench."""
    return {
        "claims": ready.claims.document.sha256,
        "plans": {plan.content.plan: plan.document.sha256 for plan in ready.plans},
        "standards": {document.content.standard: document.sha256 for document in ready.library.standards.documents},
        "requirements": {name: entry.fingerprint for name, entry in ready.library.requirements.items()},
        "inspections": ready.inspections.sha256 if ready.inspections is not None else "",
        "external results": ready.externals.sha256 if ready.externals is not None else "",
        "bench": hashlib.sha256(read_bytes(bench)).hexdigest(),
    }


def record(
    *,
    name: str,
    ready: Prepared,
    bench: Path,
    tool: str,
    scope: Scope,
    results: Results,
    outcomes: Sequence[Outcome],
    log: Path,
    oracles: Sequence[Oracle],
    operator: str,
    host: dict[str, Any],
    wall_s: float,
) -> dict[str, Any]:
    """Return the record of a qualification as plain data, without its seal."""
    wrong = [oracle.name for oracle in oracles if not oracle.ok]
    code = results.exit_code or (2 if wrong else 0)
    ours = {**results.alarms.failures, **{f"oracle {name}": "the number is another one" for name in wrong}}
    defects = results.of(Kind.DEFECT)
    partial = scope.partial or ("" if defects else "no defect is looked for by these plans")
    return {
        "format": FORMAT,
        "id": name,
        "host": host,
        "operator": operator,
        "harness": __version__,
        "tool": tool,
        "lock": _lock(),
        "inputs": inputs(ready, bench),
        "plans": [
            {"id": plan.content.plan, "title": plan.content.title, "revision": plan.content.revision}
            for plan in ready.plans
        ],
        "intended_use": INTENDED_USE,
        "risks": [asdict(risk) for risk in RISKS],
        "scope": asdict(scope) | {"partial": partial},
        "oracles": [asdict(oracle) | {"ok": oracle.ok} for oracle in oracles],
        "conclusion": NOT_FIT if code == 1 or wrong else INCOMPLETE if code or partial else FIT,
        "exit_code": code,
        "killed": sum(finding.state is State.KILLED for finding in defects),
        "defects": len(defects),
        "survivors": [finding.specimen.name for finding in defects if not finding.well],
        "findings": [_finding(finding) for finding in results.findings],
        "alarms": _alarms(results.alarms),
        "columns": [asdict(column) for column in results.columns],
        "on_one_case": results.on_one_case,
        "left_out": list(results.left_out),
        "ours": ours,
        "jobs": {
            "count": len(outcomes),
            "file": log.name,
            "sha256": hashlib.sha256(read_bytes(log)).hexdigest(),
            "heads": _heads(outcomes),
            "worker_s": sum(outcome.wall_s for outcome in outcomes),
        },
        "wall_s": wall_s,
    }


def _heads(outcomes: Iterable[Outcome]) -> str:
    """Return one hash over the content heads of all jobs, in order of kind, name and seed."""
    digest = hashlib.sha256()
    for outcome in sorted(outcomes, key=lambda outcome: outcome.job):
        digest.update(f"{outcome.job}: {outcome.content_head}\n".encode())
    return digest.hexdigest()


def _finding(finding: Finding) -> dict[str, Any]:
    plain: dict[str, Any] = asdict(finding)
    plain["well"] = finding.well
    plain["cells"] = {plan: cell._asdict() for plan, cell in finding.cells.items()}
    plain["detections"] = [
        asdict(detection) | {"well": detection.well, "bounds": list(detection.bounds)}
        for detection in finding.detections
    ]
    return plain


def _alarms(alarms: Alarms) -> dict[str, Any]:
    bounds = list(alarms.bounds) if alarms.bounds is not None else None
    return {**asdict(alarms), "bounds": bounds, "well": alarms.well}


def _lock() -> str:
    """Return the SHA-256 of the lock of dependencies, or "" where there is none beside the rooms."""
    path = package_file("harness").parent / "requirements.txt"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def write_record(content: dict[str, Any], folder: Path) -> Path:
    """Seal a record by its own hash, write it, and return its path.

    Raises:
        EvidenceError: It cannot be written.
    """
    path = folder / RECORD
    try:
        path.write_bytes(orjson.dumps({**content, "sha256": seal(content)}, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; free the disk, and resume") from error
    return path


def seal(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a record as JSON with its keys in order, without the seal itself."""
    bare = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(orjson.dumps(bare, option=orjson.OPT_SORT_KEYS)).hexdigest()


def load_record(path: Path) -> dict[str, Any]:
    """Return a record whose seal is whole.

    Raises:
        EvidenceError: It cannot be read, is none, or was altered.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; run qualify") from error
    except orjson.JSONDecodeError as error:
        raise EvidenceError(f"{path} is no record of a qualification: {error}; run qualify") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise EvidenceError(f"{path} is no record of a qualification that this harness reads: run qualify")
    if content.get("sha256") != seal(content):
        raise EvidenceError(f"{path} was altered since it was sealed: run qualify")
    return content
