"""Steps: what a method hands its readings to. Each is judged by what the plan declares, recorded, and kept whole.

A method never learns a verdict: measure() records and goes on, so that a report has all of a case's numbers.
"""

import math
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from harness import units
from harness.budget import Expanded, difference, expanded, mean
from harness.declared import Declared
from harness.events import Measured, Observed, StepStarted
from harness.limits import REFINES, UNDECIDED, Judgement, Limit, Verdict, judge, tur
from harness.reading import INFINITE, Reading

if TYPE_CHECKING:
    from harness.casebook import Casebook
    from harness.waveform import Waveform


class Indication(Protocol):
    """What a device says of itself: a value and its SI unit, and no evidence of anything."""

    @property
    def value(self) -> float:
        """The value in the unit."""

    @property
    def unit(self) -> str:
        """An SI unit without prefix."""


Taken = Reading | Indication | Callable[[], Reading]


class Steps:
    """The steps of one attempt at a case: `with step("Read") as s: s.measure(...)`."""

    def __init__(self, book: "Casebook") -> None:
        self._book = book
        self._count = 0

    def __call__(self, title: str) -> "Step":
        """Return the next step, to be entered with `with`."""
        self._count += 1
        return Step(self._book, title, self._count)


class Step:
    """One step of a method, open between `with` and its end."""

    __slots__ = ("_book", "_index", "_open", "_title")

    def __init__(self, book: "Casebook", title: str, index: int) -> None:
        self._book = book
        self._title = title
        self._index = index
        self._open = False

    def __enter__(self) -> "Step":
        book = self._book
        book.record.write(StepStarted(book.case.id, self._title, self._index))
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False

    def measure(self, name: str, taken: Taken) -> None:
        """Record a reading under a declared name, judged by the plan's limit and rule.

        Give a function that takes the reading, and an undecided one can be refined as the plan declares it.

        Raises:
            TypeError: It is no reading.
        """
        self._check_open()
        book = self._book
        declared = book.case.measures.get(name)
        reading = _reading(taken() if callable(taken) else taken, name)
        if declared is None or declared.observed:
            reason = "it is not declared in the plan" if declared is None else "the plan declares an observation"
            nothing = Declared(name, reading.unit, reading.unit, source="not declared")
            self._write(nothing, reading, expanded(reading), None, None, _not_evaluated(reason))
            return
        judgement = self._judge(declared, reading)
        if declared.refine and callable(taken) and judgement.reason.startswith(UNDECIDED):
            more = [reading, *(_reading(taken(), name) for _ in range(declared.refine))]
            for extra in more[1:]:
                self._write(declared, extra, expanded(extra), None, None, _not_evaluated(REFINES), counts=False)
            self._judge(declared, mean(more, f"repeatability of {name}"), refined=True)

    def observe(self, name: str, value: str | bool | int) -> None:
        """Record an observation under a declared name, compared with what the plan says that it must be."""
        self._check_open()
        book = self._book
        declared = book.case.measures.get(name)
        if declared is None or not declared.observed:
            judgement = _not_evaluated("it is not declared in the plan as an observation")
            expected, source = None, "not declared"
        else:
            expected, source = declared.expected, declared.source
            if type(value) is not type(expected):
                judgement = _not_evaluated(f"it is {value!r}, which cannot be compared with {expected!r}")
            elif value == expected:
                judgement = Judgement(Verdict.PASS, False, "", 0.0)
            else:
                judgement = Judgement(Verdict.FAIL, False, f"it is {value!r} and must be {expected!r}", 1.0)
        book.record.write(
            Observed(book.case.id, self._title, name, value, expected, judgement.verdict, judgement.reason, source)
        )
        self._secure(judgement)
        book.judged(name, judgement)

    def keep(
        self,
        name: str,
        waveform: "Waveform",
        *,
        marks: Mapping[str, float] | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        """Save a waveform beside the record; marks are instants on it in seconds, limits are levels in its SI unit."""
        self._check_open()
        from harness.keeping import keep_waveform

        keep_waveform(self._book, self._title, name, waveform, marks or {}, limits or {})

    def _check_open(self) -> None:
        if not self._open:
            raise RuntimeError(f"the step {self._title!r} is not open: measure inside of its 'with'")

    def _judge(self, declared: Declared, reading: Reading, *, refined: bool = False) -> Judgement:
        book = self._book
        uncertainty = expanded(reading)
        low, high = declared.low, declared.high
        trouble = book.trouble(declared, reading)
        if not trouble and declared.relative is not None:
            target = declared.target_value
            if declared.target is not None:
                against = book.values.get(declared.target)
                if against is None:
                    trouble = f"{declared.target} must be measured before it"
                else:
                    target = against.value
                    # What both readings share cancels: the judged quantity is their difference.
                    uncertainty = expanded(difference(reading, against)) if against.components else uncertainty
            if target is not None:
                width = declared.relative * abs(target) + declared.absolute
                low, high = target - width, target + width
        if not trouble and declared.accuracy is not None:
            allowed = declared.accuracy * min(abs(bound) for bound in (low, high) if bound is not None)
            # What is beyond the limit by more than its U fails, however large that is.
            coarse = math.isnan(uncertainty.U) or allowed < uncertainty.U
            if coarse and not _is_beyond(reading.value, uncertainty, low, high):
                trouble = "U is larger than the scheme allows where a result is compared with the limit directly"
        if trouble:
            judgement = _not_evaluated(trouble)
        elif declared.report_only:
            judgement = Judgement(Verdict.NOT_APPLICABLE, False, "reported only", math.nan)
        else:
            judgement = judge(reading.value, uncertainty, Limit(low, high, declared.source), declared.rule)
        book.values[declared.name] = reading
        self._write(declared, reading, uncertainty, low, high, judgement, replaces=refined)
        return judgement

    def _write(
        self,
        declared: Declared,
        reading: Reading,
        uncertainty: Expanded,
        low: float | None,
        high: float | None,
        judgement: Judgement,
        *,
        counts: bool = True,
        replaces: bool = False,
    ) -> None:
        book = self._book
        # A reading in another unit than declared is printed in its own; it is N/E already.
        unit = declared.unit if reading.unit == declared.si else reading.unit
        per = 1.0 / units.si_of(unit)[1] if unit == declared.unit else 1.0
        book.record.write(
            Measured(
                book.case.id,
                self._title,
                declared.name,
                reading.value * per,
                unit,
                uncertainty.U * per,
                uncertainty.u * per,
                uncertainty.k,
                uncertainty.dof if uncertainty.dof != INFINITE else None,
                low * per if low is not None else None,
                high * per if high is not None else None,
                "" if declared.report_only else declared.rule.value,
                judgement.p_nonconforming,
                judgement.verdict.value,
                judgement.conditional,
                judgement.reason,
                declared.source,
                reading.instruments,
                [
                    (
                        c.source,
                        c.u * per,
                        c.distribution,
                        c.dof if c.dof != INFINITE else None,
                        c.figure.name if c.figure is not None else "",
                    )
                    for c in reading.components
                ],
                None if declared.report_only else tur(uncertainty, low, high),
                _unverified(reading),
            )
        )
        self._secure(judgement)
        if counts:
            book.judged(declared.name, judgement, replaces=replaces)

    def _secure(self, judgement: Judgement) -> None:
        """Have the disk begin to keep what did not pass: a power cut must not heal it."""
        if judgement.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE):
            self._book.record.begin_sync()


def _is_beyond(value: float, uncertainty: Expanded, low: float | None, high: float | None) -> bool:
    """Return whether a value is outside of a limit by more than its U; never if that is no number."""
    return (high is not None and value - uncertainty.U > high) or (low is not None and value + uncertainty.U < low)


def _not_evaluated(reason: str) -> Judgement:
    return Judgement(Verdict.NOT_EVALUATED, False, reason, math.nan)


def _unverified(reading: Reading) -> tuple[str, ...]:
    """Return the figures of data sheets that a reading rests on and that were not found in their source."""
    figures = dict.fromkeys(c.figure for c in reading.components if c.figure is not None)
    return tuple(figure.name for figure in figures if not figure.verified)


def _reading(taken: object, name: str) -> Reading:
    if isinstance(taken, Reading):
        return taken
    value, unit = getattr(taken, "value", None), getattr(taken, "unit", None)
    if not isinstance(value, int | float) or not isinstance(unit, str):
        raise TypeError(f"{name!r} must be a reading, not {taken!r}: a bare number says nothing of its uncertainty")
    return Reading(float(value), unit, (), ())
