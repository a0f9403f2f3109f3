"""The book of one attempt at a case: what was measured so far, and what the case comes to when it is closed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from harness.cases import PlannedCase
from harness.clock import Clock
from harness.declared import Declared
from harness.limits import Judgement, Verdict, worst
from harness.reading import Reading
from harness.record import Record


class Safety(Protocol):
    """What came of making a bench safe."""

    @property
    def ok(self) -> bool:
        """Whether everything was read back as safe."""

    @property
    def actions(self) -> tuple[str, ...]:
        """What was done, in order."""


class CaseBench(Protocol):
    """What the executor needs of a bench; methods see more of it."""

    @property
    def clock(self) -> Clock:
        """Bench time."""

    def lacks(self, needs: tuple[str, ...]) -> str:
        """Return what the bench has not of what a case needs, in words, or ""."""

    def begin_case(self, case_id: str, needs: tuple[str, ...]) -> None:
        """Make ready for a case that needs something beyond what each bench has, or nothing."""

    def end_case(self) -> None:
        """Find out whether the bench is still what it was when the case began; raise what happened to it if not."""

    def make_safe(self) -> Safety:
        """Switch everything off, in a defined order, and read it back."""

    def fitness(self, instrument: str) -> str:
        """Return why an instrument may not be used for evidence now, or ""."""


class CaseResult(NamedTuple):
    """What a case came to.

    Attributes:
        case: Its id.
        verdict: P, F, N/A or N/E.
        conditional: Whether a pass, or a fail, is inside a guard band of the conditional rule.
        reason: In words, wherever it is not a plain pass.
        our_error: Whether our side failed.
        reaches_back: Whether it may have failed in cases before this one already.
    """

    case: str
    verdict: Verdict
    conditional: bool
    reason: str
    our_error: bool
    reaches_back: bool = False


@dataclass
class Casebook:
    """What one attempt at a case has measured.

    Attributes:
        case: The case.
        record: Where everything is written first.
        bench: Says which instruments are fit.
        values: The last reading of each name, for limits that refer to it.
        judgements: All judgements of each name, in order.
    """

    case: PlannedCase
    record: Record
    bench: CaseBench
    values: dict[str, Reading] = field(default_factory=dict)
    judgements: dict[str, list[Judgement]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self.record.path.parent

    def judged(self, name: str, judgement: Judgement, *, replaces: bool = False) -> None:
        """Take note of a judgement; one that replaces an undecided one stands in its place."""
        known = self.judgements.setdefault(name, [])
        if replaces:
            known.pop()
        known.append(judgement)

    def trouble(self, declared: Declared, reading: Reading) -> str:
        """Return why a reading is no evidence, or ""."""
        if reading.unit != declared.si:
            return f"it is in {reading.unit} and must be in {declared.si}"
        if reading.trouble:
            return reading.trouble
        if declared.report_only:
            # NaN is not equal to itself.
            return "" if reading.value == reading.value else "nothing was measured"
        if not reading.instruments:
            return "it comes from no identified instrument, and what a device says of itself is no evidence"
        if not reading.components:
            return "nothing is known of its uncertainty"
        for instrument in reading.instruments:
            unfit = self.bench.fitness(instrument)
            if unfit:
                return unfit
        return ""

    def close(self) -> tuple[Verdict, bool, str]:
        """Return what the case comes to: the worst of its measures, and N/E for what was not measured as declared."""
        verdicts: list[Verdict] = []
        reasons: list[str] = []
        conditional = judged = False
        for name, declared in self.case.measures.items():
            count = len(self.judgements.get(name, ()))
            if count != declared.repeats:
                verdicts.append(Verdict.NOT_EVALUATED)
                times = f"{count} times and must be {declared.repeats} times" if count else "not at all"
                reasons.append(f"{name} was measured {times}")
        for name, judgements in self.judgements.items():
            reported_only = name in self.case.measures and self.case.measures[name].report_only
            for judgement in judgements:
                if reported_only and judgement.verdict is Verdict.NOT_APPLICABLE:
                    continue
                judged = True
                verdicts.append(judgement.verdict)
                conditional |= judgement.conditional
                if judgement.verdict is not Verdict.PASS or judgement.conditional:
                    reasons.append(f"{name}: {judgement.reason}")
        if not judged and not reasons:
            return Verdict.NOT_EVALUATED, False, "nothing was judged"
        verdict = worst(verdicts)
        conditional = conditional and verdict in (Verdict.PASS, Verdict.FAIL)
        return verdict, conditional, "; ".join(dict.fromkeys(reasons))
