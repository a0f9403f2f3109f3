"""Tests of the drawings: well-formed, the same every time, limits never off the page, words escaped."""

import math
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import svg
from reports.numbers import percent, plain, value_and_limits
from reports.scale import Scale, nice_ticks

FINITE = st.floats(-1e6, 1e6, allow_nan=False)


def _parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314 - our own drawing


def _drawn(**more: object) -> str:
    return svg.waveform("w1", "ramp", [0.0, 1.0, 2.0], [0.0, 5.0, 0.0], quantity="current", unit="mA", **more)  # type: ignore[arg-type]


def test_waveform_is_whole_and_accessible() -> None:
    """A drawing is well-formed XML with a title and a description that a screen reader can say."""
    drawing = _parsed(_drawn(limits={"maximum": 6.0}, marks={"peak": 1.0}))

    names = {element.tag.partition("}")[2]: element.text for element in drawing}
    assert drawing.get("role") == "img"
    assert names["title"] == "ramp"
    assert names["desc"] == "current from 0 to 5 mA; limit maximum at 6 mA; peak at 1 s"


def test_same_numbers_give_same_bytes() -> None:
    """A drawing depends on nothing but what it is given."""
    assert _drawn(limits={"maximum": 6.0}) == _drawn(limits={"maximum": 6.0})


@given(values=st.lists(FINITE, min_size=2, max_size=50), limit=FINITE)
def test_limit_is_always_on_the_page(values: list[float], limit: float) -> None:
    """However far the limit is from the samples, its line is inside the frame."""
    times = [float(index) for index in range(len(values))]

    drawing = svg.waveform("w1", "t", times, values, quantity="q", unit="V", limits={"maximum": limit})

    root = _parsed(drawing)
    frame = next(element for element in root if element.get("class") == "frame")
    line = next(element for element in root if element.get("class") == "limit")
    height = float((line.get("d") or "").partition(" ")[2].partition("H")[0])
    top = float(frame.get("y") or 0)
    assert top <= height <= top + float(frame.get("height") or 0)


@given(values=st.lists(FINITE, min_size=2, max_size=200))
def test_relative_path_does_not_pile_up_rounding(values: list[float]) -> None:
    """The last point of the path is where the last sample is, to a tenth of a drawing unit."""
    across, up = Scale(0, len(values) - 1, 46, 430), Scale(min(values), max(values), 188, 38)

    path = svg._path(svg._on(across, range(len(values))), svg._on(up, values))

    x = y = 0.0
    for piece in path.removeprefix("M").split("l"):
        dx, dy = piece.replace("-", " -").split()
        x, y = x + float(dx), y + float(dy)
    assert x == pytest.approx(430, abs=0.051)
    assert y == pytest.approx(up(values[-1]), abs=0.051)


def test_words_cannot_become_markup() -> None:
    """A name that looks like markup is drawn as words."""
    drawing = svg.waveform(
        'w"><script>',
        "<script>alert(1)</script>",
        [0.0, 1.0],
        [0.0, 1.0],
        quantity="<b>q</b>",
        unit="<i>",
        marks={"<script>": 0.5},
        limits={"</svg>": 1.0},
    )

    assert "<script" not in drawing
    assert drawing.count("</svg>") == 1
    _parsed(drawing)


@pytest.mark.parametrize(
    ("verdict", "shape"), [("P", "circle"), ("F", 'class="cross"'), ("N/E", 'class="dot ne"')], ids=["P", "F", "N/E"]
)
def test_verdicts_differ_in_shape_and_not_in_colour_alone(verdict: str, shape: str) -> None:
    """A dot, a cross and a diamond can be told apart without colours."""
    assert shape in svg.interval_bar(4.9, 0.1, 4.0, 5.0, verdict=verdict)


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_value_that_is_no_number_is_not_drawn(value: float | None) -> None:
    """What was not measured has no dot."""
    assert svg.interval_bar(value, 0.1, 0.0, 1.0, verdict="N/E") == ""


@given(value=FINITE, spread=st.floats(0, 1e6), low=FINITE, width=st.floats(0, 1e6))
def test_bar_is_always_well_formed(value: float, spread: float, low: float, width: float) -> None:
    """Whatever the numbers, the small drawing is well-formed and says them in words."""
    root = _parsed(svg.interval_bar(value, spread, low, low + width, verdict="P", guarded=True))

    assert "allowed" in (root[0].text or "")


@given(value=FINITE, spread=st.floats(1e-9, 1e3), step=st.integers(-3, 3), high=st.integers(-10_000, 10_000))
def test_printed_value_is_on_the_side_that_was_judged(value: float, spread: float, step: int, high: int) -> None:
    """Rounding for print never moves a value across its limit."""
    for near in (value, math.nextafter(high, math.inf * step) if step else float(high), high + step * 1e-7):
        shown, _, _, limit = value_and_limits(near, spread, None, float(high))
        printed = float(shown.replace("−", "-"))
        assert (printed > high) == (near > high) or abs(near - high) < 1e-13 * max(abs(high), 1)
        assert float(limit.replace("−", "-")) == high


@pytest.mark.parametrize(
    ("value", "spread", "expected"),
    [
        (4.98765, 0.0123, ("4.988", "0.013")),
        (24.31, 0.06, ("24.310", "0.060")),
        (1234.5, 27.0, ("1234", "27")),
        (-0.00123, 0.00045, ("−0.00123", "0.00045")),
        (-9.9e37, 0.001, ("−9.9e37", "0.0010")),  # what instruments say of an overload
        (9.9e37, 1.21e30, ("9.9e37", "1.3e30")),
    ],
    ids=["two digits of U", "trailing zeros", "no decimals", "minus sign", "overload", "uncertain overload"],
)
def test_digits_follow_the_uncertainty(value: float, spread: float, expected: tuple[str, str]) -> None:
    """U is printed with two digits, rounded up, and the value to the same place."""
    assert value_and_limits(value, spread, None, None)[:2] == expected


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "< 0.01 %"), (1e-9, "< 0.01 %"), (0.0228, "2.3 %"), (0.0012, "0.12 %"), (1.0, "> 99.99 %")],
)
def test_probability_is_never_rounded_to_certainty(probability: float, text: str) -> None:
    """A probability is neither printed as 0 % nor as 100 %."""
    assert percent(probability) == text


@given(low=st.floats(-1e3, 1e3), span=st.floats(1e-3, 1e6))
def test_ticks_are_inside_and_even(low: float, span: float) -> None:
    """Ticks lie on the axis and are evenly spaced."""
    ticks = [tick for tick, _ in nice_ticks(low, low + span, 6)]

    slack = 1e-6 * span + 1e-9 * abs(low)
    assert all(low - slack <= tick <= low + span + slack for tick in ticks)
    steps = [after - before for before, after in pairwise(ticks)]
    assert steps == pytest.approx(steps[:1] * len(steps), rel=1e-3)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1 + 0.2, "0.3"), (20.0, "20"), (-4.75, "−4.75"), (1e-9, "1e−9"), (None, "–")]
)
def test_plain_number_is_short(value: float | None, text: str) -> None:
    """A limit is printed as a person would write it."""
    assert plain(value) == text
