"""A run notices the devices that it must, and passes the one that is in order."""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from harness.record import content_head
from tests.harness.certify_run import CHECKOUT, Run, certify, command


def _failing(run: Run) -> dict[str, set[str]]:
    """Return for each case, by its base id, the measures that are outside of their limits."""
    found: dict[str, set[str]] = {}
    for event in (*run.of("measured"), *run.of("observed")):
        if event["verdict"] == "F":
            found.setdefault(event["case"].split("[")[0], set()).add(event["name"])
    return found


@pytest.mark.parametrize(
    ("controller", "plan", "failures"),
    [
        ("StrongAtTheTop", "output_current", {"OUT-021": "delivered current", "OUT-030": "delivered current"}),
        ("StrongBackwards", "output_current", {"OUT-021": "delivered current", "OUT-030": "delivered current"}),
        ("StrongBackwards", "tingling_levels", {"TGL-020": "delivered current", "TGL-021": "stated current"}),
        ("BigStep", "tingling_levels", {"TGL-030": "largest rise from level to level"}),
        ("SlowTimer", "session_timing", {"SES-010": "session time"}),
        ("SlowCutoff", "fault_cutoffs", {"FLT-010": "cutoff", "FLT-021": "current on reconnecting"}),
        (
            "Forgiving",
            "fault_cutoffs",
            {"FLT-040": "resume and start are refused", "FLT-100": "residual current after asking"},
        ),
    ],
)
def test_a_defective_device_fails_in_the_measure_that_names_the_defect(
    tmp_path: Path, controller: str, plan: str, failures: dict[str, str]
) -> None:
    """Each defect ends in exit 1, with a failure in the cases about that property, for the reason that it is."""
    run = certify(tmp_path, plan, controller=f"tests.harness.defects:{controller}")

    failing = _failing(run)
    assert run.code == 1
    assert [case for case, measure in failures.items() if measure not in failing.get(case, ())] == [], failing


def test_a_weak_device_that_displays_what_it_delivers_fails_by_the_setting_alone(tmp_path: Path) -> None:
    """No other case of the output knows which current was set."""
    run = certify(tmp_path, "output_current", controller="tests.harness.defects:Weak")

    assert run.failed() == {"OUT-021"}
    assert _failing(run) == {"OUT-021": {"delivered current"}}


def test_a_device_that_delivers_nothing_passes_nothing(tmp_path: Path) -> None:
    """A case that passes without a current would have passed without the device.

    Inspections need none, and neither does a stop of a device that is ready, after which nothing may flow, or the count
    of what its event log holds.
    """
    run = certify(tmp_path, controller="tests.harness.defects:Dead")

    passed = {case for case, (verdict, _) in run.verdicts().items() if verdict == "P"}
    assert run.code == 1
    needing = {case for case in passed if not case.startswith("INS-")}
    assert needing == {"PRO-062[hands-middle-ready]", "IND-040"}, sorted(passed)


# How many seeds are tried, of all plans; 20 are the whole suite. Without it one is, of the plan that measures most.
SEEDS = int(os.environ.get("SEEDS", "0"))


def _complies(arguments: tuple[Path, int]) -> tuple[int, int, str]:
    folder, seed = arguments
    run = certify(folder / str(seed), *(() if SEEDS else ("output_current",)), seed=seed)
    bad = [f"{case}: {reason}" for case, (verdict, reason) in run.verdicts().items() if verdict not in ("P", "N/A")]
    return seed, run.code, "; ".join(bad)


def test_the_reference_device_complies_whatever_the_seed(tmp_path: Path) -> None:
    """The device that is in order passes, whatever errors its instruments have within their data sheets."""
    seeds = range(2, 2 + max(SEEDS, 1))
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(_complies, [(tmp_path, seed) for seed in seeds]))

    assert [(seed, code, bad) for seed, code, bad in results if code != 0] == []


def test_the_same_seed_gives_the_same_record(tmp_path: Path) -> None:
    """Two runs of the same inputs and seed have equal content heads, and another seed has another."""

    def head(name: str, seed: int) -> str:
        run = certify(tmp_path / name, "output_current", seed=seed)
        return content_head(run.folder / "record.jsonl")

    first, again, other = head("a", 3), head("b", 3), head("c", 4)

    assert first == again
    assert first != other


def _values(run: Run) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for measured in run.of("measured"):
        values.setdefault(measured["case"], []).append(measured["value"])
    return values


def test_selecting_plans_changes_no_value(tmp_path: Path) -> None:
    """What a case measures does not depend on which other cases were run before it."""
    both = _values(certify(tmp_path / "a", "session_timing", "output_current"))
    alone = _values(certify(tmp_path / "b", "output_current"))

    assert {case: both[case] for case in alone} == alone


def test_a_device_of_public_figures_is_not_complete(tmp_path: Path) -> None:
    """A device of which only brochures are known ends in exit 3, each open case naming the claim that is missing."""
    run = certify(tmp_path, claims=CHECKOUT / "test_plans" / "claims" / "kawe-swisto3.yaml")

    open_cases = [reason for verdict, reason in run.verdicts().values() if verdict == "N/E"]
    assert run.code == 3
    assert any(reason == "the claim output.tolerance is not declared" for reason in open_cases)
    known = ("is not declared", "is not answered", "no external result is recorded")
    assert [reason for reason in open_cases if not any(words in reason for words in known)] == []


def test_the_environment_and_other_plugins_have_no_say(tmp_path: Path) -> None:
    """PYTEST_ADDOPTS, PYTEST_PLUGINS, an installed plugin and a conftest.py do not change a certification run."""
    evil = "def pytest_collection_modifyitems(items):\n    items.clear()\n"
    (tmp_path / "evil.py").write_text(evil)
    (tmp_path / "conftest.py").write_text(evil)
    plan = CHECKOUT / "test_plans" / "session_timing.yaml"
    installed = tmp_path / "evil-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[pytest11]\nevil = evil\n")

    result = command(
        tmp_path,
        *("certify", "--plans", plan),
        PYTEST_ADDOPTS="-k nothing --exitfirst",
        PYTEST_PLUGINS="evil",
        PYTHONPATH=f"{CHECKOUT}:{tmp_path}",
    )

    assert result.returncode == 0, result.stderr
    assert "COMPLIES" in result.stdout
