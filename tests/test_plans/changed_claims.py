"""Claims with one number changed, and what comes of them on the reference device as it is.

The numbers are those of the file itself, so that none can be left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from harness import units
from harness.cases import PlannedCase
from harness.claim_tracing import Recording
from harness.claims import load_claims
from harness.commands import compose
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from harness.commands.tracing import run_in_process
from harness.documents import parse, read_bytes
from harness.errors import ConfigError
from harness.events import Event, Measured
from harness.limits import Verdict
from harness.prepared import Prepared, prepare

# What is a number, but no claim of the device.
NO_CLAIM = ("revision",)
_QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*[^\d\s]*", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A number of the claims file.

    Attributes:
        place: Its keys, from the top.
        written: As it stands there.
    """

    place: tuple[str | int, ...]
    written: str | int | float

    @property
    def path(self) -> str:
        """The claim; of a number in a list, the list."""
        return ".".join(part for part in self.place if isinstance(part, str))

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))}: {self.written}"

    @property
    def unit(self) -> str:
        """The unit that it is written in; "1" of a number without one."""
        return self.written.strip().lstrip("+-0123456789.eE").strip() if isinstance(self.written, str) else "1"

    @property
    def si(self) -> float:
        """The number in its SI unit."""
        return units.parse_any(self.written)[0] if isinstance(self.written, str) else float(self.written)


def numbers() -> list[Number]:
    """Return all numbers of the reference claims, read from the file and not from its model."""
    data, _ = parse(read_bytes(REFERENCE_CLAIMS), REFERENCE_CLAIMS)
    return [n for n in _numbers(data, ()) if n.path not in NO_CLAIM]


def _numbers(value: Any, place: tuple[str | int, ...]) -> Iterator[Number]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _numbers(inner, (*place, index))
    elif _QUANTITY.fullmatch(value) if isinstance(value, str) else type(value) in (int, float):
        yield Number(place, value)


@dataclass
class Run:
    """One whole run of the reference device by its claims as they are.

    Attributes:
        measured: All that was measured, in order.
        asked: By case, what its method asked of the claims while it ran.
    """

    measured: list[Measured] = field(default_factory=list)
    asked: dict[str, frozenset[str]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Keep an event if it is a measurement."""
        if isinstance(event, Measured):
            self.measured.append(event)


@cache
def reference() -> Prepared:
    """Return all plans, with the claims as they are."""
    return compose.prepared(REFERENCE_CLAIMS, [PLANS_FOLDER], None)


@cache
def reference_run() -> Run:
    """Return what a whole run by the claims as they are came to."""
    ready, run = reference(), Run()
    recording = Recording(ready.claims.document)
    for case, _ in run_in_process(ready, ready.cases, given_to_methods=recording, observer=run.take):
        run.asked[case.id] = frozenset(recording.asked)
        recording.asked.clear()
    return run


@dataclass(frozen=True)
class Caught:
    """What came of a changed number.

    Attributes:
        by: The case that noticed, "the file" if it was refused, or "" if nothing did.
        verdict: F or N/E; "refused" of a file; "" if nothing noticed.
        why: In words.
        ours: Whether an error of ours ended the case, such as a command that the device or the bench refused.
    """

    by: str
    verdict: str
    why: str
    ours: bool = False


def try_out(number: Number, value: str | int | float, folder: Path, *, first: str = "") -> Caught:
    """Return what notices that a number of the claims has another value than the device; a case may be tried first.

    Raises:
        ConfigError: The claims are in disorder as they are, whatever number is changed.
    """
    ready = reference()
    same = {case.id: _meaning(case) for case in ready.cases}
    data, _ = parse(read_bytes(REFERENCE_CLAIMS), REFERENCE_CLAIMS)
    holder = data
    for part in number.place[:-1]:
        holder = holder[part]
    holder[number.place[-1]] = value
    changed = folder / "changed.yaml"
    changed.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    try:
        ready = prepare(load_claims(changed), ready.library, ready.plans, None)
    except ConfigError as error:
        return Caught("the file", "refused", str(error))
    named = [case for case in ready.cases if case.id == first]
    affected = [case for case in ready.cases if case.method and same.get(case.id) != _meaning(case)]
    asking = {
        case for case, asked in reference_run().asked.items() if any(_covers(path, number.path) for path in asked)
    }
    known = {case.id for case in affected}
    others = [case for case in ready.cases if case.id in asking - known]
    found = Caught("", "", "nothing asks for it")
    for cases in (named, affected, others):
        if cases and (not found.by or found.ours):
            caught = _first_caught(ready, cases)
            found = caught if caught.by and not caught.ours else found if found.by else caught
    return found


def _first_caught(ready: Prepared, cases: list[PlannedCase]) -> Caught:
    """Return the first case that does not pass; one that an error of ours ended counts if there is no other."""
    if ours := [case for case in cases if case.missing]:
        return Caught(ours[0].id, Verdict.NOT_EVALUATED.value, f"{ours[0].missing} is not declared")
    broken = Caught("", "", f"{len(cases)} cases ask for it and pass, such as {cases[0].id}")
    for case, result in run_in_process(ready, cases):
        if result.verdict in (Verdict.FAIL, Verdict.NOT_EVALUATED) and _passes_alone(case.id):
            found = Caught(case.id, result.verdict.value, result.reason, result.our_error)
            if not found.ours:
                return found
            broken = broken if broken.by else found
    return broken


@cache
def _passes_alone(case_id: str) -> bool:
    """Whether a case passes by the claims as they are, when it is run without those before it.

    A case that the changed claims alone have is taken to: it is there because of the change.
    """
    ready = reference()
    alone = [case for case in ready.cases if case.id == case_id]
    return all(result.verdict is Verdict.PASS for _, result in run_in_process(ready, alone))


def _meaning(case: PlannedCase) -> tuple[Any, ...]:
    """Return all of a planned case that claims can change."""
    return case.arguments, case.conditions, case.measures, case.missing, case.inapplicable


def _covers(asked: str, path: str) -> bool:
    return path == asked or path.startswith(f"{asked}.") or asked.startswith(f"{path}.")
