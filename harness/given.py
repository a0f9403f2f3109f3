"""What a run was given, and what it came to: what it takes to run the same again, and to find that it is the same.

The bench file is kept whole, since it is a part of a bench that may not be there any more; plans, claims and answers
are kept by name and hash. Files of our own rooms are named from the rooms' home, so that another checkout finds them.
"""

from pathlib import Path
from typing import Any

from harness import __version__
from harness.clock import host_utc
from harness.documents import Document, Strict, package_file, read_bytes
from harness.errors import ConfigError
from harness.prepared import Prepared, Subject
from harness.selection import Selection


class FileGiven(Strict):
    """A file by name and hash."""

    path: str
    sha256: str


class TextGiven(Strict):
    """A file by name, with what it says."""

    path: str
    text: str


class Given(Strict):
    """What a run was given.

    Attributes:
        harness: The version that ran it.
        utc: When, by the host's clock.
        bench: The bench file.
        claims: What the manufacturer declares.
        plans: The plans, in order.
        inspections: The recorded answers, if there are any.
        externals: The recorded results of other laboratories, if there are any.
        hazards: SHA-256 of the hazard analysis.
        standards: SHA-256 of each standard's table by its id.
        requirements: Fingerprint of each requirement by its id.
        subject: Who and what it is about.
        selection: What was asked for of the plans.
    """

    harness: str
    utc: str
    bench: TextGiven
    claims: FileGiven
    plans: list[FileGiven]
    inspections: FileGiven | None
    externals: FileGiven | None
    hazards: str
    standards: dict[str, str]
    requirements: dict[str, str]
    subject: Subject
    selection: Selection


class Outcome(Strict):
    """What a run came to.

    Attributes:
        verdict: Its closing word.
        exit_code: Of the command.
        content_head: The chain over the content of its record.
    """

    verdict: str
    exit_code: int
    content_head: str

    def __str__(self) -> str:
        return f"{self.verdict}, exit code {self.exit_code}, content head {self.content_head}"


def given(prepared: Prepared, subject: Subject, bench: Path) -> Given:
    """Return what a run is given.

    Raises:
        ConfigError: The bench file cannot be read, or is no UTF-8.
    """
    inspections, externals = prepared.inspections, prepared.externals
    try:
        text = read_bytes(bench).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{bench}: byte {error.start} is no UTF-8: save the bench file as UTF-8") from None
    return Given(
        harness=__version__,
        utc=host_utc().isoformat(timespec="milliseconds"),
        bench=TextGiven(path=str(bench), text=text),
        claims=_file(prepared.claims.document),
        plans=[_file(plan.document) for plan in prepared.plans],
        inspections=_file(inspections) if inspections is not None else None,
        externals=_file(externals) if externals is not None else None,
        hazards=prepared.library.hazards.document.sha256,
        standards=_standards(prepared),
        requirements=_requirements(prepared),
        subject=subject,
        selection=prepared.selection,
    )


def differences(was: Given, prepared: Prepared) -> list[str]:
    """Return in words what is not as it was given; where a file stands does not matter."""
    found = []
    if was.harness != __version__:
        found.append(f"the harness was {was.harness}, and is {__version__}")
    if len(was.plans) != len(prepared.plans):
        found.append(f"there were {len(was.plans)} plans, and there are {len(prepared.plans)}")
    pairs: list[tuple[FileGiven | None, FileGiven | None]] = [(was.claims, _file(prepared.claims.document))]
    pairs += zip(was.plans, (_file(plan.document) for plan in prepared.plans), strict=False)
    pairs.append((was.inspections, _file(prepared.inspections) if prepared.inspections is not None else None))
    pairs.append((was.externals, _file(prepared.externals) if prepared.externals is not None else None))
    for before, after in pairs:
        if (before and before.sha256) != (after and after.sha256):
            found.append(f"{_named(before)} was given, and it is {_named(after)} now")
    if was.hazards != prepared.library.hazards.document.sha256:
        found.append("the hazard analysis changed")
    for what, before_all, after_all in (
        ("standards", was.standards, _standards(prepared)),
        ("requirements", was.requirements, _requirements(prepared)),
    ):
        changed = [name for name in {**before_all, **after_all} if before_all.get(name) != after_all.get(name)]
        if changed:
            found.append(f"{what} changed: {', '.join(changed)}")
    return found


def located(path: str) -> Path:
    """Return where a file stands that was named in what a run was given."""
    return package_file("harness").parent / path


def _file(document: Document[Any]) -> FileGiven:
    home, path = package_file("harness").parent, document.path.resolve()
    name = path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
    return FileGiven(path=name, sha256=document.sha256)


def _standards(prepared: Prepared) -> dict[str, str]:
    return {document.content.standard: document.sha256 for document in prepared.library.standards.documents}


def _requirements(prepared: Prepared) -> dict[str, str]:
    return {name: entry.fingerprint for name, entry in prepared.library.requirements.items()}


def _named(file: FileGiven | None) -> str:
    return f"{file.path} ({file.sha256[:12]})" if file is not None else "no file"
