"""Sections 4 and 5: every requirement with its cases, and every clause with its state."""

from typing import Any

from harness.provenance import SEEN
from reports import clauses, summary
from reports.pdf.exceptions import label_of
from reports.pdf.parts import Cell, Part, bold, bullets, chip, heading, note, paragraph, some, table
from reports.run import Run

_LONGEST = 120


def sections(run: Run) -> list[Part]:
    """Return sections 4 and 5."""
    return [*_requirements(run), *_clauses(run)]


def _requirements(run: Run) -> list[Part]:
    rows: list[list[Cell]] = []
    for result in summary.requirement_results(run):
        row = result.requirement
        bases = list(dict.fromkeys(case.base for case in result.cases))
        about = [
            _brief(row.source),
            f"controls: {', '.join(row.controls)}" if row.controls else "",
            f"risk {row.risk}" if row.risk else "",
        ]
        rows.append(
            [
                {"t": row.requirement, "b": True, "sub": f"fingerprint {row.fingerprint[:12]}"},
                {"t": row.text, "sub": "; ".join(filter(None, about))},
                {"t": some(bases, 12) or "no case", "sub": result.remark},
                chip(result.verdict, result.conditional),
            ]
        )
    parts = [
        heading("4 Requirements, and what tested them"),
        table(
            ["Requirement", "Text, source, risk controls, risk before control", "Cases, remark", "Verdict"],
            [0.5, 1.3, 0.8, 0.3],
            rows,
            align="lllc",
            small=True,
        ),
    ]
    back: list[list[Cell]] = []
    seen: dict[str, tuple[str, ...]] = {case.base: case.verifies for case in run.rows.cases.values()}
    for base, verifies in seen.items():
        back.append(
            [
                {"t": base, "link": label_of(base), "b": True},
                ", ".join(verifies) or "none: it speaks for no requirement",
            ]
        )
    parts += [
        heading("And back: what each case speaks for", 2),
        table(["Case", "Requirements"], [0.25, 1], back, align="ll", small=True),
    ]
    if undefined := summary.undefined_requirements(run):
        parts.append(
            bullets(f"{name} is named by {count} cases and was not given to the run" for name, count in undefined)
        )
    return parts


def _brief(source: str) -> str:
    """Return where a requirement is from, in so many words as a table has room for; the record has them all."""
    return source if len(source) <= _LONGEST else source[:_LONGEST].rsplit(" ", 1)[0] + " …"


def _declared(applied: str, standard: dict[str, Any] | None) -> str:
    """Return what is declared of a clause, where it is not what stands above the table for the whole standard."""
    return "" if standard and applied == standard["applied"] else f"declared: {applied or 'nothing'}"


def _clauses(run: Run) -> list[Part]:
    parts = [
        heading("5 Standards, clause by clause"),
        paragraph(
            "Of each standard the clauses of the edition that the claims choose. What is declared is the "
            "applicant's own "
            "word. A clause is N/E unless something was done for it, and “in part” where what was done came to P and "
            "the clause asks for more. † marks a number or title that nobody compared with the text of the standard."
        ),
    ]
    said = {item["id"]: item for item in run.rows.opened["standards"] if item.get("applied")}
    for name, results in clauses.by_standard(run).items():
        parts.append(heading(name, 2))
        if name in said:
            declared = said[name]
            parts.append(
                paragraph(
                    f"{declared['applied']}{': ' + declared['reason'] if declared.get('reason') else ''}.", "Declared:"
                )
            )
        rows: list[list[Cell]] = [
            [
                bold(result.clause.clause + ("" if result.clause.provenance in SEEN else " †")),
                {
                    "t": result.clause.title,
                    "sub": some([entry.requirement.requirement for entry in result.requirements], 12),
                },
                {"t": result.reason or "–", "sub": _declared(result.clause.applied, said.get(name))},
                chip(result.state, result.conditional),
            ]
            for result in results
        ]
        parts.append(
            table(
                ["Clause", "Requirement + test", "Result – remark", "Verdict"],
                [0.28, 1, 1.2, 0.25],
                rows,
                align="lllc",
                small=True,
            )
        )
    return parts if len(parts) > 2 else [*parts, note("The run was opened without clauses of standards.")]
