"""A trace as ReqIF, for requirement tools, and what a ReqIF file that comes back says of requirements otherwise.

Hazards, controls, requirements and cases are spec objects, their links spec relations that point up: a control to the
hazard that it mitigates, a requirement to the controls that it states, a case to the requirements that it verifies. The
values are plain strings in one line each. An import only tells what differs: our files are controlled, and changed by a
person.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import ConfigError
from reports.trace import Trace
from reports.trace_lines import said, verdict_words

if TYPE_CHECKING:
    from reqif.models.reqif_spec_object import ReqIFSpecObject
    from reqif.reqif_bundle import ReqIFBundle

# The names that ReqIF's implementation guide gives to what every tool has.
ID, TEXT = "ReqIF.ForeignID", "ReqIF.Text"
_ATTRIBUTES = {
    "Hazard": (ID, TEXT, "Sequence", "Situation", "Harm", "Severity", "Probability", "Risk", "Provenance", "State"),
    "Control": (ID, TEXT, "Kind", "State"),
    "Requirement": (
        ID,
        TEXT,
        "Area",
        "Rationale",
        "Sources",
        "Controls",
        "Verification",
        "Untested",
        "Fingerprint",
        "State",
    ),
    "Case": (ID, TEXT, "Plan", "Means", "State", "Verdict", "Measured"),
}
_RELATIONS = {
    "mitigates": ("Control", "Hazard"),
    "states": ("Requirement", "Control"),
    "verifies": ("Case", "Requirement"),
}
# What of a requirement is compared when a file comes back; what is worked out from other things is not.
COMPARED = (TEXT, "Area", "Rationale", "Sources", "Controls", "Verification", "Untested")
_OWN_ID = re.compile(r"REQ-[A-Z]+-\d{3}")


@dataclass(frozen=True, slots=True)
class Difference:
    """How one requirement of an imported file differs from ours.

    Attributes:
        requirement: Its id.
        kind: "new", "changed" or "gone".
        fields: Of a changed one for each field: what ours says, what theirs says; of others what it says.
    """

    requirement: str
    kind: str
    fields: dict[str, tuple[str, str]]


def write_reqif(trace: Trace, path: Path, at: str) -> Path:
    """Write a trace as ReqIF; at is the date and time of all its objects (ISO 8601). Return the path.

    Raises:
        ConfigError: The file cannot be written.
    """
    from reqif.unparser import ReqIFUnparser

    try:
        path.write_text(ReqIFUnparser.unparse(_bundle(trace, at)), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path


def differences(trace: Trace, path: Path) -> list[Difference]:
    """Return how the requirements of a ReqIF file differ from those of a trace: new, then changed, then gone.

    Of a changed requirement only what the file says is compared: an attribute that it leaves out is no change.

    Raises:
        ConfigError: The file is missing, is no ReqIF, or holds no requirements that can be told apart.
    """
    ours = {values[ID]: values for values in _requirements(trace)}
    theirs = read_requirements(path)
    found = [
        Difference(name, "new", {key: ("", value) for key, value in values.items() if key != ID})
        for name, values in theirs.items()
        if name not in ours
    ]
    for name, values in theirs.items():
        pairs = {key: (ours[name][key], values[key]) for key in COMPARED if key in values} if name in ours else {}
        changed = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
        if changed:
            found.append(Difference(name, "changed", changed))
    gone = [name for name in ours if name not in theirs]
    return found + [Difference(name, "gone", {TEXT: (ours[name][TEXT], "")}) for name in gone]


def read_requirements(path: Path) -> dict[str, dict[str, str]]:
    """Return the requirements of a ReqIF file by id, each with its attributes by their long names, in one line each.

    Requirements are the objects of the type "Requirement", or, in a file of another tool without such a type, all that
    have a text. Their id is ReqIF.ForeignID, else the name of the object if it looks like one of ours, else its
    identifier.

    Raises:
        ConfigError: The file is missing, is no ReqIF, or says an id twice.
    """
    bundle = _parsed(path)
    content = bundle.core_content.req_if_content if bundle.core_content is not None else None
    types = {kind.identifier: kind for kind in (content.spec_types or ())} if content is not None else {}
    objects = list(content.spec_objects or ()) if content is not None else []
    wanted = {name for name, kind in types.items() if kind.long_name == "Requirement"}
    found: dict[str, dict[str, str]] = {}
    for item in objects:
        values = _values(item, types)
        if item.spec_object_type not in wanted and (wanted or TEXT not in values):
            continue
        name = values.get(ID) or _named(item) or item.identifier
        if name in found:
            raise ConfigError(f"{path}: the requirement {name!r} is there twice: give one of them another {ID}")
        found[name] = values
    if not found:
        raise ConfigError(f"{path} holds no requirement: no object has the type 'Requirement', and none has {TEXT}")
    return found


def _parsed(path: Path) -> "ReqIFBundle":
    from reqif.parser import ReqIFParser

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}; name a ReqIF file") from None
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ConfigError(f"{path} declares a document type, which no ReqIF file needs: export it without")
    if raw.startswith(b"PK"):
        raise ConfigError(f"{path} is packed (.reqifz): unpack it, and name the .reqif file in it")
    try:
        return ReqIFParser.parse_from_string(raw.decode("utf-8-sig"))
    except Exception as error:  # the library raises whatever its walk through a strange file comes upon
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise ConfigError(f"{path} is no ReqIF file that can be read: {why}") from None


def _values(item: "ReqIFSpecObject", types: Mapping[str, Any]) -> dict[str, str]:
    kind = types.get(item.spec_object_type)
    names = {d.identifier: d.long_name for d in kind.attribute_definitions or ()} if kind is not None else {}
    values = {}
    for attribute in item.attributes:
        value = attribute.value_stripped_xhtml or attribute.value
        text = ", ".join(value) if isinstance(value, list) else value
        if attribute.value_stripped_xhtml:
            text = re.sub(r"<[^>]*>", " ", text)
        values[names.get(attribute.definition_ref) or attribute.definition_ref] = _one_line(text)
    return values


def _named(item: "ReqIFSpecObject") -> str:
    match = _OWN_ID.match(item.long_name or "")
    return match[0] if match else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _requirements(trace: Trace) -> Iterator[dict[str, str]]:
    for requirement in trace.requirements.values():
        yield {
            ID: requirement.requirement,
            TEXT: _one_line(requirement.text),
            "Area": _one_line(requirement.area),
            "Rationale": _one_line(requirement.rationale),
            "Sources": _one_line(requirement.source),
            "Controls": ", ".join(requirement.controls),
            "Verification": requirement.verification,
            "Untested": _one_line(requirement.untested),
            "Fingerprint": requirement.fingerprint,
            "State": trace.state(requirement),
        }


def _objects(trace: Trace) -> Iterator[tuple[str, dict[str, str]]]:
    """Give kind and values of each spec object."""
    for hazard in trace.hazards.values():
        names = ("sequence", "situation", "harm", "severity", "probability", "risk", "provenance")
        values = {name.capitalize(): _one_line(getattr(hazard, name)) for name in names}
        yield (
            "Hazard",
            {ID: hazard.hazard, TEXT: _one_line(hazard.title), **values, "State": trace.state_of_hazard(hazard)},
        )
    for control in trace.controls.values():
        text, state = _one_line(control.text), trace.state_of_control(control)
        yield "Control", {ID: control.control, TEXT: text, "Kind": control.kind, "State": state}
    for values in _requirements(trace):
        yield "Requirement", values
    for base in trace.bases.values():
        told = base.told
        values = {
            ID: base.base,
            TEXT: _one_line(base.title),
            "Plan": base.plan,
            "Means": base.means,
            "State": base.state,
        }
        yield "Case", {**values, "Verdict": _one_line(verdict_words(base)), "Measured": said(told) if told else ""}


def _links(trace: Trace) -> Iterator[tuple[str, str, str]]:
    """Give kind, source and target of each relation."""
    for control in trace.controls.values():
        yield "mitigates", control.control, control.hazard
    for requirement in trace.requirements.values():
        yield from (
            ("states", requirement.requirement, name) for name in requirement.controls if name in trace.controls
        )
    for base in trace.bases.values():
        yield from (("verifies", base.base, name) for name in base.verifies if name in trace.requirements)


def _bundle(trace: Trace, at: str) -> "ReqIFBundle":
    from reqif.models.reqif_core_content import ReqIFCoreContent
    from reqif.models.reqif_data_type import ReqIFDataTypeDefinitionString
    from reqif.models.reqif_namespace_info import ReqIFNamespaceInfo
    from reqif.models.reqif_req_if_content import ReqIFReqIFContent
    from reqif.models.reqif_reqif_header import ReqIFReqIFHeader
    from reqif.models.reqif_spec_object import ReqIFSpecObject, SpecObjectAttribute
    from reqif.models.reqif_spec_object_type import ReqIFSpecObjectType, SpecAttributeDefinition
    from reqif.models.reqif_spec_relation import ReqIFSpecRelation
    from reqif.models.reqif_spec_relation_type import ReqIFSpecRelationType
    from reqif.models.reqif_specification_type import ReqIFSpecificationType
    from reqif.models.reqif_types import SpecObjectAttributeType
    from reqif.object_lookup import ReqIFObjectLookup
    from reqif.reqif_bundle import ReqIFBundle

    text = SpecObjectAttributeType.STRING

    def definition(kind: str, name: str) -> SpecAttributeDefinition:
        return SpecAttributeDefinition(text, _attribute(kind, name), "datatype-text", last_change=at, long_name=name)

    kinds: list[Any] = [
        ReqIFSpecObjectType(
            f"type-{kind}",
            last_change=at,
            long_name=kind,
            attribute_definitions=[definition(kind, name) for name in names],
        )
        for kind, names in _ATTRIBUTES.items()
    ]
    kinds += [ReqIFSpecRelationType(f"type-{name}", last_change=at, long_name=name) for name in _RELATIONS]
    kinds.append(
        ReqIFSpecificationType("type-Specification", last_change=at, long_name="Specification", is_self_closed=True)
    )
    objects = list(_objects(trace))
    content = ReqIFReqIFContent(
        data_types=[
            ReqIFDataTypeDefinitionString("datatype-text", last_change=at, long_name="Text", max_length="32000")
        ],
        spec_types=kinds,
        spec_objects=[
            ReqIFSpecObject(
                values[ID],
                [SpecObjectAttribute(text, _attribute(kind, name), value) for name, value in values.items()],
                f"type-{kind}",
                last_change=at,
                long_name=values[ID],
            )
            for kind, values in objects
        ],
        spec_relations=[
            ReqIFSpecRelation(f"link-{source}-{target}", f"type-{kind}", source, target, last_change=at)
            for kind, source, target in _links(trace)
        ],
        specifications=list(_specifications(objects, at)),
    )
    header = ReqIFReqIFHeader(
        f"iontobench-{trace.run or 'plans'}",
        comment="; ".join(trace.remarks),
        creation_time=at,
        req_if_tool_id="iontobench",
        req_if_version="1.0",
        source_tool_id="iontobench",
        title=f"Traceability of run {trace.run}" if trace.run else "Traceability of the plans",
    )
    return ReqIFBundle(
        ReqIFNamespaceInfo.create_default(), header, ReqIFCoreContent(content), False, ReqIFObjectLookup.empty(), []
    )


def _specifications(objects: Iterable[tuple[str, dict[str, str]]], at: str) -> Iterator[Any]:
    """Give a specification for each kind of object, with all of them in order."""
    from reqif.models.reqif_spec_hierarchy import ReqIFSpecHierarchy
    from reqif.models.reqif_specification import ReqIFSpecification

    members: dict[str, list[str]] = {kind: [] for kind in _ATTRIBUTES}
    for kind, values in objects:
        members[kind].append(values[ID])
    for kind, names in members.items():
        children = [
            ReqIFSpecHierarchy(
                identifier=f"place-{name}",
                spec_object=name,
                level=1,
                last_change=at,
                editable=None,
                is_table_internal=None,
            )
            for name in names
        ]
        yield ReqIFSpecification(
            f"specification-{kind}",
            last_change=at,
            long_name=f"{kind}s",
            specification_type="type-Specification",
            children=children,
        )


def _attribute(kind: str, name: str) -> str:
    return f"attribute-{kind}-{name}"
