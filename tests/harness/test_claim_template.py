"""`claims new`: a file to fill in, which is in order as it is, and never says more than was answered."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.claim_paths import numbers_of
from harness.claim_template import Basics, template, write_template
from harness.claims import load_claims
from harness.claims_file import ClaimsFile
from harness.errors import ConfigError
from tests.harness.certify_run import CHECKOUT, command
from tests.harness.test_claims import fields


def test_a_template_is_in_order_and_declares_nothing(tmp_path: Path) -> None:
    """Nobody's default is ever a limit."""
    path = tmp_path / "new.yaml"
    write_template(path, Basics("Example Medical", "X-1: the 2nd", ("hands", "knees")))

    content = load_claims(path).content

    assert (content.device.manufacturer, content.device.model) == ("Example Medical", "X-1: the 2nd")
    assert list(content.sites) == ["hands", "knees"]
    assert numbers_of(content) == []


def test_a_template_without_a_name_is_refused_until_it_has_one(tmp_path: Path) -> None:
    """Who made what must be given, and the error says so."""
    path = tmp_path / "new.yaml"
    write_template(path, Basics())

    with pytest.raises(ConfigError, match=r"device.manufacturer"):
        load_claims(path)


def test_a_template_names_every_claim_that_there_can_be() -> None:
    """It is made from the model, and lacks none of it."""
    text = template(Basics("M", "D", ("hands",)))
    named = set(re.findall(r"([a-z_]+):", text))

    assert {name.partition(".")[2] for name, _ in fields(ClaimsFile)} <= named


def test_a_line_that_was_uncommented_and_not_filled_in_is_refused(tmp_path: Path) -> None:
    """Three dots are no number: taking the # away declares nothing by itself."""
    text = template(Basics("M", "D", ("hands",)))
    lines = [i for i, line in enumerate(text.splitlines()) if re.match(r" +# [a-z_]+: \.\.\.", line)]
    assert len(lines) > 30
    for index in lines:
        changed = text.splitlines()
        changed[index] = changed[index].replace("# ", "", 1)
        path = tmp_path / "changed.yaml"
        path.write_text("\n".join(changed), encoding="utf-8")
        with pytest.raises(ConfigError, match=rf"changed.yaml:{index + 1}: "):
            load_claims(path)


def test_a_line_that_was_filled_in_is_declared(tmp_path: Path) -> None:
    """The indentation of a commented line is the one that it needs."""
    text = template(Basics("M", "D", ("hands",)))
    text = text.replace("    # maximum: ... mA ", "    maximum: 21 mA ", 1)
    text = text.replace("  # open_electrode: ", "  open_electrode: ").replace(
        "  #   cutoff: ... s ", "    cutoff: 1 s ", 1
    )
    path = tmp_path / "filled.yaml"
    path.write_text(text, encoding="utf-8")

    content = load_claims(path).content

    assert sorted(numbers_of(content)) == ["faults.open_electrode.cutoff", "sites.hands.maximum"]


def test_a_file_that_exists_is_never_written_over(tmp_path: Path) -> None:
    """Somebody's claims are not lost by a slip."""
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")

    done = command(tmp_path, "claims", "new", path, "--no-ask", "--manufacturer", "M", "--model", "D")

    assert done.returncode == 2
    assert "never written over" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_script_is_asked_nothing(tmp_path: Path) -> None:
    """Without a terminal, or with --no-ask, the file is written from the options alone."""
    done = command(tmp_path, "claims", "new", "a.yaml", "--manufacturer", "M", "--model", "D", "--site", "feet")

    assert done.returncode == 0, done.stderr
    assert list(load_claims(tmp_path / "a.yaml").content.sites) == ["feet"]
    assert "next: python -m harness claims check a.yaml" in done.stdout


def test_on_a_terminal_the_basics_are_asked_for(tmp_path: Path) -> None:
    """A wrong answer is asked for again, an empty one leaves a claim undeclared, and the rest is in the file."""
    answers = ["", "Example Medical", "X-1", "hands, feet", "twenty", "21 mA", "", "dc", "BF"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "claims", "new", "mine.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "TERM": "dumb"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(theirs)
    os.write(ours, ("\n".join(answers) + "\n" * 30).encode())
    output = process.communicate(timeout=60)[0].decode()
    os.close(ours)

    assert process.returncode == 0, output
    content = load_claims(tmp_path / "mine.yaml").content
    assert "this must be given" in output
    assert "'twenty' must be a number with a unit" in output
    assert content.device.manufacturer == "Example Medical"
    assert content.device.applied_part == "BF"
    assert content.output is not None
    assert content.output.waveforms == ["dc"]
    assert numbers_of(content) == ["sites.hands.maximum"]
