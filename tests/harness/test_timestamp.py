"""Time stamps of a seal: a real authority gives them, openssl agrees, and whatever is not one is refused by name."""

import datetime as dt
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bundle import SEAL, STAMP
from harness.clock import host_utc
from harness.commands.seal import seal as seal_command
from harness.errors import ConfigError, EvidenceError, LinkError
from harness.journal import JOURNAL, read_journal, taken_out
from harness.signing import Lab, seal
from harness.timestamp import ask, keep, prove, read_authorities
from reports import load
from reports.stamped import look
from reports.statement import began, result
from tests.harness.certify_run import CHECKOUT, command
from tests.harness.small_lab import key_of, small_lab
from tests.reports.small_run import approvable
from tests.time_authority import Authority, answering, made

CONTENT = b"what is stamped"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """A time stamp authority that answers on this computer."""
    with answering(made(tmp_path_factory.mktemp("time") / "authority")) as one:
        yield one


def _now(lab: Lab) -> dt.datetime:
    """Return now, once the lab's journal, which begins at a fixed time, is not ahead of it."""
    last = [entry["utc"] for entry in read_journal(lab.folder / JOURNAL)][-1]
    return max(host_utc(), dt.datetime.fromisoformat(last))


def _sealed(home: Path, authority: Authority | None) -> tuple[Path, Lab]:
    lab, folder = small_lab(home / "lab", days=36500), approvable(home / "run")
    run, utc = load(folder), _now(lab)
    asked = None if authority is None else (lambda content: ask(authority.url, content, utc))
    seal(folder, lab, key_of(lab, "a.operator"), result(run), began=began(run), utc=utc, timestamp=asked)
    return folder, lab


def test_a_seal_is_stamped_and_openssl_agrees(tmp_path: Path, authority: Authority) -> None:
    """The command of docs/signatures.md proves the time stamp without our program, and refuses another seal."""
    folder, lab = _sealed(tmp_path, authority)
    page = (CHECKOUT / "docs" / "signatures.md").read_text(encoding="utf-8")
    (words,) = [line.strip() for line in page.splitlines() if "openssl ts -verify" in line]
    script, environment = ["bash", "-c", words], {"PATH": "/usr/bin:/bin", "TSA": str(authority.root)}

    right = subprocess.run(script, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    said = look(folder, authority.root)
    (folder / SEAL).write_bytes((folder / SEAL).read_bytes() + b" ")
    wrong = subprocess.run(script, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert (right.returncode, "Verification: OK" in right.stdout) == (0, True), right.stderr
    assert said.stamp is not None
    assert (said.stamp.authority, said.stamp.proved, said.problem) == ("Example Time Authority", True, "")
    assert abs(said.stamp.utc - host_utc()) < dt.timedelta(minutes=5)
    assert wrong.returncode != 0
    assert look(folder, authority.root).problem.startswith("is a time stamp of other bytes")
    assert [entry["type"] for entry in read_journal(lab.folder / JOURNAL)][-2:] == ["sealed", "stamped"]


def test_without_an_authority_nothing_changes(tmp_path: Path) -> None:
    """A run that is sealed without a network has no time stamp, and nothing is said of it unless somebody asks."""
    folder, _ = _sealed(tmp_path, None)

    assert not (folder / STAMP).exists()
    assert (look(folder, None).problem, look(folder, None).wrong) == ("", False)


def test_a_time_stamp_may_come_later_and_once(tmp_path: Path, authority: Authority) -> None:
    """A sealed run gets its time stamp when there is a network; a second one is refused, and the first stays."""
    folder, lab = _sealed(tmp_path, None)
    answer = ask(authority.url, (folder / SEAL).read_bytes(), host_utc())

    keep(folder, lab.folder, answer, _now(lab))

    with pytest.raises(EvidenceError, match="a seal has one time stamp"):
        keep(folder, lab.folder, answer, _now(lab))
    assert (folder / STAMP).read_bytes() == answer
    assert look(folder, authority.root).problem == ""
    assert look(folder, None).problem == "nobody said whose time stamps count: give --trust-tsa"
    (folder / STAMP).unlink()
    assert look(folder, authority.root).problem.startswith("is not there: nobody outside of the lab says when")
    (told,) = taken_out(lab.folder / JOURNAL, folder)
    assert told.startswith("seal.tsr: is missing, and Example Time Authority made it on")


def test_another_authority_does_not_count(tmp_path: Path, authority: Authority) -> None:
    """A time stamp counts only from who the reader trusts, and only if their certificate is for time stamps."""
    other = made(tmp_path / "other", "Other Time")
    answer = ask(authority.url, CONTENT, host_utc())

    with pytest.raises(EvidenceError, match=r"seal\.tsr was not given by an authority that is trusted"):
        prove(answer, CONTENT, read_authorities(other.root), STAMP)
    with pytest.raises(EvidenceError, match=r"seal\.tsr is a time stamp of other bytes"):
        prove(answer, CONTENT + b"!", read_authorities(authority.root), STAMP)
    with pytest.raises(ConfigError, match=r"serial must hold the certificate of a time stamp authority"):
        read_authorities(other.folder / "serial")


def test_every_byte_that_the_authority_signed_is_covered(authority: Authority) -> None:
    """A byte of a time stamp that is changed is found, or the time stamp still says the same."""
    answer, trusted = ask(authority.url, CONTENT, host_utc()), read_authorities(authority.root)
    whole = prove(answer, CONTENT, trusted, STAMP)
    otherwise, unseen = [], 0
    for place in range(len(answer)):
        forged = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        try:
            found = prove(forged, CONTENT, trusted, STAMP)
        except EvidenceError:
            continue
        unseen += 1
        otherwise += [place] if found != whole else []

    assert otherwise == []
    assert unseen < len(answer) / 20
    for junk in (answer + b"\n", answer[:-1], b"", b"junk"):
        with pytest.raises(EvidenceError, match=r"seal\.tsr is no time stamp as RFC 3161 spells it"):
            prove(junk, CONTENT, trusted, STAMP)


def test_a_clock_that_is_wrong_is_refused_before_anything_is_sealed(tmp_path: Path, authority: Authority) -> None:
    """Who asks for a time stamp with a clock that is off by an hour gets neither time stamp nor seal."""
    lab, folder = small_lab(tmp_path / "lab", days=36500), approvable(tmp_path / "run")
    run, utc = load(folder), host_utc() + dt.timedelta(hours=1)

    with pytest.raises(EvidenceError, match="they may be 60 s apart; set the clock right"):
        seal(
            folder,
            lab,
            key_of(lab, "a.operator"),
            result(run),
            began=began(run),
            utc=utc,
            timestamp=lambda content: ask(authority.url, content, utc),
        )

    assert not (folder / SEAL).exists()


def test_a_seal_that_was_dated_later_than_its_time_stamp_is_told(tmp_path: Path, authority: Authority) -> None:
    """A seal that says it was made an hour after an authority saw it was dated by a wrong clock."""
    lab, folder = small_lab(tmp_path / "lab", days=36500), approvable(tmp_path / "run")
    run, utc = load(folder), host_utc() + dt.timedelta(hours=1)
    seal(folder, lab, key_of(lab, "a.operator"), result(run), began=began(run), utc=utc)
    keep(folder, lab.folder, ask(authority.url, (folder / SEAL).read_bytes(), host_utc()), utc)

    said = look(folder, authority.root)

    assert said.wrong
    assert said.problem.endswith("a clock was wrong")


@pytest.mark.parametrize(
    ("body", "status", "error", "words"),
    [
        (b"<html>not here</html>", 200, EvidenceError, "is no time stamp as RFC 3161 spells it"),
        (b"\x30\x05\x30\x03\x02\x01\x02", 200, EvidenceError, "the authority refused: rejection"),
        (b"", 503, LinkError, "gives no time stamp: .*503"),
    ],
)
def test_an_answer_that_is_no_time_stamp_is_refused(
    body: bytes, status: int, error: type[Exception], words: str
) -> None:
    """A page of a hotel, a refusal and a server that is out of order each have their words."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(error, match=words):
            ask(f"http://127.0.0.1:{server.server_port}/", CONTENT, host_utc())
        thread.join()


def test_an_answer_to_somebody_else_is_refused(authority: Authority, tmp_path: Path) -> None:
    """A time stamp over the same bytes for another question is not taken: it may be an old one, played again."""
    old = ask(authority.url, CONTENT, host_utc())

    class Replaying(Authority):
        def answer(self, question: bytes) -> bytes:
            return old

    with answering(Replaying("", authority.root, tmp_path)) as mallory:  # noqa: SIM117
        with pytest.raises(EvidenceError, match="for another question than ours"):
            ask(mallory.url, CONTENT, host_utc())


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://example.org/", "example.org", "https://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """Only http and https are asked, and nothing of this computer is read."""
    with pytest.raises(ConfigError, match="must be the address of a time stamp authority"):
        ask(url, CONTENT, host_utc())


def test_nobody_answers(tmp_path: Path) -> None:
    """Without a network the words say that the run can be sealed all the same."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_port

    with pytest.raises(LinkError, match="try again, or seal without --timestamp"):
        ask(f"http://127.0.0.1:{port}/", CONTENT, host_utc())


def test_the_commands_stamp_and_prove(tmp_path: Path, authority: Authority) -> None:
    """`seal --timestamp` asks, and `verify --trust-tsa` says who vouches for the time."""
    lab = small_lab(tmp_path / "lab", days=36500)
    approvable(tmp_path / "run")
    (tmp_path / "words.txt").write_text("the own words of a.operator\n")
    who = ("--who", "a.operator", "--passphrase-file", "words.txt")

    sealed = command(tmp_path, "seal", "run", *who, "--timestamp", authority.url)
    proved = command(tmp_path, "verify", "run", "--trust", lab.folder / "ca.crt.pem", "--trust-tsa", authority.root)

    assert sealed.returncode == 0, sealed.stderr
    assert "Example Time Authority" in proved.stdout
    assert "that seal.dsse.json was there then" in proved.stdout
    assert "seal.tsr: " not in proved.stdout


def test_the_command_stamps_a_seal_that_is_there(
    tmp_path: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --who, a sealed run is stamped and nothing else; a run that has to be sealed needs to know by whom."""
    folder, lab = _sealed(tmp_path, None)

    seal_command(folder, lab=lab.folder, timestamp=authority.url)
    with pytest.raises(ConfigError, match="--who CODE"):
        seal_command(folder, lab=lab.folder)

    assert "Example Time Authority says that the seal of A. Operator was there" in capsys.readouterr().out
    assert look(folder, authority.root).problem == ""
