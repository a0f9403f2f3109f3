"""What is known of a run before anything is switched on: cases unfolded, methods found, answers, whom it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.cases import PlannedCase, unfold
from harness.claim_choices import check_choices
from harness.claims import Claims
from harness.documents import Document
from harness.errors import ConfigError
from harness.externals import ExternalFile, check_externals
from harness.inspections import InspectionFile
from harness.library import Library
from harness.methods import Method, find_method, load_methods
from harness.plan import Plan
from harness.selection import ALL, Selection, choose


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before anything is switched on.

    Attributes:
        claims: What the manufacturer declares.
        library: Standards and requirements.
        plans: The plans, in order.
        cases: The cases that are run, unfolded, in order: all, or those that are selected.
        methods: The method of each case; None for what is asked and not measured.
        inspections: The recorded answers, if there are any.
        externals: The recorded results of other laboratories, if there are any.
        selection: What was asked for of the plans.
        left_out: The cases that it leaves out.
    """

    claims: Claims
    library: Library
    plans: tuple[Plan, ...]
    cases: tuple[PlannedCase, ...]
    methods: dict[str, Method | None]
    inspections: Document[InspectionFile] | None
    externals: Document[ExternalFile] | None = None
    selection: Selection = ALL
    left_out: tuple[PlannedCase, ...] = ()


def prepare(
    claims: Claims,
    library: Library,
    plans: Iterable[Plan],
    inspections: Document[InspectionFile] | None,
    externals: Document[ExternalFile] | None = None,
    selection: Selection = ALL,
) -> Prepared:
    """Unfold plans, find every method, and choose the cases that are run.

    Raises:
        ConfigError: Something in them is wrong, or nothing is selected.
    """
    cases: list[PlannedCase] = []
    methods: dict[str, Method | None] = {}
    kept = tuple(plans)
    check_choices(claims, library.standards)
    if inspections is not None:
        _check_answers(inspections, claims, kept)
    if externals is not None:
        asked = {case.id for plan in kept for case in plan.content.cases if case.external is not None}
        check_externals(externals, claims.content.device.model, asked)
    _check_ids(kept)
    for plan in kept:
        module: ModuleType | None = load_methods(plan)
        for case in unfold(plan, claims, library):
            if case.id in methods:
                raise ConfigError(
                    f"{plan.document.path}: the case {case.id} is planned twice: name each plan once, and give each "
                    "value of a sweep once"
                )
            cases.append(case)
            methods[case.id] = find_method(case, module) if case.method else None
    chosen, left_out = choose(cases, library, selection)
    return Prepared(claims, library, kept, chosen, methods, inspections, externals, selection, left_out)


def _check_ids(plans: tuple[Plan, ...]) -> None:
    """Find two plans of one id: an approval of the one would be taken for an approval of the other."""
    files: dict[str, Path] = {}
    for plan in plans:
        path = plan.document.path
        if (other := files.setdefault(plan.content.plan, path)) is not path:
            raise ConfigError(
                f"{plan.document.where('plan')}: the id {plan.content.plan} is that of {other}: name each plan once, "
                "and give each plan an id of its own"
            )


def _check_answers(inspections: Document[InspectionFile], claims: Claims, plans: tuple[Plan, ...]) -> None:
    """Find answers about another device, or to questions that no plan asks."""
    file, model = inspections.content, claims.content.device.model
    if file.device != model:
        raise ConfigError(
            f"{inspections.where('device')}: the answers are about {file.device!r}, and must be about {model!r} as the "
            "claims are: give the answers for this device"
        )
    asked = {case.id for plan in plans for case in plan.content.cases if case.inspection is not None}
    for name in file.answers:
        if asked and name not in asked:
            known = ", ".join(sorted(asked))
            raise ConfigError(f"{inspections.where('answers', name)}: no plan asks {name!r}; asked are {known}")


@dataclass(frozen=True)
class Subject:
    """Who and what a run is about.

    Attributes:
        serial: Serial number of the item under test; "" to take the one that it says.
        firmware: Its firmware as the applicant states it; "" to take what it says.
        operator: Who runs it.
        customer: For whom.
        seed: Of everything that is random on a virtual bench.
        device_model: Name and SHA-256 of the model of a virtual device.
        controller: The controller that was put on a virtual bench.
    """

    serial: str
    firmware: str
    operator: str
    customer: str
    seed: int
    device_model: dict[str, Any]
    controller: str
