"""What an interrupted run came to by its record: what it was given, which cases have a verdict, and which one was open.

A run that is killed closes nothing. Whoever goes on with its record, to close it or to resume the run, begins here.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from harness.bundle import ENVIRONMENT, MANIFEST, RECORD, WAVEFORMS
from harness.casebook import CaseResult
from harness.cases import PlannedCase
from harness.clock import host_utc
from harness.errors import EvidenceError
from harness.events import STOPS, CaseEnded, Interrupted
from harness.limits import Verdict, worst
from harness.record import Record, read_record

CUT_SHORT = "interrupted: the run ended before the case did"
"""Why a case is not evaluated that was running when its run was interrupted."""

INTERRUPTED = "the run was interrupted"
"""What the words begin with that tell how."""

REACHES_BACK = ("CalibrationError", "GarbledError")
"""Troubles of a case after which nothing since the last good check is evidence."""

_JUDGED = ("measured", "observed")
_CHECKED = ("environment", "check_standard")


def interruption(case: str) -> str:
    """Return in words how a run ended that was interrupted; case is the one that was running, or ""."""
    return f"{INTERRUPTED} {f'while {case} ran' if case else 'between two cases'}"


def tells_no_harm(torn: str) -> bool:
    """Return whether a line that was cut off lacks its end alone, and says of a value or a check that it is good.

    Of a part of a line nobody can tell what it would have said.
    """
    try:
        entry = orjson.loads(torn)
        kind, data = entry["type"], entry["data"]
        if kind in _JUDGED:
            return data["verdict"] in (Verdict.PASS, Verdict.NOT_APPLICABLE)
        return kind in _CHECKED and data["ok"] is True
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return not torn


@dataclass
class Past:
    """A record as far as it was written, and what it says.

    Attributes:
        folder: Of the run.
        count: Whole lines.
        at_ns: Bench time of the last of them.
        opened: What the run was given; {} if nothing was written of it.
        volatile: What was said of the host when it began.
        identified: Each instrument, and the device, as it said who it is.
        planned: Each case that was planned, by id.
        attempts: How often each case was begun.
        results: What each case came to: the worst of its attempts.
        running: The case that was begun and has no end; "" for none.
        spoiled: Whether something in that case did not pass, or a line of it was cut off that may have said so, so that
            its attempt counts.
        bad_check: What was wrong when the bench was checked before a case, in words; "" if nothing was.
        errors: Failures of our side.
        trouble: The first of them, in words; "" if there is none.
        doubt: Why nothing before an instant is evidence, in words; "" if there is no reason.
        ending: Whether the run had come to its last check, or to the end of a run.
        given_up: Cases that could not be gone on with when it was resumed.
        ended: Whether the record is closed.
        exit_code: What it was closed with.
        interruptions: How often it was gone on with.
    """

    folder: Path
    count: int = 0
    at_ns: int = 0
    opened: dict[str, Any] = field(default_factory=dict)
    volatile: dict[str, Any] = field(default_factory=dict)
    identified: list[dict[str, Any]] = field(default_factory=list)
    planned: dict[str, dict[str, Any]] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    results: dict[str, CaseResult] = field(default_factory=dict)
    running: str = ""
    spoiled: bool = False
    bad_check: str = ""
    errors: int = 0
    trouble: str = ""
    doubt: str = ""
    ending: bool = False
    given_up: set[str] = field(default_factory=set)
    ended: bool = False
    exit_code: int = 0
    interruptions: int = 0
    _kept: set[str] = field(default_factory=set)
    _kind: str = ""
    _unsafe: bool = False
    _checking: bool = False

    @property
    def path(self) -> Path:
        """The record."""
        return self.folder / RECORD

    @property
    def command(self) -> str:
        """The command line that began it, to be typed again; "" if the record does not have it."""
        return str(self.volatile.get("command") or "")

    @property
    def cases(self) -> Mapping[str, bool]:
        """Each planned case, in order, and whether it is measured here, and not answered or reported by others."""
        return {name: bool(case["method"]) for name, case in self.planned.items()}

    @property
    def over(self) -> bool:
        """Whether no case is left: what followed was the last check, or would have been."""
        return self.ending or not (self.running or self.planned.keys() - self.results.keys() - self.given_up)

    def unrecorded(self) -> dict[str, str]:
        """Return waveforms that were saved and that no line names, by file, each with its SHA-256."""
        found = {}
        for path in sorted((self.folder / WAVEFORMS).glob("*")):
            name = f"{WAVEFORMS}/{path.name}"
            if name not in self._kept and path.is_file() and not path.is_symlink():
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def take(self, entry: Mapping[str, Any]) -> None:
        """Take in a line."""
        self.count, self.at_ns = self.count + 1, entry["at_ns"]
        take = getattr(self, f"_{entry['type']}", None)
        if take is not None:
            take(entry["data"], entry)

    def _run_opened(self, data: dict[str, Any], entry: Mapping[str, Any]) -> None:
        self.opened, self.volatile = data, entry.get("volatile") or {}

    def _instrument(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.identified.append(data)

    def _case_planned(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.planned[data["case"]] = data

    def _case_started(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.running = data["case"]
        self.attempts[self.running] += 1
        self.spoiled, self._kind, self._unsafe, self._checking = False, "", False, False

    def _measured(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.spoiled |= data["verdict"] not in (Verdict.PASS, Verdict.NOT_APPLICABLE, "")

    _observed = _measured

    def _waveform(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self._kept.add(data["file"])

    def _problem(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        if data["case"] is not None:
            self._kind, self.spoiled = self._kind or data["kind"], True
            return
        # A run writes down what ended it, and then checks nothing more.
        self.ending = True
        self.errors += data["kind"] not in STOPS
        self.trouble = self.trouble or " ".join(data["message"].split()) or data["kind"]

    def _made_safe(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        unsafe = data["ok"] is not True
        if data["case"] is None:
            self.ending = True
            self.errors += unsafe
        else:
            self._unsafe, self.spoiled = unsafe, self.spoiled or unsafe

    def _environment(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.ending |= data["when"] == "end"
        if data["ok"] is not True:
            what = data.get("reason") or f"the check of {data.get('quantity', 'its surroundings')} was not good"
            self.bad_check = self.bad_check or what

    _check_standard = _environment

    def cut_off(self, torn: str) -> None:
        """Take in a line that was cut off: what did not pass is not healed because its line lacks an end."""
        if not tells_no_harm(torn):
            self.spoiled |= bool(self.running)
            if self._checking:
                self.bad_check = self.bad_check or "a line of its check was cut off"

    def _case_ended(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.end_case(self._result(data["case"], Verdict(data["verdict"]), data["conditional"], data["reason"]))

    def _result(self, case: str, verdict: Verdict, conditional: bool, reason: str) -> CaseResult:
        """Return what a case came to, with what its record says of our side."""
        ours = bool(self._kind or self._unsafe)
        return CaseResult(case, verdict, conditional, reason, ours, self._kind in REACHES_BACK)

    def end_case(self, result: CaseResult) -> None:
        """Take in what the running case came to; the worst of its attempts counts."""
        self.running = ""
        if result.our_error:
            self.errors += 1
            self.trouble = self.trouble or f"{result.case}: {result.reason}"
        if result.reaches_back:
            self.doubt = self.doubt or f"in {result.case} {result.reason}"
        before = self.results.get(result.case)
        if before is None or worst([before.verdict, result.verdict]) is not before.verdict:
            self.results[result.case] = result

    def same(self) -> dict[str, str]:
        """Return by hash or in words what must be the same for the run to be resumed."""
        files = files_in(self.volatile.get("inputs") or {})
        return sameness(self.opened, files, self.identified, tool_of(self.folder))

    def interrupt(self, record: Record) -> None:
        """Write down that the run was interrupted, as whoever goes on with its record found it.

        Raises:
            EvidenceError: The record cannot be written.
        """
        record.write(
            Interrupted(self.running, record.torn, self.unrecorded()),
            {"utc": host_utc().isoformat(timespec="milliseconds")},
        )

    def cut_short(self, record: Record) -> None:
        """Write down that the running case is not evaluated.

        Raises:
            EvidenceError: The record cannot be written.
        """
        result = self._result(self.running, Verdict.NOT_EVALUATED, False, CUT_SHORT)
        record.write(CaseEnded(self.running, result.verdict.value, False, CUT_SHORT))
        self.end_case(result)

    def _verdict_withdrawn(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.ending = True
        self.results[data["case"]] = CaseResult(data["case"], Verdict.NOT_EVALUATED, False, data["reason"], False)

    def _interrupted(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.interruptions += 1
        self._kept |= data["unrecorded"].keys()
        self.cut_off(data["torn"])

    def _supervised(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.cut_off(data.get("torn", ""))

    def _resumed(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.running, self._checking, self.given_up = "", True, set(data["given_up"])

    def _run_ended(self, data: dict[str, Any], _: Mapping[str, Any]) -> None:
        self.ended, self.exit_code = True, data["exit_code"]


def to_go_on(folder: Path) -> Past:
    """Return what an interrupted run came to.

    Raises:
        EvidenceError: There is no record, it is closed or sealed, or was altered.
    """
    not_sealed(folder)
    past = read_past(folder)
    if past.ended:
        raise EvidenceError(f"{past.path} is closed: its run came to its end, was stopped, or is recovered; run anew")
    return past


def left_of(past: Past, cases: Iterable[PlannedCase]) -> tuple[tuple[PlannedCase, ...], tuple[PlannedCase, ...]]:
    """Return the cases without a verdict that a resumed run runs, and those that it cannot.

    Of a plan whose cases follow on each other, the device remembers what was begun: what is left of it would be judged
    by something else than what its plan says.
    """
    planned = tuple(cases)
    begun = {case.plan.content.plan for case in planned if case.plan.content.follow_on and past.attempts[case.id]}
    without = [case for case in planned if case.id not in past.results]
    left = tuple(case for case in without if case.plan.content.plan not in begun)
    return left, tuple(case for case in without if case.plan.content.plan in begun)


def sameness(
    opened: Mapping[str, Any], files: Mapping[str, str], identified: Iterable[Mapping[str, Any]], tool: str
) -> dict[str, str]:
    """Return by hash or in words what must be the same for a run to be resumed.

    Args:
        opened: What the run is given, as its record says it.
        files: SHA-256 of each copy of what it is given, by name.
        identified: Each instrument, and the device, as it said who it is.
        tool: SHA-256 of the program.
    """
    rows = {str(row["name"]): row for row in identified}
    device = rows.pop("device", {})
    return {
        "bench": str(opened["bench"]["sha256"]),
        "claims": str(opened["claims"]["sha256"]),
        "seed": str(opened["seed"]),
        "given": digest(opened),
        "files": digest(files),
        "instruments": digest(rows),
        "device": " ".join(str(device.get(word, "")) for word in ("maker", "model", "serial", "firmware")),
        "program": tool,
    }


def files_in(inputs: Mapping[str, str]) -> dict[str, str]:
    """Return those of the files of a first line that are copies; what is said of the software is compared apart."""
    return {name: sha256 for name, sha256 in inputs.items() if name != ENVIRONMENT}


def tool_of(folder: Path) -> str:
    """Return the SHA-256 of the program that began a run; "" if nobody knows."""
    try:
        return str(orjson.loads((folder / ENVIRONMENT).read_bytes())["tool"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return ""


def read_past(folder: Path) -> Past:
    """Return what a run came to by its record; of a last line that was cut off counts only that it may tell of harm.

    Raises:
        EvidenceError: There is no record, nothing is written in it, or it was altered.
    """
    past = Past(folder)
    try:
        for entry in _whole(past.path):
            past.take(entry)
        past.cut_off(past.path.read_bytes().rpartition(b"\n")[2].decode("utf-8", "replace"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise EvidenceError(f"{past.path}, line {past.count}: it cannot be understood ({what}); verify it") from error
    if not past.count:
        raise EvidenceError(f"{past.path} holds no whole line: nothing was measured, and nothing is lost; run anew")
    if not past.opened:
        raise EvidenceError(f"{past.path}, line 1: a record must open with run_opened: name the folder of a run")
    return past


def not_sealed(folder: Path) -> None:
    """Find out that nobody has sealed a run.

    Raises:
        EvidenceError: It is sealed: nothing may be added to it.
    """
    if (folder / MANIFEST).exists():
        raise EvidenceError(f"{folder} is sealed: nothing may be added to its record; run anew")


def _whole(path: Path) -> Iterator[dict[str, Any]]:
    """Give the lines of a record before one that was cut off."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}; name the folder of a run") from error
    whole, count = content.count(b"\n"), 0
    try:
        for entry in read_record(path):
            yield entry
            count += 1
    except EvidenceError:
        # The only line that may be broken is a last one that was being written when the run was killed.
        if content.endswith(b"\n") or not content or count != whole:
            raise


def digest(said: Any) -> str:
    """Return the SHA-256 of something that a record says, whatever the order of its keys."""
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
