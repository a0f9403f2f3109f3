"""What claims leave undecided: which claim is missing, from whom it should come, and which requirements wait for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness.cases import unfold
from harness.claim_fields import Whence, whence_of
from harness.claim_paths import field_at, words_at
from harness.claim_tracing import Standing
from harness.claims import Claims
from harness.errors import ConfigError
from harness.library import Library
from harness.plan import Plan

NAMED = ("sites", "programmes", "faults", "standards")
"""The sections whose next part is a name."""


@dataclass(frozen=True)
class Need:
    """Claims of one meaning that are missing.

    Attributes:
        path: Where they stand; names that several share are in braces.
        words: What they mean.
        whence: From whom they should come.
        cases: Base ids of the cases that cannot be evaluated for want of them.
        requirements: Ids of the requirements that these cases verify.
    """

    path: str
    words: str
    whence: Whence
    cases: tuple[str, ...]
    requirements: tuple[str, ...]


def needs(
    claims: Claims, stand_in: Claims, plans: Iterable[Plan], library: Library, asked: Mapping[str, Iterable[str]]
) -> list[Need]:
    """Return what must be declared before all that the plans ask can be decided, in the order of the plans.

    Args:
        claims: Those that may lack something.
        stand_in: Claims that lack nothing that the plans ask; they are never judged by.
        plans: The plans.
        library: Standards and requirements.
        asked: What the methods ask for while they run, beyond the limits, by base id of the case; may be empty.

    Raises:
        ConfigError: A plan is wrong.
    """
    waiting: dict[str, dict[str, tuple[str, ...]]] = {}
    for plan in plans:
        for base, verifies, missing in _missing(plan, claims, stand_in, library, asked):
            for path in sorted(missing):
                waiting.setdefault(path, {})[base] = verifies
    grouped: dict[str, list[str]] = {}
    for path in waiting:
        grouped.setdefault(_general(path), []).append(path)
    return [_need(paths, waiting) for paths in grouped.values()]


def _missing(
    plan: Plan, claims: Claims, stand_in: Claims, library: Library, asked: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, tuple[str, ...], set[str]]]:
    """Yield base id, requirements and missing claims of each case that lacks some."""
    for case in plan.content.cases:
        alone = plan.content.model_copy(update={"cases": [case]})
        single = Plan(replace(plan.document, content=alone))
        standing = Standing(claims.document, stand_in=stand_in)
        try:
            cases = unfold(single, standing, library)
            missing = set(standing.missing)
        except ConfigError:
            # A claim and the stand-in for its counterpart may contradict each other: what is asked first is told then.
            cases = unfold(single, claims, library)
            missing = {planned.missing for planned in cases if planned.missing}
        if all(planned.inapplicable for planned in cases):
            continue
        missing |= {planned.missing for planned in cases if planned.missing}
        missing |= {path for path in asked.get(case.id, ()) if _is_its_own(path, claims) and not claims.declared(path)}
        if missing:
            yield case.id, tuple(case.verifies), {path.partition(" ")[0] for path in missing}


def _is_its_own(path: str, claims: Claims) -> bool:
    """Whether a path is of no site or programme that only another device has."""
    section, _, rest = path.partition(".")
    return section not in ("sites", "programmes") or rest.partition(".")[0] in getattr(claims.content, section)


def _general(path: str) -> str:
    """Return a path with the name of a site, programme, fault or standard taken out."""
    parts = path.split(".")
    return ".".join([parts[0], "*", *parts[2:]]) if parts[0] in NAMED and len(parts) > 2 else path


def _need(paths: list[str], waiting: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Need:
    cases = {base: verifies for path in paths for base, verifies in waiting[path].items()}
    parts = paths[0].split(".")
    if len(paths) > 1:
        parts[1] = _together([path.split(".")[1] for path in paths])
    found = field_at(paths[0])
    return Need(
        ".".join(parts),
        words_at(paths[0]) or "nothing is named in it yet",
        (whence_of(found) if found is not None else None) or _SECTION_WHENCE.get(parts[0], Whence.OUTPUT),
        tuple(cases),
        tuple(dict.fromkeys(requirement for verifies in cases.values() for requirement in verifies)),
    )


def _together(names: list[str]) -> str:
    if len(names) > _FEW:
        names = [*names[: _FEW - 1], f"and {len(names) - _FEW + 1} others"]
    return "{" + ", ".join(names) + "}"


_FEW = 3
_SECTION_WHENCE = {
    "faults": Whence.RISK,
    "standards": Whence.CHOICE,
    "programmes": Whence.LABELLING,
    "sites": Whence.LABELLING,
    "environment": Whence.LABELLING,
    "indications": Whence.LABELLING,
    "supply": Whence.ELECTRICAL,
    "interface": Whence.FIRMWARE,
}
