"""Nothing that arrives names what is run: no module here can unpickle, or reads code as data."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "src"
FORBIDDEN = frozenset(
    ("_pickle", "cloudpickle", "copyreg", "dill", "joblib", "marshal", "pickle", "shelve")
)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module or "")
    return {name.partition(".")[0] for name in found}


def test_no_module_imports_what_unpickles() -> None:
    files = list(SOURCES.rglob("*.py"))
    assert len(files) > 100
    offenders = {str(path): names for path in files if (names := _imports(path) & FORBIDDEN)}
    assert offenders == {}
