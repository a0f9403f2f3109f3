"""Population profiles on the page: each figure with its source, beside the claims, with what is disputed."""

from pathlib import Path
from typing import Any

import pytest

from reports.html import render
from reports.populations import profiles
from reports.run import load
from tests.reports.small_records import passing_record
from tests.reports.tampering import reseal


def _profile(**also: Any) -> dict[str, Any]:
    figure = {"who": "men", "statistic": "median", "waveform": "dc", "value": 5.2, "unit": "mA", "sites": ["hands"]}
    figure |= {"provenance": "remembered", "confidence": "low", "source": "a table", "beside": {"sites.hands.x": 2.0}}
    profile = {"id": "P", "title": "Perception", "quantity": "perception", "sha256": "0" * 64}
    return profile | {
        "statement": "no standard defines it",
        "disputes": ["Two copies differ."],
        "figures": [figure | also],
    }


def _page(folder: Path, profile: dict[str, Any]) -> str:
    reseal(folder, lambda entries: entries[0]["data"].update(populations=[profile]))
    return render(load(folder))


def test_a_figure_stands_beside_the_claim_with_its_source(tmp_path: Path) -> None:
    """The page says that no standard defines it, what is disputed, and that the figure was not seen."""
    page = _page(passing_record(tmp_path / "run").write(), _profile())
    for words in ("No standard defines it", "Two copies differ.", "a table", "sites.hands.x: 2 mA"):
        assert words in page
    assert '<circle class="unseen"' in page
    assert '<line class="claim c0"' in page


def test_a_claim_that_nobody_declares_is_said_to_be_missing(tmp_path: Path) -> None:
    """It has no line in the drawing."""
    page = _page(passing_record(tmp_path / "run").write(), _profile(beside={"sites.hands.x": None}))
    assert "sites.hands.x is not declared" in page
    assert '<line class="claim' not in page


def test_a_larger_figure_is_drawn_further_to_the_right(tmp_path: Path) -> None:
    """On a logarithmic axis: a tenfold figure lies one decade on, whatever else is drawn."""
    folder = passing_record(tmp_path / "run").write()
    one = _profile()
    one["figures"] = [{**one["figures"][0], "value": value, "beside": {}} for value in (1.0, 10.0, 100.0)]
    reseal(folder, lambda entries: entries[0]["data"].update(populations=[one]))
    (profile,) = profiles(load(folder))
    places = [float(part.partition('"')[0]) for part in profile.drawing.split('cx="')[1:]]
    assert len(places) == 3
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=0.2)
    assert places[1] - places[0] > 50.0


def test_what_comes_from_a_file_cannot_break_the_page(tmp_path: Path) -> None:
    """Names and sources are escaped in the drawing as in the table."""
    page = _page(passing_record(tmp_path / "run").write(), _profile(who="<script>x</script>", source="<img src=x>"))
    assert "<script>x" not in page
    assert "<img" not in page


def test_a_run_without_profiles_has_no_such_section(tmp_path: Path) -> None:
    """Records of before have none."""
    assert 'id="populations"' not in render(load(passing_record(tmp_path / "run").write()))
