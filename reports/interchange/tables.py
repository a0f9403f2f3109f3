"""A run as CSV, a file for each table, for a spreadsheet; numbers are not rounded, and stand beside their unit.

Every line of results says at its end what the run is no evidence of: a line that was cut out of its file still does.
A text that a spreadsheet would take for a formula begins with an apostrophe.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from io import StringIO
from pathlib import Path
from typing import Any, get_args, get_type_hints

from harness.errors import ConfigError
from reports.interchange.results import results
from reports.interchange.results_format import Results
from reports.interchange.shared import no_formula, write
from reports.run import Run

# What has a table of its own, or none.
_LEFT_OUT = ("budget", "declared", "counts", "accuracy")


def write_tables(run: Run, folder: Path) -> list[Path]:
    """Write a run as CSV files into a folder, which is made if it is not there; return their paths.

    Raises:
        ConfigError: The folder cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file: name a folder for the CSV files")
    return [write(folder / f"{name}.csv", content) for name, content in tables(run).items()]


def tables(run: Run) -> dict[str, bytes]:
    """Return the CSV files of a run by name, without ".csv"; a table without lines has its header."""
    made = results(run)
    remarks = "; ".join(made.run.remarks)
    facts = ((field.name, getattr(made.run, field.name)) for field in fields(made.run))
    found = {"run": _csv(("field", "value"), facts)}
    for name, kind in _kinds().items():
        columns = [field.name for field in fields(kind) if field.name not in _LEFT_OUT]
        lines = ([*(getattr(row, column) for column in columns), remarks] for row in getattr(made, name))
        found[name] = _csv([*columns, "remarks"], lines)
    columns = ["record_line", "case", "name", "unit", "source", "u", "distribution", "dof", "figure", "remarks"]
    found["budgets"] = _csv(columns, _budgets(made, remarks))
    return found


def _kinds() -> dict[str, type[Any]]:
    """Return the class of the lines of each table, by its name."""
    found = {name: get_args(hint) for name, hint in get_type_hints(Results).items()}
    return {
        name: args[0] for name, args in found.items() if args and isinstance(args[0], type) and is_dataclass(args[0])
    }


def _budgets(made: Results, remarks: str) -> Iterator[Sequence[Any]]:
    for row in made.measurements:
        for part in row.budget:
            place = (row.record_line, row.case, row.name, row.unit)
            yield (*place, part.source, part.u, part.distribution, part.dof, part.figure, remarks)


def _csv(columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in line] for line in lines)
    return text.getvalue().encode()


def _cell(value: object) -> str:
    """Return a field as a cell: numbers as they are, lists by "; ", nothing for what is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        words = "; ".join(map(str, value))
    elif isinstance(value, dict):
        words = "; ".join(f"{key}: {part}" for key, part in value.items())
    else:
        words = str(value)
    return no_formula(words)
