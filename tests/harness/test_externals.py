"""External results: a report that is there and is the one recorded, and never a pass of our own."""

import hashlib
from pathlib import Path

import pytest

from harness.cases import PlannedCase
from harness.clock import WallClock
from harness.commands import compose
from harness.commands.options import REFERENCE_CLAIMS
from harness.errors import ConfigError
from harness.executor import run_case
from harness.externals import ExternalResult, load_externals
from harness.limits import Verdict
from harness.record import Record, read_record
from tests.harness.bench_of_nothing import CLAIMS, PLAN, EmptyBench
from tests.harness.certify_run import certify

REPORT = b"pH stays between 6 and 8"
HASH = hashlib.sha256(REPORT).hexdigest()
FILE = f"""\
external_results: T
revision: 1
device: REF-30
item: any
results:
  ZZZ-001:
    laboratory: Example Laboratories
    accreditation: none
    report: "4711"
    date: "2026-05-01"
    result: pass
    file: report.txt
    sha256: {HASH}
"""
CASES = """\
plan: ZZZ
title: t
revision: 1
purpose: p
does_not_cover: [everything else]
cases:
  - {id: ZZZ-001, title: pH, verifies: [REQ-OUT-001], external: Does the device keep a safe pH?}
"""


def _files(folder: Path, text: str = FILE, report: bytes = REPORT) -> Path:
    (folder / "report.txt").write_bytes(report)
    (folder / "zzz.yaml").write_text(CASES)
    path = folder / "results.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "report", "error"),
    [
        (FILE, b"another one", r"results\.yaml:13: results\.ZZZ-001\.sha256: the report .* must have " + HASH),
        (FILE.replace("report.txt", "gone.txt"), REPORT, r"results\.yaml:12: results\.ZZZ-001\.file: .*cannot be read"),
        (FILE.replace("2026-05-01", "yesterday"), REPORT, r"results\.yaml:10: results\.ZZZ-001\.date"),
        (FILE.replace("result: pass", "result: fine"), REPORT, r"results\.yaml:11: results\.ZZZ-001\.result"),
        (FILE.replace(HASH, HASH[:10]), REPORT, r"results\.yaml:13: results\.ZZZ-001\.sha256"),
        (FILE.replace("    laboratory: Example Laboratories\n", ""), REPORT, "laboratory: this key is missing"),
    ],
)
def test_a_result_without_its_report_is_refused(tmp_path: Path, text: str, report: bytes, error: str) -> None:
    """What was recorded must be there, whole, and be the same report; the place in the file is named."""
    with pytest.raises(ConfigError, match=error):
        load_externals(_files(tmp_path, text, report))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (FILE.replace("REF-30", "SwiSto3"), r"results\.yaml:3: device: .*must be about 'REF-30'"),
        (
            FILE.replace("ZZZ-001", "ZZZ-009"),
            r"results\.yaml:6: results\.ZZZ-009: no plan asks .*asked for are ZZZ-001",
        ),
    ],
)
def test_a_result_that_is_about_something_else_is_refused(tmp_path: Path, text: str, error: str) -> None:
    """Neither a result of another device nor one that no plan asks for is taken."""
    path = _files(tmp_path, text)

    with pytest.raises(ConfigError, match=error):
        compose.prepared(REFERENCE_CLAIMS, [tmp_path / "zzz.yaml"], None, path)


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        ("pass", Verdict.NOT_APPLICABLE, f": pass (sha256 {HASH}); no evaluation of ours"),
        ("not applicable", Verdict.NOT_APPLICABLE, ": not applicable (sha256"),
        ("fail", Verdict.FAIL, ": fail (sha256"),
        (None, Verdict.NOT_EVALUATED, "no external result is recorded"),
    ],
)
def test_a_result_is_never_a_pass(tmp_path: Path, said: str | None, verdict: Verdict, words: str) -> None:
    """A laboratory's pass is N/A here, with whose it is; its fail is F, and nothing recorded is N/E."""
    result = None
    if said is not None:
        path = _files(tmp_path, FILE.replace("result: pass", f"result: {said}"))
        result = load_externals(path).content.results["ZZZ-001"]

    came_to, rows = _run(tmp_path, result)

    assert came_to == verdict
    assert words in rows[-1]["data"]["reason"]  # type: ignore[index]


def _run(folder: Path, result: ExternalResult | None) -> tuple[Verdict, list[dict[str, object]]]:
    case = PlannedCase("ZZZ-001", "ZZZ-001", PLAN, "pH", ("REQ-OUT-001",), external="Does the device keep a safe pH?")
    record = Record(folder / "record.jsonl", WallClock())
    try:
        came_to = run_case(case, None, CLAIMS, EmptyBench(), record, external=result)
    finally:
        record.close()
    return came_to.verdict, list(read_record(record.path))


def test_a_run_says_whose_result_it_is(tmp_path: Path) -> None:
    """`certify --external` takes results up: exit 3, because nothing was judged, with the report's hash as reason."""
    path = _files(tmp_path)

    run = certify(tmp_path / "runs", tmp_path / "zzz.yaml", external=path)

    assert run.code == 3
    verdict, reason = run.verdicts()["ZZZ-001"]
    assert verdict == "N/A"
    assert reason == (
        f"external result: Example Laboratories (none), report 4711, 2026-05-01: pass (sha256 {HASH}); "
        "no evaluation of ours"
    )


def test_a_result_of_another_item_is_noted(tmp_path: Path) -> None:
    """What was found of one item is not taken silently for another; a real bench refuses it, as it does answers."""
    path = _files(tmp_path, FILE.replace("item: any", "item: SN-0042"))

    run = certify(tmp_path / "runs", tmp_path / "zzz.yaml", external=path)

    assert [note["text"] for note in run.of("note") if "the external results have it" in note["text"]] == [
        "the item says that its serial number is 'V0001', and must be 'SN-0042' as the external results have it"
    ]


def test_a_fail_elsewhere_is_a_fail_here(tmp_path: Path) -> None:
    """The device does not comply if another laboratory found that it does not, and the end check withdraws nothing."""
    path = _files(tmp_path, FILE.replace("result: pass", "result: fail"))

    run = certify(tmp_path / "runs", tmp_path / "zzz.yaml", external=path)

    assert run.code == 1
    assert run.verdicts()["ZZZ-001"][0] == "F"
