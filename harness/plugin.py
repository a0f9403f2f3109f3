"""pytest, collecting plans: each YAML file is a module, each unfolded case an item, and the executor does the work.

A case that does not pass never passes as an item: F fails, N/E is an error of its own, N/A is skipped. The verdict of a
run comes from its record alone, so whatever other plugins do to the outcome of an item changes nothing.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.casebook import CaseResult
from harness.cases import PlannedCase
from harness.certification import Certification
from harness.errors import Stopped
from harness.executor import NotSafe
from harness.limits import Verdict
from harness.methods import load_methods


class NotPassed(AssertionError):  # noqa: N818 - a verdict is no error
    """The device does not meet what the case asks."""


class NotEvaluated(Exception):  # noqa: N818 - a verdict is no error
    """The case came to no verdict."""


CERTIFICATION = pytest.StashKey[Callable[[], Certification]]()


class PlanModule(pytest.Module):
    """A plan file; its Python module is the file of its methods."""

    def _getobj(self) -> ModuleType:
        certification = self.config.stash[CERTIFICATION]()
        plan = next(plan for plan in certification.prepared.plans if plan.document.path.resolve() == self.path)
        return load_methods(plan) or ModuleType(plan.content.plan)

    def collect(self) -> Iterator["CaseItem"]:
        """Return an item for each unfolded case of the plan, in its order."""
        certification = self.config.stash[CERTIFICATION]()
        lines: dict[str, int] = {}
        for case in certification.prepared.cases:
            if case.plan.document.path.resolve() == self.path:
                if not lines:
                    cases = enumerate(case.plan.content.cases)
                    lines = {c.id: case.plan.document.lines[("cases", i, "id")] for i, c in cases}
                item: CaseItem = CaseItem.from_parent(self, name=case.id, callobj=partial(_run, certification, case))
                item.place = (self.path, lines[case.base] - 1, f"{case.id} {case.title}")
                yield item


class CaseItem(pytest.Function):
    """One case; what it says when it does not pass is its reason, and no traceback of ours."""

    place: tuple[Path, int, str]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the reason of the verdict, or the traceback of what really broke."""
        if isinstance(excinfo.value, NotPassed | NotEvaluated):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the plan file and the line of the case in it."""
        return self.place


def _run(certification: Certification, case: PlannedCase) -> None:
    try:
        result: CaseResult = certification.run(case)
    except (Stopped, NotSafe) as error:
        certification.trouble(error)
        pytest.exit(str(error), returncode=2)
    if result.verdict is Verdict.FAIL:
        raise NotPassed(f"F: {result.reason}")
    if result.verdict is Verdict.NOT_EVALUATED:
        raise NotEvaluated(f"N/E: {result.reason}")
    if result.verdict is Verdict.NOT_APPLICABLE:
        pytest.skip(f"N/A: {result.reason}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PlanModule | None:
    """Collect a YAML file that is one of the plans of this run."""
    if file_path.suffix != ".yaml" or CERTIFICATION not in parent.config.stash:
        return None
    plans = parent.config.stash[CERTIFICATION]().prepared.plans
    if any(plan.document.path.resolve() == file_path.resolve() for plan in plans):
        module: PlanModule = PlanModule.from_parent(parent, path=file_path)
        return module
    return None
