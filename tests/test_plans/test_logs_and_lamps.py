"""What stands in an event log, and what lamps say, told from lists that were written by hand."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.claims import Undeclared, load_claims
from harness.commands.options import REFERENCE_CLAIMS
from harness.errors import InstrumentError
from harness.reading import Reading
from test_plans.lamps import alarm_lamps, first_level_above, is_lit, largest_unlit
from test_plans.logs import Entries, count_of, entries, is_kept, names, seconds_between, since

LOG: Entries = [(130.5, "fault emergency stop"), (9.25, "start hands level 10"), (0.0, "power on")]
CLAIMS = load_claims(REFERENCE_CLAIMS)


class Teller:
    """A bench with a device of which the log and the lamps are known."""

    def __init__(self, log: Entries, lamps: frozenset[str] = frozenset()) -> None:
        self.controller = self
        self._log, self._lamps = log, lamps

    def log_entry(self, index: int) -> tuple[float, str]:
        """Return an entry."""
        if index >= len(self._log):
            raise InstrumentError(f"the log has {len(self._log)} entries")
        return self._log[index]

    def refuses(self, ask: Callable[[], None]) -> bool:
        """Return whether an entry is refused, as a bench does."""
        try:
            ask()
        except InstrumentError:
            return True
        return False

    def indicators(self) -> frozenset[str]:
        """Return what is lit."""
        return self._lamps


def telling(log: Entries, *lamps: str) -> Any:
    """Return a bench with such a device."""
    return Teller(log, frozenset(lamps))


@given(length=st.integers(0, 12), most=st.integers(0, 12))
def test_no_more_entries_are_read_than_there_are(length: int, most: int) -> None:
    """A log that is shorter than was asked for is told as it is."""
    log = [(float(index), f"event {index}") for index in range(length)]

    assert entries(telling(log), most=most) == log[:most]


def test_a_fault_is_named_by_the_word_of_the_device() -> None:
    """The claims call it otherwise."""
    assert names(LOG, "emergency_stop")
    assert not names(LOG, "open_electrode")


def test_the_time_between_two_entries_is_their_difference() -> None:
    """130.5 s less 9.25 s; and none if one of them is missing, which no limit takes for a pass."""
    assert seconds_between(LOG, "start", "emergency stop") == pytest.approx(121.25)
    assert math.isnan(seconds_between(LOG, "start", "short"))


@given(newer=st.lists(st.tuples(st.floats(0, 100), st.sampled_from(["power on", "session ended"])), max_size=4))
def test_entries_are_kept_if_they_stand_behind_newer_ones(newer: Entries) -> None:
    """What came since is in front of them, and nothing of them is changed."""
    assert is_kept(telling([*newer, *LOG]), LOG)


@pytest.mark.parametrize("now", [[], [(0.0, "power on")], [LOG[0], LOG[2]], [(130.6, LOG[0][1]), *LOG[1:]]])
def test_a_log_that_lost_or_changed_an_entry_was_not_kept(now: Entries) -> None:
    """Neither is one that had nothing to keep."""
    assert not is_kept(telling(now), LOG)
    assert not is_kept(telling(LOG), [])


def test_what_is_new_in_a_log_ends_where_the_older_look_began() -> None:
    """An older fault of the same name does not count, and in a log that takes nothing new there is nothing."""
    older = [(0.0, "power on"), (7.0, "fault short")]
    now = [(9.0, "session ended"), (9.0, "fault open electrode"), *older]

    assert since(now, older) == now[:2]
    assert not names(since(now, older), "short")
    assert since(older, older) == []
    assert since(now, []) == now


def test_entries_of_one_event_are_counted() -> None:
    """One of these three is a stop."""
    assert count_of(LOG, "emergency stop") == 1


@pytest.mark.parametrize(
    ("lit", "told"),
    [
        ((), "none"),
        (("output",), "none"),
        (("output", "alarm high"), "high"),
        (("alarm low", "alarm medium"), "low, medium"),
    ],
)
def test_alarm_lamps_are_told_by_their_priority(lit: tuple[str, ...], told: str) -> None:
    """Two at once are no priority that a plan could await."""
    assert alarm_lamps(telling([], *lit)) == told


def test_a_lamp_is_lit_if_the_device_says_so() -> None:
    """The lamp of the output is none of an alarm's."""
    assert is_lit(telling([], "output"), "output")
    assert not is_lit(telling([], "alarm high"), "output")


@pytest.mark.parametrize(("site", "above_a", "level"), [("hands", 10e-3, 11), ("hands", 10.5e-3, 11), ("feet", 0.0, 1)])
def test_the_first_level_above_a_current_is_the_next_one(site: str, above_a: float, level: int) -> None:
    """A level of exactly that current is not above it."""
    assert first_level_above(CLAIMS, site, above_a) == level


def test_a_site_without_such_a_level_leaves_it_undeclared() -> None:
    """The strongest level of the armpits is 5 mA."""
    with pytest.raises(Undeclared, match="one above"):
        first_level_above(CLAIMS, "armpits", 10e-3)


def test_the_largest_current_that_no_lamp_showed_is_told() -> None:
    """What flowed with the lamp lit does not count; what is no number counts most, and judges nothing for good."""
    small, large, none = Reading(1e-3, "A"), Reading(20e-3, "A"), Reading(math.nan, "A")

    assert largest_unlit([(False, small), (True, large)]) is small
    assert largest_unlit([(False, small), (False, large)]) is large
    assert largest_unlit([(False, small), (False, none), (False, large)]) is none
    assert largest_unlit([(True, small), (True, none)]).value == 0.0
