"""Wiring: from the names on a command line to plans that are checked and a bench that is open."""

import hashlib
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.certification import Prepared, prepare
from harness.claims import load_claims
from harness.commands.options import PLANS_FOLDER, REFERENCE_CLAIMS, REFERENCE_INSPECTIONS
from harness.documents import parse, read_bytes
from harness.errors import ConfigError
from harness.inspections import load_inspections
from harness.plan import find_plans, load_plan
from harness.standards import load_library

if TYPE_CHECKING:
    from fixtures.virtual.port import DeviceFactory


def plan_files(given: list[Path]) -> list[Path]:
    """Return the plan files that are meant by files and folders.

    Raises:
        ConfigError: A folder holds none.
    """
    files: list[Path] = []
    for path in given:
        found = find_plans(path) if path.is_dir() else [path]
        if not found:
            raise ConfigError(f"{path} holds no plan: name a plan file, or a folder with plan files")
        files.extend(found)
    return files


def answers(claims: Path, given: Path | None) -> Path | None:
    """Return the file of answers to the inspections: the one that is given, ours for the reference device, or none."""
    return given or (REFERENCE_INSPECTIONS if claims == REFERENCE_CLAIMS else None)


def prepared(claims: Path, plans: list[Path], inspections: Path | None) -> Prepared:
    """Return everything that is known before anything is switched on.

    Raises:
        ConfigError: A file of ours is wrong.
    """
    files = plan_files(plans)
    return prepare(
        load_claims(claims),
        load_library(PLANS_FOLDER),
        [load_plan(path) for path in files],
        load_inspections(inspections) if inspections is not None else None,
    )


def device_model(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the model of a virtual device as plain data, and its name and SHA-256 for the record.

    Raises:
        ConfigError: The file is missing, or is no YAML mapping.
    """
    raw = read_bytes(path)
    data, _ = parse(raw, path)
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:1: a device model must be a mapping of names to values")
    return data, {"name": path.stem, "sha256": hashlib.sha256(raw).hexdigest()}


def controller_factory(name: str) -> "DeviceFactory":
    """Return the factory that is named "package.module:factory".

    Raises:
        ConfigError: There is none of that name, or its module cannot be imported.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise ConfigError(f"--controller must be package.module:factory, not {name!r}")
    if "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` has it: a controller may stand in the folder that one works in
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except ModuleNotFoundError as error:
        raise ConfigError(f"--controller {name!r}: {error}; name a module that can be imported from here") from error
    except AttributeError:
        raise ConfigError(f"--controller {name!r}: {module_name} has no {attribute!r}") from None
    except (Exception, SystemExit) as error:
        raise ConfigError(f"--controller {name!r} cannot be imported: {type(error).__name__}: {error}") from error
    if not callable(factory):
        raise ConfigError(f"--controller {name!r} must be something to call as factory(model, world)")
    return factory  # type: ignore[no-any-return]
