"""Claims of faults: what the device does about each, how fast, and who says so."""

from typing import Literal, get_args

from harness.claim_fields import Magnitudes, Stricter, Whence, stated
from harness.documents import Ampere, Second

FaultName = Literal[
    "open_electrode",
    "re_immersion",
    "short",
    "over_current",
    "over_voltage",
    "supply_dip",
    "supply_interruption",
    "supply_over_voltage",
    "serial_loss",
    "emergency_stop",
    "user_stop",
    "firmware_hang",
    "sense_failure",
    "output_stuck",
    "clock_stop",
    "setpoint_corruption",
    "stuck_key",
    "wind_up",
    "brown_out",
    "chatter",
]
FAULTS: tuple[str, ...] = get_args(FaultName)
FAULT_WORDS = {
    "open_electrode": "an electrode comes off, or a limb leaves the water, in a session",
    "re_immersion": "the limb comes back into the water",
    "short": "the electrodes touch",
    "over_current": "the regulator fails, and the current rises beyond the trip current",
    "over_voltage": "the output voltage leaves its window, as into skin that is too dry",
    "supply_dip": "the supply sags for a moment",
    "supply_interruption": "the supply goes away, and comes back",
    "supply_over_voltage": "the supply, or its adapter, gives too much",
    "serial_loss": "the host falls silent while the line is supervised",
    "emergency_stop": "somebody presses the emergency stop",
    "user_stop": "the user stops the session",
    "firmware_hang": "the firmware stands still",
    "sense_failure": "the device measures its current wrongly",
    "output_stuck": "the output stage does not follow",
    "clock_stop": "the clock of the session stands still",
    "setpoint_corruption": "the stored setting of the current is corrupted",
    "stuck_key": "the key for more current is held down by a fault",
    "wind_up": "a load that the device cannot drive becomes a short circuit",
    "brown_out": "the supply sinks slowly",
    "chatter": "the supply comes and goes quickly",
}


class Reconnect(Magnitudes):
    """The highest current on closing the circuit again, before and after the fault was detected."""

    before: Ampere | None = stated(
        "closed again before the device has noticed: never more than this", Whence.OUTPUT, Stricter.SMALLER
    )
    after: Ampere | None = stated(
        "closed again after the device has noticed: never more than this", Whence.OUTPUT, Stricter.SMALLER
    )


class Fault(Magnitudes):
    """What the device does about a fault, how fast, and who says so."""

    reaction: Literal["pause", "stop", "latched", "limit", "continue", "lock"] | None = stated(
        "what the device does about it", Whence.RISK
    )
    detection: Second | None = stated("the device has noticed within this", Whence.RISK, Stricter.SMALLER)
    cutoff: Second | None = stated("the current is below the threshold within this", Whence.RISK, Stricter.SMALLER)
    threshold: Ampere | None = stated("a current below this counts as cut off", Whence.RISK, Stricter.SMALLER)
    residual: Ampere | None = stated("no more than this flows from then on", Whence.RISK, Stricter.SMALLER)
    maximum: Ampere | None = stated("never more than this while it happens", Whence.RISK, Stricter.SMALLER)
    latched: bool | None = stated("whether it stays off until somebody acknowledges it", Whence.RISK)
    step: Ampere | None = stated(
        "largest change within 10 ms, so that the reaction itself is not felt", Whence.RISK, Stricter.SMALLER
    )
    reconnect: Reconnect | None = None
    timeout: Second | None = stated(
        "a host that is silent for less than this loses nothing", Whence.FIRMWARE, Stricter.LARGER
    )
    alarm: Literal["low", "medium", "high"] | None = stated("priority of its alarm, IEC 60601-1-8", Whence.RISK)
    declared_by: str | None = stated("who declares it, in which document; no limit without it", Whence.RISK)
