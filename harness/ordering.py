"""The order in which cases are run: what takes longest to set up is set up least often (docs/decisions/0014).

A chamber needs hours to bring a device to another temperature; a feed or a load is a relay. So all cases of one
temperature follow on each other, whatever plan they are of; among them each plan stays whole; and within a plan the
feed changes less often than the load. What an order cannot change, the chance and the limits of a case, hangs on the
case's name alone.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from harness.cases import PlannedCase

_TEMPERATURE = ("temperature", "at")
_FEED = ("feed", "adapter", "mains", "supply")
_LOAD = ("load", "body")
_ROOM = ("", "room")

T = TypeVar("T", bound=Hashable)

Order = Callable[[tuple[PlannedCase, ...]], tuple[PlannedCase, ...]]
"""Chooses the order in which cases are run."""


class SetUp(NamedTuple):
    """What a case asks of the bench before it begins, in the words of its conditions; "" is what the bench has at rest.

    Attributes:
        temperature: Of the chamber.
        feed: What feeds the device.
        load: What it drives.
    """

    temperature: str
    feed: str
    load: str


AT_REST = SetUp("", "", "")


class Changes(NamedTuple):
    """How often the set-up changes from one case to the next."""

    temperature: int
    feed: int
    load: int


def set_up(case: PlannedCase) -> SetUp:
    """Return the set-up of a case by its conditions."""
    temperature = _named(case, _TEMPERATURE) if "chamber" in case.needs else ""
    return SetUp("" if temperature in _ROOM else temperature, _named(case, _FEED), _named(case, _LOAD))


def run_order(cases: Sequence[PlannedCase]) -> tuple[PlannedCase, ...]:
    """Return cases in the order in which they are run; where nothing is saved they stay as they are.

    The cases of a plan that says that they follow on each other are never parted, and come before those of others: what
    a device remembers of them counts, and of the others it must remember nothing yet.
    """
    ways = {case.id: AT_REST if case.plan.content.follow_on else set_up(case) for case in cases}
    ordered: list[PlannedCase] = []
    for temperature in _from("", (ways[case.id].temperature for case in cases)):
        warm = [case for case in cases if ways[case.id].temperature == temperature]
        follows = {case.plan.content.plan: case.plan.content.follow_on for case in warm}
        for plan in sorted(follows, key=lambda name: not follows[name]):
            last = ways[ordered[-1].id] if ordered else AT_REST
            ordered += _block([case for case in warm if case.plan.content.plan == plan], ways, last)
    return tuple(ordered)


def changes(cases: Iterable[PlannedCase], plan: str = "") -> Changes:
    """Return how often the set-up changes when cases are run one after another, beginning with a bench at rest.

    Args:
        cases: In the order in which they are run.
        plan: Counts the changes on the way to the cases of this plan alone; "" is all.
    """
    total, before = [0, 0, 0], AT_REST
    for case in cases:
        after = set_up(case)
        if plan in ("", case.plan.content.plan):
            total = [count + (a != b) for count, a, b in zip(total, before, after, strict=True)]
        before = after
    return Changes(*total)


def _block(cases: list[PlannedCase], ways: dict[str, SetUp], last: SetUp) -> Iterable[PlannedCase]:
    """Give the cases of one plan at one temperature: each feed once, and each load once with each feed."""
    for feed in _from(last.feed, (ways[case.id].feed for case in cases)):
        fed = [case for case in cases if ways[case.id].feed == feed]
        for load in _from(last.load, (ways[case.id].load for case in fed)):
            yield from (case for case in fed if ways[case.id].load == load)
            last = last._replace(load=load)


def _from(first: T, values: Iterable[T]) -> list[T]:
    """Return each value once, in order, but the one that is set up already before all others."""
    return sorted(dict.fromkeys(values), key=lambda value: value != first)


def _named(case: PlannedCase, keys: Iterable[str]) -> str:
    return ", ".join(case.conditions[key] for key in keys if key in case.conditions)
