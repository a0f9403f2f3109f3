"""Signed PDF reports: still to be archived after three signatures, and every kind of tampering found and named."""

import datetime as dt
import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509

from harness.clock import host_utc
from harness.errors import EvidenceError
from harness.identity import Role
from harness.keys import revoke, unlock
from harness.signing import Lab, Signer, seal, sign
from reports.pdf import render, write_pdf
from reports.pdf.attached import MOST_OF_WAVEFORMS
from reports.pdf.issued import issue
from reports.pdf.proved import prove
from reports.pdf.sealing import signed
from reports.run import load
from reports.statement import began, result
from reports.verify import Anchors, Finding, exit_code
from reports.verify_pdf import verify_pdf
from tests.harness.certify_run import command
from tests.harness.small_lab import key_of, later, small_lab
from tests.reports.pdf_tampering import ALL, Paper, Tamper
from tests.reports.small_records import small_record
from tests.reports.tampering import drawn
from tests.reports.test_verify import OF_LAB, OF_REVIEWER, OF_TESTER, made_lab, sealed, small_run

EVERY = os.environ.get("PDF_MUTATIONS") == "all"
MOST = 2


@dataclass(frozen=True)
class Desk:
    """A lab, a run that it sealed, and its report under two signatures.

    Attributes:
        lab: With its keys.
        trust: Its certificate.
        run: The folder of the run.
        pdf: The report.
        paper: The same in all its states.
    """

    lab: Lab
    trust: Path
    run: Path
    pdf: Path
    paper: Paper


def _issued(lab: Lab, run: Path, path: Path) -> tuple[bytes, bytes, bytes]:
    """Return a report as it is unsigned, signed by the tester, and signed by the reviewer too."""
    loaded = load(run)
    tester = unlock(lab.folder, "a.tester", OF_TESTER, host_utc())
    reviewer = unlock(lab.folder, "b.reviewer", OF_REVIEWER, host_utc())
    issue(loaded, path, lab, tester, Role.TESTER, [Role.REVIEWER], host_utc())
    once = path.read_bytes()
    issue(loaded, path, lab, reviewer, Role.REVIEWER, [], host_utc())
    return prove(once).first, once, path.read_bytes()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A lab and a report."""
    home = tmp_path_factory.mktemp("desk")
    lab, elsewhere = made_lab(home / "lab"), made_lab(home / "other lab")
    run = small_run(home / "runs")
    sealed(run, lab)
    plain, once, whole = _issued(lab, run, home / "report.pdf")
    keys = [unlock(one.folder, code, words, host_utc())
            for one, code, words in ((lab, "a.tester", OF_TESTER), (lab, "b.reviewer", OF_REVIEWER),
                                     (elsewhere, "a.tester", OF_TESTER))]  # fmt: skip
    other = signed(plain, keys[0], Role.TESTER, host_utc() + dt.timedelta(minutes=1), list(Role))
    paper = Paper(whole, once, plain, other, *keys)
    return Desk(lab, home / "lab" / "ca.crt.pem", run, home / "report.pdf", paper)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, Path]:
    """A report before and after three signatures, and the certificate of the lab."""
    home = tmp_path_factory.mktemp("three")
    lab = small_lab(home / "lab")
    before = content = render(load(small_record(home / "run").write()))
    for minute, (who, role) in enumerate(
        (("a.operator", Role.TESTER), ("r.viewer", Role.REVIEWER), ("a.prover", Role.APPROVER))
    ):
        content = signed(content, key_of(lab, who), role, later(minute), list(Role))
    return before, content, home / "lab" / "ca.crt.pem"


def told(found: list[Finding]) -> str:
    """Return findings in words."""
    return "\n".join(map(str, found))


def findings(content: bytes, folder: Path, trust: Path) -> list[Finding]:
    """Return what is found of a PDF that holds this."""
    (folder / "report.pdf").write_bytes(content)
    return verify_pdf(folder / "report.pdf", Anchors(trust=trust))[0]


def cases() -> list[object]:
    """Return each kind of tampering with a seed; a few of each, unless all are asked for (PDF_MUTATIONS=all)."""
    return [
        pytest.param(tamper, f"{name} {number}", id=f"{name} {number}")
        for name, (tamper, count) in ALL.items()
        for number in range(count if EVERY else min(count, MOST))
    ]


@pytest.mark.parametrize(("tamper", "seed"), cases())
def test_tampering_with_a_signed_pdf_is_found_and_named(desk: Desk, tmp_path: Path, tamper: Tamper, seed: str) -> None:
    """Whatever is done to a signed report is found, and a finding says what and where."""
    forged = tamper(desk.paper, drawn(seed))
    assert forged.content != desk.paper.whole

    found = findings(forged.content, tmp_path, desk.trust)

    assert exit_code(found) == 1, told(found)
    said = [one.what for one in found if one.wrong and one.where == "report.pdf"]
    assert any(re.search(forged.said, what) for what in said), f"{forged.said!r} is not in:\n{told(found)}"


def test_there_are_a_hundred_and_twenty_mutations() -> None:
    """So many are tried where all are asked for."""
    assert sum(count for _, count in ALL.values()) >= 120


def test_an_untouched_report_raises_no_alarm(desk: Desk, tmp_path: Path) -> None:
    """A report under two signatures is OK anywhere, and what is attached to it is enough to make it again."""
    shutil.copyfile(desk.pdf, tmp_path / "elsewhere.pdf")

    found, vouching, said = verify_pdf(tmp_path / "elsewhere.pdf", Anchors(trust=desk.trust))

    assert found == []
    assert [one.file for one in vouching].count("elsewhere.pdf") == 2
    assert said.endswith("reviewed by B. Reviewer; not approved")


def test_a_report_without_trust_is_not_proven(desk: Desk) -> None:
    """Nothing is wrong with it, and nobody vouches for it."""
    found, _, _ = verify_pdf(desk.pdf, Anchors())

    assert exit_code(found) == 3
    assert "give --trust" in told(found)


def test_a_signature_that_is_still_to_come_is_told(desk: Desk, tmp_path: Path) -> None:
    """Without the journal, a report that lacks a signature it has a field for is no whole one."""
    trust = tmp_path / "ca.crt.pem"
    shutil.copyfile(desk.trust, trust)

    found = findings(desk.paper.once, tmp_path, trust)

    assert exit_code(found) == 3
    assert "is to be signed by the reviewer, and is not" in told(found)


def test_a_key_that_was_revoked_signs_no_report_dated_back(desk: Desk, tmp_path: Path) -> None:
    """What was signed before and is in the journal stays good; what says that it was, and is not there, does not."""
    shutil.copytree(desk.lab.folder, tmp_path / "lab")
    revoke(tmp_path / "lab", "a.tester", "lost", lab_passphrase=OF_LAB, utc=host_utc() + dt.timedelta(minutes=2))
    trust = tmp_path / "lab" / "ca.crt.pem"

    assert findings(desk.paper.whole, tmp_path, trust) == []
    assert "was revoked on" in told(findings(desk.paper.other, tmp_path, trust))


def test_three_signatures_keep_an_archivable_document(three: tuple[bytes, bytes, Path]) -> None:
    """What was there stays byte by byte; metadata, colours, tags, attachments and fonts are those of before."""
    before, after, _ = three
    assert after.startswith(before)
    assert after.endswith(b"%%EOF\n")
    assert before[-1:] == b"\n", "PDF/A-3, 6.1.9: an object that is appended begins on a line of its own"
    old, new = (pikepdf.open(io.BytesIO(content)) for content in (before, after))
    assert new.Root.Metadata.read_bytes() == old.Root.Metadata.read_bytes()
    for key in ("/OutputIntents", "/MarkInfo", "/StructTreeRoot", "/AF", "/Lang", "/ViewerPreferences"):
        assert new.Root[key].unparse(resolved=True) == old.Root[key].unparse(resolved=True), key
    assert {name: new.attachments[name].get_file().read_bytes() for name in new.attachments} == {
        name: old.attachments[name].get_file().read_bytes() for name in old.attachments
    }
    told_by = new.open_metadata()
    assert [told_by[key] for key in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")] == ["3", "A", "1"]
    kept = {item.objgen for item in old.objects if isinstance(item, pikepdf.Dictionary) and "/FontFile2" in item}
    assert kept <= {
        item.objgen for item in new.objects if isinstance(item, pikepdf.Dictionary) and "/FontFile2" in item
    }


def test_the_fields_of_signatures_are_what_archives_and_readers_ask_for(three: tuple[bytes, bytes, Path]) -> None:
    """Each has a name to be read aloud, prints, shows nothing, and its page is walked in the order of its tags."""
    new = pikepdf.open(io.BytesIO(three[1]))
    fields = list(new.Root.AcroForm.Fields)
    assert [str(field.T) for field in fields] == ["Tested", "Reviewed", "Approved"]
    for field in fields:
        assert [float(side) for side in field.Rect] == [0, 0, 0, 0]
        assert int(field.F) & 0b100111 == 0b100, "PDF/A-3, 6.3.2: it prints, and is not hidden"
        assert str(field.TU).startswith("Signature of the ")
        assert field.V.SubFilter == "/ETSI.CAdES.detached"
    assert str(new.pages[0].Tabs) == "/S"
    assert int(new.Root.AcroForm.SigFlags) == 3
    assert "/NeedAppearances" not in new.Root.AcroForm
    assert new.Root.Perms.DocMDP.objgen == fields[0].V.objgen


def test_an_auditor_without_our_program_finds_the_signatures_good(
    three: tuple[bytes, bytes, Path], tmp_path: Path
) -> None:
    """The command of pyHanko finds three signatures intact, trusted and lawful, and an altered page not."""
    _, content, trust = three
    (tmp_path / "good.pdf").write_bytes(content)
    (tmp_path / "bad.pdf").write_bytes(content[:2000] + bytes([content[2000] ^ 1]) + content[2001:])

    good, bad = (_validated(tmp_path / name, trust) for name in ("good.pdf", "bad.pdf"))

    assert good.returncode == 0, good.stderr
    assert good.stdout.count("INTACT:TRUSTED") == 3
    assert "Approved" in good.stdout.splitlines()[-1]
    assert good.stdout.rstrip().endswith("UNTOUCHED")
    assert bad.returncode != 0


def _validated(path: Path, trust: Path) -> "subprocess.CompletedProcess[str]":
    """Check a PDF as docs/verify.md tells an auditor to."""
    page = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^    pyhanko (sign validate .*)$", page, re.MULTILINE)
    words = [{"ca.crt.pem": str(trust), "report.pdf": str(path)}.get(word, word) for word in line.split()]
    program = Path(sys.executable).with_name("pyhanko")
    return subprocess.run([str(program), *words], capture_output=True, text=True, check=False)


def test_who_did_not_sign_the_data_does_not_sign_its_report(desk: Desk, tmp_path: Path) -> None:
    """A report is signed by those whom its pages name, in their order, and once; what is refused writes nothing."""
    run, path = load(desk.run), tmp_path / "new.pdf"
    tester = unlock(desk.lab.folder, "a.tester", OF_TESTER, host_utc())
    reviewer = unlock(desk.lab.folder, "b.reviewer", OF_REVIEWER, host_utc())

    before = x509.load_pem_x509_certificate(tester.person.certificate.encode()).not_valid_before_utc

    with pytest.raises(EvidenceError, match="next is the tester"):
        issue(run, path, desk.lab, reviewer, Role.REVIEWER, [Role.TESTER], host_utc())
    with pytest.raises(EvidenceError, match="has no place for the tester"):
        issue(run, desk.pdf, desk.lab, tester, Role.TESTER, [], host_utc())
    with pytest.raises(EvidenceError, match="the clock says"):
        issue(run, path, desk.lab, tester, Role.TESTER, [], before)
    assert not path.exists()


def test_a_run_that_is_not_sealed_has_no_sealed_report(desk: Desk, tmp_path: Path) -> None:
    """The data is sealed before the page that shows it."""
    run = tmp_path / "run"
    shutil.copytree(desk.run, run)
    (run / "seal.dsse.json").unlink()
    tester = unlock(desk.lab.folder, "a.tester", OF_TESTER, host_utc())

    with pytest.raises(EvidenceError, match="is not sealed"):
        issue(load(run), tmp_path / "report.pdf", desk.lab, tester, Role.TESTER, [], host_utc())


def test_waveforms_too_large_to_attach_are_looked_for_beside_the_pdf(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them the report cannot be made again, which is said; in the folder of its run it can."""
    monkeypatch.setattr("reports.pdf.attached.MOST_OF_WAVEFORMS", 10)
    run = tmp_path / "run"
    shutil.copytree(desk.run, run)
    plain = render(load(run))
    assert len(plain) < len(desk.paper.plain) < MOST_OF_WAVEFORMS
    content = signed(plain, desk.paper.tester, Role.TESTER, host_utc(), [Role.TESTER])

    alone = findings(content, tmp_path, desk.trust)
    home = findings(content, run, desk.trust)

    assert exit_code(alone) == 3
    assert "waveforms are not attached" in told(alone)
    assert home == []


def test_the_commands_seal_and_verify_a_report(desk: Desk, tmp_path: Path) -> None:
    """`report --seal` signs a report, and `verify` finds it good."""
    (tmp_path / "words").write_text(OF_TESTER)
    options = ("--seal", "--who", "a.tester", "--lab", desk.lab.folder, "--passphrase-file", tmp_path / "words")

    made = command(tmp_path, "report", desk.run, "--pdf", "r.pdf", *options)
    good = command(tmp_path, "verify", "r.pdf", "--trust", desk.trust)

    assert (made.returncode, good.returncode) == (0, 0), made.stderr + good.stdout
    assert "signed by A. Tester as tester" in made.stdout
    assert "Tested: this PDF, to byte" in good.stdout


def test_what_was_signed_is_never_written_over(desk: Desk, tmp_path: Path) -> None:
    """A report made again goes to another file."""
    shutil.copyfile(desk.pdf, tmp_path / "report.pdf")

    with pytest.raises(EvidenceError, match="never written over"):
        write_pdf(load(desk.run), tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == desk.paper.whole


def test_a_report_of_before_somebody_signed_the_data_is_old_and_not_forged(desk: Desk, tmp_path: Path) -> None:
    """Whoever holds the report of then is told that there is a newer one."""
    lab = made_lab(tmp_path / "lab")
    run = small_run(tmp_path / "runs")
    tester = unlock(lab.folder, "a.tester", OF_TESTER, host_utc())
    loaded = load(run)
    seal(run, lab, tester, result(loaded), began=began(loaded), utc=host_utc())
    issue(loaded, tmp_path / "report.pdf", lab, tester, Role.TESTER, [], host_utc())
    sign(run, lab, Signer(tester, Role.TESTER, "I ran", operator="A. Tester", obstacles=[], utc=host_utc()))

    found, _, _ = verify_pdf(tmp_path / "report.pdf", Anchors(trust=tmp_path / "lab" / "ca.crt.pem"))

    assert exit_code(found) == 3, told(found)
    assert "ask for a newer one" in told(found)
