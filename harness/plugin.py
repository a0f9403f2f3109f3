"""pytest, collecting plans: each YAML file is a module, each unfolded case an item, and the executor does the work.

A case that does not pass never passes as an item: F fails, N/E is an error of its own, N/A is skipped. The verdict of a
run comes from its record alone, so whatever other plugins do to the outcome of an item changes nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.casebook import CaseResult
from harness.cases import PlannedCase
from harness.certification import Certification
from harness.errors import EvidenceError, Stopped, SupervisorLost
from harness.executor import NotSafe
from harness.limits import Verdict
from harness.methods import load_methods
from harness.plan import Plan
from harness.prepared import Prepared


class NotPassed(AssertionError):  # noqa: N818 - a verdict is no error
    """The device does not meet what the case asks."""


class NotEvaluated(Exception):  # noqa: N818 - a verdict is no error
    """The case came to no verdict."""


# What is collected, and what runs it: that is asked for when the first case runs, so that collecting opens no bench.
PREPARED = pytest.StashKey[Prepared]()
CERTIFICATION = pytest.StashKey[Callable[[], Certification]]()
_BY_PATH = pytest.StashKey[dict[Path, Plan]]()


class PlanModule(pytest.Module):
    """A plan file; its Python module is the file of its methods."""

    plan: Plan

    def _getobj(self) -> ModuleType:
        return load_methods(self.plan) or ModuleType(self.plan.content.plan)

    def collect(self) -> Iterator["CaseItem"]:
        """Return an item for each unfolded case of the plan, in its order."""
        document = self.plan.document
        lines = {case.id: document.lines[("cases", i, "id")] for i, case in enumerate(document.content.cases)}
        for case in self.config.stash[PREPARED].cases:
            if case.plan is self.plan:
                run = partial(_run, self.config.stash[CERTIFICATION], case)
                item: CaseItem = CaseItem.from_parent(self, name=case.id, callobj=run)
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


def _run(certification_of: Callable[[], Certification], case: PlannedCase) -> None:
    certification = certification_of()
    try:
        result: CaseResult = certification.run(case)
    except (Stopped, NotSafe, SupervisorLost) as error:
        certification.trouble(error)
        pytest.exit(str(error), returncode=2)
    except EvidenceError as error:
        with suppress(EvidenceError):  # the run is over, also if its disk takes lines again by now
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
    stash = parent.config.stash
    if file_path.suffix != ".yaml" or PREPARED not in stash:
        return None
    if _BY_PATH not in stash:  # pytest asks for each file beside each plan
        stash[_BY_PATH] = {plan.document.path.resolve(): plan for plan in stash[PREPARED].plans}
    plan = stash[_BY_PATH].get(file_path.resolve())
    if plan is None:
        return None
    module: PlanModule = PlanModule.from_parent(parent, path=file_path)
    module.plan = plan
    return module
