"""`export`: a run in the formats of other tools, each made from its record alone."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import RunArgument


def export(
    run: RunArgument,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="JUnit XML, for a build server.")] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="All results as JSON; see docs/schemas/results.schema.json.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FOLDER", help="CSV, a file for each table.")] = None,
    atml: Annotated[
        Path | None, typer.Option(metavar="FILE", help="ATML test results, IEEE 1636.1-2013, for test systems.")
    ] = None,
    clauses: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The clause table of a test report, as .csv or .html.")
    ] = None,
    in_toto: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An in-toto test-result that nobody signed, for build lines.")
    ] = None,
    allure: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Allure results.")] = None,
    allure_page: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="One page of Allure that needs no network; npm's allure must be installed."),
    ] = None,
) -> None:
    """Write a run in the formats of other tools."""
    from harness.errors import ConfigError
    from reports.allure import write_allure
    from reports.allure_page import write_allure_page
    from reports.amended import latest
    from reports.interchange.atml import write_atml
    from reports.interchange.clause_table import write_clause_table
    from reports.interchange.in_toto import write_in_toto
    from reports.interchange.junit import write_junit
    from reports.interchange.results import write_results
    from reports.interchange.shared import remarks
    from reports.interchange.tables import write_tables
    from reports.run import load

    if not any((junit, json, csv, atml, clauses, in_toto, allure, allure_page)):
        raise ConfigError(
            "export must be told what to write: name one or more of --junit, --json, --csv, --atml, --clauses, "
            "--in-toto, --allure and --allure-page"
        )
    loaded = latest(load(run))
    written = [write_junit(loaded, junit)] if junit is not None else []
    written += [write_results(loaded, json)] if json is not None else []
    written += write_tables(loaded, csv) if csv is not None else []
    written += [write_atml(loaded, atml)] if atml is not None else []
    written += [write_clause_table(loaded, clauses)] if clauses is not None else []
    written += [write_in_toto(loaded, in_toto)] if in_toto is not None else []
    written += [write_allure(loaded, allure)] if allure is not None else []
    written += [write_allure_page(loaded, allure_page)] if allure_page is not None else []
    for path in written:
        typer.echo(f"export: {path}")
    for remark in remarks(loaded):
        typer.echo(f"remark: {remark}")
