"""Forgeries: what somebody does to a run who can write all of its folder, knows the program, and remakes the chain.

Each changes the lines of a record, and what lies beside it where that helps, and returns words that must be found.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import yaml

from tests.reports.tampering import lines, put, rechained

Entries = list[dict[str, Any]]
Forgery = Callable[[Path, Entries], str]


def forge(folder: Path, forgery: Forgery) -> str:
    """Forge a run in its folder, report and all; return words that must be said of it."""
    entries = [orjson.loads(line) for line in lines(folder)]
    words = forgery(folder, entries)
    put(folder, rechained(entries))
    (folder / "report.html").unlink(missing_ok=True)
    return words


def of(entries: Entries, kind: str, **said: Any) -> tuple[int, dict[str, Any]]:
    """Return the number of the first line of a type with such data, and its data."""
    for number, entry in enumerate(entries, start=1):
        if entry["type"] == kind and all(entry["data"].get(key) == value for key, value in said.items()):
            return number, entry["data"]
    raise LookupError((kind, said))


def copy_changed(folder: Path, entries: Entries, name: str, old: str, new: str) -> str:
    """Change the text of a copy, and its SHA-256 wherever the record has it; return the new one."""
    path = folder / "inputs" / name
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    text = path.read_text(encoding="utf-8")
    assert old in text, (name, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    entries[0] = orjson.loads(orjson.dumps(entries[0]).replace(before.encode(), after.encode()))
    return after


def another_instrument(folder: Path, entries: Entries) -> str:
    """Say that an instrument had another serial number."""
    number, data = of(entries, "instrument", name="dmm")
    data["serial"] = "MY99999999"
    return f"line {number}, instrument dmm: serial"


def certificate_prolonged(folder: Path, entries: Entries) -> str:
    """Say that a certificate counts for ten years longer."""
    number, data = of(entries, "instrument", name="shunt 10 Ω")
    data["certificate"]["due"] = "2037-01-13"
    return f"line {number}, instrument shunt 10 Ω: certificate"


def accuracy_seen(folder: Path, entries: Entries) -> str:
    """Say that every figure of a data sheet was found in its source, and no value rests on one that was not."""
    for entry in entries:
        for row in entry["data"].get("accuracy") or ():
            row["provenance"] = "found"
        if entry["type"] == "measured":
            entry["data"]["unverified"] = []
    return "instrument dmm: of dc voltage it says 'found'"


def unverified_cleared(folder: Path, entries: Entries) -> str:
    """Say of one value that it rests on nothing unverified."""
    at = next(n for n, e in enumerate(entries) if e["type"] == "measured" and e["data"]["unverified"])
    entries[at]["data"]["unverified"] = []
    return f"line {at + 1}, {entries[at]['data']['case']}, {entries[at]['data']['name']}: it says that the figures none"


def limit_verified(folder: Path, entries: Entries) -> str:
    """Call an entry of a standard found in its source, in its copy and by its SHA-256 in the record."""
    copy_changed(folder, entries, "standards/iec-60601-2-10.yaml", "provenance: remembered", "provenance: found")
    return "inputs/standards/iec-60601-2-10.yaml: is not the file that this program has"


def method_changed(folder: Path, entries: Entries) -> str:
    """Change what a method does, in its copy and its SHA-256 in the record."""
    name = next(n for n in sorted(entries[0]["volatile"]["inputs"]) if n.endswith("test_plans/session_timing.py"))
    copy_changed(folder, entries, name.removeprefix("inputs/"), "import", "import os\nimport")
    return f"{name}: is not the file that this program has"


def virtual_made_real(folder: Path, entries: Entries) -> str:
    """Say in the record alone that the bench is real."""
    entries[0]["data"]["bench"] |= {"virtual": False, "epoch": None}
    return "line 1: virtual of the bench is False"


def virtual_made_real_with_its_file(folder: Path, entries: Entries) -> str:
    """Take what makes the bench virtual out of the copy of its file too."""
    path = folder / "inputs/bench/virtual.yaml"
    bench = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(text) if line.startswith("virtual:"))
    end = next(n for n in range(at + 1, len(text)) if text[n][:1] not in (" ", "\n", "#"))
    assert "virtual" in bench
    copy_changed(folder, entries, "bench/virtual.yaml", "".join(text[at:end]), "")
    entries[0]["data"]["bench"] |= {"virtual": False, "epoch": None}
    return "by the host's clock for"


def case_removed(folder: Path, entries: Entries) -> str:
    """Take a case out of the record, and count the others."""
    _, data = of(entries, "case_ended", verdict="P")
    entries[:] = [entry for entry in entries if entry["data"].get("case") != data["case"]]
    entries[-1]["data"]["counts"]["P"] -= 1
    return f"{data['case']} is in the copy of its plan, and was not planned"


def selection_narrowed(folder: Path, entries: Entries) -> str:
    """Say that fewer variations were left out than were."""
    entries[0]["data"]["selection"]["left_out"][0]["count"] -= 1
    return f"line 1, selection: what it says of {entries[0]['data']['selection']['left_out'][0]['case']}"


def answer_turned(folder: Path, entries: Entries) -> str:
    """Turn the answer of an inspector, and the verdict of its case, in the record alone."""
    number, data = of(entries, "observed", limit="inspection", value="pass")
    data |= {"value": "not applicable", "verdict": "N/A"}
    _, ended = of(entries, "case_ended", case=data["case"])
    ended |= {"verdict": "N/A", "reason": data["reason"]}
    entries[-1]["data"]["counts"] |= {
        "P": entries[-1]["data"]["counts"]["P"] - 1,
        "N/A": entries[-1]["data"]["counts"]["N/A"] + 1,
    }
    return f"line {number}, {data['case']}: value is 'not applicable', and the copy of the answers says 'pass'"


def laboratory_renamed(folder: Path, entries: Entries) -> str:
    """Say that another laboratory found an external result."""
    number, data = of(entries, "observed", limit="external", value="pass")
    _, ended = of(entries, "case_ended", case=data["case"])
    for said in (data, ended):
        said["reason"] = said["reason"].replace("external result: ", "external result: the famous ")
    return f"line {number}, {data['case']}: reason"


def applicability_invented(folder: Path, entries: Entries) -> str:
    """Say that a measured case does not apply, and forget what was measured in it."""
    _, ended = of(entries, "case_ended", verdict="P", conditional=False)
    case = next(e["data"]["case"] for e in entries if e["type"] == "measured")
    _, ended = of(entries, "case_ended", case=case)
    ended |= {"verdict": "N/A", "reason": "the device has no such thing", "conditional": False}
    kinds = ("measured", "observed", "waveform", "step_started", "made_safe")
    entries[:] = [e for e in entries if not (e["type"] in kinds and e["data"].get("case") == case)]
    entries[-1]["data"]["counts"]["P"] -= 1
    entries[-1]["data"]["counts"]["N/A"] += 1
    return "it says that it does not apply, and by plan and claims it does"


def procedure_rewritten(folder: Path, entries: Entries) -> str:
    """Say that a method does something else."""
    at = next(n for n, e in enumerate(entries) if e["type"] == "case_planned" and e["data"]["method"])
    entries[at]["data"]["procedure"] = "Measure it very well."
    return f"line {at + 1}: the procedure is not what the copy of the method"


def attempt_hidden(folder: Path, entries: Entries) -> str:
    """Say that an attempt was the second."""
    number, data = of(entries, "case_started")
    data["attempt"] = 2
    return f"line {number}, {data['case']}: it is called attempt 2, and is attempt 1"


def value_moved_to_another_case(folder: Path, entries: Entries) -> str:
    """Say that a value was measured in another case than the one that ran."""
    at = next(n for n, e in enumerate(entries) if e["type"] == "measured")
    other = next(e["data"]["case"] for e in reversed(entries) if e["type"] == "case_started")
    entries[at]["data"]["case"] = other
    return f"line {at + 1}, {other}, {entries[at]['data']['name']}: "


def value_without_its_instrument(folder: Path, entries: Entries) -> str:
    """Leave an instrument out of those that a value was measured with."""
    at = next(n for n, e in enumerate(entries) if e["type"] == "measured" and "dmm" in e["data"]["instruments"])
    entries[at]["data"]["instruments"].remove("dmm")
    return "its budget rests on dmm, which is not among its instruments"


def waveforms_exchanged(folder: Path, entries: Entries) -> str:
    """Let two lines name each other's waveform."""
    numbers = [n for n, e in enumerate(entries) if e["type"] == "waveform"][:2]
    one, other = (entries[n]["data"] for n in numbers)
    for key in ("file", "sha256", "samples"):
        one[key], other[key] = other[key], one[key]
    return f"line {numbers[0] + 1}, {one['case']}, {one['name']}: it is kept in"


def waveform_shortened(folder: Path, entries: Entries) -> str:
    """Say that a waveform has fewer samples."""
    number, data = of(entries, "waveform")
    data["samples"] -= 1
    return f"line {number}, "


def check_left_out(folder: Path, entries: Entries) -> str:
    """Forget the check of a standard at the start and at the end."""
    entries[:] = [e for e in entries if e["data"].get("quantity") != "resistance"]
    return "resistance: the bench file has a check standard for it, and it was not checked at the start"


def standard_moved(folder: Path, entries: Entries) -> str:
    """Say that a check standard is what was measured of it."""
    number, data = of(entries, "check_standard", quantity="resistance", when="end")
    data |= {"reference": data["value"], "En": 0.0}
    return f"line {number}, resistance: reference"


def standard_made_uncertain(folder: Path, entries: Entries) -> str:
    """Hide a deviation in an uncertainty that the bench file does not let a check have."""
    number, data = of(entries, "check_standard", quantity="resistance", when="end")
    data["U"] = 10.0
    data["En"] = abs(data["value"] - data["reference"]) / (data["U"] ** 2 + data["reference_U"] ** 2) ** 0.5
    return f"line {number}, resistance: it says ok"


def heat_called_good(folder: Path, entries: Entries) -> str:
    """Say that it was 60 °C, and that this suits."""
    number, data = of(entries, "environment", when="end")
    data["temperature"] = 60.0
    return f"line {number}, environment: it says good"


def end_check_forgotten(folder: Path, entries: Entries) -> str:
    """Forget that the bench was looked at after the last case."""
    kinds = ("check_standard", "environment")
    entries[:] = [e for e in entries if not (e["type"] in kinds and e["data"]["when"] == "end")]
    return "the run was not stopped, and there is no environment at its end"


def package_renamed(folder: Path, entries: Entries) -> str:
    """Say that the run was made with another version of a library."""
    entries[0]["volatile"]["packages"]["numpy"] = "9.9.9"
    return "line 1: the package numpy is '9.9.9'"


def plan_approved(folder: Path, entries: Entries) -> str:
    """Say that somebody approved the plan."""
    approvals = entries[0]["volatile"]["approvals"]
    signed = {"approver": "C. Approver", "meaning": "fit", "utc": "2026-01-01T00:00:00+00:00", "revision": 1}
    for plan in approvals["plans"]:
        approvals["plans"][plan] = {"lacks": [], "signatures": [signed], "suspect": {}}
    return "line 1: the approval of SES is whole, and its copy comes to lacking (never approved)"


def harness_qualified(folder: Path, entries: Entries) -> str:
    """Say that the harness was qualified."""
    entries[0]["volatile"]["qualification"] = {"id": "Q-1", "conclusion": "FIT FOR ITS INTENDED USE", "stale": []}
    return "line 1: the harness was qualified as 'Q-1', and there is no copy of the record of that"


def note_removed(folder: Path, entries: Entries) -> str:
    """Forget that the device is another one than was asked for."""
    entries[:] = [e for e in entries if e["type"] != "note"]
    number, _ = of(entries, "instrument", name="device")
    return f"line {number}, device: the notes of the record are not those that it calls for"


def note_added(folder: Path, entries: Entries) -> str:
    """Put in a line of praise."""
    said = {"type": "note", "v": 1, "at_ns": entries[-1]["at_ns"], "data": {"text": "the laboratory is accredited"}}
    entries.insert(len(entries) - 1, {"seq": 0, "prev": "", **said})
    number, _ = of(entries, "instrument", name="device")
    return f"line {number}, device: the notes of the record are not those that it calls for"


def field_added(folder: Path, entries: Entries) -> str:
    """Give a value a field that no program of ours writes, for another to read."""
    number, data = of(entries, "measured")
    data["accepted"] = True
    return f"line {number}, {data['case']}, {data['name']}: measured has accepted, and the harness writes other fields"


def device_model_renamed(folder: Path, entries: Entries) -> str:
    """Say that the virtual device was of another model."""
    entries[0]["data"]["device_model"]["sha256"] = "0" * 64
    return "line 1: the model of the device is 'reference'"


def replay_hidden(folder: Path, entries: Entries) -> str:
    """Leave the word of a comparison with a log, and not the log."""
    last = entries[-1]
    said = {"type": "replay_compared", "v": 1, "at_ns": last["at_ns"], "data": {"ok": True, "reason": ""}}
    entries.append({"seq": 0, "prev": "", **said})
    return f"line {len(entries)}, replay_compared: it is compared with a logged run, and line 1 names none"


def length_changed(folder: Path, entries: Entries) -> str:
    """Say that the bench worked for half as long."""
    entries[-1]["data"]["bench_s"] /= 2
    return f"line {len(entries)}, run_ended: it says that the run ended at"


def run_of_another_day(folder: Path, entries: Entries) -> str:
    """Say that the run was a year later, when everything was in order."""
    for entry in (entries[0], entries[-1]):
        utc = entry["volatile"]["utc"]
        entry["volatile"]["utc"] = f"{int(utc[:4]) + 1}{utc[4:]}"
    return "line 1: the run is called"


FORGERIES: list[Forgery] = [
    another_instrument, certificate_prolonged, accuracy_seen, unverified_cleared, limit_verified, method_changed,
    virtual_made_real, virtual_made_real_with_its_file, case_removed, selection_narrowed, answer_turned,
    laboratory_renamed, applicability_invented, procedure_rewritten, attempt_hidden, value_moved_to_another_case,
    value_without_its_instrument, waveforms_exchanged, waveform_shortened, check_left_out, standard_moved,
    standard_made_uncertain, heat_called_good, end_check_forgotten, package_renamed, plan_approved, harness_qualified,
    note_removed, note_added, field_added, device_model_renamed, replay_hidden, length_changed, run_of_another_day,
]  # fmt: skip
"""Each is found without any seal."""
