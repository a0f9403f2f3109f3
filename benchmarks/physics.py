"""What the circuit of the virtual bench costs, beside ngspice and scipy in the same run, on the same session.

Run from the checkout, in the environment of requirements-test.txt, with ngspice installed:

    python benchmarks/physics.py

The session is 40 minutes of direct current, or of 10 kHz pulses with a duty of a half (24 million periods), up to 20 mA
with ramps of 30 s and a reversal at half time, into 600 Ω and two interfaces of 1.5 kΩ beside a capacitor each; the
compliance of 36 V limits it. Ours is solved anew in each round, sampled at 24,000 instants of a meter and, over pulses,
at a million of an oscilloscope. ngspice takes months for such a session of pulses: it is given windows of it, before
the limit, half way and at it, at steps with which its error is tens of microvolts, and its rate is that of the windows.

Its error is taken at its own time points, against ours; ours against scipy's DOP853, edge by edge, at a tolerance of
1e-12. Rounds are interleaved, and judged by their median. The exit code is 1 if something is not what it must be.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy.integrate
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from fixtures.virtual.circuit import Circuit
from fixtures.virtual.clock import VirtualClock
from fixtures.virtual.loads import Interface, Load

ROUNDS = 9
MOST_PULSED_MS, MOST_DIRECT_MS, LEAST_RATIO = 25.0, 1.0, 1e6

PEAK_A, RAMP_S, HALF_S, END_S = 20e-3, 30.0, 1200.0, 2400.0
COMPLIANCE_V, SERIES_OHM, SKIN_OHM = 36.0, 600.0, 1500.0
PERIOD_S, ON_S = 100e-6, 50e-6
CAPACITORS = {"0.5/0.5 µF": (0.5e-6, 0.5e-6), "20/20 µF": (20e-6, 20e-6), "0.5/20 µF": (0.5e-6, 20e-6)}
CORNERS_S = (0.0, RAMP_S, HALF_S - RAMP_S, HALF_S, HALF_S + RAMP_S, END_S - RAMP_S, END_S)
CORNERS_A = (0.0, PEAK_A, PEAK_A, 0.0, -PEAK_A, -PEAK_A, 0.0)
METER_NS = 5_000_000 + 100_000_000 * np.arange(24_000, dtype=np.int64)
SCOPE_NS = 600_000_000_000 + 400 * np.arange(1_000_000, dtype=np.int64)
WINDOW_S = 0.02
EDGE_S = 1e-9

Pair = tuple[float, float]
Points = NDArray[np.float64]


@dataclass
class Row:
    """One line of a table.

    Attributes:
        name: What is measured.
        covers_s: How many seconds of the session it covers.
        run: Does it, and returns the seconds that it took.
        error_v: Its largest error in volts.
    """

    name: str
    covers_s: float
    run: Callable[[], float]
    error_v: float


def main() -> None:
    """Measure, print the tables, and exit with 1 if something is too slow."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each row is measured ({ROUNDS})")
    rounds = options.parse_args().rounds
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name, capacitors in CAPACITORS.items():
            good = _pulsed(name, capacitors, rounds, Path(folder)) and good
            good = _direct(name, capacitors, rounds, Path(folder)) and good
    sys.exit(0 if good else 1)


# The session.


def _session(capacitors: Pair, *, pulsed: bool, until_ns: int = round(END_S * 1e9)) -> Circuit:
    """Return the circuit after the session, or a part of it."""
    clock = VirtualClock(datetime(2026, 1, 5, tzinfo=UTC))
    circuit = Circuit(clock, compliance_v=COMPLIANCE_V, idle_a=0.02, efficiency=0.8, minimum_v=4.3)
    circuit.set_supply(5.0, limit_a=3.0, on=True)
    first, second = (Interface(SKIN_OHM, farads) for farads in capacitors)
    circuit.set_load(Load.body(SERIES_OHM - 10.0, first, second))
    period_s, duty = (PERIOD_S, ON_S / PERIOD_S) if pulsed else (0.0, 1.0)
    for begin_s, peak_a, polarity in (
        (0.0, PEAK_A, 1),
        (HALF_S - RAMP_S, 0.0, 1),
        (HALF_S, PEAK_A, -1),
        (END_S - RAMP_S, 0.0, -1),
    ):
        clock.sleep_until(min(round(begin_s * 1e9), until_ns))
        if clock.now_ns() < round(begin_s * 1e9):
            return circuit
        circuit.drive(peak_a, period_s=period_s, duty=duty, polarity=polarity, slope_a_per_s=PEAK_A / RAMP_S)
    clock.sleep_until(until_ns)
    return circuit


def _ours(capacitors: Pair, *, pulsed: bool) -> float:
    started = time.perf_counter()
    circuit = _session(capacitors, pulsed=pulsed)
    circuit.at("output", METER_NS)
    if pulsed:
        circuit.at("output", SCOPE_NS)
    return time.perf_counter() - started


# What is beside it.


def _netlist(capacitors: Pair, volts: Pair, from_s: float, stop_s: float, step_s: float, *, pulsed: bool) -> str:
    """Return the session from from_s on as a netlist: a source that knows where its compliance will end it."""
    later = [(t - from_s, a) for t, a in zip(CORNERS_S, CORNERS_A, strict=True) if t > from_s]
    corners = [(0.0, float(np.interp(from_s, CORNERS_S, CORNERS_A))), *later]
    told = " ".join(f"{t:.12g} {a:.12g}" for t, a in corners)
    on = f"PULSE(0 1 0 {EDGE_S} {EDGE_S} {ON_S - EDGE_S:.12g} {PERIOD_S})" if pulsed else "1"
    exact = "abstol=1e-15 vntol=1e-9" if pulsed else ""
    return f"""* a session of iontophoresis, from {from_s} s on
Vtold told 0 PWL({told})
Von on 0 {on}
Bstage 0 out I = V(on)*min(max(V(told), (-{COMPLIANCE_V}-V(skin))/{SERIES_OHM}), ({COMPLIANCE_V}-V(skin))/{SERIES_OHM})
Rseries out skin {SERIES_OHM}
R1 skin between {SKIN_OHM}
C1 skin between {capacitors[0]} IC={volts[0]:.17g}
R2 between 0 {SKIN_OHM}
C2 between 0 {capacitors[1]} IC={volts[1]:.17g}
.options reltol=1e-6 {exact} numdgt=15
.save time v(out)
.tran {step_s} {stop_s} 0 {step_s} UIC
.end
"""


def _spice(folder: Path, netlist: str) -> tuple[float, Points]:
    """Run ngspice; return the seconds that it took, and its points: time and output."""
    source, raw = folder / "session.cir", folder / "session.raw"
    source.write_text(netlist)
    started = time.perf_counter()
    done = subprocess.run(["ngspice", "-b", "-r", raw, source], capture_output=True, text=True, check=False)
    spent = time.perf_counter() - started
    if done.returncode or not raw.exists():
        sys.exit(f"ngspice ended with {done.returncode}: {(done.stdout + done.stderr)[-400:]}")
    return spent, np.frombuffer(raw.read_bytes().partition(b"Binary:\n")[2], dtype="<f8").reshape(-1, 2)


def _between(circuit: Circuit, t_s: Points, origin_ns: int) -> Points:
    """Return our output at instants that lie between our nanoseconds: on the slope from one to the next."""
    t_ns = t_s * 1e9
    before = np.floor(t_ns).astype(np.int64)
    ours = circuit.at("output", origin_ns + before)
    slope: Points = circuit.at("output", origin_ns + before + 1) - ours
    return ours + slope * (t_ns - before)


def _stepped(capacitors: Pair, method: str, rtol: float, atol: float) -> tuple[Points, Points]:
    """Return the points of a session of direct current: scipy's, from corner to corner."""
    volts: Points = np.zeros(2)
    farads = np.array(capacitors)
    times, outputs = [], []
    for (begin, from_a), (end, to_a) in pairwise(zip(CORNERS_S, CORNERS_A, strict=True)):
        rate = (to_a - from_a) / (end - begin)

        def current(t: float, v: Points, begin: float = begin, from_a: float = from_a, rate: float = rate) -> float:
            over = v[0] + v[1]
            told = from_a + rate * (t - begin)
            return float(min(max(told, (-COMPLIANCE_V - over) / SERIES_OHM), (COMPLIANCE_V - over) / SERIES_OHM))

        def charge(t: float, v: Points, current: Callable[[float, Points], float] = current) -> Points:
            change: Points = (current(t, v) - v / SKIN_OHM) / farads
            return change

        done = scipy.integrate.solve_ivp(charge, (begin, end), volts, method=method, rtol=rtol, atol=atol)
        volts = done.y[:, -1]
        times.append(done.t)
        outputs.append([SERIES_OHM * current(t, v) + v[0] + v[1] for t, v in zip(done.t, done.y.T, strict=True)])
    return np.concatenate(times), np.concatenate(outputs)


def _edge_by_edge(capacitors: Pair, circuit: Circuit, from_ns: int, periods: int) -> float:
    """Return by how much our interfaces differ from DOP853's at the beginnings of some periods, in volts."""
    farads = np.array(capacitors)
    volts = _volts_at(capacitors, from_ns)
    most = 0.0
    for n in range(periods):
        begin_s = from_ns * 1e-9 + n * PERIOD_S

        def told(t: float, begin_s: float = begin_s) -> float:
            return float(np.interp(begin_s + t, CORNERS_S, CORNERS_A))

        def spare(t: float, v: Points, told: Callable[[float], float] = told) -> float:
            return float(COMPLIANCE_V - v[0] - v[1] - SERIES_OHM * told(t))

        def free(t: float, v: Points, told: Callable[[float], float] = told) -> Points:
            change: Points = (told(t) - v / SKIN_OHM) / farads
            return change

        def held(_t: float, v: Points) -> Points:
            change: Points = ((COMPLIANCE_V - v[0] - v[1]) / SERIES_OHM - v / SKIN_OHM) / farads
            return change

        spare.terminal = True  # type: ignore[attr-defined]
        exact = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-13}
        t, v = 0.0, np.array(volts)
        if spare(0.0, v) > 0.0:
            done = scipy.integrate.solve_ivp(free, (0.0, ON_S), v, events=spare, **exact)
            t, v = float(done.t[-1]), done.y[:, -1]
        if t < ON_S:
            v = scipy.integrate.solve_ivp(held, (t, ON_S), v, **exact).y[:, -1]
        v = v * np.exp(-(PERIOD_S - ON_S) / (SKIN_OHM * farads))
        volts = (float(v[0]), float(v[1]))
        at_ns = from_ns + (n + 1) * round(PERIOD_S * 1e9)
        ours = circuit.at("output", np.array([at_ns - 1]))[0]
        theirs = float(np.sum(v * np.exp(1e-9 / (SKIN_OHM * farads))))  # a nanosecond before the next pulse
        most = max(most, abs(ours - theirs))
    return most


def _volts_at(capacitors: Pair, at_ns: int) -> Pair:
    return _session(capacitors, pulsed=True, until_ns=at_ns).interface_volts


# The tables.


def _pulsed(name: str, capacitors: Pair, rounds: int, folder: Path) -> bool:
    circuit = _session(capacitors, pulsed=True)
    half_way_ns = _half_way_ns(circuit)
    own_error_v = max(_edge_by_edge(capacitors, circuit, at_ns, 30) for at_ns in (10**9, half_way_ns, 600 * 10**9))
    rows = [Row("ours, with 24,000 + 1,000,000 samples", END_S, lambda: _ours(capacitors, pulsed=True), own_error_v)]
    windows = {"below the limit": 14 * 10**9, "half way": half_way_ns, "at the limit": 600 * 10**9}
    for where, at_ns in windows.items():
        text = _netlist(capacitors, _volts_at(capacitors, at_ns), at_ns * 1e-9, WINDOW_S, 0.2e-6, pulsed=True)
        _, points = _spice(folder, text)
        t, output = points[:, 0], points[:, 1]
        phase = t % PERIOD_S
        clear = (t > 1e-8) & (phase > 5e-9) & (np.abs(phase - ON_S) > 5e-9) & (phase < PERIOD_S - 5e-9)
        error_v = np.abs(_between(circuit, t[clear] - 0.5 * EDGE_S, at_ns) - output[clear]).max()
        rows.append(Row(f"ngspice, 20 ms {where}", WINDOW_S, lambda text=text: _spice(folder, text)[0], error_v))  # type: ignore[misc]
    walls = _measured(rows, rounds)
    ratios = [
        (END_S / ours) / (3.0 * WINDOW_S / sum(theirs))
        for ours, *theirs in zip(*(walls[row.name] for row in rows), strict=True)
    ]
    own_ms, ratio = statistics.median(walls[rows[0].name]) * 1e3, statistics.median(ratios)
    fast, faster = own_ms <= MOST_PULSED_MS, ratio >= LEAST_RATIO
    _print(f"10 kHz pulses, {name}", rows, walls)
    print(f"{_tick(fast)} {own_ms:.1f} ms, must be ≤ {MOST_PULSED_MS:g} ms", end="; ")
    print(f"{_tick(faster)} {ratio:,.0f} times the rate of ngspice, must be ≥ {LEAST_RATIO:,.0f}\n")
    return fast and faster


def _direct(name: str, capacitors: Pair, rounds: int, folder: Path) -> bool:
    circuit = _session(capacitors, pulsed=False, until_ns=round(END_S * 1e9) + 10)
    text = _netlist(capacitors, (0.0, 0.0), 0.0, END_S, 0.01, pulsed=False)
    points = _spice(folder, text)[1]
    points = points[points[:, 0] > 0.02]
    rows = [Row("ours, with 24,000 samples", END_S, lambda: _ours(capacitors, pulsed=False), float("nan"))]
    for label, rtol, atol in (("1e-6", 1e-6, 1e-9), ("1e-9", 1e-9, 1e-12)):
        t, output = _stepped(capacitors, "LSODA", rtol, atol)
        error_v = float(np.abs(_between(circuit, t, 0) - output).max())
        rows[0].error_v = error_v if np.isnan(rows[0].error_v) else min(rows[0].error_v, error_v)

        def step(rtol: float = rtol, atol: float = atol) -> float:
            started = time.perf_counter()
            _stepped(capacitors, "LSODA", rtol, atol)
            return time.perf_counter() - started

        rows.append(Row(f"scipy LSODA, tolerance {label}", END_S, step, error_v))
    error_v = float(np.abs(_between(circuit, points[:, 0], 0) - points[:, 1]).max())
    rows.append(Row("ngspice, steps of 10 ms", END_S, lambda: _spice(folder, text)[0], error_v))
    walls = _measured(rows, rounds)
    own_ms = statistics.median(walls[rows[0].name]) * 1e3
    _print(f"direct current, {name}", rows, walls)
    print(f"{_tick(own_ms <= MOST_DIRECT_MS)} {own_ms:.2f} ms, must be ≤ {MOST_DIRECT_MS:g} ms\n")
    return own_ms <= MOST_DIRECT_MS


def _half_way_ns(circuit: Circuit) -> int:
    """Return the beginning of a period whose pulse meets the limit half way, in the first ramp."""
    periods = np.arange(0, round(RAMP_S / PERIOD_S), 500, dtype=np.int64) * round(PERIOD_S * 1e9)
    first, last = circuit.at("output", periods), circuit.at("output", periods + round(ON_S * 1e9) - 1)
    half_way = np.flatnonzero((first < COMPLIANCE_V) & (last == COMPLIANCE_V))
    # With the largest capacitors there is only a twentieth of a second of it.
    fine = periods[half_way[len(half_way) // 2]] if len(half_way) else _fine(circuit)
    return int(fine)


def _fine(circuit: Circuit) -> int:
    periods = np.arange(0, round(RAMP_S / PERIOD_S), dtype=np.int64) * round(PERIOD_S * 1e9)
    first, last = circuit.at("output", periods), circuit.at("output", periods + round(ON_S * 1e9) - 1)
    return int(periods[np.flatnonzero((first < COMPLIANCE_V) & (last == COMPLIANCE_V))[0]])


def _measured(rows: list[Row], rounds: int) -> dict[str, list[float]]:
    walls: dict[str, list[float]] = {row.name: [] for row in rows}
    for number in range(rounds + 1):
        for row in rows:
            spent = row.run()
            if number:  # the first round fills caches
                walls[row.name].append(spent)
    return walls


def _print(title: str, rows: list[Row], walls: dict[str, list[float]]) -> None:
    table = Table("what", "wall, median", "least", "simulated s per s", "largest error", title=title)
    for row in rows:
        median, least = statistics.median(walls[row.name]), min(walls[row.name])
        rate = f"{row.covers_s / median:,.3g}" if row.covers_s / median < 100.0 else f"{row.covers_s / median:,.0f}"
        table.add_row(row.name, f"{median * 1e3:.2f} ms", f"{least * 1e3:.2f} ms", rate, f"{row.error_v:.1e} V")
    Console(width=120).print(table)


def _tick(good: bool) -> str:
    return "✔" if good else "✘"


if __name__ == "__main__":
    main()
