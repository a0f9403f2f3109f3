"""`claims new` and `claims check`: write down what a device declares, and what is missing before it can be decided."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS

if TYPE_CHECKING:
    from harness.claim_needs import Need
    from harness.claims import Claims

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _claims() -> None:
    """Claims: what a manufacturer declares of a device."""


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The claims file to write; it must not exist.")],
    manufacturer: Annotated[str, typer.Option(help="Who makes the device.")] = "",
    model: Annotated[str, typer.Option(help="What it is called.")] = "",
    site: Annotated[list[str] | None, typer.Option(help="A place that it treats; may be given several times.")] = None,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask for what is not given, on a terminal.")] = True,
) -> None:
    """Write a claims file with a comment beside everything that a device can declare."""
    from harness.claim_template import Basics, write_template
    from harness.commands.asking import ask_basics
    from harness.library import load_library

    basics = Basics(manufacturer, model, tuple(site or ()))
    if ask and sys.stdin.isatty():
        documents = load_library(PLANS_FOLDER).standards.documents
        basics = ask_basics(basics, file, [document.content for document in documents])
    write_template(file, basics)
    typer.echo(f"{file}: written; fill in what the data sheet says, and leave the rest as it is")
    typer.echo(f"next: python -m harness claims check {file}")


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Claims files.")],
    methods: Annotated[
        bool, typer.Option("--methods", help="Find out by a virtual run what the methods ask for beyond limits.")
    ] = False,
    plans: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE|FOLDER", help="The plans to decide; all of ours if none is named."),
    ] = None,
) -> None:
    """Check claims files: what they leave undeclared, what cannot be decided for want of it, and whom to ask."""
    from harness.claim_choices import check_choices
    from harness.claim_needs import needs
    from harness.claim_paths import empty_sections
    from harness.claims import load_claims
    from harness.commands.compose import plan_files
    from harness.library import load_library
    from harness.plan import load_plan

    reference, library = load_claims(REFERENCE_CLAIMS), load_library(PLANS_FOLDER)
    loaded = [load_claims(path) for path in files]
    chosen = plan_files(plans or [PLANS_FOLDER])
    loaded_plans = [load_plan(path) for path in chosen]
    asked: dict[str, set[str]] = {}
    if methods:
        from harness.commands.tracing import asked_by_methods

        asked = asked_by_methods(chosen)
    for path, claims in zip(files, loaded, strict=True):
        check_choices(claims, library.standards)
        _say_what_is_there(path, claims)
        if sections := empty_sections(claims.content):
            typer.echo(f"  sections without a claim: {', '.join(sections)}")
        _say_what_is_missing(needs(claims, reference, loaded_plans, library, asked), len(library.requirements))
    typer.echo(f"next: python -m harness certify --claims {files[0]}")


def _say_what_is_there(path: Path, claims: "Claims") -> None:
    from harness.claim_paths import numbers_of

    content = claims.content
    typer.echo(f"{path}: {content.claims} revision {content.revision}, {content.device.model}: in order")
    numbers = numbers_of(content)
    if content.sources:
        sourced = sum(any(number == s or number.startswith(f"{s}.") for s in content.sources) for number in numbers)
        typer.echo(f"  {len(numbers)} numbers declared, {sourced} of them with a source")
    else:
        typer.echo(f"  {len(numbers)} numbers declared")


def _say_what_is_missing(found: "list[Need]", requirements: int) -> None:
    waiting = {requirement for need in found for requirement in need.requirements}
    cases = {case for need in found for case in need.cases}
    if not found:
        typer.echo("  nothing that the plans ask for is undeclared")
        return
    typer.echo(
        f"  {len(waiting)} of {requirements} requirements ({len(cases)} cases) cannot be decided "
        f"for want of {len(found)} claims:"
    )
    for whence in dict.fromkeys(need.whence for need in found):
        typer.echo(f"  to come from {whence.value}:")
        for need in (need for need in found if need.whence is whence):
            typer.echo(f"    {need.path}: {need.words}")
            typer.echo(f"      {_some(need.requirements)}")


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
