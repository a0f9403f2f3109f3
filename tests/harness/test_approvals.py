"""Approvals: what they rest on, when they end, and that a plan without one makes a development run."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.approvals import approvals_of, approve, read_approvals
from harness.claims import load_claims
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from harness.errors import ConfigError, EvidenceError
from harness.library import load_library
from harness.plan import load_plan
from harness.prepared import Prepared, prepare
from harness.record import content_head
from reports import development, load
from tests.harness.certify_run import certify, command
from tests.harness.small_house import HAZARDS, REQUIREMENTS, STANDARD

PLAN = """\
plan: OUT
title: t
revision: 3
purpose: p
cases:
  - id: OUT-010
    title: t
    verifies: [REQ-OUT-001]
    method: work
    measures:
      current: {unit: mA, max: {standard: "STD:1999.dc"}}
"""
CLAIMS = "claims: C\nrevision: 1\ndevice: {manufacturer: m, model: d}\n"
METHODS = "def work(bench, step, claims):\n    pass\n"
FOUND = STANDARD.replace("remembered", "found")


def house(folder: Path, **texts: str) -> Prepared:
    """Write a small house with one plan into a folder, and prepare the plan."""
    said: dict[str, Any] = {"standard": FOUND, "requirements": REQUIREMENTS, "plan": PLAN, "methods": METHODS} | texts
    for name in ("standards", "requirements"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "standards" / "x.yaml").write_text(said["standard"])
    (folder / "requirements" / "x.yaml").write_text(said["requirements"])
    (folder / "hazards.yaml").write_text(HAZARDS)
    (folder / "p.yaml").write_text(said["plan"])
    (folder / "p.py").write_text(said["methods"])
    (folder / "claims.yaml").write_text(CLAIMS)
    return prepare(load_claims(folder / "claims.yaml"), load_library(folder), [load_plan(folder / "p.yaml")], None)


def approved(ready: Prepared, path: Path) -> dict[str, Any]:
    """Return what a record would say of the one plan."""
    (plan,) = approvals_of(ready, path)["plans"].values()
    return dict(plan)


def test_a_plan_that_was_approved_as_it_stands_lacks_nothing(tmp_path: Path) -> None:
    """Name, meaning and time of the approval are told, and all that it rests on."""
    ready, file = house(tmp_path), tmp_path / "a.jsonl"

    (done,) = approve(ready, file, "A. Tester", "for use on hardware")

    said = approved(ready, file)
    assert said["lacks"] == []
    assert said["suspect"] == {}
    assert [(one["approver"], one["meaning"], one["revision"]) for one in said["signatures"]] == [
        ("A. Tester", "for use on hardware", 3)
    ]
    assert set(done.basis.requirements) == {"REQ-OUT-001"}
    assert set(done.basis.standards) == {"STD:1999"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"plan": PLAN.replace("purpose: p", "purpose: q")}, "the plan changed since revision 3 was approved"),
        ({"methods": METHODS + "\n"}, "the methods changed since revision 3 was approved (p.py)"),
        (
            {"requirements": REQUIREMENTS.replace("text: t", "text: u")},
            "REQ-OUT-001 changed since the plan was approved",
        ),
        ({"standard": FOUND.replace("80 mA", "79 mA")}, "STD:1999 changed since the plan was approved"),
    ],
    ids=["plan", "methods", "requirement", "standard"],
)
def test_an_approval_ends_with_any_change_of_what_it_rests_on(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    """Plan, methods, requirements and standards are each bound by hash."""
    ready, file = house(tmp_path / "was"), tmp_path / "a.jsonl"
    approve(ready, file, "A. Tester", "for trial")

    now = house(tmp_path / "is", **change)

    assert words in approved(now, file)["lacks"]
    assert approved(ready, file)["lacks"] == []


def test_an_approval_ends_with_a_change_of_what_the_methods_import(tmp_path: Path) -> None:
    """A file beside the methods, that one of them imports, is as much a part of what was approved as they are."""
    folder, file = tmp_path / "house", tmp_path / "a.jsonl"
    folder.mkdir()
    (folder / "deep.py").write_text("LIMIT = 1\n")
    (folder / "helper.py").write_text("from deep import LIMIT\n")
    own = "from test_plans.running import start\n"
    late = own + "def work(bench, step, claims):\n    import helper\n"
    (done,) = approve(house(folder, methods=late), file, "A. Tester", "for trial")

    (folder / "deep.py").write_text("LIMIT = 2\n")

    assert {"p.py", "helper.py", "deep.py", "test_plans/running.py"} <= set(done.basis.methods)
    assert approved(house(folder, methods=late), file)["lacks"] == [
        "the methods changed since revision 3 was approved (deep.py)"
    ]


def test_plans_of_one_id_cannot_stand_for_each_other(tmp_path: Path) -> None:
    """A second plan with the id of one that is approved is refused, so that nothing runs under a borrowed approval."""
    folder = tmp_path / "house"
    ready = house(folder)
    (folder / "q.yaml").write_text(PLAN.replace("OUT-010", "OUT-020"))
    (folder / "q.py").write_text(METHODS)

    with pytest.raises(ConfigError, match=r"q\.yaml:1: plan: the id OUT is that of .*p\.yaml"):
        prepare(ready.claims, ready.library, [*ready.plans, load_plan(folder / "q.yaml")], None)


def test_a_changed_requirement_makes_its_links_suspect(tmp_path: Path) -> None:
    """Only the requirement that changed is suspect."""
    ready, file = house(tmp_path / "was"), tmp_path / "a.jsonl"
    approve(ready, file, "A. Tester", "for trial")

    now = house(tmp_path / "is", requirements=REQUIREMENTS.replace("rationale: r", "rationale: s"))

    assert approved(now, file)["suspect"] == {"REQ-OUT-001": "changed since the plan was approved"}


def test_a_limit_that_nobody_saw_cannot_be_approved(tmp_path: Path) -> None:
    """A plan that judges by a remembered limit is refused, the limit is named, and nothing is written."""
    ready, file = house(tmp_path, standard=STANDARD), tmp_path / "a.jsonl"

    with pytest.raises(ConfigError, match=r"STD:1999\.dc \(remembered, 1\.2\) of OUT-010"):
        approve(ready, file, "A. Tester", "for trial")

    assert not file.exists()


def test_of_several_plans_all_are_approved_or_none(tmp_path: Path) -> None:
    """Where one plan is refused, nothing is written for the others; else each has a line, chained to the one before."""
    folder, file = tmp_path / "house", tmp_path / "a.jsonl"
    house(folder, standard=STANDARD)
    (folder / "q.yaml").write_text(PLAN.replace("OUT", "SEC").replace("REQ-SEC", "REQ-OUT").replace("STD:1999.dc", "x"))
    (folder / "q.yaml").write_text((folder / "q.yaml").read_text().replace('{standard: "x"}', "80 mA"))
    (folder / "q.py").write_text(METHODS)

    def both() -> Prepared:
        plans = [load_plan(folder / name) for name in ("q.yaml", "p.yaml")]
        return prepare(load_claims(folder / "claims.yaml"), load_library(folder), plans, None)

    with pytest.raises(ConfigError, match="OUT cannot be approved"):
        approve(both(), file, "A. Tester", "for trial")
    assert not file.exists()
    (folder / "standards" / "x.yaml").write_text(FOUND)
    approve(both(), file, "A. Tester", "for trial")

    assert [approval.basis.plan for approval in read_approvals(file)[0]] == ["SEC", "OUT"]
    assert all(not said["lacks"] for said in approvals_of(both(), file)["plans"].values())


@pytest.mark.parametrize(("name", "meaning"), [(" ", "for trial"), ("A. Tester", "")], ids=["nobody", "for nothing"])
def test_an_approval_needs_a_name_and_a_meaning(tmp_path: Path, name: str, meaning: str) -> None:
    """Nobody can approve, or for nothing."""
    ready = house(tmp_path)

    with pytest.raises(ConfigError, match="needs a name"):
        approve(ready, tmp_path / "a.jsonl", name, meaning)


def test_the_last_approval_counts(tmp_path: Path) -> None:
    """Whoever approves another revision withdraws the one before; two of the same basis are both named."""
    old, new, file = house(tmp_path / "a"), house(tmp_path / "b", plan=PLAN.replace("3", "4")), tmp_path / "a.jsonl"
    approve(old, file, "A. Tester", "for trial")
    approve(new, file, "B. Tester", "for trial")
    approve(new, file, "C. Tester", "reviewed")

    assert [one["approver"] for one in approved(new, file)["signatures"]] == ["B. Tester", "C. Tester"]
    assert approved(old, file)["lacks"]


@pytest.mark.parametrize(
    "fault", ["a letter", "the last letter", "a line gone", "another order", "cut off", "no approval"]
)
def test_a_file_of_approvals_that_was_altered_is_refused(tmp_path: Path, fault: str) -> None:
    """Each line is sealed, and chained to the one before it: what was altered approves nothing."""
    ready, file = house(tmp_path), tmp_path / "a.jsonl"
    for name in ("A", "B", "C"):
        approve(ready, file, name, "for trial")
    first, second, third = file.read_bytes().splitlines(keepends=True)
    altered = {
        "a letter": [first.replace(b'"A"', b'"Z"'), second, third],
        "the last letter": [first, second, third.replace(b'"C"', b'"Z"')],
        "a line gone": [first, third],
        "another order": [second, first, third],
        "cut off": [first, second, third[:-1]],
        "no approval": [first, b"{}\n"],
    }
    file.write_bytes(b"".join(altered[fault]))

    with pytest.raises(EvidenceError, match=r"a\.jsonl, line [123]: "):
        read_approvals(file)
    with pytest.raises(EvidenceError):
        approvals_of(ready, file)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    """A name that is mistyped must not look like plans that nobody approved."""
    ready = house(tmp_path)

    with pytest.raises(ConfigError, match="does not exist"):
        approvals_of(ready, tmp_path / "none.jsonl")


def test_a_run_is_a_development_run_until_its_plans_are_approved(tmp_path: Path) -> None:
    """The record says so outside its content, the terminal and each page say it, and an approval ends it."""
    plan = PLANS_FOLDER / "inspections.yaml"
    ready = prepare(load_claims(REFERENCE_CLAIMS), load_library(PLANS_FOLDER), [load_plan(plan)], None)
    file = tmp_path / "a.jsonl"
    file.touch()
    before = certify(tmp_path / "runs", plan, approvals=file)
    approve(ready, file, "A. Tester", "for trial")
    after = certify(tmp_path / "runs", plan, approvals=file)

    pages = [(run.folder / "report.html").read_text() for run in (before, after)]
    assert f'role="note">{development.BANNER}</div>' in pages[0]
    assert f'content: "{development.BANNER} ' in pages[0], "the margin of every printed page says it"
    assert development.BANNER not in pages[1]
    assert development.words(load(before.folder)) == "development run: INS: never approved"
    assert "approved by A. Tester" in development.words(load(after.folder))
    assert content_head(before.folder / "record.jsonl") == content_head(after.folder / "record.jsonl")


def test_plan_approve_refuses_a_plan_that_its_check_finds_wrong(tmp_path: Path) -> None:
    """What is not proven is told, exit code 2, and no approval is written."""
    plan = tmp_path / "plans" / "inspections.yaml"
    plan.parent.mkdir()
    shutil.copy(PLANS_FOLDER / "inspections.yaml", plan)
    plan.write_text(plan.read_text().replace("REQ-INS-002", "REQ-INS-999"))

    done = command(tmp_path, "plan", "approve", plan, "--approver", "A. Tester", "--meaning", "for trial")

    assert done.returncode == 2
    assert "REQ-INS-999" in done.stdout + done.stderr
    assert not (tmp_path / "approvals.jsonl").exists()
