"""A run planned again from the copies of its inputs: its limits must be those of its own plans, claims and standards.

Only files are read: the methods are not run, so that a bundle from anywhere can be looked at.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from harness.bundle import INPUTS
from harness.cases import PlannedCase, unfold
from harness.claims import load_claims
from harness.errors import HarnessError
from harness.library import Library, load_library
from harness.opened import opened, planned
from harness.plan import load_plan
from harness.prepared import Prepared, Subject
from harness.selection import Selection, choose, matches, selection_facts
from reports import given_again
from reports.run import Run
from reports.verify_chain import Scan, was_planned

_NOBODY = Subject("", "", "", "", 0, {}, "")
_FROM_FILES = ("plans", "standards", "clauses", "hazards", "requirements", "populations")
_LIBRARIES = ("hazards.yaml", "standards/*", "requirements/*", "populations/*")
_APART = ("procedure",)  # it is the docstring of a method, which is read elsewhere


def contradictions(run: Run, record: Scan) -> Iterator[str]:
    """Give in words where the record says something else than the copies of the inputs come to.

    Raises:
        HarnessError: The copies cannot be read as what they are.
    """
    ready = _prepared(run.folder / INPUTS, [str(plan.get("id")) for plan in run.rows.opened.get("plans") or []])
    again = _plain(opened(ready, _NOBODY, {}))
    said = run.rows.opened
    for part in _FROM_FILES:
        yield from _parts(part, said.get(part) or [], again[part])
    if said.get("claims") != again["claims"]:
        yield "line 1: what it says of the claims is not what their copy says"
    cases = {case.id: case for case in ready.cases}
    seen = set()
    for number, entry in record.of("case_planned"):
        data = entry["data"]
        name = data["case"]
        seen.add(name)
        if name not in cases:
            yield f"line {number}: {name} is in no copy of a plan"
            continue
        yield from _case(number, data, _plain(planned(cases[name], None)))
    yield from _selected(said.get("selection") or {}, ready, seen, record)
    yield from given_again.contradictions(run, record, ready)


def _selected(said: dict[str, Any], ready: Prepared, seen: set[str], record: Scan) -> Iterator[str]:
    """Give cases that were not planned and are not said to be left out, and what is said so and was not."""
    only, requirements = ([str(one) for one in said.get(word) or ()] for word in ("only", "requirements"))
    ids = [case.id for case in ready.cases] + [case.base for case in ready.cases]
    # A pattern may be for a plan of which nothing is left, so that there is no copy of it.
    known = [text for text in only if any(matches(text, name) for name in ids)]
    verified = [name for name in requirements if any(name in case.verifies for case in ready.cases)]
    if (only and not known) or (requirements and not verified):
        yield f"line 1: the selection of {', '.join([*only, *requirements])} chooses no case"
        return
    asked = Selection(tuple(known), tuple(verified), said.get("risk") or None)
    chosen, left_out = choose(ready.cases, ready.library, asked)
    for case in chosen:
        if case.id not in seen and was_planned(record):
            yield f"{case.id} is in the copy of its plan, and was not planned"
    for case in left_out:
        if case.id in seen:
            yield f"{case.id} was planned, and the selection leaves it out"
    facts = _plain(selection_facts(asked, left_out)) if said else {}
    plans = {plan.content.plan for plan in ready.plans}
    told = {str(row.get("case")): row for row in said.get("left_out") or () if row.get("plan") in plans}
    again = {str(row["case"]): row for row in facts.get("left_out", ())}
    for name in sorted(told.keys() | again.keys()):
        if told.get(name) != again.get(name):
            yield f"line 1, selection: what it says of {name} is not what the copy of its plan leaves out"


def _prepared(inputs: Path, order: list[str]) -> Prepared:
    claims = load_claims(_only(inputs / "claims"))
    library = _library(_Copies(_digest(inputs), inputs))
    found = [load_plan(path) for path in sorted((inputs / "plans").glob("*.yaml"))]
    place = {name: number for number, name in enumerate(order)}
    plans = tuple(sorted(found, key=lambda plan: place.get(plan.content.plan, len(place))))
    cases: list[PlannedCase] = [case for plan in plans for case in unfold(plan, claims, library)]
    return Prepared(claims, library, plans, tuple(cases), {}, None)


@dataclass(frozen=True)
class _Copies:
    """A folder of copies of standards, requirements, hazards and populations; those of one digest are the same."""

    digest: str
    folder: Path = field(compare=False)


@lru_cache(maxsize=4)
def _library(copies: _Copies) -> Library:
    """Return what libraries say; those of all runs of one version are the same, and take long to read."""
    return load_library(copies.folder)


def _digest(inputs: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for kind in _LIBRARIES for path in inputs.glob(kind)):
        name, content = path.relative_to(inputs).as_posix().encode(), path.read_bytes()
        digest.update(b"%d %b %d\n" % (len(name), name, len(content)) + content)
    return digest.hexdigest()


def _only(folder: Path) -> Path:
    files = sorted(folder.glob("*.yaml"))
    if len(files) != 1:
        raise HarnessError(f"{folder} must hold one file, and holds {len(files)}")
    return files[0]


def _parts(part: str, said: list[dict[str, Any]], again: list[dict[str, Any]]) -> Iterator[str]:
    """Give what differs in a list of the first line, whatever its order."""
    before, after = ({orjson.dumps(one, option=orjson.OPT_SORT_KEYS): one for one in many} for many in (said, again))
    for key in (key for key in before if key not in after):
        yield f"line 1, {part}: {_name(before[key])} is not what the copies of the inputs say"
    for key in (key for key in after if key not in before):
        yield f"line 1, {part}: {_name(after[key])} of the copies of the inputs is not there as they say it"


def _name(one: dict[str, Any]) -> str:
    if "clause" in one:
        return f"{one.get('standard')} {one['clause']}"
    return str(one.get("id") or one.get("title") or "an entry")


def _case(number: int, said: dict[str, Any], again: dict[str, Any]) -> Iterator[str]:
    for key in sorted(said.keys() | again.keys()):
        if key in _APART or said.get(key) == again.get(key):
            continue
        if key != "measures":
            yield f"line {number}: {key} of {said['case']} is {said.get(key)!r}, and its plan says {again.get(key)!r}"
            continue
        before, after = said.get(key) or {}, again.get(key) or {}
        for name in sorted(before.keys() | after.keys()):
            old, new = before.get(name) or {}, after.get(name) or {}
            for word in sorted(old.keys() | new.keys()):
                if old.get(word) != new.get(word):
                    yield (
                        f"line {number}: {word} of {name} of {said['case']} is {old.get(word)!r}, and plan, claims and "
                        f"standards come to {new.get(word)!r}"
                    )


def _plain(event: Any) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(orjson.dumps(event))
    return plain
