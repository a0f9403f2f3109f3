"""What a run is given: only what its bench has."""

from harness.commands.compose import OWN_CONTROLLER, as_served, model_files
from harness.commands.options import REFERENCE_DEVICE, VIRTUAL_BENCH
from harness.documents import package_file
from harness.prepared import Subject

REAL_BENCH = package_file("fixtures", "benches", "example.yaml")


def test_a_real_bench_is_given_no_model_of_a_device() -> None:
    """The record of a run on hardware names no model, no controller of ours, and no copy of one lies beside it."""
    subject = Subject("SN-1", "", "A. Operator", "", 1, {"name": "reference", "sha256": "0" * 64}, "ours:Reference")

    assert model_files(REAL_BENCH, REFERENCE_DEVICE) == []
    assert model_files(VIRTUAL_BENCH, REFERENCE_DEVICE) == [REFERENCE_DEVICE]
    told = as_served(REAL_BENCH, subject)
    assert (told.device_model, told.controller, told.serial) == ({}, OWN_CONTROLLER, "SN-1")
    assert as_served(VIRTUAL_BENCH, subject) == subject
