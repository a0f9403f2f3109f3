"""What was found when something was looked at: one line for each check, and what to do next where it is not well."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from harness.errors import HarnessError


class State(StrEnum):
    """How well it is."""

    OK = "ok"
    WARNING = "look at it"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check.

    Attributes:
        part: What was looked at ("dmm", "OUT-010").
        check: What it was looked at for ("self-test").
        state: How well it is.
        text: What was found, in words.
        advice: What to do next; "" where there is nothing to do.
    """

    part: str
    check: str
    state: State
    text: str
    advice: str = ""


class Findings(list[Finding]):
    """What was found so far, in order."""

    def ok(self, part: str, check: str, text: str) -> None:
        """Add what is well."""
        self.append(Finding(part, check, State.OK, text))

    def warning(self, part: str, check: str, text: str, advice: str) -> None:
        """Add what somebody should look at."""
        self.append(Finding(part, check, State.WARNING, text, advice))

    def problem(self, part: str, check: str, text: str, advice: str = "") -> None:
        """Add what is not in order."""
        self.append(Finding(part, check, State.PROBLEM, text, advice))

    def guard(self, part: str, check: str, look: Callable[[], None]) -> None:
        """Look, and take an error of ours for what was found."""
        try:
            look()
        except HarnessError as error:
            self.problem(part, check, str(error))


def in_order(findings: list[Finding]) -> bool:
    """Return whether no finding is a problem; where nothing was looked at, nothing is in order."""
    return bool(findings) and all(finding.state is not State.PROBLEM for finding in findings)
