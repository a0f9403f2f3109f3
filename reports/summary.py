"""What a reader asks first, worked out from the rows: results by plan and requirement, exceptions, budgets, trust."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harness.limits import LEAST_TUR
from reports.doubts import COMPLIES, CONDITIONAL, FAILS
from reports.fold import DEVICE, WORST
from reports.numbers import ratio
from reports.rows import Case, CheckStandard, Environment, Measurement, Plan, Requirement
from reports.run import Run

NOT_TESTED = "not tested"
VIRTUAL_BANNER = "VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY"
_READING = re.compile(r"(?<=reading) \d+$")


@dataclass(frozen=True, slots=True)
class PlanResult:
    """One plan: how many cases came to what, and the least certain of its passes.

    Attributes:
        counts: Number of cases by verdict, and "conditional".
        worst_p: Largest p(nonconforming) among the values that passed; None if none had a limit.
        verdict: The worst of its cases.
    """

    plan: Plan
    cases: tuple[Case, ...]
    counts: dict[str, int]
    worst_p: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """One requirement and the cases that speak for it; "not tested" if none does.

    Attributes:
        left_out: Cases that speak for it too and that a selection left out, wholly or in part; "" if there are none.
    """

    requirement: Requirement
    cases: tuple[Case, ...]
    verdict: str
    conditional: bool
    remark: str
    left_out: str


@dataclass(frozen=True, slots=True)
class Budget:
    """One measurement model: all results that share the same sources of error, shown by the least certain one.

    Attributes:
        shown: The result with the largest expanded uncertainty of this model.
        results: How many results use the model.
        smallest_U: Smallest expanded uncertainty among them, in the unit of `shown`.
        lines: Source, standard uncertainty, distribution, degrees of freedom, share of the variance; largest first.
    """

    name: str
    shown: Measurement
    results: int
    smallest_U: float
    lines: tuple[tuple[str, float, str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Unverified:
    """A figure of a data sheet that was not found in its source, and how many measured values rest on it."""

    figure: str
    provenance: str
    source: str
    values: int


@dataclass(frozen=True, slots=True)
class Ratios:
    """The test uncertainty ratios of a run.

    Attributes:
        values: How many values have one.
        low: Those below 4:1, the least first.
    """

    values: int
    low: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """One thing that a reader should know before believing the report; ok is None where nothing can be said."""

    ok: bool | None
    text: str


def worst(verdicts: Iterable[str]) -> str:
    """Return the worst verdict, F before N/E before P before N/A; of none it is N/E."""
    return min(verdicts, key=WORST.index, default="N/E")


def headline(run: Run) -> tuple[str, str]:
    """Return the verdict in words as the box says it, and its kind: "pass", "conditional", "fail" or "open"."""
    kinds = {COMPLIES: "pass", CONDITIONAL: "conditional", FAILS: "fail"}
    return run.verdict, kinds.get(run.verdict, "open")


def scope(run: Run) -> str:
    """Return with which plans the verdict was come to: "with OUT revision 1, TGL revision 2"; a failure names its own.

    A verdict speaks for these plans and for nothing else.
    """
    failed = {case.plan for case in run.rows.cases.values() if case.verdict == "F"}
    meant = [plan for plan in run.rows.plans if run.verdict != FAILS or not failed or plan.plan in failed]
    cut = {said["plan"] for said in (run.rows.opened.get("selection") or {}).get("left_out", ())}
    parts = {plan.plan: " in part" if plan.plan in cut else "" for plan in meant}
    names = ", ".join(f"{plan.plan} revision {plan.revision or 'not given'}{parts[plan.plan]}" for plan in meant)
    return f"with {names}" if names else "without a plan"


def not_tested(run: Run) -> list[Requirement]:
    """Return the requirements that no case of these plans speaks for."""
    return [result.requirement for result in requirement_results(run) if result.verdict == NOT_TESTED]


def not_tested_words(run: Run) -> str:
    """Return how many requirements these plans did not test, in words; "" if they tested all."""
    count = len(not_tested(run))
    if not count:
        return ""
    return f"{count} requirement{'s were' if count > 1 else ' was'} not tested by these plans"


def plan_results(run: Run) -> list[PlanResult]:
    """Return one result for each plan, in the order of the record."""
    worst_p: dict[str, float] = {}
    for row in passed(run):
        if row.p_nonconforming is not None:
            worst_p[row.plan] = max(worst_p.get(row.plan, 0.0), row.p_nonconforming)
    results = []
    for plan in run.rows.plans:
        cases = tuple(case for case in run.rows.cases.values() if case.plan == plan.plan)
        counts = Counter(case.verdict for case in cases)
        counts["conditional"] = sum(case.conditional for case in cases)
        verdict = worst(case.verdict for case in cases)
        results.append(PlanResult(plan, cases, dict(counts), worst_p.get(plan.plan), verdict))
    return results


def requirement_results(run: Run) -> list[RequirementResult]:
    """Return one result for each requirement; the remark says so if no case speaks for it, or none that applies.

    What passed in a case of another requirement is no pass of one that does not apply to the device.
    """
    by_requirement: dict[str, list[Case]] = {}
    for case in run.rows.cases.values():
        for name in case.verifies:
            by_requirement.setdefault(name, []).append(case)
    left: dict[str, list[str]] = {}
    for said in (run.rows.opened.get("selection") or {}).get("left_out", ()):
        for name in said["verifies"]:
            left.setdefault(name, []).append(f"{said['case']} ({said['count']})")
    results = []
    for requirement in run.rows.requirements:
        cases = tuple(by_requirement.get(requirement.requirement, ()))
        left_out = ", ".join(left.get(requirement.requirement, ()))
        verdict = worst(case.verdict for case in cases) if cases else NOT_TESTED
        remark = _remark(cases, left_out)
        if verdict == "P" and requirement.inapplicable:
            verdict, remark = "N/A", requirement.inapplicable
        conditional = verdict != "N/A" and any(case.conditional for case in cases)
        results.append(RequirementResult(requirement, cases, verdict, conditional, remark, left_out))
    return results


def _remark(cases: tuple[Case, ...], left_out: str) -> str:
    if not cases:
        return "no case of this run speaks for it" + (f"; left out by the selection: {left_out}" if left_out else "")
    elsewhere = list(dict.fromkeys(case.base for case in cases if case.external and case.verdict == "N/A"))
    parts = [f"{', '.join(elsewhere)} asked of another laboratory"] if elsewhere else []
    if all(case.verdict == "N/A" for case in cases):
        here = reasons_of(case for case in cases if not case.external)
        parts += ["no case that speaks for it applies: " + "; ".join(why for why, _ in here[:2])] if here else []
        return "; ".join(parts)
    parts += [f"left out by the selection: {left_out}"] if left_out else []
    return "; ".join(filter(None, (_why(cases), *parts)))


def _why(cases: tuple[Case, ...]) -> str:
    """Return why cases are no pass, in words; "" if they are one."""
    reasons = [reason for reason, _ in reasons_of(case for case in cases if case.verdict in ("F", "N/E"))]
    more = len(reasons) - 2
    return "; ".join(reasons[:2]) + (f"; and {more} more reasons" if more > 0 else "")


def reasons_of(cases: Iterable[Case]) -> list[tuple[str, list[Case]]]:
    """Return cases by the reason that they share, the worst and then the most frequent reason first."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.reason or "no reason was recorded", []).append(case)
    return sorted(groups.items(), key=lambda item: (WORST.index(worst(c.verdict for c in item[1])), -len(item[1])))


def undefined_requirements(run: Run) -> list[tuple[str, int]]:
    """Return requirements that cases name and the run does not define, with how many cases do."""
    known = {requirement.requirement for requirement in run.rows.requirements}
    named = Counter(name for case in run.rows.cases.values() for name in case.verifies if name not in known)
    return sorted(named.items())


def budgets(run: Run) -> list[Budget]:
    """Return one uncertainty budget for each measurement model, in the order in which they first appear."""
    models: dict[tuple[object, ...], list[Measurement]] = {}
    for row in run.rows.measurements:
        if row.budget and row.U is not None:
            # Readings are numbered so that their noise stays apart; the number makes no other model.
            sources = frozenset(_READING.sub("", source) for source, *_ in row.budget)
            models.setdefault((row.name, row.unit, sources), []).append(row)
    return [_budget(members) for members in models.values()]


def _budget(members: list[Measurement]) -> Budget:
    shown = max(members, key=lambda row: row.U or 0.0)
    # Components of one source are one error and add with their signs (GUM 5.2).
    by_source: dict[str, tuple[float, str, float]] = {}
    for source, u, distribution, dof, _ in shown.budget:
        so_far, _, least_dof = by_source.get(source, (0.0, "", math.inf))
        by_source[source] = (so_far + u, distribution, min(least_dof, dof))
    variance = math.fsum(u * u for u, _, _ in by_source.values())
    lines = sorted(
        (
            (source, abs(u), distribution, dof, u * u / variance if variance else 0.0)
            for source, (u, distribution, dof) in by_source.items()
        ),
        key=lambda line: -line[1],
    )
    smallest = min(row.U or 0.0 for row in members)
    return Budget(shown.name, shown, len(members), smallest, tuple(lines))


def passed(run: Run) -> list[Measurement]:
    """Return the values that passed, of cases that did: what was measured well in a run that was cut short is none."""
    cases = run.rows.cases
    return [row for row in run.rows.measurements if row.verdict == "P" and cases[row.case].verdict == "P"]


def worst_pass(run: Run) -> Measurement | None:
    """Return the value that passed with the largest probability of not conforming; None if there is none."""
    passes = [row for row in passed(run) if row.p_nonconforming is not None]
    return max(passes, key=lambda row: row.p_nonconforming or 0.0, default=None)


def unverified(run: Run) -> list[Unverified]:
    """Return the figures of data sheets that values of a run rest on although nobody found them in their source."""
    known = {
        f"{row.model} {said.function}": said
        for row in run.rows.instruments
        for said in row.accuracy
        if row.name != DEVICE
    }
    used = Counter(figure for row in run.rows.measurements for figure in row.unverified)
    found = []
    for figure, values in sorted(used.items()):
        said = known.get(figure)
        source = said.source if said is not None else "the record does not say where it is from"
        found.append(Unverified(figure, said.provenance if said is not None else "unknown", source, values))
    return found


def ratios(run: Run) -> Ratios:
    """Return which values of a run have a test uncertainty ratio, and which of them one below 4:1."""
    having = [(row.tur, row) for row in run.rows.measurements if row.tur is not None]
    low = sorted(((tur, row) for tur, row in having if tur < LEAST_TUR), key=lambda pair: pair[0])
    return Ratios(len(having), tuple(row for _, row in low))


def ratio_words(run: Run) -> str:
    """Return how many ratios are below 4:1, and which is the worst, in words; "" if there are none."""
    found = ratios(run)
    if not found.low:
        return ""
    worst_row = found.low[0]
    verb = "is" if len(found.low) == 1 else "are"
    return (
        f"{len(found.low)} of {found.values} {verb} below {LEAST_TUR:g}:1, the worst is {ratio(worst_row.tur)}, "
        f"{worst_row.name} in {worst_row.case}"
    )


def rules_used(run: Run) -> list[tuple[str, int]]:
    """Return the decision rules that judged something, with how many values each judged."""
    used = Counter(row.rule for row in run.rows.measurements if row.rule and not (row.low is None and row.high is None))
    return sorted(used.items())


def statements(run: Run) -> list[str]:
    """Return what the plans ask the report to say on its first page, and what a named medicine makes of the device."""
    said = list(dict.fromkeys(plan.statement for plan in run.rows.plans if plan.statement))
    medicine = run.rows.opened["claims"]["device"].get("medicine")
    if medicine:
        said.append(
            f"labelled for the medicine {medicine}: a device that names a medicine is regulated with that medicine, "
            "and no result of this run speaks for the treatment with it"
        )
    return said


def trust(run: Run) -> list[Trust]:
    """Return what speaks for and against believing this record, strongest first."""
    rows = run.rows
    lines = [Trust(True, f"Record: {run.count} events, chain unbroken, head {run.head[:16]}…")]
    lines += [Trust(False, f"Record: {doubt}") for doubt in run.doubts]
    if run.virtual:
        lines.append(Trust(False, "Bench: virtual. This is no evidence of conformity of hardware"))
    else:
        lines.append(Trust(True, "Bench: real instruments"))
    if run.replay:
        lines.append(Trust(None, f"Wires: {run.replay}"))
    instruments = [row for row in rows.instruments if row.name != DEVICE]
    with_certificate = [row for row in instruments if row.certificate]
    due = min((row.due for row in with_certificate if row.due), default="")
    text = f"Instruments: {len(with_certificate)} of {len(instruments)} carry a certificate"
    ok = bool(instruments) and len(with_certificate) == len(instruments)
    lines.append(Trust(ok, text + (f"; next due {due}" if due else "")))
    lines.append(_checks(rows.check_standards))
    lines.append(_environment(rows.environment))
    unsafe = [row for row in rows.made_safe if not row.ok]
    left_on = sum(row.left_on for row in rows.interruptions)
    text = f"{len(unsafe)} times it could not be" if unsafe else f"{len(rows.made_safe)} times, each confirmed"
    text += f"; after {_times(left_on)} no line says so" if left_on else ""
    lines.append(Trust(not unsafe and not left_on if rows.made_safe or left_on else None, f"Bench made safe: {text}"))
    judged = [row for row in rows.measurements if row.rule and not (row.low is None and row.high is None)]
    if count := sum(bool(row.unverified_limit) for row in judged):
        words = "rest on entries that nobody checked against the text of the standard"
        lines.append(Trust(False, f"Limits: {count} of {len(judged)} judged values {words}"))
    if figures := unverified(run):
        values = sum(bool(row.unverified) for row in rows.measurements)
        words = f"{values} of {len(rows.measurements)} measured values rest on {len(figures)} unverified figures"
        lines.append(Trust(False, f"Data sheets: {words}, which nobody found in their source"))
    if words := ratio_words(run):
        lines.append(Trust(False, f"Test uncertainty ratio: {words}"))
    if count := len(rows.interruptions):
        resumed = sum(row.resumed for row in rows.interruptions)
        after = "resumed" if count == resumed else f"resumed after {resumed} of them" if resumed else "not resumed"
        lines.append(Trust(False, f"Interruptions: {count}, {after}"))
    problems = len(rows.problems)
    lines.append(Trust(not problems, f"Trouble of the bench or the harness: {problems or 'none'}"))
    return lines


def _times(interruptions: int) -> str:
    return "1 interruption" if interruptions == 1 else f"{interruptions} interruptions"


def _environment(readings: list[Environment]) -> Trust:
    bad = [row for row in readings if not row.ok]
    if bad:
        return Trust(False, f"Environment: {len(bad)} of {len(readings)} readings do not suit: {bad[0].reason}")
    return Trust(bool(readings) or None, f"Environment: recorded {len(readings)} times, suitable each time")


def _checks(checks: list[CheckStandard]) -> Trust:
    if not checks:
        return Trust(None, "Check standards: none were measured")
    bad = [row for row in checks if not row.ok]
    when = " and ".join(dict.fromkeys(row.when for row in checks))
    if bad:
        return Trust(False, f"Check standards: {len(bad)} of {len(checks)} are outside the action limit")
    return Trust(True, f"Check standards: all {len(checks)} are inside the action limit, at {when}")
