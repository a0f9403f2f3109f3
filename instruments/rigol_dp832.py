"""The Rigol DP832 power supply: three outputs, of which one feeds the device under test."""

import math

from harness.clock import Clock
from harness.errors import GarbledError, LocalProtocolError
from instruments.raw import Raw
from instruments.roles import OutputState
from instruments.scpi.client import Scpi, decimal
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport

# Full scale in volts and amperes by channel (DP800 programming guide, table 2-1).
RATINGS = {1: (30.0, 3.0), 2: (30.0, 3.0), 3: (5.0, 3.0)}

# Of its current limits.
STEP_A = 0.001

MODES = {
    "CV": OutputState.CONSTANT_VOLTAGE,
    "CC": OutputState.CONSTANT_CURRENT,
    "UR": OutputState.UNREGULATED,
}


class RigolDP832(ScpiInstrument):
    """Plays the role of Supply. Channels are 1 and 2 (30 V, 3 A) and 3 (5 V, 3 A).

    It sets in steps of 10 mV and 1 mA, and would round what lies between, which is refused here.
    """

    def __init__(self, transport: Transport, clock: Clock) -> None:
        super().__init__(Scpi(transport, "DP832"))
        self._clock = clock

    @property
    def channels(self) -> tuple[int, ...]:
        """All outputs that the supply has."""
        return tuple(RATINGS)

    def configure_output(self, channel: int, *, voltage_v: float, current_limit_a: float) -> None:
        """Set voltage and current limit of an output; it is not switched.

        Raises:
            InstrumentError: The supply refuses a value.
            LocalProtocolError: There is no such channel, or a value lies between two steps.
        """
        _ratings(channel)
        volts, amperes = _whole(voltage_v, 100, "V"), _whole(current_limit_a, 1000, "A")
        # The limit first: voltage never meets an old, higher one.
        self._scpi.configure(f"SOUR{channel}:CURR {amperes}", f"SOUR{channel}:VOLT {volts}")

    def voltage_v(self, channel: int) -> float:
        """Return the voltage that is set, in volts; what the output has is measured.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        _ratings(channel)
        return self._scpi.ask_number(f"SOUR{channel}:VOLT?")

    def current_limit_a(self, channel: int) -> float:
        """Return the current limit that is set, in amperes.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        _ratings(channel)
        return self._scpi.ask_number(f"SOUR{channel}:CURR?")

    def configure_ovp(self, channel: int, *, voltage_v: float) -> None:
        """Set the over-voltage protection, and switch it on.

        Raises:
            InstrumentError: The supply refuses the value.
            LocalProtocolError: There is no such channel, or the value lies between two steps.
        """
        _ratings(channel)
        volts = _whole(voltage_v, 100, "V")
        self._scpi.configure(f"OUTP:OVP:VAL CH{channel},{volts}", f"OUTP:OVP CH{channel},ON")

    def ovp_v(self, channel: int) -> float:
        """Return the over-voltage protection level that is set, in volts.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        _ratings(channel)
        return self._scpi.ask_number(f"OUTP:OVP:VAL? CH{channel}")

    def trip_at_limit(self, channel: int) -> None:
        """Let over-current protection switch an output off that comes to its current limit, as that is set now.

        The protection has a level of its own, which the current must exceed: it is set a step below the limit.

        Raises:
            InstrumentError: The supply refuses.
            LocalProtocolError: There is no such channel.
        """
        amperes = _whole(self._trip_a(channel), 1000, "A")
        self._scpi.configure(f"OUTP:OCP:VAL CH{channel},{amperes}", f"OUTP:OCP CH{channel},ON")

    def trips_at_limit(self, channel: int) -> bool:
        """Return whether over-current protection switches an output off that comes to its current limit.

        Raises:
            GarbledError: The answer is neither ON nor OFF.
            LocalProtocolError: There is no such channel.
        """
        most_a = self._trip_a(channel)
        query = f"OUTP:OCP? CH{channel}"
        on = self._either(self._scpi.ask(query), query, "ON", "OFF")
        return on and self._scpi.ask_number(f"OUTP:OCP:VAL? CH{channel}") <= most_a + STEP_A / 2

    def enable_output(self, channel: int) -> None:
        """Switch an output on.

        Raises:
            InstrumentError: The supply refuses.
            LocalProtocolError: There is no such channel.
        """
        _ratings(channel)
        self._scpi.configure(f"OUTP CH{channel},ON")

    def disable_output(self, channel: int) -> None:
        """Switch an output off.

        Raises:
            InstrumentError: The supply refuses.
            LocalProtocolError: There is no such channel.
        """
        _ratings(channel)
        self._scpi.configure(f"OUTP CH{channel},OFF")

    def output_enabled(self, channel: int) -> bool:
        """Return whether an output is switched on; a protection that has tripped has switched it off.

        Raises:
            GarbledError: The answer is neither ON nor OFF.
            LocalProtocolError: There is no such channel.
        """
        _ratings(channel)
        query = f"OUTP? CH{channel}"
        return self._either(self._scpi.ask(query), query, "ON", "OFF")

    def output_state(self, channel: int) -> OutputState:
        """Return how an output regulates now; a protection that has tripped is told before anything else.

        Raises:
            GarbledError: An answer is none that the programming guide knows.
            LocalProtocolError: There is no such channel.
        """
        _ratings(channel)
        query = f"OUTP:OVP:QUES? CH{channel};:OUTP:OCP:QUES? CH{channel};:OUTP? CH{channel};:OUTP:MODE? CH{channel}"
        reply = self._scpi.ask(query)
        parts = reply.split(";")
        if len(parts) != 4:
            raise GarbledError(f"DP832: {query!r} must be answered by four words with ; between, not by {reply!r}")
        over_voltage, over_current, on, mode = parts
        if self._either(over_voltage, query, "YES", "NO"):
            return OutputState.OVER_VOLTAGE
        if self._either(over_current, query, "YES", "NO"):
            return OutputState.OVER_CURRENT
        if not self._either(on, query, "ON", "OFF"):
            return OutputState.OFF
        try:
            return MODES[mode]
        except KeyError:
            raise GarbledError(f"DP832: the output mode must be CV, CC or UR, not {mode!r}") from None

    def measure_voltage(self, channel: int) -> Raw:
        """Return the voltage at an output in volts.

        Raises:
            InstrumentError: The supply has no reading.
            LocalProtocolError: There is no such channel.
        """
        full_scale_v, _ = _ratings(channel)
        value = self._scpi.ask_number(f"MEAS? CH{channel}")
        return Raw(value, "V", "dc voltage", full_scale_v, at_ns=self._clock.now_ns())

    def measure_current(self, channel: int) -> Raw:
        """Return the current out of an output in amperes, positive out of its + terminal.

        Raises:
            InstrumentError: The supply has no reading.
            LocalProtocolError: There is no such channel.
        """
        _, full_scale_a = _ratings(channel)
        value = self._scpi.ask_number(f"MEAS:CURR? CH{channel}")
        return Raw(value, "A", "dc current", full_scale_a, at_ns=self._clock.now_ns())

    def _trip_a(self, channel: int) -> float:
        # The protection cannot be set to nothing.
        return max(self.current_limit_a(channel) - STEP_A, STEP_A)

    def _either(self, answer: str, query: str, yes: str, no: str) -> bool:
        if answer not in (yes, no):
            raise GarbledError(f"DP832: {query!r} must be answered by {yes} or {no}, not by {answer!r}")
        return answer == yes


def _whole(value: float, steps: int, unit: str) -> str:
    """Return a value as it is sent, if it is a whole number of steps, of which there are so many in a unit."""
    if not math.isfinite(value) or abs(value * steps - round(value * steps)) > 1e-6:
        raise LocalProtocolError(
            f"the DP832 cannot be set to {value:g} {unit}: it sets in steps of {1 / steps:g} {unit}, "
            "so choose a whole one"
        )
    return decimal(round(value * steps) / steps)


def _ratings(channel: int) -> tuple[float, float]:
    try:
        return RATINGS[channel]
    except KeyError:
        raise LocalProtocolError(f"there is no output {channel!r}: the DP832 has outputs 1, 2 and 3") from None
