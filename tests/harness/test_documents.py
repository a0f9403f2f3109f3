"""Strict YAML: every slip is one error that names file, line and key."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.documents import Ampere, Strict, load, parse
from harness.errors import ConfigError


class _Limit(Strict):
    high: Ampere


class _File(Strict):
    name: str
    count: int = 1
    limits: dict[str, _Limit] = {}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("name: a\nname: b\n", r"f\.yaml:2: key 'name' is given twice"),
        ("name: &x a\ncount: *x\n", r"f\.yaml:1: .*aliases"),
        (
            "name: a\nlimits:\n  i: {hgih: 2 mA}\n",
            r"f\.yaml:3: .*'hgih' is not a key here .did you mean 'high'",
        ),
        (
            "name: a\nlimits:\n  i: {high: 2 V}\n",
            r"f\.yaml:3: .*'2 V' must be in one of these units: A, mA",
        ),
        ("name: a\nlimits:\n  i: {high: 2}\n", r"f\.yaml:3: limits\.i\.high: 2 must be a number with a unit"),
        ("count: 2\n", r"f\.yaml:1: name: this key is missing"),
        ("name: a\ncount: two\n", r"f\.yaml:2: count: must be a valid integer, not 'two'"),
        ("name: [\n", r"f\.yaml:2: this is not YAML"),
        ("name: !!python/object:os.system a\n", r"f\.yaml:1: "),
        ("name: a\n---\nname: b\n", r"f\.yaml:2: this is not YAML"),
        ("", r"f\.yaml:1: the file is empty"),
        ("<<: {name: a}\n", r"f\.yaml:1: .*merge keys"),
        ("- name\n", r"f\.yaml:1: "),
        ("[" * 300_000 + "]" * 300_000, r"f\.yaml:1: .*nested too deeply"),
        ("- " * 300_000 + "a", r"f\.yaml:1: .*nested too deeply"),
        ("[" * 5000 + "]" * 5000, r"f\.yaml:1: .*nested too deeply"),
    ],
)
def test_a_slip_in_a_file_is_one_error_with_its_place(tmp_path: Path, text: str, error: str) -> None:
    """Keys given twice, aliases, unknown keys, wrong units and broken YAML each name file, line and what is allowed."""
    path = tmp_path / "f.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=error):
        load(path, _File)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ConfigError, match=r"none\.yaml does not exist"):
        load(tmp_path / "none.yaml", _File)


def test_yaml_is_the_1_2_core(tmp_path: Path) -> None:
    """`no` is a word, 010 is ten, and 1:30 is a text: YAML 1.1's surprises are not here."""
    data, _ = parse(b"a: no\nb: 010\nc: 1:30\nd: true\ne: 1.5\nf: '2'\ng: ~\n", tmp_path)

    assert data == {"a": "no", "b": 10, "c": "1:30", "d": True, "e": 1.5, "f": "2", "g": None}


@given(st.binary(max_size=200))
def test_any_bytes_are_data_or_a_config_error(raw: bytes) -> None:
    """No bytes make the reader fall over."""
    with contextlib.suppress(ConfigError):
        parse(raw, Path("f.yaml"))
