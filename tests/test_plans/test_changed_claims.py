"""No number of the claims is idle: changed a little beyond what the device does, a case fails or is not evaluated.

A sample of the numbers by default; all of them with NUMBERS=all python -m pytest -n logical -rA, as README.md has it,
which prints of each number what it was changed to and why, and which case noticed.
"""

import os
import random
from pathlib import Path

import pytest

from harness.claim_fields import Stricter
from harness.claim_paths import numbers_of
from harness.claims import load_claims
from harness.commands.options import REFERENCE_CLAIMS
from tests.test_plans.changed_claims import Number, numbers, try_out
from tests.test_plans.sharp_changes import change, ways

SEED = 20261123
COUNT = 3
CHANGES = [(number, way) for number in numbers() for way in ways(number)]
CHOSEN = CHANGES if os.environ.get("NUMBERS") == "all" else random.Random(SEED).sample(CHANGES, COUNT)  # noqa: S311


def test_no_number_of_the_file_is_left_out() -> None:
    """What is read from the file as text, and what its model has, are the same numbers."""
    assert sorted(".".join(map(str, number.place)) for number in numbers()) == sorted(
        numbers_of(load_claims(REFERENCE_CLAIMS).content)
    )


@pytest.mark.parametrize(("number", "way"), CHOSEN, ids=[f"{number}, {way}" for number, way in CHOSEN])
def test_a_claim_that_is_not_true_of_the_device_is_noticed(number: Number, way: Stricter, tmp_path: Path) -> None:
    """The device is left as it was; a file that is refused has been noticed too."""
    changed = change(number, way)

    found = try_out(number, changed.value, tmp_path, first=changed.case)

    row = (number, changed.value, changed.why, found.verdict, found.by, found.why)
    print("|", " | ".join(map(str, row)), "|")  # noqa: T201 - a row of the table that -rA shows
    assert found.by, f"{changed.value} ({changed.why}): {found.why}"
