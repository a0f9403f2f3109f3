"""The level that a load is tested at is the highest that the assured voltage reaches, by hand arithmetic."""

import math
from pathlib import Path

import pytest

from harness.claims import Claims, Undeclared, load_claims
from harness.commands.options import REFERENCE_CLAIMS
from harness.reading import Reading
from test_plans.loads import boundary_level, if_drifted
from test_plans.mains import if_mains, part_of, percent_of


@pytest.fixture
def claims() -> Claims:
    """Return the claims of the reference device: 57 V assured, hands to 20 mA, feet to 25, armpits to 5 by halves."""
    return load_claims(REFERENCE_CLAIMS)


@pytest.mark.parametrize(
    ("site", "load_ohm", "waveform", "level"),
    [
        # 20 mA · 510 Ω = 10 V: the last level. 57 V / 6010 Ω = 9.48 mA; its half, as pulses are twice as high: 4.74 mA.
        ("hands", 500.0, "dc", 20),
        ("hands", 6e3, "dc", 9),
        ("hands", 6e3, "pulsed", 4),
        # 57 V / 2010 Ω = 28.4 mA is beyond the last level of feet; their half is 14.2 mA.
        ("feet", 2e3, "dc", 25),
        ("feet", 2e3, "pulsed", 14),
        # 57 V / 10010 Ω = 5.69 mA, beyond 5 mA in steps of a half; as pulses 2.85 mA, and 2.5 mA is level 5.
        ("armpits", 10e3, "dc", 10),
        ("armpits", 10e3, "pulsed", 5),
    ],
)
def test_the_level_is_the_highest_that_fits(
    claims: Claims, site: str, load_ohm: float, waveform: str, level: int
) -> None:
    """One level more would need more voltage than is assured, or there is none."""
    assert boundary_level(claims, site, load_ohm, waveform) == level


def test_a_load_that_no_level_fits_names_the_claim(claims: Claims) -> None:
    """Nothing is made up: the case is not evaluated, and says why."""
    with pytest.raises(Undeclared, match=r"sites\.hands\.levels .*57 V into 100000 Ω"):
        boundary_level(claims, "hands", 100e3)


def test_claims_without_an_assured_voltage_have_no_boundary(tmp_path: Path) -> None:
    """A maximum of the voltage promises no current, so that it is not taken in its place."""
    lines = Path(REFERENCE_CLAIMS).read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "claims.yaml"
    path.write_text("".join(line for line in lines if "assured_voltage" not in line), encoding="utf-8")

    with pytest.raises(Undeclared, match=r"output\.assured_voltage"):
        boundary_level(load_claims(path), "hands", 500.0)


@pytest.mark.parametrize(
    ("before", "after", "shown"), [(2e3, 6e3, True), (2e3, 2.1e3, False), (2e3, math.nan, False), (6e3, 2e3, False)]
)
def test_a_drift_that_was_not_there_shows_nothing(before: float, after: float, shown: bool) -> None:
    """A current that stayed where it was proves nothing while the resistance stayed as well."""
    found = if_drifted(Reading(9e-3, "A"), Reading(before, "Ω"), Reading(after, "Ω"))

    assert (found.trouble == "") is shown


def test_other_mains_than_asked_for_show_nothing() -> None:
    """110 % of 240 V are 264 V; 253 V, 110 % of 230 V, are another thing, and NaN is none."""
    wanted_v = part_of(110, 240.0)
    reading = Reading(9e-3, "A")

    assert wanted_v == pytest.approx(264.0)
    # 85 % of 100 V is found on the tap of 35 % of 240 V.
    assert percent_of(part_of(85, 100.0), 240.0) == 35
    assert if_mains(reading, Reading(263.0, "V"), wanted_v).trouble == ""
    assert "253 V" in if_mains(reading, Reading(253.0, "V"), wanted_v).trouble
    assert if_mains(reading, Reading(math.nan, "V"), wanted_v).trouble
    assert (
        if_mains(reading, Reading(264.0, "V", trouble="its monitor is late"), wanted_v).trouble == "its monitor is late"
    )
