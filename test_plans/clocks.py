"""The device's clock beside the bench's: two looks at both, and what each of them says has passed in between."""

from dataclasses import dataclass, replace

from fixtures.bench import Bench
from harness.budget import difference
from harness.reading import Reading
from harness.steps import Step
from test_plans.analysis import rectangular
from test_plans.cutoff import between

# The protocol tells counted time in whole milliseconds.
RESOLUTION_S = 1e-3


@dataclass(frozen=True, slots=True)
class Look:
    """One look at both clocks.

    Attributes:
        device_s: The session time that the device says that it counted, in seconds.
        bench: When that was by the bench's clock, in seconds: the middle between asking and having the answer, and
            uncertain by half of that time.
    """

    device_s: float
    bench: Reading


def look(bench: Bench, label: str) -> Look:
    """Ask the device for its session time, between two looks at the bench's clock; label makes this look its own."""
    asked = bench.now(f"before the {label}")
    device_s = bench.controller.status().elapsed_s
    return Look(device_s, between(asked, bench.now(f"after the {label}"), label))


def measure_clocks(s: Step, first: Look, last: Look) -> None:
    """Hand over how long it was between two looks, in seconds, by the device and by the bench.

    What the device leaves out when it says whole milliseconds is uncertain at both ends, and stands in the budget of
    the bench's time, since the device's own word has none.
    """
    s.measure("time by the device", Reading(last.device_s - first.device_s, "s"))
    passed = difference(last.bench, first.bench)
    ends = tuple(rectangular(f"counted milliseconds, {end}", RESOLUTION_S / 2.0) for end in ("first look", "last look"))
    s.measure("time by the bench", replace(passed, components=(*passed.components, *ends)))
