"""The commands `keys`, `seal`, `sign` and `verify`, one after another as a lab would call them."""

from pathlib import Path

import pytest
import typer

from harness.commands.passphrase import passphrase
from harness.errors import ConfigError
from tests.harness.certify_run import front_door
from tests.reports.small_run import approvable, development

PEOPLE = (
    ("a.operator", "A. Operator", "tester"),
    ("r.viewer", "R. Viewer", "reviewer"),
    ("a.prover", "A. Prover", "approver"),
)


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A folder in which a lab with three people was made by command."""
    for code in ("lab", *(code for code, _, _ in PEOPLE)):
        (tmp_path / f"{code}.txt").write_text(f"the own words of {code}\n")
    made = front_door(tmp_path, "keys", "new", "--name", "Example Lab", "--passphrase-file", "lab.txt")
    assert made.returncode == 0, made.stderr
    for code, name, role in PEOPLE:
        words = ("--lab-passphrase-file", "lab.txt", "--passphrase-file", f"{code}.txt")
        added = front_door(tmp_path, "keys", "add", code, "--name", name, "--as", role, *words)
        assert added.returncode == 0, added.stderr
    return tmp_path


def _signs(home: Path, run: str, code: str, role: str, words: str = "") -> tuple[int, str]:
    who = ("--who", code, "--passphrase-file", f"{words or code}.txt")
    done = front_door(home, "sign", run, "--as", role, *who, "--meaning", f"I answer as {role}")
    return done.returncode, done.stdout + done.stderr


def test_a_run_goes_from_its_seal_to_its_approval(lab: Path) -> None:
    """Each command names the next one, and at the end the run is verified up to the lab."""
    approvable(lab / "run")

    sealed = front_door(lab, "seal", "run", "--who", "a.operator", "--passphrase-file", "a.operator.txt")
    signed = [_signs(lab, "run", code, role) for code, _, role in PEOPLE]
    verified = front_door(lab, "verify", "run", "--trust", "lab/ca.crt.pem")
    listed = front_door(lab, "keys", "list")

    assert (sealed.returncode, "COMPLIES with OUT revision 1" in sealed.stdout) == (0, True), sealed.stderr
    assert "next: python -m harness sign run --as tester" in sealed.stdout
    assert [code for code, _ in signed] == [0, 0, 0], signed
    assert "next: python -m harness verify run --trust lab/ca.crt.pem" in signed[-1][1]
    # What else `verify` finds in so small a run is no matter of its signatures.
    found, _, table = verified.stdout.partition("who vouches for what\n")
    assert "seal.dsse.json" not in found
    assert "signatures/" not in found
    assert "journal.jsonl" not in found
    assert 'approved: "I answer as approver"' in table
    assert "that no seal or signature was taken away (8 lines)" in table
    assert [line.split("\t")[0] for line in listed.stdout.splitlines()] == sorted(code for code, _, _ in PEOPLE)


def test_a_run_whose_files_are_not_as_they_were_recorded_is_not_sealed(lab: Path) -> None:
    """Nobody answers for a copy that was changed after the run, or for a file that was put beside the waveforms."""
    run = approvable(lab / "run")
    (run / "waveforms").mkdir(exist_ok=True)
    (run / "waveforms" / "000007.npz").write_bytes(b"")

    refused = front_door(lab, "seal", "run", "--who", "a.operator", "--passphrase-file", "a.operator.txt")

    assert refused.returncode == 2
    assert "waveforms/000007.npz: was put in: no line of the record names it" in refused.stderr
    assert not (run / "manifest.json").exists()
    assert not (run / "seal.dsse.json").exists()


def test_what_is_refused_says_why_and_leaves_nothing(lab: Path) -> None:
    """A wrong passphrase, a stranger, a role out of turn, and an approval of a virtual run: exit code 2, one line."""
    development(lab / "run")
    unsealed = _signs(lab, "run", "a.operator", "tester")
    front_door(lab, "seal", "run", "--who", "a.operator", "--passphrase-file", "a.operator.txt")

    wrong = _signs(lab, "run", "a.operator", "tester", words="r.viewer")
    stranger = _signs(lab, "run", "nobody", "tester", words="lab")
    out_of_turn = _signs(lab, "run", "a.prover", "approver")
    for code, _, role in PEOPLE[:2]:
        assert _signs(lab, "run", code, role)[0] == 0
    virtual = _signs(lab, "run", "a.prover", "approver")

    for (code, said), reason in (
        (unsealed, "run is not sealed: python -m harness seal run"),
        (wrong, "the passphrase is not that of a.operator"),
        (stranger, "'nobody' has no key in lab"),
        (out_of_turn, "next is the tester"),
        (virtual, "this result cannot be approved: the bench is virtual"),
    ):
        assert (code, said.count("\n")) == (2, 1), said
        assert reason in said
    assert sorted(path.name for path in (lab / "run" / "signatures").iterdir()) == [
        "0001-tester.dsse.json",
        "0002-reviewer.dsse.json",
    ]


def test_a_passphrase_that_nobody_types_is_no_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nobody to ask, the message names whose it is and that a file can hold it."""

    def nobody(*_: object, **__: object) -> str:
        raise typer.Abort

    monkeypatch.setattr(typer, "prompt", nobody)
    with pytest.raises(ConfigError, match="no passphrase of the lab was given: type it, or name a file"):
        passphrase(None, "the lab", new=True)
