"""Ways to tamper with a bundle, drawn by seed: each changes a folder and returns what a finding must say of it."""

import hashlib
import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

FIRST = "0" * 64


class Traces(NamedTuple):
    """What must be told of a change: the file, and words of which one must stand in what is said of it."""

    where: str
    words: tuple[str, ...] = ("",)


Tamper = Callable[[Path, Path, random.Random], Traces]
"""Changes the first folder; the second is a bundle of another run."""


def drawn(seed: str) -> random.Random:
    """Return chance that is the same each time."""
    return random.Random(seed)  # noqa: S311 - nothing is kept secret with it


def files(folder: Path) -> list[str]:
    """Return the names of all files of a folder, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def lines(folder: Path) -> list[bytes]:
    """Return the lines of a record."""
    return (folder / "record.jsonl").read_bytes().splitlines()


def put(folder: Path, record: list[bytes]) -> None:
    """Write the lines of a record."""
    (folder / "record.jsonl").write_bytes(b"".join(line + b"\n" for line in record))


def rechained(entries: list[dict[str, object]]) -> list[bytes]:
    """Return lines that follow each other again, as a forger would make them who knows how."""
    head, record = FIRST, []
    for seq, entry in enumerate(entries):
        record.append(orjson.dumps({**entry, "seq": seq, "prev": head}))
        head = hashlib.sha256(record[-1]).hexdigest()
    return record


def reseal(folder: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the entries of a record as a forger would, with a chain that fits."""
    entries = [orjson.loads(line) for line in lines(folder)]
    change(entries)
    put(folder, rechained(entries))


def byte_flipped(kind: str) -> Tamper:
    """Return what flips one bit of one byte of a file whose name begins so."""

    def tamper(folder: Path, _: Path, chance: random.Random) -> Traces:
        name = chance.choice([name for name in files(folder) if name.startswith(kind)])
        content = bytearray((folder / name).read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (folder / name).write_bytes(content)
        return Traces(name)

    return tamper


def line_edited(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Change a value inside a line, which stays whole JSON."""
    record = lines(folder)
    at = chance.randrange(len(record) - 1)
    entry = orjson.loads(record[at])
    entry["at_ns"] += 1
    record[at] = orjson.dumps(entry)
    put(folder, record)
    return Traces("record.jsonl", (f"line {at + 1} was altered",))


def line_deleted(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Take a line out of the middle."""
    record = lines(folder)
    at = chance.randrange(len(record) - 1)
    del record[at]
    put(folder, record)
    return Traces("record.jsonl", (f"line {at + 1} does not follow: one line before it is missing",))


def line_inserted(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Put a line in: a copy of another one, or a new one that follows well and has no place."""
    record = lines(folder)
    at = chance.randrange(1, len(record) - 1)
    if chance.random() < 0.5:
        new = record[chance.choice([place for place in range(len(record)) if place not in (at - 1, at)])]
    else:
        head = hashlib.sha256(record[at - 1]).hexdigest()
        said = {"type": "note", "v": 1, "at_ns": orjson.loads(record[at - 1])["at_ns"], "data": {"text": "all is well"}}
        new = orjson.dumps({"seq": at, "prev": head, **said})
    record.insert(at, new)
    put(folder, record)
    return Traces(
        "record.jsonl", (f"line {at + 1} was put in", f"line {at + 1} was altered", f"line {at + 2} was put in")
    )


def lines_reordered(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Let two lines change places."""
    record = lines(folder)
    one, other = sorted(chance.sample(range(len(record) - 1), 2))
    record[one], record[other] = record[other], record[one]
    put(folder, record)
    return Traces("record.jsonl", (f"line {one + 1} ",))


def tail_cut(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Cut off the end, at the end of a line or inside of it."""
    path = folder / "record.jsonl"
    content = path.read_bytes()
    record = lines(folder)
    if chance.random() < 0.5:
        put(folder, record[: chance.randrange(1, len(record))])
    else:
        path.write_bytes(content[: chance.randrange(1, len(content))])
    return Traces("record.jsonl")


def sample_changed(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Change one sample of a waveform, which stays a waveform."""
    name = chance.choice([name for name in files(folder) if name.startswith("waveforms/")])
    with np.load(folder / name) as archive:
        parts = dict(archive)
    parts["counts"] = parts["counts"].copy()
    parts["counts"][chance.randrange(len(parts["counts"]))] += 1
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **parts)
    (folder / name).write_bytes(buffer.getvalue())
    return Traces(name, ("altered",))


def file_swapped(folder: Path, other: Path, chance: random.Random) -> Traces:
    """Put a file of another run in the place of its like."""
    both = [name for name in files(folder) if (other / name).is_file()]
    name = chance.choice([name for name in both if (other / name).read_bytes() != (folder / name).read_bytes()])
    shutil.copyfile(other / name, folder / name)
    return Traces(name)


def file_removed(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Take a file away; the record itself is another matter, since nothing is a bundle without it."""
    name = chance.choice(
        [name for name in files(folder) if name not in ("record.jsonl", "signatures/0002-reviewer.dsse.json")]
    )
    (folder / name).unlink()
    return Traces(name)


def file_added(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Put in a file that was not there."""
    where = chance.choice(["", "inputs/plans/", "waveforms/", "inputs/"])
    name = f"{where}{chance.randrange(10**6)}.yaml"
    (folder / name).write_bytes(b"nothing: here\n")
    return Traces(name, ("was put in",))


def junk_appended(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Append bytes to a file: blanks, an end of line, or anything."""
    name = chance.choice(files(folder))
    with (folder / name).open("ab") as file:
        file.write(chance.choice([b" ", b"\n", b"\0", b"%%EOF\n", chance.randbytes(40)]))
    return Traces(name)


def linked(folder: Path, other: Path, chance: random.Random) -> Traces:
    """Put a link to a file elsewhere in the place of a file, with the same content."""
    name = chance.choice([name for name in files(folder) if name.startswith("inputs/")])
    (folder / name).unlink()
    (folder / name).symlink_to(other / name)
    return Traces(name, ("is a link",))


def clock_moved_back(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Say that a line was written earlier than those before it, and remake the chain after it."""
    entries = [orjson.loads(line) for line in lines(folder)]
    later = [at for at in range(1, len(entries)) if entries[at - 1]["at_ns"] > entries[0]["at_ns"]]
    at = chance.choice(later)
    entries[at]["at_ns"] = entries[at - 1]["at_ns"] - 1
    put(folder, rechained(entries))
    return Traces("record.jsonl", (f"line {at + 1}: the clock was moved back",))


def begun_later(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Say that the run ended on a day before it began, and remake the chain."""
    entries = [orjson.loads(line) for line in lines(folder)]
    entries[-1]["volatile"]["utc"] = f"20{chance.randrange(10, 24)}-01-01T00:00:00.000+00:00"
    put(folder, rechained(entries))
    return Traces("record.jsonl", (f"line {len(entries)}: the clock was moved back",))


def verdict_edited(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Turn the verdict of a measured value, and remake the chain."""
    entries = [orjson.loads(line) for line in lines(folder)]
    judged = [at for at, entry in enumerate(entries) if entry["type"] == "measured" and entry["data"]["rule"]]
    at = chance.choice(judged)
    data = entries[at]["data"]
    data["verdict"] = "F" if data["verdict"] == "P" else "P"
    put(folder, rechained(entries))
    return Traces("record.jsonl", (f"line {at + 1}",))


def value_edited(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Put a value far outside of its limits and leave it a pass, and remake the chain."""
    entries = [orjson.loads(line) for line in lines(folder)]
    judged = [at for at, entry in enumerate(entries) if entry["type"] == "measured" and entry["data"]["rule"]]
    at = chance.choice(judged)
    data = entries[at]["data"]
    data["value"] = (data["high"] if data["high"] is not None else data["low"]) * 2 + 1
    if data["high"] is None:
        data["value"] = data["low"] - abs(data["low"]) - 10 * data["U"]
    put(folder, rechained(entries))
    return Traces("record.jsonl", (f"line {at + 1}",))


def limit_edited(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Widen a declared limit in the plan of the record, and in each value that it judges, and remake the chain."""
    entries = [orjson.loads(line) for line in lines(folder)]
    places = [
        (at, name)
        for at, entry in enumerate(entries)
        if entry["type"] == "case_planned"
        for name, declared in entry["data"]["measures"].items()
        if declared.get("high") is not None
    ]
    at, name = chance.choice(places)
    wider = entries[at]["data"]["measures"][name]["high"] * 2
    entries[at]["data"]["measures"][name]["high"] = wider
    case = entries[at]["data"]["case"]
    for entry in entries:
        if entry["type"] == "measured" and (entry["data"]["case"], entry["data"]["name"]) == (case, name):
            entry["data"]["high"] = wider
    put(folder, rechained(entries))
    return Traces("record.jsonl", (f"line {at + 1}: high of {name}",))


def input_and_its_hash_edited(folder: Path, _: Path, chance: random.Random) -> Traces:
    """Change a requirement in its copy, write the new SHA-256 into the record, and remake the chain."""
    entries = [orjson.loads(line) for line in lines(folder)]
    names = [name for name in entries[0]["volatile"]["inputs"] if name.startswith("inputs/requirements/")]
    name = chance.choice(names)
    content = (folder / name).read_bytes().replace(b"text: ", b"text: Not ", 1)
    (folder / name).write_bytes(content)
    entries[0]["volatile"]["inputs"][name] = hashlib.sha256(content).hexdigest()
    put(folder, rechained(entries))
    return Traces("record.jsonl", ("line 1, requirements",))


CHAIN_REMADE: dict[str, Tamper] = {
    "clock moved back": clock_moved_back,
    "end before the beginning": begun_later,
    "verdict edited": verdict_edited,
    "value edited": value_edited,
    "limit edited": limit_edited,
    "input and its hash edited": input_and_its_hash_edited,
}
"""What a forger does who remakes the chain: it is found without any seal, by what contradicts itself."""

PLAIN: dict[str, tuple[Tamper, int]] = {
    "byte of the record flipped": (byte_flipped("record.jsonl"), 40),
    "byte of a waveform flipped": (byte_flipped("waveforms/"), 15),
    "byte of an input flipped": (byte_flipped("inputs/"), 20),
    "byte of the environment flipped": (byte_flipped("environment.json"), 10),
    "byte of the report flipped": (byte_flipped("report.html"), 10),
    "line edited": (line_edited, 25),
    "line deleted": (line_deleted, 25),
    "line inserted": (line_inserted, 25),
    "lines reordered": (lines_reordered, 25),
    "tail cut": (tail_cut, 20),
    "sample changed": (sample_changed, 15),
    "file swapped": (file_swapped, 20),
    "file removed": (file_removed, 20),
    "file added": (file_added, 12),
    "junk appended": (junk_appended, 20),
    "link": (linked, 4),
}
"""What is found in any bundle, and how many of each are tried."""

SEALED: dict[str, tuple[Tamper, int]] = {
    "byte of the manifest flipped": (byte_flipped("manifest.json"), 12),
    "byte of the seal flipped": (byte_flipped("seal.dsse.json"), 16),
    "byte of a signature flipped": (byte_flipped("signatures/"), 16),
}
"""What only a sealed bundle has."""
