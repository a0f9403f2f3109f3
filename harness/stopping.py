"""How a run is asked to stop: the first signal terminates it, the second aborts it, more of them change nothing.

Terminating lets the case clean up after itself; aborting does not. Either way the case is N/E, the bench is made safe
and the record is closed; a run that is aborted leaves no report.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from types import FrameType, TracebackType
from typing import Any, TypeVar

from harness.errors import Aborted, Stopped

T = TypeVar("T")

# Windows has no SIGHUP and no SIGQUIT, and Ctrl-Break instead.
NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")


class Stage(Enum):
    """How far a run has been asked to stop, in the words of its progress."""

    RUNNING = ""
    TERMINATING = "terminating; a second Ctrl-C aborts"
    ABORTING = "aborting; the bench is made safe"


class Signals:
    """Turns what asks a process to end into Stopped, and then Aborted, where a run can be stopped.

    A run is RUNNING until the first signal, and asked to stop from then on until `installed` ends. The first two raise
    wherever the run is, unless they are held back. Python swallows what is raised in a finalizer or in a callback from
    C: therefore deliver(), which is asked before a case begins and before the supply is switched on, raises each time
    that it is asked.

    Attributes:
        stage: How far it has been asked.
        making_safe: Above zero while the bench is made safe.
        uncut: A short block that is done whole; a signal that comes meanwhile is raised at its end.
    """

    def __init__(self) -> None:
        self.stage = Stage.RUNNING
        self.making_safe = 0
        self.uncut = _Uncut(self)
        self._holds = self._raised = 0
        self._by: list[str] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Take the signals over for the block; only the main thread of Python can, elsewhere nothing is taken."""
        old: dict[int, Any] = {}
        self._forget()
        self._holds = self.making_safe = 0  # the handlers of others may raise where a block is left
        try:
            if threading.current_thread() is threading.main_thread():
                for name in NAMES:
                    number = getattr(signal, name, None)
                    if number is not None:
                        old[number] = signal.signal(number, self._arrived)
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
            self._forget()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold signals back for the block; one that came meanwhile is raised by the next deliver()."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1

    def stoppable(self, work: Callable[[], T]) -> T:
        """Do something that can be stopped, whoever holds signals back around it, and return what it returns.

        It is no `with` block, because a signal could raise on the way out of one, before it is left in order.

        Raises:
            Stopped: A signal came before or meanwhile.
        """
        holds = self._holds
        try:
            self._holds = 0
            self.deliver()
            return work()
        finally:
            self._holds = holds

    @contextmanager
    def safing(self) -> Iterator[None]:
        """Hold signals back for the block, which makes the bench safe."""
        self.making_safe += 1
        try:
            with self.held():
                yield
        finally:
            self.making_safe -= 1

    def deliver(self) -> None:
        """Stop the run now if a signal came, held back or swallowed or not; each time that it is asked.

        Raises:
            Stopped: One came, and nothing holds it back; Aborted if there were two.
        """
        if self._by and not self._holds:
            self._raised = len(self._by)
            if self.stage is Stage.ABORTING:
                raise Aborted(f"stopped again by {self._by[-1]}")
            raise Stopped(f"stopped by {self._by[0]}")

    def done(self) -> None:
        """Let no signal change the exit code any more: all that a process was to do is done, and it ends now."""
        if threading.current_thread() is threading.main_thread():
            for name in NAMES:
                number = getattr(signal, name, None)
                if number is not None:
                    signal.signal(number, signal.SIG_IGN)

    def _arrived(self, number: int, _frame: FrameType | None) -> None:
        if self.stage is Stage.ABORTING:
            return
        self.stage = Stage.TERMINATING if self.stage is Stage.RUNNING else Stage.ABORTING
        self._by.append(signal.Signals(number).name)
        self.deliver()

    def _forget(self) -> None:
        self.stage, self._by, self._raised = Stage.RUNNING, [], 0

    def _hold(self) -> None:
        self._holds += 1

    def _let_go(self, whole: bool) -> None:
        self._holds -= 1
        if whole and len(self._by) > self._raised:
            self.deliver()


class _Uncut:
    """The block of `Signals.uncut`; a class of its own because a record enters it for every line."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    def __enter__(self) -> None:
        self._signals._hold()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._signals._let_go(kind is None)


# A process has one set of signals, so there is one of these.
SIGNALS = Signals()
