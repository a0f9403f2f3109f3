"""What the outcomes of a qualification say: which defects were caught, by which case, and which cases catch nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from harness.cases import PlannedCase
from harness.counting import Bounds, at_least, clopper_pearson, upper_bound
from harness.detection import Detection, detections
from harness.errors import ConfigError
from harness.qualification import Kind, Outcome, Specimen
from harness.student import normal_cdf

# So rare must false alarms be by the decision rule's own prediction to count as too many.
RARE = 0.005
# A check standard stops a good bench so often: beyond |En| = 1.5, which is 1.5 U of a difference that is normal.
BEYOND_ACTION = 2.0 * normal_cdf(-1.5 * 1.96)


class State(StrEnum):
    """What came of a specimen."""

    KILLED = "killed"
    MISSED = "not caught where it should be"
    SURVIVED = "survived"
    RATE = "caught at another rate than theory says"
    UNMET = "not met, as theory lets it"
    AS_OURS = "ended as our side's"
    AGAINST_DEVICE = "ended as a verdict on the device"
    UNNOTICED = "unnoticed"


class Cell(NamedTuple):
    """One defect in one plan: the case that caught it first, by how many U at the least, and how many cases did."""

    first: str
    margin: float | None
    cases: int
    seeds: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of all trials of one defect, or of one bench fault.

    Attributes:
        specimen: What was tried.
        state: What it came to.
        words: Why it is not killed, or "".
        expected: The cases that must notice it, as far as their plans were run.
        caught: In how many trials anything noticed it.
        trials: How many there were.
        bases: The cases that noticed it, with the number of trials.
        cells: For each plan what it did.
        detections: Of marginal and intermittent ones: counts against theory.
    """

    specimen: Specimen
    state: State
    words: str
    expected: tuple[str, ...]
    caught: int
    trials: int
    bases: dict[str, int]
    cells: dict[str, Cell]
    detections: tuple[Detection, ...] = ()

    @property
    def well(self) -> bool:
        """Whether it came to what it must."""
        return self.state in (State.KILLED, State.UNMET, State.AS_OURS)


@dataclass(frozen=True, slots=True)
class Column:
    """One case of the plans: what it has been shown to catch.

    Attributes:
        case: As it stands in its plan.
        title: What it shows.
        catches: Names of the defects that it caught.
        alone: Names of those that no other case caught.
        must: Names of those that it must catch.
    """

    case: str
    title: str
    catches: tuple[str, ...]
    alone: tuple[str, ...]
    must: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarms:
    """How often healthy devices were failed, beside what the decision rule predicts.

    Attributes:
        runs: Certifications of healthy devices that count: not stopped by a check standard, and not failed by our side.
        failed: Those with a case at F.
        judged: Values that were judged in them.
        expected: Number of failed ones that the decision rule predicts.
        chance: Probability of so many or more, if it predicts rightly.
        bounds: Exact 95 % confidence bounds of the rate.
        upper: Exact one-sided 95 % upper bound of the rate.
        undecided: Certifications with a case that was undecided.
        undecided_expected: Number of them that the decision rule predicts.
        stopped: Certifications that a check standard of the bench stopped or took back.
        stopped_expected: Number of them that the action limit predicts at most: checks that share an error count each.
        stopped_chance: Probability of so many or more, if it predicts rightly.
        cases: The cases that failed, with the number of runs.
        ours: Runs in which our side failed, with the reason.
    """

    runs: int
    failed: int
    judged: int
    expected: float
    chance: float
    bounds: Bounds | None
    upper: float
    undecided: int
    undecided_expected: float
    stopped: int
    stopped_expected: float
    stopped_chance: float
    cases: dict[str, int]
    ours: dict[str, str]

    @property
    def well(self) -> bool:
        """Whether there are not more false alarms than the decision rule predicts."""
        return self.chance > RARE

    @property
    def failures(self) -> dict[str, str]:
        """What failed on our side, with the reason; benches that are stopped too often are a failure too."""
        if self.stopped_chance > RARE:
            return self.ours
        words = (
            f"{self.stopped} beside {self.runs} that count were stopped, and {self.stopped_expected:.2g} are predicted"
        )
        return {**self.ours, "the check standards": words}


@dataclass(frozen=True, slots=True)
class Results:
    """What a qualification came to.

    Attributes:
        findings: Of each defect and each bench fault that was tried, survivors first.
        alarms: Of the healthy devices.
        columns: Of each case that is measured.
        left_out: Defects none of whose cases were run.
    """

    findings: tuple[Finding, ...]
    alarms: Alarms
    columns: tuple[Column, ...]
    left_out: tuple[str, ...]

    def of(self, kind: Kind) -> list[Finding]:
        """Return the findings of a kind."""
        return [finding for finding in self.findings if finding.specimen.kind is kind]

    @property
    def on_one_case(self) -> list[str]:
        """Defects that hang on one case only."""
        return [f.specimen.name for f in self.of(Kind.DEFECT) if len(f.bases) == 1]

    @property
    def exit_code(self) -> int:
        """0 if all is as it must be, 1 if the harness did not notice or raised a false alarm, 2 if our side failed."""
        if not all(finding.well for finding in self.findings) or not self.alarms.well:
            return 1
        nothing = not (self.findings or self.alarms.runs)
        return 2 if self.alarms.failures or nothing else 0


def in_scope(specimen: Specimen, cases: Iterable[PlannedCase]) -> tuple[str, ...]:
    """Return the cases that must notice a defect, as far as their plans are run.

    Raises:
        ConfigError: A plan that is run has no such case.
    """
    cases = tuple(cases)
    bases = {case.base for case in cases}
    plans = {case.plan.content.plan for case in cases}
    wanted = [case for case in specimen.cases if case.split("-")[0] in plans]
    if missing := [case for case in wanted if case not in bases]:
        raise ConfigError(f"the defect {specimen.name!r} must be noticed by {missing[0]}, which no plan has")
    return tuple(wanted)


def surprise(specimen: Specimen, outcome: Outcome, cases: Iterable[PlannedCase]) -> str:
    """Return why an outcome is not what must come of a specimen, or ""; of rare ones any case may be the one."""
    if specimen.kind is Kind.HEALTHY:
        if outcome.caught:
            return f"false alarm of {outcome.caught[0].case}"
        return _our_failure(outcome)
    if specimen.kind is Kind.BENCH_FAULT:
        return _bench_fault_words([outcome])[1]
    if outcome.stopped:
        return ""
    if specimen.rare:
        return "" if outcome.caught else "nothing noticed it"
    missing = sorted(set(in_scope(specimen, cases)) - outcome.bases)
    return f"{', '.join(missing)} did not notice it" if missing else ""


def results(specimens: Iterable[Specimen], outcomes: Iterable[Outcome], cases: Sequence[PlannedCase]) -> Results:
    """Return what outcomes say of the cases that were run.

    Raises:
        ConfigError: A defect names a case that its plan does not have.
    """
    by_name: dict[tuple[Kind, str], list[Outcome]] = defaultdict(list)
    for outcome in sorted(outcomes, key=lambda outcome: (outcome.job.name, outcome.job.seed)):
        by_name[(outcome.job.kind, outcome.job.name)].append(outcome)
    order = {base: index for index, base in enumerate(dict.fromkeys(case.base for case in cases))}
    findings: list[Finding] = []
    left_out: list[str] = []
    for specimen in specimens:
        known = by_name.get((specimen.kind, specimen.name), [])
        if specimen.kind is Kind.DEFECT and not in_scope(specimen, cases):
            left_out.append(specimen.name)
        elif known and specimen.kind is Kind.DEFECT:
            findings.append(_defect(specimen, known, in_scope(specimen, cases), order))
        elif known and specimen.kind is Kind.BENCH_FAULT:
            state, words = _bench_fault_words(known)
            caught = sum(not _bench_fault_words([outcome])[1] for outcome in known)
            findings.append(Finding(specimen, state, words, (), caught, len(known), {}, {}))
    findings.sort(key=lambda finding: (finding.specimen.kind, finding.well))
    healthy = [o for (kind, _), known in by_name.items() if kind is Kind.HEALTHY for o in known]
    return Results(tuple(findings), alarms(healthy), tuple(_columns(findings, cases)), tuple(left_out))


def alarms(healthy: Sequence[Outcome]) -> Alarms:
    """Return how often healthy devices were failed, beside what the decision rule predicts."""
    counted = [outcome for outcome in healthy if outcome.caught or not (outcome.stopped or _our_failure(outcome))]
    runs, failed = len(counted), sum(bool(outcome.caught) for outcome in counted)
    stopped = [outcome for outcome in healthy if outcome.stopped]
    stops = [min(1.0, outcome.checks * BEYOND_ACTION) for outcome in healthy]
    chances = [min(1.0, outcome.p_fail) for outcome in counted]
    return Alarms(
        runs,
        failed,
        sum(outcome.judged for outcome in counted),
        sum(chances),
        at_least(failed, chances),
        clopper_pearson(failed, runs) if runs else None,
        upper_bound(failed, runs) if runs else 1.0,
        sum(bool(outcome.undecided) for outcome in counted),
        sum(min(1.0, outcome.p_undecided) for outcome in counted),
        len(stopped),
        sum(stops),
        at_least(len(stopped), stops),
        dict(Counter(caught.case for outcome in counted for caught in outcome.caught)),
        {str(o.job): why for o in healthy if (why := _our_failure(o))},
    )


def _our_failure(outcome: Outcome) -> str:
    """Return what failed on our side, or ""; a bench that its check standards stop did what it must."""
    if outcome.stopped:
        return ""
    failed = [f"{case}: {why}" for case, why in outcome.ours.items()]
    failed += [f"{case} was not evaluated" for case in outcome.open]
    return outcome.trouble or next(iter(failed), "" if outcome.exit_code != 2 else "the certification has exit code 2")


def _defect(
    specimen: Specimen, outcomes: Sequence[Outcome], expected: tuple[str, ...], order: Mapping[str, int]
) -> Finding:
    if not (tried := [outcome for outcome in outcomes if not outcome.stopped]):
        words = f"never tried: the bench was stopped by {outcomes[0].stopped}"
        return Finding(specimen, State.SURVIVED, words, expected, 0, 0, {}, {})
    outcomes = tried
    bases = Counter(base for outcome in outcomes for base in outcome.bases)
    bases = Counter({base: bases[base] for base in sorted(bases, key=order.__getitem__)})
    caught = sum(bool(outcome.caught) for outcome in outcomes)
    found = detections(specimen, outcomes)
    state, words = State.KILLED, ""
    missed = {base: len(outcomes) - bases[base] for base in expected if bases[base] < len(outcomes)}
    off = [detection for detection in found if not detection.well]
    if (off and not caught) or (not found and caught < len(outcomes)):
        seeds = [o.job.seed for o in outcomes if not o.caught]
        why = next((f": {_our_failure(o)}" for o in outcomes if not o.caught and _our_failure(o)), "")
        state, words = State.SURVIVED, f"nothing noticed it with seed {', '.join(map(str, seeds[:5]))}{why}"
    elif off:
        state, words = State.RATE, "; ".join(detection.words for detection in off)
    elif found and not caught:
        state, words = State.UNMET, "; ".join(detection.words for detection in found)
    elif missed and not found:
        listed = ", ".join(f"{base} ({count} of {len(outcomes)})" for base, count in missed.items())
        state, words = State.MISSED, f"did not notice it: {listed}"
    return Finding(specimen, state, words, expected, caught, len(outcomes), dict(bases), _cells(outcomes), tuple(found))


def _cells(outcomes: Sequence[Outcome]) -> dict[str, Cell]:
    """Return for each plan the case that was first most often, its least margin, most cases, and how many trials."""
    cells: dict[str, Cell] = {}
    for plan in dict.fromkeys(base.split("-")[0] for o in outcomes for base in (c.base for c in o.caught)):
        firsts, margins, counts = Counter[str](), defaultdict[str, list[float | None]](list), []
        for outcome in outcomes:
            inside = [caught for caught in outcome.caught if caught.case.startswith(f"{plan}-")]
            if inside:
                firsts[inside[0].case] += 1
                margins[inside[0].case].append(inside[0].margin)
                counts.append(len(inside))
        first = firsts.most_common(1)[0][0]
        numbers = [margin for margin in margins[first] if margin is not None]
        cells[plan] = Cell(first, min(numbers) if numbers else None, max(counts), len(counts))
    return cells


def _bench_fault_words(outcomes: Sequence[Outcome]) -> tuple[State, str]:
    """Return what came of a bench fault; it must end as our side's, and never as a verdict on the device."""
    for outcome in outcomes:
        if outcome.caught:
            words = f"{outcome.caught[0].case} is F with seed {outcome.job.seed}"
            return State.AGAINST_DEVICE, words
    for outcome in outcomes:
        if outcome.crashed:
            return State.UNNOTICED, f"never tried with seed {outcome.job.seed}: {outcome.trouble}"
        if not (outcome.stopped or _our_failure(outcome)):
            what = f"{outcome.undecided[0]} is undecided, no more" if outcome.undecided else "the device complies"
            return State.UNNOTICED, f"{what} with seed {outcome.job.seed}"
    return State.AS_OURS, ""


def _columns(findings: Iterable[Finding], cases: Iterable[PlannedCase]) -> Iterable[Column]:
    defects = [finding for finding in findings if finding.specimen.kind is Kind.DEFECT]
    for base, case in {case.base: case for case in cases if case.method}.items():
        catches = [finding for finding in defects if base in finding.bases]
        yield Column(
            base,
            case.title,
            tuple(finding.specimen.name for finding in catches),
            tuple(finding.specimen.name for finding in catches if len(finding.bases) == 1),
            tuple(finding.specimen.name for finding in defects if base in finding.expected),
        )
