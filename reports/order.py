"""The order of a record: what must stand before what, and what lines say of each other that no verdict shows.

A run opens, says who its instruments are and what it plans, proves its bench, runs one case after another, proves its
bench again, and closes. Whoever edits a line and remakes the chain must keep to all of that.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.clock import SECOND_NS
from harness.events import Event
from harness.journal import moment
from harness.past import files_in, sameness, tool_of
from reports.verify_chain import Scan, part
from reports.waveforms import NO_WAVEFORM

_INSIDE = ("step_started", "measured", "observed", "waveform")
_APART = ("Inspection", "External result")
_PRINTED = {"current": "mA", "voltage": "V"}
_VOLATILE = ("run_opened", "run_ended", "supervised", "interrupted", "resumed")
_AFTER_END = ("replay_compared", "supervised")
_WHEN = ("start", "resumed", "end")
# A case is not begun again when the run has ended, and nothing is identified or planned once one was begun.
_BEFORE_CASES = ("instrument", "case_planned")
# The last line says how long the run was, and was written right then; its moment is told a little before.
_MOMENT_S = 1.0
_HOUR_S = 3600.0
# The host's clock may be set by so much, and run so much slower than the clock of the bench.
_SET_S, _SLOWER = 5.0, 1e-3
_FIELDS = {
    kind.type: (frozenset(field.name for field in fields(kind)), kind.version) for kind in Event.__subclasses__()
}
_RUN = re.compile(r"(\d{8}-\d{6})-[0-9a-f]{4}")


def contradictions(record: Scan, folder: Path) -> Iterator[str]:
    """Give in words, with its line, what does not stand where it must, or says something else than the lines around.

    Args:
        record: The record.
        folder: Where its waveforms are.
    """
    walk = _Walk(folder)
    for number, line in enumerate(record.lines, start=1):
        if line.entry is not None:
            yield from (f"line {number}{_of(line.entry)}: {words}" for words in walk.take(number, line.entry))
    yield from _times(record)


def _of(entry: dict[str, Any]) -> str:
    data = part(entry, "data")
    said = ", ".join(str(data[word]) for word in ("case", "name") if isinstance(data.get(word), str))
    return f", {said or entry.get('type')}"


class _Walk:
    """A record as far as it was read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened = self.begun = self.ended = self.replay = False
        self.attempts: dict[str, int] = {}
        self.running = ""
        self.steps: list[str] = []
        self.figures: dict[str, bool] = {}
        self.known: list[str] = []
        self.sources: dict[str, str] = {}
        self.proved: dict[str, set[str]] = {"environment": set(), "check_standard": set()}
        self.stopped = False
        self.versions: dict[str, Any] = {}
        self.interrupted = False
        self.unproved: set[str] = set()
        self.standards: set[str] = set()
        self.first: dict[str, Any] = {}
        self.identified: list[dict[str, Any]] = []

    def take(self, number: int, entry: dict[str, Any]) -> Iterator[str]:
        """Take in a line, and give what is wrong with its place."""
        kind, data = entry.get("type"), part(entry, "data")
        yield from self._fields(str(kind), entry, data)
        if kind == "run_opened":
            self.opened, self.replay, self.first = True, "replay" in part(entry, "volatile"), entry
        elif kind in _BEFORE_CASES and self.begun:
            yield f"{kind} stands after the first case was begun"
        if kind == "replay_compared":
            if not self.replay:
                yield "it is compared with a logged run, and line 1 names none"
        elif self.ended and kind not in _AFTER_END:
            yield f"{kind} stands after the end of the run"
        if "volatile" in entry and kind not in _VOLATILE:
            yield f"{kind} has a volatile part, and only {', '.join(_VOLATILE)} have"
        take = getattr(self, f"_{kind}", None)
        if take is not None:
            yield from take(number, entry, data)
        if kind in _INSIDE:
            yield from self._inside(str(kind), data)

    def _fields(self, kind: str, entry: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        """Give fields that no line of a type has, or that it lacks; a record of an earlier version may have fewer."""
        known, version = _FIELDS.get(kind, (frozenset(), 0)), entry.get("v")
        if self.versions.setdefault(kind, version) != version:
            yield f"{kind} has version {version}, and version {self.versions[kind]} on a line before"
        strange = sorted(data.keys() - known[0]) if known[0] else []
        lacking = sorted(known[0] - data.keys()) if version == known[1] else []
        if strange or lacking:
            what = [f"has {', '.join(strange)}"] * bool(strange) + [f"lacks {', '.join(lacking)}"] * bool(lacking)
            yield f"{kind} {' and '.join(what)}, and the harness writes other fields"

    def _instrument(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        self.known.append(str(data.get("name")))
        self.identified.append(data)
        for row in data.get("accuracy") or []:
            if isinstance(row, dict):
                self.figures[f"{data.get('model')} {row.get('function')}"] = row.get("provenance") == "found"
        yield from ()

    def _case_started(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        case = str(data.get("case"))
        if self.running:
            yield f"it begins while {self.running} has not ended"
        if self.interrupted:
            yield "it begins after the run was interrupted, and nobody resumed it"
        if self.unproved:
            yield f"it begins, and since the run was resumed there was no {' and no '.join(sorted(self.unproved))}"
        self.begun, self.running, self.steps = True, case, []
        self.attempts[case] = self.attempts.get(case, 0) + 1
        if data.get("attempt") != self.attempts[case]:
            yield f"it is called attempt {data.get('attempt')}, and is attempt {self.attempts[case]}"

    def _case_ended(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        if self.running != data.get("case"):
            yield f"it ends while {self.running or 'no case'} runs"
        self.running = ""

    def _step_started(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        self.steps.append(str(data.get("step")))
        if data.get("index") != len(self.steps):
            yield f"it is called step {data.get('index')}, and is step {len(self.steps)}"

    def _inside(self, kind: str, data: dict[str, Any]) -> Iterator[str]:
        if self.running != data.get("case"):
            yield f"it stands where {self.running or 'no case'} runs"
        elif data.get("step") not in self.steps and data.get("step") not in _APART:
            yield f"it is of the step {data.get('step')!r}, and none of that name was begun"

    def _measured(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        budget = [row for row in data.get("budget") or [] if isinstance(row, list) and len(row) == 5]
        named = [str(name) for name in data.get("instruments") or []]
        for name in named:
            if name not in self.known:
                yield f"it was measured with {name!r}, which never said who it is"
        for name in dict.fromkeys(self._source(str(row[0])) for row in budget):
            if name and name not in named:
                yield f"its budget rests on {name}, which is not among its instruments ({', '.join(named) or 'none'})"
        figures = list(dict.fromkeys(str(row[4]) for row in budget if row[4]))
        for figure in figures:
            if figure not in self.figures:
                yield f"its budget rests on the figure {figure!r}, and no instrument has it"
        unseen = [figure for figure in figures if not self.figures.get(figure)]
        if "unverified" in data and data["unverified"] != unseen:
            said, are = ", ".join(map(str, data["unverified"] or [])) or "none", ", ".join(unseen) or "none"
            yield f"it says that the figures {said} are unverified, and by its instruments {are} are"

    def _source(self, source: str) -> str:
        """Return the instrument that a component of a budget names; "" if it names none."""
        found = self.sources.get(source)
        if found is None:
            names = (name for name in self.known if source == name or source.startswith(f"{name} "))
            found = self.sources[source] = max(names, key=len, default="")
        return found

    def _waveform(self, number: int, entry: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        file, must = data.get("file"), f"waveforms/{entry.get('seq'):06d}.npz"
        if file != must:
            yield f"it is kept in {file!r}, and a waveform of this line is kept in {must!r}"
        quantity = str(data.get("quantity"))
        unit = next((unit for word, unit in _PRINTED.items() if word in quantity), data.get("unit"))
        if data.get("unit") != unit:
            yield f"it is in {data.get('unit')!r}, and {quantity} is kept in {unit!r}"
        count = _samples(self.folder / str(file))
        if count is None and (self.folder / str(file)).is_file():
            yield f"{file} is no waveform that can be read"
        if count is not None and count != data.get("samples"):
            yield f"it says {data.get('samples')} samples, and {file} has {count}"
        begin, step = data.get("start_s"), data.get("interval_s")
        if isinstance(begin, int | float) and isinstance(step, int | float) and count:
            for label, at in part(data, "marks").items():
                if not begin - step <= at <= begin + (count + 1) * step:
                    ends = begin + count * step
                    yield f"its mark {label!r} is at {at} s, and the waveform is from {begin} s to {ends} s"

    def _environment(self, _: int, entry: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        kind, when = str(entry.get("type")), str(data.get("when"))
        what = f"{kind} for {data.get('quantity')}" if kind == "check_standard" else kind
        self.standards |= {what} if when == "start" and what != kind else set()
        self.unproved -= {what} if when == "resumed" else set()
        if when not in _WHEN or (when == "start") is self.begun:
            before = "after" if self.begun else "before"
            yield f"it is called the {kind} at the {when!r}, and stands {before} the first case"
        if kind == "environment" and when in self.proved[kind] and when != "resumed":
            yield f"the environment at the {when} stands on a line before"
        self.proved[kind].add(when)

    _check_standard = _environment

    def _problem(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        self.stopped |= data.get("case") is None
        yield from ()

    def _interrupted(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        # Whoever resumes it may be interrupted too, before he did anything: it is found twice then.
        if data.get("case") != self.running:
            yield f"it says that {data.get('case') or 'no case'} ran, and {self.running or 'none'} did"
        self.interrupted = True

    def _resumed(self, _: int, __: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        if not self.interrupted:
            yield "it is resumed, and was not interrupted"
        self.interrupted, self.running, self.unproved = False, "", {"environment", *self.standards}
        files = files_in(part(part(self.first, "volatile"), "inputs"))
        must = sameness(part(self.first, "data"), files, self.identified, tool_of(self.folder))
        said = part(data, "same")
        for key in sorted(said.keys() | must.keys()):
            if said.get(key) != must.get(key):
                yield f"it says that {key} is the same as {said.get(key)!r}, and the run began with {must.get(key)!r}"

    def _run_ended(self, _: int, entry: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
        self.ended = True
        at_s, said = entry.get("at_ns", 0) / SECOND_NS, data.get("bench_s")
        if not isinstance(said, int | float) or not 0.0 <= at_s - said <= _MOMENT_S:
            yield f"it says that the run ended at {said} s of the bench's clock, and was written at {at_s} s"
        if self.running:
            yield f"the run ends while {self.running} has not ended"
        if self.unproved and not (self.stopped or self.interrupted):
            yield f"the run ends, and since it was resumed there was no {' and no '.join(sorted(self.unproved))}"
        for kind, seen in self.proved.items():
            for when in ("start", "end"):
                if not (self.stopped or self.interrupted) and when not in seen:
                    yield f"the run was not stopped, and there is no {kind} at its {when}"


def _samples(path: Path) -> int | None:
    """Return how many samples a kept waveform has, without making numbers of them; None if it is none."""
    from numpy.lib import format as layout

    try:
        with zipfile.ZipFile(path) as archive:
            packed = [archive.read(f"{name}.npy") for name in ("counts", "scale", "offset")]  # each has a checksum
        head = io.BytesIO(packed[0])
        version = layout.read_magic(head)
        read = layout.read_array_header_1_0 if version == (1, 0) else layout.read_array_header_2_0
        shape, _, _ = read(head)
    except (OSError, *NO_WAVEFORM):
        return None
    return int(shape[0]) if shape else None


def _times(record: Scan) -> Iterator[str]:
    """Give where the host's time of day, the bench's clock and the name of the run do not agree."""
    opened = next((entry for _, entry in record.of("run_opened")), {})
    said = part(opened, "volatile")
    began = moment(str(said.get("utc")))
    name = _RUN.fullmatch(str(said.get("run")))
    if began is None:
        yield f"line 1: it was opened at {said.get('utc')!r}, which is no time of day"
    elif name and abs((began - datetime.strptime(f"{name[1]}+0000", "%Y%m%d-%H%M%S%z")).total_seconds()) > _HOUR_S:
        yield f"line 1: the run is called {name[0]}, and was opened at {said.get('utc')}"
    for number, entry in record.of("run_ended"):
        ended = moment(str(part(entry, "volatile").get("utc")))
        if ended is None:
            yield f"line {number}: it was closed at {part(entry, 'volatile').get('utc')!r}, which is no time of day"
        elif began is not None and part(part(opened, "data"), "bench").get("virtual") is False and "replay" not in said:
            bench_s = (entry.get("at_ns", 0) - opened.get("at_ns", 0)) / SECOND_NS
            host_s = (ended - began).total_seconds()
            if host_s < bench_s * (1.0 - _SLOWER) - _SET_S:
                yield f"line {number}: the bench worked for {bench_s:.0f} s, by the host's clock for {host_s:.0f} s"
