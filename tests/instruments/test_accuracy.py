"""Data-sheet accuracy: the figures are those printed, and they add as the sheet says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.reading import Distribution
from instruments.accuracy import accuracy
from instruments.accuracy.sheet import read_sheet
from instruments.catalog import DRIVERS

# Keysight 5991-1983EN (June 2022), 34461A, d.c. voltage, 1 year: range, % of reading, % of range.
PRINTED = [
    (0.1, 0.0050, 0.0035),
    (1, 0.0040, 0.0007),
    (10, 0.0035, 0.0005),
    (100, 0.0045, 0.0006),
    (1000, 0.0045, 0.001),
]

SMALL = """
model = "X1"
source = "sheet"
provenance = "found"
coverage_factor = 0.0
calibrated_degc = 23.0
window_degc = 5.0
[[function]]
name = "dc voltage"
unit = "V"
ranges = [{ range = 1.0, reading = 1.0, of_range = 2.0 }]
"""


@pytest.mark.parametrize(("full_scale", "of_reading", "of_range"), PRINTED)
def test_the_34461a_has_the_printed_limits(full_scale: float, of_reading: float, of_range: float) -> None:
    """Per cent of reading and per cent of range add linearly."""
    found = accuracy("34461A").limit("dc voltage", full_scale, full_scale / 2, 0.2)

    assert found.limit == pytest.approx((of_reading * full_scale / 2 + of_range * full_scale) / 100, rel=1e-12)
    assert found.provenance == "found"
    assert "5991-1983EN" in found.source


@pytest.mark.parametrize(
    ("model", "function", "full_scale", "value", "limit", "resolution", "provenance"),
    [
        # Printed in 5991-1983EN for the 34461A; that the 34465A is no worse is remembered.
        ("34465A", "dc voltage", 0.1, 0.05, 0.05 * 50e-6 + 0.1 * 35e-6, 1e-7, "remembered"),
        ("34465A", "dc voltage", 1.0, 0.5, 0.5 * 40e-6 + 1.0 * 7e-6, 1e-6, "remembered"),
        ("34465A", "dc voltage", 10.0, -5.0, 5.0 * 35e-6 + 10.0 * 5e-6, 1e-5, "remembered"),
        ("34465A", "dc voltage", 100.0, 50.0, 50.0 * 45e-6 + 100.0 * 6e-6, 1e-4, "remembered"),
        # As the HP 34401A: 0.010 % + 0.001 %.
        ("34465A", "resistance", 1e3, 1000.0, 0.1 + 0.01, 1e-3, "remembered"),
        ("34465A", "sample timer", 1200.0, 1200.0, 0.12, 1e-6, "remembered"),
        # 0.06 % + 0.03 %; 0.35 % + 0.04 % below 10 Hz; 0.10 % + 0.04 %; 0.05 % + 0.02 %; 0.010 % + 0.001 % and 0.2 Ω.
        ("34465A", "ac voltage", 1.0, 0.5, 0.5 * 600e-6 + 300e-6, 1e-6, "remembered"),
        ("34461A", "ac voltage, 5 Hz to 10 Hz", 0.1, 0.1, 350e-6 + 40e-6, 1e-7, "remembered"),
        ("34461A", "ac current", 1.0, 0.5, 0.5 * 1e-3 + 400e-6, 1e-6, "remembered"),
        ("34461A", "dc current", 0.01, 0.005, 0.005 * 500e-6 + 0.01 * 200e-6, 1e-8, "remembered"),
        ("34461A", "two-wire resistance", 1e3, 1000.0, 0.1 + 0.01 + 0.2, 1e-3, "remembered"),
        # Keysight 5968-0162EN (July 2022): 0.0035 % + 0.0005 %. The rest of the 34401A is remembered.
        ("34401A", "dc voltage", 10.0, -5.0, 5.0 * 35e-6 + 10.0 * 5e-6, 1e-5, "found"),
        ("34401A", "dc current", 3.0, 3.0, 3.0 * 1.2e-3 + 3.0 * 200e-6, 1e-6, "remembered"),
        ("34401A", "frequency", 1000.0, 1000.0, 0.1, 1e-5, "remembered"),
        # 3 % of full scale; a tenth of a division of eight, 2 mV and 1 % of the setting; half a step of 199; 50 ppm.
        ("DSOX1204G", "dc gain", 2.4, 1.0, 0.072, 0.0, "remembered"),
        ("DSOX1204G", "dc gain", 16.0, 0.0, 0.48, 0.0, "remembered"),
        ("DSOX1204G", "offset", 8.0, 3.0, 0.1 + 2e-3 + 0.03, 0.0, "remembered"),
        ("DSOX1204G", "converter", 2.4, 0.0, 2.4 / 199 / 2, 0.0, "computed"),
        ("DSOX1204G", "timebase", 0.1, 0.1, 5e-6, 0.0, "remembered"),
        # 0.03 % + 3 mV and 0.04 % + 3 mA.
        ("E36312A", "dc voltage", 6.0, 5.0, 1.5e-3 + 3e-3, 1e-4, "remembered"),
        ("E36312A", "dc current", 5.0, 0.5, 0.2e-3 + 3e-3, 1e-4, "remembered"),
        # As the 34970A, whose figures are those of the 34401A.
        ("DAQ970A", "dc voltage", 1.0, 0.23, 0.23 * 40e-6 + 7e-6, 1e-6, "remembered"),
        ("DAQ970A", "dc voltage", 0.1, 0.1, 0.1 * 50e-6 + 0.1 * 40e-6, 1e-7, "remembered"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value:g}",
)
def test_what_readings_of_the_bench_rest_on_is_pinned(
    model: str, function: str, full_scale: float, value: float, limit: float, resolution: float, provenance: str
) -> None:
    """Limit and step of what the bench reads, worked out by hand, and whether anybody saw the figures."""
    found = accuracy(model).limit(function, full_scale, value)

    assert found.limit == pytest.approx(limit, rel=1e-6)
    assert found.resolution == resolution
    assert found.provenance == provenance


@pytest.mark.parametrize(
    ("model", "function", "shape", "divisor"),
    [
        ("34465A", "dc voltage", Distribution.NORMAL, 2.0),
        ("34465A", "resistance", Distribution.NORMAL, 2.0),
        ("34465A", "sample timer", Distribution.RECTANGULAR, math.sqrt(3.0)),
        ("34401A", "dc voltage", Distribution.RECTANGULAR, math.sqrt(3.0)),
        ("DSOX1204G", "dc gain", Distribution.RECTANGULAR, math.sqrt(3.0)),
        ("E36312A", "dc voltage", Distribution.RECTANGULAR, math.sqrt(3.0)),
        ("DAQ970A", "dc voltage", Distribution.RECTANGULAR, math.sqrt(3.0)),
    ],
)
def test_only_a_stated_coverage_makes_a_limit_normal(
    model: str, function: str, shape: Distribution, divisor: float
) -> None:
    """5991-1983EN states k = 2 for what it specifies; the others state nothing."""
    sheet = accuracy(model)
    found = sheet.limit(function, sheet.ranges(function)[0], 1.0)

    assert (found.distribution, found.divisor) == (shape, pytest.approx(divisor))


def test_5_volts_on_the_10_volt_range_are_225_microvolts_wrong_at_most() -> None:
    """0.0035 % of 5 V and 0.0005 % of 10 V, worked out by hand; k = 2 makes it normal with half of that."""
    found = accuracy("34461A").limit("dc voltage", 10.0, -5.0, 0.2)

    assert found.limit == pytest.approx(225e-6)
    assert [found.reading_part, found.fixed_part] == pytest.approx([175e-6, 50e-6])
    assert (found.distribution, found.divisor) == (Distribution.NORMAL, 2.0)
    assert found.u == pytest.approx(112.5e-6)


def test_a_sheet_without_a_coverage_factor_is_rectangular() -> None:
    """The supply reads 5 V to 0.03 % and 3 mV, with u = limit / √3."""
    found = accuracy("E36312A").limit("dc voltage", 6.0, 5.0)

    assert found.limit == pytest.approx(4.5e-3)
    assert found.distribution is Distribution.RECTANGULAR
    assert found.u == pytest.approx(4.5e-3 / math.sqrt(3))
    assert found.provenance == "remembered"


@pytest.mark.parametrize(
    ("aperture_s", "adds"),
    [(2.0, 0.0), (0.2, 0.0), (0.1, 10e-6), (0.02, 10e-6), (0.004, 30e-6), (0.0004, 120e-6)],
    ids=["100 PLC", "10 PLC", "5 PLC", "1 PLC", "0.2 PLC", "0.02 PLC"],
)
def test_a_short_aperture_adds(aperture_s: float, adds: float) -> None:
    """On 1 V: 0.001 % at 1 PLC, 20 µV more at 0.2 PLC, 0.01 % and 20 µV at 0.02 PLC."""
    sheet = accuracy("34461A")

    assert sheet.limit("dc voltage", 1.0, 0.0, aperture_s).limit == pytest.approx(7e-6 + adds)


def test_an_aperture_below_the_sheet_is_refused() -> None:
    """What the sheet does not tell is not guessed."""
    with pytest.raises(ConfigError, match=r"below 0\.02 periods of the mains"):
        accuracy("34465A").limit("dc voltage", 1.0, 0.5, 20e-6)


def test_a_temperature_outside_the_window_adds() -> None:
    """Three degrees outside 23 ± 5 °C add 3 × (0.0005 % + 0.0001 %) on 10 V; inside they add nothing."""
    sheet = accuracy("34461A")
    inside = sheet.limit("dc voltage", 10.0, 10.0, 0.2, temperature_degc=18.0)
    outside = sheet.limit("dc voltage", 10.0, 10.0, 0.2, temperature_degc=31.0)

    assert inside.limit == pytest.approx(400e-6)
    assert outside.limit == pytest.approx(400e-6 + 3 * 60e-6)


@given(st.floats(min_value=-10, max_value=10), st.floats(min_value=-10, max_value=10))
def test_a_larger_reading_is_never_more_certain(a: float, b: float) -> None:
    """The limit grows with the magnitude of the reading."""
    sheet = accuracy("34465A")
    low, high = sorted((a, b), key=abs)

    assert sheet.limit("dc voltage", 10.0, low, 0.2).limit <= sheet.limit("dc voltage", 10.0, high, 0.2).limit


def test_clocks_have_limits_too() -> None:
    """The scope's timebase is good to 50 ppm, the meter's sample timer to 100 ppm."""
    assert accuracy("DSOX1204G").limit("timebase", 1.0, 1.0).limit == pytest.approx(50e-6)
    assert accuracy("34465A").limit("sample timer", 2400.0, 2400.0).limit == pytest.approx(0.24)


def test_the_scope_takes_any_range() -> None:
    """3 % of full scale from 80 mV, 4 % below; a tenth of a division and 2 mV; half a step of the converter."""
    sheet = accuracy("DSOX1204G")

    assert sheet.limit("dc gain", 4.0, 1.0).limit == pytest.approx(0.12)
    assert sheet.limit("dc gain", 0.04, 0.0).limit == pytest.approx(0.0016)
    assert sheet.limit("offset", 4.0, 0.0).limit == pytest.approx(0.052)
    assert sheet.limit("converter", 40.0, 0.0).limit == pytest.approx(128 * 7.851759e-4, rel=1e-6)


@pytest.mark.parametrize("model", sorted({entry.model for entry in DRIVERS.values()}))
def test_every_driver_has_a_sheet(model: str) -> None:
    """Every range of every function of every model gives a positive limit at full scale."""
    sheet = accuracy(model)

    for function in sheet.functions():
        for full_scale in sheet.ranges(function):
            assert sheet.limit(function, full_scale, full_scale or 1.0, 0.2).limit > 0.0


def test_the_input_of_the_meter_is_known() -> None:
    """Above 10 GΩ up to 10 V, and 10 MΩ above."""
    assert [accuracy("34465A").input_ohm("dc voltage", volts) for volts in (10.0, 100.0)] == [1e10, 1e7]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: accuracy("3458A"), "there are .*34401A, 34461A, 34465A"),
        (lambda: accuracy("34461A").limit("inductance", 1.0, 1.0), "it has dc voltage"),
        (lambda: accuracy("34461A").limit("dc voltage", 2.0, 1.0), "it has 0.1, 1, 10, 100, 1000"),
    ],
    ids=["model", "function", "range"],
)
def test_what_is_not_there_is_named_with_what_is(ask: object, told: str) -> None:
    """An unknown model, function or range lists the known ones."""
    assert callable(ask)
    with pytest.raises(ConfigError, match=told):
        ask()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("reading = 1.0", "reeding = 1.0", "unknown key 'reeding'"),
        ("reading = 1.0", "reading = -1.0", "reading is -1.0"),
        ("reading = 1.0", 'reading = "1 %"', "must be a number"),
        ("range = 1.0, ", "", "has no range"),
        ('provenance = "found"', 'provenance = "hoped"', "found, remembered, computed"),
        ('source = "sheet"', "", "source is missing"),
        ('unit = "V"', "", "unit is missing"),
        ("[[function]]", "[[function", "x1.toml"),
        ("ranges =", "speeds = [{ plc = 1.0 }, { plc = 10.0 }]\nranges =", "speeds must go from"),
    ],
)
def test_a_mistake_in_a_sheet_is_named(old: str, new: str, told: str) -> None:
    """File, function and key are told."""
    with pytest.raises(ConfigError, match=r"x1\.toml") as caught:
        read_sheet("x1.toml", SMALL.replace(old, new))

    assert told in str(caught.value)
