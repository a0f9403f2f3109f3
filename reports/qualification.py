"""The report of a qualification as one HTML file that stands alone, made from its record and nothing else.

It is of the family of the report of a run: the same style sheet, a page that may load nothing, every text escaped.
"""

from pathlib import Path
from typing import Any

from harness.errors import EvidenceError
from harness.qualification import FIT, NOT_FIT
from harness.qualification_record import load_record
from reports import curves
from reports.html import environment, page_style, policy, script_text
from reports.numbers import plain
from reports.summary import VIRTUAL_BANNER

# Beyond that a number of U says no more than that it is far off.
MOST_U = 1000


def write_report(record: Path, path: Path) -> Path:
    """Write the report of the qualification that a record tells of; return its path.

    Raises:
        EvidenceError: The record was altered, or the report cannot be written.
    """
    try:
        path.write_text(render(load_record(record)), encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvidenceError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path


def render(record: dict[str, Any]) -> str:
    """Return the report; the same record always gives the same text."""
    style = page_style(f"Qualification {record['id']}", VIRTUAL_BANNER) + STYLE + curves.STYLE
    script = script_text()
    findings = record["findings"]
    defects = [finding for finding in findings if finding["specimen"]["kind"] == "defect"]
    bench_faults = [finding for finding in findings if finding["specimen"]["kind"] == "bench-fault"]
    columns = record["columns"]
    return (
        environment()
        .get_template("qualification.html.j2")
        .render(
            record=record,
            style=style,
            script=script,
            policy=policy(style, script),
            banner=VIRTUAL_BANNER,
            kind={FIT: "pass", NOT_FIT: "fail"}.get(record["conclusion"], "open"),
            plans=[plan for plan in record["plans"] if any(plan["id"] in f["cells"] for f in defects)],
            defects=defects,
            survivors=[finding for finding in findings if not finding["well"]],
            unmet=[finding for finding in defects if finding["well"] and not finding["caught"]],
            bench_faults=bench_faults,
            rates=[(finding, row) for finding in defects for row in finding["detections"]],
            unproven=[column for column in columns if not column["catches"]],
            redundant=[column for column in columns if column["catches"] and not column["alone"]],
            drawings=[drawing for drawing in (curves.marginal(defects), curves.intermittent(defects)) if drawing],
            cell_class=cell_class,
            cell_words=cell_words,
            agreement=agreement,
            alarms_words=alarms_words,
        )
    )


def cell_class(finding: dict[str, Any], plan: str) -> str:
    """Return the colour of one defect in one plan: caught where it must be, also caught, missed, or nothing."""
    expected = [case for case in finding["expected"] if case.startswith(f"{plan}-")]
    if plan not in finding["cells"] and finding["well"] and finding["detections"]:
        return "none"  # it need not be met in every plan, and its rate is right
    if plan not in finding["cells"] or not any(case in finding["bases"] for case in expected):
        return "miss" if expected else "also" if plan in finding["cells"] else "none"
    return "kill" if all(finding["bases"].get(case) == finding["trials"] for case in expected) else "part"


def cell_words(finding: dict[str, Any], plan: str) -> str:
    """Return what stands in that cell: how many cases, and by how many U the first of them was beyond its limit."""
    cell = finding["cells"].get(plan)
    if cell is None:
        expected = any(case.startswith(f"{plan}-") for case in finding["expected"])
        return "missed" if cell_class(finding, plan) == "miss" else "not met" if expected else ""
    margin = "seen" if cell["margin"] is None else f"{plain(cell['margin'], 2)} U"
    if cell["margin"] is not None and cell["margin"] > MOST_U:
        margin = f"> {MOST_U} U"
    part = f", {cell['seeds']} of {finding['trials']}" if cell["seeds"] < finding["trials"] else ""
    return f"{cell['cases']} · {margin}{part}"


def agreement(row: dict[str, Any]) -> str:
    """Return whether hits agree with theory, in words; a range that holds every count says nothing of them."""
    if list(row["credible"]) == [0, row["trials"]]:
        return "too few to tell"
    return "agrees" if row["well"] else "does not agree"


def alarms_words(alarms: dict[str, Any]) -> str:
    """Return how many certifications of healthy devices had a false alarm; without any there is no rate."""
    if not (alarms["runs"] or alarms["stopped"] or alarms["ours"]):
        return "no healthy device was tried"
    return f"{alarms['failed']} false alarms in {alarms['runs']:,} certifications of healthy devices"


STYLE = """
.matrix { table-layout: auto; } .matrix td { text-align: center; font-size: .92em; }
.matrix td.what { text-align: left; }
.matrix .kill { background: #cfe9d8; } .matrix .part { background: #e8f3d6; } .matrix .also { background: #eef5fb; }
.matrix .miss { background: var(--fail); color: #fff; font-weight: 700; } .matrix .none { color: var(--soft); }
.matrix small { display: block; }
"""
