"""A run is replayed from the log of its wires: same plans, no bench, same content; never a pass by something else."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.commands.options import PLANS_FOLDER
from harness.record import content_head
from tests.harness.certify_run import Run, certify, command, front_door
from tests.harness.test_serve import serving
from tests.wire_logs import Line, changed, lines_of

PLAN = "tingling_levels"


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """A run of a plan, with a log of its wires."""
    folder = tmp_path_factory.mktemp("logged")
    log = folder / "wires.jsonl"
    run = certify(folder / "runs", PLAN, wire_log=log)
    assert run.code in (0, 1, 3)
    return run, log


def replayed_folder(runs: Path) -> Path:
    """Return the folder of the only run there."""
    (folder,) = runs.iterdir()
    return folder


def test_a_replay_has_the_same_content_head_and_says_that_it_is_one(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """Record, verdicts and waveforms are the same; report and terminal say that no bench took part."""
    run, log = logged

    done = command(tmp_path, "replay", log, "--runs", tmp_path / "runs", COLUMNS="100")

    assert done.returncode == run.code, done.stderr
    folder = replayed_folder(tmp_path / "runs")
    assert content_head(folder / "record.jsonl") == content_head(run.folder / "record.jsonl")
    assert Run(0, folder).verdicts() == run.verdicts()
    for waveform in (run.folder / "waveforms").iterdir():
        assert (folder / "waveforms" / waveform.name).read_bytes() == waveform.read_bytes()
    assert "replay of" in done.stdout
    assert "no bench took part" in (folder / "report.html").read_text(encoding="utf-8")
    assert json.loads(front_door(tmp_path, "show", folder, "--json").stdout)["replay"]


def test_plans_that_are_not_those_of_the_run_are_named(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """A plan whose bytes differ ends the replay before it begins, with exit 2."""
    _, log = logged
    for suffix in (".yaml", ".py"):
        shutil.copy(PLANS_FOLDER / f"{PLAN}{suffix}", tmp_path)
    with (tmp_path / f"{PLAN}.yaml").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")

    done = front_door(tmp_path, "replay", log, "--plans", tmp_path / f"{PLAN}.yaml", "--runs", tmp_path / "runs")

    assert done.returncode == 2
    assert f"test_plans/{PLAN}.yaml" in done.stderr
    assert not (tmp_path / "runs").exists()


def replayed(folder: Path, log: Path) -> tuple["subprocess.CompletedProcess[str]", Path]:
    """Replay a log, and return what came of it and the folder of the run."""
    done = front_door(folder, "replay", log, "--runs", folder / "runs", COLUMNS="100")
    return done, replayed_folder(folder / "runs")


def not_believed(folder: Path) -> str:
    """Return what is said against the record of a replay, which must not comply, whoever asks."""
    shown = json.loads(front_door(folder, "show", folder, "--json").stdout)
    assert shown["verdict"] == "NOT COMPLETE"
    return " ".join(shown["doubts"])


def test_a_run_that_asks_something_else_is_stopped(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """One changed message in the log ends the replay there: one line, exit 2, and no record of a pass."""
    _, log = logged
    sent = [line for line in lines_of(log) if line.get("wire") == "supply" and line["do"] == "write"]
    number = sent[len(sent) // 2]["n"]
    other = changed(log, tmp_path / "changed.jsonl", lambda lines: lines[number].update(text="*WAI"))

    done, folder = replayed(tmp_path, other)

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"exchange {number}" in done.stderr
    assert "*WAI" in done.stderr
    assert '"verdict":"COMPLIES"' not in (folder / "record.jsonl").read_text(encoding="utf-8")
    assert "*WAI" in not_believed(folder)


def _one_digit(lines: list[Line]) -> None:
    """Change the first reading, of a check standard, by one digit: too little to fail, and not what was read."""
    answers = [line for line in lines if line.get("wire") == "dmm" and line["do"] == "read"]
    reading = next(line for line in answers if re.fullmatch(r"[+-]\d\.\d+E-0\d", line.get("text", "").strip()))
    text = reading["text"]
    reading["text"] = text[:6] + ("1" if text[6] != "1" else "2") + text[7:]


def test_an_answer_that_was_changed_does_not_pass(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """The device would pass with it all the same; the content head is another one, and the record itself says so."""
    run, log = logged
    other = changed(log, tmp_path / "changed.jsonl", _one_digit)

    done, folder = replayed(tmp_path, other)

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert content_head(run.folder / "record.jsonl") in done.stderr
    record = Run(2, folder)
    assert [event["verdict"] for event in record.of("run_ended")] == ["COMPLIES"]
    assert [event["ok"] for event in record.of("replay_compared")] == [False]
    assert "the replay did not come to what the logged run came to" in not_believed(folder)


def test_a_line_that_was_changed_and_not_sealed_is_named(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """The line behind it does not follow; nothing of the record is believed."""
    _, log = logged
    raw = log.read_bytes().splitlines(keepends=True)
    number = max(i for i, line in enumerate(raw) if b'"wire":"dmm","do":"read"' in line and b"E-0" in line)
    raw[number] = raw[number].replace(b"E-0", b"E+0", 1)
    (tmp_path / "changed.jsonl").write_bytes(b"".join(raw))

    done, folder = replayed(tmp_path, tmp_path / "changed.jsonl")

    assert done.returncode == 2
    assert f"changed.jsonl, line {number + 2}: the chain is broken" in done.stderr
    assert "the chain is broken" in not_believed(folder)


def test_a_changed_answer_with_an_end_that_says_nothing_does_not_pass(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """What the logged run came to must stand there whole: without the content head nothing could be compared."""
    _, log = logged

    def change(lines: list[Line]) -> None:
        _one_digit(lines)
        lines[-1]["end"].pop("content_head")

    done, folder = replayed(tmp_path, changed(log, tmp_path / "changed.jsonl", change))

    assert done.returncode == 2
    assert "end.content_head" in done.stderr
    not_believed(folder)


def test_a_replay_that_was_never_compared_is_not_believed(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """A replay that was killed between its last case and the comparison left a record that complies, and must not."""
    _, log = logged
    _, folder = replayed(tmp_path, log)
    record = folder / "record.jsonl"
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))

    assert "does not say that it came to what the logged run came to" in not_believed(folder)


@pytest.mark.skipif(os.name == "nt", reason="signals and pseudo-terminals are other ones on Windows")
def test_a_log_of_a_served_bench_is_replayed(tmp_path: Path) -> None:
    """Its clock is another program's, so that the log has each look at it; the content is the same all the same."""
    log = tmp_path / "wires.jsonl"
    with serving(tmp_path, "--pace", "stepped") as service:
        run = certify(tmp_path / "served", PLAN, bench=service.file, wire_log=log)

    done, folder = replayed(tmp_path, log)

    assert done.returncode == run.code, done.stderr
    assert content_head(folder / "record.jsonl") == content_head(run.folder / "record.jsonl")
    assert [event["ok"] for event in Run(0, folder).of("replay_compared")] == [True]


def test_faults_are_replayed(tmp_path: Path) -> None:
    """Cut-offs, supply interruptions and waveforms around them come back as they were, with every verdict."""
    log = tmp_path / "wires.jsonl"
    run = certify(tmp_path / "logged", "fault_cutoffs", wire_log=log)

    done, folder = replayed(tmp_path, log)

    assert done.returncode == run.code, done.stderr
    assert content_head(folder / "record.jsonl") == content_head(run.folder / "record.jsonl")
    assert Run(0, folder).verdicts() == run.verdicts()


def test_a_log_without_its_end_is_no_pass(tmp_path: Path, logged: tuple[Run, Path]) -> None:
    """The log of a run that was killed before it told what it came to is replayed, and is an error."""
    _, log = logged
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_text("".join(lines[:-1]), encoding="utf-8")

    done, folder = replayed(tmp_path, cut)

    assert done.returncode == 2
    assert "had not told what it came to" in done.stderr
    assert "had not told what it came to" in not_believed(folder)
