"""The files of a bundle against what vouches for them: the record for waveforms and inputs, the manifest for all."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from harness.bundle import (
    ENVIRONMENT,
    FORMAT,
    INPUTS,
    MANIFEST,
    RECORD,
    REPORT,
    WAVEFORMS,
    apart,
    file_names,
)
from harness.errors import EvidenceError
from reports.verify_chain import Scan, part, scan

Problem = tuple[str, str]
"""A file, and what is wrong with it."""


class Files:
    """The files of a folder, each read and hashed once.

    Attributes:
        names: In order, with /.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.names = file_names(folder)
        except OSError as error:
            words = f"{error.filename or folder} cannot be read: {error.strerror}; name the folder of a run"
            raise EvidenceError(words) from None
        self._plain = frozenset(self.names)
        self._known: dict[str, tuple[str, int]] = {}

    def fingerprint(self, name: str) -> tuple[str, int]:
        """Return SHA-256 and size of a file; "" and zero of one that is not there, is a link, or cannot be read."""
        if name not in self._known:
            path = self.folder / name
            try:
                content = path.read_bytes() if name in self._plain and not path.is_symlink() else None
            except OSError:
                content = None
            known = ("", 0) if content is None else (hashlib.sha256(content).hexdigest(), len(content))
            self._known[name] = known
        return self._known[name]


def links(files: Files) -> Iterator[Problem]:
    """Give what is no file of its own: a link shows whatever lies elsewhere, and a device anything at all."""
    for name in files.names:
        path = files.folder / name
        if path.is_symlink() or not path.is_file():
            yield name, "is a link or no file at all: a bundle holds plain files only"


def waveforms(files: Files, record: Scan) -> Iterator[Problem]:
    """Give waveforms that are not as they were recorded, and files among them that the record does not know."""
    known = set()
    for number, entry in record.of("waveform"):
        data = part(entry, "data")
        name, sha256 = str(data.get("file")), data.get("sha256")
        known.add(name)
        found, _ = files.fingerprint(name)
        of = f"{data.get('name')} of {data.get('case')}"
        if not found:
            yield name, f"is missing: line {number} of the record names it ({of})"
        elif found != sha256:
            yield (
                name,
                f"was altered or swapped: line {number} ({of}) has SHA-256 {sha256}, it has {found}",
            )
    for number, entry in record.of("interrupted"):
        for name, sha256 in part(part(entry, "data"), "unrecorded").items():
            known.add(name)
            if (found := files.fingerprint(name)[0]) != sha256:
                what = f"has {found}" if found else "is missing"
                yield name, f"was altered or swapped: line {number}, which found it, has SHA-256 {sha256}, it {what}"
    for name in files.names:
        if name.startswith(f"{WAVEFORMS}/") and name not in known:
            yield name, "was put in: no line of the record names it"


def inputs(files: Files, record: Scan) -> Iterator[Problem]:
    """Give copies of inputs that are not what the run was given, are missing, or were put in."""
    opened = _opened(record)
    kept = opened["volatile"].get("inputs")
    if not isinstance(kept, dict):
        return
    for name, sha256 in kept.items():
        found, _ = files.fingerprint(name)
        if not found:
            yield name, "is missing: line 1 of the record names it"
        elif found != sha256:
            yield name, f"was altered or swapped: line 1 of the record has SHA-256 {sha256}, it has {found}"
    for name in files.names:
        if (name.startswith(f"{INPUTS}/") or name == ENVIRONMENT) and name not in kept:
            yield name, "was put in: line 1 of the record does not name it"
    given = [*_given(opened["data"])]
    if "replay" not in opened["volatile"]:  # a replay reads the certificates where they stood
        given += _certificates(record)
    for what, sha256 in given:
        if sha256 not in kept.values():
            yield RECORD, f"line 1: {what} has SHA-256 {sha256}, and none of the copies in {INPUTS}/ has"


def as_recorded(folder: Path) -> list[str]:
    """Return in words, with its file first, what in a folder is not as its record says; [] if all is."""
    files, record = Files(folder), scan(folder / RECORD)
    found = [*links(files), *waveforms(files, record), *inputs(files, record)]
    return [*(f"{RECORD}: {words}" for words in record.problems), *(f"{name}: {words}" for name, words in found)]


def keeps_inputs(record: Scan) -> bool:
    """Return whether the record names copies of what the run was given."""
    return isinstance(_opened(record)["volatile"].get("inputs"), dict)


def _opened(record: Scan) -> dict[str, dict[str, Any]]:
    """Return data and volatile part of the line that opens the run; empty ones if there is none."""
    entry = next((entry for _, entry in record.of("run_opened")), {})
    return {key: part(entry, key) for key in ("data", "volatile")}


def _given(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what the record says elsewhere of files that a run was given, and the SHA-256 of each."""
    for what, said in (
        ("the bench file", [data.get("bench")]),
        ("the claims file", [data.get("claims")]),
        ("a plan", data.get("plans")),
        ("a standard", data.get("standards")),
        ("a population", data.get("populations")),
    ):
        for one in said if isinstance(said, list) else ():
            if isinstance(one, dict) and isinstance(one.get("sha256"), str):
                name = one.get("id") or one.get("name") or one.get("population")
                yield f"{what} ({name})", one["sha256"]


def _certificates(record: Scan) -> Iterator[tuple[str, str]]:
    for number, entry in record.of("instrument"):
        certificate = part(entry, "data").get("certificate")
        if isinstance(certificate, dict) and isinstance(certificate.get("dcc_sha256"), str):
            yield f"the certificate of line {number}", certificate["dcc_sha256"]


def manifest(files: Files) -> Iterator[Problem]:
    """Give where the folder is not what its manifest lists; nothing if there is no manifest."""
    if MANIFEST not in files.names:
        return
    listed = _listed(files.folder / MANIFEST)
    if listed is None:
        yield MANIFEST, "was altered: it is no manifest that `seal` writes"
        return
    for name, (sha256, size) in listed.items():
        found, length = files.fingerprint(name)
        if not found:
            yield name, f"is missing: {MANIFEST} lists it"
        elif found != sha256 and name != REPORT:  # which may be made again, and is then compared with what is made
            yield (
                name,
                f"was altered or swapped: {MANIFEST} has SHA-256 {sha256}, it has {found} ({size} bytes, {length})",
            )
    for name in files.names:
        if name not in listed and not apart(name):
            yield name, f"was put in after the run was sealed: {MANIFEST} does not list it"


def sealed_as(files: Files, name: str) -> str:
    """Return the SHA-256 of a file by the manifest; "" if there is no manifest, or it does not list the file."""
    listed = (_listed(files.folder / MANIFEST) or {}) if MANIFEST in files.names else {}
    return listed.get(name, ("", 0))[0]


def _listed(path: Path) -> dict[str, tuple[str, int]] | None:
    """Return SHA-256 and size of each file that a manifest lists; None if it is none, or not as `seal` writes it."""
    try:
        raw = path.read_bytes()
        said = orjson.loads(raw)
        listed = {str(one["file"]): (str(one["sha256"]), int(one["size"])) for one in said["files"]}
        plain = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE) == raw
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
    whole = said.get("format") == FORMAT and list(listed) == sorted(listed) and len(listed) == len(said["files"])
    return listed if whole and plain and RECORD in listed else None
