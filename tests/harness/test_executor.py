"""Fail closed: every way to end a case without evidence ends it without a pass, and says why."""

import math
import signal
from asyncio import CancelledError
from pathlib import Path
from typing import Any, ClassVar

import pytest

from harness.claims import Undeclared
from harness.declared import Declared
from harness.errors import Aborted, GarbledError, Stopped
from harness.executor import NotSafe
from harness.limits import Rule, Verdict
from harness.reading import Component, Figure, Reading
from harness.record import Record, read_record
from harness.steps import Steps
from harness.stopping import SIGNALS
from tests.harness.bench_of_nothing import EmptyBench, Safety, current, reading, run

P, F, NE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED


def _measuring(*taken: Any, name: str = "current") -> Any:
    def method(bench: Any, step: Steps, claims: Any) -> None:
        with step("Read") as s:
            for one in taken:
                s.measure(name, one)

    return method


def test_a_good_reading_inside_its_limit_passes(tmp_path: Path) -> None:
    """The one way to pass: measured, finite, in its unit, by a fit instrument, judged."""
    result, _ = run(tmp_path, _measuring(reading(0.005)), current=current("current"))

    assert result.verdict is P


@pytest.mark.parametrize(
    ("taken", "verdict", "reason"),
    [
        (reading(0.0124), F, "outside the limit"),
        (reading(math.nan), NE, "nothing was measured"),
        (reading(math.inf), NE, "nothing was measured"),
        (reading(0.005, unit="V"), NE, "in V and must be in A"),
        (reading(0.005, instruments=()), NE, "no identified instrument"),
        (reading(0.005, instruments=("dmm", "old")), NE, "certificate expired"),
        (Reading(0.005, "A", (), ("dmm",)), NE, "nothing is known of its uncertainty"),
        (reading(0.005, u=math.nan), NE, "uncertainty is not a number"),
        (Reading(0.005, "A", (Component("x", 1e-6),), ("dmm",), "constant current"), NE, "constant current"),
        (reading(0.0099999), NE, "undecided"),
        (0.005, NE, "must be a reading"),
    ],
    ids=[
        "out of limit without an assert",
        "nan",
        "infinite",
        "wrong unit",
        "no instrument",
        "calibration expired",
        "no uncertainty",
        "uncertainty nan",
        "trouble",
        "in the guard band",
        "bare number",
    ],
)
def test_what_is_no_evidence_does_not_pass(tmp_path: Path, taken: Any, verdict: Verdict, reason: str) -> None:
    """A value that is out of limit fails, and what is no evidence is not evaluated, each with its reason."""
    bench = EmptyBench(unfit={"old": "certificate expired"})

    result, _ = run(tmp_path, _measuring(taken), bench=bench, current=current("current"))

    assert result.verdict is verdict
    assert reason in result.reason


def test_a_limit_that_was_never_measured_is_no_pass(tmp_path: Path) -> None:
    """A declared measure without a reading makes the case N/E, whatever else passed."""
    result, _ = run(tmp_path, _measuring(reading(0.005)), current=current("current"), peak=current("peak"))

    assert (result.verdict, result.reason) == (NE, "peak was measured not at all")


def test_a_name_that_is_not_declared_is_no_pass(tmp_path: Path) -> None:
    """A reading under a name that the plan does not declare is recorded, and makes the case N/E."""

    def method(bench: Any, step: Steps, claims: Any) -> None:
        with step("Read") as s:
            s.measure("current", reading(0.005))
            s.measure("curent", reading(0.005))

    result, record = run(tmp_path, method, current=current("current"))

    assert result.verdict is NE
    assert "curent: it is not declared" in result.reason
    assert [e["data"]["name"] for e in record if e["type"] == "measured"] == ["current", "curent"]  # type: ignore[index]


class Told(Record):
    """A record that tells after how many lines the disk was asked to keep them."""

    asked: ClassVar[list[int]] = []

    def begin_sync(self) -> None:
        """Ask the disk, and take note of it."""
        self.asked.append(self.count)
        super().begin_sync()


def test_the_disk_is_asked_to_keep_at_once_what_did_not_pass(tmp_path: Path) -> None:
    """A power cut heals no value that failed or was undecided, and no trouble of ours; what passed can wait."""

    def method(bench: Any, step: Steps, claims: Any) -> None:
        with step("Read") as s:
            for value in (0.005, 0.02, 0.005, 0.0099999):
                s.measure("current", reading(value))
            s.observe("lamp", True)
            raise GarbledError("it answered 'HELLO'")

    Told.asked.clear()
    _, record = run(tmp_path, method, kind=Told, current=current("current"))

    lines: list[Any] = list(record)
    bad = [line for line in lines if line["type"] == "problem" or line["data"].get("verdict") in ("F", "N/E")]
    assert [line["data"]["verdict"] for line in lines if line["type"] == "measured"] == ["P", "F", "P", "N/E"]
    assert Told.asked == [line["seq"] + 1 for line in bad]
    assert [line["type"] for line in bad] == ["measured", "measured", "observed", "problem", "case_ended"]


def test_a_retry_does_not_erase_a_failure(tmp_path: Path) -> None:
    """Measuring again after a value out of limit keeps both, and the case does not pass."""
    result, record = run(tmp_path, _measuring(reading(0.02), reading(0.005)), current=current("current"))

    assert result.verdict is F
    assert [e["data"]["verdict"] for e in record if e["type"] == "measured"] == ["F", "P"]  # type: ignore[index]


@pytest.mark.parametrize("count", [1, 9, 11])
def test_repeats_are_exactly_as_many_as_declared(tmp_path: Path, count: int) -> None:
    """Ten declared repeats are ten readings, no fewer and no more."""
    result, _ = run(tmp_path, _measuring(*[reading(0.005)] * count), current=current("current", repeats=10))

    assert result.verdict is NE
    assert "must be 10 times" in result.reason


def test_one_bad_repeat_is_a_failure(tmp_path: Path) -> None:
    """The worst of the repeats is judged."""
    taken = [*[reading(0.005)] * 9, reading(0.02)]

    result, _ = run(tmp_path, _measuring(*taken), current=current("current", repeats=10))

    assert result.verdict is F


def test_a_case_that_judges_nothing_is_no_pass(tmp_path: Path) -> None:
    """A case of which everything is only reported is not evaluated."""
    shown = Declared("shown", "mA", "A", report_only=True)

    result, _ = run(tmp_path, _measuring(reading(0.005), name="shown"), shown=shown)

    assert (result.verdict, result.reason) == (NE, "nothing was judged")


def test_bench_trouble_is_never_evidence(tmp_path: Path) -> None:
    """An error of our side makes the case N/E even if a value was out of limit before it."""

    def method(bench: Any, step: Steps, claims: Any) -> None:
        with step("Read") as s:
            s.measure("current", reading(0.02))
        raise OSError("the cable fell out")

    result, _ = run(tmp_path, method, current=current("current"))

    assert result.verdict is NE
    assert result.our_error
    assert "the cable fell out" in result.reason


def test_a_missing_claim_is_named(tmp_path: Path) -> None:
    """A method that asks for an undeclared claim makes the case N/E, and that is nobody's error."""

    def method(bench: Any, step: Steps, claims: Any) -> None:
        raise Undeclared("sites.hands.ramp")

    result, _ = run(tmp_path, method, current=current("current"))

    assert (result.verdict, result.our_error) == (NE, False)
    assert result.reason == "the claim sites.hands.ramp is not declared"


def test_a_tolerance_is_around_what_was_measured_before(tmp_path: Path) -> None:
    """A tolerance takes its target from another measure, and without it nothing is judged."""
    shown = Declared("shown", "mA", "A", report_only=True)
    within = Declared("delivered", "mA", "A", relative=0.05, absolute=1e-4, target="shown", rule=Rule.GUARDED)

    def method(bench: Any, step: Steps, claims: Any) -> None:
        with step("Read") as s:
            s.measure("shown", Reading(0.010, "A"))
            s.measure("delivered", reading(0.0105))

    result, record = run(tmp_path / "a", method, shown=shown, delivered=within)
    early, _ = run(tmp_path / "b", _measuring(reading(0.01), name="delivered"), shown=shown, delivered=within)

    measured = [e["data"] for e in record if e["type"] == "measured"][1]
    assert result.verdict is P
    assert (measured["low"], measured["high"]) == (pytest.approx(9.4), pytest.approx(10.6))  # type: ignore[index]
    assert early.verdict is NE


def test_an_undecided_value_is_refined_with_all_readings(tmp_path: Path) -> None:
    """What the plan declares for an undecided value is done once, with all readings, and the mean is judged."""
    values = iter([0.0099999, 0.00999, 0.00998, 0.00999, 0.00998])

    result, record = run(
        tmp_path, _measuring(lambda: reading(next(values), u=1e-7)), current=current("current", refine=4)
    )

    measured = [e["data"]["value"] for e in record if e["type"] == "measured"]  # type: ignore[index]
    assert len(measured) == 6
    assert result.verdict is P
    assert measured[-1] == pytest.approx(sum([9.9999, 9.99, 9.98, 9.99, 9.98]) / 5)


def test_an_observation_must_be_what_is_expected(tmp_path: Path) -> None:
    """An observation that differs fails, one of another kind is not evaluated."""
    latched = Declared("latched", "", "", observed=True, expected=True, source="claim")

    def observing(value: Any) -> Any:
        def method(bench: Any, step: Steps, claims: Any) -> None:
            with step("Look") as s:
                s.observe("latched", value)

        return method

    assert run(tmp_path / "a", observing(True), latched=latched)[0].verdict is P
    assert run(tmp_path / "b", observing(False), latched=latched)[0].verdict is F
    assert run(tmp_path / "c", observing(1), latched=latched)[0].verdict is NE


def test_the_simple_rule_rests_on_the_accuracy_of_the_scheme(tmp_path: Path) -> None:
    """Where U is larger than the scheme allows, a direct comparison decides nothing."""
    limit = current("current", rule=Rule.SIMPLE, accuracy=0.015)

    good, _ = run(tmp_path / "a", _measuring(reading(0.009, u=5e-5)), current=limit)
    poor, _ = run(tmp_path / "b", _measuring(reading(0.001, u=5e-3)), current=limit)

    assert good.verdict is P
    assert poor.verdict is NE
    assert "U is larger than the scheme allows" in poor.reason


@pytest.mark.parametrize(("value_a", "verdict"), [(0.0099, NE), (0.0101, NE), (0.0109, NE), (0.0131, F)])
def test_what_is_beyond_a_limit_by_more_than_its_uncertainty_fails_whatever_the_scheme_allows(
    tmp_path: Path, value_a: float, verdict: Verdict
) -> None:
    """U is a tenth of the limit, where 1.5 % are allowed: a coarse meter can tell a leak that is large enough."""
    limit = current("current", rule=Rule.SIMPLE, accuracy=0.015)

    result, _ = run(tmp_path, _measuring(reading(value_a, u=5e-4)), current=limit)

    assert result.verdict is verdict


def test_parts_of_one_source_are_one_error(tmp_path: Path) -> None:
    """A budget that names a source twice adds the two, and never their squares."""
    twice = Reading(0.005, "A", (Component("dmm", 1e-6), Component("dmm", 1e-6)), ("dmm",))

    _, record = run(tmp_path, _measuring(twice), current=current("current"))

    (measured,) = [e["data"] for e in record if e["type"] == "measured"]
    assert measured["u"] == pytest.approx(2e-3)  # type: ignore[index]


@pytest.mark.parametrize(
    "raised", [SystemExit(0), pytest.skip.Exception("not today"), GeneratorExit(), CancelledError()]
)
def test_a_method_that_exits_is_our_error(tmp_path: Path, raised: BaseException) -> None:
    """sys.exit(), pytest.skip() and the like in a method or a driver end no run, pass no case, leave nothing on."""

    def leaving(bench: Any, step: Steps, claims: Any) -> None:
        raise raised

    try:
        result, record = run(tmp_path, leaving, current=current("current"))
    except BaseException as escaped:  # a skip that gets out would have this test skipped
        pytest.fail(f"{escaped!r} ended the run")

    assert (result.verdict, result.our_error) == (NE, True)
    assert [entry["type"] for entry in record][-2:] == ["made_safe", "case_ended"]


def test_the_bench_is_made_safe_however_a_case_ends(tmp_path: Path) -> None:
    """A pass, an error and a stop each end with the bench made safe, before the case is closed."""

    def broken(bench: Any, step: Steps, claims: Any) -> None:
        raise RuntimeError("bug")

    def stopped(bench: Any, step: Steps, claims: Any) -> None:
        raise Stopped("SIGTERM")

    for name, method in (("good", _measuring(reading(0.005))), ("broken", broken), ("stopped", stopped)):
        bench = EmptyBench()
        if name == "stopped":
            with pytest.raises(Stopped):
                run(tmp_path / name, method, bench=bench, current=current("current"))
        else:
            run(tmp_path / name, method, bench=bench, current=current("current"))
        assert bench.made_safe == 1


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_case_that_is_terminated_cleans_up_and_one_that_is_aborted_does_not(tmp_path: Path, times: int) -> None:
    """The first signal lets the method put away what it has; the second gives that up; both leave the bench safe."""
    bench, put_away = EmptyBench(), False

    def method(bench: Any, step: Steps, claims: Any) -> None:
        nonlocal put_away
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            for _ in range(1, times):
                signal.raise_signal(signal.SIGTERM)
            put_away = True

    with SIGNALS.installed(), pytest.raises(Stopped) as stop:
        run(tmp_path, method, bench=bench, current=current("current"))

    ended = list(read_record(tmp_path / "record.jsonl"))[-1]["data"]
    assert put_away == (times == 1)
    assert isinstance(stop.value, Aborted) == (times > 1)
    assert (ended["verdict"], ended["reason"].partition(":")[0]) == ("N/E", "aborted" if times > 1 else "terminated")
    assert bench.made_safe == 1


def test_a_bench_that_cannot_be_made_safe_ends_the_run(tmp_path: Path) -> None:
    """After a bench could not be made safe nothing more is run on it, and the case is N/E."""
    bench = EmptyBench(safety=Safety(ok=False, actions=("the supply does not answer",)))

    with pytest.raises(NotSafe, match="the supply does not answer"):
        run(tmp_path, _measuring(reading(0.005)), bench=bench, current=current("current"))


def test_a_value_is_recorded_with_its_ratio_and_its_unverified_figures(tmp_path: Path) -> None:
    """10 mA over twice U; of two figures of data sheets, the one that nobody found in its source is named, once."""
    found, remembered = Figure("34461A dc voltage", "found"), Figure("34465A dc voltage", "remembered")
    components = (
        Component("gain", 3e-6, figure=remembered),
        Component("offset", 4e-6, figure=remembered),
        Component("other", 0.0, figure=found),
        Component("shunt", 0.0),
    )

    _, record = run(tmp_path, _measuring(Reading(0.005, "A", components, ("dmm",))), current=current("current"))

    data: Any = next(entry["data"] for entry in record if entry["type"] == "measured")
    assert data["tur"] == pytest.approx(10.0 / (2.0 * data["U"]))
    assert data["unverified"] == ["34465A dc voltage"]
    assert [row[4] for row in data["budget"]] == ["34465A dc voltage", "34465A dc voltage", "34461A dc voltage", ""]


def test_a_value_that_is_only_reported_has_no_ratio(tmp_path: Path) -> None:
    """There is no tolerance that it could be held against."""
    _, record = run(tmp_path, _measuring(reading(0.005)), current=current("current", report_only=True))

    data: Any = next(entry["data"] for entry in record if entry["type"] == "measured")
    assert data["tur"] is None
