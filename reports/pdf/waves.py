"""Section 8: the waveforms, drawn with their limits and the instants that a number was read at."""

from dataclasses import dataclass

from harness.errors import EvidenceError
from reports import svg
from reports.numbers import grouped, interval, plain
from reports.pdf.letters import printable
from reports.pdf.parts import Cell, Part, figures, heading, note, paragraph, some, table
from reports.rows import WaveformRow
from reports.run import Run
from reports.waveforms import reduced

MOST_FIGURES = 100
_POINTS = 400
_LONG_S = 60.0
_STYLE = svg.STYLE.replace("10px system-ui,'Segoe UI','DejaVu Sans',sans-serif", "10px 'DejaVu Sans'")


@dataclass(frozen=True, slots=True)
class Waves:
    """The section, and the drawings that it shows, by file name."""

    parts: list[Part]
    drawings: dict[str, str]


def section(run: Run) -> Waves:
    """Return section 8; a waveform that cannot be trusted is named and not drawn."""
    rows = run.rows.waveforms
    drawn = _to_draw(run)
    drawings: dict[str, str] = {}
    troubles: list[str] = []
    sessions: list[dict[str, str]] = []
    shots: list[dict[str, str]] = []
    for row in drawn:
        try:
            samples = run.waveform(row)
        except EvidenceError as error:
            troubles.append(str(error))
            continue
        thin = reduced(samples, _POINTS)
        if not len(thin.values):
            troubles.append(f"line {row.seq}: {row.file} holds no sample that is a number")
            continue
        picture = svg.waveform(
            f"w{row.seq}",
            printable(row.name),
            thin.time_s.tolist(),
            thin.values.tolist(),
            quantity=printable(row.quantity),
            unit=printable(row.unit),
            marks={printable(label): at for label, at in row.marks.items()},
            limits={printable(label): at for label, at in row.limits.items()},
            standalone=True,
        ).replace(svg.STYLE, _STYLE)
        name = f"{row.seq}.svg"
        drawings[name] = picture
        kind = sessions if row.samples * row.interval_s >= _LONG_S else shots
        kind.append({"file": name, **_words(row, len(thin.values), min(thin.values), max(thin.values))})
    parts = [
        heading("8 Waveforms"),
        paragraph(
            "Limits are dashed, the instants at which a number was read are dotted. Where samples are left out of a "
            "drawing, the smallest and the largest are kept; the file has them all."
        ),
    ]
    if len(drawn) < len(rows):
        parts.append(
            note(
                f"{len(drawn)} of {len(rows)} waveforms are drawn: those of cases that did not pass, then the "
                "first of each case and quantity. The others are counted below them, and waveforms.csv lists them all."
            )
        )
    parts += [note(f"Not drawn: {trouble}") for trouble in troubles]
    for title, items in (("Over whole sessions", sessions), ("Shots and short logs", shots)):
        parts += [heading(title, 2), figures(items)] if items else []
    if not drawings and not troubles:
        parts.append(paragraph("None were kept."))
    shown = {row.seq for row in drawn}
    if left := [row for row in rows if row.seq not in shown]:
        parts += [heading("Kept, and not drawn here", 2), _left_out(run, left)]
    return Waves(parts, drawings)


def _left_out(run: Run, rows: list[WaveformRow]) -> Part:
    """Return how many waveforms of each case and quantity are not drawn, and where their hashes are."""
    groups: dict[tuple[str, str], list[WaveformRow]] = {}
    for row in rows:
        groups.setdefault((run.rows.cases[row.case].base, row.name), []).append(row)
    lines: list[list[Cell]] = [
        [
            base,
            name,
            grouped(len(members)),
            grouped(sum(row.samples for row in members)),
            some([f"{row.seq}" for row in members], 12),
        ]
        for (base, name), members in groups.items()
    ]
    header = ["Case", "Waveform", "Not drawn", "Samples", "Lines of the record, which name file and SHA-256"]
    return table(header, [0.4, 0.9, 0.3, 0.3, 1.6], lines, align="llrrl", small=True)


def _to_draw(run: Run) -> list[WaveformRow]:
    """Return at most so many waveforms: of cases that did not pass, and the first of each quantity of each case."""
    rows = run.rows.waveforms
    if len(rows) <= MOST_FIGURES:
        return list(rows)
    verdicts = {case.case: case.verdict for case in run.rows.cases.values()}
    bases = {case.case: case.base for case in run.rows.cases.values()}
    seen: set[tuple[str, str]] = set()
    order: list[tuple[int, int, WaveformRow]] = []
    for row in rows:
        key = (bases.get(row.case, ""), row.name)
        rank = 0 if verdicts.get(row.case) in ("F", "N/E") else 1 if key not in seen else 2
        seen.add(key)
        order.append((rank, row.seq, row))
    picked = sorted(order, key=lambda item: item[:2])[:MOST_FIGURES]
    wanted = {row.seq for rank, _, row in picked if rank < 2}
    return [row for row in rows if row.seq in wanted]


def _words(row: WaveformRow, points: int, lowest: float, highest: float) -> dict[str, str]:
    limits = "".join(f"; limit {label} at {plain(at)} {row.unit}" for label, at in row.limits.items())
    marks = "".join(f"; {label} at {plain(at, 5)} s" for label, at in row.marks.items())
    count = f"{grouped(row.samples)} samples every {interval(row.interval_s)}"
    count += f", {grouped(points)} drawn, min and max kept" if points < row.samples else ""
    spread = f"; typical U {plain(row.U_typical, 2)} {row.unit}" if row.U_typical else ""
    return {
        "title": f"{row.name}, {row.case}",
        "alt": f"{row.quantity} over time in {row.case}: from {plain(lowest, 4)} to {plain(highest, 4)} "
        f"{row.unit}{limits}{marks}",
        "words": f"{count}{spread}; {row.file}, SHA-256 {row.sha256[:16]}…",
    }
