"""Imports that failed: what is missing, what is called nearly so, and how to install it."""

from __future__ import annotations

import difflib
import pkgutil
import re
import shlex
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.worker.failure_text import ask, clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amphis._internal.worker.failure_codes import Found

_NAME = 400
_FROM = re.compile(r"cannot import name '([^']{1,400})'")
# Distributions whose name is not that of their module.
_DISTRIBUTIONS = {
    "Crypto": "pycryptodome",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "PyMuPDF",
    "google.protobuf": "protobuf",
    "grpc": "grpcio",
    "jwt": "PyJWT",
    "magic": "python-magic",
    "ml_dtypes": "ml-dtypes",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}


def import_failed(error: Any, text: str) -> Found:  # noqa: ANN401 - an ImportError
    """The fields of PYTHON_IMPORT_FAILED."""
    module = error.name if isinstance(error.name, str) else ""
    match = _FROM.search(text[:_NAME])
    if match is not None:
        names = _names_in(module)
        near = [f"{module}.{name}" for name in near_names(match[1], names)]
        return _found(f"{module}.{match[1]}", near, "")
    if not issubclass(type(error), ModuleNotFoundError):
        return _found(module, [], "")
    parent, _, last = module.rpartition(".")
    if parent:
        near = [f"{parent}.{name}" for name in near_names(last, _modules_in(parent))]
        return _found(module, near, "" if parent in sys.modules else _install(module))
    near = near_names(module, _top_level())
    # Nobody is told to install what is most likely a slip: such names are where malice waits.
    is_known = module in _DISTRIBUTIONS or not (near or module in sys.stdlib_module_names)
    return _found(module, near, _install(module) if is_known else "")


def _found(missing: str, suggestions: list[str], install: str) -> Found:
    return ErrorCode.PYTHON_IMPORT_FAILED, {
        "missing": clean(missing, _NAME),
        "suggestions": suggestions,
        "install": install,
    }


def near_names(name: str, names: Iterable[object]) -> list[str]:
    """At most three of the names that are nearly the one that was asked for."""
    texts = list(
        dict.fromkeys(each for each in names if isinstance(each, str) and len(each) <= _NAME)
    )
    # The comparison takes time for each, and no module needs more.
    return difflib.get_close_matches(name[:_NAME], texts[:5_000], n=3, cutoff=0.7)


def _install(module: str) -> str:
    """The command that installs it where this Python finds it."""
    top = module.partition(".")[0]
    if not top.isascii() or not top.isidentifier():
        return ""
    package = _DISTRIBUTIONS.get(top, top)
    # What is put by hand into an environment that Amphis made is gone with the next one.
    if "/.amphis/environments/" in sys.prefix.replace("\\", "/"):
        return f"npx amphis install  # after naming {package} in libraries of the configuration"
    return f"{shlex.quote(sys.executable)} -m pip install {package}"


def _names_in(module: str) -> list[str]:
    names = ask(lambda: dir(sys.modules[module]))
    return [*(names if isinstance(names, list) else []), *_modules_in(module)]


def _modules_in(package: str) -> list[str]:
    path = getattr(sys.modules.get(package), "__path__", None)
    return [] if path is None else [found.name for found in pkgutil.iter_modules(list(path))]


@cache
def _top_level() -> tuple[str, ...]:
    """All modules that could be imported; looked up once, as a worker that failed will again."""
    return tuple(sys.stdlib_module_names) + tuple(found.name for found in pkgutil.iter_modules())
