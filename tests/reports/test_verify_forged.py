"""Runs forged by somebody who remakes the chain, and has no key: each is found by what contradicts itself."""

import shutil
from pathlib import Path

import pytest

from fixtures.bench_told import tell_bench
from harness.commands.options import REFERENCE_EXTERNALS, REFERENCE_INSPECTIONS
from harness.qualification_record import write_record
from reports.verify import Anchors, verify
from tests.harness.certify_run import certify
from tests.harness.test_qualification_record import killed, made
from tests.reports.forging import FORGERIES, Entries, Forgery, copy_changed, forge


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a few cases that measure, ask an inspector, and ask another laboratory."""
    given = {"inspections": REFERENCE_INSPECTIONS, "external": REFERENCE_EXTERNALS}
    only = ["SES-040*", "INS-01*", "EXT-*"]
    plans = ("session_timing", "inspections", "external")
    return certify(tmp_path_factory.mktemp("runs"), *plans, only=only, **given).folder


def test_an_honest_run_contradicts_nothing(honest: Path) -> None:
    """Nothing is wrong with a run that nobody touched; that nobody vouches for it is told."""
    assert [str(one) for one in verify(honest, Anchors(), tell_bench) if one.wrong] == []


def test_the_stamp_of_a_qualification_is_that_of_its_record(tmp_path: Path) -> None:
    """A run keeps the record of the qualification that it names, and a stamp that says more than that is found."""
    qualification = write_record(made(tmp_path, killed()), tmp_path).parent
    folder = certify(tmp_path / "runs", "session_timing", only=["SES-040*"], qualification=qualification).folder

    assert [str(one) for one in verify(folder, Anchors(), tell_bench) if one.wrong] == []

    def praised(folder: Path, entries: Entries) -> str:
        entries[0]["volatile"]["qualification"]["killed"] += 40
        return "record.jsonl: line 1: killed of the qualification is not what the copy of its record comes to"

    words = forge(folder, praised)
    assert words in [str(one) for one in verify(folder, Anchors(), tell_bench)]


def test_a_plan_that_is_none_of_ours_is_told_to_be_another(honest: Path, tmp_path: Path) -> None:
    """A plan may be the lab's own: where nobody vouches for the run, it is said that it is not ours of that name."""
    folder = tmp_path / honest.name
    shutil.copytree(honest, folder)

    def revised(folder: Path, entries: Entries) -> str:
        copy_changed(folder, entries, "plans/session_timing.yaml", "revision: 1", "revision: 2")
        entries[0]["data"]["plans"][0]["revision"] = 2
        return "inputs/plans/session_timing.yaml: is not the file that this program has, under the same name"

    words = forge(folder, revised)
    found = [str(one) for one in verify(folder, Anchors(), tell_bench)]

    assert words in found, "\n".join(found)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.__name__)
def test_a_forgery_is_found_and_named(honest: Path, tmp_path: Path, forgery: Forgery) -> None:
    """Who edits the record, and what lies beside it, and remakes the chain, is found on the line, or by the file."""
    folder = tmp_path / honest.name
    shutil.copytree(honest, folder)
    words = forge(folder, forgery)

    found = [str(one) for one in verify(folder, Anchors(), tell_bench) if one.wrong]

    assert any(words in one for one in found), f"{words!r} is not in:\n" + "\n".join(found)
