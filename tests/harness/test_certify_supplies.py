"""Any supply that there is a driver and an interlock for can feed the device: the plans do not know which one does."""

from pathlib import Path

import pytest

from tests.harness.certify_run import CHECKOUT, certify

BENCH = CHECKOUT / "fixtures" / "benches" / "virtual.yaml"


@pytest.mark.parametrize(("model", "driver"), [("E36313A", "keysight-e36313a"), ("DP832", "rigol-dp832")])
def test_a_bench_with_another_supply_certifies_the_same_device(tmp_path: Path, model: str, driver: str) -> None:
    """Plans that step, dip and cut the supply pass on it, and the record names the supply that fed the device."""
    bench = tmp_path / "bench.yaml"
    text = BENCH.read_text(encoding="utf-8")
    for before, after in (("model: E36312A", f"model: {model}"), ("driver: keysight-e36312a", f"driver: {driver}")):
        assert text.count(before) == 1
        text = text.replace(before, after)
    bench.write_text(text, encoding="utf-8")

    run = certify(tmp_path / "runs", "output_current", "fault_cutoffs", bench=bench)

    (supply,) = [entry for entry in run.of("instrument") if entry["role"] == "supply"]
    assert supply["model"] == model
    assert {verdict for verdict, _ in run.verdicts().values()} <= {"P", "N/A"}
    assert run.code == 0
