"""No number of the claims is idle: changed beyond what the device does, it makes a case fail, or not be evaluated.

A sample of the numbers by default; all of them with NUMBERS=all python -m pytest -n logical -rA, as README.md has it.
"""

import os
import random
from pathlib import Path

import pytest

from harness.claim_paths import numbers_of
from harness.claims import load_claims
from harness.commands.options import REFERENCE_CLAIMS
from tests.test_plans.changed_claims import Number, numbers, try_out

SEED = 20261123
COUNT = 12
CHANGES = [(number, value) for number in numbers() for value in number.changed()]
CHOSEN = CHANGES if os.environ.get("NUMBERS") == "all" else random.Random(SEED).sample(CHANGES, COUNT)  # noqa: S311


def test_no_number_of_the_file_is_left_out() -> None:
    """What is read from the file as text, and what its model has, are the same numbers."""
    assert sorted(".".join(map(str, number.place)) for number in numbers()) == sorted(
        numbers_of(load_claims(REFERENCE_CLAIMS).content)
    )


@pytest.mark.parametrize(("number", "value"), CHOSEN, ids=[f"{number} -> {value}" for number, value in CHOSEN])
def test_a_claim_that_is_not_true_of_the_device_is_noticed(
    number: Number, value: str | int | float, tmp_path: Path
) -> None:
    """The device is left as it was; a file that is refused has been noticed too."""
    found = try_out(number, value, tmp_path)

    print(f"{number} -> {value}: {found.by}: {found.why}")  # noqa: T201 - shown with -rA: which case noticed
    assert found.by, found.why
