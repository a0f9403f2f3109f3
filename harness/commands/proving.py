"""The proofs of `plan check`: plans by themselves, the catalogue of requirements, and a dry run of the plans."""

import os
from dataclasses import replace
from pathlib import Path

from harness.claims import Claims, load_claims
from harness.commands import compose
from harness.commands.options import DEFAULT_SEED, PLANS_FOLDER, REFERENCE_CLAIMS, VIRTUAL_BENCH
from harness.errors import ConfigError, HarnessError
from harness.finding import Findings
from harness.library import Library, load_library
from harness.plan import Plan, find_plans, load_plan
from harness.prepared import Prepared, prepare


def prove(plans: list[Path], claims: Path, *, dry_run: bool) -> Findings:
    """Return what is found when plans are checked against claims: what is well, what to look at, and what is wrong.

    One plan that is wrong hides nothing that is wrong with another. The dry run is of the reference device with its own
    claims, which are those that it can be expected to follow.

    Raises:
        ConfigError: The claims, the requirements, the hazards or the standards are wrong: nothing can be checked then.
    """
    from harness.proofs import prove_catalogue, prove_plan
    from harness.seed import SEED, prove_seed

    findings = Findings()
    library, declared = load_library(PLANS_FOLDER), load_claims(claims)
    chosen = _loaded(compose.plan_files(plans), findings)
    ready = [one for plan in chosen if (one := _prepared(plan, declared, library, findings)) is not None]
    for one in ready:
        prove_plan(one, one.plans[0], findings)
    if dry_run and ready:
        _dry_run([one.plans[0] for one in ready], library, findings)
    known = {plan.document.path.resolve() for plan in chosen}
    others = [path for path in find_plans(PLANS_FOLDER) if path.resolve() not in known]
    prove_catalogue(library, [*chosen, *_loaded(others, findings)], findings)
    prove_seed(PLANS_FOLDER / SEED, library, findings)
    here = f"{Path.cwd()}{os.sep}"
    return Findings(replace(finding, text=finding.text.replace(here, "")) for finding in findings)


def _loaded(files: list[Path], findings: Findings) -> list[Plan]:
    plans = []
    for path in files:
        try:
            plans.append(load_plan(path))
        except ConfigError as error:
            findings.problem(path.stem, "plan", str(error))
    return plans


def _prepared(plan: Plan, claims: Claims, library: Library, findings: Findings) -> Prepared | None:
    try:
        return prepare(claims, library, [plan], None)
    except ConfigError as error:
        findings.problem(plan.content.plan, "plan", str(error))
        return None


def _dry_run(plans: list[Plan], library: Library, findings: Findings) -> None:
    from fixtures.bench_file import load_bench_file
    from harness.commands.rehearsing import run_through
    from harness.reached import prove_reached, read_dry_run

    try:
        ready = prepare(load_claims(REFERENCE_CLAIMS), library, plans, None)
        with run_through(load_bench_file(VIRTUAL_BENCH), ready, DEFAULT_SEED, "plan check") as record:
            run = read_dry_run(record)
    except HarnessError as error:
        findings.problem("dry run", "bench", f"the plans could not be run: {error}")
        return
    for plan in plans:
        prove_reached(run, plan, findings)
