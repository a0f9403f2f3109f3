"""Selection: which cases of the plans are run, and what is left out because of that, so that a report can say it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from harness.cases import PlannedCase
from harness.errors import ConfigError
from harness.hazards import RISKS, Risk
from harness.library import Library


@dataclass(frozen=True)
class Selection:
    """What is asked for; a case must meet all that is given, and one of the values of each.

    Attributes:
        only: Ids of cases, with or without their conditions, in which * and ? stand for anything.
        requirements: Ids of requirements that it verifies.
        risk: The least risk that one of its requirements controls.
    """

    only: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    risk: Risk | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self == ALL


ALL = Selection()


def choose(
    cases: Iterable[PlannedCase], library: Library, selection: Selection
) -> tuple[tuple[PlannedCase, ...], tuple[PlannedCase, ...]]:
    """Return the cases that are chosen, and those that are left out; both in their order.

    Of a plan whose cases follow on each other, those before a chosen one are run too: it counts on what they leave.

    Raises:
        ConfigError: A pattern or a requirement finds no case, or nothing is chosen.
    """
    planned = tuple(cases)
    if selection.whole:
        return planned, ()
    patterns = [_pattern(text, planned) for text in selection.only]
    for name in selection.requirements:
        _check_requirement(name, planned, library)
    wanted: set[str] = set()
    for case in planned:
        named = not patterns or any(p.fullmatch(case.id) or p.fullmatch(case.base) for p in patterns)
        verifies = not selection.requirements or not set(selection.requirements).isdisjoint(case.verifies)
        if named and verifies and _risky(case, library, selection.risk):
            wanted.add(case.id)
    if not wanted:
        raise ConfigError("no case meets all of --only, --requirement and --risk: ask for less at once")
    kept = wanted | _before(planned, wanted)
    return tuple(case for case in planned if case.id in kept), tuple(case for case in planned if case.id not in kept)


def selection_facts(selection: Selection, left_out: Iterable[PlannedCase]) -> dict[str, Any]:
    """Return what a record says of a selection: what was asked for, and by base case what was left out; {} of all."""
    if selection.whole:
        return {}
    groups: dict[str, dict[str, Any]] = {}
    for case in left_out:
        said = {"plan": case.plan.content.plan, "case": case.base, "title": case.title, "verifies": case.verifies}
        groups.setdefault(case.base, said | {"count": 0})["count"] += 1
    return {
        "only": selection.only,
        "requirements": selection.requirements,
        "risk": selection.risk or "",
        "left_out": list(groups.values()),
    }


def _before(planned: tuple[PlannedCase, ...], wanted: set[str]) -> set[str]:
    """Return the cases that chosen ones of their plan follow on."""
    found: set[str] = set()
    for plan in {case.plan.content.plan for case in planned if case.plan.content.follow_on}:
        own = [case.id for case in planned if case.plan.content.plan == plan]
        last = max((at for at, name in enumerate(own) if name in wanted), default=-1)
        found.update(own[: last + 1])
    return found


def _risky(case: PlannedCase, library: Library, least: Risk | None) -> bool:
    if least is None:
        return True
    risks = [library.hazards.risk(library.requirements[name].controls) for name in case.verifies]
    return any(RISKS.index(risk) >= RISKS.index(least) for risk in risks)


def matches(text: str, name: str) -> bool:
    """Return whether a pattern, in which * and ? stand for anything, is one of a case's id or base id."""
    return _compiled(text).fullmatch(name) is not None


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in text))


def _pattern(text: str, planned: tuple[PlannedCase, ...]) -> re.Pattern[str]:
    """Return a pattern of case ids; brackets are a part of an id here, and no choice of letters."""
    pattern = _compiled(text)
    if not any(pattern.fullmatch(case.id) or pattern.fullmatch(case.base) for case in planned):
        known = list(dict.fromkeys(case.base for case in planned))
        near = get_close_matches(text, known, 3) or known[:3]
        raise ConfigError(
            f"--only {text!r}: no case of these plans is called so; there are {', '.join(near)} and others"
        )
    return pattern


def _check_requirement(name: str, planned: tuple[PlannedCase, ...], library: Library) -> None:
    if name not in library.requirements:
        near = get_close_matches(name, library.requirements, 3) or list(library.requirements)[:3]
        raise ConfigError(f"--requirement {name!r}: there is none of that id; there are {', '.join(near)} and others")
    if not any(name in case.verifies for case in planned):
        raise ConfigError(
            f"--requirement {name}: no case of these plans verifies it; `trace` tells which cases there are"
        )
