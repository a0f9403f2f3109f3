"""Fault cutoffs: what the output does when something breaks, told from the output and not from what the device says.

A fault begins with the electrical condition at the device's terminals. Ten repeats begin at ten instants of a period of
the device, and each of them is judged.
"""

from fixtures.bench import Bench
from fixtures.conditions import prove_open
from harness.claims import Claims
from harness.steps import Steps
from test_plans.analysis import largest_step, peak_between
from test_plans.cutoff import (
    appearance,
    between,
    collapse,
    cutoff,
    fall,
    host_instant,
    record_s,
    rise,
    voltage_collapse,
)
from test_plans.injection import (
    OVER_CURRENT_RECORD_S,
    RECONNECT_S,
    REPEATS,
    Found,
    Opening,
    Setting,
    keep_slowest,
    measure_after,
    measure_cutoff,
    measure_latched,
    measure_reported,
    measure_times,
    open_and_close,
    phases,
    relays_s,
    repeat_commanded,
    repeat_shorted,
    session_for,
    switch_on_afresh,
)
from test_plans.running import BEFORE_S, MARKER_V, SETTLING_S, restart, start, start_unconfirmed, whole_record_s

# After closing a circuit again: what a person would feel comes within this time.
CONTACT_S = 0.2
# A look at a steady session.
LOOK_S = 20e-3


def open_electrode(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, spread_s: float
) -> None:
    """Open the electrode in a session, and record how the output voltage collapses.

    An open electrode has no current by physics, which proves nothing. The condition begins when the current collapses;
    the output is off when its voltage is last above a tenth of what it rose to.
    """
    lawful_s = claims.get("faults.open_electrode.cutoff")
    duration_s = whole_record_s(BEFORE_S + record_s(lawful_s))
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: open the electrode") as s:
            session_for(s, bench, claims, Setting(site, level, waveform), first=number == 1)
            shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="marker", level=MARKER_V)
            bench.clock.sleep(BEFORE_S + delay_s)
            bench.open_electrode()
            capture = shot.finish()
            bench.prove_load(capture)
            prove_open(capture)
            began = collapse(capture.current)
            found.append(Found(voltage_collapse(capture.output, began), capture.output, began))
            measure_times(s, found[-1])
        with step(f"Repeat {number}: close it, and see that the output stays off") as s:
            bench.close_electrode()
            measure_reported(s, bench)
    keep_slowest(step, found)


def reconnection(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, share: float, spread_s: float, off_by: float
) -> None:
    """Open the electrode, close it again after a share of the claimed detection time, and record the current.

    The largest current, as means over 1 ms, in the half second after the contact is what a person would feel. How long
    the circuit was really open is told from the same record.
    """
    detection_s = claims.get("faults.open_electrode.detection")
    with step("See how long the relays take"):
        opening = Opening(share * detection_s, off_by * detection_s, relays_s(bench))
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: open, and close again") as s:
            session_for(s, bench, claims, Setting(site, level), first=number == 1)
            current, closed_s = open_and_close(s, bench, opening, delay_s=delay_s)
            peak = peak_between(current, closed_s, closed_s + RECONNECT_S, label="reconnecting")
            s.measure("current on reconnecting", peak)


def re_immersion(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, spread_s: float, off_by: float
) -> None:
    """Take a limb out, put it back long after that was detected, and let the user go on.

    On putting it back no current may come by itself; when the user goes on, it comes from zero along its ramp.
    """
    detection_s = claims.get("faults.open_electrode.detection")
    with step("See how long the relays take"):
        opening = Opening(2.0 * detection_s, off_by * detection_s, relays_s(bench))
    ramp_s = claims.ramp_s(site, 0, level)
    steps = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: take the limb out, and put it back") as s:
            session_for(s, bench, claims, Setting(site, level), first=number == 1)
            back, closed_s = open_and_close(s, bench, opening, delay_s=delay_s)
            peak = peak_between(back, closed_s, closed_s + CONTACT_S, label="putting it back")
            s.measure("current on putting it back", peak)
        with step(f"Repeat {number}: go on") as s:
            shot = bench.shot(duration_s=whole_record_s(ramp_s + SETTLING_S), before_s=0.0, trigger="now")
            s.observe("going on is refused", bench.refuses(bench.controller.resume))
            current = shot.finish().current
            steps.append((largest_step(current, label="largest step on going on"), current))
            s.measure("current in the first 0.2 s", peak_between(current, 0.0, CONTACT_S, label="first 0.2 s"))
            s.measure("largest step on going on", steps[-1][0])
    with step("Keep the repeat with the largest step") as s:
        s.keep("output current", max(steps, key=lambda one: one[0].value)[1])


def short(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, spread_s: float) -> None:
    """Short the output in a session; the condition begins when the output voltage collapses."""
    setting = Setting(site, level, waveform)
    repeat_shorted(step, bench, claims, setting, fault="short", title="short the output", spread_s=spread_s)


def over_current(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, spread_s: float) -> None:
    """Drive the output stage past its limiter in service mode; the condition begins above the claimed trip current.

    It is over within less than a millisecond, so the record is short and its beginning is told from single samples.
    """
    threshold_a, trip_a = claims.get("faults.over_current.threshold"), claims.get("output.trip")
    lawful_s = claims.get("faults.over_current.cutoff")
    duration_s = max(OVER_CURRENT_RECORD_S, BEFORE_S + record_s(lawful_s))
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: drive the output stage to its full scale") as s:
            session_for(s, bench, claims, Setting(site, level), first=number == 1)
            bench.clock.sleep(delay_s)
            shot = bench.shot(duration_s=duration_s, before_s=0.0, trigger="now")
            bench.clock.sleep(BEFORE_S)
            bench.controller.provoke("over-current")
            current = shot.finish().current
            began = rise(current, trip_a, mean_s=0.0)
            found.append(Found(cutoff(current, began, threshold_a, mean_s=0.0), current, began))
            measure_cutoff(s, found[-1])
        with step(f"Repeat {number}: see that the output stays off") as s:
            measure_latched(s, bench, claims, Setting(site, level), fault="over_current")
    keep_slowest(step, found)


def _prove_load(bench: Bench, claims: Claims, *, site: str, level: int) -> None:
    """Look at a steady session by the oscilloscope, if the device starts one."""
    if not bench.refuses(lambda: start(bench, claims, site=site, level=level)):
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        bench.prove_load(bench.shot(duration_s=LOOK_S, before_s=0.0, trigger="now").finish())


def too_dry_at_start(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, spread_s: float) -> None:
    """Start into an open circuit, which is as dry as skin can be, and see that the device locks its output.

    The output voltage may rise to the compliance voltage and must be gone in time after the command. The detection is
    from the first output voltage, at a tenth of the highest, to its first fall: a device to which no voltage came
    was not tested. Then the circuit is closed, and no current may come.
    """
    duration_s = whole_record_s(BEFORE_S + record_s(claims.get("faults.over_voltage.cutoff")))
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: open the electrode, and start") as s:
            switch_on_afresh(bench, first=number == 1)
            bench.open_electrode()
            bench.clock.sleep(delay_s)
            bench.controller.confirm_contraindications()
            earlier = bench.now("before the record")
            shot = bench.shot(duration_s=duration_s, before_s=0.0, trigger="now")
            zero = between(earlier, bench.now("after the record began"), "beginning of the record")
            bench.clock.sleep(BEFORE_S)
            instant = bench.now("before the start")
            start_unconfirmed(bench, claims, site=site, level=level)
            output = shot.finish().output
            began = host_instant(output, instant, zero)
            found.append(Found(voltage_collapse(output, began), output, began))
            s.measure("detection", voltage_collapse(output, appearance(output)).detection)
            s.measure("cutoff", found[-1].cutoff.cutoff)
            s.measure("peak voltage", found[-1].cutoff.peak)
            s.measure("open-circuit voltage, IEC 60601-2-10", found[-1].cutoff.peak)
        with step(f"Repeat {number}: close the electrode, and see that the output stays off") as s:
            bench.close_electrode()
            measure_latched(s, bench, claims, Setting(site, level), fault="over_voltage")
    keep_slowest(step, found)
    with step("See that the oscilloscope shows the voltage of a known load"):
        restart(bench)
        _prove_load(bench, claims, site=site, level=level)


def supply_dip(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, dip: float, lasting_s: float, spread_s: float
) -> None:
    """Lower the supply in a session and raise it again; the condition begins below the claimed minimum supply."""
    threshold_a, minimum_v = claims.get("faults.supply_dip.threshold"), claims.get("supply.minimum")
    nominal_v = claims.get("supply.nominal")
    duration_s = whole_record_s(BEFORE_S + lasting_s + record_s(claims.get("faults.supply_dip.cutoff")))
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: lower the supply, and raise it again") as s:
            session_for(s, bench, claims, Setting(site, level), first=number == 1)
            shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="supply", level=minimum_v, rising=False)
            bench.clock.sleep(BEFORE_S + delay_s)
            bench.set_supply(dip * nominal_v)
            bench.clock.sleep(lasting_s)
            bench.set_supply(nominal_v)
            capture = shot.finish()
            began = fall(capture.supply, minimum_v)
            found.append(Found(cutoff(capture.current, began, threshold_a), capture.current, began))
            measure_cutoff(s, found[-1])
        with step(f"Repeat {number}: see that the output stays off") as s:
            measure_latched(s, bench, claims, Setting(site, level), fault="supply_dip")
    keep_slowest(step, found)


def supply_interruption(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, lasting_s: float, spread_s: float
) -> None:
    """Switch the supply off in a session, and on again: the output stays off, at zero, until the user acts."""
    threshold_a, minimum_v = claims.get("faults.supply_interruption.threshold"), claims.get("supply.minimum")
    duration_s = whole_record_s(BEFORE_S + record_s(claims.get("faults.supply_interruption.cutoff")))
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: switch the supply off") as s:
            session_for(s, bench, claims, Setting(site, level), first=number == 1)
            shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="supply", level=minimum_v, rising=False)
            bench.clock.sleep(BEFORE_S + delay_s)
            bench.supply_off()
            capture = shot.finish()
            began = fall(capture.supply, minimum_v)
            found.append(Found(cutoff(capture.current, began, threshold_a), capture.current, began))
            measure_cutoff(s, found[-1])
        with step(f"Repeat {number}: switch it on, and see that the output stays off") as s:
            bench.clock.sleep(lasting_s)
            bench.power_on()
            measure_after(s, bench)
            status = bench.controller.status()
            s.observe("state after", status.state.value)
            s.observe("level after", status.level)
    keep_slowest(step, found)


def serial_loss(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, spread_s: float) -> None:
    """Ask the device to watch its serial line, and then say nothing more; the condition begins with the last byte.

    The host's clock tells when that was, to some ten milliseconds: the scope's zero is known only between two looks at
    that clock, and U of the times says so.
    """
    timeout_s = claims.get("faults.serial_loss.timeout")

    def fall_silent() -> None:
        bench.controller.supervise(timeout_s)

    repeat_commanded(
        step,
        bench,
        claims,
        Setting(site, level),
        fall_silent,
        fault="serial_loss",
        title="fall silent",
        spread_s=spread_s,
        stepless=True,
    )


def short_silence(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, share: float) -> None:
    """Ask the device to watch its serial line, and be silent for a part of the claimed time: the session must go on."""
    timeout_s = claims.get("faults.serial_loss.timeout")
    for number in range(1, REPEATS + 1):
        with step(f"Repeat {number}: start, and ask the device to watch its line") as s:
            session_for(s, bench, claims, Setting(site, level), first=number == 1)
            s.measure("current before", bench.output_current())
            bench.controller.supervise(timeout_s)
        with step(f"Repeat {number}: be silent for a part of the claimed time, and look") as s:
            bench.clock.sleep(share * timeout_s)
            s.observe("state after the silence", bench.controller.status().state.value)
            s.measure("current after", bench.output_current())


def emergency_stop(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, spread_s: float
) -> None:
    """Stop a session at once; the condition begins with the command.

    The host's clock tells when that was, to some ten milliseconds: the scope's zero is known only between two looks at
    that clock, and U of the times says so. Where a claim is so tight that this decides, close the marker's relay right
    before the command, and let its edge on the scope be zero of time.
    """
    setting, command = Setting(site, level, waveform), bench.controller.emergency_stop
    title = "emergency stop"
    repeat_commanded(step, bench, claims, setting, command, fault="emergency_stop", title=title, spread_s=spread_s)


def user_stop(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, spread_s: float
) -> None:
    """Stop a session as its user does; it must end in time, and so slowly that the end is not felt.

    The slope is the largest change of means over 1 ms within 10 ms. The condition begins with the command, of which the
    host's clock tells the instant to some ten milliseconds; U of the times says so.
    """
    repeat_commanded(
        step,
        bench,
        claims,
        Setting(site, level, waveform),
        bench.controller.stop,
        fault="user_stop",
        title="stop",
        spread_s=spread_s,
        latches=False,
        stepless=True,
    )


def firmware_hang(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, spread_s: float) -> None:
    """Stop the firmware in service mode; the condition begins with the command.

    The host's clock tells when that was, to some ten milliseconds: the scope's zero is known only between two looks at
    that clock, and U of the times says so. Where a claim is so tight that this decides, close the marker's relay right
    before the command, and let its edge on the scope be zero of time.
    """

    def hang() -> None:
        bench.controller.provoke("hang")

    setting = Setting(site, level)
    title = "stop the firmware"
    repeat_commanded(step, bench, claims, setting, hang, fault="firmware_hang", title=title, spread_s=spread_s)
