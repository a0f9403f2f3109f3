"""The Rigol DS1054Z oscilloscope: four channels, and a memory of millions of samples of 8 bits each.

Its high resolution makes true means over the sample interval, but they leave it rounded to 8 bits: means of this scope
are no finer than its points.
"""

import math
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from harness.clock import Clock, to_ns
from harness.errors import GarbledError, InstrumentError, LocalProtocolError
from instruments.roles import RawWaveform
from instruments.scpi.client import Scpi, decimal
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHANNELS = (1, 2, 3, 4)
DIVISIONS = 12
ARMING_S = 5.0  # longest time to arm, beyond the part of the record before the trigger
FIRST_POLL_S = 0.001
LAST_POLL_S = 0.25
WINDOW = 250_000  # points of the memory that can be read at once (programming guide, :WAVeform:DATA?)
LOWEST_CODE, HIGHEST_CODE = 0, 255  # of the converter: a signal at them is clipped
# Points of the memory for each channel, by how many channels share it.
DEPTH = {1: 1_200_000, 2: 600_000, 3: 300_000, 4: 300_000}
FEWEST_MEANS = 60_000  # means of neighbours make a record shorter, down to so many
STATES = ("TD", "WAIT", "RUN", "AUTO", "STOP")


class Preamble(NamedTuple):
    """What :WAV:PRE? says of the memory, in seconds and volts."""

    points: int
    x_increment: float
    x_origin: float
    x_reference: float
    y_increment: float
    y_origin: float
    y_reference: float


class RigolDS1054Z(ScpiInstrument):
    """Plays the role of Oscilloscope.

    The scope has time bases of 1, 2 and 5 only: a shot is recorded on the next longer one, and only the part that was
    asked for is read. What is too much lies before it, so that a shot is complete when it should be; arming takes so
    much longer.

    Attributes:
        model: As in *IDN?.
    """

    model: ClassVar[str] = "DS1054Z"

    def __init__(self, transport: Transport, clock: Clock) -> None:
        super().__init__(Scpi(transport, self.model))
        self._clock = clock
        self._channels: dict[int, tuple[float, float, float]] = {}
        self._left_on = {1}  # channels that a reset leaves on, and that share the memory
        self._acquisition: tuple[float, float, bool] | None = None
        self._depth = 0
        self._trigger: tuple[int, float, bool] | None = None
        self._full_ns = 0  # the shot cannot be complete before

    def reset(self) -> None:
        """Set the scope to its power-on state, and empty its error queue."""
        self._channels = {}
        self._left_on = {1}
        self._acquisition = None
        self._depth = 0
        self._trigger = None
        self._full_ns = 0
        self._scpi.reset()

    def configure_channel(self, channel: int, *, range_v: float, offset_v: float = 0.0, probe: float = 1.0) -> None:
        """Switch a channel on, d.c. coupled, full scale range_v around offset_v at the tip of a probe that divides by
        probe.

        Raises:
            InstrumentError: The scope refuses a value.
            LocalProtocolError: There is no such channel.
        """
        self._must_exist(channel)
        wanted = (range_v, offset_v, probe)
        if self._channels.get(channel) == wanted:
            return
        self._channels.pop(channel, None)
        self._left_on.discard(channel)
        self._scpi.configure(
            f"CHAN{channel}:DISP 1",
            f"CHAN{channel}:COUP DC",
            f"CHAN{channel}:PROB {decimal(probe)}",  # before the scale, which it multiplies
            f"CHAN{channel}:VERN 1",  # else scales are 1, 2 and 5 only
            f"CHAN{channel}:SCAL {decimal(range_v / 8)}",
            f"CHAN{channel}:OFFS {decimal(-offset_v)}",  # how far zero is lifted above the middle
        )
        self._channels[channel] = wanted

    def disable_channel(self, channel: int) -> None:
        """Switch a channel off.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        self._must_exist(channel)
        self._channels.pop(channel, None)
        self._left_on.discard(channel)
        self._scpi.configure(f"CHAN{channel}:DISP 0")

    def _expected(self) -> dict[str, float]:
        return {f"CHAN{channel}:SCAL?": range_v / 8 for channel, (range_v, _, _) in self._channels.items()}

    def configure_acquisition(self, *, duration_s: float, before_s: float, averaging: bool) -> None:
        """Set the record: duration_s long, before_s of it before the trigger; averaging means that each sample is the
        mean of the signal over the sample interval (high resolution), else a point of it.

        Raises:
            InstrumentError: The scope refuses a value.
            LocalProtocolError: before_s is not within the record.
        """
        if not 0.0 <= before_s <= duration_s:
            raise LocalProtocolError(f"{before_s:g} s before the trigger must be within the record of {duration_s:g} s")
        wanted = (duration_s, before_s, averaging)
        if self._acquisition == wanted:
            return
        self._acquisition = None
        scale_s = _one_two_five(duration_s / DIVISIONS)
        self._scpi.configure(
            "TIM:MODE MAIN",
            f"TIM:MAIN:SCAL {decimal(scale_s)}",
            # The middle of the screen, counted from the trigger; its end is the end of the record.
            f"TIM:MAIN:OFFS {decimal(duration_s - before_s - DIVISIONS / 2 * scale_s)}",
            f"ACQ:TYPE {'HRES' if averaging else 'NORM'}",
        )
        self._acquisition = wanted
        self._depth = 0

    def configure_edge_trigger(self, channel: int, *, level_v: float, rising: bool) -> None:
        """Trigger when a channel crosses level_v at the probe's tip.

        Raises:
            InstrumentError: The scope refuses, for instance a level off the screen.
            LocalProtocolError: There is no such channel.
        """
        self._must_exist(channel)
        wanted = (channel, level_v, rising)
        if self._trigger == wanted:
            return
        self._trigger = None
        self._scpi.configure(
            "TRIG:MODE EDGE",
            "TRIG:COUP DC",
            f"TRIG:EDG:SOUR CHAN{channel}",
            f"TRIG:EDG:SLOP {'POS' if rising else 'NEG'}",
            f"TRIG:EDG:LEV {decimal(level_v)}",
        )
        self._trigger = wanted

    def initiate(self) -> None:
        """Arm for one shot, and return when the scope waits for its trigger.

        Raises:
            InstrumentError: The scope is not armed 5 s after it could have been.
            LocalProtocolError: The acquisition was not configured, or no channel is on.
        """
        if self._acquisition is None or not self._channels:
            raise LocalProtocolError(
                f"the {self.model} must be configured before it is armed: set a channel and the acquisition"
            )
        duration_s, before_s, _ = self._acquisition
        depth = DEPTH[len(self._channels.keys() | self._left_on)]
        if depth != self._depth:
            # The memory can only be divided while the scope runs; in the normal sweep that shows nothing.
            self._scpi.configure("TRIG:SWE NORM", "RUN", f"ACQ:MDEP {depth}")
            self._depth = depth
        self._scpi.configure("SING")
        # It cannot be armed before its memory holds what lies before the trigger.
        self._clock.sleep(DIVISIONS * _one_two_five(duration_s / DIVISIONS) - duration_s + before_s)
        deadline_ns = self._clock.now_ns() + to_ns(ARMING_S)
        while self._state() == "RUN":
            if self._clock.now_ns() >= deadline_ns:
                raise InstrumentError(f"the {self.model} does not arm: look at its screen, and reset it")
            self._clock.sleep(FIRST_POLL_S)

    def force_trigger(self) -> None:
        """Trigger now.

        Raises:
            InstrumentError: The scope refuses.
        """
        self._scpi.configure("TFOR")

    def wait_complete(self, timeout_s: float) -> bool:
        """Let time pass until the shot is complete; return False if it was not within timeout_s seconds."""
        deadline_ns = self._clock.now_ns() + to_ns(timeout_s)
        pause_s = FIRST_POLL_S
        while self._state() != "STOP":
            now_ns = self._clock.now_ns()
            if now_ns >= deadline_ns:
                return False
            if now_ns < self._full_ns:
                self._clock.sleep_until(min(self._full_ns, deadline_ns))
                continue
            self._clock.sleep_until(min(now_ns + to_ns(pause_s), deadline_ns))
            pause_s = min(1.5 * pause_s, LAST_POLL_S)
        return True

    def fetch_waveform(self, channel: int) -> RawWaveform:
        """Return a channel of the last shot.

        Raises:
            InstrumentError: The signal went beyond what the converter can show.
            GarbledError: The scope's description of the record does not match the record.
            LocalProtocolError: There is no such channel, or it or the acquisition was not configured.
        """
        import numpy as np

        self._must_exist(channel)
        if channel not in self._channels or self._acquisition is None:
            raise LocalProtocolError(f"channel {channel} is off: configure it before the shot")
        range_v, offset_v, _ = self._channels[channel]
        duration_s, before_s, averaging = self._acquisition
        preamble = self._preamble(channel)
        step_s = preamble.x_increment
        origin_s = preamble.x_origin - preamble.x_reference * step_s
        first = max(math.ceil((-before_s - origin_s) / step_s - 1e-6), 0)
        count = min(math.floor(duration_s / step_s + 1e-6), preamble.points - first)
        together = max(count // FEWEST_MEANS, 1) if averaging else 1
        codes = self._codes(first, count - count % together)
        lowest, highest = int(codes.min()), int(codes.max())
        if lowest <= LOWEST_CODE or highest >= HIGHEST_CODE:
            raise InstrumentError(
                f"channel {channel} of the {self.model} is clipped: the signal must stay near {range_v:g} V around"
                f" {offset_v:g} V; set a larger range"
            )
        counts = codes.reshape(-1, together).sum(axis=1, dtype=np.int32)
        return RawWaveform(
            counts=counts,
            scale=preamble.y_increment / together,
            offset_v=-(preamble.y_origin + preamble.y_reference) * preamble.y_increment,
            # A mean belongs to the middle of what it was made over.
            start_s=origin_s + (first + 0.5 * (together - 1)) * step_s,
            interval_s=together * step_s,
            range_v=range_v,
        )

    def _codes(self, first: int, count: int) -> "NDArray[np.uint8]":
        """Return count codes of the memory from first on (counted from 0), read window by window."""
        import numpy as np

        if count < 1:
            raise GarbledError(f"{self.model}: the memory holds nothing of the time that was asked for")
        codes = np.empty(count, np.uint8)
        for done in range(0, count, WINDOW):
            size = min(WINDOW, count - done)
            start = first + done + 1  # the scope counts from 1
            query = f"WAV:STAR {start};:WAV:STOP {start + size - 1};:WAV:DATA?"
            window = self._scpi.ask_block(query)
            if len(window) != size:
                raise GarbledError(f"{self.model}: {query!r} must be answered by {size} points, not by {len(window)}")
            codes[done : done + size] = np.frombuffer(window, np.uint8)
        return codes

    def _state(self) -> str:
        """Return what the scope is doing, in its own words."""
        asked_ns = self._clock.now_ns()
        state = self._scpi.ask("TRIG:STAT?")
        if state not in STATES:
            raise GarbledError(
                f"{self.model}: 'TRIG:STAT?' must be answered by one of {', '.join(STATES)}, not by {state!r}"
            )
        if state in ("RUN", "WAIT") and self._acquisition is not None:
            duration_s, before_s, _ = self._acquisition
            self._full_ns = asked_ns + to_ns(duration_s - before_s)
        return state

    def _preamble(self, channel: int) -> Preamble:
        query = f"WAV:SOUR CHAN{channel};:WAV:MODE RAW;:WAV:FORM BYTE;:WAV:PRE?"
        fields = self._scpi.ask_numbers(query)
        if len(fields) != 10 or fields[0] != 0 or not fields[4] > 0.0:
            raise GarbledError(
                f"{self.model}: {query!r} must be answered by ten numbers, the first 0 (BYTE), not by {fields!r}"
            )
        _, _, points, _, *scaling = fields
        return Preamble(int(points), *scaling)

    def _must_exist(self, channel: int) -> None:
        if channel not in CHANNELS:
            raise LocalProtocolError(f"there is no channel {channel!r}: the {self.model} has channels 1 to 4")


def _one_two_five(value: float) -> float:
    """Return the least of 1, 2, 5, 10 … that is not below a value."""
    decade = 10.0 ** math.floor(math.log10(value))
    return next(step * decade for step in (1.0, 2.0, 5.0, 10.0, 20.0) if step * decade >= value * (1.0 - 1e-9))
