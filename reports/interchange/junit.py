"""A run as JUnit XML, for a build server: a suite for each plan, a test for each case, and one for the run itself.

JUnit knows passed, failed, error and skipped: P is passed, F failed, N/A skipped, and N/E is an error, because what
was not evaluated must not look like a pass. The last suite is the verdict of the whole run: cases that passed in a
record that was cut off do not make a green build.
"""

import xml.etree.ElementTree as ET
from pathlib import Path

from reports import summary
from reports.doubts import COMPLIES, CONDITIONAL, FAILS
from reports.interchange.shared import began, lines_by_case, remarks, write, xml_text
from reports.rows import Case, Measurement, Observation
from reports.run import Run
from reports.trace_lines import said

_Line = Measurement | Observation
RUN_SUITE = "run"
_KINDS = ("failure", "error", "skipped")


def write_junit(run: Run, path: Path) -> Path:
    """Write a run as JUnit XML; return the path.

    Raises:
        ConfigError: The file cannot be written.
    """
    return write(path, junit(run))


def junit(run: Run) -> bytes:
    """Return a run as JUnit XML; the same record always gives the same bytes."""
    lines, troubled = lines_by_case(run), {problem.case for problem in run.rows.problems}
    root = ET.Element("testsuites", name=xml_text(f"iontobench {run.id}"))
    for plan in run.rows.plans:
        suite = _suite(root, run, f"{plan.plan} {plan.title}")
        _properties(suite, run, {"plan": f"{plan.plan} revision {plan.revision}", "plan SHA-256": plan.sha256})
        for case in run.rows.cases.values():
            if case.plan == plan.plan:
                _case(suite, case, lines[case.case], case.case in troubled)
        _close(suite)
    _run_suite(root, run)
    suites = list(root)
    root.set("tests", str(sum(int(suite.get("tests", "0")) for suite in suites)))
    root.set("failures", str(sum(int(suite.get("failures", "0")) for suite in suites)))
    root.set("errors", str(sum(int(suite.get("errors", "0")) for suite in suites)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in suites)))
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _suite(root: ET.Element, run: Run, name: str) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", name=xml_text(name))
    at = began(run)
    if at is not None:
        suite.set("timestamp", at.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.set("hostname", xml_text(run.rows.opened_volatile.get("host") or "not recorded"))
    return suite


def _properties(suite: ET.Element, run: Run, own: dict[str, str]) -> None:
    item = run.rows.opened["item"]
    pairs = own | {
        "run": run.id,
        "verdict of the run": f"{run.verdict} {summary.scope(run)}",
        "item": f"{item.get('model')} {item.get('serial') or 'without a serial number'}",
        "record head": run.head,
        "remarks": "; ".join(remarks(run)) or "none",
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in pairs.items():
        ET.SubElement(properties, "property", name=name, value=xml_text(value))


def _case(suite: ET.Element, case: Case, lines: list[_Line], troubled: bool) -> None:
    test = _test(suite, case.plan, case.case, case.took_s or 0.0)
    if case.verdict == "F":
        _outcome(test, "failure", "F", case.reason)
    elif case.verdict == "N/A":
        _outcome(test, "skipped", "N/A", case.reason)
    elif case.verdict != "P":
        _outcome(test, "error", "N/E, trouble of ours" if troubled else "N/E, not evaluated", case.reason)
    told = [case.title]
    told += [f"verifies {', '.join(case.verifies)}"] if case.verifies else []
    told += [f"conditional: {case.reason or 'inside the guard band'}"] if case.conditional else []
    ET.SubElement(test, "system-out").text = xml_text("\n".join([*told, *map(_line, lines)]))


def _line(row: _Line) -> str:
    verdict = f"{row.verdict}{' conditional' if isinstance(row, Measurement) and row.conditional else ''}"
    unverified = " (U unverified)" if isinstance(row, Measurement) and row.unverified else ""
    unseen = " (limit unverified)" if isinstance(row, Measurement) and row.unverified_limit else ""
    rule = f" by the rule {row.rule}" if isinstance(row, Measurement) and row.rule else ""
    reason = f": {row.reason}" if row.reason else ""
    return f"line {row.seq}: {said(row)}{unverified}{unseen}{rule} -> {verdict or 'reported'}{reason}"


def _run_suite(root: ET.Element, run: Run) -> None:
    """Add what no case says: what the run as a whole came to, and what speaks against its record."""
    suite = _suite(root, run, RUN_SUITE)
    _properties(suite, run, {"not tested": summary.not_tested_words(run) or "nothing"})
    verdict = _test(suite, RUN_SUITE, "verdict", 0.0)
    words = f"{run.verdict} {summary.scope(run)}"
    if run.verdict == FAILS:
        _outcome(verdict, "failure", run.verdict, words)
    elif run.verdict not in (COMPLIES, CONDITIONAL):
        _outcome(verdict, "error", run.verdict, words)
    ET.SubElement(verdict, "system-out").text = xml_text("\n".join([words, *remarks(run)]))
    record = _test(suite, RUN_SUITE, "record", 0.0)
    if run.doubts:
        _outcome(record, "error", "the record is in doubt", "; ".join(run.doubts))
    ET.SubElement(record, "system-out").text = f"{run.count} events, head {run.head}"
    _close(suite)


def _test(suite: ET.Element, group: str, name: str, took_s: float) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=group, name=xml_text(name), time=_seconds(took_s))


def _outcome(test: ET.Element, kind: str, word: str, reason: str) -> None:
    message = xml_text(reason or "no reason was recorded")
    ET.SubElement(test, kind, type=word, message=message).text = message


def _close(suite: ET.Element) -> None:
    """Count the tests of a suite."""
    tests = suite.findall("testcase")
    counts = {kind: sum(test.find(kind) is not None for test in tests) for kind in _KINDS}
    suite.set("tests", str(len(tests)))
    suite.set("failures", str(counts["failure"]))
    suite.set("errors", str(counts["error"]))
    suite.set("skipped", str(counts["skipped"]))
    suite.set("time", _seconds(sum(float(test.get("time", "0")) for test in tests)))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
