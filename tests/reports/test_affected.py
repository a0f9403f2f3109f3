"""Affected: past values are corrected as arithmetic on the values themselves says, and what cannot be told is open."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.commands.affected import affected, permitted
from harness.errors import ConfigError, EvidenceError
from reports import Run, load
from reports.affected import RunEffect, of_run, search
from reports.as_found import AsFound, load_as_found
from reports.found_errors import KNOWN, FoundErrors
from tests.harness.certify_run import certify, command

METER = "VB00000002"
ONLY = ["OUT-010[hands*", "OUT-020[hands-lowest-*", "OUT-030[hands*", "OUT-050[hands*", "SES-040[*hands*"]
WITHIN = "[dc current, resistance, two-wire resistance, frequency, sample timer, 'ac voltage, 100 kHz to 300 kHz']"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run with readings and logs of the multimeter, and peaks of the oscilloscope beside it."""
    runs = tmp_path_factory.mktemp("runs")
    return certify(runs, "output_current", "session_timing", only=ONLY).folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """That run, loaded."""
    return load(folder)


def written(
    path: Path,
    *,
    serial: str = METER,
    error: str = "0 %",
    fixed: str = "0 V",
    last_good: str = "2026-01-12",
    found: str = "2026-12-01",
    within: str = WITHIN,
    more: str = "",
) -> Path:
    """Write what was found of the range of 1 V of the multimeter."""
    path.write_text(
        f"as_found: CAL-77\nlaboratory: Example Calibration\nserial: {serial}\n"
        f"last_good: {last_good}\nfound: {found}\nwithin: {within}\nranges:\n"
        f"  - {{function: dc voltage, range: 1 V, of_reading: {{error: {error}, uncertainty: 0.001 %}}, "
        f"fixed: {{error: {fixed}, uncertainty: 1 µV}}}}\n"
        "  - {function: dc voltage, range: 10 V, of_reading: {error: 0, uncertainty: 0}, "
        "fixed: {error: 0 V, uncertainty: 0 V}}\n"
        f"{more}",
        encoding="utf-8",
    )
    return path


def finding(tmp_path: Path, **told: str) -> AsFound:
    """Return a finding of the multimeter."""
    return load_as_found(written(tmp_path / "found.yaml", **told), told.get("serial", METER)).content


def effect(run: Run, found: AsFound) -> RunEffect:
    """Return what a finding makes of a run that used the instrument."""
    made = of_run(run, found, permitted)
    assert made is not None
    return made


def errors_of(run: Run, found: AsFound) -> FoundErrors:
    """Return the errors found of the multimeter of a run."""
    meter = next(row for row in run.rows.instruments if row.serial == METER)
    return FoundErrors(found, meter, permitted, None)


def test_a_gain_error_moves_a_current_in_proportion(tmp_path: Path, run: Run) -> None:
    """Whether read once or logged: 0.2 % too high is 0.2 % of the value itself."""
    errors = errors_of(run, finding(tmp_path, error="0.2 %"))
    rows = [row for row in run.rows.measurements if any(line[0] == "dmm dc voltage 1 gain" for line in row.budget)]
    rows = [row for row in rows if row.unit in ("mA", "mA·min")]

    shifts = [(errors.shift(row.budget, KNOWN[0]), 0.002 * (row.value or 0.0)) for row in rows]

    assert len(rows) >= 10
    assert {row.unit for row in rows} == {"mA", "mA·min"}
    assert [shift for shift, _ in shifts] == pytest.approx([must for _, must in shifts], rel=1e-6)


def test_a_scope_that_was_compared_with_the_meter_is_moved_with_it(tmp_path: Path, run: Run) -> None:
    """The gain of the current channel was set by the meter: what it saw is off by the same part."""
    errors = errors_of(run, finding(tmp_path, error="0.2 %"))
    errors.learn([row.budget for row in run.rows.measurements])
    rows = [
        row
        for row in run.rows.measurements
        if row.unit == "mA" and any(line[0].endswith("compared with the multimeter") for line in row.budget)
    ]

    shifts = [errors.shift(row.budget, KNOWN[0]) for row in rows]

    assert rows
    assert shifts == pytest.approx([0.002 * (row.value or 0.0) for row in rows], rel=1e-4)


def test_a_fixed_error_moves_a_current_by_ohms_law(tmp_path: Path, run: Run) -> None:
    """20 µV too high over 10 Ω is 2 µA too high."""
    errors = errors_of(run, finding(tmp_path, fixed="20 µV"))
    rows = [
        row
        for row in run.rows.measurements
        if row.unit == "mA"
        and "shunt 10 Ω" in row.instruments
        and any(line[0] == "dmm dc voltage 1 offset" for line in row.budget)
    ]

    shifts = [errors.shift(row.budget, KNOWN[0]) for row in rows]

    assert rows
    assert shifts == pytest.approx([0.002] * len(rows), rel=1e-6)


def test_a_meter_found_good_changes_nothing(tmp_path: Path, run: Run) -> None:
    """Errors of zero leave every verdict, and nothing is open."""
    made = effect(run, finding(tmp_path))

    assert made.touched >= 10
    assert (made.values, made.cases, made.open, made.now) == ((), (), (), made.was)


def test_exactly_the_values_whose_corrected_value_leaves_its_limits_change(tmp_path: Path, run: Run) -> None:
    """What is outside, judged by hand on values 4 % lower and with the recorded U, is a change, and nothing else is."""
    made = effect(run, finding(tmp_path, error="4 %"))

    outside = set()
    for row in run.rows.measurements:
        touched = any(line[0] == "dmm dc voltage 1 gain" for line in row.budget)
        if touched and row.rule == "guarded" and row.unit in ("mA", "mA·min") and row.value is not None:
            value, U = 0.96 * row.value, row.U or 0.0
            if (row.low is not None and value < row.low + U) or (row.high is not None and value > row.high - U):
                outside.add(row.seq)
    assert outside
    assert {change.row.seq for change in made.values} == outside
    assert {change.case for change in made.cases} == {change.row.case for change in made.values}
    assert made.now == ("DOES NOT COMPLY" if any(c.now == "F" for c in made.cases) else "NOT COMPLETE")


def test_the_uncertainty_of_the_finding_enlarges_u(tmp_path: Path, run: Run) -> None:
    """A corrected value is less certain than it was, by the root of the sum of squares."""
    made = effect(run, finding(tmp_path, error="4 %"))

    for change in made.values:
        assert change.row.u is not None
        assert change.row.value is not None
        least = (change.row.u**2 + (0.5e-5 * change.row.value) ** 2) ** 0.5
        assert change.U / (change.row.k or 1.96) == pytest.approx(least, rel=0.03)
        assert (change.row.U or 0.0) * (1 - 1e-3) < change.U


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"within": "[]"}, "the file says nothing of sample timer of dmm"),
        ({"last_good": "2026-01-01"}, "newer than the last good one"),
    ],
    ids=["a function that the file leaves out", "a certificate that nobody told of"],
)
def test_what_the_file_does_not_answer_is_open(tmp_path: Path, run: Run, told: dict[str, str], words: str) -> None:
    """Silence is no answer: what a value rests on must be said, or it is told as open."""
    made = effect(run, finding(tmp_path, **told))

    assert any(words in said for said, _ in made.open)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"last_good": "2026-11-01"}, "before the last good calibration"),
        ({"found": "2026-02-01"}, "after the calibration"),
    ],
    ids=["before it was good", "after it was found"],
)
def test_runs_of_other_times_are_not_looked_at(tmp_path: Path, run: Run, told: dict[str, str], why: str) -> None:
    """Only runs from the last good calibration until this one are judged again; others are named with the reason."""
    made = effect(run, finding(tmp_path, error="4 %", **told))

    assert made.left_out.startswith(why)
    assert made.values == ()


def test_what_is_only_bounded_is_open_and_no_change(tmp_path: Path, run: Run) -> None:
    """The record does not tell which way a time base moves a time: 1.5 % may fail a session time, and is told so."""
    timer = "  - {function: sample timer, of_reading: {error: 1.5 %, uncertainty: 0.001 %}}\n"
    found = finding(tmp_path, within=WITHIN.replace("sample timer, ", ""), more=timer)

    made = effect(run, found)

    assert made.values == ()
    assert any("only bounds" in said and count > 0 for said, count in made.open)


def test_a_range_that_the_sheet_has_not_is_an_error(tmp_path: Path, run: Run) -> None:
    """A finding about a range of 3 V would clear whatever was read on another one."""
    path = written(tmp_path / "found.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("range: 10 V", "range: 3 V"), encoding="utf-8")

    with pytest.raises(ConfigError, match="no range 3 V"):
        effect(run, load_as_found(path, METER).content)


def test_a_run_without_the_instrument_is_no_effect(tmp_path: Path, run: Run) -> None:
    """Another serial number is another instrument."""
    assert of_run(run, finding(tmp_path, serial="MY12345678"), permitted) is None


def test_a_shunt_is_known_by_its_certificate(tmp_path: Path, run: Run) -> None:
    """Four per cent of a standard without a data sheet, named by its line, are four per cent of the value."""
    path = tmp_path / "shunt.yaml"
    path.write_text(
        "as_found: CAL-78\nlaboratory: L\nserial: VB-2026-010\nlast_good: 2026-01-14\nfound: 2026-12-01\ncomponents:\n"
        "  - {component: shunt 10 Ω certificate, error: 4 %, uncertainty: 0.005 %, counted_as: 0.0025 %}\n",
        encoding="utf-8",
    )
    made = effect(run, load_as_found(path, "VB-2026-010").content)

    assert made.values
    for change in made.values:
        assert change.value == pytest.approx(0.96 * (change.row.value or 0.0), rel=1e-4)


def test_a_record_that_was_altered_is_open(tmp_path: Path, folder: Path) -> None:
    """A record that cannot be believed answers nothing, and the search says so instead of passing it over."""
    shutil.copytree(folder, tmp_path / "runs" / "one")
    record = tmp_path / "runs" / "one" / "record.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join([*lines[:30], *lines[31:]]))

    found = search(tmp_path / "runs", finding(tmp_path), permitted)

    assert found.exit_code == 3
    assert "line 31" in found.effects[0].open[0][0]


def test_a_folder_without_runs_is_an_error(tmp_path: Path) -> None:
    """Nothing found because nothing was there is not the answer that nothing changes."""
    with pytest.raises(EvidenceError, match="holds no record"):
        search(tmp_path, finding(tmp_path), permitted)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("range: 1 V, ", ""), "both, or neither"),
        (lambda text: text.replace("error: 0 V, uncertainty: 1 µV", "error: 0 A, uncertainty: 1 µV"), "0 A"),
        (lambda text: text.replace("range: 10 V", "range: 1000 mV"), "given twice"),
        (lambda text: text.replace("dc current", "dc voltage"), "not under both"),
        (lambda text: text.replace("2026-12-01", "2025-12-01"), "before last_good"),
        (lambda text: text + "colour: red\n", "colour"),
    ],
    ids=["range without fixed", "another unit", "a range twice", "good and bad", "days swapped", "unknown key"],
)
def test_a_wrong_file_is_refused(tmp_path: Path, change: Callable[[str], str], words: str) -> None:
    """A finding with a mistake in it judges nothing."""
    path = written(tmp_path / "found.yaml")
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(ConfigError, match=words):
        load_as_found(path, METER)


def test_a_file_of_another_instrument_is_refused(tmp_path: Path) -> None:
    """The serial number is asked for twice, because the wrong file would clear the wrong runs."""
    with pytest.raises(ConfigError, match="VB00000003"):
        load_as_found(written(tmp_path / "found.yaml"), "VB00000003")


def test_the_command_tells_and_exits_with_1(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a program reads it: which case, from what to what; the record is as it was."""
    before = (folder / "record.jsonl").read_bytes()

    code = affected(METER, written(tmp_path / "found.yaml", error="4 %"), folder.parent, json=True)

    told = json.loads(capsys.readouterr().out)
    assert code == told["exit_code"] == 1
    assert {case["was"] for case in told["runs"][0]["cases"]} == {"P"}
    assert (folder / "record.jsonl").read_bytes() == before


def test_the_command_as_a_person_calls_it(tmp_path: Path, folder: Path) -> None:
    """The front door knows it, and a meter that was good ends with 0."""
    found = written(tmp_path / "found.yaml")

    done = command(tmp_path, "affected", "--instrument", METER, "--as-found", found, "--runs", folder.parent)

    assert done.returncode == 0, done.stderr
    assert "0 values and 0 cases come to another verdict" in done.stdout
    assert not done.stderr


@pytest.mark.parametrize("json_", [[], ["--json"]], ids=["for a person", "for a program"])
def test_an_instrument_that_no_run_used_is_an_error(tmp_path: Path, folder: Path, json_: list[str]) -> None:
    """A serial number with a slip in it clears no run: nothing on stdout, why on stderr, exit code 2."""
    found = written(tmp_path / "found.yaml", serial="VB99999999")

    done = command(
        tmp_path, "affected", "--instrument", "VB99999999", "--as-found", found, "--runs", folder.parent, *json_
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "no run used 'VB99999999'" in done.stderr
