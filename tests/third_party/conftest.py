"""Plugs single virtual instruments in, so that drivers which others wrote can be pointed at them in three ways."""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.serving.loose import served
from fixtures.virtual.clock import VirtualClock
from fixtures.virtual.instruments.message.core import MessageInstrument
from fixtures.virtual.instruments.place import Place
from fixtures.virtual.twins import twin
from fixtures.virtual.visa_library import VirtualVisaLibrary

sys.path.insert(0, str(Path(__file__).parent))
import pyvisa_bench

_names = (f"loose{number}" for number in itertools.count(1))


@dataclass
class Plugged:
    """An instrument that a driver can open.

    On a bare socket, as on real ones, an answer ends only for a client with a line feed as its read_termination.

    Attributes:
        address: Its VISA address.
        visalib: The library that knows it, as a string for pyvisa.ResourceManager().
        instrument: The virtual instrument itself.
        clock: Bench time.
    """

    address: str
    visalib: str
    instrument: MessageInstrument
    clock: VirtualClock


Plug = Callable[..., Plugged]


@pytest.fixture(params=["in process", "socket", "hislip"])
def plug(request: pytest.FixtureRequest) -> Iterator[Plug]:
    """Tell how a model is plugged in: by its name, by what its Place has more, and by what of that needs the clock."""
    way: str = request.param
    closers: list[Callable[[], None]] = []

    def plug_in(
        model: str, connected: Callable[[VirtualClock], dict[str, object]] = lambda clock: {}, **more: object
    ) -> Plugged:
        clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        more |= connected(clock)
        place = Place(clock=clock, seed=1, name="it", model=model, serial="VB00000001", **more)  # type: ignore[arg-type]
        instrument = twin(place)
        if way == "in process":
            name = next(_names)
            address = "USB0::0x2A8D::0x0101::VB00000001::INSTR"
            pyvisa_bench.BENCHES[name] = VirtualVisaLibrary.of_bench(clock, {address: instrument})
            closers.append(lambda: pyvisa_bench.BENCHES.pop(name, None))  # type: ignore[arg-type,return-value]
            return Plugged(address, f"{name}@bench", instrument, clock)
        ports = services.enter_context(served(clock, {"it": instrument}))
        return Plugged((ports.socket if way == "socket" else ports.hislip)["it"], "@py", instrument, clock)

    with ExitStack() as services:
        yield plug_in
    for close in reversed(closers):
        close()
