"""The worked arithmetic of the domain, reproduced by what the bench measures of a device that is exact."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.bench import Bench
from fixtures.opening import open_bench
from harness.budget import difference, expanded, magnitude, ratio, scaled
from harness.commands.options import REFERENCE_CLAIMS
from harness.documents import package_file
from harness.reading import Reading
from test_plans.analysis import dose
from test_plans.pulses import energy, pulses
from test_plans.running import PULSES_S
from tests.harness.certify_run import certify

VIRTUAL = package_file("fixtures/benches/virtual.yaml")
REFERENCE = package_file("fixtures/virtual/devices/reference.yaml")
MA = 1e-3
SHUNT_OHM = 10.0
# What the analogue parts of the exact device must not add.
NO_ERROR: dict[str, dict[str, Any]] = {
    "output": {"gain_error": "0 %", "offset_error": "0 A", "bits": 16},
    "sense": {"current_gain_error": "0 %", "current_offset_error": "0 A"},
}
# As far as a bench of this harness can feed it: levels to 30 mA, in steps of 1 mA, and a ramp that wastes no time.
LEVELS = {"levels": 30, "first": "1 mA", "step": "1 mA", "ramp": "10 mA/s"}

Opened = Callable[..., Bench]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Open virtual benches with an exact device, whose model has some sections changed further."""
    with ExitStack() as stack:

        def bench(**sections: dict[str, Any]) -> Bench:
            model: dict[str, Any] = yaml.safe_load(Path(REFERENCE).read_text(encoding="utf-8"))
            model["sites"]["hands"] = LEVELS
            for section, values in (*NO_ERROR.items(), *sections.items()):
                model[section] = model[section] | values
            found = open_bench(VIRTUAL, seed=3, device_model=model)
            stack.callback(found.close)
            found.begin_case("worked arithmetic")
            return found

        yield bench


def begin(bench: Bench, *, level: int, load_ohm: float, waveform: str = "dc") -> None:
    """Run a session at so many milliamperes until it rests."""
    bench.use_shunt(SHUNT_OHM)
    bench.connect(load_ohm=load_ohm)
    bench.power_on()
    bench.controller.confirm_contraindications()
    bench.controller.start(site="hands", level=level, duration_s=600.0, waveform=waveform)
    bench.clock.sleep(0.1 * level + 3.0)


def agrees(reading: Reading, value: float, unit: str, *, part: float = 0.0, sharp: float = 0.05) -> None:
    """Check that a reading is a value within its expanded uncertainty, that nothing spoils it, and that it is sharp.

    `part` of the value is what the load is not known better than: it is no part of the reading's own budget. `sharp` is
    the largest part of the value that U may be.
    """
    assert (reading.unit, reading.trouble) == (unit, "")
    assert abs(reading.value - value) <= expanded(reading).U + part * abs(value)
    assert sharp * abs(value) >= expanded(reading).U


@pytest.mark.parametrize(
    ("compliance_v", "level", "needs_ohm"),
    [(60.0, 25, 2400.0), (60.0, 30, 2000.0), (60.0, 10, 6000.0), (58.0, 30, 1933.3), (90.0, 20, 4500.0)],
)
def test_the_load_at_which_a_level_meets_the_compliance(
    opened: Opened, compliance_v: float, level: int, needs_ohm: float
) -> None:
    """60 V is 2.4 kΩ at 25 mA, 2 kΩ at 30 mA, 6 kΩ at 10 mA; 58 V is 1.93 kΩ at 30 mA; 90 V is 4.5 kΩ at 20 mA.

    The voltage is measured into 10 kΩ, where no level reaches its current, and the current into 500 Ω.
    """
    highest = f"{compliance_v + 6.0} V"
    faults = yaml.safe_load(Path(REFERENCE).read_text(encoding="utf-8"))["faults"]["over_voltage"]
    bench = opened(
        device={"compliance": f"{compliance_v} V"},
        sense={**NO_ERROR["sense"], "voltage_full_scale": "120 V"},
        faults={"over_voltage": {**faults, "highest": highest}},
    )
    begin(bench, level=level, load_ohm=10e3)
    voltage = bench.output_voltage()
    bench.controller.stop()
    bench.supply_off()
    bench.clock.sleep(1.0)
    begin(bench, level=level, load_ohm=500.0)
    current = bench.output_current()

    agrees(voltage, compliance_v, "V")
    agrees(current, level * MA, "A")
    agrees(ratio(voltage, current, "Ω"), compliance_v / (level * MA), "Ω")
    assert compliance_v / (level * MA) == pytest.approx(needs_ohm, abs=0.1)


def test_sixty_volts_at_six_kilohms_are_ten_milliamperes(opened: Opened) -> None:
    """Asked for 20 mA into 6 kΩ, the device gives what 60 V drive through it: 10 mA in all, the shunt counted."""
    bench = opened(device={"compliance": "60 V"})
    known = (bench.file.loads["load_6k"].uncertainty + bench.file.meter_input.leads) / 6e3
    begin(bench, level=20, load_ohm=6e3)
    current, voltage = bench.output_current(), bench.output_voltage()

    agrees(voltage, 60.0, "V")
    agrees(current, 60.0 / (6e3 + SHUNT_OHM), "A", part=known)
    over_load = difference(voltage, scaled(current, SHUNT_OHM, "V"))
    agrees(ratio(over_load, current, "Ω"), 6e3, "Ω", part=known)
    assert current.value == pytest.approx(10 * MA, rel=2e-3)


def test_the_pulse_oracle(opened: Opened) -> None:
    """30 mA for 50 of 100 µs into 500 Ω: 10 kHz, mean 15 mA, r.m.s. 21.213 mA, 1.5 µC and 22.5 µJ a pulse."""
    bench = opened()
    bench.check("start")
    begin(bench, level=15, load_ohm=500.0, waveform="pulsed")
    mean, rms = bench.output_current(), bench.rms_current()
    shot = bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now", averaging=False)
    train = pulses(shot.finish().current)

    agrees(mean, 15 * MA, "A")
    agrees(rms, 21.213 * MA, "A")
    agrees(train.peak, 30 * MA, "A")
    agrees(train.mean, 15 * MA, "A")
    agrees(train.rms, 21.213 * MA, "A")
    agrees(train.period, 100e-6, "s")
    agrees(train.width, 50e-6, "s")
    agrees(train.charge, 1.5e-6, "A·s")
    agrees(energy(train, 500.0), 22.5e-6, "J")


def through_network(hz: float) -> float:
    """Return the volts over 15 nF behind 10 kΩ, beside 1 kΩ, per volt that the same direct current makes over 1 kΩ."""
    capacitor = 1.0 / (2j * math.pi * hz * 15e-9)
    return abs(capacitor / (1e3 + 10e3 + capacitor))


@pytest.mark.parametrize(
    ("hz", "transfer"),
    [(50.0, 0.9987), (60.0, 0.9981), (100.0, 0.9947), (500.0, 0.8878), (1e3, 0.6942), (5e3, 0.1894), (1e4, 0.0960)],
)
def test_the_transfer_that_is_told_is_that_of_the_parts(hz: float, transfer: float) -> None:
    """The table of the domain is what 1 kΩ, 10 kΩ and 15 nF give."""
    assert through_network(hz) == pytest.approx(transfer, abs=6e-5)


@pytest.mark.parametrize("period_s", [2e-3, 1e-3, 2e-4, 1e-4])
def test_the_measuring_network_weighs_pulses(opened: Opened, period_s: float) -> None:
    """Through the network pulses have their mean whole, and each harmonic with what the network leaves of it.

    Pulses of 5 mA mean and 50 % duty are 5 mA of direct current and odd harmonics that are 5 mA r.m.s. together; the
    unweighted value is 7.071 mA, whatever their frequency.
    """
    bench = opened(output={**NO_ERROR["output"], "pulse_period": f"{period_s * 1e6:g} µs"})
    begin(bench, level=5, load_ohm=1e3, waveform="pulsed")
    found = bench.leakage_between_electrodes()
    harmonics = [(n, math.sqrt(8.0) / (math.pi * n)) for n in range(1, 2001, 2)]
    weighted = math.hypot(*(share * through_network(n / period_s) for n, share in harmonics))

    agrees(found.dc, 5 * MA, "A")
    agrees(found.ac, 5 * MA * weighted, "A", sharp=0.08)
    agrees(found.unweighted, 5 * MA * math.sqrt(2.0), "A", sharp=0.08)
    assert magnitude(found.ac).value < found.unweighted.value


# 15 mA for 20 min with linear ramps of 30 s inside: 15·19 + 2·½·0.5·15.
TRAPEZIUM_AS = 292.5 * 60.0 * MA
# Feeling for the skin is made a part of the ramp, and the clock and the senses exact.
LINEAR: dict[str, dict[str, Any]] = {
    "sites": {"hands": LEVELS | {"ramp": "0.5 mA/s"}},
    "skin_check": {"current": "0.4 mA", "slope": "0.5 mA/s", "duration": "0.8 s"},
    "oscillator": {"error": "0 ppm"},
}


def test_the_dose_of_a_trapezium(opened: Opened) -> None:
    """15 mA for 20 min with ramps of 0.5 mA/s inside of the session: 292.5 mA·min flow, and are counted."""
    bench = opened(**LINEAR)
    bench.use_shunt(SHUNT_OHM)
    bench.connect(load_ohm=500.0)
    bench.power_on()
    bench.start_log(duration_s=1220.0, interval_s=0.25)
    bench.controller.confirm_contraindications()
    bench.controller.start(site="hands", level=15, duration_s=1200.0, waveform="dc")
    given = dose(bench.finish_log())

    agrees(given.total, TRAPEZIUM_AS, "A·s", part=1e-4)
    assert given.negative.value == pytest.approx(0.0, abs=1e-3)
    assert bench.controller.dose_c() == pytest.approx(TRAPEZIUM_AS, rel=1e-4)


def test_the_plan_of_doses_measures_the_trapezium(tmp_path: Path) -> None:
    """DOS-011, on a device and by claims with ramps of 0.5 mA/s: it sets 292.5 mA·min, and measures them."""
    claims, device = tmp_path / "claims.yaml", tmp_path / "device.yaml"
    text = REFERENCE_CLAIMS.read_text(encoding="utf-8")
    assert "    ramp: 1 mA/s\n" in text
    claims.write_text(text.replace("    ramp: 1 mA/s\n", "    ramp: 0.5 mA/s\n"), encoding="utf-8")
    model: dict[str, Any] = yaml.safe_load(Path(REFERENCE).read_text(encoding="utf-8"))
    for section, values in (*NO_ERROR.items(), *LINEAR.items()):
        model[section] = model[section] | values
    device.write_text(yaml.safe_dump(model, allow_unicode=True), encoding="utf-8")

    run = certify(tmp_path / "runs", "dose", claims=claims, device_model=device, only=["DOS-011*"])
    measured = {event["name"]: event for event in run.of("measured")}

    assert {verdict for verdict, _ in run.verdicts().values()} == {"P"}
    assert measured["set dose"]["value"] == pytest.approx(292.5, abs=1e-9)
    for name in ("dose", "dose that the device shows"):
        assert (measured[name]["unit"], measured[name]["value"]) == ("mA·min", pytest.approx(292.5, rel=1e-4))
