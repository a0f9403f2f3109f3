"""Plans: the controlled documents that say which cases there are, what each declares, and by which limit and rule."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from harness import units
from harness.applies import Applies
from harness.documents import Document, Strict, load
from harness.errors import ConfigError


class LimitSource(Strict):
    """Where a bound comes from: a claim or an entry of a standard, by path; {site} takes the case's condition."""

    claim: str | None = None
    standard: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "LimitSource":
        if (self.claim is None) == (self.standard is None):
            raise ValueError("a limit names exactly one source: claim or standard")
        return self


Bound = str | LimitSource
SUFFIX = ".yaml"
"""What the name of a plan file ends in."""


class Measure(Strict):
    """What a case declares to measure or to observe, with its limit and rule."""

    unit: str | None = None
    max: Bound | None = None
    min: Bound | None = None
    within: Bound | None = None
    of: Bound | None = None
    expected: str | bool | int | LimitSource | None = Field(default=None, alias="is")
    report: Literal["only"] | None = None
    rule: Literal["simple", "guarded", "guarded-binary", "conditional"] = "guarded"
    repeats: int = Field(default=1, ge=1, le=1000)
    refine: int | None = Field(default=None, ge=2, le=100)

    @field_validator("unit")
    @classmethod
    def _known(cls, unit: str | None) -> str | None:
        if unit is not None:
            units.si_of(unit)
        return unit

    @model_validator(mode="after")
    def _whole(self) -> "Measure":
        bounds = [name for name in ("max", "min", "within") if getattr(self, name) is not None]
        kinds = bool(bounds) + (self.expected is not None) + (self.report is not None)
        if kinds != 1:
            raise ValueError("a measure has exactly one of: a limit (max, min, within), 'is', or 'report: only'")
        if "within" in bounds and (len(bounds) > 1 or self.of is None):
            raise ValueError("'within' stands alone, and needs 'of'")
        if self.of is not None and "within" not in bounds:
            raise ValueError("'of' needs 'within'")
        if (self.expected is None) == (self.unit is None):
            raise ValueError("a measured quantity needs 'unit', an observation ('is') has none")
        if isinstance(self.expected, LimitSource) and self.expected.standard is not None:
            raise ValueError("an entry of a standard is a quantity, which limits a measure and is no observation")
        if self.refine is not None and (not bounds or self.rule != "guarded"):
            raise ValueError("only a measured quantity that the guarded rule leaves undecided can be refined")
        return self


Need = Literal["measuring network", "mains side", "chamber", "earthed bath", "serial switch"]
"""What not every bench has, and a case may need."""


class Case(Strict):
    """One test case, before its sweep is unfolded.

    It has exactly one of: a method, an inspection (a question to a person), or an external result (a question to
    another laboratory).
    """

    id: str = Field(pattern=r"^[A-Z]{2,5}-\d{3}[a-z]?$")
    title: str
    verifies: list[str] = Field(min_length=1)
    method: str | None = None
    inspection: str | None = None
    external: str | None = None
    needs: list[Need] = []
    applies: Applies | list[Applies] | None = None
    sweep: dict[str, str | Annotated[list[str | int], Field(min_length=1)]] = {}
    conditions: dict[str, str | int | bool] = {}
    measures: dict[str, Measure] = {}

    @model_validator(mode="after")
    def _whole(self) -> "Case":
        if sum(kind is not None for kind in (self.method, self.inspection, self.external)) != 1:
            raise ValueError("a case has exactly one of: a method, an inspection, or an external result")
        if self.method is not None and not self.measures:
            raise ValueError("a case with a method must declare what it measures")
        if self.method is None and (self.measures or self.sweep or self.conditions or self.needs):
            raise ValueError(
                "an inspection or an external result is answered, not measured: it has no measures, sweep, conditions "
                "or needs"
            )
        for name, measure in self.measures.items():
            if isinstance(measure.of, str) and measure.of not in self.measures and not measure.of[:1].isdigit():
                raise ValueError(f"{name!r} is within something of {measure.of!r}, which this case does not measure")
        return self


class PlanFile(Strict):
    """A test plan.

    Attributes:
        statement: What the report must say on its first page.
        worst_case: How the conditions were chosen.
        does_not_cover: What nobody may read into a pass.
        follow_on: Whether its cases follow on each other, so that they are run in their order.
    """

    plan: str = Field(pattern=r"^[A-Z]{2,5}$")
    title: str
    revision: int = Field(ge=1)
    purpose: str
    statement: str | None = None
    worst_case: str | None = None
    does_not_cover: list[str] = []
    follow_on: bool = False
    cases: list[Case] = Field(min_length=1)


@dataclass(frozen=True)
class Plan:
    """A plan that was read, with the file of its methods beside it."""

    document: Document[PlanFile]

    @property
    def content(self) -> PlanFile:
        """The file as a model."""
        return self.document.content

    @property
    def methods_path(self) -> Path:
        """The Python file with the methods: same stem, beside the plan."""
        return self.document.path.with_suffix(".py")


def load_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        ConfigError: It is no YAML file by its name, is missing or wrong, or an id is used twice.
    """
    if path.suffix != SUFFIX:
        beside = path.with_suffix(SUFFIX)
        named = str(beside) if beside.is_file() else "one, such as test_plans/output_current.yaml, or a folder of them"
        raise ConfigError(
            f"{path} must be a test plan: a YAML file whose name ends in {SUFFIX}, with its methods in the Python file "
            f"of the same name beside it; name {named}"
        )
    document = load(path, PlanFile)
    seen: set[str] = set()
    for index, case in enumerate(document.content.cases):
        where = document.where("cases", index, "id")
        if case.id in seen:
            raise ConfigError(f"{where}: {case.id} is used twice: give one of them another number")
        if case.id.split("-")[0] != document.content.plan:
            raise ConfigError(f"{where}: {case.id} must begin with the plan's id, {document.content.plan}-")
        seen.add(case.id)
    return Plan(document)


SUITES = "suites.yaml"
"""The file beside the plans that names suites of them, and is none."""
NO_PLANS = (SUITES, "hazards.yaml", "seed.yaml")
"""The files beside the plans that are none."""


def find_plans(folder: Path) -> list[Path]:
    """Return the plan files of a folder, in order of name."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.name not in NO_PLANS)


def base_of(case: str) -> str:
    """Return the case as it stands in its plan, of one with its conditions behind it in brackets."""
    return case.partition("[")[0]


def placeholders(text: str, conditions: dict[str, Any]) -> str:
    """Return a path with {site} and the like replaced by the case's conditions.

    Raises:
        KeyError: A name in braces is no condition of the case.
    """
    for name, value in conditions.items():
        text = text.replace(f"{{{name}}}", str(value))
    if "{" in text:
        raise KeyError(text[text.index("{") + 1 : text.index("}")] if "}" in text else text)
    return text
