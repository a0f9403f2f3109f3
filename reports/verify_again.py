"""A record worked out again from what lies beside it, as findings: the copies, the bench file, the order of its lines.

Another version of the program may plan otherwise, and may know a data sheet better: what differs then is not called
wrong. Nothing that is forged may raise anything but a finding.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harness.bundle import INPUTS
from harness.errors import HarnessError
from harness.told import TellBench
from reports import bench_again, order, own_files, replan
from reports.run import Run
from reports.verify_chain import Scan, part

_FORGED = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, OSError, SyntaxError, RecursionError,
)  # fmt: skip


def disordered(run: Run, record: Scan) -> list[str]:
    """Return in words what does not stand where it must in a record, or contradicts the lines around it."""
    return _words(lambda: order.contradictions(record, run.folder), "its lines cannot be followed")


def planned_otherwise(run: Run, record: Scan) -> list[str]:
    """Return in words where the copies of the inputs come to something else than the record says."""
    return _words(lambda: replan.contradictions(run, record), "it cannot be planned again")


def other_bench(run: Run, record: Scan, tell: TellBench) -> list[str]:
    """Return in words where the copy of the bench file comes to something else than the record says."""
    return _words(lambda: _bench(run, record, tell), "its bench cannot be read again")


def foreign_copies(folder: Path) -> list[str]:
    """Return in words the copies that are not the files that this program has, each with its name first."""
    return list(own_files.differing(folder))


def namesakes(folder: Path) -> list[str]:
    """Return in words the plans and claims that have the name of a file of this program, and are others."""
    return list(own_files.namesakes(folder))


def _bench(run: Run, record: Scan, tell: TellBench) -> Iterator[str]:
    sha256 = run.rows.opened["bench"].get("sha256")
    kept = run.rows.opened_volatile["inputs"]
    names = [name for name, digest in kept.items() if name.startswith(f"{INPUTS}/bench/") and digest == sha256]
    if not names:
        yield "line 1: there is no copy of the bench file"
        return
    drivers = {
        str(part(entry, "data").get("name")): str(part(entry, "data").get("driver"))
        for _, entry in record.of("instrument")
    }
    try:
        told = tell(run.folder / names[0], drivers)
    except HarnessError:
        # A replay reads the certificates where they stood, and keeps no copies of them.
        if run.replay:
            return
        raise
    yield from bench_again.contradictions(record, told)


def _words(find: Callable[[], Iterable[str]], trouble: str) -> list[str]:
    found: list[str] = []
    try:
        for words in find():
            found.append(words)  # what was found before it stops counts
    except HarnessError as error:
        found.append(f"{trouble}: {error}")
    except _FORGED as error:
        found.append(f"{trouble}: {type(error).__name__}: {error}")
    return found
