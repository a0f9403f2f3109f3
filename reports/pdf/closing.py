"""Sections 12 to 14: people, integrity, and what the words mean."""

from reports import approval, development
from reports.numbers import grouped
from reports.pdf import signed
from reports.pdf.attached import ATML, Attached, has_room_for_atml
from reports.pdf.parts import Cell, Part, bold, bullets, code, heading, mono, paragraph, table
from reports.run import Run

_TERMS = (
    ("P, F", "pass, fail"),
    ("N/E", "not evaluated: nothing was decided, for the reason given; never a pass"),
    ("N/A", "does not apply to this device, for the reason given"),
    ("not tested", "no case of this run speaks for the requirement; never a pass"),
    ("conditional", "the value is within its uncertainty of the limit; counted apart"),
    ("in part", "of a clause: what was done came to P, and the clause asks for more"),
    (
        "COMPLIES",
        "every planned case of the plans named passed or does not apply; nothing is said of what they do not test",
    ),
    ("DOES NOT COMPLY", "at least one case failed"),
    ("NOT COMPLETE", "no case failed, and one was not evaluated, or the record is not whole or contradicts itself"),
    ("U, u, k, ν", "expanded uncertainty at 95 %, standard uncertainty, coverage factor, degrees of freedom"),
    ("p(nonc.)", "probability that the true value is outside the limit, given value and uncertainty"),
    ("TUR", "test uncertainty ratio: span of the tolerance over 2·U; for one limit, from zero to that limit"),
    ("En", "difference from a reference in units of its expanded uncertainty"),
    ("†", "rests on a figure of a data sheet, a limit or a clause that was not found in its source"),
    ("claim", "what the manufacturer declares of the device"),
)


def sections(run: Run, attached: list[Attached]) -> list[Part]:
    """Return sections 12, 13 and 14."""
    return [*_people(run), *_integrity(run, attached), *_terms()]


def _people(run: Run) -> list[Part]:
    obstacles = approval.obstacles(run)
    parts = [
        heading("12 People and sign-off"),
        paragraph((run.rows.opened["operator"] or "not given") + ".", "Operator:"),
        paragraph(development.words(run) + ".", "Plans:"),
        *signed.rows(run),
    ]
    if obstacles:
        parts += [paragraph("This result cannot be approved, because:"), bullets(obstacles)]
    return parts


def _integrity(run: Run, attached: list[Attached]) -> list[Part]:
    held = any(file.name.startswith("waveforms-") for file in attached)
    beside = "" if held or not run.rows.waveforms else "; too large to be attached: they are in the folder of the run"
    rows: list[list[Cell]] = [
        [
            bold("Record"),
            f"{grouped(run.count)} events; each line carries the SHA-256 of the line before it, and the chain is "
            "unbroken",
        ],
        [bold("Head"), code(run.head)],
        [bold("Content head"), code(run.content_head) if run.content_head else "none: the record is cut off"],
        [bold("Waveforms"), f"{grouped(len(run.rows.waveforms))} files, each with its SHA-256 in the record{beside}"],
    ]
    atml = f"{ATML} is too large to be attached: the command export makes it of the record, with --atml FILE."
    files: list[list[Cell]] = [
        [bold(file.name), file.description, grouped(len(file.content)), code(file.sha256)] for file in attached
    ]
    return [
        heading("13 Integrity"),
        table(["What", "As found"], [0.2, 1], rows, align="ll"),
        paragraph(
            "The chain shows an altered, a missing and an exchanged line. It cannot show that lines were cut "
            "from its end: "
            "compare the number of events and the head with what was signed or noted when the run ended. The "
            "head is the "
            "SHA-256 of the last line of record.jsonl, without its end of line:"
        ),
        mono("tail -n 1 record.jsonl | tr -d '\\n' | sha256sum"),
        heading("Attached to this file", 2),
        table(["File", "What it is", "Bytes", "SHA-256"], [0.75, 0.4, "auto", "auto"], files, align="llrl", small=True),
        *([] if has_room_for_atml(run) else [paragraph(atml)]),
        paragraph("A reader of PDF takes them out; so does pdfdetach of Poppler:"),
        mono("pdfdetach -saveall report.pdf"),
        heading("Whether this file is genuine", 2),
        paragraph(
            "Signatures of this file, attachments, and every verdict worked out again, by our program, and signatures "
            "alone by another; ca.crt.pem is the certificate of the laboratory, which comes to you by another way:"
        ),
        mono("python -m harness verify report.pdf --trust ca.crt.pem"),
        mono("pyhanko sign validate --trust ca.crt.pem --trust-replace --no-revocation-check report.pdf"),
    ]


def _terms() -> list[Part]:
    rows: list[list[Cell]] = [[bold(word), meaning] for word, meaning in _TERMS]
    return [heading("14 Terms"), table(["Word", "Meaning"], [0.25, 1], rows, align="ll")]
