"""Verifying a bundle offline and without trust in it: what is wrong, by line, file, or signature.

Three layers, and each names what it finds. The folder must agree with itself: chain, waveforms, copies of inputs,
limits worked out again from those copies, verdicts worked out again from the readings, the report made again. It must
be what was sealed: the manifest. And somebody outside of it must vouch for that: a seal by a key that the reader
trusts, or a number that the reader was told. Without it, whoever could write the folder could have made all of it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from harness.amending import file_of
from harness.bundle import ENVIRONMENT, INPUTS, MANIFEST, PDF, RECORD, REPORT, SEAL, SIGNATURES, STAMP
from harness.errors import ConfigError, EvidenceError
from harness.qualification import tool_digest
from harness.told import TellBench
from reports import amended_again, stamped, verify_again, verify_chain, verify_files, vouched
from reports.rederive import rederive
from reports.run import Run, load
from reports.verify_chain import Scan
from reports.verify_files import Files
from reports.vouching import vouch

UNCLOSED = "the record was never closed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps a bundle from being good evidence.

    Attributes:
        where: The file, seen from the bundle.
        what: What is wrong with it.
        wrong: Something was altered, or contradicts itself; False if it only cannot be proven.
    """

    where: str
    what: str
    wrong: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a reader knows from outside of the bundle.

    Attributes:
        head: SHA-256 of the last line of the record, as a signed report prints it; "" if not known.
        manifest: SHA-256 of the manifest; "" if not known.
        trust: The certificates of the labs whose seals count; the journal of the lab, which knows what was signed, is
            looked at if it lies beside them. None if there are none.
        tsa: The certificates of the authorities whose time stamps count; None if there are none.
    """

    head: str = ""
    manifest: str = ""
    trust: Path | None = None
    tsa: Path | None = None


def verify(path: Path, anchors: Anchors, tell: TellBench | None = None, *, pdf: bool = True) -> list[Finding]:
    """Return all that is wrong with a bundle, and with the reports in it.

    Args:
        path: The folder of a run, or a file in it: its record, or its report.
        anchors: What is known from elsewhere.
        tell: Returns what a bench file comes to; without it the record is not held against its bench file.
        pdf: Whether report.pdf is looked at too, if the folder has one.

    Raises:
        EvidenceError: There is no record, or the folder cannot be read.
        ConfigError: It is a file of a kind that cannot be verified, or the certificates cannot be read.
    """
    folder = _folder(path)
    files = Files(folder)
    if found := [Finding(*problem) for problem in verify_files.links(files)]:
        return found  # what is no file may have no end, and is not read
    record = verify_chain.scan(folder / RECORD)
    found = [Finding(RECORD, problem) for problem in record.problems]
    found += [Finding(*problem) for problem in verify_files.waveforms(files, record)]
    found += [Finding(*problem) for problem in verify_files.inputs(files, record)]
    found += [Finding(*problem) for problem in verify_files.manifest(files)]
    run = None
    try:
        run = load(folder) if not record.problems else None
    except EvidenceError as error:
        found.append(Finding(RECORD, str(error).removeprefix(f"{folder / RECORD}, ")))
    vouched, told = _vouched(files, record, run, anchors, bool(found))
    found += told
    if (time := stamped.look(folder, anchors.tsa)).problem:
        found.append(Finding(STAMP, time.problem, time.wrong))
    if not verify_files.keeps_inputs(record):
        found.append(Finding(RECORD, "line 1 names no copies of what the run was given", wrong=False))
    # Told the head of the record alone, a reader knows nothing of the manifest, nor of a page that only it lists.
    proved = vouched and bool(anchors.manifest or anchors.trust)
    found += _page(files, run, asked=path.name == REPORT or not proved)
    if run is not None:
        found += _doubts(run, record, vouched, {finding.where for finding in found})
        found += [Finding(RECORD, words) for words in rederive(run, record)]
        found += _again(run, record, vouched, tell)
        found += (Finding(*one) for one in amended_again.problems(run, files.names, same_software(folder)))
    if anchors.trust is None and file_of(1) in files.names:
        found.append(Finding(file_of(1), "amends the report: who signed that is proved with --trust", wrong=False))
    if pdf and PDF in files.names:
        found += _pdf(folder, anchors, tell, found)
    return list(dict.fromkeys(found))


def exit_code(found: Iterable[Finding]) -> int:
    """Return 0 if nothing was found, 1 if something is wrong, and 3 if something cannot be proven."""
    kinds = {finding.wrong for finding in found}
    return 1 if True in kinds else 3 if kinds else 0


def _folder(path: Path) -> Path:
    if path.is_dir():
        return path
    if path.name in (RECORD, REPORT):
        return path.parent
    raise ConfigError(f"{path} must be the folder of a run, or its {RECORD}, {REPORT} or PDF: name one of these")


def _vouched(
    files: Files, record: Scan, run: Run | None, anchors: Anchors, altered: bool
) -> tuple[bool, list[Finding]]:
    """Return whether somebody outside of the bundle vouches for its record, and what speaks against it."""
    found: list[Finding] = []
    vouched = False
    if anchors.head:
        vouched = record.head == anchors.head.lower()
        if not vouched:
            words = f"ends with the head {record.head}, and must end with {anchors.head}: lines were altered or cut off"
            found.append(Finding(RECORD, words))
    sha256, _ = files.fingerprint(MANIFEST)
    if anchors.manifest:
        same = sha256 == anchors.manifest.lower()
        vouched = vouched or same
        if not same:
            found.append(Finding(MANIFEST, f"has SHA-256 {sha256 or 'of no file'}, and must have {anchors.manifest}"))
    if anchors.trust is not None:
        problems = vouch(files.folder, anchors.trust, run)
        vouched = vouched or not problems
        # What differs from the manifest, and what is wrong with the record, has been told place by place.
        again = ("is not as it was sealed", f"{RECORD}: ", f"{RECORD}, ")
        found += [_placed(words) for words in problems if not (altered and any(part in words for part in again))]
    if not vouched and not found:
        words = "nothing from outside vouches for it: give --trust for its seal, or --head or --manifest as told"
        if anchors.trust is not None:
            words = "its seal does not vouch for what lies here now: see what is wrong"
        found.append(Finding(MANIFEST if sha256 else RECORD, words, wrong=False))
    return vouched, found


def _placed(words: str) -> Finding:
    """Return what is wrong with seal or signatures, which begins with the file."""
    where, _, what = words.partition(": ")
    if where == SEAL and what.startswith((f"{SEAL} ", f"{SIGNATURES}/")):  # as the journal tells it
        where, _, what = what.partition(" ")
    return Finding(where, what)


def _doubts(run: Run, record: Scan, vouched: bool, told: set[str]) -> Iterator[Finding]:
    """Give what the record says against itself; that it was not closed is no forgery if its end is vouched for."""
    for row in run.rows.interruptions if not vouched else ():
        words = f"line {row.line}: it was gone on with after an interruption: were lines cut off there, nobody can tell"
        yield Finding(RECORD, words, wrong=False)
    for doubt in run.doubts:
        if doubt.startswith(UNCLOSED) or (record.torn and "was cut off while it was written" in doubt):
            if not vouched:
                words = "ends before the run does: it was interrupted, or lines were cut off; nobody can tell which"
                yield Finding(RECORD, words, wrong=False)
        elif not any(where in doubt for where in told if where != RECORD):  # a file is told once
            yield Finding(RECORD, doubt)


def _again(run: Run, record: Scan, vouched: bool, tell: TellBench | None) -> Iterator[Finding]:
    """Give where what lies beside the record comes to something else than it says."""
    yield from (Finding(RECORD, words) for words in verify_again.disordered(run, record))
    if not verify_files.keeps_inputs(record):
        return
    same = same_software(run.folder)
    found = verify_again.planned_otherwise(run, record)
    found += verify_again.other_bench(run, record, tell) if tell is not None else []
    if same:
        yield from (Finding(RECORD, words) for words in found)
    elif found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        words = f"this is another version of the program, which plans differently: {found[0]}{more}"
        yield Finding(RECORD, words, wrong=False)
    foreign = verify_again.foreign_copies(run.folder)
    if same:
        yield from (Finding(name, what) for name, _, what in (words.partition(": ") for words in foreign))
        for words in () if vouched else verify_again.namesakes(run.folder):
            name, _, what = words.partition(": ")
            yield Finding(name, f"{what}, under the same name", wrong=False)
    elif foreign and not vouched:
        count = f"{len(foreign)} cop{'ies' if len(foreign) > 1 else 'y'} of what comes with the program"
        yield Finding(INPUTS, f"{count} differ from what this version has; the first is {foreign[0]}", wrong=False)


def _page(files: Files, run: Run | None, *, asked: bool) -> Iterator[Finding]:
    """Give whether the report is another one than was sealed, and not what is made of the record either."""
    sealed = verify_files.sealed_as(files, REPORT)
    if REPORT not in files.names or (not asked and sealed == files.fingerprint(REPORT)[0]):
        return
    if run is not None:
        yield from _report(run)
    elif sealed:
        yield Finding(REPORT, "is not the one that was sealed, and this record cannot be made one of again")


def _report(run: Run) -> Iterator[Finding]:
    """Give whether the report is not what this program makes of the record."""
    from reports.html import render

    page = (run.folder / REPORT).read_bytes()
    # Made before the last signatures it shows those that there were: it is the same report.
    shown = re.search(rb'data-statements="(\d{1,4})"', page)
    if shown and page == render(run, int(shown[1])).encode("utf-8"):
        return
    if same_software(run.folder):
        yield Finding(REPORT, "was altered: it is not what is made of the record (make it again with `report`)")
    else:
        words = "was made by another version of this program, or altered: make it again with `report`"
        yield Finding(REPORT, words, wrong=False)


def _pdf(folder: Path, anchors: Anchors, tell: TellBench | None, known: Iterable[Finding]) -> list[Finding]:
    """Return what is found of the PDF in a folder, and was not found of the folder: it holds the same run."""
    from reports.verify_pdf import verify_pdf

    try:
        found, _, _ = verify_pdf(folder / PDF, anchors, tell, home=folder)
    except EvidenceError as error:
        return [Finding(PDF, str(error).removeprefix(f"{folder / PDF} "))]
    told = {(f"{PDF}, {one.where}", one.what) for one in known}
    return [one for one in found if (one.where, one.what) not in told]


def same_software(folder: Path) -> bool:
    """Return whether a run was made by this very program, so that it must make the same report again."""
    try:
        return bool(orjson.loads((folder / ENVIRONMENT).read_bytes())["tool"] == tool_digest())
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return False


def vouchers(path: Path, anchors: Anchors, found: Iterable[Finding]) -> tuple[list[vouched.Voucher], str]:
    """Return who vouches for what of a bundle, and in words who has signed it and who has not.

    Raises:
        ConfigError: The certificates cannot be read.
    """
    wrong, folder = {finding.where for finding in found if finding.wrong}, _folder(path)
    if any(verify_files.links(Files(folder))):
        return [], ""
    known = vouched.Known(anchors.head, anchors.manifest, anchors.trust, anchors.tsa, wrong)
    return vouched.vouchers(folder, known)


def as_text(path: Path, found: Iterable[Finding], table: Iterable[str] = ()) -> str:
    """Return what was found, a line each, the table of who vouches for what, and what it comes to."""
    findings = list(found)
    wrong = sum(finding.wrong for finding in findings)
    lines = [f"{'WRONG     ' if finding.wrong else 'NOT PROVEN'}  {finding}" for finding in findings]
    lines += table
    if wrong:
        lines.append(f"{path}: {wrong} thing{'s' if wrong > 1 else ''} wrong: do not rely on it")
    elif findings:
        lines.append(f"{path}: nothing is wrong, and not everything is proven")
    else:
        lines.append(f"{path}: OK: it is what was sealed, and every verdict follows from its readings")
    return "\n".join(lines)


def as_json(found: Iterable[Finding], vouching: Iterable[vouched.Voucher] = ()) -> str:
    """Return what was found for a program to read: exit code, each finding with where, what and wrong, who vouches."""
    findings = list(found)
    said = [{"where": one.where, "what": one.what, "wrong": one.wrong} for one in findings]
    return orjson.dumps({"exit_code": exit_code(findings), "findings": said, "vouched": [*vouching]}).decode()
