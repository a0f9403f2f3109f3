"""instro's driver for the 34980A, unchanged, on a virtual one: scans of a multiplexer, and relays."""

import pytest
from instro.daq.drivers import Keysight34980A
from instro.daq.drivers.keysight_34980a import parse_datastring
from instro.daq.types import AnalogVoltageChannel, Direction, HWTimingConfig, RelayChannel
from instro.lib.transports.visa import VisaConfig

VOLTS = {2001: 0.5, 2002: -1.5, 2040: 12.0}
PERIOD_NS = 50_000_000


@pytest.fixture
def unit(plug):
    """Give instro's Keysight34980A, opened on a virtual one with three sources on its multiplexer."""
    sensors = {channel: lambda volts=volts: volts for channel, volts in VOLTS.items()}
    plugged = plug("34980A", sensors=sensors)
    device = Keysight34980A(VisaConfig(plugged.address, visa_backend=plugged.visalib))
    device.open()
    device.plugged = plugged
    yield device
    device.close()


def _configure(unit):
    for channel, volts in VOLTS.items():
        unit.configure_ai_voltage_channel(
            AnalogVoltageChannel(
                physical_channel=str(channel),
                alias=f"in{channel}",
                direction=Direction.INPUT,
                range_max=abs(volts) * 1.1,
                range_min=-1.0,
                scaler=None,
            )
        )


def test_channels_are_read_on_demand(unit):
    """READ? with its own list answers with volts and absolute times, in the order of the channels."""
    _configure(unit)

    volts, times = parse_datastring(unit.read_analog().data)

    # A resolution of 3 mV, which the driver asks for, is a hundredth of a per cent of the lowest range.
    assert volts == pytest.approx(list(VOLTS.values()), abs=20e-3)
    assert times == sorted(times)
    assert len(set(times)) == 3


def test_the_units_clock_is_set_to_that_of_the_host(unit):
    """The first reading's time is that of the host, give or take what the bench's time has run on."""
    import time

    _configure(unit)

    _, times = parse_datastring(unit.read_analog().data)

    assert abs(times[0] / 1e9 - time.time()) < 60.0


def test_a_timed_scan_is_fetched_while_it_runs(unit):
    """TRIG:SOUR TIMER without end: the driver polls DATA:POIN? and takes whole sweeps, 50 ms apart."""
    _configure(unit)
    unit.configure_ai_hw_timing(HWTimingConfig(sample_rate=20.0, sample_period=PERIOD_NS, samples_per_channel=2))
    unit.start()

    volts, times = parse_datastring(unit.fetch_analog().data)
    unit.stop()

    assert volts == pytest.approx(list(VOLTS.values()) * 2, abs=20e-3)
    assert [later - sooner for sooner, later in zip(times[::3], times[3::3], strict=False)] == pytest.approx(
        [PERIOD_NS], abs=1_000_000
    )


def test_relays_are_closed_and_opened(unit):
    """One relay of the matrix; a relay that is not there is an error to the driver."""
    relay = RelayChannel(physical_channel="1203", alias="relay", direction=Direction.OUTPUT)
    unit.close_relay(relay)

    assert unit.plugged.instrument.is_closed(1203)
    unit.open_relay(relay)
    assert not unit.plugged.instrument.is_closed(1203)
    with pytest.raises(RuntimeError, match=r"\+112"):
        unit.close_relay(RelayChannel(physical_channel="1165", alias="none", direction=Direction.OUTPUT))
