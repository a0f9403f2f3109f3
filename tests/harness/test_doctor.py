"""`doctor`: exit 0 only for a bench that is in order and suffices; else what cannot be decided, and by how much."""

import re
from pathlib import Path

import pytest

from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS, VIRTUAL_BENCH
from tests.fixtures.bench_files import VIRTUAL, written
from tests.harness.certify_run import front_door

PLAN = PLANS_FOLDER / "output_current.yaml"
REAL = re.compile(r"^virtual:\n.*?(?=^instruments:)", re.MULTILINE | re.DOTALL)


def doctor(folder: Path, bench: Path, *plans: Path) -> tuple[int, str]:
    """Return exit code and output of the doctor."""
    chosen = [text for plan in plans or (PLAN,) for text in ("--plans", plan)]
    done = front_door(folder, "doctor", "--bench", bench, *chosen, COLUMNS="100")
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_virtual_bench_suffices(tmp_path: Path) -> None:
    """All is well, what is only just decided is warned about, and certify comes next; no line is too long."""
    code, text = doctor(tmp_path, VIRTUAL)

    assert code == 0
    assert "The bench is in order, and suffices for these plans" in text
    assert "test uncertainty ratio below 4:1" in text
    assert f"next: python -m harness certify --bench {VIRTUAL}" in text
    table = text.partition("The bench is in order")[0]
    assert max(map(len, table.splitlines())) <= 100


def test_a_poor_shunt_is_told_with_case_and_amount(tmp_path: Path) -> None:
    """A shunt that is known to 5 % cannot decide a tolerance of 5 %: the case, U, and the shunt are named; exit 3."""
    bench = written(tmp_path, **{"uncertainty: 0.5 mΩ": "uncertainty: 0.5 Ω"})

    code, text = doctor(tmp_path, bench)

    assert code == 3
    cannot = text.partition("Cannot be decided")[2].partition("Decided, with")[0]
    assert re.search(r"OUT-020 +delivered current", cannot)
    assert re.search(r"0\.\d+ mA", cannot)
    assert "shunt 10 Ω" in cannot
    assert "no run can start so" in text


def test_a_limit_that_is_narrower_than_u_is_hopeless(tmp_path: Path) -> None:
    """Where U is larger than half the width of the limits no value could pass, and that is said."""
    bench = written(tmp_path, **{"uncertainty: 0.5 mΩ": "uncertainty: 2 Ω"})

    code, text = doctor(tmp_path, bench)

    assert code == 3
    assert re.search(r"OUT-020 +delivered current .* mA: no +[\d.]+ mA", text)
    assert "could pass" in text


def test_a_meter_without_a_sample_timer_does_not_suffice(tmp_path: Path) -> None:
    """A 34461A is in order and cannot log as the plans need it; the doctor says so, and which meter can."""
    bench = written(
        tmp_path,
        **{
            "model: 34465A": "model: 34461A",
            "driver: keysight-34465a": "driver: keysight-34461a",
            ", sample timer: 5 ppm": "",
        },
    )

    code, text = doctor(tmp_path, bench)

    assert code == 3
    assert "The bench is in order, and does not suffice" in text
    assert "the 34461A has no sample timer" in text


def test_a_silent_instrument_is_exit_2_and_the_plans_are_rehearsed_all_the_same(tmp_path: Path) -> None:
    """What the bench would be able to decide is told even if an instrument of it does not answer today."""
    dmm = 'address: "USB0::0x2A8D::0x0101::VB00000002::INSTR", serial'
    bench = written(tmp_path, **{dmm: dmm.replace("VB00000002", "VB00000009")})

    code, text = doctor(tmp_path, bench)

    assert code == 2
    assert "The bench is not in order" in text
    assert re.search(r"\b(\d{3}) of \1 cases came to a verdict", text)


def test_a_real_bench_that_is_not_there_is_rehearsed_too(tmp_path: Path) -> None:
    """A file without a virtual section names nobody's instruments here: each is told, and the twin is made from it."""
    real = tmp_path / "real.yaml"
    text = REAL.sub("", VIRTUAL.read_text(encoding="utf-8")).replace("issued: 2026", "issued: 2020")
    text = text.replace("due: 2027", "due: 2099").replace("compared: 2026", "compared: 2020")
    real.write_text(re.sub(r"USB0::\w+::\w+::(\w+)::INSTR", r"TCPIP0::127.0.0.1::9::SOCKET", text), encoding="utf-8")

    code, said = doctor(tmp_path, real)

    assert code == 2
    for name in ("supply", "dmm", "scope", "switch"):
        assert f"reachable     ✘   {name} at TCPIP0::127.0.0.1::9::SOCKET" in said
    assert re.search(r"\b(\d{3}) of \1 cases came to a verdict", said)


def test_a_claim_that_nobody_declares_is_not_the_benchs_fault(tmp_path: Path) -> None:
    """Cases without a limit are warned about, and do not make a bench insufficient."""
    done = front_door(
        tmp_path, "doctor", "--claims", PLANS_FOLDER / "claims" / "kawe-swisto3.yaml", "--plans", PLAN, COLUMNS="100"
    )

    assert "is not declared" in done.stdout
    assert "have the maker declare it" in done.stdout
    assert done.returncode == 3  # none of these cases has a limit
    assert "nothing could be judged with these plans" in done.stdout


def test_what_is_left_to_be_judged_is_told(tmp_path: Path) -> None:
    """Some claims are missing: exit 0, and how many cases that is said of; what comes next is what was rehearsed."""
    claims = tmp_path / "claims.yaml"
    text = (PLANS_FOLDER / "claims" / "reference.yaml").read_text(encoding="utf-8")
    claims.write_text(re.sub(r"(?m)^  residual: 10 µA .*\n", "", text), encoding="utf-8")

    done = front_door(tmp_path, "doctor", "--claims", claims, "--plans", PLAN, COLUMNS="100")

    assert done.returncode == 0, done.stdout
    said = re.search(r"suffices for the (\d+) of (\d+) cases that can be judged", done.stdout)
    assert said is not None
    assert 0 < int(said[1]) < int(said[2])
    assert f"next: python -m harness certify --bench {VIRTUAL_BENCH} --plans {PLAN} --claims {claims}" in done.stdout


def test_plans_that_only_a_person_can_judge_suffice_for_nothing(tmp_path: Path) -> None:
    """A rehearsal in which nothing was judged says nothing of the bench: exit 3."""
    code, text = doctor(tmp_path, VIRTUAL, PLANS_FOLDER / "inspections.yaml")

    assert code == 3
    assert "nothing could be judged with these plans" in text
    assert "suffices" not in text


@pytest.mark.parametrize("text", ["bench: x\n", ""])
def test_a_bench_file_that_is_wrong_is_one_line(text: str, tmp_path: Path) -> None:
    """Exit 2, and file and line."""
    (tmp_path / "bench.yaml").write_text(text, encoding="utf-8")

    done = front_door(tmp_path, "doctor", "--bench", tmp_path / "bench.yaml")

    assert done.returncode == 2
    assert "bench.yaml:1" in done.stderr


def test_a_model_without_a_twin_is_exit_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench is in order, and nobody knows whether it suffices: it does not pass for one that does."""
    from fixtures import rehearsal
    from harness.commands.doctor import doctor as run_doctor

    monkeypatch.setattr(rehearsal, "without_twin", lambda drivers: ["34465A"])

    assert run_doctor(bench=VIRTUAL, plans=[PLAN], claims=REFERENCE_CLAIMS, seed=1) == 3
