"""Verifying a bundle: tampering of every kind is found and named, and an untouched bundle raises no alarm."""

import os
import shutil
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pytest

from fixtures.bench_told import tell_bench
from harness.bundle import write_manifest
from harness.clock import host_utc
from harness.identity import Role, read_anchors
from harness.keys import issue, make_lab, unlock
from harness.signing import Lab, Signer, seal, sign
from reports.run import load
from reports.statement import began, operator, result
from reports.verify import Anchors, Finding, exit_code, verify
from tests.harness.certify_run import certify, command
from tests.reports.tampering import CHAIN_REMADE, PLAIN, SEALED, Tamper, drawn, files, lines, put
from tests.reports.untouched import untouched

# BUNDLES=100 tries a hundred, of every kind that there is; else one that fails, lacks claims, was killed, was stopped.
EVERY = os.environ.get("MUTATIONS") == "all"
BUNDLES, SOME_BUNDLES = os.environ.get("BUNDLES", ""), (1, 2, 3, 5)
OF_LAB, OF_TESTER, OF_REVIEWER = "the lab's own words", "the tester's own words", "the reviewer's own words"


@dataclass(frozen=True)
class House:
    """A lab with a tester and a reviewer, and two runs, each sealed, and as it was before."""

    folder: Path
    trust: Path
    unsealed: Path
    sealed: Path
    other: Path


def made_lab(folder: Path) -> Lab:
    """Return a lab with a tester and a reviewer."""
    anchor = make_lab(folder, "A test house", OF_LAB, host_utc())
    people = (
        ("a.tester", "A. Tester", Role.TESTER, OF_TESTER),
        ("b.reviewer", "B. Reviewer", Role.REVIEWER, OF_REVIEWER),
    )
    for code, name, role, words in people:
        issue(folder, code, name, [role], lab_passphrase=OF_LAB, passphrase=words, utc=host_utc())
    return Lab(folder, read_anchors(anchor))


def sealed(folder: Path, lab: Lab) -> None:
    """Seal a run, and sign it as tester and as reviewer."""
    run = load(folder)
    tester = unlock(lab.folder, "a.tester", OF_TESTER, host_utc())
    reviewer = unlock(lab.folder, "b.reviewer", OF_REVIEWER, host_utc())
    seal(folder, lab, tester, result(run), began=began(run), utc=host_utc())
    for key, role in ((tester, Role.TESTER), (reviewer, Role.REVIEWER)):
        said = Signer(key, role, "I looked at all of it", operator=operator(run), obstacles=[], utc=host_utc())
        sign(folder, lab, said)


def small_run(runs: Path, seed: int = 1) -> Path:
    """Return the folder of a short run of a few values and two waveforms."""
    return certify(runs, "session_timing", only=["SES-040*"], seed=seed, operator="A. Tester").folder


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a lab and two runs."""
    home = tmp_path_factory.mktemp("house")
    lab = made_lab(home / "lab")
    one, other = small_run(home / "runs"), small_run(home / "runs", seed=2)
    shutil.copytree(one, home / "unsealed")
    sealed(one, lab)
    sealed(other, lab)
    return House(home, home / "lab" / "ca.crt.pem", home / "unsealed", one, other)


def told(found: list[Finding]) -> str:
    """Return findings in words."""
    return "\n".join(map(str, found))


def cases(kinds: dict[str, tuple[Tamper, int]]) -> list[object]:
    """Return each kind as often as it is tried, with a seed of its own; a quarter of that unless MUTATIONS=all."""
    return [
        pytest.param(tamper, f"{name} {number}", id=f"{name} {number}")
        for name, (tamper, count) in kinds.items()
        for number in range(count if EVERY else ceil(count / 4))
    ]


@pytest.mark.parametrize(("tamper", "seed"), cases(PLAIN | SEALED))
def test_tampering_with_a_sealed_bundle_is_found_and_named(
    house: House, tmp_path: Path, tamper: Tamper, seed: str
) -> None:
    """Whatever is changed in a sealed bundle is found, and a finding names the file, and of a record the line."""
    folder = tmp_path / "run"
    shutil.copytree(house.sealed, folder)
    traces = tamper(folder, house.other, drawn(seed))

    found = verify(folder, Anchors(trust=house.trust))

    assert exit_code(found) == 1
    said = [one for one in found if one.wrong and one.where == traces.where]
    assert said, f"{traces.where} is not named in:\n{told(found)}"
    assert any(words in one.what for one in said for words in traces.words), f"{traces.words} is not in:\n{told(found)}"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", CHAIN_REMADE)
def test_a_chain_that_was_remade_is_found_by_what_contradicts_itself(
    house: House, tmp_path: Path, name: str, seed: int
) -> None:
    """Without any seal, a forger who remakes the chain is caught where the record contradicts itself."""
    folder = tmp_path / "run"
    shutil.copytree(house.unsealed, folder)
    traces = CHAIN_REMADE[name](folder, house.other, drawn(f"{name} {seed}"))
    (folder / "report.html").unlink()

    found = verify(folder, Anchors())

    said = [one for one in found if one.where == traces.where]
    assert any(words in one.what for one in said for words in traces.words), f"{traces.words} is not in:\n{told(found)}"


@pytest.mark.parametrize("name", CHAIN_REMADE)
def test_a_chain_that_was_remade_is_not_what_was_sealed(house: House, tmp_path: Path, name: str) -> None:
    """A remade chain is whole in itself, and is not the one that the seal is over."""
    folder = tmp_path / "run"
    shutil.copytree(house.sealed, folder)
    CHAIN_REMADE[name](folder, house.other, drawn(name))

    found = verify(folder, Anchors(trust=house.trust))

    assert "record.jsonl: was altered or swapped: manifest.json has" in told(found)


def test_another_lab_does_not_count(house: House, tmp_path: Path) -> None:
    """A bundle sealed anew with keys of another lab is whole, and nobody that is trusted sealed it."""
    folder = tmp_path / "run"
    shutil.copytree(house.unsealed, folder)
    sealed(folder, made_lab(tmp_path / "lab"))

    assert exit_code(verify(folder, Anchors(trust=tmp_path / "lab" / "ca.crt.pem"))) == 0
    found = verify(folder, Anchors(trust=house.trust))

    assert exit_code(found) == 1
    assert {one.where.partition("/")[0] for one in found} == {"seal.dsse.json", "signatures"}, told(found)


def test_a_signature_that_was_taken_away_shows_in_the_journal(house: House, tmp_path: Path) -> None:
    """A signature rolled back leaves a bundle that is whole; the journal of the lab knows that there was one."""
    folder = tmp_path / "run"
    shutil.copytree(house.sealed, folder)
    (folder / "signatures" / "0002-reviewer.dsse.json").unlink()

    found = verify(folder, Anchors(trust=house.trust))

    assert "signatures/0002-reviewer.dsse.json" in told(found)
    assert exit_code(found) == 1


def test_a_run_in_the_place_of_another_is_found(house: House, tmp_path: Path) -> None:
    """The record and waveforms of another run, under the seal of this one, are not what was sealed."""
    folder = tmp_path / "run"
    shutil.copytree(house.sealed, folder)
    shutil.copyfile(house.other / "record.jsonl", folder / "record.jsonl")
    shutil.copytree(house.other / "waveforms", folder / "waveforms", dirs_exist_ok=True)

    assert "record.jsonl: was altered or swapped" in told(verify(folder, Anchors(trust=house.trust)))


def test_an_untouched_bundle_raises_no_alarm(house: House, tmp_path: Path) -> None:
    """A sealed bundle is OK, also copied to another folder; unsealed, it is not wrong, and not proven."""
    shutil.copytree(house.sealed, tmp_path / "elsewhere")

    assert verify(house.sealed, Anchors(trust=house.trust)) == []
    assert verify(tmp_path / "elsewhere", Anchors(trust=house.trust)) == []
    assert verify(house.sealed / "report.html", Anchors(trust=house.trust)) == []
    assert exit_code(verify(house.unsealed, Anchors())) == 3


@pytest.mark.parametrize("number", range(int(BUNDLES)) if BUNDLES else SOME_BUNDLES)
def test_an_untouched_bundle_of_any_kind_raises_no_alarm(house: House, tmp_path: Path, number: int) -> None:
    """Runs of other plans, seeds, devices and benches, that pass, fail, or end early, are OK when they are sealed."""
    folder = untouched(number, tmp_path)
    head = load(folder).head

    assert [one for one in verify(folder, Anchors(), tell_bench) if one.wrong] == []
    assert verify(folder, Anchors(head=head), tell_bench) == []
    if load(folder).complete:
        sealed(folder, Lab(house.folder / "lab", read_anchors(house.trust)))
        assert verify(folder, Anchors(trust=house.trust), tell_bench) == []


def test_one_number_stands_for_every_byte(house: House, tmp_path: Path) -> None:
    """Whoever was told the SHA-256 of the manifest needs no seal, and no other number will do."""
    folder = tmp_path / "run"
    shutil.copytree(house.unsealed, folder)
    number = write_manifest(folder)

    assert verify(folder, Anchors(manifest=number)) == []
    assert verify(folder, Anchors(head=load(folder).head)) == []
    assert exit_code(verify(folder, Anchors(manifest=number[::-1]))) == 1
    assert exit_code(verify(folder, Anchors(head=number))) == 1


def test_a_record_that_ends_early_is_not_called_forged(house: House, tmp_path: Path) -> None:
    """A killed run cannot be told from a cut tail, unless somebody vouches for where it ended."""
    folder = tmp_path / "run"
    shutil.copytree(house.unsealed, folder)
    (folder / "report.html").unlink()
    put(folder, [line for line in lines(folder) if b'"type":"run_ended"' not in line])

    found = verify(folder, Anchors())

    assert exit_code(found) == 3
    assert "interrupted, or lines were cut off" in told(found)
    assert verify(folder, Anchors(head=load(folder).head)) == []


def test_inputs_are_what_the_run_was_given(house: House) -> None:
    """Plan, methods, claims, bench, standards, answers and results of others lie in the bundle as copies."""
    names = files(house.unsealed)

    for name in ("plans/session_timing.yaml", "methods/test_plans/session_timing.py", "claims/reference.yaml",
                 "bench/virtual.yaml", "hazards.yaml", "standards/iec-60601-2-10.yaml", "others/reference.yaml",
                 "inspections/reference.yaml", "external_results/example-emc.md"):  # fmt: skip
        assert f"inputs/{name}" in names


def test_the_command_says_what_is_wrong_and_exits_with_it(house: House, tmp_path: Path) -> None:
    """`verify` exits with 0, 1, 2 and 3, and names the line."""
    folder = tmp_path / "run"
    shutil.copytree(house.sealed, folder)
    record = lines(folder)
    put(folder, [record[0], record[1].replace(b"Keysight", b"Keysighd"), *record[2:]])

    good = command(tmp_path, "verify", house.sealed, "--trust", house.trust)
    bad = command(tmp_path, "verify", folder, "--trust", house.trust)
    unproven = command(tmp_path, "verify", house.unsealed)
    nothing = command(tmp_path, "verify", tmp_path)

    assert (good.returncode, bad.returncode, unproven.returncode, nothing.returncode) == (0, 1, 3, 2)
    assert "OK" in good.stdout
    assert "record.jsonl: line 2 was altered" in bad.stdout
