"""Output current: what is delivered is what is displayed, at every setting, into every load, and nothing if off."""

import itertools
import math

from fixtures.bench import Bench
from harness.budget import difference, magnitude, ratio
from harness.claims import Claims
from harness.steps import Step, Steps
from test_plans.analysis import level_between, peak_between, ripple_of
from test_plans.mains import if_mains, part_of
from test_plans.pulses import energy, pulses
from test_plans.running import (
    BEFORE_S,
    LOAD_OHM,
    PULSES_S,
    SETTLING_S,
    SHUNT_OHM,
    measure_session,
    reach,
    restart,
    set_value,
    start,
    start_unconfirmed,
    stated_current,
    switch_on,
    whole_record_s,
)

FIRST_S = 10e-3
# Readings of the display during a ramp, and how many fall on one step of it.
SHOWN = 40
PER_STEP = 4.0


def zero_at_start(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Read the current before a session, then record how it begins, and see that it goes on.

    Before the start the mean current over at least one second is read on the 100 Ω shunt. The record shows the largest
    current within 10 ms of the start, as means over 1 ms.
    """
    with step("Switch on, and read the current before the start") as s:
        switch_on(bench)
        s.measure("residual current before the start", bench.residual_current())
        bench.use_shunt(SHUNT_OHM)
    with step("Start, and record the beginning") as s:
        shot = bench.shot(duration_s=whole_record_s(1.0), before_s=0.0, trigger="now")
        zero = bench.now("beginning of the record")
        bench.clock.sleep(BEFORE_S)
        start(bench, claims, site=site, level=level, waveform=waveform)
        began_s = bench.now("start").value - zero.value
        current = shot.finish().current
        first = peak_between(current, began_s - BEFORE_S, began_s + FIRST_S, label="beginning")
        s.measure("current within 10 ms of the start", first)
        s.keep("output current", current, marks={"start": began_s}, limits={"step": claims.get("output.step")})
    with step("Wait for the ramp to end") as s:
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        measure_session(s, bench)


def unconfirmed_start(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Ask for a start without the confirmation that no contraindication is present, before and after a real session.

    After each attempt the mean current over at least one second is read on the 100 Ω shunt. In between, the same start
    is asked for with the confirmation: that it is carried out then shows for what reason it was refused. The
    confirmation of that session must not be good for another one.
    """

    def ask() -> None:
        start_unconfirmed(bench, claims, site=site, level=level)

    with step("Switch on, and ask for a start before any confirmation") as s:
        switch_on(bench)
        s.observe("start before any confirmation is refused", bench.refuses(ask))
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        s.measure("residual current after the first attempt", bench.residual_current())
    with step("Switch off and on, confirm, start, and stop") as s:
        restart(bench)
        reach(s, bench, claims, site=site, level=level)
        bench.controller.stop()
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
    with step("Ask for another start without a confirmation") as s:
        s.observe("start after a confirmed session is refused", bench.refuses(ask))
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        s.measure("residual current after the second attempt", bench.residual_current())


def delivered_current(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, load_ohm: float, supply_v: float
) -> None:
    """Set a level, wait until the ramp has ended, and read the displayed current and the current in the load.

    The current is read as the voltage over the shunt, ten times as accurate as the meter's current range. One that is
    within its uncertainty of a limit is read again, as often as the plan says, and the mean is judged.
    """
    with step("Connect the load and the supply"):
        switch_on(bench, load_ohm=load_ohm, supply_v=supply_v)
    with step("Start, and wait for the ramp to end") as s:
        reach(s, bench, claims, site=site, level=level)
    with step("Read") as s:
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered current", bench.output_current)


def set_current(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, load_ohm: float
) -> None:
    """Set a level into 500 Ω, where no device need be at its compliance voltage, and read the current.

    It is held against the level table of the claims, and not against the display. The polarity counts: a session begins
    with the positive one. Of pulses, mean or peak is read, whichever the claims name.
    """
    with step("Connect the load and the supply"):
        switch_on(bench, load_ohm=load_ohm)
    with step("Start, and wait for the ramp to end") as s:
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Read") as s:
        s.measure("set current", set_value(claims.level_current(site, level), "A"))
        s.measure("delivered current", lambda: stated_current(bench, claims, waveform))


def moves_by(shown: list[float], step: float) -> bool:
    """Return whether the smallest change between two readings in a row, other than none, is a step."""
    changes = [abs(now - before) for before, now in itertools.pairwise(shown) if now != before]
    return math.isclose(min(changes, default=0.0), step, rel_tol=1e-6)


def display_steps(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Read the display again and again during a ramp, and see whether the smallest change is one step of it.

    By the claims the current moves by a quarter of a step of the display from one reading to the next.
    """
    step_a = claims.get("display.resolution")
    interval_s = step_a / PER_STEP / claims.get(f"sites.{site}.ramp")
    shown_a = []
    with step("Start, and read the display during the ramp"):
        switch_on(bench)
        start(bench, claims, site=site, level=level)
        for _ in range(SHOWN):
            bench.clock.sleep(interval_s)
            shown_a.append(bench.controller.displayed_current().value)
    with step("Find the smallest change, and see that a current flows") as s:
        s.observe("the smallest change is one step", moves_by(shown_a, step_a))
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        measure_session(s, bench)


def ripple(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Set the highest level into 500 Ω as d.c., record 2 ms of the current, and tell what in it is not direct.

    The ripple is the r.m.s. value of the difference of the samples to their mean, over the mean; what the noise of the
    oscilloscope adds to it is in it.
    """
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
    with step("Record") as s:
        current = bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now").finish().current
        s.measure("mean current", level_between(current, 0.0, PULSES_S, label="mean"))
        s.measure("ripple", ripple_of(current, label="ripple"))
        s.keep("output current", current)


def maximum_current(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, supply_v: float
) -> None:
    """Set the highest level into 500 Ω, and read the current and the r.m.s. current.

    The same reading is held against the maker's own maximum, and against the limit of IEC 60601-2-10 as a backstop.
    """
    with step("Connect 500 Ω and the supply"):
        switch_on(bench, supply_v=supply_v)
    with step("Start at the highest level, and wait for the ramp to end") as s:
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Read") as s:
        delivered = magnitude(bench.output_current())
        s.measure("delivered current", delivered)
        s.measure("delivered current, IEC 60601-2-10", delivered)
        s.measure("r.m.s. current, IEC 60601-2-10", bench.rms_current())


def pulse_energy(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, supply_v: float) -> None:
    """Set the highest level into 500 Ω as pulses, and tell width, charge and energy of a pulse from the oscilloscope.

    The energy is what the measured current would carry into exactly 500 Ω: its r.m.s. value squared, times the period.
    """
    with step("Connect 500 Ω and the supply"):
        switch_on(bench, supply_v=supply_v)
    with step("Start at the highest level, and wait for the ramp to end") as s:
        reach(s, bench, claims, site=site, level=level, waveform="pulsed")
    with step("Record some pulses") as s:
        current = bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now", averaging=False).finish().current
        train = pulses(current)
        s.measure("pulse width, IEC 60601-2-10", train.width)
        s.measure("energy of one pulse, IEC 60601-2-10", energy(train, LOAD_OHM))
        s.measure("charge of one pulse", train.charge)
        s.measure("peak current", train.peak)
        s.keep("output current", current)


def beyond_the_last_level(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Ask for one level more than the claims have, at a start and in a session at the last level, and read the current.

    That the last level itself is taken shows for what reason the next one was refused.
    """
    with step("Switch on, and ask for a start beyond the last level") as s:
        switch_on(bench)
        bench.controller.confirm_contraindications()
        refused = bench.refuses(lambda: start_unconfirmed(bench, claims, site=site, level=level + 1))
        s.observe("a start beyond the last level is refused", refused)
    with step("Start at the last level, and ask for one beyond it") as s:
        restart(bench)
        reach(s, bench, claims, site=site, level=level)
        s.observe("the last level is taken", not bench.refuses(lambda: bench.controller.set_level(level)))
        refused = bench.refuses(lambda: bench.controller.set_level(level + 1))
        s.observe("a level beyond the last is refused", refused)
        bench.clock.sleep(claims.ramp_s(site, 0, 1) + SETTLING_S)
        s.measure("delivered current", magnitude(bench.output_current()))


def highest_voltage(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, load_ohm: float) -> None:
    """Set the highest level into a load that it cannot be driven through, and read the output voltage."""
    with step("Connect the load"):
        switch_on(bench, load_ohm=load_ohm)
    with step("Start at the highest level, and wait for the ramp to end") as s:
        reach(s, bench, claims, site=site, level=level)
    with step("Read") as s:
        voltage = magnitude(bench.output_voltage())
        s.measure("output voltage", voltage)
        s.measure("output voltage, IEC 60601-2-10", voltage)
        s.measure("current", bench.output_current())


def supply_regulation(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, change: float) -> None:
    """In a running session, move the supply down and up by a part, and read by which part the current changes."""
    nominal_v = claims.get("supply.nominal")
    with step("Start at the nominal supply, and wait for the ramp to end") as s:
        switch_on(bench, supply_v=nominal_v)
        reach(s, bench, claims, site=site, level=level)
        nominal = bench.output_current()
        s.measure("current at the nominal supply", nominal)
    with step("Lower the supply") as s:
        bench.set_supply(nominal_v * (1.0 - change))
        bench.clock.sleep(SETTLING_S)
        moved = difference(bench.output_current(), nominal)
        s.measure("change of the current, supply low", magnitude(ratio(moved, nominal, "1")))
    with step("Raise the supply") as s:
        bench.set_supply(nominal_v * (1.0 + change))
        bench.clock.sleep(SETTLING_S)
        moved = difference(bench.output_current(), nominal)
        s.measure("change of the current, supply high", magnitude(ratio(moved, nominal, "1")))


def adapter_voltage(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, mains: int) -> None:
    """Feed the device by the maker's adapter, and read its supply voltage with the output off and at the highest level.

    The adapter has so many per cent of its highest rated mains; the voltage is read at the device's supply input.
    """
    wanted_v = part_of(mains, claims.get("supply.adapter.mains_high"))
    with step("Feed by the adapter, and read the mains and the supply voltage") as s:
        bench.use_shunt(SHUNT_OHM)
        bench.connect(load_ohm=LOAD_OHM)
        bench.feed_by_adapter(mains)
        voltage = bench.mains_voltage()
        s.measure("mains voltage", voltage)
        s.measure("supply voltage, output off", if_mains(bench.adapter_voltage(), voltage, wanted_v))
    with step("Start, wait for the ramp to end, and read the supply voltage") as s:
        reach(s, bench, claims, site=site, level=level)
        s.measure("supply voltage, highest level", if_mains(bench.adapter_voltage(), voltage, wanted_v))


def residual_after_stop(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Stop a session as its user does, wait for the ramp down, and read the mean current over at least one second.

    It is read on the 100 Ω shunt with the output probe disconnected, which would draw more than the limit.
    """
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Stop, and wait for the ramp down"):
        bench.controller.stop()
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
    with step("Read") as s:
        _measure_residual(s, bench)


def residual_in_pause(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Pause a session, wait for the ramp down, and read the mean current over at least one second on 100 Ω."""
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Pause, and wait for the ramp down"):
        bench.controller.pause()
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
    with step("Read") as s:
        _measure_residual(s, bench)


def _measure_residual(s: Step, bench: Bench) -> None:
    residual = bench.residual_current()
    s.measure("residual current", residual)
    s.measure("residual current, IEC 60601-1", residual)
