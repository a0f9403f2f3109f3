"""`qualify`: try the harness on healthy devices, on every defect and on every bench fault, and say what it noticed."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import (
    REFERENCE_CLAIMS,
    VIRTUAL_BENCH,
    ClaimsOption,
    SuiteOption,
)

QUALIFICATIONS = Path("qualifications")


def qualify(
    suite: SuiteOption = None,
    plans: Annotated[
        list[Path] | None, typer.Option(metavar="FILE|FOLDER", help="Test plans; may be given several times.")
    ] = None,
    claims: ClaimsOption = REFERENCE_CLAIMS,
    bench: Annotated[Path, typer.Option(metavar="FILE", help="The virtual bench.")] = VIRTUAL_BENCH,
    seeds_healthy: Annotated[int, typer.Option(min=0, help="Seeds of each healthy device.")] = 10,
    seeds_defect: Annotated[int, typer.Option(min=0, help="Seeds of each defect and each bench fault.")] = 2,
    seeds_rare: Annotated[
        int, typer.Option(min=0, help="Seeds of each marginal or intermittent defect, whose rate is compared.")
    ] = 12,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this device, defect or bench fault; repeatable.")
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only so many jobs, the same ones each time.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one for each core.")] = 0,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:PORT",
            help="A dask scheduler that is running; its workers: python -m dask worker tcp://… --nthreads 1, each in "
            "the same checkout.",
        ),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where this qualification is kept; resumed if begun there.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="ID|FOLDER", help="Go on with a qualification that was begun.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the runs that came to what nobody expected.")
    ] = None,
    operator: Annotated[str, typer.Option(help="Who qualifies.")] = "not named",
) -> int:
    """Qualify the harness for its intended use, and leave a record of it.

    Exit code: 0 all was noticed as it must be and no alarm was false, 1 something was not, 2 an error of our side.
    """
    from harness.clock import host_seconds
    from harness.commands import compose, qualified

    started = host_seconds()
    chosen = compose.chosen_plans(suite, plans)
    folder = qualified.folder(into, resume, QUALIFICATIONS)
    seeds = qualified.Seeds(seeds_healthy, seeds_defect, seeds_rare)
    effort = qualified.Effort(seeds, tuple(only or ()), sample, workers, scheduler)
    done = qualified.qualify(folder, chosen, claims, bench, effort, keep)
    return qualified.conclude(done, folder, operator, host_seconds() - started)
