"""The output proved again after a fault: what is over is cleared, and a fresh session gives the current that is set."""

from fixtures.bench import Bench
from harness.budget import magnitude
from harness.claims import Claims
from harness.steps import Step
from test_plans.running import LOAD_OHM, SETTLING_S, SHUNT_OHM, set_value, start


def clear(bench: Bench) -> None:
    """End what a fault left of a session and of a supervision of the line, acknowledge what is latched, and wait.

    A device that has nothing latched refuses to acknowledge; what it does afterwards is what counts.
    """
    bench.refuses(lambda: bench.controller.supervise(0.0))
    bench.refuses(bench.controller.stop)
    bench.refuses(bench.controller.acknowledge)
    bench.clock.sleep(SETTLING_S)


def prove_again(s: Step, bench: Bench, claims: Claims, *, site: str, level: int) -> None:
    """Start a fresh session into 500 Ω, and hand over its current when it rests, beside its setting and the display."""
    bench.use_shunt(SHUNT_OHM)
    bench.connect(load_ohm=LOAD_OHM)
    refused = bench.refuses(lambda: start(bench, claims, site=site, level=level))
    s.observe("a fresh session is refused", refused)
    bench.clock.sleep(claims.ramp_s(site, 0, level) + SETTLING_S)
    s.measure("set current of the fresh session", set_value(claims.level_current(site, level), "A"))
    s.measure("displayed current of the fresh session", bench.controller.displayed_current())
    delivered = magnitude(bench.output_current())
    s.measure("current of the fresh session", delivered)
    s.measure("current of the fresh session against the display", delivered)
