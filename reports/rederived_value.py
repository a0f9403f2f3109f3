"""One recorded value judged again: from its reading, its budget, its limits and its rule to the verdict it must have.

Numbers of a record are in the unit that is printed, and were judged in SI units: their last digits may differ.
"""

import math
from typing import Any, NamedTuple

from harness import units
from harness.budget import Expanded, difference, expanded
from harness.limits import Judgement, Limit, Rule, Verdict, judge, tur
from harness.reading import Component, Distribution, Reading
from reports.fields import component, number

# What was judged in SI units may differ by as much in the unit that is printed.
_SAME = 1e-9
# Of a difference of two readings the common part cancels, and takes digits with it.
_SAME_U = 1e-6
# Coverage factors come from a table, which was coarser in earlier versions: so much is far below the digits of U.
_SAME_K = 2e-3
_JUDGED = ("undecided: ", "rejected by ", "conditional: ", "the value is ")


class Again(NamedTuple):
    """What a value comes to when it is judged again, and in words where the record says something else."""

    judgement: Judgement
    problems: list[str]


def reading_of(data: dict[str, Any]) -> Reading:
    """Return a recorded value as a reading in its SI unit; a missing number is NaN.

    Raises:
        EvidenceError, TypeError, ValueError: It is no reading.
    """
    si, factor = units.si_of(data["unit"])
    value = number(data, "value")
    components = []
    for row in data["budget"]:
        source, u, distribution, dof, _ = component(*row)
        components.append(Component(source, u * factor, Distribution(distribution), dof))
    return Reading(math.nan if value is None else value * factor, si, tuple(components), tuple(data["instruments"]))


def judged_again(data: dict[str, Any], reading: Reading, declared: dict[str, Any], against: Reading | None) -> Again:
    """Return what a declared value comes to; against is what it is measured by, if its limit is relative to another."""
    problems = list(_declared_problems(data, declared))
    alone = expanded(reading)
    trouble = _trouble(data, reading, declared)
    low, high, uncertainty = _si(data, "low"), _si(data, "high"), alone
    if declared.get("relative") is not None:
        if declared.get("of") is not None and against is None:
            trouble = trouble or f"{declared['of']} must be measured before it"
        elif against is not None and against.components and not trouble:
            uncertainty = expanded(difference(reading, against))
    # Whatever the reading said of itself stands in its reason alone: then no probability was worked out.
    told = data["verdict"] == "N/E" and number(data, "p_nonconforming") is None and bool(data["reason"])
    own_words = told and not str(data["reason"]).startswith(_JUDGED)
    allowed = (alone, uncertainty) if own_words else (uncertainty,)
    found = next((one for one in allowed if _same_uncertainty(data, one)), None)
    if found is None:
        problems.append(f"it says U = {data['U']}, and its budget comes to {_printed(data, uncertainty.U)}")
    else:
        k = number(data, "k")
        uncertainty = found if k is None else found._replace(k=k, U=k * found.u)
    if not own_words and not trouble:
        problems += _limit_problems(data, declared, against)
    if (
        not declared.get("report")
        and "tur" in data
        and not _same(number(data, "tur"), tur(uncertainty, low, high), _SAME_U)
    ):
        problems.append(f"it says a test uncertainty ratio of {data['tur']}, and U and limits come to another")
    if trouble or own_words:
        reason = str(data["reason"]) if own_words else trouble
        judgement = Judgement(Verdict.NOT_EVALUATED, False, reason, math.nan)
    elif declared.get("report"):
        judgement = Judgement(Verdict.NOT_APPLICABLE, False, "reported only", math.nan)
    else:
        judgement = _nearest(data, reading.value, uncertainty, low, high, declared)
    problems += differences(data, judgement)
    return Again(judgement, problems)


def differences(data: dict[str, Any], judgement: Judgement) -> list[str]:
    """Return in words where a recorded verdict is not the one that it must be."""
    found = []
    for word, said, is_ in (
        ("verdict", data["verdict"], judgement.verdict.value),
        ("conditional", data["conditional"], judgement.conditional),
        ("reason", data["reason"], judgement.reason),
    ):
        # A value that was no number is null in the record: whether it was infinite is told by the reason alone.
        if said != is_ and not (word == "reason" and number(data, "value") is None and "the value is" in str(is_)):
            found.append(f"it says {word} {said!r}, and reading, limits and rule come to {is_!r}")
    p = number(data, "p_nonconforming")
    ours = None if math.isnan(judgement.p_nonconforming) else judgement.p_nonconforming
    if (p is None) != (ours is None) or (
        p is not None and ours is not None and not math.isclose(p, ours, rel_tol=1e-4, abs_tol=1e-9)
    ):
        found.append(f"it says p(nonconforming) {p}, and reading and limits come to {ours}")
    return found


def _nearest(
    data: dict[str, Any],
    value: float,
    uncertainty: Expanded,
    low: float | None,
    high: float | None,
    declared: dict[str, Any],
) -> Judgement:
    """Return the judgement; of a value at a limit the recorded one, if its last digits decide."""
    rule = Rule(declared["rule"])
    limit = Limit(low, high, "")
    ours = judge(value, uncertainty, limit, rule)
    if not math.isfinite(value):
        return ours
    slack = 1e-12 * max(abs(value), abs(low or 0.0), abs(high or 0.0))
    for moved in (value - slack, value + slack):
        other = judge(moved, uncertainty, limit, rule)
        if other.verdict.value == data["verdict"] and other.reason == data["reason"] and other[:3] != ours[:3]:
            return other
    return ours


def _trouble(data: dict[str, Any], reading: Reading, declared: dict[str, Any]) -> str:
    """Return why a reading is no evidence, as far as its row tells; "" if nothing speaks against it."""
    si = units.si_of(declared["unit"])[0]
    if reading.unit != si:
        return f"it is in {reading.unit} and must be in {si}"
    if declared.get("report"):
        return "" if number(data, "value") is not None else "nothing was measured"
    if not reading.instruments:
        return "it comes from no identified instrument, and what a device says of itself is no evidence"
    return "" if reading.components else "nothing is known of its uncertainty"


def _declared_problems(data: dict[str, Any], declared: dict[str, Any]) -> list[str]:
    found = []
    for word, key in (("rule", "rule"), ("limit", "source")):
        if data[word] != declared[key]:
            found.append(f"it says {word} {data[word]!r}, and the plan says {declared[key]!r}")
    if units.si_of(data["unit"])[0] == units.si_of(declared["unit"])[0] and data["unit"] != declared["unit"]:
        found.append(f"it is in {data['unit']}, and the plan says {declared['unit']}")
    return found


def _limit_problems(data: dict[str, Any], declared: dict[str, Any], against: Reading | None) -> list[str]:
    low, high = number(data, "low"), number(data, "high")
    planned_low, planned_high = declared.get("low"), declared.get("high")
    if declared.get("relative") is not None:
        if low is None or high is None:
            return ["it says no limits, and the plan declares a tolerance"]
        factor = units.si_of(data["unit"])[1]
        target = against.value / factor if against is not None else 0.5 * (low + high)
        width = declared["relative"] * abs(target) + (declared.get("absolute") or 0.0)
        planned_low, planned_high = target - width, target + width
    return [
        f"it says the {word} limit {said}, and the plan comes to {planned}"
        for word, said, planned in (("lower", low, planned_low), ("upper", high, planned_high))
        if not _same(said, planned, _SAME)
    ]


def _same_uncertainty(data: dict[str, Any], ours: Expanded) -> bool:
    factor = units.si_of(data["unit"])[1]
    largest = max((abs(row[1]) for row in data["budget"]), default=0.0)
    dof = math.inf if data["dof"] is None else data["dof"]
    k = number(data, "k")
    product = math.nan if k is None else k * ours.u / factor
    return (
        _same(number(data, "U"), product, _SAME_U, _SAME * largest)
        and _same(number(data, "u"), ours.u / factor, _SAME_U, _SAME * largest)
        and _same(k, ours.k, _SAME_K)
        and (dof == ours.dof or math.isclose(dof, ours.dof, rel_tol=1e-4))
    )


def _same(said: float | None, ours: float | None, relative: float, absolute: float = 1e-15) -> bool:
    ours = None if ours is None or not math.isfinite(ours) else ours
    if said is None or ours is None:
        return said is ours
    return math.isclose(said, ours, rel_tol=relative, abs_tol=absolute)


def _si(data: dict[str, Any], word: str) -> float | None:
    value = number(data, word)
    return None if value is None else value * units.si_of(data["unit"])[1]


def _printed(data: dict[str, Any], value: float) -> float:
    return value / units.si_of(data["unit"])[1]
