"""A rehearsal of plans on the virtual twin of a bench, and what its record says of the bench."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fixtures.bench_file import BenchFile
from harness.certification import Certification, Prepared, Subject
from harness.commands import running
from harness.commands.options import REFERENCE_CONTROLLER
from harness.documents import Document
from harness.errors import HarnessError
from harness.finding import Finding, State
from harness.record import Record
from harness.sufficiency import Sufficiency, sufficiency


def rehearse(
    document: Document[BenchFile], drivers: Mapping[str, str], utc: datetime, ready: Prepared, seed: int
) -> Sufficiency:
    """Run plans on the virtual twin of a bench with the reference device, and return what cannot be decided there."""
    from fixtures.opening import open_on
    from fixtures.rehearsal import check_findings, twin_of, without_twin
    from fixtures.wires import BenchWires

    if unknown := sorted(document.content.instruments.keys() - drivers.keys()):
        text = f"nothing could be rehearsed: nobody knows what stands at {', '.join(unknown)}"
        return _nothing(text, "put that in order first")
    if missing := without_twin(drivers):
        text = f"nothing could be rehearsed: there is no virtual {', '.join(missing)}"
        return _nothing(text, "compare the limits of the plans with its data sheet by hand")
    try:
        twin = twin_of(document, drivers, utc)
        bench = open_on(twin, BenchWires(twin.content, seed=seed), seed=seed)
        try:
            with TemporaryDirectory() as folder:
                record = Path(folder) / "record.jsonl"
                subject = Subject("", "", "the doctor", "nobody", seed, {}, REFERENCE_CONTROLLER)
                running.run(Certification(ready, bench, Record(record, bench.clock)), subject)
                judged = sufficiency(record)
                return replace(judged, findings=judged.findings + check_findings(document.content, record))
        finally:
            bench.close()
    except HarnessError as error:
        return _nothing(f"the plans could not be rehearsed: {error}", "")


def _nothing(text: str, advice: str) -> Sufficiency:
    """Return that nothing is known, which is not enough."""
    return Sufficiency([Finding("rehearsal", "virtual twin", State.PROBLEM, text, advice)], [], [])
