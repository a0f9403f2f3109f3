"""What a bench file comes to, as a record must say it: so that a record can be held against the copy of its bench file.

The rooms that read a bench file and the room that reads a record know nothing of each other: this is what they share.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple


class ToldCheck(NamedTuple):
    """A check standard, in its SI unit.

    Attributes:
        unit: That one.
        reference: What it is.
        reference_U: Its expanded uncertainty, k = 2.
        largest: The largest uncertainty that the check may have.
    """

    unit: str
    reference: float
    reference_U: float
    largest: float


@dataclass(frozen=True, slots=True)
class ToldBench:
    """What a record must say of a bench.

    Attributes:
        facts: As the first line has them.
        instruments: Each thing that has a certificate, in order, as its line has it; maker and firmware only if it is
            no instrument, because an instrument says these itself.
        checks: By quantity, what is compared with a standard.
        action: The En up to which a check is ok.
        has_model: Whether the model of a virtual device must lie beside the record.
        unsuited: Returns why a temperature in °C and a humidity in %RH do not suit, or "".
    """

    facts: dict[str, Any]
    instruments: Iterable[dict[str, Any]]
    checks: dict[str, ToldCheck]
    action: float
    has_model: bool
    unsuited: Callable[[float, float], str]


TellBench = Callable[[Path, Mapping[str, str]], ToldBench]
"""Returns what the copy of a bench file comes to; where the file names no driver, that of the record counts."""
