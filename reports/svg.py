"""Drawings as SVG text: the same numbers always give the same bytes, and nothing is asked of the network.

Two drawings are made: a waveform with its limits and marks, and a value with its uncertainty against its limits.
Colours are classes of the report's style sheet; `standalone` puts them into the drawing itself.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from reports.numbers import MISSING, plain
from reports.rows import WaveformRow
from reports.scale import Scale, nice_ticks, time_unit
from reports.waveforms import Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDTH, _HEIGHT = 440, 222
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 38, 34

STYLE = (
    ".wave text{font:10px system-ui,'Segoe UI','DejaVu Sans',sans-serif;fill:#334}"
    ".wave .limit-text,.wave .mark-text{paint-order:stroke;stroke:#fff;stroke-width:3px}"
    ".wave .frame{fill:none;stroke:#667;stroke-width:1}.wave .grid{stroke:#e3e6ec;stroke-width:1}"
    ".wave .trace{fill:none;stroke:#14509b;stroke-width:1.3;stroke-linejoin:round}"
    ".wave .limit{stroke:#b00020;stroke-width:1.2;stroke-dasharray:6 3}"
    ".wave .limit-text{fill:#b00020;font-weight:600}"
    ".wave .banner-text{fill:#7a4d00;font-size:9px;font-weight:700}"
    ".wave .mark{stroke:#7a4d00;stroke-width:1;stroke-dasharray:2 2}.wave .mark-text{fill:#7a4d00}"
)


def kept_waveform(row: WaveformRow, drawn: Samples, *, standalone: bool = False, banner: str = "") -> str:
    """Return a drawing of a waveform of a record from the samples of it that are to be drawn; see `waveform`."""
    return waveform(
        f"w{row.seq}",
        f"{row.name}, {row.case}",
        drawn.time_s.tolist(),
        drawn.values.tolist(),
        quantity=row.quantity,
        unit=row.unit,
        marks=row.marks,
        limits=row.limits,
        standalone=standalone,
        banner=banner,
    )


def waveform(
    key: str,
    title: str,
    time_s: Sequence[float],
    values: Sequence[float],
    *,
    quantity: str,
    unit: str,
    marks: Mapping[str, float] | None = None,
    limits: Mapping[str, float] | None = None,
    standalone: bool = False,
    banner: str = "",
) -> str:
    """Return a drawing of values in `unit` over time, with limits as dashed lines and marks as dotted ones.

    The vertical axis always holds every limit, so that a limit is never off the page; `key` makes its ids unique. The
    banner, of two lines at most, stands in the drawing for whoever sees it without its report.
    """
    marks, limits = marks or {}, limits or {}
    if not len(values):
        return ""
    per_unit, time_name = time_unit(max(abs(time_s[0]), abs(time_s[-1])))
    inside = {label: at for label, at in marks.items() if time_s[0] <= at <= time_s[-1]}
    x = Scale(time_s[0] / per_unit, time_s[-1] / per_unit, _LEFT, _WIDTH - _RIGHT)
    lowest, highest = min(min(values), *limits.values(), math.inf), max(max(values), *limits.values(), -math.inf)
    margin = 0.07 * (highest - lowest) or 0.1 * abs(highest) or 1.0
    # More room above than below: the words of a limit stand above its line.
    y = Scale(lowest - margin, highest + 2 * margin, _HEIGHT - _BOTTOM, _TOP)
    description = _described(quantity, unit, values, limits, inside)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wave" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="{escape(key)}-t {escape(key)}-d"><title id="{escape(key)}-t">{escape(title)}</title>'
        f'<desc id="{escape(key)}-d">{escape(description)}</desc>'
    ]
    if standalone:
        parts.append(f"<style>{STYLE}</style>")
    parts += _axes(x, y, f"{quantity} / {unit}", f"time / {time_name}")
    seconds = Scale(time_s[0], time_s[-1], x.start, x.end)
    parts.append(f'<path class="trace" d="{_path(_on(seconds, time_s), _on(y, values))}"/>')
    parts += _limit_lines(y, limits, unit)
    parts += _mark_lines(x, {label: at / per_unit for label, at in inside.items()})
    if banner:
        parts += [
            f'<text class="banner-text" x="{_WIDTH - _RIGHT}" y="{y_at}" text-anchor="end">{escape(said)}</text>'
            for y_at, said in zip((11, 21), banner.splitlines(), strict=False)
        ]
    parts.append("</svg>")
    return "".join(parts)


def _described(
    quantity: str, unit: str, values: Sequence[float], limits: Mapping[str, float], marks: Mapping[str, float]
) -> str:
    words = [f"{quantity} from {plain(min(values), 4)} to {plain(max(values), 4)} {unit}"]
    words += [f"limit {label} at {plain(value)} {unit}" for label, value in limits.items()]
    words += [f"{label} at {plain(at, 5)} s" for label, at in marks.items()]
    return "; ".join(words)


def _axes(x: Scale, y: Scale, y_name: str, x_name: str) -> list[str]:
    left, right, top, bottom = _LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM
    parts = []
    for tick, text in nice_ticks(x.low, x.high, 7):
        parts.append(f'<path class="grid" d="M{_n(x(tick))} {top}V{bottom}"/>')
        parts.append(f'<text x="{_n(x(tick))}" y="{bottom + 13}" text-anchor="middle">{text}</text>')
    for tick, text in nice_ticks(y.low, y.high, 5):
        parts.append(f'<path class="grid" d="M{left} {_n(y(tick))}H{right}"/>')
        parts.append(f'<text x="{left - 5}" y="{_n(y(tick) + 3.5)}" text-anchor="end">{text}</text>')
    parts.append(f'<rect class="frame" x="{left}" y="{top}" width="{right - left}" height="{bottom - top}"/>')
    parts.append(f'<text x="4" y="11">{escape(y_name)}</text>')
    parts.append(f'<text x="{(left + right) / 2:g}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x_name)}</text>')
    return parts


def _limit_lines(y: Scale, limits: Mapping[str, float], unit: str) -> list[str]:
    parts = []
    written: list[float] = []
    for label, value in sorted(limits.items(), key=lambda item: -item[1]):
        at = y(value)
        # Above the line, or below it where another limit's words already stand.
        text_at = at - 3
        if any(abs(text_at - other) < 10 for other in written) or text_at < _TOP + 8:
            text_at = at + 10
        written.append(text_at)
        parts.append(f'<path class="limit" d="M{_LEFT} {_n(at)}H{_WIDTH - _RIGHT}"/>')
        parts.append(
            f'<text class="limit-text" x="{_WIDTH - _RIGHT - 4}" y="{_n(text_at)}" text-anchor="end">'
            f"{escape(label)} {plain(value)} {escape(unit)}</text>"
        )
    return parts


def _mark_lines(x: Scale, marks: Mapping[str, float]) -> list[str]:
    """Return a dotted line for each mark, its words above the frame in one of two rows, and the words on top of all."""
    lines, words = [], []
    row_ends = [-math.inf, -math.inf]
    for label, value in sorted(marks.items(), key=lambda item: item[1]):
        at = x(value)
        width = 5.4 * len(label)
        to_the_left = at + width > _WIDTH - _RIGHT
        start = at - width - 3 if to_the_left else at + 3
        row = next((index for index, end in enumerate(row_ends) if start > end), 0)
        row_ends[row] = start + width
        lines.append(f'<path class="mark" d="M{_n(at)} {_TOP - 2 - 11 * row}V{_HEIGHT - _BOTTOM}"/>')
        words.append(
            f'<text class="mark-text" x="{_n(at - 3 if to_the_left else at + 3)}" y="{_TOP - 4 - 11 * row}" '
            f'text-anchor="{"end" if to_the_left else "start"}">{escape(label)}</text>'
        )
    return lines + words


def _on(scale: Scale, values: Sequence[float]) -> "NDArray[np.int64]":
    """Return where values lie on an axis, in tenths."""
    import numpy as np

    span = scale.high - scale.low
    share = (np.asarray(values, dtype=np.float64) - scale.low) / span if span else np.full(len(values), 0.5)
    return np.rint((scale.start + share * (scale.end - scale.start)) * 10).astype(np.int64)


def _path(x: "NDArray[np.int64]", y: "NDArray[np.int64]") -> str:
    """Return path data in tenths, each point relative to the one before, without piling up rounding."""
    import numpy as np

    step_x, step_y = np.diff(x), np.diff(y)
    moved = (step_x != 0) | (step_y != 0)
    parts = [f"M{_tenths(int(x[0]))} {_tenths(int(y[0]))}"]
    for right, down in zip(step_x[moved].tolist(), step_y[moved].tolist(), strict=True):
        parts.append(f"l{_tenths(right)}{'' if down < 0 else ' '}{_tenths(down)}")
    return "".join(parts)


@cache
def _tenths(value: int) -> str:
    return f"{value // 10}" if value % 10 == 0 else f"{value / 10:.1f}"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


_BAR_WIDTH, _BAR_HEIGHT = 120.0, 16.0


def interval_bar(
    value: float | None,
    uncertainty: float | None,
    low: float | None,
    high: float | None,
    *,
    verdict: str,
    guarded: bool = False,
) -> str:
    """Return a small drawing of value ± U against its limits; nothing if there is no limit or no finite value.

    What the limits allow is shaded, and inside it the part that is left by the guard band. The value is a dot for P, a
    cross for F and a diamond for anything else; a value off the drawing is an arrow at its edge.
    """
    if value is None or not math.isfinite(value) or (low is None and high is None):
        return ""
    spread = uncertainty if uncertainty is not None and math.isfinite(uncertainty) else 0.0
    x = Scale(*_bar_range(value, low, high), 2, _BAR_WIDTH - 2)
    zone_low, zone_high = x.low if low is None else low, x.high if high is None else high
    middle = _BAR_HEIGHT / 2
    parts = [f'<svg class="bar" viewBox="0 0 {_BAR_WIDTH:g} {_BAR_HEIGHT:g}" role="img">']
    parts.append(f"<title>{escape(_bar_words(value, uncertainty, low, high, verdict))}</title>")
    parts.append(_rect("zone", x(zone_low), x(zone_high), 2, 12))
    if guarded:
        inner_low = zone_low if low is None else low + spread
        inner_high = zone_high if high is None else high - spread
        if inner_low < inner_high:
            parts.append(_rect("core", x(inner_low), x(inner_high), 2, 12))
    parts += [f'<path class="tl" d="M{_n(x(limit))} 0v16"/>' for limit in (low, high) if limit is not None]
    start, end = _inside(x(value - spread)), _inside(x(value + spread))
    if end - start > 0.5:
        parts.append(f'<path class="whisker" d="M{_n(start)} {middle - 3:g}v6m0-3H{_n(end)}m0-3v6"/>')
    parts.append(_symbol(x(value), middle, verdict))
    parts.append("</svg>")
    return "".join(parts)


def _bar_range(value: float, low: float | None, high: float | None) -> tuple[float, float]:
    """Return the ends of the axis, so that limits stand at the same place in every drawing of a column."""
    if low is not None and high is not None:
        span = (high - low) or abs(high) or 1.0
        return low - span / 3, high + span / 3
    limit = high if high is not None else low
    assert limit is not None
    far = abs(limit) or abs(value) or 1.0
    if high is not None:
        start = 0.0 if value >= 0 and limit > 0 else limit - far
        return start, limit + far / 3
    return (0.0 if limit > 0 else limit - far / 3), limit + far


def _inside(at: float) -> float:
    return min(max(at, 1.0), _BAR_WIDTH - 1.0)


def _rect(name: str, start: float, end: float, top: float, height: float) -> str:
    start, end = max(start, 0.0), min(end, _BAR_WIDTH)
    return f'<rect class="{name}" x="{_n(start)}" y="{top:g}" width="{_n(max(end - start, 0))}" height="{height:g}"/>'


def _symbol(at: float, middle: float, verdict: str) -> str:
    if at < 0:
        return f'<path class="dot {_class(verdict)}" d="M1 {middle:g}l7-4v8z"/>'
    if at > _BAR_WIDTH:
        return f'<path class="dot {_class(verdict)}" d="M{_BAR_WIDTH - 1:g} {middle:g}l-7-4v8z"/>'
    if verdict == "F":
        return f'<path class="cross" d="M{_n(at - 3.5)} {middle - 3.5:g}l7 7m0-7l-7 7"/>'
    if verdict in ("P", ""):
        return f'<circle class="dot {_class(verdict)}" cx="{_n(at)}" cy="{middle:g}" r="3"/>'
    return f'<path class="dot {_class(verdict)}" d="M{_n(at)} {middle - 4.5:g}l4.5 4.5-4.5 4.5-4.5-4.5z"/>'


def _class(verdict: str) -> str:
    return {"P": "p", "F": "f", "N/E": "ne", "N/A": "na"}.get(verdict, "none")


def _bar_words(value: float, uncertainty: float | None, low: float | None, high: float | None, verdict: str) -> str:
    limits = {(True, True): f"{plain(low)} to {plain(high)}", (True, False): f"at least {plain(low)}"}.get(
        (low is not None, high is not None), f"at most {plain(high)}"
    )
    spread = MISSING if uncertainty is None else plain(uncertainty, 2)
    return f"{plain(value, 5)} ± {spread}; allowed {limits}; {verdict or 'not judged'}"
