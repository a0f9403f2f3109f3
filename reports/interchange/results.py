"""A run as results.json: every case, value, budget, limit and rule, for a program that reads no record."""

import math
from pathlib import Path

import orjson

from reports import approval, clauses, summary
from reports.interchange import results_format as of
from reports.interchange.shared import began, remarks, write
from reports.rows import Case, Measurement, Observation
from reports.run import Run
from reports.summary import NOT_TESTED


def write_results(run: Run, path: Path) -> Path:
    """Write a run as JSON, one field a line; return the path.

    Raises:
        ConfigError: The file cannot be written.
    """
    return write(path, results_json(run))


def results_json(run: Run) -> bytes:
    """Return a run as JSON; the same record always gives the same bytes."""
    return orjson.dumps(results(run), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def results(run: Run) -> of.Results:
    """Return a run in the format of results.json."""
    tables = run.rows
    return of.Results(
        format="iontobench results",
        version=1,
        run=_facts(run),
        given=_given(run),
        plans=tables.plans,
        requirements=_requirements(run),
        clauses=_clauses(run),
        cases=[_case(case) for case in tables.cases.values()],
        measurements=[_measurement(row) for row in tables.measurements],
        observations=[_observation(row) for row in tables.observations],
        waveforms=tables.waveforms,
        instruments=tables.instruments,
        check_standards=tables.check_standards,
        environment=tables.environment,
        problems=tables.problems,
        notes=tables.notes,
    )


def _facts(run: Run) -> of.RunFacts:
    at = began(run)
    ended = run.rows.ended or {}
    return of.RunFacts(
        id=run.id,
        verdict=run.verdict,  # type: ignore[arg-type]  # one of the four words of reports/doubts.py
        scope=summary.scope(run),
        counts=run.counts,
        complete=run.complete,
        virtual=run.virtual,
        remarks=remarks(run),
        doubts=run.doubts,
        obstacles=approval.obstacles(run),
        requirements_not_tested=[requirement.requirement for requirement in summary.not_tested(run)],
        began=at.isoformat() if at is not None else None,
        bench_s=ended.get("bench_s"),
        record_head=run.head,
        content_head=run.content_head,
        events=run.count,
    )


def _given(run: Run) -> of.Given:
    opened, said = run.rows.opened, run.rows.opened_volatile.get("approvals")
    return of.Given(
        harness=opened["harness"],
        bench=opened["bench"],
        claims=opened["claims"],
        standards=opened["standards"],
        item=opened["item"],
        operator=opened["operator"],
        customer=opened["customer"],
        seed=opened["seed"],
        device_model=opened["device_model"],
        controller=opened["controller"],
        approvals=said if isinstance(said, dict) else {},
    )


def _requirements(run: Run) -> list[of.Requirement]:
    return [
        of.Requirement(
            id=result.requirement.requirement,
            text=result.requirement.text,
            source=result.requirement.source,
            fingerprint=result.requirement.fingerprint,
            verification=result.requirement.verification,
            verdict=result.verdict,  # type: ignore[arg-type]
            conditional=result.conditional,
            cases=[case.case for case in result.cases],
            remark=result.remark
            or (result.requirement.untested or "no case speaks for it" if result.verdict == NOT_TESTED else ""),
        )
        for result in summary.requirement_results(run)
    ]


def _clauses(run: Run) -> list[of.Clause]:
    return [
        of.Clause(
            standard=result.clause.standard,
            clause=result.clause.clause,
            title=result.clause.title,
            applied=result.clause.applied,
            provenance=result.clause.provenance,
            requirements=[one.requirement.requirement for one in result.requirements],
            verdict=result.state,  # type: ignore[arg-type]
            conditional=result.conditional,
            reason=result.reason,
        )
        for result in clauses.clause_results(run)
    ]


def _case(case: Case) -> of.Case:
    return of.Case(
        id=case.case,
        plan=case.plan,
        base=case.base,
        title=case.title,
        verifies=list(case.verifies),
        means="external result" if case.external else "inspection" if case.inspection else "test",
        method=case.method,
        conditions=case.conditions,
        declared=case.measures,
        verdict=case.verdict,  # type: ignore[arg-type]
        conditional=case.conditional,
        reason=case.reason,
        attempts=case.attempts,
        started_s=case.started_s,
        took_s=case.took_s,
    )


def _measurement(row: Measurement) -> of.Measurement:
    return of.Measurement(
        record_line=row.seq,
        case=row.case,
        attempt=row.attempt,
        step=row.step,
        name=row.name,
        value=row.value,
        unit=row.unit,
        U=row.U,
        u=row.u,
        k=row.k,
        dof=_finite(row.dof),
        low=row.low,
        high=row.high,
        rule=row.rule,  # type: ignore[arg-type]
        p_nonconforming=row.p_nonconforming,
        tur=row.tur,
        verdict=row.verdict,  # type: ignore[arg-type]
        conditional=row.conditional,
        reason=row.reason,
        limit=row.limit,
        unverified_limit=row.unverified_limit,
        unverified=list(row.unverified),
        instruments=list(row.instruments),
        budget=[
            of.Component(source, _finite(u), distribution, _finite(dof), figure)
            for source, u, distribution, dof, figure in row.budget
        ],
        at_s=row.at_s,
    )


def _observation(row: Observation) -> of.Observation:
    return of.Observation(
        record_line=row.seq,
        case=row.case,
        attempt=row.attempt,
        step=row.step,
        name=row.name,
        value=row.value,
        expected=row.expected,
        verdict=row.verdict,  # type: ignore[arg-type]
        reason=row.reason,
        limit=row.limit,
        at_s=row.at_s,
    )


def _finite(number: float | None) -> float | None:
    """Return a number that JSON can hold; null stands for infinite degrees of freedom."""
    return number if number is not None and math.isfinite(number) else None
