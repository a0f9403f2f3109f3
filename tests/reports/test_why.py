"""`why` walks from a verdict to all that it rests on, and says where the record contradicts itself."""

import hashlib
from pathlib import Path

import pytest

from harness.commands.options import PLANS_FOLDER
from harness.commands.why import why
from harness.errors import ConfigError
from reports.run import load
from tests.harness.certify_run import certify
from tests.reports.tampering import reseal


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a plan on the reference device."""
    return certify(tmp_path_factory.mktemp("runs"), "session_timing").folder


def test_the_walk_goes_from_the_value_to_the_hash_of_the_plan(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Value, rule, largest component, instrument, certificate and the SHA-256 of the plan file all are told."""
    loaded = load(run)
    row = next(row for row in loaded.rows.measurements if row.rule and row.budget)
    instruments = {entry.name: entry for entry in loaded.rows.instruments}

    code = why(run, row.case, row.name)

    told = capsys.readouterr().out
    assert code == 0
    assert f"line {row.seq} of the record" in told
    assert f"{row.rule}: a pass must be inside by U" in told
    assert max(row.budget, key=lambda part: abs(part[1]))[0] in told
    for name in row.instruments:
        assert instruments[name].certificate in told
    assert hashlib.sha256((PLANS_FOLDER / "session_timing.yaml").read_bytes()).hexdigest() in told
    assert loaded.head in told
    assert "no evidence of conformity of hardware" in told


def test_a_name_that_is_not_there_is_answered_with_those_that_are(run: Path) -> None:
    """A case or a measure that the run has not is refused, and near names are offered."""
    case = next(iter(load(run).rows.cases))
    with pytest.raises(ConfigError, match="there are"):
        why(run, case + "x", "")
    with pytest.raises(ConfigError, match="has no value called 'nothing'"):
        why(run, next(row.case for row in load(run).rows.measurements), "nothing")


def test_a_contradiction_ends_with_exit_code_1(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A verdict that its own rows do not come to is shown below the walk."""
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "record.jsonl").write_bytes((run / "record.jsonl").read_bytes())
    reseal(copy, lambda entries: entries[-1]["data"].update(exit_code=1))

    code = why(copy, next(row.case for row in load(copy).rows.measurements), "")

    assert code == 1
    assert "CONTRADICTION: line" in capsys.readouterr().out
