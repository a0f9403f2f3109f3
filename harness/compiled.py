"""Loops as machine code: from numba's cache, or compiled anew where no cache can be written.

To compile takes seconds, in which a run gives no word. So it is done while nothing is on (compile_needed).
"""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def compiled(loop: F) -> F:
    """Return a loop as machine code, compiled for the types of its first call."""
    # It takes half a second to load, and few runs need it.
    import numba

    jit: Any = numba.njit
    try:
        code: F = jit(cache=True)(loop)
    except RuntimeError:
        # Neither the folder of the loop's file nor the user's own can be written: that costs seconds in each process.
        code = jit(loop)
    return code


_needed: list[Callable[[], object]] = []


def needed(use: Callable[[], object]) -> None:
    """Register something that uses compiled loops as a run will, with little data."""
    _needed.append(use)


def compile_needed() -> None:
    """Compile what was registered, or load it from the cache; doing so twice does nothing."""
    while _needed:
        _needed.pop()()
