"""Questions on a terminal: what a device must declare before anything can be planned for it."""

from collections.abc import Callable
from pathlib import Path

import typer

from harness import units
from harness.claim_template import SITES, Basics
from harness.standards import StandardFile


def ask_basics(given: Basics, file: Path, editions: list[StandardFile]) -> Basics:
    """Return what is given, with what somebody answers for the rest; an empty answer leaves a claim undeclared."""
    typer.echo(
        f"What {file} must say before anything can be planned; Enter leaves it undeclared, unless it must be given."
    )
    manufacturer = given.manufacturer or _asked("Manufacturer", _something)
    model = given.model or _asked("Model", _something)
    sites = given.sites or _words(_asked(f"Sites, of {', '.join(SITES)} or others", _something))
    answers: dict[str, str] = {}
    for site in sites:
        _keep(answers, f"sites.{site}.maximum", _asked(f"Highest current at the {site}, such as 20 mA", _current))
    waveforms = _words(_asked("Waveforms, of dc and pulsed", _only("dc", "pulsed")))
    _keep(answers, "output.waveforms", f"[{', '.join(waveforms)}]" if waveforms else "")
    _keep(answers, "device.applied_part", _asked("Type of the applied part, of B, BF and CF", _only("B", "BF", "CF")))
    for family in dict.fromkeys(edition.family for edition in editions):
        known = [edition.standard for edition in editions if edition.family == family and edition.entries]
        if known:
            chosen = _asked(f"Edition of {family}, of {' and '.join(known)}", _only(*known))
            _keep(answers, f"standards.{family}.edition", f'"{chosen}"' if chosen else "")
    return Basics(manufacturer, model, sites, answers)


def _asked(question: str, wrong: Callable[[str], str]) -> str:
    """Return an answer with which nothing is wrong."""
    while True:
        answer = typer.prompt(question, default="", show_default=False).strip()
        if not (said := wrong(answer)):
            return str(answer)
        typer.echo(f"  {said}")


def _keep(answers: dict[str, str], path: str, answer: str) -> None:
    if answer:
        answers[path] = answer


def _words(answer: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answer.replace(",", " ").split()))


def _something(answer: str) -> str:
    return "" if answer else "this must be given"


def _current(answer: str) -> str:
    try:
        return "" if not answer or units.parse(answer, "A") > 0.0 else "it must be more than none"
    except ValueError as error:
        return str(error)


def _only(*allowed: str) -> Callable[[str], str]:
    def wrong(answer: str) -> str:
        others = [word for word in _words(answer) if word not in allowed]
        return f"{' '.join(others)!r} is none of {', '.join(allowed)}" if others else ""

    return wrong
