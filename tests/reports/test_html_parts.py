"""Tests of what a report page is made of: walks, samples, first page, sign-off, and what others wrote."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from harness.errors import EvidenceError
from harness.signing import Signer, sign
from reports import load
from reports.amended import latest
from reports.clauses import clause_results
from reports.first_page import Places, exceptions
from reports.html import render, write_report
from reports.html_walks import packed
from reports.html_waves import envelope, points_each, waveforms
from reports.numbers import grouped
from reports.run import Run
from reports.summary import Budget, not_tested
from reports.verify import Anchors, verify
from reports.view import budget_view
from reports.why import walks
from tests.harness.small_lab import key_of, later, small_lab
from tests.reports.small_records import small_record
from tests.reports.small_run import approvable
from tests.reports.test_vouching import ALL, complete

ASSETS = Path(__file__).parents[2] / "reports" / "templates" / "assets"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with every kind of result."""
    return load(small_record(tmp_path_factory.mktemp("runs") / "run").write())


def test_the_range_of_a_budget_ends_with_the_uncertainty_that_it_shows(run: Run) -> None:
    """Both are rounded up: "5.000 ± 0.013, U from 0.011 to 0.012" would contradict itself."""
    shown = replace(run.rows.measurements[0], U=0.0121, u=0.00605, value=5.0)
    told = budget_view(Budget("current", shown, 2, 0.0101, ()))
    assert told.heading.startswith("5.000 ± 0.013")
    assert "U from 0.011 to 0.013" in told.heading


def test_what_is_packed_is_every_walk(run: Run) -> None:
    """Unpacked, the data of the page is word by word what `why` tells, of every value and every case."""
    kept = packed(run)

    def links(numbers: list[int]) -> list[tuple[str, ...]]:
        return [tuple(kept["texts"][text] for text in kept["links"][number]) for number in numbers]

    for found, case in zip(walks(run, run.rows.cases.values()), kept["cases"].values(), strict=True):
        assert case[:4] == [found.case.case, found.case.title, found.case.verdict, found.case.reason]
        assert links(case[4]) == [(link.title, *link.lines) for link in found.links]
        for value in found.values:
            name, verdict, numbers = kept["values"].pop(str(value.seq))
            assert (kept["texts"][name], verdict) == (value.name, value.verdict)
            assert links(numbers) == [(link.title, *link.lines) for link in value.links]
    assert kept["values"] == {}
    assert len(set(kept["texts"])) == len(kept["texts"])


@given(
    arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e6, 1e6) | st.just(float("nan"))), st.integers(2, 30)
)
def test_an_envelope_keeps_the_extremes_of_each_group(values: NDArray[np.float64], each: int) -> None:
    """Smallest and largest of every group are there, in the order in which they came, and nothing else."""
    pairs = envelope(values, each).reshape(-1, 2)

    assert len(pairs) == -(-len(values) // each)
    for index, pair in enumerate(pairs):
        group = values[index * each : (index + 1) * each]
        finite = group[np.isfinite(group)]
        if not len(finite):
            assert np.isnan(pair).all()
            continue
        assert sorted(pair) == [finite.min(), finite.max()]
        places = [int(np.argmax(group == one)) for one in pair]
        assert places[0] <= places[1] or finite.min() == finite.max()


def test_samples_of_a_page_are_those_of_the_file(run: Run) -> None:
    """Unpacked as the page does it, each sample is right to one part in 65,534 of the span, at its own time."""
    for wave in waveforms(run):
        closer, row = wave["closer"], wave["row"]
        levels = np.frombuffer(base64.b64decode(closer["levels"]), dtype="<u2")
        values = closer["low"] + (closer["high"] - closer["low"]) * levels / 65534
        samples = run.waveform(row).values
        each = round(2 * closer["step_s"] / row.interval_s)

        assert closer["step_s"] * len(levels) == pytest.approx(row.interval_s * len(samples), rel=0.01)
        assert np.abs(values - envelope(samples, each)).max() <= (samples.max() - samples.min()) / 65534
        assert len(levels) <= 4000


def test_many_waveforms_share_the_room() -> None:
    """Up to two thousand waveforms together have at most a million samples in a page, and each has five hundred."""
    for count in (0, 1, 250, 251, 377, 2000):
        assert 500 <= points_each(count) <= 4000
        assert count * points_each(count) <= 1_000_000


def test_first_page_names_or_counts_all_that_is_no_plain_pass(run: Run) -> None:
    """Every case that is not P is named, every requirement not tested, and clauses are counted, with their place."""
    places = Places("the exceptions", "the requirements", "the clauses", "the selection")

    told = list(exceptions(run, places))

    named = {name for one in told for name in one.names}
    for case in run.rows.cases.values():
        assert case.verdict == "P" or named & {case.case, case.base}
    assert {requirement.requirement for requirement in not_tested(run)} <= named
    for one in told:
        assert not one.names or re.search("the (exceptions|requirements)", one.after)
    counts = run.counts
    assert f"{counts['F']} failed, {counts['N/E']} not evaluated" in told[0].before
    assert told[0].lead == f"{grouped(len(run.rows.cases))} cases:"
    left = [result for result in clause_results(run) if result.state != "P"]
    clauses = [one for one in told if one.lead.startswith("Clauses")]
    assert len(clauses) == bool(left)
    assert all(one.before.startswith(f"{len(left)} of ") and "the clauses" in one.before for one in clauses)


def test_a_signature_or_amendment_that_nobody_can_read_is_told_in_one_line(tmp_path: Path) -> None:
    """A file of brackets without end is no statement: the page says so, and an amendment is refused by its name."""
    folder = approvable(tmp_path / "run")
    for name in ("signatures", "amendments"):
        (folder / name).mkdir()
    (folder / "signatures" / "0001-tester.dsse.json").write_text("[" * 100_000)
    (folder / "amendments" / "0001.dsse.json").write_text("[" * 100_000)

    assert "0001-tester.dsse.json cannot be read" in render(load(folder))
    with pytest.raises(EvidenceError, match=r"0001\.dsse\.json is no statement that can be read"):
        latest(load(folder))


def test_a_page_says_who_signed_and_is_the_same_report_before_and_after(tmp_path: Path) -> None:
    """Made before the seal, after it, or after all have signed: each page is right, and an altered one is named."""
    lab = small_lab(tmp_path / "lab")
    folder = approvable(tmp_path / "run")
    unsigned = write_report(load(folder), folder / "report.html").read_text(encoding="utf-8")
    complete(folder, lab)
    everybody = render(load(folder))

    def told(page: str) -> list[str]:
        (folder / "report.html").write_text(page, encoding="utf-8")
        return [one.where for one in verify(folder, Anchors()) if one.where == "report.html"]

    assert "Nobody had sealed or signed this record" in unsigned
    assert unsigned.count("not signed") == 3
    assert "not signed" not in everybody
    for name in ("A. Operator", "R. Viewer", "A. Prover", "as approver", "2026-02-02T12:03:00+00:00"):
        assert name in everybody
    assert told(unsigned) == []
    assert told(everybody) == []
    assert told(render(load(folder), 2)) == []
    assert told(everybody.replace("A. Prover", "B. Prover")) == ["report.html"]
    assert told(everybody.replace('data-statements="4"', 'data-statements="9"')) == ["report.html"]


def test_a_report_that_was_made_again_keeps_nobody_from_signing(tmp_path: Path) -> None:
    """People sign the data: a page that shows the signatures so far may lie beside it."""
    lab = small_lab(tmp_path / "lab")
    folder = approvable(tmp_path / "run")
    write_report(load(folder), folder / "report.html")
    complete(folder, lab)
    (folder / "signatures" / "0003-approver.dsse.json").unlink()
    write_report(load(folder), folder / "report.html")

    signer = Signer(key_of(lab, ALL[2][0]), ALL[2][1], "again", operator="", obstacles=(), utc=later(9))
    sign(folder, lab, signer)

    assert "again" in render(load(folder))


def test_what_others_wrote_is_as_they_published_it(run: Run) -> None:
    """Each file has the SHA-256 that is noted beside it, and a report carries the licence with the program."""
    noted = dict(re.findall(r"`(uPlot[^`]*)` \|.*`([0-9a-f]{64})`", (ASSETS / "README.md").read_text(encoding="utf-8")))

    assert set(noted) == {"uPlot.iife.min.js", "uPlot.min.css"}
    for name, sha256 in noted.items():
        assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == sha256
    page = render(run)
    assert (ASSETS / "uPlot.LICENSE.md").read_text(encoding="utf-8") in page
    assert (ASSETS / "uPlot.iife.min.js").read_text(encoding="utf-8") in page
