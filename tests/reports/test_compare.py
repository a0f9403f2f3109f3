"""Comparisons: a device that was made otherwise is told apart from one that was only measured again."""

import json
import math
from pathlib import Path

import pytest

from harness.commands.compare import compare as compare_command
from harness.commands.options import REFERENCE_DEVICE
from reports import Run, load
from reports.compare import IF_STILL, SIGNIFICANT, UNKNOWN, WITHIN, Comparison, compare
from tests.harness.certify_run import certify, command
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, REQUIREMENTS
from tests.reports.tampering import reseal

ONLY = ["OUT-010[hands*", "SES-040[*hands*"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on the reference device."""
    return load(certify(tmp_path_factory.mktemp("a"), "output_current", "session_timing", only=ONLY).folder)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same run once more, without one of its cases."""
    return load(certify(tmp_path_factory.mktemp("b"), "output_current", "session_timing", only=ONLY[:1]).folder)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same run on a device of another firmware, whose output is 2 % larger: 1.4 % too high, not 0.6 % too low."""
    folder = tmp_path_factory.mktemp("c")
    text = REFERENCE_DEVICE.read_text(encoding="utf-8")
    assert text.count("  gain_error: -0.6 %") == text.count("  firmware: 1.0.0") == 1
    text = text.replace("  gain_error: -0.6 %", "  gain_error: 1.4 %").replace("  firmware: 1.0.0", "  firmware: 1.0.1")
    text = text.replace("gain_error: [-0.8 %, 0.8 %], offset", "gain_error: [-1.8 %, 1.8 %], offset")
    model = folder / "device.yaml"
    model.write_text(text, encoding="utf-8")
    runs = folder / "runs"
    return load(certify(runs, "output_current", "session_timing", only=ONLY, device_model=model).folder)


def measured(folder: Path, value: float, *, U: float = 0.012, certificate: str = "K-1001") -> Run:  # noqa: N803
    """Return a run of one value, made with a meter of a certificate."""
    record = RecordBuilder(folder)
    record.open(plans=PLANS[:1], requirements=REQUIREMENTS[1:2])
    record.instruments()
    record.plan_case("OUT-010", "OUT", "Delivered current", ("REQ-OUT-003",), {})
    record.start("OUT-010", "Read")
    record.measure("OUT-010", "delivered current", value, U=U, low=4.75, high=5.25)
    record.end("OUT-010", "P")
    record.close("COMPLIES", 0, {"P": 1})
    record.write()
    if certificate != "K-1001":
        reseal(
            folder,
            lambda entries: [
                entry["data"]["certificate"].update(number=certificate)
                for entry in entries
                if entry["type"] == "instrument" and entry["data"]["certificate"]
            ],
        )
    return load(folder)


def said(found: Comparison) -> str:
    """Return what is said of the only value."""
    (value,) = found.values
    return value.says


def test_a_run_and_itself_differ_in_nothing(first: Run) -> None:
    """No fact, no case and no value differs, and every value was compared."""
    found = compare(first, first)

    assert (found.facts, found.cases, found.unpaired, found.differ) == ((), (), (), False)
    assert len(found.values) == len(first.rows.measurements)
    assert {value.says for value in found.values} == {WITHIN}


def test_another_output_stage_is_seen_by_as_much_as_it_was_changed(first: Run, changed: Run) -> None:
    """A gain of 1.014 for one of 0.994 is a current that is 1.0201 times as large, and significantly so."""
    found = compare(first, changed)

    values = [value for value in found.values if value.first.name == "session current"]
    assert values
    for value in values:
        assert value.says == SIGNIFICANT
        assert (value.second.value or 0.0) / (value.first.value or 1.0) == pytest.approx(1.014 / 0.994, abs=5e-4)
    assert found.differ


def test_what_did_not_change_is_not_called_significant(first: Run, changed: Run) -> None:
    """The session timer of the other firmware is as it was: its times are within their uncertainty."""
    found = compare(first, changed)

    times = [value for value in found.values if value.first.unit == "s" and value.first.budget]
    assert times
    assert {value.says for value in times} == {WITHIN}


def test_the_other_firmware_is_told(first: Run, changed: Run) -> None:
    """What the device says that it is, and the file that the virtual one is built from, are told as another."""
    facts = {fact.what: (fact.first, fact.second) for fact in compare(first, changed).facts}

    assert facts["firmware that the device says"] == ("1.0.0", "1.0.1")
    assert "device_model" in facts


def test_cases_of_one_run_only_are_told(first: Run, again: Run) -> None:
    """What was not tested again is no agreement."""
    found = compare(first, again)

    lost = set(first.rows.cases) - set(again.rows.cases)
    assert lost
    assert {case.case for case in found.cases} == lost
    assert {case.second for case in found.cases} == {"not in the run"}
    assert found.differ


@pytest.mark.parametrize(
    ("difference", "certificate", "word"),
    [
        (0.001, "K-1001", WITHIN),
        (0.014, "K-1001", IF_STILL),
        (0.014, "K-2002", WITHIN),
        (0.040, "K-1001", SIGNIFICANT),
        (-0.040, "K-2002", SIGNIFICANT),
    ],
    ids=["small", "beyond the meter's own error", "the same with a meter calibrated anew", "large", "large, downwards"],
)
def test_significance_rests_on_what_the_runs_share(
    tmp_path: Path, difference: float, certificate: str, word: str
) -> None:
    """U of 0.012 twice is 0.017; without the error of the same meter, 0.76 of u, it is 0.011."""
    found = compare(measured(tmp_path / "a", 5.0), measured(tmp_path / "b", 5.0 + difference, certificate=certificate))

    assert said(found) == word
    (value,) = found.values
    assert value.difference == pytest.approx(difference, abs=1e-12)
    # Nothing shared: the root of the sum of squares (GUM 5.1.2), with k between 1.9 and 2.1.
    assert abs(value.U - 2.0 * math.hypot(0.006, 0.006)) < 0.06 * value.U


def test_a_value_that_is_missing_is_not_called_equal(tmp_path: Path) -> None:
    """NaN differs from nothing and agrees with nothing."""
    found = compare(measured(tmp_path / "a", 5.0), measured(tmp_path / "b", math.nan))

    assert said(found) == UNKNOWN
    assert found.differ


def test_the_command_writes_json_that_any_reader_takes(
    first: Run, changed: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every value is in it, NaN is null, and the exit code says that they differ."""
    code = compare_command(first.folder, changed.folder, json=True)

    told = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(word))
    assert code == 1
    assert len(told["values"]) == len(first.rows.measurements)
    assert told["second"]["head"] == changed.head


def test_the_command_as_a_person_calls_it(tmp_path: Path, first: Run) -> None:
    """The front door knows it; a virtual run is told as one; equal runs end with 0."""
    done = command(tmp_path, "compare", first.folder, first.folder)

    assert done.returncode == 0, done.stderr
    assert "VIRTUAL BENCH" in done.stdout
    assert "0 differ significantly" in done.stdout
