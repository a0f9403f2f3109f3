"""In whatever format a result leaves, it says that a bench was virtual, plans not approved, or that it is a replay."""

import json
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from reports import Run, load
from reports.allure import write_allure
from reports.amended import applied
from reports.amendments import WITHDRAWN, Amendment, Change
from reports.interchange.atml import atml
from reports.interchange.clause_table import as_csv, as_html
from reports.interchange.in_toto import in_toto
from reports.interchange.junit import junit
from reports.interchange.results import results_json
from reports.interchange.tables import tables
from tests.reports.small_records import passing_record, small_record
from tests.reports.tampering import reseal

REPLAY = {"log": "wires.jsonl", "utc": "2026-01-31T09:00:00+00:00"}
MARKS = (
    "VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY",
    "DEVELOPMENT RUN, PLANS NOT APPROVED",
    "replay of wires.jsonl, logged on 2026-01-31T09:00:00+00:00: no bench took part",
)


def csv_lines(run: Run) -> Iterator[str]:
    """Give each line of results of each table, as it may be cut out of its file; the table of facts is one piece."""
    for name, content in tables(run).items():
        header, *lines = content.decode().splitlines()
        yield from ["\n".join(lines)] if name == "run" else lines
        assert name == "run" or header.endswith("remarks")


def allure_results(run: Run) -> Iterator[str]:
    """Give each result of Allure, each table, and what stands beside them all."""
    for path in write_allure(run, run.folder / "allure").iterdir():
        if path.suffix != ".svg":
            yield path.read_text(encoding="utf-8")


FORMATS: dict[str, Callable[[Run], Iterator[str]]] = {
    "JUnit": lambda run: iter([junit(run).decode()]),
    "results.json": lambda run: iter([results_json(run).decode()]),
    "CSV": csv_lines,
    "ATML": lambda run: iter([atml(run).decode()]),
    "in-toto": lambda run: iter([in_toto(run).decode()]),
    "clause table as CSV": lambda run: iter(as_csv(run).decode().splitlines()[1:]),
    "clause table as a page": lambda run: iter([as_html(run)]),
    "Allure": allure_results,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A replay on a virtual bench, of plans that nobody approved."""
    folder = small_record(tmp_path_factory.mktemp("runs") / "run").write()

    def replayed(entries: list[dict[str, Any]]) -> None:
        entries[0]["volatile"]["replay"] = REPLAY

    reseal(folder, replayed)
    return load(folder)


@pytest.mark.parametrize("name", FORMATS)
def test_every_piece_of_every_format_says_what_it_is_no_evidence_of(run: Run, name: str) -> None:
    """A file, and of a table each line, names all three."""
    pieces = list(FORMATS[name](run))

    assert pieces
    for piece in pieces:
        assert [mark for mark in MARKS if mark not in piece] == [], piece[:300]


def test_a_withdrawn_result_is_no_pass_in_any_format(tmp_path: Path) -> None:
    """An export of an amended report says what was amended and why, and nobody finds a pass any more."""
    run = load(passing_record(tmp_path / "run").write())
    (case,) = run.rows.cases
    change = Change(WITHDRAWN, case, "P", "N/E")
    amends = {"run": run.id, "document": run.id}
    amended = applied(run, Amendment(1, f"{run.id}-A1", amends, "the probe was loose", (change,), "", "", ()))

    assert f'<testcase classname="OUT" name="{case}"' in junit(amended).decode()
    assert json.loads(results_json(amended))["cases"][0]["verdict"] == "N/E"
    assert json.loads(in_toto(amended))["predicate"]["passedTests"] == []
    assert b'value="Passed"' not in atml(amended).split(b"<tr:Test ")[0]
    for name, pieces in FORMATS.items():
        told = "" if name == "Allure" else f" (the probe was loose): {case}: P became N/E"
        for piece in pieces(amended):
            assert f"Amendment 1 to report {run.id}{told}" in unescape(piece), name
    assert not_passed(amended) == {"verdict", case}


def not_passed(run: Run) -> set[str]:
    """Return the results of Allure that have not passed."""
    results = [json.loads(path.read_bytes()) for path in (run.folder / "allure").glob("*-result.json")]
    return {result["fullName"].partition(".")[2] for result in results if result["status"] != "passed"}
