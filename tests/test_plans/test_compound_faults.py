"""Devices that wind up against their compliance voltage, or count a sagging dose as it was set, are noticed."""

from pathlib import Path

from fixtures.virtual.controller import Reference
from fixtures.virtual.port import Analog
from tests.harness.certify_run import certify


class WindsUp(Reference):
    """Has a regulator that asks for ever more while less flows than was set, and is slow to take that back."""

    def _arrived(self) -> None:
        super()._arrived()
        if abs(self.converter.read(Analog.CURRENT)) < 0.9 * self.stage.target_a():
            self._monitors.release()
            self.stage.jump_to(1.5 * self.stage.target_a())
            self._monitors.follow()


class CountsWhatWasSet(Reference):
    """Ends a session that ends with a dose by what it set, whatever flowed."""

    def counted_charge(self, charge_c: float) -> float:
        """Return the charge that was set."""
        return self.stage.charge_c()


def controller(made: type[Reference]) -> str:
    """Return how a command names a controller of this file."""
    return f"{__name__}:{made.__name__}"


def test_a_regulator_that_winds_up_is_noticed(tmp_path: Path) -> None:
    """At 20 mA into 10 kΩ it asks for 30 mA, which come when the load is shorted, or wetted again."""
    run = certify(tmp_path, "compound_faults", controller=controller(WindsUp), only=["CFT-010*", "CFT-011*"])

    assert run.failed() == {"CFT-010", "CFT-011"}


def test_a_dose_by_the_setting_is_noticed_as_the_current_sags(tmp_path: Path) -> None:
    """About 6 of 10 mA flow for the second half of it: a third of the dose is missing, and shown all the same."""
    run = certify(tmp_path, "dose", controller=controller(CountsWhatWasSet), only=["DOS-030*"])
    found = {event["name"]: event for event in run.of("measured")}

    assert run.failed() == {"DOS-030"}
    assert found["dose"]["verdict"] == "F"
    assert found["dose against the claim"]["verdict"] == "F"
    assert found["current after it sagged"]["value"] < 0.7 * found["current before it sagged"]["value"]


def test_the_reference_device_is_right_again_after_each_fault(tmp_path: Path) -> None:
    """A session after a fault has the current of one before it, and is a session of its own."""
    run = certify(tmp_path, "compound_faults", only=["CFT-07*"])

    assert {verdict for verdict, _ in run.verdicts().values()} == {"P"}
    currents = [event["value"] for event in run.of("measured") if event["name"] == "current of the fresh session"]
    before = [event["value"] for event in run.of("measured") if event["name"] == "session current"]
    assert len(currents) == len(before) == len(run.verdicts())
    assert all(abs(after / first - 1.0) < 1e-3 for after, first in zip(currents, before, strict=True))
