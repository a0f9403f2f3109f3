"""Whole records for the tests of reports: one with every verdict, one that passed, and one as large as they get."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness import events
from tests.reports.record_builder import RecordBuilder
from tests.reports.record_facts import PLANS, REQUIREMENTS, declared


def ramp(samples: int, peak: float, *, noise: float = 0.01) -> NDArray[np.float64]:
    """Return a rise, a plateau and a fall with a little noise that is the same every time."""
    t = np.linspace(0.0, 1.0, samples)
    shape = np.clip(np.minimum(t / 0.2, (1.0 - t) / 0.1), 0.0, 1.0)
    return np.asarray(peak * shape + noise * np.random.default_rng(1).standard_normal(samples), dtype=np.float64)


def small_record(folder: Path, *, close: bool = True, virtual: bool = True) -> RecordBuilder:
    """Return a record with a pass, a conditional pass, a failure, an undecided value, an undeclared claim and N/A."""
    record = RecordBuilder(folder)
    record.open(virtual=virtual, plans=PLANS, requirements=REQUIREMENTS)
    record.instruments()
    record.device()
    names = {
        "pass": "OUT-010[hands-lowest-500 Ω-nominal]",
        "fail": "OUT-010[hands-highest-10 kΩ-90 %]",
        "conditional": "OUT-020[feet]",
        "undecided": "TIN-010[hands]",
        "undeclared": "TIN-020[underarms]",
        "fault": "FLT-010[phase 1]",
        "none": "FLT-020",
    }
    delivered = "Delivered current is within tolerance of the displayed current"
    conditions = {"site": "hands", "level": "lowest", "load": "500 Ω", "supply": "nominal"}
    within = declared(low=4.75, high=5.25)
    record.plan_case(
        names["pass"],
        "OUT",
        delivered,
        ("REQ-OUT-003",),
        conditions,
        measures={"displayed current": declared(report=True), "delivered current": within},
    )
    record.plan_case(
        names["fail"],
        "OUT",
        delivered,
        ("REQ-OUT-003",),
        {**conditions, "level": "highest", "load": "10 kΩ", "supply": "90 %"},
        measures={"delivered current": declared(low=19.0, high=21.0)},
    )
    record.plan_case(
        names["conditional"],
        "OUT",
        "Residual current is small",
        ("REQ-OUT-001",),
        {"site": "feet"},
        measures={"residual current": declared(unit="µA", high=10.0, rule="conditional")},
    )
    record.plan_case(
        names["undecided"],
        "TIN",
        "First level is not felt",
        ("REQ-TIN-001",),
        {"site": "hands"},
        measures={"first level current": declared(high=0.5)},
    )
    record.plan_case(
        names["undeclared"], "TIN", "Highest level is comfortable", ("REQ-TIN-001",), {"site": "underarms"}
    )
    record.plan_case(
        names["fault"],
        "FLT",
        "Open electrode is cut off",
        ("REQ-FLT-001",),
        {"phase": "1"},
        method="open_electrode",
        measures={
            "cutoff time": declared(unit="ms", high=250.0),
            "fault state": {"is": "latched", "source": "claim faults.open_electrode", "repeats": 1},
        },
    )
    record.plan_case(names["none"], "FLT", "Programme that this device lacks", (), {})

    record.start(names["pass"], "Connect the load and the supply", "Start, and wait for the ramp to end", "Read")
    record.measure(names["pass"], "displayed current", 5.0, U=0.058, rule="", p=math.nan, verdict="")
    record.measure(names["pass"], "delivered current", 5.0123, low=4.75, high=5.25)
    record.waveform(
        names["pass"],
        "ramp",
        ramp(20_000, 5.0),
        interval_s=1e-3,
        limits={"maximum": 5.25},
        marks={"start": 0.0, "plateau": 4.0, "stop": 18.0},
    )
    record.end(names["pass"], "P")
    record.start(names["fail"], "Connect the load and the supply", "Start, and wait for the ramp to end", "Read")
    record.measure(
        names["fail"],
        "delivered current",
        24.31,
        U=0.06,
        low=19.0,
        high=21.0,
        verdict="F",
        reason="the value is outside the limit",
        p=1.0,
    )
    record.end(names["fail"], "F", "delivered current: the value is outside the limit")
    record.start(names["conditional"], "Read")
    record.measure(
        names["conditional"],
        "residual current",
        9.97,
        U=0.08,
        high=10.0,
        rule="conditional",
        reason="conditional: the value is inside the limit by less than its uncertainty",
        unit="µA",
    )
    record.end(names["conditional"], "P", conditional=True)
    record.start(names["undecided"], "Read")
    record.measure(
        names["undecided"],
        "first level current",
        0.4995,
        U=0.003,
        high=0.5,
        verdict="N/E",
        reason="undecided: the value is within its uncertainty of the limit",
    )
    record.end(
        names["undecided"], "N/E", "first level current: undecided: the value is within its uncertainty of the limit"
    )
    record.start(names["undeclared"])
    record.end(names["undeclared"], "N/E", "claim sites.underarms.comfort_ceiling is not declared")
    record.start(names["fault"], "Open the electrode", "Read")
    record.measure(names["fault"], "cutoff time", 183.2, U=1.4, high=250.0, unit="ms")
    record.observe(names["fault"], "fault state", "latched", "latched", "P")
    record.waveform(
        names["fault"],
        "output voltage after opening",
        np.concatenate([np.full(2_000, 5.0), 30.0 * np.exp(-np.arange(8_000) / 900.0)]),
        interval_s=1e-4,
        start_s=-0.2,
        limits={"collapse below": 1.0},
        marks={"electrode opened": 0.0, "cutoff": 0.183},
        unit="V",
        quantity="output voltage",
    )
    record.end(names["fault"], "P")
    record.start(names["none"])
    record.end(names["none"], "N/A", "the claims offer no such programme")
    record.record.write(
        events.Problem(case=names["undeclared"], kind="LinkError", message="'*IDN?' was not answered within 2 s")
    )
    record.record.write(events.Note(text="the lid of the jig was closed by hand"))
    if close:
        record.close("DOES NOT COMPLY", 1, {"P": 3, "F": 1, "N/A": 1, "N/E": 2, "conditional": 1})
    return record


def passing_record(folder: Path) -> RecordBuilder:
    """Return a record in which everything that was planned passed."""
    record = RecordBuilder(folder)
    record.open(plans=PLANS[:1], requirements=REQUIREMENTS[1:2])
    record.instruments()
    record.plan_case("OUT-010", "OUT", "Delivered current", ("REQ-OUT-003",), {})
    record.start("OUT-010", "Read")
    record.measure("OUT-010", "delivered current", 5.0, low=4.75, high=5.25)
    record.end("OUT-010", "P")
    record.close("COMPLIES", 0, {"P": 1, "F": 0, "N/A": 0, "N/E": 0, "conditional": 0})
    return record


def large_record(folder: Path, *, cases: int = 200, values: int = 8, waveforms: int = 120) -> RecordBuilder:
    """Return a record as large as a whole certification: by default 200 cases, 1,600 values, 120 waveforms."""
    record = RecordBuilder(folder)
    record.open(plans=PLANS, requirements=REQUIREMENTS)
    record.instruments()
    names = [f"{PLANS[i % 3]['id']}-{10 * (i // 3 % 6 + 1):03d}[hands-{i}-500 Ω]" for i in range(cases)]
    for i, name in enumerate(names):
        record.plan_case(
            name,
            str(PLANS[i % 3]["id"]),
            "Delivered current is within tolerance",
            ("REQ-OUT-003",),
            {"site": "hands", "level": str(i), "load": "500 Ω"},
            measures={f"delivered current {of}": declared(low=4.75, high=5.25, repeats=values // 4) for of in range(4)},
        )
    for i, name in enumerate(names):
        record.start(name, "Connect", "Read")
        for index in range(values):
            record.measure(name, f"delivered current {index % 4}", 5.0 + 0.01 * index, low=4.75, high=5.25)
        if i < waveforms:
            record.waveform(
                name, "ramp", ramp(20_000, 5.0), interval_s=1e-3, limits={"maximum": 5.25}, marks={"stop": 18.0}
            )
        record.end(name, "P")
    record.close("COMPLIES", 0, {"P": cases})
    return record
