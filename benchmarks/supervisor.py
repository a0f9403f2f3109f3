"""What the supervisor costs a run: time to open, use and close a bench with it and without, memory, and a word.

Run from the checkout, in the environment of requirements.txt, on Linux:

    python benchmarks/supervisor.py

Rounds with and without are interleaved, each in a process of its own, over a bench that a third process serves. The
best of each counts: what the machine does beside it only adds.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

ROUNDS = 10
WORDS = 20_000


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        served = Path(folder) / "served.yaml"
        arguments = [sys.executable, "-m", "harness", "serve", "--pace", "stepped", "--write", str(served)]
        with subprocess.Popen(arguments, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            while not server.stdout.readline().startswith("Ctrl-C"):
                pass
            try:
                _measure(served)
            finally:
                server.terminate()


def _measure(served: Path) -> None:
    walls: dict[str, list[float]] = {"with": [], "without": []}
    said: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for how, seconds in walls.items():
            child = [sys.executable, __file__, how, str(served)]
            told = json.loads(subprocess.run(child, cwd=CHECKOUT, check=True, capture_output=True).stdout)
            seconds.append(told.pop("wall_s"))
            for what, number in told.items():
                said.setdefault(what, []).append(number)
    for how, seconds in walls.items():
        print(f"open, switch on, close, {how:8} {min(seconds):8.3f} s   (median {statistics.median(seconds):.3f} s)")
    for what in ("to start it", "for it to be ready", "for it to go"):
        numbers = [number * 1e3 for number in said[what]]
        print(f"of that, waited {what:18} {min(numbers):6.1f} ms  (median {statistics.median(numbers):.1f} ms)")
    print(f"its largest memory                 {max(said['memory']) / 1e3:6.1f} MB")
    print(f"a word before and after an exchange{min(said['word']) * 1e6:6.2f} µs")


def _child(how: str, served: Path) -> None:
    from fixtures import opening
    from fixtures.supervisor.hired import Supervision

    class Nobody(Supervision):
        """Watches over nothing."""

        def __init__(self, *_: object, **__: object) -> None: ...
        def expect(self, seconds: float, *, begins: bool = True) -> None: ...
        def spoke(self) -> None: ...
        def arm(self) -> None: ...
        def opened(self) -> None: ...
        def energising(self) -> None: ...
        def at_rest(self) -> None: ...
        def close(self) -> None: ...

        @property
        def resting(self) -> bool:
            return True

        def left_safe(self) -> bool:
            return True

    hired: list[Supervision] = []
    told: dict[str, float] = {}

    class Timed(Supervision):
        """Takes down how long it is waited for."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            began = time.perf_counter()
            super().__init__(*arguments, **options)
            told["to start it"] = time.perf_counter() - began
            hired.append(self)

        def ready(self) -> None:
            began = time.perf_counter()
            super().ready()
            told.setdefault("for it to be ready", time.perf_counter() - began)

        def close(self) -> None:
            began = time.perf_counter()
            super().close()
            told.setdefault("for it to go", time.perf_counter() - began)

    opening.Supervision = Timed if how == "with" else Nobody  # type: ignore[misc]
    began = time.perf_counter()
    bench = opening.open_bench(served)
    bench.power_on()
    used_s = time.perf_counter() - began
    if hired:
        status = Path(f"/proc/{hired[0].process}/status").read_text()
        told["memory"] = float(status.partition("VmHWM:")[2].split()[0])
        words = time.perf_counter()
        for _ in range(WORDS):
            hired[0].expect(1.0)
            hired[0].spoke()
        told["word"] = (time.perf_counter() - words) / WORDS
    closing = time.perf_counter()
    bench.close()
    told["wall_s"] = used_s + time.perf_counter() - closing
    print(json.dumps(told))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _child(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
