"""Units at the edge."""

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import units

REGISTRY = pint.UnitRegistry()
PINT = {"Ω": "ohm", "°C": "degC", "%": "percent", "1": "dimensionless", "%RH": "percent"}


def _in_pint(unit: str) -> str:
    return PINT.get(unit, unit.replace("·", "*").replace("²", "**2").replace("Ω", "ohm").replace("C/", "C/"))


@pytest.mark.parametrize(("si", "unit"), [(si, u) for si, table in units.TABLE.items() for u in table if si != "%RH"])
def test_every_factor_is_pints(si: str, unit: str) -> None:
    """Every factor of the closed table is the one that pint knows."""
    expected = REGISTRY.Quantity(1.0, _in_pint(unit)).to(_in_pint(si)).magnitude

    assert units.si_of(unit) == (si, pytest.approx(expected, rel=1e-12))


@pytest.mark.parametrize(
    ("text", "si", "value"),
    [
        ("20 mA", "A", 0.02),
        ("80 mA·min", "A·s", 4.8),
        ("50 %", "1", 0.5),
        ("170 cm²", "m²", 0.017),
        ("1e-5 A", "A", 1e-5),
    ],
)
def test_a_quantity_is_the_decimal_that_was_written(text: str, si: str, value: float) -> None:
    """A quantity is parsed to the very float that its decimal names."""
    assert units.parse(text, si) == value


@pytest.mark.parametrize("text", ["20", "mA", "20 mV", "nan mA", "inf mA", "2O mA", "", "20 mA extra"])
def test_what_is_no_current_is_refused(text: str) -> None:
    """A current without unit, in a wrong unit, or not finite is refused, and the text says what is allowed."""
    with pytest.raises(ValueError, match="must be"):
        units.parse(text, "A")


@given(st.text())
def test_any_text_is_a_quantity_or_a_value_error(text: str) -> None:
    """No text makes the parser fall over."""
    try:
        value, si = units.parse_any(text)
    except ValueError:
        return
    assert si in units.TABLE
    assert value == value


@given(st.floats(min_value=1e-9, max_value=1e6), st.sampled_from(["mA", "µA", "A"]))
def test_show_and_parse_are_each_others_inverse(value: float, unit: str) -> None:
    """What is shown with enough digits is parsed back to the value."""
    assert units.parse(units.show(value, unit, 17), "A") == pytest.approx(value, rel=1e-12)
