"""Drawings of a qualification: how often defects were caught, beside what theory says, as SVG text."""

import math
from html import escape
from typing import Any

from harness.student import normal_cdf

_WIDTH, _HEIGHT = 520, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 14, 40
_K = 1.96

STYLE = """
.curve { display: block; width: 100%; max-width: 640px; height: auto; background: #fff; }
.curve text { font: 10px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #334; }
.curve .frame { fill: none; stroke: #667; } .curve .grid { stroke: #e3e6ec; }
.curve .theory { fill: none; stroke: #14509b; stroke-width: 1.4; } .curve .second { stroke-dasharray: 5 3; }
.curve .range { fill: #cfe0f2; } .curve .bound { stroke: #1b2330; fill: none; }
.curve .seen { fill: #17693a; stroke: #fff; } .curve .off { fill: #b00020; stroke: #fff; }
"""


def marginal(defects: list[dict[str, Any]]) -> str:
    """Return P(F) and P(not P) over the distance from the limit, with what was seen; "" if nothing marginal was."""
    rows = [
        (float(finding["specimen"]["margin"]["times_u"]), row, finding["specimen"]["name"])
        for finding in defects
        if finding["specimen"]["margin"] is not None
        for row in finding["detections"]
    ]
    if not rows:
        return ""
    low, high = -2.0, max(3.0, *(times for times, _, _ in rows)) + 0.3
    span = high - low

    def x(times: float) -> float:
        return _LEFT + (times - low) / span * (_WIDTH - _LEFT - _RIGHT)

    parts = [*_frame("Probability of detection of a device that is beyond its limit by so many U")]
    for tick in range(math.ceil(low), math.floor(high) + 1):
        parts.append(_text(x(tick), _HEIGHT - _BOTTOM + 14, str(tick), "middle"))
    parts.append(
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, "true value beyond the tolerance limit / U", "middle")
    )
    steps = [low + span * i / 120 for i in range(121)]
    for shift, kind in ((0.0, "theory"), (1.0, "theory second")):
        points = " ".join(f"{x(t):.1f},{_y(normal_cdf((t + shift) * _K)):.1f}" for t in steps)
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
    for times, row, name in rows:
        parts.append(_seen(x(times) + (4 if row["what"] != "F" else -4), row, f"{name}, {row['what']}"))
    return _whole(parts, "Solid: F. Dashed: F or undecided. Dots: what was seen, with its exact 99 % bounds.")


def intermittent(defects: list[dict[str, Any]]) -> str:
    """Return for each intermittent defect how often it was seen beside the range of theory; "" if there is none."""
    rows = [
        (finding["specimen"]["name"], row)
        for finding in defects
        if finding["specimen"]["margin"] is None
        for row in finding["detections"]
    ]
    if not rows:
        return ""
    step = (_WIDTH - _LEFT - _RIGHT) / len(rows)
    parts = [*_frame("Share of cases in which an intermittent defect was seen")]
    for index, (name, row) in enumerate(rows):
        middle = _LEFT + (index + 0.5) * step
        few, most = (count / row["trials"] for count in row["credible"])
        width = min(36.0, 0.6 * step)
        parts.append(
            f'<rect class="range" x="{middle - width / 2:.1f}" y="{_y(most):.1f}" width="{width:.1f}" '
            f'height="{max(1.0, _y(few) - _y(most)):.1f}"/>'
        )
        parts.append(_seen(middle, row, name))
        parts.append(_text(middle, _HEIGHT - _BOTTOM + 14 + 12 * (index % 2), name, "middle"))
    return _whole(
        parts, "Shaded: 99 % of theory, 1 - (1 - odds)^sessions. Dots: what was seen, with exact 99 % bounds."
    )


def _y(probability: float) -> float:
    return _HEIGHT - _BOTTOM - probability * (_HEIGHT - _TOP - _BOTTOM)


def _frame(title: str) -> list[str]:
    parts = [f"<title>{escape(title)}</title>"]
    for tenths in range(0, 11, 2):
        y = _y(tenths / 10)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(_LEFT - 5, y + 3, f"{tenths * 10} %", "end"))
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    return [*parts, f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{width}" height="{height}"/>']


def _seen(x: float, row: dict[str, Any], name: str) -> str:
    low, high = row["bounds"]
    share = row["hits"] / row["trials"]
    words = escape(f"{name}: {row['hits']} of {row['trials']}, theory {row['credible'][0]} to {row['credible'][1]}")
    kind = "seen" if row["well"] else "off"
    ends = f'y1="{_y(low):.1f}" y2="{_y(high):.1f}"'
    return (
        f'<g><title>{words}</title><line class="bound" x1="{x:.1f}" x2="{x:.1f}" {ends}/>'
        f'<circle class="{kind}" cx="{x:.1f}" cy="{_y(share):.1f}" r="4"/></g>'
    )


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _whole(parts: list[str], caption: str) -> str:
    drawing = "".join(parts)
    return (
        f'<figure><svg class="curve" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{drawing}</svg>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
