"""One attempt at a case worked out again: what it comes to by the rows under it, and what bench and claims forbade."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harness.budget import expanded, mean
from harness.claims import UNDECLARED
from harness.errors import Aborted, Stopped
from harness.limits import REFINES, UNDECIDED, Judgement, Verdict, worst
from harness.past import CUT_SHORT
from harness.reading import Reading
from reports.chain import Entry
from reports.rederived_value import differences, judged_again, reading_of

NOT_SAFE = "the bench could not be made safe"
_STOPPED = tuple(f"{stop.how}: " for stop in (Stopped, Aborted))
_ANSWERS = {"pass": "P", "fail": "F", "not applicable": "N/A"}
_RESULTS = {"pass": "N/A", "fail": "F", "not applicable": "N/A"}
# Two ways to the same mean differ in their last digits.
_SAME = 1e-9
_NAN = float("nan")


class CameTo(NamedTuple):
    """What a case came to: verdict, whether conditionally, and why."""

    verdict: str
    conditional: bool
    reason: str


@dataclass
class Attempt:
    """One attempt at a case, as far as the record was read.

    Attributes:
        planned: What the record says of the case before it was run.
        judged: What each measure came to, in order, by name.
        values: The last reading of each name.
        refining: Readings that were taken to refine an undecided one, by name.
        elsewhere: The recorded answer of an inspector or another laboratory.
        problem: What went wrong on our side, in words.
        unsafe: What kept the bench from being made safe; None if nothing is said of it, "" if it was.
        begun: Whether the method did anything.
        interrupted: Whether the run was interrupted while it ran.
        torn: Whether a line of it was cut off that may have said that something did not pass.
    """

    planned: dict[str, Any]
    judged: dict[str, list[Judgement]] = field(default_factory=dict)
    values: dict[str, Reading] = field(default_factory=dict)
    refining: dict[str, list[Reading]] = field(default_factory=dict)
    elsewhere: dict[str, Any] | None = None
    problem: str = ""
    kind: str = ""
    unsafe: str | None = None
    begun: bool = False
    interrupted: bool = False
    torn: bool = False

    @property
    def spoiled(self) -> bool:
        """Whether something in it did not pass, so that it counts though it was cut short."""
        seen = [judgement.verdict for judgements in self.judged.values() for judgement in judgements]
        bad = any(verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE) for verdict in seen)
        answered = self.elsewhere is not None and self.elsewhere["verdict"] not in ("P", "N/A")
        return bad or answered or self.our_error

    @property
    def our_error(self) -> bool:
        """Whether our side failed."""
        return bool(self.problem or self.unsafe)

    def measured(self, entry: Entry) -> list[str]:
        """Take in a value; return in words where its row contradicts itself or the plan."""
        data, name = entry.data, entry.data["name"]
        self.begun = True
        declared = self.planned["measures"].get(name)
        reading = reading_of(data)
        if declared is None or "is" in declared:
            reason = "it is not declared in the plan" if declared is None else "the plan declares an observation"
            judgement = Judgement(Verdict.NOT_EVALUATED, False, reason, _NAN)
            self.judged.setdefault(name, []).append(judgement)
            return differences(data, judgement)
        if data["verdict"] == Verdict.NOT_EVALUATED.value and data["reason"] == REFINES:
            self.refining.setdefault(name, []).append(reading)
            return [] if self._undecided(name) else ["it is said to refine a value, and none before it is undecided"]
        problems = []
        if more := self.refining.pop(name, []):
            problems += self._refined(name, reading, more, declared.get("refine", 0))
            if self._undecided(name):
                self.judged[name].pop()
        again = judged_again(data, reading, declared, self.values.get(declared.get("of") or ""))
        self.judged.setdefault(name, []).append(again.judgement)
        self.values[name] = reading
        return problems + again.problems

    def observed(self, entry: Entry) -> list[str]:
        """Take in an observation; return in words where its verdict is not that of what was seen."""
        data, name = entry.data, entry.data["name"]
        if name and name in (self.planned["inspection"], self.planned.get("external")):
            self.elsewhere = data
            words = _ANSWERS if self.planned["inspection"] else _RESULTS
            came_to = words.get(str(data["value"]), "N/E")
            if data["verdict"] == came_to:
                return []
            return [f"it says verdict {data['verdict']!r}, and {data['value']!r} comes to {came_to!r}"]
        self.begun = True
        declared = self.planned["measures"].get(name)
        judgement = _seen(data, declared)
        self.judged.setdefault(name, []).append(judgement)
        said = CameTo(data["verdict"], False, data["reason"])
        ours = CameTo(judgement.verdict.value, False, judgement.reason)
        problems = [] if said == ours else [f"it says {_words(said)}, and what was seen comes to {_words(ours)}"]
        if declared is not None and "is" in declared and data["expected"] != declared["is"]:
            problems.append(f"it says that it must be {data['expected']!r}, and the plan says {declared['is']!r}")
        return problems

    def ended(self, said: CameTo) -> tuple[CameTo, list[str]]:
        """Return what the attempt comes to, and in words where the record says something else of it."""
        problems = [
            f"{name} was taken again to refine it, and nothing came of it"
            for name in self.refining
            if not (self.problem or self.interrupted)
        ]
        ours = self._came_to(said)
        if ours != said:
            problems.append(f"it says {_words(said)}, and what is recorded under it comes to {_words(ours)}")
        return ours, problems

    def _came_to(self, said: CameTo) -> CameTo:
        if self.interrupted:
            return CameTo("N/E", False, CUT_SHORT)
        if self.planned["inspection"] or self.planned.get("external"):
            return self._elsewhere(said)
        if self.unsafe:
            exact = said.verdict == "N/E" and not said.conditional and said.reason.startswith(NOT_SAFE)
            return said if exact else CameTo("N/E", False, f"{NOT_SAFE}: {self.unsafe}")
        if self.problem:
            return CameTo("N/E", False, self.problem)
        if not self.begun and self.unsafe is None:
            return self._never_begun(said)
        ours, complete = self._closed()
        # A claim that a method asked for in vain, a bench that lacks something, and a stop end a case before its end.
        cut = said.verdict == "N/E" and not said.conditional and bool(said.reason)
        known = said.reason.endswith(UNDECLARED) or (bool(self.planned.get("needs")) and not complete)
        if cut and (said.reason.startswith(_STOPPED) or (not complete and (known or ours.verdict != "F"))):
            return said
        return ours

    def _elsewhere(self, said: CameTo) -> CameTo:
        if self.elsewhere is None:
            if said.verdict == "N/A" and said.reason and not said.conditional:
                return said  # no requirement that it verifies applies to the device
            what = "the inspection is not answered" if self.planned["inspection"] else "no external result is recorded"
            return CameTo("N/E", False, what)
        answers = _ANSWERS if self.planned["inspection"] else _RESULTS
        verdict = answers.get(str(self.elsewhere["value"]), "N/E")
        return CameTo(verdict, False, "" if verdict == "P" else self.elsewhere["reason"])

    def _never_begun(self, said: CameTo) -> CameTo:
        """Return what a case comes to of which nothing was done: not applicable, undeclared, or no bench for it."""
        declared = bool(self.planned["measures"])
        undeclared = said.reason.endswith(UNDECLARED)
        allowed = (
            (said.verdict == "N/A" and not declared and not undeclared)
            or (said.verdict == "N/E" and not declared and undeclared)
            or (said.verdict == "N/E" and declared and bool(self.planned.get("needs", True)))
        )
        return said if allowed and said.reason and not said.conditional else CameTo("N/E", False, "nothing was judged")

    def _closed(self) -> tuple[CameTo, bool]:
        """Return the worst of all measures, and whether all that was declared is there."""
        verdicts: list[Verdict] = []
        reasons: list[str] = []
        declared = self.planned["measures"]
        for name, measure in declared.items():
            count, repeats = len(self.judged.get(name, ())), measure.get("repeats", 1)
            if count != repeats:
                verdicts.append(Verdict.NOT_EVALUATED)
                times = f"{count} times and must be {repeats} times" if count else "not at all"
                reasons.append(f"{name} was measured {times}")
        complete, conditional = not verdicts, False
        for name, judgements in self.judged.items():
            reported = bool(declared.get(name, {}).get("report"))
            for judgement in judgements:
                if reported and judgement.verdict is Verdict.NOT_APPLICABLE:
                    continue
                verdicts.append(judgement.verdict)
                conditional |= judgement.conditional
                if judgement.verdict is not Verdict.PASS or judgement.conditional:
                    reasons.append(f"{name}: {judgement.reason}")
        if not verdicts:
            return CameTo("N/E", False, "nothing was judged"), complete
        verdict = worst(verdicts)
        conditional = conditional and verdict in (Verdict.PASS, Verdict.FAIL)
        return CameTo(verdict.value, conditional, "; ".join(dict.fromkeys(reasons))), complete

    def _undecided(self, name: str) -> bool:
        known = self.judged.get(name)
        return bool(known) and known[-1].reason.startswith(UNDECIDED) if known else False

    def _refined(self, name: str, reading: Reading, more: list[Reading], refine: int) -> list[str]:
        if name not in self.values or not self._undecided(name):
            return ["it refines a value, and none before it is undecided"]
        if len(more) != refine:
            return [f"it is the mean of {len(more)} further readings, and the plan declares {refine}"]
        ours = mean([self.values[name], *more], f"repeatability of {name}")
        was, now = expanded(reading).U, expanded(ours).U
        slack = _SAME * max(abs(ours.value), now)
        if abs(ours.value - reading.value) > slack or abs(was - now) > 2e-3 * now:
            return [f"it is {reading.value!r} {reading.unit}, and the mean of its readings is {ours.value!r}"]
        return []


def _seen(data: dict[str, Any], declared: dict[str, Any] | None) -> Judgement:
    if declared is None or "is" not in declared:
        return Judgement(Verdict.NOT_EVALUATED, False, "it is not declared in the plan as an observation", _NAN)
    value, expected = data["value"], declared["is"]
    if type(value) is not type(expected):
        reason = f"it is {value!r}, which cannot be compared with {expected!r}"
        return Judgement(Verdict.NOT_EVALUATED, False, reason, _NAN)
    if value == expected:
        return Judgement(Verdict.PASS, False, "", 0.0)
    return Judgement(Verdict.FAIL, False, f"it is {value!r} and must be {expected!r}", 1.0)


def _words(came_to: CameTo) -> str:
    conditional = " conditionally" if came_to.conditional else ""
    return f"{came_to.verdict}{conditional}" + (f" ({came_to.reason})" if came_to.reason else "")
