"""What is attached to the PDF: the record, its results as tables, and whatever lies sealed beside the record."""

import csv
import hashlib
import io
from dataclasses import dataclass, fields

from harness.errors import EvidenceError
from reports import rows
from reports.interchange.atml import atml
from reports.interchange.shared import no_formula
from reports.pdf.chosen import MOST_ROWS
from reports.run import Run
from reports.waveforms import read_kept

_MIME = {
    ".jsonl": "application/jsonl",
    ".json": "application/json",
    ".csv": "text/csv",
    ".yaml": "application/yaml",
    ".xml": "application/xml",
    ".pdf": "application/pdf",
    ".py": "text/x-python",
    ".tsr": "application/timestamp-reply",
}
# Bytes. A report of a few plans is whole in itself; that of a whole suite would be ten times as large.
MOST_OF_WAVEFORMS = 8_000_000
ATML = "results.atml.xml"
BESIDE = ("environment.json", "manifest.json", "seal.dsse.json", "seal.tsr")
_FOLDERS = (("inputs", "given to the run", "source"), ("signatures", "a person's signature of the data", "supplement"))


@dataclass(frozen=True, slots=True)
class Attached:
    """One file that is attached; `relationship` is a word of PDF/A-3: source, data or supplement."""

    name: str
    content: bytes
    description: str
    relationship: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def mime(self) -> str:
        """Media type, by the end of the name."""
        return _MIME.get("." + self.name.rpartition(".")[2], "application/octet-stream")


def attachments(run: Run) -> list[Attached]:
    """Return the files to attach, in a fixed order; the names of folders stand before those of their files."""
    record = (run.folder / "record.jsonl").read_bytes()
    found = [
        Attached("record.jsonl", record, "the record, line by line: all else follows from it", "source"),
        Attached("measurements.csv", _table(rows.Measurement, run.rows.measurements), "every measured value", "data"),
        Attached(
            "observations.csv", _table(rows.Observation, run.rows.observations), "everything that was observed", "data"
        ),
        Attached("waveforms.csv", _table(rows.WaveformRow, run.rows.waveforms), "waveforms with their SHA-256", "data"),
    ]
    if has_room_for_atml(run):
        found.append(Attached(ATML, atml(run), "the results as IEEE Std 1636.1-2013 (ATML) has them", "data"))
    for name in BESIDE:
        path = run.folder / name
        if path.is_file():
            found.append(Attached(name, path.read_bytes(), "of the run folder", "supplement"))
    for folder, description, relationship in _FOLDERS:
        place = run.folder / folder
        for path in sorted(place.rglob("*")) if place.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                name = flat(path.relative_to(run.folder).as_posix())
                found.append(Attached(name, path.read_bytes(), description, relationship))
    for amendment in run.amendments:  # none beside a report of before
        for by in amendment.by:
            content = (run.folder / by.file).read_bytes()
            found.append(Attached(flat(by.file), content, "an amendment of the report", "supplement"))
    return found + _waveforms(run)


def has_room_for_atml(run: Run, most: int = MOST_ROWS) -> bool:
    """Return whether ATML is attached: with all budgets it is twice as large as the record that it is made of."""
    return len(run.rows.measurements) + len(run.rows.observations) <= most


def flat(name: str) -> str:
    """Return the name of a file of the run's folder as an attachment, which knows no folders."""
    return name.replace("/", "-")


def _waveforms(run: Run) -> list[Attached]:
    """Return the waveforms of a run, if all of them are no burden to the reader of a document."""
    sound = {}
    for row in run.rows.waveforms:
        try:
            sound[row.file] = read_kept(run.folder, row)
        except EvidenceError:  # the section on waveforms says so
            continue
        if sum(map(len, sound.values())) > MOST_OF_WAVEFORMS:
            return []
    return [Attached(flat(name), sound[name], "samples of a waveform", "data") for name in sorted(sound)]


def _table(
    kind: type[object], lines: list[rows.Measurement] | list[rows.Observation] | list[rows.WaveformRow]
) -> bytes:
    """Return rows as CSV (RFC 4180) with the names of their fields first; nothing stands for what is missing."""
    names = [field.name for field in fields(kind) if field.name != "budget"]  # type: ignore[arg-type]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([_plain(getattr(line, name)) for name in names] for line in lines)
    return out.getvalue().encode()


def _plain(value: object) -> object:
    """Return a field as a cell: numbers as they are, and no text that a spreadsheet would take for a formula."""
    if isinstance(value, tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, dict):
        value = "; ".join(f"{key}={part}" for key, part in value.items())
    return no_formula(value) if isinstance(value, str) else "" if value is None else value
