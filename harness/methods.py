"""Methods: the functions beside a plan that do its work, found by name and held against what the plan gives them."""

import ast
import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from harness.cases import PlannedCase
from harness.documents import package_file, read_bytes
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


def method_files(plan: Plan) -> dict[str, str]:
    """Return the SHA-256 of the file of a plan's methods, and of all that it imports from beside it or from our plans.

    {} if the plan has no methods. What the other rooms give is a part of the tool, which is qualified.

    Raises:
        ConfigError: One of them cannot be read, or is no Python.
    """
    found = _with_imported(plan.methods_path.resolve(), _own())
    # By names that are the same in another checkout.
    home, folder = _own().parent, plan.methods_path.resolve().parent
    names = {path: path.relative_to(home if path.is_relative_to(_own()) else folder).as_posix() for path in found}
    return {names[path]: found[path] for path in sorted(found)}


def copied_method_files(plan: Plan, copies: Path) -> dict[str, str]:
    """Return what method_files() returned of a plan, from a folder into which these files were copied by these names.

    Raises:
        ConfigError: One of them cannot be read, or is no Python.
    """
    own, name = copies.resolve() / "test_plans", plan.methods_path.name
    start = own / name if (own / name).is_file() else copies.resolve() / name
    found = _with_imported(start, own)
    return {path.relative_to(copies.resolve()).as_posix(): found[path] for path in sorted(found)}


def _with_imported(start: Path, own: Path) -> dict[Path, str]:
    """Return the SHA-256 of a file, if it is there, and of all that it imports from beside it or from our plans."""
    found: dict[Path, str] = {}
    waiting = [start] if start.exists() else []
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        raw = read_bytes(path)
        found[path] = hashlib.sha256(raw).hexdigest()
        try:
            modules = _imported(raw)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # the last two of one that is too deep
            raise ConfigError(f"{path} is no Python that can be read: {error or 'nested too deeply'}") from None
        waiting += (file for module in modules for file in _beside(path.parent, module, own))
    return found


@lru_cache(maxsize=256)
def _imported(source: bytes) -> frozenset[str]:
    """Return the dotted names that a module may import, wherever in it that stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}".removeprefix("None.") for alias in node.names)
    return frozenset(names)


def _beside(folder: Path, module: str, own: Path) -> Iterator[Path]:
    """Give the files that a dotted name may mean in a folder of methods, or in that of our plans."""
    first, _, rest = module.partition(".")
    place = (own / rest.replace(".", "/")) if first == "test_plans" else folder / module.replace(".", "/")
    files = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    yield from (file.resolve() for file in files if module and file.is_file())


def _own() -> Path:
    return package_file("test_plans").resolve()


def _module_name(path: Path) -> str:
    resolved = path.resolve()
    if resolved.parent == _own():
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
