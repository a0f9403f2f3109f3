"""A record against the copy of its bench file: who its instruments are, what they were checked on, where they stood.

What an instrument says of itself and no bench file has (maker, firmware) is not looked at, nor what was measured.
"""

import math
from collections.abc import Iterator
from typing import Any

from harness.told import ToldBench, ToldCheck
from reports.fold import DEVICE
from reports.verify_chain import Scan, part, was_planned

_OWN_WORDS = ("maker", "firmware")
_CLOSE = 1e-9


def contradictions(record: Scan, told: ToldBench) -> Iterator[str]:
    """Give in words, with its line, where a record says something else of its bench than the bench file comes to."""
    opened = next((entry for _, entry in record.of("run_opened")), {})
    said = part(part(opened, "data"), "bench")
    for key, value in told.facts.items():
        if said.get(key) != value:
            yield f"line 1: {key} of the bench is {said.get(key)!r}, and the copy of its file says {value!r}"
    yield from _instruments(record, told)
    yield from _checks(record, told)
    yield from _surroundings(record, told)
    if told.has_model and "replay" not in part(opened, "volatile"):
        model = part(part(opened, "data"), "device_model").get("sha256")
        kept = part(part(opened, "volatile"), "inputs")
        names = [name for name, sha256 in kept.items() if sha256 == model and name.startswith("inputs/others/")]
        stem = part(part(opened, "data"), "device_model").get("name")
        if not any(name.rpartition("/")[2] in (f"{stem}.yaml", f"{stem}.yml") for name in names):
            yield f"line 1: the model of the device is {stem!r} of SHA-256 {model}, and no copy of an input is"


def _instruments(record: Scan, told: ToldBench) -> Iterator[str]:
    """Give instruments that are not those of the bench file, or not with its certificates and data sheets."""
    known = {str(one["name"]): one for one in told.instruments}
    seen: set[str] = set()
    for number, entry in record.of("instrument"):
        data = part(entry, "data")
        name = str(data.get("name"))
        if name == DEVICE:
            continue
        where = f"line {number}, instrument {name}"
        if name in seen:
            yield f"{where}: it was identified on a line before"
        elif name not in known:
            yield f"{where}: the copy of the bench file has none of that name"
        else:
            yield from (f"{where}: {words}" for words in _instrument(data, known[name]))
        seen.add(name)
    for name in known:
        if name not in seen and was_planned(record):
            yield f"instrument {name} is in the copy of the bench file, and no line says who it is"


def _instrument(said: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    is_instrument = bool(known["driver"])
    for key, value in known.items():
        if key in _OWN_WORDS and is_instrument:
            continue
        if key == "accuracy":
            yield from _accuracy(said.get(key) or [], value)
        elif said.get(key) != value:
            yield f"{key} is {said.get(key)!r}, and the copy of the bench file says {value!r}"


def _accuracy(said: list[Any], known: list[dict[str, str]]) -> Iterator[str]:
    rows = {str(row.get("function")): row for row in said if isinstance(row, dict)}
    for row in known:
        if rows.get(row["function"]) != row:
            yield (
                f"of {row['function']} it says {_sheet(rows.get(row['function']))}, and the data sheet as this program "
                f"has it {_sheet(row)}"
            )
    if len(said) != len(known):
        yield f"it says the accuracy of {len(said)} functions, and the data sheet as this program has it {len(known)}"


def _sheet(row: dict[str, Any] | None) -> str:
    return f"{row.get('provenance')!r} ({row.get('source')})" if row else "nothing"


def _checks(record: Scan, told: ToldBench) -> Iterator[str]:
    """Give check standards with another reference than the file has, a verdict that is not theirs, or left out."""
    done: dict[str, set[str]] = {"start": set(), "end": set()}
    for number, entry in record.of("check_standard"):
        data = part(entry, "data")
        quantity = str(data.get("quantity"))
        done.setdefault(str(data.get("when")), set()).add(quantity)
        yield from (f"line {number}, {quantity}: {words}" for words in _check(data, told.checks.get(quantity), told))
    begun = {"start": any(record.of("case_started")), "end": any(_ends(record))}
    for when, checked in done.items():
        for quantity in told.checks:
            if begun.get(when) and quantity not in checked:
                yield f"{quantity}: the bench file has a check standard for it, and it was not checked at the {when}"


def _ends(record: Scan) -> Iterator[bool]:
    return (True for _, entry in record.of("environment") if part(entry, "data").get("when") == "end")


def _check(data: dict[str, Any], known: ToldCheck | None, told: ToldBench) -> Iterator[str]:
    largest = math.inf
    if known is not None:
        largest = known.largest
        if data.get("unit") != known.unit:
            yield f"it is in {data.get('unit')!r}, and the check standard of the bench file is in {known.unit!r}"
        for word, value in (("reference", known.reference), ("reference_U", known.reference_U)):
            if not _near(data.get(word), value):
                yield f"{word} is {data.get(word)!r}, and the copy of the bench file comes to {value!r}"
    numbers = [data.get(word) for word in ("U", "reference_U")]
    if data.get("reason") or not all(isinstance(number, int | float) for number in numbers):
        return
    en = data.get("En")
    ok = isinstance(en, int | float) and en <= told.action and math.hypot(*map(float, numbers)) <= largest  # type: ignore[arg-type]
    if data.get("ok") is not ok:
        yield f"it says {'ok' if data.get('ok') else 'not ok'}, and its numbers come to {'ok' if ok else 'not ok'}"


def _surroundings(record: Scan, told: ToldBench) -> Iterator[str]:
    """Give temperatures and humidities that do not suit the bench and are called good, or the other way round."""
    for number, entry in record.of("environment"):
        data = part(entry, "data")
        numbers = [data.get(word) for word in ("temperature", "humidity")]
        if not all(isinstance(value, int | float) for value in numbers):
            continue
        reason, said = told.unsuited(*numbers), str(data.get("reason"))  # type: ignore[arg-type]
        if not said.endswith(reason) or data.get("ok") is not (not said):
            what = f"not good ({reason})" if reason else "good"
            is_ = "good" if data.get("ok") else f"not good ({said})"
            yield f"line {number}, environment: it says {is_}, and it comes to {what}"


def _near(said: object, known: float) -> bool:
    return isinstance(said, int | float) and math.isclose(said, known, rel_tol=_CLOSE, abs_tol=1e-15)
