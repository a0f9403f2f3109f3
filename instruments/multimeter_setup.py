"""What drivers of multimeters have in common: the ranges of the 34401A family, and what a meter is set to."""

from typing import NamedTuple

from harness.errors import LocalProtocolError

RANGES_V = (0.1, 1.0, 10.0, 100.0, 1000.0)
AC_RANGES_V = (0.1, 1.0, 10.0, 100.0, 750.0)
RANGES_OHM = (1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
LOWEST_HZ = (3.0, 20.0, 200.0)


class Setup(NamedTuple):
    """What a meter is set to, and the messages that set it so again.

    Attributes:
        function: In the words of the data sheet.
        unit: An SI unit without prefix.
        range: Full scale, in the unit.
        speed: Aperture in periods of the mains, or the lowest frequency of an a.c. function in hertz.
        aperture_s: Time over which a reading averages, in seconds; 0 for a.c. functions.
        commands: What set it so.
    """

    function: str
    unit: str
    range: float
    speed: float
    aperture_s: float
    commands: tuple[str, ...]


def must_be_one_of(model: str, what: str, value: float, allowed: tuple[float, ...], unit: str) -> None:
    """Refuse what a meter would bend to the next value that fits: a report would then state another one than was used.

    Raises:
        LocalProtocolError: The model does not have it; what it has is listed.
    """
    if value not in allowed:
        offered = ", ".join(f"{choice:g}" for choice in allowed)
        raise LocalProtocolError(f"the {model} has no {what} of {value:g} {unit}: it has {offered}")
