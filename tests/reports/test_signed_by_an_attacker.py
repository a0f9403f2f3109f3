"""What somebody can do who has the private key of a tester and a program of their own: each is told by name."""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner

from harness.bundle import MANIFEST, RECORD, SEAL
from harness.envelope import PAYLOAD_TYPE
from harness.identity import ANCHOR
from harness.journal import JOURNAL, identity_of, journal, stamp
from harness.record import read_record
from harness.signing import Lab
from reports.verify import Anchors, verify
from reports.vouching import vouch
from tests.harness.small_lab import key_of, later, small_lab
from tests.reports.small_run import approvable, development
from tests.reports.tampering import reseal
from tests.reports.test_lab_journal import complete

Statement = dict[str, Any]
TESTED = "signatures/0001-tester.dsse.json"


def statement_of(path: Path) -> Statement:
    """Return what an envelope states."""
    said: Statement = orjson.loads(base64.b64decode(orjson.loads(path.read_bytes())["payload"]))
    return said


def forged(lab: Lab, folder: Path, name: str, payload: bytes, code: str = "a.operator", *, told: bool = True) -> None:
    """Sign any bytes with a key that was stolen, and write them into the journal as the program would."""
    key = key_of(lab, code)
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(key.private)).unrecognized_fields["cert"] = key.person.certificate
    content = orjson.dumps(envelope.to_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (folder / name).write_bytes(content)
    if told:
        run, record = identity_of(folder)
        sha256 = hashlib.sha256(content).hexdigest()
        data = {"run": run, "file": name, "sha256": sha256, "record": record, "code": code, "name": key.person.name}
        journal(lab.folder, later(60), "sealed", data)


def _restated(change: Callable[[Statement], None], name: str = SEAL) -> Callable[[Lab, Path], None]:
    """Return what states something else in an envelope, and signs it again."""

    def attack(lab: Lab, folder: Path) -> None:
        said = statement_of(folder / name)
        change(said)
        forged(lab, folder, name, orjson.dumps(said))

    return attack


def _without_journal(lab: Lab, folder: Path) -> None:
    """Seal again with a program that writes nothing down, after the line of the first seal was cut off."""
    path = lab.folder / JOURNAL
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-4]))
    forged(lab, folder, SEAL, orjson.dumps(statement_of(folder / SEAL)), told=False)


def _two_words_for_one(lab: Lab, folder: Path) -> None:
    """Say PASSED to programs that take the first of two keys of one name."""
    said = orjson.dumps(statement_of(folder / SEAL))
    forged(lab, folder, SEAL, said.replace(b'"result":', b'"result":"PASSED","result":', 1))


def _other_spelling(lab: Lab, folder: Path) -> None:
    forged(lab, folder, SEAL, orjson.dumps(statement_of(folder / SEAL), option=orjson.OPT_INDENT_2))


def _predicate(**said: Any) -> Callable[[Statement], None]:
    return lambda statement: statement["predicate"].update(said)


def _subject(**said: Any) -> Callable[[Statement], None]:
    return lambda statement: statement["subject"][0].update(said)


def _digest(statement: Statement) -> None:
    statement["subject"][0]["digest"]["sha512"] = "0" * 128


def _no_journal_named(statement: Statement) -> None:
    del statement["predicate"]["journal"]


def _dated(utc: dt.datetime) -> Callable[[Statement], None]:
    return _predicate(utc=stamp(utc))


@pytest.mark.parametrize(
    ("attack", "where", "words"),
    [
        (_restated(_predicate(result="FAILED")), SEAL, "it states another result than follows from the record"),
        (_restated(_predicate(approvedBy="the ministry")), SEAL, "it states another approvedBy than follows"),
        (_restated(_predicate(marks=["all is well"])), SEAL, "it states another marks than follows"),
        (_restated(_predicate(obstacles="none")), SEAL, "it states another obstacles than follows"),
        (_restated(_predicate(meaning="Approved", approver="A. Prover"), TESTED), TESTED, "and nothing else"),
        (_restated(_subject(name="another.jsonl")), SEAL, "must be about record.jsonl, manifest.json"),
        (_restated(_subject(uri="https://example.org")), SEAL, "name each file once, by SHA-256"),
        (_restated(_digest), SEAL, "name each file once, by SHA-256"),
        (_restated(_dated(dt.datetime(2026, 1, 30, tzinfo=dt.UTC))), SEAL, "and the run began on 2026-01-31"),
        (_restated(_predicate(utc="2026-02-02T12:00:00")), SEAL, "must be in UTC"),
        (_restated(_predicate(utc="2026-02-02T13:00:00+01:00")), SEAL, "must be in UTC"),
        (_restated(_predicate(utc="0001-01-01T00:00:00+14:00")), SEAL, "is no statement of ours"),
        (_restated(_dated(later(-5))), SEAL, r"says 2026-02-02T12:00:00\+00:00|says 2026-02-02T11:55:00\+00:00"),
        (_restated(_no_journal_named), SEAL, "does not say where the journal of the lab ended"),
        (_restated(_predicate(journal={"lines": -1, "head": ""})), SEAL, "does not say where the journal"),
        (_restated(_predicate(journal={"lines": True, "head": ""})), SEAL, "does not say where the journal"),
        (_restated(_predicate(journal=None)), SEAL, "does not say where the journal"),
        (_without_journal, SEAL, "does not know of it"),
        (_two_words_for_one, SEAL, "not spelled as this program spells it"),
        (_other_spelling, SEAL, "not spelled as this program spells it"),
    ],
)
def test_what_a_stolen_key_of_a_tester_signs_is_told(
    tmp_path: Path, attack: Callable[[Lab, Path], None], where: str, words: str
) -> None:
    """Each is signed with a good key, and a finding names the file and what is wrong with what it says."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    assert vouch(folder, lab.folder / ANCHOR) == []

    attack(lab, folder)

    told = [one for one in vouch(folder, lab.folder / ANCHOR) if one.startswith(f"{where}: ")]
    assert re.search(words, "\n".join(told)), "\n".join(told)


def test_a_virtual_run_does_not_lose_its_marks(tmp_path: Path) -> None:
    """A seal over a virtual run that carries no mark, and names no obstacle, is told."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(development(tmp_path / "run"), lab)
    _restated(_predicate(marks=[], obstacles=[]))(lab, folder)

    told = vouch(folder, lab.folder / ANCHOR)

    for key in ("marks", "obstacles"):
        assert f"{SEAL}: it states another {key} than follows from the record" in told


def test_a_file_that_calls_itself_a_part_of_the_seal_is_found(tmp_path: Path) -> None:
    """Beside the seal there is room for its time stamp, and for nothing else that nobody vouches for."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    for name in ("seal.html", "seal.dsse.json.bak", "signatures/notes.txt"):
        (folder / name).write_text("approved by everybody")

        found = {one.where for one in verify(folder, Anchors(trust=lab.folder / ANCHOR))}

        assert name in found
        (folder / name).unlink()


def test_a_run_that_was_made_up_whole_is_a_testers_word(tmp_path: Path) -> None:
    """What no file can show: a tester who makes up a run and seals it is believed, and is named as who answers for it.

    docs/signatures.md says so; that is what a reviewer is for.
    """
    lab = small_lab(tmp_path / "lab")
    folder = approvable(tmp_path / "run")
    reseal(folder, lambda entries: entries[0]["volatile"].update(run="made-up"))

    complete(folder, lab)

    assert vouch(folder, lab.folder / ANCHOR) == []
    assert statement_of(folder / SEAL)["predicate"]["person"]["name"] == "A. Operator"
    assert (folder / MANIFEST).is_file()
    assert next(iter(read_record(folder / RECORD)))["volatile"]["run"] == "made-up"
