"""Tests of the cross-checks: a record that was sealed again after tampering is never believed."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import EvidenceError
from reports import load
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, REQUIREMENTS, declared
from tests.reports.small_records import passing_record, ramp
from tests.reports.tampering import reseal

Entries = list[dict[str, Any]]
Change = Callable[[Entries], object]


def _all(entries: Entries, kind: str, **like: object) -> Entries:
    return [
        entry
        for entry in entries
        if entry["type"] == kind and all(entry["data"][name] == value for name, value in like.items())
    ]


def _set(kind: str, field: str, value: object, /, **like: object) -> Change:
    """Return a change of one field of all entries of a kind."""

    def change(entries: Entries) -> None:
        found = _all(entries, kind, **like)
        assert found
        for entry in found:
            entry["data"][field] = value

    return change


def _drop(kind: str, **like: object) -> Change:
    """Return a change that deletes all entries of a kind."""

    def change(entries: Entries) -> None:
        found = _all(entries, kind, **like)
        assert found
        entries[:] = [entry for entry in entries if entry not in found]

    return change


def _certificate(**dates: str) -> Change:
    def change(entries: Entries) -> None:
        _all(entries, "instrument", name="dmm")[0]["data"]["certificate"] |= dates

    return change


def _counts_without(word: str) -> Change:
    return lambda entries: entries[-1]["data"]["counts"].pop(word)


def _spoiled_check(entries: Entries) -> None:
    _all(entries, "check_standard", when="start")[0]["data"] |= {"ok": False, "reason": "overload"}


def _replay(*compared: bool) -> Change:
    """Return a change that makes a replay of the run, compared with these results."""

    def change(entries: Entries) -> None:
        entries[0].setdefault("volatile", {})["replay"] = {"log": "w.jsonl", "utc": "2026-01-31T10:00:00+00:00"}
        for ok in compared:
            event = copy.deepcopy(entries[-1])
            event |= {"type": "replay_compared", "data": {"ok": ok, "reason": "" if ok else "another head"}}
            entries.append(event)

    return change


def _second_value(entries: Entries) -> None:
    (measured,) = _all(entries, "measured")
    entries.insert(entries.index(measured), copy.deepcopy(measured))


def _real_record(folder: Path) -> RecordBuilder:
    """Return the passing record of a real bench, with a waveform."""
    record = RecordBuilder(folder)
    record.open(virtual=False, plans=PLANS[:1], requirements=REQUIREMENTS[1:2])
    record.instruments()
    record.device()
    record.plan_case("OUT-010", "OUT", "Delivered current", ("REQ-OUT-003",), {})
    record.start("OUT-010", "Read")
    record.measure("OUT-010", "delivered current", 5.0, low=4.75, high=5.25)
    record.waveform("OUT-010", "ramp", ramp(100, 5.0), interval_s=1e-3)
    record.end("OUT-010", "P")
    record.close("COMPLIES", 0, {"P": 1})
    return record


def test_untouched_record_is_believed(tmp_path: Path) -> None:
    """The record that all of these tests tamper with complies, without a doubt."""
    run = load(_real_record(tmp_path / "run").write())

    assert (run.verdict, run.doubts) == ("COMPLIES", [])


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        pytest.param(_set("measured", "verdict", "F"), "delivered current, is F", id="a failed value in a pass"),
        pytest.param(_set("measured", "verdict", "N/E"), "delivered current, is N/E", id="an open value in a pass"),
        pytest.param(_set("measured", "value", 6.0), "is P beyond its acceptance limit", id="beyond the limit"),
        pytest.param(_set("measured", "value", 5.245), "is P beyond its acceptance limit", id="inside the guard band"),
        pytest.param(_set("measured", "value", None), "is P without a value", id="no value"),
        pytest.param(_set("measured", "U", None), "is P without a value and its uncertainty", id="no uncertainty"),
        pytest.param(_set("measured", "high", 9.0), "with high 9.0, and the plan says 5.25", id="a wider limit"),
        pytest.param(_set("measured", "high", None), "with high None, and the plan says 5.25", id="a limit removed"),
        pytest.param(_set("measured", "rule", "simple"), "by the rule 'simple'", id="another rule"),
        pytest.param(_set("measured", "name", "other"), "is not declared in the plan", id="a value of another name"),
        pytest.param(_set("measured", "conditional", True), "not called conditional", id="a hidden condition"),
        pytest.param(_set("measured", "instruments", []), "measured with no instrument", id="no instrument"),
        pytest.param(_drop("measured"), "delivered current is there 0 times", id="all values deleted"),
        pytest.param(_second_value, "delivered current is there 2 times", id="a value too many"),
        pytest.param(_set("case_ended", "verdict", "N/A"), "holds values that were judged", id="called not applicable"),
        pytest.param(_drop("case_started"), "OUT-010 is P and was never started", id="a case never started"),
        pytest.param(_drop("instrument"), "no instrument identified itself", id="no instruments"),
        pytest.param(_drop("instrument", name="dmm"), "dmm, which never identified itself", id="the meter deleted"),
        pytest.param(_set("instrument", "certificate", None, name="dmm"), "no certificate", id="no certificate"),
        pytest.param(_certificate(due="2026-01-30"), "counts from 2025-09-01 until 2026-01-30", id="expired"),
        pytest.param(_certificate(issued="2026-02-01"), "counts from 2026-02-01", id="certified afterwards"),
        pytest.param(_certificate(due=""), "must say from when and until when", id="without a due date"),
        pytest.param(lambda entries: entries[0]["volatile"].pop("utc"), "on which day", id="no date of the run"),
        pytest.param(_drop("check_standard"), "no check standard was measured at the start", id="no check standards"),
        pytest.param(_drop("check_standard", when="start"), "measured at the start", id="no check at the start"),
        pytest.param(_drop("check_standard", when="end"), "at the end, and the run was not", id="no check at the end"),
        pytest.param(_set("check_standard", "quantity", "time", when="end"), "both at the", id="checks that differ"),
        pytest.param(_set("check_standard", "ok", False, when="start"), "action limit at the start", id="bad start"),
        pytest.param(_set("check_standard", "ok", False, when="end"), "action limit at the end", id="bad end"),
        pytest.param(_spoiled_check, "was not good at the start: overload", id="spoiled start"),
        pytest.param(_replay(), "does not say that it came to what the logged run came to", id="replay not compared"),
        pytest.param(
            _replay(True, False), "not come to what the logged run came to: another head", id="replay differs"
        ),
        pytest.param(_set("made_safe", "ok", False, case="OUT-010"), "made safe after OUT-010", id="not safe"),
        pytest.param(_set("made_safe", "ok", False, case=None), "not be made safe at the end", id="not left safe"),
        pytest.param(_drop("made_safe", case=None), "made safe at the end", id="safety at the end deleted"),
        pytest.param(_drop("made_safe", case="OUT-010"), "made safe after OUT-010", id="safety of a case deleted"),
        pytest.param(_set("run_ended", "exit_code", 1), "exit code 1, and must close with 0", id="exit code"),
        pytest.param(_set("run_ended", "counts", {}), "without saying how many cases are P", id="no counts"),
        pytest.param(_counts_without("F"), "without saying how many cases are F", id="no count of failures"),
        pytest.param(_counts_without("conditional"), "cases are conditional", id="no count of conditions"),
    ],
)
def test_tampering_that_was_sealed_again_is_a_doubt(tmp_path: Path, change: Change, doubt: str) -> None:
    """Whatever was changed, the parts of the record no longer agree, and it does not comply."""
    folder = _real_record(tmp_path / "run").write()
    reseal(folder, change)

    run = load(folder)

    assert doubt in "; ".join(run.doubts)
    assert run.verdict == "NOT COMPLETE"


def _shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("harm", "doubt"),
    [(_shorten, "was altered"), (Path.unlink, "cannot be read")],
    ids=["altered", "deleted"],
)
def test_waveform_that_is_not_what_was_recorded_is_a_doubt(
    tmp_path: Path, harm: Callable[[Path], None], doubt: str
) -> None:
    """A pass whose waveform was altered or deleted is no longer believed."""
    folder = _real_record(tmp_path / "run").write()
    harm(folder / "waveforms" / "0001.npz")

    run = load(folder)

    assert run.verdict == "NOT COMPLETE"
    assert "waveforms/0001.npz" in run.doubts[0]
    assert doubt in run.doubts[0]


def test_observation_that_is_not_what_it_must_be_is_a_doubt(tmp_path: Path) -> None:
    """An observation that was changed under its pass is found."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[:1], requirements=[])
    record.plan_case("OUT-010", "OUT", "State", (), {}, measures={"state": {"is": "ended", "repeats": 1}})
    record.start("OUT-010", "Read")
    record.observe("OUT-010", "state", "running", "ended", "P")
    record.end("OUT-010", "P")

    doubts = load(record.write()).doubts

    assert "OUT-010 is P, and line 5, state, is P with 'running', which must be 'ended'" in doubts


@pytest.mark.parametrize(
    ("epoch", "believed"),
    [("2026-06-01T08:00:00Z", True), ("2026-12-01T08:00:00Z", False), (None, True)],
    ids=["in time", "after the due date", "unknown"],
)
def test_virtual_certificates_count_on_the_day_of_the_virtual_bench(
    tmp_path: Path, epoch: str | None, believed: bool
) -> None:
    """On a virtual bench the day is that of its epoch, and not the host's; a record without it is not doubted."""
    folder = passing_record(tmp_path / "run").write()
    reseal(folder, lambda entries: entries[0]["data"]["bench"].update({"epoch": epoch} if epoch else {}))

    assert (load(folder).doubts == []) is believed


def test_end_check_may_be_missing_where_the_run_was_stopped(tmp_path: Path) -> None:
    """A run that was stopped could not check its bench again."""
    folder = _real_record(tmp_path / "run").write()

    def change(entries: Entries) -> None:
        _drop("check_standard", when="end")(entries)
        stop = {"case": None, "kind": "Stopped", "message": "by the operator"}
        entries.insert(-1, {**entries[-1], "type": "problem", "data": stop, "volatile": {}})

    reseal(folder, change)

    assert load(folder).doubts == []


@pytest.mark.parametrize("honest", [True, False], ids=["refined", "not refined"])
def test_undecided_value_counts_unless_it_was_refined(tmp_path: Path, honest: bool) -> None:
    """A value that further readings have decided does not spoil its case; one without them does."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[:1], requirements=[])
    measures = {"delivered current": {**declared(low=4.75, high=5.25), "refine": 2}}
    record.plan_case("OUT-010", "OUT", "Delivered current", (), {}, measures=measures)
    record.start("OUT-010", "Read")
    undecided = "undecided: the value is within its uncertainty of the limit"
    record.measure("OUT-010", "delivered current", 5.245, low=4.75, high=5.25, verdict="N/E", reason=undecided)
    for _ in range(2 if honest else 0):
        record.measure("OUT-010", "delivered current", 5.23, verdict="N/E", reason="taken to refine")
    record.measure("OUT-010", "delivered current", 5.23, low=4.75, high=5.25)
    record.end("OUT-010", "P")

    doubts = load(record.write()).doubts

    assert (len(doubts) == 1) is honest
    assert any("is N/E" in doubt for doubt in doubts) is not honest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(_set("measured", "value", "5"), "measured .*value must be a number, not '5'", id="a word"),
        pytest.param(_set("measured", "value", True), "value must be a number, not True", id="a truth"),
        pytest.param(_set("measured", "dof", "many"), "dof must be a number", id="degrees of freedom in words"),
        pytest.param(_set("measured", "budget", [["a", None, "normal", 1]]), "u must be a number", id="budget"),
        pytest.param(_set("waveform", "limits", {"top": "5"}), "top must be a number, not '5'", id="a limit in words"),
        pytest.param(_set("waveform", "limits", {"top": None}), "top must be a number, not None", id="no limit"),
        pytest.param(_set("waveform", "marks", {"on": None}), "on must be a number", id="no mark"),
        pytest.param(_set("check_standard", "En", "0"), "En must be a number", id="check standard"),
        pytest.param(_set("environment", "humidity", "45"), "humidity must be a number", id="environment"),
        pytest.param(_set("run_ended", "bench_s", "9"), "bench_s must be a number", id="bench time"),
        pytest.param(lambda entries: entries[0]["data"].pop("customer"), "line 1: .*'customer'", id="no customer"),
        pytest.param(lambda entries: entries[0]["data"]["item"].pop("serial"), "line 1: .*'serial'", id="no serial"),
        pytest.param(_set("case_planned", "plan", "XXX"), r"\(OUT\), not of 'XXX'", id="an unknown plan"),
        pytest.param(lambda entries: entries[-1]["data"].pop("counts"), "run_ended must have 'counts'", id="no counts"),
    ],
)
def test_field_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, change: Change, message: str) -> None:
    """A field that is missing, or of the wrong kind, is an error of the evidence that names its line."""
    folder = _real_record(tmp_path / "run").write()
    reseal(folder, change)

    with pytest.raises(EvidenceError, match=r"record\.jsonl, line \d+") as error:
        load(folder)

    assert error.match(message)


def test_fields_that_are_new_are_let_pass(tmp_path: Path) -> None:
    """A field that this program does not know is no error: events may grow."""
    folder = _real_record(tmp_path / "run").write()

    def change(entries: Entries) -> None:
        for entry in entries:
            entry["data"]["something new"] = 1

    reseal(folder, change)

    assert load(folder).doubts == []


def test_a_replay_that_was_compared_is_believed(tmp_path: Path) -> None:
    """Its comparison stands behind the end of the run, where nothing else may."""
    folder = _real_record(tmp_path / "run").write()
    reseal(folder, _replay(True))

    assert (load(folder).verdict, load(folder).doubts) == ("COMPLIES", [])
