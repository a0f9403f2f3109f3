"""`report --amend`, `sign` and `verify` of an amended report, and `report --compare`, as a lab would call them."""

from pathlib import Path

import orjson

from harness.identity import Role
from harness.keys import issue, make_lab
from tests.harness.certify_run import command
from tests.harness.small_lab import LAB, OPENED
from tests.reports.small_run import CASE, approvable

PEOPLE = (("a.operator", "A. Operator", Role.TESTER), ("r.viewer", "R. Viewer", Role.REVIEWER))


def lab_at(home: Path) -> None:
    """Make a lab of a tester and a reviewer, with their passphrases in files."""
    make_lab(home / "lab", "Example Lab", LAB, OPENED)
    for code, name, role in PEOPLE:
        (home / f"{code}.txt").write_text(f"the own words of {code}\n")
        words = f"the own words of {code}"
        issue(home / "lab", code, name, (role,), lab_passphrase=LAB, passphrase=words, utc=OPENED, days=3650)


def test_a_report_is_amended_signed_and_verified(tmp_path: Path) -> None:
    """Each command names the next one; the amended report has its own page, and the record says what it said."""
    lab_at(tmp_path)
    approvable(tmp_path / "run")
    record = (tmp_path / "run" / "record.jsonl").read_bytes()
    tester = ("--who", "a.operator", "--passphrase-file", "a.operator.txt")
    assert command(tmp_path, "seal", "run", *tester).returncode == 0

    without_reason = command(tmp_path, "report", "run", "--withdraw", CASE, *tester)
    made = command(tmp_path, "report", "run", "--amend", "the shunt was exchanged", "--withdraw", CASE, *tester)
    reviewer = ("--who", "r.viewer", "--passphrase-file", "r.viewer.txt", "--meaning", "I reviewed it")
    signed = command(tmp_path, "sign", "run", "--as", "reviewer", *reviewer)
    verified = command(tmp_path, "verify", "run", "--trust", "lab/ca.crt.pem")
    told = command(tmp_path, "show", "run", "--json")

    assert without_reason.returncode == 2
    assert "need a reason: --amend REASON" in without_reason.stderr
    assert made.returncode == 0, made.stderr
    assert "run-A1, made by A. Operator: NOT COMPLETE with OUT revision 1" in made.stdout
    assert "next: python -m harness sign run --as reviewer" in made.stdout
    assert "report: run/amendments/0001.html" in made.stdout
    assert signed.returncode == 0, signed.stderr
    assert "since then amended, run-A1: NOT COMPLETE with OUT revision 1: the shunt was exchanged" in verified.stdout
    assert not [line for line in verified.stdout.splitlines() if line.startswith("WRONG") and "amendments/" in line]
    assert (orjson.loads(told.stdout)["run"], orjson.loads(told.stdout)["verdict"]) == ("run-A1", "NOT COMPLETE")
    assert (tmp_path / "run" / "record.jsonl").read_bytes() == record
    assert not (tmp_path / "run" / "report.html").exists()


def test_who_signs_is_asked_for_a_signature_alone(tmp_path: Path) -> None:
    """A PDF is not left unsigned where somebody named who signs it; a record is a run, too."""
    approvable(tmp_path / "run")

    unsigned = command(tmp_path, "report", "run", "--pdf", "r.pdf", "--who", "a.operator")
    made = command(tmp_path, "report", "run/record.jsonl")

    assert unsigned.returncode == 2
    assert "nothing was signed: add --seal" in unsigned.stderr
    assert not (tmp_path / "r.pdf").exists()
    assert (made.returncode, (tmp_path / "run" / "report.html").is_file()) == (0, True), made.stderr


def test_report_compare_is_compare(tmp_path: Path) -> None:
    """Both names of it print the same, and end with the same code."""
    first, second = approvable(tmp_path / "first"), approvable(tmp_path / "second", title="another")

    by_report = command(tmp_path, "report", "--compare", first, second)
    by_name = command(tmp_path, "compare", first, second)

    assert (by_report.returncode, by_report.stdout) == (by_name.returncode, by_name.stdout)
    assert "first" in by_report.stdout
    assert not (second / "report.html").exists()
