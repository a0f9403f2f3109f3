"""Builds small, honest, chained records for the tests of reports, with the harness's own writer and events."""

import hashlib
import io
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from harness import events
from harness.budget import expanded
from harness.limits import Limit, Rule, judge, tur
from harness.reading import Component, Distribution, Reading
from harness.record import Record

SECOND_NS = 1_000_000_000
BENCH_S = 12_345.6
# The budget of every value: source, share of u, distribution, degrees of freedom.
PARTS = (
    ("shunt 10 Ω certificate", 0.6, "normal", math.inf),
    ("dmm dc voltage 1 V accuracy", 0.8 * math.sqrt(0.9), "rectangular", math.inf),
    ("repeatability", 0.8 * math.sqrt(0.1), "normal", 9),
)


class CountingClock:
    """Bench time that goes on by one second each time that somebody looks."""

    def __init__(self) -> None:
        self._now_ns = 0

    def now_ns(self) -> int:
        """Return the time, which is then over."""
        self._now_ns += SECOND_NS
        return self._now_ns

    def pass_until(self, seconds: float) -> None:
        """Let so much time pass that it is this late when somebody looks next."""
        self._now_ns = round(seconds * SECOND_NS) - SECOND_NS

    def utc(self) -> datetime:
        """Return the date of the tests."""
        return datetime(2026, 1, 31, 9, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        """Let nothing pass: looking is what makes time go on."""

    def sleep_until(self, t_ns: int) -> None:
        """Let nothing pass: looking is what makes time go on."""


class RecordBuilder:
    """Writes a run folder, event by event, with the harness's own writer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = CountingClock()
        self.record = Record(folder / "record.jsonl", self.clock)
        self._waveforms = 0
        (folder / "waveforms").mkdir(parents=True)

    def open(
        self,
        *,
        virtual: bool = True,
        plans: list[dict[str, Any]],
        requirements: list[dict[str, Any]],
        clauses: list[dict[str, Any]] | None = None,
        populations: list[dict[str, Any]] | None = None,
    ) -> None:
        """Open the run on the reference device."""
        self.record.write(
            events.RunOpened(
                harness="0.1.0",
                bench={"name": "virtual", "revision": 1, "sha256": "b" * 64, "virtual": virtual},
                claims={
                    "id": "REF-30",
                    "revision": 1,
                    "sha256": "c" * 64,
                    "device": {
                        "manufacturer": "Reference Devices",
                        "model": "REF-30",
                        "firmware": "1.0.0",
                        "applied_part": "BF",
                    },
                },
                plans=plans,
                standards=[{"id": "IEC60601-2-10:2012", "title": "Nerve and muscle stimulators", "sha256": "d" * 64}],
                clauses=CLAUSES if clauses is None else clauses,
                hazards=HAZARDS,
                requirements=requirements,
                populations=populations or [],
                item={"serial": "REF-000123", "firmware": "1.0.0", "model": "REF-30"},
                operator="A. Operator",
                customer="Example Clinic",
                seed=1,
                device_model={"device": "reference", "revision": 1, "sha256": "e" * 64},
                controller="reference",
            ),
            {
                "run": self.folder.name,
                "utc": "2026-01-31T09:00:00Z",
                "host": "bench-1",
                "python": "3.11.9",
                "packages": {"pyvisa": "1.15.0"},
            },
        )

    def instruments(self) -> None:
        """Add the instruments, the sensor and the check standards of the start."""
        for name, role, model in (("dmm", "multimeter", "34465A"), ("supply", "supply", "E36312A")):
            self.record.write(
                events.InstrumentIdentified(
                    name=name,
                    role=role,
                    driver=f"keysight_{model.lower()}",
                    address=f"USB0::0x2A8D::0x0101::VB0000000{len(model)}::INSTR",
                    maker="Keysight Technologies",
                    model=model,
                    serial=f"VB-{model}",
                    firmware="A.03.02",
                    certificate={
                        "number": "K-1001",
                        "laboratory": "Example Lab",
                        "issued": "2025-09-01",
                        "due": "2026-09-01",
                    },
                )
            )
        self.checks("start")

    def checks(self, when: str, *, ok: bool = True) -> None:
        """Add the environment and one check standard."""
        self.record.write(
            events.Environment(
                when=when, temperature=23.1, temperature_U=0.4, humidity=45.2, humidity_U=2.5, ok=True, reason=""
            )
        )
        self.record.write(
            events.CheckStandard(
                when=when,
                quantity="current",
                unit="mA",
                value=10.0012 if ok else 10.2,
                U=0.003,
                reference=10.0005,
                reference_U=0.001,
                En=abs((10.0012 if ok else 10.2) - 10.0005) / math.hypot(0.003, 0.001),
                ok=ok,
            )
        )

    def device(self) -> None:
        """Add what the device says that it is."""
        self.record.write(
            events.InstrumentIdentified(
                name="device",
                role="device under test",
                driver="reference",
                address="bench://device",
                maker="Reference Devices",
                model="REF-30",
                serial="D-0042",
                firmware="1.0.7",
                certificate=None,
            )
        )

    def plan_case(
        self, case: str, plan: str, title: str, verifies: tuple[str, ...], conditions: dict[str, str], **more: Any
    ) -> None:
        """Plan one case."""
        self.record.write(
            events.CasePlanned(
                case=case,
                plan=plan,
                base=case.split("[")[0],
                title=title,
                verifies=verifies,
                method=more.get("method", "delivered_current"),
                inspection=more.get("inspection", ""),
                procedure=more.get(
                    "procedure",
                    "Set a level, wait until the ramp has ended, and read the current in the load.\n\n"
                    "The current is read as the voltage over the shunt.",
                ),
                conditions=conditions,
                measures=more.get("measures", {"delivered current": declared(low=4.75, high=5.25)}),
            )
        )

    def start(self, case: str, *steps: str, attempt: int = 1) -> None:
        """Start a case and its steps."""
        self.record.write(events.CaseStarted(case=case, attempt=attempt))
        for index, step in enumerate(steps, start=1):
            self.record.write(events.StepStarted(case=case, step=step, index=index))

    def measure(
        self,
        case: str,
        name: str,
        value: float,
        *,
        U: float = 0.012,  # noqa: N803 - the symbol of the GUM
        low: float | None = None,
        high: float | None = None,
        rule: str = "guarded",
        verdict: str = "P",
        reason: str = "",
        p: float | None = None,
        unit: str = "mA",
        step: str = "Read",
    ) -> None:
        """Add one measured value with a budget of three components that adds up to U; p follows if it is not given."""
        whole = expanded(
            Reading(0.0, "A", tuple(Component(name, u, Distribution(kind), dof) for name, u, kind, dof in PARTS))
        )
        u, limited = U / whole.k, not (low is None and high is None)
        said = whole._replace(u=u, U=U, rectangle=whole.rectangle * u)
        if p is None:
            judged = limited and math.isfinite(value)
            p = judge(value, said, Limit(low, high, ""), Rule.GUARDED).p_nonconforming if judged else math.nan
        self.record.write(
            events.Measured(
                case=case,
                step=step,
                name=name,
                value=value,
                unit=unit,
                U=U,
                u=u,
                k=whole.k,
                dof=whole.dof,
                low=low,
                high=high,
                rule=rule,
                p_nonconforming=p,
                verdict=verdict,
                conditional=reason.startswith("conditional"),
                reason=reason,
                budget=[[name, share * u, kind, None if math.isinf(dof) else dof] for name, share, kind, dof in PARTS],
                tur=tur(said, low, high) if limited else None,
                instruments=("dmm",),
                limit="claim output.tolerance of displayed current",
            )
        )

    def observe(self, case: str, name: str, value: str, expected: str, verdict: str, reason: str = "") -> None:
        """Add one observation."""
        self.record.write(
            events.Observed(
                case=case,
                step="Read",
                name=name,
                value=value,
                expected=expected,
                verdict=verdict,
                reason=reason,
                limit="",
            )
        )

    def waveform(
        self,
        case: str,
        name: str,
        values: NDArray[np.float64],
        *,
        interval_s: float,
        start_s: float = 0.0,
        limits: dict[str, float] | None = None,
        marks: dict[str, float] | None = None,
        unit: str = "mA",
        quantity: str = "output current",
    ) -> Path:
        """Keep one waveform as counts of 1/1000 of the unit; return its file."""
        self._waveforms += 1
        relative = f"waveforms/{self._waveforms:04d}.npz"
        content = io.BytesIO()
        counts = np.round(values * 1000).astype(np.int32)
        np.savez_compressed(content, counts=counts, scale=np.float64(0.001), offset=np.float64(0.0))
        path = self.folder / relative
        path.write_bytes(content.getvalue())
        self.record.write(
            events.WaveformKept(
                case=case,
                step="Read",
                name=name,
                file=relative,
                sha256=hashlib.sha256(content.getvalue()).hexdigest(),
                quantity=quantity,
                unit=unit,
                samples=len(values),
                start_s=start_s,
                interval_s=interval_s,
                U_typical=0.012,
                marks=marks or {},
                limits=limits or {},
            )
        )
        return path

    def end(self, case: str, verdict: str, reason: str = "", *, conditional: bool = False) -> None:
        """End a case and make the bench safe."""
        self.record.write(
            events.MadeSafe(case=case, ok=True, actions=("device stopped", "supply off", "relays at rest"))
        )
        self.record.write(events.CaseEnded(case=case, verdict=verdict, conditional=conditional, reason=reason))

    def close(self, verdict: str, exit_code: int, counts: dict[str, int]) -> None:
        """Check the bench again, leave it safe, and close the run; counts that are not given are zero."""
        self.checks("end")
        self.record.write(events.MadeSafe(case=None, ok=True, actions=("supply off", "relays at rest")))
        counts = {"P": 0, "F": 0, "N/A": 0, "N/E": 0, "conditional": 0} | counts
        self.clock.pass_until(BENCH_S)
        self.record.write(
            events.RunEnded(verdict=verdict, counts=counts, exit_code=exit_code, reason="", bench_s=BENCH_S),
            {"utc": "2026-01-31T12:25:46Z"},
        )

    def write(self) -> Path:
        """Close the file; return the run folder."""
        self.record.close()
        return self.folder


def declared(
    *,
    unit: str = "mA",
    low: float | None = None,
    high: float | None = None,
    rule: str = "guarded",
    report: bool = False,
    repeats: int = 1,
) -> dict[str, Any]:
    """Return what a plan declares of a measure, as the record holds it."""
    return {
        "unit": unit,
        "low": low,
        "high": high,
        "relative": None,
        "absolute": None,
        "of": None,
        "rule": "" if report else rule,
        "source": "reported only" if report else "claim output.tolerance of displayed current",
        "report": report,
        "repeats": repeats,
        "refine": 0,
    }


PLANS = [
    {
        "id": "OUT",
        "title": "Current limits",
        "revision": 1,
        "purpose": "The current delivered is the current displayed, and never more than was claimed.",
        "sha256": "1" * 64,
    },
    {
        "id": "TIN",
        "title": "Tingling levels",
        "revision": 2,
        "purpose": "The current stays within the declared comfort window.",
        "sha256": "2" * 64,
    },
    {
        "id": "FLT",
        "title": "Fault cutoffs",
        "revision": 1,
        "purpose": "A fault ends the current in time.",
        "sha256": "3" * 64,
    },
]


def reseal(folder: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the entries of a record as a forger would, with a chain that fits."""
    path = folder / "record.jsonl"
    entries: list[dict[str, Any]] = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    change(entries)
    prev, lines = "0" * 64, []
    for seq, entry in enumerate(entries):
        line = orjson.dumps({**entry, "seq": seq, "prev": prev})
        prev = hashlib.sha256(line).hexdigest()
        lines.append(line + b"\n")
    path.write_bytes(b"".join(lines))


def requirement(name: str, text: str, verification: str = "test", clause: str = "") -> dict[str, Any]:
    """Return a requirement as the record holds it; of a clause of IEC 60601-2-10, or of a claim."""
    source = {"kind": "claim", "ref": "output.tolerance"}
    if clause:
        source = {"kind": "standard", "standard": "IEC60601-2-10", "clause": clause, "ref": "its text"}
        source |= {"provenance": "remembered", "confidence": "medium"}
    return {
        "id": name,
        "area": "Output",
        "text": text,
        "rationale": "A patient must not be burnt.",
        "sources": [source],
        "controls": ["RC-01"],
        "verification": verification,
        "risk": "high",
        "inapplicable": "",
        "fingerprint": name.lower()[-8:] * 2,
    }


def clause(name: str, **also: str) -> dict[str, Any]:
    """Return a clause as the record holds it."""
    known = {"standard": "IEC60601-2-10:2012", "family": "IEC60601-2-10", "clause": name, "title": f"title of {name}"}
    known |= {"applied": "applied", "reason": "", "provenance": "remembered", "confidence": "low", "source": "memory"}
    return known | also


HAZARDS = [
    {
        "id": "HAZ-01",
        "hazard": "too much current",
        "sequence": "The regulator fails.",
        "situation": "Limbs are in the water.",
        "harm": "burn",
        "severity": "critical",
        "probability": "remote",
        "risk": "high",
        "provenance": "proposed",
        "controls": [{"id": "RC-01", "kind": "protection", "text": "current limit"}],
    }
]
CLAUSES = [
    clause("201.1", uncovered="what nobody can measure"),
    clause("201.2"),
    clause("201.3"),
    clause("201.4", applied="not applied", reason="it is for other devices"),
    clause("201.5", provenance="found"),
]

REQUIREMENTS = [
    requirement("REQ-OUT-001", "The current is zero before a session starts."),
    requirement("REQ-OUT-003", "The delivered current is within tolerance of the displayed current.", clause="201.2"),
    requirement("REQ-TIN-001", "The first level of each site is at or below the perception onset.", clause="201.3"),
    requirement("REQ-FLT-001", "An open electrode ends the current within the claimed time.", clause="201.5"),
    requirement("REQ-LBL-001", "The instructions name the contraindications.", "inspection"),
]


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
