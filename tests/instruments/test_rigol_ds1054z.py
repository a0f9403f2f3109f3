"""The DS1054Z's driver, byte by byte against the MSO1000Z/DS1000Z programming guide."""

import numpy as np
import pytest

from harness.errors import InstrumentError, LocalProtocolError, RemoteProtocolError
from instruments.rigol_ds1054z import RigolDS1054Z
from instruments.roles import Oscilloscope
from tests.instruments.wire import CLEAR, Line, StillClock, scripted_wire

OK = b'0,"No error"'
CHANNEL = (
    b"CHAN1:DISP 1;:CHAN1:COUP DC;:CHAN1:PROB 10;:CHAN1:VERN 1;:CHAN1:SCAL 5;:CHAN1:OFFS -3;:SYST:ERR?",
    OK,
)
# 0.1 s on the next longer time base, 12 divisions of 10 ms, with the trigger 80 ms before the end of the screen.
ACQUISITION = (b"TIM:MODE MAIN;:TIM:MAIN:SCAL 0.01;:TIM:MAIN:OFFS 0.02;:ACQ:TYPE NORM;:SYST:ERR?", OK)
DIVIDE = (b"TRIG:SWE NORM;:RUN;:ACQ:MDEP 1200000;:SYST:ERR?", OK)
SINGLE = (b"SING;:SYST:ERR?", OK)
ASK = b"TRIG:STAT?"
DESCRIBE = b"WAV:SOUR CHAN1;:WAV:MODE RAW;:WAV:FORM BYTE;:WAV:PRE?"


def configured(wire: object) -> RigolDS1054Z:
    """A driver with a channel, and a record of 0.1 s that begins 20 ms before the trigger."""
    scope = RigolDS1054Z(wire, StillClock())  # type: ignore[arg-type]
    scope.configure_channel(1, range_v=40.0, offset_v=3.0, probe=10.0)
    scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=False)
    return scope


def described(points: int, interval: bytes = b"1.000000e-02") -> bytes:
    """A record that begins 40 ms before the trigger; 5 V a division, zero 15 steps below the middle."""
    return b"0,2,%d,1,%s,-4.000000e-02,0,2.000000e-01,-15,127" % (points, interval)


def test_it_plays_the_role_of_oscilloscope() -> None:
    """The type checker takes it for an Oscilloscope."""
    with scripted_wire() as wire:
        role: Oscilloscope = RigolDS1054Z(wire, StillClock())
        role.close()

    assert wire.closed


def test_a_channel_is_set_once() -> None:
    """The probe before the scale, the vernier before a scale that is none of 1, 2 and 5; the zero line is lifted by the
    negative of what the middle of the screen stands for.
    """
    with scripted_wire(CHANNEL) as wire:
        scope = RigolDS1054Z(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, offset_v=3.0, probe=10.0)
        scope.configure_channel(1, range_v=40.0, offset_v=3.0, probe=10.0)


def test_a_reset_forgets_what_was_set() -> None:
    """And so does switching a channel off."""
    with scripted_wire(
        CHANNEL, (b"CHAN1:DISP 0;:SYST:ERR?", OK), CHANNEL, (CLEAR, None), (b"*RST;*CLS;*OPC?", b"1"), CHANNEL
    ) as wire:
        scope = RigolDS1054Z(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, offset_v=3.0, probe=10.0)
        scope.disable_channel(1)
        scope.configure_channel(1, range_v=40.0, offset_v=3.0, probe=10.0)
        scope.reset()
        scope.configure_channel(1, range_v=40.0, offset_v=3.0, probe=10.0)


@pytest.mark.parametrize(
    ("duration_s", "scale"), [(12e-9, b"1e-09"), (0.012, b"0.001"), (0.0121, b"0.002"), (6.25, b"1")]
)
def test_the_time_base_is_the_next_of_one_two_five(duration_s: float, scale: bytes) -> None:
    """Twelve divisions must hold the record."""
    offset = duration_s - 6.0 * float(scale)
    script = b"TIM:MODE MAIN;:TIM:MAIN:SCAL %s;:TIM:MAIN:OFFS %s;:ACQ:TYPE HRES;:SYST:ERR?" % (
        scale,
        format(offset, ".10g").encode(),
    )
    with scripted_wire((script, OK)) as wire:
        RigolDS1054Z(wire, StillClock()).configure_acquisition(duration_s=duration_s, before_s=0.0, averaging=True)


def test_the_trigger_is_set_once() -> None:
    """By slope and level, at the probe's tip."""
    line = (b"TRIG:MODE EDGE;:TRIG:COUP DC;:TRIG:EDG:SOUR CHAN4;:TRIG:EDG:SLOP NEG;:TRIG:EDG:LEV 2.5;:SYST:ERR?", OK)
    with scripted_wire(line) as wire:
        scope = RigolDS1054Z(wire, StillClock())
        scope.configure_edge_trigger(4, level_v=2.5, rising=False)
        scope.configure_edge_trigger(4, level_v=2.5, rising=False)


def test_arming_waits_for_what_lies_before_the_trigger() -> None:
    """20 ms that were asked for, and 20 ms more that the time base is too long; then until it waits."""
    with scripted_wire(CHANNEL, ACQUISITION, DIVIDE, SINGLE, (ASK, b"RUN"), (ASK, b"WAIT")) as wire:
        scope = configured(wire)
        scope.initiate()

    assert scope._clock.now_ns() == 41_000_000


def test_the_memory_is_divided_once() -> None:
    """A second shot finds it as it is."""
    with scripted_wire(CHANNEL, ACQUISITION, DIVIDE, SINGLE, (ASK, b"WAIT"), SINGLE, (ASK, b"TD")) as wire:
        scope = configured(wire)
        scope.initiate()
        scope.initiate()


def test_a_scope_that_does_not_arm_is_an_error() -> None:
    """It is not waited for longer than 5 s."""
    polls: tuple[Line, ...] = ((ASK, b"RUN"),) * 5001
    with scripted_wire(CHANNEL, ACQUISITION, DIVIDE, SINGLE, *polls) as wire:
        scope = configured(wire)

        with pytest.raises(InstrumentError, match="does not arm"):
            scope.initiate()


def test_a_forced_shot_is_complete_when_the_scope_stops() -> None:
    """TD while it records, STOP when it is done."""
    with scripted_wire((b"TFOR;:SYST:ERR?", OK), (ASK, b"TD"), (ASK, b"STOP")) as wire:
        scope = RigolDS1054Z(wire, StillClock())
        scope.force_trigger()

        assert scope.wait_complete(1.0)


def test_waiting_ends_at_its_deadline_exactly() -> None:
    """A shot that never triggers is told as not complete, at the instant asked for."""
    clock = StillClock()
    with scripted_wire(*((ASK, b"WAIT"),) * 4) as wire:
        assert not RigolDS1054Z(wire, clock).wait_complete(0.004)

    assert clock.now_ns() == 4_000_000


def test_a_shot_is_not_asked_for_before_it_can_be_complete() -> None:
    """80 ms after the trigger are recorded, and there was none when it was armed, at 40 ms: it is asked at 120 ms."""
    looks: tuple[Line, ...] = ((ASK, b"WAIT"), (ASK, b"TD"), (ASK, b"TD"), (ASK, b"STOP"))
    with scripted_wire(CHANNEL, ACQUISITION, DIVIDE, SINGLE, *looks) as wire:
        scope = configured(wire)
        scope.initiate()

        assert scope.wait_complete(1.0)
        assert scope._clock.now_ns() == 121_000_000


def test_a_state_that_is_none_is_refused() -> None:
    """Silence and nonsense are no complete shot."""
    with scripted_wire((ASK, b"ERROR")) as wire, pytest.raises(RemoteProtocolError, match="TD, WAIT, RUN, AUTO, STOP"):
        RigolDS1054Z(wire, StillClock()).wait_complete(1.0)


def test_only_the_part_that_was_asked_for_is_read() -> None:
    """Of 12 points from -40 ms on the ten from -20 ms on; codes become volts as the guide says."""
    codes = bytes(range(100, 110))
    with scripted_wire(
        CHANNEL,
        ACQUISITION,
        (DESCRIBE, described(12)),
        (b"WAV:STAR 3;:WAV:STOP 12;:WAV:DATA?", b"#9000000010" + codes),
    ) as wire:
        waveform = configured(wire).fetch_waveform(1)

    assert waveform.counts.dtype == np.int32
    assert waveform.counts.tolist() == list(codes)
    volts = waveform.counts * waveform.scale + waveform.offset_v
    assert volts.tolist() == pytest.approx([(code + 15 - 127) * 0.2 for code in codes])
    assert (waveform.start_s, waveform.interval_s) == pytest.approx((-0.02, 0.01))
    assert (waveform.range_v, waveform.fineness) == (40.0, 1.0)


def test_the_memory_is_read_in_windows_of_250000() -> None:
    """600,000 points in three windows, put together in order."""
    windows: list[Line] = []
    for start, stop, code in ((1, 250_000, b"\x40"), (250_001, 500_000, b"\x41"), (500_001, 600_000, b"\x42")):
        size = stop - start + 1
        windows.append((b"WAV:STAR %d;:WAV:STOP %d;:WAV:DATA?" % (start, stop), b"#9%09d" % size + code * size))
    record = b"0,2,600000,1,1.600000e-07,-2.000000e-02,0,2.000000e-01,0,127"
    with scripted_wire(CHANNEL, ACQUISITION, (DESCRIBE, record), *windows) as wire:
        waveform = configured(wire).fetch_waveform(1)

    assert len(waveform.counts) == 600_000
    assert waveform.counts[[0, 249_999, 250_000, 499_999, 500_000, 599_999]].tolist() == [64, 64, 65, 65, 66, 66]


def test_a_signal_off_the_screen_is_an_error() -> None:
    """Codes 0 and 255 are no measurement."""
    for end in (b"\xff", b"\x00"):
        with scripted_wire(
            CHANNEL,
            ACQUISITION,
            (DESCRIBE, described(4)),
            (b"WAV:STAR 3;:WAV:STOP 4;:WAV:DATA?", b"#9000000002\x80" + end),
        ) as wire:
            scope = configured(wire)

            with pytest.raises(InstrumentError, match="clipped"):
                scope.fetch_waveform(1)


def test_a_window_of_another_length_is_refused() -> None:
    """A sample that is missing is not made up."""
    with scripted_wire(
        CHANNEL, ACQUISITION, (DESCRIBE, described(12)), (b"WAV:STAR 3;:WAV:STOP 12;:WAV:DATA?", b"#9000000002\x80\x80")
    ) as wire:
        scope = configured(wire)

        with pytest.raises(RemoteProtocolError, match="by 10 points, not by 2"):
            scope.fetch_waveform(1)


def test_a_memory_without_what_was_asked_for_is_refused() -> None:
    """Two points, both before the part that was asked for."""
    with scripted_wire(CHANNEL, ACQUISITION, (DESCRIBE, described(2))) as wire:
        scope = configured(wire)

        with pytest.raises(RemoteProtocolError, match="holds nothing"):
            scope.fetch_waveform(1)


def test_what_was_not_configured_is_refused() -> None:
    """Nothing is sent."""
    with scripted_wire() as wire:
        scope = RigolDS1054Z(wire, StillClock())

        with pytest.raises(LocalProtocolError, match="channel 2 is off"):
            scope.fetch_waveform(2)
        with pytest.raises(LocalProtocolError, match="must be configured"):
            scope.initiate()
        with pytest.raises(LocalProtocolError, match="channels 1 to 4"):
            scope.configure_channel(5, range_v=1.0)
        with pytest.raises(LocalProtocolError, match="within the record"):
            scope.configure_acquisition(duration_s=0.1, before_s=0.2, averaging=False)
