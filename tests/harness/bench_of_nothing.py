"""A bench of nothing, for the executor's own tests: it can be made unsafe, and its instruments unfit."""

from dataclasses import dataclass, field
from pathlib import Path

from harness.casebook import CaseResult
from harness.cases import PlannedCase
from harness.claims import Claims
from harness.claims_file import ClaimsFile, Device
from harness.clock import WallClock
from harness.declared import Declared
from harness.documents import Document
from harness.executor import run_case
from harness.methods import Method
from harness.plan import Plan, PlanFile
from harness.reading import Component, Reading
from harness.record import Record, read_record


@dataclass
class Safety:
    """What came of making it safe."""

    ok: bool = True
    actions: tuple[str, ...] = ("output off",)


@dataclass
class EmptyBench:
    """No instruments; those that are asked for are fit unless `unfit` says why not."""

    unfit: dict[str, str] = field(default_factory=dict)
    safety: Safety = field(default_factory=Safety)
    clock: WallClock = field(default_factory=WallClock)
    made_safe: int = 0

    def lacks(self, needs: tuple[str, ...]) -> str:
        """Have nothing of what some cases need."""
        return f"the bench has no {needs[0]}" if needs else ""

    def begin_case(self, case_id: str, needs: tuple[str, ...]) -> None:
        """Do nothing."""

    def end_case(self) -> None:
        """Find nothing."""

    def make_safe(self) -> Safety:
        """Count."""
        self.made_safe += 1
        return self.safety

    def fitness(self, instrument: str) -> str:
        """Return why an instrument is unfit."""
        return self.unfit.get(instrument, "")


PLAN = Plan(
    Document(
        Path("p.yaml"), "0", PlanFile.model_construct(plan="OUT", title="t", revision=1, purpose="p", cases=[]), {(): 1}
    )
)
CLAIMS = Claims(
    Document(Path("c.yaml"), "0", ClaimsFile(claims="C", revision=1, device=Device(manufacturer="m", model="d")), {})
)


def reading(value: float, *, unit: str = "A", u: float = 1e-6, instruments: tuple[str, ...] = ("dmm",)) -> Reading:
    """Return a reading that is good evidence unless it is told otherwise."""
    return Reading(value, unit, (Component("dmm", u),), instruments)


def run(
    folder: Path,
    method: Method,
    *,
    bench: EmptyBench | None = None,
    kind: type[Record] = Record,
    **measures: Declared,
) -> tuple[CaseResult, list[dict[str, object]]]:
    """Run a case that declares measures, and return its result and the record."""
    case = PlannedCase("OUT-001", "OUT-001", PLAN, "t", ("REQ-OUT-001",), "method", measures=measures)
    record = kind(folder / "record.jsonl", WallClock())
    try:
        result = run_case(case, method, CLAIMS, bench or EmptyBench(), record)
    finally:
        record.close()
    return result, list(read_record(record.path))


def current(name: str, high: float = 0.01, **more: object) -> Declared:
    """Return a declared current in mA with an upper limit in A."""
    return Declared(name, "mA", "A", high=high, source="plan", **more)  # type: ignore[arg-type]
