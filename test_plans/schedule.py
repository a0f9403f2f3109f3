"""Schedule: how often a programme is given, what ends it, and what the device remembers of it.

The device's calendar is set on from one treatment to the next, so that weeks take hours. Every treatment is as short as
its programme may be.
"""

from collections.abc import Callable

from fixtures.bench import Bench
from harness.budget import difference
from harness.claims import Claims
from harness.steps import Step, Steps
from harness.waveform import Waveform
from test_plans.analysis import dose, plateau
from test_plans.courses import (
    DAY_S,
    HOUR_S,
    WEEK_DAYS,
    Course,
    as_given,
    end_with,
    ended_by,
    foreign_site,
    free_day,
    has_one_more,
    is_kept,
    latest,
    must_be_new,
    newest,
    own_site,
    records,
)
from test_plans.running import OFF_S, measure_session, restart, set_value, switch_on
from test_plans.session_timing import OVERRUN, OVERRUN_S, measure_end, measure_reversed, session_time, thresholds
from test_plans.timing import session

MINUTE_S = 60.0


def _measure_refused(s: Step, bench: Bench, course: Course) -> None:
    """Hand over the current of the treatments that there were, and see that nothing flows after the last refusal."""
    course.measure_currents(s)
    # What was refused and begins all the same must have come so far that it is seen.
    bench.clock.sleep(course.ramp_s())
    s.measure("residual current after a refusal", bench.residual_current())


def first_week(bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int) -> None:
    """Ask for a treatment on each of seven days, on a device that has given none."""
    with step("Switch on, and look whether the treatment log is empty"):
        switch_on(bench)
        must_be_new(bench, programme)
    with step("Ask once a day for a week") as s:
        course = Course(bench, claims, programme, site, level)
        s.observe("treatments in seven days", course.give_daily(free_day(bench), WEEK_DAYS))
        _measure_refused(s, bench, course)


def twice_a_day(bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int) -> None:
    """Ask for a treatment in the morning, and for another one six hours later."""
    with step("Switch on, and ask twice on one day") as s:
        switch_on(bench)
        course = Course(bench, claims, programme, site, level)
        morning_s = free_day(bench)
        s.observe("treatments on one day", course.give(morning_s) + course.give(morning_s + 3 * 2 * HOUR_S))
        _measure_refused(s, bench, course)


def after_the_course(bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int) -> None:
    """Give what is left of the course, day by day as the device allows it, and then ask daily for one more week.

    How many treatments are left is told from the treatment log of the device, which has a case of its own.
    """
    with step("Switch on, and give the rest of the course") as s:
        switch_on(bench)
        course = Course(bench, claims, programme, site, level)
        s.observe("the course was given", course.give_rest(free_day(bench)))
    with step("Ask once a day for the week after it") as s:
        begin_s = latest(records(bench, programme)).utc_s + WEEK_DAYS * DAY_S
        s.observe("treatments in seven days after it", course.give_daily(begin_s, WEEK_DAYS))
        _measure_refused(s, bench, course)


def closing_course(
    bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int, days: float
) -> None:
    """Ask for a treatment on each of many days, and on each of seven more: as many as the course has, and no more."""
    with step("Switch on, and ask once a day") as s:
        switch_on(bench)
        course = Course(bench, claims, programme, site, level)
        begin_s = free_day(bench)
        count = course.give_daily(begin_s, int(days))
        s.observe("treatments in the days of the course", count)
    with step("Ask once a day for the week after it") as s:
        s.observe("treatments in seven days after it", course.give_daily(begin_s + int(days) * DAY_S, WEEK_DAYS))
        _measure_refused(s, bench, course)


def log_treatment(
    bench: Bench,
    course: Course,
    *,
    minutes: float,
    interval_s: float,
    meanwhile: Callable[[], None] = lambda: None,
) -> Waveform:
    """Begin a treatment, and log its current until well after its end; `meanwhile` is done once it has begun."""
    whole_s = minutes * MINUTE_S * (1.0 + OVERRUN) + 2 * course.ramp_s() + OVERRUN_S
    bench.start_log(duration_s=whole_s, interval_s=interval_s)
    course.begin(minutes=minutes)
    meanwhile()
    return bench.finish_log()


def _measure_time(s: Step, course: Course, current: Waveform, minutes: float) -> None:
    """Hand over the session time of a log, and the one that was set."""
    s.keep("output current", current, limits=thresholds(current))
    s.measure("set time", set_value(minutes * MINUTE_S, "s"))
    s.measure("session time", session_time(course.claims, session(current), course.programme))
    s.measure("session current", plateau(current))


def logged_treatment(
    bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int, interval_s: float
) -> None:
    """Give a treatment, and hold its entry in the treatment log against the current that was logged at the bench.

    Then the supply is switched off and on: the entry stays, and the calendar has gone on.
    """
    course = Course(bench, claims, programme, site, level)
    with step("Give a treatment, and log the current") as s:
        switch_on(bench)
        before = newest(bench)
        begin_s = free_day(bench)
        bench.controller.set_clock(begin_s)
        zero = bench.now("calendar set")
        began = difference(bench.now("treatment asked for"), zero)
        current = log_treatment(bench, course, minutes=course.minutes, interval_s=interval_s)
        _measure_time(s, course, current, course.minutes)
        s.observe("reversals", session(current).reversals)
    with step("Compare the treatment log") as s:
        entries = newest(bench)
        s.observe("there is one entry more", has_one_more(entries, before))
        s.measure("begin by the log", set_value(float(latest(entries).utc_s - begin_s), "s"))
        s.measure("begin by the bench", began)
        s.observe("programme, site and level are as given", as_given(latest(entries), course))
        s.observe("end by the log", latest(entries).end)
        s.measure("time by the log", set_value(latest(entries).counted_s, "s"))
        s.measure("session time against the log", session_time(claims, session(current), programme))
        s.measure("dose by the log", set_value(latest(entries).dose_c, "A·s"))
        s.measure("dose", dose(current).total)
    with step("Switch the supply off and on, and compare log and calendar again") as s:
        bench.supply_off()
        bench.clock.sleep(OFF_S)
        bench.power_on()
        s.observe("the log is kept without power", is_kept(bench, entries))
        s.measure("time by the calendar", set_value(float(bench.controller.calendar() - begin_s), "s"))
        s.measure("time by the bench", difference(bench.now("calendar read"), zero))


def broken_off(
    bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int, by: str, after_s: float
) -> None:
    """Break a treatment off, and look for its entry in the treatment log; the time is told by the host's clock."""
    course = Course(bench, claims, programme, site, level)
    with step("Begin a treatment, and break it off") as s:
        switch_on(bench)
        before = newest(bench)
        bench.controller.set_clock(free_day(bench))
        course.begin()
        began = bench.now("begin")
        bench.clock.sleep(after_s)
        s.measure("session current", bench.output_current())
        broke = difference(bench.now("end"), began)
        end_with(bench, by)
        bench.clock.sleep(course.ramp_s())
    with step("Look it up") as s:
        entries = newest(bench)
        s.observe("there is one entry more", has_one_more(entries, before))
        s.observe("end by the log is what it was", ended_by(latest(entries), by))
        s.measure("time by the log", set_value(latest(entries).counted_s, "s"))
        s.measure("time by the bench", broke)


def unconfirmed_treatment(bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int) -> None:
    """Ask for a treatment without a confirmation, before any and after one that was confirmed, each on a free day.

    In between the same treatment is asked for with a confirmation: that it is carried out shows for what reason the
    others were refused.
    """
    course = Course(bench, claims, programme, site, level)
    with step("Switch on, and ask before any confirmation") as s:
        switch_on(bench)
        bench.controller.set_clock(free_day(bench))
        s.observe("treatment before any confirmation is refused", bench.refuses(course.ask))
        bench.clock.sleep(course.ramp_s())
        s.measure("residual current after the first attempt", bench.residual_current())
    with step("Switch off and on, and give a treatment") as s:
        restart(bench)
        course.give(free_day(bench))
        course.measure_currents(s)
    with step("Ask for another one without a confirmation") as s:
        bench.controller.set_clock(free_day(bench))
        s.observe("treatment after a confirmed one is refused", bench.refuses(course.ask))
        bench.clock.sleep(course.ramp_s())
        s.measure("residual current after the second attempt", bench.residual_current())


def _longest_minutes(claims: Claims, programme: str) -> float:
    longest_s: float = claims.get(f"programmes.{programme}.longest")
    return longest_s / MINUTE_S


def _measure_ended(s: Step, bench: Bench, course: Course, current: Waveform) -> None:
    """Hand over how a treatment ended by the log, and that nothing flows any more."""
    s.keep("output current", current, limits=thresholds(current))
    s.measure("session current", plateau(current))
    s.measure("residual current after the end", bench.residual_current())


def dose_ends_it(
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
    """Give the longest treatment of a programme at a level at which its dose is over first, and log the current.

    Into a load that lets less flow than was set, the treatment must last longer, and give the same dose.
    """
    course = Course(bench, claims, programme, site, level)
    with step("Give the longest treatment, and log the current"):
        switch_on(bench, load_ohm=load_ohm)
        bench.controller.set_clock(free_day(bench))
        current = log_treatment(bench, course, minutes=_longest_minutes(claims, programme), interval_s=interval_s)
    with step("Tell dose and time from the log") as s:
        entry = latest(records(bench, programme))
        given = dose(current).total
        s.measure("dose", given)
        s.measure("dose by the log", set_value(entry.dose_c, "A·s"))
        s.measure("dose against the log", given)
        s.measure("session time", session_time(claims, session(current), programme))
        s.observe("end by the log", entry.end)
        _measure_ended(s, bench, course, current)


def time_ends_it(
    bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int, interval_s: float
) -> None:
    """Give the longest treatment of a programme at a level at which its time is over before its dose."""
    course, minutes = Course(bench, claims, programme, site, level), _longest_minutes(claims, programme)
    with step("Give the longest treatment, and log the current"):
        switch_on(bench)
        bench.controller.set_clock(free_day(bench))
        current = log_treatment(bench, course, minutes=minutes, interval_s=interval_s)
    with step("Tell dose and time from the log") as s:
        s.measure("set time", set_value(minutes * MINUTE_S, "s"))
        s.measure("session time", session_time(claims, session(current), programme))
        s.measure("dose", dose(current).total)
        s.observe("end by the log", latest(records(bench, programme)).end)
        _measure_ended(s, bench, course, current)


def _whole(minutes: float) -> float:
    """Return minutes as a whole number of milliseconds: nothing finer can be asked for."""
    return round(minutes * MINUTE_S, 3) / MINUTE_S


def other_durations(
    bench: Bench, step: Steps, claims: Claims, *, programme: str, site: str, level: int, by: float
) -> None:
    """Ask for treatments a little longer and a little shorter than the programme may be, and then for its longest."""
    course, longest = Course(bench, claims, programme, site, level), _longest_minutes(claims, programme)
    with step("Switch on, and ask for the ones that it may not be") as s:
        switch_on(bench)
        bench.controller.set_clock(free_day(bench))
        longer, shorter = _whole(longest * (1.0 + by)), _whole(course.minutes * (1.0 - by))
        s.observe("a longer one is refused", bench.refuses(lambda: course.begin(minutes=longer)))
        s.observe("a shorter one is refused", bench.refuses(lambda: course.begin(minutes=shorter)))
        bench.clock.sleep(course.ramp_s())
        s.measure("residual current after the refusals", bench.residual_current())
    with step("Ask for the longest") as s:
        restart(bench)
        s.observe("the longest is refused", bench.refuses(lambda: course.begin(minutes=longest)))
        bench.clock.sleep(course.ramp_s())
        measure_session(s, bench)


def other_site(bench: Bench, step: Steps, claims: Claims, *, programme: str) -> None:
    """Ask for a treatment at a site that the programme is not for by the claims, at its lowest level.

    Then the same is asked for at a site that it is for: that it is carried out shows for what reason the first one was
    refused.
    """
    course = Course(bench, claims, programme, foreign_site(claims, programme), 1)
    with step("Switch on, and ask") as s:
        switch_on(bench)
        bench.controller.set_clock(free_day(bench))
        s.observe("treatment there is refused", bench.refuses(course.begin))
        bench.clock.sleep(course.ramp_s())
        s.measure("residual current after the refusal", bench.residual_current())
    with step("Ask for the same at a site that it is for") as s:
        restart(bench)
        lawful = Course(bench, claims, programme, own_site(claims, programme), 1)
        s.observe("treatment at its own site is refused", bench.refuses(lawful.begin))
        bench.clock.sleep(lawful.ramp_s())
        measure_session(s, bench)


def chosen_programme(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    duration_s: float,
    level: int,
    interval_s: float,
) -> None:
    """Give a programme as its user chooses it, on a free day, and tell its times from a log of the current.

    The level is so low that no dose ends it before its time is up.
    """
    course = Course(bench, claims, programme, site, level)
    with step("Give the treatment, and log the current"):
        switch_on(bench)
        bench.controller.set_clock(free_day(bench))
        current = log_treatment(bench, course, minutes=duration_s / MINUTE_S, interval_s=interval_s)
    with step("Tell times and doses from the log") as s:
        measure_reversed(s, claims, current, programme=programme, site=site, level=level, duration_s=duration_s)
    with step("Compare the treatment log, and see that it ended") as s:
        entry = latest(newest(bench))
        s.observe("programme, site and level are as given", as_given(entry, course))
        s.observe("end by the log", entry.end)
        measure_end(s, bench)
