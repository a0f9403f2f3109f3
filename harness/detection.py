"""How often a defect is caught, against how often the decision rule says that it must be.

A marginal device is truly times_u expanded uncertainties beyond its tolerance limit TL. With U = k·u the measured value
is beyond TL, and the verdict F, with Φ(times_u·k); it is beyond AL = TL - U, and the verdict not P, with
Φ((times_u + 1)·k). A device that is faulty in a share of sessions shows it in n of them with 1 - (1 - odds)^n.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.counting import Bounds, central_range, clopper_pearson, shows
from harness.limits import Verdict
from harness.plan import base_of
from harness.qualification import Outcome, Specimen

CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Detection:
    """Hits in trials, beside the theory.

    Attributes:
        what: What counts as a hit.
        hits: How many there were.
        trials: Of how many.
        probability: Mean probability of a hit, by theory.
        credible: Fewest and most hits at 99 %, by theory.
        bounds: Exact 99 % confidence bounds of the probability, by the hits alone.
    """

    what: str
    hits: int
    trials: int
    probability: float
    credible: tuple[int, int]
    bounds: Bounds

    @property
    def well(self) -> bool:
        """Whether there are as many hits as theory says, within its 99 % bound."""
        return self.credible[0] <= self.hits <= self.credible[1]

    @property
    def words(self) -> str:
        """The whole of it in words."""
        low, high = self.credible
        return f"{self.what}: {self.hits} of {self.trials}, and theory says {low} to {high}"


def detections(specimen: Specimen, outcomes: Sequence[Outcome]) -> list[Detection]:
    """Return hits against theory of a marginal or an intermittent defect; none of any other."""
    if specimen.margin is not None:
        rows = [row for outcome in outcomes for row in outcome.marginal]
        if not rows:
            return []
        fails = sum(verdict == Verdict.FAIL for verdict, _, _ in rows)
        not_passed = sum(verdict != Verdict.PASS for verdict, _, _ in rows)
        return [
            _detection("F", fails, [p_fail for _, p_fail, _ in rows]),
            _detection("not P", not_passed, [p_not_pass for _, _, p_not_pass in rows]),
        ]
    if specimen.odds < 1.0:
        hits, chances = 0, []
        for outcome in outcomes:
            failed = {caught.case for caught in outcome.caught}
            for case, sessions in outcome.sessions.items():
                if base_of(case) in specimen.cases:
                    hits += case in failed
                    chances.append(shows(specimen.odds, sessions))
        return [_detection("cases at F", hits, chances)] if chances else []
    return []


def _detection(what: str, hits: int, chances: Sequence[float]) -> Detection:
    count = len(chances)
    return Detection(
        what,
        hits,
        count,
        sum(chances) / count,
        central_range(chances, CONFIDENCE),
        clopper_pearson(hits, count, CONFIDENCE),
    )
