"""Self-test and single faults: of two means that end the output one is taken away, in the device's service mode."""

from fixtures.bench import Bench
from harness.claims import Claims
from harness.steps import Steps
from test_plans.alarms import is_cause
from test_plans.analysis import peak_between
from test_plans.injection import (
    OVER_CURRENT_RECORD_S,
    Found,
    Setting,
    commanded,
    if_reached,
    keep_slowest,
    measure_cutoff,
    measure_latched,
    phases,
    session_for,
)
from test_plans.pairs import SECOND_GONE, fail_first, is_named
from test_plans.running import SETTLING_S, reach, restart, start, switch_on

# A look at a steady session.
LOOK_S = 20e-3


def first_means_fails(
    bench: Bench, step: Steps, claims: Claims, *, fault: str, site: str, level: int, spread_s: float
) -> None:
    """Let the first means fail in ten sessions, at ten instants, and record how the second ends the output.

    The condition begins with the command that lets it fail. A stuck output stage is no fault before it does not do as
    it is told, so that its condition begins with a stop. A regulator and a firmware that fail are among the fault
    cutoffs.
    """
    setting = Setting(site, level)
    lawful_s, threshold_a = claims.get(f"faults.{fault}.cutoff"), claims.get(f"faults.{fault}.threshold")
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: let it fail, and record the current") as s:
            session_for(s, bench, claims, setting, first=number == 1)
            failing = fail_first(bench, fault)
            bench.clock.sleep(delay_s)
            found.append(commanded(bench, failing, lawful_s=lawful_s, threshold_a=threshold_a))
            measure_cutoff(s, found[-1])
        with step(f"Repeat {number}: see that the output stays off") as s:
            measure_latched(s, bench, claims, setting, fault=fault)
            told = bench.heard(bench.controller.status)
            s.observe("the fault is named", is_cause(getattr(told, "fault", ""), fault))
    keep_slowest(step, found)


def lasting_over_current(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, load_ohm: float, beside_ohm: float
) -> None:
    """Drive the output stage to its full scale into a load that lets hardly more flow than the claimed trip current.

    What a device of this maker can drive through the load is a little above the trip current, so that a trip that acts
    too high would let it flow. What still flows when the record has ended lasts. If the record shows no current above
    the trip current, nothing was there to be tripped. Between the trip current and the recorded peak nothing is shown:
    the loads of the bench have fixed values.
    """
    with step("Start into the load, and drive the output stage to its full scale") as s:
        switch_on(bench, load_ohm=load_ohm)
        bench.add_load(beside_ohm)
        reach(s, bench, claims, site=site, level=level)
        bench.prove_load(bench.shot(duration_s=LOOK_S, before_s=0.0, trigger="now").finish())
        shot = bench.shot(duration_s=OVER_CURRENT_RECORD_S, before_s=0.0, trigger="now")
        bench.controller.provoke("over-current")
        current, trip_a = shot.finish().current, claims.get("output.trip")
        peak = peak_between(current, 0.0, OVER_CURRENT_RECORD_S, label="peak", mean_s=0.0)
        s.measure("peak", peak)
        s.keep("output current", current, limits={"trip": trip_a})
    with step("Read what still flows") as s:
        s.measure("current that lasts", if_reached(bench.output_current(), peak, trip_a))


def current_below_trip(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, load_ohm: float) -> None:
    """Drive the output stage to its full scale into a load that lets less flow than the claimed trip current.

    Whatever lasts there must be below that current, so that a trip which acts far above what was claimed is found: it
    lets this current flow.
    """
    with step("Start into the load, and drive the output stage to its full scale") as s:
        switch_on(bench, load_ohm=load_ohm)
        reach(s, bench, claims, site=site, level=level)
        bench.controller.provoke("over-current")
        bench.clock.sleep(SETTLING_S)
    with step("Read what still flows") as s:
        s.measure("current that lasts", bench.output_current())


def second_means_gone(bench: Bench, step: Steps, claims: Claims, *, part: str, site: str, level: int) -> None:
    """Take the second means away, and ask for a confirmed start; then switch off and on, and start in earnest.

    That the device starts afterwards shows for what reason it refused.
    """
    with step("Switch on, take the part away, confirm, and ask for a start") as s:
        switch_on(bench)
        bench.controller.provoke(SECOND_GONE[part])
        refused = bench.refuses(lambda: start(bench, claims, site=site, level=level))
        s.observe("start is refused", refused)
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        s.measure("residual current after the refusal", bench.residual_current())
        s.observe("the part is named", is_named(bench, part))
        s.observe("state after the refusal", bench.controller.status().state.value)
    with step("Switch off and on, and start") as s:
        restart(bench)
        s.observe("self-test of the whole device", bench.controller.self_test())
        reach(s, bench, claims, site=site, level=level)
