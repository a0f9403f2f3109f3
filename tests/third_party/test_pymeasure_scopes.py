"""pymeasure's KeysightDSOX1102G, unchanged, on a virtual one; and what its hardware tests expect of a real one."""

import numpy as np
import pytest
from pymeasure.adapters import VISAAdapter
from pymeasure.instruments.keysight.keysightDSOX1102G import KeysightDSOX1102G

from fixtures.virtual.instruments.scopes.probes import Sine, Steady

# pymeasure asks its users to tell whether this instrument speaks SCPI; it does.
pytestmark = pytest.mark.filterwarnings("ignore:It is not known whether this device:FutureWarning")

POINTS = [100, 250, 500, 1000, 2000, 5000, 10000, 20000, 50000, 62500]


@pytest.fixture
def scope(plug):
    """Give the driver, on an oscilloscope with 1.5 V at channel 1 and a sine of 1 kHz at channel 2."""
    plugged = plug("DSOX1102G", probes={1: Steady(1.5), 2: Sine(2.0, 1e3)})
    adapter = VISAAdapter(plugged.address, visa_library=plugged.visalib, read_termination="\n", timeout=6000)
    scope = KeysightDSOX1102G(adapter)
    scope.factory_reset()
    scope.clear_status()
    scope.clock = plugged.clock
    scope.address = plugged.address
    yield scope
    adapter.close()


def test_after_a_reset_a_channel_is_told_as_a_real_one_tells_it(scope):
    """10:1 probe, 40 V full scale, on, one megohm."""
    expected = {"OFFS": 0.0, "COUP": "DC", "IMP": "ONEM", "DISP": True, "BWL": False, "INV": False, "UNIT": "VOLT"}
    expected |= {"PROB": 10.0, "PROB:SKEW": 0.0, "STYP": "SING", "CHAN": 1, "RANG": 40.0}

    told = scope.ch(1).current_configuration

    assert {key: told[key] for key in expected} == expected


def test_after_a_reset_the_time_axis_is_told_as_a_real_one_tells_it(scope):
    """1 ms around the trigger."""
    assert scope.timebase == {"REF": "CENT", "MAIN:RANG": 1e-3, "POS": 0.0, "MODE": "MAIN"}


def test_after_a_reset_the_preamble_is_that_of_a_real_one(scope):
    """The numbers of pymeasure's hardware test, digit by digit."""
    scope.waveform_format = "ascii"
    scope.waveform_source = "channel1"

    assert scope.waveform_preamble == {
        "count": 1, "format": "ASCII", "points": 62500, "type": "NORMAL", "xincrement": 1.6e-08, "xorigin": -0.0005,
        "xreference": 0, "yincrement": 0.0007851759, "yorigin": 0, "yreference": 32768.0,
    }  # fmt: skip


def test_settings_come_back_as_they_were_made(scope):
    """Every setting of the driver, with every value that its hardware tests use."""
    for channel in (scope.ch1, scope.ch2):
        for name in ("bwlimit", "display", "invert"):
            for value in (True, False):
                setattr(channel, name, value)
                assert getattr(channel, name) is value, name
        for value in ("ac", "dc"):
            channel.coupling = value
            assert channel.coupling == value
        for label, shown in (("label", "LABEL"), ("quite long label", "QUITE LONG"), (12345, "12345")):
            channel.label = label
            assert channel.label.strip('"') == shown  # pymeasure 0.16 leaves the quote marks on
        channel.offset = 1
        assert channel.offset == 1
        channel.probe_attenuation = 10
        assert channel.probe_attenuation == 10
        channel.range = 10
        assert channel.range == 10
        channel.scale = 0.1
        assert channel.scale == 0.1
    for name, values in {
        "timebase_mode": ["main", "window", "xy", "roll"],
        "timebase_offset": [1],
        "timebase_range": [10],
        "timebase_scale": [0.1],
        "acquisition_type": ["normal", "average", "hresolution", "peak"],
        "acquisition_mode": ["realtime", "segmented"],
        "waveform_points_mode": ["normal", "maximum", "raw"],
        "waveform_source": ["channel1", "channel2", "function", "fft", "wmemory1", "wmemory2", "ext"],
        "waveform_format": ["ascii", "word", "byte"],
    }.items():
        for value in values:
            setattr(scope, name, value)
            assert getattr(scope, name) == value, name


@pytest.mark.parametrize("points", POINTS)
def test_as_many_points_are_told_as_were_asked_for(scope, points):
    """Of the memory, in a record of 1 ms."""
    scope.waveform_points_mode = "raw"
    scope.waveform_points = points

    assert scope.waveform_points == points


def test_autoscale_brings_the_time_axis_back_and_shows_the_signals(scope):
    """The position is zero again, and the sine fills the screen."""
    scope.timebase_offset = 1
    assert scope.ask(":timebase:position?") == "+1.000000000000E+00"

    scope.ch2.probe_attenuation = 1
    scope.clock.sleep(0.1)
    scope.autoscale()

    assert scope.ask(":timebase:position?") == "+0.000000000000E+00"
    assert 4.0 < scope.ch2.range < 20.0


@pytest.mark.parametrize("source", ["channel1", "channel2", "function", "math", "fft", "abus", "ext"])
def test_every_source_of_the_driver_can_be_digitized(scope, source):
    """No error follows."""
    scope.digitize(source)

    assert scope.ask("*OPC?").strip() == "1"
    assert scope.ask("SYST:ERR?").startswith("+0,")


def test_a_known_voltage_is_fetched(scope):
    """1.5 V within what the data sheet permits at 4 V full scale: 3 % and 0.1 division and 2 mV, at a 1:1 probe."""
    scope.ch1.setup(probe_attenuation=1, vertical_range=4, display=True)
    scope.digitize("channel1")

    volts, preamble = scope.download_data("channel1", points=1000)

    assert len(volts) == preamble["points"] == 1000
    assert abs(volts.mean() - 1.5) < 0.03 * 4 + 0.05 + 2e-3
    assert volts.std() < preamble["yincrement"] * 256


@pytest.mark.parametrize("source", ["channel1", "channel2", "function", "fft", "ext"])
def test_every_source_that_a_real_one_can_send_is_downloaded(scope, source):
    """Right after a reset, before anything was digitized: the oscilloscope runs, and its first record is waited for."""
    if source == "channel2":
        scope.ch2.display = True

    data, preamble = scope.download_data(source=source, points=500)

    assert isinstance(data, np.ndarray)
    assert len(data) == 500
    assert preamble["points"] == 500


def test_a_setup_is_stored_and_comes_back(scope):
    """What was switched is as it was before."""
    before = scope.system_setup
    scope.ch1.display = False
    scope.ch2.display = True
    assert scope.system_setup != before

    scope.system_setup = before.strip()

    assert scope.system_setup == before
    assert scope.ch1.display is True


@pytest.mark.parametrize("palette", ["color", "grayscale"])
@pytest.mark.parametrize(("form", "begins"), [("bmp", b"BM"), ("bmp8bit", b"BM"), ("png", b"\x89PNG\r\n")])
def test_the_screen_is_downloaded(scope, form, begins, palette):
    """It is a file of that kind."""
    if "hislip" in scope.address:
        pytest.skip("pymeasure reads until nothing comes, and at the end of a message pyvisa-py's HiSLIP never says so")
    if "SOCKET" in scope.address and form != "png":
        pytest.skip("pymeasure reads blocks byte by byte: a megabyte over a network takes minutes")

    assert scope.download_image(format_=form, color_palette=palette).startswith(begins)
