"""The one executor: every case that is ever run is run by run_case, whoever asks for it."""

from functools import partial
from typing import Any

from harness.casebook import CaseBench, Casebook, CaseResult
from harness.cases import PlannedCase
from harness.claims import Claims, Undeclared
from harness.errors import (
    CalibrationError,
    EvidenceError,
    GarbledError,
    HarnessError,
    Stopped,
    SupervisorLost,
    Unequipped,
)
from harness.events import CaseEnded, CaseStarted, MadeSafe, Observed, Problem
from harness.externals import ExternalResult, outcome
from harness.inspections import Answer
from harness.limits import Verdict
from harness.methods import Method
from harness.record import Record
from harness.steps import Steps
from harness.stopping import SIGNALS


class NotSafe(HarnessError):  # noqa: N818 - it is a state of the bench
    """The bench could not be made safe: nothing more may be run on it."""


def run_case(
    case: PlannedCase,
    method: Method | None,
    claims: Claims,
    bench: CaseBench,
    record: Record,
    *,
    answer: Answer | None = None,
    external: ExternalResult | None = None,
    attempt: int = 1,
) -> CaseResult:
    """Run one case, make the bench safe, and record what it came to.

    A failure of our side makes it N/E whatever was measured, and the next case goes on; only a bench that cannot be
    made safe, a record that cannot be written, or a stop ends the run. A stop cuts the method short, and nothing else.

    Raises:
        Stopped: The run was asked to stop; the case is N/E and the bench is safe.
        NotSafe: The bench could not be made safe.
        SupervisorLost: Nobody would make the bench safe if this process died; the case is N/E and the bench is safe.
        EvidenceError: The record cannot be written.
    """
    with SIGNALS.held():
        return _run_case(case, method, claims, bench, record, answer, external, attempt)


def _run_case(
    case: PlannedCase,
    method: Method | None,
    claims: Claims,
    bench: CaseBench,
    record: Record,
    answer: Answer | None,
    external: ExternalResult | None,
    attempt: int,
) -> CaseResult:
    record.write(CaseStarted(case.id, attempt))
    book = Casebook(case, record, bench)
    verdict, conditional, reason, ours, reaches_back = Verdict.NOT_EVALUATED, False, "", False, False
    stopped: Stopped | None = None
    lost: SupervisorLost | None = None
    safety: str | None = None
    if case.missing:
        reason = str(Undeclared(case.missing))
    elif case.inapplicable:
        verdict, reason = Verdict.NOT_APPLICABLE, case.inapplicable
    elif case.inspection:
        verdict, reason = _inspect(book, answer)
    elif case.external:
        verdict, reason = _report(book, external)
    elif case.needs and (lack := bench.lacks(case.needs)):
        reason = lack
    else:
        try:
            SIGNALS.stoppable(partial(_measure, case, method, claims, bench, book))
            verdict, conditional, reason = book.close()
        except Undeclared as undeclared:
            reason = str(undeclared)
        except Unequipped as lack_of_bench:
            reason = str(lack_of_bench)
        except EvidenceError:
            bench.make_safe()
            raise
        except KeyboardInterrupt as stop:
            stopped = stop if isinstance(stop, Stopped) else Stopped(str(stop) or "by the operator")
            reason = f"{stopped.how}: {stopped}"
        except BaseException as error:
            # SystemExit, pytest.skip() and a cancelled coroutine are no Exception.
            # Whatever a method, a driver or a controller raises is our side's, and never evidence about the device.
            ours = True
            lost = error if isinstance(error, SupervisorLost) else None
            reaches_back = isinstance(error, (CalibrationError, GarbledError))
            reason = f"{type(error).__name__}: {error}"
            record.write(Problem(case.id, type(error).__name__, str(error)))
            record.begin_sync()
        safety = _make_safe(case, bench, record)
        if safety is not None:
            ours = True
            verdict, conditional, reason = Verdict.NOT_EVALUATED, False, safety
    record.write(CaseEnded(case.id, verdict.value, conditional, reason))
    record.begin_sync()
    result = CaseResult(case.id, verdict, conditional, reason, ours, reaches_back)
    if safety is not None:
        raise NotSafe(safety) from stopped
    if stopped is not None:
        raise stopped
    if lost is not None:
        raise SupervisorLost(f"{case.id}: {reason}") from lost
    return result


def _measure(case: PlannedCase, method: Method | None, claims: Claims, bench: CaseBench, book: Casebook) -> None:
    bench.begin_case(case.id, case.needs)
    assert method is not None
    bench_for_method: Any = bench
    method(bench_for_method, Steps(book), claims, **case.arguments)
    bench.end_case()


_NOT_SAFE = "the bench could not be made safe"


def _make_safe(case: PlannedCase, bench: CaseBench, record: Record) -> str | None:
    """Return None if the bench is safe, else why not."""
    try:
        safety = bench.make_safe()
    except Exception as error:
        record.write(MadeSafe(case.id, False, (f"{type(error).__name__}: {error}",)))
        record.write(Problem(case.id, type(error).__name__, str(error)))
        return str(error) if str(error).startswith(_NOT_SAFE) else f"{_NOT_SAFE}: {error}"
    record.write(MadeSafe(case.id, safety.ok, tuple(safety.actions)))
    return None if safety.ok else f"{_NOT_SAFE}: {'; '.join(safety.actions)}"


_ANSWERS = {
    "pass": Verdict.PASS,
    "fail": Verdict.FAIL,
    "not applicable": Verdict.NOT_APPLICABLE,
}


def _inspect(book: Casebook, answer: Answer | None) -> tuple[Verdict, str]:
    case = book.case
    if answer is None:
        return Verdict.NOT_EVALUATED, "the inspection is not answered"
    verdict = _ANSWERS[answer.result]
    words = f"inspected by {answer.inspector} on {answer.date}" + (f": {answer.remark}" if answer.remark else "")
    book.record.write(
        Observed(case.id, "Inspection", case.inspection, answer.result, "pass", verdict.value, words, "inspection")
    )
    return verdict, "" if verdict is Verdict.PASS else words


def _report(book: Casebook, external: ExternalResult | None) -> tuple[Verdict, str]:
    case, came_to = book.case, outcome(external)
    if external is not None:
        result, verdict = external.result, came_to.verdict.value
        book.record.write(
            Observed(case.id, "External result", case.external, result, "pass", verdict, came_to.reason, "external")
        )
    return came_to.verdict, came_to.reason
