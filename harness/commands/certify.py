"""`certify`: run test plans on a bench, and leave a record and a report of it."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from harness.clock import host_seconds
from harness.commands.options import (
    DEFAULT_SEED,
    REFERENCE_CLAIMS,
    REFERENCE_CONTROLLER,
    REFERENCE_DEVICE,
    VIRTUAL_BENCH,
    ApprovalsOption,
    ClaimsOption,
    OnlyOption,
    RequirementOption,
    RiskOption,
    SuiteOption,
)
from harness.stopping import SIGNALS


@SIGNALS.installed()
def certify(
    item: Annotated[str, typer.Option(help="Serial number of the item; what it says of itself if not given.")] = "",
    firmware: Annotated[str, typer.Option(help="Firmware of the item; refused if the item says another.")] = "",
    operator: Annotated[str, typer.Option(help="Who runs the tests.")] = "not named",
    customer: Annotated[str, typer.Option(help="For whom.")] = "not named",
    bench: Annotated[Path, typer.Option(metavar="FILE", help="The bench.")] = VIRTUAL_BENCH,
    claims: ClaimsOption = REFERENCE_CLAIMS,
    plans: Annotated[
        list[Path] | None, typer.Option(metavar="FILE|FOLDER", help="Test plans; may be given several times.")
    ] = None,
    suite: SuiteOption = None,
    only: OnlyOption = None,
    requirement: RequirementOption = None,
    risk: RiskOption = None,
    inspections: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Recorded answers to the inspections.")
    ] = None,
    external: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Recorded results of other laboratories.")
    ] = None,
    device_model: Annotated[
        Path, typer.Option(metavar="FILE", help="Model of the device on a virtual bench.")
    ] = REFERENCE_DEVICE,
    controller: Annotated[
        str, typer.Option(metavar="MODULE:FACTORY|FILE.so|tcp://HOST:PORT", help="Controller on a virtual bench.")
    ] = REFERENCE_CONTROLLER,
    seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="Of everything that is random on a virtual bench.")
    ] = DEFAULT_SEED,
    runs: Annotated[Path, typer.Option(metavar="FOLDER", help="Where runs are kept.")] = Path("runs"),
    allure: Annotated[Path | None, typer.Option(metavar="DIR", help="Also leave Allure results there.")] = None,
    qualification: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A qualification of the harness; the last one if not given.")
    ] = None,
    approvals: ApprovalsOption = None,
    wire_log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also log every exchange on every wire there, for `replay`.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Go on with a run that was interrupted; name files and bench as it did."),
    ] = None,
) -> int:
    """Certify a device: run the plans, record everything, print the verdict.

    Exit code: 0 complies, 1 a case fails, 2 an error of our side, 3 a case could not be evaluated.
    """
    from fixtures.bench_inputs import bench_inputs
    from fixtures.opening import open_bench
    from harness import resuming
    from harness.approvals import approvals_of
    from harness.bundle import approvals_file, gather, keep
    from harness.certification import Certification
    from harness.commands import compose, running
    from harness.prepared import Subject
    from harness.record import Record
    from harness.stamp import stamp, stamped_files

    started = host_seconds()
    past = resuming.to_resume(resume, wire_log) if resume is not None else None
    asked = compose.selection(only, requirement, risk)
    ready = compose.prepared(
        claims,
        compose.chosen_plans(suite, plans),
        compose.answers(claims, inspections),
        external,
        resuming.as_selected(past, asked) if past is not None else asked,
    )
    qualified = stamp(ready, qualification)
    approved = approvals_of(ready, approvals)
    model, model_facts = compose.device_model(device_model)
    factory = compose.controller_factory(controller)
    named = Subject(item, firmware, operator, customer, seed, model_facts, controller)
    subject = compose.as_served(bench, resuming.as_begun(past, named) if past is not None else named)
    kept = gather(
        ready,
        bench=bench_inputs(bench),
        qualification=stamped_files(qualification),
        others=[*compose.model_files(bench, device_model), *approvals_file(approvals)],
    )
    if past is not None:
        resuming.prove_same_files(past, kept, ready, subject)
    log = compose.wire_log(wire_log, ready, subject, bench)
    with log or nullcontext():
        why = f"certify {item}".rstrip()
        opened = open_bench(bench, seed=seed, device_model=model, controller_factory=factory, log=log, reason=why)
        with SIGNALS.held():
            with running.given_back(opened) as not_safe:
                folder = resume or running.new_folder(runs)
                if past is not None:
                    certification, facts = running.resumed(past, ready, opened), {}
                else:
                    certification = Certification(ready, opened, Record(folder / "record.jsonl", opened.clock))
                    opened.record_is_at(certification.record.path)
                    facts = keep(folder, kept) | {"command": running.command_line()}
                facts |= running.took_over(opened.took_over)
                ended = running.run(certification, subject, qualification=qualified, approvals=approved, **facts)
            if log is not None:
                log.end(running.outcome(folder, ended))
    code = running.conclude(folder, ended, host_seconds() - started, allure, not_safe=not_safe)
    return running.logged(log.path, log.count, log.trouble, code) if log is not None else code
