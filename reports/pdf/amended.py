"""What was amended: each change with what was said before, and who answers for it."""

from reports import amended_words
from reports.pdf.parts import Part, bold, heading, paragraph, small, table
from reports.run import Run


def parts(run: Run) -> list[Part]:
    """Return the tables of an amended report; [] of one that is none."""
    if not run.amendments:
        return []
    changed = [[number, bold(what), of, was, bold(now)] for number, what, of, was, now in amended_words.rows(run)]
    signed = [
        [str(one.number), one.document, bold(by.role), small(by.name, by.meaning), by.utc, by.certificate]
        for one in run.amendments
        for by in one.by
    ]
    signed += [
        [str(one.number), one.document, bold(role), "not signed", "–", "–"]
        for one in run.amendments
        for role in one.lacking
    ]
    seal = str(run.amendments[-1].amends["seal"])
    return [
        heading("What was amended", 2),
        table(
            ["No.", "What", "Of", "Was", "Is from now on"],
            ["auto", "auto", 1, 1, 1],
            changed,
            align="lllll",
            small=True,
        ),
        table(
            ["No.", "Document", "As", "Name and meaning", "Date and time (UTC)", "Certificate"],
            ["auto", "auto", "auto", 1, "auto", "auto"],
            signed,
            align="llllll",
            small=True,
        ),
        paragraph(f"{amended_words.UNCHANGED} SHA-256 of the seal: {seal[:24]}…"),
    ]
