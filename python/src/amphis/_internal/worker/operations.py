"""What a program cannot say with the functions that Python has."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING, Any

from amphis._internal.worker.code_modules import enter_module, leave_module, next_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from types import CodeType, ModuleType

_CODE_NAME = "<amphis {}>"
_MOST_KEPT = 256

# Source of code that was given as text, by the name that its traceback shows.
_kept: list[str] = []
_count = 0


def namespace(values: Mapping[str, object] | None = None) -> dict[str, object]:
    """Make a namespace for code, with some names in it."""
    return {"__name__": next_name(), "__builtins__": __builtins__, **(values or {})}


def module(name: str | None = None) -> ModuleType:
    """Make a module for code: its `__dict__` is a namespace. It gets a name of its own."""
    from types import ModuleType  # noqa: PLC0415 - most workers never need it

    return ModuleType(next_name() if name is None else name)


def evaluate(source: str, space: dict[str, object] | None = None) -> Any:  # noqa: ANN401 - its value
    """Evaluate an expression in a namespace; in one of its own when there is none given."""
    code = compile(source, _keep(source), "eval", dont_inherit=True)
    return eval(code, namespace() if space is None else _prepared(space))  # noqa: S307 - asked for


def execute(source: str, space: dict[str, object] | None = None) -> Any:  # noqa: ANN401 - its value
    """Execute statements in a namespace, and return the value of the last if it is an expression.

    Its value is None otherwise, as in an interactive session.
    """
    import ast  # noqa: PLC0415 - most workers never need it

    name = _keep(source)
    # Not `ast.parse`, which tracebacks of wrong code would show.
    flags = ast.PyCF_ONLY_AST
    tree: ast.Module = compile(source, name, "exec", flags, dont_inherit=True)
    names = namespace() if space is None else _prepared(space)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    codes = [compile(tree, name, "exec", dont_inherit=True)]
    if isinstance(last, ast.Expr):
        codes.append(compile(ast.Expression(last.value), name, "eval", dont_inherit=True))
    return _run(codes, names, name)


def run_file(
    path: str, space: dict[str, object] | None = None, name: str = "__main__"
) -> dict[str, object]:
    """Run a file as Python runs a script; return the namespace with the names that it made.

    Args:
        path: of the file
        space: names that are there before; those of the file are added
        name: what `__name__` is; the file that ran last as `__main__` is that module too
    """
    from pathlib import Path  # noqa: PLC0415 - most workers never need it

    file = Path(path)
    # As the file says it itself: bytes, in which Python finds the encoding.
    code = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    names = namespace() if space is None else _prepared(space)
    names.update({"__name__": name, "__file__": str(file)})
    _run([code], names, str(file))
    return names


def enter(manager: Any) -> Any:  # noqa: ANN401 - of the user
    """Enter a context manager, async or not; returns what `with` binds."""
    kind = type(manager)
    if hasattr(kind, "__enter__"):
        return kind.__enter__(manager)
    return kind.__aenter__(manager)


def exit(manager: Any, error: BaseException | None = None) -> Any:  # noqa: A001, ANN401 - of the user
    """Leave a context manager, async or not; returns whether the error was dealt with."""
    kind = type(manager)
    trace = None if error is None else error.__traceback__
    if hasattr(kind, "__exit__"):
        return bool(kind.__exit__(manager, type(error) if error else None, error, trace))
    return _truth(kind.__aexit__(manager, type(error) if error else None, error, trace))


def to_arrow(value: object) -> object:
    """A table for Arrow, of whatever is like one: frames, series, record batches, readers."""
    from amphis._internal.worker.outgoing_forced import table_of  # noqa: PLC0415 - loads libraries

    return table_of(value)


async def _truth(given: Awaitable[object]) -> bool:
    return bool(await given)


def _prepared(space: object) -> dict[str, object]:
    if not isinstance(space, dict):
        kind = type(space).__name__
        raise TypeError(f"Cannot run code: a namespace is a dict, got {kind}")
    if "__name__" not in space:
        space["__name__"] = next_name()
    return space


def _run(codes: list[CodeType], names: dict[str, object], file: str) -> Any:  # noqa: ANN401 - its value
    """Run code in a module; what the last of it gives."""
    enter_module(names, file)
    value = None
    try:
        for code in codes:
            value = eval(code, names)  # noqa: S307 - asked for
    finally:
        leave_module(names)
    return value


def _keep(source: str) -> str:
    """Let tracebacks show lines of code that is in no file; of the latest only."""
    global _count  # noqa: PLW0603 - counts in this process
    _count += 1
    name = _CODE_NAME.format(_count)
    lines = source.splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)
    _kept.append(name)
    while len(_kept) > _MOST_KEPT:
        linecache.cache.pop(_kept.pop(0), None)
    return name
