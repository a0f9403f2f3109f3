"""What a bench has not: the case is not evaluated and says why, nothing is energised, and nobody made a mistake."""

from pathlib import Path
from typing import Any

from harness.cases import PlannedCase
from harness.clock import WallClock
from harness.errors import Unequipped
from harness.executor import run_case
from harness.limits import Verdict
from harness.record import Record, read_record
from tests.harness.bench_of_nothing import CLAIMS, PLAN, EmptyBench, current


def _run(folder: Path, method: Any, *needs: str) -> tuple[Any, list[str], EmptyBench]:
    measures = {"current": current("current")}
    case = PlannedCase("OUT-001", "OUT-001", PLAN, "t", ("REQ-OUT-001",), "m", needs=needs, measures=measures)
    bench, record = EmptyBench(), Record(folder / "record.jsonl", WallClock())
    try:
        result = run_case(case, method, CLAIMS, bench, record)
    finally:
        record.close()
    return result, [entry["type"] for entry in read_record(record.path)], bench


def test_a_bench_without_what_a_case_needs_runs_nothing(tmp_path: Path) -> None:
    """The method is never called, and the reason is what the bench has not."""
    called: list[object] = []

    result, events, _ = _run(tmp_path, lambda *_: called.append(1), "chamber", "mains side")

    assert (result.verdict, result.reason) == (Verdict.NOT_EVALUATED, "the bench has no chamber")
    assert not result.our_error
    assert not called
    assert events == ["case_started", "case_ended"]


def test_a_lack_that_shows_only_in_the_method_is_no_mistake_of_ours(tmp_path: Path) -> None:
    """The bench is made safe, and the case is N/E with the reason, and no error."""

    def method(*_: object) -> None:
        raise Unequipped("the bench has no tap of 85 %")

    result, events, bench = _run(tmp_path, method)

    assert (result.verdict, result.reason) == (Verdict.NOT_EVALUATED, "the bench has no tap of 85 %")
    assert not result.our_error
    assert bench.made_safe == 1
    assert "problem" not in events


def test_what_a_bench_has_is_no_obstacle(tmp_path: Path) -> None:
    """A case that needs nothing is run by any bench."""
    called: list[object] = []

    _run(tmp_path, lambda *_: called.append(1))

    assert called
