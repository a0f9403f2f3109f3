"""`schema`: JSON Schemas of our files, for editors."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each kind of file, by name."""
    from fixtures.bench_file import BenchFile
    from harness.claims_file import ClaimsFile
    from harness.externals import ExternalFile
    from harness.hazards import HazardFile
    from harness.inspections import InspectionFile
    from harness.plan import PlanFile
    from harness.populations import PopulationFile
    from harness.requirements import RequirementFile
    from harness.seed import SeedFile
    from harness.standards import StandardFile
    from harness.suites import SuiteFile
    from reports.as_found import AsFound
    from reports.interchange.results_format import schema as results_schema

    models: dict[str, type[BaseModel]] = {
        "as_found": AsFound,
        "bench": BenchFile,
        "claims": ClaimsFile,
        "external_results": ExternalFile,
        "hazards": HazardFile,
        "inspections": InspectionFile,
        "plan": PlanFile,
        "population": PopulationFile,
        "requirements": RequirementFile,
        "seed": SeedFile,
        "standard": StandardFile,
        "suites": SuiteFile,
    }
    return {name: model.model_json_schema() for name, model in models.items()} | {"results": results_schema()}


def schema(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write NAME.schema.json.")],
) -> None:
    """Write the JSON Schemas of plans, claims, benches, standards, requirements and all that stands beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        typer.echo(str(path))
