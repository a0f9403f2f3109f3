"""Decision rules: the table of ISO/IEC 17025 / ILAC-G8 to the letter."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.budget import EXACT, UNKNOWN, combine
from harness.limits import Limit, Rule, Verdict, judge, tur, worst
from harness.reading import Component

TL, U95 = 25.0, 0.1
UNCERTAINTY = combine([Component("all", U95 / 1.959963984540054)])
AL = TL - UNCERTAINTY.U
UPPER = Limit(None, TL, "claim")
P, F, NE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED

TABLE = {
    Rule.SIMPLE: [(P, False), (P, False), (P, False), (P, False), (F, False), (F, False)],
    Rule.GUARDED: [(P, False), (P, False), (NE, False), (NE, False), (F, False), (F, False)],
    Rule.GUARDED_BINARY: [(P, False), (P, False), (F, False), (F, False), (F, False), (F, False)],
    Rule.CONDITIONAL: [(P, False), (P, False), (P, True), (P, True), (F, True), (F, False)],
}
VALUES = [AL - 0.01, AL, math.nextafter(AL, 99), TL, math.nextafter(TL, 99), TL + U95 + 0.01]


@pytest.mark.parametrize("rule", Rule)
def test_a_value_moved_across_al_and_tl_gives_the_table(rule: Rule) -> None:
    """Below AL, at AL, above AL, at TL, above TL and above TL + U each give the verdict of the table."""
    result = [judge(value, UNCERTAINTY, UPPER, rule) for value in VALUES]

    assert [(r.verdict, r.conditional) for r in result] == TABLE[rule]
    assert all(r.reason for r in result if r.verdict is not P or r.conditional)


@pytest.mark.parametrize("rule", Rule)
def test_a_lower_limit_is_the_mirror(rule: Rule) -> None:
    """A lower limit judges as an upper one does on the mirrored value."""
    lower = Limit(-TL, None, "claim")

    result = [judge(-value, UNCERTAINTY, lower, rule) for value in VALUES]

    assert [(r.verdict, r.conditional) for r in result] == TABLE[rule]


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(Rule), st.floats(0, 1e3))
def test_p_only_where_the_value_is_finite_and_inside(value: float, rule: Rule, u: float) -> None:
    """No rule passes a value that is not finite, or outside of the tolerance limit."""
    result = judge(value, combine([Component("all", u)]), Limit(-5.0, 5.0, "claim"), rule)

    if result.verdict is P:
        assert -5.0 <= value <= 5.0
    if math.isnan(value):
        assert result.verdict is NE


@given(st.floats(-30, 30), st.floats(0.001, 10))
def test_guarded_pass_has_at_most_two_and_a_half_percent_risk(value: float, u: float) -> None:
    """ILAC-G8: with w = U the probability of a wrong pass is at most 2.5 % for each limit."""
    result = judge(value, combine([Component("all", u)]), Limit(None, 5.0, "claim"), Rule.GUARDED)

    if result.verdict is P:
        assert result.p_nonconforming <= 0.025 + 1e-9


@pytest.mark.parametrize(
    ("limit", "uncertainty"),
    [
        (Limit(None, None, ""), UNCERTAINTY),
        (Limit(None, math.nan, ""), UNCERTAINTY),
        (UPPER, combine([Component("broken", math.nan)])),
    ],
)
def test_without_limit_or_uncertainty_nothing_passes(limit: Limit, uncertainty: object) -> None:
    """A missing limit, a limit that is no number, and an unknown uncertainty are each not evaluated."""
    assert judge(1.0, uncertainty, limit, Rule.SIMPLE).verdict is NE  # type: ignore[arg-type]


def test_two_sided_oil_example_of_jcgm_106() -> None:
    """JCGM 106: y = 13.6 with u = 1.8 in 12.5 … 16.3 conforms with probability 0.66."""
    result = judge(13.6, combine([Component("all", 1.8)]), Limit(12.5, 16.3, "spec"), Rule.SIMPLE)

    assert 1 - result.p_nonconforming == pytest.approx(0.662630, abs=1e-6)


def test_worst_verdict() -> None:
    """F is worse than N/E, N/E than P, P than N/A; of nothing it is N/E."""
    assert worst([P, NE, F]) is F
    assert worst([P, NE, Verdict.NOT_APPLICABLE]) is NE
    assert worst([P, Verdict.NOT_APPLICABLE]) is P
    assert worst([]) is NE


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (9.8, 10.2, 2.0),
        (None, 10.0, 50.0),
        (-10.0, None, 50.0),
        (0.0, 0.8, 4.0),
        (None, 0.0, None),
        (None, None, None),
        (10.0, 10.0, None),
    ],
    ids=["two limits", "upper", "lower", "from zero", "nothing is allowed", "no limit", "no span"],
)
def test_the_ratio_is_the_span_of_the_tolerance_over_twice_u(
    low: float | None, high: float | None, expected: float | None
) -> None:
    """U is 0.1: 0.4 over 0.2 is 2:1. One limit counts from zero, and a span of nothing has no ratio."""
    found = tur(UNCERTAINTY, low, high)

    assert found == (pytest.approx(expected) if expected is not None else None)


def test_what_is_exact_or_unknown_has_no_ratio() -> None:
    """A set value has no uncertainty, and what is known of nothing no ratio: neither is a good one."""
    assert tur(EXACT, 0.0, 1.0) is None
    assert tur(UNKNOWN, 0.0, 1.0) is None
