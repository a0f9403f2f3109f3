"""`bench`: who has a bench, and making one safe that was left."""

from pathlib import Path
from typing import Annotated

import typer

from harness.stopping import SIGNALS

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

BenchOption = Annotated[Path, typer.Option("--bench", metavar="FILE", help="The bench.")]


@app.command("status")
def status(
    bench: BenchOption,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one line of JSON.")] = False,
) -> int:
    """Say who has a bench, since when and for what; nothing is sent to it.

    Exit code: 0 it is free, 1 somebody has it.
    """
    from dataclasses import asdict

    import orjson

    from fixtures.bench_file import load_bench_file
    from fixtures.bench_lock import standing

    document = load_bench_file(bench)
    stands = standing(document)
    name = document.content.bench
    if as_json:
        typer.echo(orjson.dumps({"bench": name, **asdict(stands)}).decode())
    elif stands.holder is not None:
        ended = ", which has ended: its supervisor makes the bench safe" if stands.holder.ended else ""
        typer.echo(f"bench {name} is held by {stands.holder}{ended}")
    elif stands.left is not None:
        typer.echo(
            f"bench {name} is free, and was left by {stands.left}, who did not make it safe: what was on may be ON. "
            "Whoever takes it makes it safe first"
        )
        typer.echo(f"next: python -m harness bench release --bench {bench}")
    else:
        typer.echo(f"bench {name} is free")
    return 1 if stands.holder is not None else 0


@app.command("release")
@SIGNALS.installed()
def release(bench: BenchOption) -> int:
    """Make a bench safe that nobody has, and say what was done; whoever has it and lives is never thrown out.

    Exit code: 0 it is safe, 2 somebody has it, or it could not be made safe.
    """
    from fixtures.bench_file import load_bench_file
    from fixtures.safety import NotSafeError
    from fixtures.taking import released

    document = load_bench_file(bench)
    left, report = released(document)
    if not report.ok:
        raise NotSafeError(report)
    by = f", which was left by {left}," if left is not None else ""
    typer.echo(f"bench {document.content.bench}{by} is safe and free: {'; '.join(report.actions)}")
    return 0
