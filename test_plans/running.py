"""What every method does before it measures: connect, switch on, start, and wait until the current rests."""

import math
from collections.abc import Callable

from fixtures.bench import Bench
from harness.budget import magnitude, scaled
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step
from harness.waveform import Waveform

# After a ramp has ended by the claims: what a device may check before its ramp, and the settling of the bench.
SETTLING_S = 2.0
# With the supply off: long enough for a device to lose its memory of a fault.
OFF_S = 1.0
# Reference load of IEC 60601-2-10.
LOAD_OHM = 500.0
# For currents that are to be treated with; residual currents are read on 100 Ω.
SHUNT_OHM = 10.0
# Records last a whole number of these, so that samples divide evenly into periods of a pulse and into milliseconds.
RECORD_S = 6.25
# A record of single pulses: whole periods of some, with samples far closer together than they are.
PULSES_S = 2e-3
# Where the marker, which rises or falls by 5 V with a relay, counts as changed.
MARKER_V = 2.5
# What a record shows before the instant that matters.
BEFORE_S = 0.5


def whole_record_s(needed_s: float) -> float:
    """Return the shortest record of an even length that holds needed_s, in seconds."""
    return RECORD_S * max(1, math.ceil(needed_s / RECORD_S - 1e-9))


def switch_on(bench: Bench, *, load_ohm: float = LOAD_OHM, supply_v: float | None = None) -> None:
    """Connect a load, supply the device, and wait until its self-test is over."""
    bench.use_shunt(SHUNT_OHM)
    bench.connect(load_ohm=load_ohm)
    bench.power_on(supply_v=supply_v)


def session_s(claims: Claims) -> float:
    """Return how long a session lasts whose length does not matter, in seconds: the longest that is claimed."""
    longest_s: float = claims.get("programmes.hyperhidrosis.longest")
    return longest_s


def start(bench: Bench, claims: Claims, *, site: str, level: int, waveform: str = "dc") -> None:
    """Start a long session from zero, as its user does."""
    bench.controller.confirm_contraindications()
    start_unconfirmed(bench, claims, site=site, level=level, waveform=waveform)


def start_unconfirmed(bench: Bench, claims: Claims, *, site: str, level: int, waveform: str = "dc") -> None:
    """Ask for a long session from zero; whether there are contraindications is not confirmed here."""
    bench.controller.start(site=site, level=level, duration_s=session_s(claims), waveform=waveform)


def reach(s: Step, bench: Bench, claims: Claims, *, site: str, level: int, waveform: str = "dc") -> None:
    """Start a long session, wait until its ramp has ended and the current rests, and show that a current flows."""
    ramp_s = claims.ramp_s(site, 0, level)
    start(bench, claims, site=site, level=level, waveform=waveform)
    bench.clock.sleep(ramp_s + SETTLING_S)
    measure_session(s, bench)


def measure_session(s: Step, bench: Bench) -> None:
    """Hand over the magnitude of the current of a session, without which a case would prove nothing."""
    s.measure("session current", magnitude(bench.output_current()))


def stated_current(bench: Bench, claims: Claims, waveform: str) -> Reading:
    """Return the current that the maker's figures name, in amperes: the signed mean, or of pulses the peak."""
    if waveform == "pulsed" and claims.get("output.pulse.stated_as") == "peak":
        return bench.peak_current()
    return bench.output_current()


def stated_peak(claims: Claims, site: str, level: int) -> float:
    """Return the peak in amperes that the pulses of a level have by the claims."""
    current_a: float = claims.level_current(site, level)
    if claims.get("output.pulse.stated_as") == "peak":
        return current_a
    duty: float = claims.get("output.pulse.duty")
    return current_a / duty


def set_mean(claims: Claims, site: str, level: int, waveform: str = "dc") -> float:
    """Return the mean current in amperes that a level has by the claims, whichever of mean and peak they state."""
    current_a: float = claims.level_current(site, level)
    if waveform == "pulsed" and claims.get("output.pulse.stated_as") == "peak":
        duty: float = claims.get("output.pulse.duty")
        return current_a * duty
    return current_a


def restart(bench: Bench) -> None:
    """Switch the supply off and on again, so that the device knows nothing of what was before."""
    bench.supply_off()
    bench.use_shunt(SHUNT_OHM)
    bench.clock.sleep(OFF_S)
    bench.power_on()


def recorded(bench: Bench, duration_s: float, act: Callable[[], object]) -> Waveform:
    """Record the current by the oscilloscope, and do something half a second after the beginning."""
    shot = bench.shot(duration_s=duration_s, before_s=0.0, trigger="now")
    bench.clock.sleep(BEFORE_S)
    act()
    return shot.finish().current


def set_value(value: float, unit: str) -> Reading:
    """Return what was asked for as a reading; it is exact, and no evidence of anything."""
    return Reading(value, unit)


def density(current: Reading, area_m2: float) -> Reading:
    """Return a current over the skin that the water wets by the claims, in A/m²."""
    return scaled(current, 1.0 / area_m2, "A/m²")
