"""Any change at all: in a sealed bundle it is found; under a chain that is remade, wherever something contradicts it.

What a chain that is remade hides is listed here, field by field, and told in docs/verify.md: it is what was measured,
and who, when and in whose words. For that there is the seal.
"""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.bench_told import tell_bench
from harness.bundle import write_manifest
from harness.commands.options import REFERENCE_EXTERNALS, REFERENCE_INSPECTIONS
from reports.verify import Anchors, Finding, exit_code, verify
from tests.harness.certify_run import certify
from tests.reports.tampering import drawn, files, lines, put, rechained

# LEAVES=all tries every field of every kind of line; else some, drawn by seed.
LEAVES = os.environ.get("LEAVES", "")
SOME = 16
# EXAMPLES=500 tries so many changes of sealed bundles.
EXAMPLES = int(os.environ.get("EXAMPLES", "16"))
ONLY_THE_SEAL = {
    "check_standard": ("data.reference", "data.unit", "at_ns"),
    "case_ended": ("at_ns",),
    "case_planned": ("at_ns",),
    "case_started": ("at_ns",),
    "environment": ("data.temperature", "data.temperature_U", "data.humidity", "data.humidity_U", "at_ns"),
    "instrument": ("data.maker", "data.firmware", "data.address", "data.driver", "data.role", "data.serial", "at_ns"),
    "made_safe": ("data.actions", "at_ns"),
    "measured": ("data.value", "data.budget", "data.step", "at_ns"),
    "note": ("at_ns",),
    "observed": ("data.reason", "at_ns"),
    "run_ended": ("at_ns", "volatile.utc"),
    "run_opened": (
        "data.controller",
        "data.customer",
        "data.operator",
        "data.seed",
        "volatile.approvals.file",
        "volatile.host",
        "volatile.qualification.missing",
        "volatile.run",
        "volatile.utc",
        "at_ns",
    ),
    "step_started": ("data.step", "at_ns"),
    "waveform": (
        "data.U_typical",
        "data.interval_s",
        "data.limits",
        "data.marks",
        "data.name",
        "data.quantity",
        "data.start_s",
        "at_ns",
    ),
}
"""By kind of line, the fields in which a small change of one line, with the chain remade, may stay unseen."""

Leaf = tuple[str | int, ...]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a few cases that measure, ask an inspector, and ask another laboratory."""
    given = {"inspections": REFERENCE_INSPECTIONS, "external": REFERENCE_EXTERNALS}
    only = ["SES-040[injury*", "INS-010*", "EXT-01*"]
    plans = ("session_timing", "inspections", "external")
    folder = certify(tmp_path_factory.mktemp("runs"), *plans, only=only, **given).folder
    (folder / "report.html").unlink()
    return folder


def leaves(said: Any, path: Leaf = ()) -> Iterator[Leaf]:
    """Give the place of everything that is no mapping and no list, or an empty one."""
    if isinstance(said, dict | list) and said:
        for key, value in said.items() if isinstance(said, dict) else enumerate(said):
            yield from leaves(value, (*path, key))
    else:
        yield path


def kinds(entries: list[dict[str, Any]]) -> dict[tuple[str, str], list[tuple[int, Leaf]]]:
    """Return the places of each kind of field: the type of the line, and the keys without numbers."""
    found: dict[tuple[str, str], list[tuple[int, Leaf]]] = {}
    for at, entry in enumerate(entries):
        for leaf in leaves({key: entry[key] for key in ("data", "volatile", "at_ns", "v") if key in entry}):
            keys = ".".join(key for key in leaf if isinstance(key, str))
            found.setdefault((entry["type"], keys), []).append((at, leaf))
    return found


def other(value: Any, chance: random.Random) -> Any:
    """Return something of the same kind that is not the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice([1, 7, 1000])
    if isinstance(value, float):
        return value * (1.01 + chance.random()) + 0.01
    if isinstance(value, str):
        return f"{value}x"
    return "x" if value is None else [value]


def changed(entries: list[dict[str, Any]], at: int, leaf: Leaf, chance: random.Random) -> list[dict[str, Any]]:
    """Return lines of which one says something else in one place."""
    entry = orjson.loads(orjson.dumps(entries[at]))
    place = entry
    for key in leaf[:-1]:
        place = place[key]
    place[leaf[-1]] = other(place[leaf[-1]], chance)
    return [*entries[:at], entry, *entries[at + 1 :]]


@pytest.mark.parametrize("seed", range(3 if LEAVES == "all" else 1))
def test_a_field_that_is_edited_is_found_or_is_one_that_only_the_seal_guards(
    honest: Path, tmp_path: Path, seed: int
) -> None:
    """One field of one line, changed with the chain remade, is found without any seal, but for those listed above."""
    chance = drawn(f"leaves {seed}")
    entries = [orjson.loads(line) for line in lines(honest)]
    fields = {
        kind: places
        for kind, places in kinds(entries).items()
        if not kind[1].startswith(ONLY_THE_SEAL.get(kind[0], ("?",))) and kind[0] != "problem"
    }
    chosen = sorted(fields) if LEAVES == "all" else chance.sample(sorted(fields), SOME)
    folder = tmp_path / honest.name
    shutil.copytree(honest, folder)
    unseen = []
    for kind in chosen:
        at, leaf = chance.choice(fields[kind])
        put(folder, rechained(changed(entries, at, leaf, chance)))
        if not any(one.wrong for one in verify(folder, Anchors(), tell_bench)):
            unseen.append(f"line {at + 1}, {kind[0]}: {leaf}")

    assert unseen == []


@pytest.fixture(scope="module")
def told(honest: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a bundle with its manifest, and the one number that stands for it."""
    folder = tmp_path_factory.mktemp("told") / honest.name
    shutil.copytree(honest, folder)
    return folder, write_manifest(folder)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte_and_any_field_of_a_sealed_bundle_is_found(told: tuple[Path, str], data: st.DataObject) -> None:
    """Whatever file, byte, line or field is drawn: changed, it is found, and a finding names the file."""
    folder, number = told
    name = data.draw(st.sampled_from(files(folder)), label="file")
    path = folder / name
    whole = path.read_bytes()
    try:
        path.write_bytes(tampered(whole, data))
        found = verify(folder, Anchors(manifest=number), tell_bench)
    finally:
        path.write_bytes(whole)

    assert exit_code(found) == 1
    assert name in {one.where for one in found if one.wrong}, "\n".join(map(str, found))


def tampered(whole: bytes, data: st.DataObject) -> bytes:
    """Return other bytes: one of them flipped, some put in or taken out, or lines exchanged."""
    at = data.draw(st.integers(0, len(whole) - 1), label="byte")
    way = data.draw(st.sampled_from(["flip", "insert", "remove", "twice", "upside down"]), label="way")
    if way == "flip":
        return whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255), label="bits")]) + whole[at + 1 :]
    if way == "insert":
        return whole[:at] + data.draw(st.binary(min_size=1, max_size=9), label="new") + whole[at:]
    if way == "remove":
        return whole[:at] + whole[at + data.draw(st.integers(1, 40), label="count") :]
    parts = whole.splitlines(keepends=True)
    if way == "upside down" and len(parts) > 1 and parts != parts[::-1]:
        return b"".join(reversed(parts))
    return whole + parts[-1]


def test_an_honest_bundle_is_as_it_was(told: tuple[Path, str]) -> None:
    """After all that was tried on it and taken back, the bundle is what its number stands for."""
    folder, number = told
    found: list[Finding] = verify(folder, Anchors(manifest=number), tell_bench)

    assert found == []
