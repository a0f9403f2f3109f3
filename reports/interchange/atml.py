"""A run as ATML test results (IEEE Std 1636.1): a group for each plan and case, a test for each value and observation.

U stands as the error limits of a value, at 95 %. Decision rule, coverage factor, p(nonconforming), budget, and what
nobody saw in its source stand in an extension of ours, because ATML has no words for them; so do the record's head and
what speaks against it. A value that was told and not judged is an action of the session, not a test.
"""

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from reports import approval, summary
from reports.doubts import COMPLIES, CONDITIONAL, FAILS
from reports.fold import DEVICE
from reports.interchange.atml_parts import (
    EDITION,
    IB,
    TR,
    C,
    limits,
    number,
    outcome,
    step_type,
    sub,
    text,
    tostring,
    uncertainty,
    words,
)
from reports.interchange.shared import instant, lines_by_case, remarks, reported_only, write, xml_text
from reports.rows import Case, Measurement, Observation, WaveformRow
from reports.run import Run

_Line = Measurement | Observation
_NAMESPACE = uuid.UUID("0f2b7a0e-52b6-5f6e-8d59-6c0a0f7d9a3e")
_RUN_VERDICTS = {COMPLIES: "P", CONDITIONAL: "P", FAILS: "F"}
_NOT_GIVEN = "not given"


def write_atml(run: Run, path: Path) -> Path:
    """Write a run as ATML; return the path.

    Raises:
        ConfigError: The file cannot be written.
    """
    return write(path, atml(run))


def atml(run: Run) -> bytes:
    """Return a run as ATML; the same record always gives the same bytes."""
    made = ET.Element(
        f"{TR}TestResults", uuid=str(uuid.uuid5(_NAMESPACE, _document(run))), name=xml_text(f"iontobench {run.id}")
    )
    operator = run.rows.opened["operator"] or _NOT_GIVEN
    sub(sub(made, f"{TR}Personnel"), f"{TR}SystemOperator", ID=operator, name=operator)
    top = _result_set(made, run)
    bench = run.rows.opened["bench"]
    station = sub(made, f"{TR}TestStation")
    _definition(station, str(bench["name"]), f"revision {bench['revision']}", "")
    text(station, f"{C}SerialNumber", str(bench["name"]))
    _item(made, run)
    _about_the_run(sub(made, f"{TR}Extension"), run)
    return tostring(made, {top: _plans(run)})


def _document(run: Run) -> str:
    """Return what tells this document from all others: the record, and of an amended report its number too."""
    return f"{run.head} {run.id}" if run.amendments else run.head


def _item(made: ET.Element, run: Run) -> None:
    item, device = run.rows.opened["item"], run.rows.opened["claims"]["device"]
    unit = sub(made, f"{TR}UUT")
    _definition(unit, str(item["model"] or device["model"]), item.get("firmware"), device["manufacturer"])
    text(unit, f"{C}SerialNumber", str(item["serial"] or _NOT_GIVEN))


def _definition(parent: ET.Element, model: str, version: str | None, manufacturer: str) -> None:
    known = sub(sub(parent, f"{C}Definition"), f"{C}Identification")
    if version:
        text(known, f"{C}Version", version)
    text(known, f"{C}ModelName", model)
    numbers = sub(known, f"{C}IdentificationNumbers")
    sub(numbers, f"{C}IdentificationNumber", number=model, type="Model", qualifier="model")
    if manufacturer:
        sub(sub(known, f"{C}Manufacturers"), f"{C}Manufacturer", name=manufacturer)


def _result_set(made: ET.Element, run: Run) -> ET.Element:
    """Add the result of the whole, whose groups are made when they are written."""
    start, end = instant(run, 0.0), instant(run, run.rows.last_s)
    top = sub(made, f"{TR}ResultSet", ID="run", name=summary.scope(run), startDateTime=start, endDateTime=end)
    readings = [row for row in run.rows.environment if row.temperature_degC is not None]
    environment = sub(top, f"{TR}EnvironmentalData") if readings else top
    for row in readings:
        at = instant(run, row.at_s)
        for name, value, expanded, unit in (
            ("temperature", row.temperature_degC, row.temperature_U, "°C"),
            ("relative humidity", row.humidity_percent, row.humidity_U, "%"),
        ):
            told = sub(environment, f"{TR}Environmental", name=f"{name}, {row.when}", timeStamp=at)
            uncertainty(number(told, value, unit), expanded, unit)
    outcome(top, _RUN_VERDICTS.get(run.verdict, "N/E"), conditional=run.verdict == CONDITIONAL)
    return top


def _plans(run: Run) -> Iterator[ET.Element]:
    """Give the group of each plan, one after another: those of a whole suite are too much to be held at once."""
    start = instant(run, 0.0)
    lines = lines_by_case(run)
    places = {name: place for place, name in enumerate(run.rows.cases, start=1)}
    waveforms: dict[str, list[WaveformRow]] = {}
    for kept in run.rows.waveforms:
        waveforms.setdefault(kept.case, []).append(kept)
    for index, result in enumerate(summary.plan_results(run), start=1):
        plan = result.plan
        name = f"{plan.plan} {plan.title}"
        attributes = {"ID": f"plan-{index}", "name": xml_text(name), "startDateTime": start}
        group = ET.Element(f"{TR}TestGroup", attributes | {"simulated": str(run.virtual).lower()})
        sub(sub(group, f"{TR}Extension"), f"{IB}Plan", id=plan.plan, revision=plan.revision, sha256=plan.sha256)
        outcome(group, result.verdict, conditional=bool(result.counts["conditional"]) and result.verdict == "P")
        for case in result.cases:
            _case(group, run, case, places[case.case], lines[case.case], waveforms.get(case.case, []))
        yield group


def _case(
    parent: ET.Element, run: Run, case: Case, index: int, lines: list[_Line], waveforms: list[WaveformRow]
) -> None:
    start_s = case.started_s or 0.0
    group = sub(
        parent,
        f"{TR}TestGroup",
        ID=f"case-{index}",
        name=case.case,
        startDateTime=instant(run, start_s),
        endDateTime=instant(run, start_s + (case.took_s or 0.0)),
        simulated=run.virtual,
    )
    text(group, f"{TR}Description", case.title or case.case)
    if case.conditions:
        conditions = sub(group, f"{TR}Parameters")
        for name, value in case.conditions.items():
            words(sub(sub(conditions, f"{TR}Parameter", ID=name, name=name), f"{TR}Data"), str(value))
    extension = sub(group, f"{TR}Extension")
    step_type(extension, "SequenceCall")
    sub(
        extension,
        f"{IB}Case",
        verdict=case.verdict,
        conditional=case.conditional,
        reason=case.reason,
        verifies=case.verifies,
        attempts=case.attempts,
    )
    for kept in waveforms:
        sub(extension, f"{IB}Waveform", name=kept.name, file=kept.file, sha256=kept.sha256, samples=kept.samples)
    outcome(group, case.verdict, conditional=case.conditional)
    for line in lines:
        (_told if reported_only(line) else _test)(group, run, line)


def _told(parent: ET.Element, run: Run, line: _Line) -> None:
    """Add what was told and not judged, as an action that was done."""
    at = instant(run, line.at_s)
    action = sub(parent, f"{TR}SessionAction", ID=f"line-{line.seq}", name=line.name, startDateTime=at)
    data = sub(action, f"{TR}Data")
    if isinstance(line, Measurement):
        uncertainty(number(data, line.value, line.unit), line.U, line.unit)
        _budget(sub(action, f"{TR}Extension"), line)
    else:
        words(data, line.value)
    sub(action, f"{TR}ActionOutcome", value="Done")


def _test(parent: ET.Element, run: Run, line: _Line) -> None:
    at = instant(run, line.at_s)
    test = sub(parent, f"{TR}Test", ID=f"line-{line.seq}", name=line.name, startDateTime=at, simulated=run.virtual)
    if line.reason:
        text(test, f"{TR}Description", line.reason)
    extension = sub(test, f"{TR}Extension")
    conditional = isinstance(line, Measurement) and line.conditional
    step_type(extension, "NumericLimitTest" if isinstance(line, Measurement) else "StringValueTest")
    if isinstance(line, Measurement):
        _budget(extension, line)
    outcome(test, line.verdict, conditional=conditional)
    result = sub(test, f"{TR}TestResult", ID=f"result-{line.seq}")
    outcome(result, line.verdict, conditional=conditional)
    data = sub(result, f"{TR}TestData", acquisitionTimeStamp=at)
    if isinstance(line, Observation):
        words(data, line.value)
        allowed = sub(sub(result, f"{TR}TestLimits"), f"{TR}Limits")
        words(sub(allowed, f"{C}Expected", comparator="EQ"), line.expected)
        return
    uncertainty(number(data, line.value, line.unit), line.U, line.unit)
    if line.low is not None or line.high is not None:
        allowed = sub(sub(result, f"{TR}TestLimits"), f"{TR}Limits")
        limits(allowed, line.low, line.high, line.unit)
        if line.limit:
            text(allowed, f"{C}Description", line.limit)


def _budget(extension: ET.Element, row: Measurement) -> None:
    """Add how a value was judged, and what its uncertainty is made of, in the unit of the value."""
    judged = sub(
        extension,
        f"{IB}Judgement",
        recordLine=row.seq,
        attempt=row.attempt,
        step=row.step,
        verdict=row.verdict,
        conditional=row.conditional,
        rule=row.rule,
        reason=row.reason,
        U=row.U,
        u=row.u,
        k=row.k,
        dof=row.dof,
        pNonconforming=row.p_nonconforming,
        tur=row.tur,
        limit=row.limit,
        unverifiedLimit=row.unverified_limit,
        unverified=row.unverified,
        instruments=row.instruments,
    )
    for source, u, distribution, dof, figure in row.budget:
        sub(judged, f"{IB}Component", source=source, u=u, distribution=distribution, dof=dof, figure=figure)


def _about_the_run(extension: ET.Element, run: Run) -> None:
    told = sub(
        extension,
        f"{IB}Run",
        edition=EDITION,
        verdict=f"{run.verdict} {summary.scope(run)}",
        recordHead=run.head,
        events=run.count,
        notTested=summary.not_tested_words(run),
        times="bench time, counted from the begin of the run by the host's clock",
    )
    for remark in remarks(run):
        text(told, f"{IB}Remark", remark)
    for obstacle in approval.obstacles(run):
        text(told, f"{IB}ObstacleToApproval", obstacle)
    for row in run.rows.instruments:
        sub(
            told,
            f"{IB}{'Device' if row.name == DEVICE else 'Instrument'}",
            name=row.name,
            role=row.role,
            maker=row.maker,
            model=row.model,
            serial=row.serial,
            firmware=row.firmware,
            certificate=row.certificate,
            laboratory=row.laboratory,
            issued=row.issued,
            due=row.due,
        )
