"""Dose: the charge that the device says it gave is the charge that the meter saw, and no session gives too much.

The dose is the integral of the current's magnitude, by the trapezoidal rule over a log of the multimeter.
"""

from dataclasses import replace
from functools import partial

from fixtures.bench import Bench
from harness.budget import magnitude
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from harness.waveform import Waveform
from test_plans.analysis import dose, level_between, plateau
from test_plans.courses import Course, free_day, latest, records
from test_plans.running import SETTLING_S, reach, set_value, start, switch_on
from test_plans.schedule import MINUTE_S, dose_ends_it, log_treatment
from test_plans.session_timing import measure_end, record_session, session_time, set_dose, thresholds
from test_plans.timing import session

# What must at most be left of a current that sagged.
SAGGED = 0.9
# What a log goes on for after the last command, besides all ramps.
AFTER_S = 5.0


def _measure_counted(s: Step, bench: Bench, current: Waveform) -> None:
    """Hand over the charge of a log in A·s, and the one that the device says that it gave."""
    s.keep("output current", current, limits=thresholds(current))
    s.measure("session current", plateau(current))
    s.measure("dose that the device shows", set_value(bench.controller.dose_c(), "A·s"))
    s.measure("dose", dose(current).total)


def counted_dose(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    level: int,
    waveform: str,
    duration_s: float,
    interval_s: float,
) -> None:
    """Run a session into 500 Ω, log its current, and hold the charge against what is shown and what was set.

    What was set is a trapezium: the level for the time of the session but one ramp, if the claims count ramps as inside
    of it. 15 mA for 20 min with ramps of 30 s would so be 292.5 mA·min.
    """
    with step("Switch on, run the session, and log the current"):
        switch_on(bench)
        current = record_session(
            bench, claims, site=site, level=level, duration_s=duration_s, interval_s=interval_s, waveform=waveform
        )
    with step("Tell the dose from the log") as s:
        _measure_counted(s, bench, current)
        trapezium = set_dose(claims, site=site, level=level, duration_s=duration_s, programme=programme, turns=0)
        s.measure("set dose", set_value(trapezium, "A·s"))
        s.measure("dose against the setting", dose(current).total)
    with step("See that it ended") as s:
        measure_end(s, bench)


def dose_end(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    level: int,
    load_ohm: float,
    interval_s: float,
) -> None:
    """Give the longest treatment of a programme that ends with a dose, at a level at which the dose is over first.

    The charge of the last ramp is the largest at the highest level: a device that counts on until its dose is reached,
    and only then ramps down, gives half of a ramp too much there.
    """
    dose_ends_it(
        bench,
        step,
        claims,
        programme=programme,
        site=site,
        level=level,
        load_ohm=load_ohm,
        interval_s=interval_s,
    )


def sagging_current(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    level: int,
    load_ohm: float,
    beside_ohm: float,
    lasting_s: float,
    interval_s: float,
) -> None:
    """Give the longest treatment of a programme that ends with a dose, and take one of two loads away while it runs.

    With one load alone the output comes to its compliance voltage, and less flows than is set, as skin does that dries.
    The session must last longer for it, and its dose must be the same.
    """
    course = Course(bench, claims, programme, site, level)
    minutes = claims.get(f"programmes.{programme}.longest") / MINUTE_S
    with step("Begin the treatment, log the current, and take one load away"):
        switch_on(bench, load_ohm=load_ohm)
        bench.add_load(beside_ohm)
        bench.controller.set_clock(free_day(bench))
        current = log_treatment(
            bench,
            course,
            minutes=minutes,
            interval_s=interval_s,
            meanwhile=partial(_leave_one_load, bench, load_ohm=load_ohm, after_s=lasting_s),
        )
    with step("Tell dose and time from the log") as s:
        entry = latest(records(bench, programme))
        _measure_counted(s, bench, current)
        s.measure("dose against the claim", dose(current).total)
        s.measure("session time", session_time(claims, session(current), programme))
        s.observe("end by the log", entry.end)
        before = level_between(current, lasting_s - SETTLING_S, lasting_s, label="before it sagged")
        after = level_between(current, lasting_s + SETTLING_S, lasting_s + 2 * SETTLING_S, label="after it sagged")
        s.measure("current before it sagged", magnitude(before))
        s.measure("current after it sagged", if_sagged(magnitude(after), magnitude(before)))
    with step("See that it ended") as s:
        measure_end(s, bench)


def if_sagged(after: Reading, before: Reading) -> Reading:
    """Return a current with trouble if it is not less than nine tenths of one before it: there was no sag."""
    trouble = "" if after.value < SAGGED * before.value else "the current did not sag when one load was taken away"
    return replace(after, trouble=after.trouble or trouble)


def _leave_one_load(bench: Bench, *, load_ohm: float, after_s: float) -> None:
    """Wait, and take away every load but one, with the current flowing."""
    bench.clock.sleep(after_s)
    bench.connect(load_ohm=load_ohm)


def changed_session(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, lasting_s: float, interval_s: float
) -> None:
    """Run a session, change its level, pause it, go on, and stop it; log all of it, and hold the charge against it.

    Between the pause and the resumption no charge may be counted.
    """
    ramp_s = claims.ramp_s(site, 0, level) + SETTLING_S
    with step("Start, and log the current"):
        switch_on(bench)
        bench.start_log(duration_s=4 * (lasting_s + ramp_s) + AFTER_S, interval_s=interval_s)
        start(bench, claims, site=site, level=level)
        bench.clock.sleep(ramp_s + lasting_s)
    with step("Go to the lowest level, and pause") as s:
        bench.controller.set_level(1)
        bench.clock.sleep(ramp_s + lasting_s)
        bench.controller.pause()
        bench.clock.sleep(ramp_s)
        held_c = bench.controller.dose_c()
        bench.clock.sleep(lasting_s)
        s.observe("nothing is counted in the pause", same_count(bench, held_c))
    with step("Go on, and stop") as s:
        bench.controller.resume()
        bench.clock.sleep(lasting_s)
        bench.controller.stop()
        current = bench.finish_log()
        s.observe("state", bench.controller.status().state.value)
    with step("Tell the dose from the log") as s:
        _measure_counted(s, bench, current)


def same_count(bench: Bench, held_c: float) -> bool:
    """Return whether the device shows the charge that it showed before, in coulombs, to the last digit."""
    return bench.controller.dose_c() == held_c


def counted_anew(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, lasting_s: float, interval_s: float
) -> None:
    """Give a session and end it, begin a second one without switching off, and hold its charge against what is shown.

    What a first session gave must not stand in the dose of the second.
    """
    ramp_s = claims.ramp_s(site, 0, level) + SETTLING_S
    with step("Give a first session, and stop it") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
        bench.clock.sleep(lasting_s)
        bench.controller.stop()
        bench.clock.sleep(ramp_s)
        s.measure("dose that the device shows of the first", set_value(bench.controller.dose_c(), "A·s"))
    with step("Give a second session, and log its current") as s:
        bench.start_log(duration_s=lasting_s + 2 * ramp_s + AFTER_S, interval_s=interval_s)
        start(bench, claims, site=site, level=level)
        bench.clock.sleep(ramp_s + lasting_s)
        bench.controller.stop()
        current = bench.finish_log()
        s.keep("output current", current, limits=thresholds(current))
        s.measure("dose that the device shows of the second", set_value(bench.controller.dose_c(), "A·s"))
        s.measure("dose of the second", dose(current).total)
