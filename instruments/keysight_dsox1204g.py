"""The Keysight DSOX1204G and DSOX1102G oscilloscopes: four channels or two, for what is too fast for a multimeter."""

from typing import ClassVar, NamedTuple

from harness.clock import Clock, to_ns
from harness.errors import GarbledError, InstrumentError, LocalProtocolError
from instruments.roles import RawWaveform
from instruments.scpi.client import Scpi, decimal
from instruments.scpi.instrument import ScpiInstrument
from instruments.transport import Transport

RUNNING_BIT = 1 << 3  # :OPER:COND?
WAITING_BIT = 1 << 5
ARMING_S = 5.0  # longest time to arm, beyond the part of the record before the trigger
FIRST_POLL_S = 0.001
LAST_POLL_S = 0.25
# 16-bit codes at and beyond which the 8-bit converter clips (codes 1 and 255); 0 is a sample that was never taken.
LOWEST_CODE = 1 << 8
HIGHEST_CODE = 255 << 8
AVERAGED_TYPES = (2, 3)  # averages and high resolution, as :WAV:PRE? tells
AVERAGED_PARTS = 16.0  # high resolution makes 12 bits out of 8
TRANSFER = ("WAV:FORM WORD", "WAV:BYT MSBF", "WAV:UNS 1", "WAV:POIN:MODE NORM", "WAV:POIN 62500")


class Preamble(NamedTuple):
    """What :WAV:PRE? says of a record, in seconds and volts."""

    averaged: bool
    points: int
    x_increment: float
    x_origin: float
    x_reference: float
    y_increment: float
    y_origin: float
    y_reference: float


class KeysightDSOX1204G(ScpiInstrument):
    """Plays the role of Oscilloscope.

    A shot is armed with :SING and waited for by asking: :DIG would hold the wire until the trigger comes, and then
    nothing could make the bench safe. Channels that are already set as asked for are not set again.

    Attributes:
        model: As in *IDN?.
        channels: How many there are.
    """

    model: ClassVar[str] = "DSOX1204G"
    channels: ClassVar[int] = 4

    def __init__(self, transport: Transport, clock: Clock) -> None:
        super().__init__(Scpi(transport, self.model))
        self._clock = clock
        self._channels: dict[int, tuple[float, float, float]] = {}
        self._acquisition: tuple[float, float, bool] | None = None
        self._trigger: tuple[int, float, bool] | None = None
        self._triggered = False
        self._full_ns = 0  # the shot cannot be complete before

    def reset(self) -> None:
        """Set the scope to its power-on state, and empty its error queue."""
        self._channels = {}
        self._acquisition = None
        self._trigger = None
        self._triggered = False
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
        self._scpi.configure(
            f"CHAN{channel}:DISP 1",
            f"CHAN{channel}:COUP DC",
            f"CHAN{channel}:PROB {decimal(probe)}",  # before the range, which it scales
            f"CHAN{channel}:RANG {decimal(range_v)}",
            f"CHAN{channel}:OFFS {decimal(offset_v)}",
        )
        self._channels[channel] = wanted

    def disable_channel(self, channel: int) -> None:
        """Switch a channel off.

        Raises:
            LocalProtocolError: There is no such channel.
        """
        self._must_exist(channel)
        self._channels.pop(channel, None)
        self._scpi.configure(f"CHAN{channel}:DISP 0")

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
        self._scpi.configure(
            "TIM:MODE MAIN",
            "TIM:REF CENT",
            f"TIM:RANG {decimal(duration_s)}",
            f"TIM:POS {decimal(duration_s / 2 - before_s)}",  # the middle of the screen, counted from the trigger
            f"ACQ:TYPE {'HRES' if averaging else 'NORM'}",
            *TRANSFER,
        )
        self._acquisition = wanted

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
            "TRIG:SWE NORM",  # AUTO would trigger by itself, and the shot would show nothing
            f"TRIG:EDGE:SOUR CHAN{channel}",
            f"TRIG:EDGE:LEV {decimal(level_v)}",
            f"TRIG:EDGE:SLOP {'POS' if rising else 'NEG'}",
        )
        self._trigger = wanted

    def initiate(self) -> None:
        """Arm for one shot, and return when the scope waits for its trigger.

        Raises:
            InstrumentError: The scope is not armed 5 s after it could have been.
            LocalProtocolError: The acquisition was not configured.
        """
        if self._acquisition is None:
            raise LocalProtocolError(f"the {self.model} must be configured before it is armed: set the acquisition")
        _, before_s, _ = self._acquisition
        self._triggered = False
        self._scpi.ask_integer("TER?")  # reading it forgets the trigger of the shot before
        self._scpi.configure("SING")
        self._clock.sleep(before_s)  # it cannot be armed before its memory holds that much
        deadline_ns = self._clock.now_ns() + to_ns(ARMING_S)
        while not (self._state() & WAITING_BIT or self._triggered):
            if self._clock.now_ns() >= deadline_ns:
                raise InstrumentError(f"the {self.model} does not arm: look at its screen, and reset it")
            self._clock.sleep(FIRST_POLL_S)

    def force_trigger(self) -> None:
        """Trigger now.

        Raises:
            InstrumentError: The scope refuses.
        """
        self._scpi.configure("TRIG:FORC")

    def wait_complete(self, timeout_s: float) -> bool:
        """Let time pass until the shot is complete; return False if it was not within timeout_s seconds.

        Raises:
            InstrumentError: Somebody stopped the scope before it triggered.
        """
        deadline_ns = self._clock.now_ns() + to_ns(timeout_s)
        pause_s = FIRST_POLL_S
        while self._state() & RUNNING_BIT:
            now_ns = self._clock.now_ns()
            if now_ns >= deadline_ns:
                return False
            if now_ns < self._full_ns:
                self._clock.sleep_until(min(self._full_ns, deadline_ns))
                continue
            self._clock.sleep_until(min(now_ns + to_ns(pause_s), deadline_ns))
            pause_s = min(1.5 * pause_s, LAST_POLL_S)
        if not self._triggered:
            raise InstrumentError(f"the {self.model} stopped without a trigger: nobody may press its keys during a run")
        return True

    def fetch_waveform(self, channel: int) -> RawWaveform:
        """Return a channel of the last shot.

        Raises:
            InstrumentError: The signal went beyond what the converter can show, or samples are missing.
            GarbledError: The scope's description of the record does not match the record.
            LocalProtocolError: There is no such channel, or it was not configured.
        """
        import numpy as np

        self._must_exist(channel)
        if channel not in self._channels:
            raise LocalProtocolError(f"channel {channel} is off: configure it before the shot")
        range_v, offset_v, _ = self._channels[channel]
        preamble = self._preamble(channel)
        codes = np.frombuffer(self._scpi.ask_block("WAV:DATA?"), dtype=">u2").astype(np.int32)
        if len(codes) != preamble.points or len(codes) == 0:
            raise GarbledError(
                f"{self.model}: channel {channel} must have the {preamble.points} points that ':WAV:PRE?' says, not"
                f" {len(codes)}"
            )
        lowest, highest = int(codes.min()), int(codes.max())
        if lowest == 0:
            raise InstrumentError(f"the record of channel {channel} of the {self.model} has holes: take the shot again")
        if lowest <= LOWEST_CODE or highest >= HIGHEST_CODE:
            raise InstrumentError(
                f"channel {channel} of the {self.model} is clipped: the signal must stay near {range_v:g} V around"
                f" {offset_v:g} V; set a larger range"
            )
        return RawWaveform(
            counts=codes,
            scale=preamble.y_increment,
            offset_v=preamble.y_origin - preamble.y_reference * preamble.y_increment,
            start_s=preamble.x_origin - preamble.x_reference * preamble.x_increment,
            interval_s=preamble.x_increment,
            range_v=range_v,
            fineness=AVERAGED_PARTS if preamble.averaged else 1.0,
        )

    def _expected(self) -> dict[str, float]:
        ranges = {f"CHAN{channel}:RANG?": range_v for channel, (range_v, _, _) in self._channels.items()}
        return ranges | ({"TIM:RANG?": self._acquisition[0]} if self._acquisition is not None else {})

    def _state(self) -> int:
        """Ask what the scope is doing; a trigger that is told once, and then forgotten, is kept."""
        asked_ns = self._clock.now_ns()
        condition, triggered = self._scpi.ask_integers("OPER:COND?;:TER?", 2)
        if triggered:
            self._triggered = True
        if not self._triggered and self._acquisition is not None:
            duration_s, before_s, _ = self._acquisition
            self._full_ns = asked_ns + to_ns(duration_s - before_s)
        return condition

    def _preamble(self, channel: int) -> Preamble:
        query = f"WAV:SOUR CHAN{channel};:WAV:PRE?"
        fields = self._scpi.ask_numbers(query)
        if len(fields) != 10 or fields[0] != 1:
            raise GarbledError(
                f"{self.model}: {query!r} must be answered by ten numbers, the first 1 (WORD), not by {fields!r}"
            )
        _, kind, points, _, *scaling = fields
        return Preamble(kind in AVERAGED_TYPES, int(points), *scaling)

    def _must_exist(self, channel: int) -> None:
        if channel not in range(1, self.channels + 1):
            raise LocalProtocolError(
                f"there is no channel {channel!r}: the {self.model} has channels 1 to {self.channels}"
            )


class KeysightDSOX1102G(KeysightDSOX1204G):
    """Plays the role of Oscilloscope, as the DSOX1204G does, with half as many channels."""

    model = "DSOX1102G"
    channels = 2
