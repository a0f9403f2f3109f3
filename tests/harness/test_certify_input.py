"""Bad input: one clear line on stderr, exit 2, and nothing left switched on."""

from pathlib import Path

import pytest
import yaml

from harness.commands.options import VIRTUAL_BENCH
from tests.harness.certify_run import CHECKOUT, Run, certify, command, front_door

CLAIMS = CHECKOUT / "test_plans" / "claims" / "reference.yaml"
PLAN = CHECKOUT / "test_plans" / "session_timing.yaml"


def _bench(folder: Path, **changes: object) -> Path:
    """Return a copy of the virtual bench's file, with the things at some dotted paths changed."""
    content = yaml.safe_load(VIRTUAL_BENCH.read_text())
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = content
        for parent in parents:
            place = place[parent]
        place[last] = value
    path_of_copy = folder / "bench.yaml"
    path_of_copy.write_text(yaml.safe_dump(content, allow_unicode=True))
    return path_of_copy


def _edited(folder: Path, source: Path, old: str, new: str) -> Path:
    """Return a copy of a file with one text replaced."""
    text = source.read_text()
    assert old in text
    copy = folder / source.name
    copy.write_text(text.replace(old, new, 1))
    return copy


def _refused(folder: Path, *arguments: str | Path) -> str:
    result = front_door(folder, "certify", *arguments)
    assert result.returncode == 2, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("iontobench: ")
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--claims", "none.yaml"], "none.yaml does not exist"),
        (["--bench", "none.yaml"], "none.yaml does not exist"),
        (["--plans", "none.yaml"], "none.yaml does not exist"),
        (["--device-model", "none.yaml"], "none.yaml does not exist"),
        (["--controller", "nonsense"], "must be package.module:factory"),
        (["--controller", "no_such_module:X"], "no_such_module"),
        (["--controller", "tests.harness.defects:NoSuch"], "has no 'NoSuch'"),
        (["--controller", "tests.harness.defects:broken"], "no such model"),
        (["--controller", "tests.harness.defects:Garbage"], "ff 00 67 61 72 62"),
        (["--seed", "many"], "'--seed'"),
        (["--sead", "1"], "sead"),
    ],
)
def test_a_wrong_option_is_one_line(tmp_path: Path, arguments: list[str], text: str) -> None:
    """A file that is missing, or a controller that cannot be used, is one line that names it."""
    assert text in _refused(tmp_path, *arguments)


def test_a_wrong_option_of_a_newcomer_is_one_line(tmp_path: Path) -> None:
    """What the other tests here see in this process is what a process of its own says."""
    alone, here = (run(tmp_path, "certify", "--claims", "none.yaml") for run in (command, front_door))

    assert alone.stderr == here.stderr
    assert (alone.returncode, alone.stdout) == (here.returncode, here.stdout) == (2, "")


def test_a_key_given_twice_is_one_line(tmp_path: Path) -> None:
    """A claims file with a key given twice is refused with file and line."""
    claims = _edited(tmp_path, CLAIMS, "revision: 1\n", "revision: 1\nrevision: 2\n")

    assert "key 'revision' is given twice" in _refused(tmp_path, "--claims", claims)


def test_an_alias_is_one_line(tmp_path: Path) -> None:
    """YAML aliases are refused."""
    claims = _edited(tmp_path, CLAIMS, "revision: 1\n", "revision: &one 1\n")
    claims.write_text(claims.read_text() + "supply: *one\n")

    assert "is given twice" in (line := _refused(tmp_path, "--claims", claims)) or "alias" in line


def test_a_misspelt_claim_is_one_line(tmp_path: Path) -> None:
    """A claim that is misspelt in the claims file is refused, with the word that was meant."""
    claims = _edited(tmp_path, CLAIMS, "\n  tolerance:", "\n  tolerence:")

    assert "did you mean 'tolerance'" in _refused(tmp_path, "--claims", claims)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("method: ", "method: un", "no method is called 'un"),
        ("{claim: output.", "{claim: xoutput.", "no claim can be called 'xoutput."),
        ("measures:", "mesures:", "did you mean 'measures'"),
    ],
)
def test_a_typo_in_a_plan_is_one_line(tmp_path: Path, old: str, new: str, text: str) -> None:
    """A method, a claim or a key that is misspelt in a plan is refused before anything is switched on."""
    plan = _edited(tmp_path, PLAN, old, new)
    (tmp_path / "session_timing.py").write_text((PLAN.with_suffix(".py")).read_text())

    line = _refused(tmp_path, "--plans", plan)

    assert text in line
    assert "session_timing.yaml:" in line


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"instruments__dmm__driver": "keysight-9999"}, "keysight-9999"),
        ({"instruments__dmm__serial": "VB00000099"}, "VB00000099"),
        ({"instruments__dmm__address": "USB0::0x2A8D::0x0101::NOBODY::INSTR"}, "NOBODY"),
        ({"instruments__dmm__certificate__due": "2026-02-01"}, "expired"),
        (
            {"instruments__dmm__certificate__issued": "2099-01-01", "instruments__dmm__certificate__due": "2099-12-31"},
            "2099",
        ),
    ],
    ids=["unknown driver", "another serial", "unreachable", "certificate expired", "host clock before certificate"],
)
def test_an_instrument_that_is_no_evidence_is_one_line(tmp_path: Path, changes: dict[str, object], text: str) -> None:
    """Unknown, unreachable, mistaken or uncalibrated instruments are refused before anything is switched on."""
    assert text in _refused(tmp_path, "--bench", _bench(tmp_path, **changes))
    assert not list(tmp_path.glob("runs/*"))


def test_a_controller_that_breaks_down_ends_in_exit_2_with_a_whole_record(tmp_path: Path) -> None:
    """A controller that raises in a session is our side's error: no verdict, exit 2, and the record is closed."""
    run: Run = certify(tmp_path, "session_timing", controller="tests.harness.defects:BreaksDown")

    assert run.code == 2
    assert run.events[-1]["type"] == "run_ended"
    assert {verdict for verdict, _ in run.verdicts().values()} <= {"N/E", "N/A"}
    assert all(safe["ok"] for safe in run.of("made_safe"))
