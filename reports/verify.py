"""Verifying a bundle offline and without trust in it: what is wrong, by line, file, or signature.

Three layers, and each names what it finds. The folder must agree with itself: chain, waveforms, copies of inputs,
limits worked out again from those copies, verdicts worked out again from the readings, the report made again. It must
be what was sealed: the manifest. And somebody outside of it must vouch for that: a seal by a key that the reader
trusts, or a number that the reader was told. Without it, whoever could write the folder could have made all of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from harness.bundle import ENVIRONMENT, MANIFEST, PDF, RECORD, SEAL, SIGNATURES
from harness.errors import ConfigError, EvidenceError, HarnessError
from harness.qualification import tool_digest
from reports import replan, verify_chain, verify_files
from reports.rederive import rederive
from reports.run import Run, load
from reports.verify_chain import Scan
from reports.verify_files import Files
from reports.vouching import vouch

REPORT = "report.html"
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
    """

    head: str = ""
    manifest: str = ""
    trust: Path | None = None


def verify(path: Path, anchors: Anchors) -> list[Finding]:
    """Return all that is wrong with a bundle, or with its report.

    Args:
        path: The folder of a run, or a file in it: its record, or its report.
        anchors: What is known from elsewhere.

    Raises:
        EvidenceError: There is no record, or the folder cannot be read.
        ConfigError: It is a file of a kind that cannot be verified, or the certificates cannot be read.
    """
    folder = _folder(path)
    record = verify_chain.scan(folder / RECORD)
    files = Files(folder)
    found = [Finding(RECORD, problem) for problem in record.problems]
    found += [Finding(*problem) for problem in verify_files.links(files)]
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
    if not verify_files.keeps_inputs(record):
        found.append(Finding(RECORD, "line 1 names no copies of what the run was given", wrong=False))
    if PDF in files.names:
        found.append(Finding(PDF, "is outside of the manifest and was not looked at: verify it by itself", wrong=False))
    if run is not None:
        found += _doubts(run, record, vouched, {finding.where for finding in found})
        found += [Finding(RECORD, words) for words in rederive(run)]
        found += _planned_again(run, record)
        if REPORT in files.names and (path.name == REPORT or not verify_files.listed_in_manifest(files, REPORT)):
            found += _report(run)
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
    raise ConfigError(f"{path} must be the folder of a run, or its {RECORD} or {REPORT}: name one of these")


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
    for doubt in run.doubts:
        if doubt.startswith(UNCLOSED) or (record.torn and "was cut off while it was written" in doubt):
            if not vouched:
                words = "ends before the run does: it was interrupted, or lines were cut off; nobody can tell which"
                yield Finding(RECORD, words, wrong=False)
        elif not any(where in doubt for where in told if where != RECORD):  # a file is told once
            yield Finding(RECORD, doubt)


def _planned_again(run: Run, record: Scan) -> Iterator[Finding]:
    """Give where the copies of the inputs come to other requirements, cases or limits than the record says."""
    if not verify_files.keeps_inputs(record):
        return
    try:
        found = list(replan.contradictions(run, record))
    except HarnessError as error:
        found = [f"the copies of the inputs cannot be read: {error}"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        found = [f"it cannot be planned again: {type(error).__name__}: {error}"]
    if found and not same_software(run.folder):
        found = [f"this is another version of the program, which plans differently: {found[0]}"]
        yield Finding(RECORD, found[0], wrong=False)
        return
    yield from (Finding(RECORD, words) for words in found)


def _report(run: Run) -> Iterator[Finding]:
    """Give whether the report is not what this program makes of the record."""
    from reports.html import render

    if (run.folder / REPORT).read_bytes() == render(run).encode("utf-8"):
        return
    if same_software(run.folder):
        yield Finding(REPORT, "was altered: it is not what is made of the record (make it again with `report`)")
    else:
        words = "was made by another version of this program, or altered: make it again with `report`"
        yield Finding(REPORT, words, wrong=False)


def same_software(folder: Path) -> bool:
    """Return whether a run was made by this very program, so that it must make the same report again."""
    try:
        return bool(orjson.loads((folder / ENVIRONMENT).read_bytes())["tool"] == tool_digest())
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return False


def as_text(path: Path, found: Iterable[Finding]) -> str:
    """Return what was found, a line each, and what it comes to."""
    findings = list(found)
    wrong = sum(finding.wrong for finding in findings)
    lines = [f"{'WRONG     ' if finding.wrong else 'NOT PROVEN'}  {finding}" for finding in findings]
    if wrong:
        lines.append(f"{path}: {wrong} thing{'s' if wrong > 1 else ''} wrong: do not rely on it")
    elif findings:
        lines.append(f"{path}: nothing is wrong, and not everything is proven")
    else:
        lines.append(f"{path}: OK: it is what was sealed, and every verdict follows from its readings")
    return "\n".join(lines)


def as_json(found: Iterable[Finding]) -> str:
    """Return what was found for a program to read: exit code, and each finding with where, what and wrong."""
    findings = list(found)
    said = [{"where": one.where, "what": one.what, "wrong": one.wrong} for one in findings]
    return orjson.dumps({"exit_code": exit_code(findings), "findings": said}).decode()
