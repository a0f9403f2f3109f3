"""The electronic loads of B&K Precision's 8500B series, here 8514B and 8542B."""

from typing import ClassVar

from harness.clock import Clock
from harness.errors import LocalProtocolError
from instruments.raw import Raw
from instruments.scpi.client import Scpi, decimal
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport


class BK8500B(ScpiInstrument):
    """Plays the role of Load.

    A mode is chosen after its range and level: with the input on, the level that it had before is never drawn.

    Attributes:
        model: As in *IDN?.
        volts: Full scales of its voltage in volts, the smaller first.
        amperes: Full scales of its current in amperes, the smaller first.
        watts: Its rated power.
    """

    model: ClassVar[str]
    volts: ClassVar[tuple[float, float]]
    amperes: ClassVar[tuple[float, float]]
    watts: ClassVar[float]

    def __init__(self, transport: Transport, clock: Clock) -> None:
        super().__init__(Scpi(transport, self.model))
        self._clock = clock

    def reset(self) -> None:
        """Switch the input off, set the load to its power-on state under remote control, and empty its error queue."""
        self._scpi.reset()
        self._scpi.configure("SYST:REM")

    def configure_current(self, *, current_a: float) -> None:
        """Draw a constant current in amperes, on the smallest range that holds it; the input is not switched.

        Raises:
            InstrumentError: The load refuses the value.
            LocalProtocolError: It has no range for it.
        """
        full_scale = self._range(current_a, self.amperes, "A")
        self._scpi.configure(f"CURR:RANG {decimal(full_scale)}", f"CURR {decimal(current_a)}", "FUNC CURR")

    def configure_voltage(self, *, voltage_v: float) -> None:
        """Hold a constant voltage in volts, on the smallest range that holds it; the input is not switched.

        Raises:
            InstrumentError: The load refuses the value.
            LocalProtocolError: It has no range for it.
        """
        full_scale = self._range(voltage_v, self.volts, "V")
        self._scpi.configure(f"VOLT:RANG {decimal(full_scale)}", f"VOLT {decimal(voltage_v)}", "FUNC VOLT")

    def configure_resistance(self, *, resistance_ohm: float) -> None:
        """Draw as a resistor in ohms would; the input is not switched.

        Raises:
            InstrumentError: The load refuses the value.
        """
        self._scpi.configure(f"RES {decimal(resistance_ohm)}", "FUNC RES")

    def configure_power(self, *, power_w: float) -> None:
        """Draw a constant power in watts; the input is not switched.

        Raises:
            InstrumentError: The load refuses the value.
        """
        self._scpi.configure(f"POW {decimal(power_w)}", "FUNC POW")

    def enable_input(self) -> None:
        """Begin to draw.

        Raises:
            InstrumentError: The load refuses.
        """
        self._scpi.configure("INP ON")

    def disable_input(self) -> None:
        """Draw nothing.

        Raises:
            InstrumentError: The load refuses.
        """
        self._scpi.configure("INP OFF")

    def input_enabled(self) -> bool:
        """Return whether the input is switched on; a protection that has tripped has switched it off.

        Raises:
            GarbledError: The answer is not a whole number.
        """
        return self._scpi.ask_integer("INP?") != 0

    def measure_voltage(self) -> Raw:
        """Return the voltage at the load's terminals in volts.

        Raises:
            InstrumentError: The load has no reading.
        """
        return self._measured("MEAS:VOLT?", "V", "dc voltage", self.volts)

    def measure_current(self) -> Raw:
        """Return the current into the + terminal in amperes.

        Raises:
            InstrumentError: The load has no reading.
        """
        return self._measured("MEAS:CURR?", "A", "dc current", self.amperes)

    def measure_power(self) -> Raw:
        """Return the power that the load takes, in watts.

        Raises:
            InstrumentError: The load has no reading.
        """
        return self._measured("MEAS:POW?", "W", "dc power", (self.watts,))

    def _measured(self, query: str, unit: str, function: str, ranges: tuple[float, ...]) -> Raw:
        value = self._scpi.ask_number(query)
        # The load measures on the smallest range that holds the reading, and does not say which.
        full_scale = next((one for one in ranges if abs(value) < one), ranges[-1])
        return Raw(value, unit, function, full_scale, at_ns=self._clock.now_ns())

    def _range(self, value: float, ranges: tuple[float, float], unit: str) -> float:
        for full_scale in ranges:
            if 0.0 <= value <= full_scale:
                return full_scale
        raise LocalProtocolError(
            f"the {self.model} cannot be set to {value:g} {unit}: it takes 0 to {ranges[-1]:g} {unit}"
        )


class BK8514B(BK8500B):
    """A load of 120 V, 240 A and 1500 W."""

    model = "8514B"
    volts = (18.0, 120.0)
    amperes = (24.0, 240.0)
    watts = 1500.0


class BK8542B(BK8500B):
    """A load of 150 V, 30 A and 150 W."""

    model = "8542B"
    volts = (18.0, 150.0)
    amperes = (3.0, 30.0)
    watts = 150.0
