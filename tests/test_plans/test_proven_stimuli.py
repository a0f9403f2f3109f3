"""A reading counts only where what was to be done was done: a supply moved, a current sagged, a circuit opened."""

import math

import pytest

from harness.reading import Component, Distribution, Reading
from test_plans.comfort import if_open
from test_plans.dose import if_sagged
from test_plans.output_current import moves_by
from test_plans.supply import if_fed
from tests.test_plans.waves import wave

CURRENT = Reading(1e-6, "A")


@pytest.mark.parametrize(
    ("volts", "right"), [(4.0, True), (4.3, True), (4.35, False), (3.65, False), (math.nan, False)]
)
def test_a_supply_must_be_where_it_was_told_to_be(volts: float, right: bool) -> None:
    """3 % of 4 V, and 0.2 V by which the reading may be off; one that is not a number is nowhere."""
    seen = Reading(volts, "V", (Component("probe", 0.1, Distribution.NORMAL),))

    assert (if_fed(CURRENT, seen, 4.0).trouble == "") is right


@pytest.mark.parametrize(("after_a", "sagged"), [(6e-3, True), (8.9e-3, True), (9.1e-3, False), (math.nan, False)])
def test_a_current_must_have_sagged_to_be_made_up_for(after_a: float, sagged: bool) -> None:
    """From 10 mA to less than 9 mA."""
    assert (if_sagged(Reading(after_a, "A"), Reading(10e-3, "A")).trouble == "") is sagged


def test_a_limb_must_have_been_out_to_be_put_back() -> None:
    """What flows in the half second before that shows that no circuit was open."""
    out, still_in = wave([0.0] * 200, 0.01), wave([5e-3] * 200, 0.01)

    assert if_open(CURRENT, out).trouble == ""
    assert "must be open" in if_open(CURRENT, still_in).trouble


def test_a_display_moves_by_its_step() -> None:
    """The smallest change that is one counts; a display that stands still has none."""
    assert moves_by([0.0, 0.0, 1e-4, 3e-4], 1e-4)
    assert not moves_by([0.0, 0.0, 2e-4, 4e-4], 1e-4)
    assert not moves_by([1e-4] * 4, 1e-4)
