"""What an error that was found of an instrument does to a value, worked out from the lines of the value's own budget.

A line of a budget is u = c * limit / k: the sensitivity of the value to the instrument, times what the data sheet
permits. So the sheet turns each line back into the sensitivity, and the error found into a shift. A sheet adds its two
parts linearly, and the budgets stretch both lines alike for that: by what their ratio tells for one reading, by √2 for
a log. Where a budget joins several readings, both ends of that are tried. Where a line tells only that an instrument
had a part in it, its shift is bounded: what only such a bound could change is not known, and is told so.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness import units
from harness.budget import merged
from harness.reading import Component, Distribution
from reports.as_found import AsFound, FoundRange
from reports.rows import Instrument

SQRT2 = math.sqrt(2.0)
_READING = re.compile(r" noise and resolution, reading (\d+)(?:,.*)?$")
_SCATTER = (" noise", " rounding")
_STANDARD = " certificate"
_COMPARED = ", compared with "

Line = tuple[str, float, str, float, str]


class Permitted(NamedTuple):
    """What a data sheet permits of one range of a function.

    Attributes:
        of_reading: Limit in proportion to the reading.
        fixed: Limit that does not depend on it, in the SI unit of the function.
        divisor: Standard uncertainty is limit / divisor.
        source: Which edition of which sheet it is from.
    """

    of_reading: float
    fixed: float
    divisor: float
    source: str


Sheet = Callable[[str, str, float | None, tuple[float, float] | None], Permitted]
"""Model, function, range (None without ranges), temperature of the bench in °C with its U to what the sheet permits."""


class Scenario(NamedTuple):
    """One way to read what a budget leaves open: the stretch of joined readings, the direction of a bounded shift."""

    stretch: float
    sign: float


KNOWN = tuple(Scenario(stretch, 0.0) for stretch in (1.0, SQRT2))
BOUNDED = tuple(Scenario(stretch, sign) for stretch in (1.0, SQRT2) for sign in (1.0, -1.0))


@dataclass(frozen=True, slots=True)
class _Part:
    """One line of a budget, with what was found of it.

    Attributes:
        sensitivity: To a relative error, or to a fixed one in its SI unit, for a stretch of one; 0 if not known.
        shift: Of the value for a stretch of one, in the unit of the value.
        u: Standard uncertainty of that shift, signed as the line.
        stretch: By what both are to be divided; None where a scenario says.
        directed: Whether the sign of the shift is known.
    """

    source: str
    sensitivity: float
    shift: float
    u: float
    stretch: float | None
    directed: bool


class FoundErrors:
    """The errors found of one instrument of one run.

    Args:
        found: What the laboratory found.
        instrument: As the run's record names it.
        sheet: Its data sheet.
        temperature: Of the bench in the run in °C, and its expanded uncertainty; None if unknown.

    Raises:
        ConfigError: The data sheet has not a function or range that the finding names.
    """

    def __init__(
        self, found: AsFound, instrument: Instrument, sheet: Sheet, temperature: tuple[float, float] | None
    ) -> None:
        self._found = found
        self._name, self._model = instrument.name, instrument.model
        self._sheet, self._temperature = sheet, temperature
        self._told = {said.function: said.source for said in instrument.accuracy}
        self._named = {entry.component: entry.in_counts() for entry in found.components}
        self._by_function: dict[str, list[FoundRange]] = {}
        for entry in found.ranges:
            self._by_function.setdefault(entry.function, []).append(entry)
        # Of each standard that is read with the instrument: its relative standard uncertainty, and on which range.
        self._standards: dict[str, tuple[float, FoundRange]] = {}
        self._known: dict[tuple[Line, ...], list[_Part]] = {}
        self._limits: dict[tuple[str, float | None], Permitted] = {}
        for entry in found.ranges:
            # A misspelt function or range must not clear what was read with another one.
            self._permitted(entry)

    def learn(self, budgets: Iterable[Sequence[Line]]) -> None:
        """Take note, from values that are single readings, of how budgets count the standards that are read with it.

        Whatever rests on the same standard elsewhere is then known to be as sensitive as its line there.
        """
        seen: dict[str, set[tuple[str, int]]] = {}
        for budget in budgets:
            direct = [(part, entry) for part, entry, kind in self._direct(budget) if kind == "gain"]
            if len(direct) != 1 or direct[0][0].sensitivity == 0.0 or direct[0][0].stretch is None:
                continue
            part, entry = direct[0]
            stretch = part.stretch or 1.0
            for source, u, *_ in budget:
                if source.endswith(_STANDARD):
                    relative = u * stretch / part.sensitivity
                    seen.setdefault(source, set()).add((f"{relative:.5e}", self._found.ranges.index(entry)))
        for source, found in seen.items():
            if len(found) == 1:
                written, index = found.pop()
                self._standards[source] = (float(written), self._found.ranges[index])
        self._known.clear()

    def touches(self, budget: Sequence[Line]) -> bool:
        """Return whether a value rests on the instrument."""
        return any(self._is_ours(line) for line in budget)

    def unanswered(self, budget: Sequence[Line]) -> list[str]:
        """Return what a value rests on and the file says nothing of, or nothing that can be used, in words."""
        open_: list[str] = []
        for source, _, _, _, figure in budget:
            function = self._function(figure)
            if function is None or function in self._found.within or source in self._named:
                continue
            entries = self._by_function.get(function)
            if entries is None:
                open_.append(f"the file says nothing of {function} of {self._name}")
                continue
            pattern = rf"{re.escape(f'{self._name} {function}')} (\S+) (?:gain|offset)(?:,.*)?"
            match = re.fullmatch(pattern, source)
            if match and not any(self._is_range(entry, match[1]) for entry in entries):
                unit = next((f" {units.parse_any(entry.range)[1]}" for entry in entries if entry.range), "")
                open_.append(f"the file says nothing of {function} of {self._name} on the range {match[1]}{unit}")
            told, now = self._told.get(function, ""), self._permitted(entries[0]).source
            if told != now:
                open_.append(f"the figures of {function} are from {now!r} now, and were from {told!r} in the run")
        if self.touches(budget) and not self._model and not any(line[0] in self._named for line in budget):
            open_.append(f"the file names no component of {self._name}")
        return list(dict.fromkeys(open_))

    def shift(self, budget: Sequence[Line], scenario: Scenario) -> float:
        """Return by how much a value is too high, in its unit."""
        parts = self._parts(budget)
        known = math.fsum(part.shift / (part.stretch or scenario.stretch) for part in parts if part.directed)
        bound = math.fsum(abs(part.shift) for part in parts if not part.directed)
        return known + scenario.sign * bound

    def components(self, budget: Sequence[Line]) -> tuple[Component, ...]:
        """Return a budget with what is uncertain about the errors found, in the unit of the value."""
        added = [Component(f"{part.source}, as found", part.u / (part.stretch or 1.0)) for part in self._parts(budget)]
        return (*as_components(budget), *added)

    def _parts(self, budget: Sequence[Line]) -> list[_Part]:
        key = tuple(budget)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._worked_out(budget)
        return known

    def _worked_out(self, budget: Sequence[Line]) -> list[_Part]:
        lines = merged(as_components(budget))
        figures = {line[0]: line[4] for line in reversed(budget)}
        direct = {part.source: part for part, _, _ in self._direct(budget)}
        parts = list(direct.values())
        for line in lines:
            function = self._function(figures[line.source]) or ""
            if line.source in self._named:
                error, uncertainty = self._named[line.source]
                u = line.u * uncertainty / self._found.coverage
                parts.append(_Part(line.source, 0.0, line.u * error, u, 1.0, directed=True))
            elif line.source in direct or any(word in line.source for word in _SCATTER):
                continue
            elif function in self._by_function:
                parts += self._indirect(line, function, lines)
        return parts

    def _direct(self, budget: Sequence[Line]) -> Iterator[tuple[_Part, FoundRange, str]]:
        """Give the lines that tell their sensitivity, each with what was found of its range, and which line it is."""
        numbers = {match[1] for source, *_ in budget if (match := _READING.search(source))}
        for line in merged(as_components(budget)):
            if not line.source.startswith(f"{self._name} "):
                continue
            for entry in self._found.ranges:
                for kind in ("gain", "offset") if entry.full_scale is not None else ():
                    own = f"{self._name} {entry.function} {entry.full_scale:g} {kind}"
                    if line.source != own and not line.source.startswith(f"{own}, "):
                        continue
                    permitted = self._permitted(entry)
                    error, uncertainty = entry.fixed_si
                    limit = permitted.fixed
                    if kind == "gain":
                        error, uncertainty = entry.of_reading.error, entry.of_reading.uncertainty
                        limit = permitted.of_reading
                    sensitivity = line.u * permitted.divisor / limit if limit else 0.0
                    stretch = _stretch(line.source, kind, budget, numbers)
                    u = sensitivity * uncertainty / self._found.coverage
                    yield _Part(line.source, sensitivity, sensitivity * error, u, stretch, directed=True), entry, kind

    def _indirect(self, line: Component, function: str, lines: Sequence[Component]) -> list[_Part]:
        """Return what a line comes to that the instrument only has a part in: a gain compared with it, a time base.

        Its u is at least what the sheet permits of the function makes it, so that its shift is at most as many times
        that as the error found is of the sheet's limit.
        """
        entries = self._by_function[function]
        standard = next((part for part in lines if part.source in self._standards), None)
        if standard is not None and _COMPARED in line.source:
            relative, entry = self._standards[standard.source]
            if entry.function == function:
                return self._compared(line, standard.u / relative, entry)
        times = [self._times(entry) for entry in entries]
        allowed = line.u * self._permitted(entries[0]).divisor
        error, uncertainty = max(error for error, _ in times), max(uncertainty for _, uncertainty in times)
        u = allowed * uncertainty / self._found.coverage
        return [_Part(line.source, 0.0, allowed * error, u, 1.0, directed=False)]

    def _compared(self, line: Component, sensitivity: float, entry: FoundRange) -> list[_Part]:
        """Return the shift of a gain that was set by the instrument's reading of a standard, in two parts.

        The part in proportion is known. Of the fixed one the record does not hold into which reading it went: it is
        bounded by what of the line is left for it.
        """
        permitted = self._permitted(entry)
        error, uncertainty = entry.of_reading.error, entry.of_reading.uncertainty
        fixed, fixed_u = entry.fixed_si
        left = max(0.0, abs(line.u) * permitted.divisor - abs(sensitivity) * permitted.of_reading)
        k = self._found.coverage
        gain = _Part(line.source, sensitivity, sensitivity * error, sensitivity * uncertainty / k, 1.0, directed=True)
        bound, bound_u = left * _over(abs(fixed), permitted.fixed), left * _over(fixed_u, permitted.fixed) / k
        return [gain, _Part(f"{line.source}, fixed", 0.0, bound, bound_u, 1.0, directed=False)]

    def _times(self, entry: FoundRange) -> tuple[float, float]:
        """Return error found and its uncertainty as multiples of the sheet's limit."""
        permitted = self._permitted(entry)
        fixed, fixed_u = entry.fixed_si
        if entry.full_scale is None:
            whole = permitted.of_reading + permitted.fixed
            return abs(entry.of_reading.error) / whole, entry.of_reading.uncertainty / whole
        errors = (_over(abs(entry.of_reading.error), permitted.of_reading), _over(abs(fixed), permitted.fixed))
        uncertainties = (_over(entry.of_reading.uncertainty, permitted.of_reading), _over(fixed_u, permitted.fixed))
        return max(errors), max(uncertainties)

    def _permitted(self, entry: FoundRange) -> Permitted:
        key = (entry.function, entry.full_scale)
        known = self._limits.get(key)
        if known is None:
            known = self._limits[key] = self._sheet(self._model, *key, self._temperature)
        return known

    def _function(self, figure: str) -> str | None:
        """Return the function that a figure of the instrument's data sheet is about; None of another's figure."""
        start = f"{self._model} "
        return figure[len(start) :] if self._model and figure.startswith(start) else None

    def _is_ours(self, line: Line) -> bool:
        source, _, _, _, figure = line
        ours = self._function(figure) is not None or source in self._named
        return ours or source == self._name or source.startswith(f"{self._name} ")

    @staticmethod
    def _is_range(entry: FoundRange, written: str) -> bool:
        return entry.full_scale is not None and f"{entry.full_scale:g}" == written


def as_components(budget: Sequence[Line]) -> tuple[Component, ...]:
    """Return the lines of a budget as components."""
    return tuple(Component(source, u, Distribution(shape), dof) for source, u, shape, dof, _ in budget)


def _over(error: float, limit: float) -> float:
    return error / limit if limit else 0.0


def _stretch(source: str, kind: str, budget: Sequence[Line], numbers: set[str]) -> float | None:
    """Return by how much the two lines of a range were stretched; None where several readings are joined."""
    if not numbers:
        return SQRT2
    if len(numbers) > 1:
        return None
    other = source.replace(f" {kind}", " offset" if kind == "gain" else " gain")
    u = {named: math.fsum(line[1] for line in budget if line[0] == named) for named in (source, other)}
    whole = math.hypot(u[source], u[other])
    return (abs(u[source]) + abs(u[other])) / whole if whole else 1.0
