"""What an instrument said, before anybody knows how wrong it may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raw:
    """A number as the instrument gave it, with what is needed to look its accuracy up.

    Attributes:
        value: In the unit.
        unit: An SI unit without prefix.
        function: The instrument's function in the words of its accuracy table ("dc voltage").
        range: Full scale of the range that was set, in the unit.
        aperture_s: Time over which the instrument averaged, in seconds; zero if it did not.
        at_ns: Bench time at which the reading was complete, in nanoseconds.
    """

    value: float
    unit: str
    function: str
    range: float
    aperture_s: float = 0.0
    at_ns: int = 0
