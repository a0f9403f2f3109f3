"""What every driver does, whatever its role and however its instrument is reached."""

import pytest

from harness.errors import InstrumentError, LinkError
from instruments.catalog import DRIVERS
from tests.instruments.conformance.entries import ENTRIES
from tests.instruments.conformance.stand import Stand


def test_every_driver_is_held_to_the_claims_of_its_role() -> None:
    """A driver without a row, or with the row of another role, would be held to nothing."""
    assert set(ENTRIES) == set(DRIVERS)
    assert {name: type(entry).__name__.lower() for name, entry in ENTRIES.items()} == {
        name: entry.role for name, entry in DRIVERS.items()
    }


def test_it_tells_who_is_there(any_stand: Stand) -> None:
    """Maker, model, serial number and firmware, none of them empty and none with blanks around it."""
    identity = any_stand.driver.identify()

    assert identity.model == any_stand.model
    assert identity.serial == ENTRIES[any_stand.name].serial
    assert all(field and field == field.strip() for field in (identity.maker, identity.firmware))


def test_an_instrument_without_complaint_has_none(any_stand: Stand) -> None:
    """The queue is empty, asked once and asked again."""
    any_stand.driver.check_errors()
    any_stand.driver.check_errors()


def test_all_errors_are_quoted_and_then_forgotten(queueing_stand: Stand) -> None:
    """What an instrument with an error queue complains of is in the text, all of it; the queue is empty after that."""
    queueing_stand.wire.write(b"FOO:BAR 1")
    queueing_stand.wire.write(b"*ESE 1e9")

    with pytest.raises(InstrumentError) as complaint:
        queueing_stand.driver.check_errors()

    assert "-113" in str(complaint.value)
    assert str(complaint.value).count('"') >= 4
    queueing_stand.driver.check_errors()


def test_a_reset_empties_the_error_queue_and_takes_a_stale_answer_away(any_stand: Stand) -> None:
    """A run that died has left an answer unread and an error in the queue; the next one sees neither."""
    any_stand.wire.write(b"FOO:BAR 1")
    any_stand.wire.write(b"SYST:ERR?")

    any_stand.driver.reset()

    any_stand.driver.check_errors()
    assert any_stand.driver.identify().model == any_stand.model


def test_a_half_read_answer_is_thrown_away_by_a_device_clear(any_stand: Stand) -> None:
    """The next question gets its own answer, whole."""
    any_stand.wire.write(b"*IDN?")
    any_stand.wire._resource.read_bytes(3)

    any_stand.wire.clear()

    assert any_stand.driver.identify().model == any_stand.model


def test_closing_twice_is_closing_once(any_stand: Stand) -> None:
    """The second time does nothing; after that the wire is dead, and says so."""
    any_stand.driver.close()
    any_stand.driver.close()

    with pytest.raises(LinkError):
        any_stand.driver.identify()
