"""Fields of a record as numbers, or an error that tells what they must be."""

import math
from typing import Any

from reports.words import text


def require(fields: dict[str, Any], *names: str) -> None:
    """Find a field that is not there.

    Raises:
        KeyError: There is one.
    """
    for name in names:
        if name not in fields:
            raise KeyError(name)


def number(fields: dict[str, Any], name: str) -> float | None:
    """Return a field that is a number, or null for one that is missing.

    Raises:
        TypeError: It is something else.
    """
    value = fields[name]
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError(f"{name} must be a number, not {value!r}")
    return value


def finite(fields: dict[str, Any], name: str) -> float:
    """Return a field that is a finite number.

    Raises:
        TypeError: It is something else.
    """
    value = number(fields, name)
    if value is None or not math.isfinite(value):
        raise TypeError(f"{name} must be a number, not {value!r}")
    return value


def freedom(fields: dict[str, Any]) -> float:
    """Return degrees of freedom; null says infinitely many.

    Raises:
        TypeError: They are no number.
    """
    value = number(fields, "dof")
    return math.inf if value is None else value


def declared(measure: dict[str, Any]) -> dict[str, Any]:
    """Return what a plan declares of a measure, as the record tells it.

    Raises:
        TypeError: A limit or tolerance of it is no number.
    """
    for name in {"low", "high", "relative", "absolute"}.intersection(measure):
        number(measure, name)
    return dict(measure)


def component(
    source: object, u: object, distribution: object, dof: object, figure: object = ""
) -> tuple[str, float, str, float, str]:
    """Return a component of a budget: source, u, distribution, degrees of freedom, figure of a data sheet.

    Raises:
        TypeError: A number of it is none.
    """
    numbers = {"u": u, "dof": dof}
    return text(source), finite(numbers, "u"), text(distribution), freedom(numbers), text(figure)
