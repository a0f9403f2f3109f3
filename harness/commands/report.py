"""`report`: one HTML or PDF file from the record of a run alone, or of its amended report."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import RunArgument
from harness.commands.passphrase import LAB, LabOption, PassphraseOption


def report(
    run: RunArgument,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Default: report.html in the run.")] = None,
    pdf: Annotated[
        Path | None,
        typer.Option("--pdf", metavar="FILE", help="A PDF to keep (PDF/A-3a); HTML only if --out is given too."),
    ] = None,
    amend: Annotated[
        str, typer.Option(metavar="REASON", help="Amend the report of a sealed run; the original stays as it is.")
    ] = "",
    corrected: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=TEXT", help="Amend customer, serial or firmware.")
    ] = None,
    remark: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Amend by a remark.")] = None,
    withdraw: Annotated[
        list[str] | None, typer.Option(metavar="CASE", help="Amend by withdrawing a result: it is N/E from then on.")
    ] = None,
    original: Annotated[bool, typer.Option("--original", help="As it was before it was amended.")] = False,
    seal: Annotated[
        bool,
        typer.Option("--seal", help="Sign the PDF (PAdES); one that is there already is signed beside the others."),
    ] = False,
    role: Annotated[str, typer.Option("--as", metavar="ROLE", help="As what the PDF is signed.")] = "tester",
    also: Annotated[
        list[str] | None, typer.Option(metavar="ROLE", help="Who else is to sign the new PDF: reviewer, approver.")
    ] = None,
    who: Annotated[str, typer.Option("--who", metavar="CODE", help="Who amends it, or signs the PDF.")] = "",
    lab: LabOption = LAB,
    passphrase_file: PassphraseOption = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Tell what differs from this earlier run instead, as `compare`.")
    ] = None,
) -> int:
    """Make the report of a run; of one that was amended, its amended report in amendments/."""
    if compare is not None:
        from harness.commands.compare import compare as compare_runs

        return compare_runs(compare, run)
    from harness.amending import page_of
    from harness.commands.amending import amend as amend_report
    from harness.errors import ConfigError
    from reports.amended import latest
    from reports.html import write_report
    from reports.run import load

    changed = (corrected or [], remark or [], withdraw or [])
    if amend:
        amend_report(run, amend, *changed, who=who, lab=lab, passphrase_file=passphrase_file)
    elif any(changed):
        raise ConfigError("--set, --remark and --withdraw amend a report, and need a reason: --amend REASON")
    if (who or also) and not (seal or amend):
        raise ConfigError("--who and --also are for a signature, and nothing was signed: add --seal, or --amend REASON")
    loaded = load(run) if original else latest(load(run))
    if seal:
        from harness.commands.issuing import issue

        if pdf is None:
            raise ConfigError("what is sealed is a PDF: name it by --pdf FILE")
        issue(loaded, pdf, who=who, role=role, also=also or [], lab=lab, passphrase_file=passphrase_file)
    elif pdf is not None:
        from reports.pdf import write_pdf

        write_pdf(loaded, pdf)
        typer.echo(f"report: {pdf}")
    if pdf is not None and out is None:
        return 0
    number = len(loaded.amendments)
    path = out or loaded.folder / (page_of(number, "html") if number else "report.html")
    write_report(loaded, path)
    typer.echo(f"report: {path}")
    return 0
