"""Resuming an interrupted run: by the same program, with the same files, on the same bench, with the same device.

What differs is named and refused. What is the same is told in the record, so that anybody can prove it again.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from harness.bundle import INPUTS, Inputs
from harness.clock import Clock
from harness.errors import ConfigError, EvidenceError
from harness.opened import opened
from harness.past import Past, digest, files_in, to_go_on, tool_of
from harness.prepared import Prepared, Subject
from harness.qualification import tool_digest
from harness.selection import Selection

_MOST = 6
_SHOWN = 160  # characters


@dataclass(frozen=True)
class GoneOn:
    """Bench time of a run that is gone on with: it begins where the record ended (a Clock).

    Attributes:
        clock: Bench time since the bench was opened again.
        from_ns: Bench time of the last line of the record.
    """

    clock: Clock
    from_ns: int

    def now_ns(self) -> int:
        """Return the bench time in nanoseconds."""
        return self.from_ns + self.clock.now_ns()

    def utc(self) -> datetime:
        """Return the date and time that the bench works at."""
        return self.clock.utc()

    def sleep(self, seconds: float) -> None:
        """Let seconds pass."""
        self.clock.sleep(seconds)

    def sleep_until(self, t_ns: int) -> None:
        """Let time pass until the bench time t_ns."""
        self.clock.sleep_until(t_ns - self.from_ns)


def as_begun(past: Past, subject: Subject) -> Subject:
    """Return whom and what a resumed run is about: what was not said again is as it was said first.

    A word of the command line that was said again must be the same; that is found out later, with all else.
    """
    begun, unsaid = past.opened, {"", "not named"}

    def said(now: str, then: object) -> str:
        return str(then) if now in unsaid else now

    return Subject(
        serial=said(subject.serial, begun["item"]["serial"]),
        firmware=said(subject.firmware, begun["item"]["firmware"]),
        operator=said(subject.operator, begun["operator"]),
        customer=said(subject.customer, begun["customer"]),
        seed=subject.seed,
        device_model=subject.device_model,
        controller=subject.controller,
    )


def as_selected(past: Past, selection: Selection) -> Selection:
    """Return the selection that a run began with, if nothing else is asked for."""
    said = past.opened.get("selection")
    if not said or not selection.whole:
        return selection
    return Selection(tuple(said["only"]), tuple(said["requirements"]), said["risk"] or None)


def files_of(inputs: Inputs) -> dict[str, str]:
    """Return the SHA-256 of each copy of what a run is given, by its name in the folder of the run."""
    return {f"{INPUTS}/{name}": hashlib.sha256(content).hexdigest() for name, content in inputs.files.items()}


def to_resume(folder: Path, wire_log: Path | None) -> Past:
    """Return what an interrupted run came to whose cases can be gone on with.

    Raises:
        EvidenceError: There is no record, it is closed or sealed, was altered, or holds nothing that can be resumed.
        ConfigError: Its wires are to be logged: nobody could replay a half of a run.
    """
    if wire_log is not None:
        raise ConfigError("--wire-log is for a whole run, and --resume runs a part of one: give one of them")
    past, recover_it = to_go_on(folder), f"close it by 'python -m harness recover {folder}', and run anew"
    if not past.attempts:
        raise EvidenceError(f"{past.path}: the run was interrupted before its first case: {recover_it}")
    if past.over:
        raise EvidenceError(f"{past.path}: the run was interrupted at its end, after its last case: {recover_it}")
    if past.bad_check:
        raise EvidenceError(f"{past.path}: the bench was not found in order again ({past.bad_check}): {recover_it}")
    if past.volatile.get("replay"):
        raise EvidenceError(f"{past.path}: a replay has no bench to go on with: {recover_it}")
    return past


def prove_same_files(past: Past, inputs: Inputs, ready: Prepared, subject: Subject) -> None:
    """Find out that a run is resumed by the program and with the files that it began with; nothing is opened yet.

    Args:
        past: What it came to.
        inputs: Copies of what is given now.
        ready: What they come to.
        subject: Whom and what it is about now.

    Raises:
        EvidenceError: Something differs; the text names it.
    """
    # The bench says later who it is.
    now = plain(opened(ready, subject, past.opened["bench"]))
    _refuse([*_files(past, files_of(inputs), tool_digest()), *_given(past, now)])


def prove_same_bench(past: Past, facts: Mapping[str, Any], identified: Iterable[Any]) -> None:
    """Find out that a run is resumed on the same bench, with the same instruments and the same device.

    Args:
        past: What it came to.
        facts: What the bench says of itself.
        identified: Who its instruments are, and the device.

    Raises:
        EvidenceError: One of them differs; the text names it.
    """
    known = {str(row["name"]): row for row in past.identified}
    found = [
        f"{key} of the bench was {past.opened['bench'].get(key)!r} and is {facts[key]!r}"
        for key in facts
        if past.opened["bench"].get(key) != facts[key]
    ]
    for row in map(plain, identified):
        was = known.get(str(row["name"]), {})
        words = [f"{key} was {was.get(key)!r} and is {row[key]!r}" for key in row if row[key] != was.get(key)]
        found += [f"{row['name']}: {', '.join(words)}"] * bool(words)
    _refuse(found)


def plain(event: Any) -> dict[str, Any]:
    """Return an event as a record says it."""
    said: dict[str, Any] = orjson.loads(orjson.dumps(event, option=orjson.OPT_SERIALIZE_NUMPY))
    return said


def _files(past: Past, now: Mapping[str, str], tool: str) -> Iterator[str]:
    was = files_in(past.volatile.get("inputs") or {})
    # A plan that is another one brings other methods, and says more than they do.
    for name in sorted(was.keys() | now.keys(), key=lambda name: ("/methods/" in name, name)):
        if was.get(name) != now.get(name):
            port = " (a served bench has other addresses each time, unless 'serve --port' says which)"
            hint = port if name.startswith(f"{INPUTS}/bench/") else ""
            yield f"{name} was {_short(was.get(name))} and is {_short(now.get(name))}{hint}"
    if (began := tool_of(past.folder)) != tool:
        yield f"the program was {_short(began)} and is {_short(tool)}"


def _given(past: Past, now: Mapping[str, Any]) -> Iterator[str]:
    for key in now:
        if past.opened.get(key) != now[key]:
            yield f"{key.replace('_', ' ')} was {_words(past.opened.get(key))} and is {_words(now[key])}"


def _refuse(found: list[str]) -> None:
    if found:
        more = f", and {len(found) - _MOST} more" if len(found) > _MOST else ""
        raise EvidenceError(
            f"the run cannot be resumed, for it began with something else: {'; '.join(found[:_MOST])}{more}: give "
            "what it began with, or recover it and run anew"
        )


def _words(said: Any) -> str:
    if isinstance(said, str | int):
        return repr(said)
    if isinstance(said, dict) and {"serial", "firmware"} <= said.keys():
        return ", firmware ".join(repr(said[key]) if said[key] else "not named" for key in ("serial", "firmware"))
    text = orjson.dumps(said).decode()
    return text if len(text) <= _SHOWN else _short(digest(said))


def _short(sha256: str | None) -> str:
    return f"{sha256[:12]}…" if sha256 else "not there"
