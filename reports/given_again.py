"""A record against the copies of what was given: selection, answers, results of others, approvals, methods, software.

What the copies of plans, claims and standards come to is in replan.py.
"""

import ast
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from harness.approvals import approvals_of
from harness.bundle import ENVIRONMENT, INPUTS
from harness.cases import PlannedCase
from harness.claims import Undeclared
from harness.departures import departures
from harness.documents import load
from harness.errors import ConfigError, EvidenceError
from harness.externals import ExternalFile, outcome
from harness.inspections import InspectionFile
from harness.methods import copied_method_files
from harness.past import CUT_SHORT
from harness.prepared import Prepared
from harness.qualification_record import RECORD
from harness.stamp import stamped
from reports.fold import DEVICE
from reports.run import Run
from reports.verify_chain import Scan, part

_METHODS = f"{INPUTS}/methods"
M = TypeVar("M", bound=BaseModel)


def contradictions(run: Run, record: Scan, ready: Prepared) -> Iterator[str]:
    """Give in words, with its line, where a record says something else than the copies beside it.

    Args:
        run: The run.
        record: Its record.
        ready: What its copies of plans, claims and libraries come to.

    Raises:
        HarnessError: The copies cannot be read as what they are.
    """
    yield from _software(run)
    yield from _item(run, record, ready)
    yield from _methods(run, record, ready)
    yield from _approved(run, ready)
    yield from _qualified(run, ready)
    yield from _cases(run, record, ready)


def _software(run: Run) -> Iterator[str]:
    """Give where the first line names another software than environment.json."""
    said = run.rows.opened_volatile
    known = orjson.loads((run.folder / ENVIRONMENT).read_bytes())
    packages = {one["name"]: one["version"] for one in known["materials"]["components"]}
    for what, is_, must in (
        ("the harness", run.rows.opened.get("harness"), known["harness"]),
        ("the system", said.get("system"), known["system"]),
        ("Python", said.get("python"), str(known["python"]).rpartition(" ")[2]),
    ):
        if is_ != must:
            yield f"line 1: {what} is {is_!r}, and {ENVIRONMENT} says {must!r}"
    told = said.get("packages") or {}
    for name in sorted(told.keys() | packages.keys()):
        if told.get(name) != packages.get(name):
            yield f"line 1: the package {name} is {told.get(name)!r}, and {ENVIRONMENT} says {packages.get(name)!r}"


def _item(run: Run, record: Scan, ready: Prepared) -> Iterator[str]:
    """Give where the item is another one than the claims are about, and where that is not noted as it must be."""
    item, device = run.rows.opened["item"], ready.claims.content.device
    for word in ("model", "manufacturer"):
        if item.get(word) != getattr(device, word):
            yield f"line 1: the {word} of the item is {item.get(word)!r}, and the claims say {getattr(device, word)!r}"
    inputs = run.folder / INPUTS
    answers, results = _only(inputs / "inspections", InspectionFile), _only(inputs / "external_results", ExternalFile)
    about = (answers.item if answers else "", results.item if results else "")
    noted = [str(part(entry, "data").get("text")) for _, entry in record.of("note")]
    for number, entry in record.of("instrument"):
        said = part(entry, "data")
        if said.get("name") == DEVICE:
            found = list(departures(said, item, device, *about))
            if found and any(record.of("case_started")) and (not run.virtual or any(one.refused for one in found)):
                yield f"line {number}, device: {found[0].text}, and cases were run on it all the same"
            called_for = [one.text for one in takewhile(lambda one: run.virtual and not one.refused, found)]
            # They are the last that is written before the first case.
            begun = any(record.of("case_started")) or not any(record.of("interrupted"))
            if noted != called_for and begun:
                must = "; ".join(called_for) or "none"
                yield f"line {number}, device: the notes of the record are not those that it calls for ({must})"


def _methods(run: Run, record: Scan, ready: Prepared) -> Iterator[str]:
    """Give copies of methods that no plan needs, methods without a copy, and procedures that are not theirs."""
    folder = run.folder / _METHODS
    needed: dict[str, str] = {}
    documented: dict[str, dict[str, str]] = {}
    for plan in ready.plans:
        files = copied_method_files(plan, folder)
        needed |= files
        documented[plan.content.plan] = _procedures(folder, files, plan.methods_path.name)
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(kept - needed.keys()):
        yield f"line 1: {_METHODS}/{name} is the method of no plan"
    for number, entry in record.of("case_planned"):
        data = part(entry, "data")
        known = documented.get(str(data.get("plan")), {})
        method = data.get("method")
        if method and method not in known:
            yield f"line {number}: no copy of the methods has the method {method!r}"
        elif method and data.get("procedure") != known[str(method)]:
            yield f"line {number}: the procedure is not what the copy of the method {method!r} says of itself"
        elif not method and data.get("procedure"):
            yield f"line {number}: it has a procedure and no method"


def _procedures(folder: Path, files: dict[str, str], own: str) -> dict[str, str]:
    """Return what each function says of itself; of one name in several files that of the plan's own file counts."""
    found: dict[str, str] = {}
    for name in sorted(files, key=lambda name: name.rpartition("/")[2] == own):
        found |= _documented((folder / name).read_bytes())
    return found


@lru_cache(maxsize=256)
def _documented(source: bytes) -> dict[str, str]:
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return {node.name: ast.get_docstring(node) or "" for node in functions}


def _approved(run: Run, ready: Prepared) -> Iterator[str]:
    """Give where the approvals of the plans are not what the copy of the file of approvals comes to."""
    said = run.rows.opened_volatile.get("approvals")
    if not isinstance(said, dict):
        return
    name = str(said.get("file")).replace("\\", "/").rpartition("/")[2]
    path = run.folder / INPUTS / "others" / name
    if not path.is_file() and said.get("count") != 0:
        yield f"line 1: {said.get('count')} approvals, and there is no copy of {name}"
        return
    # A file that is not there is named by its folder here, so that none of this place counts.
    again = approvals_of(ready, path, files=_files_of(run)) if path.is_file() else _none(ready)
    for key in ("count", "head"):
        if said.get(key) != again[key]:
            yield f"line 1: {key} of the approvals is {said.get(key)!r}, and their copy comes to {again[key]!r}"
    told, plans = said.get("plans") or {}, orjson.loads(orjson.dumps(again["plans"]))
    for plan in sorted(told.keys() | plans.keys()):
        if told.get(plan) != plans.get(plan):
            is_, must = _short(told.get(plan)), _short(plans.get(plan))
            yield f"line 1: the approval of {plan} is {is_}, and its copy comes to {must}"


def _qualified(run: Run, ready: Prepared) -> Iterator[str]:
    """Give where the stamp of the qualification is not what the copy of its record comes to."""
    said = run.rows.opened_volatile.get("qualification")
    if not isinstance(said, dict) or "missing" in said:
        return
    path = run.folder / INPUTS / "qualification" / RECORD
    if not path.is_file():
        yield f"line 1: the harness was qualified as {said.get('id')!r}, and there is no copy of the record of that"
        return
    tool = str(orjson.loads((run.folder / ENVIRONMENT).read_bytes())["tool"])
    again = orjson.loads(orjson.dumps(stamped(path, ready, tool)))
    for key in sorted(said.keys() | again.keys()):
        is_, must = said.get(key), again.get(key)
        if key == "stale":
            # A plan that was left out wholly has no copy.
            is_, must = set(is_ or ()), set(must or ())
            plans = {plan.content.plan for plan in ready.plans}
            is_ -= {words for words in is_ if words.startswith("the plan ") and words.split()[2] not in plans}
        if is_ != must:
            yield f"line 1: {key} of the qualification is not what the copy of its record comes to"


def _files_of(run: Run) -> Any:
    return lambda plan: copied_method_files(plan, run.folder / _METHODS)


def _none(ready: Prepared) -> dict[str, Any]:
    never = {"lacks": ["never approved"], "signatures": [], "suspect": {}}
    return {"count": 0, "head": "0" * 64, "plans": {plan.content.plan: never for plan in ready.plans}}


def _short(said: Any) -> str:
    lacks = said.get("lacks") if isinstance(said, dict) else None
    if lacks:
        return f"lacking ({'; '.join(map(str, lacks))})"
    return "whole" if isinstance(said, dict) and said.get("signatures") else "nothing"


def _cases(run: Run, record: Scan, ready: Prepared) -> Iterator[str]:
    """Give what was answered elsewhere and is not as its copy has it, and cases that do not apply, or lack a claim."""
    cases = {case.id: case for case in ready.cases}
    inputs = run.folder / INPUTS
    answered = _answers(inputs)
    reported = _results(inputs)
    seen: dict[str, int] = {}
    for number, entry in enumerate((line.entry or {} for line in record.lines), start=1):
        kind, data = entry.get("type"), part(entry, "data")
        case = cases.get(str(data.get("case")))
        if case is None or kind not in ("observed", "case_ended"):
            continue
        elsewhere = case.inspection or case.external
        if kind == "observed" and elsewhere:
            known = (answered if case.inspection else reported).get(case.base)
            seen[case.id] = seen.get(case.id, 0) + 1
            yield from (f"line {number}, {case.id}: {words}" for words in _elsewhere(data, elsewhere, known))
        elif kind == "case_ended" and data.get("reason") != CUT_SHORT:
            yield from (f"line {number}, {case.id}: {words}" for words in _ended(data, case))
            known = (answered if case.inspection else reported).get(case.base) if elsewhere else None
            if known is not None and not (case.missing or case.inapplicable) and not seen.pop(case.id, 0):
                yield f"line {number}, {case.id}: the copy of the answers has one, and the record has none"


def _ended(data: dict[str, Any], case: PlannedCase) -> Iterator[str]:
    """Give what a case ends with that the claims decide before it begins."""
    must = None
    if case.missing:
        must = ("N/E", str(Undeclared(case.missing)))
    elif case.inapplicable:
        must = ("N/A", case.inapplicable)
    if must is not None and (data.get("verdict"), data.get("reason")) != must:
        yield f"it says {data.get('verdict')} ({data.get('reason')}), and plan and claims come to {must[0]} ({must[1]})"
    if must is None and case.method and data.get("verdict") == "N/A":
        yield "it says that it does not apply, and by plan and claims it does"


def _elsewhere(data: dict[str, Any], name: str, known: dict[str, Any] | None) -> Iterator[str]:
    if known is None:
        yield "it is answered, and no copy of the answers has it"
        return
    for key, value in ({"name": name} | known).items():
        if data.get(key) != value:
            yield f"{key} is {data.get(key)!r}, and the copy of the answers says {value!r}"


def _answers(inputs: Path) -> dict[str, dict[str, Any]]:
    """Return what the record must say of each inspection."""
    found = {}
    for base, answer in (file.answers if (file := _only(inputs / "inspections", InspectionFile)) else {}).items():
        remark = f": {answer.remark}" if answer.remark else ""
        words = f"inspected by {answer.inspector} on {answer.date}{remark}"
        found[base] = {"value": answer.result, "reason": words, "step": "Inspection", **_asked("inspection")}
    return found


def _results(inputs: Path) -> dict[str, dict[str, Any]]:
    """Return what the record must say of each external result."""
    found = {}
    for base, result in (file.results if (file := _only(inputs / "external_results", ExternalFile)) else {}).items():
        words = outcome(result).reason
        found[base] = {"value": result.result, "reason": words, "step": "External result", **_asked("external")}
    return found


def _asked(limit: str) -> dict[str, str]:
    return {"expected": "pass", "limit": limit}


def _only(folder: Path, model: type[M]) -> M | None:
    """Return the one file of a kind in a folder, whatever else lies there; None if there is none.

    Raises:
        EvidenceError: There are several.
    """
    found = []
    for path in sorted(folder.glob("*.y*ml")):
        with suppress(ConfigError):
            found.append(load(path, model).content)
    if len(found) > 1:
        raise EvidenceError(f"{folder} must hold one file of its kind, and holds {len(found)}")
    return found[0] if found else None
