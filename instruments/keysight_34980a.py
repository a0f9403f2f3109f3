"""The Agilent (Keysight) 34980A switch unit: eight slots, matrices among its modules, channels of four digits."""

from typing import ClassVar

from instruments.keysight_daq970a import RELAY_REST_S, KeysightDAQ970A


class Keysight34980A(KeysightDAQ970A):
    """Plays the role of Switch. A channel is slot * 1000 + number; of a matrix 1203 is row 2, column 3 in slot 1."""

    model: ClassVar[str] = "34980A"
    slots: ClassVar[range] = range(1, 9)
    per_slot: ClassVar[int] = 1000
    state_query: ClassVar[str] = "ROUT:OPEN?"
    closed_word: ClassVar[str] = "0"

    def open_all(self) -> None:
        """Open every relay of every module, those of the analog buses too, and wait until they rest.

        Raises:
            InstrumentError: The unit refuses.
        """
        self._scpi.configure("ABOR", "ROUT:OPEN:ALL")
        self._clock.sleep(RELAY_REST_S)

    def _slot_name(self, slot: int) -> str:
        return str(slot)

    def _kept_after(self, measured: set[int]) -> frozenset[int]:
        """Return none: this unit keeps relays only while it scans."""
        return frozenset()
