"""How long plans take on a bench, and how often it is switched: taken down while they are run on its virtual twin."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from harness.cases import PlannedCase
from harness.clock import SECOND_NS, Clock
from harness.events import CaseEnded, CaseStarted, Event
from harness.ordering import Changes, changes

AROUND = ""
"""What stands in the place of a plan for what is done before the first case and after the last."""


@dataclass
class Effort:
    """What something takes of a bench.

    Attributes:
        bench_s: Bench time in seconds.
        operations: Relays that were opened or closed.
        unjudged: Cases that came to no verdict, with the reason.
    """

    bench_s: float = 0.0
    operations: int = 0
    unjudged: dict[str, str] = field(default_factory=dict)


class Tally:
    """Takes down, event by event, what each plan takes.

    Args:
        cases: The cases that are going to be run.
        clock: Of the bench.
        operations: Returns how often relays were operated so far.

    Attributes:
        efforts: By plan; that of AROUND is everything outside of cases, once the run has ended.
        order: The cases as they were run.
    """

    def __init__(self, cases: Iterable[PlannedCase], clock: Clock, operations: Callable[[], int]) -> None:
        self._cases = {case.id: case for case in cases}
        self._clock, self._operations = clock, operations
        self._since = (0, 0)  # the bench was opened
        self.efforts: dict[str, Effort] = {case.plan.content.plan: Effort() for case in self._cases.values()}
        self.efforts[AROUND] = Effort()
        self.order: list[PlannedCase] = []

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, CaseStarted):
            self._add(AROUND)
            self.order.append(self._cases[event.case])
        elif isinstance(event, CaseEnded):
            plan = self._cases[event.case].plan.content.plan
            self._add(plan)
            if event.verdict == "N/E":
                self.efforts[plan].unjudged[event.case] = event.reason

    def end(self) -> None:
        """Take note of the end of the run."""
        self._add(AROUND)

    def changes(self, plan: str) -> Changes:
        """Return how often the set-up changes on the way to and through the cases of a plan."""
        return changes(self.order, plan)

    @property
    def whole(self) -> Effort:
        """What all of it takes."""
        parts = self.efforts.values()
        return Effort(sum(part.bench_s for part in parts), sum(part.operations for part in parts))

    def _now(self) -> tuple[int, int]:
        return self._clock.now_ns(), self._operations()

    def _add(self, plan: str) -> None:
        before, self._since = self._since, self._now()
        effort = self.efforts[plan]
        effort.bench_s += (self._since[0] - before[0]) / SECOND_NS
        effort.operations += self._since[1] - before[1]
