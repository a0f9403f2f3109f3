"""A site with one level has no steps from level to level, and that is said in words."""

from pathlib import Path
from typing import Any

import pytest

from harness.claims import Undeclared, load_claims
from harness.commands.options import REFERENCE_CLAIMS
from test_plans.tingling_levels import level_walk


def test_a_walk_needs_two_levels_and_says_so_before_anything_is_switched_on(tmp_path: Path) -> None:
    """What is missing is named as a claim, and the bench is not touched."""
    text = REFERENCE_CLAIMS.read_text(encoding="utf-8")
    one = tmp_path / "one.yaml"
    one.write_text(text.replace("levels: {count: 10,", "levels: {count: 1,"), encoding="utf-8")
    untouched: Any = None

    with pytest.raises(Undeclared, match=r"sites\.armpits\.levels \(level 2 of 1\)"):
        level_walk(untouched, untouched, load_claims(one), site="armpits", waveform="dc")
