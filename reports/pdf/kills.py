"""The kill matrix of the last qualification, small enough for a page: which plan has caught which defect."""

from html import escape

from reports import qualified
from reports.pdf.letters import printable
from reports.run import Run

FILE = "kills.svg"
_WIDTH, _LEFT, _TOP, _ROW = 880.0, 46.0, 6.0, 13.0
_WIDEST, _NAMED = 26.0, 60
_STYLE = (
    ".kills text{font:9px 'DejaVu Sans';fill:#334}.kills .grid{stroke:#c3cbd6;stroke-width:.6}"
    ".kills .one{fill:#7fbf97}.kills .more{fill:#17693a}.kills .missed{fill:#fde8ea;stroke:#b00020;stroke-width:.8}"
)


def drawing(run: Run) -> str:
    """Return a drawing with a row for each plan and a column for each defect; "" if nothing was ever caught."""
    plans, survivors = _caught(run), _survivors(run)
    defects = sorted({name for kills in plans.values() for name in kills})
    if not defects:
        return ""
    columns = [*defects, *survivors]
    step = min((_WIDTH - _LEFT) / len(columns), _WIDEST)
    named = len(columns) <= _NAMED
    bottom = _TOP + _ROW * len(plans)
    height = bottom + (14 + 4.4 * max(map(len, columns)) if named else 16)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" class="kills" viewBox="0 0 {_WIDTH:g} {height:g}">']
    parts.append(f"<style>{_STYLE}</style>")
    for row, (plan, kills) in enumerate(plans.items()):
        y = _TOP + row * _ROW
        parts.append(f'<text x="{_LEFT - 5:g}" y="{y + 10:g}" text-anchor="end">{escape(printable(plan))}</text>')
        parts.append(f'<path class="grid" d="M{_LEFT:g} {y + _ROW:g}h{step * len(columns):.1f}"/>')
        for column, name in enumerate(defects):
            if count := kills.get(name, 0):
                parts.append(_cell("one" if count == 1 else "more", _LEFT + column * step, y, step))
    for column in range(len(defects), len(columns)):
        parts.append(
            f'<rect class="missed" x="{_LEFT + column * step:.1f}" y="{_TOP:g}" width="{max(step - 1, 0.8):.1f}" '
            f'height="{bottom - _TOP:g}"/>'
        )
    if named:
        for column, name in enumerate(columns):
            x = _LEFT + (column + 0.5) * step + 3
            words = escape(printable(name))
            parts.append(
                f'<text transform="translate({x:.1f} {bottom + 5:g}) rotate(-60)" text-anchor="end">{words}</text>'
            )
    else:
        parts.append(f'<text x="{_LEFT:g}" y="{bottom + 12:g}">{len(columns)} defects, in order of name</text>')
    parts.append("</svg>")
    return "".join(parts)


def words(run: Run) -> tuple[str, str]:
    """Return what stands under the drawing, and what is read aloud instead of it."""
    plans, survivors = _caught(run), _survivors(run)
    told = "; ".join(f"{plan} {len(kills)}" for plan, kills in plans.items())
    missed = f"; not caught: {', '.join(survivors)}" if survivors else ""
    under = (
        "A row is a plan, a column a defect: light where one case caught it, dark where several did, and red from "
        "top to bottom where none did."
    )
    return under, f"defects caught by each plan: {told}{missed}"


def _caught(run: Run) -> dict[str, dict[str, int]]:
    """Return for each plan the defects that its cases caught, with how many cases did."""
    plans: dict[str, dict[str, int]] = {}
    for base, names in sorted((qualified.shown_to_catch(run) or {}).items()):
        kills = plans.setdefault(base.partition("-")[0], {})
        for name in names:
            kills[name] = kills.get(name, 0) + 1
    return plans


def _survivors(run: Run) -> list[str]:
    return sorted(map(str, qualified.stamp_of(run).get("survivors") or ()))


def _cell(kind: str, x: float, y: float, step: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y + 1:g}" width="{max(step - 1, 0.8):.1f}" height="{_ROW - 2:g}"/>'
