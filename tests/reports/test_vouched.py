"""The table of who vouches for what: it says what is proved, and says so where nothing is."""

import hashlib
import re
from pathlib import Path

import orjson
import pytest

from harness.bundle import MANIFEST, RECORD, SEAL, STAMP
from harness.clock import host_utc
from harness.identity import ANCHOR
from harness.journal import JOURNAL
from harness.signing import Lab
from harness.timestamp import ask
from reports.verify import Anchors, Finding, as_json, as_text, verify, vouchers
from reports.vouched import Voucher, as_lines
from tests.harness.small_lab import small_lab
from tests.reports.small_run import approvable, development
from tests.reports.test_lab_journal import complete
from tests.time_authority import answering, made

SIGNATURES = [f"signatures/000{number}-{role}.dsse.json" for number, role in ((1, "tester"), (2, "reviewer"))]
SIGNATURES.append("signatures/0003-approver.dsse.json")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab of three people."""
    return small_lab(tmp_path / "lab")


def table(folder: Path, anchors: Anchors) -> tuple[dict[str, Voucher], str, list[Finding]]:
    """Return the rows by file, who has signed, and what was found."""
    found = verify(folder, anchors)
    rows, said = vouchers(folder, anchors, found)
    assert len({row.file for row in rows}) == len(rows)
    return {row.file: row for row in rows}, said, found


def test_each_signature_stands_in_the_table_with_name_time_and_meaning(tmp_path: Path, lab: Lab) -> None:
    """Seal, three signatures and the journal each have a row, in the order in which they were made."""
    folder = complete(approvable(tmp_path / "run"), lab)

    rows, said, _ = table(folder, Anchors(trust=lab.folder / ANCHOR))

    assert list(rows) == [SEAL, *SIGNATURES, JOURNAL]
    assert rows[SEAL].what == "sealed: record.jsonl and manifest.json"
    approved = Voucher(
        SIGNATURES[2], "A. Prover (a.prover), Example Lab", "2026-02-02 12:03:00", 'approved: "as approver"'
    )
    assert rows[SIGNATURES[2]] == approved
    assert rows[JOURNAL].what == "that no seal or signature was taken away (9 lines)"
    assert said.endswith("reviewed by R. Viewer, approved by A. Prover")


def test_what_is_wrong_vouches_for_nothing(tmp_path: Path, lab: Lab) -> None:
    """An approval that should not have been given, and a seal over another record, are not shown as proved."""
    folder = complete(development(tmp_path / "run"), lab)
    anchors = Anchors(trust=lab.folder / ANCHOR)

    rows, said, _ = table(folder, anchors)
    assert rows[SIGNATURES[2]].what == "not proved: see what is wrong"
    assert rows[SIGNATURES[1]].what == 'reviewed: "as reviewer"'
    assert said.endswith("of that, see what is wrong")

    with (folder / RECORD).open("ab") as record:
        record.write(b"{}\n")
    rows, said, _ = table(folder, anchors)
    assert (rows[SEAL].who, rows[SEAL].what) == ("nobody", "seal and signatures are not proved: see what is wrong")
    assert said == "who sealed and signed it is not proved: see what is wrong"


def test_a_journal_that_lies_elsewhere_is_said_to_be_missing(tmp_path: Path, lab: Lab) -> None:
    """Without the journal nothing tells what was taken away, and the table says that."""
    folder = complete(approvable(tmp_path / "run"), lab)
    anchor = tmp_path / "anchor.pem"
    anchor.write_bytes((lab.folder / ANCHOR).read_bytes())

    rows, _, _ = table(folder, Anchors(trust=anchor))

    assert rows[JOURNAL] == Voucher(
        JOURNAL, "nobody", "", "it does not lie beside anchor.pem: nothing tells what was taken away"
    )


def test_a_number_that_was_told_is_vouched_for_by_who_told_it(tmp_path: Path, lab: Lab) -> None:
    """--head and --manifest have rows of their own if they are right, and what was not looked at says so."""
    folder = complete(approvable(tmp_path / "run"), lab)
    head = hashlib.sha256((folder / RECORD).read_bytes().splitlines()[-1]).hexdigest()
    manifest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()

    rows, said, _ = table(folder, Anchors(head=head, manifest=manifest.upper()))
    wrong, *_ = table(folder, Anchors(head=manifest, manifest=head))

    assert list(rows) == ["--head", "--manifest", SEAL]
    assert (rows[SEAL].who, said) == ("nobody looked", "")
    assert list(wrong) == [SEAL]


def test_a_time_stamp_that_was_exchanged_is_found(tmp_path: Path, lab: Lab) -> None:
    """Junk, the time stamp of other bytes, and a right one under a root that nobody trusts, are told by verify."""
    folder = complete(approvable(tmp_path / "run"), lab)
    with answering(made(tmp_path / "time")) as authority:
        right = ask(authority.url, (folder / SEAL).read_bytes(), host_utc())
        other = ask(authority.url, b"other bytes", host_utc())
    stranger = made(tmp_path / "stranger", "A Stranger")
    anchors = Anchors(trust=lab.folder / ANCHOR, tsa=authority.root)

    for content, tsa, words in (
        (b"junk", authority.root, "is no time stamp as RFC 3161 spells it"),
        (other, authority.root, "is a time stamp of other bytes"),
        (right, stranger.root, "was not given by an authority that is trusted"),
    ):
        (folder / STAMP).write_bytes(content)
        rows, _, found = table(folder, Anchors(trust=anchors.trust, tsa=tsa))
        (told,) = [one for one in found if one.where == STAMP]
        assert told.wrong
        assert told.what.startswith(words)
        assert rows[STAMP].what == "not proved: see what is wrong"

    (folder / STAMP).write_bytes(right)
    rows, _, found = table(folder, anchors)
    assert [one for one in found if one.where == STAMP] == []
    assert rows[STAMP].who == "Example Time Authority"
    # The seal is of a day in February: a reader sees that it was stamped long after, or was dated back.
    late = re.fullmatch(
        r"that seal.dsse.json was there then, \d+ days, [\d:]+ after it says it was made", rows[STAMP].what
    )
    assert late, rows[STAMP].what


def test_text_and_json_carry_the_table(tmp_path: Path, lab: Lab) -> None:
    """People read the rows above the last line, which says what it comes to; programs read the same rows."""
    folder = complete(approvable(tmp_path / "run"), lab)
    anchors = Anchors(trust=lab.folder / ANCHOR)
    rows, said = vouchers(folder, anchors, [])

    lines = as_text(folder, [], as_lines(rows, said)).splitlines()
    read = orjson.loads(as_json([], rows))["vouched"]

    assert lines[0] == "who vouches for what"
    assert lines[-2:] == [said, f"{folder}: OK: it is what was sealed, and every verdict follows from its readings"]
    assert [row["file"] for row in read] == [SEAL, *SIGNATURES, JOURNAL]
    assert all(row["file"] in text for row, text in zip(read, lines[2:], strict=False))
