"""What a record tells of the packages that made it: those that Python imports, as pip lists them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.environment import packages


@pytest.fixture(autouse=True)
def _looked_anew() -> Iterator[None]:
    """What a process has found once, it goes by: not from test to test."""
    packages.cache_clear()
    yield
    packages.cache_clear()


def test_the_packages_are_those_that_pip_lists() -> None:
    """Every name and version, none more but this program's own, which a build leaves beside its source."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True, check=True
    )
    listed = {entry["name"].lower(): entry["version"] for entry in json.loads(asked.stdout)}

    told = {name.lower(): version for name, version in packages().items()}
    for versions in (told, listed):
        versions.pop("iontobench", None)
    assert told == listed


def test_of_two_versions_the_one_that_is_imported_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that comes first on Python's path counts, as it does for an import."""
    for version in ("1.0", "2.0"):
        about = tmp_path / version / f"twice-{version}.dist-info" / "METADATA"
        about.parent.mkdir(parents=True)
        about.write_text(f"Metadata-Version: 2.1\nName: twice\nVersion: {version}\n")
        monkeypatch.syspath_prepend(tmp_path / version)

    assert packages()["twice"] == "2.0"
