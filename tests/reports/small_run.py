"""The smallest run that can be approved, and the same one on a virtual bench with plans that nobody approved."""

from pathlib import Path
from typing import Any

from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, requirement
from tests.reports.tampering import reseal

CASE = "OUT-010[hands]"


def approvable(folder: Path, *, virtual: bool = False, operator: str = "A. Operator", title: str = "t") -> Path:
    """Write a run on a real bench that complies with an approved plan, and with nothing unverified in it."""
    build = RecordBuilder(folder)
    build.open(virtual=virtual, plans=PLANS[:1], requirements=[requirement("REQ-OUT-001", "The current is right.")])
    build.instruments()
    build.device()
    build.plan_case(CASE, "OUT", title, ("REQ-OUT-001",), {"site": "hands"})
    build.start(CASE, "Read")
    build.measure(CASE, "delivered current", 5.0, low=4.75, high=5.25)
    build.end(CASE, "P")
    build.close("COMPLIES", 0, {"P": 1})
    path = build.write()
    signatures = [{"approver": "P. Lan", "meaning": "for use", "utc": "2026-01-01T00:00:00+00:00", "revision": 1}]
    approved = {"lacks": [], "signatures": signatures, "suspect": {}}

    def change(entries: list[dict[str, Any]]) -> None:
        entries[0]["volatile"]["approvals"] = {"plans": {"OUT": approved}}
        entries[0]["data"]["operator"] = operator

    reseal(path, change)
    return path


def development(folder: Path) -> Path:
    """Write the same run on a virtual bench, with a plan that nobody approved."""
    path = approvable(folder, virtual=True)
    reseal(path, lambda entries: entries[0]["volatile"].pop("approvals"))
    return path
