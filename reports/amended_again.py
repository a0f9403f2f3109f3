"""Amendments of a report held against the record, and against the rules that they are made by."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.amending import PAGES, Amended, file_of, page_of, strangers
from harness.bundle import AMENDMENTS
from harness.envelope import Signed
from harness.errors import EvidenceError
from harness.identity import Role, same_name
from harness.signing import same_person
from reports.amended import amended, applied, contradictions
from reports.amendments import Amendment, read
from reports.approval import obstacles
from reports.run import Run
from reports.statement import operator


def unlawful(run: Run, sealed: Signed, proved: Sequence[Amended]) -> Iterator[str]:
    """Give why amendments should not have been signed, although they are whole, each with its file first.

    Args:
        run: As it was recorded.
        sealed: Its seal.
        proved: Its amendments.

    Raises:
        EvidenceError: One cannot be read.
    """
    ran = operator(run)
    for number, (one, told) in enumerate(zip(proved, read(run.folder), strict=True), start=1):
        if told.amends.get("seal") != sealed.sha256:
            yield f"{one.statement.file}: it is of a report with another seal"
        if contradictions(run, told, number):  # which is told of the folder by itself
            return
        run = applied(run, told)
        for by in one.signatures:
            if ran and same_name(ran, by.person.name):
                yield f"{by.file}: signed by {by.person.name}, who ran the tests"
            if same_person(by.person, sealed.person):
                yield f"{by.file}: signed by {by.person.name}, who sealed the run"
            if by.role is Role.APPROVER and (reasons := obstacles(run)):
                yield f"{by.file}: approved, and cannot be: {'; '.join(reasons)}"


def problems(run: Run, names: Sequence[str], same_software: bool) -> Iterator[tuple[str, str, bool]]:
    """Give what is wrong with the amendments in a folder, whoever signed them: file, what, and whether it is wrong.

    An amendment must follow from what it amends, and its page be what is made of it, with all signatures that there
    are or with the first of them.

    Args:
        run: As it was recorded.
        names: Of the files in its folder.
        same_software: Whether this program made the run, so that it must make the same pages again.
    """
    now = run
    try:
        told = read(run.folder)
    except EvidenceError as error:
        yield AMENDMENTS, str(error).removeprefix(f"{run.folder}/"), True
        return
    for name in strangers(names, len(told)):
        yield name, "is no amendment: one is missing before it, or it was put there", True
    for number, one in enumerate(told, start=1):
        if reasons := contradictions(now, one, number):
            yield file_of(number), "; ".join(reasons), True
            return
        now = applied(now, one)
        html, pdf = (page_of(number, kind) for kind in PAGES)
        if html in names and not _made_of(run, told[:number], html):
            words = "was altered: it is not what is made of the amendment (make it again with `report`)"
            yield html, words if same_software else f"was made by another version, or {words}", same_software
        if pdf in names:
            yield pdf, "is outside of the manifest and was not looked at: verify it by itself", False


def _made_of(run: Run, told: Sequence[Amendment], page: str) -> bool:
    """Return whether a page is what was made of amendments, when the last of them had as many signatures as then."""
    from reports.html import render

    content, before, last = (run.folder / page).read_bytes(), told[:-1], told[-1]
    stages = (replace(last, by=last.by[:count]) for count in range(len(last.by), 0, -1))
    return any(render(amended(run, [*before, stage])).encode() == content for stage in stages)
