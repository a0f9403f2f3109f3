"""A value with its uncertainty against its limits, as shares of a small drawing's width."""

import math
from typing import Any

from reports.rows import Measurement
from reports.scale import Scale


def bar(row: Measurement) -> dict[str, Any] | None:
    """Return what the template draws: what is allowed, what the guard band leaves, value ± U; None without a limit."""
    value, low, high = row.value, row.low, row.high
    if value is None or not math.isfinite(value) or (low is None and high is None):
        return None
    spread = row.U if row.U is not None and math.isfinite(row.U) else 0.0
    ends = _ends(value, low, high)
    if not all(map(math.isfinite, ends)) or ends[0] == ends[1]:
        return None
    x = Scale(*ends, 0.02, 0.98)
    zone = (x.low if low is None else low, x.high if high is None else high)
    inner = (zone[0] + (spread if low is not None else 0.0), zone[1] - (spread if high is not None else 0.0))
    guarded = row.rule not in ("", "simple") and inner[0] < inner[1]
    at = x(value)
    whiskers = (_inside(x(value - spread)), _inside(x(value + spread)))
    return {
        "verdict": row.verdict,
        "zone": _shares(x, zone),
        "core": _shares(x, inner) if guarded else None,
        "limits": [_short(x(limit)) for limit in (low, high) if limit is not None],
        "spread": [_short(end) for end in whiskers] if whiskers[1] - whiskers[0] > 0.01 else None,
        "at": _short(_inside(at)),
        "sign": _sign(at, row.verdict),
    }


def _ends(value: float, low: float | None, high: float | None) -> tuple[float, float]:
    if low is not None and high is not None:
        span = (high - low) or abs(high) or 1.0
        return low - span / 3, high + span / 3
    limit = high if high is not None else low
    assert limit is not None
    far = abs(limit) or abs(value) or 1.0
    if high is not None:
        return (0.0 if value >= 0 and limit > 0 else limit - far), limit + far / 3
    return (0.0 if limit > 0 else limit - far / 3), limit + far


def _sign(at: float, verdict: str) -> str:
    if at < 0.0 or at > 1.0:
        return "left" if at < 0.0 else "right"
    return {"F": "cross", "P": "dot", "": "dot"}.get(verdict, "diamond")


def _shares(x: Scale, ends: tuple[float, float]) -> list[float]:
    return [_short(_inside(x(end))) for end in ends]


def _inside(at: float) -> float:
    return min(max(at, 0.0), 1.0)


def _short(share: float) -> float:
    return round(share, 4)
