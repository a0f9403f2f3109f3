"""The Keysight DAQ970A switch unit: relays that wire the bench, and a multiplexer with a meter for its sensors."""

from collections.abc import Mapping
from typing import ClassVar

from harness.clock import Clock
from harness.errors import GarbledError, InstrumentError, LocalProtocolError
from instruments.raw import Raw
from instruments.scpi.client import NO_ERROR, Scpi
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport

RELAY_REST_S = 0.020  # operate time of the slowest relay, one that falls first, and bounce
VOLTAGE_RANGES = (0.1, 1.0, 10.0, 100.0, 300.0)
MEASURE_APERTURE_S = 0.02  # MEAS? reads with its default of one period of the mains


class KeysightDAQ970A(ScpiInstrument):
    """Plays the role of Switch. A channel is slot * 100 + number: 101 is the first relay of slot 1."""

    model: ClassVar[str] = "DAQ970A"
    slots: ClassVar[range] = range(1, 4)
    per_slot: ClassVar[int] = 100  # a channel is slot * per_slot + number
    relays: ClassVar[Mapping[str, int]] = {"DAQM900A": 20, "DAQM901A": 22, "DAQM902A": 16, "DAQM903A": 20}
    state_query: ClassVar[str] = "ROUT:CLOS?"
    closed_word: ClassVar[str] = "1"

    def __init__(self, transport: Transport, clock: Clock) -> None:
        super().__init__(Scpi(transport, self.model))
        self._clock = clock
        self._modules: dict[int, str] | None = None
        # The slots that were measured on: the unit keeps their relays for the scan list until that is empty.
        self._kept: frozenset[int] = frozenset()

    def reset(self) -> None:
        """Open every relay, set the unit to its power-on state, and empty its error queue."""
        self._scpi.reset()
        self._kept = frozenset()
        self._clock.sleep(RELAY_REST_S)

    def modules(self) -> dict[int, str]:
        """Return the model of the module in each slot; an empty slot is not in it.

        Raises:
            GarbledError: The unit does not answer in four fields.
        """
        if self._modules is None:
            found: dict[int, str] = {}
            for slot in self.slots:
                query = f"SYST:CTYP? {self._slot_name(slot)}"
                answer = self._scpi.ask(query)
                fields = [field.strip() for field in answer.strip('"').split(",")]
                if len(fields) != 4:
                    raise GarbledError(f"{self.model}: {query!r} must be answered by four fields, not by {answer!r}")
                if fields[1] != "0":
                    found[slot] = fields[1]
            self._modules = found
        return dict(self._modules)

    def close_relays(self, *channels: int) -> None:
        """Close relays, all in one command, and wait until they rest.

        Raises:
            InstrumentError: The unit refuses: there is no such relay, or a scan holds it.
        """
        self._switch("CLOS", channels)

    def open_relays(self, *channels: int) -> None:
        """Open relays, all in one command, and wait until they rest.

        Raises:
            InstrumentError: The unit refuses: there is no such relay, or a scan holds it.
        """
        self._switch("OPEN", channels)

    def open_all(self) -> None:
        """Open every relay of the unit, and wait until they rest; a scan that is under way is ended.

        Raises:
            InstrumentError: The unit refuses, or holds a module that this driver does not know.
        """
        spans = []
        for slot, model in self.modules().items():
            if model not in self.relays:
                raise InstrumentError(
                    f"slot {slot} of the {self.model} holds a {model}: this driver knows {', '.join(self.relays)}"
                )
            spans.append(f"{slot}01:{slot}{self.relays[model]:02d}")
        if spans:
            self._scpi.configure("ABOR", "ROUT:SCAN (@)", f"ROUT:OPEN (@{','.join(spans)})")
            self._kept = frozenset()
            self._clock.sleep(RELAY_REST_S)

    def closed(self, *channels: int) -> tuple[bool, ...]:
        """Return for each relay whether it is closed.

        Raises:
            GarbledError: The unit does not answer with 0 or 1 for each.
        """
        if not channels:
            return ()
        query = f"{self.state_query} (@{self._listed(channels)})"
        answer = self._scpi.ask(query).split(",")
        if len(answer) != len(channels) or not set(answer) <= {"0", "1"}:
            raise GarbledError(
                f"{self.model}: {query!r} must be answered by {len(channels)} times 0 or 1, not by {','.join(answer)!r}"
            )
        return tuple(state == self.closed_word for state in answer)

    def measure_dc_voltage(self, channel: int) -> Raw:
        """Return the d.c. voltage on a multiplexer channel in volts; the unit chooses the range.

        Raises:
            InstrumentError: The input is beyond the highest range, or there is no such channel.
        """
        return self.scan_dc_voltage(channel)[0]

    def scan_dc_voltage(self, *channels: int) -> tuple[Raw, ...]:
        """Return the d.c. voltage on multiplexer channels in volts, read one after the other in one scan.

        Raises:
            InstrumentError: An input is beyond the highest range, or there is no such channel.
            GarbledError: There are not as many readings as channels.
        """
        if not channels:
            return ()
        # A scan goes through its channels in ascending order, and through none twice.
        order = sorted(set(channels))
        query = f"MEAS:VOLT:DC? (@{self._listed(tuple(order))})"
        self._kept = self._kept_after({channel // self.per_slot for channel in order})
        values = self._measured(query)
        if len(values) != len(order):
            raise GarbledError(
                f"{self.model}: {query!r} must be answered by {len(order)} numbers, not by {len(values)}"
            )
        now = self._clock.now_ns()
        read = {channel: self._raw(value, now) for channel, value in zip(order, values, strict=True)}
        return tuple(read[channel] for channel in channels)

    def _measured(self, query: str) -> list[float]:
        """Return the answer to a query for readings; one that is refused has none, so that errors are asked for too."""
        *readings, error = self._scpi.ask_bytes(f"{query};:SYST:ERR?").split(b";", 1)
        if not error.startswith(NO_ERROR) or not readings:
            raise InstrumentError(f"the {self.model} reports {error[:200].decode('latin-1')} after {query!r}")
        return [self._scpi.number(part, query) for part in readings[0].split(b",")]

    def _raw(self, value: float, at_ns: int) -> Raw:
        # The unit does not tell the range that it chose; the one above the value is it, or a worse one than it.
        range_v = next((limit for limit in VOLTAGE_RANGES if abs(value) <= limit), VOLTAGE_RANGES[-1])
        return Raw(value, "V", "dc voltage", range_v, MEASURE_APERTURE_S, at_ns)

    def _switch(self, verb: str, channels: tuple[int, ...]) -> None:
        if not channels:
            return
        command = f"ROUT:{verb} (@{self._listed(channels)})"
        if self._kept.isdisjoint(channel // self.per_slot for channel in channels):
            self._scpi.configure(command)
        else:
            self._scpi.configure("ROUT:SCAN (@)", command)
            self._kept = frozenset()
        self._clock.sleep(RELAY_REST_S)

    def _slot_name(self, slot: int) -> str:
        return f"{slot}00"

    def _kept_after(self, measured: set[int]) -> frozenset[int]:
        """Return the slots whose relays the unit keeps for its scan list after a measurement on some."""
        return frozenset(measured)

    def _listed(self, channels: tuple[int, ...]) -> str:
        for channel in channels:
            if channel // self.per_slot not in self.slots or channel % self.per_slot == 0:
                first, last = self.slots[0], self.slots[-1]
                digits = "n" * len(str(self.per_slot - 1))
                raise LocalProtocolError(
                    f"there is no channel {channel!r}: channels are {first * self.per_slot + 1} … {first}{digits},"
                    f" up to {last * self.per_slot + 1} … {last}{digits}"
                )
        return ",".join(map(str, channels))
