"""The scripted wire is itself strict: what a driver does wrong on it is never overlooked."""

import pytest

from tests.instruments.wire import scripted_wire


def test_another_byte_fails() -> None:
    """A message that differs from the script fails where it is sent."""
    with pytest.raises(AssertionError), scripted_wire((b"VOLT 5", None)) as wire:
        wire.write(b"VOLT 6")


def test_an_answer_that_nobody_reads_fails() -> None:
    """An answer that is left on the wire fails at the end."""
    with pytest.raises(AssertionError, match="never read"), scripted_wire((b"VOLT?", b"5")) as wire:
        wire.write(b"VOLT?")


def test_a_line_that_is_never_sent_fails() -> None:
    """A script that is not played to its end fails."""
    with pytest.raises(AssertionError, match="never sent"), scripted_wire((b"VOLT?", b"5")):
        pass
