"""The journal of a lab: lines that were cut off or made anew are missed by what was signed, and so is a clock."""

import datetime as dt
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.errors import ConfigError, EvidenceError
from harness.identity import ANCHOR
from harness.journal import JOURNAL, LOCK, journal, read_journal
from harness.keys import set_clock
from harness.signing import Lab, Signer, read_seal, read_signatures, seal, sign
from reports import load
from reports.statement import began, result
from reports.vouching import vouch
from tests.harness.small_lab import LAB, key_of, later, small_lab
from tests.reports.small_run import approvable
from tests.reports.test_vouching import ALL

Entry = dict[str, Any]


def complete(folder: Path, lab: Lab, minutes: int = 0) -> Path:
    """Seal a run some minutes after noon and sign it by everybody."""
    run = load(folder)
    seal(folder, lab, key_of(lab, "a.operator"), result(run), began=began(run), utc=later(minutes))
    for after, (code, role) in enumerate(ALL, start=minutes + 1):
        signer = Signer(key_of(lab, code), role, f"as {role}", operator="", obstacles=(), utc=later(after))
        sign(folder, lab, signer)
    return folder


def made_anew(lab: Lab, change: Callable[[list[Entry]], list[Entry]]) -> None:
    """Change the journal of a lab as whoever can write it can, chain and seals of its lines included."""
    path = lab.folder / JOURNAL
    head, lines = "0" * 64, []
    for seq, entry in enumerate(change(list(read_journal(path)))):
        said = {**entry, "seq": seq, "prev": head}
        said["seal"] = hashlib.sha256(orjson.dumps(said)).hexdigest()
        lines.append(orjson.dumps(said))
        head = hashlib.sha256(lines[-1]).hexdigest()
    path.write_bytes(b"".join(line + b"\n" for line in lines))


@pytest.fixture
def two(tmp_path: Path) -> tuple[Lab, Path, Path]:
    """A lab, and two runs that were signed by everybody one after the other: lines 6 to 9, and 10 to 13."""
    lab = small_lab(tmp_path / "lab")
    first, second = approvable(tmp_path / "first"), approvable(tmp_path / "second", title="another")
    return lab, complete(first, lab), complete(second, lab, 10)


def test_each_signature_says_where_the_journal_ended(two: tuple[Lab, Path, Path]) -> None:
    """Head and count in seal and signatures are those of the journal before their own line, by sha256."""
    lab, first, second = two
    lines = (lab.folder / JOURNAL).read_bytes().splitlines()

    for folder, begin in ((first, 5), (second, 9)):
        sealed = read_seal(folder, lab.anchors)
        signed = [sealed, *read_signatures(folder, lab.anchors, sealed)]
        said = [(one.predicate["journal"]["lines"], one.predicate["journal"]["head"]) for one in signed]
        assert said == [(n, hashlib.sha256(lines[n - 1]).hexdigest()) for n in range(begin, begin + 4)]
        assert vouch(folder, lab.folder / ANCHOR) == []


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (1, {"type": "key_revoked", "data": {"name": "no certificate"}}),
        (6, {"utc": "2026-02-02T12:00:00"}),
        (6, {"utc": "0001-01-01T00:00:00+14:00"}),
        (6, {"type": ["sealed"]}),
        (6, {"type": "report_signed", "data": {"before": ""}}),
        (6, {"data": {"run": "", "file": 7, "sha256": "", "record": "", "name": ""}}),
    ],
)
def test_a_journal_whose_lines_say_less_than_they_must_is_none(
    two: tuple[Lab, Path, Path], line: int, change: Entry
) -> None:
    """A line that nobody can go by is told as one that was altered, and ends nothing."""
    lab, first, _ = two
    made_anew(lab, lambda entries: [*entries[: line - 1], entries[line - 1] | change, *entries[line:]])

    found = vouch(first, lab.folder / ANCHOR)

    assert [one for one in found if one.startswith(f"{JOURNAL}: line {line}: this is not as it was written")], found


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_tail_that_was_cut_off_is_missed(two: tuple[Lab, Path, Path], cut: int) -> None:
    """Whatever number of lines is cut off the end, what was signed there is no longer in the journal."""
    lab, first, second = two
    path = lab.folder / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-cut]))

    told = vouch(second, lab.folder / ANCHOR)

    if cut > 1:
        assert any(words.startswith(f"{JOURNAL}: has {13 - cut} lines, and had") for words in told), told
    assert any("does not know of it: its line was cut off" in words for words in told) or cut > 4, told
    assert (vouch(first, lab.folder / ANCHOR) == []) == (cut <= 4)


def test_a_signature_rolled_back_with_its_line_is_missed_by_the_next_run(two: tuple[Lab, Path, Path]) -> None:
    """An approval and its line in the journal, both taken away, leave a run that is whole; every later run tells."""
    lab, first, second = two
    (first / "signatures" / "0003-approver.dsse.json").unlink()
    made_anew(lab, lambda entries: [entry for entry in entries if "0003" not in str(entry) or entry["seq"] > 9])

    assert vouch(first, lab.folder / ANCHOR) == []
    told = vouch(second, lab.folder / ANCHOR)

    assert f"{JOURNAL}: line 9 is another one than when seal.dsse.json was made: the journal was made anew" in told


def test_a_line_that_was_changed_is_missed(two: tuple[Lab, Path, Path]) -> None:
    """Another name in an old line, with chain and seals made anew, is told by every signature after it."""
    lab, _, second = two

    def change(entries: list[Entry]) -> list[Entry]:
        entries[2]["data"]["name"] = "Somebody Else"
        return entries

    made_anew(lab, change)

    told = vouch(second, lab.folder / ANCHOR)
    assert len([words for words in told if "the journal was made anew" in words]) == 4


def test_a_journal_of_another_lab_is_told(two: tuple[Lab, Path, Path], tmp_path: Path) -> None:
    """The journal beside a trust anchor must be that of its lab, and have a first line."""
    lab, first, _ = two
    other = small_lab(tmp_path / "other")
    for content in ((other.folder / JOURNAL).read_bytes(), b""):
        (lab.folder / JOURNAL).write_bytes(content)

        assert f"{JOURNAL}: line 1 must be that of a lab that is trusted: this is no journal of it" in vouch(
            first, lab.folder / ANCHOR
        )


def test_of_two_labs_each_has_a_journal_of_its_own(two: tuple[Lab, Path, Path], tmp_path: Path) -> None:
    """What another trusted lab signed is not looked for in the journal of this one."""
    lab, first, _ = two
    other = small_lab(tmp_path / "other")
    both = other.folder / "both.pem"
    both.write_bytes((other.folder / ANCHOR).read_bytes() + (lab.folder / ANCHOR).read_bytes())

    assert vouch(first, both) == []


def test_the_clock_of_a_lab_does_not_go_back(two: tuple[Lab, Path, Path], tmp_path: Path) -> None:
    """Nothing is signed before the last line of the journal, unless the lab says that the clock was ahead."""
    lab, *_ = two
    run = approvable(tmp_path / "third", title="third")
    journal(lab.folder, later(100_000), "refused", {"code": "a.operator", "reason": "wrong passphrase"})

    with pytest.raises(EvidenceError, match=r"set the clock right; or, if it was ahead then, .* keys clock --reason"):
        complete(run, lab, 20)
    with pytest.raises(ConfigError, match="needs a reason"):
        set_clock(lab.folder, "", lab_passphrase=LAB, utc=later(20))
    set_clock(lab.folder, "its battery was empty", lab_passphrase=LAB, utc=later(20))

    assert vouch(complete(run, lab, 20), lab.folder / ANCHOR) == []
    with pytest.raises(EvidenceError, match="nothing has to be set right"):
        set_clock(lab.folder, "again", lab_passphrase=LAB, utc=later(30))


def test_a_line_that_is_older_than_the_one_before_is_told(two: tuple[Lab, Path, Path]) -> None:
    """A journal in which time goes back was not written by this program."""
    lab, first, _ = two

    def change(entries: list[Entry]) -> list[Entry]:
        entries[-1]["utc"] = (later(0) - dt.timedelta(days=1)).isoformat(timespec="seconds")
        return entries

    made_anew(lab, change)

    told = vouch(first, lab.folder / ANCHOR)
    before = "and the line before it of 2026-02-02T12:12:00+00:00"
    assert f"{JOURNAL}: line 13 is of 2026-02-01T12:00:00+00:00, {before}" in told


def test_people_who_write_at_the_same_time_break_nothing(tmp_path: Path) -> None:
    """Four people add lines all at once: each line follows the one before it, and who was in the way tries again."""
    (tmp_path / "lab").mkdir()

    def person(code: int) -> int:
        turned_away = 0
        for number in range(25):
            while True:
                try:
                    journal(tmp_path / "lab", later(0), "refused", {"code": code, "number": number})
                    break
                except EvidenceError as error:
                    assert "somebody is writing in the journal; try again" in str(error)  # noqa: PT017
                    turned_away += 1
        return turned_away

    with ThreadPoolExecutor(4) as people:
        list(people.map(person, range(4)))

    lines = [(entry["data"]["code"], entry["data"]["number"]) for entry in read_journal(tmp_path / "lab" / JOURNAL)]
    assert sorted(lines) == [(code, number) for code in range(4) for number in range(25)]
    assert [path.name for path in (tmp_path / "lab").iterdir()] == [JOURNAL]


def test_a_lock_that_was_left_behind_says_what_to_do(two: tuple[Lab, Path, Path]) -> None:
    """Nothing is added while the lock is there, and the words name the file."""
    lab, *_ = two
    before = (lab.folder / JOURNAL).read_bytes()
    (lab.folder / LOCK).touch()

    with pytest.raises(EvidenceError, match=r"journal\.lock is there: .* delete that file if nobody is"):
        journal(lab.folder, later(60), "refused", {})

    assert (lab.folder / JOURNAL).read_bytes() == before


@pytest.mark.parametrize("content", [b"[]\n", b'{"prev":"x","seq":0}\n', b"\xff\n", b"{}"])
def test_what_is_no_journal_is_told_and_breaks_nothing(two: tuple[Lab, Path, Path], content: bytes) -> None:
    """Whatever lies where the journal should be, a finding names it."""
    lab, first, _ = two
    (lab.folder / JOURNAL).write_bytes(content)

    assert any(words.startswith(f"{JOURNAL}: line 1") for words in vouch(first, lab.folder / ANCHOR))
