"""Population profiles beside the claims: drawn on a logarithmic axis with each figure's source, and judging nothing."""

import math
from dataclasses import dataclass
from html import escape
from typing import Any

from harness.provenance import SEEN
from reports.run import Run

_WIDTH, _ROW = 640, 17
_LEFT, _RIGHT, _TOP, _BOTTOM = 300, 14, 8, 30
# One colour and one sign for each claim, in the order of the claims.
_SIGNS = ("c0", "c1", "c2", "c3", "c4", "c5")

STYLE = (
    ".strip{display:block;width:100%;max-width:760px;height:auto;background:#fff}"
    ".strip text{font:10px system-ui,'Segoe UI','DejaVu Sans',sans-serif;fill:#334}"
    ".strip .grid{stroke:#e3e6ec}.strip .frame{fill:none;stroke:#667}"
    ".strip .seen{fill:#14509b}.strip .unseen{fill:#fff;stroke:#14509b;stroke-width:1.4}"
    ".strip .claim{stroke-width:1.4;stroke-dasharray:5 3}"
    ".strip .c0{stroke:#b00020}.strip .c1{stroke:#17693a}.strip .c2{stroke:#7a4d00}"
    ".strip .c3{stroke:#5b2a86}.strip .c4{stroke:#00667a}.strip .c5{stroke:#667}"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile as the page shows it.

    Attributes:
        title: What it is about.
        unit: Of all its figures.
        statement: What it must not be taken for.
        disputes: Where its sources contradict each other, or do not fit.
        claims: The claims that it is printed beside, with their values; None where one is not declared.
        figures: As the record has them.
        drawing: All of it as SVG; "" if there is nothing to draw.
    """

    title: str
    unit: str
    statement: str
    disputes: tuple[str, ...]
    claims: tuple[tuple[str, float | None], ...]
    figures: tuple[dict[str, Any], ...]
    drawing: str


def profiles(run: Run) -> list[Profile]:
    """Return the profiles that a run was opened with."""
    return [_profile(said) for said in run.rows.opened.get("populations") or ()]


def _profile(said: dict[str, Any]) -> Profile:
    figures = tuple(said["figures"])
    claims: dict[str, float | None] = {}
    for figure in figures:
        claims |= figure["beside"]
    unit = figures[0]["unit"] if figures else ""
    return Profile(
        said["title"],
        unit,
        said["statement"],
        tuple(said["disputes"]),
        tuple(claims.items()),
        figures,
        _drawing(said["title"], unit, figures, claims),
    )


def _drawing(title: str, unit: str, figures: tuple[dict[str, Any], ...], claims: dict[str, float | None]) -> str:
    declared = {name: value for name, value in claims.items() if value is not None and value > 0.0}
    values = [figure["value"] for figure in figures if figure["value"] > 0.0] + list(declared.values())
    if not values:
        return ""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)) + 1e-9)
    high = max(high, low + 1)
    bottom = _TOP + _ROW * len(figures) + 6

    def x(value: float) -> float:
        return _LEFT + (math.log10(value) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    parts = [f"<title>{escape(title)}, in {escape(unit)}</title>"]
    for power in range(low, high + 1):
        at = x(10.0**power)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(_text(at, bottom + 13, f"{10.0**power:g}", "middle"))
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 25, unit, "middle"))
    parts.append(
        f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{_WIDTH - _LEFT - _RIGHT}" height="{bottom - _TOP}"/>'
    )
    for index, (name, value) in enumerate(declared.items()):
        at = x(value)
        sign = _SIGNS[index % len(_SIGNS)]
        words = f"claim {name}: {value:g} {unit}"
        parts.append(
            f'<line class="claim {sign}" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}">'
            f"<title>{escape(words)}</title></line>"
        )
    for row, figure in enumerate(figures):
        y = _TOP + _ROW * (row + 0.5) + 3
        words = f"{figure['who']}, {figure['statistic']}"
        parts.append(_text(_LEFT - 8, y + 3, words if len(words) < 54 else f"{words[:52]}…", "end"))
        if figure["value"] > 0.0:
            kind, at = "seen" if figure["provenance"] in SEEN else "unseen", x(figure["value"])
            told = escape(f"{words}: {figure['value']:g} {unit}; {figure['source']} ({figure['provenance']})")
            parts.append(f'<circle class="{kind}" cx="{at:.1f}" cy="{y:.1f}" r="4"><title>{told}</title></circle>')
    height = bottom + _BOTTOM
    return f'<svg class="strip" viewBox="0 0 {_WIDTH} {height}" role="img">{"".join(parts)}</svg>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def legend(profile: Profile) -> list[tuple[str, str]]:
    """Return the sign and the words of each claim that is drawn, and of those that are not declared."""
    drawn = [(name, value) for name, value in profile.claims if value is not None and value > 0.0]
    lines = [
        (_SIGNS[index % len(_SIGNS)], f"{name}: {value:g} {profile.unit}") for index, (name, value) in enumerate(drawn)
    ]
    return lines + [("", f"{name} is not declared") for name, value in profile.claims if value is None]
