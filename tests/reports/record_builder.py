"""Builds honest, chained records for the tests of reports, with the harness's own writer and events."""

import hashlib
import io
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import events
from harness.budget import expanded
from harness.limits import Limit, Rule, judge, tur
from harness.reading import Component, Distribution, Reading
from harness.record import Record
from tests.reports.record_facts import CLAUSES, HAZARDS, declared

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
