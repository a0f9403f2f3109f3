"""Compound faults: what two things going wrong at once, or one going wrong slowly, do to the output.

After each of them a fresh session must give the right current: a protection that ends the output and spoils it is none.
"""

from functools import partial

from fixtures.bench import Bench
from harness.budget import magnitude
from harness.claims import Claims
from harness.steps import Steps
from test_plans.again import clear, prove_again
from test_plans.alarms import make_whole, raise_alarm
from test_plans.analysis import largest_step, level_between, moved, peak_between
from test_plans.cutoff import between, cutoff, fall, host_instant, record_s
from test_plans.injection import (
    Found,
    Setting,
    measure_after,
    measure_cutoff,
    repeat_commanded,
    repeat_shorted,
)
from test_plans.quiet import logged_quietly
from test_plans.running import (
    BEFORE_S,
    SETTLING_S,
    reach,
    recorded,
    restart,
    start,
    switch_on,
    whole_record_s,
)
from test_plans.states import Place
from test_plans.supplies import chatter, move_supply, sink

# What must at least have happened of a change that was asked for.
HAPPENED = 0.5


def _prove(step: Steps, bench: Bench, claims: Claims, *, site: str, level: int) -> None:
    """Acknowledge in one step, and prove the output in the next."""
    with step("Acknowledge, and prove the output again") as s:
        clear(bench)
        s.observe("state before the fresh session", bench.controller.status().state.value)
        prove_again(s, bench, claims, site=site, level=level)


def wind_up(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, load_ohm: float, spread_s: float
) -> None:
    """Run into a load that the output cannot drive, and short it: what the regulator has wound up must not come out.

    The condition begins when the output voltage collapses. The peak is that of means over 1 ms.
    """
    repeat_shorted(
        step,
        bench,
        claims,
        Setting(site, level),
        fault="wind_up",
        title="short the load",
        spread_s=spread_s,
        load_ohm=load_ohm,
    )
    _prove(step, bench, claims, site=site, level=level)


def wetted_again(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, load_ohm: float, beside_ohm: float
) -> None:
    """Run into a load that the output cannot drive, and connect one beside it that it can, as skin that is wetted.

    The current that was set comes back, and no more than that. A record in which it did not rise proves nothing.
    """
    least_a = HAPPENED * claims.level_current(site, level)
    with step("Run into the load") as s:
        switch_on(bench, load_ohm=load_ohm)
        reach(s, bench, claims, site=site, level=level)
    with step("Connect the other one, and record the current") as s:
        duration_s = whole_record_s(BEFORE_S + SETTLING_S)
        current = recorded(bench, duration_s, partial(bench.add_load, beside_ohm))
        peak = peak_between(current, 0.0, duration_s, label="peak")
        s.measure("peak", moved(current, peak, edge_s=BEFORE_S, least=least_a))
        s.keep("output current", current, limits={"maximum": claims.get("faults.wind_up.maximum")})
    with step("Read the current that is there then") as s:
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("current after", magnitude(bench.output_current()))
        s.observe("state after", bench.controller.status().state.value)


def brown_out(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, down_to: float, lasting_s: float
) -> None:
    """Let the supply sink slowly to a part of its nominal voltage in a session, and rise as slowly again.

    The condition begins where the supply is told to be below its claimed minimum, by the host's clock. Until the output
    is off there may be no increase of the current, and while the supply rises there may be none at all: by means over
    20 ms on the 100 Ω shunt, of which the multimeter looks for less than half.
    """
    minimum_v, nominal_v = claims.get("supply.minimum"), claims.get("supply.nominal")
    threshold_a = claims.get("faults.brown_out.threshold")
    with step("Run a session") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
    with step("Let the supply sink, and record the current") as s:
        duration_s = whole_record_s(BEFORE_S + lasting_s + record_s(claims.get("faults.brown_out.cutoff")))
        earlier = bench.now("before the record")
        shot = bench.shot(duration_s=duration_s, before_s=0.0, trigger="now")
        zero = between(earlier, bench.now("after the record began"), "beginning of the record")
        bench.clock.sleep(BEFORE_S)
        instant = sink(bench, nominal_v, down_to * nominal_v, below_v=minimum_v, lasting_s=lasting_s)
        capture = shot.finish()
        began = host_instant(capture.current, instant, zero)
        found = Found(cutoff(capture.current, began, threshold_a), capture.current, began)
        measure_cutoff(s, found)
        off_s = began.value + found.cutoff.cutoff.value
        near = level_between(capture.supply, off_s - SETTLING_S / 4, off_s, label="supply at the cutoff")
        s.measure("supply at the cutoff", near)
        s.keep("supply voltage", capture.supply, limits={"minimum": minimum_v})
        s.keep("output current", capture.current)
    with step("Let it rise again, and log the current") as s:
        rising = partial(move_supply, bench, down_to * nominal_v, nominal_v, lasting_s=lasting_s)
        most, current = logged_quietly(bench, 2 * lasting_s, rising, label="while it rises")
        s.measure("current while it rises", most)
        s.keep("output current while it rises", current)
    _stays_off(step, bench, claims, site=site, level=level)


def _stays_off(step: Steps, bench: Bench, claims: Claims, *, site: str, level: int) -> None:
    """See that nothing flows and that nobody can go on with what was, and prove the output in a fresh session."""
    with step("See that the output stays off") as s:
        measure_after(s, bench)
        s.observe("going on is refused", bench.refuses(bench.controller.resume))
    _prove(step, bench, claims, site=site, level=level)


def chattering_supply(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    site: str,
    level: int,
    down_to: float,
    times: int,
    lasting_s: float,
) -> None:
    """Let the supply of a session go down and come back some times, as a plug does that is loose.

    The condition begins where the supply falls below its claimed minimum for the first time, and no current may come
    back in any of the times that the supply does.
    """
    minimum_v, threshold_a = claims.get("supply.minimum"), claims.get("faults.chatter.threshold")
    duration_s = whole_record_s(BEFORE_S + 2 * times * lasting_s + record_s(claims.get("faults.chatter.cutoff")))
    with step("Run a session") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
    with step("Let the supply go and come, and record the current") as s:
        shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="supply", level=minimum_v, rising=False)
        bench.clock.sleep(BEFORE_S)
        chatter(bench, claims.get("supply.nominal"), down_to=down_to, times=times, lasting_s=lasting_s)
        capture = shot.finish()
        began = fall(capture.supply, minimum_v)
        measure_cutoff(s, Found(cutoff(capture.current, began, threshold_a), capture.current, began))
        s.keep("supply voltage", capture.supply, limits={"minimum": minimum_v})
        s.keep("output current", capture.current)
    _stays_off(step, bench, claims, site=site, level=level)


def earthed_bath(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Join one bath of a session to earth, and take that away again: to a floating applied part it is no change."""
    ramp_s = claims.ramp_s(site, 0, level)
    with step("Run a session") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
        s.measure("current before", bench.output_current())
    with step("Join one bath to earth") as s:
        current = recorded(bench, whole_record_s(BEFORE_S + SETTLING_S), partial(bench.earth_bath, True))
        s.measure("largest step, joined", largest_step(current, label="largest step, joined"))
        s.measure("current, joined", bench.output_current())
        s.keep("output current, joined", current)
    with step("Take that away") as s:
        current = recorded(bench, whole_record_s(BEFORE_S + SETTLING_S), partial(bench.earth_bath, False))
        s.measure("largest step, taken away", largest_step(current, label="largest step, taken away"))
        s.measure("current after", bench.output_current())
        s.observe("state after", bench.controller.status().state.value)
    with step("Stop with the bath joined to earth") as s:
        bench.earth_bath(True)
        bench.controller.stop()
        bench.clock.sleep(ramp_s + SETTLING_S)
        s.measure("residual current, joined", bench.residual_current())


def sensing_current(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Start into a short circuit, which no skin is: all that may flow is the current that feels for skin and water.

    The peak is that of means over 1 ms, from before the command to the end of what would be the ramp.
    """
    duration_s = whole_record_s(BEFORE_S + claims.ramp_s(site, 0, level) + SETTLING_S)
    with step("Short the output, and start") as s:
        switch_on(bench)
        bench.short_output()
        current = recorded(bench, duration_s, partial(start, bench, claims, site=site, level=level, waveform=waveform))
        s.measure("sensing current", peak_between(current, 0.0, duration_s, label="sensing current"))
        s.keep("output current", current, limits={"sensing": claims.get("output.sensing")})
    with step("Remove the short, and see that the output stays off") as s:
        bench.unshort_output()
        measure_after(s, bench)
        s.observe("state after", bench.controller.status().state.value)
    _prove(step, bench, claims, site=site, level=level)


def failed_part(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    fault: str,
    part: str,
    site: str,
    level: int,
    waveform: str,
    spread_s: float,
) -> None:
    """Let a part fail in ten sessions, at ten instants, and record how the output ends.

    The condition begins with the command that lets it fail. What is broken is whole again after the supply was off, and
    then the output is proved.
    """
    setting, failing = Setting(site, level, waveform), partial(bench.controller.provoke, part)
    title = f"let it fail ({part})"
    repeat_commanded(step, bench, claims, setting, failing, fault=fault, title=title, spread_s=spread_s)
    with step("Switch off and on"):
        restart(bench)
    _prove(step, bench, claims, site=site, level=level)


def output_after_fault(bench: Bench, step: Steps, claims: Claims, *, fault: str, site: str, level: int) -> None:
    """Cause a fault in a session, make the circuit whole, acknowledge, and give a fresh session; the power stays on."""
    with step("Cause the fault") as s:
        switch_on(bench)
        raise_alarm(s, Place(bench, claims, site, level), fault)
    with step("Make the circuit whole again, and see that the output stays off") as s:
        make_whole(bench)
        s.measure("residual current after", bench.residual_current())
    _prove(step, bench, claims, site=site, level=level)


def output_after_failure(bench: Bench, step: Steps, claims: Claims, *, fault: str, site: str, level: int) -> None:
    """Let a part of the device fail in a session, repair it by switching off and on, and give a fresh session."""
    with step("Let it fail") as s:
        switch_on(bench)
        raise_alarm(s, Place(bench, claims, site, level), fault)
    with step("See that the output stays off, and switch off and on") as s:
        s.measure("residual current after", bench.residual_current())
        restart(bench)
    _prove(step, bench, claims, site=site, level=level)
