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
    Note,
    Problem,
    ReplayCompared,
    RunEnded,
    RunOpened,
    VerdictWithdrawn,
)
from harness.executor import run_case
from harness.inspections import InspectionFile
from harness.limits import Verdict, worst
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
    if inspections is not None:
        _check_answers(inspections, claims, kept)
    for plan in kept:
        module: ModuleType | None = load_methods(plan)
        for case in unfold(plan, claims, library):
            if case.id in methods:
                raise ConfigError(
                    f"{plan.document.path}: the case {case.id} is planned twice: name each plan once, and give each "
                    "value of a sweep once"
                )
            cases.append(case)
            methods[case.id] = None if case.inspection else find_method(case, module)
    return Prepared(claims, library, kept, tuple(cases), methods, inspections)


def _check_answers(inspections: Document[InspectionFile], claims: Claims, plans: tuple[Plan, ...]) -> None:
    """Find answers about another device, or to questions that no plan asks."""
    file, model = inspections.content, claims.content.device.model
    if file.device != model:
        raise ConfigError(
            f"{inspections.where('device')}: the answers are about {file.device!r}, and must be about {model!r} as the "
            "claims are: give the answers for this device"
        )
    asked = {case.id for plan in plans for case in plan.content.cases if case.inspection is not None}
    for name in file.answers:
        if asked and name not in asked:
            known = ", ".join(sorted(asked))
            raise ConfigError(f"{inspections.where('answers', name)}: no plan asks {name!r}; asked are {known}")


@dataclass(frozen=True)
class Subject:
    """Who and what a run is about.

    Attributes:
        serial: Serial number of the item under test; "" to take the one that it says.
        firmware: Its firmware as the applicant states it; "" to take what it says.
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
        compare: Of a replay: tells what differs from the logged run, or "". The record has it before it is closed.
        results: What each case came to, so far.
    """

    prepared: Prepared
    bench: CertificationBench
    record: Record
    compare: Callable[[RunEnded], str] | None = None
    results: dict[str, CaseResult] = field(default_factory=dict)
    _attempts: Counter[str] = field(default_factory=Counter)
    _errors: int = 0
    _stopped: bool = False
    _trouble: str = ""
    _doubt: str = ""

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
        environment = self.bench.environment_now("start")
        record.write(environment)
        if not environment.ok:
            raise HarnessError(f"{environment.reason}: nothing can be judged here until it is")
        self._check("start")
        device = self.bench.identify_device()
        record.write(device)
        self._compare(subject, device)
        record.sync()

    def run(self, case: PlannedCase) -> CaseResult:
        """Run a case by the one executor; run again, the worst of its attempts counts, and all are kept.

        Raises:
            Stopped: The run was asked to stop.
            HarnessError: The run cannot go on.
        """
        answers = self.prepared.inspections
        self._attempts[case.id] += 1
        result = run_case(
            case,
            self.prepared.methods[case.id],
            self.prepared.claims,
            self.bench,
            self.record,
            answer=answers.content.answers.get(case.base) if answers is not None else None,
            attempt=self._attempts[case.id],
        )
        self._errors += result.our_error
        if result.reaches_back:
            self._doubt = self._doubt or f"in {case.id} {result.reason}"
        if result.our_error and not self._trouble:
            self._trouble = f"{case.id}: {result.reason}"
        before = self.results.get(case.id)
        if before is None or worst([before.verdict, result.verdict]) is not before.verdict:
            self.results[case.id] = result
        return self.results[case.id]

    def trouble(self, error: BaseException) -> None:
        """Write down what ended a run early; a stop that was asked for is nobody's error, everything else is ours."""
        self._stopped = True
        self._trouble = self._trouble or " ".join(str(error).split()) or type(error).__name__
        self._errors += not isinstance(error, KeyboardInterrupt)
        self.record.write(Problem(None, type(error).__name__, str(error)))

    def end(self, volatile: dict[str, Any]) -> RunEnded:
        """Check the bench again, make it safe, count, and close the record. Whatever fails here is written down."""
        try:
            if self._stopped:
                self._withdraw("the run ended early, so that the bench was not checked after it")
            else:
                self._check_end()
        except (Exception, KeyboardInterrupt) as error:
            self.trouble(error)
            self._withdraw("the end check of the bench could not be made")
        try:
            safety = self.bench.make_safe()
            self.record.write(MadeSafe(None, safety.ok, tuple(safety.actions)))
            self._errors += not safety.ok
        except (Exception, KeyboardInterrupt) as error:
            self.trouble(error)
        ended = self._ended()
        self.record.write(ended, volatile)
        if self.compare is not None:
            reason = self.compare(ended)
            self.record.write(ReplayCompared(not reason, reason))
        self.record.close()
        return ended

    def _check_end(self) -> None:
        bad = [result for result in self._check("end") if not result.ok]
        failed = [f"{result.quantity} ({result.reason})" if result.reason else result.quantity for result in bad]
        environment = self.bench.environment_now("end")
        self.record.write(environment)
        if failed:
            self._withdraw(f"the end check of the bench failed: {', '.join(failed)}")
        elif not environment.ok:
            self._withdraw(f"at the end {environment.reason}")
        elif self._doubt:
            self._withdraw(self._doubt)

    def _compare(self, subject: Subject, device: InstrumentIdentified) -> None:
        """Find out that the device on the bench is the one that claims, answers and options are about.

        On a virtual bench any claims may be tried on any device: nothing there is evidence, and the record notes it.

        Raises:
            ConfigError: It is another one.
        """
        claimed = self.prepared.claims.content.device
        answers = self.prepared.inspections
        inspected = answers.content.item if answers is not None and answers.content.item != "any" else ""
        pairs = [
            ("firmware", device.firmware, subject.firmware, "--firmware has it"),
            ("serial number", device.serial, subject.serial, "--item has it"),
            ("maker", device.maker, claimed.manufacturer, "the claims have it"),
            ("model", device.model, claimed.model, "the claims have it"),
            ("firmware", device.firmware, claimed.firmware, "the claims have it"),
            ("serial number", device.serial, inspected, "the inspections have it"),
        ]
        for what, said, wanted, whose in pairs:
            if wanted and said != wanted:
                text = f"the item says that its {what} is {said!r}, and must be {wanted!r} as {whose}"
                if whose == "--firmware has it" or not self.bench.facts()["virtual"]:
                    raise ConfigError(f"{text}: put the item on the bench that is meant")
                self.record.write(Note(text))

    def _check(self, when: str) -> list[CheckStandard]:
        results = list(self.bench.check(when))
        for result in results:
            self.record.write(result)
        failed = [r for r in results if not r.ok]
        if failed and when == "start":
            off = failed[0]
            why = off.reason or f"En = {off.En:.2f}, beyond the action limit"
            raise HarnessError(
                f"the check standard {off.quantity!r} measured {off.value:.6g} {off.unit} and must be "
                f"{off.reference:.6g} {off.unit} ({why}): repair the bench"
            )
        return results

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
