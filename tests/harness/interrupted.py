"""Runs that were interrupted, for their tests: a whole run cut off at a byte is what a kill at that instant leaves."""

import shutil
from pathlib import Path
from typing import Any

import orjson

from tests.harness.certify_run import (
    PLANS_FOLDER,
    REFERENCE_CLAIMS,
    REFERENCE_CONTROLLER,
    REFERENCE_DEVICE,
    VIRTUAL_BENCH,
    Run,
    certify,
)

PLAN = "self_test"


def whole_run(runs: Path, *plans: str, **options: Any) -> Run:
    """Return a run that nobody interrupted: short, of a few cases and waveforms, unless other plans are named."""
    return certify(runs, *(plans or (PLAN,)), **({"operator": "A. Tester"} | options))


def cut(run: Run, folder: Path, size: int) -> Path:
    """Return a copy of a run whose record ends after so many bytes, as if it had been killed there.

    What lies in the folder and was written later is not there; the waveform that was written just before its line is.
    """
    shutil.copytree(run.folder, folder)
    (folder / "report.html").unlink()
    path = folder / "record.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[:size])
    later = content[content.rfind(b"\n", 0, size) + 1 :].splitlines()
    files = [entry["data"]["file"] for entry in map(orjson.loads, later) if entry["type"] == "waveform"]
    begins_there = later and orjson.loads(later[0])["type"] == "waveform"
    for name in files[1:] if begins_there else files:
        (folder / name).unlink()
    return folder


def after(run: Run, kind: str, number: int = 1, **said: Any) -> int:
    """Return the size of a record up to the end of the number-th line of a kind with such data."""
    size = 0
    for raw in (run.folder / "record.jsonl").read_bytes().splitlines(keepends=True):
        size += len(raw)
        entry = orjson.loads(raw)
        if entry["type"] == kind and all(entry["data"].get(key) == value for key, value in said.items()):
            number -= 1
            if not number:
                return size
    raise LookupError((kind, said))


def gone_on_with(folder: Path, *plans: str, **options: Any) -> Run:
    """Resume a run in this process, with nothing said again that its record says.

    Args:
        folder: Of the run.
        plans: Its plans by name, if they are not those of a short run.
        options: Other words of the command line.
    """
    from harness.commands.certify import certify as command

    given: dict[str, Any] = {
        "item": "",
        "bench": VIRTUAL_BENCH,
        "claims": REFERENCE_CLAIMS,
        "plans": [PLANS_FOLDER / f"{plan}.yaml" for plan in plans or (PLAN,)],
        "device_model": REFERENCE_DEVICE,
        "controller": REFERENCE_CONTROLLER,
        "seed": 1,
        "runs": folder.parent,
        "resume": folder,
    }
    return Run(command(**(given | options)), folder)
