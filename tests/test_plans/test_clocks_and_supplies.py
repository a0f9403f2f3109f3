"""A device's clock beside the bench's, and a supply that sinks, on devices whose errors were chosen beforehand."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.bench import Bench
from fixtures.opening import open_bench
from harness.commands.options import REFERENCE_DEVICE, VIRTUAL_BENCH
from harness.errors import ConfigError
from test_plans.clocks import look
from test_plans.supplies import STEPS, chatter, move_supply, sink
from tests.harness.certify_run import certify


def model(**oscillator: str) -> dict[str, Any]:
    """Return the reference device with another oscillator."""
    whole: dict[str, Any] = yaml.safe_load(REFERENCE_DEVICE.read_text(encoding="utf-8"))
    whole["oscillator"] = whole["oscillator"] | oscillator
    return whole


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Open a virtual bench with the reference device, switched on."""
    with ExitStack() as stack:
        found = open_bench(VIRTUAL_BENCH, seed=4, device_model=model())
        stack.callback(found.close)
        found.begin_case("clocks and supplies")
        found.connect(load_ohm=500.0)
        found.power_on()
        yield found


@pytest.mark.parametrize("fast_ppm", [-400.0, 0.0, 300.0])
def test_the_error_of_a_clock_is_measured(tmp_path: Path, fast_ppm: float) -> None:
    """An oscillator that is so many ppm fast counts so many ppm more than the bench, within what the bench knows."""
    device = tmp_path / "device.yaml"
    text = yaml.safe_dump(model(error=f"{fast_ppm} ppm"), allow_unicode=True)
    device.write_text(text, encoding="utf-8")

    run = certify(tmp_path / "runs", "programmes", device_model=device, only=["PRG-030*"])
    found = {event["name"]: event for event in run.of("measured")}
    by_device, by_bench = found["time by the device"]["value"], found["time by the bench"]["value"]

    assert 1e6 * (by_device / by_bench - 1.0) == pytest.approx(
        fast_ppm, abs=1e6 * found["time by the bench"]["U"] / by_bench
    )
    assert found["time by the bench"]["U"] < 50e-6 * by_bench


def test_a_clock_that_is_beyond_its_tolerance_fails(tmp_path: Path) -> None:
    """0.2 % is twice of what the reference claims."""
    device = tmp_path / "device.yaml"
    device.write_text(yaml.safe_dump(model(error="2000 ppm"), allow_unicode=True), encoding="utf-8")

    run = certify(tmp_path / "runs", "programmes", device_model=device, only=["PRG-030*"])

    assert run.failed() == {"PRG-030"}


def test_a_drift_with_temperature_is_measured_where_it_is(tmp_path: Path) -> None:
    """20 ppm a kelvin, right at 23 °C, is -360 ppm at 5 °C and +340 ppm at 40 °C; what a session warms comes on top."""
    device = tmp_path / "device.yaml"
    text = yaml.safe_dump(model(error="0 ppm", per_kelvin="20 ppm", reference="23 °C"), allow_unicode=True)
    device.write_text(text, encoding="utf-8")

    run = certify(tmp_path / "runs", "environment", device_model=device, only=["ENV-010*"])
    times: dict[str, dict[str, float]] = {}
    for event in run.of("measured"):
        times.setdefault(event["case"].split("[")[1].split("-")[0], {})[event["name"]] = event["value"]
    fast_ppm = {at: 1e6 * (one["time by the device"] / one["time by the bench"] - 1.0) for at, one in times.items()}

    assert fast_ppm == {
        "lowest": pytest.approx(-360.0, abs=25.0),
        "room": pytest.approx(0.0, abs=25.0),
        "highest": pytest.approx(340.0, abs=25.0),
    }
    assert fast_ppm["lowest"] < fast_ppm["room"] < fast_ppm["highest"]


def test_a_look_lies_between_asking_and_having_the_answer(bench: Bench) -> None:
    """By half of that time it is uncertain."""
    asked = bench.now("asked").value
    found = look(bench, "look")
    answered = bench.now("answered").value

    assert asked <= found.bench.value <= answered
    assert found.device_s == 0.0
    assert any(c.source == "look" and 0.0 < c.u <= answered - asked for c in found.bench.components)


def test_a_supply_that_sinks_tells_when_it_was_told_to_be_below(bench: Bench) -> None:
    """From 5 V to 3.5 V in 5 s, 4.5 V are passed after a third of the steps, 0.1 s each."""
    began = bench.now("begin").value
    instant = sink(bench, 5.0, 3.5, below_v=4.5, lasting_s=5.0)
    ended = bench.now("end").value

    steps = 1.0 / 3.0 * STEPS
    assert instant.value - began == pytest.approx(int(steps) * (ended - began) / STEPS, rel=0.01)
    assert ended - began == pytest.approx(5.0, rel=0.1)
    assert bench.supply.voltage_v(1) == pytest.approx(3.5, abs=1e-3)


def test_a_supply_that_does_not_sink_so_far_is_an_error_of_ours(bench: Bench) -> None:
    """The plan asks for a condition that does not come about."""
    with pytest.raises(ConfigError, match=r"never below 4\.5 V"):
        sink(bench, 5.0, 4.6, below_v=4.5, lasting_s=1.0)


def test_a_supply_that_moves_and_chatters_ends_where_it_should(bench: Bench) -> None:
    """At the voltage that it moves to, and at the nominal one."""
    move_supply(bench, 5.0, 4.8, lasting_s=0.5)
    assert bench.supply.voltage_v(1) == pytest.approx(4.8, abs=1e-3)

    began = bench.now("begin").value
    chatter(bench, 5.0, down_to=0.8, times=3, lasting_s=0.05)

    assert bench.supply.voltage_v(1) == pytest.approx(5.0, abs=1e-3)
    assert bench.now("end").value - began == pytest.approx(0.3, rel=0.2)
