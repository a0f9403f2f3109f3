"""Properties of SCPI's grammar and arguments that hold for every text, and the limits that keep parsing linear."""

import math
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.scpi.grammar import DEEPEST, ScpiSyntaxError, Unit, parse_message
from instruments.scpi.parameters import (
    MOST_KNOWN,
    block,
    boolean,
    channel_list,
    definite_block,
    number,
    string,
    suffixes,
    whole_number,
)
from tests.fixtures.bare_instrument import Bare

MNEMONICS = st.from_regex(r"[A-Z][A-Z0-9_]{0,11}", fullmatch=True)
PLAIN = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\"'#(),;"), min_size=1)
QUOTED = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF)).map(
    lambda text: '"' + text.replace('"', '""') + '"'
)
BLOCKS = st.binary().map(lambda data: definite_block(data).decode("latin-1"))
LISTS = st.lists(st.integers(0, 999), max_size=4).map(lambda channels: f"(@{','.join(map(str, channels))})")
ARGUMENTS = st.lists(st.one_of(PLAIN, QUOTED, BLOCKS, LISTS), max_size=4).map(tuple)
UNITS = st.lists(
    st.builds(
        Unit,
        st.one_of(st.lists(MNEMONICS, min_size=1, max_size=6).map(tuple), MNEMONICS.map(lambda name: ("*" + name,))),
        st.booleans(),
        ARGUMENTS,
    ),
    min_size=1,
    max_size=5,
)
SPACE = st.text(st.sampled_from(" \t"), max_size=3)


@given(UNITS, SPACE)
def test_what_is_written_is_what_is_read(units: list[Unit], space: str) -> None:
    """Commands, written one behind the other, come back as they were: strings, blocks and lists hold what they like."""
    message = (space + ";").join(map(str, units)) + space

    assert parse_message(message.encode("latin-1")) == units


@given(st.lists(PLAIN, min_size=1, max_size=5), SPACE)
def test_both_ways_to_find_arguments_agree(arguments: list[str], space: str) -> None:
    """A message with a string in it is scanned with more care, and its plain arguments are the same."""
    text = (space + "," + space).join(arguments)

    plain = parse_message(f"A:B {text}".encode())[0].arguments
    careful = parse_message(f"A:B {text}{space},''".encode())[0].arguments

    assert careful == (*plain, "''")


@given(
    st.decimals(-(10**9), 10**9, allow_nan=False, places=6),
    st.integers(-20, 20),
    st.sampled_from(["V", "A", "S", "HZ", "OHM"]),
)
def test_a_number_is_its_digits_times_its_multiplier(value: Decimal, exponent: int, unit: str) -> None:
    """Every suffix of a unit multiplies as SCPI-99 vol. 1, 7.2 says, in either case; M is mega for Hz and ohms."""
    powers = {
        "EX": 18,
        "PE": 15,
        "T": 12,
        "G": 9,
        "MA": 6,
        "K": 3,
        "M": -3,
        "U": -6,
        "N": -9,
        "P": -12,
        "F": -15,
        "A": -18,
    }
    powers["M"] = 6 if unit in ("HZ", "OHM") else -3

    for multiplier, power in powers.items():
        expected = float(value * Decimal(10) ** (exponent + power))

        taken = number(f"{value}E{exponent} {multiplier.lower()}{unit}", unit)

        assert taken == pytest.approx(expected, rel=1e-14, abs=0.0)
    assert set(suffixes(unit)) == {"", unit} | {multiplier + unit for multiplier in powers}


@given(st.text(max_size=30))
def test_a_number_is_finite_or_refused(text: str) -> None:
    """No text becomes an infinity or a NaN."""
    try:
        value = number(text, "V", minimum=0.0, maximum=1.0)
    except ScpiSyntaxError:
        return
    assert math.isfinite(value)


@pytest.mark.parametrize(
    ("text", "error"),
    [("1" * 301, -124), ("1e999", -123), ("-1E99999", -123), ("1" * 100_000 + "!", -121), ("1 " * 50_000, -121)],
    ids=["too many digits", "exponent", "long exponent", "a hundred thousand digits and a mark", "a row of numbers"],
)
def test_numbers_beyond_all_measure_are_refused_at_once(text: str, error: int) -> None:
    """SCPI-99 vol. 2, 21.8: each has its own number."""
    with pytest.raises(ScpiSyntaxError) as caught:
        number(text, "V")

    assert caught.value.number == error


@pytest.mark.parametrize("message", [":" + ":".join("A" * (DEEPEST + 1)), ";".join(["A:B"] * (DEEPEST + 1))])
def test_headers_do_not_grow_without_end(message: str) -> None:
    """No instrument has a header of so many nodes: -113, and what came before is carried out."""
    with pytest.raises(ScpiSyntaxError) as caught:
        parse_message(message.encode())

    assert caught.value.number == -113
    assert all(len(unit.header) <= DEEPEST for unit in caught.value.parsed)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 20)), max_size=6), SPACE)
def test_a_list_is_its_ranges_in_order(ranges: list[tuple[int, int]], space: str) -> None:
    """(@1,3:5) is 1, 3, 4, 5, with space between or without."""
    text = ",".join(f"{space}{first}:{first + more}" if more else f"{first}{space}" for first, more in ranges)
    expected = tuple(channel for first, more in ranges for channel in range(first, first + more + 1))

    assert channel_list(f"(@{text})") == expected


@given(st.text(st.characters(max_codepoint=0xFF)), st.sampled_from("\"'"), st.binary())
def test_strings_and_blocks_come_back_as_they_went(text: str, quote: str, data: bytes) -> None:
    """In either quotes, doubled inside; a block in either form."""
    assert string(quote + text.replace(quote, quote * 2) + quote) == text
    assert block(definite_block(data).decode("latin-1")) == data
    assert block("#0" + data.decode("latin-1")) == data


def test_long_lists_are_not_kept() -> None:
    """A thousand lists of ten thousand channels each are worked out, and take no memory afterwards."""
    tracemalloc.start()
    try:
        for first in range(1, 4 * MOST_KNOWN):
            channel_list(f"(@{first}:{first + 9998})") if first % 16 == 0 else channel_list(f"(@{first})")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 1 << 20


@pytest.mark.parametrize(
    ("value", "whole"),
    [(0.5, 1), (1.5, 2), (2.5, 3), (36.5, 37), (0.49999999999999994, 0), (-0.5, 0), (-0.6, -1), (254.5, 255), (7.0, 7)],
)
def test_a_half_is_rounded_upwards(value: float, whole: int) -> None:
    """IEEE 488.2 rounds 0.5 to 1 and 2.5 to 3, for numbers and for switches."""
    assert whole_number(value) == whole
    assert boolean(repr(value)) is (whole != 0)


def test_masks_are_rounded_as_numbers_are() -> None:
    """*ESE, *SRE and the enable masks of registers take a half upwards; what rounds to 256 is no byte."""
    instrument = Bare()

    assert instrument.ask(b"*ESE 36.5;*ESE?;*SRE 2.5;*SRE?;STAT:OPER:ENAB 4.5;ENAB?") == b"+37;+3;+5\n"
    instrument.ask(b"*ESE 255.5")
    assert [error[:4] for error in instrument.errors()] == ["-222"]
