"""The format of results.json, version 1: what every field is called, and in which unit it is.

A number stands beside its unit and is not rounded; null stands for one that is missing or not finite. Times are bench
time in seconds since the run began. A field may be added within a version; one that goes or changes its meaning makes
a new one.
"""

from dataclasses import dataclass
from typing import Any, Literal

from reports import rows

FORMAT = "iontobench results"
VERSION = 1
Verdict = Literal["P", "F", "N/A", "N/E"]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run as a whole; obstacles say in words all that keeps its result from being approved."""

    id: str
    verdict: Literal["COMPLIES", "COMPLIES, CONDITIONALLY", "DOES NOT COMPLY", "NOT COMPLETE"]
    scope: str
    counts: dict[str, int]
    complete: bool
    virtual: bool
    remarks: list[str]
    doubts: list[str]
    obstacles: list[str]
    requirements_not_tested: list[str]
    began: str | None
    bench_s: float | None
    record_head: str
    content_head: str
    events: int


@dataclass(frozen=True, slots=True)
class Given:
    """What the run was given, by content and by hash, as its record opens."""

    harness: str
    bench: dict[str, Any]
    claims: dict[str, Any]
    standards: list[dict[str, Any]]
    item: dict[str, Any]
    operator: str
    customer: str
    seed: int
    device_model: dict[str, Any]
    controller: str
    approvals: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement and what came of it; "not tested" if no case of the run speaks for it."""

    id: str
    text: str
    source: str
    fingerprint: str
    verification: str
    verdict: Literal["P", "F", "N/A", "N/E", "not tested"]
    conditional: bool
    cases: list[str]
    remark: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a standard and what came of it; "in part" is a pass of what was done and no pass of the clause."""

    standard: str
    clause: str
    title: str
    applied: str
    provenance: str
    requirements: list[str]
    verdict: Literal["P", "F", "N/A", "N/E", "in part"]
    conditional: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """One planned case; its verdict is the worst of its attempts, and the reason is empty for a plain pass only."""

    id: str
    plan: str
    base: str
    title: str
    verifies: list[str]
    means: Literal["test", "inspection", "external result"]
    method: str
    conditions: dict[str, Any]
    declared: dict[str, Any]
    verdict: Verdict
    conditional: bool
    reason: str
    attempts: int
    started_s: float | None
    took_s: float | None


@dataclass(frozen=True, slots=True)
class Component:
    """One component of an uncertainty budget, in the unit of its measurement; dof is null where it is infinite."""

    source: str
    u: float | None
    distribution: str
    dof: float | None
    figure: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured value; value, U, u, low and high are in `unit`.

    U is the expanded uncertainty at 95 %, k times u. The verdict is "" for a value that was told and not judged.
    Figures of data sheets that U rests on and that nobody found in their source are in unverified; how a limit is known
    that nobody saw in its source is in unverified_limit.
    """

    record_line: int
    case: str
    attempt: int
    step: str
    name: str
    value: float | None
    unit: str
    U: float | None
    u: float | None
    k: float | None
    dof: float | None
    low: float | None
    high: float | None
    rule: Literal["", "simple", "guarded", "guarded-binary", "conditional"]
    p_nonconforming: float | None
    tur: float | None
    verdict: Literal["", "P", "F", "N/A", "N/E"]
    conditional: bool
    reason: str
    limit: str
    unverified_limit: str
    unverified: list[str]
    instruments: list[str]
    budget: list[Component]
    at_s: float


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen rather than measured; expected is "" for one that was told and not judged."""

    record_line: int
    case: str
    attempt: int
    step: str
    name: str
    value: str
    expected: str
    verdict: Literal["", "P", "F", "N/A", "N/E"]
    reason: str
    limit: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Results:
    """A run of iontobench, from its record alone."""

    format: Literal["iontobench results"]
    version: Literal[1]
    run: RunFacts
    given: Given
    plans: list[rows.Plan]
    requirements: list[Requirement]
    clauses: list[Clause]
    cases: list[Case]
    measurements: list[Measurement]
    observations: list[Observation]
    waveforms: list[rows.WaveformRow]
    instruments: list[rows.Instrument]
    check_standards: list[rows.CheckStandard]
    environment: list[rows.Environment]
    problems: list[rows.Problem]
    notes: list[str]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of results.json; a field that it does not name is refused."""
    from pydantic import TypeAdapter

    made = TypeAdapter(Results).json_schema(mode="serialization")
    for part in (made, *made["$defs"].values()):
        part["additionalProperties"] = False
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:iontobench:results:{VERSION}",
        **made,
    }
