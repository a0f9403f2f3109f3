"""The Temptronic ThermoStream TP04300A: air of a set temperature, here into an enclosure round the device.

Commands and registers were found in "TP04300 Series Interface & Applications Manual" (pp. 4-6, 4-24 to 4-26, C-1), and
FLOW, EROR? and the bits of AUXC? in pymeasure's driver for its successors ATS-515 to ATS-645. That it has *ESR? is
remembered of IEEE 488.2. It has no SYSTem:ERRor?: a command that it refuses shows in its event status register.
"""

from harness.clock import Clock
from harness.errors import InstrumentError
from instruments.raw import Raw
from instruments.roles import Identity
from instruments.scpi.client import Scpi, decimal
from instruments.transport import Transport

# After SRST it must be left alone for so long (p. 4-24).
RESET_S = 4.0
SETPOINT = 5  # the one that is active after SRST
AT_TEMPERATURE = 1 << 0  # of TECR?
FLOW_ON = 1 << 5  # of AUXC?
REFUSED = 0b0011_1100  # of *ESR?: command, execution, device dependent and query errors
POWER_ON = 1 << 7


class TemptronicTP04300A:
    """Plays the role of Chamber. It controls its air; what the device has is measured by another sensor."""

    MODEL = "TP04300A"

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._scpi = Scpi(transport, self.MODEL)
        self._transport = transport
        self._clock = clock
        self._known = ""

    def identify(self) -> Identity:
        """Return who it says that it is; the third field of its answer is taken for its serial number.

        Raises:
            GarbledError: The answer is not four fields.
        """
        return self._scpi.identify()

    def reset(self) -> None:
        """Stop its air, and set it to the state of its cycle screen; its head stays where it is."""
        self._transport.clear()
        self._scpi.write("FLOW 0")
        self._scpi.write("SRST")
        self._clock.sleep(RESET_S)
        self._scpi.write("*CLS")
        self._scpi.ask_integer("*ESR?")

    def check_errors(self) -> None:
        """See that it has refused nothing and that nothing is wrong with it.

        Raises:
            InstrumentError: It did, or something is; the text has its registers.
        """
        refused, wrong = self._scpi.ask_integer("*ESR?") & REFUSED, self._scpi.ask_integer("EROR?")
        if refused or wrong:
            raise InstrumentError(f"the {self.MODEL} reports *ESR? {refused} and EROR? {wrong}: look at its display")

    def disturbed(self) -> str:
        """Return what happened to it since this was last asked, or "" if nothing did."""
        events, identity = self._scpi.ask_integer("*ESR?"), self._scpi.ask("*IDN?")
        first, known = not self._known, self._known or identity
        self._known = known
        if identity != known:
            return f"it says that it is {identity!r}, and was {known!r}"
        return "it was switched off and on" if events & POWER_ON and not first else ""

    def configure(self, *, lowest_c: float, highest_c: float, window_c: float) -> None:
        """Set the limits of its air, and how near a temperature counts as reached, all in °C.

        Raises:
            InstrumentError: It refuses.
        """
        self._set(
            f"LLIM {decimal(lowest_c)}",
            f"ULIM {decimal(highest_c)}",
            f"SETN {SETPOINT}",
            f"WNDW {decimal(window_c)}",
            "SOAK 0",
        )

    def start(self, *, temperature_c: float) -> None:
        """Bring its air to a temperature in °C, and hold it there.

        Raises:
            InstrumentError: It refuses.
        """
        self._set(f"SETN {SETPOINT}", f"SETP {decimal(temperature_c)}")
        self._set("FLOW 1")

    def stop(self) -> None:
        """Blow no air any more.

        Raises:
            InstrumentError: It refuses.
        """
        self._set("FLOW 0")

    def running(self) -> bool:
        """Return whether it blows air.

        Raises:
            GarbledError: The answer is not a whole number.
        """
        return bool(self._scpi.ask_integer("AUXC?") & FLOW_ON)

    def at_temperature(self) -> bool:
        """Return whether its air is at the temperature that is set.

        Raises:
            GarbledError: The answer is not a whole number.
        """
        return bool(self._scpi.ask_integer("TECR?") & AT_TEMPERATURE)

    def air_temperature(self) -> Raw:
        """Return the temperature of its air in °C.

        Raises:
            GarbledError: The answer is not a number.
        """
        value = self._scpi.ask_number("TMPA?")
        return Raw(value, "°C", "air temperature", 225.0, at_ns=self._clock.now_ns())

    def close(self) -> None:
        """Give the wire back; its air stays as it is."""
        self._scpi.close()

    def _set(self, *commands: str) -> None:
        """Send commands, and see that none was refused."""
        message = ";".join(commands)
        refused = self._scpi.ask_integer(f"{message};*ESR?") & REFUSED
        if refused:
            raise InstrumentError(f"the {self.MODEL} refuses {message!r}: its event status register is {refused}")
