"""Loops as machine code: from numba's cache, or compiled anew where no cache can be written."""

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
