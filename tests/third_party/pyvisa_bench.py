"""Makes virtual benches known to pyvisa by name ("NAME@bench"), for drivers that take only a library's name."""

from typing import Any

from fixtures.virtual.visa_library import VirtualVisaLibrary

BENCHES: dict[str, VirtualVisaLibrary] = {}


class WRAPPER_CLASS(VirtualVisaLibrary):  # noqa: N801 - pyvisa looks for this name
    """What pyvisa calls with the part of the name before the @."""

    def __new__(cls, library_path: Any = "") -> Any:
        """Return the library of the bench of that name."""
        return BENCHES[str(library_path)]
