"""Claims with one number changed, and what comes of them on the reference device as it is.

The numbers are those of the file itself, so that none can be left out. Bounds are made stricter by a thousand times
(temperatures by 60 K), because a device is free to be far better than it is claimed to be; what a number states as it
is (a period, a level, a count) is changed both ways, by half of it or by one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from harness import units
from harness.cases import PlannedCase
from harness.claim_fields import Stricter, stricter_of
from harness.claim_paths import field_at, unit_of
from harness.claim_tracing import Recording
from harness.claims import load_claims
from harness.commands import compose
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from harness.commands.tracing import run_in_process
from harness.documents import parse, read_bytes
from harness.errors import ConfigError
from harness.limits import Verdict
from harness.prepared import Prepared, prepare

# What is a number, but no claim of the device.
NO_CLAIM = ("revision",)
_QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*[^\d\s]*", re.IGNORECASE)
_TIMES = 1000
# Where such a change would still be true of the device, and why, it is changed by more.
FURTHER = {
    # In the last week of a course one treatment is in place by the course, and by what comes after it.
    "programmes.hyperhidrosis.schedule.course": 3,
    # The lamp is lit by every current that there is: only what the bench cannot tell from none is not so.
    "indications.output_lamp_above": 1_000_000,
}


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

    def changed(self) -> list[str | int | float]:
        """Return the number in its stricter direction, as it would be written; both ways if it has two."""
        info = field_at(self.path)
        assert info is not None
        stricter = stricter_of(info)
        assert stricter is not None, f"{self.path} does not say which way it is stricter"
        times = FURTHER.get(self.path, _TIMES)
        if isinstance(self.written, int) and unit_of(info) is None:
            by = FURTHER.get(self.path, 1)
            return {
                Stricter.BOTH: [self.written - by, self.written + by],
                Stricter.LARGER: [self.written * times],
                Stricter.SMALLER: [self.written // times],
            }[stricter]
        value, unit = (float(self.written), "1") if not isinstance(self.written, str) else _split(self.written)
        if unit in ("°C", "%RH"):
            smaller, larger = [value - 60.0], [value + 60.0]
        else:
            smaller, larger = [value / times], [value * times]
        both = [value * 0.5, value * 1.5]
        found = {Stricter.SMALLER: smaller, Stricter.LARGER: larger, Stricter.BOTH: both}[stricter]
        return [f"{number:.12g} {unit}" for number in found]


def _split(text: str) -> tuple[float, str]:
    value, si = units.parse_any(text)
    unit = text.strip().lstrip("+-0123456789.eE").strip()
    assert units.si_of(unit)[0] == si
    return units.convert(value, unit), unit


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


@dataclass(frozen=True)
class Caught:
    """What came of a changed number.

    Attributes:
        by: The case that noticed, "the file" if it was refused, or "" if nothing did.
        why: In words.
    """

    by: str
    why: str


def try_out(number: Number, value: str | int | float, folder: Path) -> Caught:
    """Return what notices that a number of the claims has another value than the device.

    Raises:
        ConfigError: The claims are in disorder as they are, whatever number is changed.
    """
    reference = _reference()
    same = {case.id: _meaning(case) for case in reference.cases}
    data, _ = parse(read_bytes(REFERENCE_CLAIMS), REFERENCE_CLAIMS)
    holder = data
    for part in number.place[:-1]:
        holder = holder[part]
    holder[number.place[-1]] = value
    changed = folder / "changed.yaml"
    changed.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    try:
        ready = prepare(load_claims(changed), reference.library, reference.plans, None)
    except ConfigError as error:
        return Caught("the file", str(error))
    affected = [case for case in ready.cases if case.method and same.get(case.id) != _meaning(case)]
    found = _first_caught(ready, affected)
    if not found.by:
        asking = {case for case, asked in _asked().items() if any(_covers(path, number.path) for path in asked)}
        known = {case.id for case in affected}
        found = _first_caught(ready, [case for case in ready.cases if case.id in asking - known])
    return found


def _first_caught(ready: Prepared, cases: list[PlannedCase]) -> Caught:
    if not cases:
        return Caught("", "nothing asks for it")
    if ours := [case for case in cases if case.missing]:
        return Caught(ours[0].id, f"not evaluated: {ours[0].missing} is not declared")
    for case, result in run_in_process(ready, cases):
        if result.verdict in (Verdict.FAIL, Verdict.NOT_EVALUATED) and _passes_alone(case.id):
            return Caught(case.id, f"{result.verdict.value}: {result.reason}")
    return Caught("", f"{len(cases)} cases ask for it and pass, such as {cases[0].id}")


@cache
def _reference() -> Prepared:
    return compose.prepared(REFERENCE_CLAIMS, [PLANS_FOLDER], None)


@cache
def _asked() -> dict[str, frozenset[str]]:
    """Return what the method of each case asks of the claims while it runs."""
    ready = _reference()
    recording = Recording(ready.claims.document)
    found: dict[str, frozenset[str]] = {}
    for case, _ in run_in_process(ready, ready.cases, given_to_methods=recording):
        found[case.id] = frozenset(recording.asked)
        recording.asked.clear()
    return found


@cache
def _passes_alone(case_id: str) -> bool:
    """Whether a case passes by the claims as they are, when it is run without those before it.

    A case that the changed claims alone have is taken to: it is there because of the change.
    """
    ready = _reference()
    alone = [case for case in ready.cases if case.id == case_id]
    return all(result.verdict is Verdict.PASS for _, result in run_in_process(ready, alone))


def _meaning(case: PlannedCase) -> tuple[Any, ...]:
    """Return all of a planned case that claims can change."""
    return case.arguments, case.conditions, case.measures, case.missing, case.inapplicable


def _covers(asked: str, path: str) -> bool:
    return path == asked or path.startswith(f"{asked}.") or asked.startswith(f"{path}.")
