"""Which values a page can hold: every one that is no plain pass, then the worst of each case; the rest is attached."""

import math
from dataclasses import dataclass

from reports.fold import WORST
from reports.rows import Measurement, Observation
from reports.run import Run

MOST_ROWS = 2000
Row = Measurement | Observation


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows that are printed, in the order of the record.

    Attributes:
        rows: Those.
        total: How many there are in the record.
        open_total: How many of all are no plain pass.
        open_left: How many of those had to be left out too.
    """

    rows: tuple[Row, ...]
    total: int
    open_total: int
    open_left: int


def choose(run: Run, most: int = MOST_ROWS) -> Chosen:
    """Return at most `most` rows: all, if there are no more, else what a reader must see."""
    rows: list[Row] = sorted([*run.rows.measurements, *run.rows.observations], key=lambda row: row.seq)
    open_rows = [row for row in rows if is_open(row)]
    if len(rows) <= most:
        return Chosen(tuple(rows), len(rows), len(open_rows), 0)
    worst: dict[str, Row] = {}
    for row in rows:
        held = worst.get(row.case)
        if held is None or _badness(row) < _badness(held):
            worst[row.case] = row
    # The worst of each case that is no pass comes first: if anything is cut, it is a second value of the same case.
    leaders = [row for row in worst.values() if is_open(row)]
    rest = [row for row in worst.values() if not is_open(row)]
    kept: dict[int, Row] = {row.seq: row for row in (*leaders, *open_rows, *rest)[: most + len(leaders)]}
    picked = sorted(list(kept.values())[:most], key=lambda row: row.seq)
    open_kept = sum(is_open(row) for row in picked)
    return Chosen(tuple(picked), len(rows), len(open_rows), len(open_rows) - open_kept)


def is_open(row: Row) -> bool:
    """Return whether a row was judged and is no plain pass."""
    if isinstance(row, Measurement):
        return row.conditional or row.verdict in ("F", "N/E")
    return row.verdict in ("F", "N/E")


def _badness(row: Row) -> tuple[int, float, float]:
    """Return a key that puts the worst row of a case first: by verdict, then by p(nonconforming), then by room in U."""
    order = WORST.index(row.verdict) if row.verdict in WORST else len(WORST)
    p = row.p_nonconforming if isinstance(row, Measurement) else None
    return order, -p if p is not None else 1.0, _room(row)


def _room(row: Row) -> float:
    """Return how many U lie between a value and its nearer limit; infinite where that cannot be said."""
    if not isinstance(row, Measurement) or row.value is None or not row.U:
        return math.inf
    return min((abs(row.value - limit) / row.U for limit in (row.low, row.high) if limit is not None), default=math.inf)
