"""The folder of a run, put together again from what is attached to its PDF."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
from pyhanko.pdf_utils.reader import PdfFileReader

from harness.bundle import AMENDMENTS, MANIFEST, RECORD, SIGNATURES, WAVEFORMS
from harness.errors import EvidenceError
from reports.pdf.attached import BESIDE, flat
from reports.pdf.proved import BROKEN

_DEEPEST = 20


def embedded(content: bytes) -> dict[str, bytes]:
    """Return the files that are attached to a PDF, by name.

    Raises:
        EvidenceError: They cannot be read, or two have one name.
    """
    try:
        root = PdfFileReader(io.BytesIO(content)).root
        tree = root.get("/Names", {}).get("/EmbeddedFiles")
        found = [] if tree is None else list(_leaves(tree, 0))
        named = {str(place["/UF"]): bytes(place["/EF"]["/F"].data) for place in found}
    except BROKEN as error:
        raise EvidenceError(f"what is attached cannot be read: {error}") from None
    if len(named) != len(found):
        raise EvidenceError("two attachments have one name: nobody can tell which one counts")
    return named


def keywords(content: bytes) -> str:
    """Return the keywords of a PDF; "" if it has none that can be read."""
    try:
        return str(PdfFileReader(io.BytesIO(content)).trailer["/Info"]["/Keywords"])
    except BROKEN:
        return ""


def unpack(attached: dict[str, bytes], folder: Path, beside: Path) -> list[str]:
    """Write the files of a run into a folder; return the waveforms that are neither attached nor beside the PDF.

    Args:
        attached: What is attached to a PDF.
        folder: An empty one.
        beside: Where waveforms may lie that are not attached; each counts only if the record names its SHA-256.

    Raises:
        EvidenceError: The record is not attached.
    """
    if RECORD not in attached:
        raise EvidenceError(f"{RECORD} is not attached: there is nothing that the report could be held against")
    record = attached[RECORD]
    places = _places(record, attached)
    for name, content in attached.items():
        if name in places:
            _write(folder, places[name], content)
    missing = []
    for name, sha256 in _waveforms(record):
        if flat(name) in attached:
            continue
        path = beside / name
        content = path.read_bytes() if _inside(name) and path.is_file() and not path.is_symlink() else b""
        if content and hashlib.sha256(content).hexdigest() == sha256:
            _write(folder, name, content)
        else:
            missing.append(name)
    return missing


def _places(record: bytes, attached: dict[str, bytes]) -> dict[str, str]:
    """Return where in a run's folder each attachment belongs; tables made of the record belong nowhere."""
    names = [RECORD, *BESIDE, *_inputs(record), *(name for name, _ in _waveforms(record))]
    for folder in (SIGNATURES, AMENDMENTS):
        begin = f"{folder}-"
        names += [f"{folder}/{name.removeprefix(begin)}" for name in attached if name.startswith(begin)]
    names += [name for name in _listed(attached.get(MANIFEST, b"")) if "/" in name]
    return {flat(name): name for name in names if _inside(name)}


def _inside(name: str) -> bool:
    """Return whether a name that stands in a record stays within the folder."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _inputs(record: bytes) -> list[str]:
    try:
        return [str(name) for name in orjson.loads(record.partition(b"\n")[0])["volatile"]["inputs"]]
    except (ValueError, KeyError, TypeError):
        return []


def _waveforms(record: bytes) -> Iterator[tuple[str, str]]:
    for line in record.splitlines():
        if b'"type":"waveform"' not in line:
            continue
        try:
            data = orjson.loads(line)["data"]
            name, sha256 = str(data["file"]), str(data["sha256"])
        except (ValueError, KeyError, TypeError):
            continue
        if name.startswith(f"{WAVEFORMS}/"):
            yield name, sha256


def _listed(manifest: bytes) -> list[str]:
    try:
        return [str(one["file"]) for one in orjson.loads(manifest)["files"]]
    except (ValueError, KeyError, TypeError):
        return []


def _leaves(tree: Any, depth: int) -> Iterator[Any]:
    """Give the descriptions of files of a tree of names."""
    if depth > _DEEPEST:
        raise ValueError("the tree of attachments has no end")
    for kid in tree.get("/Kids", ()):
        yield from _leaves(kid.get_object(), depth + 1)
    pairs = tree.get("/Names", ())
    for at in range(1, len(pairs), 2):
        yield pairs[at].get_object() if hasattr(pairs[at], "get_object") else pairs[at]
