"""A run folder, loaded: its record proved line by line and turned into tables.

run = load("runs/2026-01-31-001")
run.measurements.groupby("name").p_nonconforming.max()
run.waveform(run.rows.waveforms[0])
"""

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EvidenceError
from reports import rows
from reports.chain import Chain, read_chain
from reports.doubts import COMPLIES, CONDITIONAL, FAILS, INCOMPLETE, doubts
from reports.fold import Tables
from reports.waveforms import Samples, read_samples

if TYPE_CHECKING:
    import pandas as pd

    from reports.amendments import Amendment


class Run:
    """One run, as its record tells it.

    The same rows are offered twice: `rows` as plain objects, which costs nothing, and as pandas tables.

    Attributes:
        folder: The run folder.
        rows: Every table as a list of rows (see reports/rows.py).
        head: SHA-256 that seals the whole record.
        count: Number of events.
        doubts: What speaks against this record as a whole, in words; empty if nothing does.
        amendments: Those that are put over the rows (reports/amended.py); none of a run as it was loaded.
    """

    def __init__(self, folder: Path, chain: Chain, tables: Tables) -> None:
        self.folder = folder
        self.rows = tables
        self.head = chain.head
        self.count = chain.count
        self._torn = bool(chain.torn_line)
        self.doubts = doubts(folder, chain, tables)
        self.amendments: tuple[Amendment, ...] = ()

    @property
    def id(self) -> str:
        """Name of the run, or of its amended report."""
        if self.amendments:
            return self.amendments[-1].document
        return str(self.rows.opened_volatile.get("run") or self.folder.name)

    @property
    def virtual(self) -> bool:
        """Whether the bench was virtual; a record that does not say so clearly counts as virtual."""
        return self.rows.opened.get("bench", {}).get("virtual") is not False

    @property
    def replay(self) -> str:
        """What this run is a replay of, in words; "" if it is none."""
        said = self.rows.opened_volatile.get("replay")
        if not isinstance(said, dict):
            return ""
        return f"replay of {said.get('log')}, logged on {said.get('utc')}: no bench took part"

    @property
    def complete(self) -> bool:
        """Whether the record was closed by the run itself."""
        return self.rows.ended is not None

    @property
    def verdict(self) -> str:
        """The worse of what the record says and what its cases say: one of the four words above."""
        verdicts = {case.verdict for case in self.rows.cases.values()}
        said = self.rows.ended["verdict"] if self.rows.ended else INCOMPLETE
        if "F" in verdicts or said == FAILS:
            return FAILS
        if said in (COMPLIES, CONDITIONAL) and verdicts <= {"P", "N/A"} and "P" in verdicts and not self.doubts:
            return CONDITIONAL if said == CONDITIONAL or self.counts["conditional"] else COMPLIES
        return INCOMPLETE

    @property
    def counts(self) -> dict[str, int]:
        """Number of cases by verdict, and of those that passed only conditionally."""
        cases = self.rows.cases.values()
        counts = {verdict: sum(case.verdict == verdict for case in cases) for verdict in ("P", "F", "N/A", "N/E")}
        counts["conditional"] = sum(case.conditional for case in cases)
        return counts

    @cached_property
    def content_head(self) -> str:
        """SHA-256 of what may not differ between equal runs; empty for a record whose last line was cut off."""
        from harness.record import content_head

        return "" if self._torn else content_head(self.folder / "record.jsonl")

    @cached_property
    def measurements(self) -> "pd.DataFrame":
        """One line for each measured value, without its budget."""
        return _table(rows.Measurement, self.rows.measurements, leave_out=("budget",))

    @cached_property
    def readings(self) -> "pd.DataFrame":
        """One line for each component of each measured value's uncertainty budget, in the unit of the value."""
        import pandas as pd

        columns = ["seq", "case", "name", "unit", "source", "u", "distribution", "dof", "figure"]
        lines = [
            (row.seq, row.case, row.name, row.unit, *component)
            for row in self.rows.measurements
            for component in row.budget
        ]
        return pd.DataFrame(lines, columns=columns)

    @cached_property
    def observations(self) -> "pd.DataFrame":
        """One line for each thing that was seen rather than measured."""
        return _table(rows.Observation, self.rows.observations)

    @cached_property
    def waveforms(self) -> "pd.DataFrame":
        """One line for each waveform that was kept; `run.waveform(row)` reads its samples."""
        return _table(rows.WaveformRow, self.rows.waveforms)

    @cached_property
    def steps(self) -> "pd.DataFrame":
        """One line for each step of each attempt."""
        return _table(rows.Step, self.rows.steps)

    @cached_property
    def cases(self) -> "pd.DataFrame":
        """One line for each planned case."""
        return _table(rows.Case, list(self.rows.cases.values()))

    @cached_property
    def instruments(self) -> "pd.DataFrame":
        """One line for each instrument, with its certificate."""
        return _table(rows.Instrument, self.rows.instruments)

    @cached_property
    def requirements(self) -> "pd.DataFrame":
        """One line for each requirement, with the verdict of the cases that speak for it."""
        import pandas as pd

        from reports.summary import requirement_results

        table = _table(rows.Requirement, self.rows.requirements)
        results = requirement_results(self)
        table["verdict"] = pd.Series([result.verdict for result in results], dtype="str")
        table["cases"] = pd.Series([len(result.cases) for result in results], dtype="int64")
        return table

    @cached_property
    def check_standards(self) -> "pd.DataFrame":
        """One line for each check of the bench against something known."""
        return _table(rows.CheckStandard, self.rows.check_standards)

    @cached_property
    def environment(self) -> "pd.DataFrame":
        """One line for each time that temperature and humidity were read."""
        return _table(rows.Environment, self.rows.environment)

    @cached_property
    def problems(self) -> "pd.DataFrame":
        """One line for each trouble of our side."""
        return _table(rows.Problem, self.rows.problems)

    def waveform(self, row: rows.WaveformRow) -> Samples:
        """Return the samples of one kept waveform, checked against its fingerprint.

        Raises:
            EvidenceError: The file is missing, was altered, or is no waveform.
        """
        return read_samples(self.folder, row)


def load(folder: str | Path) -> Run:
    """Return the run in a folder that holds record.jsonl.

    A record that was never closed, whose last line was cut off, whose parts contradict each other, or whose waveform
    files are not what was recorded, is loaded and says so in `doubts`.

    Raises:
        EvidenceError: There is no record, or it was altered, or it cannot be understood; the text names the line.
    """
    path = Path(folder)
    if path.name == "record.jsonl":
        path = path.parent
    tables = Tables()
    chain = read_chain(path / "record.jsonl", tables.add)
    try:
        tables.close()
        return Run(path, chain, tables)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise EvidenceError(f"{path / 'record.jsonl'}, its lines do not fit each other: {error}") from error


def _table(kind: type[Any], lines: Sequence[Any], leave_out: tuple[str, ...] = ()) -> "pd.DataFrame":
    """Return rows as a table; its columns are there even if no row is, and a missing number is NaN."""
    import pandas as pd

    columns = {}
    for field in fields(kind):
        if field.name not in leave_out:
            column = [getattr(line, field.name) for line in lines]
            number = str(field.type) in ("float", "float | None")
            columns[field.name] = pd.Series(column, dtype="float64") if number else pd.Series(column, dtype="object")
    return pd.DataFrame(columns).infer_objects()
