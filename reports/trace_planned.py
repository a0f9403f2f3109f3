"""The trace of plans that were not run: what a run of them would open with, and nothing that came of it."""

from typing import Any

import orjson

from harness.events import Event
from harness.opened import opened, planned
from harness.prepared import Prepared, Subject
from reports.chain import Entry
from reports.fold import Tables
from reports.trace import PLANS_BANNER, Trace, trace_of

_NOBODY = Subject("", "", "", "", 0, {}, "")
_NO_BENCH = {"name": "none", "revision": 0, "sha256": "", "virtual": True}


def planned_trace(ready: Prepared, approvals: dict[str, Any]) -> Trace:
    """Return the trace of plans; approvals is what a record would say of them (harness/approvals.py)."""
    tables = Tables()
    tables.add(_entry(opened(ready, _NOBODY, _NO_BENCH), {"approvals": approvals}))
    for case in ready.cases:
        tables.add(_entry(planned(case, ready.methods[case.id]), {}))
    return trace_of(tables, "", [PLANS_BANNER])


def _entry(event: Event, volatile: dict[str, Any]) -> Entry:
    return Entry(0, event.type, event.version, 0, orjson.loads(orjson.dumps(event)), volatile)
