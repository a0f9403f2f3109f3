"""When something applies: only the maker's own word frees a device of a case, and silence never does."""

from pathlib import Path

import pytest

from harness.applies import Applies
from harness.claims import Claims, Undeclared, load_claims
from harness.errors import ConfigError


def _claims(folder: Path, more: str) -> Claims:
    path = folder / "claims.yaml"
    path.write_text(f"claims: C\nrevision: 1\ndevice: {{manufacturer: m, model: d}}\n{more}\n", encoding="utf-8")
    return load_claims(path)


BATTERY = Applies(claim="supply.battery.block", declared=True)


def test_what_is_declared_applies(tmp_path: Path) -> None:
    """A device with a battery has its cases."""
    assert BATTERY.inapplicable(_claims(tmp_path, "supply: {battery: {block: 3 V}}"), BATTERY.claim) == ""


@pytest.mark.parametrize("none", ["supply.battery", "supply.battery.block", "supply"])
def test_what_the_device_has_not_does_not_apply(tmp_path: Path, none: str) -> None:
    """The maker's word is the reason, and covers all that is below the path."""
    reason = BATTERY.inapplicable(_claims(tmp_path, f"has_none: [{none}]"), BATTERY.claim)
    assert reason == "the maker declares that there is no supply.battery.block"


def test_silence_frees_of_nothing(tmp_path: Path) -> None:
    """A claim that was left out, by mistake or not, leaves the case undecided, and is named."""
    with pytest.raises(Undeclared, match=r"supply\.battery\.block is not declared"):
        BATTERY.inapplicable(_claims(tmp_path, "has_none: [supply.adapter]"), BATTERY.claim)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("has_none: [supply.batery]", r"claims\.yaml:4: has_none\.0: no claim can be called 'supply.batery'"),
        ("supply: {battery: {block: 3 V}}\nhas_none: [supply.battery]", "supply.battery is declared in this file"),
    ],
)
def test_a_slip_in_what_there_is_not_is_refused(tmp_path: Path, more: str, said: str) -> None:
    """A misspelt path would free of nothing, and one that is declared contradicts itself."""
    with pytest.raises(ConfigError, match=said):
        _claims(tmp_path, more)
