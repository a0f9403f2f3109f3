"""Runs of every kind that nobody touched, by number: plans, seeds, devices, benches, stops; none may be objected to."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from fixtures.virtual.controller import Reference
from harness.commands.options import (
    PLANS_FOLDER,
    REFERENCE_CLAIMS,
    REFERENCE_DEVICE,
    REFERENCE_EXTERNALS,
    REFERENCE_INSPECTIONS,
)
from harness.plan import load_plan
from tests.fixtures.bench_files import VIRTUAL
from tests.fixtures.foreign_firmware import listening, python_controller
from tests.harness.certify_run import certify
from tests.harness.test_certify_digital import METER, METER_DIGITAL, RANGES, digital, range_result
from tests.reports.tampering import drawn, lines, put

MEASURED = (
    "comfort", "compound_faults", "dose", "fault_cutoffs", "leakage", "loads", "output_current", "programmes",
    "protocol", "self_test", "session_timing", "supply", "tingling_levels",
)  # fmt: skip
DEFECTS = ("StrongAtTheTop", "StrongBackwards", "Weak", "Dead", "Forgiving", "BigStep", "SlowTimer", "SlowCutoff")
OURS = ("Garbage", "BreaksDown")
OPERATOR = "A. Tester"


class Stopping(Reference):
    """A device at whose second session the operator presses Ctrl-C."""

    sessions = 0

    def session_seconds(self, duration_s: float) -> float:
        """Count, and stop the run."""
        Stopping.sessions += 1
        if Stopping.sessions % 2 == 0:
            signal.raise_signal(signal.SIGINT)
        return super().session_seconds(duration_s)


def untouched(number: int, folder: Path) -> Path:
    """Return the folder of a run that is the same for a number, and of another kind than that of its neighbours."""
    return KINDS[number % len(KINDS)](number, folder)


def _some(number: int, count: int = 2, plans: tuple[str, ...] = MEASURED) -> tuple[list[str], list[str]]:
    """Return a few plans, and one case of each."""
    chance = drawn(f"untouched {number}")
    names = sorted(chance.sample(plans, min(count, len(plans))))
    only = []
    for name in names:
        cases = [case.id for case in load_plan(PLANS_FOLDER / f"{name}.yaml").content.cases]
        only.append(f"{chance.choice(cases)}*")
    return names, only


def _run(number: int, folder: Path, *plans: str, **options: Any) -> Path:
    return certify(folder / f"runs-{number}", *plans, seed=number, operator=OPERATOR, **options).folder


def _healthy(number: int, folder: Path) -> Path:
    plans, only = _some(number)
    return _run(number, folder, *plans, only=only)


def _defective(number: int, folder: Path) -> Path:
    plans, only = _some(number)
    return _run(number, folder, *plans, only=only, controller=f"tests.harness.defects:{DEFECTS[number % len(DEFECTS)]}")


def _ours(number: int, folder: Path) -> Path:
    plans, only = _some(number)
    return _run(number, folder, *plans, only=only, controller=f"tests.harness.defects:{OURS[number % len(OURS)]}")


def _undeclared(number: int, folder: Path) -> Path:
    """Run the reference device with the claims of another, which leave much undeclared."""
    plans, only = _some(number)
    others = sorted(path for path in REFERENCE_CLAIMS.parent.glob("*.yaml") if path != REFERENCE_CLAIMS)
    return _run(number, folder, *plans, only=only, claims=others[number % len(others)])


def _answered(number: int, folder: Path) -> Path:
    plans, only = _some(number, 1)
    given = {"inspections": REFERENCE_INSPECTIONS, "external": REFERENCE_EXTERNALS}
    return _run(number, folder, *plans, "inspections", "external", only=[*only, "INS-*", "EXT-*"], **given)


def _unanswered(number: int, folder: Path) -> Path:
    others = sorted(path for path in REFERENCE_CLAIMS.parent.glob("*.yaml") if path != REFERENCE_CLAIMS)
    claims = others[number % len(others)]
    return _run(number, folder, "inspections", "external", "self_test", risk="high", claims=claims)


def _of_another_model(number: int, folder: Path) -> Path:
    plans, only = _some(number)
    models = sorted(REFERENCE_DEVICE.parent.glob("*.yaml"))
    return _run(number, folder, *plans, only=only, device_model=models[number % len(models)])


def _stopped(number: int, folder: Path) -> Path:
    Stopping.sessions = 0
    return _run(number, folder, "session_timing", only=["SES-040*"], controller=_own("Stopping"))


def _killed(number: int, folder: Path) -> Path:
    """Return a run whose end was never written, as a power cut leaves it."""
    made = _healthy(number, folder)
    (made / "report.html").unlink()
    record = lines(made)
    put(made, record[: drawn(f"killed {number}").randrange(len(record) // 2, len(record))])
    kept = {line.split(b'"file":"')[1].split(b'"')[0].decode() for line in lines(made) if b'"type":"waveform"' in line}
    for path in (made / "waveforms").glob("*"):
        if f"waveforms/{path.name}" not in kept:
            path.unlink()
    return made


def _foreign(number: int, folder: Path) -> Path:
    """Run firmware at the other end of a wire."""
    plans, only = _some(number, 1)
    model = yaml.safe_load(REFERENCE_DEVICE.read_text(encoding="utf-8"))
    with listening(python_controller(Reference, model)) as name:
        return _run(number, folder, *plans, only=only, controller=name)


def _bench(folder: Path, number: int, **changes: str) -> Path:
    text = VIRTUAL.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    place = folder / f"bench-{number}"
    place.mkdir()
    (place / "own.yaml").write_text(text, encoding="utf-8")
    return place / "own.yaml"


def _another_supply(number: int, folder: Path) -> Path:
    plans, only = _some(number)
    bench = _bench(folder, number, **{"model: E36312A": "model: DP832", "driver: keysight-e36312a": "driver: auto"})
    return _run(number, folder, *plans, only=only, bench=bench)


def _digital(number: int, folder: Path) -> Path:
    """Run on a bench whose multimeter has a digital certificate, in a folder of its own."""
    bench = _bench(folder, number, **{METER: METER_DIGITAL.replace("dcc: dmm.xml", "dcc: certificates/dmm.xml")})
    (bench.parent / "certificates").mkdir()
    results = "".join(range_result(*key) for key in RANGES)
    digital(bench.parent / "certificates" / "dmm.xml", "VB00000002", "34465A", results)
    return certify(
        folder / f"runs-{number}", "output_current", only=["OUT-021*lowest*"], bench=bench, seed=1, operator=OPERATOR
    ).folder


def _replayed(number: int, folder: Path) -> Path:
    from harness.commands.replay import replay

    log, runs = folder / f"{number}.wires", folder / f"replays-{number}"
    _run(number, folder, "session_timing", only=["SES-040*"], wire_log=log)
    replay(log, claims=None, plans=None, inspections=None, external=None, runs=runs, allure=None)
    (made,) = runs.glob("*")
    return made


def _own(name: str) -> str:
    return f"{__name__}:{name}"


KINDS: tuple[Callable[[int, Path], Path], ...] = (
    _healthy, _defective, _undeclared, _killed, _answered, _stopped, _another_supply, _ours, _of_another_model,
    _foreign, _digital, _unanswered, _replayed,
)  # fmt: skip
