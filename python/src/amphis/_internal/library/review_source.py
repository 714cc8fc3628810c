"""Dangerous things that a source of Python does, as far as its text shows; nothing is run."""

from __future__ import annotations

import ast
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# By their full names, as imports in the file make them out.
_CALLS = {
    "code": ("eval", "exec", "compile", "__import__", "importlib.import_module", "runpy."),
    "processes": (
        "os.system",
        "os.popen",
        "os.exec",
        "os.spawn",
        "os.posix_spawn",
        "os.fork",
        "os.kill",
        "subprocess.",
        "multiprocessing.",
        "pty.",
        "asyncio.create_subprocess",
    ),
    "pickle": (
        "pickle.load",
        "pickle.Unpickler",
        "cPickle.load",
        "_pickle.load",
        "marshal.load",
        "shelve.open",
        "dill.load",
        "cloudpickle.load",
        "joblib.load",
    ),
    "files": ("shutil.rmtree", "os.remove", "os.unlink", "os.rmdir", "os.removedirs"),
}
_IMPORTS = {
    "ctypes": ("ctypes", "cffi", "_ctypes"),
    "network": (
        "socket",
        "ssl",
        "http.client",
        "http.server",
        "socketserver",
        "urllib.request",
        "ftplib",
        "smtplib",
        "telnetlib",
        "xmlrpc",
        "requests",
        "httpx",
        "aiohttp",
        "urllib3",
        "websockets",
    ),
}
# Calls with a constant say themselves what they do.
_FINE_WITH_CONSTANT = frozenset(("importlib.import_module", "__import__"))


def look(data: bytes) -> Iterator[tuple[str, int, str]]:
    """Kind, line and what was found; a file that is no Python is told as one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield "unreadable", 0, "cannot be read as Python of this version"
        return
    names: dict[str, str] = {}
    nodes = list(ast.walk(tree))
    for node in nodes:
        yield from _import(node, names)
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _call(node, names)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield from _mention(node, names)


def _import(node: ast.AST, names: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            names[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            yield from _imported(alias.name, node.lineno)
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        for alias in node.names:
            names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        yield from _imported(node.module, node.lineno)
        for alias in node.names:
            for kind, found in _kinds(f"{node.module}.{alias.name}"):
                yield kind, node.lineno, f"imports {found}"


def _imported(module: str, line: int) -> Iterator[tuple[str, int, str]]:
    for kind, modules in _IMPORTS.items():
        if any(module == each or module.startswith(f"{each}.") for each in modules):
            yield kind, line, f"imports {module}"


def _call(node: ast.Call, names: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    if not isinstance(node.func, ast.Name):
        return
    name = names.get(node.func.id, node.func.id)
    is_constant = bool(node.args) and isinstance(node.args[0], ast.Constant)
    if name in _FINE_WITH_CONSTANT and is_constant:
        return
    for kind, found in _kinds(name):
        yield kind, node.lineno, f"calls {found}"


def _mention(node: ast.Attribute, names: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    parts = [node.attr]
    value: ast.expr = node.value
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    if isinstance(value, ast.Name):
        parts.append(names.get(value.id, value.id))
        for kind, found in _kinds(".".join(reversed(parts))):
            yield kind, node.lineno, f"uses {found}"


def _kinds(name: str) -> Iterator[tuple[str, str]]:
    for kind, calls in _CALLS.items():
        if any(_is(name, each) for each in calls):
            yield kind, name


def _is(name: str, pattern: str) -> bool:
    # What is a builtin is it by its whole name; others may go on, as `os.execve` does.
    return name.startswith(pattern) if "." in pattern else name == pattern
