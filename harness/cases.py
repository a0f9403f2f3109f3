"""Cases: a plan's sweeps unfolded against the claims, with every limit looked up, before anything is switched on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness import units
from harness.claims import Claims, Programme, Tolerance, Undeclared, check_path, check_value
from harness.documents import Document
from harness.errors import ConfigError
from harness.limits import Rule
from harness.plan import Applies, Bound, Case, LimitSource, Measure, Plan, PlanFile, placeholders
from harness.standards import Library

# The suffix of a method's parameter, by the SI unit of the condition: load: 500 Ω binds to load_ohm.
SUFFIX = {"A": "_a", "V": "_v", "Ω": "_ohm", "s": "_s", "Hz": "_hz", "A·s": "_as", "A/s": "_a_per_s", "1": ""}
_EACH = ("site", "level", "waveform", "programme")
_LEVELS = ("lowest", "middle", "highest")


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


@dataclass(frozen=True)
class PlannedCase:
    """One case as it will be run.

    Attributes:
        id: Base id with its conditions, unique in a run.
        base: Id of the case in its plan.
        plan: The plan that it is from.
        title: What it shows.
        verifies: Ids of requirements.
        method: Name of the method; "" for an inspection.
        inspection: The question to the inspector; "" for a method.
        conditions: As printed, by name.
        arguments: Keyword arguments of the method.
        measures: What is declared.
        missing: The claim that is missing, or "".
        inapplicable: Why the case does not apply, or "".
    """

    id: str
    base: str
    plan: Plan
    title: str
    verifies: tuple[str, ...]
    method: str = ""
    inspection: str = ""
    conditions: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, Declared] = field(default_factory=dict)
    missing: str = ""
    inapplicable: str = ""


def unfold(plan: Plan, claims: Claims, library: Library) -> list[PlannedCase]:
    """Return the cases of a plan, in its order.

    Raises:
        ConfigError: The plan names a requirement, a claim, an entry, a site or a level that cannot be.
    """
    result: list[PlannedCase] = []
    for index, case in enumerate(plan.content.cases):
        where = plan.document.where
        for requirement in case.verifies:
            if requirement not in library.requirements:
                known = ", ".join(sorted(library.requirements))
                raise ConfigError(
                    f"{where('cases', index, 'verifies')}: no requirement is called {requirement!r}; known are {known}"
                )
        result.extend(_unfold_case(plan, index, case, claims, library))
    return result


def _unfold_case(plan: Plan, index: int, case: Case, claims: Claims, library: Library) -> Iterator[PlannedCase]:
    whole: dict[str, Any] = {"base": case.id, "plan": plan, "title": case.title, "verifies": tuple(case.verifies)}
    if case.inspection is not None:
        yield PlannedCase(case.id, inspection=case.inspection, **whole)
        return
    method = case.method or ""
    _check_applies(plan.document, index, case)
    for name in case.measures:
        _check_sources(plan.document, index, name, case, library)
    try:
        combinations = list(_combinations(plan, index, case, claims))
    except Undeclared as undeclared:
        yield PlannedCase(case.id, method=method, missing=undeclared.path, **whole)
        return
    fixed = [_literal(key, value) for key, value in case.conditions.items()]
    for combination in combinations:
        keys = [*combination, *fixed]
        labels = {key: label for key, label, _, _ in keys}
        names = {key: label for key, label, _, _ in keys} | {parameter: value for _, _, parameter, value in keys}
        suffix = "-".join(label.replace(" ", "") for _, label, _, _ in combination)
        unfolded: dict[str, Any] = {"method": method, "conditions": labels, **whole}
        unfolded["arguments"] = {parameter: value for _, _, parameter, value in keys}
        case_id = f"{case.id}[{suffix}]" if suffix else case.id
        reason = ""
        try:
            reason = _inapplicable(plan.document, index, case, claims, names) or _wrong_site(claims, names)
            declared = (
                {}
                if reason
                else {
                    name: _declare(plan.document, index, name, measure, claims, library, names)
                    for name, measure in case.measures.items()
                }
            )
            yield PlannedCase(case_id, measures=declared, inapplicable=reason, **unfolded)
        except Undeclared as undeclared:
            yield PlannedCase(case_id, missing=undeclared.path, **unfolded)


# One swept condition: key in the plan, label as printed, parameter of the method, its value.
_Condition = tuple[str, str, str, Any]


def _combinations(plan: Plan, index: int, case: Case, claims: Claims) -> Iterator[list[_Condition]]:
    def extend(chosen: list[_Condition], rest: list[str]) -> Iterator[list[_Condition]]:
        if not rest:
            yield chosen
            return
        key, asked = rest[0], case.sweep[rest[0]]
        try:
            choices = _choices(key, asked, {p: v for _, _, p, v in chosen}, claims)
        except ValueError as error:
            raise ConfigError(f"{plan.document.where('cases', index, 'sweep', key)}: {error}") from None
        for condition in choices:
            yield from extend([*chosen, condition], rest[1:])

    return extend([], list(case.sweep))


def _choices(key: str, asked: str | list[str | int], chosen: dict[str, Any], claims: Claims) -> list[_Condition]:
    """Return the values of one swept key, given those chosen before it."""
    each = asked == "each"
    if isinstance(asked, str) and not each:
        raise ValueError(f"a sweep is a list, or 'each', not {asked!r}")
    if each and key not in _EACH:
        raise ValueError(f"'each' is known for {', '.join(_EACH)}: list the values of {key}")
    values = [] if isinstance(asked, str) else asked
    if key == "site":
        names = list(claims.content.sites) if each else [str(v) for v in values]
        if not names:
            raise Undeclared("sites")
        return [(key, name, key, name) for name in names]
    if key == "level":
        return _levels(each, values, chosen, claims)
    if key == "supply":
        return [_supply(str(value), claims) for value in values]
    if key == "waveform":
        known = claims.get("output.waveforms") if each else [str(v) for v in values]
        if not known:
            raise Undeclared("output.waveforms")
        return [(key, name, key, name) for name in known]
    if key == "programme":
        names = list(claims.content.programmes) if each else [str(v) for v in values]
        if not names:
            raise Undeclared("programmes")
        return [(key, name, key, name) for name in names]
    if key == "duration" and "programme" in chosen:
        return [_duration(str(value), chosen["programme"], claims) for value in values]
    return [_literal(key, value) for value in values]


def _levels(each: bool, values: list[str | int], chosen: dict[str, Any], claims: Claims) -> list[_Condition]:
    if "site" not in chosen:
        raise ValueError("a sweep over levels needs the site before it")
    count = len(claims.levels(chosen["site"]))
    if each:
        return [("level", str(level), "level", level) for level in range(1, count + 1)]
    result: list[_Condition] = []
    for value in values:
        named = {"lowest": 1, "middle": (count + 1) // 2, "highest": count}
        level = named.get(value) if isinstance(value, str) else value
        if level is None:
            raise ValueError(f"a level is a number or one of {', '.join(_LEVELS)}, not {value!r}")
        if not 1 <= level <= count:
            raise Undeclared(f"sites.{chosen['site']}.levels (level {level} of {count})")
        result.append(("level", str(value), "level", level))
    return result


def _supply(text: str, claims: Claims) -> _Condition:
    if text == "nominal":
        return ("supply", text, "supply_v", claims.get("supply.nominal"))
    if text in ("minimum", "maximum"):
        return ("supply", text, "supply_v", claims.get(f"supply.{text}"))
    value, si = units.parse_any(text)
    if si == "1":
        value *= claims.get("supply.nominal")
    elif si != "V":
        raise ValueError(f"a supply is 'nominal', a percentage of it, or a voltage, not {text!r}")
    return ("supply", text, "supply_v", float(f"{value:.12g}"))


def _duration(text: str, programme: str, claims: Claims) -> _Condition:
    if text in ("shortest", "longest"):
        return ("duration", text, "duration_s", claims.get(f"programmes.{programme}.{text}"))
    return ("duration", text, "duration_s", units.parse(text, "s"))


def _literal(key: str, value: str | int | bool) -> _Condition:
    if isinstance(value, str) and value[:1].isdigit():
        number, si = units.parse_any(value)
        return (key, value, key + SUFFIX.get(si, ""), number)
    return (key, str(value), key, value)


def _inapplicable(document: Document[PlanFile], index: int, case: Case, claims: Claims, names: dict[str, Any]) -> str:
    for condition in _applies(case):
        path = _path(condition.claim, names, document, index, "applies")
        if condition.declared and not claims.declared(path):
            return f"the claims declare no {path}"
        if condition.declared is None and not _holds(condition, claims.get(path)):
            wanted = condition.has if condition.has is not None else condition.equals
            return f"the claim {path} is not {wanted!r}"
    return ""


def _holds(condition: Applies, value: Any) -> bool:
    if condition.has is not None:
        return condition.has in value
    return bool(value == condition.equals)


def _wrong_site(claims: Claims, names: dict[str, Any]) -> str:
    if "programme" not in names or "site" not in names:
        return ""
    programme: Programme = claims.programme(names["programme"])
    if programme.sites is not None and names["site"] not in programme.sites:
        return f"the programme {names['programme']} is not for {names['site']}"
    return ""


def _path(text: str, names: dict[str, Any], document: Document[PlanFile], index: int, *key: str) -> str:
    try:
        return placeholders(text, names)
    except KeyError as error:
        where = document.where("cases", index, *key)
        raise ConfigError(
            f"{where}: {{{error.args[0]}}} is no condition of this case; there are {', '.join(names) or 'none'}"
        ) from None


def _applies(case: Case) -> list[Applies]:
    return case.applies if isinstance(case.applies, list) else [case.applies] if case.applies else []


def _check_applies(document: Document[PlanFile], index: int, case: Case) -> None:
    """Find a condition that can never hold: a typo there would make a case N/A and nobody miss it."""
    for condition in _applies(case):
        try:
            check_path(condition.claim)
            if condition.has is not None:
                check_value(condition.claim, condition.has, member=True)
            if condition.equals is not None:
                check_value(condition.claim, condition.equals, member=False)
        except ConfigError as error:
            raise ConfigError(f"{document.where('cases', index, 'applies')}: {error}") from None


def _check_sources(document: Document[PlanFile], index: int, name: str, case: Case, library: Library) -> None:
    """Find a limit of the wrong kind, or one that nothing can declare, whatever these claims say."""
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
            if standard is not None and measure.rule == "simple" and library.entry(standard).accuracy is None:
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
        return library.entry(bound.standard).si[1]
    return check_path(bound.claim or "")


def _declare(
    document: Document[PlanFile],
    index: int,
    name: str,
    measure: Measure,
    claims: Claims,
    library: Library,
    names: dict[str, Any],
) -> Declared:
    def resolve(bound: Bound, si: str | None) -> tuple[Any, str | None, str]:
        """Return the value of a bound, its SI unit if that is known, and its source in words."""
        where = document.where("cases", index, "measures", name)
        try:
            if isinstance(bound, str):
                value, unit = (units.parse(bound, si), si) if si else units.parse_any(bound)
                return value, unit, f"plan: {bound}"
            if bound.claim is not None:
                path = _path(bound.claim, names, document, index, "measures", name)
                value = claims.get(path)
                return value, check_path(path), _claimed(path, claims)
            entry = library.entry(bound.standard or "")
            value, unit = entry.si
            if si is not None and unit != si:
                raise ConfigError(f"{where}: {bound.standard} is in {unit}, but the measure is in {measure.unit}")
            words = f"{bound.standard} {entry.clause} ({entry.provenance}, confidence {entry.confidence})"
            return value, unit, words
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None

    if measure.unit is None:
        expected: Any = measure.expected
        source = "plan"
        if isinstance(expected, LimitSource):
            expected, _, source = resolve(expected, None)
        return Declared(name, "", "", observed=True, expected=expected, source=source, repeats=measure.repeats)
    si, _ = units.si_of(measure.unit)
    common: dict[str, Any] = {"rule": Rule(measure.rule), "repeats": measure.repeats, "refine": measure.refine or 0}
    if measure.report is not None:
        return Declared(name, measure.unit, si, report_only=True, source="reported only", **common)
    bounds = (measure.min, measure.max, measure.within)
    named = [bound.standard for bound in bounds if isinstance(bound, LimitSource) and bound.standard]
    accuracies = [a for path in named if (a := library.entry(path).accuracy) is not None]
    accuracy = min(accuracies, default=None) if measure.rule == "simple" else None
    if measure.within is not None:
        tolerance, unit, source = resolve(measure.within, None)
        relative, absolute = _tolerance(tolerance, unit, si, document.where("cases", index, "measures", name))
        target, target_value = None, None
        if isinstance(measure.of, str) and not measure.of[:1].isdigit():
            target, of_words = measure.of, measure.of
        else:
            assert measure.of is not None
            target_value, _, of_words = resolve(measure.of, si)
        return Declared(
            name,
            measure.unit,
            si,
            relative=relative,
            absolute=absolute,
            target=target,
            target_value=target_value,
            source=f"{source} of {of_words}",
            accuracy=accuracy,
            **common,
        )
    low = high = None
    sources = []
    if measure.min is not None:
        low, _, words = resolve(measure.min, si)
        sources.append(words)
    if measure.max is not None:
        high, _, words = resolve(measure.max, si)
        sources.append(words)
    if low is not None and high is not None and low >= high:
        where = document.where("cases", index, "measures", name)
        raise ConfigError(f"{where}: the lower limit ({sources[0]}) must be below the upper one ({sources[1]})")
    return Declared(
        name,
        measure.unit,
        si,
        low=low,
        high=high,
        source="; ".join(dict.fromkeys(sources)),
        accuracy=accuracy,
        **common,
    )


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
