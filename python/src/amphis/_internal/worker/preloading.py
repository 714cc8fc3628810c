"""Which modules may be imported before a fork.

A fork takes along the memory and only the thread that forks. A module that has started threads, or
holds locks or devices, may not work in the child; so only modules are imported early of which it is
known. The others, and all of the user's own, are imported in each worker.
"""

from __future__ import annotations

import gc
import importlib
import sys
from contextlib import suppress

# Besides the standard library. NumPy and SciPy have threads of OpenBLAS, which ends them before a
# fork and starts them again when they are needed; pandas has none. pyarrow comes with pandas
# where it is installed: its pools are made anew in a child. Not here: polars (its pool of threads
# does not come along), torch (threads, CUDA), scikit-learn (OpenMP), and what nobody has tried.
_TRIED = frozenset({"numpy", "scipy", "pandas", "pyarrow"})
# They start something at once, or belong to the program that imports them.
_NOT_EARLY = frozenset({"antigravity", "idlelib", "this", "tkinter", "turtle", "turtledemo"})

# What workers load with the first call that needs it: values that are not plain, arrays, errors.
# To load it takes longer than all else that a forked worker does.
LATER = (
    "amphis._internal.codec.msgpack.encode",
    "amphis._internal.codec.msgpack.decode_extension",
    "amphis._internal.worker.outgoing_plain",
    "amphis._internal.worker.outgoing_walk",
    "amphis._internal.worker.outgoing_forced",
    "amphis._internal.memory.placement_settings",
    "amphis._internal.memory.carrier",
    "amphis._internal.worker.incoming_attachment",
    "amphis._internal.worker.failure_wire",
)
# Where there is a policy. Coroutines of asyncio are made by changing code, which a policy denies.
LATER_GUARDED = (*LATER, "asyncio")


def may_be_early(name: str) -> bool:
    """Tell whether a module is known to work in a child of the process that imported it."""
    top, _, _ = name.partition(".")
    return top in _TRIED or (top in sys.stdlib_module_names and top not in _NOT_EARLY)


def preload(names: list[str], path: list[str]) -> None:
    """Import what may be early; what cannot be imported is for the worker to tell.

    Args:
        names: modules that workers have loaded before they are ready
        path: folders of the user's own modules, which may have such names too
    """
    gc.disable()
    for name in names:
        if may_be_early(name) and not _is_in(name, path):
            # Whatever it raises, it raises in the worker again.
            with suppress(Exception):
                importlib.import_module(name)
    gc.enable()


def _is_in(name: str, path: list[str]) -> bool:
    """Tell whether a user's folder has a module of this name; it comes first there."""
    from importlib.machinery import PathFinder  # noqa: PLC0415 - only where there are names

    top, _, _ = name.partition(".")
    return bool(path) and PathFinder.find_spec(top, path) is not None
