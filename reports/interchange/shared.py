"""What all exports have in common: what must stand beside every copy of a result, XML that is valid, and writing."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.errors import ConfigError
from reports import development, summary
from reports.doubts import tested_on
from reports.rows import Measurement, Observation
from reports.run import Run

# What XML 1.0 cannot hold: a garbled answer of an instrument may be in the record, and must not spoil a file.
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def remarks(run: Run) -> list[str]:
    """Return what must stand beside every copy of a result: amendments, what it is no evidence of, what is in doubt."""
    said = [summary.VIRTUAL_BANNER] if run.virtual else []
    said += [*filter(None, (development.banner(run), run.replay, development.coverage_words(run)))]
    return [*what_was_amended(run), *said, *run.doubts]


def what_was_amended(run: Run) -> list[str]:
    """Return what each amendment of the report changed, and why."""
    return [
        f"{one.title} ({one.reason}): "
        + "; ".join(f"{change.of}: {change.was or 'nothing'} became {change.now}" for change in one.changes)
        for one in run.amendments
    ]


def reported_only(row: Measurement | Observation) -> bool:
    """Return whether a line is told and was not judged, whatever verdict stands for that in the record."""
    judged_by = row.rule if isinstance(row, Measurement) else row.expected
    return not judged_by and row.verdict in ("", "N/A")


def lines_by_case(run: Run) -> dict[str, list[Measurement | Observation]]:
    """Return what was measured and observed in each case, in the order of the record."""
    lines: list[Measurement | Observation] = [*run.rows.measurements, *run.rows.observations]
    found: dict[str, list[Measurement | Observation]] = {name: [] for name in run.rows.cases}
    for line in sorted(lines, key=lambda row: row.seq):
        found[line.case].append(line)
    return found


def began(run: Run) -> datetime | None:
    """Return when a run began, in UTC; None if the record does not say."""
    try:
        said = datetime.fromisoformat(str(tested_on(run.rows.opened_volatile)))
    except ValueError:
        return None
    return said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC)


def instant(run: Run, bench_s: float) -> str:
    """Return bench time in seconds as xs:dateTime in UTC, counted from the begin of the run by the host's clock.

    A record that does not say when it began is counted from 1970, which nobody takes for a date of a test.
    """
    at = (began(run) or datetime(1970, 1, 1, tzinfo=UTC)) + timedelta(seconds=bench_s)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def no_formula(text: str) -> str:
    """Return text for a cell of CSV: what a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def xml_text(text: object) -> str:
    """Return text as XML can hold it: what it cannot is written as its number."""
    said = str(text)
    # What can be printed can be held; asking that is quicker than looking for what cannot.
    return said if said.isprintable() else _NOT_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", said)


def write(path: Path, content: bytes) -> Path:
    """Write a file, with the folders that it is in; return its path.

    Raises:
        ConfigError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; name a file that can be") from error
    return path
