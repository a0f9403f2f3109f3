"""Comfort: whatever a user does, and whatever is done to a session, the current moves no faster than is declared.

|dI/dt| is that of the mean current over the window that the claims name: the difference of two means, one right after
the other, over the window, seen to -3 dB at 0.32 / window (3.2 Hz for 0.1 s). It is told from a log of the multimeter,
whose samples are 10 ms apart and each the mean of less than half of that. What is over within 10 ms is for the
oscilloscope's records of the tingling levels.

No person was stimulated: what is felt is the maker's claim, and only currents are measured.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from fixtures.agreement import ACTION_EN
from fixtures.bench import Bench
from harness.budget import expanded, magnitude
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from harness.waveform import Waveform
from test_plans.analysis import level_between, plateau
from test_plans.running import (
    SETTLING_S,
    SHUNT_OHM,
    measure_session,
    reach,
    restart,
    set_mean,
    set_value,
    start,
    start_unconfirmed,
    switch_on,
)
from test_plans.session_timing import measure_end
from test_plans.slopes import LEAD_S, fastest_change, logged

# Of each level's rest, this much before its end is its mean.
REST_S = 1.0
# How far apart the presses of a hurried user are.
HURRY_S = 0.2
# For how long a circuit is watched after it was closed again, before the user goes on.
CONTACT_S = 2.0
# How long the electrode is open, in times of its claimed detection.
DETECTIONS = 2.0
MIDDLE = 0.5

Command = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """A level that a walk came to: its number, and the mean current at rest in amperes."""

    level: int
    current: Reading


def _measure_fastest(s: Step, claims: Claims, name: str, current: Waveform) -> None:
    """Hand over the largest |dI/dt| of a log over the claimed window, and keep the log."""
    s.measure(name, fastest_change(current, window_s=claims.get("output.rate_window"), label=name))
    s.keep(f"output current, {name}", current)


def _walk(bench: Bench, claims: Claims, site: str, levels: list[int]) -> tuple[Waveform, list[Visit]]:
    """Go from the first of some levels, which is set already, to the last, and return the log and what was visited."""
    rests_s = [claims.ramp_s(site, a, b) + SETTLING_S for a, b in pairwise(levels)]
    ends_s: list[float] = []

    def act() -> None:
        zero = bench.now("beginning of the walk")
        for level, rest_s in zip(levels[1:], rests_s, strict=True):
            bench.controller.set_level(level)
            bench.clock.sleep(rest_s)
            ends_s.append(bench.now(f"end of level {level}").value - zero.value + LEAD_S)

    current = logged(bench, sum(rests_s), act)
    visits = [
        Visit(level, level_between(current, end_s - REST_S, end_s, label=f"level {level}"))
        for level, end_s in zip(levels[1:], ends_s, strict=True)
    ]
    return current, visits


def _measure_worst(s: Step, claims: Claims, visits: list[Visit], site: str, waveform: str, way: str) -> None:
    """Hand over the level that is off by the largest part of its tolerance, as it is set and as it was delivered."""
    tolerance = claims.get("output.tolerance")

    def off(visit: Visit) -> float:
        set_a = set_mean(claims, site, visit.level, waveform)
        width_a: float = tolerance.relative * set_a + tolerance.absolute
        return abs(visit.current.value - set_a) / width_a

    worst = max(visits, key=off)
    s.measure(f"level that is off most, as set, {way}", set_value(set_mean(claims, site, worst.level, waveform), "A"))
    s.measure(f"level that is off most, {way}", worst.current)


def staircase(bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str) -> None:
    """Go through all levels of a site one by one, up and down again, and log the current.

    Of each level the mean over the last second of its rest counts; on each way the level is handed over that is off by
    the largest part of its tolerance. |dI/dt| is over the claimed window.
    """
    count = len(claims.levels(site))
    # One level is no staircase: what the claims lack is then a second one.
    claims.level_current(site, 2)
    up = list(range(1, count + 1))
    with step("Start at the first level") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=1, waveform=waveform)
    with step("Raise the level one by one") as s:
        current, visits = _walk(bench, claims, site, up)
        _measure_fastest(s, claims, "fastest change, up", current)
        _measure_worst(s, claims, visits, site, waveform, "up")
    with step("Lower the level one by one") as s:
        current, visits = _walk(bench, claims, site, up[::-1])
        _measure_fastest(s, claims, "fastest change, down", current)
        _measure_worst(s, claims, visits, site, waveform, "down")


def leaps(bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str) -> None:
    """In one command go from the first level to the last, and back, and then to zero; log the current."""
    last = len(claims.levels(site))
    with step("Start at the first level") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=1, waveform=waveform)
    with step("Go to the last level, back to the first, and to zero") as s:
        current, visits = _walk(bench, claims, site, [1, last, 1, 0])
        _measure_fastest(s, claims, "fastest change", current)
        s.measure("set current of the last level", set_value(set_mean(claims, site, last, waveform), "A"))
        s.measure("current of the last level", visits[0].current)


def hurry(bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str) -> None:
    """Press up through all levels, down again and to the last, 0.2 s apart and so faster than the ramp, and log it.

    What was pressed last must be what flows at the end, over the last second of its rest: a device that does not heed
    its user is gentle as well.
    """
    last = len(claims.levels(site))
    presses = [*range(2, last + 1), *range(last - 1, 0, -1), last]
    needed_s = HURRY_S * len(presses) + claims.ramp_s(site, 1, last) + SETTLING_S

    def act() -> None:
        for level in presses:
            bench.controller.set_level(level)
            bench.clock.sleep(HURRY_S)
        bench.clock.sleep(claims.ramp_s(site, 1, last) + SETTLING_S)

    with step("Start at the first level") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=1, waveform=waveform)
    with step("Press up, down again, and to the last level") as s:
        current = logged(bench, needed_s, act)
        _measure_fastest(s, claims, "fastest change", current)
        s.measure("set current of the last level", set_value(set_mean(claims, site, last, waveform), "A"))
        at_end = level_between(current, LEAD_S + needed_s - REST_S, LEAD_S + needed_s, label="at the end")
        s.measure("current of the last level", at_end)


def begin(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, body: str) -> None:
    """Start a session into a body network, and log it from before the command until the ramp has ended."""
    ramp_s = claims.ramp_s(site, 0, level)

    def act() -> None:
        start_unconfirmed(bench, claims, site=site, level=level, waveform=waveform)
        bench.clock.sleep(ramp_s + SETTLING_S)

    with step("Connect the body network, and switch on"):
        bench.connect(body=body)
        bench.power_on()
        bench.controller.confirm_contraindications()
    with step("Start") as s:
        current = logged(bench, ramp_s + SETTLING_S, act)
        _measure_fastest(s, claims, "fastest change", current)
        s.measure("session current", plateau(current))


def pause_and_stop(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """In a session pause, resume and stop, each after the one before has come to rest, and log the current of each.

    That a pause and a stop were heeded is told from what still flows, and a resumption from the current that is back.
    """
    wait_s = claims.ramp_s(site, 0, level) + SETTLING_S
    controller = bench.controller
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    after: dict[str, Callable[[], Reading]] = {
        "pause": bench.residual_current,
        "resume": lambda: magnitude(bench.output_current()),
        "stop": bench.residual_current,
    }
    for name, command in (("pause", controller.pause), ("resume", controller.resume), ("stop", controller.stop)):

        def act(command: Command = command) -> None:
            command()
            bench.clock.sleep(wait_s)

        with step(f"{name.capitalize()}, and wait until the current rests") as s:
            _measure_fastest(s, claims, f"fastest change, {name}", logged(bench, wait_s, act))
            s.measure(f"current after the {name}", after[name]())
            bench.use_shunt(SHUNT_OHM)


def turned_ramp(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str) -> None:
    """Turn a ramp round while it is under way: by a lower level, a pause and a stop in the middle of the rise.

    Between them the session goes on to its level and rests. In the middle of a ramp there is a current and a slope, and
    both must be taken over from where they are.
    """
    ramp_s = claims.ramp_s(site, 0, level)
    half_s, wait_s = MIDDLE * ramp_s, ramp_s + SETTLING_S
    controller = bench.controller

    def act() -> None:
        controller.set_level(level)
        bench.clock.sleep(half_s)
        controller.set_level(1)
        bench.clock.sleep(wait_s)
        controller.set_level(level)
        bench.clock.sleep(half_s)
        controller.pause()
        bench.clock.sleep(wait_s)
        controller.resume()
        bench.clock.sleep(half_s)
        controller.stop()
        bench.clock.sleep(wait_s)

    with step("Start at the first level") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=1, waveform=waveform)
    with step("Turn the ramp round, three times") as s:
        _measure_fastest(s, claims, "fastest change", logged(bench, 3.0 * half_s + 3.0 * wait_s, act))
        s.measure("residual current after the stop", bench.residual_current())


def reversal(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    level: int,
    waveform: str,
    duration_s: float,
) -> None:
    """Log a reversal at half time, from a rest before it to a rest after it; the sign of the current counts."""
    ramp_s = claims.ramp_s(site, 0, level)
    around_s = 2.0 * ramp_s + claims.get(f"programmes.{programme}.reversal.dead_time") + SETTLING_S
    with step("Start a session with a reversal, and wait until just before half time"):
        switch_on(bench)
        bench.controller.confirm_contraindications()
        bench.controller.start(site=site, level=level, duration_s=duration_s, waveform=waveform, reversal=True)
        bench.clock.sleep(duration_s / 2.0 - around_s)
    with step("Log the reversal") as s:
        current = logged(bench, 2.0 * around_s, lambda: bench.clock.sleep(2.0 * around_s))
        _measure_fastest(s, claims, "fastest change", current)
        before = level_between(current, 0.0, REST_S, label="before the reversal")
        after = level_between(current, 2.0 * around_s - REST_S, 2.0 * around_s, label="after the reversal")
        s.measure("current before the reversal", before)
        s.measure("current after the reversal", after)


def end(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    level: int,
    waveform: str,
    duration_s: float,
) -> None:
    """Log the end of a programme, from a rest before its last ramp until after it, wherever the claims put the ramp."""
    around_s = claims.ramp_s(site, 0, level) + SETTLING_S
    with step("Start a session, and wait until just before its last ramp"):
        switch_on(bench)
        bench.controller.confirm_contraindications()
        bench.controller.start(site=site, level=level, duration_s=duration_s, waveform=waveform)
        bench.clock.sleep(duration_s - around_s)
    with step("Log the end") as s:
        current = logged(bench, 2.0 * around_s, lambda: bench.clock.sleep(2.0 * around_s))
        _measure_fastest(s, claims, "fastest change", current)
        s.measure("session current", plateau(current))
    with step("See that it ended") as s:
        measure_end(s, bench)


def if_open(reading: Reading, current: Waveform) -> Reading:
    """Return a reading with trouble if a current flowed in the first half second of a log: no circuit was open."""
    before = level_between(current, 0.0, LEAD_S, label="with the circuit open")
    flowed = not abs(before.value) <= ACTION_EN * expanded(before).U
    trouble = f"{before.value:.3g} A flowed, and the circuit must be open then" if flowed else ""
    return replace(reading, trouble=reading.trouble or trouble)


def _measure_closing(s: Step, claims: Claims, name: str, current: Waveform) -> None:
    """Hand over the largest |dI/dt| of a log that begins with the circuit open, if it was, and keep the log."""
    window_s = claims.get("output.rate_window")
    s.measure(name, if_open(fastest_change(current, window_s=window_s, label=name), current))
    s.keep(f"output current, {name}", current)


def _take_out_and_put_back(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str, waveform: str
) -> None:
    open_s = DETECTIONS * claims.get("faults.open_electrode.detection")

    def put_back() -> None:
        bench.close_electrode()
        bench.clock.sleep(CONTACT_S)

    with step("Connect the body network, start, and wait for the ramp to end") as s:
        bench.connect(body=body)
        bench.power_on()
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Take the limb out") as s:
        bench.open_electrode()
        bench.clock.sleep(open_s)
    with step("Put it back") as s:
        _measure_closing(s, claims, "fastest change, putting back", logged(bench, CONTACT_S, put_back))


def withdrawal(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str, waveform: str) -> None:
    """Take a limb out of a session, and put it back after that was to be noticed.

    Breaking a circuit is a step by physics, and is not judged here. The log begins while the circuit is open, and shows
    that it was.
    """
    _take_out_and_put_back(bench, step, claims, site=site, level=level, body=body, waveform=waveform)


def going_on(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str, waveform: str) -> None:
    """Take a limb out of a session and put it back, let the user go on, and see that a current flows again."""
    wait_s = claims.ramp_s(site, 0, level) + SETTLING_S

    def go_on() -> None:
        bench.controller.resume()
        bench.clock.sleep(wait_s)

    _take_out_and_put_back(bench, step, claims, site=site, level=level, body=body, waveform=waveform)
    with step("Go on") as s:
        _measure_fastest(s, claims, "fastest change, going on", logged(bench, wait_s, go_on))
        measure_session(s, bench)


def connection(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str, waveform: str) -> None:
    """Ask for a start with the limb out of the water, put it in, and then start anew as its user would.

    Whatever the device made of the start into an open circuit, nothing may leap when the limb touches the water.
    """
    wait_s = claims.ramp_s(site, 0, level) + SETTLING_S
    late_s = DETECTIONS * claims.get("faults.over_voltage.cutoff")

    def put_in() -> None:
        bench.close_electrode()
        bench.clock.sleep(CONTACT_S)

    def begin_anew() -> None:
        start_unconfirmed(bench, claims, site=site, level=level, waveform=waveform)
        bench.clock.sleep(wait_s)

    with step("Take the limb out, switch on, and ask for a start"):
        bench.connect(body=body)
        bench.power_on()
        bench.open_electrode()
        bench.refuses(lambda: start(bench, claims, site=site, level=level, waveform=waveform))
        bench.clock.sleep(late_s)
    with step("Put it in") as s:
        _measure_closing(s, claims, "fastest change, putting in", logged(bench, CONTACT_S, put_in))
    with step("Switch off and on, and start") as s:
        restart(bench)
        bench.controller.confirm_contraindications()
        current = logged(bench, wait_s, begin_anew)
        _measure_fastest(s, claims, "fastest change, starting", current)
        s.measure("session current", plateau(current))
