"""What a record can say: one event type a dataclass, each with a version of its own.

Numbers of a measurement are in the unit that the plan prints; NaN becomes null, and null is never a pass. Events are
not frozen, because freezing costs a measurement three times what making it does; once written, the record counts.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(slots=True)
class Event:
    """The base of all events. `type` and `version` stand in the record beside the data."""

    type: ClassVar[str]
    version: ClassVar[int] = 1


@dataclass(slots=True)
class RunOpened(Event):
    """A run begins: everything that it was given, by content and by hash.

    clauses are those of the editions that the claims choose, each with what the claims declare of it; selection tells
    what was asked for and what was left out, and is empty of a run of whole plans.
    """

    type: ClassVar[str] = "run_opened"
    version: ClassVar[int] = 2
    harness: str
    bench: dict[str, Any]
    claims: dict[str, Any]
    plans: list[dict[str, Any]]
    standards: list[dict[str, Any]]
    clauses: list[dict[str, Any]]
    hazards: list[dict[str, Any]]
    requirements: list[dict[str, Any]]
    item: dict[str, Any]
    operator: str
    customer: str
    seed: int
    device_model: dict[str, Any]
    controller: str
    populations: list[dict[str, Any]] = field(default_factory=list)
    selection: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class InstrumentIdentified(Event):
    """An instrument said who it is, and is inside its calibration.

    accuracy tells for each function of its data sheet where the figures are from: function, source, provenance.
    """

    type: ClassVar[str] = "instrument"
    version: ClassVar[int] = 2
    name: str
    role: str
    driver: str
    address: str
    maker: str
    model: str
    serial: str
    firmware: str
    certificate: dict[str, Any] | None
    accuracy: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class CheckStandard(Event):
    """A check standard of the bench was measured; ok says whether it is inside the action limit of the bench.

    reason tells why else it is not ok: what spoiled the reading, or that it is too uncertain; "" if nothing does.
    """

    type: ClassVar[str] = "check_standard"
    version: ClassVar[int] = 2
    when: str
    quantity: str
    unit: str
    value: float
    U: float
    reference: float
    reference_U: float
    En: float
    ok: bool
    reason: str = ""


@dataclass(slots=True)
class Environment(Event):
    """Temperature and humidity at the bench."""

    type: ClassVar[str] = "environment"
    when: str
    temperature: float
    temperature_U: float
    humidity: float
    humidity_U: float
    ok: bool
    reason: str


@dataclass(slots=True)
class CasePlanned(Event):
    """A case is going to be run, with the limits that it will be judged by; all are planned before the first runs."""

    type: ClassVar[str] = "case_planned"
    version: ClassVar[int] = 2
    case: str
    plan: str
    base: str
    title: str
    verifies: tuple[str, ...]
    method: str
    inspection: str
    procedure: str
    conditions: dict[str, str]
    measures: dict[str, dict[str, Any]]
    external: str = ""
    needs: tuple[str, ...] = ()


@dataclass(slots=True)
class CaseStarted(Event):
    """An attempt at a case begins."""

    type: ClassVar[str] = "case_started"
    case: str
    attempt: int


@dataclass(slots=True)
class StepStarted(Event):
    """A step of a method begins."""

    type: ClassVar[str] = "step_started"
    case: str
    step: str
    index: int


@dataclass(slots=True)
class Measured(Event):
    """A value was measured and judged; numbers in `unit`, budget rows are source, u, distribution, dof, figure.

    tur is the test uncertainty ratio (harness/limits.py), null where there is none. unverified names the figures of
    data sheets that U rests on and that nobody has found in their source.
    """

    type: ClassVar[str] = "measured"
    version: ClassVar[int] = 2
    case: str
    step: str
    name: str
    value: float
    unit: str
    U: float
    u: float
    k: float
    dof: float | None
    low: float | None
    high: float | None
    rule: str
    p_nonconforming: float
    verdict: str
    conditional: bool
    reason: str
    limit: str
    instruments: tuple[str, ...]
    budget: list[Any]
    tur: float | None = None
    unverified: tuple[str, ...] = ()


@dataclass(slots=True)
class Observed(Event):
    """Something was observed that is no quantity, and compared with what it must be."""

    type: ClassVar[str] = "observed"
    case: str
    step: str
    name: str
    value: str | bool | int
    expected: str | bool | int | None
    verdict: str
    reason: str
    limit: str


@dataclass(slots=True)
class WaveformKept(Event):
    """A waveform was saved beside the record; marks are instants on it, limits are levels in its unit."""

    type: ClassVar[str] = "waveform"
    case: str
    step: str
    name: str
    file: str
    sha256: str
    quantity: str
    unit: str
    samples: int
    start_s: float
    interval_s: float
    U_typical: float
    marks: dict[str, float]
    limits: dict[str, float]


@dataclass(slots=True)
class Problem(Event):
    """Something went wrong on our side."""

    type: ClassVar[str] = "problem"
    case: str | None
    kind: str
    message: str


STOPS = ("KeyboardInterrupt", "Stopped", "Aborted")
"""Kinds of Problem that are nobody's error: somebody asked the run to end."""


@dataclass(slots=True)
class Note(Event):
    """Something that a reader of the record should know."""

    type: ClassVar[str] = "note"
    text: str


@dataclass(slots=True)
class CaseEnded(Event):
    """A case came to a verdict."""

    type: ClassVar[str] = "case_ended"
    case: str
    verdict: str
    conditional: bool
    reason: str


@dataclass(slots=True)
class VerdictWithdrawn(Event):
    """A verdict is taken back because the bench failed its end check; the first verdict stays above it."""

    type: ClassVar[str] = "verdict_withdrawn"
    case: str
    was: str
    reason: str


@dataclass(slots=True)
class MadeSafe(Event):
    """The bench was made safe, or could not be."""

    type: ClassVar[str] = "made_safe"
    case: str | None
    ok: bool
    actions: tuple[str, ...]


@dataclass(slots=True)
class Supervised(Event):
    """The supervisor made the bench safe, because the runner died, hung, or let go of a bench that was not safe.

    It is written by the supervisor, at the bench time of the line before it; when it was by the host's clock, and after
    how many seconds the bench was safe, is volatile. torn is the text of a line that was cut off before it, else "".
    """

    type: ClassVar[str] = "supervised"
    cause: str
    ok: bool
    actions: tuple[str, ...]
    torn: str = ""


@dataclass(slots=True)
class Interrupted(Event):
    """The run was interrupted before this line: so says who went on with its record, to close it or to resume the run.

    case is the one that was running, else "". torn is the text of a line that was cut off, else "". unrecorded are
    waveforms that were saved and that no line names, by file, each with its SHA-256.
    """

    type: ClassVar[str] = "interrupted"
    case: str
    torn: str
    unrecorded: dict[str, str]


@dataclass(slots=True)
class Resumed(Event):
    """An interrupted run is gone on with: on the same bench, with the same device, by the same files and program.

    same tells by hash or in words what was compared. left are the cases that are run from here on; given_up are those
    of a plan that was interrupted in the midst of cases that follow on each other: the device remembers a half of it.
    """

    type: ClassVar[str] = "resumed"
    same: dict[str, str]
    left: tuple[str, ...]
    given_up: tuple[str, ...]


@dataclass(slots=True)
class RunEnded(Event):
    """The run is over, and this is what it came to."""

    type: ClassVar[str] = "run_ended"
    verdict: str
    counts: dict[str, int]
    exit_code: int
    reason: str
    bench_s: float


@dataclass(slots=True)
class ReplayCompared(Event):
    """A replay, having ended, was compared with what the logged run came to; reason tells what differs.

    It stands behind the end of the run, and outside the content head, which is a part of what is compared.
    """

    type: ClassVar[str] = "replay_compared"
    ok: bool
    reason: str
