"""What is kept of a run: which case caught what, and what the decision rule says of doing it again."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.budget import Expanded
from harness.casebook import CaseResult
from harness.collecting import Collector, beyond, chances, only_undecided, theory
from harness.events import CaseStarted, Measured, Observed
from harness.limits import REFINES, UNDECIDED, Limit, Rule, Verdict, judge
from harness.qualification import Margin
from harness.reading import INFINITE
from harness.student import normal_cdf

U, K = 1.0, 1.96
SIGMA = U / K


def measured(value: float, *, rule: Rule = Rule.GUARDED, high: float = 10.0, case: str = "OUT-021[x]") -> Measured:
    """Return a value that was judged against an upper limit."""
    found = judge(value, Expanded(SIGMA, INFINITE, K, U, 0.0), Limit(None, high, "test"), rule)
    return Measured(
        case, "Read", "current", value, "mA", U, SIGMA, K, None, None, high, rule.value, found.p_nonconforming,
        found.verdict.value, found.conditional, found.reason, "test", ("dmm",), [("gain", SIGMA, "normal", None, "")],
    )  # fmt: skip


def result(case: str, verdict: Verdict) -> CaseResult:
    """Return what a case came to."""
    return CaseResult(case, verdict, False, "", False)


def test_a_failed_case_is_kept_with_its_largest_margin() -> None:
    """Of several values beyond their limit the farthest is told, in units of U."""
    collector = Collector()
    collector(CaseStarted("OUT-021[x]", 1))
    for value in (9.0, 11.0, 13.0, 12.0):
        collector(measured(value))

    (caught,) = collector.caught({"OUT-021[x]": result("OUT-021[x]", Verdict.FAIL)})
    assert (caught.base, caught.measure) == ("OUT-021", "current")
    assert caught.margin == pytest.approx(3.0)
    assert collector.judged == 4


def test_a_verdict_that_was_withdrawn_caught_nothing() -> None:
    """What counts is what the case came to at last."""
    collector = Collector()
    collector(CaseStarted("OUT-021[x]", 1))
    collector(measured(13.0))

    assert collector.caught({"OUT-021[x]": result("OUT-021[x]", Verdict.NOT_EVALUATED)}) == ()


def test_what_was_only_seen_has_no_margin() -> None:
    """An observation that is not what it must be catches without a number."""
    collector = Collector()
    collector(CaseStarted("FLT-010", 1))
    collector(Observed("FLT-010", "Look", "latched", False, True, "F", "it is not", "plan"))

    (caught,) = collector.caught({"FLT-010": result("FLT-010", Verdict.FAIL)})
    assert (caught.measure, caught.margin) == ("latched", None)


def test_a_refined_value_stands_in_the_place_of_the_undecided_one() -> None:
    """Readings that refine are not judged, and the first chance is forgotten."""
    collector = Collector()
    collector(CaseStarted("OUT-021[x]", 1))
    first = measured(9.5)
    assert first.reason.startswith(UNDECIDED)
    collector(first)
    assert collector.p_undecided > 0.1
    for _ in range(3):
        extra = measured(9.5)
        extra.verdict, extra.reason = "N/E", REFINES
        collector(extra)
    collector(measured(5.0))

    assert collector.judged == 1
    assert collector.p_undecided < 1e-6


@given(distance=st.floats(-6.0, 6.0))
def test_chances_are_the_tails_of_the_uncertainty(distance: float) -> None:
    """F is the tail beyond TL, undecided what lies between AL and TL."""
    p_fail, p_undecided = chances(measured(10.0 + distance))

    assert p_fail == pytest.approx(normal_cdf(distance / SIGMA), abs=1e-12)
    assert p_undecided == pytest.approx(normal_cdf((distance + U) / SIGMA) - normal_cdf(distance / SIGMA), abs=1e-12)


def test_a_false_alarm_does_not_predict_itself() -> None:
    """What came to F adds nothing to the prediction, however far beyond its limit it was measured."""
    collector = Collector()
    collector(CaseStarted("OUT-021[x]", 1))
    collector(measured(13.0))
    collector(measured(9.0 - 3.0 * SIGMA))

    assert collector.p_fail < 1e-5


def test_a_case_without_a_result_caught_nothing() -> None:
    """A bench that cannot be made safe ends a run without a result of the case that was on it."""
    collector = Collector()
    collector(CaseStarted("OUT-021[x]", 1))
    collector(measured(13.0))

    assert collector.caught({}) == ()


@pytest.mark.parametrize(
    ("reason", "is_so"),
    [
        ("current: undecided: the value is within its uncertainty of the limit", True),
        ("a: undecided: too near; b: undecided: too near", True),
        ("a: undecided: too near; b was measured not at all", False),
        ("the end check of the bench failed: resistor", False),
    ],
)
def test_undecided_is_told_from_not_measured(reason: str, is_so: bool) -> None:
    """A value near a limit is no fault of the bench, and whatever else is not evaluated is no such value."""
    assert only_undecided(reason) is is_so


def test_the_binary_rule_fails_inside_the_guard_band() -> None:
    """There is no undecided, and the chance of F begins at AL."""
    assert chances(measured(9.0, rule=Rule.GUARDED_BINARY)) == (pytest.approx(0.5), 0.0)


@pytest.mark.parametrize("times_u", [0.5, 1.0, 2.0])
def test_theory_is_what_a_million_devices_would_do(times_u: float) -> None:
    """Φ(times_u·k) of devices that far beyond TL come to F, counted with the judge itself."""
    chance = Random(1)  # noqa: S311 - not for secrets
    uncertainty, limit = Expanded(SIGMA, INFINITE, K, U, 0.0), Limit(None, 10.0, "test")
    verdicts = [
        judge(10.0 + times_u * U + chance.gauss(0.0, SIGMA), uncertainty, limit, Rule.GUARDED).verdict
        for _ in range(20_000)
    ]
    p_fail, p_not_pass = theory(measured(10.0), times_u)

    assert p_fail == pytest.approx(normal_cdf(times_u * K), abs=1e-12)
    assert p_not_pass == pytest.approx(normal_cdf((times_u + 1.0) * K), abs=1e-12)
    deviation = math.sqrt(p_fail * (1.0 - p_fail) / len(verdicts))
    assert abs(verdicts.count(Verdict.FAIL) / len(verdicts) - p_fail) < 4.5 * deviation


def test_a_margin_is_watched_in_its_case_and_measure_alone() -> None:
    """Other cases have no say in how often a marginal defect is caught."""
    collector = Collector(Margin("OUT-021[x]", "current", 1.0))
    for case in ("OUT-021[x]", "OUT-021[y]"):
        collector(CaseStarted(case, 1))
        collector(measured(11.0, case=case))

    assert [verdict for verdict, _, _ in collector.marginal] == ["F"]


def test_a_value_that_is_exact_has_no_margin_in_u() -> None:
    """Nothing is divided by an uncertainty of zero."""
    event = measured(13.0)
    event.U = 0.0

    assert beyond(event) is None
