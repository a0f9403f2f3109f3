"""What a case declares of a measure: its limit looked up in the claims and the standards, and where it comes from."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from harness import units
from harness.claim_paths import check_path
from harness.claims import Claims
from harness.claims_output import Tolerance
from harness.documents import Document
from harness.errors import ConfigError
from harness.library import Library
from harness.limits import Rule
from harness.plan import Bound, Case, LimitSource, Measure, PlanFile, placeholders


@dataclass(frozen=True, slots=True)
class Declared:
    """What one case declares of one measure, looked up. Numbers are in the SI unit; None where there is no bound.

    Attributes:
        name: As the method calls it.
        unit: As it is printed; "" for an observation.
        si: The SI unit that a reading must have.
        low: Lower bound.
        high: Upper bound.
        relative: Tolerance in proportion to the target, if the limit is a tolerance.
        absolute: Fixed part of that tolerance.
        target: Name of the measure that the tolerance is around, or None.
        target_value: The value it is around, if that is a claim.
        rule: The decision rule.
        source: Where the limit comes from, in words.
        report_only: Whether it is only reported.
        observed: Whether it is an observation.
        expected: What an observation must be.
        repeats: How many readings there must be.
        refine: How many further readings decide an undecided one; 0 for none.
        accuracy: The largest U, relative to the limit, that the rule `simple` may be used with; None is any.
        provenance: Where each bound, and what a tolerance is around, is from: "plan", "claim", or the provenance of a
            standard's entry.
    """

    name: str
    unit: str
    si: str
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    absolute: float = 0.0
    target: str | None = None
    target_value: float | None = None
    rule: Rule = Rule.GUARDED
    source: str = ""
    report_only: bool = False
    observed: bool = False
    expected: str | bool | int | None = None
    repeats: int = 1
    refine: int = 0
    accuracy: float | None = None
    provenance: tuple[str, ...] = ()


class _Found(NamedTuple):
    """A bound that was looked up: its value, its SI unit if that is known, its source in words, and its provenance."""

    value: Any
    si: str | None
    words: str
    provenance: str


def check_sources(document: Document[PlanFile], index: int, name: str, case: Case, library: Library) -> None:
    """Find a limit of the wrong kind, or one that nothing can declare, whatever these claims say.

    Raises:
        ConfigError: There is one; the text names file, line and key.
    """
    measure = case.measures[name]
    where = document.where("cases", index, "measures", name)
    si = units.si_of(measure.unit)[0] if measure.unit is not None else None
    try:
        for bound in (measure.max, measure.min, measure.of):
            unit = _unit_of(bound, case, library)
            if bound is not None and unit != si:
                said = bound if isinstance(bound, str) else bound.claim or bound.standard
                raise ConfigError(f"{said!r} is in {unit}, but the measure is in {measure.unit}")
        unit = _unit_of(measure.within, case, library)
        is_tolerance = isinstance(measure.within, LimitSource) and unit is None
        if measure.within is not None and unit not in ("1", si) and not (is_tolerance and si == "A"):
            raise ConfigError(f"a tolerance on {measure.unit} is a ratio or in {si}, not in {unit or 'A'}")
        _unit_of(measure.expected if isinstance(measure.expected, LimitSource) else None, case, library)
        for bound in (measure.max, measure.min, measure.within):
            standard = bound.standard if isinstance(bound, LimitSource) else None
            if (
                standard is not None
                and measure.rule == "simple"
                and library.standards.entries(standard)[0].accuracy is None
            ):
                raise ConfigError(f"{standard} states no accuracy of the scheme, which the rule 'simple' rests on")
    except (ConfigError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from None


def _unit_of(bound: Bound | None, case: Case, library: Library) -> str | None:
    """Return the SI unit of a bound; None of what is no quantity, or has parts of several units."""
    if bound is None:
        return None
    if isinstance(bound, str):
        if bound in case.measures:
            return units.si_of(case.measures[bound].unit or "1")[0]
        return units.parse_any(bound)[1]
    if bound.standard is not None:
        return library.standards.entries(bound.standard)[0].si_unit
    return check_path(bound.claim or "")


def declare(
    document: Document[PlanFile],
    index: int,
    name: str,
    measure: Measure,
    claims: Claims,
    library: Library,
    names: dict[str, Any],
) -> Declared:
    """Return what a case declares of one measure; names are its conditions.

    Raises:
        ConfigError: A limit cannot be what it is said to be.
        Undeclared: The claims leave it open.
    """

    def resolve(bound: Bound, si: str | None) -> _Found:
        where = document.where("cases", index, "measures", name)
        try:
            if isinstance(bound, str):
                value, unit = (units.parse(bound, si), si) if si else units.parse_any(bound)
                return _Found(value, unit, f"plan: {bound}", "plan")
            if bound.claim is not None:
                path = path_of(bound.claim, names, document, index, "measures", name)
                return _Found(claims.get(path), check_path(path), _claimed(path, claims), "claim")
            edition, entry = library.standards.entry(bound.standard or "", claims)
            words = f"{edition} {entry.clause} ({entry.provenance}, confidence {entry.confidence})"
            return _Found(entry.si(claims), entry.si_unit, words, entry.provenance)
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None

    if measure.unit is None:
        found = _Found(measure.expected, None, "plan", "plan")
        if isinstance(measure.expected, LimitSource):
            found = resolve(measure.expected, None)
        return Declared(
            name,
            "",
            "",
            observed=True,
            expected=found.value,
            source=found.words,
            repeats=measure.repeats,
            provenance=(found.provenance,),
        )
    si, _ = units.si_of(measure.unit)
    common: dict[str, Any] = {"rule": Rule(measure.rule), "repeats": measure.repeats, "refine": measure.refine or 0}
    if measure.report is not None:
        return Declared(name, measure.unit, si, report_only=True, source="reported only", **common)
    accuracy = None
    if measure.rule == "simple":
        bounds = (measure.min, measure.max, measure.within)
        named = [bound.standard for bound in bounds if isinstance(bound, LimitSource) and bound.standard]
        stated = [library.standards.entry(path, claims)[1].accuracy for path in named]
        accuracy = min((figure for figure in stated if figure is not None), default=None)
    if measure.within is not None:
        tolerance = resolve(measure.within, None)
        where = document.where("cases", index, "measures", name)
        relative, absolute = _tolerance(tolerance.value, tolerance.si, si, where)
        target, target_value, known = None, None, [tolerance.provenance]
        if isinstance(measure.of, str) and not measure.of[:1].isdigit():
            target, of_words = measure.of, measure.of
        else:
            assert measure.of is not None
            around = resolve(measure.of, si)
            target_value, of_words = around.value, around.words
            known.append(around.provenance)
        return Declared(
            name,
            measure.unit,
            si,
            relative=relative,
            absolute=absolute,
            target=target,
            target_value=target_value,
            source=f"{tolerance.words} of {of_words}",
            accuracy=accuracy,
            provenance=tuple(known),
            **common,
        )
    low = resolve(measure.min, si) if measure.min is not None else None
    high = resolve(measure.max, si) if measure.max is not None else None
    if low is not None and high is not None and low.value >= high.value:
        where = document.where("cases", index, "measures", name)
        raise ConfigError(f"{where}: the lower limit ({low.words}) must be below the upper one ({high.words})")
    found_bounds = [bound for bound in (low, high) if bound is not None]
    return Declared(
        name,
        measure.unit,
        si,
        low=low.value if low is not None else None,
        high=high.value if high is not None else None,
        source="; ".join(dict.fromkeys(bound.words for bound in found_bounds)),
        accuracy=accuracy,
        provenance=tuple(bound.provenance for bound in found_bounds),
        **common,
    )


def path_of(text: str, names: dict[str, Any], document: Document[PlanFile], index: int, *key: str) -> str:
    """Return a path with the conditions of a case in the places of their names.

    Raises:
        ConfigError: A name is no condition of the case.
    """
    try:
        return placeholders(text, names)
    except KeyError as error:
        where = document.where("cases", index, *key)
        raise ConfigError(
            f"{where}: {{{error.args[0]}}} is no condition of this case; there are {', '.join(names) or 'none'}"
        ) from None


def _claimed(path: str, claims: Claims) -> str:
    """Return a claim as the source of a limit, in words; of a fault, with who declared it.

    No standard says how fast a fault must end, so a limit that nobody stands for is none.

    Raises:
        Undeclared: The claims of the fault do not say who declared them.
    """
    section, name, *_ = path.split(".")
    if section != "faults":
        return f"claim {path}"
    return f"claim {path}, declared by {claims.get(f'faults.{name}.declared_by')}"


def _tolerance(value: Any, unit: str | None, si: str, where: str) -> tuple[float, float]:
    if isinstance(value, Tolerance):
        return value.relative, value.absolute
    if unit == "1":
        return float(value), 0.0
    if unit == si:
        return 0.0, float(value)
    raise ConfigError(f"{where}: a tolerance is a ratio, a quantity in {si}, or a claim with relative and absolute")
