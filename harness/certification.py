"""A certification run, from the first line of its record to the last: what is planned, and what came of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from harness import __version__, units
from harness.casebook import CaseBench, CaseResult
from harness.cases import Declared, PlannedCase, unfold
from harness.claims import Claims
from harness.clock import SECOND_NS
from harness.documents import Document
from harness.errors import ConfigError, HarnessError
from harness.events import (
    CasePlanned,
    CheckStandard,
    Environment,
    InstrumentIdentified,
    MadeSafe,
    Problem,
    RunEnded,
    RunOpened,
    VerdictWithdrawn,
)
from harness.executor import run_case
from harness.inspections import InspectionFile
from harness.limits import Verdict
from harness.methods import Method, find_method, load_methods, procedure
from harness.plan import Plan
from harness.record import Record
from harness.standards import Library

COMPLIES = "COMPLIES"
CONDITIONAL = "COMPLIES, CONDITIONALLY"
FAILS = "DOES NOT COMPLY"
INCOMPLETE = "NOT COMPLETE"


class CertificationBench(CaseBench, Protocol):
    """What a run needs of a bench, beyond what a case does."""

    before_energising: Callable[[], object]

    def identify_device(self) -> InstrumentIdentified:
        """Return who the device under test says that it is."""

    def facts(self) -> dict[str, Any]:
        """Return name, revision, SHA-256 and whether it is virtual."""

    def identified(self) -> Iterable[InstrumentIdentified]:
        """Return who the instruments are."""

    def check(self, when: str) -> Iterable[CheckStandard]:
        """Measure the check standards."""

    def environment_now(self, when: str) -> Environment:
        """Return temperature and humidity at the bench, and whether they are what the instruments need."""


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before anything is switched on.

    Attributes:
        claims: What the manufacturer declares.
        library: Standards and requirements.
        plans: The plans, in order.
        cases: All cases, unfolded, in order.
        methods: The method of each case; None for an inspection.
        inspections: The recorded answers, if there are any.
    """

    claims: Claims
    library: Library
    plans: tuple[Plan, ...]
    cases: tuple[PlannedCase, ...]
    methods: dict[str, Method | None]
    inspections: Document[InspectionFile] | None


def prepare(
    claims: Claims, library: Library, plans: Iterable[Plan], inspections: Document[InspectionFile] | None
) -> Prepared:
    """Unfold plans, and find every method.

    Raises:
        ConfigError: Something in them is wrong.
    """
    cases: list[PlannedCase] = []
    methods: dict[str, Method | None] = {}
    kept = tuple(plans)
    for plan in kept:
        module: ModuleType | None = load_methods(plan)
        for case in unfold(plan, claims, library):
            cases.append(case)
            methods[case.id] = None if case.inspection else find_method(case, module)
    return Prepared(claims, library, kept, tuple(cases), methods, inspections)


@dataclass(frozen=True)
class Subject:
    """Who and what a run is about.

    Attributes:
        serial: Serial number of the item under test.
        firmware: Its firmware as the applicant states it.
        operator: Who runs it.
        customer: For whom.
        seed: Of everything that is random on a virtual bench.
        device_model: Name and SHA-256 of the model of a virtual device.
        controller: The controller that was put on a virtual bench.
    """

    serial: str
    firmware: str
    operator: str
    customer: str
    seed: int
    device_model: dict[str, Any]
    controller: str


@dataclass
class Certification:
    """A run in progress.

    Attributes:
        prepared: What is going to be run.
        bench: Where.
        record: The evidence.
        results: What each case came to, so far.
    """

    prepared: Prepared
    bench: CertificationBench
    record: Record
    results: dict[str, CaseResult] = field(default_factory=dict)
    _errors: int = 0
    _stopped: bool = False
    _trouble: str = ""

    def begin(self, subject: Subject, volatile: dict[str, Any]) -> None:
        """Write down what was given, who the instruments are, that the bench is in order, and what is planned.

        Raises:
            HarnessError: The bench cannot be measured on; the record says why.
        """
        record = self.record
        record.write(self._opened(subject), volatile)
        for instrument in self.bench.identified():
            record.write(instrument)
        for case in self.prepared.cases:
            record.write(self._planned(case))
        self.bench.before_energising = record.sync
        self._check("start")
        record.write(self.bench.environment_now("start"))
        device = self.bench.identify_device()
        record.write(device)
        if subject.firmware and device.firmware != subject.firmware:
            raise ConfigError(
                f"the item says that its firmware is {device.firmware!r}, and must be {subject.firmware!r} as"
                " --firmware has it: give the item that is meant, or the firmware that it has"
            )
        record.sync()

    def run(self, case: PlannedCase) -> CaseResult:
        """Run a case by the one executor.

        Raises:
            Stopped: The run was asked to stop.
            HarnessError: The run cannot go on.
        """
        answers = self.prepared.inspections
        result = run_case(
            case,
            self.prepared.methods[case.id],
            self.prepared.claims,
            self.bench,
            self.record,
            answer=answers.content.answers.get(case.base) if answers is not None else None,
        )
        self.results[case.id] = result
        self._errors += result.our_error
        if result.our_error and not self._trouble:
            self._trouble = f"{case.id}: {result.reason}"
        return result

    def trouble(self, error: BaseException) -> None:
        """Write down what ended a run early."""
        self._stopped = True
        self._trouble = self._trouble or " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, HarnessError):
            self._errors += 1
        self.record.write(Problem(None, type(error).__name__, str(error)))

    def end(self, volatile: dict[str, Any]) -> RunEnded:
        """Check the bench again, make it safe, count, and close the record. Whatever fails here is written down."""
        if not self._stopped:
            try:
                self._withdraw_if_failed(self._check("end"))
                self.record.write(self.bench.environment_now("end"))
            except Exception as error:
                self.trouble(error)
                self._withdraw("the end check of the bench could not be made")
        try:
            safety = self.bench.make_safe()
            self.record.write(MadeSafe(None, safety.ok, tuple(safety.actions)))
            self._errors += not safety.ok
        except Exception as error:
            self.trouble(error)
        ended = self._ended()
        self.record.write(ended, volatile)
        self.record.close()
        return ended

    def _check(self, when: str) -> list[CheckStandard]:
        results = list(self.bench.check(when))
        for result in results:
            self.record.write(result)
        failed = [r for r in results if not r.ok]
        if failed and when == "start":
            worst = failed[0]
            raise HarnessError(
                f"the check standard {worst.quantity!r} measured {worst.value:.6g} {worst.unit} and must be "
                f"{worst.reference:.6g} {worst.unit} (En = {worst.En:.2f}, beyond the action limit): repair the bench"
            )
        return results

    def _withdraw_if_failed(self, results: list[CheckStandard]) -> None:
        failed = [r.quantity for r in results if not r.ok]
        if failed:
            self._withdraw(f"the end check of the bench failed: {', '.join(failed)}")

    def _withdraw(self, reason: str) -> None:
        """Turn what was measured since the last good check into N/E."""
        inspected = {case.id for case in self.prepared.cases if case.inspection}
        for case, result in self.results.items():
            if result.verdict in (Verdict.PASS, Verdict.FAIL) and case not in inspected:
                self.record.write(VerdictWithdrawn(case, result.verdict.value, reason))
                self.results[case] = CaseResult(case, Verdict.NOT_EVALUATED, False, reason, False)

    def _ended(self) -> RunEnded:
        verdicts = Counter({verdict.value: 0 for verdict in Verdict})
        conditional = 0
        for case in self.prepared.cases:
            # Planned and without a verdict is not evaluated, whoever kept it from being run.
            result = self.results.get(case.id)
            verdicts[(result.verdict if result else Verdict.NOT_EVALUATED).value] += 1
            conditional += bool(result and result.conditional)
        judged = verdicts["P"] + verdicts["F"]
        if verdicts["F"]:
            verdict, code = FAILS, 1
        elif self._errors:
            verdict, code = INCOMPLETE, 2
        elif verdicts["N/E"] or not judged:
            verdict, code = INCOMPLETE, 3
        else:
            verdict, code = CONDITIONAL if conditional else COMPLIES, 0
        counts = {**verdicts, "conditional": conditional}
        return RunEnded(verdict, counts, code, self._trouble, self.record.clock.now_ns() / SECOND_NS)

    def _opened(self, subject: Subject) -> RunOpened:
        prepared = self.prepared
        claims = prepared.claims.document
        return RunOpened(
            harness=__version__,
            bench=self.bench.facts(),
            claims={
                "id": claims.content.claims,
                "revision": claims.content.revision,
                "sha256": claims.sha256,
                "device": claims.content.device.model_dump(),
            },
            plans=[
                {
                    "id": plan.content.plan,
                    "title": plan.content.title,
                    "revision": plan.content.revision,
                    "purpose": plan.content.purpose,
                    "statement": plan.content.statement,
                    "sha256": plan.document.sha256,
                }
                for plan in prepared.plans
            ],
            standards=[
                {
                    "id": document.content.standard,
                    "title": document.content.title,
                    "edition": document.content.edition,
                    "sha256": document.sha256,
                }
                for document in prepared.library.standards
            ],
            requirements=[
                {**requirement.model_dump(), "fingerprint": requirement.fingerprint}
                for requirement in prepared.library.requirements.values()
            ],
            item={
                "serial": subject.serial,
                "firmware": subject.firmware,
                "model": claims.content.device.model,
                "manufacturer": claims.content.device.manufacturer,
            },
            operator=subject.operator,
            customer=subject.customer,
            seed=subject.seed,
            device_model=subject.device_model,
            controller=subject.controller,
        )

    def _planned(self, case: PlannedCase) -> CasePlanned:
        return CasePlanned(
            case.id,
            case.plan.content.plan,
            case.base,
            case.title,
            case.verifies,
            case.method,
            case.inspection,
            procedure(self.prepared.methods[case.id]),
            case.conditions,
            {name: _declared(declared) for name, declared in case.measures.items()},
        )


def _declared(declared: Declared) -> dict[str, Any]:
    """Return a declared measure as the record says it, in the unit that is printed."""

    def printed(value: float | None) -> float | None:
        return None if value is None else units.convert(value, declared.unit)

    if declared.observed:
        return {"is": declared.expected, "source": declared.source, "repeats": declared.repeats}
    return {
        "unit": declared.unit,
        "low": printed(declared.low),
        "high": printed(declared.high),
        "relative": declared.relative,
        "absolute": printed(declared.absolute) if declared.relative is not None else None,
        "of": declared.target,
        "rule": "" if declared.report_only else declared.rule.value,
        "source": declared.source,
        "report": declared.report_only,
        "repeats": declared.repeats,
        "refine": declared.refine,
    }
