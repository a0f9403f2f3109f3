"""What a repeat of a fault makes of a condition that was not there: nothing, and never a pass."""

import math

import pytest

from harness.reading import Reading
from test_plans.analysis import rectangular
from test_plans.injection import if_reached

TRIP_A = 35e-3
OFF = Reading(0.0, "A")


def peak(value_a: float) -> Reading:
    """Return a peak that is uncertain by about half a milliampere."""
    return Reading(value_a, "A", components=(rectangular("gain", 0.5e-3),))


@pytest.mark.parametrize("value_a", [20e-3, 34e-3, math.nan])
def test_a_current_after_a_peak_that_was_too_small_is_no_evidence(value_a: float) -> None:
    """A service command that did nothing would else show a trip that acts."""
    assert "must come to 0.035 A" in if_reached(OFF, peak(value_a), TRIP_A).trouble


@pytest.mark.parametrize("value_a", [34.8e-3, 36e-3, 60e-3])
def test_a_peak_that_may_have_been_large_enough_counts(value_a: float) -> None:
    """The oscilloscope's own error must not make a good device one that cannot be evaluated."""
    assert if_reached(OFF, peak(value_a), TRIP_A) == OFF


def test_earlier_trouble_is_kept() -> None:
    """Why a reading is no evidence is told by what was wrong first."""
    assert if_reached(Reading(0.0, "A", trouble="overload"), peak(0.0), TRIP_A).trouble == "overload"
