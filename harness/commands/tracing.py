"""Cases run in process, on the virtual bench with the reference device, to find out what they ask of the claims."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.casebook import CaseResult
from harness.cases import PlannedCase
from harness.certification import Certification
from harness.claim_tracing import Recording
from harness.claims import Claims
from harness.commands import compose
from harness.commands.options import (
    DEFAULT_SEED,
    REFERENCE_CLAIMS,
    REFERENCE_CONTROLLER,
    REFERENCE_DEVICE,
    VIRTUAL_BENCH,
)
from harness.events import Event
from harness.prepared import Prepared, Subject
from harness.record import Record


def run_in_process(
    ready: Prepared,
    cases: Iterable[PlannedCase],
    *,
    given_to_methods: Claims | None = None,
    observer: Callable[[Event], None] | None = None,
) -> Iterator[tuple[PlannedCase, CaseResult]]:
    """Yield what some cases of a plan come to on the reference device, each as soon as it is run.

    Args:
        ready: The plans, with the claims that they are unfolded against.
        cases: Those to run.
        given_to_methods: What the methods are given in place of these claims; they must say the same.
        observer: Called with each event of the record.

    Raises:
        HarnessError: The bench cannot be opened or measured on, or cannot be made safe.
    """
    from fixtures.opening import open_bench

    raw, facts = compose.device_model(REFERENCE_DEVICE)
    chosen = tuple(cases)
    with (
        TemporaryDirectory(prefix="iontobench-") as place,
        closing(open_bench(VIRTUAL_BENCH, seed=DEFAULT_SEED, device_model=raw)) as bench,
    ):
        record = Record(Path(place) / "record.jsonl", bench.clock, lasting=False)
        if observer is not None:
            record.observers.append(observer)
        certification = Certification(replace(ready, cases=chosen), bench, record)
        try:
            certification.begin(Subject("", "", "", "", DEFAULT_SEED, facts, REFERENCE_CONTROLLER), {})
            if given_to_methods is not None:
                certification.prepared = replace(certification.prepared, claims=given_to_methods)
            for case in chosen:
                yield case, certification.run(case)
        finally:
            certification.end({})


def asked_by_methods(plans: list[Path]) -> dict[str, set[str]]:
    """Return the claims that the methods of some plans ask for while they run, by base id of the case.

    They are asked for of the reference device, so that what only another device is asked for is not among them.

    Raises:
        HarnessError: The reference device cannot be run.
    """
    ready = compose.prepared(REFERENCE_CLAIMS, plans, None)
    recording = Recording(ready.claims.document)
    found: dict[str, set[str]] = {}
    for case, _ in run_in_process(ready, ready.cases, given_to_methods=recording):
        found.setdefault(case.base, set()).update(recording.asked)
        recording.asked.clear()
    return found
