"""The methods do work and leave judging to the plan: no branch, no rescue, no assertion and no limit of their own."""

import ast
from collections.abc import Iterator

import pytest

from harness.documents import package_file
from harness.plan import find_plans, load_plan

# Counts, shares and signs need no more; a limit would hardly be one of them.
LARGEST_PLAIN_NUMBER = 4
FORBIDDEN = (ast.If, ast.IfExp, ast.Match, ast.While, ast.Try, ast.TryStar, ast.Assert, ast.Raise, ast.BoolOp)


def methods() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield every method that a plan of ours names, as a tree."""
    for path in find_plans(package_file("test_plans")):
        plan = load_plan(path)
        named = {case.method for case in plan.content.cases if case.method}
        tree = ast.parse(plan.methods_path.read_text(encoding="utf-8")) if named else ast.Module([], [])
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in named:
                yield f"{path.stem}.{node.name}", node


def breaches(method: ast.FunctionDef) -> list[str]:
    """Return what a method must not have, with its line."""
    found = []
    for node in ast.walk(method):
        where = f"line {getattr(node, 'lineno', 0)}: "
        if isinstance(node, FORBIDDEN):
            found.append(f"{where}{type(node).__name__}")
        elif isinstance(node, ast.Compare) and ast.unparse(node) != "number == 1":
            found.append(f"{where}the comparison {ast.unparse(node)}")
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            assert isinstance(node.value, int | float)
            if node.value not in range(LARGEST_PLAIN_NUMBER + 1):
                found.append(f"{where}the number {node.value}")
    return found


METHODS = dict(methods())


@pytest.mark.parametrize("name", METHODS)
def test_a_method_neither_judges_nor_branches(name: str) -> None:
    """What a method does depends on its conditions alone, and every limit is in the plan, a claim or a standard."""
    assert breaches(METHODS[name]) == []


def test_all_methods_of_the_plans_were_looked_at() -> None:
    """A method that the search above misses would be free to do anything."""
    named = {
        f"{path.stem}.{case.method}"
        for path in find_plans(package_file("test_plans"))
        for case in load_plan(path).content.cases
        if case.method
    }

    assert set(METHODS) == named


@pytest.mark.parametrize(
    "line",
    [
        "if bench.controller.status().fault: return",
        "try: bench.power_on()\n    except Exception: pass",
        "assert bench.output_current().value",
        "s.observe('in order', bench.output_current().value < limit_a)",
        "s.measure('current', bench.output_current() or nothing)",
        "limit_a = 0.02",
        "limit_a = 20 * bench.unit",
        "x = 1 if bench.virtual else 2",
    ],
)
def test_a_method_that_judges_would_be_found(line: str) -> None:
    """The search above finds each kind of judging."""
    method = ast.parse(f"def method():\n    {line}").body[0]

    assert isinstance(method, ast.FunctionDef)
    assert breaches(method)
