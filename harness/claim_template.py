"""A claims file to fill in: every claim that there can be, commented out, with its meaning and who can supply it.

It is made from the model of the claims, so that it can never lack one, nor name one that there is not.
"""

import json
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.claim_fields import Whence, whence_of
from harness.claim_paths import members, unit_of, words_of
from harness.claims_faults import FAULT_WORDS, Fault
from harness.claims_file import ClaimsFile, StandardClaim
from harness.claims_output import Programme, Site
from harness.errors import ConfigError

MARKS = {
    Whence.OUTPUT: "O",
    Whence.ELECTRICAL: "E",
    Whence.FIRMWARE: "F",
    Whence.RISK: "R",
    Whence.LABELLING: "L",
    Whence.CHOICE: "C",
}
SITES = ("hands", "feet", "armpits")
# Names in the sections whose keys are names: what is in them, and in words what each is.
_NAMES: dict[str, tuple[type[BaseModel], dict[str, str]]] = {
    "standards": (
        StandardClaim,
        {"IEC60601-1": "such as edition IEC60601-1:2005", "IEC60601-2-10": "a clause is a key"},
    ),
    "sites": (Site, dict.fromkeys(SITES, "a place that is treated")),
    "programmes": (Programme, {"hyperhidrosis": "against sweating", "injury": "a short course for an injury"}),
    "faults": (Fault, dict(FAULT_WORDS)),
}
# In which unit a person would write a quantity.
_UNITS = {"A": "mA", "A/s": "mA/s", "A·s": "mA·min", "m²": "cm²", "A/m²": "mA/cm²", "1": "%"}
_COLUMN = 48


@dataclass(frozen=True)
class Basics:
    """What a device must declare before anything can be planned for it; what is left empty is filled in by hand.

    Attributes:
        manufacturer: Who makes it.
        model: What it is called.
        sites: Where it treats.
        answers: Other claims by their path, as they are written in the file.
    """

    manufacturer: str = ""
    model: str = ""
    sites: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


def write_template(path: Path, basics: Basics) -> None:
    """Write a claims file.

    Raises:
        ConfigError: It exists, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template(basics))
    except FileExistsError:
        raise ConfigError(f"{path} exists: a claims file is never written over, so name a new file") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def template(basics: Basics) -> str:
    """Return the text of a claims file in which everything but the basics is commented out."""
    return "\n".join(line.rstrip() for line in _Template(basics).lines()) + "\n"


class _Template:
    def __init__(self, basics: Basics) -> None:
        known = {"device.manufacturer": basics.manufacturer, "device.model": basics.model}
        self._answers = dict(basics.answers) | {path: _quoted(text) for path, text in known.items()}
        self._sites = basics.sites
        self._name = "-".join(f"{basics.manufacturer} {basics.model}".upper().split())

    def lines(self) -> Iterator[str]:
        """Yield the lines of the file."""
        yield "# What the maker declares. Take the # and the blank after it from a line, and from those that it stands"
        yield "# under; put a number in place of the dots, and name its source at the end, where the # goes as well."
        yield "# What nobody declares stays as it is, and what needs it is not evaluated."
        yield "# Who should know a figure:"
        yield from (f"#   [{mark}] {whence.value}" for whence, mark in MARKS.items())
        yield f"claims: {_quoted(self._name or 'NEW')}"
        yield "revision: 1"
        for name, info in ClaimsFile.model_fields.items():
            if name in ("claims", "revision"):
                continue
            yield ""
            if name == "has_none":
                yield _put("has_none: [supply.battery, device.medicine]", "what the device has not, by its path", 0)
            elif name == "sources":
                yield _put("sources:", "where a figure is from, by its path", 0)
                yield _put("sites.hands.maximum: data sheet of 2026-01-31, page 2", "", 1, 1)
            elif name in _NAMES:
                yield _put(f"{name}:", "", 0)
                yield from self._named(name)
            else:
                yield from self._field(name, info, name, 0, None, True)

    def _named(self, section: str) -> Iterator[str]:
        """Yield a block for each name of a section; what the fields mean is told in the first one."""
        model, words = _NAMES[section]
        names = self._sites or tuple(words) if section == "sites" else tuple(words)
        for index, name in enumerate(names):
            path = f"{section}.{name}"
            live = (section == "sites" and name in self._sites) or any(
                answer.startswith(f"{path}.") for answer in self._answers
            )
            commented = None if live else 1
            yield _put(f"{name}:", words.get(name, ""), 1, commented)
            if not index or live:
                yield from self._fields(model, path, 2, commented, not index)
            elif index == 1:
                yield _put("", "what stands above under the first one can stand under each", 2, commented)

    def _fields(
        self, model: type[BaseModel], path: str, depth: int, commented: int | None, told: bool
    ) -> Iterator[str]:
        for name, info in model.model_fields.items():
            yield from self._field(name, info, f"{path}.{name}", depth, commented, told)

    def _field(
        self, name: str, info: FieldInfo, path: str, depth: int, commented: int | None, told: bool
    ) -> Iterator[str]:
        """Yield the lines of a claim, or of a section of claims.

        Args:
            name: Its key.
            info: Its field.
            path: Where it stands.
            depth: How deep.
            commented: How deep the block stands that it is commented out with, or None.
            told: Whether to say what it means.
        """
        section = next((m for m in members(info.annotation) if _is_model(m)), None)
        if section is not None and not info.description:
            yield _put(f"{name}:", words_of(info) if told else "", depth, commented)
            yield from self._fields(section, path, depth + 1, commented, told)
            return
        whence = whence_of(info)
        words = f"[{MARKS[whence]}] {words_of(info)}" if whence is not None else words_of(info)
        answer = self._answers.get(path)
        if answer is not None:
            yield _put(f"{name}: {answer}", words if told else "", depth)
        else:
            hidden = commented if commented is not None else depth
            yield _put(f"{name}: {_hint(info)}", words if told else "", depth, hidden)


def _put(text: str, words: str, depth: int, commented: int | None = None) -> str:
    """Return a line at a depth, with words behind it; commented out together with the block at another depth."""
    lead = "  " * depth if commented is None else "  " * commented + "# " + "  " * (depth - commented)
    return f"{lead}{text}".ljust(_COLUMN) + f"  # {words}" if words else f"{lead}{text}"


def _hint(info: FieldInfo) -> str:
    """Return what a value looks like; taken over as it is, it is refused, or declares nothing."""
    unit = unit_of(info)
    return f"... {_UNITS.get(unit, unit)}" if unit is not None else _shape(info.annotation)


def _shape(annotation: Any) -> str:
    found = [m for m in members(annotation) if m is not type(None)]
    model = next((m for m in found if _is_model(m)), None)
    if model is not None:
        return "{" + ", ".join(f"{name}: {_hint(info)}" for name, info in model.model_fields.items()) + "}"
    for member in found:
        origin, arguments = typing.get_origin(member), typing.get_args(member)
        if origin is dict:
            return '{"...": ' + _shape(arguments[1]) + "}"
        if origin is list and typing.get_origin(arguments[0]) is Literal:
            return f"[{' | '.join(typing.get_args(arguments[0]))}]"
        if origin is Literal:
            return " | ".join(arguments)
    return {bool: "true | false", int: "..."}.get(found[0], "")


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _quoted(text: str) -> str:
    """Return a text as YAML, which may take it for something else if it is not quoted; "" is nothing."""
    return json.dumps(text, ensure_ascii=False) if text else ""
