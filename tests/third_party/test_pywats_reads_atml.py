"""pyWATS's reader of ATML, unchanged, on our documents: it finds every value, unit, limit and verdict.

Its release (0.6.0rc1) calls report classes that it does not have, and asks for a window system when its client package
is imported. So the package is entered beside its front door, and the reader is handed classes that keep what it says.
"""

import importlib
import importlib.util
import json
import math
import sys
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reports import load
from reports.interchange.atml import atml
from reports.rows import Measurement
from tests.reports.small_records import passing_record, small_record

FOUND = importlib.util.find_spec("pywats")
pytestmark = pytest.mark.skipif(FOUND is None, reason="pywats is not installed: tests/third_party/requirements.txt")
# What another reader makes of our verdicts; the reason stands beside them.
VERDICTS = {"P": "PASSED", "F": "FAILED", "N/E": "ERROR", "N/A": "SKIPPED"}


class Status(Enum):
    """The words of the reader for what came of a step or a report."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    DONE = "DONE"
    SKIPPED = "SKIPPED"
    ERROR = "ERROR"
    TERMINATED = "TERMINATED"
    RUNNING = "RUNNING"


@dataclass
class Kept:
    """What the reader says of a step, a group or the whole report."""

    name: str = ""
    value: Any = None
    limit: Any = None
    high_limit: float | None = None
    comp: Any = None
    unit: str | None = None
    status: Status = Status.DONE
    parts: list["Kept"] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add_sequence_call(self, name: str, _file: str) -> "Kept":
        """Keep a group."""
        return self._add(Kept(name))

    def add_step(self, name: str, _text: str) -> "Kept":
        """Keep an action."""
        return self._add(Kept(name))

    def add_numeric_limit_step(self, name: str, value: float, **limits: Any) -> "Kept":
        """Keep a number with its limits and its unit."""
        return self._add(Kept(name, value, limits.pop("low_limit", None), **limits))

    def add_string_value_step(self, name: str, value: str, limit: str, comp: Any) -> "Kept":
        """Keep a text with what it must be."""
        return self._add(Kept(name, value, limit, comp=comp))

    def _add(self, part: "Kept") -> "Kept":
        self.parts.append(part)
        return part


def report(**facts: Any) -> Kept:
    """Stand for the class of a report that the reader makes."""
    return Kept(facts=facts)


@pytest.fixture(scope="module")
def reader() -> Any:
    """The module of the reader, with classes that keep what it says."""
    assert FOUND is not None
    assert FOUND.origin is not None
    package = ModuleType("pywats_client")
    package.__path__ = [str(Path(FOUND.origin).parents[1] / "pywats_client")]
    sys.modules.setdefault("pywats_client", package)
    module: Any = importlib.import_module("pywats_client.converters.standard.atml_converter")
    module.UUTReport, module.StepStatus, module.ReportStatus = report, Status, Status
    return module


def read(reader: Any, folder: Path, document: Path) -> Kept:
    """Write the ATML of a run, and return what the reader finds in it."""
    from pywats_client.converters.context import ConverterContext
    from pywats_client.converters.models import ConverterSource

    document.write_bytes(atml(load(folder)))
    source, converter = ConverterSource.from_file(document), reader.ATMLConverter()
    assert converter.validate(source, ConverterContext()).message == "Valid ATML 6.01 file"
    result = converter.convert(source, ConverterContext())
    assert result.error is None, result.error
    return result.report


def test_it_finds_item_operator_and_the_verdict_of_the_whole(reader: Any, tmp_path: Path) -> None:
    """The head of its report is that of the run."""
    folder = small_record(tmp_path / "run").write()
    opened = json.loads((folder / "record.jsonl").read_bytes().splitlines()[0])["data"]

    found = read(reader, folder, tmp_path / "a.xml")

    assert found.status is Status.FAILED
    assert found.facts["part_number"] == opened["item"]["model"]
    assert found.facts["serial_number"] == opened["item"]["serial"]
    assert found.facts["operator"] == opened["operator"]


def test_it_finds_every_case_under_its_plan_with_its_verdict(reader: Any, tmp_path: Path) -> None:
    """N/E is an error to it and N/A skipped: neither is a pass, nor merely done."""
    folder = small_record(tmp_path / "run").write()
    lines = [json.loads(line) for line in (folder / "record.jsonl").read_bytes().splitlines()]
    ended = {line["data"]["case"]: line["data"]["verdict"] for line in lines if line["type"] == "case_ended"}

    found = read(reader, folder, tmp_path / "a.xml")

    cases = {case.name: case.status.name for plan in found.parts for case in plan.parts}
    assert cases == {name: VERDICTS[verdict] for name, verdict in ended.items()}
    assert set(ended.values()) == set(VERDICTS)


def test_it_finds_every_value_with_unit_and_limits_unrounded(reader: Any, tmp_path: Path) -> None:
    """Each judged line of the record is a step with the same number, unit, limits and verdict."""
    folder = small_record(tmp_path / "run").write()
    rows = load(folder).rows
    judged = [row for row in rows.measurements if row.rule]

    found = read(reader, folder, tmp_path / "a.xml")

    steps = [step for plan in found.parts for case in plan.parts for step in case.parts]
    numbers = [step for step in steps if isinstance(step.value, float)]
    assert sorted(map(said, numbers)) == sorted(map(recorded, judged))
    texts = [(step.value, step.limit, step.status.name) for step in steps if isinstance(step.value, str)]
    assert sorted(texts) == sorted((row.value, row.expected, VERDICTS[row.verdict]) for row in rows.observations)


def said(step: Kept) -> str:
    """Return a step in words; a single limit of either side is in the place of the low one to this reader."""
    limits = {"GE": (step.limit, None), "LE": (None, step.limit)}.get(step.comp.name, (step.limit, step.high_limit))
    return f"{step.name} {step.value} {step.unit} {limits} {step.status.name}"


def recorded(row: Measurement) -> str:
    """Return a line of the record in the same words."""
    value = math.nan if row.value is None else row.value
    return f"{row.name} {value} {row.unit} {(row.low, row.high)} {VERDICTS[row.verdict]}"


def test_a_run_that_was_cut_off_is_an_error_to_it(reader: Any, tmp_path: Path) -> None:
    """Where each case passed and the record was never closed, its report has not passed."""
    folder = passing_record(tmp_path / "run").write()
    assert read(reader, folder, tmp_path / "whole.xml").status is Status.PASSED
    lines = (folder / "record.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "record.jsonl").write_bytes(b"".join(lines[:-1]))

    assert read(reader, folder, tmp_path / "cut.xml").status is Status.ERROR
