"""A run as its amended report tells it: the record stays as it is, and what amendments say is put over it.

An amendment corrects the identification of item and customer, adds a remark, or withdraws the result of a case, which
is N/E from then on. It never makes a verdict better, and a failure cannot be withdrawn: it is tested again.
"""

import copy
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from harness.bundle import SEAL
from harness.errors import ConfigError, EvidenceError
from reports.amendments import IDENTIFICATION, REMARK, WITHDRAWN, Amendment, Change, read
from reports.fold import DEVICE
from reports.run import Run
from reports.statement import statement
from reports.why import alike

# What may be corrected, and where the record says it.
FIELDS = ("customer", "serial", "firmware")
_WITHDRAWABLE = ("P", "N/A")


def latest(run: Run) -> Run:
    """Return a run as its last amended report tells it; the run itself if it was never amended.

    Raises:
        EvidenceError: An amendment cannot be read, or does not follow from what it amends.
    """
    return amended(run, read(run.folder))


def amended(run: Run, amendments: Sequence[Amendment]) -> Run:
    """Return a run as a report with these amendments tells it.

    Raises:
        EvidenceError: One does not follow from what it amends; the text says why.
    """
    for number, one in enumerate(amendments, start=1):
        if reasons := contradictions(run, one, number):
            raise EvidenceError(f"{run.folder}: amendment {number} cannot be: {'; '.join(reasons)}")
        run = applied(run, one)
    return run


def changes(
    run: Run, *, corrected: Iterable[str] = (), remarks: Iterable[str] = (), withdrawn: Iterable[str] = ()
) -> list[Change]:
    """Return what an amendment changes of a run, as it was reported last.

    Args:
        run: As it was reported last.
        corrected: FIELD=TEXT, for a field of FIELDS, each once.
        remarks: What is added.
        withdrawn: Cases whose results do not count any more.

    Raises:
        ConfigError: There is nothing to change, or something that cannot be.
    """
    parts = [text.partition("=") for text in corrected]
    found = [Change(IDENTIFICATION, field.strip(), _value(run, field.strip()), now.strip()) for field, _, now in parts]
    found += [Change(REMARK, "report", "", " ".join(text.split())) for text in remarks]
    found += [Change(WITHDRAWN, name, _verdict(run, name), "N/E") for name in dict.fromkeys(withdrawn)]
    reasons = _all_refused(run, found)
    if not found:
        reasons = ["an amendment must change something: name --set FIELD=TEXT, --remark TEXT or --withdraw CASE"]
    if reasons:
        raise ConfigError("; ".join(reasons))
    return found


def predicate(run: Run, reason: str, changed: Sequence[Change], seal_sha256: str) -> dict[str, Any]:
    """Return what an amendment says of a run, as it was reported last, and of what follows.

    Raises:
        ConfigError: There is no reason.
    """
    if not reason.strip():
        raise ConfigError('an amendment needs a reason, such as --amend "the customer was named wrongly"')
    number = len(run.amendments) + 1
    one = Amendment(
        number,
        f"{_original(run)}-A{number}",
        _amends(run, seal_sha256),
        " ".join(reason.split()),
        tuple(changed),
        "",
        "",
        (),
    )
    after = applied(run, one)
    return {
        "number": one.number,
        "document": one.document,
        "amends": one.amends,
        "reason": one.reason,
        "changes": [change.said() for change in changed],
        "verdict": after.verdict,
        "statement": statement(after),
    }


def contradictions(run: Run, one: Amendment, number: int) -> list[str]:
    """Return why an amendment does not follow from the run as it was reported before it, in words."""
    found = []
    if one.number != number or one.document != f"{_original(run)}-A{number}":
        found.append(f"it calls itself {one.document}, number {one.number}")
    for key, value in _amends(run, str(one.amends.get("seal"))).items():
        if one.amends.get(key) != value:
            found.append(f"it amends a report of {key} {one.amends.get(key)!r}, and this one has {value!r}")
    if not one.reason.strip() or not one.changes:
        found.append("it gives no reason, or changes nothing")
    found += _all_refused(run, one.changes)
    if not found:
        after = applied(run, one)
        if (one.verdict, one.statement) != (after.verdict, statement(after)):
            found.append(f"it says {one.statement!r}, and what follows is {statement(after)!r}")
    return found


def _original(run: Run) -> str:
    return str(run.amendments[0].amends["run"]) if run.amendments else run.id


def _amends(run: Run, seal_sha256: str) -> dict[str, Any]:
    return {"document": run.id, "run": _original(run), "head": run.head, "events": run.count, "seal": seal_sha256}


def _all_refused(run: Run, changed: Sequence[Change]) -> list[str]:
    """Return why changes cannot be, in words; what is no remark can be changed once."""
    found = [reason for change in changed if (reason := _refused(run, change))]
    named = Counter((change.change, change.of) for change in changed if change.change != REMARK)
    return found + [f"{of} is changed {count} times: name it once" for (_, of), count in named.items() if count > 1]


def _refused(run: Run, change: Change) -> str:
    """Return why a change cannot be, in words; "" if it can."""
    if change.change == IDENTIFICATION:
        return _refused_identification(run, change)
    if change.change == REMARK:
        return "" if change.now and change.of == "report" and not change.was else "a remark must say something"
    if change.change != WITHDRAWN:
        return f"{change.change!r} is no change: there are {IDENTIFICATION}, {REMARK} and {WITHDRAWN}"
    case = run.rows.cases.get(change.of)
    if case is None:
        return f"no case of {run.id} is called {change.of!r}; there are {', '.join(alike(change.of, run)) or 'none'}"
    if case.verdict == "F":
        return f"{change.of} failed, and a failure is not withdrawn: test again, in a run of its own"
    if case.verdict not in _WITHDRAWABLE or (change.was, change.now) != (case.verdict, "N/E"):
        return f"{change.of} is {case.verdict}, and cannot go from {change.was} to {change.now}"
    return ""


def _refused_identification(run: Run, change: Change) -> str:
    if change.of not in FIELDS:
        return f"{change.of!r} cannot be amended: there are {', '.join(FIELDS)}; what else is wrong needs a new run"
    if not change.now or change.was == change.now:
        return f"{change.of} is {change.was!r}, and must become something else"
    if change.was != _value(run, change.of):
        return f"{change.of} was {_value(run, change.of)!r}, and not {change.was!r}"
    device = next((row for row in run.rows.instruments if row.name == DEVICE), None)
    said = "" if device is None or change.of == "customer" else str(getattr(device, change.of))
    if said and said != change.now:
        return f"the device says that its {change.of} is {said!r}: an amendment cannot make it {change.now!r}"
    return ""


def _value(run: Run, field: str) -> str:
    opened = run.rows.opened
    return str((opened.get("customer") if field == "customer" else opened["item"].get(field)) or "")


def _verdict(run: Run, name: str) -> str:
    return run.rows.cases[name].verdict if name in run.rows.cases else ""


def applied(run: Run, one: Amendment) -> Run:
    """Return a run with the changes of one amendment over it; the run that is given stays as it is."""
    made = copy.copy(run)
    for name, member in vars(Run).items():
        if isinstance(member, cached_property):  # worked out of the rows before
            vars(made).pop(name, None)
    made.rows = copy.copy(run.rows)
    made.amendments = (*run.amendments, one)
    rows = made.rows
    fields = {change.of: change.now for change in one.changes if change.change == IDENTIFICATION}
    item = {**rows.opened["item"], **{field: fields[field] for field in fields if field != "customer"}}
    rows.opened = {**rows.opened, "item": item, "customer": fields.get("customer", rows.opened.get("customer"))}
    withdrawn = {
        change.of: f"withdrawn by amendment {one.number}, it was {change.was}: {one.reason}"
        for change in one.changes
        if change.change == WITHDRAWN
    }
    rows.cases = {
        name: replace(case, verdict="N/E", conditional=False, reason=withdrawn[name]) if name in withdrawn else case
        for name, case in rows.cases.items()
    }
    rows.measurements = [
        replace(row, verdict="N/E", conditional=False, reason=withdrawn[row.case])
        if row.case in withdrawn and row.verdict in _WITHDRAWABLE
        else row
        for row in rows.measurements
    ]
    rows.observations = [
        replace(row, verdict="N/E", reason=withdrawn[row.case])
        if row.case in withdrawn and row.verdict in _WITHDRAWABLE
        else row
        for row in rows.observations
    ]
    return made


def seal_of(run: Run) -> str:
    """Return the SHA-256 of the seal of a run.

    Raises:
        EvidenceError: It is not sealed.
    """
    try:
        return hashlib.sha256((run.folder / SEAL).read_bytes()).hexdigest()
    except OSError:
        raise EvidenceError(f"{run.folder} is not sealed, and only a sealed report is amended: make it again") from None
