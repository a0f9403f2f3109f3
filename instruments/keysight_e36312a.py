"""The Keysight E36312A and E36313A power supplies: three outputs, of which one feeds the device under test."""

from collections.abc import Mapping
from typing import ClassVar

from harness.clock import Clock
from harness.errors import InstrumentError, LocalProtocolError
from instruments.raw import Raw
from instruments.roles import OutputState
from instruments.scpi.client import Scpi, decimal
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport

# Bits of STAT:QUES:INST:ISUM<n>:COND? (E3631A family): both at once is a fault, neither is no regulation.
CONSTANT_CURRENT_BIT = 1
CONSTANT_VOLTAGE_BIT = 2


class KeysightE36312A(ScpiInstrument):
    """Plays the role of Supply. Channels are 1 (6 V, 5 A), 2 and 3 (25 V, 1 A).

    Attributes:
        model: As in *IDN?.
        ratings: Full scale in volts and amperes by channel (data sheet 5992-2124EN).
    """

    model: ClassVar[str] = "E36312A"
    ratings: ClassVar[Mapping[int, tuple[float, float]]] = {1: (6.0, 5.0), 2: (25.0, 1.0), 3: (25.0, 1.0)}

    def __init__(self, transport: Transport, clock: Clock) -> None:
        super().__init__(Scpi(transport, self.model))
        self._clock = clock

    @property
    def channels(self) -> tuple[int, ...]:
        """All outputs that the supply has."""
        return tuple(self.ratings)

    def configure_output(self, channel: int, *, voltage_v: float, current_limit_a: float) -> None:
        """Set voltage and current limit of an output; it is not switched.

        Raises:
            InstrumentError: The supply refuses a value.
            LocalProtocolError: There is no such channel.
        """
        output = self._output(channel)
        self._scpi.configure(
            f"CURR {decimal(current_limit_a)},{output}",  # the limit first: voltage never meets an old, higher one
            f"VOLT {decimal(voltage_v)},{output}",
        )

    def voltage_v(self, channel: int) -> float:
        """Return the voltage that is set, in volts; what the output has is measured.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        return self._scpi.ask_number(f"VOLT? {self._output(channel)}")

    def current_limit_a(self, channel: int) -> float:
        """Return the current limit that is set, in amperes.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        return self._scpi.ask_number(f"CURR? {self._output(channel)}")

    def configure_ovp(self, channel: int, *, voltage_v: float) -> None:
        """Set the over-voltage protection, and switch it on.

        Raises:
            InstrumentError: The supply refuses the value.
            LocalProtocolError: There is no such channel.
        """
        output = self._output(channel)
        self._scpi.configure(f"VOLT:PROT {decimal(voltage_v)},{output}", f"VOLT:PROT:STAT ON,{output}")

    def ovp_v(self, channel: int) -> float:
        """Return the over-voltage protection level that is set, in volts.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        return self._scpi.ask_number(f"VOLT:PROT? {self._output(channel)}")

    def trip_at_limit(self, channel: int) -> None:
        """Let over-current protection switch an output off that stays at its current limit, as that is set now.

        How long it may stay there before is CURR:PROT:DEL, which a reset sets.

        Raises:
            InstrumentError: The supply refuses.
            LocalProtocolError: There is no such channel.
        """
        self._scpi.configure(f"CURR:PROT:STAT ON,{self._output(channel)}")

    def trips_at_limit(self, channel: int) -> bool:
        """Return whether over-current protection switches an output off that stays at its current limit.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        return self._scpi.ask_integer(f"CURR:PROT:STAT? {self._output(channel)}") != 0

    def enable_output(self, channel: int) -> None:
        """Switch an output on.

        Raises:
            InstrumentError: The supply refuses, for instance because a protection has tripped.
            LocalProtocolError: There is no such channel.
        """
        self._scpi.configure(f"OUTP ON,{self._output(channel)}")

    def disable_output(self, channel: int) -> None:
        """Switch an output off.

        Raises:
            InstrumentError: The supply refuses.
            LocalProtocolError: There is no such channel.
        """
        self._scpi.configure(f"OUTP OFF,{self._output(channel)}")

    def output_enabled(self, channel: int) -> bool:
        """Return whether an output is switched on.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        return self._scpi.ask_integer(f"OUTP? {self._output(channel)}") != 0

    def output_state(self, channel: int) -> OutputState:
        """Return how an output regulates now; a protection that has tripped is told before anything else.

        Raises:
            GarbledError: The answer is not four whole numbers.
            LocalProtocolError: There is no such channel.
        """
        output = self._output(channel)
        query = (
            f"VOLT:PROT:TRIP? {output};:CURR:PROT:TRIP? {output};:OUTP? {output};:STAT:QUES:INST:ISUM{channel}:COND?"
        )
        over_voltage, over_current, on, regulation = self._scpi.ask_integers(query, 4)
        if over_voltage:
            return OutputState.OVER_VOLTAGE
        if over_current:
            return OutputState.OVER_CURRENT
        if not on:
            return OutputState.OFF
        match regulation & (CONSTANT_CURRENT_BIT | CONSTANT_VOLTAGE_BIT):
            case 1:
                return OutputState.CONSTANT_CURRENT
            case 2:
                return OutputState.CONSTANT_VOLTAGE
            case _:
                return OutputState.UNREGULATED

    def measure_voltage(self, channel: int) -> Raw:
        """Return the voltage at an output in volts.

        Raises:
            InstrumentError: The supply has no reading.
            LocalProtocolError: There is no such channel.
        """
        full_scale_v, _ = self._ratings(channel)
        value = self._scpi.ask_number(f"MEAS:VOLT? (@{channel})")
        return Raw(value, "V", "dc voltage", full_scale_v, at_ns=self._clock.now_ns())

    def measure_current(self, channel: int) -> Raw:
        """Return the current out of an output in amperes, positive out of its + terminal.

        Raises:
            InstrumentError: The supply has no reading.
            LocalProtocolError: There is no such channel.
        """
        _, full_scale_a = self._ratings(channel)
        value = self._scpi.ask_number(f"MEAS:CURR? (@{channel})")
        return Raw(value, "A", "dc current", full_scale_a, at_ns=self._clock.now_ns())

    def _output(self, channel: int) -> str:
        """Return an output as the supply's commands name it."""
        self._ratings(channel)
        return f"(@{channel})"

    def _ratings(self, channel: int) -> tuple[float, float]:
        try:
            return self.ratings[channel]
        except KeyError:
            raise LocalProtocolError(
                f"there is no output {channel!r}: the {self.model} has outputs 1, 2 and 3"
            ) from None


class KeysightE36313A(KeysightE36312A):
    """Plays the role of Supply. Channels are 1 (6 V, 10 A), 2 and 3 (25 V, 2 A); each measures on 20 mA as well."""

    model = "E36313A"
    ratings: ClassVar[Mapping[int, tuple[float, float]]] = {1: (6.0, 10.0), 2: (25.0, 2.0), 3: (25.0, 2.0)}

    def configure_current_range(self, channel: int, *, range_a: float) -> None:
        """Choose the range of the current measurement: the smallest that holds range_a amperes, 20 mA or all.

        Raises:
            InstrumentError: The supply refuses the value.
            LocalProtocolError: There is no such channel.
        """
        output = self._output(channel)
        self._scpi.configure(f"SENS:CURR:RANG {decimal(range_a)},{output}")

    def measure_current(self, channel: int) -> Raw:
        """Return the current out of an output in amperes, on the range that is set.

        Raises:
            InstrumentError: The supply has no reading, or one beyond its range of 20 mA.
            LocalProtocolError: There is no such channel.
        """
        _, rated_a = self._ratings(channel)
        full_scale_a = self._scpi.ask_number(f"SENS:CURR:RANG? (@{channel})")
        value = self._scpi.ask_number(f"MEAS:CURR? (@{channel})")
        # The large range has nothing to overflow: the current limit ends there.
        if full_scale_a < rated_a and abs(value) > full_scale_a:
            raise InstrumentError(
                f"{self.model}: {value:g} A flow out of output {channel}, more than its range of {full_scale_a:g} A: "
                "choose the large range"
            )
        return Raw(value, "A", "dc current", full_scale_a, at_ns=self._clock.now_ns())
