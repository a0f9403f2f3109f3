"""Puts every driver of the catalogue on a stand, in each of the three ways, for the claims of its role."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fixtures.virtual.clock import VirtualClock
from fixtures.virtual.dc_node import DcNode, Resistor
from fixtures.virtual.instruments.scopes.probes import Square
from instruments.catalog import DRIVERS
from tests.instruments.conformance.entries import ENTRIES, Multimeter, Switch
from tests.instruments.conformance.stand import WAYS, Stand, standing

LOAD_OHM = 10.0
SQUARE_V = (-1.0, 2.0)
SQUARE_NS = 2_000_000


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let each claim be made of every driver of its role; those of the fixture `any_stand` of all drivers."""
    for fixture, chosen in FIXTURES.items():
        if fixture in metafunc.fixturenames:
            names = [name for name in DRIVERS if name in ENTRIES and chosen(name)]
            rows = [(name, way) for name in names for way in WAYS]
            metafunc.parametrize(fixture, rows, indirect=True, ids=[f"{name}, {way}" for name, way in rows])


def _plays(role: str) -> Callable[[str], bool]:
    return lambda name: DRIVERS[name].role == role


def _logs(name: str) -> bool:
    entry = ENTRIES[name]
    return isinstance(entry, Multimeter) and entry.logs


FIXTURES: dict[str, Callable[[str], bool]] = {
    "any_stand": lambda name: True,
    "supply": _plays("supply"),
    "load": _plays("load"),
    "multimeter": _plays("multimeter"),
    "logger": _logs,
    "single_reader": lambda name: DRIVERS[name].role == "multimeter" and not _logs(name),
    "oscilloscope": _plays("oscilloscope"),
    "switch": _plays("switch"),
    "chamber": _plays("chamber"),
    "queueing_stand": lambda name: DRIVERS[name].role != "chamber",
}


def _connections(name: str) -> Callable[[VirtualClock], dict[str, Any]]:
    """Return what the instrument of a driver is connected to."""
    entry = ENTRIES[name]
    match DRIVERS[name].role:
        case "supply":
            return lambda clock: {"feeds": {n: DcNode(clock, Resistor(LOAD_OHM)) for n in (1, 2, 3)}}
        case "load":
            return lambda clock: {"draws_from": DcNode(clock)}
        case "oscilloscope":
            square = Square(*SQUARE_V, period_ns=SQUARE_NS, duty=0.25)
            return lambda clock: {"probes": dict.fromkeys(range(1, 5), square)}
        case "switch":
            assert isinstance(entry, Switch)
            return lambda clock: {"sensors": {channel: _still(volts) for channel, volts in entry.sensors}}
        case _:
            return lambda clock: {}


def _still(volts: float) -> Callable[[], float]:
    return lambda: volts


def _stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    name, way = request.param
    with standing(name, way, _connections(name)) as stand:
        yield stand


for _fixture in FIXTURES:
    globals()[_fixture] = pytest.fixture(_stand, name=_fixture)
