"""Session timing: a session lasts as long as it was set, turns at half time, ends by itself, and does not begin again.

All times are told from the output current, and none from what the device says.
"""

from fixtures.bench import Bench
from harness.budget import difference
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from harness.waveform import Waveform
from test_plans.analysis import dose, plateau
from test_plans.running import OFF_S, SETTLING_S, set_value, switch_on
from test_plans.timing import ON, PLATEAU, Session, session

# A session that runs on by this part, or by this time, is seen to the end.
OVERRUN = 0.10
OVERRUN_S = 30.0
HOLD_S = 60.0
AFTER_S = 120.0


def record_session(
    bench: Bench,
    claims: Claims,
    *,
    site: str,
    level: int,
    duration_s: float,
    interval_s: float,
    waveform: str = "dc",
    reversal: bool = False,
) -> Waveform:
    """Start a session and log its current until well after its end; of pulses, the log is of their mean."""
    ramps_s = 2.0 * claims.ramp_s(site, 0, level)
    bench.start_log(duration_s=duration_s * (1.0 + OVERRUN) + ramps_s + OVERRUN_S, interval_s=interval_s)
    bench.controller.confirm_contraindications()
    bench.controller.start(site=site, level=level, duration_s=duration_s, waveform=waveform, reversal=reversal)
    return bench.finish_log()


def thresholds(current: Waveform) -> dict[str, float]:
    """Return the levels in amperes by which times are told, to be drawn into the waveform."""
    level_a = plateau(current).value
    return {"5 % of the plateau": ON * level_a, "95 % of the plateau": PLATEAU * level_a}


def set_dose(claims: Claims, *, site: str, level: int, duration_s: float, programme: str, turns: int) -> float:
    """Return the dose in A·s by the claims, ramps as straight lines; each turn costs two ramps and a dead time."""
    ramp_s = claims.ramp_s(site, 0, level)
    outside = {"inside": -ramp_s, "outside": ramp_s}[claims.get(f"programmes.{programme}.ramps")]
    lost_s = turns * (ramp_s + claims.get(f"programmes.{programme}.reversal.dead_time")) if turns else 0.0
    return float(claims.level_current(site, level) * (duration_s + outside - lost_s))


def session_time(claims: Claims, times: Session, programme: str) -> Reading:
    """Return the session time that the claims mean, in seconds: with the ramps inside of it, or outside."""
    by_ramps = {"inside": times.on_time, "outside": times.plateau_span}
    return by_ramps[claims.get(f"programmes.{programme}.ramps")]


def _measure_times(s: Step, claims: Claims, current: Waveform, *, programme: str, duration_s: float) -> Session:
    """Hand over the times that every session is judged by, keep its log, and return all times of it."""
    times = session(current)
    s.keep("output current", current, limits=thresholds(current))
    s.measure("set time", set_value(duration_s, "s"))
    s.measure("session time", session_time(claims, times, programme))
    s.measure("on-time", times.on_time)
    return times


def _measure_dose(s: Step, current: Waveform, set_as: float) -> None:
    """Hand over the dose of a session, whole and per polarity, and the one in A·s that was set."""
    doses = dose(current)
    s.measure("set dose", set_value(set_as, "A·s"))
    s.measure("dose", doses.total)
    s.measure("dose, positive", doses.positive)
    s.measure("dose, negative", doses.negative)


def measure_reversed(
    s: Step, claims: Claims, current: Waveform, *, programme: str, site: str, level: int, duration_s: float
) -> None:
    """Hand over what a session with a reversal is judged by: its times, its turn, and the dose of each polarity."""
    times = _measure_times(s, claims, current, programme=programme, duration_s=duration_s)
    s.measure("plateau time", times.plateau_time)
    s.measure("session current", plateau(current))
    s.observe("reversals", times.reversals)
    s.observe("pauses", times.pauses)
    s.measure("half of the set time", set_value(duration_s / 2.0, "s"))
    s.measure("time of the reversal", times.reversal)
    s.measure("dead time", times.dead_time)
    set_as = set_dose(claims, site=site, level=level, duration_s=duration_s, programme=programme, turns=1)
    s.measure("half of the set dose", set_value(set_as / 2.0, "A·s"))
    _measure_dose(s, current, set_as)


def measure_end(s: Step, bench: Bench) -> None:
    """See that a session is over, by what the device says and by what still flows."""
    s.observe("state", bench.controller.status().state.value)
    s.measure("residual current after the end", bench.residual_current())


def programme_time(
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
    """Run a programme into 500 Ω without a reversal, log the current, and tell its times and its dose from the log.

    On-time is from the first rise to the last fall through 5 % of the plateau, plateau time is what lies above 95 % of
    it. The session time is the one that the claims mean: the on-time if they count the ramps as inside, the time from
    the first rise to the last fall through 95 % if they count them as outside. The dose that the device counted is what
    it says after the session.
    """
    with step("Switch on"):
        switch_on(bench)
    with step("Run the programme, and log the current"):
        current = record_session(bench, claims, site=site, level=level, duration_s=duration_s, interval_s=interval_s)
    with step("Tell times and dose from the log") as s:
        times = _measure_times(s, claims, current, programme=programme, duration_s=duration_s)
        s.measure("plateau time", times.plateau_time)
        s.measure("session current", plateau(current))
        s.observe("interruptions", times.pauses + times.reversals)
        set_as = set_dose(claims, site=site, level=level, duration_s=duration_s, programme=programme, turns=0)
        _measure_dose(s, current, set_as)
        s.measure("dose that the device counted", set_value(bench.controller.dose_c(), "A·s"))
        s.measure("dose, against the count", dose(current).total)
    with step("See that it ended") as s:
        measure_end(s, bench)


def reversed_session(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    duration_s: float,
    level: int,
    interval_s: float,
    waveform: str = "dc",
) -> None:
    """Run a programme with a reversal, log the current, and tell from the log when and how the polarity changed.

    The reversal is at the middle of the dead time, which is the time below 5 % of the plateau between two polarities.
    Each polarity must get half of the dose.
    """
    with step("Switch on"):
        switch_on(bench)
    with step("Run the programme with a reversal, and log the current"):
        current = record_session(
            bench,
            claims,
            site=site,
            level=level,
            duration_s=duration_s,
            interval_s=interval_s,
            waveform=waveform,
            reversal=True,
        )
    with step("Tell times and doses from the log") as s:
        measure_reversed(s, claims, current, programme=programme, site=site, level=level, duration_s=duration_s)
    with step("See that it ended") as s:
        measure_end(s, bench)


def no_restart(
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
    """Let a programme end, do nothing for two minutes, then switch the supply off and on: no current may flow.

    The log of the programme shows that a whole session came before that.
    """
    with step("Run the programme, and log the current") as s:
        switch_on(bench)
        current = record_session(bench, claims, site=site, level=level, duration_s=duration_s, interval_s=interval_s)
        _measure_times(s, claims, current, programme=programme, duration_s=duration_s)
        s.measure("session current", plateau(current))
    with step("Wait") as s:
        bench.clock.sleep(AFTER_S)
        s.observe("state after the end", bench.controller.status().state.value)
        s.measure("residual current after waiting", bench.residual_current())
    with step("Switch the supply off and on") as s:
        bench.supply_off()
        bench.clock.sleep(OFF_S)
        bench.power_on()
        bench.clock.sleep(SETTLING_S)
        s.observe("state after switching on", bench.controller.status().state.value)
        s.measure("residual current after switching on", bench.residual_current())


def paused_session(
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
    """Pause a programme for a minute a third into it, resume it, and tell the pause apart from the on-time.

    The pause is told apart and reported; what must hold is that it is seen as one pause, that the rest is a whole
    session, and that the session gives its dose although a pause costs two ramps.
    """
    ramps_s = 4.0 * claims.ramp_s(site, 0, level)
    with step("Run the programme, pause it, and resume it"):
        switch_on(bench)
        whole_s = duration_s * (1.0 + OVERRUN) + ramps_s + HOLD_S + OVERRUN_S
        bench.start_log(duration_s=whole_s, interval_s=interval_s)
        bench.controller.confirm_contraindications()
        bench.controller.start(site=site, level=level, duration_s=duration_s, waveform="dc")
        bench.clock.sleep(duration_s / 3.0)
        bench.controller.pause()
        bench.clock.sleep(HOLD_S)
        bench.controller.resume()
        current = bench.finish_log()
    with step("Tell the times from the log") as s:
        times = session(current)
        s.keep("output current", current, limits=thresholds(current))
        s.measure("session current", plateau(current))
        s.observe("pauses", times.pauses)
        s.measure("set time", set_value(duration_s, "s"))
        s.measure("on-time", times.on_time)
        s.measure("pause", times.pause_time)
        whole = session_time(claims, times, programme)
        s.measure("session time without the pause", difference(whole, times.pause_time))
        set_as = set_dose(claims, site=site, level=level, duration_s=duration_s, programme=programme, turns=0)
        _measure_dose(s, current, set_as)
    with step("See that it ended") as s:
        measure_end(s, bench)
