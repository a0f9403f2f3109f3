"""`doctor`: is a bench in order, and does it suffice for the plans?"""

import shlex
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS, VIRTUAL_BENCH, ClaimsOption
from harness.stopping import SIGNALS


@SIGNALS.installed()
def doctor(
    bench: Annotated[Path, typer.Option(metavar="FILE", help="The bench.")] = VIRTUAL_BENCH,
    plans: Annotated[
        list[Path] | None, typer.Option(metavar="FILE|FOLDER", help="Plans that it must suffice for; ours if none.")
    ] = None,
    claims: ClaimsOption = REFERENCE_CLAIMS,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of the rehearsal, and of a virtual bench.")] = 1,
) -> int:
    """Check a bench, part by part, and rehearse the plans on its virtual twin.

    Exit code: 0 all is well, 2 something is wrong with the bench, 3 it does not suffice for the plans.
    """
    from fixtures.bench_file import load_bench_file
    from fixtures.doctor import Doctor
    from fixtures.opening import open_bench
    from fixtures.taking import alone
    from fixtures.wires import BenchWires
    from harness.commands import compose, findings, rehearsing

    document = load_bench_file(bench)
    ready = compose.prepared(claims, plans or [PLANS_FOLDER], compose.answers(claims, None))
    with alone(document, "doctor"), closing(BenchWires(document.content, seed=seed)) as wires:
        utc = wires.clock.utc()
        examination = Doctor(document, wires)
        examination.examine()
    examination.question(lambda: open_bench(bench, seed=seed, reason="doctor"))
    findings.show(f"Bench {document.content.bench}, {bench}", examination.findings)
    rehearsed = rehearsing.rehearse(document, examination.drivers, utc, ready, seed)
    findings.show_rehearsal(rehearsed)
    return findings.conclude(examination.findings, rehearsed, _next(bench, plans, claims))


def _next(bench: Path, plans: list[Path] | None, claims: Path) -> str:
    """Return the command that runs what was rehearsed."""
    chosen = [("--bench", bench), *(("--plans", plan) for plan in plans or ())]
    if claims != REFERENCE_CLAIMS:
        chosen.append(("--claims", claims))
    return shlex.join(["python", "-m", "harness", "certify", *(str(word) for option in chosen for word in option)])
