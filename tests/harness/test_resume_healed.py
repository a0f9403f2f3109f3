"""Pulling the plug heals nothing: what was found before a kill counts after it, and verify misses none of it."""

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fixtures.opening import open_bench
from harness.commands import running
from harness.commands.compose import device_model, prepared
from harness.commands.options import REFERENCE_CLAIMS, REFERENCE_DEVICE
from harness.errors import EvidenceError
from harness.events import Event, Supervised
from harness.past import read_past
from harness.prepared import Subject
from harness.record import Record
from harness.recovery import recover
from harness.stopping import SIGNALS
from reports.rederive import rederive
from reports.run import load
from tests.harness.certify_run import PLANS_FOLDER, VIRTUAL_BENCH, Run
from tests.harness.interrupted import PLAN, after, cut, gone_on_with, whole_run
from tests.harness.test_resume import wrong
from tests.reports.forging import Entries, forge, of

CUT_SHORT = ("N/E", "interrupted: the run ended before the case did")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run that nobody interrupted."""
    return whole_run(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def once(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run that was killed in the midst of a case, its last line lacking its line feed, and was resumed."""
    return gone_on_with(cut(run, tmp_path_factory.mktemp("once") / "run", after(run, "measured", 9) - 1))


def _hot(entries: Entries) -> None:
    _, data = of(entries, "environment", when="resumed")
    data |= {"ok": False, "reason": "the room is at 45 °C, and the instruments need 18 to 28 °C"}


def _drifted(entries: Entries) -> None:
    _, data = of(entries, "check_standard", when="resumed")
    data |= {"ok": False, "reason": "it was loose"}


BAD = pytest.mark.parametrize(
    ("kind", "spoil", "words"),
    [
        ("environment", _hot, "the room is at 45 °C"),
        ("check_standard", _drifted, "it was loose"),
    ],
    ids=["environment", "check standard"],
)


@BAD
def test_a_bench_that_failed_its_check_is_not_resumed_by_a_second_try(
    once: Run, tmp_path: Path, kind: str, spoil: Callable[[Entries], None], words: str
) -> None:
    """Killed before the run could say what follows from a bad check, it can be recovered only, and nothing passes."""
    folder = cut(once, tmp_path / "run", after(once, kind, when="resumed"))
    forge(folder, lambda _, entries: spoil(entries) or "")

    with pytest.raises(EvidenceError, match=f"the bench was not found in order again .*{words}"):
        gone_on_with(folder)
    ended = recover(folder)

    found = load(folder)
    assert (ended.exit_code, found.counts["P"], rederive(found)) == (2, 0, [])


@BAD
def test_a_check_that_failed_takes_back_what_a_second_try_made_of_it(
    once: Run, tmp_path: Path, kind: str, spoil: Callable[[Entries], None], words: str
) -> None:
    """Whoever resumed a run after a bad check has verdicts that do not stand: report and verify say so."""
    folder = gone_on_with(cut(once, tmp_path / "run", after(once, kind, when="resumed"))).folder
    forge(folder, lambda _, entries: spoil(entries) or "")

    found = load(folder)
    assert any("is still P, and must be withdrawn: the " in problem for problem in rederive(found))
    assert any(words in doubt for doubt in found.doubts)


def test_a_check_of_which_a_line_was_cut_off_is_not_made_again(once: Run, tmp_path: Path) -> None:
    """The line may have said that the bench is not in order: the run can be recovered only."""
    size = after(once, "check_standard", 3, when="resumed")
    folder = cut(once, tmp_path / "run", size - 9)
    with pytest.raises(EvidenceError, match="a line of its check was cut off"):
        gone_on_with(folder)

    healed = gone_on_with(cut(once, tmp_path / "healed", size - 1))
    assert (healed.code, rederive(load(healed.folder)), wrong(healed.folder)) == (0, [], [])

    def torn(_: Path, entries: Entries) -> str:
        second = [entry for entry in entries if entry["type"] == "interrupted"][1]["data"]
        second["torn"] = second["torn"].replace('"ok":true', '"ok":false')
        return ""

    forge(healed.folder, torn)
    assert any("must be withdrawn: a line was cut off while" in one for one in rederive(load(healed.folder)))


def test_a_run_that_was_killed_after_its_last_case_is_recovered(run: Run, tmp_path: Path) -> None:
    """There is nothing to go on with, and its last check must not be made until it is good."""
    folder = cut(run, tmp_path / "run", after(run, "case_ended", len(run.of("case_ended"))))

    with pytest.raises(EvidenceError, match=r"after its last case: close it by .* recover"):
        gone_on_with(folder)

    assert recover(folder).exit_code == 2


def _failed(line: str) -> str:
    return line.replace('"verdict":"P"', '"verdict":"F"')


def _half(line: str) -> str:
    return line[: len(line) // 2]


@pytest.mark.parametrize("supervised", [False, True], ids=["nobody", "supervisor"])
@pytest.mark.parametrize("edit", [_failed, _half], ids=["it failed", "a half of it"])
def test_a_torn_line_of_a_case_spoils_the_attempt(run: Run, tmp_path: Path, edit: Any, supervised: bool) -> None:
    """A value whose line lacks its end is not measured again, whoever took the line away, unless it says a pass."""
    folder = cut(run, tmp_path / "run", after(run, "measured", 9))
    path = folder / "record.jsonl"
    *whole, last = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(whole) + edit(last.rstrip("\n")), encoding="utf-8")
    if supervised:
        record = Record.append_to(path)
        record.write(Supervised("the run died", True, ("supply off",), record.torn), {"utc": "2026-01-31T12:00:00Z"})
        record.close()

    resumed = gone_on_with(folder)

    case = resumed.of("interrupted")[0]["case"]
    assert (resumed.code, resumed.verdicts()[case]) == (3, CUT_SHORT)
    assert (rederive(load(folder)), wrong(folder)) == ([], [])


@pytest.mark.parametrize("edit", [_failed, _half], ids=["it failed", "a half of it"])
def test_a_case_that_was_run_again_after_a_torn_line_is_objected_to(once: Run, tmp_path: Path, edit: Any) -> None:
    """Whoever runs a case again whose torn line may say that it failed contradicts the record."""
    folder = tmp_path / "run"
    shutil.copytree(once.folder, folder)

    def torn(_: Path, entries: Entries) -> str:
        _number, data = of(entries, "interrupted")
        data["torn"] = edit(data["torn"])
        return data["case"]

    case = forge(folder, torn)

    assert any(f"{case} is run again, and the line that was cut off" in problem for problem in wrong(folder))


def test_a_doubt_that_reaches_back_outlives_a_kill(run: Run, tmp_path: Path) -> None:
    """After an answer that was garbled no verdict before it stands, though its case was cut short with the run."""
    folder = cut(run, tmp_path / "run", after(run, "case_started", 4))

    def garbled(_: Path, entries: Entries) -> str:
        data = {"case": entries[-1]["data"]["case"], "kind": "GarbledError", "message": "it answered 'HELLO'"}
        entries.append({**entries[-1], "type": "problem", "v": 1, "data": data})
        return ""

    forge(folder, garbled)

    resumed = gone_on_with(folder)

    found = load(folder)
    assert (resumed.code, found.counts["P"], len(resumed.of("verdict_withdrawn"))) == (2, 0, 9)
    assert (rederive(found), wrong(folder)) == ([], [])


@pytest.mark.parametrize("kind", ["interrupted", "resumed"])
@pytest.mark.parametrize("place", [("case_ended", 2), ("measured", 9)], ids=["between cases", "in a case"])
def test_a_run_that_is_stopped_while_it_is_resumed_takes_back_what_came_before(
    run: Run, tmp_path: Path, place: tuple[str, int], kind: str
) -> None:
    """The signal comes just when it says that it was interrupted: no verdict stands, and no line contradicts that."""
    folder = cut(run, tmp_path / "run", after(run, *place))
    past, model = read_past(folder), device_model(REFERENCE_DEVICE)[0]
    ready = prepared(REFERENCE_CLAIMS, [PLANS_FOLDER / f"{PLAN}.yaml"], None)

    def stop(event: Event) -> None:
        if event.type == kind:
            os.kill(os.getpid(), signal.SIGINT)

    with SIGNALS.installed(), closing(open_bench(VIRTUAL_BENCH, seed=1, device_model=model)) as bench:
        certification = running.resumed(past, ready, bench)
        certification.record.observers.append(stop)
        ended = running.run(certification, Subject("", "", "", "", 1, {}, ""))

    found = load(folder)
    assert (ended.exit_code, ended.counts["P"], found.counts["P"]) == (3, 0, 0)
    assert (found.doubts, rederive(found), wrong(folder)) == ([], [], [])


def test_a_check_of_a_half_of_the_bench_is_found(once: Run, tmp_path: Path) -> None:
    """A resumed run must have checked all that it checked at its start."""
    folder = tmp_path / "run"
    shutil.copytree(once.folder, folder)

    def left_out(_: Path, entries: Entries) -> str:
        number, _data = of(entries, "check_standard", when="resumed", quantity="interval")
        del entries[number - 1]
        return ""

    forge(folder, left_out)

    words = "it begins, and since the run was resumed there was no check_standard for interval"
    assert any(words in problem for problem in wrong(folder))
