"""What every power supply's driver does: it sets what it is told, or refuses; it reads what its terminals have."""

import pytest

from harness.errors import HarnessError, InstrumentError, LocalProtocolError
from instruments.accuracy import accuracy
from instruments.raw import Raw
from instruments.roles import OutputState
from tests.instruments.conformance import entries
from tests.instruments.conformance.conftest import LOAD_OHM
from tests.instruments.conformance.stand import Stand, limit_of

VOLTS, LIMIT_A = 3.0, 0.5
SETTLED_S = 1.0


def _facts(stand: Stand) -> entries.Supply:
    facts = entries.ENTRIES[stand.name]
    assert isinstance(facts, entries.Supply)
    return facts


def _on(stand: Stand, channel: int = 1, *, volts: float = VOLTS, limit_a: float = LIMIT_A) -> None:
    stand.driver.configure_output(channel, voltage_v=volts, current_limit_a=limit_a)
    stand.driver.enable_output(channel)
    stand.clock.sleep(SETTLED_S)


def test_every_output_reads_what_its_terminals_have(supply: Stand) -> None:
    """Voltage and current are those of the circuit, within the data sheet; bench time is told with them."""
    for channel in _facts(supply).channels:
        _on(supply, channel)
        node = supply.unit.outputs[channel - 1].feed  # type: ignore[attr-defined]
        before_ns = supply.clock.now_ns()

        volts, amperes = supply.driver.measure_voltage(channel), supply.driver.measure_current(channel)

        assert (volts.unit, amperes.unit) == ("V", "A")
        assert volts.value == pytest.approx(supply.truly(node.volts), abs=limit_of(supply.model, volts))
        assert amperes.value == pytest.approx(supply.truly(node.amperes), abs=limit_of(supply.model, amperes))
        assert before_ns <= volts.at_ns <= amperes.at_ns <= supply.clock.now_ns()


def test_an_output_is_what_it_was_set_to(supply: Stand) -> None:
    """Within what the data sheet permits for programming."""
    _on(supply)

    volts = supply.driver.measure_voltage(1)
    sheet = accuracy(supply.model)
    node = supply.unit.outputs[0].feed  # type: ignore[attr-defined]
    permitted = sheet.limit("dc voltage setting", volts.range, VOLTS)

    assert supply.truly(node.volts) == pytest.approx(VOLTS, abs=permitted.limit + permitted.resolution)
    assert supply.truly(node.amperes) == pytest.approx(VOLTS / LOAD_OHM, rel=0.02)


def test_an_output_is_off_until_it_is_switched_on(supply: Stand) -> None:
    """Setting does not switch; each output is switched for itself; a reset switches all off."""
    driver = supply.driver
    driver.configure_output(1, voltage_v=VOLTS, current_limit_a=LIMIT_A)
    assert not driver.output_enabled(1)
    assert driver.output_state(1) is OutputState.OFF
    assert driver.channels == _facts(supply).channels
    assert driver.voltage_v(1) == pytest.approx(VOLTS, abs=1e-6)
    assert driver.current_limit_a(1) == pytest.approx(LIMIT_A, abs=1e-6)

    driver.enable_output(1)
    assert driver.output_enabled(1)
    assert not driver.output_enabled(2)
    driver.disable_output(1)
    assert not driver.output_enabled(1)

    _on(supply, 2)
    driver.reset()
    assert not driver.output_enabled(2)
    assert supply.truly(lambda: supply.unit.outputs[1].on) is False  # type: ignore[attr-defined]


def test_it_tells_how_an_output_regulates(supply: Stand) -> None:
    """Constant voltage below the limit, constant current at it; the current is then the limit."""
    _on(supply)
    assert supply.driver.output_state(1) is OutputState.CONSTANT_VOLTAGE

    _on(supply, limit_a=0.1)

    assert supply.driver.output_state(1) is OutputState.CONSTANT_CURRENT
    assert supply.driver.measure_current(1).value == pytest.approx(0.1, abs=0.015)


def test_protection_reads_back_and_trips(supply: Stand) -> None:
    """The level is the one that was set; an output above it is switched off, and says why."""
    driver = supply.driver
    driver.configure_output(1, voltage_v=VOLTS, current_limit_a=LIMIT_A)
    driver.configure_ovp(1, voltage_v=4.0)
    assert driver.ovp_v(1) == pytest.approx(4.0, abs=1e-6)
    driver.enable_output(1)
    supply.clock.sleep(SETTLED_S)
    assert driver.output_state(1) is OutputState.CONSTANT_VOLTAGE

    driver.configure_output(1, voltage_v=5.0, current_limit_a=1.0)
    supply.clock.sleep(SETTLED_S)

    assert driver.output_state(1) is OutputState.OVER_VOLTAGE
    assert supply.truly(supply.unit.outputs[0].feed.volts) == pytest.approx(0.0, abs=0.05)  # type: ignore[attr-defined]


def test_an_output_trips_at_its_current_limit_when_it_is_told_to(supply: Stand) -> None:
    """It regulates at the limit until then, and afterwards goes off for good and says why; a reset takes it back."""
    driver = supply.driver
    _on(supply, limit_a=0.1)
    assert not driver.trips_at_limit(1)
    assert driver.output_state(1) is OutputState.CONSTANT_CURRENT

    driver.trip_at_limit(1)
    assert driver.trips_at_limit(1)
    supply.clock.sleep(SETTLED_S)

    assert driver.output_state(1) is OutputState.OVER_CURRENT
    assert supply.truly(supply.unit.outputs[0].feed.amperes) == pytest.approx(0.0, abs=1e-3)  # type: ignore[attr-defined]
    driver.reset()
    assert not driver.trips_at_limit(1)


@pytest.mark.parametrize(("volts", "amperes"), [(99.0, LIMIT_A), (VOLTS, 99.0), (-1.0, LIMIT_A)])
def test_a_value_beyond_the_output_is_refused_and_changes_nothing(supply: Stand, volts: float, amperes: float) -> None:
    """The text quotes the supply; the voltage stays; nothing is left in the error queue for the next one."""
    _on(supply)

    with pytest.raises(InstrumentError, match="-222"):
        supply.driver.configure_output(1, voltage_v=volts, current_limit_a=amperes)

    supply.clock.sleep(SETTLED_S)
    assert supply.driver.measure_voltage(1).value == pytest.approx(VOLTS, abs=0.1)
    supply.driver.check_errors()


def test_an_output_that_there_is_not_is_refused_before_the_wire(supply: Stand) -> None:
    """For every method that takes a channel; the supply never hears of it."""
    driver, missing = supply.driver, _facts(supply).missing

    for ask in (
        lambda: driver.configure_output(missing, voltage_v=1.0, current_limit_a=0.1),
        lambda: driver.configure_ovp(missing, voltage_v=1.0),
        lambda: driver.ovp_v(missing),
        lambda: driver.trip_at_limit(missing),
        lambda: driver.trips_at_limit(missing),
        lambda: driver.voltage_v(missing),
        lambda: driver.current_limit_a(missing),
        lambda: driver.enable_output(missing),
        lambda: driver.disable_output(missing),
        lambda: driver.output_enabled(missing),
        lambda: driver.output_state(missing),
        lambda: driver.measure_voltage(missing),
        lambda: driver.measure_current(missing),
    ):
        with pytest.raises(LocalProtocolError):
            ask()
    driver.check_errors()


def test_every_refusal_is_one_of_ours(supply: Stand) -> None:
    """Nothing that a supply refuses comes out as anything but an error of the harness."""
    with pytest.raises(HarnessError):
        supply.driver.configure_ovp(1, voltage_v=1e6)


def test_readings_are_raw_values_with_their_range(supply: Stand) -> None:
    """The data sheet has figures for the function and the range that a reading names."""
    _on(supply)
    for raw in (supply.driver.measure_voltage(1), supply.driver.measure_current(1)):
        assert isinstance(raw, Raw)
        assert accuracy(supply.model).limit(raw.function, raw.range, raw.value).limit > 0.0
