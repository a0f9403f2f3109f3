"""The oscilloscope's driver, byte by byte against the InfiniiVision 1000 X programmer's guide."""

import numpy as np
import pytest

from harness.errors import InstrumentError, LocalProtocolError, RemoteProtocolError
from instruments.keysight_dsox1204g import KeysightDSOX1102G, KeysightDSOX1204G
from instruments.roles import Oscilloscope
from tests.instruments.wire import CLEAR, Line, StillClock, scripted_wire

OK = b'+0,"No error"'
CHANNEL = (
    b"CHAN1:DISP 1;:CHAN1:COUP DC;:CHAN1:PROB 10;:CHAN1:RANG 40;:CHAN1:OFFS 0;:SYST:ERR?",
    OK,
)
ACQUISITION = (
    b"TIM:MODE MAIN;:TIM:REF CENT;:TIM:RANG 0.1;:TIM:POS 0.03;:ACQ:TYPE HRES"
    b";:WAV:FORM WORD;:WAV:BYT MSBF;:WAV:UNS 1;:WAV:POIN:MODE NORM;:WAV:POIN 62500;:SYST:ERR?",
    OK,
)
ARM: tuple[Line, ...] = ((b"TER?", b"+1"), (b"SING;:SYST:ERR?", OK))
ASK = b"OPER:COND?;:TER?"
DESCRIBE = b"WAV:SOUR CHAN1;:WAV:PRE?"


def described(points: int) -> bytes:
    """A range of 40 V, as a DSOX1102G describes it: one count is 40 V / 50944."""
    return b"+1,+3,%+d,+1,+1.60000000E-06,-2.00000000E-02,+0,+7.85175900E-04,+0.00000E+00,+32768" % points


def armed(wire_script: tuple[Line, ...]) -> tuple[Line, ...]:
    """The script of a shot that is armed at once, and what follows."""
    return (CHANNEL, ACQUISITION, *ARM, (ASK, b"+40;+0"), *wire_script)


def test_it_plays_the_role_of_oscilloscope() -> None:
    """The type checker takes it for an Oscilloscope."""
    with scripted_wire() as wire:
        role: Oscilloscope = KeysightDSOX1204G(wire, StillClock())
        role.close()

    assert wire.closed


def test_a_channel_is_set_once() -> None:
    """The probe comes before the range that it scales, and what is set already is not sent again."""
    with scripted_wire(CHANNEL) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        scope.configure_channel(1, range_v=40.0, probe=10.0)


def test_a_channel_that_was_off_is_set_again() -> None:
    """Switching off forgets the settings; so does a reset."""
    with scripted_wire(
        CHANNEL, (b"CHAN1:DISP 0;:SYST:ERR?", OK), CHANNEL, (CLEAR, None), (b"*RST;*CLS;*OPC?", b"1"), CHANNEL
    ) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        scope.disable_channel(1)
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        scope.reset()
        scope.configure_channel(1, range_v=40.0, probe=10.0)


def test_the_record_begins_before_the_trigger() -> None:
    """0.1 s with 20 ms before the trigger has its middle 30 ms after it."""
    with scripted_wire(ACQUISITION) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)


def test_a_trigger_outside_the_record_is_refused() -> None:
    """Nothing is sent."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="within the record"):
        KeysightDSOX1204G(wire, StillClock()).configure_acquisition(duration_s=0.1, before_s=0.2, averaging=True)


def test_the_trigger_never_fires_by_itself() -> None:
    """The sweep is normal, not automatic."""
    with scripted_wire(
        (
            b"TRIG:MODE EDGE;:TRIG:SWE NORM;:TRIG:EDGE:SOUR CHAN4;:TRIG:EDGE:LEV 2.5;:TRIG:EDGE:SLOP NEG;:SYST:ERR?",
            OK,
        )
    ) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_edge_trigger(4, level_v=2.5, rising=False)
        scope.configure_edge_trigger(4, level_v=2.5, rising=False)


def test_arming_waits_for_the_part_before_the_trigger() -> None:
    """The scope is not asked before it can have filled its memory, and again until it waits."""
    clock = StillClock()
    with scripted_wire(ACQUISITION, *ARM, (ASK, b"+8;+0"), (ASK, b"+40;+0")) as wire:
        scope = KeysightDSOX1204G(wire, clock)
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)
        scope.initiate()

    assert clock.now_ns() == 21_000_000


def test_a_scope_that_triggered_while_it_was_asked_counts_as_armed() -> None:
    """A trigger that came at once is not missed."""
    with scripted_wire(ACQUISITION, *ARM, (ASK, b"+0;+1"), (ASK, b"+0;+0")) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)
        scope.initiate()

        assert scope.wait_complete(1.0)


def test_a_scope_that_does_not_arm_is_an_error() -> None:
    """It is not waited for longer than 5 s."""
    polls = 5 * 1000 + 1
    with scripted_wire(ACQUISITION, *ARM, *[(ASK, b"+0;+0")] * polls) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_acquisition(duration_s=0.1, before_s=0.0 + 0.02, averaging=True)

        with pytest.raises(InstrumentError, match="does not arm"):
            scope.initiate()


def test_a_forced_shot_is_complete_when_the_scope_stops() -> None:
    """Bit 3 of the operation condition is 'running'."""
    with scripted_wire(*armed(((b"TRIG:FORC;:SYST:ERR?", OK), (ASK, b"+8;+1"), (ASK, b"+0;+0")))) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)
        scope.initiate()
        scope.force_trigger()

        assert scope.wait_complete(1.0)


def test_waiting_ends_at_its_deadline_exactly() -> None:
    """A shot that never triggers is told as not complete, at the instant asked for."""
    clock = StillClock()
    with scripted_wire(*armed(((ASK, b"+40;+0"),) * 2)) as wire:
        scope = KeysightDSOX1204G(wire, clock)
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)
        scope.initiate()
        start_ns = clock.now_ns()

        assert not scope.wait_complete(0.004)
        assert clock.now_ns() - start_ns == 4_000_000


def test_a_shot_is_not_asked_for_before_it_can_be_complete() -> None:
    """80 ms after the trigger are recorded, and there was none when it was armed at 20 ms: the next look is at 100 ms,
    and then one every millisecond and more.
    """
    clock = StillClock()
    looks = ((ASK, b"+8;+1"), (ASK, b"+8;+0"), (ASK, b"+8;+0"), (ASK, b"+0;+0"))
    with scripted_wire(*armed(looks)) as wire:
        scope = KeysightDSOX1204G(wire, clock)
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)
        scope.initiate()

        assert scope.wait_complete(1.0)
        assert clock.now_ns() == 102_500_000


def test_a_scope_that_somebody_stopped_gives_no_shot() -> None:
    """Stopped without a trigger is an error, not a complete shot."""
    with scripted_wire(*armed(((ASK, b"+0;+0"),))) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        scope.configure_acquisition(duration_s=0.1, before_s=0.02, averaging=True)
        scope.initiate()

        with pytest.raises(InstrumentError, match="stopped without a trigger"):
            scope.wait_complete(1.0)


def test_samples_are_big_endian_words_around_the_middle_code() -> None:
    """0x8000 is 0 V, and 1000 counts above it are 0.7851759 V."""
    samples = b"\x80\x00\x83\xe8\x7c\x18"
    with scripted_wire(CHANNEL, (DESCRIBE, described(3)), (b"WAV:DATA?", b"#800000006" + samples)) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, probe=10.0)
        waveform = scope.fetch_waveform(1)

    assert waveform.counts.dtype == np.int32
    assert waveform.counts.tolist() == [32768, 33768, 31768]
    volts = waveform.counts * waveform.scale + waveform.offset_v
    assert volts.tolist() == pytest.approx([0.0, 0.7851759, -0.7851759], abs=1e-12)
    assert (waveform.start_s, waveform.interval_s, waveform.range_v) == (-0.02, 1.6e-6, 40.0)


def test_a_signal_off_the_screen_is_an_error() -> None:
    """Codes at the ends of the converter are no measurement."""
    for end in (b"\xff\x00", b"\x01\x00"):
        with scripted_wire(CHANNEL, (DESCRIBE, described(2)), (b"WAV:DATA?", b"#800000004\x80\x00" + end)) as wire:
            scope = KeysightDSOX1204G(wire, StillClock())
            scope.configure_channel(1, range_v=40.0, probe=10.0)

            with pytest.raises(InstrumentError, match="clipped"):
                scope.fetch_waveform(1)


def test_a_hole_in_the_record_is_an_error() -> None:
    """Code 0 stands for a sample that was not taken."""
    with scripted_wire(CHANNEL, (DESCRIBE, described(2)), (b"WAV:DATA?", b"#800000004\x80\x00\x00\x00")) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, probe=10.0)

        with pytest.raises(InstrumentError, match="holes"):
            scope.fetch_waveform(1)


def test_a_record_of_another_length_than_described_is_refused() -> None:
    """Description and samples belong together, or neither is used."""
    with scripted_wire(CHANNEL, (DESCRIBE, described(3)), (b"WAV:DATA?", b"#800000004\x80\x00\x80\x00")) as wire:
        scope = KeysightDSOX1204G(wire, StillClock())
        scope.configure_channel(1, range_v=40.0, probe=10.0)

        with pytest.raises(RemoteProtocolError, match="must have the 3 points"):
            scope.fetch_waveform(1)


def test_a_channel_that_is_off_has_no_waveform() -> None:
    """Nothing is sent."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="channel 2 is off"):
        KeysightDSOX1204G(wire, StillClock()).fetch_waveform(2)


def test_channels_that_are_not_there_are_refused() -> None:
    """The text says which there are."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="channels 1 to 4"):
        KeysightDSOX1204G(wire, StillClock()).configure_channel(5, range_v=1.0)


def test_the_smaller_model_has_two_channels() -> None:
    """Nothing is sent for a third, and messages name the model."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="the DSOX1102G has channels 1 to 2"):
        KeysightDSOX1102G(wire, StillClock()).configure_channel(3, range_v=1.0)


def test_a_mean_of_many_is_told_as_finer() -> None:
    """Type 3 of the preamble is high resolution: 12 bits out of 8; type 0 is points."""
    for kind, fineness in ((b"+3", 16.0), (b"+0", 1.0)):
        preamble = described(1).replace(b"+1,+3,", b"+1," + kind + b",")
        with scripted_wire(CHANNEL, (DESCRIBE, preamble), (b"WAV:DATA?", b"#800000002\x80\x00")) as wire:
            scope = KeysightDSOX1204G(wire, StillClock())
            scope.configure_channel(1, range_v=40.0, probe=10.0)

            assert scope.fetch_waveform(1).fineness == fineness
