"""The front door: each command does its one thing, prints it, and says what comes next."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from harness.plan import SUITES, find_plans
from tests.harness.certify_run import CHECKOUT, Run, certify, command, front_door

PLANS = CHECKOUT / "test_plans"
KINDS = {
    "bench": [*CHECKOUT.glob("fixtures/benches/*.yaml")],
    "claims": [*PLANS.glob("claims/*.yaml")],
    "inspections": [*PLANS.glob("inspections/*.yaml")],
    "plan": find_plans(PLANS),
    "requirements": [*PLANS.glob("requirements/*.yaml")],
    "standard": [*PLANS.glob("standards/*.yaml")],
    "suites": [PLANS / SUITES],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the inspections, which is quick."""
    return certify(tmp_path_factory.mktemp("runs"), "inspections", allure=tmp_path_factory.mktemp("allure"))


def test_plan_check_names_what_the_claims_leave_open(tmp_path: Path) -> None:
    """`plan check` goes through all plans, and counts the cases that a missing claim keeps from being evaluated."""
    whole = front_door(tmp_path, "plan", "check", "--static", COLUMNS="300")
    claims = PLANS / "claims" / "kawe-swisto3.yaml"
    public = front_door(tmp_path, "plan", "check", "--static", "--claims", claims, COLUMNS="300")

    assert whole.returncode == 0
    assert "is not declared" not in whole.stdout
    assert "output.tolerance is not declared in kawe-swisto3.yaml" in public.stdout


def test_plan_list_shows_every_case(tmp_path: Path) -> None:
    """`plan list` unfolds the sweeps."""
    done = front_door(tmp_path, "plan", "list", PLANS / "session_timing.yaml", COLUMNS="200")

    assert done.returncode == 0
    assert "SES-010[hyperhidrosis-hands-shortest-middle]" in done.stdout


def test_claims_check_says_what_is_open(tmp_path: Path) -> None:
    """`claims check` names each claim that is missing, whom to ask for it, and the requirements that wait for it."""
    done = front_door(tmp_path, "claims", "check", PLANS / "claims" / "kawe-swisto3.yaml")

    assert done.returncode == 0
    assert "sections without a claim: " in done.stdout
    asked, _, told = done.stdout.partition("    output.tolerance: ")
    assert "the manufacturer's output specification" in asked
    assert told.splitlines()[1].strip().startswith("REQ-")


def test_show_and_report_need_the_record_alone(tmp_path: Path, run: Run) -> None:
    """`show` prints what a run came to, for people and for programs; `report` makes its page anew."""
    shown = front_door(tmp_path, "show", run.folder)
    read = front_door(tmp_path, "show", run.folder, "--json")
    made = command(tmp_path, "report", run.folder, "--out", tmp_path / "again.html")

    assert "COMPLIES" in shown.stdout
    assert "content head" in shown.stdout
    assert json.loads(read.stdout)["verdict"] == "COMPLIES"
    assert (tmp_path / "again.html").read_bytes() == (run.folder / "report.html").read_bytes(), made.stderr


def test_a_record_that_was_changed_is_not_shown(tmp_path: Path, run: Run) -> None:
    """A changed word in a record is one line with its place, and exit 2."""
    copy = tmp_path / "run"
    copy.mkdir()
    text = (run.folder / "record.jsonl").read_text()
    (copy / "record.jsonl").write_text(text.replace('"verdict":"P"', '"verdict":"F"', 1))

    done = front_door(tmp_path, "show", copy)

    assert done.returncode == 2
    assert "the chain is broken" in done.stderr


def test_schemas_accept_our_files_and_refuse_a_misspelt_key(tmp_path: Path) -> None:
    """The exported JSON Schemas take every file that we ship, by an independent validator, and no unknown key."""
    front_door(tmp_path, "schema", tmp_path)

    for kind, paths in KINDS.items():
        schema = json.loads((tmp_path / f"{kind}.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        assert paths
        for path in paths:
            content = yaml.safe_load(path.read_text())
            if kind == "inspections" or kind == "bench":
                content = json.loads(json.dumps(content, default=str))
            assert [error.message for error in validator.iter_errors(content)] == [], path
            assert list(validator.iter_errors(content | {"misspelt": 1}))


def test_another_package_of_a_rooms_name_is_noticed(tmp_path: Path) -> None:
    """A folder `reports` that stands in the way is named, before it can be taken for ours."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "__init__.py").touch()

    done = command(tmp_path, "plan", "check")

    assert done.returncode == 2
    assert "the room 'reports' must come from" in done.stderr


def test_help_names_every_command(tmp_path: Path) -> None:
    """--help lists the commands."""
    done = command(tmp_path, "--help")

    assert done.returncode == 0
    assert all(name in done.stdout for name in ("certify", "plan", "claims", "show", "report", "schema"))
