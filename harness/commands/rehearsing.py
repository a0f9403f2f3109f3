"""A rehearsal of plans on the virtual twin of a bench, and what its record says of the bench."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fixtures.bench_file import BenchFile
from harness.certification import Certification
from harness.commands import running
from harness.commands.options import REFERENCE_CONTROLLER
from harness.documents import Document
from harness.errors import HarnessError
from harness.events import Event
from harness.finding import Finding, State
from harness.ordering import Order, run_order
from harness.prepared import Prepared, Subject
from harness.record import Record
from harness.sufficiency import Sufficiency, sufficiency

if TYPE_CHECKING:
    from fixtures.bench import Bench


def rehearse(
    document: Document[BenchFile], drivers: Mapping[str, str], utc: datetime, ready: Prepared, seed: int
) -> Sufficiency:
    """Run plans on the virtual twin of a bench with the reference device, and return what cannot be decided there."""
    from fixtures.rehearsal import check_findings, twin_of, without_twin

    if unknown := sorted(document.content.instruments.keys() - drivers.keys()):
        text = f"nothing could be rehearsed: nobody knows what stands at {', '.join(unknown)}"
        return _nothing(text, "put that in order first")
    if missing := without_twin(drivers):
        text = f"nothing could be rehearsed: there is no virtual {', '.join(missing)}"
        return _nothing(text, "compare the limits of the plans with its data sheet by hand")
    try:
        with run_through(twin_of(document, drivers, utc), ready, seed, "doctor") as record:
            judged = sufficiency(record)
            return replace(judged, findings=judged.findings + check_findings(document.content, record))
    except HarnessError as error:
        return _nothing(f"the plans could not be rehearsed: {error}", "")


@contextmanager
def run_through(
    document: Document[BenchFile],
    ready: Prepared,
    seed: int,
    purpose: str,
    *,
    order: Order = run_order,
    watch: "Callable[[Bench], Callable[[Event], None]] | None" = None,
) -> Iterator[Path]:
    """Run plans on a virtual bench with the reference device, and lend the record, which is gone afterwards.

    Args:
        document: The file of the virtual bench.
        ready: The plans.
        seed: Of everything that is random.
        purpose: What the run is for; it stands in the record where an operator would.
        order: Chooses the order of the cases.
        watch: Returns what is told of each event, of the bench that was opened, whose relay operations are counted.

    Raises:
        HarnessError: The bench could not be opened.
    """
    from fixtures.opening import open_on
    from fixtures.relay_count import counted_bench
    from fixtures.wires import BenchWires

    bench = open_on(document, BenchWires(document.content, seed=seed), seed=seed, kind=counted_bench)
    try:
        with TemporaryDirectory() as folder:
            record = Record(Path(folder) / "record.jsonl", bench.clock, lasting=False)
            if watch is not None:
                record.observers.append(watch(bench))
            subject = Subject("", "", purpose, "nobody", seed, {}, REFERENCE_CONTROLLER)
            running.run(Certification(ready, bench, record, order=order), subject)
            yield record.path
    finally:
        bench.close()


def _nothing(text: str, advice: str) -> Sufficiency:
    """Return that nothing is known, which is not enough."""
    return Sufficiency([Finding("rehearsal", "virtual twin", State.PROBLEM, text, advice)], [], [])
