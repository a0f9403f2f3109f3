"""What a qualification keeps of a run, taken from its events while they are written: no record is read again."""

import math
from collections import Counter
from collections.abc import Mapping

from harness.budget import Expanded, probability_below
from harness.casebook import CaseResult
from harness.events import CaseStarted, CheckStandard, Event, Measured, Observed
from harness.limits import REFINES, UNDECIDED, Rule, Verdict
from harness.qualification import Caught, Margin
from harness.reading import INFINITE, Distribution

# So many u beyond a bound there is no chance left that is worth adding up.
_FAR = 8.5


class Collector:
    """An observer of a record; what it holds is whole when the run has ended.

    Args:
        margin: Where a marginal defect is looked for, or None.

    Attributes:
        judged: Values that were judged.
        marginal: Each verdict of the measure of that margin, with its chances to be F and to be no P by theory.
        sessions: Sessions that were asked for, by case; only what calls session() is counted.
        checks: Names of the check standards.
        stopped: Check standards that were beyond their action limit, in words.
    """

    def __init__(self, margin: Margin | None = None) -> None:
        self.judged = 0
        self.marginal: list[tuple[str, float, float]] = []
        self.sessions: Counter[str] = Counter()
        self.checks: set[str] = set()
        self.stopped = ""
        self._margin = margin
        self._failed: dict[str, Caught] = {}
        self._chances: dict[tuple[str, str], list[tuple[float, float]]] = {}
        self._refining: set[tuple[str, str]] = set()
        self._order: list[str] = []

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Measured):
            self._measured(event)
        elif isinstance(event, Observed):
            if event.verdict == Verdict.FAIL:
                self._failed.setdefault(event.case, Caught(event.case, event.name, None))
        elif isinstance(event, CheckStandard):
            self.checks.add(event.quantity)
            if not event.ok:
                self.stopped = self.stopped or f"{event.quantity}, at the {event.when}"
        elif isinstance(event, CaseStarted):
            self._order.append(event.case)

    def session(self) -> None:
        """Take note that a session was asked for."""
        self.sessions[self._order[-1] if self._order else ""] += 1

    def caught(self, results: Mapping[str, CaseResult]) -> tuple[Caught, ...]:
        """Return the cases that came to F at last, in the order in which they were run."""
        # A case in which the bench could not be made safe has no result.
        known = {case: results[case] for case in self._order if case in results}
        failed = [case for case, result in known.items() if result.verdict is Verdict.FAIL]
        return tuple(self._failed.get(case, Caught(case, "", None)) for case in failed)

    @property
    def p_fail(self) -> float:
        """Expected number of values that come to F, if each that did not is truly where it was measured."""
        return math.fsum(p for chances in self._chances.values() for p, _ in chances)

    @property
    def p_undecided(self) -> float:
        """Expected number of values that come to undecided, if each is truly where it was measured."""
        return math.fsum(p for chances in self._chances.values() for _, p in chances)

    def _measured(self, event: Measured) -> None:
        key = (event.case, event.name)
        if event.reason == REFINES:
            self._refining.add(key)
            return
        if not event.rule or (event.verdict == Verdict.NOT_EVALUATED and not event.reason.startswith(UNDECIDED)):
            return
        refined = key in self._refining
        if refined:
            # The mean of all readings stands in the place of the one that was undecided.
            self._refining.discard(key)
            self._chances[key].pop()
        self.judged += not refined
        # What came to F predicts nothing of itself: else every false alarm would be one that the rule predicts.
        failed = event.verdict == Verdict.FAIL
        self._chances.setdefault(key, []).append((0.0, 0.0) if failed else chances(event))
        if failed:
            margin = beyond(event)
            known = self._failed.get(event.case)
            if known is None or known.margin is None or (margin is not None and margin > known.margin):
                self._failed[event.case] = Caught(event.case, event.name, margin)
        if self._margin is not None and key == (self._margin.case, self._margin.measure):
            if refined:
                self.marginal.pop()
            self.marginal.append((event.verdict, *theory(event, self._margin.times_u)))


def only_undecided(reason: str) -> bool:
    """Whether a case was not evaluated for nothing else than values that are too near to a limit."""
    return all(f": {UNDECIDED}" in part for part in reason.split("; "))


def beyond(event: Measured) -> float | None:
    """Return by how many U a value is beyond the nearest bound that it is beyond; None if U is no measure of it."""
    over = [event.value - event.high] if event.high is not None else []
    over += [event.low - event.value] if event.low is not None else []
    if not over or not event.U > 0.0:
        return None
    return max(over) / event.U


def chances(event: Measured) -> tuple[float, float]:
    """Return the chances that a value comes to F, and to undecided, when it is measured once more.

    The true value is taken to be where it was measured, since nothing better is known of it. As the measured value
    scatters about the true one, both chances are on average rather too large than too small for a device that conforms.
    """
    uncertainty = _expanded(event)
    bounds = [(1.0, event.high)] if event.high is not None else []
    bounds += [(-1.0, event.low)] if event.low is not None else []
    outside = guarded = 0.0
    for sign, bound in bounds:
        inside = sign * (bound - event.value)
        if inside > uncertainty.U + _FAR * uncertainty.u:
            continue
        # The distribution is symmetric: one tail serves both bounds.
        outside += 1.0 - probability_below(inside, 0.0, uncertainty)
        guarded += 1.0 - probability_below(inside - uncertainty.U, 0.0, uncertainty)
    outside, guarded = min(1.0, outside), min(1.0, guarded)
    if event.rule == Rule.GUARDED_BINARY:
        return guarded, 0.0
    return outside, guarded - outside if event.rule == Rule.GUARDED else 0.0


def theory(event: Measured, times_u: float) -> tuple[float, float]:
    """Return the chances of F, and of anything but P, of a true value that is times_u expanded uncertainties beyond TL.

    Of an uncertainty that is normal they are Φ(times_u·k), and Φ((times_u + 1)·k) where the rule guards.
    """
    uncertainty = _expanded(event)
    beyond_tl = 1.0 - probability_below(-times_u * uncertainty.U, 0.0, uncertainty)
    if event.rule == Rule.SIMPLE:
        return beyond_tl, beyond_tl
    beyond_al = 1.0 - probability_below(-(times_u + 1.0) * uncertainty.U, 0.0, uncertainty)
    if event.rule == Rule.GUARDED_BINARY:
        return beyond_al, beyond_al
    return beyond_tl, beyond_al if event.rule == Rule.GUARDED else beyond_tl


def _expanded(event: Measured) -> Expanded:
    rectangle = max((abs(row[1]) for row in event.budget if row[2] == Distribution.RECTANGULAR), default=0.0)
    dof = INFINITE if event.dof is None else event.dof
    return Expanded(event.u, dof, event.k, event.U, min(rectangle, event.u))
