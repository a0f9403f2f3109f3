"""What a run was given: everything that is another one is named, and where a file stands does not matter."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import given as module
from harness.commands.compose import prepared
from harness.commands.options import (
    PLANS_FOLDER,
    REFERENCE_CLAIMS,
    REFERENCE_EXTERNALS,
    REFERENCE_INSPECTIONS,
    VIRTUAL_BENCH,
)
from harness.errors import ConfigError
from harness.given import FileGiven, Given, differences, given
from harness.prepared import Prepared, Subject

PLANS = [PLANS_FOLDER / "tingling_levels.yaml", PLANS_FOLDER / "inspections.yaml"]
SUBJECT = Subject("1", "", "", "", 1, {}, "")
OTHER = FileGiven(path="other.yaml", sha256="0" * 64)


@pytest.fixture(scope="module")
def ready() -> Prepared:
    """Two plans with their claims and answers."""
    return prepared(REFERENCE_CLAIMS, PLANS, REFERENCE_INSPECTIONS)


@pytest.fixture(scope="module")
def was(ready: Prepared) -> Given:
    """What a run with them was given."""
    return given(ready, SUBJECT, VIRTUAL_BENCH)


def test_the_same_differs_in_nothing(ready: Prepared, was: Given) -> None:
    """And comes back from JSON as it was."""
    assert differences(was, ready) == []
    assert Given.model_validate_json(was.model_dump_json()) == was


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda was: {"harness": "0.0.0"}, "the harness was 0.0.0"),
        (lambda was: {"claims": OTHER}, "other.yaml (000000000000) was given, and it is test_plans/claims/reference"),
        (lambda was: {"plans": [OTHER, was.plans[1]]}, "and it is test_plans/tingling_levels.yaml"),
        (lambda was: {"plans": [*was.plans, OTHER]}, "there were 3 plans, and there are 2"),
        (lambda was: {"plans": was.plans[:1]}, "there were 1 plans, and there are 2"),
        (lambda was: {"plans": was.plans[::-1]}, "inspections.yaml"),
        (lambda was: {"inspections": None}, "no file was given, and it is test_plans/inspections/reference.yaml"),
        (lambda was: {"inspections": OTHER}, "other.yaml"),
        (lambda was: {"externals": None}, "no file was given, and it is test_plans/external_results/reference.yaml"),
        (lambda was: {"externals": OTHER}, "other.yaml"),
        (lambda was: {"standards": {**was.standards, "EN 1": "0"}}, "standards changed: EN 1"),
        (lambda was: {"standards": dict.fromkeys(was.standards, "0")}, "standards changed: "),
        (lambda was: {"standards": {}}, "standards changed: "),
        (lambda was: {"requirements": {**was.requirements, "REQ-X": "0"}}, "requirements changed: REQ-X"),
        (lambda was: {"requirements": {}}, "requirements changed: "),
        (lambda was: {"hazards": "0"}, "the hazard analysis changed"),
    ],
    ids=[
        "harness",
        "claims",
        "a plan",
        "more plans",
        "fewer plans",
        "plans in another order",
        "no answers",
        "other answers",
        "no external results",
        "other external results",
        "a standard more",
        "another standard",
        "no standards",
        "a requirement more",
        "no requirements",
        "other hazards",
    ],
)
def test_what_is_another_one_is_named(change: Any, expected: str, ready: Prepared, was: Given) -> None:
    """Each part that decides what is run, or how it is judged."""
    found = differences(was.model_copy(update=change(was)), ready)

    assert expected in "; ".join(found)


def test_no_answers_now_where_there_were_some_differs(ready: Prepared, was: Given) -> None:
    """An inspection would not be evaluated."""
    assert "and it is no file now" in "; ".join(differences(was, replace(ready, inspections=None)))


def test_where_a_file_stands_does_not_matter(tmp_path: Path, was: Given) -> None:
    """The same bytes in another folder are the same claims."""
    copy = shutil.copy(REFERENCE_CLAIMS, tmp_path / "mine.yaml")

    assert differences(was, prepared(Path(copy), PLANS, REFERENCE_INSPECTIONS, REFERENCE_EXTERNALS)) == []


def test_a_bench_file_that_is_no_utf_8_is_refused(tmp_path: Path, ready: Prepared) -> None:
    """What is kept of it must be what it says, byte for byte."""
    (tmp_path / "bench.yaml").write_bytes(b"bench: \xff\n")

    with pytest.raises(ConfigError, match=r"bench\.yaml: byte 7 is no UTF-8"):
        module.given(ready, SUBJECT, tmp_path / "bench.yaml")
