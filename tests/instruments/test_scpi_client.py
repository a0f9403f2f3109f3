"""The SCPI conversation: numbers are numbers, blocks are whole, and no complaint is missed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InstrumentError, LinkError, RemoteProtocolError
from instruments.scpi.client import MOST_ERRORS, Scpi, decimal
from tests.instruments.wire import CLEAR, SILENCE, ScriptedWire, scripted_wire


def test_a_setting_and_its_check_are_one_message() -> None:
    """Settings and the question for errors cost one round trip."""
    with scripted_wire((b"VOLT 5,(@1);:CURR 1,(@1);:SYST:ERR?", b'+0,"No error"')) as wire:
        Scpi(wire, "supply").configure("VOLT 5,(@1)", "CURR 1,(@1)")


@pytest.mark.parametrize("nothing", [b'+0,"No error"', b'0,"No error"'], ids=["with plus sign", "without"])
def test_no_error_is_no_error_in_both_spellings(nothing: bytes) -> None:
    """B&K says 0, Keysight says +0."""
    with scripted_wire((b"SYST:ERR?", nothing)) as wire:
        Scpi(wire, "supply").check_errors()


def test_a_refused_setting_quotes_the_whole_queue() -> None:
    """All errors are read and told, together with what was sent."""
    with (
        scripted_wire(
            (b"VOLT 99;:SYST:ERR?", b'-222,"Data out of range"'),
            (b"SYST:ERR?", b'-221,"Settings conflict"'),
            (b"SYST:ERR?", b'+0,"No error"'),
        ) as wire,
        pytest.raises(InstrumentError, match=r"-222,\"Data out of range\"; -221,.*VOLT 99"),
    ):
        Scpi(wire, "supply").configure("VOLT 99")


def test_a_message_dropped_for_a_syntax_error_is_explained() -> None:
    """An instrument that drops the question together with a bad header is cleared and asked again."""
    with (
        scripted_wire(
            (b"FOO 1;:SYST:ERR?", SILENCE),
            (CLEAR, None),
            (b"SYST:ERR?", b'-113,"Undefined header"'),
            (b"SYST:ERR?", b'+0,"No error"'),
        ) as wire,
        pytest.raises(InstrumentError, match="-113"),
    ):
        Scpi(wire, "supply").configure("FOO 1")


def test_silence_without_an_error_stays_a_link_error() -> None:
    """An instrument that has nothing to complain of, and yet did not answer, was not reached."""
    with (
        scripted_wire((b"VOLT 1;:SYST:ERR?", SILENCE), (CLEAR, None), (b"SYST:ERR?", b'+0,"No error"')) as wire,
        pytest.raises(LinkError),
    ):
        Scpi(wire, "supply").configure("VOLT 1")


def test_an_instrument_that_is_gone_is_a_link_error() -> None:
    """When the question for errors is not answered either, the first silence is told."""
    with (
        scripted_wire((b"VOLT 1;:SYST:ERR?", SILENCE), (CLEAR, None), (b"SYST:ERR?", SILENCE)) as wire,
        pytest.raises(LinkError),
    ):
        Scpi(wire, "supply").configure("VOLT 1")


def test_a_queue_without_end_is_not_read_for_ever() -> None:
    """Draining stops at a bound."""
    with (
        scripted_wire(*[(b"SYST:ERR?", b'-100,"Command error"')] * MOST_ERRORS) as wire,
        pytest.raises(InstrumentError, match="-100"),
    ):
        Scpi(wire, "supply").check_errors()


@pytest.mark.parametrize(
    "reply",
    [b"+9.90000000E+37", b"-9.90000000E+37", b"+9.91000000E+37", b"nan", b"inf", b"-inf"],
    ids=["overload", "negative overload", "not a number", "nan", "inf", "minus inf"],
)
def test_overload_is_an_error_and_not_a_number(reply: bytes) -> None:
    """SCPI's 9.9E37 and 9.91E37 never reach a measurement."""
    with scripted_wire((b"READ?", reply)) as wire, pytest.raises(InstrumentError, match="overloaded"):
        Scpi(wire, "meter").ask_number("READ?")


@pytest.mark.parametrize("reply", [b"HELLO", b"", b"1_000", b"1,2", b"+1.0E+00 VDC"])
def test_what_is_not_a_number_is_refused(reply: bytes) -> None:
    """The text names the question and the answer."""
    with (
        scripted_wire((b"READ?", reply)) as wire,
        pytest.raises(RemoteProtocolError, match=r"'READ\?' must be answered by a number"),
    ):
        Scpi(wire, "meter").ask_number("READ?")


@given(st.floats(min_value=-1e30, max_value=1e30))
def test_numbers_come_through_as_sent(value: float) -> None:
    """Any finite number in any of SCPI's spellings is read as Python reads it."""
    for reply in (repr(value).encode(), b"%+.16E" % value):
        assert Scpi(ScriptedWire((b"READ?", reply)), "meter").ask_number("READ?") == value


def test_several_numbers_come_as_a_list() -> None:
    """Numbers with commas between are read in order."""
    with scripted_wire((b"VOLT? (@1:3)", b"+6.0E+00,+1.2E+01,-1.2E+01")) as wire:
        assert Scpi(wire, "supply").ask_numbers("VOLT? (@1:3)") == [6.0, 12.0, -12.0]


@pytest.mark.parametrize("bad", [b"+9.90000000E+37", b"-9.91E+37", b"nan", b"inf", b"HELLO", b"1_000", b""])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_number_spoils_a_list(bad: bytes, place: int) -> None:
    """Wherever it stands among good ones."""
    parts = [b"+1.0E+00"] * 3
    parts[place] = bad
    with scripted_wire((b"READ?", b",".join(parts))) as wire, pytest.raises((InstrumentError, RemoteProtocolError)):
        Scpi(wire, "meter").ask_numbers("READ?")


@given(st.binary(max_size=300))
def test_a_block_may_hold_any_byte(contents: bytes) -> None:
    """What is in a block comes out of it, line feeds and all."""
    reply = b"#8%08d%b" % (len(contents), contents)
    assert Scpi(ScriptedWire((b"WAV:DATA?", reply)), "scope").ask_block("WAV:DATA?") == contents


def test_a_block_from_the_manual_is_read() -> None:
    """The example of the Truevolt guide: R? 3."""
    readings = b"-4.98748741E-01,-4.35163427E-01,-7.41859188E-01"
    with scripted_wire((b"R? 3", b"#247" + readings)) as wire:
        assert Scpi(wire, "meter").ask_block("R? 3") == readings


@pytest.mark.parametrize(
    "reply",
    [b"hello", b"", b"#", b"#0abc", b"#2", b"#2x5hello", b"#15hell", b"#15hello!"],
    ids=["text", "nothing", "no digits", "indefinite", "no length", "no number", "too short", "too long"],
)
def test_a_broken_block_is_refused(reply: bytes) -> None:
    """A block that is not exactly as long as it says is not used."""
    with scripted_wire((b"R?", reply)) as wire, pytest.raises(RemoteProtocolError):
        Scpi(wire, "meter").ask_block("R?")


def test_identity_is_four_fields() -> None:
    """*IDN? is taken apart at its commas; blanks around a field do not count."""
    with scripted_wire((b"*IDN?", b"Keysight Technologies,E36312A, MY1 ,1.0.4")) as wire:
        identity = Scpi(wire, "supply").identify()

    assert (identity.maker, identity.model, identity.serial, identity.firmware) == (
        "Keysight Technologies",
        "E36312A",
        "MY1",
        "1.0.4",
    )


def test_an_identity_of_three_fields_is_refused() -> None:
    """Who does not say who it is, is not used."""
    with (
        scripted_wire((b"*IDN?", b"Keysight,E36312A,MY1")) as wire,
        pytest.raises(RemoteProtocolError, match="maker,model,serial,firmware"),
    ):
        Scpi(wire, "supply").identify()


def test_bytes_that_are_no_text_are_shown_in_hex() -> None:
    """An answer that is not ASCII is refused, and told byte by byte."""
    with scripted_wire((b"*IDN?", b"\xff\x00")) as wire, pytest.raises(RemoteProtocolError, match="ff 00"):
        Scpi(wire, "supply").identify()


def test_reset_clears_what_a_dead_run_left() -> None:
    """A device clear comes first, and the reset is waited for."""
    with scripted_wire((CLEAR, None), (b"*RST;*CLS;*OPC?", b"1")) as wire:
        Scpi(wire, "supply").reset()


@pytest.mark.parametrize(("value", "text"), [(5.0, "5"), (0.1, "0.1"), (1e-5, "1e-05"), (0.5005, "0.5005"), (3, "3")])
def test_numbers_are_sent_short_and_exact(value: float, text: str) -> None:
    """A setting is sent with the digits that it has."""
    assert decimal(value) == text
