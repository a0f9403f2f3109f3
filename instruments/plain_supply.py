"""A power supply that speaks plain SCPI-99: its outputs are numbers at the headers, and a message is one command.

Supplies of small makers and simulators are often so. It stands in no catalogue: there is neither a data sheet nor an
interlock for a supply that could be any.
"""

from collections.abc import Mapping

from harness.clock import Clock
from harness.errors import GarbledError, LocalProtocolError
from instruments.raw import Raw
from instruments.roles import OutputState
from instruments.scpi.client import Scpi, decimal
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport

MODES = {
    "CV": OutputState.CONSTANT_VOLTAGE,
    "CC": OutputState.CONSTANT_CURRENT,
    "OFF": OutputState.OFF,
    "UR": OutputState.UNREGULATED,
}


class PlainSupply(ScpiInstrument):
    """Plays the role of Supply.

    Args:
        transport: The wire.
        clock: What readings take their time from.
        ratings: Full scale in volts and amperes by channel.
    """

    def __init__(self, transport: Transport, clock: Clock, ratings: Mapping[int, tuple[float, float]]) -> None:
        super().__init__(Scpi(transport, "supply"))
        self._transport = transport
        self._clock = clock
        self._ratings = ratings

    def reset(self) -> None:
        """Switch every output off, set the supply to its power-on state, and empty its error queue."""
        self._transport.clear()
        self._scpi.write("*RST")
        self._scpi.write("*CLS")
        self.check_errors()

    def disturbed(self) -> str:
        """Return what happened to the supply since this was last asked, as far as it tells, or ""."""
        identity = self._scpi.ask("*IDN?")
        self._known = self._known or identity
        return "" if identity == self._known else f"it says that it is {identity!r}, and was {self._known!r}"

    @property
    def channels(self) -> tuple[int, ...]:
        """All outputs that the supply has."""
        return tuple(self._ratings)

    def configure_output(self, channel: int, *, voltage_v: float, current_limit_a: float) -> None:
        """Set voltage and current limit of an output; it is not switched.

        Raises:
            InstrumentError: The supply refuses a value.
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        # The limit first: voltage never meets an old, higher one.
        self._set(f"SOUR{channel}:CURR {decimal(current_limit_a)}", f"SOUR{channel}:VOLT {decimal(voltage_v)}")

    def voltage_v(self, channel: int) -> float:
        """Return the voltage that is set, in volts; what the output has is measured.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        return self._scpi.ask_number(f"SOUR{channel}:VOLT?")

    def current_limit_a(self, channel: int) -> float:
        """Return the current limit that is set, in amperes.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        return self._scpi.ask_number(f"SOUR{channel}:CURR?")

    def configure_ovp(self, channel: int, *, voltage_v: float) -> None:
        """Set the over-voltage protection, and switch it on.

        Raises:
            InstrumentError: The supply refuses the value.
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        self._set(f"SOUR{channel}:VOLT:PROT {decimal(voltage_v)}", f"SOUR{channel}:VOLT:PROT:STAT ON")

    def ovp_v(self, channel: int) -> float:
        """Return the over-voltage protection level that is set, in volts.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        return self._scpi.ask_number(f"SOUR{channel}:VOLT:PROT?")

    def trip_at_limit(self, channel: int) -> None:
        """Let over-current protection switch an output off that exceeds its current limit, as that is set now.

        Raises:
            InstrumentError: The supply refuses.
            LocalProtocolError: There is no such channel.
        """
        level = decimal(self.current_limit_a(channel))
        self._set(f"SOUR{channel}:CURR:PROT {level}", f"SOUR{channel}:CURR:PROT:STAT ON")

    def trips_at_limit(self, channel: int) -> bool:
        """Return whether over-current protection switches an output off that exceeds its current limit.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        limit_a = self.current_limit_a(channel)
        on = self._scpi.ask_integer(f"SOUR{channel}:CURR:PROT:STAT?")
        return on != 0 and self._scpi.ask_number(f"SOUR{channel}:CURR:PROT?") <= limit_a

    def enable_output(self, channel: int) -> None:
        """Switch an output on.

        Raises:
            InstrumentError: The supply refuses, or its protection trips at once.
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        self._set(f"OUTP{channel} ON")

    def disable_output(self, channel: int) -> None:
        """Switch an output off.

        Raises:
            InstrumentError: The supply refuses.
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        self._set(f"OUTP{channel} OFF")

    def output_enabled(self, channel: int) -> bool:
        """Return whether an output is switched on.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        return self._scpi.ask_integer(f"OUTP{channel}?") != 0

    def output_state(self, channel: int) -> OutputState:
        """Return how an output regulates now.

        A supply that tells only that a protection has tripped is taken for over-voltage or over-current by the one that
        is switched on; it is unregulated if both are, or none.

        Raises:
            GarbledError: The answer is none that is known.
            LocalProtocolError: There is no such channel.
        """
        self._rating(channel)
        if self._scpi.ask_integer(f"OUTP{channel}:PROT:TRIP?"):
            over_voltage = self._scpi.ask_integer(f"SOUR{channel}:VOLT:PROT:STAT?")
            over_current = self._scpi.ask_integer(f"SOUR{channel}:CURR:PROT:STAT?")
            if bool(over_voltage) == bool(over_current):
                return OutputState.UNREGULATED
            return OutputState.OVER_VOLTAGE if over_voltage else OutputState.OVER_CURRENT
        mode = self._scpi.ask(f"OUTP{channel}:MODE?")
        try:
            return MODES[mode]
        except KeyError:
            raise GarbledError(f"supply: the output mode must be one of {', '.join(MODES)}, not {mode!r}") from None

    def measure_voltage(self, channel: int) -> Raw:
        """Return the voltage at an output in volts.

        Raises:
            InstrumentError: The supply has no reading.
            LocalProtocolError: There is no such channel.
        """
        full_scale_v, _ = self._rating(channel)
        value = self._scpi.ask_number(f"MEAS{channel}:VOLT?")
        return Raw(value, "V", "dc voltage", full_scale_v, at_ns=self._clock.now_ns())

    def measure_current(self, channel: int) -> Raw:
        """Return the current out of an output in amperes, positive out of its + terminal.

        Raises:
            InstrumentError: The supply has no reading.
            LocalProtocolError: There is no such channel.
        """
        _, full_scale_a = self._rating(channel)
        value = self._scpi.ask_number(f"MEAS{channel}:CURR?")
        return Raw(value, "A", "dc current", full_scale_a, at_ns=self._clock.now_ns())

    def _set(self, *commands: str) -> None:
        for command in commands:
            self._scpi.write(command)
            self.check_errors()

    def _rating(self, channel: int) -> tuple[float, float]:
        try:
            return self._ratings[channel]
        except KeyError:
            known = ", ".join(map(str, self._ratings))
            raise LocalProtocolError(f"there is no output {channel!r}: the supply has {known}") from None
