"""Who signed the data of a run, as the signatures beside its record say it."""

from reports.pdf.parts import Part, bold, paragraph, small, table
from reports.run import Run
from reports.signed import CAUTION, MEANINGS, missing_roles, statements


def rows(run: Run) -> list[Part]:
    """Return a table with one row for each signature, and one for each role that nobody has signed in."""
    found = statements(run.folder)
    lines = [
        [bold(MEANINGS.get(said.role, said.role)), small(said.name, said.meaning), said.utc, said.certificate]
        for said in found
    ]
    lines += [[bold(name), "not signed", "–", "–"] for name in missing_roles(found)]
    header = ["", "Name and meaning", "Date and time (UTC)", "Certificate"]
    parts = [table(header, ["auto", 1, "auto", "auto"], lines, align="llll", small=True)]
    return [*parts, paragraph(CAUTION)] if found else parts
