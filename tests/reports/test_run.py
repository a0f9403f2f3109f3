"""Tests of loading a run: what was altered is refused with its line, what is missing is never a pass."""

import hashlib
from pathlib import Path

import numpy as np
import orjson
import pytest

from harness import events
from harness.errors import EvidenceError
from reports import html, load
from reports.interchange.junit import junit
from reports.waveforms import reduced
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, REQUIREMENTS
from tests.reports.small_records import passing_record, ramp, small_record


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A small closed record with a failure in it."""
    return small_record(tmp_path / "run").write()


def _lines(folder: Path) -> list[bytes]:
    return (folder / "record.jsonl").read_bytes().splitlines(keepends=True)


def _rewrite(folder: Path, lines: list[bytes]) -> None:
    (folder / "record.jsonl").write_bytes(b"".join(lines))


def _reseal(folder: Path, entries: list[dict[str, object]]) -> None:
    """Write entries as a forger would, with a chain that fits."""
    prev, lines = "0" * 64, []
    for seq, entry in enumerate(entries):
        line = orjson.dumps({**entry, "seq": seq, "prev": prev})
        prev = hashlib.sha256(line).hexdigest()
        lines.append(line + b"\n")
    _rewrite(folder, lines)


def test_tables_hold_what_was_recorded(run_folder: Path) -> None:
    """A run loads as pandas tables with a line for each value, component, waveform, step, instrument and case."""
    run = load(run_folder)

    assert list(run.measurements.value) == [5.0, 5.0123, 24.31, 9.97, 0.4995, 183.2]
    assert len(run.readings) == 3 * len(run.measurements)
    assert set(run.readings.source) == {"shunt 10 Ω certificate", "dmm dc voltage 1 V accuracy", "repeatability"}
    assert list(run.waveforms.quantity) == ["output current", "output voltage"]
    assert list(run.steps.step[:3]) == [
        "Connect the load and the supply",
        "Start, and wait for the ramp to end",
        "Read",
    ]
    assert list(run.instruments.model) == ["34465A", "E36312A", "REF-30"]
    assert list(run.cases.verdict) == ["P", "F", "P", "N/E", "N/E", "P", "N/A"]
    assert list(run.observations.value) == ["latched"]
    assert run.verdict == "DOES NOT COMPLY"
    assert run.doubts == []


def test_numbers_are_numbers_and_missing_ones_are_nan(run_folder: Path) -> None:
    """A column of numbers is float64 in pandas even where some lines have none, so that arithmetic works on it."""
    table = load(run_folder).measurements

    assert str(table.low.dtype) == "float64"
    assert np.isnan(table.low[0])
    # Welch and Satterthwaite by hand: 0.064 of the variance has 9 degrees of freedom.
    assert table.dof.tolist() == pytest.approx([9 / 0.064**2] * len(table))
    assert np.isinf(load(run_folder).readings.dof[0])


def test_tables_have_their_columns_without_rows(tmp_path: Path) -> None:
    """An empty table still has its columns, so that a notebook need not ask first."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS, requirements=[])

    run = load(record.write())

    assert run.measurements.empty
    assert "p_nonconforming" in run.measurements.columns


def test_requirement_without_a_case_is_not_tested(run_folder: Path) -> None:
    """A requirement that no case speaks for is listed as not tested, and is never a pass."""
    table = load(run_folder).requirements.set_index("requirement")

    assert table.verdict["REQ-LBL-001"] == "not tested"
    assert table.verdict["REQ-OUT-003"] == "F"
    assert table.verdict["REQ-TIN-001"] == "N/E"


def test_waveform_is_read_back_as_kept(run_folder: Path) -> None:
    """Samples come back in the recorded unit, at the recorded times, to half a count."""
    run = load(run_folder)

    samples = run.waveform(run.rows.waveforms[0])

    assert np.abs(samples.values - ramp(20_000, 5.0)).max() <= 0.0005 + 1e-12
    assert samples.time_s[-1] == pytest.approx(19.999)


def test_lowest_count_is_not_a_number(tmp_path: Path) -> None:
    """What was not a number when it was kept is not a number when it is read, and is left out of a drawing."""
    lowest = np.iinfo(np.int32).min / 1000
    record = small_record(tmp_path / "run")
    record.waveform("OUT-020[feet]", "gap", np.array([1.0, lowest, 3.0]), interval_s=1.0)

    run = load(record.write())
    samples = run.waveform(run.rows.waveforms[-1])

    assert np.isnan(samples.values).tolist() == [False, True, False]
    assert reduced(samples, 900).values.tolist() == [1.0, 3.0]


def test_reduction_keeps_first_last_lowest_and_highest(tmp_path: Path) -> None:
    """One glitch of a single sample in 200,000 survives the thinning, upwards and downwards."""
    values = np.sin(np.linspace(0.0, 20.0, 200_000))
    values[77_777], values[123_456] = 9.0, -9.0
    record = small_record(tmp_path / "run")
    record.waveform("OUT-020[feet]", "glitch", values, interval_s=1e-5)
    run = load(record.write())

    kept = reduced(run.waveform(run.rows.waveforms[-1]), 900)

    assert len(kept.values) <= 900
    assert (kept.values.max(), kept.values.min()) == (9.0, -9.0)
    assert kept.time_s[[0, -1]] == pytest.approx([0.0, 1.99999])


def test_altered_waveform_is_refused(run_folder: Path) -> None:
    """A waveform file that was changed after it was recorded is an error that names its line."""
    run = load(run_folder)
    path = run_folder / run.rows.waveforms[0].file
    path.write_bytes(path.read_bytes() + b"\0")

    with pytest.raises(EvidenceError, match=r"line \d+: .*0001.npz was altered"):
        run.waveform(run.rows.waveforms[0])


def test_waveform_outside_the_run_folder_is_refused(tmp_path: Path) -> None:
    """A record cannot make the report read a file that is not part of the run."""
    folder = small_record(tmp_path / "run").write()
    entries = [orjson.loads(line) for line in _lines(folder)]
    for entry in entries:
        if entry["type"] == "waveform":
            entry["data"]["file"] = "../../secret.npz"
    _reseal(folder, entries)
    run = load(folder)

    with pytest.raises(EvidenceError, match="inside the run folder"):
        run.waveform(run.rows.waveforms[0])


@pytest.mark.parametrize("victim", [1, 20, 56], ids=["second line", "middle", "near the end"])
def test_edited_value_breaks_the_chain(run_folder: Path, victim: int) -> None:
    """One changed byte is found, and the line after it is named."""
    lines = _lines(run_folder)
    lines[victim - 1] = lines[victim - 1].replace(b'"v":', b'"v": ', 1)
    _rewrite(run_folder, lines)

    with pytest.raises(EvidenceError, match=f"line {victim + 1}: .*chain"):
        load(run_folder)


def test_dropped_line_breaks_the_chain(run_folder: Path) -> None:
    """A line that was taken out is found."""
    lines = _lines(run_folder)
    del lines[20]
    _rewrite(run_folder, lines)

    with pytest.raises(EvidenceError, match="line 21"):
        load(run_folder)


def test_missing_record_is_told(tmp_path: Path) -> None:
    """A folder without a record is an error that says what a run folder holds."""
    with pytest.raises(EvidenceError, match=r"record\.jsonl"):
        load(tmp_path)


def test_unclosed_record_is_not_complete(tmp_path: Path) -> None:
    """A run that was killed loads with everything it had, and says that it is not complete."""
    record = passing_record(tmp_path / "run")
    folder = record.write()
    _rewrite(folder, _lines(folder)[:-1])

    run = load(folder)

    assert run.verdict == "NOT COMPLETE"
    assert not run.complete
    assert "never closed" in run.doubts[0]
    assert len(run.measurements) == 1


def test_cut_off_last_line_is_told_and_not_used(tmp_path: Path) -> None:
    """A last line that was cut off while it was written leaves the rest of the evidence standing."""
    folder = passing_record(tmp_path / "run").write()
    lines = _lines(folder)
    _rewrite(folder, [*lines[:-1], lines[-1][:40]])

    run = load(folder)

    assert run.verdict == "NOT COMPLETE"
    assert f"line {len(lines)} of the record was cut off" in run.doubts[0]
    assert run.count == len(lines) - 1
    assert run.content_head == ""


def test_case_that_never_ended_is_not_evaluated(tmp_path: Path) -> None:
    """Planned and not started, and started and not ended, are each N/E with a reason, whatever was measured."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS, requirements=REQUIREMENTS)
    record.plan_case("OUT-010", "OUT", "Delivered current", ("REQ-OUT-003",), {})
    record.plan_case("OUT-020", "OUT", "Residual current", ("REQ-OUT-001",), {})
    record.start("OUT-010", "Read")
    record.measure("OUT-010", "delivered current", 5.0, low=4.75, high=5.25)

    cases = load(record.write()).cases

    assert list(cases.verdict) == ["N/E", "N/E"]
    assert list(cases.reason) == ["the case was started and never ended", "the case was planned and never started"]


def test_retry_never_heals_a_failure(tmp_path: Path) -> None:
    """A case that failed and was tried again is as good as its worst attempt."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[:1], requirements=[])
    record.plan_case("OUT-010", "OUT", "Delivered current", (), {})
    record.start("OUT-010", "Read")
    record.end("OUT-010", "F", "the value is outside the limit")
    record.start("OUT-010", "Read", attempt=2)
    record.end("OUT-010", "P")
    record.close("COMPLIES", 0, {"P": 1, "F": 0})

    run = load(record.write())

    assert run.rows.cases["OUT-010"].verdict == "F"
    assert run.rows.cases["OUT-010"].attempts == 2
    assert run.verdict == "DOES NOT COMPLY"
    assert any("closes with 1 cases P, and holds 0" in doubt for doubt in run.doubts)


def test_withdrawn_verdict_is_not_evaluated(tmp_path: Path) -> None:
    """A verdict that was withdrawn because the bench failed its end check is N/E and says what it was."""
    record = passing_record(tmp_path / "run")
    folder = record.write()
    entries = [orjson.loads(line) for line in _lines(folder)]
    withdrawn = {"case": "OUT-010", "was": "P", "reason": "the end check of the bench failed: current"}
    end = entries.pop()
    entries.append({**end, "type": events.VerdictWithdrawn.type, "data": withdrawn})
    end["data"] |= {"verdict": "NOT COMPLETE", "exit_code": 3}
    end["data"]["counts"] |= {"P": 0, "N/E": 1}
    entries.append(end)
    _reseal(folder, entries)

    run = load(folder)

    assert run.verdict == "NOT COMPLETE"
    assert run.rows.cases["OUT-010"].reason == "P was withdrawn: the end check of the bench failed: current"
    assert run.doubts == []


def test_closing_words_cannot_outvote_the_cases(tmp_path: Path) -> None:
    """A record that closes with COMPLIES over a case that is not a pass is never reported as COMPLIES."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[:1], requirements=[])
    record.plan_case("OUT-010", "OUT", "Delivered current", (), {})
    record.close("COMPLIES", 0, {})

    assert load(record.write()).verdict == "NOT COMPLETE"


def test_nothing_tested_is_no_pass(tmp_path: Path) -> None:
    """A record without a single passed case is never reported as COMPLIES."""
    record = RecordBuilder(tmp_path / "run")
    record.open(plans=PLANS[:1], requirements=[])
    record.close("COMPLIES", 0, {})

    assert load(record.write()).verdict == "NOT COMPLETE"


def test_passing_record_complies(tmp_path: Path) -> None:
    """A whole record in which every case passed complies."""
    run = load(passing_record(tmp_path / "run").write())

    assert (run.verdict, run.doubts) == ("COMPLIES", [])


def test_newer_event_version_is_refused(tmp_path: Path) -> None:
    """An event of a version that this program does not know is an error, not a guess."""
    folder = passing_record(tmp_path / "run").write()
    entries = [orjson.loads(line) for line in _lines(folder)]
    entries[-1]["v"] = 2
    _reseal(folder, entries)

    with pytest.raises(EvidenceError, match=f"line {len(entries)}: 'run_ended' has version 2"):
        load(folder)


def test_missing_field_is_named_with_its_line(tmp_path: Path) -> None:
    """An event without a field that it must have is an error that names line, event and field."""
    folder = passing_record(tmp_path / "run").write()
    entries = [orjson.loads(line) for line in _lines(folder)]
    line = next(number for number, entry in enumerate(entries, start=1) if entry["type"] == "measured")
    del entries[line - 1]["data"]["U"]
    _reseal(folder, entries)

    with pytest.raises(EvidenceError, match=f"line {line}: measured must have 'U'"):
        load(folder)


@pytest.mark.parametrize(
    ("kind", "field", "other"),
    [
        ("run_ended", "verdict", ["COMPLIES"]),
        ("run_ended", "counts", 3),
        ("case_planned", "measures", {"i": {"low": ""}}),
    ],
)
def test_a_field_of_another_kind_is_named_with_its_line(tmp_path: Path, kind: str, field: str, other: object) -> None:
    """What a record says instead of a word, a number or a mapping ends in one clear line, no fault of ours."""
    folder = passing_record(tmp_path / "run").write()
    entries = [orjson.loads(line) for line in _lines(folder)]
    line = next(number for number, entry in enumerate(entries, start=1) if entry["type"] == kind)
    entries[line - 1]["data"][field] = other
    _reseal(folder, entries)

    with pytest.raises(EvidenceError, match=f"line {line}: {kind} cannot be read"):
        load(folder)


def test_words_that_are_numbers_are_told_as_words(tmp_path: Path) -> None:
    """A page is made of a record whose names are numbers, as another program may write it."""
    folder = small_record(tmp_path / "run").write()
    entries = [orjson.loads(line) for line in _lines(folder)]
    for entry in entries:
        for field in {"title", "quantity", "when", "kind", "message"}.intersection(entry["data"]):
            entry["data"][field] = 1e300
        for field in {"instruments", "verifies"}.intersection(entry["data"]):
            entry["data"][field] = [7]
    _reseal(folder, entries)
    run = load(folder)

    assert "1e+300" in html.render(run)
    assert b"1e+300" in junit(run)


def test_unknown_event_is_a_doubt(tmp_path: Path) -> None:
    """An event of an unknown kind is not passed over in silence, and spoils COMPLIES."""
    folder = passing_record(tmp_path / "run").write()
    entries = [orjson.loads(line) for line in _lines(folder)]
    entries.insert(-1, {**entries[-1], "type": "blessed", "data": {}})
    _reseal(folder, entries)

    run = load(folder)

    assert run.verdict == "NOT COMPLETE"
    assert "kind that this program does not know: blessed" in run.doubts[0]
