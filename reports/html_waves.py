"""Waveforms for a page: the drawing that is printed, and the samples that a reader may look into more closely."""

import base64
from typing import TYPE_CHECKING, Any

from harness.errors import EvidenceError
from reports import svg
from reports.numbers import interval
from reports.rows import WaveformRow
from reports.run import Run
from reports.waveforms import Samples, reduced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWN_POINTS = 600
_MOST_POINTS = 4000
_LEAST_POINTS = 500
_POINTS_IN_ALL = 1_000_000
# The last of the 65,536 levels of a sample in a page says that nothing was read.
_GAP = 65535


def waveforms(run: Run) -> list[dict[str, Any]]:
    """Return each waveform with its drawing, and with its samples for looking closer."""
    rows = run.rows.waveforms
    return [_waveform(run, row, points_each(len(rows))) for row in rows]


def points_each(count: int) -> int:
    """Return how many samples of each of so many waveforms a page holds, so that it stays fit to be opened."""
    return min(_MOST_POINTS, max(_LEAST_POINTS, _POINTS_IN_ALL // max(count, 1)))


def _waveform(run: Run, row: WaveformRow, points: int) -> dict[str, Any]:
    """Return one waveform for the page; one that cannot be trusted is named and not drawn."""
    try:
        samples = run.waveform(row)
    except EvidenceError as error:
        return {"row": row, "drawing": "", "trouble": str(error), "drawn": 0, "closer": None}
    drawn = reduced(samples, DRAWN_POINTS)
    drawing = svg.kept_waveform(row, drawn)
    closer = _closer(samples, row, points) if drawing else None
    return {"row": row, "drawing": drawing, "trouble": "", "drawn": len(drawn.values), "closer": closer}


def _closer(samples: Samples, row: WaveformRow, points: int) -> dict[str, Any]:
    """Return samples as 16-bit numbers between the smallest and the largest, `step_s` apart."""
    import numpy as np

    each = -(-2 * len(samples.values) // points) if len(samples.values) > points else 1
    values = samples.values if each == 1 else envelope(samples.values, each)
    finite = np.isfinite(values)
    low, high = float(values[finite].min()), float(values[finite].max())
    levels = np.full(len(values), _GAP, dtype="<u2")
    levels[finite] = np.rint((values[finite] - low) / ((high - low) or 1.0) * (_GAP - 1)).astype("<u2")
    if each > 1:
        told = f"the smallest and the largest of every {each} samples ({interval(each * row.interval_s)})"
    else:
        told = "all samples"
    return {
        "title": f"{row.name}, {row.case}",
        "quantity": row.quantity,
        "unit": row.unit,
        "told": told,
        "start_s": row.start_s,
        "step_s": row.interval_s * (each / 2 if each > 1 else 1),
        "low": low,
        "high": high,
        "limits": row.limits,
        "marks": row.marks,
        "levels": base64.b64encode(levels.tobytes()).decode(),
    }


def envelope(values: "NDArray[np.float64]", each: int) -> "NDArray[np.float64]":
    """Return the smallest and the largest of every `each` values, in the order in which they came.

    Values that are not numbers are left out; where there is no other, both are not a number.
    """
    import numpy as np

    rest = -len(values) % each
    groups = np.concatenate([values, np.full(rest, np.nan)]).reshape(-1, each)
    bad = ~np.isfinite(groups)
    lowest = np.where(bad, np.inf, groups).argmin(axis=1)
    highest = np.where(bad, -np.inf, groups).argmax(axis=1)
    rows = np.arange(len(groups))
    pairs = np.stack([groups[rows, np.minimum(lowest, highest)], groups[rows, np.maximum(lowest, highest)]], axis=1)
    pairs[bad.all(axis=1)] = np.nan
    return pairs.reshape(-1)
