"""The multimeter's driver, byte by byte against the Truevolt operating and service guide."""

from collections.abc import Callable

import pytest

from harness.errors import InstrumentError, LocalProtocolError
from instruments.keysight_34465a import Keysight34461A, Keysight34465A
from instruments.roles import Multimeter
from tests.instruments.wire import CLEAR, StillClock, scripted_wire

OK = b'+0,"No error"'
MAINS = (b"SYST:LFR?", b"+50")
VOLTS = (b"ABOR;:CONF:VOLT:DC 1;:VOLT:NPLC 10;:VOLT:ZERO:AUTO ON;:VOLT:IMP:AUTO ON;:SYST:ERR?", OK)
START = (
    b"ABOR;:SAMP:COUN 3;:SAMP:SOUR TIM;:SAMP:TIM 0.5;:TRIG:SOUR IMM;:TRIG:COUN 1;:TRIG:DEL 0;:SYST:ERR?",
    OK,
)
LOG = (
    START,
    (b"SAMP:TIM? MIN", b"+4.00000000E-01"),
    (b"STAT:QUES?", b"+16384"),
    (b"INIT;:SYST:ERR?", OK),
)


def test_it_plays_the_role_of_multimeter() -> None:
    """The type checker takes it for a Multimeter."""
    with scripted_wire() as wire:
        role: Multimeter = Keysight34465A(wire, StillClock())
        role.close()

    assert wire.closed


def test_voltage_is_read_on_a_fixed_range_over_a_known_aperture() -> None:
    """Ten periods of 50 Hz mains are 0.2 s."""
    clock = StillClock()
    clock.sleep(2.0)
    with scripted_wire(MAINS, VOLTS, (b"READ?", b"+2.00012345E-01")) as wire:
        meter = Keysight34465A(wire, clock)
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        raw = meter.read()

    assert (raw.value, raw.unit, raw.function, raw.range, raw.at_ns) == (0.200012345, "V", "dc voltage", 1.0, 2 * 10**9)
    assert raw.aperture_s == pytest.approx(0.2)
    assert (meter.aperture_s, meter.range) == (raw.aperture_s, 1.0)


def test_what_is_set_already_is_not_set_again() -> None:
    """Asking for the same range and aperture sends nothing."""
    with scripted_wire(MAINS, VOLTS) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)


def test_after_a_reset_everything_is_set_again() -> None:
    """What the driver remembers dies with the reset."""
    with scripted_wire(MAINS, VOLTS, (CLEAR, None), (b"*RST;*CLS;*OPC?", b"1"), VOLTS) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.reset()
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)


def test_a_refused_setting_is_not_taken_for_the_present_one() -> None:
    """After a refusal the meter counts as not configured."""
    refused = (VOLTS[0], b'-221,"Settings conflict"')
    with scripted_wire(MAINS, refused, (b"SYST:ERR?", OK)) as wire:
        meter = Keysight34465A(wire, StillClock())
        with pytest.raises(InstrumentError, match="-221"):
            meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)

        with pytest.raises(LocalProtocolError, match="must be configured"):
            meter.read()


def test_resistance_is_read_with_four_wires() -> None:
    """FRES, in ohms."""
    with scripted_wire(
        (b"SYST:LFR?", b"+60"),
        (b"ABOR;:CONF:FRES 1000;:FRES:NPLC 1;:SYST:ERR?", OK),
        (b"READ?", b"+4.99950000E+02"),
    ) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_resistance(range_ohm=1e3, aperture_plc=1)
        raw = meter.read()

    assert (raw.value, raw.unit, raw.function, raw.range) == (499.95, "Ω", "resistance", 1000.0)
    assert raw.aperture_s == pytest.approx(1 / 60)


@pytest.mark.parametrize(
    ("configure", "sent", "unit", "function"),
    [
        (
            lambda meter: meter.configure_dc_current(range_a=0.01, aperture_plc=10),
            b"ABOR;:CONF:CURR:DC 0.01;:CURR:NPLC 10;:CURR:ZERO:AUTO ON;:SYST:ERR?",
            "A",
            "dc current",
        ),
        (
            lambda meter: meter.configure_two_wire_resistance(range_ohm=1e4, aperture_plc=10),
            b"ABOR;:CONF:RES 10000;:RES:NPLC 10;:RES:ZERO:AUTO ON;:SYST:ERR?",
            "Ω",
            "two-wire resistance",
        ),
    ],
    ids=["d.c. current", "two-wire resistance"],
)
def test_other_integrating_functions_are_read(
    configure: Callable[[Keysight34465A], None], sent: bytes, unit: str, function: str
) -> None:
    """Range and aperture are set, autozero is on, and the reading tells them."""
    with scripted_wire(MAINS, (sent, OK), (b"READ?", b"+5.00000000E-03")) as wire:
        meter = Keysight34465A(wire, StillClock())
        configure(meter)
        configure(meter)
        raw = meter.read()

    assert (raw.value, raw.unit, raw.function, raw.aperture_s) == (0.005, unit, function, 0.2)


@pytest.mark.parametrize(
    ("configure", "sent", "unit", "function"),
    [
        (
            lambda meter: meter.configure_ac_voltage(range_v=0.1, lowest_hz=20),
            b"ABOR;:CONF:VOLT:AC 0.1;:VOLT:AC:BAND 20;:SYST:ERR?",
            "V",
            "ac voltage",
        ),
        (
            lambda meter: meter.configure_ac_current(range_a=0.1, lowest_hz=3),
            b"ABOR;:CONF:CURR:AC 0.1;:CURR:AC:BAND 3;:SYST:ERR?",
            "A",
            "ac current",
        ),
    ],
    ids=["a.c. voltage", "a.c. current"],
)
def test_alternating_functions_are_read(
    configure: Callable[[Keysight34465A], None], sent: bytes, unit: str, function: str
) -> None:
    """They have a filter in place of an aperture, and no aperture is claimed."""
    with scripted_wire((sent, OK), (b"READ?", b"+7.00000000E-02")) as wire:
        meter = Keysight34465A(wire, StillClock())
        configure(meter)
        configure(meter)
        raw = meter.read()

    assert (raw.value, raw.unit, raw.function, raw.range, raw.aperture_s) == (0.07, unit, function, 0.1, 0.0)


def test_a_filter_or_a_current_range_that_is_not_there_is_refused() -> None:
    """The 34461A has no range of 1 µA, and nobody a filter of 50 Hz; nothing is sent."""
    with scripted_wire() as wire:
        with pytest.raises(LocalProtocolError, match="no filter of 50 Hz: it has 3, 20, 200"):
            Keysight34465A(wire, StillClock()).configure_ac_voltage(range_v=1.0, lowest_hz=50)
        with pytest.raises(LocalProtocolError, match=r"34461A has no range of 1e-06 A: it has 0\.0001"):
            Keysight34461A(wire, StillClock()).configure_dc_current(range_a=1e-6, aperture_plc=10)


@pytest.mark.parametrize(("range_v", "plc", "told"), [(2.0, 10, "0.1, 1, 10, 100, 1000"), (1.0, 5, "0.2, 1, 10, 100")])
def test_a_range_or_aperture_that_is_not_there_is_refused(range_v: float, plc: float, told: str) -> None:
    """The meter would bend it to the next one; the driver lists what there is, and sends nothing."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match=told):
        Keysight34465A(wire, StillClock()).configure_dc_voltage(range_v=range_v, aperture_plc=plc)


def test_overload_is_an_error() -> None:
    """An input beyond the range gives no reading."""
    with scripted_wire(MAINS, VOLTS, (b"READ?", b"+9.90000000E+37")) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)

        with pytest.raises(InstrumentError, match="34465A is overloaded"):
            meter.read()


def test_a_log_is_taken_in_pieces() -> None:
    """Readings come oldest first, each once; a time with none gives none."""
    with scripted_wire(
        MAINS,
        VOLTS,
        *LOG,
        (b"R?", b"#10"),
        (b"STAT:QUES?", b"+0"),
        (b"SYST:ERR?", OK),
        (b"R?", b"#231+1.00000000E-01,+2.00000000E-01"),
        (b"STAT:QUES?", b"+0"),
        (b"SYST:ERR?", OK),
        (b"R?", b"#215+3.00000000E-01"),
        (b"STAT:QUES?", b"+0"),
        (b"SYST:ERR?", OK),
    ) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.start_log(count=3, interval_s=0.5)
        pieces = [meter.take_log().tolist() for _ in range(3)]

    assert pieces == [[], [0.1, 0.2], [0.3]]


def test_readings_that_were_lost_are_an_error() -> None:
    """An overflow of the memory sets bit 14 of the questionable register, and nothing else."""
    with scripted_wire(MAINS, VOLTS, *LOG, (b"R?", b"#215+3.00000000E-01"), (b"STAT:QUES?", b"+16384")) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.start_log(count=3, interval_s=0.5)

        with pytest.raises(InstrumentError, match="overflowed"):
            meter.take_log()


def test_a_sample_that_came_too_late_is_an_error() -> None:
    """What the meter complains of during a log ends the log."""
    late = b'+540,"Sample timing violation"'
    with scripted_wire(
        MAINS,
        VOLTS,
        *LOG,
        (b"R?", b"#215+3.00000000E-01"),
        (b"STAT:QUES?", b"+0"),
        (b"SYST:ERR?", late),
        (b"SYST:ERR?", OK),
    ) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.start_log(count=3, interval_s=0.5)

        with pytest.raises(InstrumentError, match="Sample timing violation"):
            meter.take_log()


def test_an_overload_in_a_log_is_an_error() -> None:
    """No reading of a log stands for a number that it is not."""
    with scripted_wire(MAINS, VOLTS, *LOG, (b"R?", b"#231+1.00000000E-01,+9.90000000E+37")) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.start_log(count=3, interval_s=0.5)

        with pytest.raises(InstrumentError, match="overloaded"):
            meter.take_log()


def test_more_readings_than_asked_for_are_an_error() -> None:
    """Readings of another measurement never slip into a log."""
    four = b",".join([b"+1.00000000E-01"] * 4)
    with scripted_wire(MAINS, VOLTS, *LOG, (b"R?", b"#263" + four), (b"STAT:QUES?", b"+0"), (b"SYST:ERR?", OK)) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.start_log(count=3, interval_s=0.5)

        with pytest.raises(InstrumentError, match="4 readings of a log of 3"):
            meter.take_log()


def test_a_log_faster_than_the_aperture_is_refused() -> None:
    """The meter is asked what it can do before anything is started."""
    with scripted_wire(MAINS, VOLTS, START, (b"SAMP:TIM? MIN", b"+6.00000000E-01")) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)

        with pytest.raises(InstrumentError, match=r"at least 0\.6 s"):
            meter.start_log(count=3, interval_s=0.5)


def test_single_readings_after_a_log_are_single_again() -> None:
    """The sample count and timer of a log do not outlive it."""
    with scripted_wire(MAINS, VOLTS, *LOG, (b"ABOR;:SYST:ERR?", OK), VOLTS, (b"READ?", b"+1.00000000E-01")) as wire:
        meter = Keysight34465A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)
        meter.start_log(count=3, interval_s=0.5)
        meter.stop_log()

        assert meter.read().value == 0.1


def test_a_log_that_was_not_started_cannot_be_taken() -> None:
    """Nothing is sent."""
    with scripted_wire() as wire, pytest.raises(LocalProtocolError, match="start one first"):
        Keysight34465A(wire, StillClock()).take_log()


def test_the_34461a_reads_but_does_not_log() -> None:
    """It has no sample timer, and says so before anything is sent."""
    with scripted_wire(MAINS, VOLTS) as wire:
        meter = Keysight34461A(wire, StillClock())
        meter.configure_dc_voltage(range_v=1.0, aperture_plc=10)

        with pytest.raises(InstrumentError, match="34461A has no sample timer"):
            meter.start_log(count=3, interval_s=0.5)
