"""Indications: what a user sees of the output and of a fault, and what the device remembers of it.

Lamps are read over the serial line as the device's own word of what it lights; that they shine is for a person to see.
"""

from fixtures.bench import Bench
from harness.budget import difference, magnitude
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from test_plans.again import clear
from test_plans.alarms import CAUSES, make_whole, raise_alarm
from test_plans.lamps import alarm_lamps, first_level_above, is_lit, largest_unlit
from test_plans.logs import count_of, entries, is_kept, make_entries, names, seconds_between, since
from test_plans.running import SETTLING_S, measure_session, reach, restart, set_value, start, switch_on
from test_plans.states import Place, bring_into


def _cause(step: Steps, place: Place, fault: str) -> None:
    """Look at the lamps, cause a fault, and look at alarm and lamps again."""
    bench = place.bench
    with step("Switch on, and look at the lamps"):
        switch_on(bench)
    with step("Run a session, and look at the lamps") as s:
        place.reach(s)
        s.observe("alarm lamp before", alarm_lamps(bench))
        s.observe("fault lamp before", is_lit(bench, "fault"))
        place.bench.controller.stop()
        place.settle()
    with step("Cause the fault in another one, and look at alarm and lamps") as s:
        raise_alarm(s, place, fault)
        s.observe("priority of the alarm", bench.controller.alarm().priority.value)
        s.observe("alarm lamp", alarm_lamps(bench))
        s.observe("fault lamp", is_lit(bench, "fault"))


def _look_after(s: Step, bench: Bench) -> None:
    s.observe("priority afterwards", bench.controller.alarm().priority.value)
    s.observe("alarm lamp afterwards", alarm_lamps(bench))
    s.observe("fault lamp afterwards", is_lit(bench, "fault"))


def alarm_of_fault(bench: Bench, step: Steps, claims: Claims, *, fault: str, site: str, level: int) -> None:
    """Run a session without a fault and one with it, look at alarm and lamps, acknowledge, and look again."""
    _cause(step, Place(bench, claims, site, level), fault)
    with step("Make the circuit whole again, acknowledge, and look") as s:
        make_whole(bench)
        clear(bench)
        _look_after(s, bench)


def alarm_of_failure(bench: Bench, step: Steps, claims: Claims, *, fault: str, site: str, level: int) -> None:
    """As for a fault, for a part that fails; switching off and on repairs it, and then no alarm may be left."""
    _cause(step, Place(bench, claims, site, level), fault)
    with step("Switch off and on, and look") as s:
        restart(bench)
        _look_after(s, bench)


def output_lamp(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, load_ohm: float, waveform: str
) -> None:
    """Look at the lamp of the output at the first level above the declared current, and at the highest.

    That more than the declared current flows at each of them is measured.
    """
    first = first_level_above(claims, site, claims.get("indications.output_lamp_above"))
    with step("Run at the first level above the declared current, and look") as s:
        switch_on(bench, load_ohm=load_ohm)
        reach(s, bench, claims, site=site, level=first, waveform=waveform)
        s.measure("current at the first level above", magnitude(bench.output_current()))
        s.observe("output lamp at the first level above", is_lit(bench, "output"))
    with step("Go to the highest level, and look") as s:
        bench.controller.set_level(level)
        bench.clock.sleep(claims.ramp_s(site, first, level) + SETTLING_S)
        s.measure("current at the highest level", magnitude(bench.output_current()))
        s.observe("output lamp at the highest level", is_lit(bench, "output"))


def output_lamp_out(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, state: str) -> None:
    """Bring the device into a state without output, see that nothing flows, and look at the lamp of the output.

    In a session before that the lamp is lit: one that is never lit is out as well.
    """
    place = Place(bench, claims, site, level)
    with step("Run a session, and look at the lamp") as s:
        switch_on(bench)
        place.reach(s)
        s.observe("output lamp in a session", is_lit(bench, "output"))
    with step("Switch off and on, and bring the device into the state") as s:
        restart(bench)
        bring_into(s, place, state)
    with step("Look, and see that nothing flows") as s:
        place.settle()
        s.observe("output lamp", is_lit(bench, "output"))
        s.measure("residual current", bench.residual_current())


def lamp_at_levels(bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str) -> None:
    """Go through all levels of a site into 500 Ω, and then pause; read lamp and mean current at rest at each of them.

    Of all readings at which the lamp was out, the largest counts; in the pause it must be.
    """
    seen: list[tuple[bool, Reading]] = []
    with step("Run at each level, and look") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=1, waveform=waveform)
        for level in range(1, len(claims.levels(site)) + 1):
            bench.controller.set_level(level)
            bench.clock.sleep(claims.ramp_s(site, level - 1, level) + SETTLING_S)
            seen.append((is_lit(bench, "output"), magnitude(bench.output_current())))
    with step("Pause, and look") as s:
        bench.controller.pause()
        bench.clock.sleep(claims.ramp_s(site, 0, len(seen)) + SETTLING_S)
        s.observe("output lamp in the pause", is_lit(bench, "output"))
        seen.append((is_lit(bench, "output"), bench.residual_current()))
        s.measure("largest current with the lamp out", largest_unlit(seen))


def logged_fault(bench: Bench, step: Steps, claims: Claims, *, fault: str, site: str, level: int) -> None:
    """Cause a fault in a session, look for it in the event log, switch off and on, and look for it again.

    Only what came into the log since the device was switched on counts; an older fault may have the same name.
    """
    with step("Look into the event log, and cause the fault") as s:
        switch_on(bench)
        older = entries(bench)
        raise_alarm(s, Place(bench, claims, site, level), fault)
    with step("Look into the event log again") as s:
        before = entries(bench)
        s.observe("the fault is in the event log", names(since(before, older), fault))
    with step("Switch off and on, and look again") as s:
        make_whole(bench)
        restart(bench)
        s.observe("the event log is kept without power", is_kept(bench, before))


def log_times(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, lasting_s: float) -> None:
    """Start a session, end it by an emergency stop some time later, and compare the time between the two entries.

    The bench knows when it gave each of the two commands.
    """
    with step("Start, wait, and give an emergency stop") as s:
        switch_on(bench)
        began = bench.now("start")
        start(bench, claims, site=site, level=level)
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        measure_session(s, bench)
        bench.clock.sleep(lasting_s)
        ended = bench.now("emergency stop")
        bench.controller.emergency_stop()
    with step("Compare the event log") as s:
        s.measure("time by the log", set_value(seconds_between(entries(bench), "start", "emergency stop"), "s"))
        s.measure("time by the bench", difference(ended, began))


def log_capacity(bench: Bench, step: Steps, claims: Claims) -> None:
    """Make as many entries as the log is declared to hold, by emergency stops, and count those that are there."""
    declared = claims.get("indications.log_entries")
    with step("Switch on, and make the entries") as s:
        switch_on(bench)
        s.observe("entries that were made", make_entries(bench, declared))
    with step("Read all of them") as s:
        s.observe("entries that are there", count_of(entries(bench, most=declared), CAUSES["emergency_stop"]))
