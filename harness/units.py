"""Units, at the edge: "20 mA" in files and on paper, SI floats inside.

The table is closed on purpose: a unit that is not in it is a mistake in a file, not something to guess at. It is
checked against pint in the tests.
"""

import math
import re

# SI unit -> {unit as written: how many SI units it is}. The first spelling of a unit is the one that is printed.
TABLE: dict[str, dict[str, float]] = {
    "A": {"A": 1.0, "mA": 1e-3, "µA": 1e-6, "uA": 1e-6, "nA": 1e-9},
    "V": {"V": 1.0, "mV": 1e-3, "µV": 1e-6, "uV": 1e-6, "kV": 1e3},
    "Ω": {"Ω": 1.0, "ohm": 1.0, "mΩ": 1e-3, "kΩ": 1e3, "kohm": 1e3, "MΩ": 1e6, "Mohm": 1e6},
    "s": {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0},
    "Hz": {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6},
    "A·s": {"A·s": 1.0, "mA·s": 1e-3, "mA·min": 0.06, "C": 1.0, "mC": 1e-3, "µC": 1e-6, "uC": 1e-6},
    "W": {"W": 1.0, "mW": 1e-3},
    "J": {"J": 1.0, "mJ": 1e-3, "µJ": 1e-6, "uJ": 1e-6},
    "F": {"F": 1.0, "µF": 1e-6, "uF": 1e-6, "nF": 1e-9},
    "A/s": {"A/s": 1.0, "mA/s": 1e-3, "mA/min": 1e-3 / 60.0},
    "m²": {"m²": 1.0, "cm²": 1e-4},
    "A/m²": {"A/m²": 1.0, "mA/cm²": 10.0},
    "°C": {"°C": 1.0, "degC": 1.0},
    "%RH": {"%RH": 1.0},
    "1": {"1": 1.0, "%": 0.01, "ppm": 1e-6},
}

_FOLD = str.maketrans({"μ": "µ", "Ω": "Ω", "⋅": "·", ".": "·", "*": "·"})
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*?)?\s*")


def _fold(unit: str) -> str:
    return unit.translate(_FOLD).replace("^2", "²").replace("m2", "m²")


_SI_OF = {spelling: (si, factor) for si, spellings in TABLE.items() for spelling, factor in spellings.items()}


def si_of(unit: str) -> tuple[str, float]:
    """Return the SI unit of a unit as written, and how many SI units it is.

    Raises:
        ValueError: The unit is not in the table.
    """
    found = _SI_OF.get(unit) or _SI_OF.get(_fold(unit))
    if found is None:
        raise ValueError(f"{unit!r} is not a unit that is known here; known are {', '.join(_SI_OF)}")
    return found


def parse(text: str, unit: str) -> float:
    """Return a quantity as written ("20 mA") in the SI unit `unit` ("A").

    Raises:
        ValueError: It is not a finite number with a unit of that kind; the text lists the units that are.
    """
    match = _QUANTITY.fullmatch(text)
    allowed = ", ".join(TABLE[unit])
    if match is None or (match[2] is None and unit != "1"):
        raise ValueError(f"{text!r} must be a number with a unit: {allowed}")
    written = _fold(match[2] or "1")
    if written not in TABLE[unit]:
        raise ValueError(f"{text!r} must be in one of these units: {allowed}")
    value = float(match[1]) * TABLE[unit][written]
    if not math.isfinite(value):
        raise ValueError(f"{text!r} must be a finite number")
    # The decimal that was written, not its neighbour: 50 % is 0.5 and 20 mA is 0.02 to the last bit.
    return float(f"{value:.15g}")


def parse_any(text: str) -> tuple[float, str]:
    """Return a quantity as written in its SI unit, and that unit.

    Raises:
        ValueError: It is not a finite number with a unit of the table.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None or match[2] is None:
        raise ValueError(f"{text!r} must be a number with a unit, such as '20 mA'")
    si, _ = si_of(match[2])
    return parse(text, si), si


def convert(value_si: float, unit: str) -> float:
    """Return an SI value in a unit as written, as the decimal that a person would write."""
    return value_si / si_of(unit)[1]


def show(value_si: float, unit: str, digits: int = 4) -> str:
    """Return an SI value as text in a unit as written, with significant digits."""
    return f"{convert(value_si, unit):.{digits}g} {unit}"
