"""The claims of devices on the market: public figures alone, each with its source, and no P that nobody declared."""

from pathlib import Path

import pytest

from harness.claim_paths import declared
from harness.claims import Claims, load_claims
from harness.documents import package_file
from tests.harness.certify_run import Run, certify

FOLDER = package_file("test_plans", "claims")
PUBLIC = sorted(path for path in FOLDER.glob("*.yaml") if path.stem != "reference")
# What names the file or the device, and states no figure.
NAMES = ("claims", "revision", "device.manufacturer", "device.model", "sources")


@pytest.fixture(scope="module", params=PUBLIC, ids=lambda path: path.stem)
def device(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Claims, Run]:
    """The claims of a device, and one run of all plans by them."""
    path: Path = request.param
    return load_claims(path), certify(tmp_path_factory.mktemp(path.stem), claims=path)


def test_the_four_examples_are_there() -> None:
    """SwiSto3, ActivaDose II, Hidrex (two models) and R.A. Fischer."""
    assert {path.stem for path in PUBLIC} >= {
        "kawe-swisto3",
        "activadose-ii",
        "hidrex-dp450",
        "hidrex-psp1000",
        "fischer-md-1a",
    }


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.stem)
def test_everything_that_is_declared_has_a_source(path: Path) -> None:
    """Nothing in these files is ours."""
    content = load_claims(path).content
    found = [
        at
        for name in type(content).model_fields
        for at, _ in declared(getattr(content, name), name)
        if at not in NAMES and not at.startswith("sources.")
    ]

    assert found
    assert [at for at in found if not any(at == s or at.startswith(f"{s}.") for s in content.sources)] == []


def test_nothing_passes_by_a_limit_that_nobody_declared(device: tuple[Claims, Run]) -> None:
    """Every value that is judged has a limit of the plan, of a standard, or of a claim that stands in the file."""
    claims, run = device
    passed = {case for case, (verdict, _) in run.verdicts().items() if verdict == "P"}
    sources = {
        part
        for planned in run.of("case_planned")
        if planned["case"] in passed
        for measure in planned["measures"].values()
        for part in measure["source"].replace(" of claim ", "; claim ").split("; ")
    }
    named = [part.split(",")[0].split()[1] for part in sources if part.startswith("claim ")]

    assert run.code in (2, 3)
    assert [at for at in named if not claims.declared(at)] == []


def test_every_case_that_is_not_evaluated_says_what_is_missing(device: tuple[Claims, Run]) -> None:
    """The claim, the answer or the result that is not there is named."""
    _, run = device
    left = [reason for verdict, reason in run.verdicts().values() if verdict == "N/E"]

    assert left
    assert [reason for reason in left if " is not " not in reason and "no external result" not in reason] == []
