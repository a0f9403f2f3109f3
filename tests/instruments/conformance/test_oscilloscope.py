"""What every oscilloscope's driver does: records as long as asked for, triggered where told, their volts true.

On every channel lies the same square wave: -1 V, and 2 V for the first quarter of every 2 ms.
"""

import numpy as np
import pytest

from harness.errors import HarnessError, InstrumentError, LocalProtocolError
from instruments.accuracy import accuracy
from instruments.roles import RawWaveform
from tests.instruments.conformance import entries
from tests.instruments.conformance.conftest import SQUARE_NS, SQUARE_V
from tests.instruments.conformance.stand import LUCK, Stand

RANGE_V, OFFSET_V = 8.0, 0.5
DURATION_S, BEFORE_S = 0.01, 0.002
LEVEL_V = 0.5


def _facts(stand: Stand) -> entries.Oscilloscope:
    facts = entries.ENTRIES[stand.name]
    assert isinstance(facts, entries.Oscilloscope)
    return facts


def _set_up(stand: Stand, channel: int = 1, *, averaging: bool = False, level_v: float = LEVEL_V) -> None:
    driver = stand.driver
    driver.reset()
    driver.configure_channel(channel, range_v=RANGE_V, offset_v=OFFSET_V)
    driver.configure_acquisition(duration_s=DURATION_S, before_s=BEFORE_S, averaging=averaging)
    driver.configure_edge_trigger(channel, level_v=level_v, rising=True)


def _shot(stand: Stand, channel: int = 1) -> RawWaveform:
    stand.driver.initiate()
    assert stand.driver.wait_complete(1.0)
    wave = stand.driver.fetch_waveform(channel)
    assert isinstance(wave, RawWaveform)
    return wave


def _volts(wave: RawWaveform) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return wave.counts * wave.scale + wave.offset_v


def _times(wave: RawWaveform) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return wave.start_s + wave.interval_s * np.arange(len(wave.counts))


def _limit_v(model: str, value: float) -> float:
    sheet = accuracy(model)
    parts = (("dc gain", value), ("offset", OFFSET_V), ("converter", 0.0))
    return LUCK * sum(sheet.limit(name, RANGE_V, volts).limit for name, volts in parts)


def test_a_record_has_the_length_and_the_volts_of_what_lies_there(oscilloscope: Stand) -> None:
    """As long as it was asked for, beginning as long before the trigger; both levels within the data sheet."""
    _set_up(oscilloscope)

    wave = _shot(oscilloscope)

    volts, times = _volts(wave), _times(wave)
    assert len(wave.counts) * wave.interval_s == pytest.approx(DURATION_S, rel=0.01)
    assert wave.start_s == pytest.approx(-BEFORE_S, abs=2 * wave.interval_s + 1e-4 * DURATION_S)
    assert wave.range_v == RANGE_V
    for level in SQUARE_V:
        near = volts[np.abs(volts - level) < 0.5]
        assert float(np.median(near)) == pytest.approx(level, abs=_limit_v(oscilloscope.model, level))
    high = volts > LEVEL_V
    assert high.mean() == pytest.approx(0.25, abs=0.01)
    rises = times[1:][high[1:] & ~high[:-1]]
    assert np.diff(rises) == pytest.approx(np.full(len(rises) - 1, SQUARE_NS * 1e-9), rel=2e-4, abs=2 * wave.interval_s)
    assert float(np.abs(rises).min()) <= 3 * wave.interval_s


def test_it_triggers_on_the_slope_that_it_was_told(oscilloscope: Stand) -> None:
    """Falling: high just before time zero, and low just after it."""
    _set_up(oscilloscope)
    oscilloscope.driver.configure_edge_trigger(1, level_v=LEVEL_V, rising=False)

    wave = _shot(oscilloscope)

    volts, times = _volts(wave), _times(wave)
    assert volts[(times > -200e-6) & (times < -50e-6)].min() > LEVEL_V
    assert volts[(times > 50e-6) & (times < 200e-6)].max() < LEVEL_V


def test_samples_that_average_show_the_same_levels(oscilloscope: Stand) -> None:
    """The record is as long, and its mean is that of the wave."""
    _set_up(oscilloscope, averaging=True)

    wave = _shot(oscilloscope)

    mean = 0.25 * SQUARE_V[1] + 0.75 * SQUARE_V[0]
    assert len(wave.counts) * wave.interval_s == pytest.approx(DURATION_S, rel=0.01)
    assert float(_volts(wave).mean()) == pytest.approx(mean, abs=_limit_v(oscilloscope.model, mean) + 0.03)


def test_every_channel_that_there_is_gives_a_record(oscilloscope: Stand) -> None:
    """And one more is refused before the wire."""
    channels = _facts(oscilloscope).channels
    _set_up(oscilloscope, channels)

    assert float(_volts(_shot(oscilloscope, channels)).max()) == pytest.approx(SQUARE_V[1], abs=0.5)
    for ask in (
        lambda: oscilloscope.driver.configure_channel(channels + 1, range_v=RANGE_V),
        lambda: oscilloscope.driver.configure_edge_trigger(channels + 1, level_v=0.0, rising=True),
        lambda: oscilloscope.driver.disable_channel(channels + 1),
        lambda: oscilloscope.driver.fetch_waveform(channels + 1),
    ):
        with pytest.raises(LocalProtocolError):
            ask()
    oscilloscope.driver.check_errors()


def test_a_record_can_be_fetched_again(oscilloscope: Stand) -> None:
    """A block of many bytes, line feeds among them, comes whole, and twice the same."""
    _set_up(oscilloscope)
    wave = _shot(oscilloscope)

    again = oscilloscope.driver.fetch_waveform(1)

    assert len(wave.counts) > 1000
    assert np.array_equal(wave.counts, again.counts)
    assert oscilloscope.driver.identify().model == oscilloscope.model


def test_a_trigger_that_does_not_come_is_waited_for_as_long_as_was_asked(oscilloscope: Stand) -> None:
    """In bench time; then it can be forced."""
    _set_up(oscilloscope, level_v=3.0)
    oscilloscope.driver.initiate()
    before_ns = oscilloscope.clock.now_ns()

    assert not oscilloscope.driver.wait_complete(0.5)
    assert 0.5e9 <= oscilloscope.clock.now_ns() - before_ns < 0.8e9
    oscilloscope.driver.force_trigger()

    assert oscilloscope.driver.wait_complete(1.0)
    assert float(_volts(oscilloscope.driver.fetch_waveform(1)).min()) == pytest.approx(SQUARE_V[0], abs=0.5)


def test_a_signal_beyond_the_screen_is_an_error(oscilloscope: Stand) -> None:
    """A clipped sample never reaches a measurement."""
    _set_up(oscilloscope)
    oscilloscope.driver.configure_channel(1, range_v=1.0, offset_v=0.0)
    oscilloscope.driver.configure_edge_trigger(1, level_v=0.0, rising=True)

    oscilloscope.driver.initiate()
    assert oscilloscope.driver.wait_complete(1.0)
    with pytest.raises(InstrumentError, match="clipped"):
        oscilloscope.driver.fetch_waveform(1)


def test_what_was_not_set_up_is_refused_before_the_wire(oscilloscope: Stand) -> None:
    """No shot without an acquisition, no record of a channel that is off, no trigger before the record begins."""
    driver = oscilloscope.driver

    for ask in (
        driver.initiate,
        lambda: driver.fetch_waveform(1),
        lambda: driver.configure_acquisition(duration_s=1e-3, before_s=2e-3, averaging=False),
    ):
        with pytest.raises(LocalProtocolError):
            ask()
    driver.check_errors()


@pytest.mark.parametrize("range_v", [1e6, 0.0, -1.0])
def test_a_range_that_it_has_not_is_refused(oscilloscope: Stand, range_v: float) -> None:
    """And nothing is taken for set after it: the next record of the channel is none."""
    with pytest.raises(HarnessError):
        oscilloscope.driver.configure_channel(1, range_v=range_v)

    with pytest.raises(LocalProtocolError):
        oscilloscope.driver.fetch_waveform(1)
    oscilloscope.driver.check_errors()
