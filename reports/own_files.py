"""Copies of what comes with this program against the program's own files: nobody else's standards pass for ours.

Standards, requirements, hazards and populations are no option of a run, so that a run of this very program was given
this program's files. Who changes a copy, to call a limit verified or a requirement another, must change both.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from harness.bundle import INPUTS
from harness.documents import package_file

_KINDS = ("standards", "requirements", "populations")
_METHODS = f"{INPUTS}/methods/test_plans"


def differing(folder: Path) -> Iterator[str]:
    """Give each copy in a bundle that is not the program's own file of that name, in words that begin with the copy."""
    own = package_file("test_plans")
    pairs = {folder / INPUTS / "hazards.yaml": own / "hazards.yaml"}
    for kind in _KINDS:
        names = {path.name for place in (folder / INPUTS / kind, own / kind) for path in place.glob("*.yaml")}
        pairs |= {folder / INPUTS / kind / name: own / kind / name for name in names}
    copies = (folder / _METHODS).rglob("*.py")
    pairs |= {path: own / path.relative_to(folder / _METHODS) for path in copies}
    yield from _compared(folder, pairs)


def namesakes(folder: Path) -> Iterator[str]:
    """Give each plan and claims file that has the name of a file of the program, and is another.

    That is no forgery: a lab may keep plans of its own under the names of ours. Nor are they ours.
    """
    own = package_file("test_plans")
    places = {f"{INPUTS}/plans": own, f"{INPUTS}/claims": own / "claims"}
    pairs = {copy: place / copy.name for name, place in places.items() for copy in (folder / name).glob("*.yaml")}
    yield from _compared(folder, {copy: original for copy, original in pairs.items() if original.is_file()})


def _compared(folder: Path, pairs: dict[Path, Path]) -> Iterator[str]:
    for copy, original in sorted(pairs.items()):
        if _sha256(copy) != _sha256(original):
            what = "is no file" if not original.is_file() else "is not the file"
            said = f"{what} that this program has" if copy.is_file() else "is not there, and this program has one"
            yield f"{copy.relative_to(folder).as_posix()}: {said}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
