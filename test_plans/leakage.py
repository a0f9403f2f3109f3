"""Leakage: what flows through a person who sits with both limbs in the baths while the device gives nothing.

Through the measuring network of IEC 60601-1: 1 kΩ, and beside it 10 kΩ with 15 nF, over which the voltage is read. What
an ampere makes there falls with its frequency (to 0.694 at 1 kHz, to 0.096 at 10 kHz), so that the unweighted r.m.s.
value is read as well. A result counts only with the maker's adapter at 110 % of its highest rated mains and the serial
line isolated; it is then repeated with the serial line taken off.
"""

from dataclasses import replace

from fixtures.bench import Bench
from fixtures.leakage import Leakage
from harness.claims import Claims
from harness.reading import Reading
from harness.steps import Step, Steps
from test_plans.alarms import is_cause
from test_plans.mains import if_mains, part_of
from test_plans.running import LOAD_OHM, SHUNT_OHM, reach
from test_plans.states import Place, bring_into

# Of the highest rated mains.
PERCENT = 110


def _feed(bench: Bench, *, polarity: str) -> None:
    """Connect 500 Ω, set the polarity of the mains, and feed the device by its adapter."""
    bench.use_shunt(SHUNT_OHM)
    bench.connect(load_ohm=LOAD_OHM)
    bench.reverse_mains({"normal": False, "reversed": True}[polarity])
    bench.feed_by_adapter(PERCENT)


def _if_isolated(bench: Bench, reading: Reading) -> Reading:
    """Return a reading with trouble if the serial line joins the device with earth."""
    trouble = "" if bench.serial_isolated else "the serial line is not isolated, and must be while leakage is measured"
    return replace(reading, trouble=reading.trouble or trouble)


def _measure(s: Step, found: Leakage, mains: Reading, wanted_v: float, ending: str = "") -> None:
    """Hand over what flowed, if the mains were right."""
    s.measure(f"direct current{ending}", if_mains(found.dc, mains, wanted_v))
    s.measure(f"alternating current{ending}", if_mains(found.ac, mains, wanted_v))
    s.measure(f"unweighted current{ending}", if_mains(found.unweighted, mains, wanted_v))


def _measure_both(step: Steps, bench: Bench, wanted_v: float, *, way: str) -> None:
    """Measure with the serial line on, if it is isolated, and again with it off."""
    ways = {"between electrodes": bench.leakage_between_electrodes, "to earth": bench.leakage_to_earth}
    with step(f"Read the mains, and the current {way}") as s:
        mains = bench.mains_voltage()
        s.measure("mains voltage", mains)
        found = ways[way]()
        isolated = Leakage(*(_if_isolated(bench, reading) for reading in (found.dc, found.ac, found.unweighted)))
        _measure(s, isolated, mains, wanted_v)
    with step("Take the serial line off, and read again") as s:
        bench.detach_serial()
        _measure(s, ways[way](), mains, wanted_v, ", serial line off")
        bench.attach_serial()


def before_a_start(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, way: str, polarity: str
) -> None:
    """Switch the device on, and measure through the network before any start, in normal condition.

    A session after that, into 500 Ω, shows that device and circuit were there.
    """
    wanted_v = part_of(PERCENT, claims.get("supply.adapter.mains_high"))
    with step("Feed the device by its adapter") as s:
        _feed(bench, polarity=polarity)
        bring_into(s, Place(bench, claims, site, level), "ready")
    _measure_both(step, bench, wanted_v, way=way)
    with step("See that a session can be had") as s:
        bench.connect(load_ohm=LOAD_OHM)
        reach(s, bench, claims, site=site, level=level)


def in_normal_condition(
    bench: Bench,
    step: Steps,
    claims: Claims,
    *,
    site: str,
    level: int,
    waveform: str,
    way: str,
    state: str,
    polarity: str,
) -> None:
    """Bring a session into 500 Ω into a state in which nothing is to flow, and measure through the network instead."""
    wanted_v = part_of(PERCENT, claims.get("supply.adapter.mains_high"))
    place = Place(bench, claims, site, level, waveform)
    with step("Feed the device by its adapter, and bring it into the state") as s:
        _feed(bench, polarity=polarity)
        bring_into(s, place, state)
        place.settle()
    _measure_both(step, bench, wanted_v, way=way)


def with_open_neutral(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, way: str, polarity: str
) -> None:
    """Open the neutral conductor of the adapter, and measure through the network: a single fault condition.

    The device has no power then, but the adapter's insulation has the whole of the mains.
    """
    wanted_v = part_of(PERCENT, claims.get("supply.adapter.mains_high"))
    with step("Feed the device by its adapter, and see that a session can be had") as s:
        _feed(bench, polarity=polarity)
        reach(s, bench, claims, site=site, level=level)
        bench.controller.stop()
        Place(bench, claims, site, level).settle()
    with step("Open the neutral conductor"):
        bench.open_neutral(True)
    _measure_both(step, bench, wanted_v, way=way)


def with_stuck_output(
    bench: Bench, step: Steps, claims: Claims, *, site: str, level: int, way: str, polarity: str
) -> None:
    """Let the output stage keep what it was last told, stop the session, and measure what a second means lets through.

    That it was stuck is told by the device, which finds it. It is a single fault condition inside of the device. How
    fast it is found is for the plan of the fault cutoffs.
    """
    wanted_v = part_of(PERCENT, claims.get("supply.adapter.mains_high"))
    with step("Feed the device by its adapter, and start") as s:
        _feed(bench, polarity=polarity)
        reach(s, bench, claims, site=site, level=level)
    with step("Let the output stage be stuck, and stop") as s:
        bench.controller.provoke("stuck")
        bench.controller.stop()
        Place(bench, claims, site, level).settle()
        bench.clock.sleep(claims.get("faults.output_stuck.cutoff"))
        s.observe("the failure was found", is_cause(bench.controller.alarm().cause, "output_stuck"))
    _measure_both(step, bench, wanted_v, way=way)
