"""The PDF itself: what the other files worked out, laid out by typst as PDF/A-3a and PDF/UA-1 in one file.

typst refuses to write a file that breaks one of the two standards (a figure without words, a letter without a shape).
The same run folder always gives the same bytes.
"""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.errors import EvidenceError
from reports import amended_words, development, summary
from reports.doubts import tested_on
from reports.pdf import bench, closing, exceptions, first, kills, measured, traced, waves
from reports.pdf.attached import Attached, attachments
from reports.pdf.letters import FONTS, printable_all
from reports.pdf.maker import maker
from reports.run import Run

_TEMPLATE = Path(__file__).parent / "report.typ"


def write_pdf(run: Run, path: Path) -> Path:
    """Write the report of a run as a PDF; return the path.

    Raises:
        EvidenceError: The file cannot be written, or the report is no archivable PDF.
    """
    content = render(run)
    try:
        if path.exists() and b"/ByteRange" in path.read_bytes():
            raise EvidenceError(f"{path} is signed, and what was signed is never written over: name another file")
        path.write_bytes(content)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path


def render(run: Run) -> bytes:
    """Return the report of a run as a PDF; the same run folder always gives the same bytes.

    Raises:
        EvidenceError: typst refuses what would be no PDF/A-3a and PDF/UA-1; the text says why.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="iontobench-") as place:
        root = Path(place)
        _write_sources(run, root)
        try:
            content, warnings = typst.compile_with_warnings(
                root / "report.typ",
                root=root,
                font_paths=[FONTS],
                ignore_system_fonts=True,
                pdf_standards=["a-3a", "ua-1"],
                timestamp=_seconds(run),
            )
        except typst.TypstError as error:
            raise EvidenceError(f"{run.folder}: the report cannot be made a PDF/A: {error}; report it") from error
    if warnings:
        raise EvidenceError(f"{run.folder}: the report is no sound PDF: {warnings[0]}; report it")
    assert isinstance(content, bytes)
    # PDF/A-3, 6.1.3: a signature appended to it must begin on a line of its own.
    return content if content.endswith(b"\n") else content + b"\n"


def _write_sources(run: Run, root: Path) -> None:
    """Write what typst reads; none of it stays in memory, which typst needs."""
    drawn = waves.section(run)
    attached = attachments(run)
    data = printable_all(_document(run, drawn, attached))
    for name in ("figures", "attached"):
        (root / name).mkdir()
    for name, drawing in (drawn.drawings | {kills.FILE: kills.drawing(run)}).items():
        (root / "figures" / name).write_text(drawing, encoding="utf-8", newline="\n")
    for file in attached:
        (root / "attached" / file.name).write_bytes(file.content)
    (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8", newline="\n")
    (root / "report.typ").write_bytes(_TEMPLATE.read_bytes())


def _document(run: Run, drawn: waves.Waves, attached: list[Attached]) -> dict[str, Any]:
    opened = run.rows.opened
    item = opened["item"]
    word, _ = summary.headline(run)
    subtitle = (
        f"{opened['claims']['device']['manufacturer']} {item['model']}, serial number {item['serial'] or 'not given'}"
    )
    banner = " · ".join(filter(None, (amended_words.title(run), development.margin(run), run.replay)))
    return {
        "id": run.id,
        "title": f"Test report {run.id}",
        "author": opened["operator"] or "iontobench",
        "keywords": [word, run.id, run.head, maker()],
        "subtitle": subtitle,
        "banner": banner,
        "watermark": _watermark(run),
        "head_left": f"{subtitle} · bench {opened['bench']['name']}",
        "head_right": f"Report {run.id} · record {run.head[:12]}",
        "foot": "These results relate only to the item tested. This report may be copied only in full.",
        "verdict": first.verdict(run),
        "first": first.first_page(run),
        "body": [
            *exceptions.sections(run),
            *traced.sections(run),
            *measured.sections(run),
            *drawn.parts,
            *bench.sections(run),
            *closing.sections(run, attached),
        ],
        "attachments": [
            {"name": file.name, "mime": file.mime, "description": file.description, "relationship": file.relationship}
            for file in attached
        ],
    }


def _watermark(run: Run) -> str:
    if run.virtual:
        return "NOT EVIDENCE"
    return "NOT APPROVED" if development.banner(run) else ""


def _seconds(run: Run) -> int:
    """Return when the run was, or its last amendment, in seconds since 1970; 0 if the record does not say."""
    said = run.rows.ended_volatile.get("utc") or tested_on(run.rows.opened_volatile)
    if run.amendments:
        said = run.amendments[-1].by[-1].utc
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return 0
    return int(at.replace(tzinfo=at.tzinfo or UTC).timestamp())
