"""The rows that a record is made of: one small class for each table of a run.

Numbers are in the unit that stands beside them; a missing number is None. Times are bench time in seconds.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan of the run.

    Attributes:
        statement: What it asks the report to say ("no person was stimulated").
        worst_case: How its conditions were chosen; "" if it does not say.
        does_not_cover: What nobody may read into a pass.
    """

    plan: str
    title: str
    revision: str
    purpose: str
    statement: str
    sha256: str
    worst_case: str
    does_not_cover: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """One risk control, with the hazard that it is for."""

    control: str
    kind: str
    text: str
    hazard: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard of the analysis (ISO 14971), before it is controlled; risk is by the proposed matrix."""

    hazard: str
    title: str
    sequence: str
    situation: str
    harm: str
    severity: str
    probability: str
    risk: str
    provenance: str
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the edition of a standard that the claims choose.

    Attributes:
        standard: With its edition.
        family: Without it.
        applied: What the claims declare: "applied", "in part", "not applied", "in full", or "" for nothing.
        reason: Theirs, or why no edition was chosen.
        uncovered: What of it no requirement speaks for; "" if nothing that matters.
        provenance: Of its number and title.
    """

    standard: str
    family: str
    clause: str
    title: str
    applied: str
    reason: str
    uncovered: str
    provenance: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement that the run was opened with, whether or not anything tested it.

    Attributes:
        source: In words, with provenance.
        clauses: Family and clause of each standard that it comes from.
        hazard: Ids and titles of the hazards that it helps to control.
        control: Ids and texts of the risk controls that it states.
        controls: Their ids.
        risk: The largest of these hazards, before control.
        inapplicable: Why it does not apply to this device, or "".
        untested: Why no case speaks for it, where none does, or "".
    """

    requirement: str
    area: str
    text: str
    rationale: str
    source: str
    clauses: tuple[tuple[str, str], ...]
    hazard: str
    control: str
    controls: tuple[str, ...]
    risk: str
    verification: str
    inapplicable: str
    untested: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Case:
    """One planned case and how it ended.

    Attributes:
        case: Its full name ("OUT-010[hands-lowest-500Ω]").
        base: The case of the plan that it is a variation of ("OUT-010").
        verifies: Requirements that it speaks for.
        inspection: What a person has to look at; empty for a test.
        external: What another laboratory has to find; empty for a test.
        procedure: The test method in words.
        conditions: What was varied, by name.
        measures: What was declared to be measured, by name.
        verdict: The worst of all attempts; "N/E" if it never ended.
        conditional: It passed inside a guard band, by the conditional rule.
        reason: Why it is not P; empty for a pass.
        attempts: How often it was started.
        never_started: It came to a verdict without having been started.
        started_s: Bench time of its first start; None if it never started.
        took_s: Bench time from its first start to its last end; None if it never ended.
    """

    case: str
    plan: str
    base: str
    title: str
    verifies: tuple[str, ...]
    method: str
    inspection: str
    external: str
    procedure: str
    conditions: dict[str, Any]
    measures: dict[str, Any]
    verdict: str
    conditional: bool
    reason: str
    attempts: int
    never_started: bool
    started_s: float | None
    took_s: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one attempt at a case."""

    case: str
    attempt: int
    index: int
    step: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured value with its uncertainty, its limits and its verdict, all in `unit`.

    Attributes:
        seq: Line of the record that it stands on.
        U: Expanded uncertainty at 95 %, equal to k times u.
        dof: Effective degrees of freedom.
        low: Lowest value allowed; None if there is no such limit.
        high: Highest value allowed; None if there is no such limit.
        rule: Decision rule.
        p_nonconforming: Probability that the true value is outside the limits; None if there are none.
        verdict: "P", "F", "N/E", "N/A", or "" for a value that is reported and not judged.
        budget: Source, standard uncertainty, distribution, degrees of freedom, figure of a data sheet, by component.
        limit: Where the limit comes from, in words.
        tur: Test uncertainty ratio; None if there is none.
        unverified: Figures of data sheets that U rests on and that were not found in their source.
        unverified_limit: How the limit is known ("remembered") if nobody saw it in its source; else "".
    """

    seq: int
    case: str
    plan: str
    base: str
    attempt: int
    step: str
    name: str
    value: float | None
    unit: str
    U: float | None
    u: float | None
    k: float | None
    dof: float
    low: float | None
    high: float | None
    rule: str
    p_nonconforming: float | None
    verdict: str
    conditional: bool
    reason: str
    limit: str
    instruments: tuple[str, ...]
    budget: tuple[tuple[str, float, str, float, str], ...]
    at_s: float
    tur: float | None
    unverified: tuple[str, ...]
    unverified_limit: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen rather than measured, with what should have been seen."""

    seq: int
    case: str
    plan: str
    base: str
    attempt: int
    step: str
    name: str
    value: str
    expected: str
    verdict: str
    reason: str
    limit: str
    at_s: float


@dataclass(frozen=True, slots=True)
class WaveformRow:
    """One waveform that was kept: where its samples are, and what is drawn into it.

    Attributes:
        file: Path inside the run folder.
        sha256: Fingerprint of that file when it was recorded.
        unit: Unit of the stored values and of the limits.
        start_s: Time of the first sample in seconds from the zero of the method.
        interval_s: Time between samples in seconds.
        U_typical: Expanded uncertainty of a typical sample; None if not known.
        marks: Instants worth seeing, in seconds, by label.
        limits: Values drawn as lines, in `unit`, by label.
    """

    seq: int
    case: str
    plan: str
    attempt: int
    step: str
    name: str
    file: str
    sha256: str
    quantity: str
    unit: str
    samples: int
    start_s: float
    interval_s: float
    U_typical: float | None
    marks: dict[str, float]
    limits: dict[str, float]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument as it identified itself, its certificate, and where its accuracy is from, if the record says.

    `digital` names file and fingerprint of a digital calibration certificate, where there is one.
    """

    name: str
    role: str
    driver: str
    address: str
    maker: str
    model: str
    serial: str
    firmware: str
    certificate: str
    laboratory: str
    issued: str
    due: str
    accuracy: tuple["Accuracy", ...]
    digital: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Where the data-sheet figures of one function of an instrument are from; only "found" ones are verified."""

    function: str
    source: str
    provenance: str


@dataclass(frozen=True, slots=True)
class CheckStandard:
    """One check of the bench against something known, in `unit`; ok says whether it is inside the action limit.

    `reason` tells why else it is not ok.
    """

    when: str
    quantity: str
    unit: str
    value: float | None
    U: float | None
    reference: float | None
    reference_U: float | None
    En: float | None
    ok: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Temperature in °C and relative humidity in % at one moment, with their U; `ok` if they suit."""

    when: str
    at_s: float
    temperature_degC: float | None
    temperature_U: float | None
    humidity_percent: float | None
    humidity_U: float | None
    ok: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Trouble of our side, which is never evidence against the device."""

    case: str
    kind: str
    message: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A replay was compared with what the logged run came to; `reason` tells what differs."""

    ok: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Interruption:
    """A run was interrupted, and its record was gone on with: it was closed, or the run was resumed.

    Attributes:
        line: Of the record, which says so.
        at_s: Bench time of the last that was written before it.
        case: The one that was running; "" for none.
        torn: The text of a line that was cut off; "" for none.
        unrecorded: Files of waveforms that no line names.
        utc: When it was gone on with, by the host's clock.
        left_on: Whether no line before it says that the bench was made safe.
        resumed: Whether the run was resumed.
        left: How many cases were run from there on.
        given_up: Cases of a plan that cannot be gone on with in its midst.
        took_over: What was done to the bench, as it was left, when the run was resumed; "" if nothing had to be.
    """

    line: int
    at_s: float
    case: str
    torn: str
    unrecorded: tuple[str, ...]
    utc: str
    left_on: bool
    resumed: bool = False
    left: int = 0
    given_up: tuple[str, ...] = ()
    took_over: str = ""


@dataclass(frozen=True, slots=True)
class Supervision:
    """The supervisor acted: it made the bench safe, or could not."""

    line: int
    at_s: float
    cause: str
    ok: bool
    actions: tuple[str, ...]
    torn: str
    utc: str
    safe_after_s: float | None


@dataclass(frozen=True, slots=True)
class MadeSafe:
    """The bench was brought to rest, or could not be."""

    case: str
    ok: bool
    actions: tuple[str, ...]
    at_s: float
