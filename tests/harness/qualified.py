"""A qualification in small: two plans, four defects, and outcomes made up for them."""

from typing import Any

from harness.cases import PlannedCase
from harness.claims import load_claims
from harness.documents import package_file
from harness.library import load_library
from harness.plan import load_plan
from harness.prepared import Prepared, prepare
from harness.qualification import Caught, Job, Kind, Margin, Outcome, Specimen

PLANS = package_file("test_plans")
OUT, SES = "output_current", "session_timing"


def ready(*stems: str) -> Prepared:
    """Return plans of ours, prepared."""
    plans = [load_plan(PLANS / f"{stem}.yaml") for stem in stems]
    return prepare(load_claims(PLANS / "claims" / "reference.yaml"), load_library(PLANS), plans, None)


def cases() -> tuple[PlannedCase, ...]:
    """Return the cases of two plans."""
    return ready(OUT, SES).cases


def defect(name: str = "strong", *, odds: float = 1.0, times_u: float | None = None, must: str = "OUT-021") -> Specimen:
    """Return a defect that one case must notice."""
    margin = Margin(f"{must}[x]", "current", times_u) if times_u is not None else None
    return Specimen(Kind.DEFECT, name, "gives too much", "burn", "REQ-1", (must,), "modified sample", odds, margin)


def outcome(kind: Kind, name: str, seed: int, *caught: str, **more: Any) -> Outcome:
    """Return what came of a job in which some cases came to F."""
    rows = tuple(Caught(case, "current", 3.0) for case in caught)
    return Outcome(
        Job(kind, name, seed), more.pop("exit_code", 1 if caught else 0), {"F": len(caught)}, "0" * 64, rows, **more
    )


def healthy(count: int, **more: Any) -> list[Outcome]:
    """Return what came of certifications of a healthy device."""
    return [outcome(Kind.HEALTHY, "reference", seed, judged=100, p_fail=1e-6, **more) for seed in range(1, count + 1)]
