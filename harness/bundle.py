"""The bundle of a run: its record, and beside it copies of all that the run was given and what software made it.

* record.jsonl: what happened, chained line by line; its first line names every copy below by SHA-256
* inputs/: plans, methods, claims, standards, requirements, hazards, bench, certificates, answers, results
* environment.json: software, commit, lock and packages
* waveforms/: samples; the record names each by SHA-256
* report.html: made from the record alone
* manifest.json: every file above with size and SHA-256, written when the run is sealed
* seal.dsse.json, its time stamp seal.tsr, signatures/ and report.pdf: over the manifest, or showing what is
* amendments/: what was changed in the report after that, signed like it
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from harness.approvals import APPROVALS
from harness.documents import Document, package_file, read_bytes
from harness.environment import environment
from harness.errors import ConfigError, EvidenceError
from harness.methods import method_files
from harness.plan import Plan
from harness.prepared import Prepared

RECORD = "record.jsonl"
INPUTS = "inputs"
WAVEFORMS = "waveforms"
ENVIRONMENT = "environment.json"
MANIFEST = "manifest.json"
SEAL = "seal.dsse.json"
STAMP = "seal.tsr"
SIGNATURES = "signatures"
AMENDMENTS = "amendments"
PDF = "report.pdf"
REPORT = "report.html"
FORMAT = "iontobench-manifest/1"
_READABLE = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(slots=True)
class Inputs:
    """Copies of files, by their names under inputs/.

    Attributes:
        files: Content by name ("plans/output_current.yaml").
    """

    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, kind: str, name: str, content: bytes) -> None:
        """Take a copy; another file of the same name gets a number before its name."""
        folder, number = f"{kind}/" if kind else "", 1
        path = f"{folder}{name}"
        while self.files.get(path, content) != content:
            number += 1
            path = f"{folder}{number}-{name}"
        self.files[path] = content

    def add_file(self, kind: str, path: Path, sha256: str = "", name: str = "") -> None:
        """Take a copy of a file.

        Raises:
            ConfigError: It cannot be read, or is no longer the one that was loaded.
        """
        content = read_bytes(path)
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise ConfigError(f"{path} changed while the run was being prepared: leave it alone, and run again")
        self.add(kind, name or path.name, content)


def gather(
    ready: Prepared, *, bench: Mapping[Path, str], others: Iterable[Path] = (), qualification: Iterable[Path] = ()
) -> Inputs:
    """Return copies of all that a run is given, each proved to be what was loaded.

    Args:
        ready: What is going to be run.
        bench: The bench file and the digital certificates that it names, with the SHA-256 of each.
        others: What else was given: the model of a virtual device, approvals.
        qualification: The record that the stamp of the run is made of.

    Raises:
        ConfigError: A file cannot be read, or changed since it was loaded.
    """
    inputs, library = Inputs(), ready.library
    run = {case.plan.content.plan for case in ready.cases}
    for plan in ready.plans:
        if plan.content.plan in run:
            _add_plan(inputs, plan)
    _add(inputs, "claims", ready.claims.document)
    _add(inputs, "", library.hazards.document)
    for kind, documents in (
        ("standards", library.standards.documents),
        ("requirements", library.areas),
        ("populations", library.populations),
    ):
        for document in documents:
            _add(inputs, kind, document)
    if ready.inspections is not None:
        _add(inputs, "inspections", ready.inspections)
    if ready.externals is not None:
        _add(inputs, "external_results", ready.externals)
        for result in ready.externals.content.results.values():
            inputs.add_file("external_results", ready.externals.path.parent / result.file, result.sha256)
    for path, sha256 in bench.items():
        inputs.add_file("bench", path, sha256)
    for path in others:
        inputs.add_file("others", path)
    for path in qualification:
        inputs.add_file("qualification", path)
    return inputs


def approvals_file(given: Path | None) -> list[Path]:
    """Return the file of approvals that a run goes by, as a list of one; [] if there is none."""
    path = given or APPROVALS
    return [path] if path.exists() else []


def _add(inputs: Inputs, kind: str, document: Document[Any]) -> None:
    inputs.add_file(kind, document.path, document.sha256)


def _add_plan(inputs: Inputs, plan: Plan) -> None:
    _add(inputs, "plans", plan.document)
    home, folder = package_file("test_plans").parent, plan.methods_path.resolve().parent
    for name, sha256 in method_files(plan).items():
        path = next(path for path in (folder / name, home / name) if path.is_file())
        inputs.add_file("methods", path, sha256, name)


def keep(folder: Path, inputs: Inputs) -> dict[str, Any]:
    """Write what a run was given, and its software, into its folder; return what its record must say of them.

    It stands in the volatile part of the record's first line: two runs of the same inputs have the same content,
    whichever packages lie about and wherever the files came from.

    Raises:
        EvidenceError: The disk refuses.
    """
    said = orjson.dumps(environment(), option=_READABLE)
    files = {f"{INPUTS}/{name}": content for name, content in sorted(inputs.files.items())} | {ENVIRONMENT: said}
    for name, content in files.items():
        _write(folder / name, content)
    return {"inputs": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}}


def write_manifest(folder: Path) -> str:
    """Write the manifest of a run's folder; return its SHA-256, which stands for every byte of every file.

    Raises:
        EvidenceError: There is a manifest of something else, a file is none of its own, or the disk refuses.
    """
    content, path = manifest_of(folder), folder / MANIFEST
    if not path.exists():
        _write(path, content)
    elif path.read_bytes() != content:
        raise EvidenceError(f"{path} is there and lists other files: a sealed run is never written over; run anew")
    return hashlib.sha256(content).hexdigest()


def manifest_of(folder: Path) -> bytes:
    """Return the manifest of a run's folder: each file with size and SHA-256, in order of name.

    Itself, the seal and the signatures, which are over it, are not in it, nor is the PDF, which shows them.

    Raises:
        EvidenceError: There is no record, or a file cannot be read or is a link to another one.
    """
    if not (folder / RECORD).is_file():
        raise EvidenceError(f"{folder / RECORD} is not there: name the folder of a run")
    files = []
    for name in file_names(folder):
        if apart(name):
            continue
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise EvidenceError(f"{path} must be a file of its own, and no link: put a copy there")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise EvidenceError(f"{path} cannot be read: {error.strerror}") from error
        files.append({"file": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return orjson.dumps({"format": FORMAT, "files": files}, option=_READABLE)


def file_names(folder: Path) -> list[str]:
    """Return the names of all that lies in a folder and is no folder, with /, in order; links are not followed."""
    return sorted(_names(folder, ""))


def _names(folder: Path, before: str) -> Iterator[str]:
    with os.scandir(folder) as found:
        for entry in found:
            name = f"{before}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _names(folder / entry.name, f"{name}/")
            else:
                yield name


def apart(name: str) -> bool:
    """Return whether a file is never in the manifest: itself, seal, signatures and amendments, and the PDF."""
    return name in (MANIFEST, PDF, SEAL, STAMP) or name.startswith((f"{SIGNATURES}/", f"{AMENDMENTS}/"))


def _write(path: Path, content: bytes) -> None:
    """Write a file that is not there yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise EvidenceError(f"{path} exists: what a run was given is never written over; name a new folder") from None
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; free the disk, and run again") from error
