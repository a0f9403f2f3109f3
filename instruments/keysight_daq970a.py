"""The Keysight DAQ970A switch unit: relays that wire the bench, and a multiplexer with a meter for its sensors."""

from harness.clock import Clock
from harness.errors import InstrumentError, LocalProtocolError, RemoteProtocolError
from instruments.raw import Raw
from instruments.roles import Identity
from instruments.scpi.client import Scpi
from instruments.transport import Transport

SLOTS = (1, 2, 3)
# Relays by module; the DAQM901A's channels 21 and 22 measure current and are not on the bench.
RELAYS = {"DAQM900A": 20, "DAQM901A": 20, "DAQM902A": 16, "DAQM903A": 20}
RELAY_REST_S = 0.020  # operate time of the DAQM903A and bounce
VOLTAGE_RANGES = (0.1, 1.0, 10.0, 100.0, 300.0)
MEASURE_APERTURE_S = 0.02  # MEAS? reads with its default of one period of the mains


class KeysightDAQ970A:
    """Plays the role of Switch. A channel is slot * 100 + number: 101 is the first relay of slot 1."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._scpi = Scpi(transport, "DAQ970A")
        self._clock = clock
        self._modules: dict[int, str] | None = None

    def identify(self) -> Identity:
        """Return who the switch unit says that it is.

        Raises:
            RemoteProtocolError: The answer is not four fields.
        """
        return self._scpi.identify()

    def reset(self) -> None:
        """Open every relay, set the unit to its power-on state, and empty its error queue."""
        self._scpi.reset()
        self._clock.sleep(RELAY_REST_S)

    def check_errors(self) -> None:
        """Read the error queue until it is empty.

        Raises:
            InstrumentError: The queue was not empty; the text quotes all of it.
        """
        self._scpi.check_errors()

    def close(self) -> None:
        """Give the wire back; the relays stay as they are."""
        self._scpi.close()

    def modules(self) -> dict[int, str]:
        """Return the model of the module in each slot; an empty slot is not in it.

        Raises:
            RemoteProtocolError: The unit does not answer in four fields.
        """
        if self._modules is None:
            found: dict[int, str] = {}
            for slot in SLOTS:
                answer = self._scpi.ask(f"SYST:CTYP? {slot}00")
                fields = [field.strip() for field in answer.split(",")]
                if len(fields) != 4:
                    raise RemoteProtocolError(
                        f"DAQ970A: 'SYST:CTYP? {slot}00' must be answered by four fields, not by {answer!r}"
                    )
                if fields[1] != "0":
                    found[slot] = fields[1]
            self._modules = found
        return dict(self._modules)

    def close_relays(self, *channels: int) -> None:
        """Close relays, all in one command, and wait until they rest.

        Raises:
            InstrumentError: The unit refuses: there is no such relay, or a scan holds it.
        """
        if channels:
            self._scpi.configure(f"ROUT:CLOS (@{_listed(channels)})")
            self._clock.sleep(RELAY_REST_S)

    def open_relays(self, *channels: int) -> None:
        """Open relays, all in one command, and wait until they rest.

        Raises:
            InstrumentError: The unit refuses: there is no such relay, or a scan holds it.
        """
        if channels:
            self._scpi.configure(f"ROUT:OPEN (@{_listed(channels)})")
            self._clock.sleep(RELAY_REST_S)

    def open_all(self) -> None:
        """Open every relay of the unit, and wait until they rest.

        Raises:
            InstrumentError: The unit refuses, or holds a module that this driver does not know.
        """
        spans = []
        for slot, model in self.modules().items():
            if model not in RELAYS:
                raise InstrumentError(
                    f"slot {slot} of the DAQ970A holds a {model}: this driver knows {', '.join(RELAYS)}"
                )
            spans.append(f"{slot}01:{slot}{RELAYS[model]:02d}")
        if spans:
            self._scpi.configure(f"ROUT:OPEN (@{','.join(spans)})")
            self._clock.sleep(RELAY_REST_S)

    def closed(self, *channels: int) -> tuple[bool, ...]:
        """Return for each relay whether it is closed.

        Raises:
            RemoteProtocolError: The unit does not answer with 0 or 1 for each.
        """
        if not channels:
            return ()
        query = f"ROUT:CLOS? (@{_listed(channels)})"
        answer = self._scpi.ask(query).split(",")
        if len(answer) != len(channels) or not set(answer) <= {"0", "1"}:
            raise RemoteProtocolError(
                f"DAQ970A: {query!r} must be answered by {len(channels)} times 0 or 1, not by {','.join(answer)!r}"
            )
        return tuple(state == "1" for state in answer)

    def measure_dc_voltage(self, channel: int) -> Raw:
        """Return the d.c. voltage on a multiplexer channel in volts; the unit chooses the range.

        Raises:
            InstrumentError: The input is beyond the highest range, or there is no such channel.
        """
        value = self._scpi.ask_number(f"MEAS:VOLT:DC? (@{_listed((channel,))})")
        size = abs(value)
        # The unit does not tell the range that it chose; the one above the value is it, or a worse one than it.
        range_v = next((limit for limit in VOLTAGE_RANGES if size <= limit), VOLTAGE_RANGES[-1])
        return Raw(value, "V", "dc voltage", range_v, MEASURE_APERTURE_S, self._clock.now_ns())


def _listed(channels: tuple[int, ...]) -> str:
    for channel in channels:
        if channel // 100 not in SLOTS or channel % 100 == 0:
            raise LocalProtocolError(f"there is no channel {channel!r}: channels are 101 … 1nn, 201 … 2nn, 301 … 3nn")
    return ",".join(map(str, channels))
