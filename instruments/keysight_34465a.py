"""The Keysight Truevolt multimeters 34465A and 34461A: the reference for every direct voltage on the bench."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from harness.clock import Clock
from harness.errors import InstrumentError, LocalProtocolError
from instruments.multimeter_setup import AC_RANGES_V, LOWEST_HZ, RANGES_OHM, RANGES_V, Setup, must_be_one_of
from instruments.raw import Raw
from instruments.scpi.client import Scpi, decimal
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEMORY_OVERFLOW_BIT = 1 << 14  # STAT:QUES?: memory is full, the oldest readings have been lost


class Keysight34465A(ScpiInstrument):
    """Plays the role of Multimeter."""

    MARK: ClassVar[Mapping[str, float]] = {"FREQ:APER?": 1.0}
    MODEL = "34465A"
    APERTURES_PLC: tuple[float, ...] = (0.001, 0.002, 0.006, 0.02, 0.06, 0.2, 1.0, 10.0, 100.0)
    RANGES_A: tuple[float, ...] = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0)
    AC_RANGES_A: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0)
    RANGES_OHM: tuple[float, ...] = (*RANGES_OHM, 1e9)
    HAS_SAMPLE_TIMER = True

    def __init__(self, transport: Transport, clock: Clock) -> None:
        super().__init__(Scpi(transport, self.MODEL))
        self._clock = clock
        self._line_hz = 0.0
        self._setup: Setup | None = None
        self._triggers_changed = False
        self._log_count = 0
        self._log_taken = 0

    def reset(self) -> None:
        """Set the meter to its power-on state, and empty its error queue; it must be configured again after that."""
        self._setup = None
        self._triggers_changed = False
        self._log_count = 0
        self._scpi.reset()

    def configure_dc_voltage(self, *, range_v: float, aperture_plc: float) -> None:
        """Choose d.c. voltage on a fixed range, each reading averaged over aperture_plc periods of the mains.

        The input is above 10 GΩ up to the 10 V range, and 10 MΩ above it. Nothing is sent if nothing changes.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating(
            "dc voltage",
            "V",
            "VOLT:DC",
            "VOLT",
            range_v,
            RANGES_V,
            aperture_plc,
            "VOLT:ZERO:AUTO ON",
            "VOLT:IMP:AUTO ON",
        )

    def configure_dc_current(self, *, range_a: float, aperture_plc: float) -> None:
        """Choose d.c. current on a fixed range, each reading averaged over aperture_plc periods of the mains.

        The meter is in series with the circuit: its burden voltage is the current times the shunt of the range.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating(
            "dc current", "A", "CURR:DC", "CURR", range_a, self.RANGES_A, aperture_plc, "CURR:ZERO:AUTO ON"
        )

    def configure_ac_voltage(self, *, range_v: float, lowest_hz: float) -> None:
        """Choose a.c. voltage, true r.m.s. without the d.c. part, on a fixed range, for frequencies from lowest_hz on.

        Raises:
            LocalProtocolError: The meter has no such range or filter.
            InstrumentError: The meter refuses.
        """
        self._true_rms("ac voltage", "V", "VOLT:AC", range_v, AC_RANGES_V, lowest_hz)

    def configure_ac_current(self, *, range_a: float, lowest_hz: float) -> None:
        """Choose a.c. current, true r.m.s. without the d.c. part, on a fixed range, for frequencies from lowest_hz on.

        Raises:
            LocalProtocolError: The meter has no such range or filter.
            InstrumentError: The meter refuses.
        """
        self._true_rms("ac current", "A", "CURR:AC", range_a, self.AC_RANGES_A, lowest_hz)

    def configure_resistance(self, *, range_ohm: float, aperture_plc: float) -> None:
        """Choose four-wire resistance on a fixed range, each reading averaged over aperture_plc periods of the mains.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating("resistance", "Ω", "FRES", "FRES", range_ohm, self.RANGES_OHM, aperture_plc)

    def configure_two_wire_resistance(self, *, range_ohm: float, aperture_plc: float) -> None:
        """Choose two-wire resistance on a fixed range; the leads are part of what is read.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating(
            "two-wire resistance", "Ω", "RES", "RES", range_ohm, self.RANGES_OHM, aperture_plc, "RES:ZERO:AUTO ON"
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
            raise InstrumentError(
                f"the {self.MODEL} has no sample timer, and what paces its readings instead is not deterministic"
                f" (Truevolt guide, p. 309), so that it cannot log: name a 34465A in the bench file"
            )
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
        values = np.array(self._scpi.numbers(text, "R?") if text else [], dtype=np.float64)
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

    def _integrating(
        self,
        function: str,
        unit: str,
        configured: str,
        node: str,
        full_scale: float,
        ranges: tuple[float, ...],
        aperture_plc: float,
        *more: str,
    ) -> None:
        if self._is_set(function, full_scale, aperture_plc):
            return
        must_be_one_of(self.MODEL, "range", full_scale, ranges, unit)
        must_be_one_of(self.MODEL, "aperture", aperture_plc, self.APERTURES_PLC, "periods of the mains")
        if self._line_hz == 0.0:
            self._line_hz = self._scpi.ask_number("SYST:LFR?")
        # CONF also sets triggers and samples to their defaults.
        commands = (f"CONF:{configured} {decimal(full_scale)}", f"{node}:NPLC {decimal(aperture_plc)}", *more)
        self._configure(Setup(function, unit, full_scale, aperture_plc, aperture_plc / self._line_hz, commands))

    def _true_rms(
        self, function: str, unit: str, node: str, full_scale: float, ranges: tuple[float, ...], lowest_hz: float
    ) -> None:
        if self._is_set(function, full_scale, lowest_hz):
            return
        must_be_one_of(self.MODEL, "range", full_scale, ranges, unit)
        must_be_one_of(self.MODEL, "filter", lowest_hz, LOWEST_HZ, "Hz")
        commands = (f"CONF:{node} {decimal(full_scale)}", f"{node}:BAND {decimal(lowest_hz)}")
        self._configure(Setup(function, unit, full_scale, lowest_hz, 0.0, commands))

    def _expected(self) -> dict[str, float]:
        now = self._setup
        # *RST chooses the range by itself; as long as it does not, the range is the one that was set.
        return {"VOLT:RANG:AUTO?": 0.0, "VOLT:RANG?": now.range} if now and now.function == "dc voltage" else {}

    def _is_set(self, function: str, full_scale: float, speed: float) -> bool:
        now = self._setup
        return now is not None and (now.function, now.range, now.speed) == (function, full_scale, speed)

    def _configure(self, setup: Setup) -> None:
        self._setup = None  # a refused setting must not be taken for the present one
        self._scpi.configure("ABOR", *setup.commands)
        self._setup = setup
        self._triggers_changed = False
        self._log_count = 0

    def _configured(self) -> Setup:
        if self._setup is None:
            raise LocalProtocolError(f"the {self.MODEL} must be configured before it reads: choose a range")
        return self._setup


class Keysight34461A(Keysight34465A):
    """Plays the role of Multimeter, but for logs: SAMP:SOUR and SAMP:TIM apply only to the 34465A and 34470A
    (Truevolt operating and service guide, p. 309).
    """

    MODEL = "34461A"
    APERTURES_PLC = (0.02, 0.2, 1.0, 10.0, 100.0)
    RANGES_A = Keysight34465A.AC_RANGES_A
    RANGES_OHM = RANGES_OHM
    HAS_SAMPLE_TIMER = False
