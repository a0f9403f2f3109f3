"""The role of a thermal chamber: air of a temperature that is set, round the device. No class of IVI has it."""

from typing import Protocol

from instruments.raw import Raw
from instruments.roles import Instrument


class Chamber(Instrument, Protocol):
    """A thermal chamber; what is configured is not switched."""

    def configure(self, *, lowest_c: float, highest_c: float, window_c: float) -> None:
        """Set what its air may be at most and at least, and how near a temperature counts as reached, all in °C."""

    def start(self, *, temperature_c: float) -> None:
        """Bring its air to a temperature in °C, and hold it there."""

    def stop(self) -> None:
        """Blow no air any more; it goes back to the room's temperature by itself."""

    def running(self) -> bool:
        """Return whether it blows air."""

    def at_temperature(self) -> bool:
        """Return whether its air is at the temperature that is set."""

    def air_temperature(self) -> Raw:
        """Return the temperature of its air in °C."""
