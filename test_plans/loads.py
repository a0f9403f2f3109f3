"""Loads: what is set comes out into every load that the assured voltage reaches, and no more than is lawful into any.

The loads are what skin and water can be, from a short circuit to dry skin. Resistors tell the device's part from the
body's; the body networks show that capacitance and drift change nothing.
"""

from dataclasses import replace
from functools import partial

from fixtures.bench import Bench
from harness.budget import difference, magnitude, ratio
from harness.claims import Claims, Undeclared
from harness.reading import Reading
from harness.steps import Steps
from test_plans.alarms import open_proven, short_proven
from test_plans.analysis import least_between, peak_between
from test_plans.running import (
    BEFORE_S,
    LOAD_OHM,
    PULSES_S,
    SETTLING_S,
    SHUNT_OHM,
    reach,
    recorded,
    restart,
    set_value,
    start,
    stated_current,
    stated_peak,
    switch_on,
    whole_record_s,
)

# Between two samples of a log over minutes, and what is averaged for its smallest and its largest current.
LOG_S = 0.1
MEAN_S = 1.0
# What is put beside a load in a session before 500 Ω is.
BESIDE_OHM = 2e3
# The highest voltage is that of means over this time: -3 dB at 89 kHz, and a tenth of a pulse of 50 µs.
PEAK_S = 5e-6
# How long a short circuit at the start, and a step of the load, are looked at.
LOOK_S = 3.0
# By which factor a resistance must rise for its drift to have been there.
DRIFTED = 1.5


def boundary_level(claims: Claims, site: str, load_ohm: float, waveform: str = "dc") -> int:
    """Return the highest level of a site whose peak needs no more than the assured voltage into load and shunt.

    Raises:
        Undeclared: Not even the lowest level does.
    """
    assured_v: float = claims.get("output.assured_voltage")
    fitting = [
        level
        for level, current_a in enumerate(claims.levels(site), start=1)
        if (stated_peak(claims, site, level) if waveform == "pulsed" else current_a) * (load_ohm + SHUNT_OHM)
        <= assured_v
    ]
    if not fitting:
        raise Undeclared(f"sites.{site}.levels (one that needs no more than {assured_v:g} V into {load_ohm:g} Ω)")
    return max(fitting)


def resistance(bench: Bench) -> Reading:
    """Return the mean output voltage over the mean current, in ohms, shunt included."""
    return magnitude(ratio(bench.output_voltage(), bench.output_current(), "Ω"))


def prove_load(bench: Bench) -> None:
    """See by the oscilloscope that voltage and current are those of the load that is connected.

    Raises:
        InstrumentError: They are not.
    """
    bench.prove_load(bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now").finish())


def if_drifted(current: Reading, before: Reading, after: Reading) -> Reading:
    """Return a current with trouble if a resistance did not rise enough meanwhile for a drift to have been there."""
    rise = after.value / before.value
    trouble = "" if rise >= DRIFTED else f"the resistance rose {rise:.3g}-fold, and must rise {DRIFTED:g}-fold"
    return replace(current, trouble=current.trouble or trouble)


def boundary(bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str, load_ohm: float) -> None:
    """Set the highest level that needs no more than the assured voltage into a load, and read current and display.

    The level counts as set by the level table of the claims. Of pulses, mean or peak is held against it, whichever the
    claims name; a peak is the largest of means over 2 µs within 1 ms. The multimeter takes means over 0.2 s.
    """
    level = boundary_level(claims, site, load_ohm, waveform)
    with step("Connect the load, start, and wait for the ramp to end") as s:
        switch_on(bench, load_ohm=load_ohm)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Read") as s:
        s.measure("set current", set_value(claims.level_current(site, level), "A"))
        s.measure("delivered current", lambda: stated_current(bench, claims, waveform))
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered mean", lambda: magnitude(bench.output_current()))
        s.measure("mean output voltage", magnitude(bench.output_voltage()))
    with step("See that the load was there"):
        prove_load(bench)


def beyond(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, load_ohm: float) -> None:
    """Set a level into a load that needs more voltage than there is, and read current, display and output voltage.

    The highest output voltage is the largest of means over 5 µs (-3 dB at 89 kHz) within 2 ms by the oscilloscope. That
    voltage and current are those of the load is seen on the same record.
    """
    with step("Connect the load, start, and wait for the ramp to end") as s:
        switch_on(bench, load_ohm=load_ohm)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Read current and display") as s:
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered current", lambda: magnitude(bench.output_current()))
    with step("Look at the output voltage") as s:
        capture = bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now").finish()
        bench.prove_load(capture)
        top = peak_between(capture.output, 0.0, PULSES_S, label="highest voltage", mean_s=PEAK_S)
        s.measure("highest output voltage", top)
        s.keep("output voltage", capture.output)


def in_body(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str) -> None:
    """Set a level into a body network, and read the current, the display and the mean output voltage."""
    with step("Connect the body network, start, and wait for the ramp to end") as s:
        bench.connect(body=body)
        bench.power_on()
        reach(s, bench, claims, site=site, level=level)
    with step("Read") as s:
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered current", lambda: magnitude(bench.output_current()))
        s.measure("mean output voltage", magnitude(bench.output_voltage()))


def _log_drift(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str, lasting_s: float
) -> tuple[Reading, Reading]:
    """Log the current into a body network that drifts, and return the smallest and the largest of its means over 1 s.

    The resistance is read before and after: had it not risen, nothing would have been shown.
    """
    with step("Connect the body network, start, and wait for the ramp to end") as s:
        bench.connect(body=body)
        bench.power_on()
        reach(s, bench, claims, site=site, level=level)
        before = resistance(bench)
        s.measure("resistance at the beginning", before)
    with step("Log the current while the resistance drifts") as s:
        bench.start_log(duration_s=lasting_s, interval_s=LOG_S)
        current = bench.finish_log()
        after = resistance(bench)
        s.measure("resistance at the end", after)
        s.measure("output voltage at the end", magnitude(bench.output_voltage()))
        s.keep("output current", current)
    least = least_between(current, 0.0, lasting_s, label="smallest current", mean_s=MEAN_S)
    most = peak_between(current, 0.0, lasting_s, label="largest current", mean_s=MEAN_S)
    return if_drifted(least, before, after), if_drifted(most, before, after)


def drift(
    bench: Bench, step: Steps, claims: Claims, *, site: str, body: str, ends_at_ohm: float, lasting_s: float
) -> None:
    """Set the highest level that the assured voltage drives to the end of a drift, and log the current on the way.

    The smallest and the largest of means over 1 s count. The resistance is read before and after: had it not risen,
    nothing would have been shown. What the display says at the end is held against what flows then.
    """
    level = boundary_level(claims, site, ends_at_ohm)
    least, most = _log_drift(bench, step, claims, site=site, level=level, body=body, lasting_s=lasting_s)
    with step("Tell the current of the log, and read current and display") as s:
        s.measure("set current", set_value(claims.level_current(site, level), "A"))
        s.measure("smallest current", least)
        s.measure("largest current", most)
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered current", lambda: magnitude(bench.output_current()))


def drift_beyond(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, body: str, lasting_s: float
) -> None:
    """Set a level that the drift takes beyond the compliance voltage, log the current, and read it all at the end.

    The largest of means over 1 s counts, and the resistance before and after.
    """
    _, most = _log_drift(bench, step, claims, site=site, level=level, body=body, lasting_s=lasting_s)
    with step("Tell the current of the log, and read current and display") as s:
        s.measure("largest current", most)
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered current", lambda: magnitude(bench.output_current()))


def regulation(bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str, load_ohm: float) -> None:
    """In one session, put 2 kΩ and then 500 Ω beside the load that was there, and read by which part the mean changes.

    The level is the highest that the assured voltage drives into the first load alone.
    """
    level = boundary_level(claims, site, load_ohm, waveform)
    with step("Start into the highest load") as s:
        switch_on(bench, load_ohm=load_ohm)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
        alone = bench.output_current()
        s.measure("current into the highest load", magnitude(alone))
    with step("Put 2 kΩ beside it") as s:
        bench.add_load(BESIDE_OHM)
        bench.clock.sleep(SETTLING_S)
        prove_load(bench)
        moved = difference(bench.output_current(), alone)
        s.measure("change of the current, lower load", magnitude(ratio(moved, alone, "1")))
    with step("Put 500 Ω beside both") as s:
        bench.add_load(LOAD_OHM)
        bench.clock.sleep(SETTLING_S)
        prove_load(bench)
        moved = difference(bench.output_current(), alone)
        s.measure("change of the current, lowest load", magnitude(ratio(moved, alone, "1")))


def load_step(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, load_ohm: float
) -> None:
    """In a session into a high load, put 500 Ω beside it, and record the current.

    The largest of means over 1 ms (-3 dB at 443 Hz) counts. That the load fell is seen by the oscilloscope afterwards.
    """
    with step("Start into the high load") as s:
        switch_on(bench, load_ohm=load_ohm)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
        s.measure("output voltage before", magnitude(bench.output_voltage()))
    with step("Put 500 Ω beside it, and record") as s:
        current = recorded(bench, whole_record_s(LOOK_S), lambda: bench.add_load(LOAD_OHM))
        peak = peak_between(current, 0.0, LOOK_S, label="largest current")
        s.measure("largest current", peak)
        s.keep("output current", current)
    with step("Read current and display") as s:
        prove_load(bench)
        s.measure("output voltage after", magnitude(bench.output_voltage()))
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered current", lambda: magnitude(bench.output_current()))


def shorted_start(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, load_ohm: float
) -> None:
    """Ask for a start into next to no resistance, and record the current for as long as a ramp takes.

    The largest of means over 1 ms (-3 dB at 443 Hz) counts, whether the device begins a session or not. Afterwards it
    is switched off and on, and a session into 500 Ω shows that nothing was damaged.
    """
    lasting_s = claims.ramp_s(site, 0, level) + SETTLING_S
    with step("Connect the short circuit, and ask for a start") as s:
        switch_on(bench, load_ohm=load_ohm)
        asking = partial(start, bench, claims, site=site, level=level, waveform=waveform)
        current = recorded(bench, whole_record_s(BEFORE_S + lasting_s), lambda: bench.refuses(asking))
        s.measure("largest current", peak_between(current, 0.0, BEFORE_S + lasting_s, label="largest current"))
        s.keep("output current", current)
    with step("See what still flows") as s:
        s.measure("current afterwards", bench.residual_current())
    with step("Connect 500 Ω, switch off and on, and start") as s:
        bench.connect(load_ohm=LOAD_OHM)
        restart(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Read") as s:
        s.measure("set current", set_value(claims.level_current(site, level), "A"))
        s.measure("delivered current", lambda: stated_current(bench, claims, waveform))


def open_and_short(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, open_s: float, short_s: float
) -> None:
    """In a session at a level, leave the electrode open for minutes, then short the output of a new session.

    Whatever the device does about both, a session after switching it off and on delivers what one did before. That the
    electrode was open and the output shorted is seen by the oscilloscope.
    """
    with step("Start, and read") as s:
        switch_on(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
        s.measure("current before", bench.output_current())
    with step("Leave the electrode open"):
        open_proven(bench)
        bench.clock.sleep(open_s)
        bench.close_electrode()
    with step("Switch off and on, start anew, and short the output") as s:
        restart(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
        short_proven(bench)
        bench.clock.sleep(short_s)
        bench.unshort_output()
    with step("Switch off and on, start, and read") as s:
        restart(bench)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
        s.measure("current afterwards", bench.output_current)
