"""The first page: what came of it, of what, by whom, and whether it can be believed."""

from typing import Any

from reports import approval, clauses, development, qualified, summary, view
from reports.doubts import tested_on
from reports.first_page import Places, exceptions
from reports.fold import DEVICE
from reports.numbers import grouped, percent
from reports.pdf import amended, signed
from reports.pdf.parts import Cell, Part, bold, chip, heading, note, paragraph, small, some, table
from reports.run import Run

_SIGNS = {"pass": "✓", "conditional": "✓", "fail": "✗", "open": "◐"}
_STATES = {True: "✓ yes", None: "? unknown", False: "! mind"}
_OBSTACLES = 4
_PLACES = Places(exceptions="section 1", requirements="section 4", clauses="section 5", left_out="section 2")
_PLANS_IN_FULL = 8


def verdict(run: Run) -> dict[str, Any]:
    """Return the box: a word, a sign, and every exception by name or by count and place."""
    word, kind = summary.headline(run)
    return {"word": word, "kind": kind, "sign": _SIGNS[kind], "scope": _scope(run), "lines": _lines(run)}


def _scope(run: Run) -> str:
    if len(run.rows.plans) <= _PLANS_IN_FULL:
        return summary.scope(run)
    return f"with the {len(run.rows.plans)} plans named below" + (
        ", in part" if development.coverage_words(run) else ", each in the revision given there"
    )


def _lines(run: Run) -> list[dict[str, str]]:
    return [
        {"lead": told.lead, "text": told.before + some(told.names) + told.after} for told in exceptions(run, _PLACES)
    ]


def first_page(run: Run) -> list[Part]:
    """Return what stands under the box."""
    return [
        *amended.parts(run),
        _facts(run),
        paragraph(
            (some(clauses.chosen(run), 30) or "none") + ".", "Standards, in the editions that the claims choose:"
        ),
        heading("Result by plan", 2),
        _plans(run),
        *_statements(run),
        heading("Decision rules and uncertainty", 2),
        paragraph(_rules(run)),
        heading("Sign-off of the original report" if run.amendments else "Sign-off", 2),
        *signed.rows(run),
        *_approval(run),
        heading("Can this report be believed?", 2),
        table(["Checked when this report was made", "State"], [1, "auto"], _trust(run), align="ll", small=True),
        paragraph("The record and its tables are attached to this file; section 13 says how they are checked."),
    ]


def _statements(run: Run) -> list[Part]:
    said = [text[:1].upper() + text[1:] + "." for text in summary.statements(run)]
    return [note(" ".join(said))] if said else []


def _facts(run: Run) -> Part:
    opened, volatile = run.rows.opened, run.rows.opened_volatile
    device = next((row for row in run.rows.instruments if row.name == DEVICE), None)
    said = (
        f"says of itself: {device.maker} {device.model}, serial number {device.serial or 'none'}"
        if device
        else "did not say what it is"
    )
    firmware = device.firmware if device else ""
    host = f", on {volatile['host']}" if volatile.get("host") else ""
    bench_time, wall_time = view.spans(run)
    bench, claims = opened["bench"], opened["claims"]
    pairs = [
        ("Item", small(f"{opened['item']['model']}, serial number {opened['item']['serial'] or 'not given'}", said)),
        ("Customer", opened["customer"] or "not given"),
        ("Maker", claims["device"]["manufacturer"]),
        ("Tested by", (opened["operator"] or "not given") + host),
        (
            "Firmware",
            small(
                firmware or opened["item"].get("firmware") or "not given",
                "as the device says of itself" if firmware else "as given",
            ),
        ),
        ("Tested on", str(tested_on(volatile) or "not recorded").split(".")[0].replace("T", " ") + " UTC"),
        ("Claims", small(f"{claims['id']}, revision {claims['revision']}", f"SHA-256 {claims['sha256'][:24]}…")),
        (
            "Bench",
            small(
                f"{bench['name']}, revision {bench['revision']}{' (virtual)' if run.virtual else ''}",
                f"SHA-256 {bench['sha256'][:24]}…",
            ),
        ),
        ("Applied part", str(claims["device"].get("applied_part") or "not declared")),
        ("Duration", f"{bench_time} on the bench, {wall_time} by the host's clock"),
    ]
    rows = [
        [bold(pairs[at][0]), pairs[at][1], bold(pairs[at + 1][0]), pairs[at + 1][1]] for at in range(0, len(pairs), 2)
    ]
    return table(["", "The item", "", "The test"], ["auto", 1.15, "auto", 1], rows, align="llll", small=True)


def _plans(run: Run) -> Part:
    results = summary.plan_results(run)
    if len(results) > _PLANS_IN_FULL:
        return _plans_beside(results)
    rows = [
        [
            bold(result.plan.plan),
            small(
                result.plan.title, f"revision {result.plan.revision or 'not given'}, SHA-256 {result.plan.sha256[:16]}…"
            ),
            str(len(result.cases)),
            *[str(result.counts.get(state, 0)) for state in ("P", "F", "N/E", "N/A", "conditional")],
            percent(result.worst_p),
            chip(result.verdict),
        ]
        for result in results
    ]
    header = ["Plan", "Title", "Cases", "P", "F", "N/E", "N/A", "Cond.", "Least certain P", "Verdict"]
    return table(header, ["auto", 1, *["auto"] * 8], rows, align="llrrrrrrrc", small=True)


def _plans_beside(results: list[summary.PlanResult]) -> Part:
    """Return many plans in two columns, so that the first page stays one page; section 11 has their hashes."""
    cells: list[list[Cell]] = [
        [
            bold(result.plan.plan),
            f"{result.plan.title}, rev. {result.plan.revision or '–'}",
            "/".join(str(result.counts.get(state, 0)) for state in ("P", "F", "N/E", "N/A")),
            chip(result.verdict, result.counts["conditional"] > 0),
        ]
        for result in results
    ]
    half = (len(cells) + 1) // 2
    right = cells[half:] + [["", "", "", ""] for _ in range(2 * half - len(cells))]
    rows = [[*first, *second] for first, second in zip(cells[:half], right, strict=True)]
    header = ["Plan", "Title", "P/F/NE/NA", "Verdict"] * 2
    return table(header, [0.2, 1.2, 0.4, 0.32] * 2, rows, align="llrcllrc", small=True)


def _rules(run: Run) -> str:
    used = ", ".join(f"{name} ({grouped(count)} values)" for name, count in summary.rules_used(run)) or "none"
    text = (
        f"Rules used: {used}; section 6 says what each means. U is the expanded uncertainty at 95 % coverage "
        "(JCGM 100); values are compared unrounded. "
    )
    worst = summary.worst_pass(run)
    if worst is not None:
        text += (
            f"The least certain pass is {worst.name} in {worst.case}: its probability of not conforming is "
            f"{percent(worst.p_nonconforming)}."
        )
    return text


def _approval(run: Run) -> list[Part]:
    obstacles = approval.obstacles(run)
    if not obstacles:
        return [
            paragraph(
                "Nothing is in the way. Approving is a person's act, and this page is none.", "Can it be approved?"
            )
        ]
    more = len(obstacles) - _OBSTACLES
    told = obstacles[:_OBSTACLES] + ([f"and {more} more, in section 12"] if more > 0 else [])
    return [paragraph("No: " + "; ".join(_cut(text) for text in told) + ".", "Can it be approved?")]


def _trust(run: Run) -> list[list[Any]]:
    lines = [
        *summary.trust(run),
        summary.Trust(qualified.sound(run), f"Qualification: {qualified.words(run)}"),
        summary.Trust(not development.lacking(run), f"Approval of the plans: {development.words(run)}"),
    ]
    return [[_cut(line.text), {"t": _STATES[line.ok], "b": line.ok is not True}] for line in lines]


def _cut(text: str) -> str:
    return text if len(text) < 190 else text[:180].rsplit(" ", 1)[0] + " … (sections 11 and 12)"
