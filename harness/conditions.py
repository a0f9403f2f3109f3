"""The conditions of a case: what its sweep asks for, unfolded against the claims, and bound to the method."""

from collections.abc import Iterator
from typing import Any

from harness import units
from harness.claims import Claims, Undeclared
from harness.errors import ConfigError
from harness.plan import Case, Plan

# The suffix of a method's parameter, by the SI unit of the condition: load: 500 Ω binds to load_ohm.
SUFFIX = {"A": "_a", "V": "_v", "Ω": "_ohm", "s": "_s", "Hz": "_hz", "A·s": "_as", "A/s": "_a_per_s", "1": ""}
_EACH = ("site", "level", "waveform", "programme")
_LEVELS = ("lowest", "middle", "highest")
USUAL_SITE = "hands"
"""Where what does not depend on the site is measured, if the device is for it."""


Condition = tuple[str, str, str, Any]
"""Key in the plan, label as printed, parameter of the method, its value."""


class Inapplicable(Exception):  # noqa: N818 - it is no error: the maker says so
    """The device has nothing that a sweep asks for; the case does not apply, and the text says why."""


def combinations(plan: Plan, index: int, case: Case, claims: Claims) -> Iterator[list[Condition]]:
    """Yield the conditions of each case that a sweep unfolds to, in its order.

    Raises:
        ConfigError: The sweep asks for something that cannot be.
        Undeclared: It asks for something that the claims leave open.
        Inapplicable: It asks for something that the device has not, by its maker's word.
    """

    def extend(chosen: list[Condition], rest: list[str]) -> Iterator[list[Condition]]:
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


def _choices(key: str, asked: str | list[str | int], chosen: dict[str, Any], claims: Claims) -> list[Condition]:
    """Return the values of one swept key, given those chosen before it."""
    each = asked == "each"
    if key == "site" and asked == "any":
        return [(key, name, key, name) for name in [_any_site(claims)]]
    if isinstance(asked, str) and not each:
        raise ValueError(f"a sweep is a list, or 'each', or of a site 'any', not {asked!r}")
    if each and key not in _EACH:
        raise ValueError(f"'each' is known for {', '.join(_EACH)}: list the values of {key}")
    values = [] if isinstance(asked, str) else asked
    if key == "site":
        names = list(claims.content.sites) if each else [str(v) for v in values]
        if not names:
            raise Undeclared("sites")
        absent = [name for name in names if claims.has_none(f"sites.{name}")]
        if absent == names:
            raise Inapplicable(f"the maker declares that there is no sites.{', no sites.'.join(absent)}")
        names = [name for name in names if name not in absent]
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
    return [literal(key, value) for value in values]


def _any_site(claims: Claims) -> str:
    """Return the site for what does not depend on the site: the hands, or the first one that the device is for."""
    names = list(claims.content.sites)
    if not names:
        raise Undeclared("sites")
    return USUAL_SITE if USUAL_SITE in names else names[0]


def _levels(each: bool, values: list[str | int], chosen: dict[str, Any], claims: Claims) -> list[Condition]:
    if "site" not in chosen:
        raise ValueError("a sweep over levels needs the site before it")
    count = len(claims.levels(chosen["site"]))
    if each:
        return [("level", str(level), "level", level) for level in range(1, count + 1)]
    result: list[Condition] = []
    for value in values:
        named = {"lowest": 1, "middle": (count + 1) // 2, "highest": count}
        level = named.get(value) if isinstance(value, str) else value
        if level is None:
            raise ValueError(f"a level is a number or one of {', '.join(_LEVELS)}, not {value!r}")
        if not 1 <= level <= count:
            raise Undeclared(f"sites.{chosen['site']}.levels (level {level} of {count})")
        result.append(("level", str(value), "level", level))
    return result


def _supply(text: str, claims: Claims) -> Condition:
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


def _duration(text: str, programme: str, claims: Claims) -> Condition:
    if text in ("shortest", "longest"):
        return ("duration", text, "duration_s", claims.get(f"programmes.{programme}.{text}"))
    return ("duration", text, "duration_s", units.parse(text, "s"))


def literal(key: str, value: str | int | bool) -> Condition:
    """Return a condition that is given by its value."""
    if isinstance(value, str) and value[:1].isdigit():
        number, si = units.parse_any(value)
        return (key, value, key + SUFFIX.get(si, ""), number)
    return (key, str(value), key, value)
