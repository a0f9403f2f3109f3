"""Two runs compared, on the terminal and for a program."""

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reports.compare import IF_STILL, SIGNIFICANT, UNKNOWN, WITHIN, Comparison, ValueDifference
from reports.numbers import decimals_of, fixed, percent
from reports.run import Run
from reports.summary import VIRTUAL_BANNER
from reports.terminal import plain_console

if TYPE_CHECKING:
    from rich.console import Console

MOST = 40


def show(found: Comparison, console: "Console | None" = None) -> None:
    """Print what differs between two runs, the most certain differences first; `--json` has every value."""
    from rich.text import Text

    out = console or plain_console()

    def say(text: str, style: str = "") -> None:
        out.print(Text(text, style=style), soft_wrap=True)

    for word, run in (("first ", found.first), ("second", found.second)):
        say(f"{word} {run.id}: {run.verdict}", "bold")
        for line in _cautions(run):
            say(f"       {line}", "yellow")
    for fact in found.facts:
        say(f"{fact.what}: {fact.first or 'not said'} → {fact.second or 'not said'}")
    for case in found.cases:
        say(f"{case.case}: {case.first} → {case.second}{f' ({case.reason})' if case.reason else ''}", "bold red")
    for name, what, one, other in found.unpaired:
        say(f"{name}, {what}: measured {one} times and {other} times; what is over was not compared", "yellow")
    significant = found.of(SIGNIFICANT)
    for word in (SIGNIFICANT, IF_STILL, UNKNOWN):
        values = found.of(word)
        for value in values[:MOST]:
            say(f"{word}: {said(value)}")
        if len(values) > MOST:
            say(f"{word}: and {len(values) - MOST} more, see --json")
    say(
        f"{len(found.values)} values compared: {len(significant)} differ significantly, {len(found.of(IF_STILL))} only "
        f"if the instruments stood still, {len(found.of(WITHIN))} are {WITHIN}, {len(found.of(UNKNOWN))} are not "
        "known; of many values one in twenty may exceed a U at 95 % by chance"
    )


def _cautions(run: Run) -> list[str]:
    return [*([VIRTUAL_BANNER] if run.virtual else []), *(f"in doubt: {doubt}" for doubt in run.doubts)]


def said(value: ValueDifference) -> str:
    """Return one difference as a sentence: both values, the difference with its U, and p(nonconforming) of both."""
    first, second = value.first, value.second
    # The U that the difference was held against, so that what is said of it can be seen.
    spread = value.U_still if value.says == IF_STILL else value.U
    places = decimals_of(spread, value.difference)
    one, other = fixed(first.value, places), fixed(second.value, places)
    apart = f"{fixed(value.difference, places)} ± {fixed(spread, places)} {first.unit}"
    risk = ""
    if first.p_nonconforming is not None or second.p_nonconforming is not None:
        risk = f", p(nonconforming) {percent(first.p_nonconforming)} → {percent(second.p_nonconforming)}"
    limits = "" if value.limits else ", judged by other limits"
    return f"{first.case}, {first.name}: {one} → {other} {first.unit}, differ by {apart}{risk}{limits}"


def as_json(found: Comparison) -> str:
    """Return all of it for a program."""
    facts = {
        "first": {"run": found.first.id, "head": found.first.head, "verdict": found.first.verdict}
        | {"virtual": found.first.virtual, "doubts": found.first.doubts},
        "second": {"run": found.second.id, "head": found.second.head, "verdict": found.second.verdict}
        | {"virtual": found.second.virtual, "doubts": found.second.doubts},
        "differ": found.differ,
        "facts": [asdict(fact) for fact in found.facts],
        "cases": [asdict(case) for case in found.cases],
        "unpaired": [
            {"case": case, "name": name, "first": one, "second": other} for case, name, one, other in found.unpaired
        ],
        "values": [_fact(value) for value in found.values],
    }
    return json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)


def _fact(value: ValueDifference) -> dict[str, Any]:
    first, second = value.first, value.second
    return {
        "case": first.case,
        "name": first.name,
        "unit": first.unit,
        "first": {"line": first.seq, "value": first.value, "U": first.U, "verdict": first.verdict},
        "second": {"line": second.seq, "value": second.value, "U": second.U, "verdict": second.verdict},
        "difference": _finite(value.difference),
        "U": _finite(value.U),
        "U_if_the_instruments_stood_still": _finite(value.U_still),
        "says": value.says,
        "same_limits": value.limits,
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
