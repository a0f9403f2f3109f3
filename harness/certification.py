"""A certification run, from the first line of its record to the last: what is planned, and what came of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from harness.casebook import CaseBench, CaseResult
from harness.cases import PlannedCase
from harness.clock import SECOND_NS
from harness.departures import departures
from harness.errors import ConfigError, EvidenceError, HarnessError
from harness.events import (
    CheckStandard,
    Environment,
    InstrumentIdentified,
    MadeSafe,
    Note,
    Problem,
    ReplayCompared,
    Resumed,
    RunEnded,
    VerdictWithdrawn,
)
from harness.executor import run_case
from harness.limits import Verdict, worst
from harness.opened import opened, planned
from harness.ordering import Order, run_order
from harness.past import Past, left_of
from harness.prepared import Prepared, Subject
from harness.record import Record
from harness.stopping import SIGNALS

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


@dataclass
class Certification:
    """A run in progress.

    Attributes:
        prepared: What is going to be run.
        bench: Where.
        record: The evidence.
        compare: Of a replay: tells what differs from the logged run, or "". The record has it before it is closed.
        results: What each case came to, so far.
        order: Chooses the order in which cases are run.
        past: Of a run that is resumed: what it came to before it was interrupted.
    """

    prepared: Prepared
    bench: CertificationBench
    record: Record
    compare: Callable[[RunEnded], str] | None = None
    results: dict[str, CaseResult] = field(default_factory=dict)
    order: Order = run_order
    past: Past | None = None
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
        if self.past is not None:
            self._resume(self.past, volatile)
            return
        record = self.record
        with SIGNALS.held():  # a run that is stopped closes its record with all cases, and must have named them
            record.write(opened(self.prepared, subject, self.bench.facts()), volatile)
            for instrument in self.bench.identified():
                record.write(instrument)
            for case in self.prepared.cases:
                record.write(planned(case, self.prepared.methods[case.id]))
        SIGNALS.stoppable(partial(self._check_all, subject))
        record.sync()

    def _check_all(self, subject: Subject) -> None:
        """Find out that bench and device are those that are meant, and in order."""
        self._check_start("start")
        device = self.bench.identify_device()
        self.record.write(device)
        self._compare(subject, device)

    def _resume(self, past: Past, volatile: dict[str, Any]) -> None:
        """Go on with a run that was interrupted: take over what it came to, and check the bench anew.

        An attempt that was cut short counts only if something in it did not pass: what failed is not healed by pulling
        the plug. The check of the bench that follows stands for the cases before it too.
        """
        # A run that is stopped meanwhile takes these back: it must know of them from the first line on.
        self.results, self._attempts = past.results, Counter(past.attempts)
        with SIGNALS.held():
            past.interrupt(self.record)
            if past.running and past.spoiled:
                past.cut_short(self.record)
            self._errors, self._trouble, self._doubt = past.errors, past.trouble, past.doubt
            left, given_up = (tuple(case.id for case in cases) for cases in left_of(past, self.prepared.cases))
            self.record.write(Resumed(past.same(), left, given_up), volatile)
        SIGNALS.stoppable(partial(self._check_start, "resumed"))
        self.record.sync()

    def to_run(self) -> tuple[PlannedCase, ...]:
        """Return the cases that are run, in order: all, or those that are left of a run that is resumed."""
        cases = self.prepared.cases
        return self.order(cases if self.past is None else left_of(self.past, cases)[0])

    def run(self, case: PlannedCase) -> CaseResult:
        """Run a case by the one executor; run again, the worst of its attempts counts, and all are kept.

        Raises:
            Stopped: The run was asked to stop.
            HarnessError: The run cannot go on.
        """
        answers, externals = self.prepared.inspections, self.prepared.externals
        self._attempts[case.id] += 1
        result = run_case(
            case,
            self.prepared.methods[case.id],
            self.prepared.claims,
            self.bench,
            self.record,
            answer=answers.content.answers.get(case.base) if answers is not None else None,
            external=externals.content.results.get(case.base) if externals is not None else None,
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
        with SIGNALS.held():
            try:
                if self._stopped:
                    self._withdraw("the run ended early, so that the bench was not checked after it")
                else:
                    SIGNALS.stoppable(self._check_end)
            except (Exception, KeyboardInterrupt) as error:
                self.trouble(error)
                self._withdraw("the end check of the bench could not be made")
            return self._close(volatile)

    def _close(self, volatile: dict[str, Any]) -> RunEnded:
        try:
            safety = self.bench.make_safe()
            self.record.write(MadeSafe(None, safety.ok, tuple(safety.actions)))
            self._errors += not safety.ok
        except (Exception, KeyboardInterrupt) as error:
            self.trouble(error)
        try:
            ended = self._ended()
            self.record.write(ended, volatile)
            if self.compare is not None:
                reason = self.compare(ended)
                self.record.write(ReplayCompared(not reason, reason))
        except BaseException:
            # The first error says what to do; a supervisor that has something to add waits until the record is let go.
            with suppress(EvidenceError):
                self.record.close()
            raise
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
        """Find out that the device on the bench is the one that claims, answers, results and options are about.

        On a virtual bench any claims may be tried on any device: nothing there is evidence, and the record notes it.

        Raises:
            ConfigError: It is another one.
        """
        answers, externals = self.prepared.inspections, self.prepared.externals
        found = departures(
            {"maker": device.maker, "model": device.model, "serial": device.serial, "firmware": device.firmware},
            {"serial": subject.serial, "firmware": subject.firmware},
            self.prepared.claims.content.device,
            answers.content.item if answers is not None else "",
            externals.content.item if externals is not None else "",
        )
        for departure in found:
            if departure.refused or not self.bench.facts()["virtual"]:
                raise ConfigError(f"{departure.text}: put the item on the bench that is meant")
            self.record.write(Note(departure.text))

    def _check_start(self, when: str) -> None:
        """Find out that the bench can be measured on, before anything is switched on that is not its own.

        Raises:
            HarnessError: It cannot.
        """
        self.bench.before_energising = self.record.sync
        environment = self.bench.environment_now(when)
        self.record.write(environment)
        if not environment.ok:
            raise HarnessError(f"{environment.reason}: nothing can be judged here until it is")
        self._check(when)

    def _check(self, when: str) -> list[CheckStandard]:
        results = list(self.bench.check(when))
        for result in results:
            self.record.write(result)
        failed = [r for r in results if not r.ok]
        if failed and when != "end":
            off = failed[0]
            why = off.reason or f"En = {off.En:.2f}, beyond the action limit"
            raise HarnessError(
                f"the check standard {off.quantity!r} measured {off.value:.6g} {off.unit} and must be "
                f"{off.reference:.6g} {off.unit} ({why}): repair the bench"
            )
        return results

    def _withdraw(self, reason: str) -> None:
        """Turn what was measured since the last good check into N/E."""
        elsewhere = {case.id for case in self.prepared.cases if not case.method}
        for case, result in self.results.items():
            if result.verdict in (Verdict.PASS, Verdict.FAIL) and case not in elsewhere:
                self.record.write(VerdictWithdrawn(case, result.verdict.value, reason))
                self.results[case] = CaseResult(case, Verdict.NOT_EVALUATED, False, reason, False)

    def _ended(self) -> RunEnded:
        cases = [case.id for case in self.prepared.cases]
        return closing(cases, self.results, self._errors, self._trouble, self.record.clock.now_ns())


def closing(cases: Iterable[str], results: Mapping[str, CaseResult], errors: int, trouble: str, at_ns: int) -> RunEnded:
    """Return what a run comes to.

    Args:
        cases: All that were planned.
        results: What those came to that have a verdict.
        errors: Failures of our side.
        trouble: The first of them, in words.
        at_ns: Bench time.
    """
    verdicts = Counter({verdict.value: 0 for verdict in Verdict})
    conditional = 0
    for case in cases:
        # Planned and without a verdict is not evaluated, whoever kept it from being run.
        result = results.get(case)
        verdicts[(result.verdict if result else Verdict.NOT_EVALUATED).value] += 1
        conditional += bool(result and result.conditional)
    judged = verdicts["P"] + verdicts["F"]
    if verdicts["F"]:
        verdict, code = FAILS, 1
    elif errors:
        verdict, code = INCOMPLETE, 2
    elif verdicts["N/E"] or not judged:
        verdict, code = INCOMPLETE, 3
    else:
        verdict, code = CONDITIONAL if conditional else COMPLIES, 0
    return RunEnded(verdict, {**verdicts, "conditional": conditional}, code, trouble, at_ns / SECOND_NS)
