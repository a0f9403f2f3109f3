"""Paths of claims: what can stand at "sites.hands.maximum", in which unit, and what a file leaves undeclared."""

import types
import typing
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.claims_file import ClaimsFile
from harness.documents import Quantity
from harness.errors import ConfigError


def check_path(path: str) -> str | None:
    """Return the SI unit of the claim at a path, None if it is no quantity; names in braces stand for any name.

    Raises:
        ConfigError: No claim can be there; the text lists what can.
    """
    annotation, found = _walk(path)
    return unit_of(found) if found is not None else _unit_of(annotation)


def check_value(path: str, value: object, *, member: bool) -> None:
    """Find out that the claim at a path can have a value, or as `member` a list with it.

    Raises:
        ConfigError: It cannot; the text lists what it can have.
    """
    found = [m for m in members(claim_type(path)) if m is not type(None)]
    if member:
        found = [args[0] for m in found if typing.get_origin(m) is list and (args := typing.get_args(m))]
    allowed = [x for m in found for x in (typing.get_args(m) if typing.get_origin(m) is Literal else ())]
    if bool in found:
        allowed += [True, False]
    if not allowed and str not in found:
        raise ConfigError(
            f"the claim {path} is no {'list' if member else 'word'}, so that it cannot be asked for {value!r}"
        )
    if allowed and value not in allowed:
        raise ConfigError(f"the claim {path} can be {', '.join(map(repr, allowed))}, and never {value!r}")


def claim_type(path: str) -> Any:
    """Return the type of the claim at a path; names in braces stand for any name.

    Raises:
        ConfigError: No claim can; the text lists what can stand there.
    """
    return _walk(path)[0]


def field_at(path: str) -> FieldInfo | None:
    """Return the field of the claim at a path; None of a name, such as a site's.

    Raises:
        ConfigError: No claim can be there.
    """
    return _walk(path)[1]


def words_at(path: str) -> str:
    """Return in words what the claim at a path means; of a section, what is in it.

    Raises:
        ConfigError: No claim can be there.
    """
    annotation, found = _walk(path)
    return words_of(found) if found is not None else _title(annotation)


def words_of(info: FieldInfo) -> str:
    """Return in words what a field means; of a section, what is in it."""
    return info.description or _title(info.annotation)


def _title(annotation: Any) -> str:
    models = [m for m in members(annotation) if isinstance(m, type) and issubclass(m, BaseModel)]
    first = (models[0].__doc__ or "").partition("\n")[0].rstrip(".") if models else ""
    return first[:1].lower() + first[1:]


@lru_cache(maxsize=4096)
def _walk(path: str) -> tuple[Any, FieldInfo | None]:
    annotation: Any = ClaimsFile
    found: FieldInfo | None = None
    walked: list[str] = []
    for part in path.split("."):
        following: Any = None
        found = None
        known: set[str] = set()
        for member in members(annotation):
            if typing.get_origin(member) is dict:
                key, value = typing.get_args(member)
                names = set(typing.get_args(key))
                known |= names or {"any name"}
                if not names or part in names or part.startswith("{"):
                    following = value
            elif isinstance(member, type) and issubclass(member, BaseModel):
                known |= set(member.model_fields)
                if part in member.model_fields:
                    found = member.model_fields[part]
                    following = found.annotation
                elif part.startswith("{") and member.model_fields:
                    following = next(iter(member.model_fields.values())).annotation
        if following is None:
            place = ".".join(walked) or "the claims"
            raise ConfigError(f"no claim can be called {path!r}: under {place} there can be {', '.join(sorted(known))}")
        walked.append(part)
        annotation = following
    return annotation, found


def unit_of(info: FieldInfo) -> str | None:
    """Return the SI unit of a field, None if it is no quantity."""
    return next((m.si for m in info.metadata if isinstance(m, Quantity)), None) or _unit_of(info.annotation)


def _unit_of(annotation: Any) -> str | None:
    if typing.get_origin(annotation) is typing.Annotated:
        return next((m.si for m in annotation.__metadata__ if isinstance(m, Quantity)), None)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((unit for m in typing.get_args(annotation) if (unit := _unit_of(m))), None)
    return None


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the types that a type is one of."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return members(typing.get_args(annotation)[0])
    if origin is not None and origin not in (dict, list, Literal):
        return typing.get_args(annotation)
    return (annotation,)


def empty_sections(content: ClaimsFile) -> list[str]:
    """Return the sections of which a file declares nothing."""
    return [
        name
        for name, found in ClaimsFile.model_fields.items()
        if name not in ("has_none", "sources")
        and not found.is_required()
        and not any(True for _ in declared(getattr(content, name), ""))
    ]


def numbers_of(content: ClaimsFile) -> list[str]:
    """Return the paths of all numbers that a file declares of the device."""
    return [
        path
        for name in ClaimsFile.model_fields
        if name != "revision"
        for path, value in declared(getattr(content, name), name)
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def declared(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield path and value of everything that is declared in a part of the claims that stands at a path."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            yield from declared(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from declared(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from declared(inner, f"{path}.{index}")
    elif value is not None:
        yield path, value
