"""Protocol: what a line does that is broken, wrong or out of place, and whether what the device answers is true.

Whatever it answers, the current is what counts: it is measured, and must be as it was.
"""

import math
from collections.abc import Callable

from fixtures.bench import Bench
from harness.budget import difference
from harness.claims import Claims
from harness.steps import Step, Steps
from test_plans.alarms import is_cause, lower_supply, make_whole, raise_alarm
from test_plans.analysis import dose, least_between, peak_between, plateau
from test_plans.courses import FIRST_S
from test_plans.cutoff import QUIET_S
from test_plans.fuzz import not_refused
from test_plans.lines import (
    Answer,
    ask_all,
    broken,
    good,
    half,
    level_out_of_range,
    say,
    send,
    send_once,
    start_out_of_range,
    starting,
)
from test_plans.running import (
    BEFORE_S,
    SETTLING_S,
    SHUNT_OHM,
    measure_session,
    reach,
    restart,
    set_value,
    start,
    start_unconfirmed,
    switch_on,
    whole_record_s,
)
from test_plans.slopes import logged
from test_plans.states import Place, enter, has_level, is_in

# Between two samples of a log that a charge is told from.
LOG_S = 0.25
# What a malformed frame and its answer take at most, in the mean of many.
FRAME_S = 0.05


def _measure_nothing_began(s: Step, bench: Bench, got: Answer) -> None:
    """Hand over an answer, and see that the device is where it was, and that nothing flows."""
    s.observe("answer to a start", got.head)
    bench.clock.sleep(SETTLING_S)
    s.observe("state after it", bench.controller.status().state.value)
    s.measure("residual current after it", bench.residual_current())


def _measure_unchanged(s: Step, bench: Bench, claims: Claims, got: Answer, *, site: str, level: int) -> None:
    """Hand over an answer in a session, and see after the time of a ramp that the session is as it was."""
    s.observe("answer in a session", got.head)
    bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
    s.observe("state in the session", bench.controller.status().state.value)
    s.observe("the level is kept", has_level(bench, level))
    s.measure("current after", bench.output_current())


def _run(s: Step, bench: Bench, claims: Claims, *, site: str, level: int) -> None:
    """Bring a session to its plateau, and hand over its current as the one that must be kept."""
    reach(s, bench, claims, site=site, level=level)
    s.measure("current before", bench.output_current())


def broken_line(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, line: str) -> None:
    """Send a start, and in a session a change of level, in a line that is broken in one way.

    All else about them is lawful: the start is confirmed, and the level is there. The device must answer that it cannot
    read the line, under sequence number 00, and must take the next good one.
    """
    with step("Switch on, confirm, and send a broken start") as s:
        switch_on(bench)
        bench.controller.confirm_contraindications()
        got = send(bench, broken(starting(claims, site, level), line))
        s.observe("sequence number of the answer", got.sequence)
        _measure_nothing_began(s, bench, got)
    with step("Switch off and on, start, and send a broken change of level") as s:
        restart(bench)
        _run(s, bench, claims, site=site, level=level)
        _measure_unchanged(s, bench, claims, send(bench, broken("LEVEL 1", line)), site=site, level=level)
        s.observe("answer to a good line", say(bench, "STATUS").head)


def half_a_line(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """In a session, send half a stop, and then a whole question: together they are one line, and it is broken.

    Half a line has no answer. The question behind it is lost with it, and the next one is answered.
    """
    with step("Start, and send half a line and a whole one") as s:
        switch_on(bench)
        _run(s, bench, claims, site=site, level=level)
        s.observe("answer to half a line", send_once(bench, half("STOP")).head)
        s.observe("answer to the line that it spoils", send_once(bench, good("STATUS")).head)
        _measure_unchanged(s, bench, claims, say(bench, "STATUS"), site=site, level=level)


def sequence_numbers(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Ask every question, and as many things that are no command, under numbers that do not follow on each other.

    An answer must carry the number of its own line, and be of its own kind.
    """
    with step("Switch on, and ask") as s:
        switch_on(bench)
        idle = ask_all(bench)
        s.observe("answers with another number, ready", idle.sequences)
        s.observe("answers to something else, ready", idle.words)
    with step("Start, and ask") as s:
        reach(s, bench, claims, site=site, level=level)
        running = ask_all(bench)
        s.observe("answers with another number, running", running.sequences)
        s.observe("answers to something else, running", running.words)


def wrong_text(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, text: str) -> None:
    """Send a text that is no command, or a command with arguments that are not written as they must be."""
    with step("Switch on, confirm, and send it") as s:
        switch_on(bench)
        bench.controller.confirm_contraindications()
        _measure_nothing_began(s, bench, say(bench, text))
    with step("Switch off and on, start, and send it") as s:
        restart(bench)
        _run(s, bench, claims, site=site, level=level)
        _measure_unchanged(s, bench, claims, say(bench, text), site=site, level=level)


def start_beyond(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, argument: str) -> None:
    """Ask for a confirmed start with an argument that is out of its range by the claims, and then for a good one."""
    with step("Switch on, confirm, and ask for the start") as s:
        switch_on(bench)
        bench.controller.confirm_contraindications()
        _measure_nothing_began(s, bench, say(bench, start_out_of_range(claims, site, argument)))
    with step("Ask for a good start with the same confirmation") as s:
        bench.use_shunt(SHUNT_OHM)
        s.observe("answer to a good start", say(bench, starting(claims, site, level)).head)
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        measure_session(s, bench)


def level_beyond(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, argument: str) -> None:
    """In a session, ask for a level that the site does not have by the claims."""
    with step("Start, and ask for the level") as s:
        switch_on(bench)
        _run(s, bench, claims, site=site, level=level)
        got = say(bench, level_out_of_range(claims, site, argument))
        _measure_unchanged(s, bench, claims, got, site=site, level=level)


def out_of_place(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, state: str, text: str) -> None:
    """Send a good command in a state in which it is not lawful, and see that state and current are as they were."""
    place = Place(bench, claims, site, level)
    with step("Bring the device into the state") as s:
        enter(s, place, state)
        before = bench.output_current()
        s.measure("current before", before)
    with step("Send the command") as s:
        s.observe("answer", say(bench, text).head)
        place.settle()
        s.observe("still in the state", is_in(bench, state))
        s.measure("current after", bench.output_current())


def counted_values(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, lasting_s: float) -> None:
    """Hold what the device counts against the bench: the session time and the charge.

    The session is logged from before its start until it rests in a pause, in which nothing is counted. The time is
    what the device counted between two looks at the host's clock.
    """
    ramp_s = claims.ramp_s(site, 0, level) + SETTLING_S
    with step("Start, log the current, and pause") as s:
        switch_on(bench)
        bench.start_log(duration_s=lasting_s + 2 * ramp_s, interval_s=LOG_S)
        start(bench, claims, site=site, level=level)
        bench.clock.sleep(ramp_s)
        first_s, first = bench.controller.status().elapsed_s, bench.now("first look")
        bench.clock.sleep(lasting_s - ramp_s)
        second_s, second = bench.controller.status().elapsed_s, bench.now("second look")
        bench.controller.pause()
        current = bench.finish_log()
        s.keep("output current", current)
        s.measure("session current", plateau(current))
    with step("Compare") as s:
        s.measure("time by the device", set_value(second_s - first_s, "s"))
        s.measure("time by the bench", difference(second, first))
        s.measure("charge by the device", set_value(bench.controller.dose_c(), "A·s"))
        s.measure("charge by the bench", dose(current).total)


def shown_current(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Compare display and status with the current at one level, and at once at another: both must be of now."""
    with step("Start, and compare") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
        _measure_shown(s, bench, claims, site=site, level=level)
    with step("Go to the lowest level, and compare") as s:
        bench.controller.set_level(1)
        bench.clock.sleep(claims.ramp_s(site, 1, level) + SETTLING_S)
        _measure_shown(s, bench, claims, site=site, level=1)


def _measure_shown(s: Step, bench: Bench, claims: Claims, *, site: str, level: int) -> None:
    """Hand over the current that was asked for, the displayed and the delivered one, and whether the level is told."""
    s.measure("set current", set_value(claims.level_current(site, level), "A"))
    s.measure("displayed current", bench.controller.displayed_current())
    delivered = bench.output_current()
    s.measure("delivered current", delivered)
    s.measure("delivered current against the set one", delivered)
    s.observe("the level is told", has_level(bench, level))


def supervision_ended(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Ask the device to watch its line, take that back, and say nothing for three times as long: nothing happens."""
    timeout_s = claims.get("faults.serial_loss.timeout")
    with step("Start, and ask for supervision and for its end") as s:
        switch_on(bench)
        _run(s, bench, claims, site=site, level=level)
        bench.controller.supervise(timeout_s)
        bench.controller.supervise(0.0)
    with step("Say nothing") as s:
        bench.clock.sleep(3 * timeout_s)
        s.measure("current after", bench.output_current())
        s.observe("state in the session", bench.controller.status().state.value)


def stop_in_state(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, state: str) -> None:
    """Stop as a user does in one state of a session, and see that the output is off in time, and stays off."""
    _end_in_state(bench, step, Place(bench, claims, site, level), state, "user_stop", bench.controller.stop)


def emergency_stop_in_state(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, state: str) -> None:
    """Stop at once in one state, and see that the output is off in time, and stays off."""
    stop = bench.controller.emergency_stop
    _end_in_state(bench, step, Place(bench, claims, site, level), state, "emergency_stop", stop)


def _end_in_state(bench: Bench, step: Steps, place: Place, state: str, fault: str, command: Callable[[], None]) -> None:
    """Give a command in a state, and record what still flows when its claimed time is over."""
    lawful_s = place.claims.get(f"faults.{fault}.cutoff")
    with step("Bring the device into the state") as s:
        enter(s, place, state)
    with step("Stop, and record the current") as s:
        duration_s = whole_record_s(BEFORE_S + lawful_s + QUIET_S)
        shot = bench.shot(duration_s=duration_s, before_s=0.0, trigger="now")
        zero = bench.now("beginning of the record")
        # Its way to the device counts against the device.
        began_s = difference(bench.now("stop"), zero).value
        s.observe("the stop is refused", bench.refuses(command))
        current = shot.finish().current
        late = peak_between(current, began_s + lawful_s, duration_s, label="after the claimed time")
        s.measure("current after the claimed time", late)
    with step("Ask to go on, and see that the output stays off") as s:
        s.observe("state after", bench.controller.status().state.value)
        s.observe("going on is refused", bench.refuses(bench.controller.resume))
        place.settle()
        s.measure("residual current after", bench.residual_current())


def alarm(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, fault: str) -> None:
    """Cause a fault in a session, and ask for the alarm: it must have the claimed priority, and name the fault."""
    place = Place(bench, claims, site, level)
    with step("Ask before the fault") as s:
        switch_on(bench)
        s.observe("priority before", bench.controller.alarm().priority.value)
    with step("Cause the fault, and ask") as s:
        raise_alarm(s, place, fault)
        given = bench.controller.alarm()
        s.observe("priority", given.priority.value)
        s.observe("the cause is named", is_cause(given.cause, fault))
    with step("Make the circuit whole again, and see that the output stays off") as s:
        make_whole(bench)
        s.measure("residual current after", bench.residual_current())


def cause_that_persists(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, dip: float) -> None:
    """Lower the supply in a session and leave it low: the fault cannot be acknowledged before it is back.

    Afterwards it can, and still nothing flows until the user starts anew.
    """
    with step("Start, and lower the supply") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
        lower_supply(bench, claims, dip)
    with step("Acknowledge while it is low") as s:
        s.observe("acknowledging is refused", bench.refuses(bench.controller.acknowledge))
        s.observe("state while it is low", bench.controller.status().state.value)
    with step("Raise it, and acknowledge") as s:
        bench.set_supply(claims.get("supply.nominal"))
        bench.clock.sleep(SETTLING_S)
        s.observe("acknowledging is refused afterwards", bench.refuses(bench.controller.acknowledge))
        bench.clock.sleep(SETTLING_S)
        s.observe("state afterwards", bench.controller.status().state.value)
        s.measure("residual current after", bench.residual_current())


def malformed_in_state(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, state: str, seed: int, frames: int
) -> None:
    """Send malformed frames in a state of a session, and log the current meanwhile: it may not move.

    The frames come from a generator that breaks good lines in ten ways, and are always the same ones for the same seed.
    """
    with step("Bring the device into the state") as s:
        enter(s, Place(bench, claims, site, level), state)
        s.measure("current before", bench.output_current())
    with step("Send the frames, and log the current") as s:
        _measure_frames(s, bench, seed=seed, count=frames)
    with step("See that the device is where it was") as s:
        s.observe("still in the state", is_in(bench, state))
        s.measure("current after", bench.output_current())


def malformed_at_rest(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, seed: int, frames: int
) -> None:
    """Confirm, so that a start would be lawful, send malformed frames, and log the current: nothing may begin.

    Then a good start is asked for with the same confirmation, which must not have been used up.
    """
    with step("Switch on, confirm, send the frames, and log the current") as s:
        switch_on(bench)
        bench.controller.confirm_contraindications()
        s.measure("current before", bench.output_current())
        _measure_frames(s, bench, seed=seed, count=frames)
    with step("See that nothing began") as s:
        s.observe("state after", bench.controller.status().state.value)
        s.measure("residual current after", bench.residual_current())
    with step("Ask for a good start with the same confirmation") as s:
        bench.use_shunt(SHUNT_OHM)
        s.observe("answer to a good start", say(bench, starting(claims, site, level)).head)
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        measure_session(s, bench)


def malformed_unconfirmed(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, seed: int, frames: int
) -> None:
    """Send malformed frames to a device that nobody confirmed anything to, and see that none was carried out in part.

    Confirmations and settings of the calendar are among them, and change nothing that a current would show: a start
    must still be refused, and the calendar must have gone on as the bench's clock has.
    """
    with step("Switch on, set the calendar, send the frames, and log the current") as s:
        switch_on(bench)
        bench.controller.set_clock(FIRST_S)
        set_at = bench.now("calendar set")
        s.measure("current before", bench.output_current())
        _measure_frames(s, bench, seed=seed, count=frames)
        s.measure("time by the calendar", set_value(float(bench.controller.calendar() - FIRST_S), "s"))
        s.measure("time by the bench", difference(bench.now("calendar read"), set_at))
    with step("Ask for a start without a confirmation, and then with one") as s:
        unconfirmed = bench.refuses(lambda: start_unconfirmed(bench, claims, site=site, level=level))
        s.observe("a start without a confirmation is refused", unconfirmed)
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        s.measure("residual current after", bench.residual_current())
        restart(bench)
        reach(s, bench, claims, site=site, level=level)


def _measure_frames(s: Step, bench: Bench, *, seed: int, count: int) -> None:
    """Send malformed frames while the current is logged, and hand over its extremes and what was not refused."""
    kept: list[int] = []
    current = logged(bench, count * FRAME_S, lambda: kept.append(not_refused(bench, seed, count)))
    s.observe("frames that were not refused", sum(kept))
    s.measure("highest current meanwhile", peak_between(current, 0.0, math.inf, label="highest"))
    s.measure("lowest current meanwhile", least_between(current, 0.0, math.inf, label="lowest"))
    s.keep("output current", current)
