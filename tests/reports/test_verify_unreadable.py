"""Bundles with something in them that no program can read, or that only a forged list vouches for: told, no crash."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from fixtures.bench_told import tell_bench
from harness.bundle import write_manifest
from harness.errors import EvidenceError
from reports.pdf import render
from reports.run import load
from reports.verify import Anchors, verify
from tests.reports.forging import Entries, copy_changed, forge, of
from tests.reports.tampering import lines, put
from tests.reports.test_verify import small_run

DEEP = b"[" * 300 + b"]" * 300
METHODS = "methods/test_plans/session_timing.py"


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a case that measures and keeps waveforms."""
    return small_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def run(honest: Path, tmp_path: Path) -> Path:
    """Return a copy of that run, to be spoilt."""
    folder = tmp_path / honest.name
    shutil.copytree(honest, folder)
    return folder


def wrong(folder: Path, anchors: Anchors | None = None) -> str:
    """Return what is found to be wrong, in lines."""
    return "\n".join(str(one) for one in verify(folder, anchors or Anchors(), tell_bench) if one.wrong)


def test_a_line_that_is_nested_without_end_is_named(run: Path) -> None:
    """Lists in lists in lists can be read, and not written again."""
    record = lines(run)
    record[5] = record[5].replace(b'"data":{', b'"data":{"deep":' + DEEP + b",", 1)
    put(run, record)

    assert "record.jsonl: line 6 was not written by the harness" in wrong(run)


def test_a_manifest_that_is_nested_without_end_is_none(run: Path) -> None:
    """So is that of a manifest."""
    write_manifest(run)
    path = run / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"{", b'{"deep": ' + DEEP + b",", 1))

    assert "manifest.json: was altered: it is no manifest" in wrong(run)


def _encrypted(content: bytearray) -> None:
    for begin, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for at in range(len(content)):
            if content.startswith(begin, at):
                content[at + flags] |= 1


def _packed_as_nobody_knows(content: bytearray) -> None:
    for begin, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        for at in range(len(content)):
            if content.startswith(begin, at):
                content[at + method] = 99


def _one_sample_changed(content: bytearray) -> None:
    content[len(content) // 2] ^= 1


@pytest.mark.parametrize("spoil", [_encrypted, _packed_as_nobody_knows, _one_sample_changed])
def test_a_waveform_that_cannot_be_read_is_named(run: Path, spoil: Callable[[bytearray], None]) -> None:
    """Under a chain that was remade, a file that no reader opens is no waveform."""

    def spoilt(folder: Path, entries: Entries) -> str:
        number, data = of(entries, "waveform")
        content = bytearray((folder / data["file"]).read_bytes())
        spoil(content)
        (folder / data["file"]).write_bytes(content)
        data["sha256"] = hashlib.sha256(content).hexdigest()
        return f"line {number}, {data['case']}, {data['name']}: {data['file']} is no waveform that can be read"

    assert forge(run, spoilt) in wrong(run)


@pytest.mark.parametrize("source", ["-" * 200_000 + "1", "a" + ".b" * 100_000], ids=["signs", "dots"])
def test_a_method_that_no_parser_takes_is_named(run: Path, source: str) -> None:
    """The copy of a method is read, and may have been made to exhaust the reader."""

    def spoilt(folder: Path, entries: Entries) -> str:
        text = (folder / "inputs" / METHODS).read_text(encoding="utf-8")
        copy_changed(folder, entries, METHODS, text, source)
        return f"inputs/{METHODS}: is not the file that this program has"

    words = forge(run, spoilt)
    said = wrong(run)

    assert words in said
    assert "session_timing.py is no Python that can be read: " in said


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("check_standard", "quantity", [["a"]]),
        ("measured", "instruments", [["a"]]),
        ("waveform", "file", {}),
        ("run_ended", "verdict", [None]),
    ],
)
def test_a_field_of_another_kind_is_no_mistake_of_ours(run: Path, kind: str, field: str, value: object) -> None:
    """Where the lines of a record cannot be held against each other, that is told of the record, without a crash."""

    def spoilt(_: Path, entries: Entries) -> str:
        of(entries, kind)[1][field] = value
        return "record.jsonl: "

    assert forge(run, spoilt) in wrong(run)


def test_a_page_that_only_a_forged_manifest_lists_is_made_again(run: Path) -> None:
    """Who was told the head of the record knows nothing of a page: it is compared, and not believed."""
    head = hashlib.sha256(lines(run)[-1]).hexdigest()
    page = run / "report.html"
    assert wrong(run, Anchors(head=head)) == ""
    page.write_bytes(page.read_bytes().replace(b"</body>", b"<p>Approved.</p></body>"))
    manifest = write_manifest(run)

    said = wrong(run, Anchors(head=head))

    assert "report.html: was altered: it is not what is made of the record" in said
    assert wrong(run, Anchors(head=head, manifest=manifest)) == ""  # then somebody vouches for that very page


def test_a_pdf_in_the_folder_that_nobody_signed_is_made_again(run: Path) -> None:
    """It is looked at with the run: as it was made nothing is found of it, altered or of another run it is."""
    head = hashlib.sha256(lines(run)[-1]).hexdigest()
    content = render(load(run))
    (run / "report.pdf").write_bytes(content)
    assert verify(run, Anchors(head=head), tell_bench) == []

    (run / "report.pdf").write_bytes(content + b"\n")
    assert "report.pdf: " in wrong(run, Anchors(head=head))


@pytest.mark.parametrize("name", ["record.jsonl", "manifest.json", "report.pdf", "environment.json"])
def test_what_has_no_end_is_named_and_not_read(run: Path, name: str) -> None:
    """A pipe, or a link to a device, would keep a reader waiting for ever."""
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)

    assert wrong(run) == f"{name}: is a link or no file at all: a bundle holds plain files only"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Whoever mistypes the name of a run reads so."""
    with pytest.raises(EvidenceError, match="none cannot be read: No such file or directory; name the folder of a run"):
        verify(tmp_path / "none" / "record.jsonl", Anchors())


def test_a_pdf_of_another_run_is_named(run: Path, honest: Path) -> None:
    """A report that is whole, and lies in the folder of another run, is none of it."""
    entries = [orjson.loads(line) for line in lines(run)]
    content = render(load(honest))

    def renamed(_: Path, entries: Entries) -> str:
        entries[0]["data"]["customer"] = "Another"
        return "report.pdf: is the report of another run"

    words = forge(run, renamed)
    assert entries != [orjson.loads(line) for line in lines(run)]
    (run / "report.pdf").write_bytes(content)

    assert words in wrong(run)
