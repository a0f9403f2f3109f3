"""The device's event log: what stands in it, whether it names a fault, and whether it is kept."""

import math
from itertools import takewhile

from fixtures.bench import Bench
from test_plans.alarms import CAUSES

# Entries of the log that are looked at after one fault: it brings a few, and the fault is one of them.
RECENT = 4

Entries = list[tuple[float, str]]
"""When, in seconds since that boot, and what; the newest first."""


def entries(bench: Bench, *, most: int = RECENT) -> Entries:
    """Return the newest entries of the event log, so many at most; fewer if it has no more."""
    found: Entries = []

    def take() -> None:
        found.append(bench.controller.log_entry(len(found)))

    # A refusal is the end of the log.
    while len(found) < most and not bench.refuses(take):
        pass
    return found


def names(log: Entries, fault: str) -> bool:
    """Return whether the newest entries name a fault of the claims by the device's word for it."""
    return any(CAUSES[fault] in event for _, event in log)


def since(log: Entries, older: Entries) -> Entries:
    """Return the entries of a log that are newer than the newest of an older look at it."""
    return list(takewhile(lambda entry: entry not in older[:1], log))


def is_kept(bench: Bench, before: Entries) -> bool:
    """Return whether entries are still there, one after the other, behind those that have come since."""
    now = entries(bench, most=2 * RECENT)
    return any(now[at : at + len(before)] == before for at in range(len(now))) and bool(before)


def seconds_between(log: Entries, first: str, last: str) -> float:
    """Return the seconds between the newest entries with two words; NaN if there is none with one of them."""
    began_s, ended_s = (next((at_s for at_s, event in log if word in event), math.nan) for word in (first, last))
    return ended_s - began_s


def make_entries(bench: Bench, count: int) -> int:
    """Give emergency stops and acknowledge them, each of which is an entry; return how many were acknowledged."""
    made = 0
    for _ in range(count):
        bench.controller.emergency_stop()
        made += not bench.refuses(bench.controller.acknowledge)
    return made


def count_of(log: Entries, word: str) -> int:
    """Return how many entries have a word."""
    return sum(word in event for _, event in log)
