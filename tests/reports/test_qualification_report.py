"""The report of a qualification: survivors first, nothing from the network, and every text escaped."""

import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.errors import EvidenceError
from harness.qualification_record import RECORD, load_record, write_record
from reports import curves
from reports.qualification import agreement, cell_class, cell_words, render, write_report
from reports.qualification_terminal import conclude


def finding(name: str, *, state: str = "killed", **more: Any) -> dict[str, Any]:
    """Return what came of a defect, as a record has it."""
    specimen = {
        "kind": "defect", "name": name, "title": f"title of {name}", "hazard": "burn", "breaks": "REQ-1",
        "cases": ["OUT-021"], "injection": "modified sample", "odds": 1.0, "margin": None, "limit": "",
    }  # fmt: skip
    specimen |= more.pop("specimen", {})
    cells = {"OUT": {"first": "OUT-021[x]", "margin": 3.25, "cases": 4, "seeds": 2}} if state == "killed" else {}
    return {
        "specimen": specimen, "state": state, "words": "" if state == "killed" else "nothing noticed it with seed 1",
        "expected": ["OUT-021"], "caught": 2 if cells else 0, "trials": 2, "bases": {"OUT-021": 2} if cells else {},
        "cells": cells, "detections": [], "well": state == "killed",
    } | more  # fmt: skip


def row(what: str = "F", *, hits: int = 9, well: bool = True) -> dict[str, Any]:
    """Return hits against theory, as a record has them."""
    return {
        "what": what, "hits": hits, "trials": 10, "probability": 0.975, "credible": [8, 10], "bounds": [0.4, 1.0],
        "well": well,
    }  # fmt: skip


def record(folder: Path, *findings: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the sealed record of a qualification."""
    survivors = [f["specimen"]["name"] for f in findings if not f["well"]]
    content: dict[str, Any] = {
        "format": 1, "id": "20260518-120000-abcd", "harness": "0.1.0", "tool": "a" * 64, "lock": "b" * 64,
        "host": {"utc": "2026-05-18T12:00", "host": "h", "system": "s", "python": "3.11", "packages": {"numpy": "2"}},
        "operator": "somebody", "inputs": {"claims": "c" * 64, "plans": {"OUT": "d" * 64}},
        "plans": [{"id": "OUT", "title": "Output", "revision": 1}],
        "intended_use": "To certify.", "exit_code": 1 if survivors else 0, "wall_s": 61.0,
        "risks": [{"feature": "Verdict", "failure": "false", "consequence": "burn", "rating": "highest", "shown": "x"}],
        "scope": {"healthy": 10, "defect": 2, "rare": 5, "only": [], "sample": None, "partial": ""},
        "oracles": [{"name": "O", "what": "", "source": "J", "reference": 1.0, "tolerance": 1, "value": 1, "ok": True}],
        "conclusion": "NOT FIT FOR ITS INTENDED USE" if survivors else "FIT FOR ITS INTENDED USE",
        "killed": len(findings) - len(survivors), "defects": len(findings), "survivors": survivors,
        "findings": sorted(findings, key=lambda f: bool(f["well"])),
        "alarms": {
            "runs": 30, "failed": 0, "judged": 42_000, "expected": 1e-4, "chance": 1.0, "bounds": [0.0, 0.116],
            "upper": 0.095, "undecided": 0, "undecided_expected": 0.1,
            "stopped": 0, "stopped_expected": 0.5, "stopped_chance": 1.0, "cases": {}, "ours": {}, "well": True,
        },
        "columns": [
            {"case": "OUT-021", "title": "Current", "catches": ["a"], "alone": ["a"], "must": ["a"]},
            {"case": "OUT-050", "title": "Supply", "catches": [], "alone": [], "must": []},
        ],
        "on_one_case": ["a"], "left_out": ["timer-slow"], "ours": {},
        "jobs": {"count": 34, "file": "jobs.jsonl", "sha256": "e" * 64, "heads": "f" * 64, "worker_s": 120.0},
    }  # fmt: skip
    return load_record(write_record(content | more, folder))


def test_survivors_stand_before_everything_else(tmp_path: Path) -> None:
    """The name of a defect that lives is in the verdict at the top, and its cell in the matrix is red."""
    page = render(record(tmp_path, finding("good"), finding("alive", state="survived")))

    assert page.index("NOT FIT FOR ITS INTENDED USE") < page.index("<b>alive</b>") < page.index("Intended use and risk")
    assert 'class="miss">missed' in page
    assert page.index("</b> alive<") < page.index("</b> good<")


def test_the_page_tells_what_is_unproven_and_what_hangs_on_one_case(tmp_path: Path) -> None:
    """Cases that never caught anything, defects that one case alone catches, and what was left out are named."""
    text = re.sub(r"<[^>]+>", "", render(record(tmp_path, finding("a")))).replace("\N{NO-BREAK SPACE}", " ")

    assert re.search(r"Unproven, that is never shown to catch anything: OUT-050\.", text)
    assert "Hang on one case only: a." in text
    assert "timer-slow" in text
    assert "4 · 3.25 U" in text.replace("3.3 U", "3.25 U").replace("3.2 U", "3.25 U")


def test_the_page_asks_the_network_for_nothing_and_escapes_every_text(tmp_path: Path) -> None:
    """A name that would be a script is a text, and no address is in the page."""
    page = render(record(tmp_path, finding("<script>x</script>", specimen={"hazard": "<img src=x>"}), operator="<b>me"))

    assert "<script>x" not in page
    assert "<img" not in page
    assert "<b>me" not in page
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_rates_are_drawn_beside_theory(tmp_path: Path) -> None:
    """Marginal and intermittent defects each have a drawing and a line, and a rate that is off is marked."""
    margin = {"case": "OUT-021[x]", "measure": "c", "times_u": 1.0}
    marginal = finding("m", detections=[row(), row("not P")], specimen={"margin": margin})
    seldom = finding("i", detections=[row("cases at F", hits=1, well=False)], specimen={"odds": 0.05})
    page = render(record(tmp_path, marginal, seldom))

    assert page.count('class="curve"') == 2
    assert page.count('class="seen"') == 2
    assert page.count('class="off"') == 1
    assert curves.marginal([seldom]) == ""
    assert curves.intermittent([marginal]) == ""


def test_cells_are_coloured_by_what_the_plan_must_do() -> None:
    """Caught as it must be, in part, beside it, missed, or nothing."""
    killed = finding("a")

    assert cell_class(killed, "OUT") == "kill"
    assert cell_class(killed | {"bases": {"OUT-021": 1}}, "OUT") == "part"
    assert cell_class(killed | {"expected": []}, "OUT") == "also"
    assert cell_class(killed, "SES") == "none"
    assert cell_class(finding("b", state="survived"), "OUT") == "miss"
    assert cell_class(killed | {"bases": {"OUT-030": 2}}, "OUT") == "miss"
    unmet = finding("r", state="not met, as theory lets it", detections=[row()], well=True)
    assert (cell_class(unmet, "OUT"), cell_words(unmet, "OUT")) == ("none", "not met")
    assert cell_words(finding("b", state="survived"), "OUT") == "missed"
    assert cell_words(killed | {"trials": 3}, "OUT").endswith("2 of 3")


def test_the_same_record_gives_the_same_page(tmp_path: Path) -> None:
    """A report is made from its record alone."""
    content = record(tmp_path, finding("a"))

    assert render(content) == render(load_record(tmp_path / RECORD))
    assert write_report(tmp_path / RECORD, tmp_path / "q.html").read_text(encoding="utf-8") == render(content)


def test_no_report_is_made_of_an_altered_record(tmp_path: Path) -> None:
    """Whoever improves the record gets no page of it."""
    record(tmp_path, finding("alive", state="survived"))
    path = tmp_path / RECORD
    path.write_bytes(path.read_bytes().replace(b"NOT FIT", b"FIT"))

    with pytest.raises(EvidenceError, match="altered"):
        write_report(path, tmp_path / "q.html")
    assert not (tmp_path / "q.html").exists()


def test_the_terminal_names_survivors_and_the_rate(tmp_path: Path) -> None:
    """What a person needs is on the screen: who lives, false alarms with their bound, and what to do next."""
    record(tmp_path, finding("good"), finding("alive", state="survived"))
    console = Console(width=160, record=True, force_terminal=False)
    conclude(tmp_path / RECORD, wall_s=61.0, console=console)
    text = console.export_text()

    assert "✘ defect alive survived" in text
    assert "0 false alarms in 30 certifications" in text
    assert "9.5 % (exact, 95 %)" in text
    assert "next: python -m harness certify" in text


def test_figures_that_say_nothing_are_not_said(tmp_path: Path) -> None:
    """Thousands of U are far off, a range of every count tells nothing, and without a device there is no rate."""
    far = {"first": "OUT-021[x]", "margin": 18_000.0, "cases": 1, "seeds": 2}
    few = row(hits=0) | {"credible": [0, 10]}
    content = record(tmp_path, finding("a", cells={"OUT": far}, detections=[few]))
    content["alarms"] |= {"runs": 0, "upper": 1.0, "bounds": None}
    content["scope"]["partial"] = "only a was tried"
    write_record(content, tmp_path)
    console = Console(width=160, record=True, force_terminal=False)
    conclude(tmp_path / RECORD, wall_s=61.0, console=console)
    text, page = console.export_text(), render(load_record(tmp_path / RECORD))

    assert "> 1000 U" in text
    assert "theory 0 to 10: too few to tell" in text
    assert "rate at most" not in text
    assert (agreement(few), agreement(row())) == ("too few to tell", "agrees")
    for said in (text, page):
        assert "no healthy device was tried" in said
        assert "never shown" not in said
