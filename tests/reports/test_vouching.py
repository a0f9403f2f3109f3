"""Who vouches for a run: what holds, what only looks as if it did, and what every readable form has to show."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness.bundle import MANIFEST, SEAL, write_manifest
from harness.envelope import prepare
from harness.errors import ConfigError
from harness.identity import ANCHOR, Role
from harness.journal import JOURNAL
from harness.keys import Key, issue, revoke
from harness.record import read_record
from harness.signing import RESULT, SIGNATURE, Lab, Signer, read_seal, read_signatures, seal, sign
from reports import load
from reports.statement import began, result
from reports.vouching import rows, standing, vouch
from tests.harness.small_lab import LAB, NOON, OPENED, key_of, later, small_lab, words
from tests.reports.small_run import approvable, development
from tests.reports.tampering import reseal

ALL = (("a.operator", Role.TESTER), ("r.viewer", Role.REVIEWER), ("a.prover", Role.APPROVER))


def complete(folder: Path, lab: Lab, **changed: Any) -> Path:
    """Seal a run and sign it by everybody, with a program that asks for no obstacle and believes any statement."""
    run = load(folder)
    seal(folder, lab, key_of(lab, "a.operator"), {**result(run), **changed}, began=began(run), utc=NOON)
    for minutes, (code, role) in enumerate(ALL, start=1):
        signer = Signer(key_of(lab, code), role, f"as {role}", operator="", obstacles=(), utc=later(minutes))
        sign(folder, lab, signer)
    return folder


def test_what_nobody_touched_is_vouched_for_anywhere(tmp_path: Path) -> None:
    """A signed run is vouched for, also when it is copied, and its rows show what 21 CFR 11.50 asks for."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    elsewhere = shutil.copytree(folder, tmp_path / "far" / "away")

    assert vouch(folder, lab.folder / ANCHOR) == []
    assert vouch(elsewhere, lab.folder / ANCHOR) == []
    shown = rows(elsewhere, lab.folder / ANCHOR)
    assert [(row.role, row.name, row.meaning, row.utc) for row in shown] == [
        ("seal", "A. Operator", "sealed the record", "2026-02-02T12:00:00+00:00"),
        ("tester", "A. Operator", "as tester", "2026-02-02T12:01:00+00:00"),
        ("reviewer", "R. Viewer", "as reviewer", "2026-02-02T12:02:00+00:00"),
        ("approver", "A. Prover", "as approver", "2026-02-02T12:03:00+00:00"),
    ]
    assert (
        standing(shown) == "sealed by A. Operator, tested by A. Operator, reviewed by R. Viewer, approved by A. Prover"
    )
    assert standing(shown[:2]) == "sealed by A. Operator, tested by A. Operator; not reviewed and not approved"


def test_an_approval_that_another_program_made_is_told(tmp_path: Path) -> None:
    """A whole signature under a virtual run with an unapproved plan approves nothing."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(development(tmp_path / "run"), lab)

    (told,) = vouch(folder, lab.folder / ANCHOR)

    assert told.startswith(
        "signatures/0003-approver.dsse.json: approved, and cannot be: the bench is virtual; development"
    )


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("result", "PASSED"),
        ("verdict", "COMPLIES"),
        ("statement", "COMPLIES with IEC 60601-2-10"),
        ("item", {"serial": "another"}),
        ("operator", "Nobody"),
        ("failedTests", []),
        ("run", "another"),
        ("more", "than is known"),
    ],
)
def test_a_seal_states_what_follows_from_the_record(tmp_path: Path, key: str, said: object) -> None:
    """A seal with a better result, another item or a whole standard is told, although its signature is good."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")

    def fail(entries: list[dict[str, Any]]) -> None:
        entries[-1]["data"] |= {"verdict": "DOES NOT COMPLY", "exit_code": 1, "counts": {"F": 1}}
        for entry in entries:
            if entry["type"] in ("case_ended", "measured"):
                entry["data"] |= {"verdict": "F", "reason": "beyond its limit"}

    reseal(folder, fail)
    complete(folder, lab, **{key: said})

    told = vouch(folder, lab.folder / ANCHOR)

    assert f"seal.dsse.json: it states another {key} than follows from the record" in told


def test_a_verdict_that_was_edited_with_its_chain_is_no_longer_what_was_sealed(tmp_path: Path) -> None:
    """Whoever recomputes the chain and the manifest cannot recompute the seal."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    reseal(folder, lambda entries: entries[-1]["data"].update(reason="edited"))
    (folder / MANIFEST).unlink()
    write_manifest(folder)

    assert vouch(folder, lab.folder / ANCHOR) == [
        "record.jsonl: is not what seal.dsse.json is over: one of them was changed or exchanged"
    ]


def test_a_run_that_was_sealed_again_shows_in_the_journal(tmp_path: Path) -> None:
    """A tester who takes everything away and seals the run anew is told by the lab's journal."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    shutil.rmtree(folder / "signatures")
    (folder / SEAL).unlink()
    run = load(folder)
    seal(folder, lab, key_of(lab, "a.operator"), result(run), began=began(run), utc=later(9))

    told = vouch(folder, lab.folder / ANCHOR)

    assert [one.partition(" ")[0] for one in told] == [
        "seal.dsse.json:",
        "signatures/0001-tester.dsse.json:",
        "signatures/0002-reviewer.dsse.json:",
        "signatures/0003-approver.dsse.json:",
    ]
    assert "is another one: A. Operator made it on 2026-02-02T12:00:00+00:00" in told[0]
    assert "is missing, and A. Prover made it" in told[3]


def test_a_record_that_was_replaced_shows_in_the_journal(tmp_path: Path) -> None:
    """A tester who edits the record of a sealed run and seals it anew is told, though the record hashes differently."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    shutil.rmtree(folder / "signatures")
    for name in (SEAL, MANIFEST):
        (folder / name).unlink()
    reseal(folder, lambda entries: entries[1]["data"].update(address="elsewhere"))
    run = load(folder)
    seal(folder, lab, key_of(lab, "a.operator"), result(run), began=began(run), utc=later(9))

    told = vouch(folder, lab.folder / ANCHOR)

    assert told[0].startswith("seal.dsse.json: is another one: A. Operator made it on 2026-02-02T12:00:00")
    assert len(told) == 4


def test_a_reviewer_who_ran_the_tests_is_told(tmp_path: Path) -> None:
    """A review of one's own work counts for nothing, whatever program took the signature."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run", operator="R. Viewer")
    complete(folder, lab)

    told = vouch(folder, lab.folder / ANCHOR)

    assert "signatures/0001-tester.dsse.json: signed by A. Operator as tester, and the record names 'R. Viewer'" in told
    assert "signatures/0002-reviewer.dsse.json: signed by R. Viewer, who ran the tests" in told


def test_only_the_lab_that_is_trusted_counts(tmp_path: Path) -> None:
    """The same people of another lab, a run without a seal, and a trust anchor that is none."""
    lab, other = small_lab(tmp_path / "lab"), small_lab(tmp_path / "other")
    folder = complete(approvable(tmp_path / "run"), lab)
    bare = approvable(tmp_path / "bare")

    (told,) = vouch(folder, other.folder / ANCHOR)
    assert told.startswith("seal.dsse.json: the certificate of ")
    assert told.endswith("was not issued by a lab that is trusted")
    (told,) = vouch(bare, lab.folder / ANCHOR)
    assert "is not sealed" in told
    assert (rows(bare, lab.folder / ANCHOR), standing([])) == ([], "not sealed, and signed by nobody")
    with pytest.raises(ConfigError, match="is no trust anchor"):
        vouch(folder, tmp_path / "nothing.pem")


def test_a_journal_that_was_altered_is_told(tmp_path: Path) -> None:
    """The journal is no help to whoever changes it, unless they cut its end."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    path = lab.folder / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-2], lines[-1]]))

    (told,) = vouch(folder, lab.folder / ANCHOR)

    assert told == f"{JOURNAL}: line {len(lines) - 1}: the chain is broken; nothing from here on can be trusted"


def test_the_last_line_of_a_journal_is_sealed_too(tmp_path: Path) -> None:
    """No line follows the last one, and still a byte of it that was changed is told."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    path = lab.folder / JOURNAL
    path.write_bytes(path.read_bytes().replace(b"0003-approver", b"0009-approver"))

    (told,) = vouch(folder, lab.folder / ANCHOR)

    assert told.startswith(f"{JOURNAL}: line 9: this is not as it was written")


def test_a_certificate_that_no_library_reads_is_told(tmp_path: Path) -> None:
    """Any byte of the certificate in an envelope may be changed to anything: that is told, and nothing breaks."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(approvable(tmp_path / "run"), lab)
    path = folder / SEAL
    content = path.read_bytes()
    start = content.index(b"BEGIN CERTIFICATE-----") + 24
    for place in range(start, start + 80):
        path.write_bytes(content[:place] + bytes([content[place] ^ 2]) + content[place + 1 :])
        assert [told for told in vouch(folder, lab.folder / ANCHOR) if told.startswith(SEAL)]


def test_a_renewed_certificate_does_not_end_what_the_old_one_signed(tmp_path: Path) -> None:
    """What was signed while a certificate was valid stays proved after it was renewed, or has expired."""
    lab = small_lab(tmp_path / "lab", days=40)
    folder = complete(approvable(tmp_path / "run"), lab)
    far = OPENED + dt.timedelta(days=100)
    role = (Role.REVIEWER,)
    issue(lab.folder, "r.viewer", "R. Viewer", role, lab_passphrase=LAB, passphrase=words("new"), utc=far, renew=True)

    assert vouch(folder, lab.folder / ANCHOR) == []


def test_a_signature_under_another_end_of_the_record_is_told(tmp_path: Path) -> None:
    """A signature names the head and the number of events that its owner saw."""
    lab, folder = small_lab(tmp_path / "lab"), complete(approvable(tmp_path / "run"), small_lab(tmp_path / "x"))
    shutil.rmtree(folder / "signatures")
    (folder / SEAL).unlink()
    complete(folder, lab)
    last = read_signatures(folder, lab.anchors, read_seal(folder, lab.anchors))[-1]
    said = {**last.predicate, "head": "0" * 64}
    forged = prepare(last.subject, SIGNATURE, said, key_of(lab, "a.prover"), Role.APPROVER, later(3))
    (folder / last.file).write_bytes(forged)

    told = vouch(folder, lab.folder / ANCHOR)

    assert f"{last.file}: it names another end of the record than there is" in told


def test_the_statement_is_an_in_toto_test_result(tmp_path: Path) -> None:
    """Programs that read in-toto find result, configuration and the lists of tests under their names."""
    lab = small_lab(tmp_path / "lab")
    folder = complete(development(tmp_path / "run"), lab)

    said = read_seal(folder, lab.anchors)

    assert said.kind == RESULT == "https://in-toto.io/attestation/test-result/v0.1"
    assert said.predicate["result"] in ("PASSED", "WARNED", "FAILED")
    assert said.predicate["passedTests"] == ["OUT-010[hands]"]
    assert (said.predicate["failedTests"], said.predicate["warnedTests"]) == ([], [])
    assert said.predicate["configuration"][0] == {"name": "plan OUT", "digest": {"sha256": "1" * 64}}
    assert said.predicate["record"]["events"] == len(list(read_record(folder / "record.jsonl")))
    assert "VIRTUAL BENCH, NOT EVIDENCE OF CONFORMITY" in said.predicate["marks"]
    assert orjson.loads((folder / SEAL).read_bytes())["payloadType"] == "application/vnd.in-toto+json"


def test_a_revoked_key_signs_no_more_and_what_it_signed_before_stays(tmp_path: Path) -> None:
    """Signatures from after a key was lost are told, whatever program made them; those from before hold."""
    lab = small_lab(tmp_path / "lab")
    before = complete(approvable(tmp_path / "before"), lab)
    revoke(lab.folder, "r.viewer", "lost", lab_passphrase=LAB, utc=later(4))
    assert vouch(before, lab.folder / ANCHOR) == []

    with pytest.raises(ConfigError, match=r"the key of R\. Viewer was revoked on 2026-02-02T12:04:00"):
        key_of(lab, "r.viewer")
    last = read_signatures(before, lab.anchors, read_seal(before, lab.anchors))[1]
    private = load_pem_private_key(
        (lab.folder / "people" / "r.viewer.key.pem").read_bytes(), words("r.viewer").encode()
    )
    assert isinstance(private, Ed25519PrivateKey)
    thief = Key(last.person, private)
    (before / "signatures" / "0003-approver.dsse.json").unlink()

    for minutes, more in ((5, ""), (2, ", and nobody journalled it before")):
        said = {**last.predicate, "meaning": "stolen"}
        path = before / last.file
        path.write_bytes(prepare(last.subject, SIGNATURE, said, thief, Role.REVIEWER, later(minutes)))
        told = vouch(before, lab.folder / ANCHOR)
        expected = f"{last.file}: signed with a key of R. Viewer that was revoked on 2026-02-02T12:04:00+00:00{more}"
        assert expected in told
