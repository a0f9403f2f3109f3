"""What several commands are asked for in the same words, and where it is found when nobody says."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from harness.documents import package_file

PLANS_FOLDER = package_file("test_plans")
REFERENCE_CLAIMS = package_file("test_plans", "claims", "reference.yaml")
REFERENCE_INSPECTIONS = package_file("test_plans", "inspections", "reference.yaml")
REFERENCE_EXTERNALS = package_file("test_plans", "external_results", "reference.yaml")
VIRTUAL_BENCH = package_file("fixtures", "benches", "virtual.yaml")
REFERENCE_DEVICE = package_file("fixtures", "virtual", "devices", "reference.yaml")
DEFAULT_SEED = 1
REFERENCE_CONTROLLER = "fixtures.virtual.controller:Reference"

ClaimsOption = Annotated[
    Path, typer.Option("--claims", metavar="FILE", help="What the manufacturer declares of the device.")
]
PlansOption = Annotated[
    list[Path], typer.Option("--plans", metavar="FILE|FOLDER", help="Test plans; may be given several times.")
]
SuiteOption = Annotated[
    str | None, typer.Option("--suite", metavar="NAME", help="A suite of plans, as test_plans/suites.yaml names it.")
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="CASE", help="Only cases of this id; * and ? stand for anything; several times."),
]
RequirementOption = Annotated[
    list[str] | None,
    typer.Option("--requirement", metavar="REQ", help="Only cases that verify this requirement; several times."),
]
RiskOption = Annotated[
    Literal["low", "medium", "high"] | None,
    typer.Option("--risk", help="Only cases against hazards of this risk or a higher one."),
]
ApprovalsOption = Annotated[
    Path | None,
    typer.Option("--approvals", metavar="FILE", help="Approvals of plans; approvals.jsonl here if not given."),
]
