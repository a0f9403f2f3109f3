"""A case that no shipped device has part in is run all the same: what a low battery must and must not do."""

from pathlib import Path

from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS
from tests.harness.certify_run import Run, certify

CASE = "SUP-041"
# The reference device gives nothing below 4.3 V, and knows of no warning.
BATTERY = "  battery: {warn: 4.7 V, block: 4.35 V}\n"


def _run(folder: Path, battery: str) -> Run:
    """Run that case alone, for the reference device with a battery in its claims."""
    claims = folder / "claims.yaml"
    text = REFERENCE_CLAIMS.read_text(encoding="utf-8").replace(
        "has_none: [supply.battery, ", "has_none: [" if battery else "has_none: [supply.battery, "
    )
    claims.write_text(text.replace("\nsupply:\n", f"\nsupply:\n{battery}"), encoding="utf-8")
    head, *cases = (PLANS_FOLDER / "supply.yaml").read_text(encoding="utf-8").split("  - id: ")
    (one,) = [case for case in cases if case.startswith(CASE)]
    plan = folder / "supply.yaml"
    plan.write_text(f"{head}  - id: {one.replace('site: each', 'site: [hands]')}", encoding="utf-8")
    (folder / "supply.py").symlink_to(PLANS_FOLDER / "supply.py")
    for name in ("standards", "requirements", "hazards.yaml"):
        (folder / name).symlink_to(PLANS_FOLDER / name)
    return certify(folder / "runs", plan, claims=claims)


def test_a_device_that_blocks_and_does_not_warn_fails_for_the_warning_alone(tmp_path: Path) -> None:
    """Nothing flows below the blocking voltage, what is set flows below the warning voltage, and no alarm says so."""
    run = _run(tmp_path, BATTERY)
    verdicts = {event["name"]: event["verdict"] for kind in ("measured", "observed") for event in run.of(kind)}

    assert verdicts == {
        "supply voltage": "N/A",
        "largest current": "P",
        "residual current": "P",
        "session current": "P",
        "set current": "N/A",
        "delivered current": "P",
        "alarm below the warning voltage": "F",
    }


def test_a_device_that_starts_below_its_blocking_voltage_fails(tmp_path: Path) -> None:
    """At 4.9 V less 2 % the reference device starts, and what flows is no residual current."""
    run = _run(tmp_path, BATTERY.replace("4.35 V", "4.9 V"))

    assert run.failed() == {CASE}
    assert next(event["verdict"] for event in run.of("measured") if event["name"] == "residual current") == "F"


def test_without_a_battery_the_case_does_not_apply(tmp_path: Path) -> None:
    """And it says which claim there is not."""
    run = _run(tmp_path, "")

    (verdict,) = run.verdicts().values()
    assert verdict[0] == "N/A"
    assert "supply.battery.block" in verdict[1]
