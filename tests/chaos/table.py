"""The table of docs/chaos.md, from what the trials left: python -m tests.chaos.table chaos.jsonl."""

import json
import statistics
import sys
from pathlib import Path

from tests.chaos.trial import CAUSES


def table(file: Path) -> str:
    """Return it in Markdown."""
    trials = [json.loads(line) for line in file.read_text().splitlines()]
    rows = [
        "| ended by | times | of these with the supply on | supply off, median | longest | all safe, longest "
        "| limit | record closed by the run / by recover / none yet |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for cause in CAUSES:
        of = [trial for trial in trials if trial["cause"] == cause.name]
        on = [trial["off_s"] for trial in of if trial["was_on"]]
        if not of:
            continue
        by = [sum(trial["record"] == who for trial in of) for who in ("run", "recover", "")]
        seconds = f"{statistics.median(on):.2f} s | {max(on):.2f} s" if on else "– | –"
        safe = max(trial["safe_s"] for trial in of)
        rows.append(
            f"| {cause.name} | {len(of)} | {len(on)} | {seconds} | {safe:.2f} s | {cause.limit_s:g} s "
            f"| {' / '.join(map(str, by))} |"
        )
    lines, torn = sum(trial["lines"] for trial in trials), sum(trial["torn"] for trial in trials)
    rows.append(f"\n{len(trials)} trials; {lines:,} lines had been written, and none is missing; {torn} were cut off.")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1])) + "\n")
