"""`qualify`: try the harness on healthy devices, on every defect and on every bench fault, and say what it noticed."""

from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import (
    SuiteOption,
)

QUALIFICATIONS = Path("qualifications")


def qualify(
    suite: SuiteOption = None,
    plans: Annotated[
        list[Path] | None, typer.Option(metavar="FILE|FOLDER", help="Test plans; may be given several times.")
    ] = None,
    claims: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the manufacturer declares of the device; ours if not given."),
    ] = None,
    bench: Annotated[Path | None, typer.Option(metavar="FILE", help="The virtual bench; ours if not given.")] = None,
    seeds_healthy: Annotated[
        int | None, typer.Option(min=0, help="Seeds of each healthy device; 10 if not given.")
    ] = None,
    seeds_defect: Annotated[
        int | None, typer.Option(min=0, help="Seeds of each defect and each bench fault; 2 if not given.")
    ] = None,
    seeds_rare: Annotated[
        int | None,
        typer.Option(
            min=0, help="Seeds of each marginal or intermittent defect, whose rate is compared; 12 if not given."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this device, defect or bench fault, as --list names it; repeatable."),
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
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where this is kept: a new folder, or one begun with these options or fewer seeds."
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="ID|FOLDER",
            help="Go on with a qualification that was begun, with its options; more seeds may be given.",
        ),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the runs that came to what nobody expected.")
    ] = None,
    operator: Annotated[str, typer.Option(help="Who qualifies.")] = "not named",
    listed: Annotated[bool, typer.Option("--list", help="List everything that can be tried, and try nothing.")] = False,
) -> int:
    """Qualify the harness for its intended use, and leave a record of it.

    Exit code: 0 all that was tried was noticed as it must be and no alarm was false, 1 something was not, 2 an error of
    our side. With --only, --sample or a count of seeds that is 0 the conclusion is NOT COMPLETE, the exit code as said.
    """
    from harness.clock import host_seconds
    from harness.commands import qualified

    if listed:
        return qualified.listed()
    started = host_seconds()
    folder = qualified.folder(into, resume, QUALIFICATIONS)
    scope = {
        "healthy": seeds_healthy, "defect": seeds_defect, "rare": seeds_rare, "sample": sample,
        "only": tuple(only) if only else None,
    }  # fmt: skip
    asked = qualified.asked(folder if resume is not None else None, suite, plans, claims, bench, scope)
    done = qualified.qualify(folder, asked, qualified.Means(workers, scheduler, keep))
    return qualified.conclude(done, folder, operator, host_seconds() - started)
