"""A qualification on the terminal: what survived first, then the kill matrix by plan, rates, and what to do next."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.qualification import FIT, Specimen
from harness.qualification_record import load_record
from reports.numbers import duration, percent, plain
from reports.qualification import agreement, cell_class, cell_words
from reports.terminal import plain_console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_STYLES = {"kill": "green", "part": "yellow", "also": "cyan", "miss": "bold red", "none": "dim"}


def conclude(path: Path, *, wall_s: float, console: "Console | None" = None) -> None:
    """Print what a qualification came to.

    Raises:
        EvidenceError: The record was altered.
    """
    from rich.text import Text

    record = load_record(path)
    out = console or plain_console()
    defects = [finding for finding in record["findings"] if finding["specimen"]["kind"] == "defect"]
    if defects:
        out.print(_matrix(record, defects))
    for finding in record["findings"]:
        if not finding["well"]:
            name = f"{finding['specimen']['kind']} {finding['specimen']['name']}"
            out.print(Text(f"✘ {name} {finding['state']}: {finding['words']}", style="bold red"), soft_wrap=True)
    for what, why in record["ours"].items():
        out.print(Text(f"! our side failed, {what}: {why}", style="yellow"), soft_wrap=True)
    for line in _lines(record):
        out.print(Text(line), soft_wrap=True)
    style = "green" if record["conclusion"] == FIT else "bold red" if record["exit_code"] == 1 else "yellow"
    partial = f" ({record['scope']['partial']})" if record["scope"]["partial"] else ""
    out.print(Text(f"{record['conclusion']}{partial}", style=style), soft_wrap=True)
    out.print(Text(f"{record['jobs']['count']:,} certifications in {duration(wall_s)}"))
    out.print(Text(f"record {path}, sealed by {record['sha256']}"), soft_wrap=True)
    out.print(Text(f"report {path.with_suffix('.html')}"), soft_wrap=True)
    out.print(Text(f"next: python -m harness certify --qualification {shlex.quote(str(path.parent))}"), soft_wrap=True)


def specimens(known: Iterable[Specimen], console: "Console | None" = None) -> None:
    """Print what there is to try: kind, name and title of each."""
    from rich.table import Table
    from rich.text import Text

    table = Table()
    table.add_column("Kind", no_wrap=True)
    table.add_column("Name", no_wrap=True)
    table.add_column("Title")
    for specimen in known:
        table.add_row(specimen.kind.value, Text(specimen.name), Text(specimen.title))
    (console or plain_console()).print(table)


def _lines(record: dict[str, Any]) -> list[str]:
    alarms = record["alarms"]
    lines = ["healthy: no healthy device was tried"]
    if alarms["runs"] or alarms["stopped"] or alarms["ours"]:
        rate = f"rate at most {percent(alarms['upper'])} (exact, 95 %), " if alarms["runs"] else ""
        lines = [
            f"healthy: {alarms['failed']} false alarms in {alarms['runs']:,} certifications and {alarms['judged']:,} "
            f"judged values; {rate}the decision rule predicts {plain(alarms['expected'], 2)}; "
            f"{alarms['undecided']} with something undecided, {alarms['stopped']} stopped by a check standard "
            f"({plain(alarms['stopped_expected'], 2)} at most predicted)"
        ]
    for case, count in alarms["cases"].items():
        lines.append(f"  false alarm of {case} in {count}")
    faults = [finding for finding in record["findings"] if finding["specimen"]["kind"] == "bench-fault"]
    if faults:
        lines.append(f"bench faults: {sum(f['well'] for f in faults)} of {len(faults)} ended as our side's")
    for finding in record["findings"]:
        for row in finding["detections"]:
            low, high = row["credible"]
            name = finding["specimen"]["name"]
            lines.append(
                f"{name}: {row['what']} {row['hits']} of {row['trials']}, theory {low} to {high}: {agreement(row)}"
            )
    for finding in record["findings"]:
        if finding["specimen"]["kind"] == "defect" and finding["well"] and not finding["caught"]:
            lines.append(f"{finding['specimen']['name']} {finding['state']}: {finding['words']}; try more seeds")
    good = sum(oracle["ok"] for oracle in record["oracles"])
    lines.append(f"numeric oracles: {good} of {len(record['oracles'])} agree with what is published")
    unproven = [column["case"] for column in record["columns"] if not column["catches"]]
    if record["scope"]["partial"]:
        lines.append("which cases catch nothing is shown by a whole qualification only")
    elif unproven:
        lines.append(f"never shown to catch anything: {', '.join(unproven)}")
    if record["on_one_case"]:
        lines.append(f"hang on one case only: {', '.join(record['on_one_case'])}")
    if record["left_out"]:
        lines.append(f"left out, as no plan that was run must notice them: {', '.join(record['left_out'])}")
    return lines


def _matrix(record: dict[str, Any], defects: list[dict[str, Any]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=f"{record['killed']} of {record['defects']} defects caught as they must be", title_justify="left"
    )
    table.add_column("Defect", overflow="fold")
    plans = [plan["id"] for plan in record["plans"] if any(plan["id"] in finding["cells"] for finding in defects)]
    for plan in plans:
        table.add_column(plan, justify="center")
    table.add_column("Caught", justify="right", no_wrap=True)
    table.add_column("First", overflow="fold")
    for finding in defects:
        well = finding["well"]
        cells = [Text(cell_words(finding, plan), style=_STYLES[cell_class(finding, plan)]) for plan in plans]
        first = next((finding["cells"][plan]["first"] for plan in plans if plan in finding["cells"]), "")
        table.add_row(
            Text(("✔ " if well else "✘ ") + finding["specimen"]["name"], style="green" if well else "bold red"),
            *cells,
            f"{finding['caught']} of {finding['trials']}",
            Text(first),
        )
    return table
