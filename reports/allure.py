"""A run as Allure 2 result files, for engineers who read Allure; written from the record, which is the only truth.

Allure knows passed, failed, broken, skipped and unknown: P is passed, F failed, N/A skipped, and N/E is broken where
something of ours went wrong, unknown where nothing was decided. Limits, U and rules are the parameters of steps.
Two results more are the verdict of the run and the state of its record, so that no run is green that was cut off.
"""

import hashlib
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.errors import EvidenceError
from harness.limits import LEAST_TUR
from reports import development, summary, svg
from reports.doubts import COMPLIES, CONDITIONAL, FAILS
from reports.interchange.shared import no_formula, remarks
from reports.numbers import percent, ratio, value_and_limits
from reports.rows import Case, Measurement, Observation, Step, WaveformRow
from reports.run import Run
from reports.statement import marks
from reports.waveforms import Samples, reduced

_DRAWN_POINTS = 900
_NAMESPACE = uuid.UUID("6f1c3a52-3c43-5d0e-9d0a-1f6f0a5b7f11")


def write_allure(run: Run, directory: Path) -> Path:
    """Write an Allure result for each case of a run, and two for the run, into a folder, and return the folder.

    Raises:
        EvidenceError: The directory cannot be written.
    """
    from allure_commons.logger import AllureFileLogger

    try:
        logger: Any = AllureFileLogger(str(directory))  # type: ignore[no-untyped-call]
        writer = _Writer(run, logger)
        for case in run.rows.cases.values():
            logger.report_result(writer.result(case))
        for result in writer.about_the_run():
            logger.report_result(result)
        (directory / "environment.properties").write_text(_environment(run), encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvidenceError(f"{directory} cannot be written: {error.strerror}; name a folder that can be") from error
    return directory


class _Writer:
    """Knows the run and sorts its rows by case, so that each case is written in one go."""

    def __init__(self, run: Run, logger: Any) -> None:
        self._run = run
        self._logger = logger
        self._marks = [*(one.title for one in run.amendments), *marks(run)]
        self._start_ms = _epoch_ms(run.rows.opened_volatile.get("utc"))
        self._steps = _by_case(run.rows.steps)
        self._measured = _by_case(run.rows.measurements)
        self._observed = _by_case(run.rows.observations)
        self._waveforms = _by_case(run.rows.waveforms)
        self._troubled = {problem.case for problem in run.rows.problems}

    def result(self, case: Case) -> Any:
        """Return the Allure result of a case; its waveforms are written beside it."""
        from allure_commons import model2

        started_s = case.started_s or 0.0
        start = self._ms(started_s)
        stop = self._ms(started_s + (case.took_s or 0.0))
        return model2.TestResult(
            uuid=str(uuid.uuid5(_NAMESPACE, f"{self._run.head} {case.case}")),
            historyId=hashlib.sha256(case.case.encode()).hexdigest()[:32],
            testCaseId=hashlib.sha256(case.base.encode()).hexdigest()[:32],
            fullName=f"{case.plan}.{case.case}",
            name=f"{case.case} {case.title}",
            description=case.procedure or case.inspection,
            status=self._status(case.verdict, case.case),
            statusDetails=model2.StatusDetails(message=_message(case)) if _message(case) else None,
            stage="finished",
            start=start,
            stop=max(start, stop),
            labels=self._labels(case),
            parameters=[model2.Parameter(name=key, value=str(value)) for key, value in case.conditions.items()],
            steps=self._step_results(case, start),
        )

    def about_the_run(self) -> list[Any]:
        """Return what no case says: the verdict of the run, and what speaks against its record."""
        run = self._run
        words = f"{run.verdict} {summary.scope(run)}"
        verdict = {COMPLIES: "passed", CONDITIONAL: "passed", FAILS: "failed"}.get(run.verdict, "broken")
        not_tested = summary.not_tested_words(run)
        told = "\n\n".join([words, *([not_tested] if not_tested else []), *remarks(run)])
        return [
            self._about("verdict", words, told, verdict, words),
            self._about(
                "record",
                f"{run.count} events, head {run.head}",
                "; ".join(run.doubts) or "nothing speaks against it",
                "broken" if run.doubts else "passed",
                "; ".join(run.doubts),
            ),
        ]

    def _about(self, what: str, words: str, told: str, status: str, reason: str) -> Any:
        from allure_commons import model2

        name = f"run.{what}"
        pairs = [("parentSuite", "run"), ("framework", "iontobench"), *(("tag", mark) for mark in self._marks)]
        return model2.TestResult(
            uuid=str(uuid.uuid5(_NAMESPACE, f"{self._run.head} {name}")),
            historyId=hashlib.sha256(name.encode()).hexdigest()[:32],
            testCaseId=hashlib.sha256(name.encode()).hexdigest()[:32],
            fullName=name,
            name=f"{what} of the run: {words}",
            description=told,
            status=status,
            statusDetails=model2.StatusDetails(message=reason) if status != "passed" else None,
            stage="finished",
            start=self._ms(0.0),
            stop=self._ms(self._run.rows.last_s),
            labels=[model2.Label(name=label, value=value) for label, value in pairs],
        )

    def _labels(self, case: Case) -> list[Any]:
        from allure_commons import model2

        title = next((plan.title for plan in self._run.rows.plans if plan.plan == case.plan), case.plan)
        pairs = [("parentSuite", f"{case.plan} {title}"), ("suite", f"{case.base} {case.title}"), ("plan", case.plan)]
        pairs += [("requirement", name) for name in case.verifies]
        pairs += [("framework", "iontobench"), ("language", "python"), *(("tag", mark) for mark in self._marks)]
        if case.conditional:
            pairs.append(("tag", "conditional"))
        measured: list[Measurement] = self._measured.get(case.case, [])
        if any(row.unverified for row in measured):
            pairs.append(("tag", "unverified data-sheet figures"))
        if any(row.tur is not None and row.tur < LEAST_TUR for row in measured):
            pairs.append(("tag", f"test uncertainty ratio below {LEAST_TUR:g}:1"))
        return [model2.Label(name=name, value=value) for name, value in pairs]

    def _step_results(self, case: Case, start: int) -> list[Any]:
        """Return the steps of all attempts in order, each with what was measured, seen and kept in it."""
        from allure_commons import model2

        steps: list[Step] = self._steps.get(case.case, [])
        case_end_s = (case.started_s or 0.0) + (case.took_s or 0.0)
        results = []
        by_title: dict[tuple[int, str], Any] = {}
        for index, step in enumerate(steps):
            following_s = steps[index + 1].at_s if index + 1 < len(steps) else case_end_s
            attempt = f" (attempt {step.attempt})" if case.attempts > 1 else ""
            result = model2.TestStepResult(
                name=f"{step.step}{attempt}",
                status="passed",
                stage="finished",
                start=self._ms(step.at_s),
                stop=self._ms(max(step.at_s, following_s)),
            )
            by_title[step.attempt, step.step] = result
            results.append(result)
        self._fill(case, by_title, results, start)
        for result in results:
            result.status = _worst([part.status for part in result.steps])
        return results

    def _fill(self, case: Case, by_title: dict[tuple[int, str], Any], results: list[Any], start: int) -> None:
        from allure_commons import model2

        def home(attempt: int, title: str) -> Any:
            if (attempt, title) not in by_title:
                by_title[attempt, title] = model2.TestStepResult(
                    name=title or "without a step", stage="finished", start=start, stop=start
                )
                results.append(by_title[attempt, title])
            return by_title[attempt, title]

        lines: list[Measurement | Observation] = [
            *self._measured.get(case.case, []),
            *self._observed.get(case.case, []),
        ]
        for line in sorted(lines, key=lambda line: line.seq):
            home(line.attempt, line.step).steps.append(self._line(line, case.case))
        row: WaveformRow
        for row in self._waveforms.get(case.case, []):
            home(row.attempt, row.step).attachments.extend(self._attach(row))

    def _line(self, row: Measurement | Observation, case: str) -> Any:
        from allure_commons import model2

        if isinstance(row, Measurement):
            value, spread, low, high = value_and_limits(row.value, row.U, row.low, row.high)
            said = f"{value} ± {spread} {row.unit}" + (" (U unverified)" if row.unverified else "")
            pairs = [
                ("value", f"{value} {row.unit}"),
                ("U", f"{spread} {row.unit}"),
                ("k", "" if row.k is None else f"{row.k:.2f}"),
                ("low", low and f"{low} {row.unit}"),
                ("high", high and f"{high} {row.unit}"),
                ("rule", row.rule),
                ("p(nonconforming)", "" if row.p_nonconforming is None else percent(row.p_nonconforming)),
                ("verdict", row.verdict + (" conditional" if row.conditional else "")),
                ("limit", row.limit),
                ("test uncertainty ratio", ratio(row.tur)),
                ("unverified", ", ".join(row.unverified)),
                ("instruments", ", ".join(row.instruments)),
                ("reason", row.reason),
            ]
            reported = not row.rule and row.verdict in ("", "N/A")
        else:
            said = row.value
            pairs = [("value", row.value), ("must be", row.expected), ("verdict", row.verdict), ("reason", row.reason)]
            reported = not row.expected and row.verdict in ("", "N/A")
        return model2.TestStepResult(
            name=f"{row.name}: {said}",
            status="passed" if reported else self._status(row.verdict, case),
            statusDetails=model2.StatusDetails(message=row.reason) if row.reason and not reported else None,
            stage="finished",
            start=self._ms(row.at_s),
            stop=self._ms(row.at_s),
            parameters=[model2.Parameter(name=name, value=value) for name, value in pairs if value],
        )

    def _attach(self, row: WaveformRow) -> list[Any]:
        """Write a waveform as a drawing and as numbers; one that cannot be trusted is written as its reason."""
        from allure_commons import model2

        key = str(uuid.uuid5(_NAMESPACE, f"{self._run.head} {row.seq}"))
        try:
            samples = self._run.waveform(row)
        except EvidenceError as error:
            self._logger.report_attached_data(str(error), f"{key}-attachment.txt")
            return [model2.Attachment(name=f"{row.name} (not used)", source=f"{key}-attachment.txt", type="text/plain")]
        drawn = reduced(samples, _DRAWN_POINTS)
        drawing = svg.kept_waveform(row, drawn, standalone=True, banner=self._banner())
        self._logger.report_attached_data(drawing, f"{key}-attachment.svg")
        self._logger.report_attached_data(self._table(row, drawn), f"{key}-attachment.csv")
        kept = f", {len(drawn.values)} of {row.samples} samples" if len(drawn.values) < row.samples else ""
        return [
            model2.Attachment(name=row.name, source=f"{key}-attachment.svg", type="image/svg+xml"),
            model2.Attachment(name=f"{row.name}{kept}", source=f"{key}-attachment.csv", type="text/csv"),
        ]

    def _banner(self) -> str:
        kind = [summary.VIRTUAL_BANNER] * self._run.virtual + ["REPLAY"] * bool(self._run.replay)
        return "\n".join(filter(None, (development.banner(self._run), " · ".join(kind))))

    def _table(self, row: WaveformRow, drawn: Samples) -> str:
        """Return a waveform as CSV; its first line says what the run is no evidence of."""
        said = no_formula("; ".join(self._marks)).replace('"', '""')
        pairs = zip(drawn.time_s.tolist(), drawn.values.tolist(), strict=True)
        lines = [f"{time_s:.9g},{value:.9g}," for time_s, value in pairs]
        first, *others = lines or [",,"]
        header = f"time / s,{row.quantity.replace(',', ' ')} / {row.unit},marks"
        return "\n".join([header, f'{first}"{said}"' if said else first, *others, ""])

    def _status(self, verdict: str, case: str) -> str:
        if verdict == "N/E":
            return "broken" if case in self._troubled else "unknown"
        return {"P": "passed", "F": "failed", "N/A": "skipped"}.get(verdict, "unknown")

    def _ms(self, bench_s: float) -> int:
        return self._start_ms + round(bench_s * 1000)


def _environment(run: Run) -> str:
    """Return what Allure shows beside the results, as a Java properties file."""
    item = run.rows.opened["item"]
    pairs = {
        "Bench": summary.VIRTUAL_BANNER if run.virtual else str(run.rows.opened["bench"]["name"]),
        "Verdict": f"{run.verdict} {summary.scope(run)}",
        "Not.tested": summary.not_tested_words(run) or "nothing",
        "Item": f"{item['model']} {item['serial']}",
        "Unverified": ", ".join(f"{row.figure} ({row.provenance})" for row in summary.unverified(run)) or "nothing",
        "Test.uncertainty.ratio": summary.ratio_words(run) or f"none below {LEAST_TUR:g}:1",
        "Remarks": "; ".join(remarks(run)) or "none",
        "Run": run.id,
        "Record.head": run.head,
    }
    return "".join(f"{key} = {_property(value)}\n" for key, value in pairs.items())


def _property(text: str) -> str:
    """Return text as the value of a property: one line, and what is not ASCII by its number."""
    words = " ".join(text.replace("\\", "\\\\").split())
    units = words.encode("utf-16-be")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)


def _message(case: Case) -> str:
    conditional = "conditional" if case.conditional and not case.reason else ""
    return f"{case.verdict}: {case.reason or conditional}" if case.reason or conditional else ""


def _worst(statuses: list[str]) -> str:
    order = ("failed", "broken", "unknown", "passed", "skipped")
    return min(statuses, key=order.index, default="passed")


def _by_case(rows: list[Any]) -> dict[str, list[Any]]:
    sorted_rows: dict[str, list[Any]] = {}
    for row in rows:
        sorted_rows.setdefault(row.case, []).append(row)
    return sorted_rows


def _epoch_ms(utc: object) -> int:
    """Return the start of the run in milliseconds since 1970; zero if the record does not say when."""
    try:
        return round(datetime.fromisoformat(str(utc)).timestamp() * 1000)
    except ValueError:
        return 0
