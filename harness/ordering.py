"""The order in which cases are run: what takes longest to set up is set up least often (docs/decisions/0014).

A chamber needs hours to be at another temperature, and the device in it as long; a feed or a load is a relay. So all
cases of one temperature follow on each other, whatever plan they are of; among them each plan stays whole; and within a
plan the feed changes less often than the load. What an order cannot change, the chance and the record of a case, hangs
on the case's name alone.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from harness.cases import PlannedCase

ROOM_C = 23.0
"""The temperature of a room, from which a chamber begins."""

_FEED = ("feed", "adapter", "mains", "supply")
_LOAD = ("load", "body")

T = TypeVar("T")

Order = Callable[[tuple[PlannedCase, ...]], tuple[PlannedCase, ...]]
"""Chooses the order in which cases are run."""


class SetUp(NamedTuple):
    """What a case asks of the bench before it begins, as far as its conditions tell.

    Attributes:
        temperature_c: Of the chamber; None is the room.
        feed: What feeds the device, as the plan writes it.
        load: What it drives, as the plan writes it.
    """

    temperature_c: float | None
    feed: str
    load: str


AT_REST = SetUp(None, "", "")


class Changes(NamedTuple):
    """How often the set-up changes from one case to the next."""

    temperature: int
    feed: int
    load: int


def set_up(case: PlannedCase) -> SetUp:
    """Return the set-up of a case by its conditions; what they do not name is what the bench has at rest."""
    temperature = case.arguments.get("temperature_c")
    return SetUp(
        float(temperature) if isinstance(temperature, int | float) else None,
        _named(case, _FEED),
        _named(case, _LOAD),
    )


def run_order(cases: Sequence[PlannedCase]) -> tuple[PlannedCase, ...]:
    """Return cases in the order in which they are run; where nothing is saved they stay as they are.

    The cases of a plan that says that they follow on each other are never parted.
    """
    ways = {case.id: AT_REST if case.plan.content.follow_on else set_up(case) for case in cases}
    plans = _ranks(case.plan.content.plan for case in cases)
    temperatures = {value: rank for rank, value in enumerate(_way(way.temperature_c for way in ways.values()))}
    blocks: dict[tuple[int, int], list[PlannedCase]] = {}
    for case in cases:
        key = temperatures[ways[case.id].temperature_c], plans[case.plan.content.plan]
        blocks.setdefault(key, []).append(case)
    ordered: list[PlannedCase] = []
    for key in sorted(blocks):
        last = ways[ordered[-1].id] if ordered else AT_REST
        ordered.extend(_block(blocks[key], ways, last))
    return tuple(ordered)


def changes(cases: Iterable[PlannedCase], plan: str = "") -> Changes:
    """Return how often the set-up changes when cases are run one after another, beginning with a bench at rest.

    Args:
        cases: In the order in which they are run.
        plan: Counts the changes on the way to the cases of this plan alone; "" is all.
    """
    total, before = Changes(0, 0, 0), AT_REST
    for case in cases:
        after = set_up(case)
        if plan in ("", case.plan.content.plan):
            step = (a != b for a, b in zip(before, after, strict=True))
            total = Changes(*map(sum, zip(total, step, strict=True)))
        before = after
    return total


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


def _way(temperatures: Iterable[float | None]) -> list[float | None]:
    """Return the shortest way through temperatures from the room: to the nearer end first, then to the other."""
    wanted = sorted({value for value in temperatures if value is not None})
    below = [value for value in reversed(wanted) if value < ROOM_C]
    above = [value for value in wanted if value >= ROOM_C]
    down, up = (ROOM_C - below[-1] if below else 0.0), (above[-1] - ROOM_C if above else 0.0)
    return [None, *(below + above if down <= up else above + below)]


def _named(case: PlannedCase, keys: Iterable[str]) -> str:
    return ", ".join(case.conditions[key] for key in keys if key in case.conditions)


def _ranks(values: Iterable[Hashable]) -> dict[Hashable, int]:
    return {value: rank for rank, value in enumerate(dict.fromkeys(values))}
