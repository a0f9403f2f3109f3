"""Sections 1 to 3: what is not a plain pass, what was left out or changed, and the item."""

import re
from collections.abc import Iterable

from reports import development, interruptions, populations, summary, view
from reports.numbers import fixed
from reports.pdf.parts import Cell, Part, bold, bullets, chip, heading, linked, paragraph, small, table
from reports.rows import Case, Measurement, Requirement
from reports.run import Run

_NAMES = 40
_SHA256 = re.compile(r"\b([0-9a-f]{16})[0-9a-f]{48}\b")  # no page has room for a word so long


def sections(run: Run) -> list[Part]:
    """Return sections 1, 2 and 3."""
    return [*_exceptions(run), *_deviations(run), *_item(run)]


def _joined(sentences: Iterable[str]) -> str:
    """Return sentences as one."""
    told = [sentence.strip().rstrip(".") for sentence in sentences]
    return "; ".join(told) + "." if told else ""


def _brief(reason: str) -> str:
    """Return a reason with the begin of each hash that it names; the record has them whole."""
    return _SHA256.sub(r"\1…", reason)


def label_of(base: str) -> str:
    """Return where a case of a plan is told in section 6."""
    return "case-" + base


def _exceptions(run: Run) -> list[Part]:
    parts = [heading("1 Exceptions")]
    cases = list(run.rows.cases.values())
    by_case: dict[str, list[Measurement]] = {}
    for row in run.rows.measurements:
        if row.verdict == "F":
            by_case.setdefault(row.case, []).append(row)
    for state, title in (("F", "Failed"), ("N/E", "Not evaluated"), ("N/A", "Does not apply")):
        groups = summary.reasons_of(case for case in cases if case.verdict == state)
        if groups:
            parts += [heading(title, 2), _reasons(state, groups)]
        if state == "F" and by_case:
            parts += [heading("Values that failed, the first three of each case", 2), _values(by_case)]
    if conditional := [case for case in cases if case.conditional]:
        parts += [
            heading("Conditional", 2),
            paragraph("A value of each is within its uncertainty of the limit; they are counted apart."),
            bullets(f"{case.case} ({case.verdict}) {case.title}" for case in conditional),
        ]
    if untested := summary.not_tested(run):
        parts += [
            heading("Requirements that nothing tested", 2),
            _untested(untested),
        ]
    if repeated := [case for case in cases if case.attempts > 1]:
        parts += [
            heading("Repeated cases", 2),
            bullets(f"{case.case}: {interruptions.attempts(run, case)}" for case in repeated),
        ]
    parts += _troubles(run)
    if len(parts) == 1:
        parts.append(paragraph("There are none: every planned case passed, and nothing went wrong on the bench."))
    return parts


def _untested(requirements: list[Requirement]) -> Part:
    """Return the requirements that nothing tested by the reason; their words stand in section 4."""
    by_reason: dict[str, list[str]] = {}
    for row in requirements:
        by_reason.setdefault(row.untested or "no case of this run speaks for it", []).append(row.requirement)
    rows: list[list[Cell]] = [[reason, str(len(names)), ", ".join(names)] for reason, names in by_reason.items()]
    return table(["Why", "Count", "Requirements"], [0.6, "auto", 1], rows, align="lrl", small=True)


def _reasons(state: str, groups: list[tuple[str, list[Case]]]) -> Part:
    rows: list[list[Cell]] = []
    for reason, cases in groups:
        names = [case.case for case in cases]
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        bases = list(dict.fromkeys(case.base for case in cases))
        first: Cell = linked(bases[0], label_of(bases[0])) if len(bases) == 1 else ", ".join(bases)
        rows.append([chip(state), first, str(len(cases)), small(_brief(reason), ", ".join(names[:_NAMES]) + more)])
    return table(["", "Case", "Count", "Why, and which"], ["auto", 0.22, "auto", 1], rows, align="llrl")


def _values(by_case: dict[str, list[Measurement]]) -> Part:
    rows: list[list[Cell]] = []
    for case, members in by_case.items():
        for row in members[:3]:
            line = view.measurement_line(row)
            allowed = " … ".join(filter(None, (line.low, line.high))) if line.low and line.high else ""
            allowed = allowed or (f"≥ {line.low}" if line.low else f"≤ {line.high}")
            rows.append(
                [case, line.name, bold(f"{line.value} ± {line.U} {line.unit}"), f"{allowed} {line.unit}", line.reason]
            )
    return table(
        ["Case", "Quantity", "Value ± U", "Allowed", "Why"], [1, 0.8, 0.8, 0.8, 1], rows, align="lllll", small=True
    )


def _troubles(run: Run) -> list[Part]:
    parts: list[Part] = []
    if run.doubts:
        parts += [heading("What speaks against the record", 2), bullets(run.doubts)]
    if sentences := interruptions.told(run):
        parts += [heading("Interruptions", 2), bullets(sentences)]
    if run.rows.problems:
        rows = [[row.case or "–", row.kind, row.message] for row in run.rows.problems]
        parts += [
            heading("Trouble of the bench or the harness", 2),
            table(["Case", "Kind", "What happened"], [0.5, 0.3, 1], rows, align="lll"),
        ]
    if unsafe := [row for row in run.rows.made_safe if not row.ok]:
        parts += [
            heading("The bench could not be made safe", 2),
            bullets(f"{row.case or 'at the end of the run'}: {'; '.join(row.actions)}" for row in unsafe),
        ]
    if run.rows.withdrawn:
        parts.append(
            paragraph(f"{run.rows.withdrawn} verdicts were withdrawn, because the bench failed its check at the end.")
        )
    if run.rows.notes:
        parts += [heading("Notes", 2), bullets(run.rows.notes)]
    return parts


def _deviations(run: Run) -> list[Part]:
    parts = [heading("2 Deviations, additions, exclusions")]
    coverage = development.coverage(run)
    if coverage:
        parts += [paragraph(development.coverage_words(run) + ".", "Left out by a selection:")]
        left: list[list[Cell]] = [[case, *said.split(", ", 1)] for case, said in coverage]
        parts.append(table(["Case", "How many", "Title"], ["auto", "auto", 1], left, align="lll", small=True))
    rows: list[list[Cell]] = [
        [bold(plan.plan), _joined(plan.does_not_cover) or "it does not say", plan.worst_case or "it does not say"]
        for plan in run.rows.plans
    ]
    parts += [
        paragraph("What a pass of each plan does not say, and how its conditions were chosen:"),
        table(["Plan", "Does not cover", "Choice of conditions"], ["auto", 1, 1], rows, align="lll", small=True),
    ]
    external = [case for case in run.rows.cases.values() if case.external]
    if external:
        told: list[list[Cell]] = [
            [case.case, case.external, _brief(case.reason) or "nothing", chip(case.verdict)] for case in external
        ]
        parts += [
            heading("Results of other laboratories", 2),
            paragraph(
                "Taken over as they were recorded. Nothing of it was evaluated here, and none of it is a pass of "
                "this run."
            ),
            table(
                ["Case", "What was asked", "What was recorded", "Here"],
                [0.5, 1, 1.2, "auto"],
                told,
                align="lllc",
                small=True,
            ),
        ]
    return parts


def _item(run: Run) -> list[Part]:
    opened = run.rows.opened
    device = opened["claims"]["device"]
    rows: list[list[Cell]] = [
        [bold(name.replace("_", " ").capitalize()), str(value)]
        for name, value in device.items()
        if isinstance(value, str | int | float) and value != ""
    ]
    rows += [[bold("Serial number, as given"), opened["item"]["serial"] or "not given"]]
    rows += [[bold("Firmware, as given"), opened["item"].get("firmware") or "not given"]]
    rows += [
        [bold("The device says"), f"{row.maker} {row.model}, serial number {row.serial}, firmware {row.firmware}"]
        for row in run.rows.instruments
        if row.name == "device"
    ]
    rows += [
        [
            bold("Claims"),
            small(f"{opened['claims']['id']}, revision {opened['claims']['revision']}", opened["claims"]["sha256"]),
        ]
    ]
    parts = [
        heading("3 Item and configuration"),
        table(["What", "As recorded"], [0.3, 1], rows, align="ll"),
        paragraph("These results relate only to the item tested."),
    ]
    for profile in populations.profiles(run):
        lines: list[list[Cell]] = [
            [
                str(figure["who"]),
                str(figure["statistic"]),
                fixed(float(figure["value"]), 2) if isinstance(figure["value"], int | float) else str(figure["value"]),
                small(str(figure["source"]), f"{figure['provenance']}, confidence {figure['confidence']}"),
            ]
            for figure in profile.figures
        ]
        parts += [
            heading(f"Where there is no standard: {profile.title}", 2),
            paragraph(profile.statement[:1].upper() + profile.statement[1:] + "."),
            table(
                ["Who", "What of them", profile.unit, "Source"], [0.6, 0.6, "auto", 1], lines, align="llrl", small=True
            ),
        ]
    return parts
