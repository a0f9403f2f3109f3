"""Seals and signatures: who may sign what and when, what each is over, and that openssl agrees."""

import base64
import datetime as dt
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.bundle import MANIFEST, RECORD, SEAL
from harness.envelope import SIGNER, prepare
from harness.errors import ConfigError, EvidenceError
from harness.identity import Role
from harness.journal import JOURNAL, taken_out
from harness.record import read_record
from harness.signing import RESULT, SIGNATURE, Lab, Signer, read_seal, read_signatures, seal, sign
from reports import load
from reports.approval import obstacles
from reports.statement import began, operator, result
from tests.harness.small_lab import NOON, key_of, later, small_lab
from tests.reports.small_run import approvable, development

TESTER, REVIEWER, APPROVER = Role.TESTER, Role.REVIEWER, Role.APPROVER
ALL = (("a.operator", TESTER), ("r.viewer", REVIEWER), ("a.prover", APPROVER))


def sealed(folder: Path, lab: Lab, code: str = "a.operator", utc: dt.datetime = NOON) -> Path:
    """Seal a run as the command does."""
    run = load(folder)
    seal(folder, lab, key_of(lab, code), result(run), began=began(run), utc=utc)
    return folder


def signed(folder: Path, lab: Lab, code: str, role: Role, minutes: int = 1, meaning: str = "I answer for it") -> Path:
    """Sign a run as the command does."""
    run = load(folder)
    said: dict[str, Any] = {"operator": operator(run), "obstacles": obstacles(run), "utc": later(minutes)}
    return folder / sign(folder, lab, Signer(key_of(lab, code), role, meaning, **said)).file


def signed_by_all(folder: Path, lab: Lab, minutes: int = 0) -> list[Path]:
    """Seal a run some minutes after noon, and have it signed by tester, reviewer and approver."""
    sealed(folder, lab, utc=later(minutes))
    return [signed(folder, lab, code, role, after) for after, (code, role) in enumerate(ALL, start=minutes + 1)]


def prove(folder: Path, lab: Lab) -> int:
    """Return how many signatures of a run are proved."""
    return len(read_signatures(folder, lab.anchors, read_seal(folder, lab.anchors)))


def test_a_run_without_obstacles_is_sealed_signed_and_approved(tmp_path: Path) -> None:
    """Three people sign one after another, each with name, role, meaning and time, and the journal says so."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")

    files = signed_by_all(folder, lab)

    done = read_signatures(folder, lab.anchors, read_seal(folder, lab.anchors))
    assert [(one.person.name, one.role, one.predicate["meaning"], one.utc) for one in done] == [
        ("A. Operator", TESTER, "I answer for it", later(1)),
        ("R. Viewer", REVIEWER, "I answer for it", later(2)),
        ("A. Prover", APPROVER, "I answer for it", later(3)),
    ]
    assert [path.name for path in files] == [f"000{n}-{role}.dsse.json" for n, (_, role) in enumerate(ALL, start=1)]
    assert done[-1].predicate["statement"] == "COMPLIES with OUT revision 1"
    journalled = [entry["type"] for entry in read_record(lab.folder / JOURNAL)]
    assert journalled[-4:] == ["sealed", "signed", "signed", "signed"]
    assert taken_out(lab.folder / JOURNAL, folder) == []


def test_openssl_checks_a_signature_without_our_software(tmp_path: Path) -> None:
    """The envelope's payload, encoded as DSSE says, carries an Ed25519 signature by the certificate's key."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    envelope = orjson.loads(signed_by_all(folder, lab)[-1].read_bytes())
    kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    files = {name: tmp_path / name for name in ("said", "sig", "crt", "pub")}
    files["said"].write_bytes(b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload))
    files["sig"].write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    files["crt"].write_text(envelope["signatures"][0]["cert"])
    public = subprocess.run(
        ["openssl", "x509", "-in", files["crt"], "-noout", "-pubkey"], capture_output=True, check=True
    )
    files["pub"].write_bytes(public.stdout)
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", files["pub"], "-in", files["said"]]

    right = subprocess.run([*command, "-sigfile", files["sig"]], capture_output=True, text=True, check=False)
    files["said"].write_bytes(files["said"].read_bytes().replace(b"I answer", b"I dunno!"))
    wrong = subprocess.run([*command, "-sigfile", files["sig"]], capture_output=True, text=True, check=False)

    assert (right.returncode, right.stdout.strip()) == (0, "Signature Verified Successfully")
    assert wrong.returncode != 0


def test_the_seal_is_over_what_sha256sum_says(tmp_path: Path) -> None:
    """The subject of the seal names record and manifest by hashes that another program works out too."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    sealed(folder, lab)

    said = read_seal(folder, lab.anchors)

    printed = subprocess.run(["sha256sum", RECORD, MANIFEST], cwd=folder, capture_output=True, text=True, check=True)
    assert {line.split()[1]: line.split()[0] for line in printed.stdout.splitlines()} == said.subject
    assert (said.kind, said.predicate["result"]) == (RESULT, "PASSED")
    # The head that an auditor works out is the SHA-256 of the last line, without its line feed.
    script = f"tail -n 1 {RECORD} | tr -d '\\n' | sha256sum"
    last = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, check=True)
    assert last.stdout.decode().split()[0] == said.predicate["record"]["head"]


@pytest.mark.parametrize("role", [TESTER, REVIEWER])
def test_obstacles_refuse_approval_and_nothing_else(tmp_path: Path, role: Role) -> None:
    """A virtual run whose plan nobody approved can be tested and reviewed, and not approved."""
    lab, folder = small_lab(tmp_path / "lab"), development(tmp_path / "run")
    sealed(folder, lab)
    signed(folder, lab, "a.operator", TESTER, 1)
    signed(folder, lab, "r.viewer", REVIEWER, 2)

    with pytest.raises(EvidenceError, match=r"cannot be approved: the bench is virtual; development run"):
        signed(folder, lab, "a.prover", APPROVER, 3)

    assert prove(folder, lab) == 2
    assert role in {one.role for one in read_signatures(folder, lab.anchors, read_seal(folder, lab.anchors))}


def test_a_role_that_the_certificate_does_not_give_is_refused(tmp_path: Path) -> None:
    """A reviewer cannot approve, nobody but a tester can seal, and the journal tells of both."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")

    with pytest.raises(ConfigError, match=r"R\. Viewer may sign as reviewer, and not as tester"):
        sealed(folder, lab, "r.viewer")
    sealed(folder, lab)
    signed(folder, lab, "a.operator", TESTER)
    with pytest.raises(ConfigError, match=r"R\. Viewer may sign as reviewer, and not as approver"):
        signed(folder, lab, "r.viewer", APPROVER)

    assert prove(folder, lab) == 1
    refused = [entry["data"]["code"] for entry in read_record(lab.folder / JOURNAL) if entry["type"] == "refused"]
    assert refused == ["r.viewer", "r.viewer"]


def test_nobody_answers_for_their_own_work(tmp_path: Path) -> None:
    """Who tested cannot review, who reviewed cannot approve, and who did not test cannot sign as tester."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    sealed(folder, lab)
    signed(folder, lab, "a.operator", TESTER)

    with pytest.raises(EvidenceError, match="signed as tester and sealed the run and ran the tests, and cannot be"):
        signed(folder, lab, "a.operator", REVIEWER)
    signed(folder, lab, "b.oth", REVIEWER)
    with pytest.raises(
        EvidenceError, match=r"B\. Oth signed as reviewer, and cannot be the approver of their own work"
    ):
        signed(folder, lab, "b.oth", APPROVER)

    assert prove(folder, lab) == 2


def test_a_tester_is_who_the_record_names(tmp_path: Path) -> None:
    """The signature of a tester who did not run the tests is refused."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run", operator="Somebody Else")
    sealed(folder, lab)

    with pytest.raises(EvidenceError, match=r"names 'Somebody Else' as who ran the tests, and not 'A\. Operator'"):
        signed(folder, lab, "a.operator", TESTER)


def test_roles_sign_in_their_order_and_once(tmp_path: Path) -> None:
    """An approval without a review, a second review and a fourth signature are refused."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    sealed(folder, lab)

    with pytest.raises(EvidenceError, match="nobody did, and next is the tester"):
        signed(folder, lab, "a.prover", APPROVER)
    signed(folder, lab, "a.operator", TESTER, 1)
    signed(folder, lab, "r.viewer", REVIEWER, 2)
    with pytest.raises(EvidenceError, match="next is the approver"):
        signed(folder, lab, "b.oth", REVIEWER, 3)
    signed(folder, lab, "a.prover", APPROVER, 3)
    with pytest.raises(EvidenceError, match="nobody is left to sign"):
        signed(folder, lab, "b.oth", APPROVER, 4)


def test_an_expired_key_signs_nothing(tmp_path: Path) -> None:
    """A certificate that ended before the signature is refused."""
    lab, folder = small_lab(tmp_path / "lab", days=10), approvable(tmp_path / "run")

    with pytest.raises(ConfigError, match="expired on 2026-01-11"):
        sealed(folder, lab)

    assert not (folder / SEAL).exists()
    assert not (folder / MANIFEST).exists()


def test_a_clock_that_was_moved_back_is_refused(tmp_path: Path) -> None:
    """Nothing is sealed before it began, and nothing signed before what it is over."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")

    with pytest.raises(EvidenceError, match="the run began on 2026-01-31T09:00:00Z"):
        sealed(folder, lab, utc=dt.datetime(2026, 1, 30, tzinfo=dt.UTC))
    sealed(folder, lab)
    with pytest.raises(EvidenceError, match=r"seal\.dsse\.json was signed on 2026-02-02T12:00:00"):
        signed(folder, lab, "a.operator", TESTER, -1)


@pytest.mark.parametrize("meaning", ["", "  "])
def test_a_signature_means_something(tmp_path: Path, meaning: str) -> None:
    """A signature without a meaning is refused."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    sealed(folder, lab)

    with pytest.raises(ConfigError, match="needs a meaning"):
        signed(folder, lab, "a.operator", TESTER, meaning=meaning)


def test_a_run_is_sealed_once(tmp_path: Path) -> None:
    """A second seal is refused, and the first stays."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    first = (sealed(folder, lab) / SEAL).read_bytes()

    with pytest.raises(EvidenceError, match="a run is sealed once"):
        sealed(folder, lab)

    assert (folder / SEAL).read_bytes() == first


def test_what_changed_since_the_seal_is_not_signed(tmp_path: Path) -> None:
    """An altered, a missing and an added file are named; a report that was made again is none of them."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    (folder / "inputs").mkdir()
    (folder / "inputs" / "one.yaml").write_text("1")
    (folder / "inputs" / "two.yaml").write_text("2")
    sealed(folder, lab)
    (folder / "report.pdf").write_text("made after the seal")
    (folder / "inputs" / "one.yaml").write_text("!")
    (folder / "inputs" / "two.yaml").unlink()
    (folder / "more.txt").write_text("?")

    with pytest.raises(
        EvidenceError, match=r"inputs/two.yaml is missing; inputs/one.yaml is altered; more.txt was added$"
    ):
        signed(folder, lab, "a.operator", TESTER)


def _other_seal(lab: Lab, folder: Path) -> None:
    """Take the seal of another run of the same lab."""
    other = approvable(folder.parent / "other", title="another")
    shutil.copy(sealed(other, lab, utc=later(9)) / SEAL, folder / SEAL)


def _other_signature(lab: Lab, folder: Path) -> None:
    """Take a signature from another run of the same people."""
    other = approvable(folder.parent / "other", title="another")
    shutil.copy(signed_by_all(other, lab, 9)[1], folder / "signatures" / "0002-reviewer.dsse.json")


def _strange_key(lab: Lab, folder: Path) -> None:
    """Seal again with a key of the same name from a lab of one's own."""
    own = small_lab(folder.parent / "own")
    (folder / SEAL).unlink()
    sealed(folder, own)


def _middle_out(lab: Lab, folder: Path) -> None:
    (folder / "signatures" / "0002-reviewer.dsse.json").unlink()


def _renumbered(lab: Lab, folder: Path) -> None:
    _middle_out(lab, folder)
    (folder / "signatures" / "0003-approver.dsse.json").rename(folder / "signatures" / "0002-approver.dsse.json")


def _wrong_role(lab: Lab, folder: Path) -> None:
    """Sign as approver with a reviewer's certificate, by a program that does not ask."""
    _forged(lab, folder, key_of(lab, "r.viewer"), later(3))


def _moved_back(lab: Lab, folder: Path) -> None:
    """Sign before the reviewer did, by a program that does not ask."""
    _forged(lab, folder, key_of(lab, "a.prover"), later(0))


def _one_for_two(lab: Lab, folder: Path) -> None:
    """Let one person sign twice, by a program that does not ask."""
    _forged(lab, folder, key_of(lab, "a.operator"), later(3))


def _forged(lab: Lab, folder: Path, key: Any, utc: dt.datetime) -> None:
    path = folder / "signatures" / "0003-approver.dsse.json"
    was = orjson.loads(base64.b64decode(orjson.loads(path.read_bytes())["payload"]))
    subject = {one["name"]: one["digest"]["sha256"] for one in was["subject"]}
    said = {name: what for name, what in was["predicate"].items() if name not in SIGNER}
    path.write_bytes(prepare(subject, SIGNATURE, said, key, APPROVER, utc))


def _edited(lab: Lab, folder: Path) -> None:
    path = folder / "signatures" / "0003-approver.dsse.json"
    envelope = orjson.loads(path.read_bytes())
    payload = base64.b64decode(envelope["payload"]).replace(b"I answer", b"I dunno!")
    envelope["payload"] = base64.b64encode(payload).decode()
    path.write_bytes(orjson.dumps(envelope, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _other_certificate(lab: Lab, folder: Path) -> None:
    path = folder / "signatures" / "0003-approver.dsse.json"
    envelope = orjson.loads(path.read_bytes())
    envelope["signatures"][0]["cert"] = key_of(lab, "b.oth").person.certificate
    path.write_bytes(orjson.dumps(envelope, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _record_line(lab: Lab, folder: Path) -> None:
    path = folder / RECORD
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[-1])


@pytest.mark.parametrize(
    ("forge", "message"),
    [
        (_other_seal, r"record\.jsonl is not what seal\.dsse\.json is over"),
        (_other_signature, r"manifest\.json is not what signatures/0002|record\.jsonl is not what signatures/0002"),
        (_strange_key, r"seal\.dsse\.json: the certificate of .*A\. Operator.* was not issued by a lab"),
        (_middle_out, r"0003-approver\.dsse\.json must be number 2"),
        (_renumbered, r"0002-approver\.dsse\.json was signed as number 3, not 2"),
        (_wrong_role, r"R\. Viewer signed as approver, and may sign as reviewer"),
        (_moved_back, r"0003-approver\.dsse\.json was signed on 2026-02-02T12:00:00\+00:00, before"),
        (_one_for_two, r"0003-approver\.dsse\.json and signatures/0001-tester\.dsse\.json are of one person"),
        (_edited, r"0003-approver\.dsse\.json: the signature is not that of its certificate"),
        (_other_certificate, r"0003-approver\.dsse\.json: the signature is not that of its certificate"),
        (_record_line, r"record\.jsonl is not what seal\.dsse\.json is over"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_what_was_tampered_with_is_named(tmp_path: Path, forge: Callable[[Lab, Path], None], message: str) -> None:
    """Each forgery is found, and the message names the file."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    signed_by_all(folder, lab)
    assert prove(folder, lab) == 3

    forge(lab, folder)

    with pytest.raises(EvidenceError, match=message):
        prove(folder, lab)


def test_a_last_signature_that_was_taken_away_shows_in_the_journal(tmp_path: Path) -> None:
    """The run alone is whole as it was before that signature; the lab's journal tells whose is missing, and when."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    signed_by_all(folder, lab)[-1].unlink()

    assert prove(folder, lab) == 2
    (told,) = taken_out(lab.folder / JOURNAL, folder)
    assert told == (
        "signatures/0003-approver.dsse.json: is missing, and "
        "A. Prover made it on 2026-02-02T12:03:00+00:00 (journal.jsonl, line 9)"
    )


def test_every_byte_of_an_envelope_is_covered(tmp_path: Path) -> None:
    """Whichever byte of a seal or a signature is changed, it is no longer proved."""
    lab, folder = small_lab(tmp_path / "lab"), approvable(tmp_path / "run")
    for path in (folder / SEAL, signed_by_all(folder, lab)[-1]):
        content = path.read_bytes()
        unseen = []
        # A prime step meets every field in every place of base64's groups of four.
        for place in range(0, len(content), 7):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            try:
                prove(folder, lab)
            except EvidenceError:
                continue
            unseen.append(place)
        path.write_bytes(content)
        assert unseen == []
        for junk in (content + b"\n", content + b" ", content[:-1], b" " + content):
            path.write_bytes(junk)
            with pytest.raises(EvidenceError, match=path.name):
                prove(folder, lab)
        path.write_bytes(content)
    assert prove(folder, lab) == 3
