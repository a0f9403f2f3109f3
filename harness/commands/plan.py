"""`plan`: are plans proven, which cases would be run, and how long would that take?"""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import (
    DEFAULT_SEED,
    REFERENCE_CLAIMS,
    VIRTUAL_BENCH,
    ApprovalsOption,
    ClaimsOption,
    OnlyOption,
    RequirementOption,
    RiskOption,
    SuiteOption,
)

app = typer.Typer(no_args_is_help=True)
_Files = Annotated[list[Path] | None, typer.Argument(metavar="[PLAN...]", help="Plan files or folders; ours if none.")]


@app.callback()
def _plan() -> None:
    """Plans: the cases, what they measure, against which limit, and how long that takes."""


@app.command("check")
def check(
    plans: _Files = None,
    claims: ClaimsOption = REFERENCE_CLAIMS,
    suite: SuiteOption = None,
    static: Annotated[bool, typer.Option("--static", help="Leave out the dry run on the virtual bench.")] = False,
) -> int:
    """Prove plans: requirements, sources and units of limits, hazards, and by a dry run what their methods measure.

    Exit code: 0 everything is proven, 2 something is wrong.
    """
    from harness.commands import compose, findings, proving
    from harness.finding import in_order

    found = proving.prove(compose.chosen_plans(suite, plans), claims, dry_run=not static)
    findings.show("Plans", found)
    proven = in_order(found)
    given = "".join(f" --plans {path}" for path in plans or ())
    given += f" --suite {suite}" if suite is not None else ""
    given += f" --claims {claims}" if claims != REFERENCE_CLAIMS else ""
    findings.conclude_proofs(found, f"python -m harness certify{given}", static=static)
    return 0 if proven else 2


@app.command("estimate")
def estimate(
    plans: _Files = None,
    bench: Annotated[Path, typer.Option(metavar="FILE", help="The bench.")] = VIRTUAL_BENCH,
    claims: ClaimsOption = REFERENCE_CLAIMS,
    suite: SuiteOption = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of the rehearsal.")] = DEFAULT_SEED,
    only: OnlyOption = None,
    requirement: RequirementOption = None,
    risk: RiskOption = None,
) -> int:
    """Tell how long plans take on a bench, and how often it is switched, in the order of a run and of the files.

    The plans are run with the reference device on the virtual twin of the bench; nothing is asked of the bench itself.
    """
    from harness.commands import compose, estimating

    asked = compose.selection(only, requirement, risk)
    chosen = compose.chosen_plans(suite, plans)
    ready = compose.prepared(claims, chosen, compose.answers(claims, None), None, asked)
    estimating.show(estimating.estimate(bench, ready, seed), bench)
    return 0


@app.command("list")
def list_cases(
    plans: _Files = None,
    claims: ClaimsOption = REFERENCE_CLAIMS,
    suite: SuiteOption = None,
    only: OnlyOption = None,
    requirement: RequirementOption = None,
    risk: RiskOption = None,
) -> None:
    """List the cases of plans, unfolded, with what they measure."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    from harness.commands.compose import chosen_plans, prepared, selection

    ready = prepared(claims, chosen_plans(suite, plans), None, None, selection(only, requirement, risk))
    console = Console()
    rows = [(case, f"{case.missing} is not declared" if case.missing else case.inapplicable) for case in ready.cases]
    if not console.is_terminal:
        for case, note in rows:
            asked = case.inspection or case.external
            typer.echo("\t".join((case.id, case.title, ", ".join(case.measures) or asked, note)))
        return
    table = Table(Column("Case", no_wrap=True, overflow="fold"), Column("Title", overflow="fold"), "Note")
    for case, note in rows:
        table.add_row(escape(case.id), escape(case.title), escape(note))
    console.print(table)


@app.command("approve")
def approve_plans(
    plans: Annotated[list[Path], typer.Argument(metavar="PLAN...", help="The plan files that are approved.")],
    approver: Annotated[str, typer.Option(help="Who approves them.")],
    meaning: Annotated[str, typer.Option(help='What for, such as "approved for use on hardware".')],
    claims: ClaimsOption = REFERENCE_CLAIMS,
    approvals: ApprovalsOption = None,
) -> int:
    """Record that plans are approved as they stand: by whom, what for, when, and by the hashes of all they rest on.

    The claims choose the editions of standards. A plan that its check finds wrong, or that judges by a limit that
    nobody saw in its standard, cannot be approved. Exit code: 0 approved, 2 refused.
    """
    from harness.approvals import APPROVALS, approve
    from harness.commands import compose, findings, proving
    from harness.finding import State, in_order

    found = proving.prove(plans, claims, dry_run=True)
    if not in_order(found):
        findings.show("Not approved: this is wrong", [one for one in found if one.state is State.PROBLEM])
        return 2
    ready = compose.prepared(claims, plans, None)
    for done in approve(ready, approvals or APPROVALS, approver, meaning):
        basis = done.basis
        rests = f"{len(basis.requirements)} requirement(s) and {len(basis.standards)} standard(s)"
        typer.echo(f"{basis.plan} revision {basis.revision}: approved by {done.approver}, with {rests}")
    given = "".join(f" --plans {path}" for path in plans)
    given += f" --approvals {approvals}" if approvals is not None else ""
    typer.echo(f"next: python -m harness certify{given}")
    return 0
