"""A stand for one driver: its instrument alone on a bench, reached in one of three ways, and what lies on it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fixtures.serving.loose import served
from fixtures.virtual.clock import VirtualClock
from fixtures.virtual.instruments.message.core import MessageInstrument
from fixtures.virtual.instruments.place import Place
from fixtures.virtual.twins import twin
from fixtures.virtual.visa_library import VirtualVisaLibrary
from instruments.accuracy import accuracy
from instruments.catalog import DRIVERS
from instruments.raw import Raw
from instruments.visa import VisaLibrary, VisaTransport

WAYS = ("in process", "socket", "hislip")
SERIAL = "VB00000001"
ADDRESS = f"USB0::0x2A8D::0x0101::{SERIAL}::INSTR"
TIMEOUT_S = 8.0
LUCK = 1.5  # three standard deviations of what a sheet states with k = 2


class SharedClock:
    """Bench time that a server's thread uses as well: nobody moves it while somebody else does."""

    def __init__(self, clock: VirtualClock, lock: AbstractContextManager[Any]) -> None:
        self._clock = clock
        self._lock = lock

    def now_ns(self) -> int:
        """Return the bench time in nanoseconds."""
        with self._lock:
            return self._clock.now_ns()

    def utc(self) -> datetime:
        """Return the date and time that the bench works at."""
        with self._lock:
            return self._clock.utc()

    def sleep(self, seconds: float) -> None:
        """Let seconds pass."""
        with self._lock:
            self._clock.sleep(seconds)

    def sleep_until(self, t_ns: int) -> None:
        """Let time pass until an instant."""
        with self._lock:
            self._clock.sleep_until(t_ns)


@dataclass
class Stand:
    """A driver and its instrument.

    Attributes:
        name: The driver's, in the catalogue.
        way: How the instrument is reached.
        driver: The driver.
        wire: Its wire.
        unit: The virtual instrument.
        clock: Bench time, as the driver is handed it.
        lock: To be held while the virtual instrument or what is connected is looked at.
    """

    name: str
    way: str
    driver: Any
    wire: VisaTransport
    unit: MessageInstrument
    clock: SharedClock
    lock: AbstractContextManager[Any]

    def truly(self, look: Callable[[], Any]) -> Any:
        """Return what is so in truth, seen while nothing moves."""
        with self.lock:
            return look()

    @property
    def model(self) -> str:
        """The model that the driver is for."""
        return DRIVERS[self.name].model


@contextmanager
def standing(name: str, way: str, connections: Callable[[VirtualClock], dict[str, Any]]) -> Iterator[Stand]:
    """Give a stand for a driver; connections are what its Place has more, made out of the bench's clock."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    entry = DRIVERS[name]
    place = Place(clock=clock, seed=1, name="it", model=entry.model, serial=SERIAL, **connections(clock))
    unit = twin(place)
    lock: AbstractContextManager[Any] = nullcontext()
    with ExitStack() as stack:
        if way == "in process":
            library = VisaLibrary(VirtualVisaLibrary.of_bench(clock, {ADDRESS: unit}))
            address = ADDRESS
        else:
            ports = stack.enter_context(served(clock, {"it": unit}))
            address = (ports.socket if way == "socket" else ports.hislip)["it"]
            library = VisaLibrary("@py")
            lock = ports.lock
        stack.callback(library.close)
        wire = library.open(address, timeout_s=TIMEOUT_S)
        shared = SharedClock(clock, lock)
        yield Stand(name, way, entry.open(wire, shared, mains_hz=place.mains_hz), wire, unit, shared, lock)


def limit_of(model: str, raw: Raw) -> float:
    """Return by how much a reading may differ from the truth: what its sheet permits, and half a step of it."""
    permitted = accuracy(model).limit(raw.function, raw.range, raw.value, raw.aperture_s)
    return permitted.limit * (LUCK if permitted.divisor == 2.0 else 1.0) + 0.5 * permitted.resolution
