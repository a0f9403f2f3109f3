"""Ways in which a supply goes and comes: slowly, and again and again; each by the bench's supply, on the d.c. side."""

from dataclasses import replace

from fixtures.bench import Bench
from harness.errors import ConfigError
from harness.reading import Reading
from test_plans.analysis import rectangular

# So many steps make a slope: each is then far smaller than what a device may tell apart.
STEPS = 50


def move_supply(bench: Bench, from_v: float, to_v: float, *, lasting_s: float) -> None:
    """Move the supply from one voltage to another in equal steps, in lasting_s and the time that its commands take."""
    for voltage_v in _steps(from_v, to_v):
        bench.set_supply(voltage_v)
        bench.clock.sleep(lasting_s / STEPS)


def sink(bench: Bench, from_v: float, to_v: float, *, below_v: float, lasting_s: float) -> Reading:
    """Let the supply sink slowly, and return when it was told to be below a voltage, in seconds of the bench's clock.

    An oscilloscope cannot tell that of a slow slope: what it is off by in volts would be a long time. A supply knows
    its own voltage to some millivolts, which is less than a step, and follows what it is told before the next one. So
    the instant is uncertain by the time of one step.

    Raises:
        ConfigError: It does not sink so far.
    """
    instant: Reading | None = None
    for voltage_v in _steps(from_v, to_v):
        now = bench.now("supply told to be below")
        bench.set_supply(voltage_v)
        instant = now if instant is None and voltage_v < below_v else instant
        bench.clock.sleep(lasting_s / STEPS)
    if instant is None:
        raise ConfigError(f"a supply that sinks to {to_v:g} V is never below {below_v:g} V: let it sink further")
    return replace(instant, components=(*instant.components, rectangular("step of the supply", lasting_s / STEPS)))


def _steps(from_v: float, to_v: float) -> list[float]:
    """Return the voltages on the way, the last one to_v."""
    return [from_v + (to_v - from_v) * number / STEPS for number in range(1, STEPS + 1)]


def chatter(bench: Bench, nominal_v: float, *, down_to: float, times: int, lasting_s: float) -> None:
    """Lower the supply to a part of its nominal voltage and raise it again, some times; each lasts lasting_s."""
    for _ in range(times):
        bench.set_supply(down_to * nominal_v)
        bench.clock.sleep(lasting_s)
        bench.set_supply(nominal_v)
        bench.clock.sleep(lasting_s)
