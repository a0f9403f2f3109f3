"""Supply: from its lowest to its highest voltage the output is right, and beyond either end there is none.

The device is fed by the bench's supply on its d.c. side, and by the maker's adapter where the bench has a mains side.
"""

from dataclasses import replace

from fixtures.bench import Bench
from harness.budget import difference, expanded, magnitude, ratio
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from test_plans.analysis import largest_rise, least_between, level_between, peak_between
from test_plans.cutoff import below_for, cutoff, record_s, rise
from test_plans.injection import (
    Found,
    Setting,
    keep_slowest,
    measure_cutoff,
    measure_latched,
    phases,
    session_for,
)
from test_plans.loads import boundary_level, prove_load
from test_plans.mains import if_mains, part_of, percent_of
from test_plans.pulses import Pulses, pulses
from test_plans.quiet import logged_quietly
from test_plans.running import (
    BEFORE_S,
    LOAD_OHM,
    OFF_S,
    PULSES_S,
    SETTLING_S,
    SHUNT_OHM,
    reach,
    restart,
    set_value,
    start_unconfirmed,
    stated_current,
    switch_on,
    whole_record_s,
)
from test_plans.states import Place, enter
from test_plans.supplies import move_supply

# So long a device may take before it is asked again whether it gives anything; longer than a boot.
BOOT_S = 5.0
# What setting a supply again and again takes besides.
SLOW_S = 5.0
# By which part the supply may be off before a result is one of something else.
FED = 0.03
# So long a device that says nothing is waited for, commands and what they are sent again included.
SILENCE_S = 10.0
# How long a dip is looked at after its end.
AFTER_DIP_S = 1.0


def at_supply(
    bench: Bench, step: Steps, claims: Claims, *, site: str, waveform: str, supply_v: float, load_ohm: float
) -> None:
    """Set the highest level that needs no more than the assured voltage into a load, at one supply voltage, and read.

    Of pulses, mean or peak is held against the level table of the claims, whichever they name; a peak is the largest of
    means over 2 µs within 1 ms. The multimeter takes means over 0.2 s.
    """
    level = boundary_level(claims, site, load_ohm, waveform)
    with step("Connect the load and the supply, start, and wait for the ramp to end") as s:
        switch_on(bench, load_ohm=load_ohm, supply_v=supply_v)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Read") as s:
        s.measure("set current", set_value(claims.level_current(site, level), "A"))
        s.measure("delivered current", lambda: stated_current(bench, claims, waveform))
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered mean", lambda: magnitude(bench.output_current()))
    with step("See that the load was there"):
        prove_load(bench)


def pulse_regulation(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, change: float) -> None:
    """In a pulsed session into 500 Ω, move the supply down and up by a part, and read by how much the pulses change.

    Amplitude, duration and period are those of IEEE Std 181, from point samples of the oscilloscope over 2 ms.
    """
    nominal_v = claims.get("supply.nominal")
    with step("Start at the nominal supply, and record some pulses") as s:
        switch_on(bench, supply_v=nominal_v)
        reach(s, bench, claims, site=site, level=level, waveform="pulsed")
        nominal = _train(bench)
        s.measure("peak current at the nominal supply", nominal.peak)
    for name, supply_v in (("low", nominal_v * (1.0 - change)), ("high", nominal_v * (1.0 + change))):
        with step(f"Set the supply {name}, and record some pulses") as s:
            bench.set_supply(supply_v)
            bench.clock.sleep(SETTLING_S)
            train = _train(bench)
            s.measure(f"change of the amplitude, supply {name}", _change(train.peak, nominal.peak))
            s.measure(f"change of the duration, supply {name}", _change(train.width, nominal.width))
            s.measure(f"change of the period, supply {name}", _change(train.period, nominal.period))


def _train(bench: Bench) -> Pulses:
    return pulses(bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now", averaging=False).finish().current)


def _change(now: Reading, before: Reading) -> Reading:
    return magnitude(ratio(difference(now, before), before, "1"))


def by_adapter(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, mains: int, load_ohm: float
) -> None:
    """Feed the device by the maker's adapter at so many per cent of its highest rated mains, set a level, and read.

    The mains are read at the adapter; results of other mains than those asked for count for nothing.
    """
    highest_v = claims.get("supply.adapter.mains_high")
    setting = Setting(site, level, waveform)
    _on_mains(bench, step, claims, setting, tap=mains, wanted_v=part_of(mains, highest_v), load_ohm=load_ohm)


def by_adapter_at_lowest(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, mains: int, load_ohm: float
) -> None:
    """Feed the device by the maker's adapter at so many per cent of its lowest rated mains, set a level, and read.

    The transformer needs a tap for that, whose name is in per cent of the highest rated mains.
    """
    wanted_v = part_of(mains, claims.get("supply.adapter.mains_low"))
    tap = percent_of(wanted_v, claims.get("supply.adapter.mains_high"))
    setting = Setting(site, level, waveform)
    _on_mains(bench, step, claims, setting, tap=tap, wanted_v=wanted_v, load_ohm=load_ohm)


def _on_mains(
    bench: Bench, step: Steps, claims: Claims, setting: Setting, *, tap: int, wanted_v: float, load_ohm: float
) -> None:
    site, level, waveform = setting.site, setting.level, setting.waveform
    with step("Connect the load and the adapter"):
        bench.use_shunt(SHUNT_OHM)
        bench.connect(load_ohm=load_ohm)
        bench.feed_by_adapter(tap)
    with step("Start, and wait for the ramp to end") as s:
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Read") as s:
        voltage = bench.mains_voltage()
        s.measure("mains voltage", voltage)
        s.measure("set current", set_value(claims.level_current(site, level), "A"))
        s.measure("delivered current", lambda: if_mains(stated_current(bench, claims, waveform), voltage, wanted_v))
        s.measure("displayed current", bench.controller.displayed_current())
        s.measure("delivered mean", lambda: if_mains(magnitude(bench.output_current()), voltage, wanted_v))
    with step("Stop, and read what still flows") as s:
        bench.controller.stop()
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        s.measure("residual current", if_mains(bench.residual_current(), voltage, wanted_v))


def over_voltage(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, spread_s: float) -> None:
    """Raise the supply in a session to the voltage from which there must be no output, as a wrong adapter would.

    The condition begins when the supply exceeds its claimed maximum, told by the oscilloscope from means over 1 ms.
    """
    threshold_a = claims.get("faults.supply_over_voltage.threshold")
    maximum_v, over_v = claims.get("supply.maximum"), claims.get("supply.over_voltage")
    duration_s = whole_record_s(BEFORE_S + record_s(claims.get("faults.supply_over_voltage.cutoff")))
    setting = Setting(site, level)
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: raise the supply") as s:
            session_for(s, bench, claims, setting, first=number == 1)
            shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="supply", level=maximum_v)
            bench.clock.sleep(BEFORE_S + delay_s)
            bench.set_supply(over_v)
            capture = shot.finish()
            began = rise(capture.supply, maximum_v)
            found.append(Found(cutoff(capture.current, began, threshold_a), capture.current, began))
            measure_cutoff(s, found[-1])
        with step(f"Repeat {number}: lower it again, and see that the output stays off") as s:
            bench.set_supply(claims.get("supply.nominal"))
            measure_latched(s, bench, claims, setting, fault="supply_over_voltage")
    keep_slowest(step, found)


def wrong_supply_at_start(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, supply_v: float) -> None:
    """Switch the device on with a supply at which there must be no output, ask for a start, and read what flows.

    Whether the device refuses the start, is silent or says a fault does not matter; the current does. Then it is fed as
    it should be, and a session shows that the circuit was there.
    """
    with step("Feed it wrongly, and ask for a start") as s:
        _ask_at(s, bench, claims, site=site, level=level, supply_v=supply_v)
    with step("Feed it rightly, and start") as s:
        restart(bench)
        reach(s, bench, claims, site=site, level=level)


def _ask_at(s: Step, bench: Bench, claims: Claims, *, site: str, level: int, supply_v: float) -> None:
    """Switch the device on at a supply voltage, ask for a start whatever it says, and log and read what flows.

    The log is on the 100 Ω shunt, from before the supply comes until a ramp would have ended.
    """
    wait_s = claims.ramp_s(site, 0, level) + SETTLING_S

    def ask() -> None:
        bench.feed(supply_v=supply_v)
        bench.clock.sleep(BOOT_S)
        # If it takes the confirmation or not does not matter: it is the start that must give nothing.
        bench.heard(lambda: bench.refuses(bench.controller.confirm_contraindications))
        bench.heard(lambda: bench.refuses(lambda: start_unconfirmed(bench, claims, site=site, level=level)))
        bench.clock.sleep(wait_s)

    bench.connect(load_ohm=LOAD_OHM)
    most, current = logged_quietly(bench, BOOT_S + wait_s + SILENCE_S, ask, label="largest current")
    seen = bench.shot(duration_s=PULSES_S, before_s=0.0, trigger="now").finish().supply
    voltage = level_between(seen, 0.0, PULSES_S, label="supply voltage")
    s.measure("supply voltage", voltage)
    s.measure("largest current", if_fed(most, voltage, supply_v))
    s.keep("output current", current)
    s.measure("residual current", if_fed(bench.residual_current(), voltage, supply_v))


def if_fed(current: Reading, voltage: Reading, supply_v: float) -> Reading:
    """Return a current with trouble if the supply was not what was asked for, in volts, to 3 % and the reading's U."""
    off = not abs(voltage.value - supply_v) <= FED * supply_v + expanded(voltage).U
    trouble = (
        f"the supply was {voltage.value:.4g} V, and must be {supply_v:.4g} V to {FED:.0%} and its U" if off else ""
    )
    return replace(current, trouble=current.trouble or voltage.trouble or trouble)


def over_voltage_at_start(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int) -> None:
    """Switch the device on at the supply voltage from which there must be no output, ask for a start, and read."""
    wrong_supply_at_start(bench, step, claims, site=site, level=level, supply_v=claims.get("supply.over_voltage"))


def low_battery(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, below: float) -> None:
    """Start with a supply a little below where starts are blocked, and then work a little below where it warns.

    That it warns is told from the alarm that is given; that a running session goes on is told from its current.
    """
    block_v, warn_v = claims.get("supply.battery.block"), claims.get("supply.battery.warn")
    with step("Feed it below the blocking voltage, and ask for a start") as s:
        _ask_at(s, bench, claims, site=site, level=level, supply_v=block_v * (1.0 - below))
    with step("Start at the nominal voltage, and lower it below the warning voltage") as s:
        restart(bench)
        reach(s, bench, claims, site=site, level=level)
        bench.set_supply(warn_v * (1.0 - below))
        bench.clock.sleep(SETTLING_S)
        s.measure("set current", set_value(claims.level_current(site, level), "A"))
        s.measure("delivered current", bench.output_current)
        s.observe("alarm below the warning voltage", bench.controller.alarm().priority.value)


def dip(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, waveform: str, dip: float, lasting_s: float
) -> None:
    """Lower the supply's d.c. voltage in a session for a short time, and record what the current does.

    The largest of means over 1 ms (-3 dB at 443 Hz) counts, and the largest rise of them within 10 ms: a device that
    rides the dip out does not move, one that switches off must not come back with a step. For how long the supply was
    below its claimed minimum, and how far it fell, is told from the same record; a bench's supply is slower than what
    is asked for. What flows afterwards is held against the display, whatever the device made of the dip.
    """
    nominal_v, minimum_v = claims.get("supply.nominal"), claims.get("supply.minimum")
    duration_s = whole_record_s(BEFORE_S + lasting_s + claims.ramp_s(site, 0, level) + AFTER_DIP_S)
    with step("Start, and wait for the ramp to end") as s:
        switch_on(bench, supply_v=nominal_v)
        reach(s, bench, claims, site=site, level=level, waveform=waveform)
    with step("Lower the supply, and raise it again") as s:
        shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="supply", level=minimum_v, rising=False)
        bench.clock.sleep(BEFORE_S)
        bench.set_supply(dip * nominal_v)
        bench.clock.sleep(lasting_s)
        bench.set_supply(nominal_v)
        capture = shot.finish()
        s.measure("supply below its minimum for", below_for(capture.supply, minimum_v))
        s.measure(
            "lowest supply voltage", least_between(capture.supply, 0.0, duration_s, label="lowest supply voltage")
        )
        current = capture.current
        s.measure("peak", peak_between(current, 0.0, duration_s, label="peak"))
        s.measure("largest rise", largest_rise(current, after_s=0.0, label="largest rise after the dip"))
        s.keep("output current", current)
        s.keep("supply voltage", capture.supply)
    with step("See what flows afterwards") as s:
        afterwards = magnitude(bench.output_current())
        s.measure("displayed current afterwards", bench.controller.displayed_current())
        s.measure("current afterwards", afterwards)
        s.measure("current afterwards against the display", afterwards)


def interruption(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, state: str, lasting_s: float
) -> None:
    """Interrupt the supply in some state of a session, restore it, and see that nothing of the session is left.

    Nothing may flow, the state is ready at level zero, and a start needs a new confirmation, whether or not one was
    given right before the interruption. With a new one a session can be had. The current is logged on the 100 Ω shunt
    from before the supply comes back until the device is ready; the largest of means over 20 ms counts, and the
    multimeter looks for less than half of that.
    """
    with step("Bring the device into the state") as s:
        enter(s, Place(bench, claims, site, level), state)
        bench.refuses(bench.controller.confirm_contraindications)

    def come_back() -> None:
        bench.power_on()
        bench.clock.sleep(SETTLING_S)

    with step("Interrupt the supply, restore it, and log the current") as s:
        bench.supply_off()
        bench.clock.sleep(lasting_s)
        most, current = logged_quietly(bench, BOOT_S + SETTLING_S, come_back, label="while it comes back")
        s.measure("largest current while it comes back", most)
        s.keep("output current", current)
        s.measure("residual current", bench.residual_current())
        status = bench.controller.status()
        s.observe("state after", status.state.value)
        s.observe("level after", status.level)
    with step("Ask for a start without a new confirmation, and then with one") as s:
        refused = bench.refuses(lambda: start_unconfirmed(bench, claims, site=site, level=level))
        s.observe("a start without a new confirmation is refused", refused)
        bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
        s.measure("residual current after asking", bench.residual_current())
        restart(bench)
        reach(s, bench, claims, site=site, level=level)


def slow_rise(bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, within_s: float) -> None:
    """Raise the supply from nothing to its nominal voltage slowly, and log the current on the 100 Ω shunt.

    A reset that comes and goes on the way must not let anything out. The largest of means over 20 ms counts; the
    multimeter looks for less than half of that. A session afterwards shows that device and circuit were there.
    """
    nominal_v = claims.get("supply.nominal")

    def rising() -> None:
        move_supply(bench, 0.0, nominal_v, lasting_s=within_s)
        bench.clock.sleep(SETTLING_S)

    with step("Connect 500 Ω, and set the supply to nothing"):
        bench.connect(load_ohm=LOAD_OHM)
        bench.feed(supply_v=0.0)
        bench.clock.sleep(OFF_S)
    with step("Raise the supply in small steps, and log the current") as s:
        most, current = logged_quietly(bench, within_s + SETTLING_S + SLOW_S, rising, label="while the supply rises")
        s.measure("largest current", most)
        s.keep("output current", current)
    with step("Wait until the device is ready, and start") as s:
        bench.use_shunt(SHUNT_OHM)
        restart(bench)
        reach(s, bench, claims, site=site, level=level)
