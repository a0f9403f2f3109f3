"""Tingling levels: the current lies within the declared comfort window, and never moves by a step that is felt.

No person was stimulated: what is felt is the maker's claim, and only currents are measured.
"""

import math
from collections.abc import Callable
from itertools import pairwise

from fixtures.bench import Bench
from harness.budget import difference, magnitude, ratio, scaled
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Indication, Steps
from harness.waveform import Waveform
from test_plans.analysis import largest_step, level_between, moved, overshoot, ramp_slope, times
from test_plans.pulses import pulses
from test_plans.running import (
    BEFORE_S,
    PULSES_S,
    SETTLING_S,
    density,
    measure_session,
    reach,
    set_value,
    start,
    stated_peak,
    switch_on,
    whole_record_s,
)

LAST_S = 1.0
# What must have happened, as a part of what was asked for, before a step in it is looked for.
HAPPENED = 0.5


def _record(bench: Bench, duration_s: float, act: Callable[[], None]) -> Waveform:
    """Record the current around something that is done half a second after the record began."""
    shot = bench.shot(duration_s=duration_s, before_s=0.0, trigger="now")
    bench.clock.sleep(BEFORE_S)
    act()
    return shot.finish().current


def steady_current(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Set a level into 500 Ω as d.c., wait until the ramp has ended, and read the current."""
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
    with step("Read") as s:
        s.measure("delivered current", magnitude(bench.output_current()))


def pulsed_current(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Set a level into 500 Ω as pulses, and read mean and peak current; the one that the claims name is judged."""
    readings: dict[str, Callable[[], Reading]] = {
        "mean": lambda: magnitude(bench.output_current()),
        "peak": bench.peak_current,
    }
    stated_as = claims.get("output.pulse.stated_as")
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform="pulsed")
    with step("Read") as s:
        s.measure("mean current", readings["mean"]())
        s.measure("peak current", readings["peak"]())
        s.measure("stated current", readings[stated_as]())


def level_walk(bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str) -> None:
    """Go through all levels of a site from the first to the last, and read the current at each.

    The smallest rise counts with its sign, in the polarity that a session begins with, the largest by its magnitude. At
    the first and the last level the display is read as well: it must have followed.
    """
    count = len(claims.levels(site))
    # One level is no walk: what the claims lack is then a second one.
    claims.level_current(site, 2)
    currents: list[Reading] = []
    displayed: list[Indication] = []
    with step("Start at the first level") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=1, waveform=waveform)
        displayed.append(bench.controller.displayed_current())
        currents.append(bench.output_current())
    with step("Raise the level one by one"):
        for level in range(2, count + 1):
            bench.controller.set_level(level)
            bench.clock.sleep(claims.ramp_s(site, level - 1, level) + SETTLING_S)
            currents.append(bench.output_current())
        displayed.append(bench.controller.displayed_current())
    with step("Compare each level with the one below it") as s:
        rises = [difference(b, a) for a, b in pairwise(currents)]
        s.measure("smallest rise from level to level", min(rises, key=lambda rise: rise.value))
        s.measure("largest rise from level to level", magnitude(max(rises, key=lambda rise: abs(rise.value))))
        s.measure("display of the first level", displayed[0])
        s.measure("first level", magnitude(currents[0]))
        s.measure("display of the last level", displayed[-1])
        s.measure("last level", magnitude(currents[-1]))


def zero_and_minimum(bench: Bench, step: Steps, claims: Claims, *, site: str) -> None:
    """In a session, read the current at the last level, at the first level and at level zero.

    At level zero the mean current over at least one second is read on the 100 Ω shunt.
    """
    levels = claims.levels(site)
    last = len(levels)
    with step("Read at the last level") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=last)
        highest = bench.output_current()
        s.measure("current at the last level", highest)
    with step("Go to the first level, and read") as s:
        bench.controller.set_level(1)
        bench.clock.sleep(claims.ramp_s(site, 1, last) + SETTLING_S)
        s.measure("setting of the first level", set_value(levels[0], "A"))
        s.measure("current at the first level", bench.output_current())
    with step("Go to level zero, and read") as s:
        bench.controller.set_level(0)
        bench.clock.sleep(claims.ramp_s(site, 0, 1) + SETTLING_S)
        zero = bench.residual_current()
        s.measure("current at level zero", zero)
        s.measure("display of level zero", bench.controller.displayed_current())
        s.measure("current at level zero, against the display", zero)
        s.measure("level zero over last level", ratio(zero, highest, "1"))


def start_step(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Record a start and its whole ramp, and find the largest change within 10 ms and the overshoot.

    Changes are those of means over 1 ms, or over one sample where samples are longer.
    """
    duration_s = whole_record_s(BEFORE_S + claims.ramp_s(site, 0, level) + SETTLING_S + LAST_S)
    with step("Switch on"):
        switch_on(bench)
    with step("Start, and record") as s:
        current = _record(bench, duration_s, lambda: start(bench, claims, site=site, level=level, waveform=waveform))
        end_s = float(times(current)[-1])
        slope = ramp_slope(current, settled_s=end_s - LAST_S, label="slope of the ramp")
        s.measure("slope of the ramp", slope)
        s.measure("largest step", largest_step(current, label="largest step at start"))
        s.measure("overshoot", overshoot(current, settled_s=end_s - LAST_S, label="overshoot at start"))
        s.keep("output current", current)
        measure_session(s, bench)


def level_change_step(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Record a change by one level up, and one down, and find the largest change within 10 ms and the overshoot.

    A record in which the current does not change by at least half of what was asked for proves nothing.
    """
    ramp_s = claims.ramp_s(site, level, level + 1)
    least_a = HAPPENED * (claims.level_current(site, level + 1) - claims.level_current(site, level))
    duration_s = whole_record_s(BEFORE_S + ramp_s + SETTLING_S + LAST_S)
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Go one level up, and record") as s:
        up = _record(bench, duration_s, lambda: bench.controller.set_level(level + 1))
        end_s = float(times(up)[-1])
        rise = largest_step(up, label="largest step up")
        s.measure("largest step up", moved(up, rise, edge_s=BEFORE_S, least=least_a))
        s.measure("overshoot", overshoot(up, settled_s=end_s - LAST_S, label="overshoot at a level change"))
        s.keep("output current, up", up)
    with step("Go one level down, and record") as s:
        down = _record(bench, duration_s, lambda: bench.controller.set_level(level))
        fall = largest_step(down, label="largest step down")
        s.measure("largest step down", moved(down, fall, edge_s=BEFORE_S, most=-least_a))
        s.keep("output current, down", down)


def pause_step(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Record a pause and a resumption, and find the largest change within 10 ms of each, the slope and the overshoot.

    A record in which the current does not change by at least half of its level proves nothing.
    """
    least_a = HAPPENED * claims.level_current(site, level)
    duration_s = whole_record_s(BEFORE_S + claims.ramp_s(site, 0, level) + SETTLING_S + LAST_S)
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Pause, and record") as s:
        pausing = _record(bench, duration_s, bench.controller.pause)
        down = largest_step(pausing, label="largest step in the pause")
        s.measure("largest step in the pause", moved(pausing, down, edge_s=BEFORE_S, most=-least_a))
        s.keep("output current, pause", pausing)
    with step("Resume, and record") as s:
        resuming = _record(bench, duration_s, bench.controller.resume)
        end_s = float(times(resuming)[-1])
        up = largest_step(resuming, label="largest step on resuming")
        s.measure("largest step on resuming", moved(resuming, up, edge_s=BEFORE_S, least=least_a))
        s.measure("slope on resuming", ramp_slope(resuming, settled_s=end_s - LAST_S, label="slope on resuming"))
        s.measure("overshoot on resuming", overshoot(resuming, settled_s=end_s - LAST_S, label="overshoot on resuming"))
        s.keep("output current, resumption", resuming)


def reversal_step(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, programme: str, duration_s: float
) -> None:
    """Record the reversal at half time, and find the largest change within 10 ms, and the overshoot after it.

    The record begins so long before half time, and ends so long after it, that it holds a reversal that is centred on
    half time as well as one that begins or ends there.
    """
    ramp_s = claims.ramp_s(site, 0, level)
    around_s = 2.0 * ramp_s + claims.get(f"programmes.{programme}.reversal.dead_time") + LAST_S
    with step("Start a session with a reversal, and wait until just before half time"):
        switch_on(bench)
        bench.controller.confirm_contraindications()
        bench.controller.start(site=site, level=level, duration_s=duration_s, waveform="dc", reversal=True)
        bench.clock.sleep(duration_s / 2.0 - around_s)
    with step("See that a current flows") as s:
        measure_session(s, bench)
    with step("Record the reversal") as s:
        shot = bench.shot(duration_s=whole_record_s(2.0 * around_s), before_s=0.0, trigger="now")
        current = shot.finish().current
        end_s = float(times(current)[-1])
        s.measure("largest step", largest_step(current, label="largest step in the reversal"))
        s.measure("overshoot", overshoot(current, settled_s=end_s - LAST_S, label="overshoot after the reversal"))
        before = level_between(current, 0.0, LAST_S, label="before the reversal")
        after = level_between(current, end_s - LAST_S, end_s, label="after the reversal")
        s.measure("current before the reversal", before)
        s.measure("current after the reversal", after)
        s.measure("current after it, the other way", scaled(after, -math.copysign(1.0, before.value)))
        s.keep("output current", current)


def stop_step(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Record a stop by the user, and find the largest change within 10 ms.

    A record in which the current does not fall by at least half of its level proves nothing.
    """
    least_a = HAPPENED * claims.level_current(site, level)
    duration_s = whole_record_s(BEFORE_S + claims.ramp_s(site, 0, level) + SETTLING_S + LAST_S)
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Stop, and record") as s:
        current = _record(bench, duration_s, bench.controller.stop)
        fall = largest_step(current, label="largest step in the stop")
        s.measure("largest step", moved(current, fall, edge_s=BEFORE_S, most=-least_a))
        s.keep("output current", current)


def end_step(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, programme: str, duration_s: float
) -> None:
    """Record the end of a programme, and find the largest change within 10 ms.

    The record begins before the last ramp and ends after it, whether the claims count it as inside of the session or
    not. One in which the current does not fall by at least half of its level proves nothing.
    """
    ramp_s = claims.ramp_s(site, 0, level)
    around_s = ramp_s + SETTLING_S + LAST_S
    least_a = HAPPENED * claims.level_current(site, level)
    with step("Start a session, and wait until just before its last ramp"):
        switch_on(bench)
        bench.controller.confirm_contraindications()
        bench.controller.start(site=site, level=level, duration_s=duration_s, waveform="dc")
        bench.clock.sleep(duration_s - around_s)
    with step("See that a current flows") as s:
        measure_session(s, bench)
    with step("Record the end") as s:
        shot = bench.shot(duration_s=whole_record_s(2.0 * around_s), before_s=0.0, trigger="now")
        current = shot.finish().current
        fall = largest_step(current, label="largest step at the end")
        s.measure("largest step", moved(current, fall, edge_s=BEFORE_S, most=-least_a))
        s.keep("output current", current)


def current_density(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str) -> None:
    """Set the highest level into a body network, and divide the current by the skin that the water wets by the claims.

    The wetted skin counts and not the electrode plate, and the least immersion that is still treated counts as well.
    """
    area_m2 = claims.get(f"sites.{site}.wetted_area.{body}")
    with step("Connect the body network, and start") as s:
        bench.connect(body=body)
        bench.power_on()
        reach(s, bench, claims, site=site, level=level)
    with step("Read") as s:
        current = magnitude(bench.output_current())
        s.measure("delivered current", current)
        s.measure("current density", density(current, area_m2))
        s.measure("current density, IEC 60601-2-10", density(current, area_m2))


def pulse_parameters(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Set the highest level into 500 Ω as pulses, and take the pulses apart.

    Mean and peak are both judged, because a display shows the one and skin may feel the other.
    """
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform="pulsed")
    with step("Read the display and the mean current") as s:
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("mean current", bench.output_current())
    with step("Record some pulses") as s:
        shot = bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now", averaging=False)
        current = shot.finish().current
        train = pulses(current)
        s.measure("stated peak current", set_value(stated_peak(claims, site, level), "A"))
        s.measure("peak current", train.peak)
        s.measure("r.m.s. current", train.rms)
        s.measure("period", train.period)
        s.measure("duty", train.duty)
        s.measure("charge of one pulse", train.charge)
        s.keep("output current", current)
