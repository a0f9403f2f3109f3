"""`qualify` as its user runs it: what it notices and names, how it goes on, and what a run says of it afterwards."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.commands.options import REFERENCE_CLAIMS, VIRTUAL_BENCH
from harness.commands.qualifying import Task, portable, run_job, trials
from harness.errors import ConfigError
from harness.qualification import Job, Kind, read_jobs, tool_digest
from harness.qualification_record import load_record
from tests.harness.certify_run import CHECKOUT, command, front_door

DEFECT = "under-current"
PLAN = """plan: OUT
title: Output current
revision: 1
purpose: The current that flows is the current that is set.
cases:
  - id: OUT-021
    title: The current is within its tolerance of the current that is set
    verifies: [REQ-OUT-003]
    method: {method}
    sweep: {{site: [hands], level: [9, 10]}}
    measures: {{delivered current: {{unit: mA, min: {limit}}}}}
"""
METHODS = '''"""The current at a level of the hands."""


def look(bench, step, claims, *, site, level):
    """Set a level, and read the current in the load when the ramp has ended."""
    with step("Start") as s:
        bench.connect(load_ohm=500.0)
        bench.power_on()
        bench.controller.confirm_contraindications()
        bench.controller.start(site=site, level=level, duration_s=60.0, waveform="dc")
        bench.clock.sleep(15.0)
        s.measure("delivered current", bench.output_current())
'''


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A plan that notices what is 6 % too little, and one that notices nothing, beside their methods."""
    found = {}
    for name, limit in (("sharp", "8.5 mA"), ("blind", "0.1 mA")):
        folder = tmp_path_factory.mktemp(name)
        (folder / "quick.yaml").write_text(PLAN.format(method="look", limit=limit))
        (folder / "quick.py").write_text(METHODS)
        found[name] = folder / "quick.yaml"
    return found


def task(plan: Path) -> Task:
    """Return what a worker must know to run one plan."""
    return Task(tool_digest(), portable(REFERENCE_CLAIMS), (portable(plan),), None, portable(VIRTUAL_BENCH))


def options(plan: Path, into: Path, *more: str | int) -> list[str]:
    """Return the words behind `qualify` for one plan, one defect and few seeds."""
    small = ["--workers", 1, "--seeds-healthy", 1, "--seeds-defect", 2, "--only", DEFECT, "--only", "reference"]
    return ["qualify", "--plans", str(plan), "--into", str(into), *map(str, small), *map(str, more)]


@pytest.fixture(scope="module")
def sharp(plans: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A qualification in which the defect is noticed."""
    folder = tmp_path_factory.mktemp("work")
    return command(folder, *options(plans["sharp"], folder / "q")), folder / "q"


def test_a_defect_that_is_noticed_is_killed(sharp: tuple[Any, Path]) -> None:
    """The exit code is 0, and record and report lie in the folder; with --only nothing is called fit."""
    done, folder = sharp

    assert done.returncode == 0, done.stderr + done.stdout
    content = load_record(folder / "qualification.json")
    assert (content["killed"], content["defects"], content["survivors"]) == (1, 1, [])
    assert content["alarms"]["runs"] == 1
    assert content["scope"]["partial"]
    assert (folder / "qualification.html").read_text().startswith("<!DOCTYPE html>")
    assert "1 of 1 defects caught" in done.stdout


def test_a_defect_that_survives_makes_exit_code_1_and_is_named(plans: dict[str, Path], tmp_path: Path) -> None:
    """A plan that looks away lets it live, and that is said by name; its runs are kept where that is asked for."""
    done = command(tmp_path, *options(plans["blind"], tmp_path / "q", "--keep", str(tmp_path / "kept")))

    assert done.returncode == 1
    assert f"{DEFECT} survived" in done.stdout
    assert load_record(tmp_path / "q" / "qualification.json")["survivors"] == [DEFECT]
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {f"defect-{DEFECT}-{seed}" for seed in (1, 2)}
    assert all((path / "record.jsonl").is_file() for path in (tmp_path / "kept").iterdir())


def test_it_goes_on_where_it_stopped_and_comes_to_the_same(
    sharp: tuple[Any, Path], plans: dict[str, Path], tmp_path: Path
) -> None:
    """Of a log whose last job was lost only that job is done again, and all content heads are as they were."""
    folder = tmp_path / "q"
    shutil.copytree(sharp[1], folder)
    lines = (folder / "jobs.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "jobs.jsonl").write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    done = command(tmp_path, *options(plans["sharp"], folder))

    assert done.returncode == 0, done.stderr
    assert (folder / "jobs.jsonl").read_bytes().splitlines()[: len(lines) - 1] == [line[:-1] for line in lines[:-1]]
    before, after = (load_record(place / "qualification.json") for place in (sharp[1], folder))
    assert before["jobs"]["heads"] == after["jobs"]["heads"]
    assert before["findings"] == after["findings"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--only", "timer-slow"], "--only timer-slow"),
        (["--sample", "1"], "--sample 1"),
        (["--seeds-defect", "1"], "--seeds-defect 1"),
        (["--plans", "test_plans/session_timing.yaml"], "the plans OUT"),
    ],
)
def test_a_folder_is_not_gone_on_with_for_something_else(
    sharp: tuple[Any, Path], plans: dict[str, Path], tmp_path: Path, more: list[str], said: str
) -> None:
    """What would count a part of the jobs that lie there is refused, and nothing of it is altered."""
    folder = tmp_path / "q"
    shutil.copytree(sharp[1], folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = front_door(CHECKOUT, *options(plans["sharp"], folder, *more))

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_holds_something_else_is_refused(plans: dict[str, Path], tmp_path: Path) -> None:
    """A qualification is not mixed with other files."""
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "mine.txt").write_text("x")
    done = front_door(tmp_path, *options(plans["sharp"], tmp_path / "q"))

    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert [path.name for path in (tmp_path / "q").iterdir()] == ["mine.txt"]


def test_resume_remembers_what_was_asked_for(sharp: tuple[Any, Path], tmp_path: Path) -> None:
    """Plans, names and seeds are as they were when it was begun; more seeds may be given, and are remembered too."""
    folder = tmp_path / "q"
    shutil.copytree(sharp[1], folder)
    done = command(tmp_path, "qualify", "--resume", folder, "--seeds-defect", "3", "--workers", "1")

    assert done.returncode == 0, done.stderr
    assert f"next: python -m harness certify --qualification {folder}" in done.stdout
    content = load_record(folder / "qualification.json")
    assert (content["scope"]["only"], content["scope"]["defect"]) == ([DEFECT, "reference"], 3)
    assert content["jobs"]["count"] == 4
    again = command(tmp_path, "qualify", "--resume", folder)
    assert again.returncode == 0, again.stderr
    assert load_record(folder / "qualification.json")["jobs"]["count"] == 4


def test_what_can_be_tried_is_listed(tmp_path: Path) -> None:
    """Each specimen stands in the list with its kind, and nothing is begun."""
    done = front_door(tmp_path, "qualify", "--list")

    assert done.returncode == 0
    for kind, name in trials():
        assert any(kind in line and name in line for line in done.stdout.splitlines()), name
    assert not list(tmp_path.iterdir())


def test_jobs_of_another_tool_are_refused(sharp: tuple[Any, Path], plans: dict[str, Path], tmp_path: Path) -> None:
    """What was begun with another tool is never counted for this one: exit code 2, and the text says why."""
    folder = tmp_path / "q"
    shutil.copytree(sharp[1], folder)
    head, *rest = (folder / "jobs.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "jobs.jsonl").write_bytes(orjson.dumps({**orjson.loads(head), "tool": "0" * 64}) + b"\n" + b"".join(rest))
    done = front_door(tmp_path, *options(plans["sharp"], folder))

    assert done.returncode == 2
    assert "tool changed since" in done.stderr


def test_a_run_is_stamped_and_its_content_stays_the_same(
    sharp: tuple[Any, Path], plans: dict[str, Path], tmp_path: Path
) -> None:
    """Certify says which qualification stands behind it, and two runs with and without have one content head."""
    arguments = ["certify", "--plans", plans["sharp"], "--runs"]
    done = front_door(tmp_path, *arguments, tmp_path / "with", "--qualification", sharp[1])
    bare = front_door(tmp_path, *arguments, tmp_path / "bare")

    assert done.returncode == bare.returncode == 0, done.stdout + done.stderr
    assert f"the last qualification was not complete (only {DEFECT}, reference was tried): 1 of 1" in done.stdout
    assert "was not qualified" in bare.stdout
    heads = [
        next(line for line in front_door(tmp_path, "show", run).stdout.splitlines() if line.startswith("content head"))
        for run in (next((tmp_path / "with").iterdir()), next((tmp_path / "bare").iterdir()))
    ]
    assert heads[0] == heads[1]
    page = (next((tmp_path / "with").iterdir()) / "report.html").read_text()
    assert "shown to catch 1 defect<" in page
    assert "The last qualification was partial" in page
    assert DEFECT in page


def test_a_job_is_the_same_whatever_was_done_before_it(plans: dict[str, Path]) -> None:
    """Content heads are by specimen and seed alone: another job in between, and another order, change nothing."""
    given = task(plans["sharp"])
    first, second = Job(Kind.HEALTHY, "reference", 1), Job(Kind.DEFECT, DEFECT, 1)
    there = [run_job(given, job).content_head for job in (first, second)]
    back = [run_job(given, job).content_head for job in (second, first)]

    assert there == back[::-1]
    assert len(set(there)) == 2


def test_seeds_are_other_devices_and_benches(plans: dict[str, Path]) -> None:
    """Two seeds do not measure the same, and both devices comply."""
    given = task(plans["sharp"])
    outcomes = [
        run_job(given, Job(Kind.HEALTHY, name, seed)) for name in ("reference", "revision-b") for seed in (1, 2)
    ]

    assert len({outcome.content_head for outcome in outcomes}) == 4
    assert {outcome.exit_code for outcome in outcomes} == {0}
    assert all(outcome.judged == 2 for outcome in outcomes)


def test_a_worker_with_another_tool_does_nothing(plans: dict[str, Path]) -> None:
    """A checkout that differs would qualify something else."""
    given = task(plans["sharp"])
    other = Task("0" * 64, given.claims, given.plans, None, given.bench)

    with pytest.raises(ConfigError, match="same checkout"):
        run_job(other, Job(Kind.HEALTHY, "reference", 1))


def test_every_specimen_names_cases_and_requirements_that_there_are() -> None:
    """The catalogue and the plans speak of the same things: what must notice a defect exists."""
    from harness.commands.compose import prepared
    from harness.commands.options import PLANS_FOLDER
    from harness.qualification_results import in_scope

    ready = prepared(REFERENCE_CLAIMS, [PLANS_FOLDER], None)
    for trial in trials().values():
        if trial.specimen.kind is Kind.DEFECT:
            assert in_scope(trial.specimen, ready.cases) == trial.specimen.cases
            assert trial.specimen.breaks in ready.library.requirements, trial.specimen.name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "no-such-thing"], "nothing is called 'no-such-thing'"),
        (["--only", "timer-slwo"], "did you mean timer-slow"),
        (["--only", "timer-slwo"], "qualify --list"),
        (["--suite", "no-such-suite"], "no suite is called"),
        (["--suite", "core", "--plans", "x.yaml"], "give one of them"),
        (["--resume", "nowhere"], "no jobs.jsonl"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    """A wrong option is an error of ours, exit code 2, and leaves no folder of a qualification."""
    done = front_door(tmp_path, "qualify", *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_scheduler_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    """After as long as dask is told to wait for it: exit code 2, and what to start."""
    words = ("--scheduler", "tcp://127.0.0.1:1", "--sample", "1", "--suite", "core")
    done = command(tmp_path, "qualify", *words, DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s")

    assert done.returncode == 2
    assert "no scheduler answers" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_sample_is_the_same_each_time(plans: dict[str, Path], tmp_path: Path) -> None:
    """CI tries few jobs, and the same ones whenever it does."""
    words = ["qualify", "--plans", plans["sharp"], "--workers", 1, "--sample", 2]
    words += ["--seeds-healthy", 9, "--only", "reference", "--only", DEFECT, "--into"]
    for name in ("a", "b"):
        command(tmp_path, *map(str, words), tmp_path / name)
    jobs = [[outcome.job for outcome in read_jobs(tmp_path / name / "jobs.jsonl")[1]] for name in ("a", "b")]

    assert len(jobs[0]) == 2
    assert sorted(jobs[0]) == sorted(jobs[1])


def test_the_core_suite_is_four_plans(tmp_path: Path) -> None:
    """A suite is a choice of plans by name, for certify, qualify and plan alike."""
    done = front_door(tmp_path, "plan", "check", "--static", "--suite", "core", COLUMNS="300")

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if "revision" in line] == [
        "OUT",
        "TGL",
        "SES",
        "FLT",
    ]


def test_workers_are_documented_where_they_are_asked_for() -> None:
    """The option says the one command that starts a worker."""
    text = " ".join(front_door(CHECKOUT, "qualify", "--help", COLUMNS="300", NO_COLOR="1").stdout.split())

    assert "python -m dask worker" in text
