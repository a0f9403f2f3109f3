"""Programmes: how long each lasts, when it turns and how it ends, at every site, told from the output current.

The device's own clock is held against the bench's over the longest session that there is.
"""

from fixtures.bench import Bench
from harness.claims import Claims
from harness.steps import Steps
from test_plans.clocks import look, measure_clocks
from test_plans.running import reach, session_s, switch_on
from test_plans.session_timing import reversed_session

# What is left of the longest session when the clock is looked at last: it must not have ended by then.
LEFT = 0.05


def reversed_programme(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    programme: str,
    site: str,
    duration_s: float,
    level: int,
    waveform: str,
    interval_s: float,
) -> None:
    """Run a session as long as a programme may be, with a reversal, into 500 Ω, and tell its times from a log.

    On-time is from the first rise to the last fall through 5 % of the plateau. The reversal is at the middle of the
    time below 5 % between two polarities. Of pulses the meter sees the mean over whole periods of the mains.
    """
    reversed_session(
        bench,
        step,
        claims,
        programme=programme,
        site=site,
        duration_s=duration_s,
        level=level,
        interval_s=interval_s,
        waveform=waveform,
    )


def session_clock(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Start the longest session, and look at the device's counted time and at the bench's clock, early and late in it.

    Each look lies between asking and having the answer; by half of that the bench does not know when it was.
    """
    with step("Start the longest session, and look at both clocks") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level)
        first = look(bench, "first look")
    with step("Wait until shortly before its end, and look again") as s:
        bench.clock.sleep((1.0 - LEFT) * session_s(claims) - first.device_s)
        measure_clocks(s, first, look(bench, "last look"))
