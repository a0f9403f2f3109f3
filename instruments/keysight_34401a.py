"""The Keysight (once HP, then Agilent) 34401A multimeter, and whatever passes for one: single readings, no logs."""

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

RANGES_A = (0.01, 0.1, 1.0, 3.0)
AC_RANGES_A = (1.0, 3.0)
APERTURES_PLC = (0.02, 0.2, 1.0, 10.0, 100.0)


class Keysight34401A(ScpiInstrument):
    """Plays the role of Multimeter, but for logs: the meter has no sample timer.

    Args:
        transport: The wire.
        clock: Bench time.
        mains_hz: Frequency of the mains in hertz: the meter goes by it, and cannot be asked.
    """

    MARK: ClassVar[Mapping[str, float]] = {"FREQ:APER?": 1.0}
    MODEL = "34401A"

    def __init__(self, transport: Transport, clock: Clock, *, mains_hz: float) -> None:
        super().__init__(Scpi(transport, self.MODEL))
        self._clock = clock
        self._mains_hz = mains_hz
        self._setup: Setup | None = None

    def reset(self) -> None:
        """Set the meter to its power-on state, and empty its error queue; it must be configured again after that."""
        self._setup = None
        self._scpi.reset()

    def configure_dc_voltage(self, *, range_v: float, aperture_plc: float) -> None:
        """Choose d.c. voltage on a fixed range, each reading averaged over aperture_plc periods of the mains.

        The input is above 10 GΩ up to the 10 V range, and 10 MΩ above it. Nothing is sent if nothing changes.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating("dc voltage", "V", "VOLT:DC", range_v, RANGES_V, aperture_plc, "INP:IMP:AUTO ON")

    def configure_dc_current(self, *, range_a: float, aperture_plc: float) -> None:
        """Choose d.c. current on a fixed range; the shunt is 5 Ω up to 100 mA, and 0.1 Ω above.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating("dc current", "A", "CURR:DC", range_a, RANGES_A, aperture_plc)

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
        self._true_rms("ac current", "A", "CURR:AC", range_a, AC_RANGES_A, lowest_hz)

    def configure_resistance(self, *, range_ohm: float, aperture_plc: float) -> None:
        """Choose four-wire resistance on a fixed range, each reading averaged over aperture_plc periods of the mains.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating("resistance", "Ω", "FRES", range_ohm, RANGES_OHM, aperture_plc)

    def configure_two_wire_resistance(self, *, range_ohm: float, aperture_plc: float) -> None:
        """Choose two-wire resistance on a fixed range; the leads are part of what is read.

        Raises:
            LocalProtocolError: The meter has no such range or aperture.
            InstrumentError: The meter refuses.
        """
        self._integrating("two-wire resistance", "Ω", "RES", range_ohm, RANGES_OHM, aperture_plc)

    def read(self) -> Raw:
        """Start a measurement, wait for it, and return it.

        Raises:
            InstrumentError: The input is beyond the range.
            LocalProtocolError: The meter was not configured.
        """
        setup = self._configured()
        value = self._scpi.ask_number("READ?")
        return Raw(value, setup.unit, setup.function, setup.range, setup.aperture_s, self._clock.now_ns())

    def start_log(self, *, count: int, interval_s: float) -> None:
        """Refuse: the meter has no sample timer.

        Raises:
            InstrumentError: Always.
        """
        raise InstrumentError(f"the {self.MODEL} has no sample timer to log with: name a 34465A in the bench file")

    def take_log(self) -> "NDArray[np.float64]":
        """Refuse: no log was ever started.

        Raises:
            LocalProtocolError: Always.
        """
        raise LocalProtocolError("there is no log to take: start one first")

    def stop_log(self) -> None:
        """Do nothing: no log was ever started."""

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
        node: str,
        full_scale: float,
        ranges: tuple[float, ...],
        aperture_plc: float,
        *more: str,
    ) -> None:
        if self._is_set(function, full_scale, aperture_plc):
            return
        must_be_one_of(self.MODEL, "range", full_scale, ranges, unit)
        must_be_one_of(self.MODEL, "aperture", aperture_plc, APERTURES_PLC, "periods of the mains")
        commands = (f"CONF:{node} {decimal(full_scale)}", f"{node}:NPLC {decimal(aperture_plc)}", "ZERO:AUTO ON", *more)
        self._configure(Setup(function, unit, full_scale, aperture_plc, aperture_plc / self._mains_hz, commands))

    def _true_rms(
        self, function: str, unit: str, node: str, full_scale: float, ranges: tuple[float, ...], lowest_hz: float
    ) -> None:
        if self._is_set(function, full_scale, lowest_hz):
            return
        must_be_one_of(self.MODEL, "range", full_scale, ranges, unit)
        must_be_one_of(self.MODEL, "filter", lowest_hz, LOWEST_HZ, "Hz")
        commands = (f"CONF:{node} {decimal(full_scale)}", f"DET:BAND {decimal(lowest_hz)}")
        self._configure(Setup(function, unit, full_scale, lowest_hz, 0.0, commands))

    def _expected(self) -> dict[str, float]:
        now = self._setup
        return {"VOLT:RANG:AUTO?": 0.0, "VOLT:RANG?": now.range} if now and now.function == "dc voltage" else {}

    def _is_set(self, function: str, full_scale: float, speed: float) -> bool:
        now = self._setup
        return now is not None and (now.function, now.range, now.speed) == (function, full_scale, speed)

    def _configure(self, setup: Setup) -> None:
        self._setup = None  # a refused setting must not be taken for the present one
        self._scpi.configure(*setup.commands)
        self._setup = setup

    def _configured(self) -> Setup:
        if self._setup is None:
            raise LocalProtocolError(f"the {self.MODEL} must be configured before it reads: choose a range")
        return self._setup
