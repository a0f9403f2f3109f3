"""Events folded into tables: each kind of event has one small function that knows its fields."""

from dataclasses import replace
from typing import Any

from harness.clock import SECOND_NS
from harness.errors import EvidenceError
from reports import catalogue, rows
from reports.chain import Entry
from reports.fields import component, declared, finite, freedom, number, require
from reports.words import text

# Of all other events it is the first.
UNDERSTOOD_VERSIONS = {"run_opened": 2, "case_planned": 2, "measured": 2, "instrument": 2, "check_standard": 2}
AFTER_END = ("replay_compared", "supervised")  # what may be told of a run that has ended
DEVICE = "device"  # the row of the item under test among the instruments; it needs no certificate
GIVEN_UP = "the run was interrupted in its plan, whose cases follow on each other: run that plan anew"
# Worst first: the verdict of a case is the worst of its attempts, so that a retry never heals a failure.
WORST = ("F", "N/E", "P", "N/A")


class Tables:
    """Everything that a record says, as lists of rows in the order of the record."""

    def __init__(self) -> None:
        self.opened: dict[str, Any] = {}
        self.opened_volatile: dict[str, Any] = {}
        self.ended: dict[str, Any] | None = None
        self.ended_volatile: dict[str, Any] = {}
        self.plans: list[rows.Plan] = []
        self.hazards: list[rows.Hazard] = []
        self.clauses: list[rows.Clause] = []
        self.requirements: list[rows.Requirement] = []
        self.cases: dict[str, rows.Case] = {}
        self.steps: list[rows.Step] = []
        self.measurements: list[rows.Measurement] = []
        self.observations: list[rows.Observation] = []
        self.waveforms: list[rows.WaveformRow] = []
        self.instruments: list[rows.Instrument] = []
        self.check_standards: list[rows.CheckStandard] = []
        self.environment: list[rows.Environment] = []
        self.problems: list[rows.Problem] = []
        self.made_safe: list[rows.MadeSafe] = []
        self.interruptions: list[rows.Interruption] = []
        self.supervisions: list[rows.Supervision] = []
        self.cut_short: set[tuple[str, int]] = set()
        self.comparisons: list[rows.Comparison] = []
        self.notes: list[str] = []
        self.unknown: list[Entry] = []
        self.after_end = 0
        self.withdrawn = 0
        self.before_s = self.last_s = 0.0
        self._open_ended: set[str] = set()
        self.at_rest = True  # so far, and whether the last line that tells of it says so

    def add(self, event: Entry) -> None:
        """Take in one event.

        Raises:
            EvidenceError: It lacks a field, names a case that was not planned, or is newer than this program.
        """
        take = getattr(self, f"_{event.type}", None) if event.type in KINDS else None
        if take is None:
            self.unknown.append(event)
            return
        understood = UNDERSTOOD_VERSIONS.get(event.type, 1)
        if event.version > understood:
            raise EvidenceError(
                f"record.jsonl, line {event.line}: {event.type!r} has version {event.version}, and this program reads "
                f"up to {understood}: use the iontobench that wrote it, or a newer one"
            )
        if not self.opened and event.type != "run_opened":
            raise EvidenceError(
                f"record.jsonl, line {event.line}: a record must open with run_opened, not {event.type}"
            )
        if self.ended is not None and event.type not in AFTER_END:
            self.after_end += 1
        self.before_s, self.last_s = self.last_s, event.at_ns / SECOND_NS
        try:
            take(event, event.data)
        except KeyError as error:
            raise EvidenceError(f"record.jsonl, line {event.line}: {event.type} must have {error}") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise EvidenceError(f"record.jsonl, line {event.line}: {event.type} cannot be read: {error}") from error

    def _run_opened(self, event: Entry, data: dict[str, Any]) -> None:
        if self.opened:
            raise EvidenceError(f"record.jsonl, line {event.line}: a record must hold one run, and here opens a second")
        catalogue.check_opened(data)
        self.at_rest = False
        self.opened, self.opened_volatile = data, event.volatile
        self.plans += map(catalogue.plan, data["plans"])
        # A record of version 1 has no hazards and no clauses, and tells them with each requirement.
        self.hazards += map(catalogue.hazard, data.get("hazards") or ())
        self.clauses += map(catalogue.clause, data.get("clauses") or ())
        self.requirements += (catalogue.requirement(item, self.hazards) for item in data["requirements"])

    def _instrument(self, event: Entry, data: dict[str, Any]) -> None:
        certificate = data["certificate"] or {}
        self.instruments.append(
            rows.Instrument(
                name=text(data["name"]),
                role=text(data["role"]),
                driver=text(data["driver"]),
                address=text(data["address"]),
                maker=text(data["maker"]),
                model=text(data["model"]),
                serial=text(data["serial"]),
                firmware=text(data["firmware"]),
                certificate=text(certificate.get("number")),
                laboratory=text(certificate.get("laboratory")),
                issued=text(certificate.get("issued")),
                due=text(certificate.get("due")),
                accuracy=tuple(catalogue.accuracy(said) for said in data.get("accuracy") or ()),
                digital=catalogue.digital(certificate),
            )
        )

    def _check_standard(self, event: Entry, data: dict[str, Any]) -> None:
        self.check_standards.append(
            rows.CheckStandard(
                when=text(data["when"]),
                quantity=text(data["quantity"]),
                unit=text(data["unit"]),
                value=number(data, "value"),
                U=number(data, "U"),
                reference=number(data, "reference"),
                reference_U=number(data, "reference_U"),
                En=number(data, "En"),
                ok=data["ok"] is True,
                # A record of version 1 tells it behind the quantity.
                reason=text(data.get("reason")),
            )
        )

    def _environment(self, event: Entry, data: dict[str, Any]) -> None:
        self.environment.append(
            rows.Environment(
                text(data["when"]),
                event.at_ns / SECOND_NS,
                number(data, "temperature"),
                number(data, "temperature_U"),
                number(data, "humidity"),
                number(data, "humidity_U"),
                data["ok"] is True,
                text(data["reason"]),
            )
        )

    def _case_planned(self, event: Entry, data: dict[str, Any]) -> None:
        if data["case"] in self.cases:
            raise EvidenceError(f"record.jsonl, line {event.line}: case {data['case']} is planned twice")
        known = [plan.plan for plan in self.plans]
        if data["plan"] not in known:
            raise EvidenceError(
                f"record.jsonl, line {event.line}: case {data['case']} must be of a plan that the run was opened with "
                f"({', '.join(known) or 'none'}), not of {data['plan']!r}"
            )
        self.cases[data["case"]] = rows.Case(
            case=data["case"],
            plan=data["plan"],
            base=text(data["base"]),
            title=text(data["title"]),
            verifies=tuple(map(text, data["verifies"])),
            method=text(data["method"]),
            inspection=text(data["inspection"]),
            external=text(data.get("external")),
            procedure=text(data["procedure"]),
            conditions=dict(data["conditions"]),
            measures={text(name): declared(measure) for name, measure in data["measures"].items()},
            verdict="",
            conditional=False,
            reason="",
            attempts=0,
            never_started=False,
            started_s=None,
            took_s=None,
        )

    def _case_started(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data)
        started_s = event.at_ns / SECOND_NS if case.started_s is None else case.started_s
        self.cases[case.case] = replace(case, attempts=case.attempts + 1, started_s=started_s)
        self._open_ended.add(case.case)
        self.at_rest = False

    def _step_started(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data)
        self.steps.append(
            rows.Step(case.case, case.attempts, int(data["index"]), text(data["step"]), event.at_ns / SECOND_NS)
        )

    def _measured(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data)
        self.measurements.append(
            rows.Measurement(
                seq=event.line,
                case=case.case,
                plan=case.plan,
                base=case.base,
                attempt=case.attempts,
                step=text(data["step"]),
                name=text(data["name"]),
                value=number(data, "value"),
                unit=text(data["unit"]),
                U=number(data, "U"),
                u=number(data, "u"),
                k=number(data, "k"),
                dof=freedom(data),
                low=number(data, "low"),
                high=number(data, "high"),
                rule=text(data["rule"]),
                p_nonconforming=number(data, "p_nonconforming"),
                verdict=text(data["verdict"]),
                conditional=data["conditional"] is True,
                reason=text(data["reason"]),
                limit=text(data["limit"]),
                instruments=tuple(map(text, data["instruments"])),
                budget=tuple(component(*part) for part in data["budget"]),
                at_s=event.at_ns / SECOND_NS,
                # A record of version 1 tells neither.
                tur=number(data, "tur") if "tur" in data else None,
                unverified=tuple(map(text, data.get("unverified", ()))),
                unverified_limit=catalogue.unverified_limit(case.measures.get(data["name"], {})),
            )
        )

    def _observed(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data)
        self.observations.append(
            rows.Observation(
                event.line,
                case.case,
                case.plan,
                case.base,
                case.attempts,
                text(data["step"]),
                text(data["name"]),
                text(data["value"]),
                text(data["expected"]),
                text(data["verdict"]),
                text(data["reason"]),
                text(data["limit"]),
                event.at_ns / SECOND_NS,
            )
        )

    def _waveform(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data)
        self.waveforms.append(
            rows.WaveformRow(
                seq=event.line,
                case=case.case,
                plan=case.plan,
                attempt=case.attempts,
                step=text(data["step"]),
                name=text(data["name"]),
                file=text(data["file"]),
                sha256=text(data["sha256"]),
                quantity=text(data["quantity"]),
                unit=text(data["unit"]),
                samples=int(finite(data, "samples")),
                start_s=finite(data, "start_s"),
                interval_s=finite(data, "interval_s"),
                U_typical=number(data, "U_typical"),
                marks={label: finite(data["marks"], label) for label in data["marks"]},
                limits={label: finite(data["limits"], label) for label in data["limits"]},
            )
        )

    def _problem(self, event: Entry, data: dict[str, Any]) -> None:
        case, kind, message = (text(data[key]) for key in ("case", "kind", "message"))
        self.problems.append(rows.Problem(case, kind, message, event.at_ns / SECOND_NS))

    def _note(self, event: Entry, data: dict[str, Any]) -> None:
        self.notes.append(text(data["text"]))

    def _case_ended(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data)
        verdict = data["verdict"]
        if verdict not in WORST:
            raise EvidenceError(
                f"record.jsonl, line {event.line}: a verdict must be one of {', '.join(WORST)}, not {verdict!r}"
            )
        keep_earlier = bool(case.verdict) and WORST.index(case.verdict) <= WORST.index(verdict)
        self.cases[case.case] = replace(
            case,
            verdict=case.verdict if keep_earlier else verdict,
            reason=case.reason if keep_earlier else text(data["reason"]),
            conditional=case.conditional or data["conditional"] is True,
            never_started=case.never_started or case.case not in self._open_ended,
            took_s=None if case.started_s is None else event.at_ns / SECOND_NS - case.started_s,
        )
        self._open_ended.discard(case.case)

    def _verdict_withdrawn(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data)
        self.cases[case.case] = replace(
            case, verdict="N/E", conditional=False, reason=f"{text(data['was'])} was withdrawn: {data['reason']}"
        )
        self.withdrawn += 1

    def _made_safe(self, event: Entry, data: dict[str, Any]) -> None:
        actions = tuple(text(action) for action in data["actions"])
        self.made_safe.append(rows.MadeSafe(text(data["case"]), data["ok"] is True, actions, event.at_ns / SECOND_NS))
        self.at_rest = data["ok"] is True

    def _supervised(self, event: Entry, data: dict[str, Any]) -> None:
        actions = tuple(text(action) for action in data["actions"])
        self.at_rest = data["ok"] is True
        self.supervisions.append(
            rows.Supervision(
                event.line,
                event.at_ns / SECOND_NS,
                text(data["cause"]),
                data["ok"] is True,
                actions,
                text(data["torn"]),
                text(event.volatile.get("utc")),
                number(event.volatile, "safe_after_s") if "safe_after_s" in event.volatile else None,
            )
        )

    def _interrupted(self, event: Entry, data: dict[str, Any]) -> None:
        case = self._case(event, data).case if data["case"] else ""
        files = tuple(map(text, data["unrecorded"]))
        utc = text(event.volatile.get("utc"))
        torn, left_on = text(data["torn"]), not self.at_rest
        self.interruptions.append(rows.Interruption(event.line, self.before_s, case, torn, files, utc, left_on))

    def _resumed(self, event: Entry, data: dict[str, Any]) -> None:
        if not self.interruptions or self.interruptions[-1].resumed:
            raise EvidenceError(f"record.jsonl, line {event.line}: a run is resumed that was not interrupted")
        given_up, left = tuple(map(text, data["given_up"])), len(data["left"])
        took_over = text(event.volatile.get("took_over"))
        self.interruptions[-1] = replace(
            self.interruptions[-1], resumed=True, left=left, given_up=given_up, took_over=took_over
        )
        self.at_rest = False
        self.cut_short |= {(name, self.cases[name].attempts) for name in self._open_ended}
        self._open_ended.clear()

    def _run_ended(self, event: Entry, data: dict[str, Any]) -> None:
        require(data, "verdict", "counts", "exit_code", "reason", "bench_s")
        number(data, "bench_s")
        if not isinstance(data["verdict"], str) or not isinstance(data["counts"], dict):
            raise TypeError(
                f"verdict and counts must be a word and a mapping, not {data['verdict']!r}, {data['counts']!r}"
            )
        self.ended, self.ended_volatile = data, event.volatile

    def _replay_compared(self, event: Entry, data: dict[str, Any]) -> None:
        self.comparisons.append(rows.Comparison(data["ok"] is True, text(data["reason"])))

    def _case(self, event: Entry, data: dict[str, Any]) -> rows.Case:
        case = self.cases.get(data["case"])
        if case is None:
            raise EvidenceError(f"record.jsonl, line {event.line}: case {data['case']!r} was never planned")
        return case

    def close(self) -> None:
        """End it: a case that has no verdict, or whose last attempt never ended, is not evaluated.

        Raises:
            EvidenceError: The record does not open a run.
        """
        if not self.opened:
            raise EvidenceError("record.jsonl, line 1: a record must open with run_opened")
        given_up = {name for row in self.interruptions for name in row.given_up}
        for name, case in self.cases.items():
            if name in self._open_ended and case.verdict != "F":
                self.cases[name] = replace(case, verdict="N/E", reason="the case was started and never ended")
            elif not case.verdict and name in given_up:
                self.cases[name] = replace(case, verdict="N/E", reason=GIVEN_UP)
            elif not case.verdict and case.attempts:
                self.cases[name] = replace(case, verdict="N/E", reason="the case was interrupted, and not run again")
            elif not case.verdict:
                self.cases[name] = replace(case, verdict="N/E", reason="the case was planned and never started")


KINDS = frozenset(
    {
        "run_opened",
        "instrument",
        "check_standard",
        "environment",
        "case_planned",
        "case_started",
        "step_started",
        "measured",
        "observed",
        "waveform",
        "problem",
        "note",
        "case_ended",
        "verdict_withdrawn",
        "made_safe",
        "supervised",
        "interrupted",
        "resumed",
        "run_ended",
        "replay_compared",
    }
)
