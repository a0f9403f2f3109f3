"""A run planned again from the copies of its inputs: its limits must be those of its own plans, claims and standards.

Only files are read: the methods are not run, so that a bundle from anywhere can be looked at.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from harness.bundle import INPUTS
from harness.cases import PlannedCase, unfold
from harness.claims import load_claims
from harness.errors import HarnessError
from harness.library import load_library
from harness.opened import opened, planned
from harness.plan import load_plan
from harness.prepared import Prepared, Subject
from reports.run import Run
from reports.verify_chain import Scan

_NOBODY = Subject("", "", "", "", 0, {}, "")
_FROM_FILES = ("plans", "standards", "clauses", "hazards", "requirements", "populations")
_APART = ("procedure",)  # it is the docstring of a method, which is not imported here


def contradictions(run: Run, record: Scan) -> Iterator[str]:
    """Give in words where the record says something else than the copies of the inputs come to.

    Raises:
        HarnessError: The copies cannot be read as what they are.
    """
    ready = _prepared(run.folder / INPUTS)
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
    if not said.get("selection"):
        for name in cases:
            if name not in seen:
                yield f"{name} is in the copy of its plan, and was not planned"


def _prepared(inputs: Path) -> Prepared:
    claims = load_claims(_only(inputs / "claims"))
    library = load_library(inputs)
    plans = tuple(load_plan(path) for path in sorted((inputs / "plans").glob("*.yaml")))
    cases: list[PlannedCase] = [case for plan in plans for case in unfold(plan, claims, library)]
    return Prepared(claims, library, plans, tuple(cases), {}, None)


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
