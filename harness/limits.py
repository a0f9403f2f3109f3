"""Limits and decision rules: from a value, its uncertainty and a limit to a verdict, and never to a pass by accident.

ISO/IEC 17025:2017 7.8.6, ILAC-G8:09/2019, JCGM 106:2012. TL is the tolerance limit, U the expanded uncertainty at 95 %,
AL = TL - U the acceptance limit. Values are compared unrounded, and a value that equals AL or TL is on the good side.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from harness.budget import Expanded, probability_below


class Verdict(StrEnum):
    """What a case or a measurement came to, in the words of the IECEE test report forms."""

    PASS = "P"  # noqa: S105 - a verdict, no password
    FAIL = "F"
    NOT_APPLICABLE = "N/A"
    NOT_EVALUATED = "N/E"


class Rule(StrEnum):
    """How the uncertainty has a say in the verdict."""

    SIMPLE = "simple"
    GUARDED = "guarded"
    GUARDED_BINARY = "guarded-binary"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds of a quantity in SI units; None where there is none. source says in words where they come from."""

    low: float | None
    high: float | None
    source: str


class Judgement(NamedTuple):
    """A verdict with its reason; conditional ones are counted apart and never make a plain COMPLIES.

    Attributes:
        verdict: What it came to.
        conditional: Whether the value lies inside the guard band of the conditional rule.
        reason: In words, wherever it is not a plain pass.
        p_nonconforming: Probability that the true value is outside the limit; NaN where nothing could be judged.
    """

    verdict: Verdict
    conditional: bool
    reason: str
    p_nonconforming: float


# How a reason begins that more readings may do away with, and the reason of those readings.
UNDECIDED = "undecided"
REFINES = "taken to refine"
_UNDECIDED = f"{UNDECIDED}: the value is within its uncertainty of the limit"
_REJECTED = "rejected by the guard band"
_INSIDE = "conditional: the value is inside the limit by less than its uncertainty"
_OUTSIDE = "conditional: the value is outside the limit by no more than its uncertainty"
_BEYOND = "the value is outside the limit"


def judge(value: float, uncertainty: Expanded, limit: Limit, rule: Rule) -> Judgement:
    """Judge a value against a limit by a rule. Value, uncertainty and limit are in the same SI unit."""
    low, high = limit.low, limit.high
    if not math.isfinite(value):
        return Judgement(Verdict.NOT_EVALUATED, False, f"the value is {value}: nothing was measured", math.nan)
    if not math.isfinite(uncertainty.U) or uncertainty.U < 0.0:
        return Judgement(Verdict.NOT_EVALUATED, False, "the uncertainty is not a number", math.nan)
    if (low is None and high is None) or any(b is not None and not math.isfinite(b) for b in (low, high)):
        return Judgement(Verdict.NOT_EVALUATED, False, "there is no limit to judge by", math.nan)
    p_below_low = probability_below(low, value, uncertainty) if low is not None else 0.0
    p_above_high = 1.0 - probability_below(high, value, uncertainty) if high is not None else 0.0
    p = min(1.0, p_below_low + p_above_high)
    # How far inside the nearest bound the value lies; negative is outside.
    margin = min(value - low if low is not None else math.inf, high - value if high is not None else math.inf)
    guard = 0.0 if rule is Rule.SIMPLE else uncertainty.U
    # AL is compared as AL, so that a value equal to TL - U as a float passes.
    accepted = margin >= 0.0 and (high is None or value <= high - guard) and (low is None or value >= low + guard)
    if accepted:
        return Judgement(Verdict.PASS, False, "", p)
    if margin >= 0.0:
        if rule is Rule.GUARDED:
            return Judgement(Verdict.NOT_EVALUATED, False, _UNDECIDED, p)
        if rule is Rule.GUARDED_BINARY:
            return Judgement(Verdict.FAIL, False, _REJECTED, p)
        return Judgement(Verdict.PASS, True, _INSIDE, p)
    if rule is Rule.CONDITIONAL and (high is None or value <= high + guard) and (low is None or value >= low - guard):
        return Judgement(Verdict.FAIL, True, _OUTSIDE, p)
    return Judgement(Verdict.FAIL, False, _BEYOND, p)


LEAST_TUR = 4.0
"""The ratio below which a reader is warned: the 4:1 that ANSI/NCSL Z540.3 (5.3 b) is satisfied with."""


def tur(uncertainty: Expanded, low: float | None, high: float | None) -> float | None:
    """Return the test uncertainty ratio of a measurement, or None where there is none.

    It is the span of the tolerance over twice the expanded uncertainty at 95 % (ANSI/NCSL Z540.3-2006). That
    definition is for limits on two sides. Where there is one bound only, the span is counted from zero to that bound,
    because what is limited on one side here is a size (a current that may leak, a time that may pass). A bound of zero
    has no span, and a value that is exact by definition no uncertainty: neither has a ratio.
    """
    if low is not None and high is not None:
        span = high - low
    else:
        bound = high if low is None else low
        span = abs(bound) if bound is not None else 0.0
    twice = 2.0 * uncertainty.U
    if not (span > 0.0 and twice > 0.0 and math.isfinite(span) and math.isfinite(twice)):
        return None
    return span / twice


_ORDER = {Verdict.FAIL: 3, Verdict.NOT_EVALUATED: 2, Verdict.PASS: 1, Verdict.NOT_APPLICABLE: 0}


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the worst of verdicts, F > N/E > P > N/A; of none it is N/E, because nothing was judged."""
    return max(verdicts, key=_ORDER.__getitem__, default=Verdict.NOT_EVALUATED)
