"""`serve`: put a virtual bench on real wires, for any VISA client, until somebody stops it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.commands.options import DEFAULT_SEED, REFERENCE_CONTROLLER, REFERENCE_DEVICE, VIRTUAL_BENCH

if TYPE_CHECKING:
    from fixtures.serving.bench import ServedBench

LOOPBACK = "127.0.0.1"


def serve(
    bench: Annotated[Path, typer.Option(metavar="FILE", help="The virtual bench.")] = VIRTUAL_BENCH,
    pace: Annotated[
        str, typer.Option(metavar="wall|xN|stepped", help="How its time passes: stepped, as clients wait for it.")
    ] = "wall",
    device_model: Annotated[
        Path, typer.Option(metavar="FILE", help="Model of the device on the bench.")
    ] = REFERENCE_DEVICE,
    controller: Annotated[
        str, typer.Option(metavar="MODULE:FACTORY|FILE.so|tcp://HOST:PORT", help="Controller on the bench.")
    ] = REFERENCE_CONTROLLER,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of everything that is random on it.")] = DEFAULT_SEED,
    write: Annotated[
        Path, typer.Option(metavar="FILE", help="Where to leave the bench file for `certify --bench`.")
    ] = Path("served.yaml"),
    over: Annotated[
        str, typer.Option(metavar="hislip|socket", help="The way to the instruments in that file.")
    ] = "hislip",
    line: Annotated[
        str, typer.Option(metavar="terminal|tcp", help="The way to the controller in that file.")
    ] = "terminal",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The first TCP port, the others follow; 0: any that are free.")
    ] = 0,
) -> int:
    """Serve a virtual bench: instruments over TCP sockets and HiSLIP, the controller on a terminal and over TCP.

    Ctrl-C or SIGTERM stops it.
    """
    import signal

    from fixtures.bench_file import load_bench_file
    from fixtures.bench_lock import forget
    from fixtures.serving.bench import ServedBench
    from fixtures.serving.line_port import has_terminals
    from fixtures.serving.pace import pace_of
    from fixtures.serving.written import bench_file
    from fixtures.serving.written import write as write_file
    from fixtures.virtual.bench import VirtualBench
    from fixtures.virtual.truth import truth
    from harness.commands import compose
    from harness.errors import ConfigError

    chosen = pace_of(pace)
    document = load_bench_file(bench)
    if document.content.virtual is None or document.content.virtual.served is not None:
        kind = "a real" if document.content.virtual is None else "an already served"
        raise ConfigError(f"{bench} is {kind} bench, and must be a virtual one of its own to be served")
    model, model_facts = compose.device_model(device_model)
    factory = compose.controller_factory(controller)
    if line == "terminal" and not has_terminals():
        line = "tcp"
    world = VirtualBench(document.content.model_dump(), seed=seed, device_model=model, factory=factory)
    about = {
        "bench": document.content.bench,
        "sha256": document.sha256,
        "seed": seed,
        "device_model": model_facts,
        "controller": controller,
    }
    served = ServedBench(
        world,
        pace=chosen,
        host=host,
        first_port=port,
        about=about,
        truth=lambda: truth(world),
        trouble=lambda text: typer.echo(f"iontobench: {text}", err=True),
    )
    try:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda _number, _frame: served.stop())
        forget(*served.addresses())
        write_file(write, bench_file(bench, served, way=over, line=line))
        _show(served, document.content.bench, str(chosen), write, host)
        served.run()
    finally:
        served.close()
    typer.echo("stopped: all ports are closed")
    return 0


def _show(served: "ServedBench", name: str, pace: str, written: Path, host: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    from reports.summary import VIRTUAL_BANNER

    console = Console(soft_wrap=True)
    rows = [(place.name, place.socket, place.hislip, place.identity) for place in served.places]
    rows.append(("controller", served.line, served.terminal or "no pseudo-terminals on this system", ""))
    rows.append(("clock", served.clock, "", "docs/clock-port.md"))
    if console.is_terminal:
        table = Table(*(Column(head, overflow="fold") for head in ("Serves", "Socket", "HiSLIP or terminal", "Is")))
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)
    else:
        for row in rows:
            typer.echo("\t".join(row))
    if host != LOOPBACK:
        typer.echo(f"warning: whoever reaches {host} can use this bench; there are no passwords", err=True)
    first = served.places[0]
    typer.echo(f"bench {name}, pace {pace}: {VIRTUAL_BANNER}")
    typer.echo(
        f"""try:  python -c "import pyvisa; print(pyvisa.ResourceManager('@py').open_resource("""
        f"""'{first.hislip}').query('*IDN?'))\""""
    )
    typer.echo(f"next: python -m harness certify --bench {written}")
    typer.echo("Ctrl-C stops it")
