"""Sections 6 and 7: the measured values against their limits, and the uncertainty budgets."""

from collections.abc import Iterator

from reports import summary, view
from reports.numbers import grouped
from reports.pdf.bars import bar
from reports.pdf.chosen import Chosen, Row, choose
from reports.pdf.exceptions import label_of
from reports.pdf.parts import Cell, Part, bold, chip, heading, note, paragraph, small, some, table
from reports.rows import Case, Measurement
from reports.run import Run

_HEADER = ["Variation; quantity, line", "Value ± U; allowed", "", "TUR; k, rule", "Verdict; p(nonc.)"]
_WIDTHS: list[str | float] = [1.9, 1.5, 0.72, 0.7, 0.7]

_MOST_WHOLE_BUDGETS = 60
_SMALL_SHARE = 0.01
_MOST_LIMITS = 3


def sections(run: Run) -> list[Part]:
    """Return sections 6 and 7."""
    return [*_measurements(run), *_budgets(run)]


def _measurements(run: Run) -> list[Part]:
    chosen = choose(run)
    rules: list[list[Cell]] = [
        [bold(name), grouped(count), view.RULES.get(name, "")] for name, count in summary.rules_used(run)
    ]
    parts = [
        heading("6 Measurements"),
        table(["Rule", "Values", "What it means"], ["auto", "auto", 1], rules, align="lrl", small=True),
        paragraph(
            "The drawing shows what is allowed (light), what the guard band leaves of it (dark), and value ± U: "
            "a dot is "
            "P, a cross F, a diamond N/E; an arrow is off the drawing. TUR is the test uncertainty ratio. † marks what "
            "rests on a figure or a limit that nobody found in its source. The number behind a quantity is its line in "
            "the record."
        ),
        note(_told(chosen)) if len(chosen.rows) < chosen.total else paragraph(_told(chosen)),
    ]
    by_base: dict[str, list[Row]] = {}
    for row in chosen.rows:
        by_base.setdefault(row.base, []).append(row)
    cases: dict[str, list[Case]] = {}
    for case in run.rows.cases.values():
        cases.setdefault(case.base, []).append(case)
    plan = ""
    for base, members in cases.items():
        if members[0].plan != plan:
            plan = members[0].plan
            title = next((row.title for row in run.rows.plans if row.plan == plan), "")
            parts.append(heading(f"Plan {plan}: {title}", 2))
        parts += _base(base, members, by_base.get(base, []), run)
    return parts


def _told(chosen: Chosen) -> str:
    if len(chosen.rows) == chosen.total:
        return f"All {grouped(chosen.total)} results of the record are printed."
    text = (
        f"{grouped(len(chosen.rows))} of {grouped(chosen.total)} results are printed: every one that is no plain "
        "pass, and "
        "the worst of each case. All of them are in the attached measurements.csv."
    )
    if chosen.open_left:
        text += (
            f" Of {grouped(chosen.open_total)} that are no plain pass {grouped(chosen.open_left)} had no room "
            "here: each "
            "is a further result of a case that is printed."
        )
    return text


def _base(base: str, cases: list[Case], rows: list[Row], run: Run) -> Iterator[Part]:
    worst = summary.worst(case.verdict for case in cases)
    tally = ", ".join(
        f"{count} {state}" for state in ("F", "N/E", "P", "N/A") if (count := sum(c.verdict == state for c in cases))
    )
    yield heading(f"{base} {cases[0].title} ({worst}: {tally})", 3, label_of(base))
    silent = [case for case in cases if case.verdict != "P" and case.case not in {row.case for row in rows}]
    by_name = {case.case: case for case in cases}
    lines = [_line(row, by_name[row.case]) for row in rows]
    lines += [
        [
            view.variation_of(case) or "–",
            {"t": "nothing was measured", "sub": case.reason, "span": 3},
            chip(case.verdict),
        ]
        for case in silent
    ]
    if lines:
        yield table(_HEADER, _WIDTHS, lines, align="lllll", small=True)
    sources = dict.fromkeys(f"{row.name}: {row.limit}" for row in rows if row.limit and row.limit != "reported only")
    if sources:
        told = list(sources)
        left = len(told) - _MOST_LIMITS
        more = f"; and {left} more, each in the record" if left > 0 else ""
        yield paragraph("; ".join(told[:_MOST_LIMITS]) + more + ".", "Limits:")


def _line(row: Row, case: Case) -> list[Cell]:
    variation = {"t": view.variation_of(case) or case.base, "sub": f"{row.name}, {row.seq}"}
    if not isinstance(row, Measurement):
        wanted = f"must be {row.expected}" if row.expected else ""
        reason = row.reason if row.verdict not in ("P", "") else ""
        seen: Cell = {"t": row.value, "sub": wanted, "why": reason, "span": 3}
        return [variation, seen, chip(row.verdict if row.expected else "")]
    line = view.measurement_line(row)
    allowed = f"{line.low} … {line.high}" if line.low and line.high else ""
    allowed = allowed or (f"≥ {line.low}" if line.low else f"≤ {line.high}" if line.high else "–")
    return [
        variation | {"why": line.reason},
        small(
            f"{line.value} ± {line.U} {line.unit}" + (" †" if line.unverified else ""),
            allowed + (" †" if line.unverified_limit else ""),
        ),
        {"bar": drawn} if (drawn := bar(row)) else "",
        small(line.tur + (" low" if line.low_tur else ""), ", ".join(filter(None, (line.k, line.rule)))),
        {"sub": line.p, **chip(line.verdict, line.conditional)},
    ]


def _budgets(run: Run) -> list[Part]:
    parts = [
        heading("7 Uncertainty budgets"),
        paragraph(
            "One for each measurement model, shown for the result with the largest U, with the quantities that have "
            "the same large sources of error; the budget of every value is in its line of the attached record. "
            "Standard uncertainties u are in the unit of the result, shares are of the variance; sources with the "
            "same name are one error."
        ),
        heading("By measurement model", 2),
    ]
    models: dict[tuple[str, frozenset[str]], list[tuple[summary.Budget, view.BudgetView]]] = {}
    for model, told in zip(summary.budgets(run), view.budget_views(run), strict=True):
        # What stands behind a comma tells the reading that a source belongs to.
        large = frozenset(source.partition(", ")[0] for source, *_, share in model.lines if share >= _SMALL_SHARE)
        models.setdefault((model.shown.unit, large), []).append((model, told))
    widest = [max(members, key=lambda member: member[0].shown.U or 0.0)[1] for members in models.values()]
    names = [list(dict.fromkeys(told.name for _, told in members)) for members in models.values()]
    brief = len(widest) > _MOST_WHOLE_BUDGETS
    if brief:
        parts.insert(
            2, paragraph("There are many: sources below 1 % of a variance are told in one line of its budget.")
        )
    for budget, quantities in zip(widest, names, strict=True):
        parts.append(heading(f"{budget.name}: {budget.heading}", 3))
        if others := [name for name in quantities if name != budget.name]:
            parts.append(paragraph(some(others) + ".", "Also of:"))
        rows: list[list[Cell]] = [
            [f"{source} ({distribution}, ν {dof})", u, {"t": share, "share": _share(share)}]
            for source, distribution, u, dof, share in budget.lines
            if not brief or _share(share) >= _SMALL_SHARE
        ]
        if rest := [_share(line[4]) for line in budget.lines if brief and _share(line[4]) < _SMALL_SHARE]:
            rows.append([f"{len(rest)} smaller ones", "", f"{100 * sum(rest):.1f} %"])
        unit = f" / {budget.unit}" if budget.unit else ""
        rows.append(
            [bold(f"Combined (ν {budget.dof}); k = {budget.k}, U = {budget.U} {budget.unit}"), bold(budget.u), ""]
        )
        parts.append(
            table(
                ["Source (distribution, degrees of freedom ν)", f"u{unit}", "Share of the variance"],
                [1.6, 0.3, 0.5],
                rows,
                align="lrl",
                small=True,
            )
        )
    return parts if widest else [*parts, paragraph("Nothing was measured.")]


def _share(text: str) -> float:
    return float(text.removesuffix(" %")) / 100
