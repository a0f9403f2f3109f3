"""Wiring: from the names on a command line to plans that are checked and a bench that is open."""

import hashlib
import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.claims import load_claims
from harness.commands.options import (
    DEFAULT_SEED,
    PLANS_FOLDER,
    REFERENCE_CLAIMS,
    REFERENCE_CONTROLLER,
    REFERENCE_DEVICE,
    REFERENCE_EXTERNALS,
    REFERENCE_INSPECTIONS,
)
from harness.documents import parse, read_bytes
from harness.errors import ConfigError, EvidenceError
from harness.externals import load_externals
from harness.given import Given, differences, given, located
from harness.hazards import Risk
from harness.inspections import load_inspections
from harness.library import load_library
from harness.plan import find_plans, load_plan
from harness.prepared import Prepared, Subject, prepare
from harness.selection import ALL, Selection
from harness.suites import suite_plans

# What a record says of the controller of a device that stands on a real bench.
OWN_CONTROLLER = "the device's own"

if TYPE_CHECKING:
    from fixtures.virtual.port import DeviceFactory
    from fixtures.wire_log import WireLog


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


def chosen_plans(suite: str | None, plans: list[Path] | None) -> list[Path]:
    """Return the plans that are asked for: those of a suite, those that are named, or all of ours.

    Raises:
        ConfigError: Both are given, or there is no such suite.
    """
    if suite is None:
        return plans or [PLANS_FOLDER]
    if plans:
        raise ConfigError("--suite and --plans both say which plans are run: give one of them")
    return suite_plans(suite, PLANS_FOLDER)


def answers(claims: Path, given: Path | None) -> Path | None:
    """Return the file of answers to the inspections: the one that is given, ours for the reference device, or none."""
    return given or (REFERENCE_INSPECTIONS if claims == REFERENCE_CLAIMS else None)


def results(claims: Path, given: Path | None) -> Path | None:
    """Return the file of external results: the one that is given, ours for the reference device, or none."""
    return given or (REFERENCE_EXTERNALS if claims == REFERENCE_CLAIMS else None)


def prepared(
    claims: Path,
    plans: list[Path],
    inspections: Path | None,
    externals: Path | None = None,
    chosen: Selection = ALL,
) -> Prepared:
    """Return everything that is known before anything is switched on; without external results, those of our device.

    Raises:
        ConfigError: A file of ours is wrong.
    """
    files = plan_files(plans)
    recorded = results(claims, externals)
    return prepare(
        load_claims(claims),
        load_library(PLANS_FOLDER),
        [load_plan(path) for path in files],
        load_inspections(inspections) if inspections is not None else None,
        load_externals(recorded) if recorded is not None else None,
        chosen,
    )


def selection(only: list[str] | None, requirement: list[str] | None, risk: Risk | None) -> Selection:
    """Return what is asked for of the plans; all of them if nothing is."""
    return Selection(tuple(only or ()), tuple(requirement or ()), risk)


def wire_log(path: Path | None, ready: Prepared, subject: Subject, bench: Path) -> "WireLog | None":
    """Return a log of wires with what the run is given at its head; none if no file is named.

    Raises:
        ConfigError: The bench file cannot be read.
    """
    from fixtures.wire_log import WireLog

    return WireLog(path, given(ready, subject, bench)) if path is not None else None


def as_given(
    was: Given,
    claims: Path | None,
    plans: list[Path] | None,
    inspections: Path | None,
    externals: Path | None = None,
) -> Prepared:
    """Return the plans of a run that was logged, from where they stood or from where they are said to stand now.

    Raises:
        ConfigError: A file is missing, or wrong.
        EvidenceError: They are not what the run was given.
    """
    answered = inspections or (located(was.inspections.path) if was.inspections is not None else None)
    recorded = externals or (located(was.externals.path) if was.externals is not None else None)
    ready = prepared(
        claims or located(was.claims.path),
        plans or [located(file.path) for file in was.plans],
        answered,
        recorded,
        was.selection,
    )
    if changed := differences(was, ready):
        raise EvidenceError(
            f"the logged run was given something else: {'; '.join(changed)}; give --plans, --claims, --inspections "
            "and --external as they were, or run anew"
        )
    return ready


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


def model_files(bench: Path, model: Path) -> list[Path]:
    """Return the model of a virtual device as a list of one; [] if it stands on no bench, or on one that is served.

    Raises:
        ConfigError: The bench file cannot be read.
    """
    from fixtures.bench_file import load_bench_file

    virtual = load_bench_file(bench).content.virtual
    return [model] if virtual is not None and virtual.served is None else []


def controller_factory(name: str) -> "DeviceFactory":
    """Return the factory that is named "package.module:factory", "tcp://host:port", or by a shared library's path.

    Raises:
        ConfigError: There is none of that name, or its module cannot be imported.
    """
    from fixtures.virtual.foreign import foreign_factory

    if (foreign := foreign_factory(name)) is not None:
        return foreign
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise ConfigError(f"--controller must be package.module:factory, tcp://host:port or a .so file, not {name!r}")
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


def as_served(bench: Path, subject: Subject) -> Subject:
    """Return the subject of a run on a served virtual bench: seed, device and controller are what the server has.

    On a real bench there is no model of the device, and its controller is its own; on any other it comes back as it is.

    Raises:
        ConfigError: Another device, controller or seed was asked for than the server has.
        LinkError: Nobody serves the bench.
    """
    from fixtures.bench_file import load_bench_file
    from fixtures.remote_clock import RemoteClock

    virtual = load_bench_file(bench).content.virtual
    if virtual is None:
        return replace(subject, device_model={}, controller=OWN_CONTROLLER)
    if virtual.served is None:
        return subject
    clock = RemoteClock(virtual.served.clock)
    clock.close()
    wanted = {"seed": subject.seed, "device_model": subject.device_model, "controller": subject.controller}
    usual = {
        "seed": DEFAULT_SEED,
        "device_model": device_model(REFERENCE_DEVICE)[1],
        "controller": REFERENCE_CONTROLLER,
    }
    served = {key: clock.about.get(key, value) for key, value in usual.items()}
    for key, value in wanted.items():
        if value not in (usual[key], served[key]):
            option = key.replace("_", "-")
            raise ConfigError(f"--{option} is for the server of {bench}, which has another: give it to 'serve'")
    return replace(subject, **served)
