"""What keeps a result from being approved: an approval needs more than that every case passed."""

from reports import development, summary
from reports.doubts import COMPLIES
from reports.run import Run


def obstacles(run: Run) -> list[str]:
    """Return in words all that keeps a result from being approved; none is left of a result that can be."""
    found = []
    if run.verdict != COMPLIES:
        found.append(f"the verdict is {run.verdict}")
    if run.virtual:
        found.append("the bench is virtual")
    if run.replay:
        found.append(run.replay)
    if development.banner(run):
        found.append(development.words(run))
    if coverage := development.coverage_words(run):
        found.append(coverage)
    found += run.doubts
    if str(run.rows.opened.get("operator") or "").strip() in ("", "not named"):  # who could review their own work
        found.append("the record does not name who ran the tests")
    passed = summary.passed(run)
    for count, what in (
        (sum(bool(row.unverified_limit) for row in passed), "limits that nobody has seen in their source"),
        (sum(bool(row.unverified) for row in passed), "accuracies that nobody has seen in their source"),
    ):
        if count:
            found.append(f"{count} of {len(passed)} values that passed rest on {what}")
    if words := summary.not_tested_words(run):
        found.append(words)
    return found
