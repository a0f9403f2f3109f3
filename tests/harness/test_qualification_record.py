"""The record of a qualification: sealed, whole, and stamped on every run until something changes."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.documents import package_file
from harness.errors import ConfigError, EvidenceError
from harness.oracles import run_oracles
from harness.qualification import FIT, NOT_FIT, JobLog, Kind, Outcome, Specimen, tool_digest
from harness.qualification_record import RECORD, Scope, inputs, load_record, record, seal, write_record
from harness.qualification_results import results
from harness.stamp import stale, stamp
from tests.harness.qualified import OUT, SES, defect, healthy, outcome, ready

BENCH = package_file("fixtures", "benches", "virtual.yaml")
READY = ready(OUT, SES)
SCOPE = Scope(3, 1, 1, (), None)
HOST = {"utc": "2026-05-18T12:00:00+00:00", "host": "h", "system": "s", "python": "3", "packages": {"numpy": "2"}}


def made(folder: Path, *outcomes: Outcome, scope: Scope = SCOPE) -> dict[str, Any]:
    """Return the record of a qualification with these outcomes and some healthy devices."""
    known = [*outcomes, *healthy(3)]
    log = JobLog(folder / "jobs.jsonl", {"tool": "t", **inputs(READY, BENCH)})
    for one in known:
        log.add(one)
    fault = Specimen(Kind.BENCH_FAULT, "lead-off", "a lead is off", limit="any")
    return record(
        name=folder.name,
        ready=READY,
        bench=BENCH,
        tool=tool_digest(),
        scope=scope,
        results=results([defect(), fault], known, READY.cases),
        outcomes=known,
        log=log.path,
        oracles=run_oracles(),
        operator="somebody",
        host=HOST,
        wall_s=1.0,
    )


def killed() -> Outcome:
    """Return what came of a defect that was caught."""
    return outcome(Kind.DEFECT, "strong", 1, "OUT-021[x]")


def test_a_record_holds_what_a_validation_asks_for(tmp_path: Path) -> None:
    """Intended use, risks with the false pass on top, versions, hashes, oracles, matrix, who, when, conclusion."""
    content = load_record(write_record(made(tmp_path, killed()), tmp_path))

    assert content["conclusion"] == FIT
    assert content["exit_code"] == 0
    assert "false pass" in content["risks"][0]["failure"]
    assert content["risks"][0]["rating"] == "highest"
    assert content["operator"] == "somebody"
    assert content["inputs"]["plans"].keys() == {"OUT", "SES"}
    assert all(oracle["ok"] for oracle in content["oracles"])
    assert (content["killed"], content["defects"]) == (1, 1)
    assert len(content["jobs"]["sha256"]) == len(content["tool"]) == 64


def test_a_survivor_makes_it_unfit_and_is_named(tmp_path: Path) -> None:
    """The conclusion follows the survivor, whatever else went well."""
    content = made(tmp_path, outcome(Kind.DEFECT, "strong", 1))

    assert content["conclusion"] == NOT_FIT
    assert content["exit_code"] == 1
    assert content["survivors"] == ["strong"]


def test_a_sample_is_never_a_whole_qualification(tmp_path: Path) -> None:
    """Nothing wrong was found, and fitness is not concluded either."""
    content = made(tmp_path, killed(), scope=Scope(3, 1, 1, (), 4))

    assert content["conclusion"] not in (FIT, NOT_FIT)
    assert "sample" in content["scope"]["partial"]


def test_without_rare_defects_it_is_not_whole(tmp_path: Path) -> None:
    """Detection at the rate of theory is a part of what must be shown."""
    assert "marginal" in made(tmp_path, killed(), scope=Scope(3, 1, 0, (), None))["scope"]["partial"]


def test_only_more_seeds_of_the_same_go_on_with_what_was_begun() -> None:
    """Anything else would count a part of the jobs; of more seeds another sample would be drawn."""
    begun = Scope(3, 1, 1, ("a", "b"), None)

    assert Scope(3, 1, 1, ("b", "a"), None).goes_on_with(begun)
    assert Scope(4, 1, 2, ("a", "b"), None).goes_on_with(begun)
    assert not Scope(4, 0, 2, ("a", "b"), None).goes_on_with(begun)
    assert not Scope(3, 1, 1, (), None).goes_on_with(begun)
    assert not Scope(4, 1, 1, (), 5).goes_on_with(Scope(3, 1, 1, (), 5))


def test_a_record_of_other_content_is_no_qualification(tmp_path: Path) -> None:
    """A seal that is right on something else does not end a run: the stamp says that there is none."""
    content = made(tmp_path, killed())
    del content["alarms"]
    write_record(content, tmp_path)

    assert "no record" in stamp(READY, tmp_path)["missing"]


@pytest.mark.parametrize("change", [("killed", 99), ("survivors", []), ("conclusion", FIT), ("sha256", "0" * 64)])
def test_an_altered_record_is_refused(tmp_path: Path, change: tuple[str, Any]) -> None:
    """Whoever improves a record breaks its seal."""
    path = write_record(made(tmp_path, outcome(Kind.DEFECT, "strong", 1)), tmp_path)
    content = orjson.loads(path.read_bytes())
    content[change[0]] = change[1]
    path.write_bytes(orjson.dumps(content))

    with pytest.raises(EvidenceError, match="altered"):
        load_record(path)


def test_the_seal_is_of_what_is_written(tmp_path: Path) -> None:
    """A record that was read has the seal that it was given, in whatever order its keys stand."""
    path = write_record(made(tmp_path, killed()), tmp_path)
    content = orjson.loads(path.read_bytes())

    assert seal(dict(reversed(list(content.items())))) == content["sha256"]


def test_a_stamp_tells_what_each_case_was_shown_to_catch(tmp_path: Path) -> None:
    """It names the qualification, and is not stale while nothing changes."""
    write_record(made(tmp_path, killed()), tmp_path)
    said = stamp(READY, tmp_path)

    assert said["stale"] == []
    assert said["caught"]["OUT-021"] == ["strong"]
    assert said["caught"]["SES-010"] == []
    assert said["conclusion"] == FIT


def test_what_changed_makes_it_stale_and_is_said(tmp_path: Path) -> None:
    """Another version, another source, another plan and a plan that had no part are each told."""
    content = made(tmp_path, killed())

    assert "harness was 0.0.9" in stale({**content, "harness": "0.0.9"}, READY, content["tool"])[0]
    assert "file of the harness changed" in stale(content, READY, "f" * 64)[0]
    other = {**content, "inputs": {**content["inputs"], "plans": {"OUT": "0" * 64}}}
    assert stale(other, READY, content["tool"]) == ["the plan OUT changed", "the plan SES had no part in it"]


def test_without_a_qualification_the_stamp_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder is no error, and a folder that was named and holds none is."""
    monkeypatch.chdir(tmp_path)

    assert "was not qualified" in stamp(READY, None)["missing"]
    with pytest.raises(ConfigError, match=RECORD):
        stamp(READY, tmp_path)


def test_the_last_qualification_of_the_working_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several the one that was made last; one that was altered is not trusted, and is said."""
    import os

    monkeypatch.chdir(tmp_path)
    for age, name in enumerate(("b", "a")):
        folder = tmp_path / "qualifications" / name
        folder.mkdir(parents=True)
        path = write_record(made(folder, killed()), folder)
        os.utime(path, ns=(age * 10**9, age * 10**9))

    assert stamp(READY, None)["id"] == "a"
    path.write_bytes(path.read_bytes().replace(b"somebody", b"nobody"))
    os.utime(path, ns=(2 * 10**9, 2 * 10**9))
    assert "altered" in stamp(READY, None)["missing"]
