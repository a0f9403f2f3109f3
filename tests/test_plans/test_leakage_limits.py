"""Limits of leakage are those of the edition and of the type of applied part that the claims choose, and no others."""

from pathlib import Path

import pytest

from harness.cases import PlannedCase, unfold
from harness.claims import load_claims
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from harness.library import load_library
from harness.plan import load_plan

LIBRARY = load_library(PLANS_FOLDER)
PLAN = load_plan(PLANS_FOLDER / "leakage.yaml")
UA = 1e-6


def planned(tmp_path: Path, **changes: str) -> dict[str, PlannedCase]:
    """Return one case of each kind, by its base id, for claims in which some texts are replaced."""
    text = REFERENCE_CLAIMS.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    return {case.base: case for case in unfold(PLAN, load_claims(path), LIBRARY)}


@pytest.mark.parametrize("edition", ["IEC60601-1:2005", "IEC60601-1:1988"])
@pytest.mark.parametrize(("part", "ac_nc", "ac_sfc"), [("B", 100, 500), ("BF", 100, 500), ("CF", 10, 50)])
def test_the_limits_are_those_of_table_3(tmp_path: Path, edition: str, part: str, ac_nc: float, ac_sfc: float) -> None:
    """Direct current 10 and 50 µA; alternating current 100 and 500 µA, for type CF 10 and 50 µA."""
    cases = planned(tmp_path, **{"IEC60601-1:2005": edition, "applied_part: BF": f"applied_part: {part}"})

    for bases, dc_ua, ac_ua in (
        (("LKG-010", "LKG-011", "LKG-030", "LKG-031"), 10, ac_nc),
        (("LKG-020", "LKG-021", "LKG-040", "LKG-041"), 50, ac_sfc),
    ):
        for base in bases:
            for ending in ("", ", serial line off"):
                measures = cases[base].measures
                assert measures[f"direct current{ending}"].high == pytest.approx(dc_ua * UA)
                assert measures[f"alternating current{ending}"].high == pytest.approx(ac_ua * UA)
                assert measures[f"unweighted current{ending}"].high == pytest.approx(10e-3)
                assert edition in measures[f"direct current{ending}"].source


@pytest.mark.parametrize(
    ("old", "missing"),
    [('edition: "IEC60601-1:2005", ', "standards.IEC60601-1.edition"), ("  applied_part: BF\n", "device.applied_part")],
)
def test_what_is_not_chosen_is_named(tmp_path: Path, old: str, missing: str) -> None:
    """No edition and no type of applied part is anybody's default."""
    cases = planned(tmp_path, **{old: ""})

    assert {case.missing for case in cases.values()} == {missing}
