"""One repeat of a fault: a session on its plateau, a record around the fault, and what is told from it.

The ten repeats of a fault begin at ten instants of a period of the device, so that the slowest of them is near the
slowest that there is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fixtures.bench import Bench
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from harness.waveform import Waveform
from test_plans.cutoff import Cutoff, between, cutoff, host_instant, record_s
from test_plans.running import BEFORE_S, SETTLING_S, reach, restart, switch_on, whole_record_s

REPEATS = 10


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


def switch_on_afresh(bench: Bench, *, first: bool) -> None:
    """Switch the device on before the first repeat, and off and on before each other one, so that it knows of none."""
    (switch_on if first else restart)(bench)


def session_for(bench: Bench, claims: Claims, setting: Setting, *, first: bool) -> None:
    """Bring a session to its plateau; after the first repeat, the device is switched off and on before that."""
    switch_on_afresh(bench, first=first)
    reach(bench, claims, site=setting.site, level=setting.level, waveform=setting.waveform)


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
    """Wait, and see that the output stays off although nothing keeps it off, and whether the fault is latched."""
    bench.clock.sleep(SETTLING_S)
    s.measure("residual current after", bench.residual_current())
    s.observe("latched", bench.controller.status().fault != "")


def keep_slowest(step: Steps, found: list[Found]) -> None:
    """Save the waveform of the slowest repeat, with the condition and the cutoff marked."""
    slowest = max(found, key=lambda one: one.cutoff.cutoff.value)
    began_s = slowest.began.value
    marks = {"condition": began_s, "cutoff": began_s + slowest.cutoff.cutoff.value}
    limits = {"threshold": slowest.cutoff.threshold}
    with step("Keep the slowest repeat") as s:
        s.keep(slowest.waveform.quantity, slowest.waveform, marks=marks, limits=limits)
