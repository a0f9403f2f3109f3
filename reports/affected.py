"""Which verdicts change when an instrument comes back from calibration out of tolerance: past runs, judged again.

Each value that rests on the instrument is corrected by the error that was found, its uncertainty enlarged by that of
the finding, and judged by the limit and the rule of its own record. When the instrument went out nobody knows. The
recorded verdict stands for an error of zero, this one for the whole of it, and what is accepted by limits is an
interval: between the two lies no other pass. What cannot be answered from record and file is open, and no answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from harness.budget import Expanded, combine, merged
from harness.errors import EvidenceError
from harness.limits import REFINES, UNDECIDED, Judgement, Limit, Rule, judge
from harness.reading import Component
from reports.as_found import AsFound
from reports.doubts import COMPLIES, CONDITIONAL, FAILS, INCOMPLETE, counted, tested_on
from reports.fold import DEVICE, WORST
from reports.found_errors import BOUNDED, KNOWN, FoundErrors, Scenario, Sheet, as_components
from reports.rows import Case, Instrument, Measurement, Observation
from reports.run import Run, load

# Uncertainties that differ by less than this are one and the same: what was judged in SI units is printed in others.
_SAME = 1e-9
# From here on the enlarged U may no longer be what a scheme allows that compares results with the limit directly.
_MUCH = 1.1
_CONDITIONAL = " conditional"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that is judged otherwise now; value and U are the corrected ones, in the unit of the row.

    Attributes:
        low: Lowest value allowed; it moves with what it is relative to.
        high: Highest value allowed.
    """

    row: Measurement
    value: float
    U: float
    low: float | None
    high: float | None
    verdict: str
    conditional: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case with its verdict of then and of now, "P" or "P conditional"."""

    case: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class RunEffect:
    """What the finding makes of one run.

    Attributes:
        day: On which the run was, as 2026-05-31; "" if its record does not say.
        was: Verdict of the run then.
        now: Verdict of the run now.
        touched: How many judged values rest on the instrument.
        values: Those that are judged otherwise now.
        cases: Cases that come to something else now.
        open: What cannot be answered, in words, with how many values it is about (0: the run as a whole).
        left_out: Why the run is not looked at; "" if it is.
    """

    run: str
    folder: Path
    day: str
    was: str
    now: str
    touched: int = 0
    values: tuple[ValueChange, ...] = ()
    cases: tuple[CaseChange, ...] = ()
    open: tuple[tuple[str, int], ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """All runs of a folder that used the instrument, and how many records were read."""

    found: AsFound
    records: int
    effects: tuple[RunEffect, ...]

    @property
    def exit_code(self) -> int:
        """1 if a verdict changes, else 3 if something is open, else 0."""
        if any(effect.values or effect.cases for effect in self.effects):
            return 1
        return 3 if any(effect.open for effect in self.effects) else 0


def search(runs: Path, found: AsFound, sheet: Sheet) -> Search:
    """Judge all runs below a folder once more that used the instrument; sheet tells what its data sheets permit.

    Raises:
        EvidenceError: There is no run below the folder, or none that used the instrument.
        ConfigError: A data sheet has not the function or range that the finding names.
    """
    records = sorted(runs.rglob("record.jsonl"))
    if not records:
        raise EvidenceError(f"{runs} holds no record.jsonl: name the folder of the runs with --runs")
    effects = []
    for path in records:
        try:
            run = load(path)
        except EvidenceError as error:
            told = ((f"the record cannot be read: {error}", 0),)
            effects.append(RunEffect(path.parent.name, path.parent, "", INCOMPLETE, INCOMPLETE, open=told))
            continue
        effect = of_run(run, found, sheet)
        if effect is not None:
            effects.append(effect)
    if not effects:
        raise EvidenceError(
            f"no run used {found.serial!r}: {runs} holds {len(records)} records, and none names this serial number, or "
            "a standard of this certificate; check the number (section 8 of a report has them), or name another folder "
            "with --runs"
        )
    return Search(found, len(records), tuple(effects))


def of_run(run: Run, found: AsFound, sheet: Sheet) -> RunEffect | None:
    """Return what a finding makes of one run; None if the run did not use the instrument."""
    ours = [row for row in run.rows.instruments if row.name != DEVICE and _is(row, found.serial)]
    if not ours:
        return None
    day = _day(run)
    first, last = date.fromisoformat(found.last_good), date.fromisoformat(found.found)
    left_out = ""
    if day is not None and not first <= day <= last:
        left_out = f"before the last good calibration of {first}" if day < first else f"after the calibration of {last}"
    said = day.isoformat() if day else ""
    if left_out:
        return RunEffect(run.id, run.folder, said, run.verdict, run.verdict, left_out=left_out)
    whole = [f"its record is in doubt: {doubt}" for doubt in run.doubts]
    whole += [
        f"it was made with certificate {row.certificate} of {row.issued}, which is newer than the last good one"
        for row in ours
        if row.issued > found.last_good
    ]
    judging = _Judging([FoundErrors(found, row, sheet, _temperature(run)) for row in ours])
    judging.learn(run.rows.measurements)
    attempts: dict[tuple[str, int], list[Measurement]] = {}
    for row in run.rows.measurements:
        attempts.setdefault((row.case, row.attempt), []).append(row)
    for rows in attempts.values():
        judging.attempt(run.rows.cases[rows[0].case], rows)
    cases = _cases(run, judging.changed)
    open_ = (*((words, 0) for words in whole), *judging.open.items())
    now = _verdict(run, cases)
    return RunEffect(
        run.id,
        run.folder,
        said,
        run.verdict,
        now,
        judging.touched,
        tuple(judging.changed.values()),
        tuple(cases),
        open_,
    )


class _Judging:
    """Judges the values of one run again, attempt by attempt, and keeps count."""

    def __init__(self, errors: Sequence[FoundErrors]) -> None:
        self._errors = errors
        self.touched = 0
        self.changed: dict[int, ValueChange] = {}
        self.open: dict[str, int] = {}

    def learn(self, rows: Iterable[Measurement]) -> None:
        """Let the errors learn from the budgets of all values of the run."""
        budgets = [row.budget for row in rows]
        for errors in self._errors:
            errors.learn(budgets)

    def attempt(self, case: Case, rows: Sequence[Measurement]) -> None:
        """Judge the values of one attempt, in the order in which they were measured."""
        last: dict[str, Measurement] = {}
        for row in rows:
            declared = case.measures.get(row.name, {})
            target = last.get(str(declared.get("of"))) if declared.get("relative") is not None else None
            last[row.name] = row
            if self._judged(row) and (self._touches(row) or (target is not None and self._touches(target))):
                self.touched += 1
                self._judge(row, target, float(declared.get("relative") or 0.0))

    def _touches(self, row: Measurement) -> bool:
        return any(errors.touches(row.budget) for errors in self._errors)

    @staticmethod
    def _judged(row: Measurement) -> bool:
        """Return whether a value was judged, and has a budget that its verdict can be worked out from."""
        held = row.verdict != "N/E" or (row.reason.startswith(UNDECIDED) and row.reason != REFINES)
        return bool(row.rule) and held and row.verdict != "N/A" and row.value is not None and row.U is not None

    def _judge(self, row: Measurement, target: Measurement | None, relative: float) -> None:
        for words in self._unanswered(row, target):
            self._leave_open(words)
        worst = self._worst_of(row, target, relative, KNOWN)
        bounded = self._worst_of(row, target, relative, BOUNDED)
        if (worst.verdict, worst.conditional) != (row.verdict, row.conditional):
            self.changed[row.seq] = worst
        elif (bounded.verdict, bounded.conditional) != (row.verdict, row.conditional):
            self._leave_open(
                "the record only bounds what the error did to them, and within the bound is another verdict"
            )
        elif row.rule == Rule.SIMPLE and row.U and worst.U > _MUCH * row.U:
            self._leave_open("U has grown, and the record does not hold how large the scheme allows it to be")

    def _leave_open(self, words: str) -> None:
        self.open[words] = self.open.get(words, 0) + 1

    def _worst_of(
        self, row: Measurement, target: Measurement | None, relative: float, scenarios: Iterable[Scenario]
    ) -> ValueChange:
        found = [self._corrected(row, target, relative, scenario) for scenario in scenarios]
        return min(found, key=lambda change: WORST.index(change.verdict))

    def _unanswered(self, row: Measurement, target: Measurement | None) -> list[str]:
        lines = [*row.budget, *(target.budget if target is not None else ())]
        said = [words for errors in self._errors for words in errors.unanswered(lines)]
        own = combine(_difference(as_components(row.budget), target, as_components(target.budget) if target else ()))
        if row.u is None or abs(own.u - row.u) > _SAME * own.u:
            said.append("their budgets do not add up to their u: verify the record")
        elif _verdict_of(_judged_as(row, row.value or 0.0, own, row.low, row.high)) != (row.verdict, row.conditional):
            said.append("their recorded verdicts are not what their own values come to: verify the record")
        if target is not None and target.budget and not _same_target(row, target):
            said.append(f"their limit is relative to {target.name} in a way that the record does not tell")
        return list(dict.fromkeys(said))

    def _corrected(
        self, row: Measurement, target: Measurement | None, relative: float, scenario: Scenario
    ) -> ValueChange:
        value = (row.value or 0.0) - self._shift(row, scenario)
        low, high = row.low, row.high
        if target is not None and target.budget and _same_target(row, target) and low is not None and high is not None:
            before = target.value or 0.0
            after = before - self._shift(target, scenario)
            wider = relative * (abs(after) - abs(before))
            low, high = low + after - before - wider, high + after - before + wider
        uncertainty = combine(_difference(self._components(row), target, self._components(target) if target else ()))
        judged = _judged_as(row, value, uncertainty, low, high)
        verdict, conditional = _verdict_of(judged)
        return ValueChange(row, value, uncertainty.U, low, high, verdict, conditional, judged.reason)

    def _shift(self, row: Measurement, scenario: Scenario) -> float:
        return sum(errors.shift(row.budget, scenario) for errors in self._errors)

    def _components(self, row: Measurement) -> tuple[Component, ...]:
        own = as_components(row.budget)
        added = [part for errors in self._errors for part in errors.components(row.budget)[len(own) :]]
        return (*own, *added)


def _difference(
    own: Sequence[Component], target: Measurement | None, of_target: Sequence[Component]
) -> tuple[Component, ...]:
    """Return the budget of a value, less that of what its limit is relative to; what both share cancels."""
    if target is None or not target.budget:
        return merged(own)
    return merged((*own, *(part._replace(u=-part.u) for part in of_target)))


def _same_target(row: Measurement, target: Measurement) -> bool:
    """Return whether the middle between the limits of a value is the value that they are relative to."""
    if row.low is None or row.high is None or target.value is None or row.unit != target.unit:
        return False
    return abs(0.5 * (row.low + row.high) - target.value) <= _SAME * max(abs(row.low), abs(row.high))


def _judged_as(row: Measurement, value: float, U: Expanded, low: float | None, high: float | None) -> Judgement:  # noqa: N803
    return judge(value, U, Limit(low, high, row.limit), Rule(row.rule))


def _verdict_of(judged: Judgement) -> tuple[str, bool]:
    return judged.verdict.value, judged.conditional


def _cases(run: Run, changed: dict[int, ValueChange]) -> list[CaseChange]:
    """Return the cases that come to something else; one that is not evaluated for another reason stays so."""
    rows: dict[tuple[str, int], list[Measurement | Observation]] = {}
    lines: list[Measurement | Observation] = [*run.rows.measurements, *run.rows.observations]
    for row in sorted(lines, key=lambda line: line.seq):
        rows.setdefault((row.case, row.attempt), []).append(row)
    touched = {change.row.case for change in changed.values()}
    found = []
    for name in touched:
        case = run.rows.cases[name]
        then: list[str] = []
        now: list[str] = []
        conditional = False
        for attempt in range(1, case.attempts + 1):
            for row in counted(rows.get((name, attempt), [])):
                if isinstance(row, Measurement) and not row.rule:
                    continue
                change = changed.get(row.seq)
                then.append(row.verdict)
                now.append(change.verdict if change else row.verdict)
                held = change.conditional if change else isinstance(row, Measurement) and row.conditional
                conditional = conditional or held
        verdict = _worst(now) if case.verdict == _worst(then) else _worst([case.verdict, *now])
        was = _words(case.verdict, case.conditional)
        after = _words(verdict, conditional)
        if was != after:
            found.append(CaseChange(name, was, after))
    order = {name: index for index, name in enumerate(run.rows.cases)}
    return sorted(found, key=lambda change: order[change.case])


def _verdict(run: Run, cases: Sequence[CaseChange]) -> str:
    """Return what the run comes to with other verdicts of some cases; it is never better than complete."""
    after = {case.case: _words(case.verdict, case.conditional) for case in run.rows.cases.values()}
    after |= {change.case: change.now for change in cases}
    plain = {words.removesuffix(_CONDITIONAL) for words in after.values()}
    if "F" in plain:
        return FAILS
    if not cases:
        return run.verdict
    if run.verdict not in (COMPLIES, CONDITIONAL) or not plain <= {"P", "N/A"}:
        return INCOMPLETE
    return CONDITIONAL if any(words.endswith(_CONDITIONAL) for words in after.values()) else COMPLIES


def _words(verdict: str, conditional: bool) -> str:
    return f"{verdict}{_CONDITIONAL}" if conditional and verdict in ("P", "F") else verdict


def _worst(verdicts: Iterable[str]) -> str:
    return min(verdicts, key=WORST.index, default="N/E")


def _is(row: Instrument, serial: str) -> bool:
    """Return whether an instrument of a record is the one: by serial number, or without one by its certificate."""
    return row.serial == serial if row.serial else row.certificate == serial


def _day(run: Run) -> date | None:
    """Return the day on which a run began; None if its record does not say."""
    said = run.rows.opened["bench"].get("epoch") if run.virtual else tested_on(run.rows.opened_volatile)
    try:
        began = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return began.replace(tzinfo=began.tzinfo or UTC).astimezone(UTC).date()


def _temperature(run: Run) -> tuple[float, float] | None:
    """Return the temperature of the bench in °C that the budgets of a run were made for, and its U."""
    for row in run.rows.environment:
        if row.temperature_degC is not None and row.temperature_U is not None:
            return row.temperature_degC, row.temperature_U
    return None
