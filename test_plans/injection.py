"""One repeat of a fault: a session on its plateau, a record around the fault, and what is told from it.

The ten repeats of a fault begin at ten instants of a period of the device, so that the slowest of them is near the
slowest that there is.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from fixtures.bench import Bench
from fixtures.conditions import prove_short
from harness.budget import difference, expanded
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from harness.waveform import Waveform
from test_plans.analysis import largest_step
from test_plans.cutoff import Cutoff, between, collapse, cutoff, fall, host_instant, record_s, rise
from test_plans.running import (
    BEFORE_S,
    LOAD_OHM,
    MARKER_V,
    SETTLING_S,
    reach,
    restart,
    start_unconfirmed,
    switch_on,
    whole_record_s,
)

REPEATS = 10
# How long the current is looked at after a circuit was closed again.
RECONNECT_S = 0.5
# By how much the relays of electrode and marker may be apart at most.
SKEW_S = 2e-3
# An over-current ends within less than a millisecond, so that its samples must be short, and so its record.
OVER_CURRENT_RECORD_S = 3.125


@dataclass(frozen=True, slots=True)
class Setting:
    """What the session of a repeat is like."""

    site: str
    level: int
    waveform: str = "dc"


@dataclass(frozen=True, slots=True)
class Found:
    """What one repeat showed: the numbers, the waveform that they are from, and when the condition began on it."""

    cutoff: Cutoff
    waveform: Waveform
    began: Reading


def phases(spread_s: float) -> Iterator[float]:
    """Yield ten delays in seconds, evenly over spread_s."""
    for number in range(REPEATS):
        yield number * spread_s / REPEATS


def switch_on_afresh(bench: Bench, *, first: bool, load_ohm: float = LOAD_OHM) -> None:
    """Switch the device on before the first repeat, and off and on before each other one, so that it knows of none."""
    (partial(switch_on, load_ohm=load_ohm) if first else restart)(bench)


def session_for(
    s: Step, bench: Bench, claims: Claims, setting: Setting, *, first: bool, load_ohm: float = LOAD_OHM
) -> None:
    """Bring a session to its plateau; after the first repeat, the device is switched off and on before that."""
    switch_on_afresh(bench, first=first, load_ohm=load_ohm)
    reach(s, bench, claims, site=setting.site, level=setting.level, waveform=setting.waveform)


def commanded(bench: Bench, command: Callable[[], None], *, lawful_s: float, threshold_a: float) -> Found:
    """Record the current while a command is given over the serial line; the host's clock tells when.

    The condition is taken to begin before the command is on its way, so that its way counts against the device: a time
    is never told too short. U is some 15 ms, because zero of the record lies between two looks at the host's clock with
    the arming of the oscilloscope in between. The edge of the marker's relay, closed right before the command and seen
    by the oscilloscope, would tell zero to a millisecond; no claim of the reference device is so tight.
    """
    duration_s = whole_record_s(BEFORE_S + record_s(lawful_s))
    earlier = bench.now("before the record")
    shot = bench.shot(duration_s=duration_s, before_s=0.0, trigger="now")
    zero = between(earlier, bench.now("after the record began"), "beginning of the record")
    bench.clock.sleep(BEFORE_S)
    instant = bench.now("before the command")
    command()
    current = shot.finish().current
    began = host_instant(current, instant, zero)
    return Found(cutoff(current, began, threshold_a), current, began)


def measure_times(s: Step, found: Found) -> None:
    """Hand over what every fault is judged by."""
    s.measure("before the fault", found.cutoff.before)
    s.measure("detection", found.cutoff.detection)
    s.measure("cutoff", found.cutoff.cutoff)
    s.measure("peak", found.cutoff.peak)


def measure_cutoff(s: Step, found: Found) -> None:
    """Hand over what a fault under current is judged by, and the charge until it was cut off."""
    measure_times(s, found)
    s.measure("charge", found.cutoff.charge)


def measure_after(s: Step, bench: Bench) -> None:
    """Wait, and see that the output stays off although nothing keeps it off."""
    bench.clock.sleep(SETTLING_S)
    s.measure("residual current after", bench.residual_current())


def measure_reported(s: Step, bench: Bench) -> None:
    """See that the output stays off, and whether the device says that a fault is latched, if it says anything."""
    measure_after(s, bench)
    status = bench.heard(bench.controller.status)
    if status is not None:
        s.observe("latched", status.fault != "")


def measure_latched(s: Step, bench: Bench, claims: Claims, setting: Setting, *, fault: str) -> None:
    """See that the output stays off, and that the fault is latched: by what the device says, and by what it does.

    Asked to resume, and to start with a confirmation, a device with a latched fault refuses both, and stays off.
    """
    measure_reported(s, bench)

    def ask_for_current() -> bool:
        # If it takes the confirmation or not does not matter: it is the start that must be refused.
        bench.refuses(bench.controller.confirm_contraindications)
        resume = bench.refuses(bench.controller.resume)
        start = bench.refuses(
            lambda: start_unconfirmed(bench, claims, site=setting.site, level=setting.level, waveform=setting.waveform)
        )
        return resume and start

    refused = bench.heard(ask_for_current)
    if refused is not None:
        s.observe("resume and start are refused", refused)
    bench.clock.sleep(SETTLING_S)
    if not claims.get(f"faults.{fault}.latched"):
        # What was lawfully begun is ended again: it is not what is looked for.
        bench.controller.stop()
        bench.clock.sleep(claims.ramp_s(setting.site, 0, setting.level) + SETTLING_S)
    s.measure("residual current after asking", bench.residual_current())


def if_reached(current: Reading, peak: Reading, level_a: float) -> Reading:
    """Return a current that is evidence only if a peak before it came, with its U, to level_a in amperes."""
    trouble = (
        ""
        if peak.value + expanded(peak).U >= level_a
        else f"the current came to {peak.value:.3g} A, and must come to {level_a:g} A for anything to be shown"
    )
    return replace(current, trouble=current.trouble or trouble)


@dataclass(frozen=True, slots=True)
class Opening:
    """For how long the electrode is to be open, in seconds.

    Attributes:
        open_s: As the case asks for it.
        off_by_s: By how much that may differ before the current is evidence of nothing.
        relays_s: What of it the relays take by themselves.
    """

    open_s: float
    off_by_s: float
    relays_s: float


def relays_s(bench: Bench) -> float:
    """Return for how long the circuit is open if it is closed at once, in seconds; the device has no supply yet."""
    shot = bench.shot(duration_s=whole_record_s(RECONNECT_S), before_s=0.0, trigger="marker", level=MARKER_V)
    bench.open_electrode()
    bench.close_electrode()
    marker = shot.finish().marker
    # The trigger is the rise.
    return fall(marker, MARKER_V, label="closed").value


def open_and_close(s: Step, bench: Bench, opening: Opening, *, delay_s: float) -> tuple[Waveform, float]:
    """Open the electrode in a session and close it, and return the current and when it was closed, in seconds.

    The oscilloscope is armed before the circuit is opened, so that nothing lies between opening and closing but the
    relays. How long the circuit really was open is told by the marker, whose relay moves in the same command, and is
    handed over.
    """
    open_s = opening.open_s
    duration_s = whole_record_s(BEFORE_S + open_s + RECONNECT_S)
    shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="marker", level=MARKER_V)
    bench.clock.sleep(delay_s)
    bench.open_electrode()
    bench.clock.sleep(max(0.0, open_s - opening.relays_s))
    bench.close_electrode()
    capture = shot.finish()
    closed = fall(capture.marker, MARKER_V, label="closed")
    was_open = difference(closed, rise(capture.marker, MARKER_V, label="opened"))
    s.measure("open for", was_open)
    trouble = (
        ""
        if abs(was_open.value - open_s) <= opening.off_by_s
        else f"the circuit was open for {was_open.value:.3g} s, and must be for {open_s:g} s ± {opening.off_by_s:g} s"
    )
    current = capture.current
    # The relays of electrode and marker may be a millisecond apart; while the circuit is open there is nothing to see.
    return replace(current, trouble=current.trouble or trouble), closed.value - SKEW_S


def repeat_commanded(
    step: Steps,
    bench: Bench,
    claims: Claims,
    setting: Setting,
    command: Callable[[], None],
    *,
    fault: str,
    title: str,
    spread_s: float,
    latches: bool = True,
    stepless: bool = False,
) -> None:
    """Give a command in ten sessions, and judge how each ended.

    Args:
        step: Makes the steps.
        bench: The bench.
        claims: Say how long the fault may last, and below which current the output is off.
        setting: Of the sessions.
        command: Tells the device over the serial line what is to happen.
        fault: Its name in the claims.
        title: Of the step.
        spread_s: Over which the ten delays are spread, in seconds.
        latches: Whether something is there that can be latched.
        stepless: Whether the current must go to zero without a step.
    """
    threshold_a, lawful_s = claims.get(f"faults.{fault}.threshold"), claims.get(f"faults.{fault}.cutoff")
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: {title}") as s:
            session_for(s, bench, claims, setting, first=number == 1)
            bench.clock.sleep(delay_s)
            found.append(commanded(bench, command, lawful_s=lawful_s, threshold_a=threshold_a))
            measure_cutoff(s, found[-1])
            if stepless:
                s.measure("largest step", largest_step(found[-1].waveform, label="largest step in the stop"))
        with step(f"Repeat {number}: see that the output stays off") as s:
            if latches:
                measure_latched(s, bench, claims, setting, fault=fault)
            else:
                measure_after(s, bench)
    keep_slowest(step, found)


def repeat_shorted(
    step: Steps,
    bench: Bench,
    claims: Claims,
    setting: Setting,
    *,
    fault: str,
    title: str,
    spread_s: float,
    load_ohm: float = LOAD_OHM,
) -> None:
    """Short the output in ten sessions into load_ohm, and judge how each ended.

    The condition begins when the output voltage collapses.

    Args:
        step: Makes the steps.
        bench: The bench.
        claims: Say how long the fault may last, and below which current the output is off.
        setting: Of the sessions.
        fault: Its name in the claims.
        title: Of the step.
        spread_s: Over which the ten delays are spread, in seconds.
        load_ohm: What the sessions run into, in ohms.
    """
    threshold_a, lawful_s = claims.get(f"faults.{fault}.threshold"), claims.get(f"faults.{fault}.cutoff")
    duration_s = whole_record_s(BEFORE_S + record_s(lawful_s))
    found: list[Found] = []
    for number, delay_s in enumerate(phases(spread_s), start=1):
        with step(f"Repeat {number}: {title}") as s:
            session_for(s, bench, claims, setting, first=number == 1, load_ohm=load_ohm)
            shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="marker", level=MARKER_V)
            bench.clock.sleep(BEFORE_S + delay_s)
            bench.short_output()
            capture = shot.finish()
            bench.prove_load(capture)
            prove_short(capture)
            began = collapse(capture.output)
            found.append(Found(cutoff(capture.current, began, threshold_a), capture.current, began))
            measure_cutoff(s, found[-1])
        with step(f"Repeat {number}: remove the short, and see that the output stays off") as s:
            bench.unshort_output()
            measure_latched(s, bench, claims, setting, fault=fault)
    keep_slowest(step, found)


def keep_slowest(step: Steps, found: list[Found]) -> None:
    """Save the waveform of the slowest repeat, with the condition and the cutoff marked."""
    slowest = max(found, key=lambda one: one.cutoff.cutoff.value)
    began_s = slowest.began.value
    marks = _known({"condition": began_s, "cutoff": began_s + slowest.cutoff.cutoff.value})
    limits = _known({"threshold": slowest.cutoff.threshold})
    with step("Keep the slowest repeat") as s:
        s.keep(slowest.waveform.quantity, slowest.waveform, marks=marks, limits=limits)


def _known(places: dict[str, float]) -> dict[str, float]:
    """Return without what could not be told, because it cannot be drawn."""
    return {name: value for name, value in places.items() if math.isfinite(value)}
