"""What every switch unit's driver does: relays rest where they were told to be, and sensors read true."""

import pytest

from harness.errors import HarnessError, InstrumentError, LocalProtocolError
from tests.instruments.conformance import entries
from tests.instruments.conformance.stand import Stand, limit_of


def _facts(stand: Stand) -> entries.Switch:
    facts = entries.ENTRIES[stand.name]
    assert isinstance(facts, entries.Switch)
    return facts


def _contacts(stand: Stand, *relays: int) -> tuple[bool, ...]:
    return stand.truly(lambda: tuple(stand.unit.is_closed(relay) for relay in relays))  # type: ignore[attr-defined, no-any-return]


def test_relays_rest_where_they_were_told_to_be(switch: Stand) -> None:
    """When the driver returns, the contacts have moved, and the unit tells them so."""
    first, second, third = _facts(switch).relays
    driver = switch.driver

    driver.close_relays(first, third)
    assert _contacts(switch, first, second, third) == (True, False, True)
    assert driver.closed(first, second, third) == (True, False, True)
    driver.open_relays(first)

    assert _contacts(switch, first, third) == (False, True)
    assert driver.closed(third, first) == (True, False)


def test_no_relays_are_no_command(switch: Stand) -> None:
    """Nothing is switched and nothing is waited for."""
    before_ns = switch.clock.now_ns()
    switch.driver.close_relays()
    switch.driver.open_relays()

    assert switch.driver.closed() == ()
    assert switch.clock.now_ns() == before_ns


def test_everything_opens_at_once_or_by_a_reset(switch: Stand) -> None:
    """Relays of every module, and sensors' ones after a measurement too."""
    facts = _facts(switch)
    sensor = facts.sensors[0][0]
    for open_all in (switch.driver.open_all, switch.driver.reset):
        switch.driver.close_relays(*facts.relays, sensor)
        assert all(_contacts(switch, *facts.relays, sensor))
        open_all()
        assert not any(_contacts(switch, *facts.relays, sensor))
        switch.driver.measure_dc_voltage(sensor)
        switch.driver.close_relays(*facts.relays)
        open_all()
        assert not any(_contacts(switch, *facts.relays, sensor))


def test_a_scan_that_somebody_left_running_does_not_keep_relays_closed(switch: Stand) -> None:
    """A run that died may have left one without end; opening everything ends it."""
    facts = _facts(switch)
    sensor = facts.sensors[0][0]
    switch.driver.close_relays(facts.relays[0])
    switch.wire.write(b"CONF:VOLT:DC (@%d)" % sensor)
    switch.wire.write(b"ROUT:SCAN (@%d)" % sensor)
    switch.wire.write(b"TRIG:COUN INF;:INIT")
    switch.clock.sleep(1.0)

    switch.driver.open_all()
    switch.clock.sleep(1.0)

    assert not any(_contacts(switch, facts.relays[0], sensor))
    switch.driver.check_errors()


def test_a_relay_that_there_is_not_is_refused_and_moves_nothing(switch: Stand) -> None:
    """The text quotes the unit; those beside it in the list stay as they were."""
    facts = _facts(switch)

    with pytest.raises(InstrumentError, match=r"\+112"):
        switch.driver.close_relays(facts.relays[0], facts.missing)

    assert not any(_contacts(switch, *facts.relays))
    switch.driver.check_errors()


def test_what_can_be_no_channel_is_refused_before_the_wire(switch: Stand) -> None:
    """For every method that takes channels; the unit never hears of it."""
    impossible = _facts(switch).impossible

    for ask in (
        switch.driver.close_relays,
        switch.driver.open_relays,
        switch.driver.closed,
        switch.driver.measure_dc_voltage,
        switch.driver.scan_dc_voltage,
    ):
        with pytest.raises(LocalProtocolError):
            ask(impossible)
    switch.driver.check_errors()


def test_sensors_read_what_lies_on_them(switch: Stand) -> None:
    """Within the data sheet, one by one."""
    for channel, volts in _facts(switch).sensors:
        raw = switch.driver.measure_dc_voltage(channel)

        assert raw.value == pytest.approx(volts, abs=limit_of(switch.model, raw))
        assert (raw.unit, raw.function) == ("V", "dc voltage")
        assert raw.range >= abs(volts)


def test_a_scan_gives_each_channel_its_own_reading(switch: Stand) -> None:
    """In the order in which they were asked for, one asked for twice as often; it takes its time on the bench."""
    sensors = dict(_facts(switch).sensors)
    asked = (*reversed(sensors), next(iter(sensors)))
    before_ns = switch.clock.now_ns()

    raws = switch.driver.scan_dc_voltage(*asked)

    for channel, raw in zip(asked, raws, strict=True):
        assert raw.value == pytest.approx(sensors[channel], abs=limit_of(switch.model, raw))
    assert raws[0].at_ns - before_ns >= len(sensors) * 20_000_000


def test_relays_beside_a_sensor_can_be_closed_after_it_was_read(switch: Stand) -> None:
    """A measurement does not keep its module from whoever comes after."""
    sensor = _facts(switch).sensors[0][0]
    switch.driver.measure_dc_voltage(sensor)

    switch.driver.close_relays(sensor + 9)

    assert _contacts(switch, sensor + 9) == (True,)


def test_a_relay_is_not_a_sensor(switch: Stand) -> None:
    """A channel that carries no volts gives no reading."""
    with pytest.raises(HarnessError):
        switch.driver.measure_dc_voltage(_facts(switch).relays[0])


def test_the_modules_are_told_by_their_slots(switch: Stand) -> None:
    """Those that are there, and no others."""
    modules = switch.driver.modules()

    assert modules == {
        slot: module.model
        for slot, module in switch.unit._modules.items()  # type: ignore[attr-defined]
    }
