"""README's "Certify your own device", step by step, as somebody who has never seen the project."""

import re
import shutil
from pathlib import Path

from tests.harness.certify_run import CHECKOUT, command

DATA_SHEET = {
    "    # maximum: ... mA ": "    maximum: 16 mA ",
    "    # levels: {count: ..., step: ... mA, first: ... mA}": "    levels: {count: 15, step: 1 mA, first: 1 mA}",
    "    # ramp: ... mA/s ": "    ramp: 1 mA/s ",
    "    # relative: ... % ": "    relative: 5 % ",
    "  # residual: ... mA ": "  residual: 10 µA ",
    "  # minimum: ... mA ": "  minimum: 0.3 mA ",
    "  # nominal: ... V ": "  nominal: 5 V ",
    "  # waveforms: [dc | pulsed] ": "  waveforms: [dc] ",
    "  # hyperhidrosis: ": "  hyperhidrosis: ",
    "  #   longest: ... s ": "    longest: 30 min ",
    "  # sites.hands.maximum: data sheet of 2026-01-31, page 2": "  sites.hands: data sheet, page 2",
}


def filled_in(path: Path) -> None:
    """Fill in a template from a data sheet, line by line."""
    text = path.read_text(encoding="utf-8")
    for line, filled in DATA_SHEET.items():
        assert line in text, line
        text = text.replace(line, filled, 1)
    path.write_text(text, encoding="utf-8")


def test_a_device_and_a_case_are_added_without_python(tmp_path: Path) -> None:
    """From a data sheet to a verdict, and a case of one's own, by the commands and the example of the page alone."""
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    section = page.partition("## Certify your own device")[2].partition("\n## ")[0]
    example = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert example is not None
    device = tmp_path / "my-device.yaml"

    made = command(tmp_path, "claims", "new", device, "--manufacturer", "Example", "--model", "X-1", "--site", "hands")
    filled_in(device)
    checked = command(tmp_path, "claims", "check", device)
    plans = tmp_path / "my-plans"
    plans.mkdir()
    shutil.copy(CHECKOUT / "test_plans" / "output_current.py", plans / "my_loads.py")
    (plans / "my_loads.yaml").write_text(example[1], encoding="utf-8")
    proven = command(tmp_path, "plan", "check", "my-plans", "--claims", device, COLUMNS="200")
    certified = command(tmp_path, "certify", "--plans", "my-plans", "--claims", device, COLUMNS="200")

    assert made.returncode == 0, made.stderr
    assert checked.returncode == 0, checked.stderr
    assert "the manufacturer's risk management file" in checked.stdout
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert certified.returncode == 0, certified.stdout + certified.stderr
    assert "4 passed, 0 failed, 0 not evaluated" in certified.stdout
