"""Why a case came to its verdict: from each value over rule, uncertainty and instruments to the hash of the plan."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from harness.errors import ConfigError
from harness.limits import REFINES
from reports import development
from reports.numbers import percent, plain, ratio, value_and_limits
from reports.rows import Case, Instrument, Measurement, Observation, WaveformRow
from reports.run import Run

_RULES = {
    "simple": "simple: the value must be inside of its limits; U has no say",
    "guarded": "guarded: a pass must be inside by U; inside by less is undecided",
    "guarded-binary": "guarded-binary: a pass must be inside by U; inside by less is a failure",
    "conditional": "conditional: inside, or outside, by less than U is told apart",
}


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the walk: what it is ("Rule"), and what is to be said of it, a line each."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueWalk:
    """The walk from one value, or one thing that was seen, down to its instruments; `seq` is its line in the record."""

    seq: int
    name: str
    verdict: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CaseWalk:
    """The walk of a case.

    Attributes:
        case: With its verdict and reason.
        values: The walk of each value, in the order of the record.
        links: What all of them rest on: plan, requirements, bench.
    """

    case: Case
    values: tuple[ValueWalk, ...]
    links: tuple[Link, ...]


def case_named(run: Run, name: str) -> Case:
    """Return a case by its full name, or by its id in the plan if it has no variations.

    Raises:
        ConfigError: There is none, or there are several; the text names what there is.
    """
    cases = run.rows.cases
    if name in cases:
        return cases[name]
    variations = [case for case in cases.values() if case.base == name]
    if len(variations) == 1:
        return variations[0]
    if variations:
        known = "; ".join(f"{case.case} ({case.verdict})" for case in variations[:8])
        more = f"; and {len(variations) - 8} more" if len(variations) > 8 else ""
        raise ConfigError(f"{name} was run {len(variations)} times, so name one of them: {known}{more}")
    near = ", ".join(alike(name, run))
    raise ConfigError(f"no case of {run.id} is called {name!r}; there are {near or 'none'}")


def alike(name: str, run: Run) -> list[str]:
    """Return up to four cases of a run whose names begin with a text that names none, or else are most like it."""
    cases = list(run.rows.cases)
    begin = [case for case in cases if name and case.startswith(name.rstrip("]"))]
    return (begin or get_close_matches(name, cases, 4, 0.3) or cases)[:4]


def walk(run: Run, case: Case) -> CaseWalk:
    """Return what a case rests on, from its values to the hash of its plan; a value of each attempt is there."""
    return next(walks(run, [case]))


def walks(run: Run, cases: Iterable[Case]) -> Iterator[CaseWalk]:
    """Give what each of some cases rests on, as `walk` does."""
    rows: dict[str, list[Measurement | Observation]] = {}
    for measured in run.rows.measurements:
        rows.setdefault(measured.case, []).append(measured)
    for seen in run.rows.observations:
        rows.setdefault(seen.case, []).append(seen)
    kept: dict[str, list[WaveformRow]] = {}
    for waveform in run.rows.waveforms:
        kept.setdefault(waveform.case, []).append(waveform)
    instruments = {row.name: _instrument(row.name, row) for row in run.rows.instruments}
    for case in cases:
        mine = sorted(rows.get(case.case, ()), key=lambda row: row.seq)
        values = []
        for row in mine:
            if isinstance(row, Measurement):
                links = _value(row, instruments, _readings(case, row, mine, kept.get(case.case, [])))
            else:
                links = _seen(row)
            values.append(ValueWalk(row.seq, row.name, row.verdict, links))
        yield CaseWalk(case, tuple(values), _below(run, case))


def as_text(found: CaseWalk, measure: str = "") -> list[str]:
    """Return a walk as lines for a terminal; measure leaves the values of all other names out.

    Raises:
        ConfigError: The case has no value of that name.
    """
    case = found.case
    chosen = [value for value in found.values if measure in ("", value.name)]
    if measure and not chosen:
        known = ", ".join(dict.fromkeys(value.name for value in found.values)) or "none"
        raise ConfigError(f"{case.case} has no value called {measure!r}; there are {known}")
    lines = [f"{case.case} is {case.verdict}" + (f": {case.reason}" if case.reason else ""), case.title]
    if not found.values:
        lines.append("nothing was measured or observed in it")
    for value in chosen:
        lines += ["", f"{value.name} is {value.verdict or 'not judged'} (line {value.seq} of the record)"]
        lines += _indented(value.links)
    return [*lines, "", "all of it rests on", *_indented(found.links)]


def _indented(links: tuple[Link, ...]) -> list[str]:
    lines = []
    for link in links:
        for index, line in enumerate(link.lines):
            lines.append(f"  {'' if index else link.title:<13} {line}")
    return lines


def _value(row: Measurement, instruments: dict[str, tuple[str, ...]], readings: list[str]) -> tuple[Link, ...]:
    value, u, low, high = value_and_limits(row.value, row.U, row.low, row.high)
    parts = [f"{value} {row.unit}, U = {u} {row.unit} (k = {plain(row.k, 4)}, 95 %)"]
    if row.reason:
        parts.append(row.reason)
    parts.append(f"attempt {row.attempt}, step {row.step!r}, at {plain(row.at_s)} s of bench time")
    links = [Link("Value", tuple(parts))]
    if low or high:
        bounds = f"{low or '−∞'} … {high or '∞'} {row.unit}"
        known = f", not verified: {row.unverified_limit}" if row.unverified_limit else ""
        links.append(Link("Limit", (f"{bounds}, from {row.limit}{known}",)))
    links.append(Link("Rule", _rule(row)))
    links.append(Link("Uncertainty", _budget(row)))
    links.append(Link("Readings", tuple(readings)))
    for name in row.instruments:
        links.append(Link("Instrument", instruments.get(name) or (f"{name}, which never identified itself",)))
    if not row.instruments:
        links.append(Link("Instrument", ("none: it is what the device says of itself",)))
    return tuple(links)


def _rule(row: Measurement) -> tuple[str, ...]:
    if not row.rule:
        return ("none: it is reported and not judged",)
    lines = [_RULES.get(row.rule, row.rule)]
    guard = 0.0 if row.rule == "simple" else row.U
    if guard is not None and row.value is not None:
        for bound, sign in ((row.low, 1.0), (row.high, -1.0)):
            if bound is not None:
                limit = bound + sign * guard
                way = "≥" if sign > 0 else "≤"
                holds = row.value >= limit if sign > 0 else row.value <= limit
                told = "holds" if holds else "does not hold"
                lines.append(f"{plain(row.value, 9)} {way} {plain(limit, 9)} {row.unit} {told}")
    tur = f"; test uncertainty ratio {ratio(row.tur)}" if row.tur else ""
    lines.append(f"p(nonconforming) {percent(row.p_nonconforming)}{tur}")
    return tuple(lines)


def _budget(row: Measurement) -> tuple[str, ...]:
    """Return the components, largest first, those of one source added with their signs."""
    sums: dict[str, float] = {}
    shapes: dict[str, str] = {}
    for source, u, distribution, _, figure in row.budget:
        sums[source] = sums.get(source, 0.0) + u
        unseen = ", data sheet not verified" if figure in row.unverified else ""
        shapes[source] = f"{distribution}{', ' + figure if figure else ''}{unseen}"
    variance = sum(u * u for u in sums.values())
    order = sorted(sums, key=lambda source: -abs(sums[source]))
    lines = [
        f"{plain(abs(sums[source]), 3)} {row.unit}, {100.0 * sums[source] ** 2 / variance if variance else 0.0:.0f} %: "
        f"{source} ({shapes[source]})"
        for source in order
    ]
    combined = f"u = {plain(row.u, 4)} {row.unit}, U = k·u"
    return (combined, *lines) if lines else ("none: it is exact, or nothing is known of it",)


def _readings(
    case: Case, row: Measurement, rows: list[Measurement | Observation], kept: list[WaveformRow]
) -> list[str]:
    same = [other for other in rows if isinstance(other, Measurement) and other.attempt == row.attempt]
    before = [other for other in same if other.seq < row.seq]
    lines = [f"line {row.seq}: {plain(row.value, 9)} {row.unit}"]
    for other in reversed(before):
        if other.name != row.name or other.reason != REFINES:
            break
        lines.append(f"line {other.seq}: {plain(other.value, 9)} {other.unit}, one of those that it is the mean of")
    of = case.measures.get(row.name, {}).get("of")
    against = next((other for other in reversed(before) if other.name == of), None)
    if against is not None:
        lines.append(f"line {against.seq}: {against.name} {plain(against.value, 9)} {against.unit}, held against it")
    for wave in kept:
        if wave.attempt == row.attempt and wave.step == row.step:
            lines.append(f"{wave.file}: {wave.name}, {wave.samples} samples, SHA-256 {wave.sha256}")
    return lines


def _instrument(name: str, row: Instrument) -> tuple[str, ...]:
    said = [" ".join(filter(None, (row.maker, row.model)))]
    said += [f"{word} {told}" for word in ("serial", "firmware", "driver") if (told := getattr(row, word))]
    lines = [": ".join(filter(None, (name, ", ".join(filter(None, said)))))]
    if row.certificate:
        lines.append(f"certificate {row.certificate} of {row.laboratory}, from {row.issued} until {row.due}")
    else:
        lines.append("it carries no certificate")
    return (*lines, f"digital certificate {row.digital}") if row.digital else tuple(lines)


def _seen(row: Observation) -> tuple[Link, ...]:
    links = [Link("Seen", (f"{row.value!r} in attempt {row.attempt}, step {row.step!r}", *filter(None, (row.reason,))))]
    links.append(Link("Must be", (f"{row.expected!r}" + (f", from {row.limit}" if row.limit else ""),)))
    return tuple(links)


def _below(run: Run, case: Case) -> tuple[Link, ...]:
    opened = run.rows.opened
    requirements = {row.requirement: row for row in run.rows.requirements}
    said = [f"{name} {requirements[name].text}" if name in requirements else name for name in case.verifies]
    plan = next(row for row in run.rows.plans if row.plan == case.plan)
    claims, bench = opened["claims"], opened["bench"]
    links = [
        Link("Requirement", tuple(said) or ("none",)),
        Link("Plan", (f"{plan.plan} revision {plan.revision}, {plan.title}", f"SHA-256 {plan.sha256}")),
        Link("Claims", (f"{claims['id']} revision {claims['revision']}", f"SHA-256 {claims['sha256']}")),
        Link("Bench", (f"{bench['name']} revision {bench['revision']}", f"SHA-256 {bench['sha256']}")),
        Link("Record", (f"{run.count} lines, head {run.head}",)),
    ]
    against = [*(["the bench is virtual: no evidence of conformity of hardware"] if run.virtual else []), *run.doubts]
    if development.banner(run):
        against.append(development.words(run))
    return (*links, Link("Against it", tuple(against))) if against else tuple(links)
