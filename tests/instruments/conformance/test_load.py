"""What every electronic load's driver does: it draws as it is told, or refuses; it reads what its terminals have."""

import pytest

from fixtures.virtual.instruments.supplies.feed import Source
from harness.errors import HarnessError, InstrumentError
from instruments.accuracy import accuracy
from tests.instruments.conformance import entries
from tests.instruments.conformance.stand import Stand, limit_of

SOURCE = Source(10.0, 2.0, on=True)
SETTLED_S = 0.5


def _facts(stand: Stand) -> entries.Load:
    facts = entries.ENTRIES[stand.name]
    assert isinstance(facts, entries.Load)
    return facts


def _feed(stand: Stand, source: Source = SOURCE) -> None:
    with stand.lock:
        stand.unit.node.set(source)  # type: ignore[attr-defined]


def _drawing(stand: Stand) -> None:
    stand.driver.enable_input()
    stand.clock.sleep(SETTLED_S)


def test_it_reads_what_its_terminals_have(load: Stand) -> None:
    """Voltage, current and power are those of the circuit, within the data sheet."""
    _feed(load)
    load.driver.configure_current(current_a=1.25)
    _drawing(load)

    volts, amperes = load.driver.measure_voltage(), load.driver.measure_current()
    watts = load.driver.measure_power()
    point = load.truly(load.unit.node.now)  # type: ignore[attr-defined]

    assert (volts.unit, amperes.unit, watts.unit) == ("V", "A", "W")
    assert volts.value == pytest.approx(point.load_v, abs=limit_of(load.model, volts))
    assert amperes.value == pytest.approx(point.amperes, abs=limit_of(load.model, amperes))
    assert watts.value == pytest.approx(point.load_v * point.amperes, abs=limit_of(load.model, watts))


def test_each_mode_draws_what_was_set(load: Stand) -> None:
    """Constant current, voltage, resistance and power, as the circuit shows them."""
    _feed(load)
    driver = load.driver

    for set_mode, value, function, full_scale, seen in (
        (lambda: driver.configure_current(current_a=1.25), 1.25, "dc current", driver.amperes[0], lambda p: p.amperes),
        (lambda: driver.configure_voltage(voltage_v=6.0), 6.0, "dc voltage", driver.volts[0], lambda p: p.load_v),
        (lambda: driver.configure_power(power_w=5.0), 5.0, "dc power", driver.watts, lambda p: p.load_v * p.amperes),
    ):
        driver.disable_input()
        set_mode()
        _drawing(load)
        permitted = accuracy(load.model).limit(f"{function} setting", full_scale, value)
        point = load.truly(load.unit.node.now)  # type: ignore[attr-defined]
        assert seen(point) == pytest.approx(value, abs=permitted.limit + permitted.resolution)


def test_it_draws_as_a_resistor_would(load: Stand) -> None:
    """The error of a resistance is one of its conductance: 80 mS at most, of 500 mS here."""
    _feed(load, Source(2.0, 5.0, on=True))
    load.driver.configure_resistance(resistance_ohm=2.0)
    _drawing(load)

    point = load.truly(load.unit.node.now)  # type: ignore[attr-defined]

    assert point.amperes / point.load_v == pytest.approx(0.5, abs=0.081)


def test_it_draws_nothing_until_it_is_switched_on(load: Stand) -> None:
    """Setting does not switch; a reset switches off."""
    _feed(load)
    load.driver.configure_current(current_a=1.0)
    assert not load.driver.input_enabled()
    assert load.truly(load.unit.node.amperes) == pytest.approx(0.0, abs=1e-3)  # type: ignore[attr-defined]

    _drawing(load)
    assert load.driver.input_enabled()
    assert load.truly(load.unit.node.amperes) == pytest.approx(1.0, abs=0.2)  # type: ignore[attr-defined]
    load.driver.reset()

    assert not load.driver.input_enabled()
    assert load.truly(load.unit.node.amperes) == pytest.approx(0.0, abs=1e-3)  # type: ignore[attr-defined]


def test_a_value_that_it_refuses_is_an_error_and_changes_nothing(load: Stand) -> None:
    """The text quotes the load; what it draws stays; the queue is empty after it."""
    _feed(load)
    load.driver.configure_power(power_w=8.0)
    _drawing(load)
    before = load.truly(load.unit.node.amperes)  # type: ignore[attr-defined]

    with pytest.raises(InstrumentError, match="-222"):
        load.driver.configure_power(power_w=_facts(load).too_many_w)

    load.clock.sleep(SETTLED_S)
    assert load.truly(load.unit.node.amperes) == before  # type: ignore[attr-defined]
    load.driver.check_errors()


def test_a_value_without_a_range_is_refused_before_the_wire(load: Stand) -> None:
    """Too much, less than nothing, and what is no number."""
    for amperes in (_facts(load).too_many_a, -1.0, float("nan")):
        with pytest.raises(HarnessError):
            load.driver.configure_current(current_a=amperes)
    with pytest.raises(HarnessError):
        load.driver.configure_voltage(voltage_v=1e4)
    load.driver.check_errors()
