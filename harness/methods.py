"""Methods: the functions beside a plan that do its work, found by name and held against what the plan gives them."""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from harness.cases import PlannedCase
from harness.errors import ConfigError
from harness.plan import Plan

Method = Callable[..., None]
_FIXED = ("bench", "step", "claims")


def load_methods(plan: Plan) -> ModuleType | None:
    """Return the module of a plan's methods, or None if the plan has only inspections.

    Raises:
        ConfigError: The file is missing, or cannot be imported.
    """
    if all(case.method is None for case in plan.content.cases):
        return None
    path = plan.methods_path
    if not path.exists():
        raise ConfigError(f"{path} does not exist: the methods of {plan.document.path} must stand beside it")
    name = _module_name(path)
    if name in sys.modules:
        return sys.modules[name]
    try:
        if name.startswith("test_plans."):
            return importlib.import_module(name)
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        sys.modules.pop(name, None)
        raise ConfigError(f"{path}: the methods cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _module_name(path: Path) -> str:
    own = Path(__file__).resolve().parent.parent / "test_plans"
    resolved = path.resolve()
    if resolved.parent == own:
        return f"test_plans.{path.stem}"
    # A plan from elsewhere must not be taken for another of the same file name.
    return f"plan_methods_{hashlib.sha256(str(resolved).encode()).hexdigest()[:12]}_{path.stem}"


def find_method(case: PlannedCase, module: ModuleType | None) -> Method:
    """Return the method of a case.

    Raises:
        ConfigError: There is none of that name, or it takes other conditions than the plan gives.
    """
    where = case.plan.document.where("cases", _index(case), "method")
    method = getattr(module, case.method, None)
    if not inspect.isfunction(method):
        known = [n for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__]  # type: ignore[union-attr]
        listed = ", ".join(name for name in known if not name.startswith("_"))
        raise ConfigError(
            f"{where}: no method is called {case.method!r} in {case.plan.methods_path.name}; there are {listed}"
        )
    if case.arguments or not (case.missing or case.inapplicable):
        _check_parameters(case, method, where)
    return method


def _check_parameters(case: PlannedCase, method: Method, where: str) -> None:
    parameters = inspect.signature(method).parameters
    takes = [name for name in parameters if name not in _FIXED]
    required = {name for name in takes if parameters[name].default is inspect.Parameter.empty}
    given = set(case.arguments)
    if given - set(takes) or required - given:
        raise ConfigError(
            f"{where}: the method {case.method} takes {', '.join(takes) or 'no conditions'}, "
            f"but the case gives {', '.join(case.arguments) or 'none'}"
        )


def _index(case: PlannedCase) -> int:
    return next(i for i, c in enumerate(case.plan.content.cases) if c.id == case.base)


def procedure(method: Method | None) -> str:
    """Return the text of a method for the report: its docstring."""
    return inspect.getdoc(method) or "" if method is not None else ""
