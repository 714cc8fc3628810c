"""Files by which a change of a library is noticed, without Python."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import sys

from amphis._internal.library.runtime.ask import ask

_MOST = 5_000


def files_of(library: str) -> list[str]:
    """The interpreter; what an installer rewrites; all sources of what is not installed.

    A path with `?` before it does not exist now, and would change what is found.
    """
    top = library.partition(".")[0]
    files = [sys.executable]
    stubs = [
        os.path.join(folder, f"{top}-stubs")  # noqa: PTH118 - as sys.path has it
        for folder in sys.path
        if folder.endswith("-packages")
    ]
    files.extend(one if os.path.exists(one) else f"?{one}" for one in stubs)  # noqa: PTH110
    if top in sys.stdlib_module_names:
        return files
    records = _records(top)
    return [*files, *(records or _sources(top))]


@functools.cache
def distributions_of(top: str) -> list[str]:
    """The distributions that have a package; all that are installed are looked through."""
    return ask(lambda: importlib.metadata.packages_distributions().get(top)) or []


def _records(top: str) -> list[str]:
    """The `RECORD` of each distribution that has the package; none for editable ones."""
    names = distributions_of(top)
    records: list[str] = []
    for name in names:
        found = ask(lambda name=name: _record(name))  # type: ignore[misc]
        if isinstance(found, str):
            records.append(found)
    return records if len(records) == len(names) else []


def _record(name: str) -> str | None:
    distribution = importlib.metadata.distribution(name)
    said = distribution.read_text("direct_url.json")
    if said is not None and '"editable"' in said:
        return None
    for file in distribution.files or []:
        if file.name in ("RECORD", "installed-files.txt"):
            return str(distribution.locate_file(file))
    return None


def _sources(top: str) -> list[str]:
    module = sys.modules.get(top)
    folders = ask(lambda: [str(one) for one in module.__path__]) if module else None
    if not folders:
        file = ask(lambda: module.__file__)  # type: ignore[union-attr] # asked
        return [file] if isinstance(file, str) else []
    found: list[str] = []
    for folder in folders:
        for place, inner, names in os.walk(folder):
            inner[:] = [one for one in inner if one != "__pycache__"]
            found.append(place)
            found.extend(os.path.join(place, one) for one in names if one.endswith((".py", ".pyi")))  # noqa: PTH118
            if len(found) > _MOST:
                return found[:_MOST]
    return found
