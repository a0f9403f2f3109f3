"""The tables of the HTML report with every number already text, so that the template only lays them out."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from harness.limits import LEAST_TUR
from reports import svg
from reports.fold import WORST
from reports.numbers import decimals_of, duration, fixed, percent, plain, ratio, value_and_limits
from reports.rows import Case, Measurement, Observation, Plan
from reports.run import Run
from reports.summary import Budget, budgets, worst

RULES = {
    "simple": (
        "P on the limit or inside it, F outside. The acceptance limit is the limit itself (AL = TL); U is reported and "
        "has no say (IEC Guide 115, accuracy method)."
    ),
    "guarded": (
        "P inside the limit by at least U (AL = TL − U), F outside the limit. Between the two nothing is decided: N/E "
        "(ILAC-G8:09/2019, JCGM 106)."
    ),
    "guarded-binary": (
        "P inside the limit by at least U (AL = TL − U), F everywhere else, also inside the limit "
        "(ILAC-G8:09/2019, 4.2.2)."
    ),
    "conditional": (
        "P inside the limit by at least U; conditional P inside it by less; conditional F outside it by up to U; F "
        "beyond (ILAC-G8:09/2019, 4.2.3). A conditional pass is counted apart."
    ),
}

# From so many on, values that were measured alike are told in one line.
MANY_REPEATS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of results, as text: a measured value or an observation; `repeats` tells many values.

    `seqs` are the lines of the record that it tells, the one in full first; `tur` is the test uncertainty ratio,
    `low_tur` whether it is below 4:1, `unverified` names the figures of data sheets that U rests on and that nobody
    found in their source, `unverified_limit` tells the same of the limit.
    """

    name: str
    value: str
    U: str
    unit: str
    low: str
    high: str
    k: str
    rule: str
    p: str
    verdict: str
    conditional: bool
    reason: str
    bar: str
    source: str
    repeats: str = ""
    tur: str = ""
    low_tur: bool = False
    unverified: str = ""
    unverified_limit: str = ""
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case; `anchor` is linked to, `remark` is what its lines do not say, `height` counts its rows."""

    case: Case
    anchor: str
    variation: str
    remark: str
    lines: tuple[Line, ...]
    height: int


@dataclass(frozen=True, slots=True)
class BaseView:
    """All variations of one case of a plan, in one table; `unverified` tells of limits that nobody saw."""

    base: str
    title: str
    verifies: tuple[str, ...]
    cases: tuple[CaseView, ...]
    verdict: str
    conditional: bool
    tally: str
    sources: tuple[tuple[str, str], ...]
    unverified: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan with its tables."""

    plan: Plan
    bases: tuple[BaseView, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """One test method as it was carried out: its words, the steps it took, and the cases that used it."""

    name: str
    paragraphs: tuple[str, ...]
    steps: tuple[str, ...]
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BudgetView:
    """One uncertainty budget as text; lines are source, distribution, u, degrees of freedom, share of the variance."""

    name: str
    unit: str
    heading: str
    lines: tuple[tuple[str, str, str, str, str], ...]
    u: str
    dof: str
    k: str
    U: str


def anchors(run: Run) -> dict[str, str]:
    """Return a place in the page for each case, by its name."""
    return {name: f"case-{number}" for number, name in enumerate(run.rows.cases, start=1)}


def plans(run: Run) -> list[PlanView]:
    """Return the results of each plan, in the order of the record."""
    lines: dict[str, list[tuple[int, Line]]] = {}
    for repeats in _repeats(run.rows.measurements):
        lines.setdefault(repeats[0].case, []).append((repeats[0].seq, _line_of(repeats)))
    for seen in _seen_alike(run.rows.observations):
        lines.setdefault(seen[0].case, []).append((seen[0].seq, _observation_line(seen)))
    places = anchors(run)
    bases: dict[tuple[str, str], list[CaseView]] = {}
    for case in run.rows.cases.values():
        ordered = tuple(line for _, line in sorted(lines.get(case.case, ()), key=lambda item: item[0]))
        bases.setdefault((case.plan, case.base), []).append(
            CaseView(
                case,
                places[case.case],
                variation_of(case),
                _case_remark(case, ordered),
                ordered,
                max(sum(2 if line.reason or line.repeats else 1 for line in ordered), 1),
            )
        )
    return [
        PlanView(plan, tuple(_base(views) for (of, _), views in bases.items() if of == plan.plan))
        for plan in run.rows.plans
    ]


def _case_remark(case: Case, lines: tuple[Line, ...]) -> str:
    """Return the reason of a case, unless one of its lines gives it already."""
    return "" if any(line.reason and line.reason in case.reason for line in lines) else case.reason


def variation_of(case: Case) -> str:
    """Return what sets a case apart from the others of its base, in words."""
    inside = case.case.removeprefix(case.base).removeprefix("[").removesuffix("]")
    return inside.replace("-", " · ") if "[" in case.case else inside


def _base(views: list[CaseView]) -> BaseView:
    first = views[0].case
    counts = Counter(view.case.verdict for view in views)
    tally = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("F", "N/E", "P", "N/A") if counts[verdict])
    return BaseView(
        base=first.base,
        title=first.title,
        verifies=first.verifies,
        cases=tuple(views),
        verdict=worst(counts),
        conditional=any(view.case.conditional for view in views),
        tally=tally,
        sources=tuple(_sources(views)),
        unverified=any(line.unverified_limit for view in views for line in view.lines),
    )


def _sources(views: list[CaseView]) -> Iterator[tuple[str, str]]:
    """Give each quantity with where its limits come from, each source told once."""
    found: dict[str, list[str]] = {}
    for view in views:
        for line in view.lines:
            if line.source and line.source not in ("inspection", "reported only"):
                found.setdefault(line.name, []).append(line.source)
    for name, sources in found.items():
        told = _once(sources)
        more = f"; and {len(told) - 6} more, each in the record" if len(told) > 6 else ""
        yield name, "; ".join(told[:6]) + more


def _repeats(rows: list[Measurement]) -> Iterator[list[Measurement]]:
    """Give values that were measured alike in one case together, if there are many of them, else one by one."""
    alike: dict[tuple[object, ...], list[Measurement]] = {}
    for row in rows:
        alike.setdefault((row.case, row.attempt, row.name, row.unit, row.low, row.high, row.rule), []).append(row)
    for group in alike.values():
        if len(group) >= MANY_REPEATS:
            yield group
        else:
            yield from ([row] for row in group)


def _line_of(repeats: list[Measurement]) -> Line:
    """Return one line for values that were measured alike: the worst of them in full, and all of them by value."""
    worst_row = min(repeats, key=_badness)
    line = measurement_line(worst_row)
    if len(repeats) == 1:
        return line
    values = ", ".join(value_and_limits(row.value, row.U, row.low, row.high)[0] for row in repeats)
    least = min((row.tur for row in repeats if row.tur is not None), default=None)
    figures = ", ".join(_once(figure for row in repeats for figure in row.unverified))
    line = replace(line, tur=ratio(least), low_tur=least is not None and least < LEAST_TUR, unverified=figures)
    seqs = (worst_row.seq, *(row.seq for row in repeats if row is not worst_row))
    return replace(line, repeats=f"the {'worst' if line.rule else 'largest'} of {len(repeats)}: {values}", seqs=seqs)


def _badness(row: Measurement) -> tuple[int, float, float]:
    """Return a key that puts the worst value first: by verdict, by p(nonconforming), by size."""
    order = WORST.index(row.verdict) if row.verdict in WORST else len(WORST)
    p = row.p_nonconforming if row.p_nonconforming is not None else 0.0
    return order, -p, -abs(row.value) if row.value is not None else -math.inf


def measurement_line(row: Measurement) -> Line:
    """Return a measured value as text, with its small drawing."""
    value, spread, low, high = value_and_limits(row.value, row.U, row.low, row.high)
    judged = bool(row.rule) and not (row.low is None and row.high is None)
    # A value that is only reported was not judged, whatever verdict stands for that in the record.
    reported = not row.rule and row.verdict in ("", "N/A")
    return Line(
        name=row.name,
        value=value,
        U=spread,
        unit="" if row.unit == "1" else row.unit,
        low=low,
        high=high,
        k="" if row.k is None or not row.U else fixed(row.k, 2),
        rule=row.rule if judged else "",
        p=percent(row.p_nonconforming) if judged else "",
        verdict="" if reported else row.verdict,
        conditional=row.conditional,
        reason="" if reported else row.reason,
        bar=svg.interval_bar(
            row.value, row.U, row.low, row.high, verdict=row.verdict, guarded=row.rule not in ("", "simple")
        ),
        source=row.limit if judged else "",
        tur=ratio(row.tur),
        low_tur=row.tur is not None and row.tur < LEAST_TUR,
        unverified=", ".join(row.unverified),
        unverified_limit=row.unverified_limit,
        seqs=(row.seq,),
    )


def _seen_alike(rows: list[Observation]) -> Iterable[list[Observation]]:
    """Return observations with equal results in one case together: they are told once, with how often."""
    alike: dict[tuple[object, ...], list[Observation]] = {}
    for row in rows:
        key = (row.case, row.attempt, row.name, row.value, row.expected, row.verdict, row.reason)
        alike.setdefault(key, []).append(row)
    return alike.values()


def _observation_line(seen: list[Observation]) -> Line:
    row, times = seen[0], len(seen)
    return Line(
        name=row.name,
        value=row.value,
        U="",
        unit="",
        low=f"must be {row.expected}" if row.expected else "",
        high="",
        k="",
        rule="",
        p="",
        verdict=row.verdict if row.expected else "",
        conditional=False,
        reason=row.reason,
        bar="",
        source=row.limit,
        repeats=f"the same {times} times" if times > 1 else "",
        seqs=tuple(one.seq for one in seen),
    )


def methods(run: Run, plan: str) -> list[Method]:
    """Return the methods of a plan, each told once."""
    steps: dict[str, list[str]] = {}
    for step in run.rows.steps:
        steps.setdefault(step.case, []).append(step.step)
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in run.rows.cases.values():
        if case.plan == plan:
            groups.setdefault((case.method or "inspection", case.procedure or case.inspection), []).append(case)
    return [
        Method(
            name=name,
            paragraphs=tuple(" ".join(part.split()) for part in procedure.split("\n\n") if part.strip()),
            steps=_longest(_once(_each(step) for step in steps.get(case.case, ())) for case in cases),
            bases=tuple(_once(case.base for case in cases)),
        )
        for (name, procedure), cases in groups.items()
    ]


def _each(step: str) -> str:
    """Return the title of a step without the number of its repeat, so that repeats are told once."""
    return re.sub(r"^Repeat \d+: ", "Each repeat: ", step)


def _longest(lists: Iterable[list[str]]) -> tuple[str, ...]:
    longest: list[str] = max(lists, key=len, default=[])
    return tuple(longest)


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def budget_views(run: Run) -> list[BudgetView]:
    """Return the uncertainty budgets as text."""
    return [budget_view(budget) for budget in budgets(run)]


def budget_view(budget: Budget) -> BudgetView:
    """Return an uncertainty budget as text; what is printed of an uncertainty is rounded up throughout."""
    shown = budget.shown
    decimals = decimals_of(shown.u, 1.0)
    value, spread, _, _ = value_and_limits(shown.value, shown.U, None, None)
    unit = "" if shown.unit == "1" else shown.unit
    _, smallest, _, _ = value_and_limits(shown.value, budget.smallest_U, None, None)
    count = f"{budget.results} results, U from {smallest} to {spread} {unit}".strip()
    one = budget.results == 1
    return BudgetView(
        name=budget.name,
        unit=unit,
        heading=f"{value} ± {spread} {unit}".strip()
        + (" in " + shown.case if one else f", the least certain of {count}"),
        lines=tuple(
            (source, distribution, _small(u, decimals + 1), _dof(dof), f"{100 * share:.1f} %")
            for source, u, distribution, dof, share in budget.lines
        ),
        u=fixed(shown.u, decimals + 1),
        dof=_dof(shown.dof),
        k=fixed(shown.k, 2),
        U=spread,
    )


def _small(u: float, decimals: int) -> str:
    """Return a component with the decimals of the sum, or in one digit where it would vanish among them."""
    return fixed(u, decimals) if u == 0 or u >= 10.0**-decimals else plain(u, 1)


def _dof(dof: float) -> str:
    return "∞" if math.isinf(dof) or dof > 1e6 else plain(dof, 3)


def spans(run: Run) -> tuple[str, str]:
    """Return how long the run took by the bench's clock and by the host's."""
    bench_s = run.rows.ended.get("bench_s") if run.rows.ended else None
    return duration(bench_s), duration(wall_s(run))


def wall_s(run: Run) -> float | None:
    """Return how long the run took by the host's clock, in seconds; None if the record does not say."""
    try:
        opened = datetime.fromisoformat(str(run.rows.opened_volatile["utc"]))
        return (datetime.fromisoformat(str(run.rows.ended_volatile["utc"])) - opened).total_seconds()
    except (KeyError, ValueError, TypeError):
        return None
