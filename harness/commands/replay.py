"""`replay`: run the same plans again on a log of the wires, with no bench, to the same verdicts."""

from pathlib import Path
from typing import Annotated

import typer

from harness.clock import host_seconds
from harness.stopping import SIGNALS


@SIGNALS.installed()
def replay(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="What certify --wire-log wrote.")],
    claims: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The claims of the logged run, if they moved.")
    ] = None,
    plans: Annotated[
        list[Path] | None, typer.Option(metavar="FILE|FOLDER", help="The plans of the logged run, if they moved.")
    ] = None,
    inspections: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The answers of the logged run, if they moved.")
    ] = None,
    external: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The external results of the logged run, if they moved.")
    ] = None,
    runs: Annotated[Path, typer.Option(metavar="FOLDER", help="Where runs are kept.")] = Path("runs"),
    allure: Annotated[Path | None, typer.Option(metavar="DIR", help="Also leave Allure results there.")] = None,
) -> int:
    """Run a logged run again from its log: no bench is needed, and the record has the same content.

    Exit code: that of the logged run; 2 if the replay asks something else than was asked, or comes to something else.
    """
    from fixtures.replay import open_replay
    from fixtures.replay_tape import Tape
    from harness.approvals import approvals_of
    from harness.bundle import approvals_file, gather, keep
    from harness.certification import Certification
    from harness.commands import compose, running
    from harness.errors import EvidenceError, HarnessError
    from harness.events import RunEnded
    from harness.record import Record

    started = host_seconds()
    tape = Tape(log)
    ready = compose.as_given(tape.given, claims, plans, inspections, external)
    approved = approvals_of(ready, None)
    kept = gather(ready, bench={}, others=approvals_file(None))
    kept.add("bench", Path(tape.given.bench.path).name, tape.given.bench.text.encode("utf-8"))
    opened = open_replay(tape)
    wrong = ""

    def compare(ended: RunEnded) -> str:
        """Return what differs from the logged run, whose last exchanges are those of its bench being closed."""
        nonlocal wrong
        try:
            opened.close()
            tape.finish(running.outcome(folder, ended))
        except HarnessError as error:
            wrong = str(error)
        return wrong

    try:
        folder = running.new_folder(runs)
        record = Record(folder / "record.jsonl", opened.clock)
        certification = Certification(ready, opened, record, compare)
        logged = {"log": str(log), "utc": tape.given.utc}
        facts = keep(folder, kept)
        ended = running.run(certification, tape.given.subject, replay=logged, approvals=approved, **facts)
    finally:
        opened.close()
    if wrong:
        raise EvidenceError(wrong)
    code = running.conclude(folder, ended, host_seconds() - started, allure)
    typer.echo(f"the content is that of the logged run: {running.outcome(folder, ended).content_head}")
    return code
