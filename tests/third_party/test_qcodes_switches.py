"""The switch unit drivers of qcodes, unchanged, on virtual instruments."""

import warnings

import pytest
from qcodes.instrument_drivers.Keysight import Keysight34934A, Keysight34980A

MODULES = {1: "34934A-8x64", 2: "34921A", 4: "34934A-4x128", 6: "34934A-4x32, unplugged"}


@pytest.fixture
def switch(plug):
    """Give qcodes' Keysight34980A, connected to a virtual one."""
    plugged = plug("34980A", modules=MODULES)
    device = Keysight34980A("switch", plugged.address, visalib=plugged.visalib)
    device.plugged = plugged
    yield device
    device.close()


def test_it_is_identified(switch):
    """Vendor and model are as the driver tells them."""
    identity = switch.get_idn()

    assert (identity["vendor"], identity["model"]) == ("AGILENT TECHNOLOGIES", "34980A")


def test_modules_are_found_in_their_slots(switch):
    """Matrices get their sub-module, the multiplexer the one for modules without a driver, empty slots none."""
    assert sorted(switch.module) == [1, 2, 4, 6]
    assert isinstance(switch.module[1], Keysight34934A)
    assert not isinstance(switch.module[2], Keysight34934A)
    assert (switch.module[1].row, switch.module[1].column) == (8, 64)
    assert (switch.module[4].row, switch.module[4].column) == (4, 128)
    assert (switch.module[6].row, switch.module[6].column) == (4, 32)


def test_a_crosspoint_is_connected_and_disconnected(switch):
    """Row 2, column 3: channel 1203."""
    matrix = switch.module[1]
    matrix.connect(2, 3)

    assert matrix.is_closed(2, 3)
    assert not matrix.is_open(2, 3)
    assert switch.plugged.instrument.is_closed(1203)
    matrix.disconnect(2, 3)
    assert matrix.is_open(2, 3)


def test_paths_are_connected_together(switch):
    """Several crosspoints in one command, each told for itself; those of another layout have other numbers."""
    paths = [(1, 1), (8, 64), (3, 7)]
    matrix, other = switch.module[1], switch.module[4]
    matrix.connect_paths(paths)
    other.connect_paths([(2, 128)])

    assert matrix.are_closed(paths) == [True, True, True]
    assert matrix.are_open([*paths, (3, 8)]) == [False, False, False, True]
    assert switch.plugged.instrument.is_closed(4428)
    matrix.disconnect_paths(paths[:2])
    assert matrix.are_closed(paths) == [False, False, True]


def test_everything_is_disconnected(switch):
    """One slot, or all."""
    switch.module[1].connect(1, 1)
    switch.module[4].connect(1, 1)

    switch.disconnect_all(1)
    assert switch.module[1].is_open(1, 1)
    assert switch.module[4].is_closed(1, 1)
    switch.disconnect_all()
    assert switch.module[4].is_open(1, 1)


def test_row_protection_is_set_and_told(switch):
    """All four words of the driver's list."""
    for mode in ("AUTO0", "FIX", "ISO", "AUTO100"):
        switch.module[1].protection_mode(mode)

        assert switch.module[1].protection_mode.get() == mode


def test_a_matrix_without_its_terminal_block_connects_nothing(switch):
    """The driver warns of it, and the relay stays open."""
    locked = switch.module[6]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        switch.write("ROUT:CLOS (@6101)")

    assert switch.ask("ROUT:CLOS? (@6101)") == "0"
    assert locked._is_locked


def test_an_error_is_seen_by_the_driver(switch):
    """A channel that is not there sets the event status register, which the driver polls after every command."""
    with pytest.warns(UserWarning, match="an error occurred"):
        switch.write("ROUT:CLOS (@1165)")

    assert switch.get_error().startswith("+112,")


def test_a_reset_opens_everything(switch):
    """*RST is what the driver sends."""
    switch.module[1].connect(1, 1)
    switch.reset()

    assert switch.ask("*OPC?") == "1"
    assert switch.module[1].is_open(1, 1)
