"""One run as one HTML file that stands alone: it asks the network for nothing, and prints on A4.

The page may load nothing at all (Content-Security-Policy default-src 'none'); its one style sheet and its one script
are inside it and are named by their hashes. Every text of the record is escaped.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EvidenceError
from harness.provenance import SEEN
from reports import approval, clauses, development, populations, qualified, summary, svg, view
from reports.doubts import tested_on
from reports.numbers import duration, grouped, interval, percent, plain
from reports.rows import WaveformRow
from reports.run import Run
from reports.waveforms import reduced

if TYPE_CHECKING:
    from jinja2 import Environment

DRAWN_POINTS = 900
_TEMPLATES = Path(__file__).parent / "templates"


def write_report(run: Run, path: Path) -> Path:
    """Write the report of a run; return the path.

    Raises:
        EvidenceError: The file cannot be written.
    """
    try:
        path.write_text(render(run), encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path


def render(run: Run) -> str:
    """Return the report of a run; the same record always gives the same text."""
    style = page_style(f"Run {run.id}", development.margin(run))
    script = script_text()
    word, kind = summary.headline(run)
    waveforms = [_waveform(run, row) for row in run.rows.waveforms]
    bench_time, wall_time = view.spans(run)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            rows=run.rows,
            opened=run.rows.opened,
            volatile=run.rows.opened_volatile,
            tested_on=tested_on(run.rows.opened_volatile),
            style=style,
            script=script,
            policy=policy(style, script),
            banner=summary.VIRTUAL_BANNER if run.virtual else "",
            development=development.banner(run),
            coverage=development.coverage_words(run),
            left_out=development.coverage(run),
            word=word,
            scope=summary.scope(run),
            not_tested_words=summary.not_tested_words(run),
            any_accuracy=any(row.accuracy for row in run.rows.instruments),
            unverified=summary.unverified(run),
            ratios=summary.ratios(run),
            ratio_words=summary.ratio_words(run),
            kind=kind,
            anchors=view.anchors(run),
            caught=qualified.shown_to_catch(run),
            partial=qualified.partial(run),
            plan_results=summary.plan_results(run),
            requirement_results=summary.requirement_results(run),
            undefined_requirements=summary.undefined_requirements(run),
            not_tested=summary.NOT_TESTED,
            plans=view.plans(run),
            methods={plan.plan: view.methods(run, plan.plan) for plan in run.rows.plans},
            by_verdict=_by_verdict(run),
            failing=_failing(run),
            rules=[(name, count, view.RULES.get(name, "")) for name, count in summary.rules_used(run)],
            worst_pass=summary.worst_pass(run),
            statements=summary.statements(run),
            obstacles=approval.obstacles(run),
            clauses=clauses.by_standard(run),
            profiles=populations.profiles(run),
            chosen=clauses.chosen(run),
            declared={said["id"]: said for said in run.rows.opened["standards"] if said.get("applied")},
            trust=summary.trust(run)
            + [summary.Trust(qualified.sound(run), f"Qualification: {qualified.words(run)}")]
            + [summary.Trust(not development.lacking(run), f"Approval of the plans: {development.words(run)}")]
            + [
                summary.Trust(False, f"Waveform: {w['trouble']}")
                for w in waveforms
                if w["trouble"] and w["trouble"] not in run.doubts
            ],
            budgets=view.budget_views(run),
            waveforms=waveforms,
            bench_time=bench_time,
            wall_time=wall_time,
        )
    )


@cache
def environment() -> "Environment":
    """Return what makes pages of templates."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "plain": plain,
        "percent": percent,
        "duration": duration,
        "interval": interval,
        "grouped": grouped,
        "chip": _chip_class,
        "counted": _counted,
        "seen": lambda provenance: provenance in SEEN,
    }
    made.globals["variation_of"] = view.variation_of
    made.globals["legend"] = populations.legend
    return made


def _counted(states: Iterable[str]) -> str:
    """Return how often each state is there: "3 P, 12 N/E"."""
    return ", ".join(f"{count} {state}" for state, count in Counter(states).items())


def page_style(head: str, banner: str) -> str:
    """Return the style sheet with what stands in the margin of every printed page."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8") + svg.STYLE + populations.STYLE
    return style.replace('"%RUN%"', _css_string(head)).replace('"%BANNER%"', _css_string(banner))


def script_text() -> str:
    """Return the one script of a page."""
    return (_TEMPLATES / "report.js").read_text(encoding="utf-8")


def _css_string(text: str) -> str:
    """Return text as a CSS string; what is no plain letter is written by its number, so nothing breaks out."""
    return '"' + re.sub(r"[^A-Za-z0-9 ,.]", lambda match: f"\\{ord(match[0]):06x}", text) + '"'


def policy(style: str, script: str) -> str:
    """Return what a page may load: its own style sheet and script, by their hashes, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_source_hash(style)}'; script-src '{_source_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _source_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _chip_class(verdict: str) -> str:
    return {"P": "p", "F": "f", "N/E": "ne", "N/A": "na"}.get(verdict, "none")


def _by_verdict(run: Run) -> dict[str, list[tuple[str, list[Any]]]]:
    cases = list(run.rows.cases.values())
    return {
        verdict: summary.reasons_of(
            # What another laboratory found has a table of its own.
            case
            for case in cases
            if case.verdict == verdict and not (verdict == "N/A" and case.external)
        )
        for verdict in ("F", "N/E", "N/A")
    }


def _failing(run: Run) -> dict[str, list[view.Line]]:
    """Return the lines that a reader must see first, by case: whatever failed."""
    lines: dict[str, list[view.Line]] = {}
    for row in run.rows.measurements:
        if row.verdict == "F":
            lines.setdefault(row.case, []).append(view.measurement_line(row))
    return lines


def _waveform(run: Run, row: WaveformRow) -> dict[str, Any]:
    """Return one waveform for the page; one that cannot be trusted is named and not drawn."""
    title = f"{row.name}, {row.case}"
    try:
        samples = run.waveform(row)
    except EvidenceError as error:
        return {"row": row, "drawing": "", "trouble": str(error), "drawn": 0}
    drawn = reduced(samples, DRAWN_POINTS)
    drawing = svg.waveform(
        f"w{row.seq}",
        title,
        drawn.time_s.tolist(),
        drawn.values.tolist(),
        quantity=row.quantity,
        unit=row.unit,
        marks=row.marks,
        limits=row.limits,
    )
    return {"row": row, "drawing": drawing, "trouble": "", "drawn": len(drawn.values)}
