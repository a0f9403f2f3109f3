"""Environment: clock, current and protection at the temperatures that the device is declared for, in a chamber.

What the device has for a temperature is told by a certified sensor beside it, after the soak that the bench prescribes.
"""

from fixtures.bench import Bench
from harness.budget import magnitude
from harness.claims import Claims
from harness.steps import Step, Steps
from test_plans.clocks import look, measure_clocks
from test_plans.fault_cutoffs import over_current
from test_plans.running import (
    SETTLING_S,
    SHUNT_OHM,
    measure_session,
    reach,
    set_value,
    start,
    stated_current,
    switch_on,
)

# The reference temperature of instruments and of the device's own figures.
ROOM_C = 23.0
_CLAIMED = {"lowest": "environment.lowest_temperature", "highest": "environment.highest_temperature"}


def declared_temperature(claims: Claims, at: str) -> float:
    """Return the temperature in °C that is called "lowest", "highest" (as claimed) or "room".

    Raises:
        Undeclared: It is.
    """
    temperature_c: float = claims.get(_CLAIMED[at]) if at in _CLAIMED else ROOM_C
    return temperature_c


def _bring_to(step: Steps, bench: Bench, claims: Claims, at: str) -> None:
    """Bring the device to a temperature without power, and show that it is there."""
    with step("Bring the chamber to the temperature, and wait") as s:
        temperature_c = declared_temperature(claims, at)
        bench.set_temperature(temperature_c)
        s.measure("set temperature", set_value(temperature_c, "°C"))
        s.measure("device temperature", bench.device_temperature())


def _still_there(step: Steps, bench: Bench) -> None:
    """Show that the device still has its temperature, now that it has worked."""
    with step("See what the device has for a temperature now") as s:
        s.measure("device temperature at the end", bench.device_temperature())


def clock_at_temperature(
    bench: Bench, step: Steps, claims: Claims, *, at: str, site: str, level: int, lasting_s: float
) -> None:
    """Run a session at a temperature, and look at the device's counted time and the bench's clock, early and late."""
    _bring_to(step, bench, claims, at)
    with step("Start, and look at both clocks") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
        first = look(bench, "first look")
    with step("Wait, and look again") as s:
        bench.clock.sleep(lasting_s)
        measure_clocks(s, first, look(bench, "last look"))
    _still_there(step, bench)


def _measure_level(s: Step, bench: Bench, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    s.measure("set current", set_value(claims.level_current(site, level), "A"))
    s.measure("displayed current", bench.controller.displayed_current())
    s.measure("delivered current", magnitude(stated_current(bench, claims, waveform)))
    s.measure("delivered current against the display", magnitude(bench.output_current()))


def current_at_temperature(
    bench: Bench, step: Steps, claims: Claims, *, at: str, site: str, level: int, waveform: str, other: str
) -> None:
    """Read the current at a temperature at two sites: at a level of the one, and then at the lowest of the other.

    By the second session the device has warmed itself up.
    """
    _bring_to(step, bench, claims, at)
    with step("Run at the first site, and read") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
        _measure_level(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Stop, run at the other site, and read") as s:
        bench.controller.stop()
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        reach(s, bench, claims, site=other, level=1, waveform=waveform)
        _measure_level(s, bench, claims, site=other, level=1, waveform=waveform)
    _still_there(step, bench)


def trip_at_temperature(
    bench: Bench, step: Steps, claims: Claims, *, at: str, site: str, level: int, spread_s: float
) -> None:
    """Drive the output stage past its limiter at a temperature, as in the plan of fault cutoffs."""
    _bring_to(step, bench, claims, at)
    over_current(bench, step, claims, site=site, level=level, spread_s=spread_s)
    _still_there(step, bench)


def rest_and_start_at_temperature(bench: Bench, step: Steps, claims: Claims, *, at: str, site: str, level: int) -> None:
    """Switch on at a temperature, look at self-test and residual current, and start."""
    _bring_to(step, bench, claims, at)
    with step("Switch on, and see what flows") as s:
        switch_on(bench)
        s.observe("self-test", bench.controller.self_test())
        s.observe("state", bench.controller.status().state.value)
        s.measure("residual current", bench.residual_current())
    with step("Start") as s:
        bench.use_shunt(SHUNT_OHM)
        s.observe("start is refused", bench.refuses(lambda: start(bench, claims, site=site, level=level)))
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        measure_session(s, bench)
    _still_there(step, bench)
