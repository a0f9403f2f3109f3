"""Every verdict of a record worked out again: values, cases, withdrawals, closing words, each from what is under it.

A chain shows that no line was altered after it was sealed. This shows that the lines agree with each other, so that a
verdict that was edited and sealed again is found. What no line of the record can contradict (the words in which a
reading said why it is no evidence, whole rows invented with all that follows from them) only the seal of a run guards.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.events import STOPS
from harness.limits import Verdict, worst
from harness.past import INTERRUPTED, interruption, tells_no_harm
from reports.chain import Entry, read_chain
from reports.doubts import COMPLIES, CONDITIONAL, FAILS, INCOMPLETE
from reports.rederived_case import Attempt, CameTo
from reports.run import Run
from reports.verify_chain import Scan, part

_REACHES_BACK = ("CalibrationError", "GarbledError")
_ENDED_EARLY = (
    "the run ended early, so that the bench was not checked after it",
    "the end check of the bench could not be made",
)


def rederive(run: Run, record: Scan | None = None) -> list[str]:
    """Return in words, with its line, each verdict of a run that is not what is recorded under it; [] if there is none.

    Args:
        run: The run.
        record: Its record, if it was read and found whole; else it is read.

    Raises:
        EvidenceError: The record was altered since the run was loaded, or cannot be understood.
    """
    walk = _Walk()

    def take(entry: Entry) -> None:
        try:
            walk.take(entry)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            walk.say(entry, f"it cannot be worked out again: {type(error).__name__}: {error}")

    if record is None:
        read_chain(run.folder / "record.jsonl", take)
    else:
        for number, line in enumerate(record.lines, start=1):
            said = line.entry or {}
            take(Entry(number, said["type"], said["v"], said["at_ns"], said["data"], part(said, "volatile")))
    return walk.problems


@dataclass
class _Walk:
    """A record as far as it was read.

    Attributes:
        problems: What was found.
        results: What each case comes to so far: the worst of its attempts, and N/E once it was withdrawn.
        causes: Why verdicts must be withdrawn, in the words that must be given.
        interruption: How the run was interrupted, until it is resumed; "" if it was not.
        checking: Whether the run was resumed, and no case was begun since.
    """

    problems: list[str] = field(default_factory=list)
    planned: dict[str, dict[str, Any]] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    results: dict[str, CameTo] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)
    bad_checks: list[str] = field(default_factory=list)
    checks: list[tuple[float, bool]] = field(default_factory=list)
    reached_back: str = ""
    checked: bool = False
    errors: int = 0
    trouble: str = ""
    interruption: str = ""
    checking: bool = False

    def say(self, entry: Entry, *problems: str) -> None:
        """Take note of what is wrong with a line."""
        name = entry.data.get("name") or entry.data.get("quantity") or ""
        where = ", ".join(str(part) for part in (entry.data.get("case"), name) if part)
        self.problems += [f"line {entry.line}, {where or entry.type}: {problem}" for problem in problems]

    def take(self, entry: Entry) -> None:
        """Take in a line."""
        take = getattr(self, f"_{entry.type}", None)
        if take is not None:
            take(entry, entry.data)

    def _case_planned(self, entry: Entry, data: dict[str, Any]) -> None:
        self.planned[data["case"]] = data

    def _case_started(self, entry: Entry, data: dict[str, Any]) -> None:
        self.attempts[data["case"]] = Attempt(self.planned[data["case"]])
        self.checking = False

    def _step_started(self, entry: Entry, data: dict[str, Any]) -> None:
        self.attempts[data["case"]].begun = True

    def _measured(self, entry: Entry, data: dict[str, Any]) -> None:
        self.say(entry, *self.attempts[data["case"]].measured(entry))

    def _observed(self, entry: Entry, data: dict[str, Any]) -> None:
        self.say(entry, *self.attempts[data["case"]].observed(entry))

    def _made_safe(self, entry: Entry, data: dict[str, Any]) -> None:
        why = "" if data["ok"] is True else "; ".join(data["actions"]) or "nothing is said of it"
        if data["case"] is None:
            self.errors += bool(why)
        else:
            self.attempts[data["case"]].unsafe = why

    def _problem(self, entry: Entry, data: dict[str, Any]) -> None:
        kind, message = data["kind"], data["message"]
        if data["case"] is not None:
            attempt = self.attempts[data["case"]]
            attempt.problem, attempt.kind = attempt.problem or f"{kind}: {message}", attempt.kind or kind
            return
        self.trouble = self.trouble or " ".join(message.split()) or kind
        self.errors += kind not in STOPS
        if not self.checked:
            self.causes += _ENDED_EARLY

    def _check_standard(self, entry: Entry, data: dict[str, Any]) -> None:
        numbers = [data[word] for word in ("value", "U", "reference", "reference_U")]
        if None not in numbers:
            value, u, reference, reference_u = numbers
            both = math.hypot(u, reference_u)
            en = abs(value - reference) / both if both else math.inf
            said = math.inf if data["En"] is None else data["En"]
            if not math.isclose(en, said, rel_tol=1e-6, abs_tol=1e-9):
                self.say(entry, f"it says En = {said}, and both values come to {en}")
        if data["ok"] is True and data.get("reason"):
            self.say(entry, f"it says ok, and gives a reason why not: {data['reason']}")
        if not data.get("reason") and data["En"] is not None:
            self.checks.append((data["En"], data["ok"]))
            good = max((en for en, ok in self.checks if ok), default=-math.inf)
            bad = min((en for en, ok in self.checks if not ok), default=math.inf)
            if good >= bad:
                self.say(entry, f"a check with En = {good} is called ok, and one with En = {bad} is not")
        self._checked(data, f"check of {data['quantity']}")
        if data["when"] == "end" and data["ok"] is not True:
            why = f" ({data['reason']})" if data.get("reason") else ""
            self.bad_checks.append(f"{data['quantity']}{why}")

    def _environment(self, entry: Entry, data: dict[str, Any]) -> None:
        if data["ok"] is True and data["reason"]:
            self.say(entry, f"it says ok, and gives a reason why not: {data['reason']}")
        self._checked(data, "environment")
        if data["when"] != "end":
            return
        self.checked = True
        if self.bad_checks:
            self.causes.append(f"the end check of the bench failed: {', '.join(self.bad_checks)}")
        elif data["ok"] is not True:
            self.causes.append(f"at the end {data['reason']}")
        elif self.reached_back:
            self.causes.append(self.reached_back)

    def _checked(self, data: dict[str, Any], what: str) -> None:
        """Take in a check: after one before a case that was not good no verdict stands, whoever resumes the run."""
        if data["when"] != "end" and data["ok"] is not True:
            self.causes.append(f"the {what} was not good ({data['when']})")

    def _cut_off(self, torn: str) -> None:
        """Take in a line that was cut off, which may have said that something was not good."""
        if not tells_no_harm(torn):
            for attempt in self.attempts.values():
                attempt.torn = True
            if self.checking:
                self.causes.append("a line was cut off while the bench was checked (resumed)")

    def _supervised(self, entry: Entry, data: dict[str, Any]) -> None:
        self._cut_off(data.get("torn", ""))

    def _case_ended(self, entry: Entry, data: dict[str, Any]) -> None:
        case = data["case"]
        attempt = self.attempts.pop(case, None)
        if attempt is None:
            self.say(entry, f"it says {data['verdict']}, and the case was never started")
            return
        said = CameTo(data["verdict"], data["conditional"], data["reason"])
        ours, problems = attempt.ended(said)
        self.say(entry, *problems)
        before = self.results.get(case)
        if before is None or worst([Verdict(before.verdict), Verdict(ours.verdict)]).value != before.verdict:
            self.results[case] = ours
        if attempt.our_error:
            self.errors += 1
            self.trouble = self.trouble or f"{case}: {ours.reason}"
            if attempt.kind in _REACHES_BACK:
                self.reached_back = self.reached_back or f"in {case} {ours.reason}"

    def _interrupted(self, entry: Entry, data: dict[str, Any]) -> None:
        running = next(iter(self.attempts), "")
        if data["case"] != running:
            self.say(entry, f"it says that {data['case'] or 'no case'} ran, and {running or 'none'} did")
        for attempt in self.attempts.values():
            attempt.interrupted = True
        self._cut_off(data["torn"])
        self.interruption = interruption(data["case"])
        self.causes.append(self.interruption)

    def _resumed(self, entry: Entry, data: dict[str, Any]) -> None:
        for case, attempt in self.attempts.items():
            if attempt.spoiled:
                self.say(entry, f"{case} is run again, and something in the attempt that was cut short did not pass")
            elif attempt.torn:
                self.say(entry, f"{case} is run again, and the line that was cut off may say that it did not pass")
        self.attempts.clear()
        self.checking = True
        self.causes = [cause for cause in self.causes if not cause.startswith(INTERRUPTED)]
        self.interruption = ""
        without, told = [case for case in self.planned if case not in self.results], [*data["left"], *data["given_up"]]
        if without != sorted(told, key=list(self.planned).index):
            self.say(entry, f"it leaves {', '.join(told) or 'none'}, and without a verdict are {', '.join(without)}")

    def _verdict_withdrawn(self, entry: Entry, data: dict[str, Any]) -> None:
        was = self.results.get(data["case"], CameTo("N/E", False, "it was never started"))
        if data["was"] != was.verdict:
            self.say(entry, f"it says that {data['was']!r} is withdrawn, and the case came to {was.verdict!r}")
        if data["reason"] not in self.causes:
            causes = " or ".join(self.causes) or "nothing that takes a verdict back"
            self.say(entry, f"it is withdrawn because {data['reason']}, and the record holds {causes}")
        self.results[data["case"]] = CameTo("N/E", False, data["reason"])

    def _run_ended(self, entry: Entry, data: dict[str, Any]) -> None:
        for case, result in self.results.items():
            if self.causes and result.verdict in ("P", "F") and self.planned[case]["method"]:
                self.say(entry, f"{case} is still {result.verdict}, and must be withdrawn: {self.causes[0]}")
        self.say(entry, *self._closing(data))

    def _closing(self, data: dict[str, Any]) -> Iterator[str]:
        none = CameTo("N/E", False, "")
        came_to = [self.results.get(case, none) for case in self.planned]
        counts = {verdict.value: 0 for verdict in Verdict} | Counter(result.verdict for result in came_to)
        counts["conditional"] = sum(result.conditional for result in came_to)
        for word, count in counts.items():
            if data["counts"].get(word) != count:
                yield f"it closes with {data['counts'].get(word)} cases {word}, and the cases come to {count}"
        if counts["F"]:
            verdict, code = FAILS, 1
        elif self.errors or self.interruption:
            verdict, code = INCOMPLETE, 2
        elif counts["N/E"] or not counts["P"]:
            verdict, code = INCOMPLETE, 3
        else:
            verdict, code = CONDITIONAL if counts["conditional"] else COMPLIES, 0
        if (data["verdict"], data["exit_code"]) != (verdict, code):
            said = f"{data['verdict']} and exit code {data['exit_code']}"
            yield f"it closes with {said}, and the cases come to {verdict} and {code}"
        trouble = self.trouble or self.interruption
        if data["reason"] != trouble:
            yield f"it closes with {data['reason']!r}, and what went wrong first is {trouble!r}"
