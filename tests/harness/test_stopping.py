"""How a run is asked to stop: terminated by the first signal, aborted by the second; more of them change nothing."""

import gc
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import Aborted, EvidenceError, Stopped
from harness.stopping import NAMES, Signals, Stage


@pytest.mark.parametrize("name", [name for name in NAMES if hasattr(signal, name)])
def test_the_first_signal_terminates_the_second_aborts_the_third_does_nothing(name: str) -> None:
    """Each of the signals counts, whatever the others were, and the stage says how far it went."""
    signals = Signals()

    with signals.installed():
        assert signals.stage is Stage.RUNNING
        with pytest.raises(Stopped, match=f"stopped by {name}") as terminated:
            signal.raise_signal(getattr(signal, name))
        assert signals.stage is Stage.TERMINATING
        assert not isinstance(terminated.value, Aborted)
        with pytest.raises(Aborted, match="stopped again by SIGTERM"):
            signal.raise_signal(signal.SIGTERM)
        assert signals.stage is Stage.ABORTING
        signal.raise_signal(getattr(signal, name))
        signal.raise_signal(signal.SIGINT)


def test_a_stop_that_was_swallowed_is_raised_again() -> None:
    """Python drops what is raised in a finalizer; the run learns of it until the signals are given back."""
    signals = Signals()

    class Finalized:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    with signals.installed():
        with unraisable() as swallowed:
            Finalized()
        for _ in range(3):
            with pytest.raises(Stopped, match="SIGTERM"):
                signals.deliver()
    signals.deliver()

    assert [type(error) for error in swallowed] == [Stopped]


@contextmanager
def unraisable() -> Iterator[list[BaseException | None]]:
    """Collect what Python swallows."""
    found: list[BaseException | None] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda hooked: found.append(hooked.exc_value)
    try:
        yield found
    finally:
        sys.unraisablehook = before


def test_the_handlers_of_others_come_back() -> None:
    """Whoever handled the signals before handles them again."""
    before = signal.getsignal(signal.SIGTERM)
    signals = Signals()

    with signals.installed():
        during = signal.getsignal(signal.SIGTERM)

    assert during != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_held_back_is_raised_before_what_can_be_stopped() -> None:
    """A stop between two cases waits for the next, and keeps it from beginning."""
    signals, begun = Signals(), list[int]()

    with signals.installed(), signals.held():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Stopped, match="SIGINT"):
            signals.stoppable(lambda: begun.append(1))
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Aborted, match="SIGINT"):
            signals.stoppable(lambda: begun.append(2))

    assert not begun


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer")
def test_however_a_method_is_left_signals_are_held_back_as_before() -> None:
    """A signal at any instant of a method, also on the way in or out, leaves what follows it uncut."""
    gc.disable()  # what is raised in a callback of the collector is swallowed, and told as a warning
    try:
        for tenth_us in range(200):
            _interrupted(1e-5 + tenth_us * 1e-7)
    finally:
        gc.enable()


def _interrupted(after_s: float) -> None:
    """Send a signal to something that can be stopped, and another one to what follows it."""
    signals = Signals()
    later = iter([2e-5])

    def ring(number: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, next(later, 0.0))
        signals._arrived(number, frame)

    with signals.installed():
        before = signal.signal(signal.SIGALRM, ring)
        try:
            with signals.held():
                with suppress(Stopped):
                    signal.setitimer(signal.ITIMER_REAL, after_s)
                    while True:
                        signals.stoppable(lambda: None)
                while signals.stage is not Stage.ABORTING:  # the second may have come in the midst of the first
                    signal.setitimer(signal.ITIMER_REAL, 1e-5)
                    time.sleep(1e-4)
            with pytest.raises(Aborted):
                signals.deliver()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def test_what_is_not_to_be_cut_is_done_whole_and_then_the_stop_is_raised() -> None:
    """A line of a record is whole whenever Ctrl-C comes, and the run does not go on after it."""
    signals, lines = Signals(), []

    def write() -> None:
        with signals.uncut:
            lines.append("half")
            signal.raise_signal(signal.SIGINT)
            lines.append("whole")

    with signals.installed():
        with pytest.raises(Stopped):
            write()
        assert lines == ["half", "whole"]
        with signals.uncut:  # what comes after the stop is written too
            lines.append("the end")


def test_a_stop_does_not_hide_what_went_wrong() -> None:
    """A disk that refuses is told, and the stop afterwards."""
    signals = Signals()

    def refuse() -> None:
        with signals.uncut:
            signal.raise_signal(signal.SIGINT)
            raise EvidenceError("the disk is full")

    with signals.installed():
        with pytest.raises(EvidenceError):
            refuse()
        with pytest.raises(Stopped):
            signals.deliver()


@given(st.lists(st.sampled_from(["signal", "held", "safing", "uncut", "end"]), max_size=20))
def test_however_they_come_two_stops_are_raised_and_none_where_they_are_held(steps: list[str]) -> None:
    """Of any signals in any blocks at most two are raised where they arrive, none inside a block, and none is lost."""
    signals = Signals()
    blocks = {"held": signals.held, "safing": signals.safing, "uncut": lambda: signals.uncut}
    sent = raised = 0
    open_blocks = []
    with signals.installed():
        for step in steps:
            try:
                if step == "signal":
                    sent += 1
                    signal.raise_signal(signal.SIGTERM)
                elif step == "end" and open_blocks:
                    open_blocks.pop().__exit__(None, None, None)
                elif step != "end":
                    block = blocks[step]()
                    block.__enter__()
                    open_blocks.append(block)
            except Stopped:
                raised += 1
                assert not open_blocks
        while open_blocks:
            with suppress(Stopped):
                open_blocks.pop().__exit__(None, None, None)
        assert raised <= 2
        assert signals.stage is [Stage.RUNNING, Stage.TERMINATING, Stage.ABORTING][min(sent, 2)]
        if sent:
            with pytest.raises(Aborted if sent > 1 else Stopped):
                signals.deliver()
