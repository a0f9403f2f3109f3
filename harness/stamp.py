"""The stamp of the last qualification on a run: what the harness was shown to notice, and whether that still holds.

It stands in the volatile part of a record: two runs of the same inputs have the same content, whoever qualified when.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness import __version__
from harness.errors import ConfigError, EvidenceError
from harness.prepared import Prepared
from harness.qualification import tool_digest
from harness.qualification_record import RECORD, load_record

QUALIFICATIONS = Path("qualifications")


def stamp(ready: Prepared, folder: Path | None) -> dict[str, Any]:
    """Return what a record says of the qualification of the harness that writes it.

    Args:
        ready: The plans that are run.
        folder: Of a qualification; None is the last one in the working folder.

    Raises:
        ConfigError: A folder was named, and there is no qualification in it.
    """
    if folder is not None and not (folder / RECORD).is_file():
        raise ConfigError(f"--qualification {folder}: there is no {RECORD} in it: name the folder of a qualification")
    try:
        content = load_record(folder / RECORD) if folder is not None else _last(QUALIFICATIONS)
    except EvidenceError as error:
        return {"missing": str(error)}
    if content is None:
        return {"missing": f"the harness was not qualified: there is nothing in {QUALIFICATIONS}; run qualify"}
    try:
        return _stamp(content, ready, tool_digest())
    except (KeyError, TypeError) as error:
        return {"missing": f"the last qualification is no record that this harness reads ({error}): run qualify"}


def stamped_files(folder: Path | None) -> list[Path]:
    """Return the record that stamp() goes by, as a list of one; [] if there is none."""
    path = folder / RECORD if folder is not None else _last_file(QUALIFICATIONS)
    return [path] if path is not None and path.is_file() else []


def stamped(path: Path, ready: Prepared, tool: str) -> dict[str, Any]:
    """Return the stamp that a harness of a digest makes of the record of a qualification.

    Raises:
        EvidenceError: It was altered, or is no record that this harness reads.
    """
    try:
        return _stamp(load_record(path), ready, tool)
    except (KeyError, TypeError) as error:
        raise EvidenceError(f"{path} is no record of a qualification that this harness reads ({error})") from error


def _stamp(content: Mapping[str, Any], ready: Prepared, tool: str) -> dict[str, Any]:
    said = ("id", "sha256", "harness", "tool", "conclusion", "killed", "defects", "survivors")
    return {
        **{key: content[key] for key in said},
        "utc": content["host"]["utc"],
        "seeds": {key: content["scope"][key] for key in ("healthy", "defect", "rare")},
        "alarms": {key: content["alarms"][key] for key in ("failed", "runs", "upper")},
        "partial": content["scope"]["partial"],
        "stale": stale(content, ready, tool),
        "caught": {column["case"]: column["catches"] for column in content["columns"]},
    }


def stale(content: Mapping[str, Any], ready: Prepared, tool: str) -> list[str]:
    """Return in words what is not as it was when the harness was qualified."""
    found = []
    if content["harness"] != __version__:
        found.append(f"the harness was {content['harness']}, and is {__version__}")
    elif content["tool"] != tool:
        found.append(
            f"a file of the harness changed, or Python or a library ({content['tool'][:12]} then, {tool[:12]} now)"
        )
    for plan in ready.plans:
        name, sha256 = plan.content.plan, plan.document.sha256
        known = content["inputs"]["plans"].get(name)
        if known is None:
            found.append(f"the plan {name} had no part in it")
        elif known != sha256:
            found.append(f"the plan {name} changed")
    return found


def _last(home: Path) -> dict[str, Any] | None:
    """Return the record that was made last of those in a folder; None if there is none.

    Raises:
        EvidenceError: The last one was altered.
    """
    path = _last_file(home)
    return load_record(path) if path is not None else None


def _last_file(home: Path) -> Path | None:
    return max(home.glob(f"*/{RECORD}"), key=lambda path: path.stat().st_mtime_ns, default=None)
