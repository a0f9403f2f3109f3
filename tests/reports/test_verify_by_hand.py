"""The commands of docs/verify.md, which need nothing of ours: they pass on a bundle, and find tampering."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reports.run import load
from tests.harness.certify_run import CHECKOUT
from tests.reports.tampering import Tamper, byte_flipped, drawn, line_deleted, line_edited, sample_changed
from tests.reports.test_verify import House, house

__all__ = ["house"]  # a fixture
PAGE = CHECKOUT / "docs" / "verify.md"
CHAIN, WAVEFORMS, INPUTS, MANIFEST, SEAL = range(1, 6)


def commands() -> list[str]:
    """Return the commands of the page, a block that is indented by four spaces each."""
    text = PAGE.read_text(encoding="utf-8").partition("## Without our program")[2]
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks]


def by_hand(number: int, folder: Path, trust: Path) -> "subprocess.CompletedProcess[str]":
    """Run one of them in the folder of a run, as an auditor would."""
    script = f"set -euo pipefail\n{commands()[number]}".replace("/tmp/seal", str(folder.parent / "seal"))  # noqa: S108
    environment = {"PATH": os.environ["PATH"], "TRUST": str(trust)}
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_an_auditor_without_our_program_finds_a_bundle_whole(house: House) -> None:
    """Head, chain, waveforms, inputs, manifest and seal are checked with sha256sum, openssl and a short script."""
    done = [by_hand(number, house.sealed, house.trust) for number in range(len(commands()))]

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 6
    run = load(house.sealed)
    assert done[0].stdout.split()[0] == run.head
    assert done[CHAIN].stdout.split() == [str(run.count), run.head]
    assert "Signature Verified Successfully" in done[SEAL].stdout
    assert done[MANIFEST].stdout.split()[0] in done[SEAL].stdout


@pytest.mark.parametrize(
    ("tamper", "numbers"),
    [
        pytest.param(line_edited, {CHAIN, MANIFEST}, id="line edited"),
        pytest.param(line_deleted, {CHAIN, MANIFEST}, id="line deleted"),
        pytest.param(sample_changed, {WAVEFORMS, MANIFEST}, id="sample changed"),
        pytest.param(byte_flipped("inputs/"), {INPUTS, MANIFEST}, id="byte of an input flipped"),
        pytest.param(byte_flipped("environment.json"), {INPUTS, MANIFEST}, id="byte of the environment flipped"),
        pytest.param(byte_flipped("report.html"), {MANIFEST}, id="byte of the report flipped"),
    ],
)
def test_an_auditor_without_our_program_finds_tampering(
    house: House, tmp_path: Path, tamper: Tamper, numbers: set[int]
) -> None:
    """The commands that look at what was changed fail, and the others pass."""
    folder = tmp_path / "run"
    shutil.copytree(house.sealed, folder)
    tamper(folder, house.other, drawn("by hand"))

    failed = {
        number for number in (CHAIN, WAVEFORMS, INPUTS, MANIFEST) if by_hand(number, folder, house.trust).returncode
    }

    assert failed == numbers
