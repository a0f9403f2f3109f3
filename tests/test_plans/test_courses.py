"""What a course is counted by: days on a calendar, entries of a treatment log, and treatments that were taken."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.claims import Claims, load_claims
from harness.documents import package_file
from harness.errors import ConfigError
from instruments.device_records import TreatmentRecord
from test_plans.courses import (
    AWAY_DAYS,
    DAY_S,
    FIRST_S,
    RECENT,
    foreign_site,
    free_day,
    has_one_more,
    latest,
    must_be_new,
    rest_of_course,
)

CLAIMS: Claims = load_claims(package_file("test_plans") / "claims" / "reference.yaml")


def entry(utc_s: int, programme: str = "hyperhidrosis") -> TreatmentRecord:
    """Return an entry of a treatment log."""
    return TreatmentRecord(utc_s, programme, "hands", 10, 1200.0, 12.0, "time")


class Logged:
    """A bench with a device of which only the treatment log is asked."""

    def __init__(self, *entries: TreatmentRecord) -> None:
        self.controller = self
        self._entries = entries

    def treatments(self, most: int | None = None) -> list[TreatmentRecord]:
        """Return the newest entries."""
        return list(self._entries[:most])


def bench(*entries: TreatmentRecord) -> Any:
    """Return a bench with a device that has these entries, the newest first."""
    return Logged(*entries)


def test_the_first_day_is_a_monday_at_nine() -> None:
    """2030-01-07: far from any day on which a device may have been set up."""
    assert datetime.fromtimestamp(FIRST_S, UTC) == datetime(2030, 1, 7, 9, tzinfo=UTC)
    assert datetime.fromtimestamp(FIRST_S, UTC).strftime("%A") == "Monday"


@given(newest_s=st.integers(0, 4_000_000_000))
def test_a_free_day_is_at_nine_and_weeks_after_everything(newest_s: int) -> None:
    """So that no earlier treatment stands in the way of the next case, whatever ran before it."""
    day_s = free_day(bench(entry(newest_s)))

    assert day_s % DAY_S == 9 * 3600
    assert day_s >= newest_s + (AWAY_DAYS - 1) * DAY_S


def test_a_device_that_was_treated_with_before_is_not_new() -> None:
    """What it may give in its first week cannot be told any more, and that is no fault of the device."""
    must_be_new(bench(entry(1, "free")), "hyperhidrosis")

    with pytest.raises(ConfigError, match="1 treatments of hyperhidrosis"):
        must_be_new(bench(entry(1)), "hyperhidrosis")


def test_the_rest_of_a_course_is_what_the_log_does_not_have_yet() -> None:
    """Twelve by the claims, three a week, five of them given: seven in three weeks, and one week to spare."""
    assert rest_of_course(bench(*map(entry, range(5))), CLAIMS, "hyperhidrosis") == (7, 28)


def test_one_more_entry_is_told_from_none_and_from_two() -> None:
    """Also by a log that is full, in which the oldest entry goes when one comes."""
    old = [entry(s) for s in range(RECENT, 0, -1)]
    new = entry(RECENT + 1)

    assert has_one_more([new, *old][:RECENT], old)
    assert has_one_more([new], [])
    assert not has_one_more(old, old)
    assert not has_one_more([entry(RECENT + 2), new, *old][:RECENT], old)
    assert not has_one_more([], [])
    assert not has_one_more([new], old)


def test_an_empty_log_has_a_latest_entry_that_nothing_agrees_with() -> None:
    """A device that logs nothing must fail, and not end the case."""
    nothing = latest([])

    assert math.isnan(nothing.counted_s)
    assert math.isnan(nothing.dose_c)
    assert nothing.utc_s == 0
    assert latest([entry(2), entry(1)]) == entry(2)


def test_a_foreign_site_is_one_of_the_device_and_none_of_the_programme() -> None:
    """The reference device has armpits, and no injury is treated there."""
    assert foreign_site(CLAIMS, "injury") == "armpits"

    with pytest.raises(ConfigError, match="every site"):
        foreign_site(CLAIMS, "hyperhidrosis")
