"""Faults that a bench can cause, each in a session on its plateau, to see what the device tells its user about them."""

from collections.abc import Callable

from fixtures.bench import Bench
from fixtures.capture import Capture
from fixtures.conditions import prove_open, prove_short
from harness.claims import Claims
from harness.steps import Step
from test_plans.pairs import FIRST_FAILS, fail_first
from test_plans.running import BEFORE_S, MARKER_V, SETTLING_S, whole_record_s
from test_plans.states import Place

# By how much of the nominal voltage the supply is lowered.
DIP = 0.8

CAUSES: dict[str, str] = {
    "open_electrode": "open electrode",
    "short": "short",
    "over_current": "over-current",
    "over_voltage": "over-voltage",
    "supply_dip": "supply",
    "serial_loss": "serial",
    "emergency_stop": "emergency stop",
    "firmware_hang": "watchdog",
    "sense_failure": "sense",
    "output_stuck": "stuck",
    "clock_stop": "clock",
    "supply_over_voltage": "supply",
    "setpoint_corruption": "memory",
    "stuck_key": "key",
}
"""The device's word for each fault of the claims."""


def is_cause(word: str, fault: str) -> bool:
    """Return whether the device's word is the one for a fault of the claims."""
    return word == CAUSES[fault]


def lower_supply(bench: Bench, claims: Claims, dip: float) -> None:
    """Lower the supply to a part of its nominal voltage, and see by the oscilloscope that it fell below its minimum."""
    minimum_v = claims.get("supply.minimum")
    duration_s = whole_record_s(BEFORE_S + SETTLING_S)
    shot = bench.shot(duration_s=duration_s, before_s=BEFORE_S, trigger="supply", level=minimum_v, rising=False)
    bench.clock.sleep(BEFORE_S)
    bench.set_supply(dip * claims.get("supply.nominal"))
    shot.finish()


def _dip(place: Place) -> None:
    lower_supply(place.bench, place.claims, DIP)
    place.bench.set_supply(place.claims.get("supply.nominal"))


def _surge(place: Place) -> None:
    """Raise the supply to where there is no output any more by the claims, and lower it again."""
    place.bench.set_supply(place.claims.get("supply.over_voltage"))
    place.bench.clock.sleep(BEFORE_S)
    place.bench.set_supply(place.claims.get("supply.nominal"))


def _marked(bench: Bench, change: Callable[[], None], prove: Callable[[Capture], None]) -> None:
    """Change the wiring, and see by the oscilloscope that it was done; the marker tells when."""
    shot = bench.shot(duration_s=whole_record_s(BEFORE_S), before_s=BEFORE_S, trigger="marker", level=MARKER_V)
    bench.clock.sleep(BEFORE_S)
    change()
    prove(shot.finish())


def open_proven(bench: Bench) -> None:
    """Open the electrode of a session, and see that it is open.

    Raises:
        InstrumentError: The current flows on.
    """
    _marked(bench, bench.open_electrode, prove_open)


def short_proven(bench: Bench) -> None:
    """Short the output of a session, and see that it is shorted.

    Raises:
        InstrumentError: The voltage does not fall.
    """
    _marked(bench, bench.short_output, prove_short)


def _fall_silent(place: Place) -> None:
    timeout_s = place.claims.get("faults.serial_loss.timeout")
    place.bench.controller.supervise(timeout_s)
    place.bench.clock.sleep(timeout_s)


def _start_open(place: Place) -> None:
    """Open the electrode in the session, which shows that it is open, and start another one into it."""
    open_proven(place.bench)
    place.settle()
    place.bench.controller.stop()
    place.settle()
    place.start()


_CAUSE: dict[str, Callable[[Place], None]] = {
    "open_electrode": lambda place: open_proven(place.bench),
    "short": lambda place: short_proven(place.bench),
    "supply_dip": _dip,
    "over_voltage": _start_open,
    "serial_loss": _fall_silent,
    "emergency_stop": lambda place: place.bench.controller.emergency_stop(),
    "supply_over_voltage": _surge,
    "setpoint_corruption": lambda place: place.bench.controller.provoke("setpoint"),
    "stuck_key": lambda place: place.bench.controller.provoke("stuck key"),
}


def raise_alarm(s: Step, place: Place, fault: str) -> None:
    """Cause a fault of the claims in a session, and wait until the output is off by the claims."""
    place.reach(s)
    if fault in FIRST_FAILS:
        fail_first(place.bench, fault)()
    else:
        _CAUSE[fault](place)
    place.bench.clock.sleep(place.claims.get(f"faults.{fault}.cutoff") + SETTLING_S)


def make_whole(bench: Bench) -> None:
    """Undo what was done to the circuit, and wait: what is off only because nothing can flow is not off."""
    bench.close_electrode()
    bench.unshort_output()
    bench.clock.sleep(SETTLING_S)
