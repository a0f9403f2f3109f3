"""Keys: who they are of is certified, they are encrypted, and openssl agrees."""

import datetime as dt
import stat
import subprocess
from pathlib import Path

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from harness.errors import ConfigError, EvidenceError
from harness.identity import ANCHOR, Role, distrust, person_of, read_anchors
from harness.journal import JOURNAL, journal
from harness.keys import issue, make_lab, people, unlock
from harness.record import read_record
from tests.harness.small_lab import LAB, NOON, OPENED, PEOPLE, key_of, small_lab, words


def _openssl(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)


def _certificate(folder: Path, code: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "people" / f"{code}.crt.pem").read_bytes())


def test_openssl_believes_the_certificates_of_the_lab_and_no_others(tmp_path: Path) -> None:
    """A certificate verifies against the anchor of its own lab, and names person, code and roles in its subject."""
    small_lab(tmp_path / "ours")
    small_lab(tmp_path / "theirs")
    certificate = tmp_path / "ours" / "people" / "b.oth.crt.pem"
    at = ("-attime", int(NOON.timestamp()))

    own = _openssl("verify", *at, "-CAfile", tmp_path / "ours" / ANCHOR, certificate)
    other = _openssl("verify", *at, "-CAfile", tmp_path / "theirs" / ANCHOR, certificate)
    subject = _openssl("x509", "-in", certificate, "-noout", "-subject", "-nameopt", "RFC2253,sep_comma_plus").stdout

    assert own.returncode == 0, own.stderr
    assert other.returncode != 0
    assert subject.strip() == "subject=CN=B. Oth,UID=b.oth,OU=approver,OU=reviewer,O=Example Lab"


def test_a_private_key_lies_on_the_disk_encrypted_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Without the passphrase openssl reads no key, with it the one of the certificate."""
    small_lab(tmp_path)
    path = tmp_path / "people" / "r.viewer.key.pem"

    wrong = _openssl("pkey", "-in", path, "-passin", "pass:not these words", "-noout")
    right = _openssl("pkey", "-in", path, "-passin", f"pass:{words('r.viewer')}", "-pubout")
    of_certificate = _openssl("x509", "-in", tmp_path / "people" / "r.viewer.crt.pem", "-noout", "-pubkey")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ca.key.pem").stat().st_mode) == 0o600
    assert wrong.returncode != 0
    assert right.stdout == of_certificate.stdout != ""


def test_a_wrong_passphrase_opens_nothing_and_is_journalled(tmp_path: Path) -> None:
    """Who tries with another's words is refused, and the journal of the lab says so."""
    small_lab(tmp_path)

    with pytest.raises(ConfigError, match=r"the passphrase is not that of r\.viewer"):
        unlock(tmp_path, "r.viewer", words("a.prover"), NOON)
    with pytest.raises(ConfigError, match="has no key"):
        unlock(tmp_path, "../ca", words("a.prover"), NOON)

    last = list(read_record(tmp_path / JOURNAL))[-1]
    assert (last["type"], last["data"]["code"]) == ("refused", "r.viewer")


def test_the_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    """A certificate that was laid beside another's key does not lend its roles to that key."""
    small_lab(tmp_path)
    home = tmp_path / "people"
    (home / "r.viewer.crt.pem").write_bytes((home / "a.prover.crt.pem").read_bytes())

    with pytest.raises(ConfigError, match=r"is not the certificate of r\.viewer"):
        unlock(tmp_path, "r.viewer", words("r.viewer"), NOON)


@pytest.mark.parametrize(
    ("code", "name", "given", "message"),
    [
        ("r.viewer", "Somebody Else", {}, "a code is given once"),
        ("second", " r.  VIEWER ", {}, "has the code r.viewer"),
        ("../evil", "Evil", {}, "is no identification code"),
        ("new", "New", {"roles": ()}, "at least one role"),
        ("new", "New", {"passphrase": "short"}, "12 characters or more"),
        ("new", "New", {"passphrase": "a" * 40}, "6 of them different"),
        ("new", "New", {"passphrase": LAB}, "must not be that of the lab"),
        ("new", "New", {"lab_passphrase": "not that of the lab"}, "is not that of the lab"),
        ("new", "New", {"renew": True}, "has no key of 'New'"),
        ("new", "New", {"days": 0}, "for a day at least"),
        ("new", "N" * 65, {}, "one line of 64 signs or fewer"),
        ("new", "New\nA. Prover", {}, "one line of 64 signs or fewer"),
    ],
)
def test_a_key_that_would_be_in_doubt_is_not_made(
    tmp_path: Path, code: str, name: str, given: dict[str, object], message: str
) -> None:
    """What was refused left no file behind."""
    small_lab(tmp_path)
    before = sorted(tmp_path.rglob("*.pem"))
    arguments = {"roles": (Role.REVIEWER,), "lab_passphrase": LAB, "passphrase": words("new"), "utc": NOON} | given

    with pytest.raises(ConfigError, match=message):
        issue(tmp_path, code, name, **arguments)  # type: ignore[arg-type]

    assert sorted(tmp_path.rglob("*.pem")) == before


@pytest.mark.parametrize(
    ("place", "name", "message"), [("lab", "L" * 60, "one line of 54 signs"), ("file/lab", "Lab", "cannot be made")]
)
def test_a_lab_that_cannot_be_made_says_why(tmp_path: Path, place: str, name: str, message: str) -> None:
    """A name that no certificate holds, and a folder inside of a file, are refused in a line."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match=message):
        make_lab(tmp_path / place, name, LAB, OPENED)


def test_a_lab_is_made_once(tmp_path: Path) -> None:
    """A second authority in the same folder is refused, and the first stays."""
    small_lab(tmp_path)
    first = (tmp_path / ANCHOR).read_bytes()

    with pytest.raises(ConfigError, match="never written over"):
        make_lab(tmp_path, "Another", LAB, NOON)

    assert (tmp_path / ANCHOR).read_bytes() == first


def test_a_renewed_key_keeps_its_person_and_puts_the_old_one_aside(tmp_path: Path) -> None:
    """Code and name stay, the key is another, and the old one is kept."""
    small_lab(tmp_path)
    old = _certificate(tmp_path, "r.viewer")

    own = "entirely other words"
    viewer = (Role.REVIEWER,)
    issue(tmp_path, "r.viewer", "R. Viewer", viewer, lab_passphrase=LAB, passphrase=own, utc=NOON, renew=True)

    new = unlock(tmp_path, "r.viewer", own, NOON)
    assert new.person.name == "R. Viewer"
    assert new.private.public_key() != old.public_key()
    assert (tmp_path / "people" / "old" / f"r.viewer.{old.serial_number:x}.crt.pem").is_file()
    assert [person.code for person, _ in people(tmp_path)] == sorted(PEOPLE)


def test_a_certificate_is_believed_while_it_is_valid_and_from_its_lab_alone(tmp_path: Path) -> None:
    """Before, after, and from a lab that nobody trusts, the reason is said."""
    lab, other = small_lab(tmp_path / "ours", days=30), small_lab(tmp_path / "theirs")
    certificate = _certificate(lab.folder, "r.viewer")
    day = dt.timedelta(days=1)

    assert distrust(certificate, lab.anchors, OPENED) == ""
    assert distrust(certificate, lab.anchors, OPENED + 30 * day) == ""
    assert "expired on 2026-01-31" in distrust(certificate, lab.anchors, OPENED + 30 * day + dt.timedelta(seconds=1))
    assert "not yet" in distrust(certificate, lab.anchors, OPENED - day)
    assert "was not issued by a lab that is trusted" in distrust(certificate, other.anchors, OPENED)
    assert "was not issued by a lab that is trusted" in distrust(certificate, (), OPENED)
    # The authority itself signs for nobody.
    assert "is not for signatures" in distrust(lab.anchors[0], lab.anchors, OPENED)


def test_the_certificate_of_a_person_is_no_trust_anchor(tmp_path: Path) -> None:
    """Whoever trusts a person's certificate by mistake is told, and so is who names no certificate at all."""
    small_lab(tmp_path)

    with pytest.raises(ConfigError, match="is no authority"):
        read_anchors(tmp_path / "people" / "r.viewer.crt.pem")
    with pytest.raises(ConfigError, match="is no trust anchor"):
        read_anchors(tmp_path / JOURNAL)
    with pytest.raises(EvidenceError, match="must name the roles"):
        person_of(read_anchors(tmp_path / ANCHOR)[0])


def test_the_fingerprint_is_what_openssl_prints(tmp_path: Path) -> None:
    """An auditor can compare the fingerprint of a certificate with any other program."""
    lab = small_lab(tmp_path)
    person = key_of(lab, "a.prover").person
    path = tmp_path / "people" / "a.prover.crt.pem"

    printed = _openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha256").stdout

    assert printed.strip().partition("=")[2].replace(":", "").lower() == person.fingerprint
    assert _certificate(tmp_path, "a.prover").public_bytes(Encoding.PEM).decode() == person.certificate


def test_an_altered_journal_takes_no_line_more(tmp_path: Path) -> None:
    """A journal in which a name was changed is told by its line, and nothing is added to it."""
    small_lab(tmp_path)
    path = tmp_path / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    forged = orjson.loads(lines[1])
    forged["data"]["name"] = "Nobody"
    path.write_bytes(lines[0] + orjson.dumps(forged) + b"\n" + b"".join(lines[2:]))
    altered = path.read_bytes()

    with pytest.raises(EvidenceError, match="line 2: this is not as it was written"):
        journal(tmp_path, NOON, "signed", {})

    assert path.read_bytes() == altered
