"""How long plans take on a bench: run on its virtual twin in the order of a run, and in that of the files."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from harness.cases import PlannedCase
from harness.clock import host_utc
from harness.commands import rehearsing
from harness.errors import ConfigError, HarnessError
from harness.estimate import AROUND, Effort, Tally
from harness.events import Event, RunEnded
from harness.ordering import Changes, Order, run_order
from harness.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.bench import Bench
    from fixtures.bench_file import BenchFile
    from fixtures.relay_count import CountedSwitch
    from harness.documents import Document


@dataclass(frozen=True)
class Estimate:
    """What plans take on a bench, in the order of a run and in the order of the files.

    Attributes:
        ready: The plans.
        chosen: In the order of a run.
        filed: In the order of the files.
    """

    ready: Prepared
    chosen: Tally
    filed: Tally


def estimate(bench: Path, ready: Prepared, seed: int) -> Estimate:
    """Return what plans take on the virtual twin of a bench.

    Raises:
        ConfigError: The bench file is wrong, or there is no virtual one of an instrument.
        HarnessError: The plans could not be run to their end.
    """
    twin = _twin(bench)
    return Estimate(ready, _tally(twin, ready, seed, run_order), _tally(twin, ready, seed, as_filed))


def as_filed(cases: tuple[PlannedCase, ...]) -> tuple[PlannedCase, ...]:
    """Return cases in the order of their files."""
    return cases


def _twin(bench: Path) -> "Document[BenchFile]":
    from fixtures.bench_file import load_bench_file
    from fixtures.bench_parts import AUTO
    from fixtures.rehearsal import twin_of, without_twin

    document = load_bench_file(bench)
    drivers = {name: entry.driver for name, entry in document.content.instruments.items()}
    for name, driver in drivers.items():
        if driver == AUTO:
            where = document.where("instruments", name)
            raise ConfigError(f"{where}: name the driver of {name}: nothing is asked of the bench for an estimate")
    if missing := without_twin(drivers):
        raise ConfigError(f"{document.where('instruments')}: there is no virtual {', '.join(missing)} to estimate with")
    return twin_of(document, drivers, host_utc())


def _tally(twin: "Document[BenchFile]", ready: Prepared, seed: int, order: Order) -> Tally:
    tallies: list[Tally] = []
    ended: list[RunEnded] = []

    def watch(bench: "Bench") -> "Callable[[Event], None]":
        switch = cast("CountedSwitch", bench.switch)
        tally = Tally(ready.cases, bench.clock, lambda: switch.operations)
        tallies.append(tally)

        def observe(event: Event) -> None:
            tally(event)
            if isinstance(event, RunEnded):
                tally.end()
                ended.append(event)

        return observe

    with rehearsing.run_through(twin, ready, seed, "plan estimate", order=order, watch=watch):
        pass
    if len(tallies[0].order) < len(ready.cases):
        raise HarnessError(f"the plans could not be run to their end on the virtual twin: {ended[0].reason}")
    return tallies[0]


def show(found: Estimate, bench: Path) -> None:
    """Print bench time, relay operations and changes of the set-up for each plan; of both orders where they differ."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from reports.numbers import duration
    from reports.terminal import plain_console

    out = plain_console()
    table = Table(title=f"Bench time on {bench}", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("Plan", no_wrap=True)
    table.add_column("Title", overflow="fold")
    for name in ("Cases", "Bench time", "Relays", "Chamber", "Feed", "Load"):
        table.add_column(name, justify="right", no_wrap=True)

    def row(plan: str, title: str, cases: int, efforts: list[Effort], ways: list[Changes]) -> None:
        cells = [[duration(effort.bench_s), f"{effort.operations:,}"] for effort in efforts]
        both = [cell + [str(n) for n in way] for cell, way in zip(cells, ways, strict=True)]
        table.add_row(plan, Text(title), str(cases) if cases else "", *both[0])
        if both[1] != both[0]:
            table.add_row("", "as in the file", "", *both[1], style="dim")

    tallies = (found.chosen, found.filed)
    for plan in found.ready.plans:
        name = plan.content.plan
        if cases := sum(case.plan is plan for case in found.ready.cases):
            efforts = [tally.efforts[name] for tally in tallies]
            row(name, plan.content.title, cases, efforts, [tally.changes(name) for tally in tallies])
    none = Changes(0, 0, 0)
    around = [tally.efforts[AROUND] for tally in tallies]
    row("", "checks of the bench before and after", 0, around, [none, none])
    table.add_section()
    whole = [tally.whole for tally in tallies]
    row("all", "", len(found.ready.cases), whole, [tally.changes("") for tally in tallies])
    out.print(table)
    out.print(
        "Relays: operations. Chamber, Feed, Load: changes of the set-up. In the order of `certify` "
        "(docs/decisions/0014); where the order of the files would take something else, that stands below."
    )
    _show_unjudged(found, out.print)


def _show_unjudged(found: Estimate, say: "Callable[..., None]") -> None:
    """Print what came to no verdict: it takes less time than it would on a bench that can judge it."""
    from rich.text import Text

    for plan, effort in found.chosen.efforts.items():
        for reason in dict.fromkeys(effort.unjudged.values()):
            count = sum(other == reason for other in effort.unjudged.values())
            say(Text(f"! {plan}: {count} case(s) not evaluated, and their time is not in it: {reason}"))
