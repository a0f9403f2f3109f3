"""The Keysight Truevolt multimeters 34465A and 34461A: the reference for every direct voltage on the bench."""

from typing import TYPE_CHECKING, NamedTuple

from harness.clock import Clock
from harness.errors import InstrumentError, LocalProtocolError
from instruments.raw import Raw
from instruments.roles import Identity
from instruments.scpi.client import Scpi, decimal
from instruments.transport import Transport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VOLTAGE_RANGES = (0.1, 1.0, 10.0, 100.0, 1000.0)
RESISTANCE_RANGES = (1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
MEMORY_OVERFLOW_BIT = 1 << 14  # STAT:QUES?: memory is full, the oldest readings have been lost


class Setup(NamedTuple):
    """What the meter is set to, and the message that sets it so again."""

    function: str
    unit: str
    range: float
    aperture_plc: float
    aperture_s: float
    commands: tuple[str, ...]


class Keysight34465A:
    """Plays the role of Multimeter."""

    MODEL = "34465A"
    APERTURES_PLC: tuple[float, ...] = (0.001, 0.002, 0.006, 0.02, 0.06, 0.2, 1.0, 10.0, 100.0)
    HAS_SAMPLE_TIMER = True

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._scpi = Scpi(transport, self.MODEL)
        self._clock = clock
        self._line_hz = 0.0
        self._setup: Setup | None = None
        self._triggers_changed = False
        self._log_count = 0
        self._log_taken = 0

    def identify(self) -> Identity:
        """Return who the meter says that it is.

        Raises:
            RemoteProtocolError: The answer is not four fields.
        """
        return self._scpi.identify()

    def reset(self) -> None:
        """Set the meter to its power-on state, and empty its error queue; it must be configured again after that."""
        self._setup = None
        self._triggers_changed = False
        self._log_count = 0
        self._scpi.reset()

    def check_errors(self) -> None:
        """Read the error queue until it is empty.

        Raises:
            InstrumentError: The queue was not empty; the text quotes all of it.
        """
        self._scpi.check_errors()

    def close(self) -> None:
        """Give the wire back."""
        self._scpi.close()

    def configure_dc_voltage(self, *, range_v: float, aperture_plc: float) -> None:
        """Choose d.c. voltage on a fixed range, each reading averaged over aperture_plc periods of the mains.

        The input is above 10 GΩ up to the 10 V range, and 10 MΩ above it. Nothing is sent if nothing changes.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        now = self._setup
        if now is not None and (now.range, now.aperture_plc, now.unit) == (range_v, aperture_plc, "V"):
            return
        self._must_be_one_of("range", range_v, VOLTAGE_RANGES, "V")
        self._must_be_one_of("aperture", aperture_plc, self.APERTURES_PLC, "periods of the mains")
        self._configure(
            "dc voltage",
            "V",
            range_v,
            aperture_plc,
            f"CONF:VOLT:DC {decimal(range_v)}",  # CONF also sets triggers and samples to their defaults
            f"VOLT:NPLC {decimal(aperture_plc)}",
            "VOLT:ZERO:AUTO ON",
            "VOLT:IMP:AUTO ON",
        )

    def configure_resistance(self, *, range_ohm: float, aperture_plc: float) -> None:
        """Choose four-wire resistance on a fixed range, each reading averaged over aperture_plc periods of the mains.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        now = self._setup
        if now is not None and (now.range, now.aperture_plc, now.unit) == (range_ohm, aperture_plc, "Ω"):
            return
        self._must_be_one_of("range", range_ohm, RESISTANCE_RANGES, "Ω")
        self._must_be_one_of("aperture", aperture_plc, self.APERTURES_PLC, "periods of the mains")
        self._configure(
            "resistance",
            "Ω",
            range_ohm,
            aperture_plc,
            f"CONF:FRES {decimal(range_ohm)}",
            f"FRES:NPLC {decimal(aperture_plc)}",
        )

    def read(self) -> Raw:
        """Start a measurement, wait for it, and return it.

        Raises:
            InstrumentError: The input is beyond the range.
            LocalProtocolError: The meter was not configured.
        """
        setup = self._configured()
        if self._triggers_changed:
            self._scpi.configure("ABOR", *setup.commands)
            self._triggers_changed = False
            self._log_count = 0
        value = self._scpi.ask_number("READ?")
        return Raw(value, setup.unit, setup.function, setup.range, setup.aperture_s, self._clock.now_ns())

    def start_log(self, *, count: int, interval_s: float) -> None:
        """Start count readings, interval_s apart on the meter's own timer, the first one now.

        Raises:
            InstrumentError: The meter cannot read that fast with this aperture, or has no sample timer.
            LocalProtocolError: The meter was not configured, or count is less than 2.
        """
        setup = self._configured()
        if not self.HAS_SAMPLE_TIMER:
            raise InstrumentError(f"the {self.MODEL} has no sample timer to log with: name a 34465A in the bench file")
        if count < 2:
            raise LocalProtocolError(f"a log of {count} readings must have at least 2")
        self._triggers_changed = True
        self._scpi.configure(
            "ABOR",
            f"SAMP:COUN {count}",
            "SAMP:SOUR TIM",
            f"SAMP:TIM {decimal(interval_s)}",
            "TRIG:SOUR IMM",
            "TRIG:COUN 1",
            "TRIG:DEL 0",  # else the first reading begins later than the timer says
        )
        shortest_s = self._scpi.ask_number("SAMP:TIM? MIN")
        if interval_s < shortest_s * (1.0 - 1e-6):
            raise InstrumentError(
                f"the {self.MODEL} cannot log every {interval_s:g} s: with an aperture of {setup.aperture_s:g} s"
                f" and autozero the interval must be at least {shortest_s:g} s"
            )
        self._scpi.ask_integer("STAT:QUES?")  # reading it forgets an overflow of the log before
        self._scpi.configure("INIT")
        self._log_count = count
        self._log_taken = 0

    def take_log(self) -> "NDArray[np.float64]":
        """Return the readings that are finished and were not taken before, oldest first, and remove them from memory.

        Raises:
            InstrumentError: A reading is beyond the range, or the memory overflowed and readings were lost.
            LocalProtocolError: No log was started.
        """
        import numpy as np

        if self._log_count == 0:
            raise LocalProtocolError("there is no log to take: start one first")
        text = self._scpi.ask_block("R?")
        number = self._scpi.number
        values = np.array([number(part, "R?") for part in text.split(b",")] if text else [], dtype=np.float64)
        self._log_taken += len(values)
        if self._scpi.ask_integer("STAT:QUES?") & MEMORY_OVERFLOW_BIT:
            raise InstrumentError(
                f"the memory of the {self.MODEL} overflowed and readings were lost: take the log more often"
            )
        self._scpi.check_errors()  # a sample that came too late is told here
        if self._log_taken > self._log_count:
            raise InstrumentError(
                f"the {self.MODEL} gave {self._log_taken} readings of a log of {self._log_count}: readings of another"
                f" measurement are among them"
            )
        return values

    def stop_log(self) -> None:
        """End a log early; what is in memory can still be taken.

        Raises:
            InstrumentError: The meter refuses.
        """
        self._scpi.configure("ABOR")

    @property
    def aperture_s(self) -> float:
        """The time over which one reading averages, in seconds."""
        return self._configured().aperture_s

    @property
    def range(self) -> float:
        """Full scale of the range that is set, in the unit of the function."""
        return self._configured().range

    def _configure(self, function: str, unit: str, range_: float, aperture_plc: float, *commands: str) -> None:
        if self._line_hz == 0.0:
            self._line_hz = self._scpi.ask_number("SYST:LFR?")
        self._setup = None  # a refused setting must not be taken for the present one
        self._scpi.configure("ABOR", *commands)
        self._setup = Setup(function, unit, range_, aperture_plc, aperture_plc / self._line_hz, commands)
        self._triggers_changed = False
        self._log_count = 0

    def _configured(self) -> Setup:
        if self._setup is None:
            raise LocalProtocolError(f"the {self.MODEL} must be configured before it reads: choose a range")
        return self._setup

    def _must_be_one_of(self, what: str, value: float, allowed: tuple[float, ...], unit: str) -> None:
        # The meter would take the next range that fits; the report would then state another one than was asked for.
        if value not in allowed:
            offered = ", ".join(f"{choice:g}" for choice in allowed)
            raise LocalProtocolError(f"the {self.MODEL} has no {what} of {value:g} {unit}: it has {offered}")


class Keysight34461A(Keysight34465A):
    """Plays the role of Multimeter, but for logs: SAMP:SOUR and SAMP:TIM apply only to the 34465A and 34470A
    (Truevolt operating and service guide, p. 309).
    """

    MODEL = "34461A"
    APERTURES_PLC = (0.02, 0.2, 1.0, 10.0, 100.0)
    HAS_SAMPLE_TIMER = False
