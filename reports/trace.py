"""Traceability: hazard, control, requirement, case, measurement, verdict, and back; made from a record alone.

Plans that were not run have the same trace, from the events with which a run of them would open: then every case is
planned, and nothing is measured.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports import development, summary
from reports.fold import Tables
from reports.rows import Case, Control, Hazard, Measurement, Observation, Requirement
from reports.run import Run

PLANNED, LEFT_OUT, NOT_TESTED = "planned", "left out", summary.NOT_TESTED
PLANS_BANNER = "PLANS ONLY, NOTHING WAS MEASURED"
# Worst first: what nobody tested is worse than what was not asked for, and both are worse than a pass.
STATES = ("F", "N/E", NOT_TESTED, LEFT_OUT, PLANNED, "P", "N/A")
# What may be missing, the gravest first.
KINDS = (
    "Orphan cases",
    "Unknown controls",
    "Controls without a requirement",
    "Suspect links",
    "Untested requirements",
    "Left out by the selection",
    "Untested, with a stated reason",
)
Line = Measurement | Observation


@dataclass(frozen=True, slots=True)
class Base:
    """A case as it stands in its plan, with all that came of its variations.

    Attributes:
        base: Its id, without conditions.
        plan: Id of its plan.
        title: What it shows.
        verifies: Ids of requirements.
        means: "test", "inspection" or "external result"; "" of one that was left out.
        cases: Its variations that were planned.
        lines: What was measured and observed in them, in the order of the record.
        left_out: How many variations a selection left out.
    """

    base: str
    plan: str
    title: str
    verifies: tuple[str, ...]
    means: str
    cases: tuple[Case, ...]
    lines: tuple[Line, ...]
    left_out: int

    @property
    def state(self) -> str:
        """The worst of its variations: their verdicts, that they are only planned, and that some were left out."""
        return worst([*(case.verdict or PLANNED for case in self.cases), *[LEFT_OUT] * bool(self.left_out)])

    @property
    def conditional(self) -> bool:
        """Whether a variation passed, or failed, inside a guard band only."""
        return any(case.conditional for case in self.cases)

    @property
    def reason(self) -> str:
        """Why it is not a pass, in the words of its first variation that is as bad as the whole."""
        return next((case.reason for case in self.cases if case.verdict == self.state and case.reason), "")

    @property
    def told(self) -> Line | None:
        """The line that says most about the verdict: one as bad as the whole, and of those the least certain."""
        judged = [line for line in self.lines if line.verdict and (isinstance(line, Observation) or line.rule)]
        bad = [line for line in judged if line.verdict == self.state]
        return max(bad or judged, key=_doubt, default=None)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a trace should have and has not; text tells what and why."""

    kind: str
    id: str
    text: str


@dataclass(frozen=True)
class Trace:
    """All links of a run, or of plans alone.

    Attributes:
        run: Id of the run; "" for plans alone.
        hazards: By id.
        requirements: By id.
        bases: Cases as they stand in their plans, by id.
        plans: Title of each plan by its id.
        approvals: What the record says of the approval of each plan, by its id.
        selection: What was asked for, if not all was.
        remarks: What must be said wherever the trace is shown: that the bench is virtual, the plans are not approved,
            what speaks against the record.
    """

    run: str
    hazards: dict[str, Hazard]
    requirements: dict[str, Requirement]
    bases: dict[str, Base]
    plans: dict[str, str]
    approvals: dict[str, dict[str, Any]]
    selection: str
    remarks: tuple[str, ...]

    @cached_property
    def controls(self) -> dict[str, Control]:
        """All risk controls by id."""
        return {control.control: control for hazard in self.hazards.values() for control in hazard.controls}

    @cached_property
    def bases_of(self) -> dict[str, tuple[Base, ...]]:
        """The cases that verify each requirement, by its id."""
        found: dict[str, list[Base]] = {}
        for base in self.bases.values():
            for name in base.verifies:
                found.setdefault(name, []).append(base)
        return {name: tuple(bases) for name, bases in found.items()}

    @cached_property
    def requirements_of(self) -> dict[str, tuple[Requirement, ...]]:
        """The requirements that state each control, by its id."""
        found: dict[str, list[Requirement]] = {}
        for requirement in self.requirements.values():
            for name in requirement.controls:
                found.setdefault(name, []).append(requirement)
        return {name: tuple(requirements) for name, requirements in found.items()}

    def hazards_of(self, requirement: Requirement) -> tuple[Hazard, ...]:
        """Return the hazards that a requirement controls."""
        known = dict.fromkeys(self.controls[name].hazard for name in requirement.controls if name in self.controls)
        return tuple(self.hazards[name] for name in known)

    def above(self, base: Base) -> dict[str, list[str]]:
        """Return the hazards that a case stands against, each with the controls that its requirements state, by ids."""
        found: dict[str, list[str]] = {}
        for name in base.verifies:
            requirement = self.requirements.get(name)
            for control in requirement.controls if requirement is not None else ():
                known = found.setdefault(self.controls[control].hazard, []) if control in self.controls else []
                known += [control] if control not in known else []
        return found

    def state(self, requirement: Requirement) -> str:
        """Return what a requirement came to: the worst of its cases; one that does not apply is never a pass."""
        state = worst(base.state for base in self.bases_of.get(requirement.requirement, ()))
        return "N/A" if state == "P" and requirement.inapplicable else state

    def state_of_control(self, control: Control) -> str:
        """Return what a control came to: the worst of its requirements."""
        return worst(self.state(requirement) for requirement in self.requirements_of.get(control.control, ()))

    def state_of_hazard(self, hazard: Hazard) -> str:
        """Return what a hazard came to: the worst of its controls."""
        return worst(self.state_of_control(control) for control in hazard.controls)

    def suspect(self, requirement: str, base: Base) -> str:
        """Return why the link between a requirement and a case is suspect, or ""."""
        return str(self.approvals.get(base.plan, {}).get("suspect", {}).get(requirement, ""))

    @cached_property
    def gaps(self) -> dict[str, list[Gap]]:
        """All that is missing, by its kind, the gravest first."""
        kinds: dict[str, list[Gap]] = {kind: [] for kind in KINDS}
        for gap in (*self._gaps_above(), *self._gaps_below()):
            kinds[gap.kind].append(gap)
        return {kind: gaps for kind, gaps in kinds.items() if gaps}

    def _gaps_above(self) -> Iterator[Gap]:
        for requirement in self.requirements.values():
            name = requirement.requirement
            if name not in self.bases_of and requirement.untested:
                yield Gap("Untested, with a stated reason", name, requirement.untested)
            elif name not in self.bases_of:
                yield Gap("Untested requirements", name, requirement.text)
            for unknown in requirement.controls:
                if unknown not in self.controls:
                    yield Gap("Unknown controls", name, f"{unknown} is a control of no hazard")
        for control in self.controls.values():
            if control.control not in self.requirements_of:
                yield Gap(
                    "Controls without a requirement", control.control, f"{control.text} (against {control.hazard})"
                )

    def _gaps_below(self) -> Iterator[Gap]:
        for base in self.bases.values():
            unknown = [name for name in base.verifies if name not in self.requirements]
            if unknown or not base.verifies:
                text = f"it verifies {', '.join(unknown) or 'nothing'}, which is no requirement of this trace"
                yield Gap("Orphan cases", base.base, text)
            for name in base.verifies:
                if why := self.suspect(name, base):
                    yield Gap("Suspect links", f"{name} to {base.base}", f"{name} {why}")
            if base.left_out:
                of = f"{base.left_out} of {base.left_out + len(base.cases)} variations"
                yield Gap("Left out by the selection", base.base, f"{of}: {base.title}")


def worst(states: Iterable[str]) -> str:
    """Return the worst of states; of none it is "not tested"."""
    return min(states, key=STATES.index, default=NOT_TESTED)


def _doubt(line: Line) -> float:
    """Return how near a line is to its limit, in its uncertainty; beyond it is above zero, and an observation last."""
    if not isinstance(line, Measurement) or line.value is None:
        return -math.inf
    beyond = [line.value - line.high] if line.high is not None else []
    beyond += [line.low - line.value] if line.low is not None else []
    return max(beyond, default=-math.inf) / (line.U or 1.0)


def trace_of_run(run: Run) -> Trace:
    """Return the trace of a run, with what its report says on its first page."""
    remarks = [f"the run came to {run.verdict} {summary.scope(run)}"]
    remarks += [summary.VIRTUAL_BANNER] if run.virtual else []
    remarks += [*filter(None, (development.banner(run), run.replay, *run.doubts))]
    return trace_of(run.rows, run.id, remarks)


def trace_of(tables: Tables, run: str, remarks: Iterable[str]) -> Trace:
    """Return the trace of what a record says; run is its id, or "" for plans that were not run."""
    selection = tables.opened.get("selection") or {}
    return Trace(
        run,
        {row.hazard: row for row in tables.hazards},
        {row.requirement: row for row in tables.requirements},
        _bases(tables, selection.get("left_out", ())),
        {row.plan: row.title for row in tables.plans},
        development.approvals_of(tables),
        development.selection_words(selection),
        tuple(remarks),
    )


def _bases(tables: Tables, left_out: Iterable[dict[str, Any]]) -> dict[str, Base]:
    cases: dict[str, list[Case]] = {}
    lines: dict[str, list[Line]] = {}
    for case in tables.cases.values():
        cases.setdefault(case.base, []).append(case)
    told: list[Line] = [*tables.measurements, *tables.observations]
    for line in sorted(told, key=lambda row: row.seq):
        lines.setdefault(line.base, []).append(line)
    left = {said["case"]: said for said in left_out}
    bases = {}
    for name, members in cases.items():
        first = members[0]
        count = left.pop(name, {}).get("count", 0)
        own = tuple(lines.get(name, ()))
        bases[name] = Base(name, first.plan, first.title, first.verifies, _means(first), tuple(members), own, count)
    for name, said in left.items():
        bases[name] = Base(name, said["plan"], said["title"], tuple(said["verifies"]), "", (), (), said["count"])
    return bases


def _means(case: Case) -> str:
    return "external result" if case.external else "inspection" if case.inspection else "test"
