"""`plan estimate`: bench time is the time of the bench, and what is counted is what was switched."""

from pathlib import Path

import pytest

from fixtures.relay_count import CountedSwitch
from harness.commands import compose, estimating
from harness.commands.estimating import Estimate
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS, VIRTUAL_BENCH
from harness.errors import ConfigError
from harness.estimate import AROUND
from tests.harness.certify_run import certify, command

PLAN = PLANS_FOLDER / "self_test.yaml"


@pytest.fixture(scope="module")
def found() -> Estimate:
    """The estimate of one plan on the virtual bench."""
    ready = compose.prepared(REFERENCE_CLAIMS, [PLAN], None)
    return estimating.estimate(VIRTUAL_BENCH, ready, seed=1)


def test_bench_time_is_that_of_a_run(tmp_path: Path, found: Estimate) -> None:
    """What is estimated on the twin is what a run on the same bench takes."""
    run = certify(tmp_path, "self_test")

    (ended,) = run.of("run_ended")
    assert found.chosen.whole.bench_s == pytest.approx(ended["bench_s"], rel=1e-3)
    assert found.chosen.efforts["STS"].bench_s > 60.0
    assert found.chosen.efforts[AROUND].bench_s > 0.0


def test_both_orders_run_every_case(found: Estimate) -> None:
    """No order leaves a case out, and the order of the files is that of the plan."""
    cases = [case.id for case in found.ready.cases]

    assert sorted(case.id for case in found.chosen.order) == sorted(cases)
    assert [case.id for case in found.filed.order] == cases


def test_relays_are_counted_when_they_move() -> None:
    """Closing what is closed, and opening what is open, wears nothing."""
    switch = CountedSwitch(_Silent())  # type: ignore[arg-type]

    switch.close_relays(1, 2)
    switch.close_relays(2, 3)
    switch.open_relays(1, 4)
    switch.open_all()
    switch.open_all()

    assert switch.operations == 6


class _Silent:
    """A switch unit that does as it is told."""

    def close_relays(self, *channels: int) -> None:
        """Close."""

    def open_relays(self, *channels: int) -> None:
        """Open."""

    def open_all(self) -> None:
        """Open all."""


def test_an_instrument_without_a_driver_is_named(tmp_path: Path) -> None:
    """Nothing is asked of a bench for an estimate, so that its file must say what stands there."""
    path = tmp_path / "bench.yaml"
    path.write_text(VIRTUAL_BENCH.read_text().replace("    driver: keysight-34465a\n", ""))
    ready = compose.prepared(REFERENCE_CLAIMS, [PLAN], None)

    with pytest.raises(ConfigError, match=r"bench\.yaml:\d+: instruments\.dmm: name the driver of dmm"):
        estimating.estimate(path, ready, seed=1)


def test_the_command_prints_both_orders(tmp_path: Path) -> None:
    """One line for each plan, one for the checks of the bench, and the sum, in 80 columns; exit code 0."""
    done = command(tmp_path, "plan", "estimate", PLANS_FOLDER / "inspections.yaml", COLUMNS="80")

    assert done.returncode == 0, done.stderr
    assert "INS" in done.stdout
    assert "checks of" in done.stdout
    assert "…" not in done.stdout
    assert done.stdout.count("Bench time") == 2
