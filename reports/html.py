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

import orjson

from harness.errors import EvidenceError
from harness.provenance import SEEN
from harness.stopping import SIGNALS
from reports import (
    amended_words,
    approval,
    clauses,
    development,
    interruptions,
    populations,
    qualified,
    signed,
    summary,
    svg,
    view,
)
from reports.doubts import tested_on
from reports.first_page import Places, exceptions
from reports.html_walks import packed
from reports.html_waves import waveforms
from reports.numbers import duration, grouped, interval, percent, plain
from reports.run import Run

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_PLACES = Places(exceptions="section 1", requirements="section 3", clauses="section 4", left_out="section 1")
_REPLAY = "REPLAY, NO BENCH TOOK PART"
# The first names of a line of the first page; the rest is counted.
_NAMES = 8


def write_report(run: Run, path: Path) -> Path:
    """Write the report of a run; return the path.

    Raises:
        EvidenceError: The file cannot be written.
    """
    try:
        text = render(run)
        with SIGNALS.uncut:
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path


def render(run: Run, signatures: int | None = None) -> str:
    """Return the report of a run; the same record and signatures always give the same text.

    Args:
        run: What the record tells.
        signatures: Show the first so many statements of those who sealed and signed it, as the report was when there
            were no more; None for all that there are now.
    """
    margin = " · ".join(filter(None, (development.margin(run), _REPLAY if run.replay else "")))
    style = page_style(amended_words.head(run), margin) + _asset("uPlot.min.css") + _template("interactive.css")
    script = _interactive_script()
    word, kind = summary.headline(run)
    waves = waveforms(run)
    statements = signed.statements(run.folder)[:signatures]
    bench_time, wall_time = view.spans(run)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            rows=run.rows,
            interruptions=interruptions.told(run),
            attempts=interruptions.attempts,
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
                for w in waves
                if w["trouble"] and w["trouble"] not in run.doubts
            ],
            budgets=view.budget_views(run),
            waveforms=waves,
            exceptions=list(exceptions(run, _PLACES)),
            first_names=_NAMES,
            places=_places(run),
            signed=statements,
            unsigned=signed.missing_roles(statements),
            signed_as=signed.MEANINGS,
            caution=signed.CAUTION,
            walks=_data(packed(run)),
            amended=amended_words,
            samples={wave["row"].seq: _data(wave["closer"]) for wave in waves if wave["closer"]},
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
    style = _template("report.css") + svg.STYLE + populations.STYLE
    return style.replace('"%RUN%"', _css_string(head)).replace('"%BANNER%"', _css_string(banner))


def script_text() -> str:
    """Return the one script of a page."""
    return _template("report.js")


def _interactive_script() -> str:
    """Return the one script of a report: zoom, filter and "why?", with the licence of what others wrote of it."""
    licence = f"/*\n{_asset('uPlot.LICENSE.md')}*/\n"
    parts = [script_text(), licence, _asset("uPlot.iife.min.js"), *map(_template, ("filter.js", "why.js", "zoom.js"))]
    return "\n".join(parts)


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _asset(name: str) -> str:
    return _template(f"assets/{name}")


def _data(content: Any) -> str:
    """Return data for a script of the page; no text of the record can end the element that holds it."""
    return orjson.dumps(content).decode().replace("<", "\\u003c")


def _places(run: Run) -> dict[str, str]:
    """Return where each case is told, by its name, and the first of each case of a plan, by its id there."""
    places = view.anchors(run)
    for case in run.rows.cases.values():
        places.setdefault(case.base, places[case.case])
    return places


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
