"""Controlled documents: strict YAML in, frozen models out, and an error that names file, line and key.

YAML here is the 1.2 core schema without aliases: a key given twice, an alias, an unknown key or a second document is an
error, never a warning, because a typo in a test plan is a wrong test.
"""

import hashlib
import re
import types
import typing
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import core_schema

from harness import units
from harness.errors import ConfigError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Plain(_Loader):  # type: ignore[misc]
    """A loader that resolves nothing: what a plain scalar means is decided on this page."""

    yaml_implicit_resolvers: typing.ClassVar[dict[str, Any]] = {}


_TAGS = {None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
_NULL = re.compile(r"|~|null|Null|NULL")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class Strict(BaseModel):
    """The base of every model: no unknown keys, no changes, no quiet conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True)
class Quantity:
    """A field that is written with a unit ("20 mA") and is a float of an SI unit inside.

    Attributes:
        si: The SI unit, as in harness.units.TABLE.
    """

    si: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        """Return how pydantic reads it."""
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        """Return how an editor checks it."""
        allowed = "|".join(re.escape(spelling) for spelling in units.TABLE[self.si])
        schema: dict[str, Any] = {
            "type": "string",
            "pattern": rf"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*({allowed})\s*$",
            "description": f"a number with a unit: {', '.join(units.TABLE[self.si])}",
        }
        return {"anyOf": [schema, {"type": "number"}]} if self.si == "1" else schema

    def _read(self, value: object) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and self.si == "1":
            return units.parse(repr(value), "1")
        if not isinstance(value, str):
            raise ValueError(f"{value!r} must be a number with a unit: {', '.join(units.TABLE[self.si])}")
        return units.parse(value, self.si)


Ampere = Annotated[float, Quantity("A")]
Volt = Annotated[float, Quantity("V")]
Ohm = Annotated[float, Quantity("Ω")]
Second = Annotated[float, Quantity("s")]
Hertz = Annotated[float, Quantity("Hz")]
Ratio = Annotated[float, Quantity("1")]
Coulomb = Annotated[float, Quantity("A·s")]
AmperePerSecond = Annotated[float, Quantity("A/s")]
SquareMetre = Annotated[float, Quantity("m²")]
AmperePerSquareMetre = Annotated[float, Quantity("A/m²")]
Celsius = Annotated[float, Quantity("°C")]
Humidity = Annotated[float, Quantity("%RH")]
Farad = Annotated[float, Quantity("F")]
Watt = Annotated[float, Quantity("W")]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Document(Generic[M]):
    """A file that was read.

    Attributes:
        path: Where it was.
        sha256: Of its bytes, in hex.
        content: What it says.
        lines: Line number of each key, by its path in the file ("cases", 0, "id").
    """

    path: Path
    sha256: str
    content: M
    lines: dict[tuple[str | int, ...], int]

    def where(self, *location: str | int) -> str:
        """Return "file:line:key" of a place in the file, or of the nearest one above it that is there."""
        return _where(self.path, self.lines, location)


def load(path: Path, model: type[M]) -> Document[M]:
    """Read a file into a model.

    Raises:
        ConfigError: The file is missing, is not YAML as this house takes it, or does not fit the model.
    """
    return read(read_bytes(path), path, model)


def read(raw: bytes, path: Path, model: type[M]) -> Document[M]:
    """Read the bytes of a file, which stood or stands at a path, into a model.

    Raises:
        ConfigError: They are not YAML as this house takes it, or do not fit the model.
    """
    data, lines = parse(raw, path)
    try:
        content = model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_explain(error, model, path, lines)) from None
    return Document(path, hashlib.sha256(raw).hexdigest(), content, lines)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file of ours.

    Raises:
        ConfigError: It is not there, or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist: check the name, or the folder that you are in") from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder, and must be a file: name one in it") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


def parse(raw: bytes, path: Path) -> tuple[Any, dict[tuple[str | int, ...], int]]:
    """Return plain data and the line of each key from the bytes of a YAML file.

    Raises:
        ConfigError: It is not YAML, has a key twice, an alias, a tag, or more than one document.
    """
    # The C parser of PyYAML recurses without looking at its stack: no file of ours comes near these counts.
    if raw.count(b"[") + raw.count(b"{") > 20_000 or raw.count(b"- -") > 1_000 or raw.count(b"? ?") > 1_000:
        raise ConfigError(f"{path}:1: the file is nested too deeply to be a document of ours")
    try:
        node = _Plain(raw).get_single_node()
        if node is None:
            raise ConfigError(f"{path}:1: the file is empty")
        lines: dict[tuple[str | int, ...], int] = {}
        return _construct(node, path, (), lines, set()), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        said = error.problem or error.context or ""
        hint = "; see how far this line and those before it are indented" if "expected" in said else ""
        raise ConfigError(f"{path}:{line}: this is not YAML: {said}{hint}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}:1: this is not YAML: {error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}:1: the file must be UTF-8 text: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise ConfigError(f"{path}:1: the file is nested too deeply to be a document of ours") from None


def _construct(
    node: Any, path: Path, at: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], seen: set[int]
) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(at, line)
    if id(node) in seen:
        raise ConfigError(f"{path}:{line}: {_dotted(at)}: YAML aliases (&, *) are not taken here: write the value out")
    seen.add(id(node))
    if node.tag not in _TAGS:
        raise ConfigError(f"{path}:{line}: {_dotted(at)}: the tag {node.tag!r} is not taken here: remove it")
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style in ("'", '"', "|", ">") else _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, path, (*at, i), lines, seen) for i, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError(f"{path}:{key_line}: {_dotted(at)}: a key must be a word")
        key = str(key_node.value)
        if key == "<<":
            raise ConfigError(f"{path}:{key_line}: {_dotted(at)}: merge keys (<<) are not taken here: write it out")
        if key in result:
            raise ConfigError(f"{path}:{key_line}: key {_dotted((*at, key))!r} is given twice: remove one of them")
        lines[(*at, key)] = key_line
        result[key] = _construct(value_node, path, (*at, key), lines, seen)
    return result


def _scalar(node: Any) -> Any:
    text: str = node.value
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _dotted(location: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in location) or "the file"


def _where(path: Path, lines: dict[tuple[str | int, ...], int], location: tuple[str | int, ...]) -> str:
    known = tuple(location)
    while known and known not in lines:
        known = known[:-1]
    return f"{path}:{lines.get(known, 1)}: {_dotted(location)}"


def _explain(
    error: ValidationError, model: type[BaseModel], path: Path, lines: dict[tuple[str | int, ...], int]
) -> str:
    found = []
    for problem in error.errors(include_url=False):
        location = tuple(part for part in problem["loc"] if _is_key(part, problem["loc"], lines))
        message = _message(problem, model)
        # A misspelt key is also a missing one, and a mapping is also no text: the first of each is what helps.
        no_text = problem["type"] == "string_type" and isinstance(problem["input"], dict)
        order = (_line(lines, location), problem["type"] != "extra_forbidden", no_text)
        found.append((order, f"{_where(path, lines, location)}: {message}"))
    found.sort(key=lambda item: item[0])
    more = f" (and {len(found) - 1} more in this file)" if len(found) > 1 else ""
    return found[0][1] + more


def _is_key(part: str | int, location: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> bool:
    # pydantic puts the names of union members among the keys; only what is in the file, or is missing, counts.
    is_type = isinstance(part, str) and (part in ("str", "int", "bool", "float") or "[" in part or part.istitle())
    return isinstance(part, int) or (part == location[-1] and not is_type) or any(part in key for key in lines)


def _line(lines: dict[tuple[str | int, ...], int], location: tuple[str | int, ...]) -> int:
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location, 1)


def _message(problem: Any, model: type[BaseModel]) -> str:
    kind, given = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        allowed = sorted(_keys_at(model, tuple(problem["loc"][:-1])))
        key = str(problem["loc"][-1])
        close = get_close_matches(key, allowed, 1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        return f"{key!r} is not a key here{hint}; known are {', '.join(allowed)}" if allowed else f"unknown key {key!r}"
    if kind == "missing":
        return "this key is missing, and must be given"
    if kind in ("model_type", "dict_type"):
        return "there must be a mapping of names to values here"
    if kind == "string_type":
        return f"must be a text, such as a quantity with its unit, not {given!r}"
    text = str(problem["msg"]).removeprefix("Value error, ")
    text = text[:1].lower() + text[1:] if not text.startswith(("YAML", "SI")) else text
    shown = f", not {given!r}" if isinstance(given, str | int | float | bool) and repr(given) not in text else ""
    return text.replace("input should be", "must be") + shown


def _keys_at(annotation: Any, location: tuple[str | int, ...]) -> set[str]:
    """Return the keys that a model takes at a place; of a union, those of all its members."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _keys_at(typing.get_args(annotation)[0], location)
    if origin in (typing.Union, types.UnionType):
        keys: set[str] = set()
        for member in typing.get_args(annotation):
            inner = location[1:] if location and location[0] == getattr(member, "__name__", None) else location
            keys |= _keys_at(member, inner)
        return keys
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        names = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        if not location:
            return set(names)
        return _keys_at(names[str(location[0])], location[1:]) if location[0] in names else set()
    arguments = typing.get_args(annotation)
    if origin in (dict, list, tuple) and arguments and location:
        return _keys_at(arguments[-1] if origin is dict else arguments[0], location[1:])
    return set()


@lru_cache
def package_file(room: str, *parts: str) -> Path:
    """Return the path of a file that one of the rooms carries, in a checkout or in an installed wheel."""
    return Path(__file__).resolve().parent.parent.joinpath(room, *parts)
