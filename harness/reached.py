"""What a dry run proves of plans: each declared measure is reached, in its unit, and nothing undeclared is handed over.

It is read from the record of a run by the one executor with the reference device on the virtual bench. What the device
came to there is of no interest, only whether its methods do what their plans declare.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.claims import UNDECLARED
from harness.finding import Findings
from harness.limits import REFINES
from harness.plan import Case, Plan
from harness.record import read_record
from harness.sufficiency import conditions

_PART = "measures"
_NOT_REACHED: dict[str, Any] = {"verdict": "N/E", "reason": "it was not reached"}


@dataclass
class _Handed:
    """What a method handed over in one case: how often each name, and in which unit."""

    times: Counter[str] = field(default_factory=Counter)
    refining: Counter[str] = field(default_factory=Counter)
    units: dict[str, str] = field(default_factory=dict)


@dataclass
class DryRun:
    """The record of a dry run, by case.

    Attributes:
        planned: What each case declares.
        ended: What each case came to.
        handed: What each method handed over.
        troubled: Cases in which something of ours went wrong.
        trouble: What ended the run early, or "".
    """

    planned: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)
    handed: dict[str, _Handed] = field(default_factory=lambda: defaultdict(_Handed))
    troubled: set[str] = field(default_factory=set)
    trouble: str = ""


def read_dry_run(record: Path) -> DryRun:
    """Return what a record says of how its methods ran.

    Raises:
        EvidenceError: The record is not whole.
    """
    run = DryRun()
    for entry in read_record(record):
        kind, data = entry["type"], entry["data"]
        if kind == "case_planned" and data["method"]:
            run.planned[data["case"]] = data
        elif kind == "case_ended" and data["case"] in run.planned:
            run.ended[data["case"]] = data
        elif kind == "problem":
            if data["case"] is None:
                run.trouble = run.trouble or f"{data['kind']}: {data['message']}"
            else:
                run.troubled.add(data["case"])
        elif kind in ("measured", "observed"):
            _take(run.handed[data["case"]], data)
    return run


def prove_reached(run: DryRun, plan: Plan, findings: Findings) -> None:
    """Find measures of a plan that are not reached, readings that are not declared, and cases that could not run."""
    if run.trouble:
        findings.problem(plan.content.plan, _PART, f"the dry run ended early: {run.trouble}")
    by_base: dict[str, list[str]] = defaultdict(list)
    for name, data in run.planned.items():
        if data["plan"] == plan.content.plan:
            by_base[data["base"]].append(name)
    proven = 0
    for index, case in enumerate(plan.content.cases):
        if case.method is not None:
            proven += _prove_case(run, plan, index, by_base[case.id], findings)
    if proven:
        findings.ok(plan.content.plan, _PART, f"{proven} were reached in a dry run as they are declared")


def _prove_case(run: DryRun, plan: Plan, index: int, unfolded: list[str], findings: Findings) -> int:
    """Find what is wrong with one case of a plan, over all its conditions; return how many measures are proven."""
    case, place = plan.content.cases[index], plan.document.where("cases", index, "method")
    begun: list[str] = []
    idle: dict[str, list[str]] = defaultdict(list)
    unfit = True
    for name in unfolded:
        ended = run.ended.get(name, _NOT_REACHED)
        verdict, reason = ended["verdict"], ended["reason"]
        if name in run.troubled or (case.needs and verdict == "N/E" and name not in run.handed):
            text = f"{place}: {case.method} cannot be run{conditions([name])}: {reason}"
            findings.problem(plan.content.plan, _PART, text)
            return 0
        if verdict == "N/A" or ended is _NOT_REACHED or reason.endswith(UNDECLARED):
            unfit &= verdict == "N/A"
            idle[reason].append(name)
        else:
            begun.append(name)
    if not begun:
        reasons = "; ".join(f"{reason}{conditions(names)}" for reason, names in idle.items())
        text = f"{place}: {case.method} was never run, so that nothing is proven of it: {reasons}"
        if unfit:
            advice = "the reference device is none that it is for: try it on one that is, before it is relied on"
            findings.warning(plan.content.plan, _PART, text, advice)
        else:
            findings.problem(plan.content.plan, _PART, text, "give it conditions that the reference device has")
        return 0
    wrong = list(_measures(run, plan, index, case, begun))
    for text in wrong:
        findings.problem(plan.content.plan, _PART, text)
    return 0 if wrong else len(case.measures)


def _measures(run: DryRun, plan: Plan, index: int, case: Case, begun: Iterable[str]) -> Iterator[str]:
    where, wrong = plan.document.where, defaultdict(list)
    for name in begun:
        handed = run.handed[name]
        for measure, declared in case.measures.items():
            extra = handed.refining[measure] // (declared.refine or 1)
            times = handed.times[measure] - extra
            if times == 0:
                what = "is declared and never measured: measure it, or take it out of the plan"
                wrong[measure, what].append(name)
            elif times != declared.repeats:
                wrong[measure, f"is measured {times} times, and declared {declared.repeats} times"].append(name)
            if declared.unit and (unit := handed.units.get(measure, declared.unit)) != declared.unit:
                wrong[measure, f"is handed over in {unit}, and declared in {declared.unit}"].append(name)
        for measure in handed.times.keys() - case.measures.keys():
            what = "is measured and not declared: declare it, or do not measure it"
            wrong[measure, what].append(name)
    for (measure, what), names in wrong.items():
        place = where("cases", index, "measures", measure)
        yield f"{place}: in the method {case.method}, {measure!r} {what}{conditions(names)}"


def _take(handed: _Handed, data: dict[str, Any]) -> None:
    """Take note of one event; a reading that refines another one is no reading of its own."""
    name = data["name"]
    if data["reason"] == REFINES:
        handed.refining[name] += 1
        return
    handed.times[name] += 1
    if data.get("unit"):
        handed.units[name] = data["unit"]
