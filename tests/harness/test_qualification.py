"""What outcomes come to: survivors are named, false alarms are weighed, and what was begun is resumed or refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detection import detections
from harness.errors import ConfigError, EvidenceError, LinkError
from harness.qualification import Job, JobLog, Kind, Specimen, batches, failed_outcome, read_jobs, tool_digest
from harness.qualification_results import State, alarms, in_scope, results, surprise
from tests.harness.qualified import cases, defect, healthy, outcome

CASES = cases()
GIVEN = {"tool": "a", "plans": {"OUT": "b"}}


def test_a_defect_that_nothing_notices_survives_and_is_named() -> None:
    """No case at F with one of the seeds is a survivor, and the exit code is 1."""
    jobs = [outcome(Kind.DEFECT, "strong", 1, "OUT-021[x]"), outcome(Kind.DEFECT, "strong", 2)]
    found = results([defect()], [*jobs, *healthy(3)], CASES)

    assert [(f.specimen.name, f.state) for f in found.findings] == [("strong", State.SURVIVED)]
    assert "seed 2" in found.findings[0].words
    assert found.exit_code == 1


def test_a_defect_that_another_case_notices_is_not_caught_where_it_must_be() -> None:
    """The case that is named beforehand must notice it, whatever else does."""
    found = results([defect()], [outcome(Kind.DEFECT, "strong", 1, "SES-010[x]"), *healthy(3)], CASES)

    assert found.findings[0].state is State.MISSED
    assert "OUT-021" in found.findings[0].words
    assert found.exit_code == 1


def test_a_defect_that_is_caught_where_it_must_be_is_killed() -> None:
    """With all defects killed and no alarm the exit code is 0, and the matrix says who was first and by how much."""
    found = results([defect()], [outcome(Kind.DEFECT, "strong", 1, "OUT-021[a]", "OUT-021[b]"), *healthy(3)], CASES)

    finding = found.findings[0]
    assert finding.well
    assert finding.cells["OUT"] == ("OUT-021[a]", 3.0, 2, 1)
    assert found.exit_code == 0


def test_columns_tell_what_a_case_catches_alone_and_what_nothing_proved() -> None:
    """A case that nobody else replaces is told, and one that never caught anything is unproven."""
    jobs = [
        outcome(Kind.DEFECT, "strong", 1, "OUT-021[x]"),
        outcome(Kind.DEFECT, "slow", 1, "OUT-021[x]", "SES-010[x]"),
    ]
    found = results([defect(), defect("slow", must="SES-010")], jobs, CASES)
    columns = {column.case: column for column in found.columns}

    assert columns["OUT-021"].catches == ("strong", "slow")
    assert columns["OUT-021"].alone == ("strong",)
    assert columns["SES-010"].alone == ()
    assert columns["SES-020"].catches == ()
    assert found.on_one_case == ["strong"]


def test_a_defect_whose_plans_are_not_run_is_left_out_and_said() -> None:
    """It is neither killed nor a survivor."""
    found = results([defect(must="FLT-010")], healthy(1), CASES)

    assert found.findings == ()
    assert found.left_out == ("strong",)


def test_a_case_that_no_plan_has_is_a_mistake() -> None:
    """A defect that names it would never be caught, and the catalogue is wrong."""
    with pytest.raises(ConfigError, match="OUT-999"):
        in_scope(defect(must="OUT-999"), CASES)


@pytest.mark.parametrize(
    ("made", "state", "code"),
    [
        ({"exit_code": 2, "ours": {"OUT-010": "no answer"}}, State.AS_OURS, 0),
        ({"exit_code": 3, "open": ("OUT-010",)}, State.AS_OURS, 0),
        ({"exit_code": 0}, State.UNNOTICED, 1),
        ({"exit_code": 3, "undecided": ("OUT-010",)}, State.UNNOTICED, 1),
        ({"exit_code": 2, "trouble": "TypeError: a mistake", "crashed": True}, State.UNNOTICED, 1),
    ],
)
def test_a_bench_fault_must_end_as_ours(made: dict[str, object], state: State, code: int) -> None:
    """An error or N/E is right; a bench that is broken and passes a device is not."""
    fault = Specimen(Kind.BENCH_FAULT, "lead-off", "a lead is off", limit="any")
    found = results([fault], [outcome(Kind.BENCH_FAULT, "lead-off", 1, **made), *healthy(1)], CASES)

    assert found.findings[0].state is state
    assert found.exit_code == code


def test_a_bench_fault_that_fails_a_device_is_named_with_the_case() -> None:
    """A verdict on the device is wrong, even beside errors of our side."""
    fault = Specimen(Kind.BENCH_FAULT, "lead-off", "a lead is off", limit="any")
    found = results([fault], [outcome(Kind.BENCH_FAULT, "lead-off", 1, "OUT-021[x]", exit_code=1)], CASES)

    assert found.findings[0].state is State.AGAINST_DEVICE
    assert "OUT-021[x]" in found.findings[0].words


def test_a_false_alarm_that_nothing_predicts_is_too_many() -> None:
    """One in a thousand is beyond a prediction of one in a million, and the exit code is 1."""
    runs = healthy(999)
    found = alarms([*runs, outcome(Kind.HEALTHY, "reference", 1000, "OUT-021[x]", p_fail=1e-9)])

    assert (found.failed, found.runs) == (1, 1000)
    assert not found.well
    assert found.bounds is not None
    assert found.bounds.low < 0.001 < found.bounds.high


def test_false_alarms_at_the_rate_of_the_rule_are_well() -> None:
    """Two in ten where the rule predicts two in ten are no fault of the harness."""
    runs = [replace(run, p_fail=0.2) for run in healthy(8)]
    bad = [outcome(Kind.HEALTHY, "reference", seed, "OUT-021[x]", p_fail=0.2) for seed in (9, 10)]

    assert alarms([*runs, *bad]).well


def test_a_failure_of_our_side_with_a_healthy_device_is_ours() -> None:
    """It is no alarm, and the exit code is 2."""
    found = results([], healthy(2, exit_code=2, trouble="LinkError: silence"), CASES)

    assert found.exit_code == 2
    assert any("silence" in why for why in found.alarms.ours.values())


def test_what_is_not_evaluated_on_a_healthy_device_is_ours() -> None:
    """A case that no healthy device can pass is no success; one that is undecided is what the rule lets be."""
    assert results([], healthy(2, exit_code=3, open=("OUT-010",)), CASES).exit_code == 2
    assert results([], healthy(2, exit_code=3, undecided=("OUT-010",), p_undecided=0.5), CASES).exit_code == 0


def test_runs_that_do_not_count_narrow_no_bound() -> None:
    """The rate of false alarms is of certifications that came to something, and an F counts in any."""
    gone = healthy(5, exit_code=2, trouble="LinkError: silence")
    stopped = healthy(3, exit_code=2, stopped="a resistor, at the start")
    failed = outcome(Kind.HEALTHY, "reference", 9, "OUT-021[x]", ours={"OUT-010": "silence"})
    found = alarms([*healthy(2), *gone, *stopped, failed])

    assert (found.runs, found.failed, found.stopped) == (3, 1, 3)


def test_a_bench_that_its_checks_stop_is_neither_for_nor_against() -> None:
    """Now and then a check standard stops a good bench: no alarm, no survivor, and no failure of ours."""
    stopped = {
        "exit_code": 2,
        "trouble": "the check standard is off",
        "stopped": "a resistor, at the start",
        "checks": 3,
    }
    jobs = [outcome(Kind.DEFECT, "strong", 1, "OUT-021[x]"), outcome(Kind.DEFECT, "strong", 2, **stopped)]
    found = results([defect()], [*jobs, *healthy(99, checks=3), *healthy(1, **stopped)], CASES)

    assert found.exit_code == 0
    assert (found.findings[0].state, found.findings[0].trials) == (State.KILLED, 1)
    assert (found.alarms.stopped, found.alarms.failed) == (1, 0)
    assert found.alarms.stopped_expected == pytest.approx(100 * 3 * 0.0033, rel=0.02)


def test_benches_that_are_stopped_too_often_are_our_fault() -> None:
    """Ten of ten is not what an action limit of three standard uncertainties does."""
    stopped = {"exit_code": 2, "stopped": "a resistor, at the start", "checks": 3}

    assert results([], healthy(10, **stopped), CASES).exit_code == 2


def test_a_defect_that_was_never_tried_is_not_killed() -> None:
    """If the bench was stopped each time, nothing is known of it."""
    jobs = [outcome(Kind.DEFECT, "strong", 1, exit_code=2, stopped="a resistor, at the start", checks=3)]

    finding = results([defect()], jobs, CASES).findings[0]
    assert finding.state is State.SURVIVED
    assert "never tried" in finding.words


def test_nothing_tried_is_nothing_shown() -> None:
    """Without a single outcome the exit code is not 0."""
    assert results([], [], CASES).exit_code == 2


def test_an_intermittent_defect_is_held_against_theory() -> None:
    """Seen in as many cases as 1 - (1 - odds)^sessions says it is well; seen in all of them it is not."""
    sessions = {f"OUT-021[{n}]": 1 for n in range(20)}
    rare = defect(odds=0.05)
    seldom = [outcome(Kind.DEFECT, "strong", seed, "OUT-021[3]", sessions=sessions) for seed in range(5)]
    always = [outcome(Kind.DEFECT, "strong", seed, *sessions, sessions=sessions) for seed in range(5)]

    (row,) = detections(rare, seldom)
    assert row.probability == pytest.approx(0.05)
    assert (row.hits, row.trials) == (5, 100)
    assert row.well
    assert not detections(rare, always)[0].well
    assert results([rare], always, CASES).findings[0].state is State.RATE


@pytest.mark.parametrize(("seeds", "state"), [(12, State.UNMET), (200, State.SURVIVED)])
def test_a_rare_defect_that_was_not_met_is_judged_by_theory(seeds: int, state: State) -> None:
    """None in 12 sessions is likely of one in twenty, and none in 200 is not: only then it survived."""
    rare = defect(odds=0.05)
    jobs = [outcome(Kind.DEFECT, "strong", seed, sessions={"OUT-021[x]": 1}) for seed in range(seeds)]
    found = results([rare], [*jobs, *healthy(3)], CASES)

    assert found.findings[0].state is state
    assert found.findings[0].words
    assert found.exit_code == (0 if state is State.UNMET else 1)


def test_a_marginal_defect_is_held_against_theory() -> None:
    """With a chance of 97.7 % each, 20 of 20 and 17 of 20 are credible at 99 %, and 10 of 20 are not."""
    rare = defect(times_u=1.0)

    def counted(fails: int) -> bool:
        rows = [("F", 0.977, 0.99999)] * fails + [("N/E", 0.977, 0.99999)] * (20 - fails)
        jobs = [outcome(Kind.DEFECT, "strong", i, "OUT-021[x]", marginal=(row,)) for i, row in enumerate(rows)]
        return all(detection.well for detection in detections(rare, jobs))

    assert counted(20)
    assert counted(18)
    assert not counted(10)


def test_what_nobody_expects_is_told() -> None:
    """Surprises are false alarms, missing cases, and bench faults that pass."""
    fault = Specimen(Kind.BENCH_FAULT, "lead-off", "a lead is off")
    sound = Specimen(Kind.HEALTHY, "reference", "healthy")

    assert not surprise(defect(), outcome(Kind.DEFECT, "strong", 1, "OUT-021[x]"), CASES)
    assert "OUT-021" in surprise(defect(), outcome(Kind.DEFECT, "strong", 1, "SES-010[x]"), CASES)
    assert "OUT-021" in surprise(sound, outcome(Kind.HEALTHY, "reference", 1, "OUT-021[x]"), CASES)
    assert not surprise(sound, outcome(Kind.HEALTHY, "reference", 1), CASES)
    assert surprise(fault, outcome(Kind.BENCH_FAULT, "lead-off", 1), CASES)


def test_outcomes_come_back_from_the_file(tmp_path: Path) -> None:
    """What a job came to is the same after it was written and read."""
    made = [
        outcome(Kind.DEFECT, "strong", 1, "OUT-021[x]", sessions={"OUT-021[x]": 2}, marginal=(("F", 0.9, 1.0),)),
        *healthy(2),
    ]
    log = JobLog(tmp_path / "jobs.jsonl", GIVEN)
    for one in made:
        log.add(one)

    head, read, _ = read_jobs(tmp_path / "jobs.jsonl")
    assert head == GIVEN
    assert read == made
    assert JobLog(tmp_path / "jobs.jsonl", GIVEN).outcomes == {one.job: one for one in made}


def test_another_tool_is_refused_and_said(tmp_path: Path) -> None:
    """Jobs of one tool are never counted for another; the text says what changed, and nothing is altered."""
    path = tmp_path / "jobs.jsonl"
    JobLog(path, GIVEN).add(healthy(1)[0])
    before = path.read_bytes()

    with pytest.raises(EvidenceError, match="tool changed"):
        JobLog(path, {**GIVEN, "tool": "c"})
    assert path.read_bytes() == before


def test_a_log_of_another_version_is_refused_by_its_name(tmp_path: Path) -> None:
    """The text names the version that began it, or says that its jobs are of another one."""
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"harness": "0.0.9", "tool": "a"}\n{"job": ["healthy", "reference", 1]}\n')
    with pytest.raises(EvidenceError, match=r"begun by iontobench 0\.0\.9"):
        JobLog(path, GIVEN)

    path.write_text('{"tool": "a"}\n{"job": ["healthy", "reference", 1]}\n')
    with pytest.raises(EvidenceError, match="another version"):
        read_jobs(path)


def test_how_much_is_asked_for_may_grow(tmp_path: Path) -> None:
    """The first line tells what was asked for last, and no job is lost by that."""
    path = tmp_path / "jobs.jsonl"
    JobLog(path, {**GIVEN, "asked": 1}).add(healthy(1)[0])
    grown = JobLog(path, {**GIVEN, "asked": 2})
    grown.add(healthy(2)[1])

    head, jobs, _ = read_jobs(path)
    assert head == {**GIVEN, "asked": 2}
    assert jobs == healthy(2)


def test_a_job_whose_worker_was_lost_is_done_again(tmp_path: Path) -> None:
    """It is told and kept, but not taken for done; what came of it at last counts. An error with a name is final."""
    path = tmp_path / "jobs.jsonl"
    lost, refused = (Job(Kind.HEALTHY, "reference", seed) for seed in (1, 2))
    log = JobLog(path, GIVEN)
    log.add(failed_outcome(lost, RuntimeError("killed")))
    log.add(failed_outcome(refused, LinkError("silence")))

    resumed = JobLog(path, GIVEN)
    assert (resumed.has(lost), resumed.has(refused)) == (False, True)
    resumed.add(healthy(1)[0])
    assert JobLog(path, GIVEN).has(lost)


@given(cut=st.integers(1, 200))
def test_a_line_that_was_cut_off_is_done_again(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever was killed while writing loses that job alone, and the file goes on whole."""
    path = tmp_path_factory.mktemp("log") / "jobs.jsonl"
    log = JobLog(path, GIVEN)
    first, second = healthy(2)
    log.add(first)
    kept = path.stat().st_size
    log.add(second)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: max(kept + 1, size - cut)])

    resumed = JobLog(path, GIVEN)
    assert list(resumed.outcomes) == [first.job]
    resumed.add(second)
    assert [one.job for one in read_jobs(path)[1]] == [first.job, second.job]


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    """A file of something else is not taken for jobs."""
    (tmp_path / "jobs.jsonl").write_text("hello\n")

    with pytest.raises(EvidenceError, match="no jobs"):
        read_jobs(tmp_path / "jobs.jsonl")


@given(count=st.integers(1, 500), workers=st.integers(1, 16))
def test_batches_hold_every_job_once_in_order(count: int, workers: int) -> None:
    """No job is lost or done twice, and no batch is long."""
    jobs = [Job(Kind.HEALTHY, "reference", seed) for seed in range(count)]
    made = batches(jobs, workers)

    assert [job for batch in made for job in batch] == jobs
    assert max(map(len, made)) <= 4


def test_the_digest_of_a_tool_is_of_every_file(tmp_path: Path) -> None:
    """A changed byte, another name and a further file each make another tool; a cache does not."""
    for room in ("harness", "instruments", "fixtures", "test_plans", "reports"):
        (tmp_path / room).mkdir()
    file = tmp_path / "harness" / "a.py"
    file.write_text("1")
    digests = [tool_digest(tmp_path)]
    file.write_text("2")
    digests.append(tool_digest(tmp_path))
    (tmp_path / "reports" / "b.css").write_text("2")
    digests.append(tool_digest(tmp_path))
    file.rename(tmp_path / "harness" / "c.py")
    digests.append(tool_digest(tmp_path))
    (tmp_path / "harness" / "__pycache__").mkdir()
    (tmp_path / "harness" / "__pycache__" / "c.pyc").write_bytes(b"x")

    assert len(set(digests)) == 4
    assert tool_digest(tmp_path) == digests[-1]


def test_another_version_of_a_library_is_another_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers come from libraries too."""
    before = tool_digest(tmp_path)
    monkeypatch.setattr("harness.qualification.version", lambda name: "0")

    assert tool_digest(tmp_path) != before
