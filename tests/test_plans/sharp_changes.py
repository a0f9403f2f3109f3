"""By how much each number of the claims is changed: as little as the reference device, or the bench, can tell.

A bound is set just beyond the worst value that the device showed against it in one whole run, a tolerance just below
the largest error. What a number states as it is (a level, a period, a count) is changed both ways by a little more than
the tolerance that the claims, or the plan, state for it. Where nothing is measured against a bound, the number is set
beyond what the device was built with, or what the bench can provide. What cannot even so be told is marked as coarse.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness import units
from harness.cases import PlannedCase
from harness.claim_fields import Stricter, stricter_of
from harness.claim_paths import field_at
from harness.claims import Claims
from harness.commands.options import REFERENCE_DEVICE, VIRTUAL_BENCH
from harness.documents import parse, read_bytes
from harness.events import Measured
from harness.limits import Rule, Verdict
from tests.test_plans.changed_claims import Number, reference, reference_run

# A number is set beyond what was seen by this part of it, or by U where that is larger.
_BEYOND = 0.05
# Where what was seen is nearly nothing, a bound is set to this part of the U around it: so near nobody can tell.
_WITHIN_U = 0.9
# What a number states as it is, is changed by its tolerance and this part of it.
_MORE = 0.2
_CLAIM = re.compile(r"claim ([\w.]+)")
# Digits of a changed number, as it is written.
_DIGITS = 8


@dataclass(frozen=True)
class Change:
    """What a number is changed to.

    Attributes:
        number: Which one.
        value: As it would be written.
        why: How the value was found, in words.
        case: The case that showed the value that it is set beyond; "" if none did.
    """

    number: Number
    value: str | int | float
    why: str
    case: str = ""


@dataclass(frozen=True)
class Shown:
    """A value that the device showed against a bound or a tolerance, in SI units.

    Attributes:
        case: In which case.
        name: Of the measure.
        unit: In which it is printed.
        value: What was measured.
        U: Of it.
        target: What a tolerance is around; None of a bound.
        rule: The decision rule.
    """

    case: str
    name: str
    unit: str
    value: float
    U: float
    target: float | None
    rule: Rule


def ways(number: Number) -> tuple[Stricter, ...]:
    """Return which ways a number is changed: in its stricter one, or in both."""
    info = field_at(number.path)
    assert info is not None
    stricter = stricter_of(info)
    assert stricter is not None, f"{number.path} does not say which way it is stricter"
    return (Stricter.SMALLER, Stricter.LARGER) if stricter is Stricter.BOTH else (stricter,)


def change(number: Number, way: Stricter) -> Change:
    """Return what a number is changed to."""
    for pattern, rule in _RULES:
        if re.fullmatch(pattern, number.path):
            return rule(number, way)
    return _beyond_shown(number, way)


def _written(number: Number, si: float, why: str, case: str = "") -> Change:
    """Return a change to a value in the SI unit, written in the unit that the number stands in."""
    if not isinstance(number.written, str):
        return Change(number, float(f"{si:.{_DIGITS}g}"), why, case)
    unit = number.unit
    return Change(number, f"{si / units.si_of(unit)[1]:.{_DIGITS}g} {unit}", why, case)


@cache
def _shown() -> dict[tuple[str, str], list[Shown]]:
    """Return what the device showed in one whole run, by the claim and by "low", "high" or "within"."""
    cases = {case.id: case for case in reference().cases}
    found: dict[tuple[str, str], list[Shown]] = {}
    for event in reference_run().measured:
        if event.verdict == Verdict.PASS.value:
            for key, shown in _against(cases[event.case], event):
                found.setdefault(key, []).append(shown)
    return found


def _against(case: PlannedCase, event: Measured) -> Iterator[tuple[tuple[str, str], Shown]]:
    """Yield each claim that a measured value was judged by, and the value."""
    per = units.si_of(event.unit)[1]
    declared = case.measures[event.name]
    target = None
    if declared.relative is not None:
        assert event.low is not None
        assert event.high is not None
        target = 0.5 * (event.low + event.high) * per
    shown = Shown(event.case, event.name, event.unit, event.value * per, event.U * per, target, Rule(event.rule))
    if target is not None:
        if named := _CLAIM.match(event.limit):
            yield (named[1], "within"), shown
        return
    bounds = [side for side, bound in (("low", event.low), ("high", event.high)) if bound is not None]
    sources = event.limit.split("; ")
    for side, source in zip(bounds, sources * len(bounds), strict=False):
        if named := _CLAIM.match(source):
            yield (named[1], side), shown


def _beyond_shown(number: Number, way: Stricter) -> Change:
    """Set a bound beyond the worst value that the device showed, or a tolerance below the largest error."""
    leaf = number.path.rpartition(".")[2]
    section = number.path.rpartition(".")[0] if leaf in ("relative", "absolute") else number.path
    if within := _shown().get((section, "within")):
        return _below_error(number, leaf, within)
    side = {Stricter.SMALLER: "high", Stricter.LARGER: "low"}[way]
    shown = _shown().get((number.path, side))
    assert shown, f"{number.path}: nothing is measured against it; say in _RULES how it is changed"
    return _beyond(number, side, shown)


def _beyond(number: Number, side: str, shown: Iterable[Shown]) -> Change:
    away = {"high": -1.0, "low": 1.0}[side]
    found = [(one.value + away * max(_BEYOND * abs(one.value), one.U), one) for one in shown]
    # The least change of all: for an upper bound the largest, for a lower one the smallest.
    value, worst = min(found, key=lambda pair: away * pair[0])
    if value > 0.0:
        return _written(number, value, f"beyond {_told(worst)}", worst.case)
    value, worst = max(
        ((one.value + _WITHIN_U * one.U, one) for one in shown if one.rule is not Rule.SIMPLE),
        key=lambda pair: pair[0],
    )
    return _written(number, value, f"within U of {_told(worst)}", worst.case)


def _below_error(number: Number, leaf: str, shown: Iterable[Shown]) -> Change:
    """Return a tolerance that is smaller than the largest error, or if none stands out, than the error with its U."""
    relative, absolute = _tolerance(reference().claims, number.path, leaf)
    candidates: list[tuple[bool, float, Shown]] = []
    for one in shown:
        assert one.target is not None
        error, size = abs(one.value - one.target), abs(one.target)
        for fails, width in ((True, error - max(_BEYOND * error, one.U)), (False, error + _WITHIN_U * one.U)):
            if not fails and one.rule is Rule.SIMPLE:
                continue
            if leaf == "absolute":
                candidates.append((fails, width - relative * size, one))
            elif size > 0.0:
                candidates.append((fails, (width - absolute) / size, one))
    fails, value, one = max((found for found in candidates if found[1] > 0.0), key=lambda found: found[:2])
    assert one.target is not None
    error = f"{_in(one, abs(one.value - one.target))} that {one.name!r} was off by in {one.case}"
    return _written(number, value, f"below the {error}" if fails else f"within U of the {error}", one.case)


def _tolerance(claims: Claims, path: str, leaf: str) -> tuple[float, float]:
    """Return the relative and the absolute part of the tolerance that a number is, or is a part of."""
    if leaf not in ("relative", "absolute"):
        return float(claims.get(path)), 0.0
    whole = claims.get(path.rpartition(".")[0])
    return whole.relative, whole.absolute


def _told(one: Shown) -> str:
    return f"the {_in(one, one.value)} of {one.name!r} in {one.case}"


def _in(one: Shown, si: float) -> str:
    return f"{si / units.si_of(one.unit)[1]:.4g} {one.unit}"


@dataclass(frozen=True)
class _Nominal:
    """A number that is what it is, and is changed by a little more than a tolerance.

    Attributes:
        tolerance: The claim that states it; or as a ratio.
        source: In words, where it is from.
        whole: Whether it is changed to a whole number of its SI unit, and written in that.
    """

    tolerance: str | float
    source: str
    whole: bool = False

    def __call__(self, number: Number, way: Stricter) -> Change:
        relative, absolute = self.width(number)
        value = _by_more(number.si, relative, absolute, way)
        if self.whole:
            return Change(number, f"{round(value)} {units.si_of(number.unit)[0]}", self.words(relative, absolute))
        return _written(number, value, self.words(relative, absolute))

    def width(self, number: Number) -> tuple[float, float]:
        """Return the relative and the absolute part of the tolerance."""
        if isinstance(self.tolerance, float):
            return self.tolerance, 0.0
        found = reference().claims.get(self.tolerance.replace("{name}", ".".join(number.path.split(".")[:2])))
        return (found, 0.0) if isinstance(found, float) else (found.relative, found.absolute)

    def words(self, relative: float, absolute: float) -> str:
        """Return what it is changed by."""
        fixed = f" and {absolute * 1e3:g} mA" if absolute else ""
        return f"by a little more than {100.0 * relative:g} %{fixed}: {self.source}"


def _by_more(value: float, relative: float, absolute: float, way: Stricter) -> float:
    """Return a target that is a little further from a value than the tolerance around that target reaches."""
    if way is Stricter.LARGER:
        return (value + absolute) / (1.0 - relative) * (1.0 + _MORE * relative)
    return (value - absolute) / (1.0 + relative) * (1.0 - _MORE * relative)


def _level_step(number: Number, way: Stricter) -> Change:
    """Change the step so that the last level is off by more than the tolerance of the output."""
    claims, site = reference().claims, number.path.split(".")[1]
    tolerance, levels = claims.get("output.tolerance"), claims.levels(site)
    last = _by_more(levels[-1], tolerance.relative, tolerance.absolute, way)
    step = (last - levels[0]) / (len(levels) - 1)
    return _written(number, step, "the last level is off by a little more than output.tolerance")


def _count(number: Number, way: Stricter) -> Change:
    assert isinstance(number.written, int)
    return Change(number, number.written + {Stricter.SMALLER: -1, Stricter.LARGER: 1}[way], "by one")


def _course(number: Number, way: Stricter) -> Change:
    """Change it by as much as the weeks of the course, and the one a week after it, can tell."""
    assert isinstance(number.written, int)
    by = {Stricter.SMALLER: -2, Stricter.LARGER: 3}[way]
    return Change(number, number.written + by, "coarse: one or two more or less are given in the same weeks either way")


@dataclass(frozen=True)
class _BeyondBuilt:
    """A number that is set beyond what the device was built with, or the bench has.

    Attributes:
        file: The model file of the device, or the bench file.
        place: Of the figure in it.
        part: What the figure is multiplied by first, and why.
        why: In words.
        by: How far beyond: a ratio, or of temperatures in kelvins.
    """

    file: Path
    place: str
    part: float = 1.0
    why: str = ""
    by: float = _BEYOND

    def __call__(self, number: Number, way: Stricter) -> Change:
        value: Any = parse(read_bytes(self.file), self.file)[0]
        for key in self.place.split("."):
            value = value[key]
        away = {Stricter.SMALLER: -1.0, Stricter.LARGER: 1.0}[way]
        words = f"beyond the {value} of {self.place} in {self.file.name}{self.why}"
        if isinstance(value, int):
            return Change(number, value + round(away), words)
        si = units.parse_any(value)[0] * self.part
        return _written(number, si + away * self.by if number.unit == "°C" else si * (1.0 + away * self.by), words)


def _area(number: Number, way: Stricter) -> Change:
    """Make the skin so small that the density which was seen on it is beyond the claimed one."""
    site, leaf = number.path.split(".")[1], number.path.rpartition(".")[2]
    density = f"sites.{site}.density.{leaf}"
    worst = max(_shown()[density, "high"], key=lambda one: one.value)
    most = reference().claims.get(density)
    value = number.si * worst.value / most * (1.0 - _BEYOND)
    return _written(number, value, f"{_told(worst)} is then beyond {density}", worst.case)


def _timeout(number: Number, way: Stricter) -> Change:
    """Make the silence so much longer that it is found after the claimed time of detection."""
    detection = "faults.serial_loss.detection"
    worst = max(_shown()[detection, "high"], key=lambda one: one.value)
    over_s = reference().claims.get(detection) * (1.0 + _BEYOND) - worst.value
    return _written(number, round(number.si + over_s, 2), f"{_told(worst)} is then beyond {detection}", worst.case)


@dataclass(frozen=True)
class _Coarse:
    """A number that no small change can be told of.

    Attributes:
        value: What it is changed to, as it would be written.
        why: Why not by less.
    """

    value: str | int
    why: str

    def __call__(self, number: Number, way: Stricter) -> Change:
        return Change(number, self.value, self.why)


_RULES: tuple[tuple[str, Callable[[Number, Stricter], Change]], ...] = (
    (r"supply\.nominal", _Nominal(0.05, "with 10 % on top it is beyond what the device stands")),
    (r"supply\.minimum", _BeyondBuilt(REFERENCE_DEVICE, "faults.supply.brown_out")),
    (r"supply\.maximum", _BeyondBuilt(REFERENCE_DEVICE, "faults.supply.over_voltage", by=0.02)),
    (r"supply\.over_voltage", _BeyondBuilt(REFERENCE_DEVICE, "faults.supply.over_voltage")),
    (r"supply\.adapter\.output", _Nominal(0.1, "OUT-051")),
    (r"supply\.adapter\.mains_(low|high)", _Nominal(0.03, "the bench has no such tap of its mains")),
    (r"environment\.lowest_temperature", _BeyondBuilt(VIRTUAL_BENCH, "chamber.lowest", by=1.0)),
    (r"environment\.highest_temperature", _BeyondBuilt(VIRTUAL_BENCH, "chamber.highest", by=1.0)),
    (r"display\.resolution", _Nominal(_BEYOND, "no tolerance is stated")),
    (r"output\.pulse\.(period|duty)", _Nominal(0.2, "IEC 60601-2-10, pulse parameters")),
    (
        r"output\.assured_voltage",
        _BeyondBuilt(REFERENCE_DEVICE, "device.compliance", 1.0 / 0.95, ", and what output.tolerance lets pass"),
    ),
    (
        r"output\.rate_window",
        _Coarse("14 ms", "coarse: no change of this device is faster over a shorter window than over 100 ms"),
    ),
    (r"sites\.\w+\.levels\.first", _Nominal("output.tolerance", "output.tolerance")),
    (r"sites\.\w+\.levels\.step", _level_step),
    (r"sites\.\w+\.levels\.count", _count),
    (r"sites\.\w+\.ramp", _Nominal("output.ramp_tolerance", "output.ramp_tolerance")),
    (r"sites\.\w+\.wetted_area\.\w+", _area),
    (r"programmes\.\w+\.(shortest|longest)", _Nominal("{name}.tolerance", "its tolerance", whole=True)),
    (r"programmes\.\w+\.dose", _Nominal("{name}.dose_tolerance", "its dose_tolerance")),
    (r"programmes\.hyperhidrosis\.schedule\.course", _course),
    (r"programmes\.\w+\.schedule\.\w+", _count),
    (
        r"faults\.(?!emergency_stop|user_stop|brown_out)\w+\.threshold",
        _Coarse(
            "0.05 mA",
            "coarse: the device leaves some nA, so that only what the oscilloscope takes for no current fails",
        ),
    ),
    (r"faults\.serial_loss\.timeout", _timeout),
    (r"indications\.log_entries", _BeyondBuilt(REFERENCE_DEVICE, "log.entries")),
)
