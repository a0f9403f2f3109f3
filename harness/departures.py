"""Where the device on a bench is another one than options, claims, answers and results of others are about."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.claims_file import Device


class Departure(NamedTuple):
    """What a device says of itself that is not what it must be.

    Attributes:
        text: In words.
        refused: Whether a run is refused on any bench; else a virtual bench goes on, and the record notes it.
    """

    text: str
    refused: bool


def departures(
    said: Mapping[str, str], item: Mapping[str, str], claimed: Device, inspected: str, elsewhere: str
) -> Iterator[Departure]:
    """Give what a device says that is not what it must be.

    Args:
        said: maker, model, serial and firmware, as the device says them.
        item: serial and firmware, as they were asked for; "" for any.
        claimed: The device of the claims.
        inspected: Serial number that the inspections are about; "" or "any" for any.
        elsewhere: Serial number that the external results are about; "" or "any" for any.
    """
    rows = (
        ("firmware", "firmware", item["firmware"], "--firmware has it"),
        ("serial number", "serial", item["serial"], "--item has it"),
        ("maker", "maker", claimed.manufacturer, "the claims have it"),
        ("model", "model", claimed.model, "the claims have it"),
        ("firmware", "firmware", claimed.firmware, "the claims have it"),
        ("serial number", "serial", "" if inspected == "any" else inspected, "the inspections have it"),
        ("serial number", "serial", "" if elsewhere == "any" else elsewhere, "the external results have it"),
    )
    for what, key, wanted, whose in rows:
        if wanted and said[key] != wanted:
            text = f"the item says that its {what} is {said[key]!r}, and must be {wanted!r} as {whose}"
            yield Departure(text, whose.startswith("--firmware"))
