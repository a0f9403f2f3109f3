"""What a finding about an instrument makes of past runs, on the terminal and for a program."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reports.affected import RunEffect, Search, ValueChange
from reports.numbers import value_and_limits
from reports.terminal import plain_console

if TYPE_CHECKING:
    from rich.console import Console


def show(found: Search, console: "Console | None" = None) -> None:
    """Print each run that used the instrument: what changes, what stands, and what cannot be answered."""
    from rich.text import Text

    out = console or plain_console()
    used = [effect for effect in found.effects if not effect.left_out]
    for effect in found.effects:
        for text, style in _lines(effect):
            out.print(Text(text, style=style), soft_wrap=True)
    cases = sum(len(effect.cases) for effect in used)
    values = sum(len(effect.values) for effect in used)
    unanswered = sum(bool(effect.open) for effect in used)
    out.print(
        Text(
            f"{found.found.serial}, as found in {found.found.as_found}: {found.records} records read, {len(used)} of "
            f"them judged again; {values} values and {cases} cases come to another verdict; {unanswered} runs leave "
            "something open"
        ),
        soft_wrap=True,
    )
    if cases:
        out.print("next: test these cases again, and amend the reports that told their verdicts", soft_wrap=True)


def _lines(effect: RunEffect) -> list[tuple[str, str]]:
    """Return the lines about one run, each with its style."""
    when = effect.day or "on a day that its record does not say"
    head = f"run {effect.run}, {when}"
    if effect.left_out:
        return [(f"{head}: {effect.left_out}, not looked at", "dim")]
    changed = effect.values or effect.cases
    told = f"{effect.was}, and now {effect.now}" if effect.now != effect.was else f"{effect.was} as before"
    lines = [(f"{head}: {told}; {effect.touched} judged values rest on it", "bold" if changed else "")]
    lines += [(f"  {change.case}: {change.was}, and now {change.now}", "bold red") for change in effect.cases]
    lines += [(f"  {_said(change)}", "") for change in effect.values]
    lines += [(f"  open: {words}{f' ({count} values)' if count else ''}", "yellow") for words, count in effect.open]
    return lines


def _said(change: ValueChange) -> str:
    """Return a value as it was and as it is now, with its limits, as one sentence."""
    row = change.row
    value, spread, low, high = value_and_limits(change.value, change.U, change.low, change.high)
    before, before_u, _, _ = value_and_limits(row.value, row.U, row.low, row.high)
    allowed = f"{low} … {high}" if low and high else f"at least {low}" if low else f"at most {high}"
    verdict = f"{change.verdict} conditional" if change.conditional else change.verdict
    return (
        f"line {row.seq}, {row.case}, {row.name}: {before} ± {before_u} {row.unit} was {row.verdict}; "
        f"{value} ± {spread} {row.unit} is {verdict} (must be {allowed} {row.unit}, {row.rule})"
    )


def as_json(found: Search) -> str:
    """Return the same for a program."""
    facts = {
        "instrument": found.found.serial,
        "as_found": found.found.as_found,
        "records": found.records,
        "exit_code": found.exit_code,
        "runs": [_fact(effect) for effect in found.effects],
    }
    return json.dumps(facts, ensure_ascii=False, indent=2)


def _fact(effect: RunEffect) -> dict[str, Any]:
    values = [
        {"line": change.row.seq, "case": change.row.case, "name": change.row.name, "unit": change.row.unit}
        | {"value_was": change.row.value, "U_was": change.row.U, "verdict_was": change.row.verdict}
        | {"value": change.value, "U": change.U, "low": change.low, "high": change.high}
        | {"verdict": change.verdict, "conditional": change.conditional, "reason": change.reason}
        for change in effect.values
    ]
    return {
        "run": effect.run,
        "folder": str(effect.folder),
        "day": effect.day,
        "left_out": effect.left_out,
        "verdict_was": effect.was,
        "verdict": effect.now,
        "judged_values_that_rest_on_it": effect.touched,
        "values": values,
        "cases": [asdict(change) for change in effect.cases],
        "open": [{"what": words, "values": count} for words, count in effect.open],
    }
