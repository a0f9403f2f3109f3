"""A device that does not ask for the confirmation of no contraindications fails, and in the case that names it."""

from pathlib import Path
from typing import Any

import pytest

from fixtures.virtual.controller import Reference
from harness.commands.options import PLANS_FOLDER
from harness.plan import find_plans
from instruments.controller import messages
from tests.harness.certify_run import certify

CASE = "OUT-011"


class NeverAsks(Reference):
    """Starts whether or not anybody confirmed."""

    def carry_out(self, command: Any) -> Any:
        """Confirm by itself before each start."""
        if isinstance(command, messages.Start):
            super().carry_out(messages.Confirm())
        return super().carry_out(command)


class AsksOnce(Reference):
    """Takes the confirmation of one session for the next ones as well."""

    _asked = False

    def carry_out(self, command: Any) -> Any:
        """Confirm by itself before each start, once somebody has."""
        self._asked = self._asked or isinstance(command, messages.Confirm)
        if self._asked and isinstance(command, messages.Start):
            super().carry_out(messages.Confirm())
        return super().carry_out(command)


def _plan_of_one_case(folder: Path) -> Path:
    """Write the plan of the output with that one case alone, and its methods beside it."""
    path = next(path for path in find_plans(PLANS_FOLDER) if path.stem == "output_current")
    head, *cases = path.read_text(encoding="utf-8").split("  - id: ")
    (one,) = [case for case in cases if case.startswith(CASE)]
    (folder / path.name).write_text(f"{head}  - id: {one}", encoding="utf-8")
    methods = path.with_suffix(".py")
    (folder / methods.name).write_text(methods.read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("standards", "requirements"):
        (folder / name).symlink_to(PLANS_FOLDER / name)
    return folder / path.name


@pytest.mark.parametrize(
    ("controller", "refused"),
    [
        ("fixtures.virtual.controller:Reference", [True, True]),
        ("tests.test_plans.test_unconfirmed_start:NeverAsks", [False, False]),
        ("tests.test_plans.test_unconfirmed_start:AsksOnce", [True, False]),
    ],
    ids=["asks", "never asks", "asks once"],
)
def test_each_session_needs_a_confirmation_of_its_own(tmp_path: Path, controller: str, refused: list[bool]) -> None:
    """A start that should have been refused is a failure, with the current that flowed then."""
    run = certify(tmp_path / "runs", _plan_of_one_case(tmp_path), controller=controller)

    assert [observed["value"] for observed in run.of("observed")] == refused
    assert run.failed() == (set() if all(refused) else {CASE})
    residual = [m["verdict"] for m in run.of("measured") if m["name"].startswith("residual")]
    assert residual == ["P" if one else "F" for one in refused]
