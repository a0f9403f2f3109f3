"""The in-toto statement: in-toto's own classes take it, its digest is that of the file, and nothing open is PASSED."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult as Result
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementFile

from reports import load
from reports.interchange.in_toto import in_toto
from reports.summary import VIRTUAL_BANNER
from tests.reports.small_records import passing_record, small_record


def statement(folder: Path) -> dict[str, Any]:
    """Return the statement of a run, which in-toto's own classes find valid."""
    said: dict[str, Any] = json.loads(in_toto(load(folder)))
    Statement.copy_from_pb(ParseDict(said, StatementFile())).validate()
    return said


def test_another_reader_finds_result_plans_and_tests(tmp_path: Path) -> None:
    """The predicate is a test-result as in-toto defines it, with each case under its verdict."""
    said = statement(small_record(tmp_path / "run").write())
    read = ParseDict(said["predicate"], Result(), ignore_unknown_fields=True)

    assert said["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert read.result == "FAILED"
    assert list(read.failed_tests) == ["OUT-010[hands-highest-10 kΩ-90 %]"]
    assert list(read.warned_tests) == ["OUT-020[feet]"]
    assert list(read.passed_tests) == ["OUT-010[hands-lowest-500 Ω-nominal]", "FLT-010[phase 1]"]
    for plan in read.configuration:
        ResourceDescriptor.copy_from_pb(plan).validate()
    assert len(read.configuration) >= 2


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not installed")
def test_the_subject_is_the_record_as_sha256sum_reads_it(tmp_path: Path) -> None:
    """Whoever has the statement can tell its record with a tool of the system."""
    folder = passing_record(tmp_path / "run").write()
    (subject,) = statement(folder)["subject"]

    found = subprocess.run(["sha256sum", str(folder / "record.jsonl")], capture_output=True, check=True, text=True)

    assert (subject["name"], subject["digest"]["sha256"]) == ("record.jsonl", found.stdout.split()[0])


def test_a_run_that_was_cut_off_has_not_passed(tmp_path: Path) -> None:
    """Where each case passed and the record was never closed, a program that asks for PASSED does not find it."""
    folder = passing_record(tmp_path / "run").write()
    assert statement(folder)["predicate"]["result"] == "PASSED"
    lines = (folder / "record.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "record.jsonl").write_bytes(b"".join(lines[:-1]))

    assert statement(folder)["predicate"]["result"] == "FAILED"


def test_the_statement_says_what_the_run_is_no_evidence_of(tmp_path: Path) -> None:
    """Marks and what keeps the result from being approved stand in the predicate."""
    predicate = statement(small_record(tmp_path / "run").write())["predicate"]

    assert VIRTUAL_BANNER in predicate["marks"]
    assert "the bench is virtual" in predicate["obstacles"]


def test_a_manifest_is_a_subject_too(tmp_path: Path) -> None:
    """Of a run that was sealed the statement is about the list of its files as well."""
    folder = passing_record(tmp_path / "run").write()
    (folder / "manifest.json").write_bytes(b"{}\n")

    assert statement(folder)["subject"][1] == {
        "name": "manifest.json",
        "digest": {"sha256": hashlib.sha256(b"{}\n").hexdigest()},
    }
