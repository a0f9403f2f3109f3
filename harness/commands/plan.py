"""`plan check` and `plan list`: what would be run, and is every limit to be found?"""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import REFERENCE_CLAIMS, ClaimsOption, SuiteOption

app = typer.Typer(no_args_is_help=True)
_Files = Annotated[list[Path] | None, typer.Argument(metavar="[PLAN...]", help="Plan files or folders; ours if none.")]


@app.callback()
def _plan() -> None:
    """Plans: the cases, what they measure, and against which limit."""


@app.command("check")
def check(plans: _Files = None, claims: ClaimsOption = REFERENCE_CLAIMS, suite: SuiteOption = None) -> None:
    """Check plans against a claims file: sources of limits, methods, conditions, requirements."""
    from harness.commands.compose import chosen_plans, prepared

    ready = prepared(claims, chosen_plans(suite, plans), None)
    missing = sorted({case.missing for case in ready.cases if case.missing})
    for plan in ready.plans:
        count = sum(case.plan is plan for case in ready.cases)
        typer.echo(
            f"{plan.document.path}: {plan.content.plan} revision {plan.content.revision}, {count} cases: in order"
        )
    for claim in missing:
        cases = sum(case.missing == claim for case in ready.cases)
        typer.echo(f"  {claim} is not declared in {claims.name}: {cases} case(s) will not be evaluated")
    given = "".join(f" --plans {path}" for path in plans or ())
    given += f" --suite {suite}" if suite is not None else ""
    given += f" --claims {claims}" if claims != REFERENCE_CLAIMS else ""
    typer.echo(f"next: python -m harness certify{given}")


@app.command("list")
def list_cases(plans: _Files = None, claims: ClaimsOption = REFERENCE_CLAIMS, suite: SuiteOption = None) -> None:
    """List the cases of plans, unfolded, with what they measure."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    from harness.commands.compose import chosen_plans, prepared

    ready = prepared(claims, chosen_plans(suite, plans), None)
    console = Console()
    rows = [(case, f"{case.missing} is not declared" if case.missing else case.inapplicable) for case in ready.cases]
    if not console.is_terminal:
        for case, note in rows:
            typer.echo("\t".join((case.id, case.title, ", ".join(case.measures) or case.inspection, note)))
        return
    table = Table(Column("Case", no_wrap=True, overflow="fold"), Column("Title", overflow="fold"), "Note")
    for case, note in rows:
        table.add_row(escape(case.id), escape(case.title), escape(note))
    console.print(table)
