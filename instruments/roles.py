"""The roles that things on a wire play, in the words of IVI (IVI-4.1, 4.2, 4.4, 4.6).

A driver plays a role; a bench is a bundle of roles. Readings come back as Raw; a plain number carries its unit in its
name.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from instruments.device_records import Alarm, TreatmentRecord
from instruments.raw import Raw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an instrument says that it is (*IDN?)."""

    maker: str
    model: str
    serial: str
    firmware: str


class Instrument(Protocol):
    """What every instrument can do, whatever its role."""

    def identify(self) -> Identity:
        """Return who the instrument says that it is.

        Raises:
            RemoteProtocolError: The answer is not four fields.
        """

    def reset(self) -> None:
        """Set the instrument to its power-on state and empty its error queue."""

    def check_errors(self) -> None:
        """Read the error queue until it is empty.

        Raises:
            InstrumentError: The queue was not empty; the text quotes all of it.
        """

    def disturbed(self) -> str:
        """Return what happened to the instrument since this was last asked ("it was switched off and on"), or "".

        That it is another instrument, that it was switched off and on, or that it is not set any more as it was.
        """

    def close(self) -> None:
        """Give the wire back."""


class OutputState(StrEnum):
    """How a supply's output regulates (IviDCPwr QueryOutputState)."""

    OFF = "off"
    CONSTANT_VOLTAGE = "constant voltage"
    CONSTANT_CURRENT = "constant current"
    OVER_VOLTAGE = "over voltage"
    OVER_CURRENT = "over current"
    UNREGULATED = "unregulated"


class Supply(Instrument, Protocol):
    """A power supply with one or more outputs (IviDCPwr); channels count from 1."""

    @property
    def channels(self) -> tuple[int, ...]:
        """All outputs that the supply has."""

    def configure_output(self, channel: int, *, voltage_v: float, current_limit_a: float) -> None:
        """Set voltage and current limit of an output; it is not switched."""

    def voltage_v(self, channel: int) -> float:
        """Return the voltage that is set, in volts; what the output has is measured."""

    def current_limit_a(self, channel: int) -> float:
        """Return the current limit that is set, in amperes."""

    def configure_ovp(self, channel: int, *, voltage_v: float) -> None:
        """Set the over-voltage protection, and switch it on."""

    def ovp_v(self, channel: int) -> float:
        """Return the over-voltage protection level that is set, in volts."""

    def trip_at_limit(self, channel: int) -> None:
        """Let over-current protection switch an output off that comes to its current limit, as that is set now."""

    def trips_at_limit(self, channel: int) -> bool:
        """Return whether over-current protection switches an output off that comes to its current limit."""

    def enable_output(self, channel: int) -> None:
        """Switch an output on."""

    def disable_output(self, channel: int) -> None:
        """Switch an output off."""

    def output_enabled(self, channel: int) -> bool:
        """Return whether an output is switched on."""

    def output_state(self, channel: int) -> OutputState:
        """Return how an output regulates now."""

    def measure_voltage(self, channel: int) -> Raw:
        """Return the voltage at an output in volts."""

    def measure_current(self, channel: int) -> Raw:
        """Return the current out of an output in amperes, positive out of its + terminal."""


class Load(Instrument, Protocol):
    """An electronic load (no IVI class; in the words of IviDCPwr). What is configured is not switched."""

    def configure_current(self, *, current_a: float) -> None:
        """Draw a constant current in amperes."""

    def configure_voltage(self, *, voltage_v: float) -> None:
        """Draw whatever current holds a constant voltage in volts."""

    def configure_resistance(self, *, resistance_ohm: float) -> None:
        """Draw as a resistor in ohms would."""

    def configure_power(self, *, power_w: float) -> None:
        """Draw a constant power in watts."""

    def enable_input(self) -> None:
        """Begin to draw."""

    def disable_input(self) -> None:
        """Draw nothing."""

    def input_enabled(self) -> bool:
        """Return whether the input is switched on; a protection that has tripped has switched it off."""

    def measure_voltage(self) -> Raw:
        """Return the voltage at the load's terminals in volts."""

    def measure_current(self) -> Raw:
        """Return the current into the + terminal in amperes."""

    def measure_power(self) -> Raw:
        """Return the power that the load takes, in watts."""


class Multimeter(Instrument, Protocol):
    """A digital multimeter (IviDmm)."""

    def configure_dc_voltage(self, *, range_v: float, aperture_plc: float) -> None:
        """Choose d.c. voltage on a fixed range, each reading averaged over aperture_plc periods of the mains."""

    def configure_dc_current(self, *, range_a: float, aperture_plc: float) -> None:
        """Choose d.c. current on a fixed range, each reading averaged over aperture_plc periods of the mains."""

    def configure_ac_voltage(self, *, range_v: float, lowest_hz: float) -> None:
        """Choose a.c. voltage on a fixed range: true r.m.s. of what is above lowest_hz, without the d.c. part."""

    def configure_ac_current(self, *, range_a: float, lowest_hz: float) -> None:
        """Choose a.c. current on a fixed range: true r.m.s. of what is above lowest_hz, without the d.c. part."""

    def configure_resistance(self, *, range_ohm: float, aperture_plc: float) -> None:
        """Choose four-wire resistance on a fixed range."""

    def configure_two_wire_resistance(self, *, range_ohm: float, aperture_plc: float) -> None:
        """Choose two-wire resistance on a fixed range; the leads are part of what is read."""

    def read(self) -> Raw:
        """Start a measurement, wait for it, and return it.

        Raises:
            InstrumentError: The input is beyond the range.
        """

    def start_log(self, *, count: int, interval_s: float) -> None:
        """Start count readings, interval_s apart on the meter's own timer; count * interval_s may be hours."""

    def take_log(self) -> "NDArray[np.float64]":
        """Return the readings that are finished and were not taken before, oldest first, and remove them from memory.

        Raises:
            InstrumentError: A reading is beyond the range, or the memory overflowed and readings were lost.
        """

    def stop_log(self) -> None:
        """End a log early; what is in memory can still be taken."""

    @property
    def aperture_s(self) -> float:
        """The time over which one reading averages, in seconds."""

    @property
    def range(self) -> float:
        """Full scale of the range that is set, in the unit of the function."""


@dataclass(frozen=True, slots=True)
class RawWaveform:
    """Samples as an oscilloscope gave them.

    Attributes:
        counts: ADC counts, int32.
        scale: Volts a count, probe factor included.
        offset_v: Volts at count zero, probe factor included.
        start_s: Time of the first sample relative to the trigger, in seconds.
        interval_s: Time between samples, in seconds.
        range_v: Full scale of the channel (8 divisions), in volts, probe factor included.
        fineness: How many times smaller noise and rounding of a sample are than those of a single one, because it is a
            mean of many.
    """

    counts: "NDArray[np.int32]"
    scale: float
    offset_v: float
    start_s: float
    interval_s: float
    range_v: float
    fineness: float = 1.0


class Oscilloscope(Instrument, Protocol):
    """An oscilloscope (IviScope); channels count from 1."""

    def configure_channel(self, channel: int, *, range_v: float, offset_v: float = 0.0, probe: float = 1.0) -> None:
        """Switch a channel on, d.c. coupled, full scale range_v around offset_v at the probe's tip."""

    def disable_channel(self, channel: int) -> None:
        """Switch a channel off."""

    def configure_acquisition(self, *, duration_s: float, before_s: float, averaging: bool) -> None:
        """Set the record: duration_s long, before_s of it before the trigger; averaging means that each sample is the
        mean of the signal over the sample interval (high resolution), else a point of it.
        """

    def configure_edge_trigger(self, channel: int, *, level_v: float, rising: bool) -> None:
        """Trigger when a channel crosses level_v at the probe's tip."""

    def initiate(self) -> None:
        """Arm for one shot, and return when the scope waits for its trigger."""

    def force_trigger(self) -> None:
        """Trigger now."""

    def wait_complete(self, timeout_s: float) -> bool:
        """Let time pass until the shot is complete; return False if it was not within timeout_s."""

    def fetch_waveform(self, channel: int) -> RawWaveform:
        """Return a channel of the last shot."""


class Switch(Instrument, Protocol):
    """A switch unit with relays, and a multiplexer with a meter (IviSwtch and the 34970A family)."""

    def close_relays(self, *channels: int) -> None:
        """Close relays, all in one command, and wait until they rest."""

    def open_relays(self, *channels: int) -> None:
        """Open relays, all in one command, and wait until they rest."""

    def open_all(self) -> None:
        """Open every relay of the unit."""

    def closed(self, *channels: int) -> tuple[bool, ...]:
        """Return for each relay whether it is closed."""

    def measure_dc_voltage(self, channel: int) -> Raw:
        """Return the d.c. voltage on a multiplexer channel in volts."""

    def scan_dc_voltage(self, *channels: int) -> tuple[Raw, ...]:
        """Return the d.c. voltage on multiplexer channels in volts, read one after the other in one scan."""


class DeviceState(StrEnum):
    """What a device under test is doing, in words that every maker's protocol can be translated to.

    Current can flow while it is RAMPING, RUNNING, REVERSING or STOPPING, which is on its way to zero by ramp. A session
    is held in PAUSED, over in ENDED; FAULT is a latched fault, which has to be acknowledged.
    """

    SELF_TEST = "self-test"
    READY = "ready"
    RAMPING = "ramping"
    RUNNING = "running"
    REVERSING = "reversing"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What a device says of itself.

    Attributes:
        state: What it is doing.
        level: The level that is set; 0 when idle.
        polarity: +1 or -1.
        elapsed_s: Session time that the device has counted, in seconds.
        fault: Its word for the fault that it latched, or "" ("open electrode", "short", "over-current",
            "over-voltage", "supply", "serial", "watchdog", "emergency stop", "self-test", "sense", "stuck", "clock",
            "memory", "key").
    """

    state: DeviceState
    level: int
    polarity: int
    elapsed_s: float
    fault: str


class Controller(Protocol):
    """The controller of an iontophoresis device under test, over its serial port.

    Every method raises LinkError if nothing answers, RemoteProtocolError if the answer breaks the protocol, and
    InstrumentError if the device refuses (the text quotes its reason).
    """

    def identify(self) -> Identity:
        """Return who the device says that it is."""

    def status(self) -> DeviceStatus:
        """Return what the device says of itself."""

    def displayed_current(self) -> Raw:
        """Return the current on the device's display in amperes (its magnitude); range is one step of the display."""

    def confirm_contraindications(self) -> None:
        """Confirm that none of the listed contraindications is present; a start is refused before that."""

    def start(self, *, site: str, level: int, duration_s: float, waveform: str, reversal: bool = False) -> None:
        """Start a session from zero: level steps of the site's table, duration_s long, waveform "dc" or "pulsed"."""

    def treat(self, *, programme: str, site: str, level: int, minutes: float | None = None) -> None:
        """Start a session as its user does: the programme says what the current is like, and the weekly schedule
        whether it is allowed today; minutes of None is the programme's usual duration.
        """

    def set_level(self, level: int) -> None:
        """Change the level in a running session."""

    def pause(self) -> None:
        """Ramp to zero and hold the session."""

    def resume(self) -> None:
        """Go on with a held session, ramping from zero."""

    def stop(self) -> None:
        """End the session as its user would: ramped to zero."""

    def emergency_stop(self) -> None:
        """End the session at once; latched."""

    def acknowledge(self) -> None:
        """Clear a latched fault; the device is then ready, at zero."""

    def supervise(self, timeout_s: float) -> None:
        """Ask the device to stop when it hears nothing for timeout_s; zero asks it not to."""

    def provoke(self, fault: str) -> None:
        """Ask the device in its service mode for a fault.

        A first means fails: "over-current" drives the output stage to its full scale past the limiter, "sense" halves
        what the first current sense reads, "stuck" has the output stage keep what it was last told, "hang" stops the
        firmware, "clock" its oscillator, "setpoint" lets a bit of the stored setpoint flip, "stuck key" holds the key
        for one level more down. A second means is disabled until the power was off: "no-trip",
        "no-second-sense", "welded" (the output relay), "no-watchdog", "no-clock-monitor".
        """

    def exchange(self, line: bytes) -> bytes:
        """Send bytes to the device as they are, and return the line that comes back, b"" if none comes in time.

        Only for tests of a line protocol, with lines that break it: nothing that the device answers is an error here.
        """

    def self_test(self) -> str:
        """Return how the last self-test ended: "running", "passed", or the name of the part that failed."""

    def dose_c(self) -> float:
        """Return the charge that the device counted in this session so far, in coulombs, of either polarity."""

    def log_entry(self, index: int) -> tuple[float, str]:
        """Return when, in seconds since that boot, and what an entry of the event log was; 0 is the newest."""

    def set_clock(self, utc_s: int) -> None:
        """Set the device's calendar clock, in seconds since 1970-01-01 00:00 UTC; it goes on without power."""

    def calendar(self) -> int:
        """Return what the device's calendar clock shows, in seconds since 1970-01-01 00:00 UTC."""

    def treatments(self, most: int | None = None) -> list[TreatmentRecord]:
        """Return the device's treatment log, the newest first; so many entries at most, or all."""

    def alarm(self) -> Alarm:
        """Return the alarm that the device gives now."""

    def indicators(self) -> frozenset[str]:
        """Return which lamps are lit: "output", "fault", "alarm low", "alarm medium", "alarm high" (Lamp has them)."""

    def close(self) -> None:
        """Give the wire back."""
