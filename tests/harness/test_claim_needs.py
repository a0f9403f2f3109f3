"""What claims leave undecided: the claim that is missing, whom to ask for it, and the requirements that wait for it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.claim_fields import Whence
from harness.claim_needs import Need, needs
from harness.claims import Claims, load_claims
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from harness.documents import parse, read_bytes
from harness.library import load_library
from harness.plan import find_plans, load_plan
from tests.harness.certify_run import front_door

REFERENCE = load_claims(REFERENCE_CLAIMS)
LIBRARY = load_library(PLANS_FOLDER)
PLANS = [load_plan(path) for path in find_plans(PLANS_FOLDER)]


def without(folder: Path, *path: str) -> Claims:
    """Return the reference claims without what stands at a path."""
    data, _ = parse(read_bytes(REFERENCE_CLAIMS), REFERENCE_CLAIMS)
    holder: Any = data
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    file = folder / "less.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load_claims(file)


def found(claims: Claims, asked: dict[str, set[str]] | None = None) -> list[Need]:
    """Return what claims lack for our plans."""
    return needs(claims, REFERENCE, PLANS, LIBRARY, asked or {})


def test_the_reference_lacks_nothing() -> None:
    """All that the plans judge by is declared."""
    assert found(REFERENCE) == []


@pytest.mark.parametrize(
    ("path", "named", "whence", "requirement"),
    [
        (("output", "trip"), "output.trip", Whence.RISK, "REQ-STS-002"),
        (("sites", "feet", "comfort_ceiling"), "sites.feet.comfort_ceiling", Whence.RISK, "REQ-TGL-002"),
        (("output", "compliance"), "output.compliance", Whence.OUTPUT, "REQ-OUT-006"),
        (("interface", "protocol"), "interface.protocol", Whence.FIRMWARE, "REQ-PRO-001"),
        (("supply", "nominal"), "supply.nominal", Whence.ELECTRICAL, "REQ-OUT-003"),
        (("standards", "IEC60601-1", "edition"), "standards.IEC60601-1.edition", Whence.CHOICE, "REQ-LKG-001"),
    ],
)
def test_a_claim_that_was_taken_out_is_the_one_that_is_missing(
    path: tuple[str, ...], named: str, whence: Whence, requirement: str, tmp_path: Path
) -> None:
    """It alone, from whoever should know it, with the requirements that it decides."""
    (need,) = found(without(tmp_path, *path))

    assert (need.path, need.whence) == (named, whence)
    assert requirement in need.requirements
    assert need.words


def test_claims_of_one_meaning_are_told_together(tmp_path: Path) -> None:
    """Sites have the same claims: one line names them all, and what is missing behind the first is found too."""
    bare = tmp_path / "bare.yaml"
    bare.write_text("claims: X\nrevision: 1\ndevice: {manufacturer: M, model: D}\nsites: {hands: {}, knees: {}}\n")

    missing = {need.path for need in found(load_claims(bare))}

    (maxima,) = (path for path in missing if path.endswith("}.maximum") and path.startswith("sites."))
    assert "hands" in maxima
    assert "knees" in maxima
    assert {"output.tolerance", "output.residual"} <= missing


def test_what_only_a_method_asks_for_is_missing_too(tmp_path: Path) -> None:
    """A case whose limits are all declared still cannot be run without a ramp."""
    less = without(tmp_path, "sites", "hands", "wetted_area")
    case = next(case.id for plan in PLANS for case in plan.content.cases if case.method == "current_density")

    assert found(less) == []
    (need,) = found(less, {case: {"sites.hands.wetted_area.whole", "sites.hands.ramp"}})
    assert (need.path, need.cases) == ("sites.hands.wetted_area.whole", (case,))


def test_methods_are_asked_by_a_run(tmp_path: Path) -> None:
    """`claims check --methods` finds what no limit names, in the plans that are asked about."""
    text = "claims: X\nrevision: 1\ndevice: {manufacturer: M, model: D}\nsites: {hands: {}}\n"
    (tmp_path / "bare.yaml").write_text(text, encoding="utf-8")

    asking = ("claims", "check", "bare.yaml", "--plans", PLANS_FOLDER / "tingling_levels.yaml")
    plain = front_door(tmp_path, *asking)
    run = front_door(tmp_path, *asking, "--methods")
    other = front_door(tmp_path, *asking[:-1], PLANS_FOLDER / "inspections.yaml", "--methods")

    assert "sites.hands.wetted_area.whole" not in plain.stdout
    assert "sites.hands.wetted_area.whole" in run.stdout, run.stderr
    assert "sites.hands.wetted_area.whole" not in other.stdout
    assert other.returncode == 0, other.stderr
