"""The SCPI grammar: messages, headers and arguments, as SCPI-99 and IEEE 488.2 define them."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.scpi.grammar import ScpiError, ScpiSyntaxError, Unit, parse_message
from instruments.scpi.headers import HeaderTable
from instruments.scpi.parameters import (
    block,
    boolean,
    channel_list,
    definite_block,
    mnemonic,
    number,
    string,
)

PATTERNS = (
    "[SOURce]:VOLTage[:LEVel][:IMMediate][:AMPLitude]",
    "[SOURce:]VOLTage:PROTection[:LEVel]?",
    "MEASure[:SCALar]:CURRent[:DC]?",
    "CHANnel<n>:SCALe",
    "STATus:QUEStionable:INSTrument:ISUMmary<n>:CONDition?",
    "*IDN?",
)


def _spellings(pattern: str) -> st.SearchStrategy[str]:
    """Return what a manual allows for a pattern: its own reading of the pattern, not the table's."""
    query = "?" if pattern.endswith("?") else ""
    # "[SOURce:]VOLT" and "[SOURce]:VOLT" mean the same.
    text = pattern.rstrip("?").replace(":]", "]:")
    parts = [
        (bool(opened), word, bool(numbered))
        for opened, word, numbered in re.findall(r"(\[?):?([*A-Za-z]+)(<n>)?\]?", text)
    ]

    @st.composite
    def spelling(draw: st.DrawFn) -> str:
        nodes: list[str] = []
        for optional, word, numbered in parts:
            if optional and draw(st.booleans()):
                continue
            short = "".join(letter for letter in word if not letter.islower())
            node = draw(st.sampled_from([short, word]))
            node = "".join(draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in node)
            nodes.append(node + (draw(st.sampled_from(["", "1", "12"])) if numbered else ""))
        colon = "" if pattern.startswith("*") else draw(st.sampled_from(["", ":"]))
        return colon + ":".join(nodes) + query

    return spelling()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_spelling_of_a_pattern_is_found(pattern: str) -> None:
    """Short or long, in any case, with or without its optional nodes, a header means its pattern and no other."""
    table: HeaderTable[str] = HeaderTable()
    for known in PATTERNS:
        table.add(known, known)

    @given(_spellings(pattern))
    def check(spelling: str) -> None:
        (unit,) = parse_message(spelling.encode())
        assert table.find(unit).handler == pattern

    check()


@pytest.mark.parametrize(
    "header", ["VOLTA", "VOL", "SOUR", "VOLT:PROT", "VOLT?", "CHAN", "CHAN1:SCALE1", "*IDN", "FOO"]
)
def test_what_is_no_spelling_is_not_found(header: str) -> None:
    """Neither half-long mnemonics nor missing nodes nor a missing question mark mean a pattern."""
    table: HeaderTable[str] = HeaderTable()
    for known in PATTERNS:
        table.add(known, known)
    (unit,) = parse_message(header.encode())

    with pytest.raises(ScpiSyntaxError, match="-113"):
        table.find(unit)


def test_numeric_suffixes_are_given_to_the_handler_and_default_to_1() -> None:
    """CHAN3:SCAL is channel 3, and CHAN:SCAL channel 1."""
    table: HeaderTable[str] = HeaderTable()
    table.add("CHANnel<n>:SCALe", "scale")

    assert table.find(parse_message(b"CHAN3:SCAL 1")[0]).suffixes == (3,)
    assert table.find(parse_message(b"CHANNEL:SCAL 1")[0]).suffixes == (1,)


@pytest.mark.parametrize(
    ("message", "headers"),
    [
        (b"VOLT 1;CURR 2", [("VOLT",), ("CURR",)]),
        (b"VOLT:PROT 5;STAT ON", [("VOLT", "PROT"), ("VOLT", "STAT")]),
        (b"VOLT:PROT 5;:OUTP ON", [("VOLT", "PROT"), ("OUTP",)]),
        (b"WAV:SOUR CHAN1;*OPC?;PRE?", [("WAV", "SOUR"), ("*OPC",), ("WAV", "PRE")]),
        (b":SYST:ERR?;ERR?\n", [("SYST", "ERR"), ("SYST", "ERR")]),
        (b" volt? ; *idn? ;", [("VOLT",), ("*IDN",)]),
        (b"", []),
    ],
)
def test_headers_continue_on_the_level_of_the_one_before(message: bytes, headers: list[tuple[str, ...]]) -> None:
    """IEEE 488.2, A.1.1: a colon begins at the root; a common command does not change the level."""
    assert [unit.header for unit in parse_message(message)] == headers


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (b"VOLT 1.5 V , (@1:3)", ("1.5 V", "(@1:3)")),
        (b"ROUT:CLOS (@101,103:105)", ("(@101,103:105)",)),
        (b'DISP:TEXT "a;b, ""c"""', ('"a;b, ""c"""',)),
        (b"DISP:TEXT 'it''s;'", ("'it''s;'",)),
        (b"DATA #15;\n,\x00z,3", ("#15;\n,\x00z", "3")),
        (b"DATA #0;;;\n\xff", ("#0;;;\n\xff",)),
        (b"*ESE #H2F", ("#H2F",)),
        (b"OUTP", ()),
    ],
)
def test_arguments_keep_what_strings_blocks_and_lists_hold(message: bytes, arguments: tuple[str, ...]) -> None:
    """A semicolon, a comma or a line feed inside a string, a block or a list ends nothing."""
    (unit,) = parse_message(message)

    assert unit.arguments == arguments


def test_a_block_in_the_middle_hides_no_command() -> None:
    """What follows a block is the next command."""
    units = parse_message(b"DATA #13;:X;:OUTP ON")

    assert units == [Unit(("DATA",), False, ("#13;:X",)), Unit(("OUTP",), False, ("ON",))]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (b"VOLT 1;;CURR 2", -102),
        (b"1VOLT", -101),
        (b"VOLT\xff 1", -111),
        (b"VOLT \xff", -101),
        (b"VOLT::LEV 1", -110),
        (b"VOLT 1,,2", -109),
        (b"VOLT (@1),", -109),
        (b'DISP:TEXT "open', -151),
        (b"DATA #15abc", -161),
        (b"DATA #x", -161),
        (b"ROUT:CLOS (@101", -171),
        (b"VERYLONGMNEMONIC 1", -112),
    ],
)
def test_what_breaks_the_grammar_has_its_number(message: bytes, error: int) -> None:
    """Each fault is told by the number that SCPI-99 gives to it."""
    with pytest.raises(ScpiSyntaxError) as caught:
        parse_message(message)

    assert caught.value.number == error


def test_commands_before_a_fault_are_not_lost() -> None:
    """An instrument has carried them out by the time that it meets the fault."""
    with pytest.raises(ScpiSyntaxError) as caught:
        parse_message(b"VOLT 1;OUTP ON;(")

    assert [unit.header for unit in caught.value.parsed] == [("VOLT",), ("OUTP",)]


@given(st.binary(max_size=60) | st.text(alphabet=":;*?#\"'(),@ AV1\n", max_size=40).map(str.encode))
def test_garbage_is_a_syntax_error_or_a_message(message: bytes) -> None:
    """Nothing but ScpiSyntaxError leaves the parser, whatever comes; and what it accepts, it can repeat."""
    try:
        units = parse_message(message)
    except ScpiSyntaxError:
        return
    again = parse_message(";".join(str(unit) for unit in units).encode("latin-1"))
    if not any("#0" in argument for unit in units for argument in unit.arguments):
        assert again == units


@given(st.text(max_size=20))
def test_garbage_arguments_are_scpi_errors(text: str) -> None:
    """No argument makes a parser of arguments fail in any other way."""
    for parse in (number, boolean, string, block, channel_list, lambda t: mnemonic(t, "IMMediate", "BUS")):
        with suppress(ScpiSyntaxError):
            parse(text)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.5", "V", 1.5),
        ("1500 mV", "V", 1.5),
        ("1500MV", "V", 1.5),
        ("2MAV", "V", 2e6),
        ("20 MA", "A", 0.02),
        ("3 MOHM", "OHM", 3e6),
        ("2 mHz", "HZ", 2e6),
        ("10 us", "S", 1e-5),
        ("-.5e-3", "V", -5e-4),
        ("#HFF", "", 255.0),
        ("MIN", "V", 0.0),
        ("maximum", "V", 6.18),
        ("DEF", "V", 5.0),
    ],
)
def test_numbers_with_units_and_multipliers(text: str, unit: str, value: float) -> None:
    """M is milli, but mega before HZ and OHM; MA is mega, but MA of an ampere is a milliampere (SCPI-99 7.2)."""
    assert number(text, unit, minimum=0.0, maximum=6.18, default=5.0) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "unit", "error"),
    [
        ("1 A", "V", -131),
        ("1 V", "", -138),
        ("nan", "V", -148),
        ("inf", "V", -148),
        ("1_0", "V", -121),
        ("1e999", "V", -123),
        ("MIN", "V", -148),
        ('"1"', "V", -104),
        ("", "V", -104),
    ],
)
def test_what_is_no_number_is_refused(text: str, unit: str, error: int) -> None:
    """What Python would take for a number is not one for SCPI."""
    with pytest.raises(ScpiSyntaxError) as caught:
        number(text, unit)

    assert caught.value.number == error


def test_switches_words_and_texts() -> None:
    """ON, OFF and numbers are switches; words match in short and long form; quote marks come off."""
    assert [boolean(text) for text in ("on", "OFF", "1", "0", "2.4", "0.2")] == [True, False, True, False, True, False]
    # Rounded to a whole number, a half upwards.
    assert [boolean(text) for text in ("0.5", "-0.6", "1.5", "-2")] == [True] * 4
    assert [boolean(text) for text in ("0.49", "-0.5", "0.0")] == [False] * 3
    assert mnemonic("immediate", "IMMediate", "BUS") == "IMM"
    assert string("'it''s'") == "it's"
    with pytest.raises(ScpiError, match="-224"):
        mnemonic("IMMED", "IMMediate", "BUS")


def test_channel_lists() -> None:
    """Ranges run upwards, and are written out in order."""
    assert channel_list("(@101,103:105)") == (101, 103, 104, 105)
    assert channel_list("(@ 3 , 1)") == (3, 1)
    assert channel_list("(@)") == ()
    for wrong in ("(101)", "(@105:103)", "(@1:99999)", "(@1,)", "@1"):
        with pytest.raises(ScpiSyntaxError, match="-171"):
            channel_list(wrong)


@given(st.binary(max_size=300))
def test_blocks_come_back_as_they_went(data: bytes) -> None:
    """A definite-length block holds anything."""
    message = b"DATA " + definite_block(data)

    (alone,) = parse_message(message)
    first, second = parse_message(message + b" ;:OUTP ON")

    assert block(alone.arguments[0]) == block(first.arguments[0]) == data
    assert second.header == ("OUTP",)


def test_a_block_head_from_the_manual() -> None:
    """The oscilloscope's manual shows #8 and eight digits; the multimeter's #15 for five bytes."""
    assert definite_block(b"ABCDE") == b"#15ABCDE"
    assert definite_block(b"ABCDE", digits=8) == b"#800000005ABCDE"
    assert definite_block(b"") == b"#10"
