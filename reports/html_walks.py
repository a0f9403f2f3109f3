"""Why each value of a page came to its verdict, packed: what many values rest on is written down once."""

from typing import Any

from reports import view, why
from reports.run import Run


def packed(run: Run) -> dict[str, Any]:
    """Return the walk of each value as numbers into lists of what is said.

    `texts` holds each line once; `links` each link as its title and its lines; `values` by line of the record: name,
    verdict, links; `cases` by place in the page: name, title, verdict, reason, and the links that all its values share.
    """
    texts, links = _Once(), _Once()

    def numbers(of: tuple[why.Link, ...]) -> list[int]:
        return [links.number((texts.number(link.title), *map(texts.number, link.lines))) for link in of]

    values: dict[str, list[Any]] = {}
    cases: dict[str, list[Any]] = {}
    places = view.anchors(run)
    for found in why.walks(run, run.rows.cases.values()):
        case = found.case
        for value in found.values:
            values[str(value.seq)] = [texts.number(value.name), value.verdict, numbers(value.links)]
        cases[places[case.case]] = [case.case, case.title, case.verdict, case.reason, numbers(found.links)]
    return {"texts": list(texts.known), "links": list(links.known), "values": values, "cases": cases}


class _Once:
    """Things that are written down once, by number, in the order in which they came."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def number(self, thing: Any) -> int:
        """Return the number of a thing; a new one is put at the end."""
        return self.known.setdefault(thing, len(self.known))
