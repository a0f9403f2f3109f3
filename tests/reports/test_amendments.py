"""Amended reports: what may be changed, by whom, what the pages say, and that nothing of it can be altered unseen."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pikepdf
import pytest

from harness.amending import AMENDMENT, amend, file_of, page_of, read_amendments, sign_amendment
from harness.bundle import MANIFEST, RECORD, SEAL
from harness.envelope import prepare
from harness.errors import ConfigError, EvidenceError
from harness.identity import ANCHOR, Role
from harness.journal import JOURNAL, ended
from harness.signing import SIGNATURE, Lab, Signer, read_seal, read_signatures, seal, sign, subject_of
from reports import load
from reports.amended import changes, latest, predicate, seal_of
from reports.approval import obstacles
from reports.html import write_report
from reports.pdf import render as render_pdf
from reports.statement import began, operator, result
from reports.verify import Anchors, verify
from reports.vouching import rows, standing, vouch
from tests.harness.small_lab import NOON, key_of, later, small_lab
from tests.reports.small_run import CASE, approvable

PDFTOTEXT = shutil.which("pdftotext") or ""
WHY = "the customer was named wrongly"
CUSTOMER = ("customer=Example Clinic North",)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab with keys for everybody."""
    return small_lab(tmp_path / "lab")


@pytest.fixture
def issued(tmp_path: Path, lab: Lab) -> Path:
    """A run that complies, sealed, and signed by tester, reviewer and approver."""
    folder = approvable(tmp_path / "run")
    run = load(folder)
    seal(folder, lab, key_of(lab, "a.operator"), result(run), began=began(run), utc=NOON)
    people = (("a.operator", Role.TESTER), ("r.viewer", Role.REVIEWER), ("a.prover", Role.APPROVER))
    for minutes, (code, role) in enumerate(people, start=1):
        said: dict[str, Any] = {"operator": operator(run), "obstacles": obstacles(run), "utc": later(minutes)}
        sign(folder, lab, Signer(key_of(lab, code), role, "I answer for it", **said))
    return folder


def amended(folder: Path, lab: Lab, minutes: int = 10, reason: str = WHY, **changed: Any) -> Path:
    """Amend a report as the command does, and make its page."""
    run = latest(load(folder))
    said = predicate(run, reason, changes(run, **(changed or {"corrected": CUSTOMER})), seal_of(run))
    done = amend(folder, lab, key_of(lab, "a.operator"), said, utc=later(minutes))
    now = latest(load(folder))
    write_report(now, folder / page_of(len(now.amendments), "html"))
    return folder / done.file


def countersigned(folder: Path, lab: Lab, code: str, role: Role, minutes: int) -> Path:
    """Sign the last amendment as the command does."""
    run = latest(load(folder))
    said: dict[str, Any] = {"operator": operator(run), "obstacles": obstacles(run), "utc": later(minutes)}
    return folder / sign_amendment(folder, lab, Signer(key_of(lab, code), role, "I answer for it", **said)).file


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wrong(folder: Path, lab: Lab) -> list[str]:
    """Return what `verify` finds of seal, signatures and amendments: what else so small a run lacks is no matter."""
    found = verify(folder, Anchors(trust=lab.folder / ANCHOR))
    return [str(one) for one in found if one.wrong and not one.where.startswith(RECORD)]


def test_an_amendment_is_a_document_of_its_own_and_overwrites_nothing(issued: Path, lab: Lab) -> None:
    """It names the original by run, head and seal, says why, by whom and when, and every byte of before stays."""
    before = files(issued)

    amended(issued, lab, corrected=CUSTOMER, remarks=["The load was 500 Ω."])
    countersigned(issued, lab, "r.viewer", Role.REVIEWER, 11)
    countersigned(issued, lab, "a.prover", Role.APPROVER, 12)

    run = latest(load(issued))
    (one,) = run.amendments
    assert {name: content for name, content in files(issued).items() if name in before} == before
    assert (run.id, one.title, one.reason) == ("run-A1", "Amendment 1 to report run", WHY)
    assert one.amends == {
        "document": "run", "run": "run", "head": run.head, "events": run.count, "seal": seal_of(run),
    }  # fmt: skip
    assert [(by.role, by.name, by.utc[:16]) for by in one.by] == [
        ("tester", "A. Operator, Example Lab", "2026-02-02T12:10"),
        ("reviewer", "R. Viewer, Example Lab", "2026-02-02T12:11"),
        ("approver", "A. Prover, Example Lab", "2026-02-02T12:12"),
    ]
    assert (run.verdict, run.rows.opened["customer"]) == ("COMPLIES", "Example Clinic North")
    assert load(issued).rows.opened["customer"] == "Example Clinic"
    assert wrong(issued, lab) == []
    assert "since then amended, run-A1: COMPLIES with OUT revision 1: " + WHY in standing(
        rows(issued, lab.folder / ANCHOR)
    )


def test_a_withdrawn_result_is_not_evaluated_and_cannot_be_approved(issued: Path, lab: Lab) -> None:
    """The verdict falls to NOT COMPLETE, the values under it are no passes, and an approver is refused."""
    amended(issued, lab, reason="the shunt was exchanged", withdrawn=[CASE])
    countersigned(issued, lab, "r.viewer", Role.REVIEWER, 11)

    with pytest.raises(EvidenceError, match="cannot be approved: the verdict is NOT COMPLETE"):
        countersigned(issued, lab, "a.prover", Role.APPROVER, 12)

    run = latest(load(issued))
    assert (run.verdict, run.rows.cases[CASE].verdict) == ("NOT COMPLETE", "N/E")
    assert run.rows.cases[CASE].reason == "withdrawn by amendment 1, it was P: the shunt was exchanged"
    assert {row.verdict for row in run.rows.measurements} == {"N/E"}
    assert run.requirements.verdict.tolist() == ["N/E"]
    assert load(issued).verdict == "COMPLIES"
    assert wrong(issued, lab) == []


def test_a_second_amendment_stands_on_the_first(issued: Path, lab: Lab) -> None:
    """It has the next number, is of the amended report, and both stand in the pages."""
    amended(issued, lab)
    amended(issued, lab, 20, "and its serial number was left out", remarks=["Serial number as on the label."])

    run = latest(load(issued))
    assert [(one.document, one.amends["document"]) for one in run.amendments] == [
        ("run-A1", "run"),
        ("run-A2", "run-A1"),
    ]
    page = (issued / page_of(2, "html")).read_text()
    assert "Amendment 1 to report run" in page
    assert "Serial number as on the label." in page
    assert wrong(issued, lab) == []


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"remarks": []}, "an amendment must change something"),
    "an unknown case": ({"withdrawn": ["OUT-999"]}, "no case of run is called 'OUT-999'"),
    "an operator": ({"corrected": ["operator=B. Oth"]}, "'operator' cannot be amended: there are customer, serial"),
    "the same again": ({"corrected": ["customer=Example Clinic"]}, "must become something else"),
    "against the device": ({"corrected": ["firmware=9.9"]}, "the device says that its firmware is"),
    "twice": ({"corrected": [*CUSTOMER, "customer=Other"]}, "customer is changed 2 times"),
    "no words": ({"remarks": [" "]}, "a remark must say something"),
}


@pytest.mark.parametrize(("changed", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_amended_says_why(issued: Path, lab: Lab, changed: dict[str, Any], reason: str) -> None:
    """Nothing is written, and the text names what there is."""
    with pytest.raises(ConfigError, match=re.escape(reason)):
        amended(issued, lab, **changed)

    assert not (issued / "amendments").exists()


def test_a_failure_is_never_withdrawn(issued: Path) -> None:
    """An amendment makes no verdict better: F stands until the device is tested again."""
    run = load(issued)
    run.rows.cases[CASE] = replace(run.rows.cases[CASE], verdict="F")

    with pytest.raises(ConfigError, match="failed, and a failure is not withdrawn: test again"):
        changes(run, withdrawn=[CASE])


def test_nobody_reviews_their_own_amendment_and_the_original_is_signed_no_more(issued: Path, lab: Lab) -> None:
    """Roles come in their order, each of another person; an amended original is closed."""
    amended(issued, lab)

    with pytest.raises(EvidenceError, match="next is the reviewer"):
        countersigned(issued, lab, "a.prover", Role.APPROVER, 11)
    with pytest.raises(EvidenceError, match=r"A\. Operator signed as tester and sealed the run and ran the tests"):
        countersigned(issued, lab, "a.operator", Role.REVIEWER, 11)
    late = Signer(key_of(lab, "b.oth"), Role.REVIEWER, "late", operator="", obstacles=[], utc=later(11))
    with pytest.raises(EvidenceError, match="was amended: what is signed from then on are its amendments"):
        sign(issued, lab, late)
    with pytest.raises(EvidenceError, match="the clock says 2026-02-02T12:05:00"):
        countersigned(issued, lab, "r.viewer", Role.REVIEWER, 5)

    assert [path.name for path in sorted((issued / "amendments").iterdir())] == ["0001.dsse.json", "0001.html"]


@pytest.mark.skipif(not PDFTOTEXT, reason="pdftotext is not installed")
def test_every_page_of_an_amended_report_says_so(issued: Path, lab: Lab, tmp_path: Path) -> None:
    """The PDF names the amendment on each page, its reason and its change on the first, and holds its statement."""
    amended(issued, lab)
    (tmp_path / "a.pdf").write_bytes(render_pdf(latest(load(issued))))
    (tmp_path / "again.pdf").write_bytes(render_pdf(latest(load(issued))))

    text = subprocess.run([PDFTOTEXT, tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True).stdout
    pages = text.rstrip("\f").split("\f")
    assert len(pages) > 3
    assert [page for page in pages if "Amendment 1 to report run" not in " ".join(page.split())] == []
    first = " ".join(pages[0].split())
    for words in (WHY, "Example Clinic North", "not reviewed, not approved", "Sign-off of the original report"):
        assert words in first
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        assert (
            pdf.attachments["amendments-0001.dsse.json"].get_file().read_bytes() == (issued / file_of(1)).read_bytes()
        )
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "again.pdf").read_bytes()
    page = (issued / page_of(1, "html")).read_text()
    # What stands in the margin of each printed page, and in the banner of the screen.
    assert '@top-left { content: "Amendment 1 to report run"' in page
    assert '<div class="banner amended" role="note">Amendment 1 to report run</div>' in page


def test_a_page_made_before_somebody_signed_is_still_what_it_was(issued: Path, lab: Lab) -> None:
    """A signature that was added later does not make the page of before a forgery."""
    amended(issued, lab)

    countersigned(issued, lab, "r.viewer", Role.REVIEWER, 11)

    assert wrong(issued, lab) == []


def _edit(name: str, old: bytes, new: bytes) -> Callable[[Path, Lab], None]:
    def change(folder: Path, lab: Lab) -> None:
        content = (folder / name).read_bytes()
        assert old in content
        (folder / name).write_bytes(content.replace(old, new, 1))

    return change


def _remove(name: str) -> Callable[[Path, Lab], None]:
    return lambda folder, lab: (folder / name).unlink()


def _add(name: str) -> Callable[[Path, Lab], None]:
    def change(folder: Path, lab: Lab) -> None:
        (folder / name).write_bytes(orjson.dumps({"statement": "x"}))

    return change


def _forged(**other: Any) -> Callable[[Path, Lab], None]:
    """Sign another amendment with a tester's own key, by another program than ours, and put it in the journal too."""

    def change(folder: Path, lab: Lab) -> None:
        signatures = [path.relative_to(folder).as_posix() for path in sorted((folder / "signatures").iterdir())]
        (folder / file_of(1, Role.REVIEWER)).unlink()
        (folder / page_of(1, "html")).unlink()
        (folder / file_of(1)).unlink()
        run = load(folder)
        said = predicate(run, WHY, changes(run, corrected=CUSTOMER), seal_of(run)) | other
        said["journal"] = ended(lab.folder / JOURNAL)
        about = subject_of(folder, RECORD, MANIFEST, SEAL, signatures[-1])
        content = prepare(about, AMENDMENT, said, key_of(lab, "a.operator"), Role.TESTER, later(30))
        (folder / file_of(1)).write_bytes(content)

    return change


def _approved_anyway(folder: Path, lab: Lab) -> None:
    """Withdraw a result, and approve the rest with another program."""
    shutil.rmtree(folder / "amendments")
    amended(folder, lab, 40, "the shunt was exchanged", withdrawn=[CASE])
    last = countersigned(folder, lab, "r.viewer", Role.REVIEWER, 41)
    statement = latest(load(folder)).amendments[0]
    said = {"document": statement.document, "meaning": "Released", "statement": statement.statement}
    said["journal"] = ended(lab.folder / JOURNAL)  # type: ignore[assignment]
    about = subject_of(folder, RECORD, MANIFEST, SEAL, last.relative_to(folder).as_posix())
    content = prepare(about, SIGNATURE, said, key_of(lab, "a.prover"), Role.APPROVER, later(42))
    (folder / file_of(1, Role.APPROVER)).write_bytes(content)


_PASSES = [{"change": "withdrawn", "of": CASE, "was": "P", "now": "P"}]
TAMPERED: dict[str, tuple[Callable[[Path, Lab], None], str, str]] = {
    "a byte of the statement": (_edit(file_of(1), b"payload", b"paiload"), file_of(1), "no envelope"),
    "statement removed": (_remove(file_of(1)), file_of(1), "is missing, and A. Operator made it"),
    "review removed": (_remove(file_of(1, Role.REVIEWER)), file_of(1, Role.REVIEWER), "is missing, and R. Viewer"),
    "page edited": (_edit(page_of(1, "html"), b"Clinic North", b"Clinic South"), page_of(1, "html"), "altered"),
    "a strange file": (
        _add(file_of(3)),
        file_of(3),
        "is no amendment",
    ),
    "another verdict": (_forged(statement="COMPLIES with IEC 60601"), file_of(1), "and what follows is"),
    "another head": (_forged(amends={"run": "run"}), file_of(1), "it amends a report of head None"),
    "a result made better": (_forged(changes=_PASSES), file_of(1), "cannot go from P to P"),
    "more words": (_forged(more="words"), file_of(1), "and nothing else"),
    "approved anyway": (_approved_anyway, file_of(1, Role.APPROVER), "approved, and cannot be: the verdict is NOT"),
    "original signed later": (
        lambda folder, lab: (folder / "signatures" / "0003-approver.dsse.json").unlink(),
        file_of(1),
        "must be about",
    ),
}


@pytest.mark.parametrize(("change", "where", "what"), TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_amendment_is_found(
    issued: Path, lab: Lab, change: Callable[[Path, Lab], None], where: str, what: str
) -> None:
    """Each is named with its file, and why."""
    amended(issued, lab)
    countersigned(issued, lab, "r.viewer", Role.REVIEWER, 11)
    assert wrong(issued, lab) == []

    change(issued, lab)

    found = [str(one) for one in verify(issued, Anchors(trust=lab.folder / ANCHOR))]
    assert [words for words in found if words.startswith(where) and what in words], found


def test_an_amendment_of_another_run_does_not_fit(issued: Path, lab: Lab, tmp_path: Path) -> None:
    """Copied into another bundle of the same people, it is over another record and seal."""
    other = approvable(tmp_path / "other", title="another")
    run = load(other)
    seal(other, lab, key_of(lab, "a.operator"), result(run), began=began(run), utc=later(4))
    amended(issued, lab)

    shutil.copytree(issued / "amendments", other / "amendments")

    assert any(file_of(1) in words for words in vouch(other, lab.folder / ANCHOR))
    with pytest.raises(EvidenceError, match="cannot be: it calls itself run-A1"):
        latest(load(other))
    sealed = read_seal(other, lab.anchors)
    with pytest.raises(EvidenceError, match="must be about"):
        read_amendments(other, lab.anchors, sealed, read_signatures(other, lab.anchors, sealed))


def test_a_page_without_an_amendment_is_found_without_trust(issued: Path) -> None:
    """The manifest does not list amendments, so that nothing else may hide among them."""
    (issued / "amendments").mkdir()
    (issued / page_of(1, "html")).write_text("COMPLIES")

    assert page_of(1, "html") in {one.where for one in verify(issued, Anchors()) if one.wrong}


def test_without_trust_an_amendment_is_not_proven(issued: Path, lab: Lab) -> None:
    """A reader who was told the number of the manifest learns that somebody amended the report, and not who."""
    amended(issued, lab)

    found = verify(issued, Anchors(manifest=read_seal(issued, lab.anchors).subject[MANIFEST]))

    assert (file_of(1), False) in {(one.where, one.wrong) for one in found}
