"""A reading: a value in SI units together with everything that is known about how wrong it may be.

Uncertainty follows the GUM (JCGM 100:2008). A component is a standard uncertainty with its source; two readings that
share a source share its error, so their difference is as certain as it should be (GUM 5.2).
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

INFINITE = math.inf


class Distribution(StrEnum):
    """The shape of what is known about one source of error."""

    NORMAL = "normal"
    RECTANGULAR = "rectangular"


class Figure(NamedTuple):
    """A figure of a data sheet that an uncertainty rests on.

    Attributes:
        name: Model and function, for example "34465A dc voltage".
        provenance: "found" in its source; whatever else stands here, nobody has verified it ("remembered").
    """

    name: str
    provenance: str

    @property
    def verified(self) -> bool:
        """Whether it was found in its source."""
        return self.provenance == "found"


class Component(NamedTuple):
    """One source of error of a reading.

    Attributes:
        source: What is to blame, for example "dmm gain 1 V": readings that name the same source share its error.
        u: Standard uncertainty in the unit of the reading, signed as the sensitivity of the reading to the source.
        distribution: Its shape.
        dof: Degrees of freedom; infinite for a limit taken from a data sheet.
        figure: The figure of a data sheet that it rests on, if it rests on one.
    """

    source: str
    u: float
    distribution: Distribution = Distribution.NORMAL
    dof: float = INFINITE
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A value, its unit, its budget, and who measured it.

    Attributes:
        value: In the unit.
        unit: An SI unit without prefix ("A", "V", "s", "A·s", "1", ...; see harness/units.py).
        components: The uncertainty budget; empty only for a number that is exact by definition.
        instruments: Bench names of every instrument that had a part in it ("dmm", "switch"); the executor refuses a
            reading as evidence if one of them is not identified and inside its calibration.
        trouble: Why the reading may not be used as evidence although it was taken ("the supply is in constant
            current"); empty if nothing is wrong. The case is then N/E.
    """

    value: float
    unit: str
    components: tuple[Component, ...] = ()
    instruments: tuple[str, ...] = ()
    trouble: str = ""
