"""What every thermal chamber's driver does: air of the temperature that is set, or a refusal; none once stopped."""

import pytest

from harness.errors import InstrumentError
from tests.instruments.conformance import entries
from tests.instruments.conformance.stand import Stand, limit_of

SETTLED_S = 3600.0


def _limited(stand: Stand) -> entries.Chamber:
    stand.driver.configure(lowest_c=0.0, highest_c=45.0, window_c=1.0)
    facts = entries.ENTRIES[stand.name]
    assert isinstance(facts, entries.Chamber)
    return facts


@pytest.mark.parametrize("temperature_c", [5.0, 40.0])
def test_its_air_becomes_what_is_set_and_it_says_when(chamber: Stand, temperature_c: float) -> None:
    """Not at once; after an hour it is there, within what its sheet permits."""
    _limited(chamber)
    chamber.driver.start(temperature_c=temperature_c)
    at_once = chamber.driver.at_temperature()
    chamber.clock.sleep(SETTLED_S)

    raw = chamber.driver.air_temperature()
    assert not at_once
    assert chamber.driver.at_temperature()
    assert chamber.driver.running()
    assert raw.unit == "°C"
    assert abs(raw.value - temperature_c) <= limit_of(chamber.model, raw)


def test_stopped_it_blows_nothing_and_is_at_no_temperature(chamber: Stand) -> None:
    """And its air goes back to the room's."""
    _limited(chamber)
    chamber.driver.start(temperature_c=40.0)
    chamber.clock.sleep(SETTLED_S)

    chamber.driver.stop()
    chamber.clock.sleep(3.0 * SETTLED_S)

    assert not chamber.driver.running()
    assert not chamber.driver.at_temperature()
    assert chamber.driver.air_temperature().value == pytest.approx(23.0, abs=1.5)


def test_a_temperature_beyond_its_limits_is_refused(chamber: Stand) -> None:
    """Its air does not flow then, and the next thing that it is told is done."""
    facts = _limited(chamber)

    with pytest.raises(InstrumentError, match="refuses"):
        chamber.driver.start(temperature_c=facts.too_warm_c)

    assert not chamber.driver.running()
    chamber.driver.start(temperature_c=40.0)
    assert chamber.driver.running()


def test_a_reset_stops_it(chamber: Stand) -> None:
    """Whoever left it on, and with whatever limits."""
    _limited(chamber)
    chamber.driver.start(temperature_c=40.0)

    chamber.driver.reset()

    assert not chamber.driver.running()
    chamber.driver.check_errors()


def test_a_command_that_it_does_not_know_is_told(chamber: Stand) -> None:
    """It has no queue of errors: that there was one shows, once."""
    chamber.wire.write(b"FOO 1")

    with pytest.raises(InstrumentError, match=r"reports \*ESR\? 32 and EROR\? 0"):
        chamber.driver.check_errors()

    chamber.driver.check_errors()
